import { afterEach, describe, expect, it, vi } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { ManualClock } from '../test/manual-clock.ts';
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
  body: { content: { 'application/octet-stream': {}, 'multipart/form-data': { encode: multipart } } },
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

  it('Blobs and forms of Blobs are sent as Blobs, which needs no streams, and only deadlineMs limits them', async () => {
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
      [new Blob(['x']), undefined],
      [{ file: new Blob(['x']), text: 'y' }, 'multipart/form-data'],
    ] as const) {
      const call = client.put({ body }, { contentType });
      await vi.waitFor(() => expect(answers).toHaveLength(1));
      expect(clock.pending).toBe(0);
      answers.pop()!(new Response());
      await call;
    }
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

  it.each([{ proxy: 'http://proxy.example' }, { ca: 'PEM' }])('options that only Node has are refused: %j', async (options) => {
    expect(await failure(() => createClient({}, { baseUrl: 'https://a.example', ...options }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  });
});
