import { describe, expect, test } from 'vitest';
import { createFakeEgain, fault, type FakeEgain, type FakeEgainOptions } from './index.ts';

interface Shape {
  readonly fake: FakeEgain;
  readonly fetch: typeof globalThis.fetch;
  readonly conversation: string;
  readonly attachments: string;
  readonly tokenUrl: string;
  readonly auth: { clientId: string; clientSecret: string; scope: string };
}

async function over(shape: 'in process' | 'sockets', options: FakeEgainOptions, run: (shape: Shape) => Promise<void>): Promise<void> {
  await using fake = createFakeEgain(options);
  if (shape === 'in process') {
    const { auth } = fake.conversation.clientOptions;
    await run({ fake, fetch: fake.fetch, conversation: fake.conversation.baseUrl, attachments: fake.attachments.baseUrl, tokenUrl: auth.tokenUrl, auth });
  } else {
    const server = await fake.listen();
    const { auth } = server.conversation.clientOptions;
    await run({
      fake,
      fetch: globalThis.fetch,
      conversation: server.conversation.baseUrl,
      attachments: server.attachments.baseUrl,
      tokenUrl: auth.tokenUrl,
      auth,
    });
  }
}

async function login({ fetch, tokenUrl, auth }: Shape): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: auth.clientId, client_secret: auth.clientSecret, scope: auth.scope }),
  });
  const body = (await response.json()) as { access_token: string; expires_in: number; token_type: string };
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  return body.access_token;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const asset = (name: string, size: number): string => JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name, size });

describe.each(['in process', 'sockets'] as const)('eGain %s', (shape) => {
  test('an asset is created, uploaded to a signed URL, and read back from another', async () => {
    await over(shape, {}, async (s) => {
      const authorization = `Bearer ${await login(s)}`;
      const created = await s.fetch(`${s.conversation}/assets`, { method: 'POST', headers: { authorization, ...JSON_TYPE }, body: asset('bird.jpg', 5) });
      expect(created.status).toBe(200);
      const { id, contentUrl } = (await created.json()) as { id: string; contentUrl: string };
      const pending = (await (await s.fetch(`${s.conversation}/assets/${id}`, { headers: { authorization } })).json()) as object;
      expect(pending).toEqual({ id, name: 'bird.jpg', size: 5, contentType: 'image/jpeg' });
      const put = async (body: string, headers: Record<string, string>, method = 'POST'): Promise<number> =>
        (await s.fetch(contentUrl, { method, body, headers })).status;
      expect(await put('12345', { 'content-type': 'image/png' })).toBe(400);
      expect(await put('123456', { 'content-type': 'image/jpeg' })).toBe(400);
      expect(await put('12345', { 'content-type': 'image/jpeg' }, 'PUT')).toBe(405);
      expect(await put('12345', { 'content-type': 'image/jpeg', authorization })).toBe(400);
      expect(s.fake.calls.at(-1)).toMatchObject({ operation: 'upload', leaks: expect.arrayContaining(['authorization']) });
      expect(await put('12345', { 'content-type': 'image/jpeg' })).toBe(201);
      expect(await put('12345', { 'content-type': 'image/jpeg' })).toBe(403);
      const details = (await (await s.fetch(`${s.conversation}/assets/${id}`, { headers: { authorization } })).json()) as { contentUrl: string };
      const download = await s.fetch(details.contentUrl);
      expect([download.headers.get('content-type'), await download.text()]).toEqual(['image/jpeg', '12345']);
      expect((await s.fetch(details.contentUrl)).status).toBe(403);
      expect((await s.fetch(`${s.conversation}/assets/${id}`, { method: 'DELETE', headers: { authorization } })).status).toBe(204);
      expect((await s.fetch(`${s.conversation}/assets/${id}`, { headers: { authorization } })).status).toBe(404);
    });
  });

  test('an attachment is signed and downloaded; its URL lives 300 seconds', async () => {
    await over(shape, { attachments: [{ altId: 'x1', name: 'invoice.pdf', bytes: 200_000 }] }, async (s) => {
      const headers = { authorization: `Bearer ${await login(s)}`, 'accept-language': 'en-US', ...JSON_TYPE };
      const sign = async (): Promise<{ contentUrl: string; signedUrlExpiry: string; size: number }> =>
        (await (
          await s.fetch(`${s.attachments}/assets/predownload`, { method: 'POST', headers, body: '{"app":"email","type":"attachment.inbound","altId":"x1"}' })
        ).json()) as never;
      const first = await sign();
      expect(first.size).toBe(200_000);
      expect(Date.parse(first.signedUrlExpiry) - s.fake.clock.now()).toBeGreaterThan(298_000);
      const response = await s.fetch(first.contentUrl, { headers: { range: 'bytes=5-' } });
      expect(response.status).toBe(200);
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(await s.fake.attachment('x1')!.bytes());
      const second = await sign();
      await s.fake.clock.advance('5m');
      expect((await s.fetch(second.contentUrl)).status).toBe(403);
      await s.fake.clock.advance('61m');
      expect((await s.fetch(`${s.attachments}/assets/predownload`, { method: 'POST', headers, body: '{}' })).status).toBe(401);
    });
  });

  test.each<[string, FakeEgainOptions, Partial<RequestInit> & { path: string; noToken?: true; actor?: 'user'; scopes?: string[] }, string]>([
    ['no token', {}, { path: '/assets/1', noToken: true }, '401-104'],
    ['no scope', {}, { path: '/assets/1', scopes: ['app.conversation.conversationmgr.manage'] }, '403-197'],
    ['unknown id', {}, { path: '/assets/nope' }, '404-101'],
    ['id too long', {}, { path: `/assets/${'x'.repeat(256)}` }, '400-152'],
    ['no body', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE }, '400-264'],
    [
      'a member missing',
      {},
      { path: '/assets', method: 'POST', headers: JSON_TYPE, body: '{"channel":{"type":"sms"},"sender":{"type":"customer"},"name":"a.txt"}' },
      '400-146',
    ],
    ['a member empty', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE, body: asset('', 4) }, '400-387'],
    ['an unknown member', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE, body: '{"extra":1}' }, '400-147'],
    ['a wrong sender', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE, body: asset('a.txt', 4).replace('customer', 'nobody') }, '400-196'],
    ['a size of 0', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE, body: asset('a.txt', 0) }, '400-152'],
    ['a size above 10 MiB', {}, { path: '/assets', method: 'POST', headers: JSON_TYPE, body: asset('a.txt', 10_485_761) }, '400-10424'],
    ['deleting a used asset', { assets: [{ id: 'u', name: 'a.txt', used: true }] }, { path: '/assets/u', method: 'DELETE' }, '403-105'],
  ])('error: %s', async (_name, options, { path, noToken, actor, scopes, ...init }, code) => {
    await over(shape, options, async (s) => {
      const token = s.fake.issueToken({ ...(actor === undefined ? {} : { actor }), ...(scopes === undefined ? {} : { scopes }) });
      const headers = { ...(init.headers as Record<string, string>), ...(noToken === true ? {} : { authorization: `Bearer ${token}` }) };
      const response = await s.fetch(`${s.conversation}${path}`, { ...init, headers });
      const body = (await response.json()) as { code: string; userMessage?: string };
      expect([response.status, body.code, body.userMessage]).toEqual([Number(code.slice(0, 3)), code, undefined]);
      const again = await s.fetch(`${s.conversation}${path}`, { ...init, headers: { ...headers, 'X-egain-error-message': 'yes' } });
      expect(((await again.json()) as { userMessage?: string }).userMessage).toEqual(expect.any(String));
      expect(s.fake.problems).toEqual([]);
    });
  });

  test.each([
    ['no Accept-Language', {}, '{"app":"email","type":"attachment","altId":"c"}', 'client', '400-112'],
    ['a wrong Accept-Language', { 'accept-language': 'en' }, '{"app":"email","type":"attachment","altId":"c"}', 'client', '406-100'],
    ['an unknown altId', { 'accept-language': 'de-DE' }, '{"app":"email","type":"attachment","altId":"zz"}', 'client', '400-194'],
    ['a wrong app', { 'accept-language': 'de-DE' }, '{"app":"fax","type":"attachment","altId":"c"}', 'client', '400-196'],
    ['a user without the permission', { 'accept-language': 'de-DE' }, '{"app":"email","type":"attachment","altId":"c"}', 'user', '403-105'],
  ] as const)('predownload error: %s', async (_name, extra, body, actor, code) => {
    await over(shape, { attachments: [{ altId: 'c', name: 'c.pdf', type: 'attachment', access: 'clients' }] }, async (s) => {
      const headers = { authorization: `Bearer ${s.fake.issueToken({ actor })}`, ...JSON_TYPE, ...extra };
      const response = await s.fetch(`${s.attachments}/assets/predownload`, { method: 'POST', headers, body });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([Number(code.slice(0, 3)), code]);
      const xml = await s.fetch(`${s.attachments}/assets/predownload`, { method: 'POST', headers: { ...headers, accept: 'application/xml' }, body });
      expect(await xml.text()).toContain(`<code>${code}</code>`);
    });
  });

  test('500, whose cause is not documented, comes by a named fault', async () => {
    await over(shape, { assets: [{ id: 'a', name: 'a.txt' }] }, async (s) => {
      s.fake.faults.add('getAsset', fault.status(500));
      const get = (): Promise<Response> => s.fetch(`${s.conversation}/assets/a`, { headers: { authorization: `Bearer ${s.fake.issueToken()}` } });
      const failed = await get();
      expect([failed.status, await failed.json()]).toMatchObject([500, { code: '500-100' }]);
      expect((await get()).status).toBe(200);
      expect(s.fake.faults.pending()).toEqual([]);
    });
  });

  test('a planned 429 says when the limit ends, unless the fault says it', async () => {
    await over(shape, { assets: [{ id: 'a', name: 'a.txt' }] }, async (s) => {
      s.fake.faults.add('getAsset', fault.status(429), fault.retryAfter(3));
      const get = (): Promise<Response> => s.fetch(`${s.conversation}/assets/a`, { headers: { authorization: `Bearer ${s.fake.issueToken()}` } });
      const first = await get();
      expect([first.status, ((await first.json()) as { code: string }).code, first.headers.get('retry-after')]).toEqual([429, '429-001', null]);
      expect(Date.parse(first.headers.get('x-ratelimit-reset')!) - s.fake.clock.now()).toBeGreaterThan(58_000);
      const second = await get();
      expect([second.status, second.headers.get('retry-after'), second.headers.get('x-ratelimit-reset')]).toEqual([429, '3', null]);
    });
  });

  test('calls beyond the limit get 429 with the time at which the limit ends', async () => {
    await over(shape, { assets: [{ id: 'a', name: 'a.txt' }], assumptions: { rateLimitPerMinute: 1 } }, async (s) => {
      const get = (): Promise<Response> => s.fetch(`${s.conversation}/assets/a`, { headers: { authorization: `Bearer ${s.fake.issueToken()}` } });
      expect((await get()).status).toBe(200);
      const limited = await get();
      expect([limited.status, limited.headers.get('x-ratelimit-remaining')]).toEqual([429, '0']);
      await s.fake.clock.advance(Date.parse(limited.headers.get('x-ratelimit-reset')!) - s.fake.clock.now() + 1);
      expect((await get()).status).toBe(200);
    });
  });

  test('the self-service cloud has another token URL and other scopes', async () => {
    await over(shape, { environment: 'self-service' }, async (s) => {
      expect(s.tokenUrl).toMatch(/\/system\/auth\/\w+-U\/oauth2\/token$/);
      await login(s);
      const wrong = await s.fetch(s.tokenUrl, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: s.auth.clientId,
          client_secret: s.auth.clientSecret,
          scope: 'https://api.egain.test/auth/.default',
        }),
      });
      expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: 'invalid_scope' }]);
      expect(JSON.stringify(s.fake.calls)).not.toContain(s.auth.clientSecret);
    });
  });

  test('a user logs in by code and PKCE', async () => {
    await over('in process', {}, async (s) => {
      const verifier = 'v'.repeat(43);
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
      const challenge = Buffer.from(digest).toString('base64url');
      const login = s.fake.userLogin.selfService;
      const query = new URLSearchParams({
        client_id: s.auth.clientId,
        redirect_uri: 'http://localhost:1/back',
        response_type: 'code',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        state: 'st',
      });
      const page = await s.fetch(`${login.authorizationUrl}?${query}`, { redirect: 'manual' });
      const back = new URL(page.headers.get('location')!);
      expect(back.searchParams.get('state')).toBe('st');
      const exchange = new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: s.auth.clientId,
        code: back.searchParams.get('code')!,
        redirect_uri: 'http://localhost:1/back',
        code_verifier: verifier,
      });
      const answer = (await (await s.fetch(login.tokenUrl, { method: 'POST', body: exchange })).json()) as { refresh_token: string };
      expect(answer.refresh_token).toEqual(expect.any(String));
      expect((await s.fetch(login.tokenUrl, { method: 'POST', body: exchange })).status).toBe(400);
    });
  });
});
