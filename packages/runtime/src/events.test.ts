import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { startServer, type TestServer } from '../test/http-server.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { startStore } from '../test/storage.ts';
import type { AuthContext } from './auth.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { binary, type Content } from './content.ts';
import type { RequestEvent, TransferEvent } from './events.ts';
import type { AnyOperation } from './operation.ts';
import type { CallOptions } from './options.ts';

const download: AnyOperation = { id: 'download', method: 'GET', path: '/file', responses: { '200': ['*/*'] }, binary };
const upload: AnyOperation = { id: 'upload', method: 'PUT', path: '/file', body: { content: { 'application/octet-stream': { encode: raw } } }, responses: {} };
const bytes = Buffer.alloc(5000, 7);

function heard<Event>(channel: string): Event[] {
  const events: Event[] = [];
  const listen = (message: unknown): void => void events.push(message as Event);
  subscribe(channel, listen);
  onTestFinished(() => void unsubscribe(channel, listen));
  return events;
}

async function open(server: TestServer, options: CallOptions = {}): Promise<Content> {
  return (await createClient({ download }, { baseUrl: server.origin, clock: new SkippingClock() }).download({}, options)) as Content;
}

describe('a transfer', () => {
  it('that is done is told once, with its receipt', async () => {
    const events = heard<TransferEvent>('asset-clients:transfer');
    const server = await startStore(bytes, [{ cutAt: 100 }], { etag: 'strong' });
    const content = await open(server);
    await content.bytes();
    await content.cancel();
    expect(events).toEqual([
      {
        vendor: 'api',
        operation: 'download',
        direction: 'download',
        result: 'done',
        bytes: 5000,
        attempts: 2,
        waitedMs: content.receipt().waitedMs,
        durationMs: expect.any(Number) as number,
        url: `${server.origin}/file`,
        receipt: content.receipt(),
      },
    ]);
  });

  it('that fails is told with what had come, and why', async () => {
    const events = heard<TransferEvent>('asset-clients:transfer');
    const server = await startStore(bytes, [{ cutAt: 100 }], {});
    const error = await failure((await open(server, { maxRetries: false })).bytes());
    expect(events).toMatchObject([{ result: 'failed', bytes: 100, attempts: 1, error: { kind: error.kind, code: undefined, outcome: 'unknown' } }]);
    expect(events[0]).not.toHaveProperty('receipt');
  });

  it('that is aborted is told as failed, kind aborted', async () => {
    const events = heard<TransferEvent>('asset-clients:transfer');
    const server = await startStore(bytes, [{ cutAt: 100, stall: true }], {});
    const stop = new AbortController();
    const reading = failure((await open(server, { signal: stop.signal })).bytes());
    setTimeout(() => stop.abort(), 20);
    await reading;
    expect(events).toMatchObject([{ result: 'failed', error: { kind: 'aborted' } }]);
  });

  it('that its reader leaves or cancels is told once as cancelled', async () => {
    const events = heard<TransferEvent>('asset-clients:transfer');
    for await (const _chunk of await open(await startStore(bytes, []))) break;
    expect(events).toMatchObject([{ result: 'cancelled', bytes: 5000 }]);
    const unread = await open(await startStore(bytes, []));
    await unread.cancel();
    await unread.cancel();
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({ result: 'cancelled', bytes: 0 });
    const begun = (await open(await startStore(bytes, [{ cutAt: 10, stall: true }])))[Symbol.asyncIterator]();
    await begun.next();
    await begun.return?.();
    expect(events).toHaveLength(3);
  });

  it('on its way out is told, too; texts are none', async () => {
    const events = heard<TransferEvent>('asset-clients:transfer');
    const { origin } = await startServer((_request, response, count) => response.writeHead(count === 1 ? 200 : 403).end());
    const client = createClient({ upload }, { baseUrl: origin });
    await client.upload({ body: bytes });
    await failure(client.upload({ body: new Blob([bytes]) }));
    await failure(client.request('PUT /file', { body: { some: 'json' } }));
    expect(events).toMatchObject([
      { operation: 'upload', direction: 'upload', result: 'done', bytes: 5000, attempts: 1 },
      { operation: 'upload', direction: 'upload', result: 'failed', bytes: 5000, error: { kind: 'permission-denied', outcome: 'refused' } },
    ]);
  });
});

describe('a call', () => {
  it('is told once, done or failed', async () => {
    const events = heard<RequestEvent>('asset-clients:request');
    const { origin } = await startServer((_request, response, count) => response.writeHead(count === 1 ? 200 : 404).end());
    const client = createClient({ upload }, { baseUrl: origin });
    await client.request('GET /a?token=secret');
    await failure(client.request('GET /a'));
    expect(events).toEqual([
      {
        vendor: 'api',
        operation: 'GET /a',
        method: 'GET',
        url: `${origin}/a?token=[redacted]`,
        status: 200,
        attempts: 1,
        waitedMs: 0,
        durationMs: expect.any(Number),
      },
      expect.objectContaining({ status: 404, error: { kind: 'not-found', code: undefined, outcome: 'refused' } }),
    ]);
  });

  it('of a login by any address is told as the one between: answered, refused, or without an answer', async () => {
    const events = heard<RequestEvent>('asset-clients:request');
    const { origin } = await startServer((request, response) => {
      const isRefused = request.url.startsWith('/token') && request.body.toString() === 'bad';
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' }).end('{}');
    });
    const target = { url: `${origin}/token?key=secret`, body: 'good' };
    const auth = {
      authorize: async (_request: unknown, context: AuthContext): Promise<void> => {
        await context.fetch(new Request(target.url, { method: 'POST', body: target.body }));
      },
    };
    const secured: AnyOperation = { id: 'get', method: 'GET', path: '/', responses: {}, security: [[{ name: 'bearer', type: 'http', scheme: 'bearer' }]] };
    const client = createClient({ get: secured }, { baseUrl: origin, auth, maxRetries: false });
    await client.get();
    target.body = 'bad';
    await client.get();
    target.url = 'http://127.0.0.1:1/token';
    await failure(client.get());
    const token = { vendor: 'api', operation: 'token', method: 'POST', attempts: 1 };
    expect(events.filter(({ operation }) => operation === 'token')).toEqual([
      expect.objectContaining({ ...token, status: 200, url: `${origin}/token?key=[redacted]` }),
      expect.objectContaining({ ...token, status: 400, error: { kind: 'unauthenticated', code: undefined, outcome: 'refused' } }),
      expect.objectContaining({ ...token, status: undefined, error: { kind: 'network', code: undefined, outcome: 'not-sent' } }),
    ]);
    expect(events[0]).not.toHaveProperty('error');
    expect(events.map(({ operation }) => operation)).toEqual(['token', 'get', 'token', 'get', 'token', 'get']);
  });

  it('that is tried again is told once, when it is over: all requests are counted, the status is the last', async () => {
    const events = heard<RequestEvent>('asset-clients:request');
    const transfers = heard<TransferEvent>('asset-clients:transfer');
    const clock = new SkippingClock();
    const { origin, arrived } = await startServer((_request, response, count) => {
      expect(events).toHaveLength(count > 3 ? 1 : 0);
      response.writeHead(count === 3 ? 200 : 503, { 'content-type': 'application/json' }).end('{"some":"json"}');
    });
    const client = createClient({}, { baseUrl: origin, clock });
    expect(await client.request('GET /a')).toEqual({ some: 'json' });
    await failure(client.request('GET /a'));
    expect(arrived).toHaveLength(6);
    expect(events).toMatchObject([
      { operation: 'GET /a', status: 200, attempts: 3, waitedMs: expect.any(Number) as number },
      { operation: 'GET /a', status: 503, attempts: 3, error: { kind: 'server', outcome: 'unknown' } },
    ]);
    expect(events[0]).not.toHaveProperty('error');
    expect(events[0]!.waitedMs).toBeGreaterThan(0);
    // JSON is no transfer.
    expect(transfers).toEqual([]);
  });
});
