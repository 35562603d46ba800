/** What reviews of the first version found, so that it stays found. */

import { createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';

import { Egain } from './independent/egain.ts';
import { Tenovos } from './independent/tenovos.ts';
import { WorldServer } from './independent/worldserver.ts';
import { shownBy } from './support/exposure.ts';
import { failureOf } from './support/failures.ts';
import { json, RecordingServer } from './support/recording-server.ts';

test('headers of a call never reach the storage, whatever they are called', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const dam = createTenovosClient(tenovos.login);
  const headers = { 'Ocp-Apim-Subscription-Key': 'canary-1', 'X-Functions-Key': 'canary-2', 'X-Auth': 'canary-3', 'X-Trace': 'canary-4' };
  await (await dam.downloadAsset({ id }, { headers })).bytes();
  expect(tenovos.storage.requests).toHaveLength(1);
  expect(JSON.stringify(tenovos.storage.requests[0]!.rawHeaders)).not.toContain('canary');
});

test.each([
  ['text/xml', '<session><sessionId>990011-SESSIONcanary</sessionId></session>'],
  ['text/plain', '990011-SESSIONcanary'],
  ['application/json', '"990011-SESSIONcanary"'],
])('a login that answers %s instead of its JSON shows none of it', async (type, body) => {
  await using server = await RecordingServer.start(() => ({ status: 200, headers: { 'Content-Type': type }, body }));
  const tms = createWorldServerClient({ baseUrl: `${server.origin}/ws-api`, username: 'u', password: 'p-canary' });
  const failure = await failureOf(tms.getTasks());
  expect(failure.kind).toBe('unexpected');
  expect(shownBy(failure)).not.toMatch(/SESSIONcanary|p-canary/);
});

test.each([
  ['null', json(200, null)],
  ['a text', json(200, 'done')],
  ['nothing', { status: 204 }],
])('%s where an object is documented is an honest error, never a TypeError', async (_what, answer) => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, maxRetries: false });
  await dam.retrieveAsset({ id: tenovos.addAsset() });
  tenovos.api.always(/./, answer);
  const first = async (assets: AsyncIterable<unknown>): Promise<unknown> => assets[Symbol.asyncIterator]().next();
  for (const call of [
    () => dam.retrieveAsset({ id: 'a' }),
    () => dam.downloadAsset({ id: 'a' }),
    () => dam.downloadAsset({ id: 'a', rendition: 'imageThumb' }),
    () => first(dam.searchKeyword.all({ body: { searchTerm: ['x'] } })),
    () => first(dam.scanAssets.all({ body: { searchTerm: ['x'] } })),
  ]) {
    expect(await failureOf(call)).toMatchObject({ kind: 'unexpected', outcome: 'unknown', attempts: 1 });
  }
});

test('a token endpoint that goes silent in its body ends by the limit on silence', async () => {
  await using egain = await Egain.start();
  egain.login.always(/./, (_request, raw) => {
    raw.writeHead(200, { 'Content-Type': 'application/json' });
    raw.write('{"access_');
    return undefined;
  });
  const auth = { type: 'clientCredentials' as const, tokenUrl: egain.commercialTokenUrl, clientId: Egain.clientId, clientSecret: Egain.clientSecret };
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth, idleTimeoutMs: 50, maxRetries: false });
  expect(await failureOf(chat.getAsset({ id: '1' }))).toMatchObject({ kind: 'timeout', outcome: 'not-sent' });
});

test('limits of many days are waited for, and endless ones are refused in words', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient({ ...server.login, deadlineMs: 30 * 86_400_000, timeoutMs: 2 ** 31 });
  expect(await (await tms.getAsset({ resourceId: 1 })).text()).toBe('source.xlf');
  expect(await failureOf(tms.getTasks({}, { timeoutMs: Infinity }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
});

test('an accept that would add headers is refused as what it is', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  expect(await failureOf(tms.getTasks({}, { accept: 'a\r\nx: y' }))).toMatchObject({
    kind: 'invalid-request',
    message: expect.stringContaining('accept') as string,
  });
  expect(server.api.requests).toHaveLength(0);
});

test('a listing that ignores the offset ends instead of being read for ever', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  await tms.getTasks();
  server.api.always(/tasks$/, json(200, { items: [{ id: 1 }, { id: 2 }] }));
  expect((await Array.fromAsync(tms.getTasks.all())).map(({ id }) => id)).toEqual([1, 2]);
});
