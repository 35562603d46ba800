import { readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaults as egain } from './egain/assumptions.ts';
import { model as egainModel } from './egain/model.ts';
import { createFakes, createFakeTenovos, createFakeWorldServer, type FakeTenovos } from './index.ts';
import { mswHandlers } from './msw.ts';
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
  for (const fake of fakes) expect(fake.calls.filter((call) => call.status === 403)).toHaveLength(1);
}, 120_000);

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

describe('content', () => {
  async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'fake-content-'));
    try {
      await run(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async function headersOf(fake: FakeTenovos): Promise<Record<string, string>> {
    const { baseUrl, apiKey, username, password } = fake.clientOptions;
    const login = await fake.fetch(`${baseUrl}/auth/token`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
    return { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
  }

  async function signed(fake: FakeTenovos, id: string): Promise<string> {
    const answer = await fake.fetch(`${fake.baseUrl}/asset/${id}/content`, { headers: await headersOf(fake) });
    return ((await answer.json()) as { presignedURL: string }).presignedURL;
  }

  test('the ETag of a file on disk follows its bytes, not its path', async () => {
    await withFolder(async (folder) => {
      const [a, b] = [join(folder, 'a.bin'), join(folder, 'b.bin')];
      await writeFile(a, 'first!');
      await writeFile(b, 'first!');
      await using fake = createFakeTenovos({
        assets: [
          { id: 'a', name: 'a.bin', file: a },
          { id: 'b', name: 'b.bin', file: b },
        ],
      });
      const get = async (id: string, headers: Record<string, string> = {}): Promise<[number, string | null, string | null, string]> => {
        const response = await fake.fetch(await signed(fake, id), { headers });
        return [response.status, response.headers.get('etag'), response.headers.get('last-modified'), await response.text()];
      };
      const [, etag, modified] = await get('a');
      expect(await get('b')).toEqual([200, etag, expect.any(String), 'first!']);
      expect(await get('a', { range: 'bytes=2-', 'if-match': etag! })).toEqual([206, etag, modified, 'rst!']);
      await fake.clock.advance('1m');
      // At once and of the same length: neither the time of the file nor its size need differ.
      await writeFile(a, 'second');
      const [status, changed, later, text] = await get('a');
      expect([status, text]).toEqual([200, 'second']);
      expect(changed).not.toBe(etag);
      expect(Date.parse(later!)).toBeGreaterThan(Date.parse(modified!));
      expect((await get('a', { range: 'bytes=2-', 'if-match': etag! }))[0]).toBe(412);
      expect((await get('a', { range: 'bytes=2-', 'if-range': etag! }))[0]).toBe(200);
      const versions = fake.calls
        .filter((call) => call.operation === 'content' && call.status === 200 && call.subjects.includes('a'))
        .map((call) => call.version);
      expect(new Set(versions).size).toBe(2);
    });
  });

  // Slices of a Buffer share its memory.
  test.each([Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)])('bytes that were handed over are a copy', async (bytes) => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.bin', bytes }] });
    await using other = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 's.bin', bytes } }] });
    bytes.fill(9);
    // What streams do with chunks: the memory goes to the reader.
    const { buffer } = await fake.asset('a')!.bytes();
    structuredClone(buffer, { transfer: [buffer] });
    expect([...(await fake.asset('a')!.bytes()), ...(await other.task(1)!.source.bytes())]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test('a file that is gone is told alike in process, over sockets and through MSW', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.bin');
      await writeFile(file, 'here');
      await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.bin', file }] });
      const headers = { ...(await headersOf(fake)), 'content-type': 'application/json' };
      await rm(file);
      const problem = `The Tenovos fake failed: Error: ENOENT: no such file or directory, stat '${file}'`;
      await expect(fake.fetch(`${fake.baseUrl}/assets/asset/a`, { headers })).rejects.toMatchObject({ name: 'FakeError', message: problem });
      const handlers = mswHandlers({ all: (_path, resolver) => resolver }, fake);
      const throughMsw = await handlers[0]!({ request: new Request(`${fake.baseUrl}/assets/asset/a`, { headers }) });
      await using server = await fake.listen();
      const overSockets = await fetch(`${server.baseUrl}/assets/asset/a`, { headers });
      for (const response of [throughMsw, overSockets]) {
        expect([response.status, response.headers.get('x-fake-problem'), await response.json()]).toEqual([500, problem, { fake: problem }]);
      }
      expect(fake.problems).toEqual([problem, problem, problem]);
    });
  });

  test.each(['in process', 'sockets'])('a file that becomes shorter while it is read breaks the answer, %s', async (shape) => {
    await withFolder(async (folder) => {
      const file = join(folder, 'a.bin');
      await writeFile(file, '');
      await truncate(file, 40_000_000);
      await using fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.bin', file } }] });
      const { baseUrl, username, password } = shape === 'sockets' ? (await fake.listen()).clientOptions : fake.clientOptions;
      const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
      const login = await fetch(`${baseUrl}/v2/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      });
      const { sessionId } = (await login.json()) as { sessionId: string };
      const response = await fetch(`${baseUrl}/v2/files/asset?resourceId=1`, { headers: { token: sessionId } });
      const reader = response.body!.getReader();
      await reader.read();
      await truncate(file, 10);
      await expect(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      ).rejects.toMatchObject({ name: 'TypeError', message: 'terminated' });
      await expect.poll(() => fake.problems).toEqual([`The WorldServer fake failed: Error: The file ${file} became shorter while it was read.`]);
      expect(fake.calls.at(-1)!.complete).toBe(false);
    });
  });
});

describe('listening', () => {
  test('a failed listen leaves the clock as it was', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    try {
      await using fake = createFakeTenovos();
      await expect(fake.listen({ ports: { storage: port } })).rejects.toThrow('EADDRINUSE');
      expect(fake.clock.mode).toBe('auto');
      // And time still jumps.
      await fake.clock.sleep('1h');
      // Beside one that listens, time goes on as that one needs it.
      await using server = await fake.listen();
      await expect(fake.listen({ ports: { api: port } })).rejects.toThrow('EADDRINUSE');
      expect(fake.clock.mode).toBe('system');
      expect(() => fake.clock.use('auto')).toThrow('cannot be');
      await server.close();
      await using manual = createFakeTenovos({ clock: 'manual' });
      await expect(manual.listen({ ports: { api: port } })).rejects.toThrow('EADDRINUSE');
      expect(manual.clock.mode).toBe('manual');
    } finally {
      taken.close();
    }
  });

  test('a closed fake says that it cannot listen', async () => {
    const fake = createFakeTenovos();
    await fake.close();
    await expect(fake.listen()).rejects.toThrow('The Tenovos fake is closed and cannot listen: make a new one.');
    const closing = createFakeTenovos();
    const listening = closing.listen();
    await closing.close();
    await expect(listening).rejects.toThrow('is closed and cannot listen');
  });

  test('when one of three cannot listen, none does', async () => {
    await using fakes = createFakes();
    const servers: { readonly env: Readonly<Record<string, string>> }[] = [];
    for (const one of [fakes.egain, fakes.worldserver]) {
      const listen = one.listen.bind(one) as () => Promise<never>;
      (one as { listen: unknown }).listen = async () => {
        const server = await listen();
        servers.push(server);
        return server;
      };
    }
    await fakes.tenovos.close();
    await expect(fakes.listen()).rejects.toThrow('The Tenovos fake is closed');
    expect(servers).toHaveLength(2);
    for (const { env } of servers) {
      const url = env.EGAIN_TOKEN_URL ?? env.WORLDSERVER_BASE_URL!;
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    }
    expect(fakes.clock.mode).toBe('auto');
    await expect(fakes.listen({ ports: {} } as never)).rejects.toThrow("listen(options) has no 'ports'.");
  });
});
