/** The built Tenovos client against a server written from the vendor's pages. */

import { expect, test } from 'vitest';

import { ApiError, createTenovosClient, metadata, tenovosLogin, type SessionStore } from '@asset-clients/tenovos';

import { Tenovos } from './independent/tenovos.ts';
import { sampleBytes } from './support/bytes.ts';
import { expectNoCredentials } from './support/credentials.ts';
import { failureOf } from './support/failures.ts';
import { json, type RecordedRequest } from './support/recording-server.ts';
import { scriptedFetch } from './support/scripted-fetch.ts';
import { TestClock } from './support/test-clock.ts';

const HOUR_MS = 3_600_000;
const DETAILS = /^GET \/v1\/assets\/asset\//;
const CONTENT = /^GET \/v1\/asset\/.*\/content$/;

const logins = (tenovos: Tenovos): RecordedRequest[] => tenovos.api.to('POST /v1/auth/token').filter(({ body }) => body.includes('password'));
const refreshes = (tenovos: Tenovos): RecordedRequest[] => tenovos.api.to('POST /v1/auth/token').filter(({ body }) => body.includes('refreshToken'));

// ---- operations ----

test('retrieveAsset logs in first, then asks for the asset with key, raw token and Content-Type', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ metadata: [{ name: 'Product', value: 'HooliDocs' }] });
  const dam = createTenovosClient(tenovos.login);
  const { status, data } = await dam.retrieveAsset({ id });
  expect(status).toBe('success');
  expect(data).toMatchObject({ assetId: id, filename: 'hooli-logo.jpg', currentVersion: true, fileState: 'recycle bin', versionNumber: 1_718_021_603_782 });

  const [token, details, ...more] = tenovos.api.requests;
  expect(more).toEqual([]);
  expect(token).toMatchObject({ method: 'POST', url: '/v1/auth/token' });
  expect(token!.json()).toEqual({ username: Tenovos.username, password: Tenovos.password });
  expect(token!.header('x-api-key')).toBe(Tenovos.apiKey);
  expect(token!.header('authorization')).toBeUndefined();
  expect(details).toMatchObject({ method: 'GET', url: `/v1/assets/asset/${id}` });
  expect(details!.header('x-api-key')).toBe(Tenovos.apiKey);
  expect(details!.body).toHaveLength(0);
});

test('the GET of an asset carries Content-Type: application/json although it has no body', async () => {
  await using tenovos = await Tenovos.start();
  await createTenovosClient(tenovos.login).retrieveAsset({ id: tenovos.addAsset() });
  expect(tenovos.api.to(DETAILS)[0]!.header('content-type')).toBe('application/json');
});

test('Authorization is the raw session token, without Bearer and never HTTP Basic', async () => {
  await using tenovos = await Tenovos.start();
  await createTenovosClient(tenovos.login).retrieveAsset({ id: tenovos.addAsset() });
  const [session] = [...tenovos.sessions.values()];
  expect(tenovos.api.to(DETAILS)[0]!.header('authorization')).toBe(session!.authorization);
});

test('authorizationScheme Bearer puts that prefix before the token', async () => {
  await using tenovos = await Tenovos.start({ authorization: 'Bearer' });
  await createTenovosClient({ ...tenovos.login, authorizationScheme: 'Bearer' }).retrieveAsset({ id: tenovos.addAsset() });
  expect(tenovos.api.to(DETAILS)[0]!.header('authorization')).toMatch(/^Bearer eyJ/);
});

test('the AccessToken header is sent by default, for servers that need it', async () => {
  await using tenovos = await Tenovos.start({ accessToken: 'required' });
  await createTenovosClient(tenovos.login).retrieveAsset({ id: tenovos.addAsset() });
  const [session] = [...tenovos.sessions.values()];
  expect(tenovos.api.to(DETAILS)[0]!.header('accesstoken')).toBe(session!.accessToken);
});

test('accessTokenHeader: false leaves the AccessToken header out, for servers that refuse it', async () => {
  await using tenovos = await Tenovos.start({ accessToken: 'refused' });
  const id = tenovos.addAsset();
  expect((await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id }))).status).toBe(401);
  await createTenovosClient({ ...tenovos.login, accessTokenHeader: false }).retrieveAsset({ id });
  expect(tenovos.api.to(DETAILS).at(-1)!.header('accesstoken')).toBeUndefined();
});

test('empty and system are sent as true and false, and only when given', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ metadata: [{ name: 'Unset', value: '' }] });
  const dam = createTenovosClient(tenovos.login);
  await dam.retrieveAsset({ id });
  const short = await dam.retrieveAsset({ id, empty: false, system: false });
  await dam.retrieveAsset({ id, empty: true });
  expect(tenovos.api.to(DETAILS).map(({ url }) => url.split('?')[1])).toEqual([undefined, 'empty=false&system=false', 'empty=true']);
  expect(short.data?.metadata).toEqual([]);
});

test('fields that the documentation does not know are kept', async () => {
  await using tenovos = await Tenovos.start();
  const { data } = await createTenovosClient(tenovos.login).retrieveAsset({ id: tenovos.addAsset() });
  expect(data).toHaveProperty('aNewField', { added: 'later' });
});

test('a file identifier is passed through like an asset identifier', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ fileId: '0fcb5eb4-5e0e-4ffa-8780-9206a0f833f1' });
  const { data } = await createTenovosClient(tenovos.login).retrieveAsset({ id: '0fcb5eb4-5e0e-4ffa-8780-9206a0f833f1' });
  expect(data?.assetId).toBe(id);
});

test('getAssetContent answers the signed URL', async () => {
  await using tenovos = await Tenovos.start();
  const { presignedURL } = await createTenovosClient(tenovos.login).getAssetContent({ id: tenovos.addAsset() });
  expect(presignedURL).toContain('X-Amz-Expires=20');
});

test('exposeAssets sends a JSON array and answers links per asset', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ renditions: { imageThumb: Buffer.from('t') } });
  const body = [
    {
      id,
      identifier: 'objectId' as const,
      components: [
        { componentType: 'rendition' as const, componentRef: ['imageThumb'], expiration: 3000 },
        { componentType: 'object' as const, componentRef: 'original' as const, expiration: 60 },
      ],
    },
  ];
  const [exposed] = await createTenovosClient(tenovos.login).exposeAssets({ body });
  expect(tenovos.api.to('POST /v1/asset/expose')[0]!.json()).toEqual(body);
  expect(exposed?.components?.map(({ renditionType }) => renditionType)).toEqual(['imageThumb', 'original']);
});

test('searchKeyword and scanAssets answer one page', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ filename: 'hero.tif' });
  tenovos.addAsset({ filename: 'other.tif' });
  const dam = createTenovosClient(tenovos.login);
  expect(await dam.searchKeyword({ body: { searchTerm: ['hero'], operation: 'AND' } })).toMatchObject({ hitCount: 1, result: [{ objectId: id }] });
  expect(await dam.scanAssets({ body: { limit: 1 } })).toMatchObject({ hitCount: 2, cursor: 'cursor/1+=' });
});

test('createToken called directly sends the key alone and needs no login before it', async () => {
  await using tenovos = await Tenovos.start();
  const answer = await createTenovosClient(tenovos.login).createToken({ body: { username: Tenovos.username, password: Tenovos.password } });
  expect(answer.session?.expireEpoch).toBeGreaterThan(0);
  expect(tenovos.api.requests).toHaveLength(1);
  expect(tenovos.api.requests[0]!.header('authorization')).toBeUndefined();
});

test('revokeToken sends a JSON body with DELETE and ends the session that the caller names', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  const token = await dam.createToken({ body: { username: Tenovos.username, password: Tenovos.password } });
  const { endpointUrl = '', clientId = '', userPoolId = '', username = '', session = {} } = token;
  const { authorization = '', accessToken = '', refreshToken = '' } = session;
  const body = { endpointUrl, clientId, userPoolId, username, session: { authorization, accessToken, refreshToken } };
  const answer = await dam.revokeToken({ body }, { headers: { AccessToken: accessToken } });
  expect(answer.session?.authorization).toBe('');
  const [sent] = tenovos.api.to('DELETE /v1/auth/token');
  expect(sent!.json()).toEqual(body);
  expect(sent!.header('accesstoken')).toBe(accessToken);
  expect(tenovos.sessions.has(refreshToken)).toBe(false);
});

test('revokeToken sends the AccessToken header, which it needs, also with accessTokenHeader: false', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, accessTokenHeader: false });
  await dam.retrieveAsset({ id: tenovos.addAsset() });
  const [[refreshToken, { authorization, accessToken }]] = [...tenovos.sessions] as unknown as [[string, { authorization: string; accessToken: string }]];
  await dam.revokeToken({ body: { endpointUrl: 'x', clientId: 'c', userPoolId: 'p', username: 'u', session: { authorization, accessToken, refreshToken } } });
  expect(tenovos.api.to('DELETE /v1/auth/token')[0]!.header('accesstoken')).toBe(accessToken);
});

test('withResponse gives status, headers and the request id beside the data', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  tenovos.api.once(DETAILS, json(200, { status: 'success', data: { assetId: 'x' } }, { 'x-amzn-requestid': 'req-7' }));
  const { data, status, headers, requestId } = await dam.retrieveAsset({ id: 'x' }).withResponse();
  expect({ id: data.data?.assetId, status, type: headers.get('content-type'), requestId }).toEqual({
    id: 'x',
    status: 200,
    type: 'application/json',
    requestId: 'req-7',
  });
});

test('client.request calls a path that no document has, with the same login', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  tenovos.api.once('GET /v1/metadata/template', (request) => json(200, { key: request.header('x-api-key'), token: request.header('authorization') }));
  const answer = await dam.request<{ key: string; token: string }>('GET /metadata/template', { query: { page: 2 } });
  expect(answer.key).toBe(Tenovos.apiKey);
  expect(answer.token).toMatch(/^eyJ/);
  expect(tenovos.api.requests.at(-1)!.url).toBe('/v1/metadata/template?page=2');
});

// ---- login ----

test('20 parallel calls share one login', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const dam = createTenovosClient(tenovos.login);
  await Promise.all(Array.from({ length: 20 }, () => dam.retrieveAsset({ id })));
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
  expect(tenovos.api.to(DETAILS)).toHaveLength(20);
});

test('20 parallel calls share one refused login, and the asset is never asked for', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, password: 'wrong' });
  const failures = await Promise.all(Array.from({ length: 20 }, () => failureOf(dam.retrieveAsset({ id: 'x' }))));
  expect(new Set(failures.map(({ kind }) => kind))).toEqual(new Set(['unauthenticated']));
  expect(tenovos.api.requests).toHaveLength(1);
});

test('two clients that share one tenovosLogin share one login', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const auth = tenovosLogin(tenovos.login);
  const clients = [createTenovosClient({ baseUrl: tenovos.baseUrl, auth }), createTenovosClient({ baseUrl: tenovos.baseUrl, auth })];
  await Promise.all(clients.map((client) => client.retrieveAsset({ id })));
  expect(logins(tenovos)).toHaveLength(1);
});

test('the token is refreshed before its hour is over, and the password is not sent again', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now() });
  const id = tenovos.addAsset();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  await dam.retrieveAsset({ id });
  clock.advance(HOUR_MS / 2);
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
  const [[refreshToken, { accessToken }]] = [...tenovos.sessions] as unknown as [[string, { accessToken: string }]];
  clock.advance(HOUR_MS / 2);
  await dam.retrieveAsset({ id });
  expect(logins(tenovos)).toHaveLength(1);
  expect(refreshes(tenovos).map((request) => request.json())).toEqual([{ session: { accessToken, refreshToken } }]);
  // No call was wasted on an expired token.
  expect(tenovos.api.to(DETAILS)).toHaveLength(3);
});

test('the old refresh token is kept where a refresh returns none', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now() });
  const id = tenovos.addAsset();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  for (let hour = 0; hour < 4; hour += 1) {
    await dam.retrieveAsset({ id });
    clock.advance(HOUR_MS);
  }
  expect(logins(tenovos)).toHaveLength(1);
  expect(refreshes(tenovos)).toHaveLength(3);
});

test('a new refresh token replaces the old one', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now(), refreshReturnsRefreshToken: true });
  const id = tenovos.addAsset();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  for (let hour = 0; hour < 4; hour += 1) {
    await dam.retrieveAsset({ id });
    clock.advance(HOUR_MS);
  }
  expect(logins(tenovos)).toHaveLength(1);
  expect(refreshes(tenovos)).toHaveLength(3);
});

test('when the refresh is refused, the credentials are used', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now() });
  const id = tenovos.addAsset();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  await dam.retrieveAsset({ id });
  tenovos.revokeRefreshTokens();
  clock.advance(HOUR_MS);
  await dam.retrieveAsset({ id });
  expect([logins(tenovos).length, refreshes(tenovos).length]).toEqual([2, 1]);
});

test('a 401 in the middle of the hour is answered by one refresh and one repetition', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const dam = createTenovosClient(tenovos.login);
  await dam.retrieveAsset({ id });
  tenovos.expireTokens();
  await dam.retrieveAsset({ id });
  expect([logins(tenovos).length, refreshes(tenovos).length, tenovos.api.to(DETAILS).length]).toEqual([1, 1, 3]);
});

test('parallel calls that all get a 401 share one refresh', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const dam = createTenovosClient(tenovos.login);
  await dam.retrieveAsset({ id });
  tenovos.expireTokens();
  await Promise.all(Array.from({ length: 10 }, () => dam.retrieveAsset({ id })));
  expect([logins(tenovos).length, refreshes(tenovos).length]).toEqual([1, 1]);
});

test('a 401 that stays after the refresh is given up once, and the hint names both causes', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  const unauthorized = json(401, { message: 'Unauthorized', detail: 'no access to this asset' });
  for (let i = 0; i < 4; i += 1) tenovos.api.once(DETAILS, unauthorized);
  const failure = await failureOf(dam.retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({
    kind: 'unauthenticated',
    status: 401,
    operation: 'retrieveAsset',
    outcome: 'refused',
    attempts: 2,
    details: { message: 'Unauthorized', detail: 'no access to this asset' },
  });
  expect(failure.hint).toMatch(/expired.*permission/s);
  expect(tenovos.api.to(DETAILS)).toHaveLength(2);
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(2);
});

test('a 401 that stays is given up once for a download, too', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  for (let i = 0; i < 8; i += 1) tenovos.api.once(CONTENT, json(401, { message: 'Unauthorized' }));
  expect((await failureOf(dam.downloadAsset({ id: 'x' }))).kind).toBe('unauthenticated');
  expect(tenovos.api.to(CONTENT)).toHaveLength(2);
});

test("a wrong password is refused once, with the vendor's words and a hint", async () => {
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, password: 'wrong-password' }).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({
    kind: 'unauthenticated',
    status: 401,
    vendor: 'tenovos',
    details: { status: 'error', message: 'Incorrect username or password.' },
  });
  expect(failure.hint).toMatch(/password/i);
  expect(JSON.stringify(failure)).not.toContain('wrong-password');
  expect(tenovos.api.requests).toHaveLength(1);
});

test('a wrong API key is told from a wrong password', async () => {
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, apiKey: 'other-key' }).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'permission-denied', status: 403, operation: 'createToken' });
  expect(failure.hint).toMatch(/key/i);
});

test('a token answer without a token is a clear failure of the login', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once('POST /v1/auth/token', json(200, { username: Tenovos.username, password: '', session: {} }));
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', outcome: 'not-sent' });
  expect(failure.message).toContain('session.authorization');
  expect(tenovos.api.to(DETAILS)).toHaveLength(0);
});

test('expireEpoch in seconds is understood', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now() });
  const id = tenovos.addAsset();
  const session = tenovos.issueSession();
  tenovos.api.once('POST /v1/auth/token', json(200, { session: { ...session, expireEpoch: Math.floor((clock.now() + HOUR_MS) / 1000) } }));
  const dam = createTenovosClient({ ...tenovos.login, clock });
  await dam.retrieveAsset({ id });
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
  clock.advance(HOUR_MS - 30_000);
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(2);
});

test('a session without expireEpoch is used for its documented hour', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ now: () => clock.now() });
  const id = tenovos.addAsset();
  const { authorization, accessToken, refreshToken } = tenovos.issueSession();
  tenovos.api.once('POST /v1/auth/token', json(200, { session: { authorization, accessToken, refreshToken } }));
  const dam = createTenovosClient({ ...tenovos.login, clock });
  await dam.retrieveAsset({ id });
  clock.advance(HOUR_MS - 120_000);
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(1);
  clock.advance(120_000);
  await dam.retrieveAsset({ id });
  expect(tenovos.api.to('POST /v1/auth/token')).toHaveLength(2);
});

test('a token provider gives the whole Authorization value, and nobody logs in', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  let asked = 0;
  const dam = createTenovosClient({
    baseUrl: tenovos.baseUrl,
    apiKey: Tenovos.apiKey,
    auth: async () => {
      asked += 1;
      return tenovos.issueSession().authorization;
    },
  });
  await dam.retrieveAsset({ id });
  expect(asked).toBe(1);
  expect(tenovos.api.requests).toHaveLength(1);
  expect(tenovos.api.requests[0]!.header('authorization')).toMatch(/^eyJ/);
});

test('a token provider is asked once more after a 401', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const tokens = ['stale-token', tenovos.issueSession().authorization];
  const dam = createTenovosClient({ baseUrl: tenovos.baseUrl, apiKey: Tenovos.apiKey, auth: () => tokens.shift() ?? 'none-left' });
  await dam.retrieveAsset({ id });
  expect(tokens).toEqual([]);
});

test('a fixed token is not sent a second time after a 401', async () => {
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient({ baseUrl: tenovos.baseUrl, apiKey: Tenovos.apiKey, auth: 'stale-token' }).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', attempts: 1 });
  expect(tenovos.api.requests).toHaveLength(1);
});

test('a token provider that fails is told as such, and nothing is sent', async () => {
  await using tenovos = await Tenovos.start();
  const auth = (): string => {
    throw new Error('the vault is sealed');
  };
  const failure = await failureOf(createTenovosClient({ baseUrl: tenovos.baseUrl, apiKey: Tenovos.apiKey, auth }).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', outcome: 'not-sent', attempts: 0 });
  expect(failure.message).toContain('the vault is sealed');
  expect(tenovos.api.requests).toHaveLength(0);
});

test('a session store shares the login between two clients and across cold starts', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const kept = new Map<string, string>();
  const sessionStore: SessionStore = {
    load: (key) => (kept.has(key) ? JSON.parse(kept.get(key)!) : undefined),
    save: (session, key) => void kept.set(key, JSON.stringify(session)),
  };
  for (let start = 0; start < 3; start += 1) await createTenovosClient({ ...tenovos.login, sessionStore }).retrieveAsset({ id });
  expect(logins(tenovos)).toHaveLength(1);
  expect([...kept.keys()][0]).not.toContain(Tenovos.password);
});

test('a stored session that was refused meanwhile is refreshed, and the fresh one is stored', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  await createTenovosClient({ ...tenovos.login, sessionStore }).retrieveAsset({ id });
  tenovos.expireTokens();
  await createTenovosClient({ ...tenovos.login, sessionStore }).retrieveAsset({ id });
  await createTenovosClient({ ...tenovos.login, sessionStore }).retrieveAsset({ id });
  expect([logins(tenovos).length, refreshes(tenovos).length]).toEqual([1, 1]);
});

test('users of the same name at two customers do not mix in one session store', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  await createTenovosClient({ ...tenovos.login, sessionStore }).retrieveAsset({ id });
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, apiKey: 'key-of-another-customer', sessionStore }).retrieveAsset({ id }));
  expect(failure.operation).toBe('createToken');
  for (const key of kept.keys()) expect(key).not.toContain(Tenovos.apiKey);
});

test('what a session store holds of another program is not trusted', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  for (const stored of [null, 'text', 7, [], { authorization: 5 }, { authorization: 'x', expiresAt: 'soon' }]) {
    await createTenovosClient({ ...tenovos.login, sessionStore: { load: () => stored, save: () => undefined } }).retrieveAsset({ id });
  }
  expect(logins(tenovos)).toHaveLength(6);
});

// ---- errors ----

test('403 "Asset not found" is kind not-found', async () => {
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: '2dee909b-6b2b-4da8-96c3-af90fc1662ec' }));
  expect(failure).toMatchObject({
    kind: 'not-found',
    status: 403,
    outcome: 'refused',
    attempts: 1,
    retryable: false,
    params: { id: '2dee909b-6b2b-4da8-96c3-af90fc1662ec' },
  });
});

test('any other 403 is permission-denied, and the hint names both causes: the key and the missing asset', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, json(403, { message: 'Forbidden' }));
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'permission-denied', status: 403 });
  expect(failure.hint).toMatch(/key/i);
  expect(failure.hint).toMatch(/no asset|not found/i);
});

test("a 200 with status: error is a failure, with the vendor's message", async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, json(200, { status: 'error', message: 'Template is gone' }));
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'x' }));
  expect(failure).toMatchObject({ kind: 'unexpected', status: 200, details: { status: 'error', message: 'Template is gone' } });
  expect(failure.message).toContain('Template is gone');
});

test('502 of getAssetContent is tried once more, and the hint names the id as a cause', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, clock }).getAssetContent({ id: 'unknown' }));
  expect(failure).toMatchObject({ kind: 'server', status: 502, attempts: 2 });
  expect(failure.hint).toMatch(/id/);
});

test('an error body that is HTML, empty or cut keeps status and kind', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  for (const [body, type] of [
    ['<html><title>Gateway</title></html>', 'text/html'],
    ['', 'application/json'],
    ['{"message":"Unauth', 'application/json'],
    ['null', 'application/json'],
    ['[]', 'application/json'],
  ] as const) {
    tenovos.api.once(DETAILS, { status: 403, headers: { 'Content-Type': type }, body });
    expect(await failureOf(dam.retrieveAsset({ id: 'x' }))).toMatchObject({ kind: 'permission-denied', status: 403 });
  }
});

test('a success that is HTML is told as unexpected, with the beginning of what came', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once(DETAILS, { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>log in please</html>' });
  const failure = await failureOf(createTenovosClient(tenovos.login).retrieveAsset({ id: 'x' }));
  expect(failure.kind).toBe('unexpected');
  expect(failure.body).toContain('log in please');
});

test('429 is waited for as Retry-After says, and then asked again', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  tenovos.api.once(DETAILS, json(429, { message: 'Too Many Requests' }, { 'Retry-After': '0.2' }));
  await createTenovosClient({ ...tenovos.login, clock }).retrieveAsset({ id });
  expect(clock.waits).toContain(200);
});

// ---- parameters ----

test('wrong parameters are refused before any request, naming the parameter', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const untyped = dam as any;
  const expose = (item: object): Promise<unknown> =>
    untyped.exposeAssets({
      body: [{ id: 'a', identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 60 }], ...item }],
    });
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => untyped.retrieveAsset(), /\bid is required/],
    [() => untyped.retrieveAsset({}), /\bid is required/],
    [() => untyped.retrieveAsset({ id: '' }), /\bid must not be empty/],
    [() => untyped.retrieveAsset({ id: 5 }), /\bid must be a string/],
    [() => untyped.retrieveAsset({ id: null }), /\bid must not be null/],
    [() => untyped.retrieveAsset('some-id'), /must be an object/],
    [() => untyped.retrieveAsset({ id: 'a', emtpy: true }), /emtpy is not a parameter.*\bempty\b/],
    [() => untyped.retrieveAsset({ id: 'a', empty: 'false' }), /empty must be a boolean/],
    [() => untyped.retrieveAsset({ id: '..' }), /\bid .*"\.\."/],
    [() => untyped.exposeAssets({ body: [] }), /body must have at least 1 item,/],
    [() => untyped.exposeAssets({ body: {} }), /body must be an array/],
    [() => untyped.exposeAssets({}), /body is required/],
    [() => expose({ identifier: 'assetId' }), /body\[0\]\.identifier must be one of "objectId", "fileId"/],
    [() => expose({ components: [] }), /body\[0\]\.components/],
    [() => expose({ components: [{ componentType: 'object', componentRef: 'original', expiration: 0 }] }), /expiration/],
    [() => untyped.searchKeyword({ body: { from: -1 } }), /body\.from must be at least 0/],
    [() => untyped.searchKeyword({ body: { operation: 'XOR' } }), /body\.operation must be one of/],
    [() => untyped.searchKeyword({ body: { searchTerm: 'word' } }), /body\.searchTerm must be an array/],
    [() => untyped.scanAssets({ body: { limit: 1.5 } }), /body\.limit must be a safe integer/],
    [() => untyped.downloadAsset(), /\bid\b/],
    [() => untyped.downloadAsset({ id: 7 }), /\bid\b/],
    [() => untyped.downloadAsset({ id: 'a', rendition: '' }), /rendition/],
    [() => untyped.downloadAsset({ id: 'a', renditon: 'imageThumb' }), /renditon is not an argument.*\brendition\b/],
    [() => untyped.createToken({ body: { username: 'a' } }), /body/],
    [async () => untyped.searchKeyword.all().next?.() ?? untyped.searchKeyword.all()[Symbol.asyncIterator]().next(), /body is required/],
    [async () => untyped.scanAssets.all({})[Symbol.asyncIterator]().next(), /body is required/],
  ];
  for (const [call, message] of cases) {
    const failure = await failureOf(call);
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0, vendor: 'tenovos' });
    expect(failure.message).toMatch(message);
  }
  expect(tenovos.api.requests).toHaveLength(0);
});

test('wrong options are refused when the client is made', async () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const create = createTenovosClient as any;
  const login = { baseUrl: 'https://api.tenovos.io/v1', apiKey: 'k', username: 'u', password: 'p' };
  const cases: [unknown, RegExp][] = [
    [undefined, /options must be an object|required/],
    [null, /options must be an object|required/],
    [{}, /required/],
    [{ ...login, password: undefined }, /password is required/],
    [{ ...login, apiKey: '' }, /apiKey is required/],
    [{ ...login, apiKey: undefined, username: undefined, password: undefined, auth: 'token' }, /apiKey is required/],
    [{ ...login, baseUrl: 'api.tenovos.io/v1' }, /baseUrl/],
    [{ ...login, baseUrl: 'ftp://api.tenovos.io/v1' }, /baseUrl/],
    [{ ...login, timeoutMs: 'long' }, /timeoutMs/],
    [{ ...login, auth: { type: 'clientCredentials' } }, /auth/],
    [{ baseUrl: login.baseUrl, apiKey: 'k', auth: '' }, /token/],
    [{ ...login, authorizationScheme: 'bearer' }, /authorizationScheme/],
  ];
  for (const [options, message] of cases) {
    const failure = await failureOf(() => create(options));
    expect(failure.kind).toBe('invalid-request');
    expect(failure.message).toMatch(message);
  }
});

test.each([
  ['a/b', 'a%2Fb'],
  ['50%', '50%25'],
  ['zwei wörter', 'zwei%20w%C3%B6rter'],
  ['資産', '%E8%B3%87%E7%94%A3'],
  ['..hidden', '..hidden'],
  ['a?b#c', 'a%3Fb%23c'],
  ['a;b=c&d', 'a%3Bb%3Dc%26d'],
  ['../../auth/token', '..%2F..%2Fauth%2Ftoken'],
  ['%2e%2e', '%252e%252e'],
])('the id %j travels as %s and arrives as it was', async (id, encoded) => {
  await using tenovos = await Tenovos.start();
  tenovos.addAsset({ id });
  const { data } = await createTenovosClient(tenovos.login).retrieveAsset({ id });
  expect(data?.assetId).toBe(id);
  expect(tenovos.api.to(DETAILS)[0]!.url).toBe(`/v1/assets/asset/${encoded}`);
});

// ---- downloads ----

test('downloadAsset streams the original, and the storage sees no credential', async () => {
  await using tenovos = await Tenovos.start();
  const bytes = sampleBytes(300_000);
  const id = tenovos.addAsset({ content: bytes, filename: 'Überblick 50%.jpg' });
  const content = await createTenovosClient(tenovos.login).downloadAsset({ id });
  expect(content).toMatchObject({ name: 'Überblick 50%.jpg', mediaType: 'image/jpeg', size: 300_000 });
  expect(await content.bytes()).toEqual(bytes);
  expect(content.receipt()).toMatchObject({ bytes: 300_000, verified: 'length', attempts: 1 });
  const [session] = [...tenovos.sessions.values()];
  expectNoCredentials(tenovos.storage, Tenovos.apiKey, session!.authorization, session!.accessToken);
  expect(tenovos.storage.requests[0]!.header('accept-encoding')).toBe('identity');
});

test('headers of the call reach the API, but credentials among them never the storage', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  const dam = createTenovosClient({ ...tenovos.login, headers: { 'X-Tenant-Secret': 'tenant-canary' } });
  await (await dam.downloadAsset({ id }, { headers: { 'X-Api-Token': 'call-canary', cookie: 'c=cookie-canary' } })).bytes();
  expect(tenovos.api.to(CONTENT)[0]!.header('x-api-token')).toBe('call-canary');
  expectNoCredentials(tenovos.storage, 'tenant-canary', 'call-canary', 'cookie-canary');
});

test('downloads of one asset that begin together share one signature, and each has its own bytes', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ content: sampleBytes(5000), renditions: { imagePreview: Buffer.from('picture') } });
  const other = tenovos.addAsset({ content: sampleBytes(10) });
  const dam = createTenovosClient(tenovos.login);
  await dam.retrieveAsset({ id });
  const contents = await Promise.all([dam.downloadAsset({ id }), dam.downloadAsset({ id }), dam.downloadAsset({ id: other })]);
  for (const [index, content] of contents.entries()) expect(await content.bytes()).toEqual(sampleBytes(index < 2 ? 5000 : 10));
  expect(tenovos.api.to(/^GET .*\/content$/)).toHaveLength(2);
  expect(tenovos.storage.requests).toHaveLength(3);
  await (await dam.downloadAsset({ id })).bytes();
  expect(tenovos.api.to(/^GET .*\/content$/)).toHaveLength(3);
  const pictures = await Promise.all([1, 2, 3].map(() => dam.downloadAsset({ id, rendition: 'imagePreview' })));
  for (const picture of pictures) expect(await picture.text()).toBe('picture');
  expect(tenovos.api.to(/^GET .*\/assets\/asset\//)).toHaveLength(2);
});

test('an expired URL is signed anew, once', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ content: Buffer.from('whole') });
  tenovos.storage.once(/^GET /, {
    status: 403,
    headers: { 'Content-Type': 'application/xml' },
    body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
  });
  const content = await createTenovosClient({ ...tenovos.login, clock }).downloadAsset({ id });
  expect(await content.text()).toBe('whole');
  const urls = tenovos.storage.requests.map(({ url }) => url);
  expect(new Set(urls).size).toBe(2);
  expect(tenovos.api.to(CONTENT)).toHaveLength(2);
});

test("a storage that refuses every URL is given up after the second one, with the storage's own words", async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset();
  for (let i = 0; i < 5; i += 1)
    tenovos.storage.once(/^GET /, {
      status: 403,
      headers: { 'Content-Type': 'application/xml' },
      body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
    });
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, clock }).downloadAsset({ id }));
  expect(failure).toMatchObject({ status: 403, operation: 'downloadAsset', params: { id } });
  expect(failure.message).toContain('Request has expired');
  expect(failure.hint).toMatch(/signed URL/);
  expect(tenovos.storage.requests).toHaveLength(2);
});

test('an asset that is not found is asked for once by a download', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient({ ...tenovos.login, clock });
  tenovos.api.once(CONTENT, json(403, { message: 'Asset not found' }));
  expect(await failureOf(dam.downloadAsset({ id: 'gone' }))).toMatchObject({ kind: 'not-found', status: 403, attempts: 1 });
  expect(tenovos.api.to(CONTENT)).toHaveLength(1);
});

test('an asset that is not found is asked for once by the download of a rendition, and no link is asked for', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start();
  const failure = await failureOf(createTenovosClient({ ...tenovos.login, clock }).downloadAsset({ id: 'gone', rendition: 'imageThumb' }));
  expect(failure).toMatchObject({ kind: 'not-found', status: 403 });
  expect(tenovos.api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/auth/token', 'GET /v1/assets/asset/gone']);
});

test('downloadAsset with rendition fetches the picture by its URL, without credentials', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ renditions: { imageThumb: Buffer.from('thumb'), fpo: Buffer.from('fpo') } });
  const dam = createTenovosClient(tenovos.login);
  expect(await (await dam.downloadAsset({ id, rendition: 'imageThumb' })).text()).toBe('thumb');
  // Renditions beyond the documented ones exist.
  expect(await (await dam.downloadAsset({ id, rendition: 'fpo' })).text()).toBe('fpo');
  expectNoCredentials(tenovos.pictures, Tenovos.apiKey);
  expect(tenovos.api.to('POST /v1/asset/expose')).toHaveLength(0);
});

test('where rendition URLs are not public, a link is asked for by expose', async () => {
  const clock = new TestClock();
  await using tenovos = await Tenovos.start({ renditionsArePublic: false });
  const id = tenovos.addAsset({ renditions: { imagePreview: Buffer.from('preview') } });
  const content = await createTenovosClient({ ...tenovos.login, clock }).downloadAsset({ id, rendition: 'imagePreview' });
  expect(await content.text()).toBe('preview');
  expect(tenovos.api.to('POST /v1/asset/expose')[0]!.json()).toMatchObject([
    { id, identifier: 'objectId', components: [{ componentType: 'rendition', componentRef: ['imagePreview'] }] },
  ]);
  expectNoCredentials(tenovos.pictures, Tenovos.apiKey);
  expectNoCredentials(tenovos.storage, Tenovos.apiKey);
});

test('a rendition that the asset does not have is not-found, naming those that it has', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({ renditions: { imageThumb: Buffer.from('t') } });
  const dam = createTenovosClient(tenovos.login);
  const failure = await failureOf(dam.downloadAsset({ id, rendition: 'mezzaninePreview' }));
  expect(failure).toMatchObject({ kind: 'not-found', operation: 'downloadAsset' });
  expect(failure.message).toMatch(/mezzaninePreview.*imageThumb/);
  expect((await failureOf(dam.downloadAsset({ id, rendition: 'constructor' }))).kind).toBe('not-found');
  // Members that are not URLs are not renditions.
  expect((await failureOf(dam.downloadAsset({ id, rendition: 'width' }))).kind).toBe('not-found');
});

test('an answer without presignedURL is not-found, with a hint', async () => {
  await using tenovos = await Tenovos.start();
  tenovos.api.once(CONTENT, json(200, {}));
  const failure = await failureOf(createTenovosClient(tenovos.login).downloadAsset({ id: 'metadata-only' }));
  expect(failure.kind).toBe('not-found');
  expect(failure.hint).toMatch(/metadata/);
});

const PUBLIC_LOGIN = { baseUrl: 'https://api.tenovos.io/v1', apiKey: 'k-1234', username: 'u', password: 'p-1234' };
const session = { authorization: 'auth-token-1', accessToken: 'access-token-1', refreshToken: 'refresh-token-1', expireEpoch: 4_000_000_000_000 };

test.each([
  ['http://169.254.169.254/latest/meta-data', /not a public address/, false],
  ['https://169.254.169.254/latest', /not a public address/, false],
  ['https://127.0.0.1:9000/x', /not a public address/, true],
  ['https://[::1]/x', /not a public address/, true],
  ['https://[::ffff:10.0.0.1]/x', /not a public address/, true],
  ['https://2130706433/x', /not a public address/, true],
  ['https://localhost/x', /not a public address/, true],
  ['https://10.0.0.8/x', /not a public address/, true],
  ['https://metadata.internal/x', /not a public address/, false],
  ['http://files.tenovos.io/x', /not https/, true],
  ['https://user:pw@files.tenovos.io/x', /user name or password/, false],
  ['ftp://files.tenovos.io/x', /scheme/, false],
  ['file:///etc/passwd', /scheme/, false],
])('a public API that answers the address %s is not followed there', async (presignedURL, message, helps) => {
  const wire = scriptedFetch({
    'https://api.tenovos.io/v1/auth/token': () => Response.json({ session }),
    'https://api.tenovos.io/v1/asset/a/content': () => Response.json({ presignedURL }),
  });
  const failure = await failureOf(createTenovosClient({ ...PUBLIC_LOGIN, fetch: wire.fetch }).downloadAsset({ id: 'a' }));
  expect(failure.kind).toBe('unexpected');
  expect(failure.message).toMatch(message);
  expect(failure.hint).toMatch(helps ? /trustedOrigins/ : /No option allows|clouds keep credentials/);
  expect(wire.asked).toEqual(['POST https://api.tenovos.io/v1/auth/token', 'GET https://api.tenovos.io/v1/asset/a/content']);
});

test('an origin in trustedOrigins is followed although it is private and plain http', async () => {
  const wire = scriptedFetch({
    'https://api.tenovos.io/v1/auth/token': () => Response.json({ session }),
    'https://api.tenovos.io/v1/asset/a/content': () => Response.json({ presignedURL: 'http://10.0.0.8:9000/x?X-Amz-Signature=s' }),
    'http://10.0.0.8:9000/x': () => new Response('from inside'),
  });
  const dam = createTenovosClient({ ...PUBLIC_LOGIN, fetch: wire.fetch, trustedOrigins: ['http://10.0.0.8:9000'] });
  expect(await (await dam.downloadAsset({ id: 'a' })).text()).toBe('from inside');
  expect(wire.requests.at(-1)!.headers.get('authorization')).toBeNull();
  expect(wire.requests.at(-1)!.headers.get('x-api-key')).toBeNull();
});

test('a public storage that redirects to a private address is not followed', async () => {
  const wire = scriptedFetch({
    'https://api.tenovos.io/v1/auth/token': () => Response.json({ session }),
    'https://api.tenovos.io/v1/asset/a/content': () => Response.json({ presignedURL: 'https://files.tenovos.io/x' }),
    'https://files.tenovos.io/x': () => new Response(null, { status: 302, headers: { location: 'https://192.168.1.1/admin' } }),
  });
  const failure = await failureOf(createTenovosClient({ ...PUBLIC_LOGIN, fetch: wire.fetch }).downloadAsset({ id: 'a' }));
  expect(failure.kind).toBe('unexpected');
  expect(wire.asked.at(-1)).toBe('GET https://files.tenovos.io/x');
});

test('an API that redirects to another origin gets no credentials sent there', async () => {
  const wire = scriptedFetch({
    'https://api.tenovos.io/v1/auth/token': () => Response.json({ session }),
    'https://api.tenovos.io/v1/assets/asset/a': () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example.com/a' } }),
    'https://elsewhere.example.com/a': () => Response.json({ status: 'success', data: {} }),
  });
  await createTenovosClient({ ...PUBLIC_LOGIN, fetch: wire.fetch }).retrieveAsset({ id: 'a' });
  const last = wire.requests.at(-1)!;
  expect(last.url).toBe('https://elsewhere.example.com/a');
  for (const name of ['authorization', 'x-api-key', 'accesstoken']) expect(last.headers.get(name)).toBeNull();
});

// ---- pages ----

test('searchKeyword.all follows from over all pages and lists each asset once', async () => {
  await using tenovos = await Tenovos.start({ searchPageSize: 3 });
  const ids = Array.from({ length: 8 }, (_, i) => tenovos.addAsset({ filename: `f${i}.jpg` }));
  const found: (string | undefined)[] = [];
  for await (const asset of createTenovosClient(tenovos.login).searchKeyword.all({ body: { searchTerm: ['.jpg'] } })) found.push(asset.objectId);
  expect(found).toEqual(ids);
  expect(tenovos.api.to('POST /v1/search/keyword').map((request) => request.json())).toEqual([0, 3, 6, 8].map((from) => ({ searchTerm: ['.jpg'], from })));
});

test("searchKeyword.all ends with a clear error at the vendor's 10,000 results", async () => {
  await using tenovos = await Tenovos.start();
  const page = { hitCount: 50, result: Array.from({ length: 50 }, () => ({ objectId: 'a' })) };
  tenovos.api.once('POST /v1/search/keyword', json(200, page));
  const found: unknown[] = [];
  const failure = await failureOf(async () => {
    for await (const asset of createTenovosClient(tenovos.login).searchKeyword.all({ body: { from: 9950 } })) found.push(asset);
  });
  expect(found).toHaveLength(50);
  expect(failure.kind).toBe('unsupported');
  expect(failure.hint).toContain('scanAssets.all');
  expect(tenovos.api.to('POST /v1/search/keyword')).toHaveLength(1);
});

test('scanAssets.all sends each cursor back as it came and ends where there is none', async () => {
  await using tenovos = await Tenovos.start();
  const ids = Array.from({ length: 5 }, () => tenovos.addAsset());
  const found: (string | undefined)[] = [];
  for await (const asset of createTenovosClient(tenovos.login).scanAssets.all({ body: { limit: 2 } })) found.push(asset.objectId);
  expect(found).toEqual(ids);
  expect(tenovos.api.to('POST /v1/asset/scan').map((request) => request.json())).toEqual([
    { limit: 2 },
    { limit: 2, cursor: 'cursor/2+=' },
    { limit: 2, cursor: 'cursor/4+=' },
  ]);
});

test('a scan whose cursor never changes ends, too', async () => {
  await using tenovos = await Tenovos.start();
  for (let i = 0; i < 5; i += 1) tenovos.api.once('POST /v1/asset/scan', json(200, { cursor: 'same', result: [{ objectId: `a${i}` }] }));
  const found: unknown[] = [];
  for await (const asset of createTenovosClient(tenovos.login).scanAssets.all({ body: {} })) found.push(asset);
  expect(found).toHaveLength(2);
});

test('a page whose list is missing or null is empty', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  for (const result of [undefined, null]) {
    tenovos.api.once('POST /v1/search/keyword', json(200, { hitCount: 0, result }));
    tenovos.api.once('POST /v1/asset/scan', json(200, { cursor: 'c', result }));
    for await (const asset of dam.searchKeyword.all({ body: {} })) expect(asset).toBeUndefined();
    for await (const asset of dam.scanAssets.all({ body: {} })) expect(asset).toBeUndefined();
  }
});

test('leaving an iteration early asks for no further page', async () => {
  await using tenovos = await Tenovos.start({ searchPageSize: 2 });
  for (let i = 0; i < 6; i += 1) tenovos.addAsset();
  let seen = 0;
  for await (const asset of createTenovosClient(tenovos.login).searchKeyword.all({ body: {} })) {
    expect(asset.objectId).toBeDefined();
    seen += 1;
    if (seen === 2) break;
  }
  expect(tenovos.api.to('POST /v1/search/keyword')).toHaveLength(1);
});

// ---- metadata ----

test('metadata() finds texts, tables, repeated names and nothing where there is nothing', async () => {
  await using tenovos = await Tenovos.start();
  const id = tenovos.addAsset({
    metadata: [
      { name: 'Release Date', value: '01/01/2024' },
      { name: 'Tag', value: 'a' },
      { name: 'Tag', value: 'b' },
      { name: 'Empty', value: null },
      {
        name: 'Usage Table',
        value: [
          [
            { name: 'Usage Category', value: 'E-Commerce' },
            { name: 'Usage Length', value: '12 months' },
          ],
          [{ name: '__proto__', value: 'polluted' }],
        ],
      },
      { name: 'constructor', value: 'a name like any other' },
    ],
  });
  const answer = await createTenovosClient(tenovos.login).retrieveAsset({ id, system: false });
  for (const fields of [metadata(answer), metadata(answer.data)]) {
    expect(fields.text('Release Date')).toBe('01/01/2024');
    expect(fields.values('Tag')).toEqual(['a', 'b']);
    expect(fields.text('Empty')).toBeUndefined();
    expect(fields.has('Empty')).toBe(true);
    expect(fields.table('Usage Table').map((row) => row['Usage Length'])).toEqual(['12 months', undefined]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(fields.text('constructor')).toBe('a name like any other');
    expect(fields.values('toString')).toEqual([]);
    expect(fields.table('Release Date')).toEqual([]);
    expect(fields.names).toEqual(['Release Date', 'Tag', 'Empty', 'Usage Table', 'constructor']);
  }
  expect(metadata(undefined).names).toEqual([]);
});

// ---- ApiError ----

test('ApiError.is tells the operation of an error', async () => {
  await using tenovos = await Tenovos.start();
  const dam = createTenovosClient(tenovos.login);
  const failure: unknown = await failureOf(dam.retrieveAsset({ id: 'none' }));
  expect(ApiError.is(failure, dam.retrieveAsset)).toBe(true);
  expect(ApiError.is(failure, dam.getAssetContent)).toBe(false);
  if (ApiError.is(failure, dam.retrieveAsset) && failure.status === 403) expect(failure.details?.message).toBe('Asset not found');
});
