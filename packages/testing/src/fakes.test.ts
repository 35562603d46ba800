import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaults as egain } from './egain/assumptions.ts';
import { model as egainModel } from './egain/model.ts';
import { createFakes, createFakeTenovos } from './index.ts';
import { defaults as tenovos } from './tenovos/assumptions.ts';
import { model as tenovosModel } from './tenovos/model.ts';
import { defaults as worldserver } from './worldserver/assumptions.ts';
import { makeModel } from './worldserver/model.ts';

const SPECS: readonly (readonly [string, object, { readonly operations: readonly string[] }])[] = [
  ['egain/conversation', egain, egainModel],
  ['egain/attachments', egain, egainModel],
  ['tenovos/assets', tenovos, tenovosModel],
  ['worldserver/files', worldserver, makeModel('documented')],
];

/** Every object of a document. */
function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const member of Object.values(value)) yield* objects(member);
}

const read = (name: string): unknown => parse(readFileSync(new URL(`../../../specs/${name}.yaml`, import.meta.url), 'utf8'));

describe.each(SPECS)('spec %s', (name, defaults, model) => {
  const document = read(name);
  const switches = [...objects(document)]
    .flatMap((one) => (one['x-assumption'] as { fake: string | null; default: unknown }[] | undefined) ?? [])
    .filter((one) => one.fake !== null);

  test.each(switches.map((one) => [one.fake!, one.default] as const))('the assumption %s is a switch of the fake with the same default', (fake, value) => {
    expect(defaults).toHaveProperty(fake);
    // "unknown" and "null" in a spec say that there is no known value.
    expect((defaults as Record<string, unknown>)[fake]).toEqual(value);
  });

  // A neighbour that has none yet is an unknown route, which fails loudly.
  test('each operation of a vendor page that the project started from has a handler', () => {
    const ids = Object.values((document as { paths: Record<string, Record<string, { operationId?: string; 'x-seed'?: boolean }>> }).paths).flatMap((item) =>
      Object.values(item).flatMap((one) => (one['x-seed'] === true ? (one.operationId ?? []) : [])),
    );
    expect(ids).not.toEqual([]);
    expect(model.operations).toEqual(expect.arrayContaining(ids));
  });
});

test('each switch of a fake is in a spec', () => {
  for (const [defaults, names] of [
    [egain, ['egain/conversation', 'egain/attachments']],
    [tenovos, ['tenovos/assets']],
    [worldserver, ['worldserver/files']],
  ] as const) {
    const known = new Set(
      names.flatMap((name) =>
        [...objects(read(name))].flatMap((one) => ((one['x-assumption'] as { fake: string }[] | undefined) ?? []).map((entry) => entry.fake)),
      ),
    );
    expect(Object.keys(defaults).filter((one) => !known.has(one))).toEqual([]);
  }
});

test('three vendors share a clock and a fetch', async () => {
  await using fakes = createFakes({
    random: 'x',
    tenovos: { assets: [{ id: 'a', name: 'a.jpg' }] },
    worldserver: { tasks: [{ id: 1, source: { name: 's.txt' } }] },
  });
  expect(fakes.egain.clock).toBe(fakes.tenovos.clock);
  const { auth } = fakes.egain.conversation.clientOptions;
  await fakes.fetch(auth.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: auth.clientId, client_secret: auth.clientSecret, scope: auth.scope }),
  });
  const { baseUrl, username, password } = fakes.worldserver.clientOptions;
  await fakes.fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password }) });
  await fakes.fetch(`${fakes.tenovos.baseUrl}/assets/asset/a`);
  expect(fakes.calls.map((call) => [call.vendor, call.operation, call.status])).toEqual([
    ['egain', 'token', 200],
    ['worldserver', 'login', 200],
    ['tenovos', 'retrieveAsset', 403],
  ]);
  await expect(fakes.fetch('https://api.tenovos.io/v1/assets/asset/a')).rejects.toThrow(
    'No fake is at https://api.tenovos.io, and a fake never calls a real server.',
  );
  const server = await fakes.listen();
  expect(Object.keys(server.env).sort()).toMatchInlineSnapshot(`
    [
      "EGAIN_ATTACHMENTS_BASE_URL",
      "EGAIN_CLIENT_ID",
      "EGAIN_CLIENT_SECRET",
      "EGAIN_CONVERSATION_BASE_URL",
      "EGAIN_SCOPE",
      "EGAIN_TOKEN_URL",
      "EGAIN_TRUSTED_ORIGINS",
      "TENOVOS_API_KEY",
      "TENOVOS_BASE_URL",
      "TENOVOS_PASSWORD",
      "TENOVOS_TRUSTED_ORIGINS",
      "TENOVOS_USERNAME",
      "WORLDSERVER_BASE_URL",
      "WORLDSERVER_PASSWORD",
      "WORLDSERVER_USERNAME",
    ]
  `);
  expect((await fetch(`${server.tenovos.baseUrl}/assets/asset/a`)).status).toBe(403);
});

test('1,000 fakes side by side do not meet', async () => {
  const fakes = Array.from({ length: 1000 }, (_, i) => createFakeTenovos({ assets: [{ id: 'a', name: 'a.jpg', text: `content ${i}` }] }));
  const keys = new Set(fakes.map((fake) => fake.clientOptions.apiKey));
  expect(keys.size).toBe(1000);
  await Promise.all(
    fakes.map(async (fake, i) => {
      const { baseUrl, apiKey, username, password } = fake.clientOptions;
      const login = (key: string): Promise<Response> =>
        fake.fetch(`${baseUrl}/auth/token`, {
          method: 'POST',
          headers: { 'x-api-key': key, 'content-type': 'application/json' },
          body: JSON.stringify({ username, password }),
        });
      const { session } = (await (await login(apiKey)).json()) as { session: Record<'authorization' | 'accessToken', string> };
      if (i % 10 === 0) await fake.clock.advance(i);
      const headers = { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
      const { presignedURL } = (await (await fake.fetch(`${baseUrl}/asset/a/content`, { headers })).json()) as { presignedURL: string };
      expect(await (await fake.fetch(presignedURL)).text()).toBe(`content ${i}`);
      const other = fakes[(i + 1) % 1000]!;
      expect((await other.fetch(presignedURL)).status).toBe(403);
      expect((await login(other.clientOptions.apiKey)).status).toBe(401);
    }),
  );
  for (const [i, fake] of fakes.entries()) expect(fake.calls.filter((call) => call.status === 403)).toHaveLength(1 + 0 * i);
});

test('the same random text makes the same ids and keys', () => {
  const make = (random: string): object => createFakeTenovos({ random }).clientOptions;
  const plain = (options: object): string => JSON.stringify({ ...options, clock: undefined });
  expect(plain(make('a'))).toBe(plain(make('a')));
  expect(plain(make('a'))).not.toBe(plain(make('b')));
});

test('content can be a file on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fake-seed-'));
  const file = join(folder, 'a.bin');
  await writeFile(file, 'from disk');
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.bin', file }] });
  expect([await fake.asset('a')!.size(), new TextDecoder().decode(await fake.asset('a')!.bytes()), await fake.asset('a')!.sha256()]).toEqual([
    9,
    'from disk',
    await (async () => Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('from disk'))).toString('hex'))(),
  ]);
  await rm(folder, { recursive: true });
});

test('closing one fake leaves the clock to the others that share it', async () => {
  const fakes = createFakes();
  const waiting = fakes.clock.sleep('1h');
  await fakes.egain.close();
  await waiting;
  const own = createFakeTenovos({ clock: fakes.clock });
  const again = fakes.clock.sleep('1h');
  await own.close();
  await again;
  await fakes.close();
  expect(fakes.clock.pendingTimers).toBe(0);
});
