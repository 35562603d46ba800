/** What the READMEs show of `client.request`: operations that have no method, with the login of the client. */

import { createEgainConversationClient } from '@asset-clients/egain';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';

import { attachmentPolicies } from './request-egain.ts';
import { rename } from './request-tenovos.ts';
import { taskIds } from './request-worldserver.ts';

/** A vendor that has one operation more than its fake: it refuses once as for an ended login, then answers. */
function withOperation(fetchOfFake: typeof fetch, route: string, answer: unknown): { readonly fetch: typeof fetch; readonly seen: Request[] } {
  const seen: Request[] = [];
  return {
    seen,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (`${request.method} ${new URL(request.url).pathname}` !== route) return await fetchOfFake(request);
      seen.push(request.clone());
      return seen.length === 1 ? Response.json({ message: 'ended' }, { status: 401 }) : Response.json(answer);
    },
  };
}

test('eGain: channels, after a fresh login', async () => {
  await using fake = createFakeEgain();
  const { clientOptions, baseUrl } = fake.conversation;
  const vendor = withOperation(clientOptions.fetch, `GET ${new URL(baseUrl).pathname}/channels`, { channels: [] });
  await using chat = createEgainConversationClient({ ...clientOptions, fetch: vendor.fetch });
  expect(await attachmentPolicies(chat)).toEqual({ channels: [] });
  const [first, second] = vendor.seen.map(({ headers }) => headers.get('authorization'));
  expect(first).toMatch(/^Bearer \S{20,}/);
  expect(second).toMatch(/^Bearer \S{20,}/);
  expect(second).not.toBe(first);
  expect(new URL(vendor.seen[1]!.url).search).toBe('?type=sms');
});

test('Tenovos: a change of metadata, after a fresh login', async () => {
  await using fake = createFakeTenovos();
  const { clientOptions } = fake;
  const vendor = withOperation(clientOptions.fetch, `PATCH ${new URL(clientOptions.baseUrl).pathname}/assets/asset/a%2F1`, { status: 'success' });
  await using dam = createTenovosClient({ ...clientOptions, fetch: vendor.fetch });
  await rename(dam, 'a/1', 'HooliDocs');
  expect(vendor.seen).toHaveLength(2);
  const last = vendor.seen[1]!;
  expect(last.headers.get('x-api-key')).toBe(clientOptions.apiKey);
  expect(await last.json()).toEqual({ metadata: [{ name: 'Product', value: 'HooliDocs' }] });
  expect(fake.calls.filter(({ operation }) => operation === 'createToken')).toHaveLength(2);
});

test("WorldServer: a project's tasks, after a fresh login", async () => {
  await using fake = createFakeWorldServer();
  const { clientOptions } = fake;
  const vendor = withOperation(clientOptions.fetch, `GET ${new URL(clientOptions.baseUrl).pathname}/v2/projects/77`, { tasks: [{ id: 1234 }] });
  await using tms = createWorldServerClient({ ...clientOptions, fetch: vendor.fetch });
  expect(await taskIds(tms, 77)).toEqual([1234]);
  expect(new URL(vendor.seen[1]!.url).searchParams.get('fields')).toBe('tasks(id)');
  const [first, second] = vendor.seen.map(({ headers }) => headers.get('token'));
  expect(second).toMatch(/\S+/);
  expect(second).not.toBe(first);
});
