/** The built WorldServer client against a server written from the vendor's pages. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ApiError, createWorldServerClient, worldServerLogin, type SessionStore } from '@asset-clients/worldserver';

import { WorldServer } from './independent/worldserver.ts';
import { inPieces, sampleBytes, streamOf } from './support/bytes.ts';
import { failureOf } from './support/failures.ts';
import { json } from './support/recording-server.ts';

const ASSET = /^GET .*\/files\/asset$/;

// ---- session ----

test('the first call logs in with a JSON body, and the token then travels in the header', async () => {
  await using server = await WorldServer.start();
  server.addTask('1234', { content: Buffer.from('bytes') });
  const tms = createWorldServerClient(server.login);
  expect(server.api.requests).toHaveLength(0);
  expect(await (await tms.getAsset({ resourceId: 1234 })).text()).toBe('bytes');
  const [login, asset, ...more] = server.api.requests;
  expect(more).toEqual([]);
  expect(login).toMatchObject({ method: 'POST', url: '/ws-api/v2/login' });
  expect(login!.header('content-type')).toMatch(/^application\/json\b/);
  expect(login!.json()).toEqual({ username: WorldServer.username, password: WorldServer.password });
  expect(login!.header('token')).toBeUndefined();
  expect(asset).toMatchObject({ method: 'GET', url: '/ws-api/v2/files/asset?resourceId=1234' });
  expect(asset!.header('token')).toBe([...server.sessions][0]);
  expect(asset!.header('content-type')).toBe('application/json');
});

test('sendTokenAs: query puts the token into the query, encoded, and sends no header', async () => {
  await using server = await WorldServer.start({ acceptsTokenIn: 'query' });
  server.sessions.add('20+3/4=');
  server.addTask('1');
  const tms = createWorldServerClient({ baseUrl: server.baseUrl, auth: { sessionId: '20+3/4=' }, sendTokenAs: 'query' });
  await (await tms.getAsset({ resourceId: 1 })).bytes();
  const [request] = server.api.requests;
  expect(request!.url).toBe('/ws-api/v2/files/asset?resourceId=1&token=20%2B3%2F4%3D');
  expect(request!.header('token')).toBeUndefined();
});

test('a server that takes the token from the query only gets it there at logout, too', async () => {
  await using server = await WorldServer.start({ acceptsTokenIn: 'query' });
  server.addTask('1');
  {
    await using tms = createWorldServerClient({ ...server.login, sendTokenAs: 'query' });
    await (await tms.getAsset({ resourceId: 1 })).bytes();
    expect(server.sessions.size).toBe(1);
  }
  expect(server.sessions.size).toBe(0);
});

test('a session beyond 2^53 keeps all its digits', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  await (await tms.getAsset({ resourceId: 1 })).bytes();
  const [session] = [...server.sessions];
  expect(Number(session)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  expect(String(Number(session))).not.toBe(session);
  expect(server.calls[0]!.header('token')).toBe(session);
});

test('a session that the server sends as a JSON number is used exactly or refused clearly, never rounded', async () => {
  await using server = await WorldServer.start({ sessionIdAs: 'number' });
  server.addTask('1');
  const failure = await failureOf(createWorldServerClient(server.login).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', outcome: 'not-sent' });
  expect(failure.message).toMatch(/sessionId.*number/);
  expect(failure.message).not.toMatch(/\d{10}/);
  expect(server.calls).toHaveLength(0);
});

test('a login that answers 200 without a session fails clearly, with the outcome that the server told', async () => {
  await using server = await WorldServer.start();
  for (const body of [
    { loginOutcome: 'PASSWORD_EXPIRED' },
    { sessionId: '', loginOutcome: 'PASSWORD_EXPIRED' },
    { sessionId: null, loginOutcome: 'PASSWORD_EXPIRED' },
  ]) {
    server.api.once(/login$/, json(200, body));
    const failure = await failureOf(createWorldServerClient(server.login).getAsset({ resourceId: 1 }));
    expect(failure.kind).toBe('unauthenticated');
    expect(failure.message).toMatch(/sessionId.*PASSWORD_EXPIRED/);
  }
  expect(server.calls).toHaveLength(0);
});

test('wrong credentials are kind unauthenticated with the message BAD_CREDENTIALS', async () => {
  await using server = await WorldServer.start();
  const failure = await failureOf(createWorldServerClient({ ...server.login, password: 'wrong' }).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 401, operation: 'login' });
  expect(failure.message).toContain('BAD_CREDENTIALS');
  expect(failure.hint).toMatch(/password/i);
  expect(server.api.requests).toHaveLength(1);
});

test('20 parallel calls share one login', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  await Promise.all(Array.from({ length: 20 }, async () => (await tms.getAsset({ resourceId: 1 })).bytes()));
  expect(server.logins()).toHaveLength(1);
});

test('a session that has ended is renewed once, by one login for all parallel calls', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  await (await tms.getAsset({ resourceId: 1 })).bytes();
  server.endSessions();
  await Promise.all(Array.from({ length: 10 }, async () => (await tms.getAsset({ resourceId: 1 })).bytes()));
  expect(server.logins()).toHaveLength(2);
  expect(server.api.to(ASSET)).toHaveLength(21);
});

test('an upload of a stream after the session has ended says why no fresh login was tried', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const bytes = new TextEncoder().encode('abc');
  await tms.uploadFile({ name: 'a.docx', content: bytes });
  server.endSessions();
  const failure = await failureOf(tms.uploadFile({ name: 'a.docx', content: streamOf(bytes), size: 3 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 401, attempts: 1, hint: expect.stringContaining('a stream is sent once') as string });
  expect(failure.hint).not.toContain('A fresh login was tried');
  // What can be sent again gets one.
  await tms.uploadFile({ name: 'a.docx', content: bytes });
});

test('a 401 that stays after the new login is given up, once', async () => {
  await using server = await WorldServer.start();
  for (let i = 0; i < 5; i += 1) server.api.once(ASSET, json(401, { errors: [{ message: 'No session token provided or invalid token' }] }));
  const failure = await failureOf(createWorldServerClient(server.login).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 401, attempts: 2 });
  expect(server.api.to(ASSET)).toHaveLength(2);
  expect(server.logins()).toHaveLength(2);
});

test('an upload that gets a 401 is repeated after a new login where its content can be read again', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  await (await tms.getAsset({ resourceId: 1 })).bytes();
  server.endSessions();
  const bytes = sampleBytes(3000);
  await tms.uploadFile({ name: 'a.xlf', content: bytes });
  expect(server.uploads.map(({ content }) => content)).toEqual([Buffer.from(bytes)]);
});

test('closing the client logs out with the header, at v1, and once', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  await (await tms.getAsset({ resourceId: 1 })).bytes();
  const [session] = [...server.sessions];
  await tms.close();
  await tms.close();
  const logouts = server.api.to(/logout$/);
  expect(logouts).toHaveLength(1);
  expect(logouts[0]).toMatchObject({ method: 'POST', url: '/ws-api/v1/logout' });
  expect(logouts[0]!.header('token')).toBe(session);
  expect(logouts[0]!.header('content-type')).toBe('application/json');
  expect(server.sessions.size).toBe(0);
});

test('closing a client that never called sends nothing', async () => {
  await using server = await WorldServer.start();
  {
    await using _tms = createWorldServerClient(server.login);
  }
  expect(server.api.requests).toHaveLength(0);
});

test('closing does not fail where the session has ended already or the server is gone', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  for (const answer of [json(401, { errors: [{ message: 'Invalid session exception' }] }), { status: 500, body: 'broken' }]) {
    const tms = createWorldServerClient({ ...server.login, maxRetries: false });
    await (await tms.getAsset({ resourceId: 1 })).bytes();
    server.api.once(/logout$/, answer);
    await tms.close();
  }
});

test('closing does not log out a session that a store shares', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  const other = createWorldServerClient({ ...server.login, sessionStore });
  await (await other.getAsset({ resourceId: 1 })).bytes();
  {
    await using tms = createWorldServerClient({ ...server.login, sessionStore });
    await (await tms.getAsset({ resourceId: 1 })).bytes();
  }
  expect(server.api.to(/logout$/)).toHaveLength(0);
  expect(kept.size).toBe(1);
  await (await other.getAsset({ resourceId: 1 })).bytes();
  expect(server.logins()).toHaveLength(1);
});

test('a closed client refuses further calls before any request', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  await tms.close();
  expect(await failureOf(tms.getAsset({ resourceId: 1 }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  expect(server.api.requests).toHaveLength(0);
});

test('a session of the caller is used as it is and never ended', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const sessionId = server.issueSession();
  {
    await using tms = createWorldServerClient({ baseUrl: server.baseUrl, auth: { sessionId } });
    await (await tms.getAsset({ resourceId: 1 })).bytes();
  }
  expect(server.api.requests.map(({ path }) => path)).toEqual(['/ws-api/v2/files/asset']);
  expect(server.sessions.has(sessionId)).toBe(true);
});

test('a session of the caller that is refused is not sent a second time', async () => {
  await using server = await WorldServer.start();
  const failure = await failureOf(createWorldServerClient({ baseUrl: server.baseUrl, auth: { sessionId: '123456' } }).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', attempts: 1 });
});

test('a session given as a number is refused when the client is made', async () => {
  const failure = await failureOf(() =>
    createWorldServerClient({ baseUrl: 'http://ws.example.com/ws-api', auth: { sessionId: 2_014_587_390_152_846_300 as never } }),
  );
  expect(failure.kind).toBe('invalid-request');
  expect(failure.message).toMatch(/digits/);
});

test('two clients that share one worldServerLogin share one session', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const auth = worldServerLogin(server.login);
  for (const tms of [createWorldServerClient({ baseUrl: server.baseUrl, auth }), createWorldServerClient({ baseUrl: server.baseUrl, auth })])
    await (await tms.getAsset({ resourceId: 1 })).bytes();
  expect(server.logins()).toHaveLength(1);
});

test('a session store shares the session across cold starts, and a session that ended is replaced in it', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const kept = new Map<string, string>();
  const sessionStore: SessionStore = {
    load: async (key) => (kept.has(key) ? JSON.parse(kept.get(key)!) : undefined),
    save: async (session, key) => {
      if (session === undefined) kept.delete(key);
      else kept.set(key, JSON.stringify(session));
    },
  };
  const call = async (): Promise<unknown> => (await createWorldServerClient({ ...server.login, sessionStore }).getAsset({ resourceId: 1 })).bytes();
  await call();
  await call();
  expect(server.logins()).toHaveLength(1);
  server.endSessions();
  await call();
  await call();
  expect(server.logins()).toHaveLength(2);
  const closing = createWorldServerClient({ ...server.login, sessionStore });
  await (await closing.getAsset({ resourceId: 1 })).bytes();
  await closing.close();
  expect(kept.size).toBe(1);
});

test('two installations on one host do not mix in one session store', async () => {
  await using server = await WorldServer.start({ context: '/eu' });
  server.addTask('1');
  const kept = new Map<string, unknown>();
  const sessionStore: SessionStore = { load: (key) => kept.get(key), save: (session, key) => kept.set(key, session) };
  await (await createWorldServerClient({ ...server.login, sessionStore }).getAsset({ resourceId: 1 })).bytes();
  const failure = await failureOf(
    createWorldServerClient({ ...server.login, baseUrl: `${server.api.origin}/us/ws-api`, sessionStore }).getAsset({ resourceId: 1 }),
  );
  expect(failure.operation).toBe('login');
  expect(server.api.requests.at(-1)!.path).toBe('/us/ws-api/v2/login');
});

test('checkToken and login can be called, and login needs no session', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const session = await tms.login({ body: { username: WorldServer.username, password: WorldServer.password } });
  expect(session).toMatchObject({ loginOutcome: 'SUCCESS', daysToPwdExpire: 90 });
  expect(server.api.requests).toHaveLength(1);
  expect(await tms.checkToken()).toMatchObject({ fullName: 'P. M.', language: { languageCode: 'en' } });
  await tms.logout();
  expect(server.sessions).toEqual(new Set([session.sessionId]));
});

// ---- addresses ----

test("scheme, port and a context path before ws-api are all the caller's", async () => {
  await using server = await WorldServer.start({ context: '/translation/eu' });
  server.addTask('1');
  for (const baseUrl of [server.baseUrl, `${server.baseUrl}/`])
    await (await createWorldServerClient({ ...server.login, baseUrl }).getAsset({ resourceId: 1 })).bytes();
  expect(server.calls.map(({ path }) => path)).toEqual(Array(2).fill('/translation/eu/ws-api/v2/files/asset'));
});

test.each([
  ['documented', ['/ws-api/v2/login', '/ws-api/v2/files/asset', '/ws-api/v1/files', '/ws-api/v2/tasks', '/ws-api/v1/logout']],
  ['v1', ['/ws-api/v1/login', '/ws-api/v1/files/asset', '/ws-api/v1/files', '/ws-api/v1/tasks', '/ws-api/v1/logout']],
  ['v2', ['/ws-api/v2/login', '/ws-api/v2/files/asset', '/ws-api/v2/files', '/ws-api/v2/tasks', '/ws-api/v2/logout']],
] as const)('apiVersion %s gives every path, login and logout too, its version', async (apiVersion, paths) => {
  await using server = await WorldServer.start({ version: apiVersion });
  server.addTask('1');
  {
    await using tms = createWorldServerClient({ ...server.login, apiVersion });
    await (await tms.getAsset({ resourceId: 1 })).bytes();
    await tms.uploadFile({ name: 'a.txt', content: new Blob(['a']) });
    await tms.getTasks();
  }
  expect(server.api.requests.map(({ path }) => path)).toEqual(paths);
});

test('a baseUrl without /ws-api gives an error that points to it', async () => {
  await using server = await WorldServer.start();
  const failure = await failureOf(createWorldServerClient({ ...server.login, baseUrl: server.api.origin }).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ status: 404, operation: 'login' });
  expect(failure.hint).toMatch(/baseUrl/);
});

// ---- downloads ----

test('resourceId is taken as digits of any length or a safe integer, and the filters are sent as given', async () => {
  await using server = await WorldServer.start();
  server.addTask('90071992547409931234');
  server.projects.set('7', { source: { name: 'p.zip', content: Buffer.from('project') } });
  server.groups.set('8', { source: { name: 'g.zip', content: Buffer.from('group') }, target: { name: 't.zip', content: Buffer.from('group target') } });
  const tms = createWorldServerClient(server.login);
  await (await tms.downloadAsset({ resourceId: '90071992547409931234' })).bytes();
  expect(await (await tms.downloadAsset({ resourceId: 7, resourceType: 'PROJECT' })).text()).toBe('project');
  expect(await (await tms.downloadAsset({ resourceId: '8', resourceType: 'PROJECT_GROUP', assetLocationType: 'TARGET' })).text()).toBe('group target');
  expect(server.calls.map(({ url }) => url.split('?')[1])).toEqual([
    'resourceId=90071992547409931234',
    'resourceId=7&resourceType=PROJECT',
    'resourceId=8&assetLocationType=TARGET&resourceType=PROJECT_GROUP',
  ]);
});

test('a target that is not translated is not-ready, an unknown task is not-found: both are a 400', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const tms = createWorldServerClient(server.login);
  const notReady = await failureOf(tms.downloadAsset({ resourceId: 1, assetLocationType: 'TARGET' }));
  expect(notReady).toMatchObject({ kind: 'not-ready', status: 400, retryable: true, outcome: 'refused', attempts: 1 });
  expect(notReady.hint).toMatch(/not translated/);
  const notFound = await failureOf(tms.downloadAsset({ resourceId: 2 }));
  expect(notFound).toMatchObject({ kind: 'not-found', status: 400, retryable: false });
  expect(notFound.hint).toMatch(/resourceType/);
});

test('an unknown project or project group is not-found by 404', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  for (const resourceType of ['PROJECT', 'PROJECT_GROUP'] as const) {
    const failure = await failureOf(tms.getAsset({ resourceId: 42, resourceType }));
    expect(failure).toMatchObject({ kind: 'not-found', status: 404, params: { resourceId: 42, resourceType } });
    expect(failure.message).toContain(`Resource ${resourceType} (42) not found`);
    expect(failure.hint).toMatch(/project/);
  }
});

test('a 500 is not tried again, and the hint speaks of wrong parameters', async () => {
  await using server = await WorldServer.start();
  server.api.once(ASSET, json(500, { errors: [{ message: 'Internal Server Error' }] }));
  const failure = await failureOf(createWorldServerClient(server.login).getAsset({ resourceId: 1 }));
  expect(failure).toMatchObject({ kind: 'server', status: 500, attempts: 1, outcome: 'unknown' });
  expect(failure.hint).toMatch(/parameters/);
});

test('403 and error bodies that are text or HTML keep their meaning', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  server.api.once(ASSET, {
    status: 403,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><head><title>HTTP Status 403 – Forbidden</title></head></html>',
  });
  const forbidden = await failureOf(tms.getAsset({ resourceId: 1 }));
  expect(forbidden).toMatchObject({ kind: 'permission-denied', status: 403 });
  expect(forbidden.message).toContain('Forbidden');
  expect(forbidden.hint).toMatch(/User Types/);
  server.api.once(ASSET, { status: 400, headers: { 'Content-Type': 'text/plain' }, body: 'Target asset is not available for download' });
  expect(await failureOf(tms.getAsset({ resourceId: 1 }))).toMatchObject({ kind: 'not-ready' });
});

const NAME = 'Übersicht "Q1".xlf';
test.each([
  ['the extended form alone', `attachment; filename*=UTF-8''${encodeURIComponent(NAME)}`, NAME],
  ['the extended form before the plain one', `attachment; filename="plain.xlf"; filename*=UTF-8''${encodeURIComponent(NAME)}`, NAME],
  ['the plain form', 'attachment; filename="plain name.xlf"', 'plain name.xlf'],
  ['the plain form without quotes', 'attachment; filename=plain.xlf', 'plain.xlf'],
  ['a quoted name with semicolon and escaped quote', 'attachment; filename="a;b \\"c\\".xlf"', 'a;b "c".xlf'],
  ['raw UTF-8 in the plain form', Buffer.from('attachment; filename="Übersicht – 翻訳.xlf"', 'utf8'), 'Übersicht – 翻訳.xlf'],
  ['raw Latin-1 in the plain form', Buffer.from('attachment; filename="Übersicht.xlf"', 'latin1'), 'Übersicht.xlf'],
  ['an extended form in Latin-1', "attachment; filename*=ISO-8859-1''%DCbersicht.xlf", 'Übersicht.xlf'],
  ['an extended form in an unknown charset beside a plain one', 'attachment; filename*=X-NONE\'\'a%DCb; filename="plain.xlf"', 'plain.xlf'],
  ['an extended form whose percent sign was not encoded', "attachment; filename*=UTF-8''100%.xlf", '100%.xlf'],
  ['no header', null, undefined],
  ['a header without a name', 'attachment', undefined],
] as const)('the file name is read from %s', async (_form, disposition, name) => {
  await using server = await WorldServer.start();
  server.addTask('1', { disposition });
  const content = await createWorldServerClient(server.login).downloadAsset({ resourceId: 1 });
  expect(content.name).toBe(name);
  await content.cancel();
});

test('a JSON file is handed out as its bytes, even one that looks like an error answer', async () => {
  await using server = await WorldServer.start();
  const text = '\ufeff{ "status": "ERROR",\r\n  "errors": [{"message":"a translated sentence"}] }';
  const content = Buffer.from(text, 'utf8');
  const tms = createWorldServerClient(server.login);
  for (const type of ['application/json', 'application/json;charset=UTF-8', 'text/html', 'text/xml', 'application/xml']) {
    server.addTask('1', { name: 'strings.json', content, type });
    const file = await tms.downloadAsset({ resourceId: 1 });
    expect(file.mediaType).toBe(type.split(';')[0]);
    expect(Buffer.from(await file.bytes())).toEqual(content);
  }
});

const LOGIN_PAGE = '<!DOCTYPE html><html><head><title>WorldServer - Log in</title></head><body><form><input type="password" name="p"></form></body></html>';
const HTML = { 'Content-Type': 'text/html;charset=UTF-8' };

test('a session that ended is noticed although the server redirects to a login page that answers 200', async () => {
  await using server = await WorldServer.start();
  server.addTask('7', { content: Buffer.from('the file') });
  server.api.always('GET /ws/login', { status: 200, headers: HTML, body: LOGIN_PAGE });
  server.api.once(/^GET .*\/files\/asset$/, { status: 302, headers: { Location: '/ws/login?from=api' } });
  await using tms = createWorldServerClient(server.login);
  expect(await (await tms.downloadAsset({ resourceId: 7 })).text()).toBe('the file');
  expect(server.logins()).toHaveLength(2);
  server.api.always(/^GET .*\/files\/asset$/, { status: 302, headers: { Location: '/ws/login?from=api' } });
  const failure = await failureOf(tms.downloadAsset({ resourceId: 7 }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 200, operation: 'getAsset', params: { resourceId: 7 } });
  expect(failure.message).toContain('WorldServer - Log in');
  expect(server.logins()).toHaveLength(3);
});

test('a page without a file name is no file, and acceptHtml takes it for one', async () => {
  await using server = await WorldServer.start();
  server.api.always(/^GET .*\/files\/asset$/, { status: 200, headers: HTML, body: LOGIN_PAGE });
  await using tms = createWorldServerClient(server.login);
  expect(await failureOf(tms.getAsset({ resourceId: 7 }))).toMatchObject({ kind: 'unauthenticated', hint: expect.stringContaining('acceptHtml: true') });
  expect(await (await tms.getAsset({ resourceId: 7 }, { acceptHtml: true })).text()).toBe(LOGIN_PAGE);
});

test('an HTML file of a translation is a file', async () => {
  await using server = await WorldServer.start();
  server.addTask('7', { name: 'page.html', type: 'text/html', content: Buffer.from(LOGIN_PAGE) });
  await using tms = createWorldServerClient(server.login);
  expect(await (await tms.downloadAsset({ resourceId: 7 })).text()).toBe(LOGIN_PAGE);
});

test('an empty file is an empty file', async () => {
  await using server = await WorldServer.start();
  server.addTask('1', { content: Buffer.alloc(0) });
  const content = await createWorldServerClient(server.login).downloadAsset({ resourceId: 1 });
  expect(content.size).toBe(0);
  expect(await content.bytes()).toHaveLength(0);
  expect(content.receipt()).toMatchObject({ bytes: 0, verified: 'length' });
});

test('toDirectory writes under a safe name, whatever the vendor calls the file', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const folder = await mkdtemp(join(tmpdir(), 'worldserver-'));
  try {
    for (const name of ['../../evil.sh', '/etc/passwd', 'C:\\Windows\\x.dll', 'CON.txt', '.hidden', 'a\u0000b.txt', 'ok – 翻訳.xlf']) {
      server.addTask('1', { name, content: Buffer.from(name) });
      const { path, sha256 } = await (await tms.downloadAsset({ resourceId: 1 })).toDirectory(folder);
      expect(join(path, '..')).toBe(folder);
      expect(await readFile(path, 'utf8')).toBe(name);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(await readdir(folder)).toHaveLength(7);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('getAssets and verifyAssets send the ids separated by commas', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  server.addTask('2');
  const tms = createWorldServerClient(server.login);
  const archive = await tms.getAssets({ resourceIds: [1, '2', 90_071_992] });
  expect(archive).toMatchObject({ name: 'assets.zip', mediaType: 'application/zip' });
  await archive.cancel();
  expect(await tms.verifyAssets({ resourceIds: ['1'], resourceType: 'TASK' })).toEqual({ verified: ['1'] });
  expect(server.calls.map(({ url }) => url)).toEqual([
    '/ws-api/v2/files/assets?resourceIds=1,2,90071992',
    '/ws-api/v2/files/assets/verify?resourceIds=1&resourceType=TASK',
  ]);
  expect(await failureOf(tms.getAssets({ resourceIds: [9] }))).toMatchObject({ kind: 'not-found', status: 400 });
});

// ---- uploads ----

test('an upload is one multipart part named file, with a quoted file name, no filename*, and the exact bytes', async () => {
  await using server = await WorldServer.start();
  const bytes = sampleBytes(5000);
  const stored = await createWorldServerClient(server.login).uploadFile({
    name: 'Vertrag.docx',
    content: bytes,
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  });
  expect(stored).toMatchObject({ name: 'Vertrag.docx', internalName: '1a2b_1_Vertrag.docx', raw: { size: 5000, exists: true } });
  const [request] = server.calls;
  const boundary = /boundary=(.+)$/.exec(request!.header('content-type') ?? '')![1]!;
  expect(request!.header('content-type')).toMatch(/^multipart\/form-data; boundary=/);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="Vertrag.docx"\r\nContent-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document\r\n\r\n`;
  expect(request!.body).toEqual(Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]));
  expect(request!.header('content-length')).toBe(String(request!.body.length));
  expect(request!.header('transfer-encoding')).toBeUndefined();
});

test.each([
  ['a Blob', (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes], { type: 'text/plain' })],
  ['an ArrayBuffer', (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
  ['a stream', (bytes: Uint8Array<ArrayBuffer>) => streamOf(bytes)],
  ['an async iterable', (bytes: Uint8Array<ArrayBuffer>) => inPieces(bytes)],
  ['a source with a size', (bytes: Uint8Array<ArrayBuffer>) => ({ size: bytes.length, stream: () => inPieces(bytes) })],
] as const)('%s is uploaded with an exact Content-Length where its size is known', async (_kind, make) => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const bytes = sampleBytes(4321);
  await tms.uploadFile({ name: 'x.bin', content: make(bytes), size: bytes.length });
  await tms.uploadFile({ name: 'x.bin', content: make(bytes) });
  expect(server.uploads.map(({ content }) => content)).toEqual([Buffer.from(bytes), Buffer.from(bytes)]);
  const [known] = server.calls;
  expect(known!.header('content-length')).toBe(String(known!.body.length));
});

test('a Blob is uploaded with an exact Content-Length also through a fetch function, as in a browser', async () => {
  await using server = await WorldServer.start();
  const bytes = sampleBytes(70_000);
  await createWorldServerClient({ ...server.login, fetch: (request: Request) => globalThis.fetch(request) }).uploadFile({
    name: 'x.bin',
    content: new Blob([bytes]),
  });
  expect(server.uploads[0]!.content).toEqual(Buffer.from(bytes));
  expect(server.calls[0]!.header('transfer-encoding')).toBeUndefined();
  expect(server.calls[0]!.header('content-length')).toBe(String(server.calls[0]!.body.length));
});

test('a file name with quotes, line breaks and Unicode arrives in one quoted parameter', async () => {
  await using server = await WorldServer.start();
  await createWorldServerClient(server.login).uploadFile({ name: 'Über "das"\r\nX-Injected: 1 翻訳.txt', content: new Blob(['x']) });
  expect(server.uploads[0]!.filename).toBe('Über %22das%22%0D%0AX-Injected: 1 翻訳.txt');
  expect(
    server.calls[0]!.body.toString('utf8')
      .split('\r\n')
      .filter((line) => line.startsWith('X-Injected')),
  ).toEqual([]);
});

test('expandZip travels in the query, and an answer with a list of files is understood', async () => {
  await using server = await WorldServer.start({ uploadAnswer: 'files' });
  const stored = await createWorldServerClient(server.login).uploadFile({ name: 'a.zip', content: new Blob(['PK']), expandZip: true });
  expect(server.calls[0]!.url).toBe('/ws-api/v1/files?expandZip=true');
  expect(stored.internalName).toBe('1a2b_1_a.zip');
});

test('an upload answer with status ERROR is a failure although it is a 200', async () => {
  await using server = await WorldServer.start();
  server.api.once(/files$/, json(200, { status: 'ERROR', response: [{ errors: [{ code: 12, type: 'FILE_TYPE', message: 'The file type is not allowed' }] }] }));
  const failure = await failureOf(createWorldServerClient(server.login).uploadFile({ name: 'a.exe', content: new Blob(['MZ']) }));
  expect(failure).toMatchObject({ kind: 'unexpected', status: 200, code: 'FILE_TYPE' });
  expect(failure.message).toContain('The file type is not allowed');
});

test('an upload answer without internalName is told as unexpected', async () => {
  await using server = await WorldServer.start();
  for (const body of [{}, { files: [] }, { internalName: '' }]) {
    server.api.once(/files$/, json(200, body));
    expect(await failureOf(createWorldServerClient(server.login).uploadFile({ name: 'a.txt', content: new Blob(['x']) }))).toMatchObject({
      kind: 'unexpected',
      outcome: 'unknown',
      operation: 'uploadFile',
    });
  }
});

test('the documented 401 of an upload names both causes', async () => {
  await using server = await WorldServer.start();
  for (let i = 0; i < 2; i += 1) server.api.once(/files$/, json(401, { errors: [{ message: 'No session token provided' }] }));
  const failure = await failureOf(createWorldServerClient(server.login).uploadFile({ name: 'a.txt', content: new Blob(['x']) }));
  expect(failure).toMatchObject({ kind: 'unauthenticated', status: 401 });
  expect(failure.hint).toMatch(/session.*no file/i);
});

// ---- pages ----

test('getTasks.all follows offset to total and never reads past the end', async () => {
  await using server = await WorldServer.start();
  for (let id = 1; id <= 7; id += 1) server.addTask(String(id));
  const ids: (number | undefined)[] = [];
  for await (const task of createWorldServerClient(server.login).getTasks.all({ limit: 3, fields: ['id', 'status'] })) ids.push(task.id);
  expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(server.calls.map(({ url }) => url)).toEqual([0, 3, 6].map((offset) => `/ws-api/v2/tasks?fields=id,status&offset=${offset}&limit=3`));
});

test('a full last page ends by total, without another request', async () => {
  await using server = await WorldServer.start();
  for (let id = 1; id <= 6; id += 1) server.addTask(String(id));
  const ids: (number | undefined)[] = [];
  for await (const task of createWorldServerClient(server.login).getTasks.all({ limit: 3 })) ids.push(task.id);
  expect(ids).toHaveLength(6);
  expect(server.calls).toHaveLength(2);
});

test('a listing without total ends where the server says "out of range"', async () => {
  await using server = await WorldServer.start({ tellsTotal: false });
  for (let id = 1; id <= 4; id += 1) server.addTask(String(id));
  const ids: (number | undefined)[] = [];
  for await (const task of createWorldServerClient(server.login).getTasks.all({ limit: 2 })) ids.push(task.id);
  expect(ids).toEqual([1, 2, 3, 4]);
});

test('an offset of the caller that is out of range is an error, not an empty list', async () => {
  await using server = await WorldServer.start();
  server.addTask('1');
  const failure = await failureOf(async () => {
    for await (const task of createWorldServerClient(server.login).getTasks.all({ offset: 10 })) expect(task).toBeUndefined();
  });
  expect(failure).toMatchObject({ kind: 'invalid-request', status: 400 });
  expect(failure.message).toContain('Collection has only 1 items');
});

test('no tasks at all, or a list that is null, is an empty listing', async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  for await (const task of tms.getTasks.all()) expect(task).toBeUndefined();
  server.api.once(/tasks$/, json(200, { total: null, items: null }));
  for await (const task of tms.getTasks.all()) expect(task).toBeUndefined();
  expect(server.calls).toHaveLength(2);
});

// ---- parameters ----

test('wrong parameters are refused before any request: WorldServer would answer 500 to them', async () => {
  await using server = await WorldServer.start();
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const tms = createWorldServerClient(server.login) as any;
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => tms.getAsset(), /resourceId is required/],
    [() => tms.getAsset({ resourceId: '' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: '12a' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: ' 12' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: '12\n' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: '-1' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: '١٢' }), /resourceId must match/],
    [() => tms.getAsset({ resourceId: -1 }), /resourceId must be a string of digits or a safe integer/],
    [() => tms.getAsset({ resourceId: 1.5 }), /resourceId must be a string of digits or a safe integer/],
    [() => tms.getAsset({ resourceId: Number.NaN }), /resourceId must be a string of digits or a safe integer/],
    [() => tms.getAsset({ resourceId: 2 ** 53 }), /resourceId must be a string of digits or a safe integer/],
    [() => tms.getAsset({ resourceId: true }), /resourceId must be/],
    [() => tms.getAsset({ resourceId: [1] }), /resourceId must be/],
    [() => tms.getAsset({ resourceId: 1, assetLocationType: 'target' }), /assetLocationType must be one of "SOURCE", "TARGET", "SOURCE_TARGET"; got "target"/],
    [() => tms.getAsset({ resourceId: 1, resourceType: 'JOB' }), /resourceType must be one of "TASK", "PROJECT", "PROJECT_GROUP"/],
    [() => tms.getAsset({ resourceId: 1, assetLocation: 'TARGET' }), /assetLocation is not a parameter/],
    [() => tms.getAsset({ resourceid: 1 }), /resourceid.*did you mean "resourceId"/],
    [() => tms.getAsset({ resourceId: 1, token: 'x' }), /token is not a parameter/],
    [() => tms.downloadAsset({ resourceId: 'x' }), /resourceId must match/],
    [() => tms.downloadAsset({ resourceId: 1, locationType: 'TARGET' }), /locationType is not a parameter/],
    [() => tms.getAssets({ resourceIds: [] }), /resourceIds must have at least 1 item,/],
    [() => tms.getAssets({ resourceIds: '1,2' }), /resourceIds must be an array/],
    [() => tms.getAssets({ resourceIds: [1, '2,3'] }), /resourceIds\[1\] must match/],
    [() => tms.getAssets({ resourceIds: [1, undefined] }), /resourceIds\[1\]/],
    [() => tms.getTasks({ limit: 0 }), /limit must be at least 1/],
    [() => tms.getTasks({ offset: -1 }), /offset must be at least 0/],
    [() => tms.getTasks({ sortDirection: 'up' }), /sortDirection must be one of/],
    [() => tms.getTasks({ outdatedTasks: 'yes' }), /outdatedTasks must be a boolean/],
    [() => tms.getTasks({ fields: 'id' }), /fields must be an array/],
    [async () => tms.getTasks.all({ limit: 'all' })[Symbol.asyncIterator]().next(), /limit must be a safe integer/],
    [() => tms.login({ body: { username: 'u' } }), /body\.password is required/],
    [() => tms.uploadFile(), /name/],
    [() => tms.uploadFile({ name: '', content: new Blob() }), /name/],
    [() => tms.uploadFile({ name: 'a.txt' }), /content/],
    [() => tms.uploadFile({ name: 'a.txt', content: 'text' }), /content/],
    [() => tms.uploadFile({ name: 'a.txt', content: {} }), /content/],
    [() => tms.uploadFile({ name: 'a.txt', content: new Blob(['abc']), size: 2 }), /3 bytes.*size says 2/],
    [() => tms.uploadFile({ name: 'a.txt', content: new Blob(['abc']), expandZip: 'yes' }), /expandZip must be a boolean/],
    [() => tms.uploadFile({ name: 'a.txt', content: new Blob(['abc']), expandzip: true }), /expandzip is not an argument/],
    [() => tms.uploadAssets({ body: {} }), /body\.file is required/],
    [() => tms.uploadAssets({ body: { file: 'text' } }), /body\.file/],
  ];
  for (const [call, message] of cases) {
    const failure = await failureOf(call);
    expect(failure, String(message)).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0, vendor: 'worldserver' });
    expect(failure.message).toMatch(message);
  }
  expect(server.api.requests).toHaveLength(0);
});

test('wrong options are refused when the client is made', async () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- a caller without types
  const create = createWorldServerClient as any;
  const login = { baseUrl: 'http://ws.example.com:8080/ws-api', username: 'u', password: 'p' };
  const cases: [unknown, RegExp][] = [
    [undefined, /required|missing/],
    [{}, /required/],
    [{ ...login, username: '' }, /username is required/],
    [{ ...login, password: 12 }, /password is required/],
    [{ ...login, baseUrl: undefined }, /baseUrl is required/],
    [{ baseUrl: login.baseUrl, auth: { sessionId: '' } }, /sessionId/],
    [{ baseUrl: login.baseUrl, auth: {} }, /auth/],
    [{ baseUrl: login.baseUrl, auth: null }, /auth/],
    [{ ...login, sendTokenAs: 'cookie' }, /sendTokenAs/],
    [{ ...login, apiVersion: 'V2' }, /apiVersion/],
  ];
  for (const [options, message] of cases) {
    const failure = await failureOf(() => create(options));
    expect(failure.kind, String(message)).toBe('invalid-request');
    expect(failure.message).toMatch(message);
  }
});

test("ApiError.is narrows to the operation, and the details are the vendor's body", async () => {
  await using server = await WorldServer.start();
  const tms = createWorldServerClient(server.login);
  const failure: unknown = await failureOf(tms.getAsset({ resourceId: 5 }));
  expect(ApiError.is(failure, tms.getTasks)).toBe(false);
  if (!ApiError.is(failure, tms.getAsset)) throw new Error('not narrowed');
  expect(failure.status === 400 && failure.details?.errors?.[0]?.message).toBe('Source asset is not available for download');
});
