import { expect, it, vi } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { createClient } from './client.ts';

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
