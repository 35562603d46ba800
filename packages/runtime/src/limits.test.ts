import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, listen, start, startServer, until } from '../test/http-server.ts';
import { ManualClock, settle } from '../test/manual-clock.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import type { ApiCall } from './method-types.ts';
import type { ClientOptions } from './options.ts';

const get: AnyOperation = { id: 'get', method: 'GET', path: '/', responses: { '200': ['application/json'] } };
const put: AnyOperation = { id: 'put', method: 'PUT', path: '/', body: { content: { 'application/octet-stream': { encode: raw } } }, responses: {} };
const download: AnyOperation = { id: 'download', method: 'GET', path: '/', responses: { '200': ['*/*'] }, binary };

function clientOf(
  origin: string,
  options: Partial<ClientOptions> = {},
): ReturnType<typeof createClient<{ get: AnyOperation; put: AnyOperation; download: AnyOperation }>> {
  return createClient({ get, put, download }, { baseUrl: origin, maxRetries: false, ...options });
}

/** A call whose failure is looked at later. */
function quiet<T>(call: ApiCall<T> | Promise<T>): Promise<T> {
  call.catch(() => undefined);
  return call;
}

describe('timeoutMs', () => {
  it('ends an attempt that gets no answer, on the clock of the client', async () => {
    const clock = new ManualClock();
    const { origin, arrived, sockets } = await startServer(() => undefined);
    const call = quiet(clientOf(origin, { clock }).get());
    await until(() => arrived.length === 1);
    expect(clock.waits).toEqual([30_000]);
    await clock.advance(29_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await failure(call)).toMatchObject({ kind: 'timeout', outcome: 'unknown', retryable: true, attempts: 1, name: 'ApiError' });
    expect(clock.pending).toBe(0);
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('is over when the headers are there', async () => {
    const clock = new ManualClock();
    const { origin } = await startServer((_request, response) => json(response, 1));
    await clientOf(origin, { clock }).get();
    expect(clock.pending).toBe(0);
  });

  it('can be set per call and switched off', async () => {
    const clock = new ManualClock();
    const { origin, arrived } = await startServer(() => undefined);
    const client = clientOf(origin, { clock });
    const stop = new AbortController();
    const calls = [quiet(client.get({}, { timeoutMs: 5, signal: stop.signal })), quiet(client.get({}, { timeoutMs: false, signal: stop.signal }))];
    await until(() => arrived.length === 2);
    expect(clock.waits).toEqual([5]);
    stop.abort();
    await Promise.allSettled(calls);
  });

  it('ends also a fetch function that does not listen to signals', async () => {
    const clock = new ManualClock();
    let cancelled = false;
    let answer: ((response: Response) => void) | undefined;
    const client = clientOf('https://a.example', { clock, fetch: () => new Promise<Response>((resolve) => (answer = resolve)) });
    const call = quiet(client.get());
    await settle();
    await clock.advance(30_000);
    expect(await failure(call)).toMatchObject({ kind: 'timeout' });
    answer!(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
    await settle();
    expect(cancelled).toBe(true);
  });
});

describe('idleTimeoutMs', () => {
  it('ends a JSON answer that goes silent', async () => {
    const clock = new ManualClock();
    const { origin, sockets } = await startServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":'));
    const call = quiet(clientOf(origin, { clock, idleTimeoutMs: 700, timeoutMs: 100_000 }).get());
    await until(() => clock.waits[0] === 700);
    // The limit is armed anew by each chunk; the first one may still be on its way.
    await settle();
    await clock.advance(700);
    await clock.advance(700);
    expect(await failure(call)).toMatchObject({ kind: 'timeout', message: 'api.get: the body was silent for 700 ms (idleTimeoutMs)' });
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('is armed while a chunk is awaited, never while the reader is busy', async () => {
    const clock = new ManualClock();
    const { origin } = await startServer((_request, response) => response.end('x'));
    const content = (await clientOf(origin, { clock }).download()) as Content;
    expect(clock.pending).toBe(0);
    for await (const _chunk of content) {
      expect(clock.pending).toBe(0);
      await clock.advance(1_000_000);
    }
    expect(content.receipt().bytes).toBe(1);
  });

  it('ends a download that goes silent, telling how far it came', async () => {
    const clock = new ManualClock();
    const { origin, sockets } = await startServer((_request, response) => response.writeHead(200, { 'content-length': '10' }).write('abc'));
    const content = (await clientOf(origin, { clock }).download()) as Content;
    const iterator = content[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toHaveLength(3);
    const next = quiet(iterator.next() as Promise<unknown>);
    await until(() => clock.pending === 1);
    await clock.advance(30_000);
    expect(await failure(next)).toMatchObject({
      kind: 'timeout',
      retryable: true,
      message: 'api.download: the body was silent for 30000 ms (idleTimeoutMs) after 3 bytes',
    });
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('ends an upload that does not move, but not a slow one', async () => {
    const clock = new ManualClock();
    let release: (() => void) | undefined;
    async function* source(): AsyncIterable<Uint8Array> {
      for (let i = 0; i < 5; i += 1) {
        yield new Uint8Array(10);
        await new Promise<void>((resolve) => (release = resolve));
      }
    }
    const { origin } = await startServer((_request, response) => response.end());
    const call = quiet(clientOf(origin, { clock, timeoutMs: 1000, idleTimeoutMs: 5000 }).put({ body: source() }));
    for (let i = 0; i < 4; i += 1) {
      await until(() => release !== undefined && clock.waits[0] === 5000, 'a moving upload');
      await clock.advance(4000);
      const go = release!;
      release = undefined;
      go();
    }
    await until(() => release !== undefined && clock.waits[0] === 5000);
    await clock.advance(5000);
    expect(await failure(call)).toMatchObject({ kind: 'timeout', outcome: 'unknown', message: 'api.put: the upload did not move for 5000 ms (idleTimeoutMs)' });
  });
});

describe('deadlineMs', () => {
  it('ends the whole call, attempts and waits together', async () => {
    const clock = new ManualClock();
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    const call = quiet(clientOf(origin, { clock, maxRetries: 50, deadlineMs: 20_000 }).get());
    for (let i = 0; i < 60; i += 1) {
      await settle();
      await clock.advance(1000);
    }
    expect(await failure(call)).toMatchObject({ attempts: arrived.length });
    expect(arrived.length).toBeGreaterThan(1);
    expect(clock.pending).toBe(0);
  });

  it('is told as a timeout', async () => {
    const clock = new ManualClock();
    const { origin, arrived } = await startServer(() => undefined);
    const call = quiet(clientOf(origin, { clock, timeoutMs: false }).get({}, { deadlineMs: 10 }));
    await until(() => arrived.length === 1);
    await clock.advance(10);
    expect(await failure(call)).toMatchObject({ kind: 'timeout', message: 'api.get: the call did not end within 10 ms (deadlineMs)' });
  });

  it('keeps the call from waiting for a retry that would come too late', async () => {
    const clock = new ManualClock();
    const { origin } = await startServer((_request, response) => json(response, {}, 429, { 'retry-after': '30' }));
    expect(await failure(clientOf(origin, { clock, maxRetries: 2, deadlineMs: 20_000 }).get())).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 30_000,
      attempts: 1,
    });
    expect(clock.pending).toBe(0);
  });
});

describe('an abort', () => {
  const reason = { why: 'user left' };

  it('before the call sends nothing', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, 1));
    const error = await failure(clientOf(origin).get({}, { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ kind: 'aborted', name: 'AbortError', outcome: 'not-sent' });
    expect(error.cause).toBe(reason);
    expect(arrived).toHaveLength(0);
  });

  it('while connecting is prompt', async () => {
    // Accepts no TLS handshake.
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(
        socket
          .on('close', () => sockets.delete(socket))
          .on('error', () => undefined)
          .resume(),
      );
    });
    const port = await listen(server);
    const stop = new AbortController();
    const call = quiet(clientOf(`https://127.0.0.1:${port}`).get({}, { signal: stop.signal }));
    await until(() => sockets.size === 1);
    stop.abort(reason);
    expect((await failure(call)).cause).toBe(reason);
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('while waiting for the answer is prompt and frees the socket', async () => {
    const { origin, arrived, sockets } = await startServer(() => undefined);
    const stop = new AbortController();
    const call = quiet(clientOf(origin).get({}, { signal: stop.signal }));
    await until(() => arrived.length === 1);
    stop.abort(reason);
    const error = await failure(call);
    expect(error).toMatchObject({ kind: 'aborted', name: 'AbortError', outcome: 'unknown', attempts: 1 });
    expect(error.cause).toBe(reason);
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('while a JSON body is read is prompt and frees the socket', async () => {
    const { origin, arrived, sockets } = await startServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{'));
    const stop = new AbortController();
    const call = quiet(clientOf(origin).get({}, { signal: stop.signal }));
    await until(() => arrived.length === 1);
    await settle();
    stop.abort(reason);
    expect((await failure(call)).cause).toBe(reason);
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('while an upload is sent is prompt, frees the socket and closes the source', async () => {
    let closed = false;
    async function* source(): AsyncIterable<Uint8Array> {
      try {
        for (;;) {
          yield new Uint8Array(65_536);
          await settle();
        }
      } finally {
        closed = true;
      }
    }
    let sending = false;
    const { origin, sockets } = await start((request) => request.on('error', () => undefined).once('data', () => (sending = true)));
    const stop = new AbortController();
    const call = quiet(clientOf(origin).put({ body: source() }, { signal: stop.signal }));
    await until(() => sending);
    stop.abort(reason);
    expect((await failure(call)).cause).toBe(reason);
    await until(() => sockets.size === 0 && closed, 'the closed socket and source');
  });

  it('while waiting for a retry is prompt and leaves no timer', async () => {
    const clock = new ManualClock();
    const { origin } = await startServer((_request, response) => json(response, {}, 429, { 'retry-after': '9' }));
    const stop = new AbortController();
    const call = quiet(clientOf(origin, { clock, maxRetries: 2 }).get({}, { signal: stop.signal }));
    await until(() => clock.waits[0] === 9000);
    stop.abort(reason);
    const error = await failure(call);
    expect(error).toMatchObject({ kind: 'aborted', attempts: 1 });
    expect(error.cause).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('while waiting for a login lets the others go on waiting', async () => {
    let login: ((token: string) => void) | undefined;
    const { origin } = await startServer((_request, response) => json(response, 1));
    const stop = new AbortController();
    const { SessionCache } = await import('./auth.ts');
    const cache = new SessionCache<string>({
      key: 'k',
      open: () => new Promise((resolve) => (login = resolve)),
      parse: () => undefined,
      expiresAt: () => undefined,
      secrets: (session) => [session],
    });
    const client = clientOf(origin, { auth: { authorize: async (request, context) => void (request.headers.token = await cache.get(context)) } });
    const leaving = quiet(client.get({}, { signal: stop.signal }));
    const staying = client.get();
    await settle();
    stop.abort(reason);
    expect((await failure(leaving)).cause).toBe(reason);
    login!('t');
    expect(await staying).toBe(1);
  });

  it('reaches a content that nobody reads yet', async () => {
    const { origin, sockets } = await startServer((_request, response) => response.writeHead(200, { 'content-length': '1000000' }).write('x'));
    const stop = new AbortController();
    const content = (await clientOf(origin).download({}, { signal: stop.signal })) as Content;
    stop.abort(reason);
    await until(() => sockets.size === 0, 'the closed socket');
    expect((await failure(content.bytes())).cause).toBe(reason);
  });

  it('reaches a content whose reader is busy', async () => {
    const { origin, sockets } = await startServer((_request, response) => response.writeHead(200, { 'content-length': '1000000' }).write('x'));
    const stop = new AbortController();
    const content = (await clientOf(origin).download({}, { signal: stop.signal })) as Content;
    const iterator = content[Symbol.asyncIterator]();
    await iterator.next();
    stop.abort(reason);
    await until(() => sockets.size === 0, 'the closed socket');
    expect((await failure(iterator.next())).cause).toBe(reason);
  });

  it('of the client ends all of its calls', async () => {
    const { origin, arrived } = await startServer(() => undefined);
    const stop = new AbortController();
    const client = clientOf(origin, { signal: stop.signal });
    const calls = [quiet(client.get()), quiet(client.get({}, { signal: new AbortController().signal }))];
    await until(() => arrived.length === 2);
    stop.abort(reason);
    for (const call of calls) expect((await failure(call)).cause).toBe(reason);
  });

  it('for a reason that is an ApiError itself is still told as an abort', async () => {
    const { origin, arrived } = await startServer((request, response) => (request.method === 'GET' ? undefined : json(response, {}, 404)));
    const client = clientOf(origin);
    const other = await failure(client.put({ body: new Uint8Array() }));
    const stop = new AbortController();
    const call = quiet(client.get({}, { signal: stop.signal }));
    await until(() => arrived.length === 2);
    stop.abort(other);
    const error = await failure(call);
    expect(error).toMatchObject({ kind: 'aborted', operation: 'get' });
    expect(error.cause).toBe(other);
  });

  it('leaves no listener on a signal that lives long', async () => {
    const { origin } = await startServer((_request, response) => json(response, 1));
    const stop = new AbortController();
    let listeners = 0;
    const { signal } = stop;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    }) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    }) as typeof remove;
    const client = clientOf(origin, { deadlineMs: 10_000 });
    for (let i = 0; i < 3; i += 1) await client.get({}, { signal });
    await ((await client.download({}, { signal })) as Content).bytes();
    expect(listeners).toBe(0);
  });
});

describe('the connection', () => {
  it('that is refused is a network failure that was not sent', async () => {
    const { origin, server } = await startServer(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(clientOf(origin).put({ body: new Uint8Array(1) }))).toMatchObject({
      kind: 'network',
      outcome: 'not-sent',
      retryable: true,
      message: expect.stringMatching(/no connection to 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/) as string,
    });
  });

  it('that is reset is a network failure that may have been done', async () => {
    const { origin } = await start((request) => request.socket.resetAndDestroy());
    expect(await failure(clientOf(origin).put({ body: new Uint8Array(1) }))).toMatchObject({ kind: 'network', outcome: 'unknown', retryable: true });
  });

  it('that speaks no HTTP is a network failure', async () => {
    const port = await listen(createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n')));
    expect(await failure(clientOf(`http://127.0.0.1:${port}`).get())).toMatchObject({ kind: 'network', outcome: 'unknown' });
  });
});
