import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fake-cli-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Running {
  readonly env: Record<string, string>;
  stop(): Promise<number>;
}

/** Runs the command until it listens. */
async function start(...args: string[]): Promise<Running> {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  return await new Promise<Running>((resolve, reject) => {
    let errors = '';
    const code: Promise<number> = run([...args, '--json'], {
      out: (text) =>
        resolve({
          env: (JSON.parse(text) as { env: Record<string, string> }).env,
          stop: () => {
            stop();
            return code;
          },
        }),
      err: (text) => (errors += text),
      stopped: () => stopped,
    });
    void code.then((value) => reject(new Error(`${value}: ${errors}`)));
  });
}

async function fail(...args: string[]): Promise<[number, string]> {
  let errors = '';
  const code = await run(args, { out: () => undefined, err: (text) => (errors += text), stopped: () => Promise.resolve() });
  return [code, errors];
}

test('starts the named vendors with a seed file and faults, and stops cleanly', async () => {
  await writeFile(join(folder, 'hero.txt'), 'from disk');
  await writeFile(
    join(folder, 'seed.json'),
    JSON.stringify({
      tenovos: { assets: [{ id: 'a', name: 'hero.txt', file: 'hero.txt' }] },
      faults: [{ vendor: 'tenovos', operation: 'createToken', fault: 'status', args: [503] }],
    }),
  );
  const running = await start('tenovos', '--seed', join(folder, 'seed.json'), '--random', 'x');
  const { env } = running;
  expect(Object.keys(env).every((name) => name.startsWith('TENOVOS_'))).toBe(true);
  const post = {
    method: 'POST',
    headers: { 'x-api-key': env.TENOVOS_API_KEY!, 'content-type': 'application/json' },
    body: JSON.stringify({ username: env.TENOVOS_USERNAME, password: env.TENOVOS_PASSWORD }),
  };
  expect((await fetch(`${env.TENOVOS_BASE_URL}/auth/token`, post)).status).toBe(503);
  const { session } = (await (await fetch(`${env.TENOVOS_BASE_URL}/auth/token`, post)).json()) as { session: Record<'authorization' | 'accessToken', string> };
  const headers = { 'x-api-key': env.TENOVOS_API_KEY!, authorization: session.authorization, accesstoken: session.accessToken };
  const { presignedURL } = (await (await fetch(`${env.TENOVOS_BASE_URL}/asset/a/content`, { headers })).json()) as { presignedURL: string };
  expect(new URL(presignedURL).origin).toBe(env.TENOVOS_TRUSTED_ORIGINS);
  expect(await (await fetch(presignedURL)).text()).toBe('from disk');
  expect(await running.stop()).toBe(0);
  await expect(fetch(`${env.TENOVOS_BASE_URL}/auth/token`, post)).rejects.toThrow('fetch failed');
});

test('a port that is taken is code 1, a wrong argument code 2, each with one sentence', async () => {
  const running = await start('worldserver');
  const port = new URL(running.env.WORLDSERVER_BASE_URL!).port;
  expect(await fail('worldserver', '--port', `worldserver=${port}`)).toEqual([1, `listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`]);
  await running.stop();
  expect(await fail('tenovo')).toEqual([2, "'tenovo' is none of the vendors. Did you mean 'tenovos'? There are: egain, tenovos, worldserver.\nSee --help.\n"]);
  expect((await fail('--port', '80'))[1]).toContain("such as tenovos.storage=4011, not '80'");
  expect((await fail('--bogus'))[0]).toBe(2);
  await writeFile(join(folder, 'bad.json'), '{ "tenovos": { "assets": [{ "id": "a" }] } }');
  expect(await fail('--seed', join(folder, 'bad.json'))).toEqual([2, 'A Tenovos asset needs a name, for example { name: "hero.tif" }.\nSee --help.\n']);
  expect((await fail('--seed', join(folder, 'none.json')))[1]).toContain('The seed file cannot be read');
  await writeFile(join(folder, 'typo.json'), '{ "tenovo": {} }');
  expect((await fail('--seed', join(folder, 'typo.json')))[1]).toContain("has an unknown 'tenovo'. Did you mean 'tenovos'?");
});

test.each<[unknown, string]>([
  [{ tenovos: { asets: [] } }, "createFakeTenovos(options) has no 'asets'. Did you mean 'assets'?"],
  [{ tenovos: { assets: [{ name: 'a.tif', acess: 'view' }] } }, "assets[0] of createFakeTenovos(options) has no 'acess'. Did you mean 'access'?"],
  [{ tenovos: { assets: [{ name: 'a.tif', file: 'gone.tif' }] } }, 'gone.tif.'],
  [{ tenovos: [] }, 'tenovos of the seed file'],
  [
    { faults: [{ vendor: 'tenovos', operation: 'content', fault: 'resetAftr' }] },
    "faults[0] of the seed file: there is no fault 'resetAftr'. Did you mean 'resetAfter'?",
  ],
  [{ faults: [{ vendor: 'tenovos', operation: 'contnt', fault: 'expiredUrl' }] }, "Did you mean 'content'?"],
  [
    { faults: [{ vendor: 'tenovos', operation: 'content', fault: 'resetAfter', args: ['x'] }] },
    'fault.resetAfter: bytes is a whole number of 0 or more, not "x".',
  ],
  [{ faults: [{ vendor: 'tenovos', operation: 'content', fault: 'expiredUrl', time: 2 }] }, "faults[0] of the seed file has no 'time'. Did you mean 'times'?"],
  [{ faults: [{ vendor: 'tenovos', operation: 'content', fault: 'expiredUrl', times: 0 }] }, 'times(count) takes a whole number of 1 or more, not 0.'],
  [{ faults: [{ vendor: 'egain', operation: 'content', fault: 'expiredUrl' }] }, 'is planned for egain, which does not run.'],
  [{ faults: [{ vendor: 'tenovos', fault: 'expiredUrl' }] }, 'needs vendor, operation and fault'],
])('a mistake in a seed file is told: %j', async (seed, message) => {
  await writeFile(join(folder, 'seed.json'), JSON.stringify(seed));
  const [code, errors] = await fail('tenovos', '--seed', join(folder, 'seed.json'));
  expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
  expect(errors.trimEnd().split('\n')).toHaveLength(2);
});

test.each([
  [['worldserver', '--port', 'worldserver.storage=1'], "WorldServer has no host 'storage'. There are: api, elsewhere."],
  [['tenovos', '--port', 'tenovos.token=1'], "Tenovos has no host 'token'."],
  [['tenovos', '--port', 'tenovos.stroage=1'], "Did you mean 'storage'?"],
  [['tenovos', '--port', 'egain=1'], 'egain does not run. Started: tenovos.'],
  [['--port', 'egain=4000', '--port', 'tenovos=4000'], '--port gives 4000 to egain.api and to tenovos.api.'],
  [['--port', 'egain=1', '--port', 'egain=2'], 'egain.api has the port 1 already.'],
  [['--port', 'egain=70000'], 'up to 65535'],
])('a wrong port is told: %j', async (args, message) => {
  expect(await fail(...args)).toEqual([2, expect.stringContaining(message)]);
});

test('a fault of a seed file can name its call', async () => {
  await writeFile(
    join(folder, 'seed.json'),
    JSON.stringify({ faults: [{ vendor: 'worldserver', operation: 'getTasks', fault: 'status', args: [503], onCall: 2, times: 'untilCleared' }] }),
  );
  const running = await start('worldserver', '--seed', join(folder, 'seed.json'));
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await fetch(`${running.env.WORLDSERVER_BASE_URL}/v2/tasks`)).status);
  expect(statuses).toEqual([401, 503, 503, 503]);
  await running.stop();
});
