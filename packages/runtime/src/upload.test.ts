import { createReadStream } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, listen, startServer, until } from '../test/http-server.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { multipart } from './form-bodies.ts';
import type { AnyOperation } from './operation.ts';
import type { TransferProgress } from './options.ts';
import { binaryBody } from './binary-body.ts';
import type { BinaryBody } from './binary-value.ts';
import { connect } from './connection.ts';
import { uploadSigned } from './signed-transfer.ts';

const octets = { 'application/octet-stream': { encode: raw } };
const put: AnyOperation = { id: 'put', method: 'PUT', path: '/', body: { content: octets }, responses: {} };
const post: AnyOperation = { ...put, id: 'post', method: 'POST' };
const form: AnyOperation = { ...post, id: 'form', body: { content: { 'multipart/form-data': { encode: multipart } } } };

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) {
    await new Promise(setImmediate);
    yield new Uint8Array(size).fill(97);
  }
}

/** A server that keeps what came over its sockets, and answers nothing. */
async function startSink(): Promise<{ origin: string; received: () => string; ended: () => boolean }> {
  let text = '';
  let open = 0;
  let seen = 0;
  const port = await listen(
    createServer((socket) => {
      open += 1;
      seen += 1;
      socket
        .on('data', (chunk) => (text += chunk.toString('latin1')))
        .on('error', () => undefined)
        .on('close', () => (open -= 1));
    }),
  );
  return { origin: `http://127.0.0.1:${port}`, received: () => text, ended: () => seen > 0 && open === 0 };
}

describe('a source that is not as declared', () => {
  it.each<[string, () => AsyncIterable<Uint8Array>]>([
    ['shorter', () => pieces(400, 500)],
    ['longer', () => pieces(400, 601)],
    ['longer after all declared bytes came in one piece', () => pieces(1000, 1)],
    ['longer after all declared bytes', () => pieces(400, 600, 1)],
    [
      'failing after all declared bytes',
      async function* () {
        yield* pieces(1000);
        throw new Error('disk');
      },
    ],
    ['empty', () => pieces()],
  ])('%s: the receiver never sees a complete request', async (_name, source) => {
    const sink = await startSink();
    const connection = connect({ baseUrl: sink.origin }, { vendor: 'v' });
    const sending = uploadSigned(connection, {
      operation: 'u',
      params: {},
      method: 'PUT',
      url: `${sink.origin}/f`,
      contentType: 'text/plain',
      body: binaryBody(source(), 1000),
    });
    const message = expect.stringContaining('body: The source') as string;
    expect(await failure(sending)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', message, attempts: 1 });
    await connection.close();
    // A request may not even have begun.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [head = '', body = ''] = sink.received().split('\r\n\r\n');
    if (head !== '') expect(head.toLowerCase()).toContain('content-length: 1000');
    expect(body.length).toBeLessThan(1000);
  });

  it('in a form: the last boundary is never sent', async () => {
    const sink = await startSink();
    const client = createClient({ form }, { baseUrl: sink.origin });
    for (const source of [pieces(999), pieces(1000, 1)]) {
      expect(await failure(client.form({ body: { file: { content: source, size: 1000, name: 'a' } } }))).toMatchObject({
        kind: 'invalid-request',
        outcome: 'not-sent',
      });
    }
    await until(() => sink.ended(), 'the closed sockets');
    expect(sink.received()).not.toMatch(/--\r\n$/);
  });

  it('of unknown size is sent in chunks, and cut when it fails', async () => {
    const sink = await startSink();
    const client = createClient({ put }, { baseUrl: sink.origin });
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield* pieces(500);
      throw new Error('disk');
    };
    expect(await failure(client.put({ body: source() }))).toMatchObject({ kind: 'invalid-request', outcome: 'unknown' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sink.received()).not.toMatch(/(?:^|\r\n)0\r\n\r\n$/);
  });

  it('of unknown size that fails at once was not sent; the message has the reason of the system', async () => {
    const sink = await startSink();
    const message = 'v.put: body: The source failed while it was read (ENOENT).';
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield* createReadStream(join(tmpdir(), 'no', 'such', 'file'));
    };
    for (const fetch of [undefined, globalThis.fetch.bind(globalThis)]) {
      const error = await failure(createClient({ put }, { baseUrl: sink.origin, fetch }, { vendor: 'v' }).put({ body: source() }));
      expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', message, cause: { code: 'ENOENT' } });
    }
  });

  it('in another attempt: what became of the one before is not known', async () => {
    const { origin } = await startServer((_request, response) => json(response, {}, 503));
    let opened = 0;
    const stream = (): AsyncIterable<Uint8Array> => ((opened += 1) === 1 ? pieces(1000) : pieces(999));
    const client = createClient({ put }, { baseUrl: origin, clock: new SkippingClock() });
    expect(await failure(client.put({ body: { size: 1000, stream } }))).toMatchObject({ kind: 'invalid-request', outcome: 'unknown', attempts: 2 });
  });
});

describe('an upload', () => {
  it.each<[string, () => BinaryBody]>([
    ['Blob', () => new Blob(['abc'])],
    ['Uint8Array', () => new TextEncoder().encode('abc')],
    ['ArrayBuffer', () => new TextEncoder().encode('abc').buffer],
    ['sized source', () => ({ size: 3, stream: () => Readable.from([Buffer.from('abc')]) })],
  ])('of a %s is sent again from its beginning', async (_name, source) => {
    const { origin, arrived } = await startServer((_request, response, count) => json(response, {}, count === 1 ? 503 : 200));
    await createClient({ put }, { baseUrl: origin, clock: new SkippingClock() }).put({ body: source() });
    expect(arrived.map(({ body, headers }) => [body.toString(), headers['content-length']])).toEqual([
      ['abc', '3'],
      ['abc', '3'],
    ]);
  });

  it.each<[string, () => BinaryBody]>([
    ['stream', () => new Blob(['abc']).stream()],
    ['async iterable', () => pieces(3)],
    ['Node stream', () => Readable.from([Buffer.from('abc')])],
  ])('of a %s is sent once', async (_name, source) => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    expect(await failure(createClient({ put }, { baseUrl: origin }).put({ body: source() }))).toMatchObject({ status: 503, attempts: 1 });
    expect(arrived).toHaveLength(1);
  });

  it('that may create something is sent again only where the vendor allows it', async () => {
    for (const [allowed, requests] of [
      [false, 1],
      [true, 2],
    ] as const) {
      const { origin, arrived } = await startServer((_request, response, count) => json(response, {}, count === 1 ? 503 : 200));
      const retry = allowed ? [{ operations: ['post'], when: [503], retry: true, reason: '' }] : [];
      const call = createClient({ post }, { baseUrl: origin, clock: new SkippingClock() }, { vendor: 'v', retry }).post({ body: new Blob(['abc']) });
      await call.then(undefined, () => undefined);
      expect(arrived).toHaveLength(requests);
    }
  });
});

describe('the progress of an upload', () => {
  it('is told piece by piece, and anew for another attempt', async () => {
    const { origin } = await startServer((_request, response, count) => json(response, {}, count === 1 ? 503 : 200));
    const seen: TransferProgress[] = [];
    const source = { size: 1000, stream: () => pieces(400, 600) };
    await createClient({ put }, { baseUrl: origin, clock: new SkippingClock() }).put({ body: source }, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { bytes: 400, total: 1000, attempt: 1 },
      { bytes: 1000, total: 1000, attempt: 1 },
      { bytes: 400, total: 1000, attempt: 2 },
      { bytes: 1000, total: 1000, attempt: 2 },
    ]);
  });

  it('of what goes out in one piece is told once, and of JSON never', async () => {
    const { origin } = await startServer((_request, response) => json(response, {}));
    const send: AnyOperation = { ...post, id: 'send', body: { content: { 'application/json': {} } } };
    const onProgress = vi.fn<(progress: TransferProgress) => void>();
    const client = createClient({ put, send }, { baseUrl: origin });
    await client.put({ body: new Uint8Array(5) }, { onProgress });
    await client.send({ body: { a: 1 } }, { onProgress });
    expect(onProgress.mock.calls).toEqual([[{ bytes: 5, total: 5, attempt: 1 }]]);
  });

  it('that fails ends the upload', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}));
    const onProgress = (): never => {
      throw new Error('mine');
    };
    for (const body of [new Uint8Array(5), pieces(400, 600)]) {
      expect(await failure(createClient({ put }, { baseUrl: origin }).put({ body }, { onProgress }))).toMatchObject({
        kind: 'invalid-request',
        cause: { message: 'mine' },
      });
    }
    expect(arrived).toEqual([]);
  });
});
