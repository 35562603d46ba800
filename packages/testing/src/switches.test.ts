import { describe, expect, test } from 'vitest';
import { createFakeEgain, type EgainAssumptions, type FakeEgain, type FakeEgainOptions } from './egain/index.ts';
import { createFakeTenovos, type FakeTenovos, type FakeTenovosOptions, type TenovosAssumptions } from './tenovos/index.ts';
import { createFakeWorldServer, type FakeWorldServer, type WorldServerAssumptions } from './worldserver/index.ts';

const json = { 'content-type': 'application/json' };
const read = async (response: Response): Promise<[number, Record<string, never>]> => {
  const text = await response.text();
  return [response.status, text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as Record<string, never>) : ({ text } as never)];
};

describe('eGain', () => {
  const seed: FakeEgainOptions = {
    assets: [
      { id: 'a', name: 'a.txt', text: '0123456789' },
      { id: 'used', name: 'u.txt', used: true },
      { id: 'pending', name: 'p.txt', uploaded: false },
    ],
    attachments: [{ altId: 'x', name: 'x.pdf', bytes: 7 }],
  };
  const token = (fake: FakeEgain, scopes?: string[]): Record<string, string> => ({
    authorization: `Bearer ${fake.issueToken(scopes === undefined ? {} : { scopes })}`,
  });
  const create = async (fake: FakeEgain): Promise<string> => {
    const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'n.txt', size: 3 });
    const [, answer] = await read(await fake.fetch(`${fake.conversation.baseUrl}/assets`, { method: 'POST', headers: { ...token(fake), ...json }, body }));
    return answer.contentUrl!;
  };
  const get = async (fake: FakeEgain, id: string, init: RequestInit = {}): Promise<[number, Record<string, never>]> =>
    await read(await fake.fetch(`${fake.conversation.baseUrl}/assets/${id}`, { headers: token(fake), ...init }));
  const sign = async (fake: FakeEgain, altId: string = 'x'): Promise<[number, Record<string, never>]> =>
    await read(
      await fake.fetch(`${fake.attachments.baseUrl}/assets/predownload`, {
        method: 'POST',
        headers: { ...token(fake), ...json, 'accept-language': 'en-US' },
        body: JSON.stringify({ app: 'email', type: 'attachment.inbound', altId }),
      }),
    );
  const upload = async (fake: FakeEgain, init: RequestInit): Promise<number> =>
    (await fake.fetch(await create(fake), { method: 'POST', body: 'abc', headers: { 'content-type': 'text/plain' }, ...init })).status;

  test.each<[keyof EgainAssumptions, unknown, (fake: FakeEgain) => Promise<unknown>, unknown]>([
    ['uploadMethod', 'PUT', async (fake) => [await upload(fake, { method: 'PUT' }), await upload(fake, {})], [201, 405]],
    ['uploadStatus', 204, (fake) => upload(fake, {}), 204],
    [
      'uploadHeaders',
      { 'x-ms-blob-type': 'BlockBlob' },
      async (fake) => [await upload(fake, {}), await upload(fake, { headers: { 'content-type': 'text/plain', 'x-ms-blob-type': 'BlockBlob' } })],
      [400, 201],
    ],
    [
      'uploadBody',
      'multipart',
      async (fake) => {
        const form = new FormData();
        form.set('file', new Blob(['abc'], { type: 'text/plain' }), 'n.txt');
        const url = await create(fake);
        return [await upload(fake, {}), (await fake.fetch(url, { method: 'POST', body: form })).status];
      },
      [400, 201],
    ],
    ['contentTypeFromName', false, (fake) => upload(fake, { headers: { 'content-type': 'image/png' } }), 201],
    [
      'singleUseUrls',
      false,
      async (fake) => {
        const [, { contentUrl }] = await get(fake, 'a');
        return [await (await fake.fetch(contentUrl!)).text(), await (await fake.fetch(contentUrl!)).text()];
      },
      ['0123456789', '0123456789'],
    ],
    [
      'signedUrlRanges',
      true,
      async (fake) => {
        const [, { contentUrl }] = await get(fake, 'a');
        const response = await fake.fetch(contentUrl!, { headers: { range: 'bytes=7-' } });
        return [response.status, await response.text()];
      },
      [206, '789'],
    ],
    [
      'signedUrlRefusesAuthorization',
      false,
      async (fake) => {
        const [, { contentUrl }] = await get(fake, 'a');
        await fake.fetch(contentUrl!, { headers: { authorization: 'Bearer x' } });
        return [fake.calls.at(-1)!.status, fake.calls.at(-1)!.leaks];
      },
      [200, ['authorization']],
    ],
    [
      'signedUrlLifetimeSeconds',
      5,
      async (fake) => {
        const [, { contentUrl }] = await get(fake, 'a');
        await fake.clock.advance('5s');
        return (await fake.fetch(contentUrl!)).status;
      },
      403,
    ],
    ['assetWithoutContent', 'not-found', async (fake) => (await get(fake, 'pending'))[0], 404],
    ['usedAssetDeleteStatus', 409, async (fake) => (await get(fake, 'used', { method: 'DELETE' }))[0], 409],
    ['missingScopeStatus', 401, async (fake) => (await get(fake, 'a', { headers: token(fake, []) }))[0], 401],
    ['rateLimitPerMinute', 2, async (fake) => [(await get(fake, 'a'))[0], (await get(fake, 'a'))[0], (await get(fake, 'a'))[0]], [200, 200, 429]],
    [
      'tokenLifetimeSeconds',
      60,
      async (fake) => {
        const headers = token(fake);
        await fake.clock.advance('60s');
        return (await get(fake, 'a', { headers }))[0];
      },
      401,
    ],
    ['unknownAltIdCode', '400-152', async (fake) => (await sign(fake, 'nope'))[1].code, '400-152'],
    ['predownloadAnswer', 'url-only', async (fake) => Object.keys((await sign(fake))[1]), ['contentUrl']],
    ['predownloadAnswer', 'example', async (fake) => Object.keys((await sign(fake))[1]), ['altId', 'name', 'contentType', 'size', 'contentUrl']],
  ])('%s: %j', async (name, value, run, expected) => {
    await using fake = createFakeEgain({ ...seed, assumptions: { [name]: value } });
    expect(await run(fake)).toEqual(expected);
    expect(fake.problems).toEqual([]);
  });
});

describe('Tenovos', () => {
  const seed: FakeTenovosOptions = {
    assets: [
      { id: 'a', fileId: 'f', name: 'a.txt', text: 'text', metadata: [{ name: 'Empty' }] },
      { id: 'b', name: 'b.txt' },
      { id: 'meta', name: 'm', metadataOnly: true },
    ],
  };
  type Login = { readonly fake: FakeTenovos; readonly session: Record<string, never>; readonly headers: Record<string, string> };
  const login = async (fake: FakeTenovos, body?: unknown): Promise<Login> => {
    const { baseUrl, apiKey, username, password } = fake.clientOptions;
    const [, answer] = await read(
      await fake.fetch(`${baseUrl}/auth/token`, {
        method: 'POST',
        headers: { 'x-api-key': apiKey, ...json },
        body: JSON.stringify(body ?? { username, password }),
      }),
    );
    const session: Record<string, never> = answer.session!;
    return { fake, session, headers: { 'x-api-key': apiKey, authorization: session.authorization!, accesstoken: session.accessToken!, ...json } };
  };
  const get = async ({ fake, headers }: Login, path: string, init: RequestInit = {}): Promise<[number, Record<string, never>]> =>
    await read(await fake.fetch(`${fake.baseUrl}${path}`, { headers, ...init }));
  const data = async (s: Login, id: string): Promise<Record<string, never>> => (await get(s, `/assets/asset/${id}`))[1].data!;
  const scan = async (s: Login, cursor?: string): Promise<Record<string, never>> =>
    (await get(s, '/asset/scan', { method: 'POST', body: JSON.stringify({ limit: 3, ...(cursor === undefined ? {} : { cursor }) }) }))[1];

  test.each<[keyof TenovosAssumptions, unknown, (s: Login) => Promise<unknown>, unknown]>([
    ['accessTokenHeader', false, async (s) => (await get(s, '/assets/asset/a', { headers: { ...s.headers, accesstoken: 'no matter' } }))[0], 200],
    [
      'authorizationScheme',
      'Bearer',
      async (s) => [
        (await get(s, '/assets/asset/a'))[0],
        (await get(s, '/assets/asset/a', { headers: { ...s.headers, authorization: `Bearer ${s.session.authorization}` } }))[0],
      ],
      [401, 200],
    ],
    ['fileIdAccepted', false, async (s) => (await get(s, '/assets/asset/f'))[0], 403],
    ['contentUrlLifetimeSeconds', 7, async (s) => new URL((await get(s, '/asset/a/content'))[1].presignedURL!).searchParams.get('X-Amz-Expires'), '7'],
    ['metadataOnlyContent', 404, async (s) => (await get(s, '/asset/meta/content'))[0], 404],
    ['metadataOnlySize', 0, async (s) => (await data(s, 'meta')).fileSizeInBytes, 0],
    ['absentRenditions', 'empty', async (s) => (await data(s, 'meta')).renditionsDocument, {}],
    ['refreshReturnsRefreshToken', true, async (s) => (await login(s.fake, { session: s.session })).session.refreshToken === s.session.refreshToken, true],
    ['emptyMetadataValue', '', async (s) => (await data(s, 'a')).metadata, [{ name: 'Empty', value: '' }]],
    ['emptyMetadataValue', 'missing', async (s) => (await data(s, 'a')).metadata, [{ name: 'Empty' }]],
    ['notFoundMessage', 'Forbidden', async (s) => (await get(s, '/assets/asset/x'))[1].message, 'Forbidden'],
    ['rateLimitPerMinute', 1, async (s) => [(await get(s, '/assets/asset/a'))[0], (await get(s, '/assets/asset/a'))[0]], [200, 429]],
    ['searchPageSize', 2, async (s) => (await get(s, '/search/keyword', { method: 'POST', body: '{}' }))[1].hitCount, 2],
    ['hitCount', 'total', async (s) => (await scan(s)).hitCount, 3],
    ['lastCursor', 'empty-page', async (s) => (await scan(s, (await scan(s)).cursor)).result, []],
    ['expireEpochUnit', 'seconds', async (s) => Math.round(s.session.expireEpoch! - s.fake.clock.now() / 1000), 3600],
    [
      'exposeMaxSeconds',
      9,
      async (s) => {
        const body = JSON.stringify([{ id: 'a', identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 60 }] }]);
        const [, answer] = (await get(s, '/asset/expose', { method: 'POST', body })) as unknown as [number, { components: { url: string }[] }[]];
        return new URL(answer[0]!.components[0]!.url).searchParams.get('X-Amz-Expires');
      },
      '9',
    ],
  ])('%s: %j', async (name, value, run, expected) => {
    await using fake = createFakeTenovos({ ...seed, now: '2026-01-01T00:00:00Z', assumptions: { [name]: value } });
    expect(await run(await login(fake))).toEqual(expected);
    expect(fake.problems).toEqual([]);
  });
});

describe('WorldServer', () => {
  type Login = { readonly fake: FakeWorldServer; readonly token: string; readonly get: (path: string, init?: RequestInit) => Promise<Response> };
  const login = async (fake: FakeWorldServer): Promise<Login> => {
    const { baseUrl, username, password } = fake.clientOptions;
    const [, answer] = await read(await fake.fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: json, body: JSON.stringify({ username, password }) }));
    const token: string = answer.sessionId!;
    const query = fake.assumptions.sendTokenAs === 'query';
    return {
      fake,
      token,
      get: (path, init = {}) =>
        fake.fetch(`${baseUrl}${path}${query ? `${path.includes('?') ? '&' : '?'}token=${token}` : ''}`, query ? init : { ...init, headers: { token } }),
    };
  };
  const asset =
    (query: string): ((s: Login) => Promise<[number, unknown]>) =>
    async (s) => {
      const [status, body] = await read(await s.get(`/v2/files/asset?${query}`));
      return [status, body.errors === undefined ? body.text : (body.errors as { message: string }[])[0]!.message];
    };
  const upload = async (
    s: Login,
    name: string,
    content: BlobPart,
    fields: Record<string, string> = {},
    query: string = '',
  ): Promise<[number, Record<string, never>]> => {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    if (name !== '') form.set('file', new Blob([content]), name);
    return await read(await s.get(`/v1/files${query}`, { method: 'POST', body: form }));
  };
  const archive = async (s: Login): Promise<ArrayBuffer> => await (await s.get('/v2/files/assets?resourceIds=1,2')).arrayBuffer();

  test.each<[keyof WorldServerAssumptions, unknown, (s: Login) => Promise<unknown>, unknown]>([
    [
      'sendTokenAs',
      'query',
      async (s) => [(await asset('resourceId=1')(s))[0], (await s.fake.fetch(`${s.fake.baseUrl}/v2/tasks`, { headers: { token: s.token } })).status],
      [200, 401],
    ],
    ['idleTimeoutSeconds', 10, async (s) => (await s.fake.clock.advance('10s'), (await asset('resourceId=1')(s))[0]), 401],
    ['severalAssets', 'first', asset('resourceId=10&resourceType=PROJECT'), [200, 'one']],
    ['missingResourceIdStatus', 400, async (s) => (await asset('')(s))[0], 400],
    ['contentType', 'text/html', async (s) => (await s.get('/v2/files/asset?resourceId=1')).headers.get('content-type'), 'text/html'],
    ['unknownTaskTargetMessage', 'source', asset('resourceId=9&assetLocationType=TARGET'), [400, 'Source asset is not available for download']],
    ['notFoundId', 'ID', asset('resourceId=9&resourceType=PROJECT'), [404, 'Resource PROJECT 9 not found']],
    ['pagingErrors', false, async (s) => (await read(await s.get('/v2/tasks?offset=99')))[1], { total: 2, items: [] }],
    ['errorStatus200', true, async (s) => await upload(s, '', ''), [200, { status: 'ERROR', errors: [{ message: 'No session token provided' }] }]],
    ['uploadAnswer', 'files', async (s) => Object.keys((await upload(s, 'a.txt', 'x'))[1]), ['files']],
    ['uploadAnswer', 'both', async (s) => 'files' in (await upload(s, 'a.txt', 'x'))[1] && 'internalName' in (await upload(s, 'a.txt', 'x'))[1], true],
    [
      'expandZipIn',
      'form',
      async (s) => ((await upload(s, 'a.zip', await archive(s), { expandZip: 'true' }))[1].files as { name: string }[] | undefined)?.map((file) => file.name),
      ['one.txt', 'two.txt'],
    ],
    [
      'expandZipIn',
      'query',
      async (s) => ((await upload(s, 'a.zip', await archive(s), {}, '?expandZip=true'))[1].files as { name: string }[] | undefined)?.map((file) => file.name),
      ['one.txt', 'two.txt'],
    ],
    ['verifyAnswer', { any: 'shape' }, async (s) => (await read(await s.get('/v2/files/assets/verify?resourceIds=1')))[1], { any: 'shape' }],
    [
      'failedLoginStatus',
      200,
      async (s) =>
        await read(await s.fake.fetch(`${s.fake.baseUrl}/v2/login`, { method: 'POST', headers: json, body: '{"username":"fake.user","password":"wrong"}' })),
      [200, { loginOutcome: 'BAD_CREDENTIALS' }],
    ],
    ['errorBody', 'html', async (s) => (await s.get('/v2/files/asset?resourceId=x')).headers.get('content-type'), 'text/html;charset=utf-8'],
  ])('%s: %j', async (name, value, run, expected) => {
    await using fake = createFakeWorldServer({
      tasks: [
        { id: 1, projectId: 10, source: { name: 'one.txt', text: 'one' } },
        { id: 2, projectId: 10, source: { name: 'two.txt', text: 'two' } },
      ],
      assumptions: { [name]: value },
    });
    expect(await run(await login(fake))).toEqual(expected);
    expect(fake.problems).toEqual([]);
  });

  test('archiveFormat: only zip can be made', () => {
    expect(() => createFakeWorldServer({ assumptions: { archiveFormat: 'tar' } })).toThrow('can make zip archives only');
  });
});
