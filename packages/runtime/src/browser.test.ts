import { expect, it, vi } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import type { AnyOperation } from './operation.ts';

// As the build for browsers does.
vi.mock('./platform/node.ts', () => import('./platform/browser.ts'));

it.each([
  ['that fetch hides', () => Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })],
  ['that a fetch function shows', () => new Response(null, { status: 302, headers: { location: 'https://b.example/' } })],
])('in a browser a redirect %s is not followed, and the error says why', async (_name, answer) => {
  const fetch = vi.fn(async () => answer());
  const client = createClient({}, { baseUrl: 'https://a.example', fetch });
  expect(await failure(client.request('GET /'))).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('redirect') as string });
  expect(fetch).toHaveBeenCalledOnce();
});

const put: AnyOperation = { id: 'put', method: 'PUT', path: '/', body: { content: { 'application/octet-stream': { encode: raw } } }, responses: {} };

async function* chunks(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(3);
  yield new Uint8Array(4);
}

it('in a browser a stream is sent as a Blob: its fetch sends streams over HTTP/2 at best, and never with a length', async () => {
  const bodies: unknown[] = [];
  const Original = Request;
  vi.stubGlobal(
    'Request',
    class extends Original {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        super(input, init);
        bodies.push(init?.body);
      }
    },
  );
  try {
    const client = createClient({ put }, { baseUrl: 'https://a.example', fetch: async () => new Response(null, { status: 204 }) });
    await client.put({ body: chunks() });
    expect(bodies.find((body) => body instanceof Blob)).toMatchObject({ size: 7 });
    expect(bodies.some((body) => body instanceof ReadableStream)).toBe(false);
  } finally {
    vi.unstubAllGlobals();
  }
});

it('a browser refuses a stream of which it is not known that it has room in memory, before any request', async () => {
  const fetch = vi.fn(async () => new Response(null, { status: 204 }));
  vi.stubGlobal('fetch', fetch);
  try {
    const client = createClient({ put }, { baseUrl: 'https://a.example' });
    for (const body of [chunks(), { size: 17 * 2 ** 20, stream: () => chunks() }]) {
      expect(await failure(client.put({ body }))).toMatchObject({
        kind: 'unsupported',
        message: expect.stringContaining('16 MiB') as string,
        outcome: 'not-sent',
      });
    }
    expect(fetch).not.toHaveBeenCalled();
    await client.put({ body: { size: 7, stream: () => chunks() } });
    expect(fetch).toHaveBeenCalledOnce();
  } finally {
    vi.unstubAllGlobals();
  }
});
