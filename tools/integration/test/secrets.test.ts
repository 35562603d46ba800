/** No secret is in anything that a program prints, logs or reports: canaries in every secret, and servers that echo them. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import {
  authorizationCode,
  clientCredentials,
  createEgainAttachmentClient,
  createEgainConversationClient,
  uploadContent,
  type Logger,
} from '@asset-clients/egain';
import { createTenovosClient, tenovosLogin } from '@asset-clients/tenovos';
import { createWorldServerClient, worldServerLogin } from '@asset-clients/worldserver';

import { expectNoSecrets, shownBy } from './support/exposure.ts';
import { failureOf } from './support/failures.ts';
import { json, RecordingServer, type Answer, type RecordedRequest } from './support/recording-server.ts';

/** What was logged, published or printed during a test. */
let reported: string[] = [];
const logger: Logger = Object.fromEntries(
  (['debug', 'info', 'warn', 'error'] as const).map((level) => [level, (message: string, fields?: object) => void reported.push(message, shownBy(fields))]),
) as unknown as Logger;
const publish = (message: unknown): void => void reported.push(shownBy(message));
const CHANNELS = ['asset-clients:request', 'asset-clients:transfer'];

vi.setConfig({ testTimeout: 60_000 });

beforeEach(() => {
  reported = [];
  for (const channel of CHANNELS) subscribe(channel, publish);
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void reported.push(args.map(shownBy).join(' ')));
});

afterEach(() => {
  for (const channel of CHANNELS) unsubscribe(channel, publish);
  vi.restoreAllMocks();
});

/** Repeats all that a request carried, as careless servers and proxies do. */
function echo(request: RecordedRequest): string {
  return [request.url, ...request.rawHeaders.map(([name, value]) => `${name}: ${value}`), request.body.toString('utf8')].join('\n');
}

/** The same request, echoed in the error forms that occur. */
const ECHOES: readonly ((status: number, request: RecordedRequest) => Answer)[] = [
  (status, request) =>
    json(status, {
      code: `${status}-100`,
      developerMessage: echo(request),
      message: echo(request),
      details: [{ key: 'request', value: echo(request) }],
      errors: [{ message: echo(request) }],
      error: 'invalid_request',
      error_description: request.body.toString('utf8').replace(/[^\x20-\x7e]/g, ''),
    }),
  (status, request) => ({ status, headers: { 'Content-Type': 'text/html' }, body: `<html><title>Error</title><pre>${echo(request)}</pre></html>` }),
  (status, request) => ({
    status,
    headers: { 'Content-Type': 'application/xml' },
    body: `<Error><Message>${echo(request)}</Message><StringToSign>${request.url}</StringToSign></Error>`,
  }),
  (status) => ({ status, headers: { 'X-Request-Id': 'r-1' } }),
  (status, request) => json(status, { session: 'gone', nested: { deep: { list: [{ headers: Object.fromEntries(request.rawHeaders) }] } } }),
];
const STATUSES = [400, 401, 403, 500];

/** The failures of some calls for each status and form of an error that echoes the request. */
async function failuresOf(server: RecordingServer, target: RegExp, call: () => Promise<unknown>): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const status of STATUSES) {
    for (const form of ECHOES) {
      // The call after a new login fails, too.
      for (let i = 0; i < 3; i += 1) server.once(target, (request) => form(status, request));
      failures.push(await failureOf(call()));
      server.forget();
    }
  }
  return failures;
}

function expectClean(values: readonly unknown[], secrets: Readonly<Record<string, string>>): void {
  for (const value of values) expectNoSecrets(shownBy(value), secrets, 'a value');
  expectNoSecrets(reported.join('\n'), secrets, 'a log, console or diagnostics text');
}

test('Tenovos: password, key, tokens and signatures show nowhere', async () => {
  const secrets = {
    password: 'canary pass+word/"ü"100%',
    apiKey: 'canary-api-key-4711',
    authorization: 'canaryAuthorizationTokenValue',
    accessToken: 'canaryAccessTokenValue/+',
    refreshToken: 'canaryRefreshTokenValue',
    signature: 'canarySignatureOfTheUrl0123456789',
    shortSignature: 'sgCanary',
  };
  const session = {
    authorization: secrets.authorization,
    accessToken: secrets.accessToken,
    refreshToken: secrets.refreshToken,
    expireEpoch: Date.now() + 3_600_000,
  };
  await using storage = await RecordingServer.start(() => ({ status: 200, headers: { 'Content-Type': 'image/jpeg' }, body: 'bytes' }));
  const presignedURL = `${storage.origin}/masters/a.jpg?X-Amz-Expires=20&X-Amz-Signature=${secrets.signature}&sig=${secrets.shortSignature}`;
  await using api = await RecordingServer.start((request) => {
    if (request.path === '/v1/auth/token') return json(200, { username: 'u', password: secrets.password, session });
    if (request.path.endsWith('/content')) return json(200, { presignedURL });
    return json(200, { status: 'success', data: { assetId: 'a', renditionsDocument: { imageThumb: presignedURL } } });
  });
  const options = {
    baseUrl: `${api.origin}/v1`,
    apiKey: secrets.apiKey,
    username: 'u',
    password: secrets.password,
    logger,
    logLevel: 'debug',
    maxRetries: false,
  } as const;
  const dam = createTenovosClient(options);
  const content = await dam.downloadAsset({ id: 'a' });
  const shown: unknown[] = [dam, dam.retrieveAsset, tenovosLogin(options), content, shownBy(content)];
  await content.bytes();
  shown.push(
    content,
    content.receipt(),
    await dam
      .retrieveAsset({ id: 'a' })
      .withResponse()
      .then(({ headers }) => headers),
  );

  shown.push(...(await failuresOf(api, /assets\/asset/, () => dam.retrieveAsset({ id: 'a' }))));
  shown.push(...(await failuresOf(api, /content$/, () => dam.downloadAsset({ id: 'a' }))));
  shown.push(...(await failuresOf(storage, /./, () => dam.downloadAsset({ id: 'a' }))));
  shown.push(...(await failuresOf(storage, /./, () => dam.downloadAsset({ id: 'a', rendition: 'imageThumb' }))));
  shown.push(...(await failuresOf(api, /auth\/token/, () => createTenovosClient(options).retrieveAsset({ id: 'a' }))));
  shown.push(...(await failuresOf(api, /auth\/token/, () => dam.createToken({ body: { username: 'u', password: secrets.password } }))));
  const revoke = {
    endpointUrl: 'e',
    clientId: 'c',
    userPoolId: 'p',
    username: 'u',
    session: { authorization: secrets.authorization, accessToken: secrets.accessToken, refreshToken: secrets.refreshToken },
  };
  shown.push(...(await failuresOf(api, /auth\/token/, () => dam.revokeToken({ body: revoke }))));
  shown.push(...(await failuresOf(api, /other/, () => dam.request(`GET /other?api_key=${secrets.apiKey}`))));

  // Wrong use with secrets at hand.
  shown.push(await failureOf(dam.createToken({ body: { password: secrets.password, session: secrets.refreshToken } as never })));
  shown.push(await failureOf(dam.createToken({ body: { username: 5, password: secrets.password } as never })));
  shown.push(await failureOf(dam.retrieveAsset({ id: 'a', password: secrets.password } as never)));
  shown.push(await failureOf(() => createTenovosClient({ ...options, baseUrl: 'nowhere' })));
  shown.push(await failureOf(() => createTenovosClient({ ...options, password: { secret: secrets.password } as never })));
  // Broken connections and refused addresses.
  storage.once(/./, (_request, raw) => void raw.socket?.destroy());
  shown.push(await failureOf(dam.downloadAsset({ id: 'a' })));
  storage.once(/./, { status: 302, headers: { Location: `ftp://files.example.com/x?X-Amz-Signature=${secrets.signature}` } });
  shown.push(await failureOf(dam.downloadAsset({ id: 'a' })));
  api.once(/content$/, json(200, { presignedURL: `ftp://u:${secrets.signature}@files.example.com/x?sig=${secrets.shortSignature}` }));
  shown.push(await failureOf(dam.downloadAsset({ id: 'a' })));
  api.once(/content$/, json(200, { presignedURL: `http://127.0.0.1:1/x?X-Amz-Signature=${secrets.signature}&sig=${secrets.shortSignature}` }));
  shown.push(await failureOf(dam.downloadAsset({ id: 'a' })));
  api.once(/content$/, json(200, { url: presignedURL }));
  shown.push(await failureOf(dam.downloadAsset({ id: 'a' })));
  // A success that is none.
  api.once(/assets\/asset/, (request) => json(200, { status: 'error', message: echo(request) }));
  shown.push(await failureOf(dam.retrieveAsset({ id: 'a' })));
  api.once(/assets\/asset/, (request) => ({ status: 200, headers: { 'Content-Type': 'text/html' }, body: `<html>${echo(request)}` }));
  shown.push(await failureOf(dam.retrieveAsset({ id: 'a' })));
  expect(shown.length).toBeGreaterThan(150);
  expect(reported.join('\n')).toMatch(/durationMs[\s\S]*receipt/);
  expectClean(shown, secrets);
});

test('Tenovos: a token of the caller, and what its function throws, show nowhere', async () => {
  const secrets = { token: 'canaryProviderToken+/==', apiKey: 'canary-api-key-4711' };
  await using api = await RecordingServer.start(() => json(200, {}));
  const dam = createTenovosClient({ baseUrl: api.origin, apiKey: secrets.apiKey, auth: () => secrets.token, logger, logLevel: 'debug', maxRetries: false });
  const shown: unknown[] = [dam, ...(await failuresOf(api, /./, () => dam.retrieveAsset({ id: 'a' })))];
  const broken = createTenovosClient({
    baseUrl: api.origin,
    apiKey: secrets.apiKey,
    auth: () => Promise.reject(new Error(`no answer for https://vault.example.com/?token=${secrets.token}`)),
    logger,
  });
  shown.push(await failureOf(broken.retrieveAsset({ id: 'a' })));
  const unusable = createTenovosClient({ baseUrl: api.origin, apiKey: secrets.apiKey, auth: () => `${secrets.token}\n`.repeat(2), logger });
  shown.push(await failureOf(unusable.retrieveAsset({ id: 'a' })));
  expectClean(shown, secrets);
});

test('WorldServer: password and session show nowhere, in header or query', async () => {
  const secrets = { password: 'canary pass&word=?ü"', sessionId: '20145873901528463710045' };
  await using api = await RecordingServer.start((request) =>
    request.path.endsWith('/login')
      ? json(200, { sessionId: secrets.sessionId, userDetails: { fingerprint: secrets.sessionId } })
      : { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: 'bytes' },
  );
  const shown: unknown[] = [];
  for (const sendTokenAs of ['header', 'query'] as const) {
    const options = {
      baseUrl: `${api.origin}/ws-api`,
      username: 'u',
      password: secrets.password,
      sendTokenAs,
      logger,
      logLevel: 'debug',
      maxRetries: false,
    } as const;
    const tms = createWorldServerClient(options);
    const content = await tms.getAsset({ resourceId: 1 });
    shown.push(tms, worldServerLogin(options), content);
    await content.bytes();
    shown.push(content.receipt());
    shown.push(...(await failuresOf(api, /asset$/, () => tms.getAsset({ resourceId: 1 }))));
    shown.push(...(await failuresOf(api, /v1\/files$/, () => tms.uploadFile({ name: 'a.txt', content: new Blob(['x']) }))));
    shown.push(...(await failuresOf(api, /login$/, () => createWorldServerClient(options).getAsset({ resourceId: 1 }))));
    shown.push(...(await failuresOf(api, /login$/, () => tms.login({ body: { username: 'u', password: secrets.password } }))));
    api.once(/asset$/, (_request, raw) => void raw.socket?.destroy());
    shown.push(await failureOf(tms.getAsset({ resourceId: 1 })));
    const own = createWorldServerClient({
      baseUrl: `${api.origin}/ws-api`,
      auth: { sessionId: secrets.sessionId },
      sendTokenAs,
      logger,
      logLevel: 'debug',
      maxRetries: false,
    });
    shown.push(own, ...(await failuresOf(api, /asset$/, () => own.getAsset({ resourceId: 1 }))));
    shown.push(await failureOf(tms.getAsset({ resourceId: 1, token: secrets.sessionId } as never)));
    await tms.close();
  }
  expectClean(shown, secrets);
});

test('eGain: client secret, tokens, codes and signatures show nowhere', async () => {
  const secrets = {
    clientSecret: 'canary~secret/+with="odd" ü',
    accessToken: 'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJ0b2tlbiJ9.c2lnbmF0dXJlLWNhbmFyeQ',
    refreshToken: 'canaryRefreshTokenOfAPerson',
    code: 'canaryAuthorizationCode0815',
    codeVerifier: 'canaryCodeVerifierOfPkce1234567890',
    signature: 'canarySignatureOfTheUrl0123456789',
    shortSignature: 'sgCanary',
  };
  await using login = await RecordingServer.start(() =>
    json(200, { access_token: secrets.accessToken, token_type: 'Bearer', expires_in: 600, refresh_token: secrets.refreshToken }),
  );
  await using storage = await RecordingServer.start(({ method }) => (method === 'GET' ? { status: 200, body: 'bytes' } : { status: 201 }));
  const contentUrl = `${storage.origin}/u/a?signature=${secrets.signature}&s=${secrets.shortSignature}`;
  await using api = await RecordingServer.start(() => json(200, { id: 'a1', name: 'a.txt', contentUrl }));
  const auths = {
    clientCredentials: clientCredentials({ tokenUrl: `${login.origin}/token`, clientId: 'app', clientSecret: secrets.clientSecret, scope: 'x.y' }),
    authorizationCode: authorizationCode({
      tokenUrl: `${login.origin}/token`,
      clientId: 'app',
      clientSecret: secrets.clientSecret,
      redirectUri: 'https://x.example.com/',
      code: secrets.code,
      codeVerifier: secrets.codeVerifier,
    }),
    refresh: authorizationCode({
      tokenUrl: `${login.origin}/token`,
      clientId: 'app',
      redirectUri: 'https://x.example.com/',
      refreshToken: secrets.refreshToken,
    }),
    literal: Object.freeze({ type: 'clientCredentials', tokenUrl: `${login.origin}/token`, clientId: 'app', clientSecret: secrets.clientSecret } as const),
    token: secrets.accessToken,
    provider: () => secrets.accessToken,
  };
  const upload = { name: 'a.txt', content: new Blob(['x']), channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
  const shown: unknown[] = [auths.clientCredentials, auths.authorizationCode, auths.refresh, { nested: [auths.clientCredentials] }];
  for (const auth of Object.values(auths)) {
    const common = { auth, logger, logLevel: 'debug', maxRetries: false } as const;
    const chat = createEgainConversationClient({ baseUrl: api.origin, ...common });
    const mail = createEgainAttachmentClient({ baseUrl: api.origin, ...common });
    const content = await chat.downloadAsset({ id: 'a' });
    shown.push(chat, mail, content);
    await content.bytes();
    shown.push(content.receipt(), await chat.uploadAsset(upload));
    shown.push(...(await failuresOf(api, /./, () => chat.getAsset({ id: 'a' }))));
    shown.push(...(await failuresOf(api, /./, () => mail.downloadAttachment({ app: 'email', type: 'attachment', altId: 'a' }))));
    shown.push(...(await failuresOf(storage, /./, () => chat.downloadAsset({ id: 'a' }))));
    shown.push(...(await failuresOf(storage, /./, () => chat.uploadAsset(upload))));
    shown.push(...(await failuresOf(storage, /./, () => chat.uploadContent({ contentUrl, content: new Blob(['x']), contentType: 'text/plain' }))));
    shown.push(await failureOf(chat.createAsset({ body: { ...upload, contentUrl, size: -1 } as never })));
    shown.push(await failureOf(mail.generateDownloadAttachmentURL({ body: { app: 'nope', type: 'attachment', altId: 'a', contentUrl } as never })));
    api.once(/./, json(200, { id: 'a1', contentUrl: `javascript:${secrets.signature}` }));
    shown.push(await failureOf(chat.downloadAsset({ id: 'a' })));
    api.once(/./, json(200, { id: 'a1', contentUrl: `/relative?signature=${secrets.signature}` }));
    shown.push(await failureOf(chat.downloadAsset({ id: 'a' })));
  }
  // Failures of the login itself.
  for (const make of [
    () => clientCredentials({ tokenUrl: `${login.origin}/token`, clientId: 'app', clientSecret: secrets.clientSecret }),
    () =>
      authorizationCode({
        tokenUrl: `${login.origin}/token`,
        clientId: 'app',
        clientSecret: secrets.clientSecret,
        redirectUri: 'https://x.example.com/',
        code: secrets.code,
        codeVerifier: secrets.codeVerifier,
      }),
    () => authorizationCode({ tokenUrl: `${login.origin}/token`, clientId: 'app', redirectUri: 'https://x.example.com/', refreshToken: secrets.refreshToken }),
  ]) {
    const call = (): Promise<unknown> =>
      createEgainConversationClient({ baseUrl: api.origin, auth: make(), logger, logLevel: 'debug', maxRetries: false }).getAsset({ id: 'a' });
    shown.push(...(await failuresOf(login, /./, call)));
    for (const answer of [
      json(200, { access_token: { value: secrets.accessToken } }),
      json(200, { token: secrets.accessToken }),
      json(200, { access_token: secrets.accessToken, token_type: 'mac' }),
      { status: 200, body: secrets.accessToken },
    ]) {
      login.once(/./, answer);
      shown.push(await failureOf(call()));
    }
    login.once(/./, (_request, raw) => void raw.socket?.destroy());
    shown.push(await failureOf(call()));
  }
  shown.push(
    ...(await failuresOf(storage, /./, () =>
      uploadContent({ contentUrl, content: new Blob(['x']), contentType: 'text/plain' }, { logger, logLevel: 'debug' }),
    )),
  );
  shown.push(await failureOf(uploadContent({ contentUrl, content: new Blob(['x']), contentType: 'none', signature: secrets.signature } as never)));
  expect(shown.length).toBeGreaterThan(500);
  expectClean(shown, secrets);
});
