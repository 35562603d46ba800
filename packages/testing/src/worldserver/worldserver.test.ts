import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFakeWorldServer, type FakeWorldServer, type FakeWorldServerOptions } from './index.ts';
import { listZip } from './zip.ts';

interface Shape {
  readonly fake: FakeWorldServer;
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Calls with a session. */
  get(path: string, init?: RequestInit): Promise<Response>;
  readonly sessionId: string;
}

const SEED: FakeWorldServerOptions = {
  tasks: [
    { id: 1234, projectId: 10, source: { name: 'guide.docx', bytes: 90_000 }, target: { name: 'Führer.docx', text: 'übersetzt' } },
    { id: 1235, projectId: 10, source: { name: 'legal.xlf', text: '<xliff/>' } },
    { id: 1236, projectId: 11, source: { name: 'guide.docx', text: 'x' }, target: { name: 'guide.docx', text: 'y' } },
  ],
  projects: [{ id: 10, projectGroupId: 100 }, { id: 11, projectGroupId: 100 }, { id: 12 }],
};

async function over(shape: 'in process' | 'sockets', options: FakeWorldServerOptions, run: (shape: Shape) => Promise<void>): Promise<void> {
  await using fake = createFakeWorldServer({ ...SEED, ...options });
  const { baseUrl, username, password } = shape === 'in process' ? fake.clientOptions : (await fake.listen()).clientOptions;
  const fetch = shape === 'in process' ? fake.fetch : globalThis.fetch;
  const login = await fetch(`${baseUrl}/${options.assumptions?.apiVersion === 'v1' ? 'v1' : 'v2'}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { sessionId } = (await login.json()) as { sessionId: string };
  expect(sessionId).toMatch(/^\d{17,}$/);
  expect(Number(sessionId)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${baseUrl}${path}`, { ...init, headers: { token: sessionId, ...(init.headers as Record<string, string>) } });
  await run({ fake, baseUrl, fetch, get, sessionId });
}

const message = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { errors: { message: string }[] }).errors[0]!.message,
];

describe.each(['in process', 'sockets'] as const)('WorldServer %s', (shape) => {
  test('source and target of a task are downloaded with their names', async () => {
    await over(shape, {}, async ({ fake, get }) => {
      const source = await get('/v2/files/asset?resourceId=1234');
      expect(source.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''guide.docx");
      expect(new Uint8Array(await source.arrayBuffer())).toEqual(await fake.task(1234)!.source.bytes());
      const target = await get('/v2/files/asset?resourceId=1234&assetLocationType=TARGET');
      expect(target.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''F%C3%BChrer.docx");
      expect(await target.text()).toBe('übersetzt');
      expect(await (await get('/v2/files/asset?resourceId=1234', { headers: { assetLocationType: 'TARGET' } })).text()).toBe('übersetzt');
      fake.translate(1235, { name: 'legal_de.xlf', text: '<de/>' });
      expect(await (await get('/v2/files/asset?resourceId=1235&assetLocationType=TARGET')).text()).toBe('<de/>');
    });
  });

  test.each([
    ['resourceId=1235&assetLocationType=TARGET', 400, 'Target asset is not available for download'],
    ['resourceId=10', 400, 'Source asset is not available for download'],
    ['resourceId=999&assetLocationType=TARGET', 400, 'Target asset is not available for download'],
    ['resourceId=999&resourceType=PROJECT_GROUP', 404, 'Resource PROJECT_GROUP (999) not found'],
    ['resourceId=999&resourceType=PROJECT', 404, 'Resource PROJECT (999) not found'],
    ['resourceId=12x', 500, 'Internal Server Error'],
    ['resourceId=1234&assetLocationType=source', 500, 'Internal Server Error'],
    ['resourceId=1234&resourceType=JOB', 500, 'Internal Server Error'],
    ['', 500, "Required String parameter 'resourceId' is not present"],
  ])('error of Get asset: %s', async (query, status, text) => {
    await over(shape, {}, async ({ get, fake }) => {
      expect(await message(await get(`/v2/files/asset?${query}`))).toEqual([status, text]);
      expect(fake.problems).toEqual([]);
    });
  });

  test('401 for a missing, wrong, expired and closed session', async () => {
    await over(shape, {}, async ({ fake, baseUrl, fetch, get, sessionId }) => {
      const refusal: [number, string] = [401, 'No session token provided or invalid token'];
      expect(await message(await fetch(`${baseUrl}/v2/files/asset?resourceId=1234`))).toEqual(refusal);
      expect(await message(await fetch(`${baseUrl}/v2/files/asset?resourceId=1234&token=${Number(sessionId)}`))).toEqual(refusal);
      const inQuery = await fetch(`${baseUrl}/v2/files/asset?resourceId=1234&token=${sessionId}`);
      expect(inQuery.status).toBe(200);
      await inQuery.body?.cancel();
      await fake.clock.advance('119m');
      expect((await get('/v2/login/checkToken', { method: 'POST' })).status).toBe(200);
      await fake.clock.advance('119m');
      expect((await get('/v2/login/checkToken', { method: 'POST' })).status).toBe(200);
      await fake.clock.advance('121m');
      expect(await message(await get('/v2/files/asset?resourceId=1234'))).toEqual(refusal);
      expect(await message(await get('/v1/logout', { method: 'POST' }))).toEqual([401, 'Invalid session exception']);
      expect(JSON.stringify(fake.calls)).not.toContain(sessionId);
    });
  });

  test('login errors', async () => {
    await over(shape, {}, async ({ baseUrl, fetch }) => {
      const login = (body: string | null): Promise<Response> =>
        fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect(await message(await login(null))).toEqual([400, 'Required request body is missing']);
      expect(await message(await login('{'))).toEqual([400, 'Invalid JSON']);
      expect(await message(await login('{"username":"fake.user","password":"no"}'))).toEqual([401, 'BAD_CREDENTIALS']);
    });
  });

  test('several files come as a ZIP archive of known length', async () => {
    await over(shape, {}, async ({ get, fake }) => {
      const response = await get('/v2/files/assets?resourceIds=1234,1236');
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(bytes.byteLength).toBe(Number(response.headers.get('content-length')));
      const files = listZip(bytes)!;
      expect(files.map((file) => file.name)).toEqual(['guide.docx', 'guide (2).docx']);
      // What an independent reader of the format does: local header, bytes, then the sum that follows them.
      const view = new DataView(bytes.buffer);
      const first = bytes.subarray(30 + 'guide.docx'.length, 30 + 'guide.docx'.length + 90_000);
      expect(first).toEqual(await fake.task(1234)!.source.bytes());
      expect(view.getUint32(30 + 'guide.docx'.length + 90_000 + 4, true)).toBe(crc32(first));
      expect((await get('/v2/files/asset?resourceId=100&resourceType=PROJECT_GROUP')).headers.get('content-disposition')).toContain('PROJECT_GROUP_100.zip');
      expect(await message(await get('/v2/files/assets?resourceIds=7,8'))).toEqual([400, 'No assets have been found']);
      expect(await message(await get('/v2/files/assets/verify?resourceIds=1234,8'))).toEqual([400, 'Source asset is not available for download']);
      expect((await get('/v2/files/assets/verify?resourceIds=1234')).status).toBe(200);
      expect(fake.problems).toEqual([]);
    });
  });

  test('tasks are listed in pages; reading past the end is an error', async () => {
    await over(shape, {}, async ({ get }) => {
      const page = (await (await get('/v2/tasks?projectId=10&limit=1&offset=1&fields=id,project(id)')).json()) as object;
      expect(page).toEqual({ total: 2, items: [{ id: 1235, project: { id: 10 } }] });
      expect(await message(await get('/v2/tasks?offset=3'))).toEqual([400, 'Offset out of range. Collection has only 3 items']);
      expect(await message(await get('/v2/tasks?limit=0'))).toEqual([400, 'Limit not provided or invalid']);
      expect(await message(await get('/v2/tasks?offset=-1'))).toEqual([400, 'Offset not provided or invalid']);
    });
  });

  test('a file is uploaded and read back; without a file part it is 401', async () => {
    await over(shape, {}, async ({ get, fake }) => {
      const form = new FormData();
      form.set('file', new Blob(['häßlich'], { type: 'text/plain' }), 'ä.txt');
      const uploaded = (await (await get('/v1/files', { method: 'POST', body: form })).json()) as Record<string, string>;
      expect(uploaded).toMatchObject({ name: 'ä.txt', size: 9, exists: true });
      expect(fake.uploads()[0]).toMatchObject({ name: 'ä.txt', contentType: 'text/plain' });
      const again = await get(`/v1/files?filename=${uploaded.internalName}&downloadToken=${uploaded.downloadToken}`);
      expect(await again.text()).toBe('häßlich');
      const empty = new FormData();
      empty.set('other', 'x');
      expect(await message(await get('/v1/files', { method: 'POST', body: empty }))).toEqual([401, 'No session token provided']);
    });
  });

  test.each([
    ['plain', 'attachment; filename="F\u00c3\u00bchrer.docx"'],
    ['both', 'attachment; filename="F\u00c3\u00bchrer.docx"; filename*=UTF-8\'\'F%C3%BChrer.docx'],
    ['none', null],
  ] as const)('Content-Disposition %s', async (contentDisposition, expected) => {
    await over(shape, { assumptions: { contentDisposition } }, async ({ get }) => {
      expect((await get('/v2/files/asset?resourceId=1234&assetLocationType=TARGET')).headers.get('content-disposition')).toBe(expected);
    });
  });

  test('switches: permission, body of errors, version of paths, absolute limit', async () => {
    await over(
      shape,
      {
        users: [{ username: 'u', password: 'p-secret', denied: ['getAsset'] }],
        assumptions: { apiVersion: 'v1', errorBody: 'text', absoluteTimeoutSeconds: 9000 },
      },
      async ({ baseUrl, fetch, fake, get }) => {
        const { sessionId } = (await (
          await fetch(`${baseUrl}/v1/login`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: '{"username":"u","password":"p-secret"}',
          })
        ).json()) as { sessionId: string };
        const denied = await fetch(`${baseUrl}/v1/files/asset?resourceId=1234`, { headers: { token: sessionId } });
        expect([denied.status, denied.headers.get('content-type')]).toEqual([403, 'text/plain;charset=UTF-8']);
        await fake.clock.advance('119m');
        expect((await get('/v1/login/checkToken', { method: 'POST' })).status).toBe(200);
        await fake.clock.advance('32m');
        expect((await get('/v1/login/checkToken', { method: 'POST' })).status).toBe(401);
      },
    );
  });
});
