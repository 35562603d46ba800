/** What an error tells to do must be right for what happened. */

import { authorizationCode, clientCredentials, createClient, createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient, tenovosLogin, tenovosToken } from '@asset-clients/tenovos';
import { fault } from '@asset-clients/testing';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient, worldServerLogin } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';

import { failureOf } from './support/failures.ts';

test('a download of no asset is not-found: after the 502 the details are asked for once', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a1', name: 'a.bin', bytes: 10 },
      { id: 'meta', name: 'meta', metadataOnly: true },
    ],
  });
  const dam = createTenovosClient(fake.clientOptions);
  const failure = await failureOf(dam.downloadAsset({ id: 'nope' }));
  expect(failure).toMatchObject({ kind: 'not-found', operation: 'downloadAsset', outcome: 'refused', params: { id: 'nope' } });
  expect(failure.retryable).toBe(false);
  expect(failure.cause).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent' });
  const asked = fake.calls.map(({ operation }) => operation);
  expect(asked).toEqual(['createToken', 'getAssetContent', 'getAssetContent', 'retrieveAsset']);

  const metaOnly = await failureOf(dam.downloadAsset({ id: 'meta' }));
  expect(metaOnly).toMatchObject({ kind: 'server', status: 502, hint: expect.stringContaining('has no file') as string });
});

test('a download fails with the 502 itself where the details cannot be had', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'a.bin', bytes: 10 }] });
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('retrieveAsset', fault.status(401));
  fake.faults.add('retrieveAsset', fault.status(401));
  const failure = await failureOf(createTenovosClient(fake.clientOptions).downloadAsset({ id: 'a1' }));
  expect(failure).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent', retryable: true });
});

const PHOTO = { name: 'photo.jpg', content: new Uint8Array(100), channel: { type: 'sms' }, sender: { type: 'customer' } } as const;

test.each([
  ['reset', fault.resetBeforeHeaders(), {}],
  ['silence', fault.stallBeforeHeaders(), { timeoutMs: 50 }],
  ['a lost answer', fault.lostAnswer(), {}],
  ['503', fault.status(503), {}],
] as const)('an upload whose outcome is not known by %s is not told to be without content', async (_name, broken, options) => {
  await using fake = createFakeEgain();
  const chat = createEgainConversationClient({ ...fake.conversation.clientOptions, clock: undefined });
  fake.faults.add('upload', broken);
  const failure = await failureOf(chat.uploadAsset(PHOTO, options));
  expect(failure).toMatchObject({ step: 'uploadContent', outcome: 'unknown', leftBehind: { id: expect.any(String) as string } });
  expect(failure.hint).toContain('whether its content arrived is not known: downloadAsset tells');
  expect(failure.hint).not.toContain('exists without content');
});

test('an upload that was refused left an asset without content', async () => {
  await using fake = createFakeEgain();
  fake.faults.add('upload', fault.status(403));
  const failure = await failureOf(createEgainConversationClient(fake.conversation.clientOptions).uploadAsset(PHOTO));
  expect(failure).toMatchObject({ step: 'uploadContent', outcome: 'refused' });
  expect(failure.hint).toContain('exists without content: delete it');
});

test('a contentType that contradicts the name is refused before an asset is made, unless eGain takes any', async () => {
  await using fake = createFakeEgain();
  const upload = { ...PHOTO, contentType: 'image/png' };
  const failure = await failureOf(createEgainConversationClient(fake.conversation.clientOptions).uploadAsset(upload));
  expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  expect(failure.message).toContain('contentType is image/png, but eGain signs the upload of a file named "photo.jpg" for image/jpeg');
  expect(failure.hint).toContain('contentTypeFromName');
  expect(fake.calls).toHaveLength(0);
  for (const fits of ['image/jpeg', 'IMAGE/JPEG ;q=1']) {
    await createEgainConversationClient(fake.conversation.clientOptions).uploadAsset({ ...PHOTO, contentType: fits });
  }

  await using lax = createFakeEgain({ assumptions: { contentTypeFromName: false } });
  const chat = createEgainConversationClient({ ...lax.conversation.clientOptions, contentTypeFromName: false });
  expect(await chat.uploadAsset(upload)).toMatchObject({ contentType: 'image/png' });
});

test('a storage that does not take what was sent is not told to be asked again', async () => {
  await using fake = createFakeEgain();
  const chat = createEgainConversationClient({ ...fake.conversation.clientOptions, contentTypeFromName: false });
  const failure = await failureOf(chat.uploadAsset({ ...PHOTO, contentType: 'image/png' }));
  expect(failure).toMatchObject({ kind: 'invalid-request', status: 400, code: '400-152', outcome: 'refused', retryable: false });
  expect(failure.hint).toContain('would not with a fresh URL');
  expect(failure.hint).not.toMatch(/call again/i);
});

const baseUrl = 'https://api.example.com';
const LOGIN = { apiKey: 'k', username: 'u', password: 'password' };

/** What plain JavaScript may write. */
const wrong: readonly (readonly [operation: string, message: RegExp, make: () => unknown])[] = [
  [
    'clientCredentials',
    /clientId is required; did you mean it by clientID\?/,
    () => clientCredentials({ tokenUrl: baseUrl, clientID: 'c', clientSecret: 's' } as never),
  ],
  ['clientCredentials', /clientSecret is required/, () => clientCredentials({ tokenUrl: baseUrl, clientId: 'c' } as never)],
  ['clientCredentials', /tokenUrl is not an absolute URL/, () => clientCredentials({ tokenUrl: 'x', clientId: 'c', clientSecret: 's' })],
  ['authorizationCode', /code is required/, () => authorizationCode({ tokenUrl: baseUrl, clientId: 'c', redirectUri: baseUrl })],
  ['tenovosLogin', /password is required; did you mean it by pasword\?/, () => tenovosLogin({ apiKey: 'k', username: 'u', pasword: 'p' } as never)],
  ['tenovosToken', /token is required/, () => tenovosToken({ apiKey: 'k' } as never)],
  ['worldServerLogin', /username is required/, () => worldServerLogin({ password: 'p' } as never)],
  [
    'createTenovosClient',
    /pasword is not an option; did you mean "password"\?/,
    () => createTenovosClient({ baseUrl, apiKey: 'k', username: 'u', pasword: 'p' } as never),
  ],
  ['createTenovosClient', /password is required/, () => createTenovosClient({ baseUrl, apiKey: 'k', username: 'u' } as never)],
  ['createTenovosClient', /auth and username with password exclude each other/, () => createTenovosClient({ baseUrl, ...LOGIN, auth: 't' } as never)],
  ['createTenovosClient', /logLevel must be/, () => createTenovosClient({ baseUrl, ...LOGIN, logLevel: 'verbose' as never })],
  ['createTenovosClient', /ca must be the text of certificates/, () => createTenovosClient({ baseUrl, ...LOGIN, ca: '/etc/ssl/ca.pem' })],
  ['createTenovosClient', /baseUrl is required/, () => createTenovosClient(undefined as never)],
  [
    'createWorldServerClient',
    /auth and username with password exclude each other/,
    () => createWorldServerClient({ baseUrl, username: 'u', password: 'p', auth: { sessionId: 's' } } as never),
  ],
  [
    'createWorldServerClient',
    /timeoutMS is not an option; did you mean "timeoutMs"\?/,
    () => createWorldServerClient({ baseUrl, username: 'u', password: 'p', timeoutMS: 1 } as never),
  ],
  ['createEgainConversationClient', /auth is required/, () => createEgainConversationClient({ baseUrl } as never)],
  ['createEgainAttachmentClient', /auht is not an option; did you mean "auth"\?/, () => createEgainAttachmentClient({ baseUrl, auht: 't' } as never)],
  ['createClient', /the operations must be an object/, () => createClient(undefined as never, { baseUrl })],
  ['createClient', /getAsset is not an operation/, () => createClient({ getAsset: undefined } as never, { baseUrl })],
];

test.each(wrong)('%s tells what is wrong: %s', (operation, message, make) => {
  let thrown: unknown;
  try {
    make();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    name: 'ApiError',
    kind: 'invalid-request',
    outcome: 'not-sent',
    operation,
    message: expect.stringMatching(message) as string,
  });
  expect((thrown as Error & { hint?: string }).hint ?? '').not.toContain('redacted');
});

test.each([
  ['http://api.example.com', 1],
  ['http://93.184.216.34', 1],
  ['https://api.example.com', 0],
  ['http://127.0.0.1:8080', 0],
  ['http://10.0.0.1/ws-api', 0],
  ['http://ws.internal/ws-api', 0],
])('a client of %s warns %i times that credentials can be read on their way', (address, times) => {
  const told: string[] = [];
  const none = (): void => undefined;
  createTenovosClient({ baseUrl: address, ...LOGIN, logger: { debug: none, info: none, error: none, warn: (text) => told.push(text) } });
  expect(told).toEqual(Array.from({ length: times }, () => expect.stringContaining('baseUrl is http') as string));
});

test('what createAsset would refuse is named as it was given to uploadAsset', async () => {
  await using fake = createFakeEgain();
  const chat = createEgainConversationClient(fake.conversation.clientOptions);
  const failure = await failureOf(chat.uploadAsset({ ...PHOTO, sender: { type: 'agent' } as never }));
  expect(failure).toMatchObject({ operation: 'uploadAsset', outcome: 'not-sent', message: expect.stringMatching(/: sender\.type must be/) as string });
});

test('a wrong key of Tenovos is told to be one of the possible causes', async () => {
  await using fake = createFakeTenovos();
  const failure = await failureOf(createTenovosClient({ ...fake.clientOptions, apiKey: 'another-key' }).retrieveAsset({ id: 'a1' }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 401, operation: 'createToken' });
  expect(failure.hint).toMatch(/API key is wrong or of the other environment/);
});

test('a baseUrl without its path is told where the vendor answers 404', async () => {
  const origin = (address: string): string => new URL(address).origin;
  await using tenovos = createFakeTenovos();
  await using tenovosServer = await tenovos.listen();
  const dam = createTenovosClient({ ...tenovosServer.clientOptions, baseUrl: origin(tenovosServer.clientOptions.baseUrl) });
  expect(await failureOf(dam.retrieveAsset({ id: 'a1' }))).toMatchObject({ status: 404, hint: expect.stringContaining('baseUrl must end in /v1') as string });

  await using egain = createFakeEgain();
  await using egainServer = await egain.listen();
  const { clientOptions } = egainServer.conversation;
  const chat = createEgainConversationClient({ ...clientOptions, baseUrl: origin(clientOptions.baseUrl) });
  for (const call of [() => chat.getAsset({ id: 'a1' }), () => chat.uploadAsset(PHOTO)]) {
    expect(await failureOf(call())).toMatchObject({ status: 404, hint: expect.stringContaining('/conversation/conversationmgr/v3') as string });
  }

  await using worldserver = createFakeWorldServer();
  await using server = await worldserver.listen();
  const tms = createWorldServerClient({ ...server.clientOptions, baseUrl: origin(server.clientOptions.baseUrl) });
  expect(await failureOf(tms.getTasks())).toMatchObject({ status: 404, hint: expect.stringContaining('baseUrl must end in /ws-api') as string });
});

test('a path as content is told how to be read', async () => {
  await using egain = createFakeEgain();
  const chat = createEgainConversationClient(egain.conversation.clientOptions);
  const failure = await failureOf(chat.uploadAsset({ ...PHOTO, content: 'photo.jpg' as never }));
  expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', message: expect.stringContaining('await fileSource(path)') as string });
  expect(egain.calls).toHaveLength(0);
});

test.each(['password', 'unauthenticated', 'tenovos', 'connection', 'token'])(
  'a password that is a word of ours (%s) is not given away by a gap in our sentences',
  async (password) => {
    await using fake = createFakeTenovos();
    const dam = createTenovosClient({ ...fake.clientOptions, password, maxRetries: false });
    const refused = await failureOf(dam.retrieveAsset({ id: 'a1' }));
    expect(refused.message).toMatch(/^tenovos\.createToken: unauthenticated \(401\)/);
    expect(refused.hint).toContain('User name, password or API key is wrong');
    fake.faults.add('createToken', fault.resetBeforeHeaders());
    const broken = await failureOf(dam.retrieveAsset({ id: 'a1' }));
    expect(broken.message).toMatch(/^tenovos\.createToken: the connection failed/);
    // What the vendor says is redacted all the same.
    fake.faults.add('createToken', fault.status(401, { body: { message: `no user with ${password}` } }));
    const echoed = await failureOf(dam.retrieveAsset({ id: 'a1' }));
    expect(echoed.message).toBe('tenovos.createToken: unauthenticated (401): no user with [redacted]');
  },
);
