/** The built eGain clients against servers written from the vendor's pages. */

import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import {
  ApiError,
  authorizationCode,
  authorizationUrl,
  clientCredentials,
  createEgainAttachmentClient,
  createEgainConversationClient,
  uploadContent,
  type ClientCredentials,
  type SessionStore,
} from '@asset-clients/egain';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { Egain } from './independent/egain.ts';
import { inPieces, sampleBytes, streamOf } from './support/bytes.ts';
import { expectNoCredentials } from './support/credentials.ts';
import { failureOf } from './support/failures.ts';
import { json } from './support/recording-server.ts';
import { scriptedFetch } from './support/scripted-fetch.ts';
import { TestClock } from './support/test-clock.ts';

const COMMERCIAL_SCOPE = 'https://api.egain.cloud/auth/.default';
const MANAGE = 'app.conversation.conversationmgr.interaction.manage';
const READ = 'app.conversation.conversationmgr.interaction.read';
const TO_CUSTOMER = { channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
const EMAIL = { app: 'email', type: 'attachment.inbound' } as const;

const credentialsFor = (egain: Egain): ReturnType<typeof clientCredentials> =>
  clientCredentials({ tokenUrl: egain.commercialTokenUrl, clientId: Egain.clientId, clientSecret: Egain.clientSecret, scope: COMMERCIAL_SCOPE });
const chatOf = (egain: Egain, more: object = {}): ReturnType<typeof createEgainConversationClient> =>
  createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: egain.issueToken(), ...more });
const mailOf = (egain: Egain, more: object = {}): ReturnType<typeof createEgainAttachmentClient> =>
  createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth: egain.issueToken(), ...more });

// ---- operations ----

test('createAsset sends the JSON body and answers id and signed URL', async () => {
  await using egain = await Egain.start();
  const created = await chatOf(egain).createAsset({ body: { ...TO_CUSTOMER, name: 'bird.jpg', size: 17_245 } });
  expect(created).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    contentUrl: expect.stringContaining('signature='),
    contentUrlExpiry: expect.stringMatching(/Z$/),
  });
  const [request] = egain.api.requests;
  expect(request).toMatchObject({ method: 'POST', url: '/conversation/conversationmgr/v3/assets' });
  expect(request!.json()).toEqual({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'bird.jpg', size: 17_245 });
  expect(request!.header('content-type')).toMatch(/^application\/json\b/);
  expect(request!.header('authorization')).toMatch(/^Bearer eyJ/);
  expect(request!.header('x-egain-error-message')).toBeUndefined();
});

test('getAsset and deleteAsset address the asset by its id, and deleting answers nothing', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ id: '1001', name: 'bird.jpg', content: Buffer.from('tweet') });
  const chat = chatOf(egain);
  expect(await chat.getAsset({ id })).toMatchObject({ id, name: 'bird.jpg', size: 5, contentType: 'image/jpeg' });
  expect(await chat.deleteAsset({ id }).withResponse()).toMatchObject({ data: undefined, status: 204 });
  expect(egain.assets.has(id)).toBe(false);
  expect(egain.api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /conversation/conversationmgr/v3/assets/1001',
    'DELETE /conversation/conversationmgr/v3/assets/1001',
  ]);
});

test('client.request posts a message, which no document describes', async () => {
  await using egain = await Egain.start();
  const { data, status } = await chatOf(egain)
    .request('POST /conversations/messages', { body: { type: 'text', text: 'Grüße' } })
    .withResponse();
  expect({ data, status }).toEqual({ data: { accepted: { type: 'text', text: 'Grüße' } }, status: 202 });
});

test.each([
  ['a/b', 'a%2Fb'],
  ['50%', '50%25'],
  ['zwei wörter', 'zwei%20w%C3%B6rter'],
  ['..', undefined],
  ['../..', '..%2F..'],
  ['資産', '%E8%B3%87%E7%94%A3'],
  ['a?b#c&d=e+f', 'a%3Fb%23c%26d%3De%2Bf'],
])('the id %j reaches that asset and no other path', async (id, encoded) => {
  await using egain = await Egain.start();
  egain.addAsset({ id, name: 'a.txt', content: Buffer.from('x') });
  const chat = chatOf(egain);
  if (encoded === undefined) {
    expect(await failureOf(chat.deleteAsset({ id }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(egain.api.requests).toHaveLength(0);
    return;
  }
  expect((await chat.getAsset({ id })).id).toBe(id);
  expect(egain.api.requests[0]!.url).toBe(`/conversation/conversationmgr/v3/assets/${encoded}`);
});

// ---- predownload ----

test('predownload sends Accept and Accept-Language, en-US by default', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'invoice.pdf', content: Buffer.from('pdf') });
  const attachment = await mailOf(egain).generateDownloadAttachmentURL({ body: { ...EMAIL, altId } });
  expect(attachment).toMatchObject({ altId, name: 'invoice.pdf', contentType: 'application/pdf', size: 3 });
  const [request] = egain.api.requests;
  expect(request).toMatchObject({ method: 'POST', url: '/core/filemgr/v3/assets/predownload' });
  expect(request!.header('accept')).toBe('application/json');
  expect(request!.header('accept-language')).toBe('en-US');
  expect(request!.json()).toEqual({ ...EMAIL, altId });
});

test('acceptLanguage of the client is sent, and a call may choose another one', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const mail = mailOf(egain, { acceptLanguage: 'fr-CA' });
  await mail.generateDownloadAttachmentURL({ body: { ...EMAIL, altId } });
  await mail.generateDownloadAttachmentURL({ 'Accept-Language': 'sv-SE', body: { ...EMAIL, altId } });
  await (await mail.downloadAttachment({ ...EMAIL, altId })).bytes();
  expect(egain.api.requests.map((request) => request.header('accept-language'))).toEqual(['fr-CA', 'sv-SE', 'fr-CA']);
});

test.each(['en', 'en-GB', 'fr_CA', 'EN-US', ''])('the locale %j, which is none of the 15, is refused before any request', async (locale) => {
  await using egain = await Egain.start();
  const failure = await failureOf(async () => mailOf(egain, { acceptLanguage: locale }).generateDownloadAttachmentURL({ body: { ...EMAIL, altId: 'a' } }));
  expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  expect(failure.message).toMatch(/accept-?language must be one of .*"ko-KR"/i);
  const ofCall = await failureOf(mailOf(egain).generateDownloadAttachmentURL({ 'Accept-Language': locale as 'en-US', body: { ...EMAIL, altId: 'a' } }));
  expect(ofCall.message).toMatch(/Accept-Language must be one of/);
  expect(egain.api.requests).toHaveLength(0);
});

test('XML on request is handed out as text', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const text: string = await mailOf(egain).generateDownloadAttachmentURL({ body: { ...EMAIL, altId } }, { accept: 'application/xml' });
  expect(text).toContain(`<altId>${altId}</altId>`);
  expect(egain.api.requests[0]!.header('accept')).toBe('application/xml');
});

test('an error in XML keeps status, kind and the beginning of its body', async () => {
  await using egain = await Egain.start();
  egain.api.once(/predownload$/, {
    status: 403,
    headers: { 'Content-Type': 'application/xml' },
    body: '<error><code>403-105</code><developerMessage>Not allowed</developerMessage></error>',
  });
  const failure = await failureOf(mailOf(egain).generateDownloadAttachmentURL({ body: { ...EMAIL, altId: 'a' } }, { accept: 'application/xml' }));
  expect(failure).toMatchObject({ kind: 'permission-denied', status: 403 });
  expect(failure.body).toContain('403-105');
});

test('members of the attachment beyond the three required ones are sent as given', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const body = { ...EMAIL, altId, name: 'a.pdf', size: 3, inline: false, created: '2026-01-01T00:00:00Z', link: { href: '/x' } };
  await mailOf(egain).generateDownloadAttachmentURL({ body });
  expect(egain.api.requests[0]!.json()).toEqual(body);
});

// ---- userMessages ----

test('userMessages asks for sentences for end users, which errors then carry', async () => {
  await using egain = await Egain.start();
  const plain = await failureOf(chatOf(egain).getAsset({ id: 'none' }));
  expect(plain.userMessage).toBeUndefined();
  const asked = await failureOf(chatOf(egain, { userMessages: true }).getAsset({ id: 'none' }));
  expect(asked.userMessage).toBe('Sorry: The id in the path is not found.');
  expect(egain.api.requests.map((request) => request.header('x-egain-error-message'))).toEqual([undefined, 'yes']);
  const mail = await failureOf(mailOf(egain, { userMessages: true }).generateDownloadAttachmentURL({ body: { ...EMAIL, altId: 'none' } }));
  expect(mail.userMessage).toBe('Sorry: The ID in the body is not found.');
  const single = await failureOf(chatOf(egain).getAsset({ id: 'none', 'X-egain-error-message': 'yes' }));
  expect(single.userMessage).toBeDefined();
});

// ---- login ----

test('client credentials of the commercial environment go into a form, with the .default scope and no Basic header', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain) }).getAsset({ id });
  const [token] = egain.login.requests;
  expect(token).toMatchObject({ method: 'POST', url: '/global/gateway-7/oauth2/v2.0/token' });
  expect(token!.header('content-type')).toMatch(/^application\/x-www-form-urlencoded\b/);
  expect(token!.header('authorization')).toBeUndefined();
  expect(Object.fromEntries(new URLSearchParams(token!.body.toString()))).toEqual({
    grant_type: 'client_credentials',
    client_id: Egain.clientId,
    client_secret: Egain.clientSecret,
    scope: COMMERCIAL_SCOPE,
  });
});

test('client credentials of the self-service environment send plain scope names, a list joined by blanks', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const auth = clientCredentials({ tokenUrl: egain.selfServiceTokenUrl, clientId: Egain.clientId, clientSecret: Egain.clientSecret, scope: [MANAGE, READ] });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth }).getAsset({ id });
  expect(egain.login.requests[0]!.url).toBe('/system/auth/EG4711-U/oauth2/token');
  expect(new URLSearchParams(egain.login.requests[0]!.body.toString()).get('scope')).toBe(`${MANAGE} ${READ}`);
});

test('a plain { type: clientCredentials } object is understood and its token shared by both clients', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const auth: ClientCredentials = Object.freeze({
    type: 'clientCredentials',
    tokenUrl: egain.commercialTokenUrl,
    clientId: Egain.clientId,
    clientSecret: Egain.clientSecret,
    scope: COMMERCIAL_SCOPE,
  });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth }).getAsset({ id });
  await createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth }).generateDownloadAttachmentURL({ body: { ...EMAIL, altId } });
  expect(egain.login.requests).toHaveLength(1);
});

test('one clientCredentials() object is one token, also for 20 parallel calls of two clients', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const auth = credentialsFor(egain);
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth });
  const mail = createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth });
  await Promise.all(Array.from({ length: 10 }, () => [chat.getAsset({ id }), mail.generateDownloadAttachmentURL({ body: { ...EMAIL, altId } })]).flat());
  expect(egain.login.requests).toHaveLength(1);
  expect(egain.api.requests).toHaveLength(20);
});

test.each([
  ['told by expires_in', { tokenLifetime: 600 }, 600],
  ['taken for an hour where the answer does not tell', { tellsExpiry: false }, 3600],
])('the lifetime of a token is %s, and a new one is asked for a minute before', async (_how, settings, seconds) => {
  const clock = new TestClock();
  await using egain = await Egain.start({ ...settings, now: () => clock.now() });
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain), clock });
  await chat.getAsset({ id });
  clock.advance((seconds - 90) * 1000);
  await chat.getAsset({ id });
  expect(egain.login.requests).toHaveLength(1);
  clock.advance(60_000);
  await chat.getAsset({ id });
  expect(egain.login.requests).toHaveLength(2);
  expect(egain.api.requests).toHaveLength(3);
});

test('a 401 is answered by one new token and one repetition, then given up', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain) });
  await chat.getAsset({ id });
  egain.expireTokens();
  await Promise.all(Array.from({ length: 5 }, () => chat.getAsset({ id })));
  expect(egain.login.requests).toHaveLength(2);
  for (let i = 0; i < 4; i += 1) egain.api.once(/^GET /, json(401, { code: '401-104', developerMessage: 'invalid or missing' }));
  const before = egain.api.requests.length;
  expect(await failureOf(chat.getAsset({ id }))).toMatchObject({ kind: 'unauthenticated', status: 401, code: '401-104', attempts: 2 });
  expect(egain.api.requests.length - before).toBe(2);
});

test('createAsset is repeated after a 401: the first request did nothing', async () => {
  await using egain = await Egain.start();
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain) });
  await chat.createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } });
  egain.expireTokens();
  await chat.createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } });
  expect(egain.assets.size).toBe(2);
});

test('a token is a text or a function, which is asked again after a 401', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const good = egain.issueToken();
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: good }).getAsset({ id });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: `Bearer ${good}` }).getAsset({ id });
  const tokens = ['stale-token', good];
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: async () => tokens.shift()! }).getAsset({ id });
  expect(tokens).toEqual([]);
  expect(await failureOf(createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: 'stale-token' }).getAsset({ id }))).toMatchObject({
    kind: 'unauthenticated',
    attempts: 1,
  });
});

test.each([
  ['a wrong secret', { clientSecret: 'wrong-secret' }, 'invalid_client', 401],
  ['a scope of the other environment', { scope: MANAGE }, 'invalid_scope', 400],
])("%s is told with the token endpoint's code, and the API is never asked", async (_what, wrong, code, status) => {
  await using egain = await Egain.start();
  const auth = clientCredentials({
    tokenUrl: egain.commercialTokenUrl,
    clientId: Egain.clientId,
    clientSecret: Egain.clientSecret,
    scope: COMMERCIAL_SCOPE,
    ...wrong,
  });
  const failure = await failureOf(createEgainConversationClient({ baseUrl: egain.conversationUrl, auth }).getAsset({ id: 'a' }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', vendor: 'egain', code, status });
  expect(failure.hint).toMatch(/scope/);
  expect(egain.api.requests).toHaveLength(0);
  expect(egain.login.requests).toHaveLength(1);
});

test('a token URL that leads to a web page is told as a failure of the login', async () => {
  await using egain = await Egain.start();
  const auth = clientCredentials({ tokenUrl: `${egain.login.origin}/login`, clientId: Egain.clientId, clientSecret: Egain.clientSecret });
  const failure = await failureOf(createEgainConversationClient({ baseUrl: egain.conversationUrl, auth }).getAsset({ id: 'a' }));
  expect(failure.kind).toBe('unauthenticated');
  expect(failure.hint).toMatch(/tokenUrl/);
  expect(egain.api.requests).toHaveLength(0);
});

test.each([
  [503, 'server'],
  [500, 'server'],
  [429, 'rate-limited'],
])('a token endpoint that answers %i is not well; the credentials are not blamed', async (status, kind) => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain), clock: new TestClock(), maxRetries: 1 });
  egain.login.always(/./, { status, body: 'busy' });
  expect(await failureOf(chat.getAsset({ id }))).toMatchObject({ kind, status, operation: 'token', outcome: 'refused', attempts: 2 });
  expect(egain.api.requests).toHaveLength(0);
  egain.login.forget();
  // The failed login is not kept.
  expect((await chat.getAsset({ id })).id).toBe(id);
});

test('a token endpoint that cannot be reached is kind network, and names its own host', async () => {
  const egain = await Egain.start();
  const chat = createEgainConversationClient({ baseUrl: 'http://api.egain.test/v3', auth: credentialsFor(egain) });
  const { host } = new URL(egain.login.origin);
  await egain[Symbol.asyncDispose]();
  const failure = await failureOf(chat.getAsset({ id: 'a' }));
  expect(failure).toMatchObject({ kind: 'network', outcome: 'not-sent', retryable: true });
  expect(failure.message).toContain(host);
});

test('a token endpoint that never answers ends by timeoutMs', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  egain.login.once(/./, () => undefined);
  const options = { baseUrl: egain.conversationUrl, auth: credentialsFor(egain), clock, timeoutMs: 4000, maxRetries: false } as const;
  const call = failureOf(createEgainConversationClient(options).getAsset({ id: 'a' }));
  await egain.login.arrived(1);
  clock.advance(4000);
  expect(await call).toMatchObject({ kind: 'timeout', outcome: 'not-sent', retryable: true });
});

test('authorization code with PKCE: the login address carries the challenge, the exchange the verifier, then refresh tokens do', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start({ now: () => clock.now() });
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const login = await authorizationUrl({
    authorizeUrl: egain.userTokenUrl.replace('/token', '/authorize'),
    clientId: Egain.clientId,
    redirectUri: Egain.redirectUri,
    scope: ['core.a.read', 'offline_access'],
    domainHint: 'hooli.egain.cloud',
  });
  const query = new URL(login.url).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    response_type: 'code',
    client_id: Egain.clientId,
    redirect_uri: Egain.redirectUri,
    scope: 'core.a.read offline_access',
    state: login.state,
    code_challenge_method: 'S256',
    domain_hint: 'hooli.egain.cloud',
  });
  expect(query.get('code_challenge')).toBe(createHash('sha256').update(login.codeVerifier).digest('base64url'));

  const auth = authorizationCode({
    tokenUrl: egain.userTokenUrl,
    clientId: Egain.clientId,
    redirectUri: Egain.redirectUri,
    code: egain.issueCode(query.get('code_challenge')!),
    codeVerifier: login.codeVerifier,
  });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth, clock });
  for (let hour = 0; hour < 3; hour += 1) {
    await chat.getAsset({ id });
    clock.advance(3_600_000);
  }
  const grants = egain.login.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));
  expect(grants.map((grant) => grant['grant_type'])).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
  expect(grants[0]).toMatchObject({ client_id: Egain.clientId, redirect_uri: Egain.redirectUri, code_verifier: login.codeVerifier });
  expect(grants.every((grant) => grant['client_secret'] === undefined)).toBe(true);
  expect(new Set(grants.slice(1).map((grant) => grant['refresh_token'])).size).toBe(2);
});

test('an authorization code is exchanged once; when the refresh token is refused, the person must log in again', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const auth = authorizationCode({ tokenUrl: egain.userTokenUrl, clientId: Egain.clientId, redirectUri: Egain.redirectUri, code: egain.issueCode() });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth });
  await chat.getAsset({ id });
  egain.expireTokens();
  egain.revokeRefreshTokens();
  const failure = await failureOf(chat.getAsset({ id }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', code: 'invalid_grant' });
  expect(egain.login.requests.filter(({ body }) => body.includes('authorization_code'))).toHaveLength(1);
});

test('a refresh token of an earlier login is enough', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  const first = authorizationCode({ tokenUrl: egain.userTokenUrl, clientId: Egain.clientId, redirectUri: Egain.redirectUri, code: egain.issueCode() });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: first, sessionStore }).getAsset({ id });
  const [{ refreshToken }] = [...kept.values()] as [{ refreshToken: string }];
  const later = authorizationCode({ tokenUrl: egain.userTokenUrl, clientId: Egain.clientId, redirectUri: Egain.redirectUri, refreshToken });
  await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: later }).getAsset({ id });
  expect(egain.login.requests.at(-1)!.body.toString()).toContain('grant_type=refresh_token');
});

test('a session store keeps the token across cold starts and for both clients', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const kept = new Map<string, string>();
  const sessionStore: SessionStore = {
    load: async (key) => JSON.parse(kept.get(key) ?? 'null'),
    save: async (session, key) => kept.set(key, JSON.stringify(session)),
  };
  for (let start = 0; start < 2; start += 1) {
    await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain), sessionStore }).getAsset({ id });
    await createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth: credentialsFor(egain), sessionStore }).generateDownloadAttachmentURL({
      body: { ...EMAIL, altId },
    });
  }
  expect(egain.login.requests).toHaveLength(1);
});

test('logins of one application with different scopes do not mix in one session store', async () => {
  await using egain = await Egain.start();
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  const chat = (scope: string): ReturnType<typeof createEgainConversationClient> =>
    createEgainConversationClient({
      baseUrl: egain.conversationUrl,
      auth: clientCredentials({ tokenUrl: egain.selfServiceTokenUrl, clientId: Egain.clientId, clientSecret: Egain.clientSecret, scope }),
      sessionStore,
    });
  const body = { ...TO_CUSTOMER, name: 'a.txt', size: 1 };
  expect(await failureOf(chat(READ).createAsset({ body }))).toMatchObject({ code: '403-197' });
  await chat(MANAGE).createAsset({ body });
});

test("two people who use one application and one session store never get each other's token", async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  const codes = [egain.issueCode(), egain.issueCode()];
  for (const code of [...codes, ...codes]) {
    const auth = authorizationCode({ tokenUrl: egain.userTokenUrl, clientId: Egain.clientId, redirectUri: Egain.redirectUri, code });
    await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth, sessionStore }).getAsset({ id });
  }
  // Each code was exchanged once, and each person's later start found the own login.
  expect(egain.login.requests).toHaveLength(2);
  const used = egain.api.requests.map((request) => request.header('authorization'));
  expect(used[0]).toBe(used[2]);
  expect(used[1]).toBe(used[3]);
  expect(used[0]).not.toBe(used[1]);
  for (const key of kept.keys()) for (const code of codes) expect(key).not.toContain(code);
});

test('wrong auth options are refused when they are made or when the client is made', async () => {
  const good = { tokenUrl: 'https://login.egain.cloud/t', clientId: 'c', clientSecret: 's-1234' };
  const baseUrl = 'https://api.egain.cloud/conversation/conversationmgr/v3';
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const create = createEgainConversationClient as any;
  const cases: [unknown, RegExp][] = [
    [undefined, /missing|required/],
    [{ baseUrl }, /auth is required/],
    [{ baseUrl, auth: null }, /auth/],
    [{ baseUrl, auth: 7 }, /auth/],
    [{ baseUrl, auth: '' }, /auth|token/],
    [{ baseUrl, auth: {} }, /auth must be/],
    [{ baseUrl, auth: { type: 'password', ...good } }, /auth must be/],
    [{ baseUrl, auth: { type: 'clientCredentials', ...good, clientSecret: undefined } }, /clientSecret is required/],
    [{ baseUrl, auth: { type: 'clientCredentials', ...good, tokenUrl: '/oauth/token' } }, /tokenUrl is not an absolute URL/],
    [{ baseUrl, auth: { type: 'authorizationCode', tokenUrl: good.tokenUrl, clientId: 'c' } }, /redirectUri is required/],
    [{ baseUrl, auth: { type: 'authorizationCode', tokenUrl: good.tokenUrl, clientId: 'c', redirectUri: 'https://x/' } }, /code is required/],
    [{ baseUrl: `${baseUrl}?x=1`, auth: 'token' }, /baseUrl has a query/],
    [{ baseUrl, auth: 'token', uploadMethod: 'PATCH' }, /uploadMethod/],
    [{ baseUrl, auth: 'token', uploadBody: 'form' }, /uploadBody/],
  ];
  for (const [options, message] of cases) {
    const failure = await failureOf(() => create(options));
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toContain('s-1234');
  }
  expect(() => clientCredentials({ ...good, clientId: '' })).toThrow(/clientId is required/);
  expect(() => authorizationCode({ tokenUrl: good.tokenUrl, clientId: 'c', redirectUri: 'https://x/' })).toThrow(/code is required/);
});

// ---- uploads ----

const BYTES = sampleBytes(70_000);
const SOURCES = [
  ['a Blob', () => new Blob([BYTES], { type: 'image/png' }), undefined],
  ['bytes', () => BYTES, undefined],
  ['an ArrayBuffer', () => BYTES.buffer, undefined],
  ['a part of a larger buffer', () => new Uint8Array([...new Uint8Array(5), ...BYTES]).subarray(5), undefined],
  ['a stream with a size', () => streamOf(BYTES, 8192), BYTES.length],
  ['an async iterable with a size', () => inPieces(BYTES, 999), BYTES.length],
  ['a source that knows its size', () => ({ size: BYTES.length, stream: () => inPieces(BYTES) }), undefined],
] as const;
test.each(SOURCES)('uploadAsset sends %s with the signed method, type and exact length, and no credential', async (_kind, content, size) => {
  await using egain = await Egain.start();
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain) });
  const uploaded = await chat.uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', content: content(), ...(size === undefined ? {} : { size }) });
  expect(uploaded).toEqual({ id: expect.any(String), name: 'bird.jpg', size: 70_000, contentType: 'image/jpeg', verified: 'none' });
  expect(egain.assets.get(uploaded.id)!.content).toEqual(Buffer.from(BYTES));
  const [upload] = egain.storage.requests;
  expect(upload!.method).toBe('POST');
  expect(upload!.header('content-type')).toBe('image/jpeg');
  expect(upload!.header('content-length')).toBe('70000');
  expect(upload!.header('transfer-encoding')).toBeUndefined();
  expectNoCredentials(egain.storage, Egain.clientSecret, ...egain.tokens.keys());
});

test("the type follows from the name; contentTypeFromName: false prefers the Blob's, and contentType wins where the name does not say another", async () => {
  await using egain = await Egain.start();
  const blob = new Blob(['x'], { type: 'image/png' });
  const types: (string | undefined)[] = [];
  for (const [options, params] of [
    [{}, { name: 'a.pdf', content: blob }],
    [{ contentTypeFromName: false }, { name: 'a.pdf', content: blob }],
    [{}, { name: 'a.unknownext', content: blob }],
    [{}, { name: 'README', content: Buffer.from('x') }],
    [{ contentTypeFromName: false }, { name: 'a.pdf', content: blob, contentType: 'application/x-special' }],
    [{}, { name: 'README', content: blob, contentType: 'application/x-special' }],
  ] as const) {
    egain.storage.once(/upload$/, (request) => {
      types.push(request.header('content-type'));
      return { status: 201 };
    });
    types.push((await chatOf(egain, options).uploadAsset({ ...TO_CUSTOMER, ...params })).contentType);
  }
  expect(types).toEqual(
    ['application/pdf', 'image/png', 'image/png', 'application/octet-stream', 'application/x-special', 'application/x-special'].flatMap((type) => [type, type]),
  );
});

test('uploadMethod, uploadHeaders and uploadBody fit another storage', async () => {
  await using egain = await Egain.start({ uploadMethod: 'PUT', uploadHeaders: { 'x-ms-blob-type': 'BlockBlob' }, uploadBody: 'multipart' });
  const chat = chatOf(egain, { uploadMethod: 'PUT', uploadHeaders: { 'x-ms-blob-type': 'BlockBlob' }, uploadBody: 'multipart' });
  const { id } = await chat.uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', content: new Blob([BYTES]) });
  expect(egain.assets.get(id)!.content).toEqual(Buffer.from(BYTES));
  const [upload] = egain.storage.requests;
  expect(upload!.body.toString('latin1')).toMatch(
    /^--\S+\r\nContent-Disposition: form-data; name="file"; filename="bird\.jpg"\r\nContent-Type: image\/jpeg\r\n\r\n/,
  );
  expect(upload!.header('content-length')).toBe(String(upload!.body.length));
});

test('what eGain would refuse for its size is refused before any request', async () => {
  await using egain = await Egain.start();
  const chat = chatOf(egain);
  const sized = (size: number): object => ({ size, stream: () => inPieces(new Uint8Array(1)) });
  const locked = streamOf(BYTES);
  locked.getReader();
  const cases: [object, RegExp][] = [
    [{ content: new Blob([]) }, /empty/],
    [{ content: new Uint8Array(0) }, /empty/],
    [{ content: sized(10_485_761) }, /has 10485761 bytes; eGain takes 1 to 10485760/],
    [{ content: streamOf(BYTES) }, /size is required/],
    [{ content: inPieces(BYTES) }, /size is required/],
    [{ content: new Blob(['abc']), size: 4 }, /3 bytes.*size says 4/],
    [{ content: streamOf(BYTES), size: -1 }, /size of -1/],
    [{ content: streamOf(BYTES), size: 1.5 }, /size of 1\.5/],
    [{ content: streamOf(BYTES), size: '70000' }, /size of 70000/],
    [{ content: 'text' }, /content is a string/],
    [{ content: locked, size: 5 }, /content is a stream that somebody else reads already/],
    [{ content: undefined }, /content/],
    [{ content: null }, /content/],
    [{ content: {} }, /content/],
  ];
  for (const [params, message] of cases) {
    const failure = await failureOf(chat.uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', ...params } as never));
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', vendor: 'egain' });
    expect(failure.message).toMatch(message);
  }
  expect(egain.api.requests).toHaveLength(0);
  expect(egain.storage.requests).toHaveLength(0);
});

test('onCreated learns the id before the first byte is sent, and is waited for', async () => {
  await using egain = await Egain.start();
  const seen: unknown[] = [];
  const uploaded = await chatOf(egain).uploadAsset({
    ...TO_CUSTOMER,
    name: 'a.txt',
    content: new Blob(['x']),
    onCreated: async (created) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(created, egain.storage.requests.length);
    },
  });
  expect(seen).toEqual([{ id: uploaded.id }, 0]);
  expect(egain.storage.requests).toHaveLength(1);
});

test('an onCreated that fails ends the upload before a byte is sent, and names what is left behind', async () => {
  await using egain = await Egain.start();
  const cause = new Error('disk full');
  const failing = chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']), onCreated: () => Promise.reject(cause) });
  const failure = await failureOf(failing);
  expect(failure).toMatchObject({ kind: 'invalid-request', step: 'uploadContent', leftBehind: { id: [...egain.assets.keys()][0] } });
  expect((failure.cause as Error).message).toBe('disk full');
  expect(egain.storage.requests).toHaveLength(0);
});

test('the type of a file source counts where the name tells none', async () => {
  await using egain = await Egain.start();
  const source = (type: string): { size: number; type: string; stream: () => ReadableStream<Uint8Array> } => ({
    size: 1,
    type,
    stream: () => new Blob(['x']).stream(),
  });
  const chat = chatOf(egain);
  egain.storage.once(/upload$/, { status: 201 });
  expect((await chat.uploadAsset({ ...TO_CUSTOMER, name: 'letter', content: source('text/x-letter') })).contentType).toBe('text/x-letter');
  expect((await chat.uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', content: source('text/x-letter') })).contentType).toBe('image/jpeg');
});

test('a refused createAsset is told by step, with nothing left behind', async () => {
  await using egain = await Egain.start();
  egain.api.once(/assets$/, json(400, { code: '400-10424', developerMessage: 'The size exceeds the limit of the channel.' }));
  const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }));
  expect(failure).toMatchObject({ kind: 'invalid-request', code: '400-10424', step: 'createAsset', operation: 'createAsset' });
  expect(failure).not.toHaveProperty('leftBehind');
  expect(egain.storage.requests).toHaveLength(0);
});

test.each([
  ['refuses the signature', { status: 403, body: 'The signed URL has expired' }, { status: 403, outcome: 'refused' }],
  ['fails', { status: 503, body: 'busy' }, { status: 503, outcome: 'unknown' }],
])('an upload that the storage %s is sent once and tells step and the asset that is left behind', async (_what, answer, expected) => {
  await using egain = await Egain.start();
  egain.storage.once(/upload$/, answer);
  const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }));
  const [id] = [...egain.assets.keys()];
  expect(failure).toMatchObject({ ...expected, step: 'uploadContent', leftBehind: { id }, operation: 'uploadContent' });
  expect(JSON.parse(JSON.stringify(failure))).toMatchObject({ step: 'uploadContent', leftBehind: { id } });
  expect(egain.storage.requests).toHaveLength(1);
});

test.each([
  ['ends early', 70_001],
  ['has more bytes than declared', 69_999],
])("a stream that %s fails the upload as the caller's fault, and the storage never takes it for complete", async (_what, size) => {
  await using egain = await Egain.start();
  const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', content: streamOf(BYTES), size }));
  expect(failure).toMatchObject({ kind: 'invalid-request', step: 'uploadContent', leftBehind: { id: [...egain.assets.keys()][0] } });
  expect(failure.message).toMatch(/bytes/);
  expect([...egain.assets.values()][0]!.content).toBeUndefined();
});

test('a source that fails is told with its own error as the cause', async () => {
  await using egain = await Egain.start();
  const broken = async function* (): AsyncIterable<Uint8Array> {
    yield BYTES.subarray(0, 100);
    throw new Error('the disk is gone');
  };
  const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: broken(), size: 200 }));
  expect(failure).toMatchObject({ kind: 'invalid-request', step: 'uploadContent' });
  expect(JSON.stringify(failure)).toContain('the disk is gone');
});

test.each(SOURCES)('uploadAsset with confirm reads %s back and compares it', async (_what, content, size) => {
  await using egain = await Egain.start();
  const uploaded = await chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', confirm: true, content: content(), size });
  expect(uploaded).toMatchObject({ size: 70_000, verified: 'checksum' });
  expect(egain.storage.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  expectNoCredentials(egain.storage);
});

test('confirm tells content that is another, by length or by its hash, with the asset that is left behind', async () => {
  for (const [held, message] of [
    [BYTES.map((byte, index) => (index === 100 ? byte ^ 7 : byte)), /other bytes than were sent/],
    [BYTES.subarray(1), /announced|declared|69999/],
  ] as const) {
    await using egain = await Egain.start();
    egain.storage.once(/^GET/, { status: 200, headers: { 'Content-Type': 'image/jpeg', 'Content-Length': String(held.length) }, body: Buffer.from(held) });
    const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'bird.jpg', content: new Blob([BYTES]), confirm: true }));
    const [id] = [...egain.assets.keys()];
    expect(failure).toMatchObject({ kind: 'integrity', step: 'confirm', outcome: 'unknown', leftBehind: { id } });
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(/leftBehind/);
  }
});

test('confirm that cannot read is told as that step: the upload itself was accepted', async () => {
  await using egain = await Egain.start();
  const cases: [RegExp, Parameters<typeof egain.api.once>[1], object][] = [
    [/^GET .*\/assets\/[^/]+$/, json(403, { code: '403-197', developerMessage: 'The scope is not assigned.' }), { kind: 'permission-denied', code: '403-197' }],
    [/^GET .*\/assets\/[^/]+$/, json(200, { id: 'x', name: 'a.txt' }), { kind: 'not-ready' }],
  ];
  for (const [route, answer, expected] of cases) {
    egain.api.once(route, answer);
    const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']), confirm: true }));
    const id = [...egain.assets.keys()].at(-1);
    expect(failure).toMatchObject({ ...expected, step: 'confirm', outcome: 'unknown', leftBehind: { id } });
    expect(egain.assets.get(id!)!.content!.toString()).toBe('x');
  }
});

test('the outcome is that of the step: not sent, refused, unknown', async () => {
  await using egain = await Egain.start();
  const upload = (more: object = {}, options: object = {}): Promise<ApiError> =>
    failureOf(chatOf(egain, more).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }, options));
  // createAsset
  expect(await upload({ baseUrl: 'http://127.0.0.1:1/x', maxRetries: false })).toMatchObject({ step: 'createAsset', outcome: 'not-sent', kind: 'network' });
  egain.api.once(/assets$/, json(403, { code: '403-197', developerMessage: 'no' }));
  expect(await upload()).toMatchObject({ step: 'createAsset', outcome: 'refused' });
  egain.api.once(/assets$/, { status: 502 });
  const unknown = await upload();
  expect(unknown).toMatchObject({ step: 'createAsset', outcome: 'unknown', attempts: 1 });
  expect(unknown.hint).toMatch(/whose id is not known, may have been made/);
  // uploadContent
  egain.api.once(/assets$/, json(200, { id: 'a1', contentUrl: 'http://127.0.0.1:1/upload?signature=canary-signature' }));
  const unsent = await upload();
  expect(unsent).toMatchObject({ step: 'uploadContent', outcome: 'not-sent', leftBehind: { id: 'a1' } });
  expect(unsent.hint).toMatch(/exists without content: delete it with deleteAsset/);
  expect(JSON.stringify(unsent)).not.toContain('canary-signature');
  egain.storage.once(/upload$/, { status: 403, body: 'no' });
  expect(await upload()).toMatchObject({ step: 'uploadContent', outcome: 'refused', attempts: 1 });
  egain.storage.once(/upload$/, (_request, raw) => void raw.socket!.resetAndDestroy());
  expect(await upload()).toMatchObject({ step: 'uploadContent', outcome: 'unknown', kind: 'network', attempts: 1 });
});

test('the deadline is for the whole job, and an abort between the steps ends it', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  const stop = new AbortController();
  egain.storage.always(/upload$/, () => {
    clock.advance(3000);
    return undefined;
  });
  egain.api.once(/assets$/, () => {
    clock.advance(2000);
    return json(200, { id: 'a1', contentUrl: `${egain.storage.origin}/upload?signature=1` });
  });
  const late = await failureOf(chatOf(egain, { clock, deadlineMs: 4000 }).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }));
  expect(late).toMatchObject({ kind: 'timeout', step: 'uploadContent', leftBehind: { id: 'a1' } });
  egain.api.once(/assets$/, () => {
    queueMicrotask(() => stop.abort(new Error('enough')));
    return json(200, { id: 'a2', contentUrl: `${egain.storage.origin}/upload?signature=1` });
  });
  const before = egain.storage.requests.length;
  const aborted = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }, { signal: stop.signal }));
  expect(aborted).toMatchObject({ kind: 'aborted', cause: { message: 'enough' } });
  expect(egain.storage.requests).toHaveLength(before);
});

test('progress of uploadAsset is that of the way out, also with confirm', async () => {
  await using egain = await Egain.start();
  const told: number[] = [];
  await chatOf(egain).uploadAsset(
    { ...TO_CUSTOMER, name: 'bird.jpg', content: streamOf(BYTES), size: BYTES.length, confirm: true },
    { onProgress: ({ bytes }) => void told.push(bytes) },
  );
  expect(told.at(-1)).toBe(70_000);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  expect(new Set(told).size).toBe(told.length);
});

test('an upload that the storage redirects to another origin is not sent there', async () => {
  await using egain = await Egain.start();
  await using other = await Egain.start();
  egain.storage.once(/upload$/, { status: 307, headers: { Location: `${other.storage.origin}/take` } });
  const failure = await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }));
  expect(failure).toMatchObject({ kind: 'unexpected', step: 'uploadContent' });
  expect(other.storage.requests).toHaveLength(0);
});

test('createAsset answers without id or contentUrl are told as unexpected', async () => {
  await using egain = await Egain.start();
  for (const body of [{}, { id: 'a1' }, { contentUrl: 'https://x.example.com/' }]) {
    egain.api.once(/assets$/, json(200, body));
    expect(await failureOf(chatOf(egain).uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }))).toMatchObject({
      kind: 'unexpected',
      step: 'createAsset',
    });
  }
});

test('uploadContent alone needs neither client nor credentials', async () => {
  await using egain = await Egain.start();
  const { contentUrl = '', id = '' } = await chatOf(egain).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 5 } });
  expect(await uploadContent({ contentUrl, content: new Blob(['hello']), contentType: 'text/plain' })).toEqual({ bytes: 5, status: 201 });
  expect(egain.assets.get(id)!.content!.toString()).toBe('hello');
  expectNoCredentials(egain.storage);
});

test.each([
  ['a Blob', new Blob([BYTES])],
  ['bytes', BYTES],
] as const)('uploadContent sends %s with an exact Content-Length also through a fetch function, as in a browser', async (_kind, content) => {
  await using egain = await Egain.start();
  const { contentUrl = '', id = '' } = await chatOf(egain).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: BYTES.length } });
  await uploadContent({ contentUrl, content, contentType: 'text/plain' }, { fetch: (request: Request) => globalThis.fetch(request) });
  expect(egain.assets.get(id)!.content).toEqual(Buffer.from(BYTES));
  expect(egain.storage.requests[0]!.header('content-length')).toBe('70000');
});

test('uploadContent of the client sends the second half, for a signed URL at hand', async () => {
  await using egain = await Egain.start();
  const chat = chatOf(egain);
  const { contentUrl = '' } = await chat.createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 5 } });
  await chat.uploadContent(
    { contentUrl, content: streamOf(Buffer.from('hello')), size: 5, contentType: 'text/plain' },
    { headers: { authorization: 'Bearer call-canary' } },
  );
  expectNoCredentials(egain.storage, 'call-canary');
});

test('uploadContent refuses wrong arguments before any request', async () => {
  await using egain = await Egain.start();
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const untyped = uploadContent as any;
  const good = { contentUrl: `${egain.storage.origin}/u?signature=s`, content: new Blob(['x']), contentType: 'text/plain' };
  const cases: [unknown, RegExp][] = [
    [undefined, /argument must be an object/],
    [{ ...good, contentUrl: undefined }, /contentUrl/],
    [{ ...good, contentUrl: '/upload' }, /contentUrl is not an absolute URL/],
    [{ ...good, contentUrl: 'file:///etc/passwd' }, /scheme|contentUrl/],
    [{ ...good, content: undefined }, /content/],
    [{ ...good, contentType: undefined }, /contentType/],
    [{ ...good, contentType: 'text/plain\r\nx: y' }, /contentType/],
    [{ ...good, sise: 1 }, /sise is not an argument/],
  ];
  const chat = chatOf(egain);
  for (const [params, message] of cases) {
    // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
    for (const upload of [untyped, chat.uploadContent as any]) {
      const failure = await failureOf(() => upload(params));
      expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
      expect(failure.message).toMatch(message);
    }
  }
  expect(egain.storage.requests).toHaveLength(0);
});

// ---- downloads ----

test('downloadAsset streams the content with name, type and size, without credentials', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'Vogel – 鳥.jpg', content: BYTES });
  const content = await createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: credentialsFor(egain) }).downloadAsset({ id });
  expect(content).toMatchObject({ name: 'Vogel – 鳥.jpg', mediaType: 'image/jpeg', size: 70_000 });
  expect(await content.bytes()).toEqual(BYTES);
  expect(content.receipt()).toMatchObject({ bytes: 70_000, sha256: createHash('sha256').update(BYTES).digest('hex'), verified: 'length' });
  expectNoCredentials(egain.storage, ...egain.tokens.keys());
});

test('a content is read once; a second read is refused', async () => {
  await using egain = await Egain.start();
  const content = await chatOf(egain).downloadAsset({ id: egain.addAsset({ name: 'a.txt', content: Buffer.from('x') }) });
  expect(await content.text()).toBe('x');
  expect(await failureOf(content.text())).toMatchObject({ kind: 'invalid-request' });
});

test('bytes that do not match the announced size are an integrity failure', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('whole') });
  egain.storage.once(/download$/, (_request, raw) => {
    // Chunked: no length in the answer, so only the asset's own size can tell.
    raw.writeHead(200, { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' });
    raw.end('who');
    return undefined;
  });
  const failure = await failureOf(async () => (await chatOf(egain).downloadAsset({ id }, { maxRetries: false })).bytes());
  expect(failure).toMatchObject({ kind: 'integrity' });
  expect(failure.message).toMatch(/3 of the declared 5/);
});

test('a whole answer of another length than the asset has is an integrity failure, too', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('whole') });
  egain.storage.once(/download$/, { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>please log in</html>' });
  const failure = await failureOf(async () => (await chatOf(egain).downloadAsset({ id })).bytes());
  expect(failure).toMatchObject({ kind: 'integrity' });
});

test('an asset whose content was never uploaded is not-ready', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: undefined });
  const failure = await failureOf(chatOf(egain).downloadAsset({ id }));
  expect(failure).toMatchObject({ kind: 'not-ready', operation: 'downloadAsset', params: { id }, retryable: true });
  expect(failure.hint).toMatch(/not uploaded/);
  expect(egain.storage.requests).toHaveLength(0);
});

test('a used or expired URL is signed anew, once', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('whole') });
  egain.storage.once(/download$/, { status: 403, body: 'The signed URL was used before' });
  expect(await (await chatOf(egain, { clock }).downloadAsset({ id })).text()).toBe('whole');
  expect(new Set(egain.storage.requests.map(({ url }) => url)).size).toBe(2);
  for (let i = 0; i < 4; i += 1) egain.storage.once(/download$/, { status: 403, body: 'The signed URL has expired' });
  const failure = await failureOf(chatOf(egain, { clock }).downloadAsset({ id }));
  expect(failure).toMatchObject({ status: 403, attempts: 2, operation: 'downloadAsset' });
  expect(failure.hint).toMatch(/signed URL/);
});

test('an asset that does not exist is asked for once by a download', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  expect(await failureOf(chatOf(egain, { clock }).downloadAsset({ id: 'none' }))).toMatchObject({ kind: 'not-found', code: '404-101', operation: 'getAsset' });
  expect(egain.api.requests).toHaveLength(1);
});

test('downloadAttachment asks for a URL and streams the attachment, without credentials', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'invoice.pdf', content: BYTES });
  const content = await createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth: credentialsFor(egain) }).downloadAttachment({ ...EMAIL, altId });
  expect(content).toMatchObject({ name: 'invoice.pdf', mediaType: 'application/pdf', size: 70_000 });
  expect(await content.bytes()).toEqual(BYTES);
  expectNoCredentials(egain.storage, ...egain.tokens.keys());
});

test('downloadAttachment reads JSON also where the caller asks for XML', async () => {
  await using egain = await Egain.start();
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  const content = await mailOf(egain).downloadAttachment({ ...EMAIL, altId }, { accept: 'application/xml' });
  expect(await content.text()).toBe('pdf');
});

test('an attachment that is unknown is not-found by code 400-194, and asked for once', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  const failure = await failureOf(mailOf(egain, { clock }).downloadAttachment({ ...EMAIL, altId: 'none' }));
  expect(failure).toMatchObject({ kind: 'not-found', status: 400, code: '400-194' });
  expect(failure.hint).toMatch(/altId/);
  expect(egain.api.requests).toHaveLength(1);
});

test('an attachment answer without contentUrl is told, and a blocked attachment as such', async () => {
  await using egain = await Egain.start();
  egain.api.once(/predownload$/, json(200, { altId: 'a', blocked: true }));
  expect((await failureOf(mailOf(egain).downloadAttachment({ ...EMAIL, altId: 'a' }))).message).toMatch(/blocked/);
  egain.api.once(/predownload$/, json(200, { altId: 'a' }));
  expect(await failureOf(mailOf(egain).downloadAttachment({ ...EMAIL, altId: 'a' }))).toMatchObject({ kind: 'unexpected', operation: 'downloadAttachment' });
});

test.each([
  ['http://files.egain.cloud/u?signature=s', /not https/],
  ['https://169.254.169.254/u?signature=s', /not a public address/],
  ['https://storage.internal/u?signature=s', /not a public address/],
])('a public API that signs the address %s gets no bytes sent there', async (contentUrl, message) => {
  const base = 'https://api.egain.cloud/conversation/conversationmgr/v3';
  const wire = scriptedFetch({
    [`${base}/assets`]: () => Response.json({ id: 'a1', contentUrl }),
    [`${base}/assets/a1`]: () => Response.json({ id: 'a1', contentUrl }),
  });
  const chat = createEgainConversationClient({ baseUrl: base, auth: 'token-1234', fetch: wire.fetch });
  const failure = await failureOf(chat.uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) }));
  expect(failure).toMatchObject({ kind: 'unexpected', step: 'uploadContent', leftBehind: { id: 'a1' } });
  expect(failure.message).toMatch(message);
  expect((await failureOf(chat.downloadAsset({ id: 'a1' }))).message).toMatch(message);
  expect(wire.asked).toEqual([`POST ${base}/assets`, `GET ${base}/assets/a1`]);
});

test('trustedOrigins lets uploads and downloads go to a private storage, still without credentials', async () => {
  const base = 'https://api.egain.cloud/conversation/conversationmgr/v3';
  const contentUrl = 'http://10.1.2.3:9000/u?signature=s';
  const wire = scriptedFetch({
    [`${base}/assets`]: () => Response.json({ id: 'a1', contentUrl }),
    [`${base}/assets/a1`]: () => Response.json({ id: 'a1', contentUrl }),
    'http://10.1.2.3:9000/u': (request) => (request.method === 'POST' ? new Response(null, { status: 201 }) : new Response('inside')),
  });
  const chat = createEgainConversationClient({ baseUrl: base, auth: 'token-1234', fetch: wire.fetch, trustedOrigins: ['http://10.1.2.3:9000'] });
  await chat.uploadAsset({ ...TO_CUSTOMER, name: 'a.txt', content: new Blob(['x']) });
  expect(await (await chat.downloadAsset({ id: 'a1' })).text()).toBe('inside');
  for (const request of wire.requests.filter(({ url }) => url.startsWith('http://10.1.2.3'))) expect(request.headers.get('authorization')).toBeNull();
});

// ---- errors ----

const ROWS = [
  [400, '400-101', 'invalid-request', /parameter/],
  [400, '400-146', 'invalid-request', /member/],
  [400, '400-152', 'invalid-request', /illegal/],
  [400, '400-194', 'not-found', /id/],
  [400, '400-10424', 'invalid-request', /limit/],
  [401, '401-101', 'unauthenticated', /token/],
  [403, '403-197', 'permission-denied', /scope/],
  [403, '403-105', 'permission-denied', /permission/],
  [404, '404-101', 'not-found', /id/],
  [404, '404-470', 'not-found', /id/],
  [406, '406-100', 'invalid-request', /Accept-Language/],
  [409, '409-100', 'conflict', /./],
  [500, '500-100', 'server', /eGain/],
] as const;
test.each(ROWS)('status %i with code %s is kind %s with a hint', async (status, code, kind, hint) => {
  await using egain = await Egain.start();
  const error = { code, developerMessage: 'What happened.', details: [{ key: 'attribute', value: 'name' }] };
  const calls = {
    createAsset: () => chatOf(egain).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } }),
    getAsset: () => chatOf(egain).getAsset({ id: 'a' }),
    generateDownloadAttachmentURL: () => mailOf(egain).generateDownloadAttachmentURL({ body: { ...EMAIL, altId: 'a' } }),
  };
  for (const [operation, call] of Object.entries(calls)) {
    egain.api.once(/./, json(status, error, { 'X-Request-Id': 'r-1' }));
    const failure = await failureOf(call());
    expect(failure).toMatchObject({
      kind,
      status,
      code,
      operation,
      vendor: 'egain',
      requestId: 'r-1',
      details: error,
      attempts: 1,
      outcome: status >= 500 ? 'unknown' : 'refused',
    });
    expect(failure.hint).toMatch(hint);
    expect(failure.message).toContain('What happened.');
    const shown = JSON.parse(JSON.stringify(failure)) as Record<string, unknown>;
    expect(shown).toMatchObject({ name: 'ApiError', kind, status, code, operation, hint: failure.hint, details: error, outcome: failure.outcome });
  }
});

test('legacy bodies, numeric codes and HTML are read as far as they go', async () => {
  await using egain = await Egain.start();
  const chat = chatOf(egain);
  egain.api.once(/./, json(404, { message: 'Old style' }));
  expect((await failureOf(chat.getAsset({ id: 'a' }))).message).toContain('Old style');
  egain.api.once(/./, json(404, { code: 404, developerMessage: 'Numbered' }));
  expect(await failureOf(chat.getAsset({ id: 'a' }))).toMatchObject({ kind: 'not-found', code: '404' });
  egain.api.once(/./, { status: 403, headers: { 'Content-Type': 'text/html' }, body: '<html><title>403 Forbidden</title></html>' });
  expect(await failureOf(chat.getAsset({ id: 'a' }))).toMatchObject({ kind: 'permission-denied', body: expect.stringContaining('403 Forbidden') });
});

test('a token without the scope may read but not create; 403 is understood although Create Asset does not declare it', async () => {
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth: egain.issueToken([READ]) });
  await chat.getAsset({ id });
  expect(await failureOf(chat.createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } }))).toMatchObject({ kind: 'permission-denied', code: '403-197' });
  const failure = await failureOf(chat.deleteAsset({ id }));
  expect(failure.kind).toBe('permission-denied');
});

test('429 is waited for until X-RateLimit-Reset, an ISO date, and createAsset is then sent again', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  egain.api.once(
    /assets$/,
    json(
      429,
      { code: '429-001', developerMessage: 'Too many' },
      { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': new Date(clock.now() + 900).toISOString() },
    ),
  );
  await chatOf(egain, { clock }).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } });
  expect(clock.waits).toContain(900);
  expect(egain.assets.size).toBe(1);
});

test('429 without retries tells how long to wait', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  egain.api.once(
    /assets$/,
    json(429, { code: '429-001', developerMessage: 'Too many' }, { 'X-RateLimit-Reset': new Date(clock.now() + 42_000).toISOString() }),
  );
  const failure = await failureOf(chatOf(egain, { clock, maxRetries: false }).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } }));
  expect(failure).toMatchObject({ kind: 'rate-limited', code: '429-001', retryable: true, retryAfterMs: 42_000 });
});

test('createAsset is never repeated after a failure of the server; getAsset and predownload are', async () => {
  const clock = new TestClock();
  await using egain = await Egain.start();
  const id = egain.addAsset({ name: 'a.txt', content: Buffer.from('x') });
  const altId = egain.addAttachment({ ...EMAIL, name: 'a.pdf', content: Buffer.from('pdf') });
  egain.api.once(/assets$/, { status: 503 });
  expect(await failureOf(chatOf(egain, { clock }).createAsset({ body: { ...TO_CUSTOMER, name: 'a.txt', size: 1 } }))).toMatchObject({
    kind: 'server',
    attempts: 1,
    outcome: 'unknown',
  });
  egain.api.once(/./, { status: 503 });
  await chatOf(egain, { clock }).getAsset({ id });
  egain.api.once(/./, { status: 503 });
  await mailOf(egain, { clock }).generateDownloadAttachmentURL({ body: { ...EMAIL, altId } });
  expect(egain.api.requests).toHaveLength(5);
});

// ---- parameters ----

test('wrong parameters are refused before any request, naming the parameter and the rule', async () => {
  await using egain = await Egain.start();
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const chat = chatOf(egain) as any;
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const mail = mailOf(egain) as any;
  const body = { ...TO_CUSTOMER, name: 'a.txt', size: 1 };
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => chat.createAsset(), /body is required/],
    [() => chat.createAsset({ body: null }), /body/],
    [() => chat.createAsset({ body: 'text' }), /body must be an object/],
    [() => chat.createAsset({ ...body }), /channel is not a parameter of this operation/],
    [() => chat.createAsset({ body: { ...body, channel: undefined } }), /body\.channel is required/],
    [() => chat.createAsset({ body: { ...body, channel: 'sms' } }), /body\.channel must be an object/],
    [() => chat.createAsset({ body: { ...body, channel: {} } }), /body\.channel\.type is required/],
    [() => chat.createAsset({ body: { ...body, sender: { type: 'agent' } } }), /body\.sender\.type must be one of "custom_bot", "customer".*; got "agent"/],
    [() => chat.createAsset({ body: { ...body, name: '' } }), /body\.name must not be empty/],
    [() => chat.createAsset({ body: { ...body, name: 'x'.repeat(256) } }), /body\.name must have at most 255 characters, has 256/],
    [() => chat.createAsset({ body: { ...body, size: 0 } }), /body\.size must be at least 1/],
    [() => chat.createAsset({ body: { ...body, size: 10_485_761 } }), /body\.size must be at most 10485760/],
    [() => chat.createAsset({ body: { ...body, size: '1' } }), /body\.size must be a safe integer/],
    [() => chat.createAsset({ body: { ...body, size: 1.5 } }), /body\.size must be a safe integer/],
    [() => chat.getAsset({}), /\bid is required/],
    [() => chat.getAsset({ id: 1001 }), /\bid must be a string/],
    [() => chat.getAsset({ id: '' }), /\bid must not be empty/],
    [() => chat.getAsset({ id: 'x'.repeat(256) }), /\bid must have at most 255/],
    [() => chat.getAsset({ ID: 'a' }), /ID is not a parameter|did you mean "id"/],
    [() => chat.getAsset({ id: 'a', 'X-egain-error-message': 'no' }), /X-egain-error-message must be one of "yes"/],
    [() => chat.getAsset({ id: '\ud800' }), /\bid .*Unicode/],
    [() => chat.downloadAsset(), /argument must be an object/],
    [() => chat.downloadAsset({}), /\bid is required/],
    [() => chat.downloadAsset({ id: 5 }), /\bid must be a string/],
    [() => chat.downloadAsset({ id: 'a', name: 'b' }), /name is not an argument/],
    [() => chat.uploadAsset(), /argument must be an object/],
    [() => chat.uploadAsset({ ...body, size: undefined, content: new Blob(['x']), sender: { type: 'me' } }), /sender\.type must be one of/],
    [() => chat.uploadAsset({ ...body, size: undefined, content: new Blob(['x']), channel: undefined }), /channel is required/],
    [() => chat.uploadAsset({ ...body, size: undefined, content: new Blob(['x']), name: undefined }), /name is required/],
    [() => chat.uploadAsset({ ...body, size: undefined, content: new Blob(['x']), contenttype: 'a/b' }), /contenttype is not an argument/],
    [() => chat.uploadAsset({ ...body, size: undefined, content: new Blob(['x']), contentType: 7 }), /contentType/],
    [
      () => mail.generateDownloadAttachmentURL({ body: { app: 'mail', type: 'attachment', altId: 'a' } }),
      /body\.app must be one of "email", "task", "calltrack"/,
    ],
    [() => mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'inbound', altId: 'a' } }), /body\.type must be one of/],
    [() => mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment' } }), /body\.altId is required/],
    [() => mail.generateDownloadAttachmentURL({ body: { ...EMAIL, altId: 'a', inline: 'no' } }), /body\.inline must be a boolean/],
    [() => mail.generateDownloadAttachmentURL({ acceptLanguage: 'en-US', body: { ...EMAIL, altId: 'a' } }), /acceptLanguage.*did you mean "Accept-Language"/],
    [() => mail.downloadAttachment(), /argument must be an object/],
    [() => mail.downloadAttachment({ app: 'email', type: 'attachment' }), /altId is required/],
    [() => mail.downloadAttachment({ ...EMAIL, altId: 'a', id: 'b' }), /\bid is not an argument/],
  ];
  for (const [call, message] of cases) {
    const failure = await failureOf(call);
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0, vendor: 'egain' });
    expect(failure.message).toMatch(message);
  }
  expect(egain.api.requests).toHaveLength(0);
  expect(egain.storage.requests).toHaveLength(0);
});

test("ApiError.is narrows to the operation, and the details are the vendor's body", async () => {
  await using egain = await Egain.start();
  const chat = chatOf(egain);
  const failure: unknown = await failureOf(chat.getAsset({ id: 'none' }));
  expect(ApiError.is(failure)).toBe(true);
  expect(ApiError.is(failure, chat.createAsset)).toBe(false);
  // An operation of the same name, of another vendor.
  expect(ApiError.is(failure, createWorldServerClient({ baseUrl: 'https://w.example.com/ws-api', username: 'u', password: 'p-1234' }).getAsset)).toBe(false);
  if (!ApiError.is(failure, chat.getAsset)) throw new Error('not narrowed');
  expect(failure.status === 404 && failure.details?.details?.[0]).toEqual({ key: 'id', value: 'none' });
  expect(ApiError.is(new Error('other'))).toBe(false);
  expect(ApiError.is(undefined)).toBe(false);
});
