import { createHash } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { startServer, until, type TestServer } from '../test/http-server.ts';
import { ManualClock, SkippingClock } from '../test/manual-clock.ts';
import { startStore, type Step, type StoreOptions } from '../test/storage.ts';
import { createClient } from './client.ts';
import { connect, type Connection } from './connection.ts';
import { binary, type Content } from './content.ts';
import { ApiError } from './errors.ts';
import type { AnyOperation } from './operation.ts';
import type { CallOptions, ClientOptions, TransferProgress } from './options.ts';
import { downloadSigned, signOnce } from './signed-transfer.ts';

const download: AnyOperation = { id: 'download', method: 'GET', path: '/file', responses: { '200': ['*/*'] }, binary };

/** Bytes without a period that a wrong splice could hide in. */
function bytesOf(length: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(Array.from({ length }, () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) >> 16));
}

const file = bytesOf(300_000);
const other = bytesOf(300_000, 2);

async function openAt(origin: string, options: Partial<ClientOptions> = {}, call: CallOptions = {}): Promise<Content> {
  return (await createClient({ download }, { baseUrl: origin, clock: new SkippingClock(), ...options }).download({}, call)) as Content;
}

async function open(
  steps: readonly Step[],
  store: StoreOptions = {},
  call: CallOptions = {},
  content = file,
): Promise<{ content: Content; server: TestServer }> {
  const server = await startStore(content, steps, store);
  return { content: await openAt(server.origin, {}, call), server };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'download-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Ways to read: some can start over, some cannot. */
const readers = {
  bytes: (content: Content) => content.bytes(),
  blob: async (content: Content) => new Uint8Array(await (await content.blob()).arrayBuffer()),
  stream: async (content: Content) => new Uint8Array(await new Response(content.stream()).arrayBuffer()),
  toFile: async (content: Content) => {
    const path = join(await folder(), 'file');
    await content.toFile(path);
    return new Uint8Array(await readFile(path));
  },
};
const ways = Object.entries(readers);

function ranges(server: TestServer): (string | undefined)[] {
  return server.arrived.map(({ headers }) => headers.range);
}

describe('a body that breaks', () => {
  it.each(ways)('is continued under its ETag: %s', async (_name, read) => {
    const { content, server } = await open([{ cutAt: 100_000 }, { cutAt: 50_000, reset: true }], { etag: 'strong' });
    expect(Buffer.from(await read(content)).equals(file)).toBe(true);
    expect(server.arrived.length).toBe(3);
    expect(server.arrived[1]!.headers).toMatchObject({
      range: 'bytes=100000-',
      'if-match': expect.stringMatching(/^"\w{32}"$/) as string,
      'accept-encoding': 'identity',
    });
    expect(content.receipt()).toMatchObject({
      bytes: 300_000,
      sha256: createHash('sha256').update(file).digest('hex'),
      verified: 'length',
      attempts: 3,
      resumes: 2,
      resigns: 0,
    });
    expect(content.receipt().waitedMs).toBeGreaterThanOrEqual(0);
  });

  it.each(ways)('is continued by an overlap where there is no strong ETag: %s', async (_name, read) => {
    for (const etag of [undefined, 'weak'] as const) {
      const { content, server } = await open([{ cutAt: 100_000 }], { etag });
      expect(Buffer.from(await read(content)).equals(file)).toBe(true);
      expect(ranges(server)).toEqual([undefined, `bytes=${100_000 - 65_536}-`]);
      expect(server.arrived[1]!.headers['if-match']).toBeUndefined();
      expect(content.receipt()).toMatchObject({ attempts: 2, resumes: 1, verified: 'length' });
    }
  });

  it.each(ways)('without a declared length is continued, and its length then known: %s', async (_name, read) => {
    for (const etag of [undefined, 'strong'] as const) {
      const { content } = await open([{ cutAt: 100_000 }], { etag, chunked: true });
      expect(content.size).toBeUndefined();
      expect(Buffer.from(await read(content)).equals(file)).toBe(true);
      expect(content.receipt()).toMatchObject({ resumes: 1, verified: 'length' });
    }
  });

  it('whose server has no ranges starts over where the reader can', async () => {
    for (const name of ['bytes', 'blob', 'toFile'] as const) {
      const { content } = await open([{ cutAt: 100_000 }, { noRanges: true, cutAt: 200_000 }, { noRanges: true }], { etag: 'strong' });
      expect(Buffer.from(await readers[name](content)).equals(file)).toBe(true);
      expect(content.receipt()).toMatchObject({ attempts: 3, resumes: 0, sha256: createHash('sha256').update(file).digest('hex') });
    }
  });

  it('whose server has no ranges is read again and compared where the reader has the beginning already', async () => {
    for (const etag of [undefined, 'strong'] as const) {
      const { content, server } = await open([{ cutAt: 100_000 }, { noRanges: true, cutAt: 50_000 }, { noRanges: true }], { etag });
      expect(Buffer.from(await readers.stream(content)).equals(file)).toBe(true);
      expect(content.receipt()).toMatchObject({ attempts: 3, resumes: 1 });
      // Asked once for a part, then the server is known.
      expect(ranges(server)[2]).toBeUndefined();
    }
  });

  it('is not spliced without proof', async () => {
    // The same length, no ETag, no ranges: only the bytes tell.
    const changed = await open([{ cutAt: 100_000 }, { noRanges: true, body: other }]);
    expect(await failure(readers.stream(changed.content))).toMatchObject({
      kind: 'integrity',
      retryable: true,
      message: expect.stringContaining('changed') as string,
    });
    // Neither a hash nor an ETag.
    const unhashed = await open([{ cutAt: 100_000 }, { noRanges: true }], {}, { sha256: false });
    expect(await failure(readers.stream(unhashed.content))).toMatchObject({
      kind: 'integrity',
      message: expect.stringContaining('cannot be proven') as string,
    });
    // The tail holds all that was delivered.
    const short = await open([{ cutAt: 1000 }, { noRanges: true }], {}, { sha256: false });
    expect(Buffer.from(await readers.stream(short.content)).equals(file)).toBe(true);
    // The ETag alone.
    const tagged = await open([{ cutAt: 100_000 }, { noRanges: true }], { etag: 'strong' }, { sha256: false });
    expect(Buffer.from(await readers.stream(tagged.content)).equals(file)).toBe(true);
    expect(tagged.content.receipt()).not.toHaveProperty('sha256');
  });

  it.each<[string, Step, StoreOptions]>([
    ['412', { body: other }, { etag: 'strong' }],
    ['another weak ETag', { body: other }, { etag: 'weak' }],
    ['another length', { body: bytesOf(300_001) }, {}],
    ['another length, without ranges', { body: bytesOf(300_001), noRanges: true }, {}],
    ['a length that is too short for the rest', { body: file.subarray(0, 20_000) }, {}],
    ['other bytes', { body: other }, {}],
    ['another ETag although If-Match was ignored', { body: other, ignoresMatch: true }, { etag: 'strong' }],
    ['as long as what has come', { body: other.subarray(0, 100_000), ignoresMatch: true, headers: { etag: '' } }, { etag: 'strong' }],
    ['as long as what has come, its length never known', { body: other.subarray(0, 100_000), ignoresMatch: true }, { etag: 'strong', chunked: true }],
    ['another ETag, without ranges', { headers: { etag: '"new"' }, noRanges: true }, { etag: 'strong' }],
    ['another media type', { headers: { 'content-type': 'text/html' }, noRanges: true }, {}],
  ])('whose content changed meanwhile is an integrity error: %s', async (_name, step, store) => {
    for (const [, read] of ways) {
      const { content } = await open([{ cutAt: 100_000 }, step], store);
      expect(await failure(read(content))).toMatchObject({
        kind: 'integrity',
        retryable: true,
        outcome: 'unknown',
        message: expect.stringContaining('changed') as string,
      });
    }
  });

  it.each<[string, Step]>([
    ['a part that starts elsewhere', { headers: { 'content-range': 'bytes 5-299999/300000' } }],
    ['a part without Content-Range', { status: 206 }],
    ['a part without the ETag', { headers: { etag: '' } }],
    ['416 without a length', { status: 416 }],
  ])('with %s is asked for as a whole', async (_name, step) => {
    for (const [name, read] of ways) {
      const { content, server } = await open([{ cutAt: 100_000 }, step], { etag: 'strong' });
      expect(Buffer.from(await read(content)).equals(file)).toBe(true);
      expect(ranges(server)).toEqual([undefined, 'bytes=100000-', undefined]);
      expect(content.receipt().resumes).toBe(name === 'stream' ? 1 : 0);
    }
  });

  it('is asked for as a whole when only its date tells that it may have changed', async () => {
    const date = (day: number): Record<string, string> => ({ 'last-modified': new Date(day * 86_400_000).toUTCString() });
    const { content, server } = await open([{ cutAt: 100_000, headers: date(1) }, { headers: date(2) }, { headers: date(2) }]);
    expect(Buffer.from(await readers.stream(content)).equals(file)).toBe(true);
    expect(server.arrived.length).toBe(3);
  });

  it('is asked for as a whole where the server says that it has no ranges', async () => {
    const { content, server } = await open([{ cutAt: 100_000, headers: { 'accept-ranges': 'none' } }], { etag: 'strong' });
    await content.bytes();
    expect(ranges(server)).toEqual([undefined, undefined]);
  });

  it('after its last byte is complete', async () => {
    // A chunked body whose last chunk came, but not its end.
    const { content, server } = await open([{ cutAt: 300_000 }], { chunked: true, etag: 'strong' });
    expect(Buffer.from(await content.bytes()).equals(file)).toBe(true);
    expect(ranges(server)).toEqual([undefined, 'bytes=300000-']);
    expect(content.receipt()).toMatchObject({ verified: 'length', attempts: 2 });
  });

  it('before its first byte is asked for again', async () => {
    for (const [, read] of ways) {
      const { content, server } = await open([{ cutAt: 0 }]);
      expect(Buffer.from(await read(content)).equals(file)).toBe(true);
      expect(ranges(server)).toEqual([undefined, undefined]);
    }
  });

  it('that goes silent is continued', async () => {
    const server = await startStore(file, [{ cutAt: 100_000, stall: true }], { etag: 'strong' });
    const client = createClient({ download }, { baseUrl: server.origin, idleTimeoutMs: 100 });
    const content = (await client.download()) as Content;
    expect(Buffer.from(await content.bytes()).equals(file)).toBe(true);
    expect(content.receipt()).toMatchObject({ resumes: 1, attempts: 2 });
    await client.close();
    await until(() => server.sockets.size === 0, 'closed sockets');
  });

  it('is continued at most maxRetries times, and says how far it came', async () => {
    for (const [maxRetries, requests] of [
      [0, 1],
      [1, 2],
      [3, 4],
      [false, 1],
    ] as const) {
      const { content, server } = await open(
        Array.from({ length: 9 }, () => ({ cutAt: 1000 })),
        { etag: 'strong' },
        { maxRetries },
      );
      const received = requests * 1000;
      expect(await failure(content.bytes())).toMatchObject({
        kind: 'network',
        retryable: true,
        attempts: requests,
        message: `api.download: the connection broke after ${received} of 300000 bytes`,
      });
      expect(server.arrived.length).toBe(requests);
    }
  });

  it('and cannot be had again says both', async () => {
    const { content } = await open([{ cutAt: 1000 }, { status: 404 }], { etag: 'strong' });
    const error = await failure(content.bytes());
    expect(error).toMatchObject({ kind: 'not-found', status: 404, attempts: 2 });
    expect(error.message).toBe('api.download: the content broke after 1000 of 300000 bytes, and the rest could not be had: not-found (404)');
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ cause: { kind: 'not-found', status: 404 } });
  });

  it('is continued through failing answers', async () => {
    const { content } = await open([{ cutAt: 1000 }, { status: 503 }], { etag: 'strong' }, { maxRetries: 2 });
    expect(Buffer.from(await content.bytes()).equals(file)).toBe(true);
    expect(content.receipt()).toMatchObject({ attempts: 3, resumes: 1 });
  });

  it('is not continued where the table does not allow it: a POST, or a vendor that says no', async () => {
    const server = await startStore(file, [{ cutAt: 1000 }]);
    const client = createClient({ post: { ...download, method: 'POST' } }, { baseUrl: server.origin, clock: new SkippingClock() });
    expect(await failure(((await client.post()) as Content).bytes())).toMatchObject({ kind: 'network', attempts: 1 });
    const careful = await startStore(file, [{ cutAt: 1000 }]);
    const refusing = createClient(
      { download },
      { baseUrl: careful.origin, clock: new SkippingClock() },
      { vendor: 'v', retry: [{ operations: ['download'], when: ['network'], retry: false, reason: '' }] },
    );
    expect(await failure(((await refusing.download()) as Content).bytes())).toMatchObject({ kind: 'network', attempts: 1 });
  });

  it('that the caller asked for as a part is not continued as if it were the whole', async () => {
    const { content, server } = await open([{ cutAt: 1000 }], { etag: 'strong' }, { headers: { range: 'bytes=100-' } });
    expect(await failure(content.bytes())).toMatchObject({ kind: 'network' });
    expect(server.arrived.length).toBe(1);
  });

  it('logs in again, once, when the session ended meanwhile', async () => {
    const seen: (string | undefined)[] = [];
    let valid = 1;
    const server = await startServer((request, response, count) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization !== `Bearer token-${valid}`) return response.writeHead(401).end();
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const part = file.subarray(start);
      response.writeHead(start === 0 ? 200 : 206, { etag: '"1"', 'content-length': String(part.length), 'content-range': `bytes ${start}-299999/300000` });
      if (count > 1) return response.end(part);
      valid = 2;
      response.write(part.subarray(0, 1000), () => setTimeout(() => response.socket?.destroy(), 5));
    });
    let tokens = 0;
    const content = await openAt(server.origin, {
      auth: {
        authorize: async (request) => void (request.headers.authorization = `Bearer token-${Math.max(1, tokens)}`),
        renew: async () => {
          tokens = 2;
          return true;
        },
      },
    });
    expect(Buffer.from(await content.bytes()).equals(file)).toBe(true);
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  });

  it('of a closed client is not asked for again', async () => {
    const server = await startStore(file, [{ cutAt: 1000, stall: true }], { etag: 'strong' });
    const client = createClient({ download }, { baseUrl: server.origin });
    const content = (await client.download()) as Content;
    const reading = failure(content.bytes());
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.close();
    expect(await reading).toMatchObject({ message: expect.stringContaining('broke after 1000 of 300000 bytes') as string });
    expect(server.arrived.length).toBe(1);
    await until(() => server.sockets.size === 0, 'closed sockets');
  });
});

describe('a signed download', () => {
  const sign = (server: TestServer, signed: string[]) => async () => {
    signed.push(`${server.origin}/file?sig=signature-number-${signed.length + 1}`);
    return { url: signed.at(-1)!, size: file.length };
  };

  it('asks for a fresh signature before every request, and for no URL twice', async () => {
    const server = await startStore(file, [{ cutAt: 1000 }, { cutAt: 1000, reset: true }], { etag: 'strong' });
    const signed: string[] = [];
    const content = await downloadSigned(connect({ baseUrl: server.origin, clock: new SkippingClock() }, { vendor: 'v' }), {
      operation: 'd',
      params: {},
      sign: sign(server, signed),
    });
    expect(Buffer.from(await content.bytes()).equals(file)).toBe(true);
    expect(server.arrived.map(({ url }) => url)).toEqual(signed.map((url) => url.slice(server.origin.length)));
    expect(new Set(signed).size).toBe(3);
    const receipt = content.receipt();
    expect(receipt).toMatchObject({ attempts: 3, resumes: 2, resigns: 2, url: `${server.origin}/file?sig=[redacted]` });
    expect(JSON.stringify(receipt)).not.toContain('signature-number');
    expect(Object.isFrozen(receipt)).toBe(true);
    expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt);
  });

  it('goes on when the fresh URL is refused once', async () => {
    const server = await startStore(file, [{ cutAt: 1000 }, { status: 403 }], { etag: 'strong' });
    const signed: string[] = [];
    const failures: (number | undefined)[] = [];
    const content = await downloadSigned(connect({ baseUrl: server.origin, clock: new SkippingClock() }, { vendor: 'v' }), {
      operation: 'd',
      params: {},
      sign: (failed) => {
        failures.push(failed?.status);
        return sign(server, signed)();
      },
    });
    expect(Buffer.from(await readers.stream(content)).equals(file)).toBe(true);
    expect(content.receipt()).toMatchObject({ attempts: 3, resumes: 1, resigns: 2 });
    expect(failures).toEqual([undefined, 200, 403]);
  });

  it('whose vendor announces another size meanwhile has changed', async () => {
    const server = await startStore(file, [{ cutAt: 1000 }], { etag: 'strong' });
    let size = 299_999;
    const content = await downloadSigned(connect({ baseUrl: server.origin, clock: new SkippingClock() }, { vendor: 'v' }), {
      operation: 'd',
      params: {},
      sign: async () => ({ url: server.origin, size: (size += 1) }),
    });
    expect(await failure(content.bytes())).toMatchObject({ kind: 'integrity', message: expect.stringContaining('300001 bytes now') as string });
  });

  it('ends with what signing says when there is no address any more', async () => {
    const server = await startStore(file, [{ cutAt: 1000 }], { etag: 'strong' });
    let signed = 0;
    const content = await downloadSigned(connect({ baseUrl: server.origin, clock: new SkippingClock() }, { vendor: 'v' }), {
      operation: 'd',
      params: {},
      sign: async () => {
        if ((signed += 1) > 1) throw new ApiError({ kind: 'not-found', operation: 'sign', message: 'gone', status: 404 });
        return { url: server.origin };
      },
    });
    expect(await failure(content.bytes())).toMatchObject({ kind: 'not-found', cause: { operation: 'sign' } });
    expect(server.arrived.length).toBe(1);
  });
});

describe('one address for all who wait', () => {
  async function start(): Promise<{
    connection: Connection;
    get: (options?: CallOptions, id?: string) => Promise<Content>;
    asked: CallOptions[];
    answer: () => void;
    server: TestServer;
  }> {
    const server = await startStore(file, []);
    const connection = connect({ baseUrl: server.origin, clock: new SkippingClock() }, { vendor: 'v' });
    const asked: CallOptions[] = [];
    const waiting: (() => void)[] = [];
    const ask = async (options: CallOptions): Promise<{ url: string }> => {
      const number = asked.push(options);
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        options.signal?.addEventListener('abort', () => reject(new Error('nobody waits')));
      });
      return { url: `${server.origin}/file?sig=${number}` };
    };
    const get = async (options: CallOptions = {}, id = 'a'): Promise<Content> =>
      downloadSigned(connection, {
        operation: 'd',
        params: { id },
        options,
        sign: (_failure, signal) => signOnce(connection, [id], { ...options, signal }, ask),
      });
    return { connection, get, asked, server, answer: () => waiting.splice(0).forEach((resolve) => resolve()) };
  }

  it('is asked for once by downloads of the same that come meanwhile, and anew by a later one', async () => {
    const { get, asked, answer, server } = await start();
    const first = Promise.all([get(), get(), get()]);
    const another = get({}, 'b');
    await until(() => asked.length === 2, 'two askings');
    answer();
    for (const content of [...(await first), await another]) expect(await content.bytes()).toHaveLength(file.length);
    expect(server.arrived.map(({ url }) => url).toSorted()).toEqual(['/file?sig=1', '/file?sig=1', '/file?sig=1', '/file?sig=2']);
    const later = get();
    await until(() => asked.length === 3, 'a third asking');
    answer();
    await (await later).cancel();
  });

  it('is asked for apart where headers or limits of the calls differ', async () => {
    const { get, asked, answer } = await start();
    const all = Promise.all([get(), get({ headers: { 'x-tenant': '1' } }), get({ timeoutMs: 31_000 })]);
    await until(() => asked.length === 3, 'three askings');
    answer();
    for (const content of await all) await content.cancel();
  });

  it('is waited for by the others when one leaves, and not any more when all have left', async () => {
    const { get, asked, answer } = await start();
    const stops = [new AbortController(), new AbortController(), new AbortController()];
    const calls = stops.map((stop) => get({ signal: stop.signal }));
    const results = Promise.allSettled(calls);
    await until(() => asked.length === 1, 'one asking');
    stops[0]!.abort();
    expect(await failure(calls[0]!)).toMatchObject({ kind: 'aborted' });
    expect(asked[0]!.signal!.aborted).toBe(false);
    const late = get();
    stops[1]!.abort();
    answer();
    await (await calls[2]!).cancel();
    await (await late).cancel();
    expect(asked).toHaveLength(1);
    await results;

    const stop = new AbortController();
    const lonely = failure(get({ signal: stop.signal }));
    await until(() => asked.length === 2, 'another asking');
    stop.abort();
    expect(await lonely).toMatchObject({ kind: 'aborted' });
    expect(asked[1]!.signal!.aborted).toBe(true);
    const next = get();
    await until(() => asked.length === 3, 'an asking of its own');
    answer();
    await (await next).cancel();
  });

  it('fails for all who wait', async () => {
    const server = await startStore(file, []);
    const connection = connect({ baseUrl: server.origin }, { vendor: 'v' });
    const ask = async (): Promise<never> => {
      throw new ApiError({ kind: 'not-found', operation: 'sign', message: 'gone', status: 404 });
    };
    const sign = async (): Promise<{ url: string }> => signOnce(connection, ['a'], {}, ask);
    const calls = [1, 2].map(() => failure(downloadSigned(connection, { operation: 'd', params: {}, sign })));
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ kind: 'not-found', operation: 'sign' });
  });
});

describe('never wrong bytes', () => {
  const step = fc.record(
    {
      cutAt: fc.integer({ min: 0, max: 200_000 }),
      reset: fc.boolean(),
      noRanges: fc.boolean(),
      body: fc.option(fc.constantFrom(other.subarray(0, 200_000), file.subarray(0, 150_000)), { nil: undefined, freq: 8 }).filter((body) => body !== undefined),
      status: fc.constantFrom(503, 403, 416, 206),
    },
    { requiredKeys: ['cutAt'], noNullPrototype: true },
  );

  it('wherever connections are cut, and whatever the server is able to do', async () => {
    const content = file.subarray(0, 200_000);
    let wholes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 4 }),
        fc.constantFrom<StoreOptions['etag'][]>(undefined, 'weak', 'strong'),
        fc.boolean(),
        fc.constantFrom(...ways),
        async (steps, etag, chunked, [name, read]) => {
          // The first answer is one of the content itself.
          const [first, ...more] = steps;
          const all = first === undefined ? [] : [{ cutAt: first.cutAt, reset: first.reset ?? false }, ...more];
          const { content: opened, server } = await open(all, { etag, chunked }, { maxRetries: 4 }, content);
          try {
            const result = Buffer.from(await read(opened));
            wholes += 1;
            const right = result.equals(content);
            // Without any validator the result may be a new version of the file: that one exactly, never a mixture.
            const isOther = etag === undefined && more.some(({ body }) => body !== undefined && result.equals(body));
            expect(
              right || isOther,
              JSON.stringify({ name, chunked, etag, length: result.length, steps: all.map((one) => ({ ...one, body: (one as Step).body?.length })) }),
            ).toBe(true);
            expect(opened.receipt().sha256).toBe(createHash('sha256').update(result).digest('hex'));
          } catch (error) {
            if (!ApiError.is(error)) throw error;
            expect(['integrity', 'network', 'server', 'permission-denied', 'unexpected']).toContain(error.kind);
          } finally {
            server.server.closeAllConnections();
            server.server.close();
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(wholes).toBeGreaterThan(50);
  }, 60_000);
});

describe('a checksum that the server declares', () => {
  const sha256 = createHash('sha256').update(file).digest('base64');
  const md5 = createHash('md5').update(file).digest('base64');
  const wrong = createHash('sha256').update(other).digest('base64');

  it.each([
    ['repr-digest', `sha-256=:${sha256}:`],
    ['digest', `SHA-256=${sha256}`],
    ['x-amz-checksum-sha256', sha256],
    ['content-md5', md5],
    ['x-goog-hash', `crc32c=AAAAAA==, md5=${md5}`],
  ])('proves the bytes: %s', async (name, value) => {
    const { content } = await open([{ headers: { [name]: value }, cutAt: 1000 }], { etag: 'strong', chunked: true });
    await content.bytes();
    expect(content.receipt()).toMatchObject({ verified: 'checksum', resumes: 1 });
    const bad = await open([{ headers: { [name]: value }, body: other }]);
    expect(await failure(bad.content.bytes())).toMatchObject({ kind: 'integrity', message: expect.stringContaining('checksum') as string });
  });

  it('that is no checksum of the whole, or written in another way, is ignored', async () => {
    for (const headers of [
      { 'x-amz-checksum-sha256': `${wrong}-3` },
      { 'x-amz-checksum-sha256': wrong, 'x-amz-checksum-type': 'COMPOSITE' },
      { 'content-md5': 'not base64' },
      { digest: 'unixsum=12' },
    ]) {
      const { content } = await open([{ headers: headers as Record<string, string> }]);
      await content.bytes();
      expect(content.receipt().verified).toBe('length');
    }
  });

  it('cannot be proven where hashing is switched off', async () => {
    const { content } = await open([{ headers: { digest: `sha-256=${sha256}`, 'content-md5': md5 } }], {}, { sha256: false });
    await content.bytes();
    expect(content.receipt()).toMatchObject({ verified: 'length' });
    expect(content.receipt()).not.toHaveProperty('sha256');
  });
});

describe('progress', () => {
  it('tells bytes, total and attempt', async () => {
    const seen: TransferProgress[] = [];
    const { content } = await open([{ cutAt: 1000 }], { etag: 'strong' }, { onProgress: (progress) => seen.push(progress) });
    await content.bytes();
    expect(seen[0]).toEqual({ bytes: 1000, total: 300_000, attempt: 1 });
    expect(seen.at(-1)).toEqual({ bytes: 300_000, total: 300_000, attempt: 2 });
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
  });

  it('has no total where none is known, and begins anew with the transfer', async () => {
    const seen: TransferProgress[] = [];
    const { content } = await open([{ cutAt: 100_000 }, { noRanges: true }], { chunked: true }, { onProgress: (progress) => seen.push(progress) });
    await content.bytes();
    expect(seen[0]!.total).toBeUndefined();
    expect(seen.some(({ bytes, attempt }) => attempt === 2 && bytes < 100_000)).toBe(true);
    expect(seen.at(-1)!.bytes).toBe(300_000);
  });

  it('that fails ends the transfer and frees the connection', async () => {
    const { content, server } = await open(
      [],
      {},
      {
        onProgress: () => {
          throw new Error('mine');
        },
      },
    );
    expect(await failure(content.bytes())).toMatchObject({ kind: 'invalid-request', cause: { message: 'mine' } });
    await until(() => server.sockets.size === 0, 'the closed socket');
  });
});

describe('an abort', () => {
  it('while the next attempt is waited for is prompt, and leaves no timer, socket or file', async () => {
    const clock = new ManualClock();
    const server = await startStore(file, [{ cutAt: 1000 }], { etag: 'strong' });
    const client = createClient({ download }, { baseUrl: server.origin, clock, deadlineMs: 600_000 });
    const path = await folder();
    await writeFile(join(path, 'a'), 'old');
    for (const how of ['signal', 'cancel'] as const) {
      const stop = new AbortController();
      const content = (await client.download({}, { signal: stop.signal })) as Content;
      const writing = failure(content.toFile(join(path, 'a')));
      if (how === 'signal') await until(() => clock.waits.some((ms) => ms < 250), 'the wait');
      const reason = new Error('enough');
      if (how === 'signal') stop.abort(reason);
      else await content.cancel(reason);
      expect(await writing).toMatchObject({ kind: 'aborted', name: 'AbortError', cause: reason });
      expect(clock.pending).toBe(0);
      expect(await readdir(path)).toEqual(['a']);
      expect(await readFile(join(path, 'a'), 'utf8')).toBe('old');
    }
    await until(() => server.sockets.size === 0, 'closed sockets');
  });

  it('while the rest is asked for is prompt, and leaves no timer or socket', async () => {
    const clock = new ManualClock();
    const server = await startServer((_request, response, count) => {
      if (count > 1) return;
      response.writeHead(200, { 'content-length': '300000', etag: '"1"' });
      response.write(file.subarray(0, 1000), () => setTimeout(() => response.socket?.destroy(), 5));
    });
    const client = createClient({ download }, { baseUrl: server.origin, clock });
    const content = (await client.download()) as Content;
    const reader = content.stream().getReader();
    await reader.read();
    const next = failure(reader.read());
    await until(() => clock.waits.some((ms) => ms < 250), 'the wait');
    await clock.advance(250);
    await until(() => server.arrived.length === 2, 'the second request');
    await content.cancel();
    expect(await next).toMatchObject({ kind: 'aborted' });
    expect(clock.pending).toBe(0);
    await until(() => server.sockets.size === 0, 'closed sockets');
  });

  it('at any moment leaves no socket, listener or file', async () => {
    const path = await folder();
    const server = await startServer((_request, response, count) => {
      const part = file.subarray(0, (count * 7919) % 200_000);
      response.writeHead(200, { 'content-length': '300000', etag: '"1"' });
      response.write(part, () => setTimeout(() => (count % 3 === 0 ? undefined : response.socket?.destroy()), count % 5));
    });
    const client = createClient({ download }, { baseUrl: server.origin, clock: new SkippingClock(), maxRetries: 20 });
    const stop = new AbortController();
    const one = async (index: number): Promise<string> => {
      const mine = new AbortController();
      const timer = setTimeout(() => mine.abort(), index % 60);
      const signal = index % 2 === 0 ? mine.signal : stop.signal;
      try {
        const content = (await client.download({}, { signal })) as Content;
        if (index % 2 === 1) setTimeout(() => void content.cancel(), index % 60);
        await (index % 4 < 2 ? content.toFile(join(path, String(index))) : readers.stream(content));
        return 'done';
      } catch (error) {
        return (error as ApiError).kind;
      } finally {
        clearTimeout(timer);
        if (index % 2 === 0) expect(getEventListeners(signal, 'abort')).toEqual([]);
      }
    };
    const kinds = await Promise.all(Array.from({ length: 300 }, (_unused, index) => one(index)));
    expect(kinds).toContain('aborted');
    expect(kinds).not.toContain('done');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    expect(await readdir(path)).toEqual([]);
    await client.close();
    await until(() => server.sockets.size === 0, 'closed sockets');
  });

  it('by deadlineMs ends the reading too, with its waits', async () => {
    const clock = new ManualClock();
    const server = await startStore(file, [{ cutAt: 1000, stall: true }], { etag: 'strong' });
    const client = createClient({ download }, { baseUrl: server.origin, clock, idleTimeoutMs: false });
    const content = (await client.download({}, { deadlineMs: 5000 })) as Content;
    const reading = failure(content.bytes());
    await until(() => clock.waits.includes(5000), 'the deadline');
    await clock.advance(5000);
    expect(await reading).toMatchObject({ kind: 'timeout', message: 'api.download: the call did not end within 5000 ms (deadlineMs)', retryable: true });
    expect(clock.pending).toBe(0);
    await until(() => server.sockets.size === 0, 'the closed socket');
  });

  it('leaves nothing of an answer that comes when nobody reads any more', async () => {
    const { content, server } = await open([{ cutAt: 1000 }, { noRanges: true }]);
    for await (const _chunk of content) break;
    await until(() => server.sockets.size === 0, 'closed sockets');
  });
});
