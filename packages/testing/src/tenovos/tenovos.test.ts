import { describe, expect, test } from 'vitest';
import { createFakeTenovos, type FakeTenovos, type FakeTenovosOptions } from './index.ts';

interface Shape {
  readonly fake: FakeTenovos;
  readonly fetch: typeof globalThis.fetch;
  readonly options: { readonly baseUrl: string; readonly apiKey: string; readonly username: string; readonly password: string };
  readonly session: Session;
  readonly headers: Record<string, string>;
  call(path: string, init?: RequestInit): Promise<Response>;
  token(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

interface Session {
  readonly authorization: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expireEpoch: number;
}

async function over(shape: 'in process' | 'sockets', seed: FakeTenovosOptions, run: (shape: Shape) => Promise<void>): Promise<void> {
  await using fake = createFakeTenovos(seed);
  const options = shape === 'in process' ? fake.clientOptions : (await fake.listen()).clientOptions;
  const fetch = shape === 'in process' ? fake.fetch : globalThis.fetch;
  const token = (body: unknown, headers: Record<string, string> = { 'x-api-key': options.apiKey }): Promise<Response> =>
    fetch(`${options.baseUrl}/auth/token`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const { session } = (await (await token({ username: options.username, password: options.password })).json()) as { session: Session };
  const headers = { 'x-api-key': options.apiKey, authorization: session.authorization, accesstoken: session.accessToken, 'content-type': 'application/json' };
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${options.baseUrl}${path}`, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  await run({ fake, fetch, options, session, headers, call, token });
}

const body = async (response: Response): Promise<[number, unknown]> => [response.status, await response.json()];
const post = (value: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(value) });

const ASSETS: FakeTenovosOptions = {
  assets: [
    {
      id: 'a1',
      fileId: 'f1',
      name: 'hero.jpg',
      bytes: 100_000,
      width: 435,
      height: 650,
      metadata: [
        { name: 'Product', value: 'HooliDocs' },
        { name: 'Empty' },
        { name: 'Owner', value: 'me', system: true },
        {
          name: 'Usage Table',
          value: [
            [
              { name: 'Usage Category', value: 'E-Commerce' },
              { name: 'Usage Length', value: '12 months' },
            ],
          ],
        },
      ],
    },
    { id: 'bin', name: 'old.jpg', fileState: 'recycle bin' },
    { id: 'view', name: 'view.jpg', access: 'view' },
    { id: 'none', name: 'none.jpg', access: 'none' },
    { id: 'meta', name: 'placeholder', metadataOnly: true },
  ],
};

describe.each(['in process', 'sockets'] as const)('Tenovos %s', (shape) => {
  test('details come in the envelope, with the filters empty and system', async () => {
    await over(shape, ASSETS, async ({ call, fake }) => {
      const names = async (query: string): Promise<string[]> =>
        ((await (await call(`/assets/asset/a1${query}`)).json()) as { data: { metadata: { name: string }[] } }).data.metadata.map((item) => item.name);
      expect(await names('')).toEqual(['Product', 'Empty', 'Owner', 'Usage Table']);
      expect(await names('?empty=false')).toEqual(['Product', 'Owner', 'Usage Table']);
      expect(await names('?empty=false&system=false')).toEqual(['Product', 'Usage Table']);
      const [status, answer] = await body(await call('/assets/asset/f1'));
      expect([status, answer]).toMatchObject([
        200,
        { status: 'success', data: { assetId: 'a1', fileId: 'f1', filename: 'hero.jpg', fileSizeInBytes: 100_000, metadataState: 'available' } },
      ]);
      expect((answer as { data: { metadata: unknown[] } }).data.metadata[1]).toEqual({ name: 'Empty', value: null });
      const [, meta] = await body(await call('/assets/asset/meta'));
      expect((meta as { data: object }).data).not.toHaveProperty('fileSizeInBytes');
      expect(fake.problems).toEqual([]);
    });
  });

  test('the original is on another origin, by a URL that lives 20 seconds and takes no Authorization', async () => {
    await over(shape, ASSETS, async ({ call, fake, fetch, options, session }) => {
      const { presignedURL } = (await (await call('/asset/a1/content')).json()) as { presignedURL: string };
      const url = new URL(presignedURL);
      expect(url.origin).not.toBe(new URL(options.baseUrl).origin);
      expect(url.searchParams.get('X-Amz-Expires')).toBe('20');
      const whole = await fetch(presignedURL);
      const bytes = new Uint8Array(await whole.arrayBuffer());
      expect(bytes).toEqual(await fake.asset('a1')!.bytes());
      const part = await fetch(presignedURL, { headers: { range: 'bytes=99990-', 'if-match': whole.headers.get('etag')! } });
      expect([part.status, part.headers.get('content-range'), new Uint8Array(await part.arrayBuffer())]).toEqual([
        206,
        'bytes 99990-99999/100000',
        bytes.slice(99_990),
      ]);
      expect((await fetch(presignedURL, { headers: { 'if-match': '"other"' } })).status).toBe(412);
      expect((await fetch(presignedURL, { headers: { range: 'bytes=100000-' } })).status).toBe(416);
      expect((await fetch(presignedURL, { headers: { range: 'bytes=5-', 'if-range': '"other"' } })).status).toBe(200);
      const asked = async (headers: Record<string, string>): Promise<number> => (await fetch(presignedURL, { headers })).status;
      const [etag, modified] = [whole.headers.get('etag')!, whole.headers.get('last-modified')!];
      expect(await asked({ range: 'Bytes=0-9' })).toBe(206);
      // If-Match compares strongly, If-None-Match weakly; a date counts where no ETag is given.
      expect(await asked({ 'if-match': `W/${etag}` })).toBe(412);
      expect(await asked({ 'if-none-match': `W/${etag}` })).toBe(304);
      expect(await asked({ 'if-modified-since': modified })).toBe(304);
      expect(await asked({ 'if-modified-since': 'yesterday' })).toBe(200);
      expect(await asked({ 'if-modified-since': modified, 'if-none-match': '"other"' })).toBe(200);
      expect(await asked({ 'if-unmodified-since': modified })).toBe(200);
      expect(await asked({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toBe(412);
      expect(await asked({ 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT', 'if-match': etag })).toBe(200);
      expect((await fetch(presignedURL, { method: 'HEAD' })).status).toBe(403);
      expect((await fetch(presignedURL.replace(/Signature=./, 'Signature=x'))).status).toBe(403);
      const refused = await fetch(presignedURL, { headers: { authorization: session.authorization, 'x-trace': `key ${options.apiKey}` } });
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('<Code>InvalidArgument</Code>')]);
      expect(fake.calls.at(-1)!.leaks).toEqual(['authorization', 'a secret in the header x-trace']);
      await fake.clock.advance('21s');
      const expired = await fetch(presignedURL);
      expect([expired.status, expired.headers.get('content-type'), await expired.text()]).toEqual([
        403,
        'application/xml',
        expect.stringContaining('Request has expired'),
      ]);
    });
  });

  test('renditions open without a signature, unless the switch says otherwise', async () => {
    await over(shape, ASSETS, async ({ call, fake, fetch }) => {
      const { data } = (await (await call('/assets/asset/a1')).json()) as { data: { renditionsDocument: Record<string, string> } };
      const thumb = await fetch(data.renditionsDocument.imageThumb!);
      expect([thumb.status, thumb.headers.get('content-type'), new Uint8Array(await thumb.arrayBuffer())]).toEqual([
        200,
        'image/png',
        await fake.asset('a1')!.bytes('imageThumb'),
      ]);
    });
    await over(shape, { ...ASSETS, assumptions: { renditionAccess: 'signed' } }, async ({ call, fetch }) => {
      const { data } = (await (await call('/assets/asset/a1')).json()) as { data: { renditionsDocument: Record<string, string> } };
      expect((await fetch(data.renditionsDocument.imageThumb!)).status).toBe(403);
      const exposed = (await (
        await call(
          '/asset/expose',
          post([
            {
              id: 'f1',
              identifier: 'fileId',
              components: [
                { componentType: 'rendition', componentRef: ['imageThumb'], expiration: 3000 },
                { componentType: 'object', componentRef: 'original', expiration: 60 },
              ],
            },
          ]),
        )
      ).json()) as { components: { url: string; expires: number; renditionType: string }[] }[];
      expect(exposed[0]!.components.map((one) => [one.renditionType, one.expires, new URL(one.url).searchParams.get('X-Amz-Expires')])).toEqual([
        ['imageThumb', 3000, '300'],
        ['original', 60, '60'],
      ]);
      for (const { url } of exposed[0]!.components) {
        const response = await fetch(url);
        expect(response.status).toBe(200);
        await response.arrayBuffer();
      }
    });
  });

  test.each<[string, (shape: Shape) => Promise<Response>, number, object]>([
    [
      'no key',
      ({ fetch, options }) => fetch(`${options.baseUrl}/assets/asset/a1`, { headers: { 'content-type': 'application/json' } }),
      403,
      { message: 'Forbidden' },
    ],
    [
      'no token',
      ({ fetch, options }) => fetch(`${options.baseUrl}/assets/asset/a1`, { headers: { 'x-api-key': options.apiKey } }),
      401,
      { message: 'Unauthorized' },
    ],
    [
      'Bearer',
      ({ call, session }) => call('/assets/asset/a1', { headers: { authorization: `Bearer ${session.authorization}` } }),
      401,
      { message: 'Unauthorized' },
    ],
    ['no AccessToken', ({ call }) => call('/assets/asset/a1', { headers: { accesstoken: '' } }), 401, { message: 'Unauthorized' }],
    ['no such asset', ({ call }) => call('/assets/asset/nope'), 403, { message: 'Asset not found' }],
    ['no permission to view', ({ call }) => call('/assets/asset/none'), 401, { message: 'Unauthorized' }],
    ['no permission to download', ({ call }) => call('/asset/view/content'), 401, { message: 'Unauthorized' }],
    ['content of no such asset', ({ call }) => call('/asset/nope/content'), 502, { message: 'Internal server error' }],
    ['content by file id', ({ call }) => call('/asset/f1/content'), 502, { message: 'Internal server error' }],
    ['content of metadata only', ({ call }) => call('/asset/meta/content'), 502, { message: 'Internal server error' }],
    ['content in the recycle bin', ({ call }) => call('/asset/bin/content'), 403, { message: 'Forbidden' }],
    ['exposing nothing', ({ call }) => call('/asset/expose', post([])), 400, { status: 'error', message: 'Body requires at least single item' }],
    [
      'exposing what is not there',
      ({ call }) =>
        call(
          '/asset/expose',
          post([{ id: 'nope', identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 9 }] }]),
        ),
      400,
      { status: 'error', message: 'No assets found' },
    ],
    ['a wrong search', ({ call }) => call('/search/keyword', post({ operation: 'XOR' })), 400, { status: 'error', message: 'Invalid Search Query' }],
    ['login without anything', ({ token }) => token({}), 400, { status: 'error', message: 'Invalid Authentication Parameters' }],
    [
      'login without password',
      ({ token, options }) => token({ username: options.username }),
      401,
      { status: 'error', message: 'Missing required parameter PASSWORD' },
    ],
    ['login with a wrong password', ({ token, options }) => token({ username: options.username, password: 'x' }), 401, { status: 'error' }],
    ['refresh with a wrong token', ({ token }) => token({ session: { accessToken: 'x', refreshToken: 'y' } }), 401, { status: 'error' }],
    [
      'revoke without clientId',
      ({ call, session }) => call('/auth/token', { method: 'DELETE', body: JSON.stringify({ session }) }),
      502,
      { message: 'Internal server error' },
    ],
  ])('error: %s', async (_name, ask, status, answer) => {
    await over(shape, ASSETS, async (s) => {
      expect(await body(await ask(s))).toMatchObject([status, answer]);
      expect(s.fake.problems).toEqual([]);
    });
  });

  test('a token lives 60 minutes, is refreshed without a new refresh token, and revoked', async () => {
    await over(shape, ASSETS, async ({ call, token, session, fake, options }) => {
      expect(session.expireEpoch - fake.clock.now()).toBeGreaterThan(3_590_000);
      await fake.clock.advance('60m');
      expect((await call('/assets/asset/a1')).status).toBe(401);
      const whole = (await (await token({ username: '', password: '', clientId: 'x', session })).json()) as {
        session: Session;
        clientId: string;
        userPoolId: string;
        endpointUrl: string;
        username: string;
      };
      expect(whole.session.refreshToken).toBeUndefined();
      const renewed = { authorization: whole.session.authorization, accesstoken: whole.session.accessToken };
      expect((await call('/assets/asset/a1', { headers: renewed })).status).toBe(200);
      expect((await call('/assets/asset/a1', { headers: { authorization: whole.session.authorization } })).status).toBe(401);
      const revoke = { ...whole, session: { ...whole.session, refreshToken: session.refreshToken } };
      const revoked = await call('/auth/token', { method: 'DELETE', headers: renewed, body: JSON.stringify(revoke) });
      expect(await body(revoked)).toMatchObject([200, { session: { authorization: '', accessToken: '' } }]);
      expect((await call('/assets/asset/a1', { headers: renewed })).status).toBe(401);
      expect((await token({ session })).status).toBe(401);
      const log = JSON.stringify(fake.calls);
      for (const secret of [options.apiKey, options.password, session.authorization, session.accessToken, session.refreshToken, whole.session.accessToken])
        expect(log).not.toContain(secret);
    });
  });

  test('search pages by 50, scan by cursor', async () => {
    await over(
      shape,
      {
        assets: Array.from({ length: 120 }, (_, i) => ({ id: `s${i}`, name: `shot-${i}.jpg`, metadata: [{ name: 'Product', value: i % 2 ? 'Odd' : 'Even' }] })),
      },
      async ({ call }) => {
        const search = async (value: object): Promise<{ hitCount: number; result: { objectId: string }[] }> =>
          (await (await call('/search/keyword', post(value))).json()) as never;
        expect((await search({})).hitCount).toBe(50);
        const last = await search({ from: 100 });
        expect([last.hitCount, last.result[0]!.objectId]).toEqual([20, 's100']);
        expect((await search({ searchTerm: ['Product: Odd'], from: 50 })).hitCount).toBe(10);
        expect((await search({ searchTerm: ['shot-7', 'shot-8'], operation: 'OR' })).hitCount).toBe(22);
        let cursor: string | undefined;
        const seen: string[] = [];
        do {
          const page = (await (await call('/asset/scan', post({ limit: 50, ...(cursor === undefined ? {} : { cursor }) }))).json()) as {
            cursor?: string;
            result: { objectId: string }[];
          };
          seen.push(...page.result.map((one) => one.objectId));
          ({ cursor } = page);
        } while (cursor !== undefined);
        expect(seen).toHaveLength(120);
      },
    );
  });

  test('an error can come in a 200, where the switch says so', async () => {
    await over(shape, { assumptions: { errorEnvelopeStatus200: true } }, async ({ call }) => {
      expect(await body(await call('/assets/asset/x'))).toEqual([200, { status: 'error', message: 'Asset not found' }]);
    });
  });
});

describe('what contradicts the spec', () => {
  test('fails with the place, the value and the rule, in process as an error, over sockets in an answer', async () => {
    const run = async (ask: (shape: Shape) => Promise<Response>): Promise<[string, number, string | null]> => {
      let message = '';
      let answer: [number, string | null] = [0, null];
      await over('in process', ASSETS, async (s) => {
        message = await ask(s).then(
          () => 'no error',
          (error: unknown) => (error as Error).message,
        );
        expect(s.fake.problems).toEqual([message]);
      });
      await over('sockets', ASSETS, async (s) => {
        const response = await ask(s);
        answer = [response.status, response.headers.get('x-fake-problem')];
      });
      return [message, ...answer];
    };
    const wrongQuery =
      'The request retrieveAsset (GET /assets/asset/{id}) contradicts the spec "Tenovos DAM - assets": query/emtpy is present, which breaks "one of the documented parameters: empty, system".';
    expect(await run(({ call }) => call('/assets/asset/a1?emtpy=true'))).toEqual([wrongQuery, 403, wrongQuery]);
    expect((await run(({ call }) => call('/assets/asset/a1?empty=yes')))[0]).toContain('query/empty is "yes", which breaks "type: boolean"');
    expect(
      (await run(({ fetch, options, headers }) => fetch(`${options.baseUrl}/assets/asset/a1`, { headers: { ...headers, 'content-type': 'text/plain' } })))[0],
    ).toContain('header/Content-Type is text/plain, which breaks "enum: application/json"');
    const [unknown, status] = await run(({ call }) => call('/assets/asset'));
    expect([unknown, status]).toEqual(['No operation of the Tenovos fake fits GET /v1/assets/asset. Nearest: retrieveAsset, GET /v1/assets/asset/{id}.', 404]);
    // The id does not make another path nearer, however long it is.
    expect((await run(({ call }) => call('/asset/5f0c2a11-aaaa-4bbb-8ccc-000000000001/original')))[0]).toContain('Nearest: getAssetContent, ');
    expect((await run(({ call }) => call('/assets/asset/a1', { method: 'PATCH' })))[0]).toBe(
      'The Tenovos fake has no PATCH /v1/assets/asset/a1. This path takes: retrieveAsset (GET).',
    );
  });

  test('is only noted by a fake that is not strict', async () => {
    await over('in process', { ...ASSETS, strict: false }, async ({ call, fake }) => {
      expect((await call('/assets/asset/a1?emtpy=true')).status).toBe(200);
      expect(fake.problems).toHaveLength(1);
    });
  });

  test('is a seed that the vendor could not answer', async () => {
    await over('in process', { assets: [{ id: 'x', name: 'a.jpg', renditions: { width: { bytes: 1 } } }] }, async ({ call }) => {
      await expect(call('/assets/asset/x')).rejects.toThrow(`which breaks "type: number". Check what was seeded.`);
    });
  });

  test('a wrong option is refused when the fake is made', () => {
    expect(() => createFakeTenovos({ assumptions: { acessTokenHeader: true } as never })).toThrow(
      "assumptions of createFakeTenovos(options) has no 'acessTokenHeader'. Did you mean 'accessTokenHeader'?",
    );
    expect(() => createFakeTenovos({ assets: [{ id: 'a' } as never] })).toThrow('needs a name');
    expect(() => createFakeTenovos({ assets: [{ name: 'a', bytes: -1 }] })).toThrow('whole number of 0 or more');
    expect(() => createFakeTenovos({ assets: [{ name: 'a', bytes: 1, text: 'b' }] })).toThrow('one of bytes, text and file');
  });
});

describe.each(['in process', 'sockets'] as const)('odd names are names, %s', (shape) => {
  test.each([
    '.',
    '..',
    '../../etc/passwd',
    'a/b?c#d',
    '%2e%2e',
    'lone \uD800 surrogate.png',
    'a b+c&d.png',
    "it's (1)*.png",
    'new\nline.png',
    '\u{1F600}.png',
  ])('%j', async (name) => {
    await over(
      shape,
      { assets: [{ id: 'odd', fileId: `file ${name}`, name, bytes: 500, renditions: { [`r ${name}`]: { bytes: 60 } } }] },
      async ({ call, fetch, fake }) => {
        const link = (await (await call('/asset/odd/content')).json()) as { presignedURL: string };
        expect((await (await fetch(link.presignedURL)).arrayBuffer()).byteLength).toBe(500);
        const details = (await (await call('/assets/asset/odd')).json()) as { data: { renditionsDocument: Record<string, string> } };
        const [rendition] = Object.values(details.data.renditionsDocument);
        expect((await (await fetch(rendition!)).arrayBuffer()).byteLength).toBe(60);
        expect(fake.problems).toEqual([]);
      },
    );
  });
});
