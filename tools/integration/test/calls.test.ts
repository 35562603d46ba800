/** What all clients share: ends of calls, broken connections, errors as JSON, one request per call. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';

import { expect, test } from 'vitest';

import { ApiError } from '@asset-clients/runtime';
import { createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { Egain } from './independent/egain.ts';
import { Tenovos } from './independent/tenovos.ts';
import { WorldServer } from './independent/worldserver.ts';
import { sampleBytes } from './support/bytes.ts';
import { failureOf } from './support/failures.ts';
import { json, RecordingServer } from './support/recording-server.ts';
import { TestClock } from './support/test-clock.ts';

const DETAILS = /^GET \/v1\/assets\/asset\//;
/** Never answers. */
const silence = (): undefined => undefined;

// ---- ends of a call ----

test('a signal that is aborted already sends nothing', async () => {
  await using tenovos = await Tenovos.start();
  const reason = new Error('the user left');
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'a' }, { signal: AbortSignal.abort(reason) }));
  expect(failure).toMatchObject({ kind: 'aborted', name: 'AbortError', outcome: 'not-sent', attempts: 0 });
  expect(failure.cause).toBe(reason);
  expect(tenovos.api.requests).toHaveLength(0);
});

test('a signal ends a call that waits for its answer, and the error is what fetch users expect', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, silence);
  const stop = new AbortController();
  const reason = { any: 'object' };
  const call = failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'a' }, { signal: stop.signal }));
  await tenovos.api.arrived(2);
  stop.abort(reason);
  const failure = await call;
  expect(failure).toMatchObject({ kind: 'aborted', name: 'AbortError', outcome: 'unknown', attempts: 1 });
  expect(failure.cause).toBe(reason);
  expect(failure).toBeInstanceOf(Error);
});

test('a caller that leaves during a shared login does not take the others with it', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  let letGo: (() => void) | undefined;
  tenovos.api.once('POST /v1/auth/token', async () => {
    await new Promise<void>((resolve) => (letGo = resolve));
    return json(200, { session: tenovos.issueSession() });
  });
  const dam = createTenovosClient(tenovos.login);
  const stop = new AbortController();
  const leaving = failureOf(dam.retrieveAsset({ id }, { signal: stop.signal }));
  const staying = dam.retrieveAsset({ id });
  await tenovos.api.arrived(1);
  stop.abort();
  expect((await leaving).kind).toBe('aborted');
  letGo!();
  expect((await staying).data?.assetId).toBe(id);
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
});

test('a signal ends the wait between two attempts', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const stop = new AbortController();
  tenovos.api.once(DETAILS, json(429, {}, { 'Retry-After': '30' }));
  const call = failureOf(createTenovosClient({ ...tenovos.login, clock }).retrieveAsset({ id: 'a' }, { signal: stop.signal }));
  await tenovos.api.arrived(2);
  while (!clock.waits.includes(30_000)) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  expect(await call).toMatchObject({ kind: 'aborted' });
  expect(tenovos.api.to(DETAILS)).toHaveLength(1);
});

test('the signal of the client ends its calls', async () => {
  await using server = await WorldServer.start();
  const stop = new AbortController();
  server.api.once(/asset$/, silence);
  const call = failureOf(createWorldServerClient({ ...server.login, signal: stop.signal }).getAsset({ resourceId: 1 }));
  await server.api.arrived(2);
  stop.abort();
  expect((await call).kind).toBe('aborted');
});

test('reading a content stops at once when its signal is aborted', async () => {
  await using server = await WorldServer.start();
  server.api.once(/asset$/, (_request, raw) => {
    raw.writeHead(200, { 'Content-Length': '1000' });
    raw.write('begin');
    return undefined;
  });
  const stop = new AbortController();
  const content = await createWorldServerClient(server.login).getAsset({ resourceId: 1 }, { signal: stop.signal });
  const reading = failureOf(content.bytes());
  stop.abort();
  expect(await reading).toMatchObject({ kind: 'aborted', name: 'AbortError' });
});

test('timeoutMs ends one attempt that has no answer; a read is then tried again', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  tenovos.api.once(DETAILS, silence);
  const call = createTenovosClient({ ...tenovos.login, clock, timeoutMs: 5000 }).retrieveAsset({ id });
  await tenovos.api.arrived(2);
  clock.advance(4999);
  expect(tenovos.api.requests).toHaveLength(2);
  clock.advance(1);
  expect((await call).data?.assetId).toBe(id);
  expect(tenovos.api.to(DETAILS)).toHaveLength(2);
});

test('a timeout of a creating call is not repeated, and its outcome is unknown', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  egain.api.once(/./, silence);
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: egain.issueToken(), clock, timeoutMs: 5000 });
  const call = failureOf(chat.createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 1 } }));
  await egain.api.arrived(1);
  clock.advance(5000);
  expect(await call).toMatchObject({ kind: 'timeout', outcome: 'unknown', retryable: true, attempts: 1 });
  expect(egain.api.requests).toHaveLength(1);
});

test('deadlineMs ends the whole call, its retries and waits included', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  for (let i = 0; i < 3; i += 1) tenovos.api.once(DETAILS, silence);
  const call = failureOf(createTenovosClient({ ...tenovos.login, clock, timeoutMs: 5000 }).retrieveAsset({ id: 'a' }, { deadlineMs: 8000 }));
  await tenovos.api.arrived(2);
  clock.advance(5000);
  await tenovos.api.arrived(3);
  clock.advance(3000);
  const failure = await call;
  expect(failure).toMatchObject({ kind: 'timeout', outcome: 'unknown', attempts: 2 });
  expect(failure.message).toMatch(/deadlineMs/);
});

test('a wait that is longer than what is left of the deadline is not begun', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, json(429, { message: 'slow down' }, { 'Retry-After': '20' }));
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, clock, deadlineMs: 10_000 }).retrieveAsset({ id: 'a' }));
  expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 20_000, attempts: 1 });
});

test('idleTimeoutMs ends a content that has gone silent', async () => {
  const clock = new TestClock();
  await using server = await WorldServer.start();
  server.api.once(/asset$/, (_request, raw) => {
    raw.writeHead(200, { 'Content-Length': '1000' });
    raw.write('begin');
    return undefined;
  });
  const content = await createWorldServerClient({ ...server.login, clock, idleTimeoutMs: 7000, maxRetries: false }).getAsset({ resourceId: 1 });
  const chunks: Uint8Array[] = [];
  const failure = await failureOf(async () => {
    for await (const chunk of content) {
      chunks.push(chunk);
      setImmediate(() => clock.advance(7000));
    }
  });
  expect(Buffer.concat(chunks).toString()).toBe('begin');
  expect(failure).toMatchObject({ kind: 'timeout', retryable: true });
  expect(failure.message).toMatch(/7000 ms.*idleTimeoutMs/);
});

test('a limit that is false is no limit', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  let answer: (() => void) | undefined;
  tenovos.api.once(DETAILS, async () => {
    await new Promise<void>((resolve) => (answer = resolve));
    return json(200, { status: 'success', data: { assetId: id } });
  });
  const call = createTenovosClient({ ...tenovos.login, clock, timeoutMs: false }).retrieveAsset({ id });
  await tenovos.api.arrived(2);
  clock.advance(3_500_000);
  answer!();
  expect((await call).data?.assetId).toBe(id);
});

// ---- broken connections ----

test('a port where nobody listens is kind network, not sent, and names the address', async () => {
  const clock = new TestClock();
  const gone = await RecordingServer.start(() => undefined);
  const { origin } = gone;
  await gone[Symbol.asyncDispose]();
  const failure = await failureOf(
    createWorldServerClient({ baseUrl: `${origin}/ws-api`, username: 'u', password: 'p-1234', clock }).getAsset({ resourceId: 1 }),
  );
  expect(failure).toMatchObject({ kind: 'network', outcome: 'not-sent', retryable: true });
  expect(failure.message).toContain(origin.slice('http://'.length));
  expect(failure.hint).toMatch(/baseUrl/);
  expect(failure.message).toContain('ECONNREFUSED');
});

test('a connection that breaks before the answer is made again for a read, not for a creating call', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: egain.issueToken(), clock });
  const cut = (_request: unknown, raw: { readonly socket: { destroy(): void } | null }): undefined => void raw.socket?.destroy();
  egain.api.once(/^GET/, cut);
  expect((await chat.getAsset({ id })).id).toBe(id);
  egain.api.once(/^POST/, cut);
  const failure = await failureOf(chat.createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 1 } }));
  expect(failure).toMatchObject({ kind: 'network', outcome: 'unknown', attempts: 1 });
  expect(failure.hint).toMatch(/may or may not/);
});

test('a content that is cut short fails, however it is read', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient({ ...server.login, maxRetries: false });
  for (const read of ['bytes', 'text', 'blob', 'stream'] as const) {
    server.api.once(/asset$/, (_request, raw) => {
      raw.writeHead(200, { 'Content-Length': '1000' });
      raw.write('begin', () => raw.socket?.destroy());
      return undefined;
    });
    const content = await tms.getAsset({ resourceId: 1 });
    const failure = await failureOf(async () => (read === 'stream' ? new Response(content.stream()).bytes() : content[read]()));
    expect(['network', 'integrity']).toContain(failure.kind);
    expect(failure.retryable).toBe(true);
  }
});

test('a JSON answer that is cut short is no result', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, (_request, raw) => {
    raw.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
    raw.write('{"status":"success"', () => raw.socket?.destroy());
    return undefined;
  });
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, clock, maxRetries: false }).retrieveAsset({ id: 'a' }));
  expect(failure.kind).toBe('network');
});

// ---- one request per call ----

test('awaiting a call and its withResponse sends one request', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const call = createTenovosClient(tenovos.login).retrieveAsset({ id });
  const [data, whole] = await Promise.all([call, call.withResponse(), call.then(() => undefined)]);
  expect(whole.data).toBe(data);
  expect(tenovos.api.to(DETAILS)).toHaveLength(1);
});

test('a call whose result nobody awaits but withResponse leaves no unhandled rejection', async () => {
  await using tenovos = await Tenovos.start();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    expect(await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'none' }).withResponse())).toMatchObject({ kind: 'not-found' });
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
});

test('100 parallel downloads of one client all arrive whole', async () => {
  await using server = await WorldServer.start();
  const bytes = sampleBytes(20_000);
  server.addTask('1', { content: Buffer.from(bytes) });
  const tms = createWorldServerClient(server.login);
  const all = await Promise.all(Array.from({ length: 100 }, async () => (await tms.getAsset({ resourceId: 1 })).bytes()));
  for (const one of all) expect(Buffer.compare(one, bytes)).toBe(0);
});

test('using a client leaves the process-wide dispatcher of undici as it was', async () => {
  const symbols = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
  const read = (): unknown[] => symbols.map((symbol) => (globalThis as Record<PropertyKey, unknown>)[symbol]);
  const before = read();
  await using tenovos = await Tenovos.start();
  await createTenovosClient(tenovos.login).retrieveAsset({ id: tenovos.addAsset() });
  expect(read()).toEqual(before);
});

test('headers of client and call are sent, those of the call first, and userAgent', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, headers: { 'X-Trace': 'client', 'X-Only': 'client' }, userAgent: 'nightly/1.0' });
  await dam.retrieveAsset({ id: tenovos.addAsset() }, { headers: { 'x-trace': 'call' } });
  const [request] = tenovos.api.to(DETAILS);
  expect([request!.header('x-trace'), request!.header('x-only'), request!.header('user-agent')]).toEqual(['call', 'client', 'nightly/1.0']);
});

test('a header that would split the request is refused before anything is sent', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  for (const headers of [{ 'X-Trace': 'a\r\nX-Injected: 1' }, { 'X Trace': 'a' }, { 'X-Trace': '翻訳' }]) {
    expect(await failureOf(dam.retrieveAsset({ id: 'a' }, { headers }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  }
  expect(tenovos.api.requests).toHaveLength(0);
});

test('a script that never closes its client ends by itself', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ content: sampleBytes(100_000) });
  const script = `
    import { createTenovosClient } from '@asset-clients/tenovos';
    const dam = createTenovosClient(${JSON.stringify(tenovos.login)});
    const content = await dam.downloadAsset({ id: ${JSON.stringify(id)} });
    console.log((await content.bytes()).length);
  `;
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const started = performance.now();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd, timeout: 20_000 });
  expect([stdout, stderr]).toEqual(['100000\n', '']);
  // Idle connections and limits hold no process: undici alone would keep a socket for four seconds.
  expect(performance.now() - started).toBeLessThan(3500);
}, 120_000);

test('a session store that cannot be read stops the call with its own words; one that cannot be written does not, and no password is sent twice', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const fail = (): never => {
    throw new Error('the store is read-only');
  };
  const unreadable = await failureOf(createTenovosClient({ ...tenovos.login, sessionStore: { load: fail, save: () => undefined } }).retrieveAsset({ id }));
  expect(unreadable.message).toContain('the store is read-only');
  expect(tenovos.api.requests).toHaveLength(0);
  const dam = createTenovosClient({ ...tenovos.login, sessionStore: { load: () => undefined, save: fail } });
  await dam.retrieveAsset({ id });
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
});

test('wrong options of a call are refused before any request, naming the option', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  const cases: [unknown, RegExp][] = [
    [null, /options must be an object/],
    ['x', /options must be an object/],
    [{ timeoutMs: '5' }, /timeoutMs must be a positive number of milliseconds or false/],
    [{ timeoutMs: -1 }, /timeoutMs/],
    [{ idleTimeoutMs: Number.NaN }, /idleTimeoutMs/],
    [{ deadlineMs: null }, /deadlineMs/],
    [{ maxRetries: 1.5 }, /maxRetries must be a whole number/],
    [{ signal: {} }, /signal/],
    [{ signal: null }, /signal/],
    [{ accept: 5 }, /accept must be a text/],
    [{ headers: new Headers({ 'X-Trace': '1' }) }, /headers must be a plain object/],
    [{ headers: new Map([['X-Trace', '1']]) }, /headers must be a plain object/],
    [{ headers: [['X-Trace', '1']] }, /headers must be a plain object/],
  ];
  for (const [options, message] of cases) {
    for (const call of [() => dam.retrieveAsset({ id: 'a' }, options as never), () => dam.downloadAsset({ id: 'a' }, options as never)]) {
      const failure = await failureOf(call);
      expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', vendor: 'tenovos' });
      expect(failure.message).toMatch(message);
    }
  }
  expect(tenovos.api.requests).toHaveLength(0);
});

test('wrong options of a client are refused when it is made, naming the option', async () => {
  const login = { baseUrl: 'https://ws.example.com/ws-api', username: 'u', password: 'password-1' };
  const cases: [object, RegExp][] = [
    [{ fetch: 'fetch' }, /fetch must be a function/],
    [{ clock: {} }, /clock must have now, setTimeout, clearTimeout/],
    [{ signal: 'x' }, /signal/],
    [{ logger: { warn: () => undefined } }, /logger must have debug/],
    [{ sessionStore: { load: () => undefined } }, /sessionStore must have load, save/],
    [{ userAgent: 5 }, /userAgent/],
    [{ headers: new Headers() }, /headers must be a plain object/],
    [{ maxRetries: -1 }, /maxRetries/],
    [{ trustedOrigins: ['files'] }, /trustedOrigins/],
  ];
  for (const [options, message] of cases) {
    const failure = await failureOf(() => createWorldServerClient({ ...login, ...options } as never));
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(failure.message).toMatch(message);
  }
});

// ---- errors ----

test('JSON of an error alone tells cause and next step, and has no empty members', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const failure = await failureOf(createWorldServerClient(server.login).getAsset({ resourceId: 1, assetLocationType: 'TARGET' }));
  const shown = JSON.parse(JSON.stringify({ log: failure })) as { log: Record<string, unknown> };
  expect(shown.log).toEqual({
    name: 'ApiError',
    message: expect.stringContaining('worldserver.getAsset: not-ready (400'),
    kind: 'not-ready',
    vendor: 'worldserver',
    operation: 'getAsset',
    params: { resourceId: 1, assetLocationType: 'TARGET' },
    status: 400,
    code: 'ERROR_TYPE',
    details: { errors: [{ code: 4711, type: 'ERROR_TYPE', message: 'Target asset is not available for download' }] },
    outcome: 'refused',
    retryable: true,
    attempts: 1,
    hint: expect.stringContaining('not translated'),
  });
  expect(inspect(failure)).toContain('not-ready');
});

test('the message of an error keeps its words for operations whose names speak of tokens', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once('POST /v1/auth/token', json(403, { message: 'Forbidden' }));
  const failure = await failureOf(createTenovosClient(tenovos.login).createToken({ body: { username: 'u', password: 'p-1234' } }));
  expect(failure.message).toBe('tenovos.createToken: permission-denied (403): Forbidden');
});

test('an ApiError of another installed copy is recognised', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const failure = await failureOf(tms.getAsset({ resourceId: 1 }));
  // What another copy of the package would throw: the same marker, another class.
  const foreign = Object.assign(new Error(failure.message), { ...failure });
  Object.defineProperty(foreign, Symbol.for('asset-clients.ApiError'), { value: true });
  expect(foreign instanceof ApiError).toBe(false);
  expect(ApiError.is(foreign)).toBe(true);
  expect(ApiError.is(foreign, tms.getAsset)).toBe(true);
});
