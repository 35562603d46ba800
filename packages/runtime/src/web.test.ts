import { afterEach, describe, expect, it, vi } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { ManualClock, SkippingClock } from '../test/manual-clock.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { binary, type Content } from './content.ts';
import { multipart } from './form-bodies.ts';
import type { AnyOperation } from './operation.ts';

// As the build for browsers and workers does.
vi.mock('./platform/node.ts', () => import('./platform/web.ts'));

const put: AnyOperation = {
  id: 'put',
  method: 'PUT',
  path: '/',
  body: { content: { 'application/octet-stream': { encode: raw }, 'multipart/form-data': { encode: multipart } } },
  responses: {},
};
const download: AnyOperation = { id: 'download', method: 'GET', path: '/', responses: { '200': ['*/*'] }, binary };

describe('in a browser or a worker', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('the platform’s fetch sends, looked up at each call', async () => {
    const client = createClient({}, { baseUrl: 'https://a.example' });
    for (const text of ['one', 'two']) {
      vi.stubGlobal('fetch', async () => Response.json(text));
      expect(await client.request('GET /')).toBe(text);
    }
  });

  it('Blobs and forms of Blobs are sent as Blobs, which needs no streams, and get time for their bytes before timeoutMs counts', async () => {
    const clock = new ManualClock();
    const bodies: unknown[] = [];
    const Original = Request;
    vi.stubGlobal(
      'Request',
      class extends Original {
        constructor(input: RequestInfo | URL, init?: RequestInit) {
          super(input, init);
          if (init?.body !== undefined && init.body !== null) bodies.push(init.body);
        }
      },
    );
    const answers: ((response: Response) => void)[] = [];
    const client = createClient({ put }, { baseUrl: 'https://a.example', clock, fetch: () => new Promise<Response>((resolve) => void answers.push(resolve)) });
    for (const [body, contentType] of [
      [new Blob([new Uint8Array(1_250_000)]), undefined],
      [{ file: new Blob([new Uint8Array(1_250_000)]), text: 'y' }, 'multipart/form-data'],
    ] as const) {
      const call = client.put({ body }, { contentType, timeoutMs: 1000, maxRetries: false });
      await vi.waitFor(() => expect(answers).toHaveLength(1));
      clock.advance(9_000);
      answers.pop()!(new Response());
      await call;
    }
    const silent = client.put({ body: new Blob([new Uint8Array(1_250_000)]) }, { timeoutMs: 1000, maxRetries: false });
    silent.catch(() => undefined);
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    clock.advance(12_000);
    await expect(silent).rejects.toMatchObject({ kind: 'timeout' });
    expect(bodies.length).toBeGreaterThan(1);
    expect(bodies.every((body) => body instanceof Blob)).toBe(true);
  });

  it('there are no files, and the receipt says nothing of a hash', async () => {
    const client = createClient({ download }, { baseUrl: 'https://a.example', fetch: async () => new Response('abc') });
    const content = (await client.download()) as Content;
    expect(await failure(content.toFile('x'))).toMatchObject({ kind: 'unsupported', outcome: 'not-sent' });
    expect(await failure(content.toDirectory('x'))).toMatchObject({ kind: 'unsupported' });
    expect(await content.text()).toBe('abc');
    expect(content.receipt()).toEqual({ bytes: 3, verified: 'none', attempts: 1, resumes: 0, resigns: 0, waitedMs: 0, url: 'https://a.example/' });
  });

  it('a broken body is continued too, or started over; what cannot be proven without a hash is refused', async () => {
    const text = 'x'.repeat(100_000);
    const requests: Headers[] = [];
    const open = async (etag: string | undefined, second: (start: number) => Response): Promise<Content> => {
      const clock = new SkippingClock();
      const fetch = async ({ headers }: Request): Promise<Response> => {
        requests.push(headers);
        const start = /bytes=(\d+)-/.exec(headers.get('range') ?? '')?.[1];
        if (requests.length > 1) return second(Number(start));
        const chunks = [text.slice(0, 80_000), undefined];
        const body = new ReadableStream({
          pull: (controller) => {
            const chunk = chunks.shift();
            if (chunk === undefined) controller.error(new TypeError('terminated'));
            else controller.enqueue(new TextEncoder().encode(chunk));
          },
        });
        return new Response(body, { headers: { 'content-length': '100000', ...(etag !== undefined && { etag }) } });
      };
      requests.length = 0;
      return (await createClient({ download }, { baseUrl: 'https://a.example', fetch, clock }).download()) as Content;
    };
    const rest = (etag?: string) => (start: number) =>
      new Response(text.slice(start), {
        status: 206,
        headers: { 'content-range': `bytes ${start}-99999/100000`, ...(etag !== undefined && { etag }) },
      });
    for (const etag of [undefined, '"1"']) {
      const content = await open(etag, rest(etag));
      expect(await new Response(content.stream()).text()).toBe(text);
      expect(content.receipt()).toMatchObject({ resumes: 1, verified: 'length' });
      expect(requests[1]!.get('range')).toMatch(/^bytes=\d+-$/);
      expect(requests[1]!.has('if-match')).toBe(false);
    }
    // A store that hides its headers from scripts of other origins.
    const hidden = await open('"1"', (start) => {
      if (start > 0) return new Response(text.slice(start), { status: 206, headers: { 'content-length': String(text.length - start) } });
      return new Response(text, { headers: { 'content-length': '100000' } });
    });
    expect(await hidden.text()).toBe(text);
    expect(requests).toHaveLength(3);
    expect(await (await open(undefined, () => new Response(text))).text()).toBe(text);
    const unproven = await open(undefined, () => new Response(text));
    expect(await failure(new Response(unproven.stream()).text())).toMatchObject({ kind: 'integrity' });
  });

  it.each([{ proxy: 'http://proxy.example' }, { ca: 'PEM' }])('options that only Node has are refused: %j', async (options) => {
    expect(await failure(() => createClient({}, { baseUrl: 'https://a.example', ...options }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  });

  const chunks = async function* (): AsyncIterable<Uint8Array> {
    yield new Uint8Array(3);
    yield new Uint8Array(4);
  };

  it('a stream of known size is sent as a Blob, which has a length and needs no HTTP/2', async () => {
    const lengths: unknown[] = [];
    const Original = Request;
    vi.stubGlobal(
      'Request',
      class extends Original {
        constructor(input: RequestInfo | URL, init?: RequestInit) {
          super(input, init);
          if (init?.body instanceof Blob) lengths.push(init.body.size);
        }
      },
    );
    const client = createClient({ put }, { baseUrl: 'https://a.example', fetch: async () => new Response(null, { status: 204 }) });
    await client.put({ body: { size: 7, stream: chunks } });
    expect(lengths).toEqual([7]);
  });

  it('where a request takes no stream, one of unknown size is refused, and nothing is sent', async () => {
    const Original = Request;
    // As Firefox does.
    vi.stubGlobal(
      'Request',
      class extends Original {
        constructor(input: RequestInfo | URL, init?: RequestInit) {
          super(input, init?.body instanceof ReadableStream ? { ...init, body: String(init.body) } : init);
        }
      },
    );
    const sent: string[] = [];
    vi.stubGlobal('fetch', async (request: Request) => {
      sent.push(await request.text());
      return new Response(null, { status: 204 });
    });
    const client = createClient({ put }, { baseUrl: 'https://a.example' });
    for (const body of [chunks(), { size: 17 * 2 ** 20, stream: chunks }]) {
      expect(await failure(client.put({ body }))).toMatchObject({ kind: 'unsupported', outcome: 'not-sent' });
    }
    expect(sent).toEqual([]);
    await client.put({ body: { size: 7, stream: chunks } });
    expect(sent).toEqual(['\0'.repeat(7)]);
  });

  it('a stream of known size goes through what tells workerd its length; any other as it is', async () => {
    const sizes: number[] = [];
    vi.stubGlobal(
      'FixedLengthStream',
      class extends TransformStream {
        constructor(size: number) {
          super();
          sizes.push(size);
        }
      },
    );
    const sent: number[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      sent.push((await request.arrayBuffer()).byteLength);
      return new Response(null, { status: 204 });
    };
    const client = createClient({ put }, { baseUrl: 'https://a.example', fetch });
    await client.put({ body: { size: 7, stream: () => new Blob([new Uint8Array(7)]).stream() } });
    await client.put({ body: new Blob([new Uint8Array(5)]).stream() });
    expect(sizes).toEqual([7]);
    expect(sent).toEqual([7, 5]);
  });
});
