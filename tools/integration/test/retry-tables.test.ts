/** Every row of every retry table, as data: what it says is what the clients do. A row without a case fails. */

import { expect, test } from 'vitest';

import { createEgainAttachmentClient, createEgainConversationClient, authorizationCode, clientCredentials, egainRetry } from '@asset-clients/egain';
import { ApiError, defaultRetryTable, storageRetryTable, type AttemptResult, type RetryRow, type RetryTable } from '@asset-clients/runtime';
import { createTenovosClient, tenovosRetry } from '@asset-clients/tenovos';
import { createWorldServerClient, worldServerRetry } from '@asset-clients/worldserver';

import { failureOf } from './support/failures.ts';
import { TestClock } from './support/test-clock.ts';

const RETRIES = 2;
/** The clock of these tests lets short waits pass at once. */
const SKIPPED_MS = 900;

/** A call of an operation through a vendor's client, and what counts as a request of it. */
interface Way {
  readonly method: string;
  readonly call: (options: {
    readonly fetch: (request: Request) => Promise<Response>;
    readonly clock: TestClock;
    readonly timeoutMs?: number;
  }) => PromiseLike<unknown>;
  /** Part of the URL of the requests that are counted; others are answered by {@link Way.before}. */
  readonly counts: RegExp;
  readonly before?: (request: Request) => Response;
}

const baseUrl = 'https://api.example.com/v1';
const tokenUrl = 'https://login.example.com/oauth2/token';
const limits = { maxRetries: RETRIES };
type Common = Parameters<Way['call']>[0];
const chat = (common: Common): ReturnType<typeof createEgainConversationClient> =>
  createEgainConversationClient({ baseUrl, auth: 'token', ...limits, ...common });
const mail = (common: Common): ReturnType<typeof createEgainAttachmentClient> => createEgainAttachmentClient({ baseUrl, auth: 'token', ...limits, ...common });
const dam = (common: Common): ReturnType<typeof createTenovosClient> =>
  createTenovosClient({ baseUrl, apiKey: 'api-key', auth: 'raw-token', ...limits, ...common });
const tms = (common: Common): ReturnType<typeof createWorldServerClient> =>
  createWorldServerClient({ baseUrl: 'https://ws.example.com/ws-api', auth: { sessionId: 'session-1' }, ...limits, ...common });
const session = { accessToken: 'a', authorization: 'b', refreshToken: 'c' };

const egain: Readonly<Record<string, Way>> = {
  createAsset: {
    method: 'POST',
    counts: /assets$/,
    call: (common) => chat(common).createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 1 } }),
  },
  getAsset: { method: 'GET', counts: /assets/, call: (common) => chat(common).getAsset({ id: 'a' }) },
  deleteAsset: { method: 'DELETE', counts: /assets/, call: (common) => chat(common).deleteAsset({ id: 'a' }) },
  sendMessage: { method: 'POST', counts: /messages/, call: (common) => chat(common).request('POST /conversations/messages', { body: {} }) },
  generateDownloadAttachmentURL: {
    method: 'POST',
    counts: /predownload/,
    call: (common) => mail(common).generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment.inbound', altId: 'a' } }),
  },
  token: {
    method: 'POST',
    counts: /oauth2/,
    call: (common) =>
      createEgainConversationClient({
        baseUrl,
        auth: clientCredentials({ tokenUrl, clientId: 'c', clientSecret: 'secret', scope: 's' }),
        ...limits,
        ...common,
      }).getAsset({ id: 'a' }),
  },
  exchangeCode: {
    method: 'POST',
    counts: /oauth2/,
    call: (common) =>
      createEgainConversationClient({
        baseUrl,
        auth: authorizationCode({ tokenUrl, clientId: 'c', redirectUri: 'https://app.example.com/', code: 'code-1' }),
        ...limits,
        ...common,
      }).getAsset({ id: 'a' }),
  },
};
const tenovos: Readonly<Record<string, Way>> = {
  getAssetContent: { method: 'GET', counts: /content/, call: (common) => dam(common).getAssetContent({ id: 'a' }) },
  retrieveAsset: { method: 'GET', counts: /assets/, call: (common) => dam(common).retrieveAsset({ id: 'a' }) },
  revokeToken: {
    method: 'DELETE',
    counts: /token/,
    call: (common) => dam(common).revokeToken({ body: { endpointUrl: 'e', clientId: 'c', userPoolId: 'u', username: 'n', session } }),
  },
  searchKeyword: { method: 'POST', counts: /search/, call: (common) => dam(common).searchKeyword({ body: {} }) },
  scanAssets: { method: 'POST', counts: /scan/, call: (common) => dam(common).scanAssets({ body: {} }) },
  exposeAssets: {
    method: 'POST',
    counts: /expose/,
    call: (common) =>
      dam(common).exposeAssets({
        body: [{ id: 'a', identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 60 }] }],
      }),
  },
  createToken: { method: 'POST', counts: /token/, call: (common) => dam(common).createToken({ body: { username: 'u', password: 'p' } }) },
  createSomething: { method: 'POST', counts: /asset/, call: (common) => dam(common).request('POST /assets/asset', { body: {} }) },
};
const worldserver: Readonly<Record<string, Way>> = {
  getAsset: { method: 'GET', counts: /asset/, call: (common) => tms(common).getAsset({ resourceId: 1 }) },
  getTasks: { method: 'GET', counts: /tasks/, call: (common) => tms(common).getTasks() },
  login: { method: 'POST', counts: /login/, call: (common) => tms(common).login({ body: { username: 'u', password: 'p' } }) },
  checkToken: { method: 'POST', counts: /checkToken/, call: (common) => tms(common).checkToken() },
  logout: { method: 'POST', counts: /logout/, call: (common) => tms(common).logout() },
  uploadAssets: { method: 'POST', counts: /files/, call: (common) => tms(common).uploadFile({ name: 'a.txt', content: new Blob(['a']) }) },
  exportTasks: { method: 'POST', counts: /export/, call: (common) => tms(common).request('POST /v2/tasks/export', { body: {} }) },
};
const storage: Readonly<Record<string, Way>> = {
  downloadAsset: {
    method: 'GET',
    counts: /storage/,
    call: async (common) => (await dam(common).downloadAsset({ id: 'a' })).bytes(),
    before: () => Response.json({ presignedURL: 'https://storage.example.com/a.jpg?X-Amz-Signature=0123456789abcdef' }),
  },
  uploadContent: {
    method: 'POST',
    counts: /storage/,
    call: (common) =>
      chat(common).uploadContent({
        contentUrl: 'https://storage.example.com/upload?signature=0123456789abcdef',
        content: new Blob(['a']),
        contentType: 'text/plain',
      }),
  },
};

/** Calls an operation whose every request comes to the same end; gives how many were sent. */
async function requestsOf(way: Way, result: AttemptResult): Promise<number> {
  let requests = 0;
  const fetch = async (request: Request): Promise<Response> => {
    if (!way.counts.test(request.url)) return way.before!(request);
    requests += 1;
    await request.arrayBuffer();
    if (result === 'network') throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    if (result === 'timeout') return new Promise(() => undefined);
    return new Response('{}', { status: result, headers: { 'content-type': 'application/json' } });
  };
  const failure = await failureOf(way.call({ fetch, clock: new TestClock(), ...(result === 'timeout' ? { timeoutMs: SKIPPED_MS } : {}) }));
  expect(ApiError.is(failure)).toBe(true);
  return requests;
}

/** By the rows alone: how many requests an end means. */
function expectedRequests(rows: RetryTable, operation: string, method: string, result: AttemptResult): number {
  const row = rows.find((one) => one.when.includes(result) && (one.operations?.includes(operation) ?? true) && (one.methods?.includes(method) ?? true));
  return row?.retry === true ? 1 + Math.min(RETRIES, row.atMost ?? RETRIES) : 1;
}

const ENDS: readonly AttemptResult[] = [400, 404, 408, 409, 429, 500, 501, 502, 503, 504, 'network', 'timeout'];
const VENDORS: readonly (readonly [string, RetryTable, Readonly<Record<string, Way>>])[] = [
  ['egain', egainRetry, egain],
  ['tenovos', tenovosRetry, tenovos],
  ['worldserver', worldServerRetry, worldserver],
];

for (const [vendor, table, ways] of VENDORS) {
  const cases = Object.entries(ways).flatMap(([operation, way]) => ENDS.map((end) => [operation, end, way] as const));
  test.each(cases)(`${vendor}: %s after %s is sent as often as the table says`, async (operation, end, way) => {
    expect(await requestsOf(way, end)).toBe(expectedRequests([...table, ...defaultRetryTable], operation, way.method, end));
  });

  test.each(table.map((row, index) => [index + 1, row] as const))(`${vendor}: row %i of its own decides, and can be reached`, (index, row) => {
    const earlier = table.slice(0, index - 1);
    for (const operation of row.operations ?? Object.keys(ways)) {
      expect(ways, `no case for the operation ${operation}`).toHaveProperty([operation]);
      for (const end of row.when) expect(ENDS, `no case for the end ${end}`).toContain(end);
    }
    const reached = (row.operations ?? Object.keys(ways)).some((operation) =>
      row.when.some(
        (end) =>
          expectedRow(table, operation, ways[operation]!.method, end) === row && expectedRow(earlier, operation, ways[operation]!.method, end) === undefined,
      ),
    );
    expect(reached).toBe(true);
    // A row that says what the general rules say anyway would be noise.
    const matters = (row.operations ?? Object.keys(ways)).some((operation) =>
      row.when.some((end) => {
        const { method } = ways[operation]!;
        return (
          expectedRequests([...table, ...defaultRetryTable], operation, method, end) !==
          expectedRequests([...without(table, row), ...defaultRetryTable], operation, method, end)
        );
      }),
    );
    expect(matters || row.retry === false, JSON.stringify(row)).toBe(true);
  });
}

function expectedRow(rows: RetryTable, operation: string, method: string, result: AttemptResult): RetryRow | undefined {
  return rows.find((one) => one.when.includes(result) && (one.operations?.includes(operation) ?? true) && (one.methods?.includes(method) ?? true));
}

function without(rows: RetryTable, row: RetryRow): RetryTable {
  return rows.filter((one) => one !== row);
}

const STORAGE_ENDS: readonly AttemptResult[] = [400, 401, 403, 404, 410, 412, 429, 500, 503, 'network', 'timeout'];
test.each(STORAGE_ENDS)('a signed URL that ends with %s is asked as often as the table says, and uploads are sent once', async (end) => {
  const expected = expectedRequests([...storageRetryTable, ...defaultRetryTable], 'downloadAsset', 'GET', end);
  expect(await requestsOf(storage.downloadAsset!, end)).toBe(expected);
  expect(await requestsOf(storage.uploadContent!, end)).toBe(1);
});

test('every end of the general tables has a case', () => {
  for (const row of defaultRetryTable) for (const end of row.when) expect(ENDS).toContain(end);
  for (const row of storageRetryTable) for (const end of row.when) expect(STORAGE_ENDS).toContain(end);
  const methods = new Set(VENDORS.flatMap(([, , ways]) => Object.values(ways).map(({ method }) => method)));
  expect([...methods].toSorted()).toEqual(['DELETE', 'GET', 'POST']);
});

test('a token endpoint that is busy is asked again, and the call then goes on', async () => {
  let asked = 0;
  const fetch = async (request: Request): Promise<Response> => {
    if (!request.url.startsWith(tokenUrl)) return Response.json({ id: 'a' });
    asked += 1;
    const { status, body } =
      asked < 3 ? { status: 503, body: { error: 'temporarily_unavailable' } } : { status: 200, body: { access_token: 'canary-token', token_type: 'Bearer' } };
    return Response.json(body, { status });
  };
  const auth = clientCredentials({ tokenUrl, clientId: 'c', clientSecret: 'secret-1', scope: 's' });
  expect(await createEgainConversationClient({ baseUrl, auth, fetch, clock: new TestClock() }).getAsset({ id: 'a' })).toEqual({ id: 'a' });
  expect(asked).toBe(3);
});

test('a wait that would end after the deadline is not begun, and the error says so', async () => {
  const clock = new TestClock();
  const fetch = async (): Promise<Response> => new Response('{}', { status: 429, headers: { 'retry-after': '20', 'content-type': 'application/json' } });
  const failure = await failureOf(createEgainConversationClient({ baseUrl, auth: 't', fetch, clock, deadlineMs: 10_000 }).getAsset({ id: 'a' }));
  expect(failure).toMatchObject({ kind: 'rate-limited', attempts: 1, retryAfterMs: 20_000, retryable: true });
  expect(failure.hint).toMatch(/due in 20000 ms, after the deadline of this call \(deadlineMs\)/);
  const patient = await failureOf(
    createEgainConversationClient({
      baseUrl,
      auth: 't',
      clock,
      fetch: async () => new Response('{}', { status: 429, headers: { 'retry-after': '61', 'content-type': 'application/json' } }),
    }).getAsset({ id: 'a' }),
  );
  expect(patient.hint).toMatch(/due in 61000 ms, longer than a call waits by itself/);
});

test('waiting for another attempt ends at once by an abort', async () => {
  const clock = new TestClock();
  const stop = new AbortController();
  const fetch = async (): Promise<Response> => {
    queueMicrotask(() => setImmediate(() => stop.abort(new Error('enough'))));
    return new Response('{}', { status: 429, headers: { 'retry-after': '30' } });
  };
  const failure = await failureOf(createEgainConversationClient({ baseUrl, auth: 't', fetch, clock }).getAsset({ id: 'a' }, { signal: stop.signal }));
  expect(failure).toMatchObject({ kind: 'aborted', attempts: 1, cause: { message: 'enough' } });
});
