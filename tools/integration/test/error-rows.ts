/** The vendors' documented error answers, as data: what each page says is answered, and what the client must make of it. */

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import type { ErrorKind } from '@asset-clients/runtime';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';

/** A `fetch` option. */
export type Fetch = (request: Request) => Promise<Response>;

/** An answer of a vendor, and what it means. */
export interface DocumentedError {
  readonly source: string;
  readonly call: keyof typeof CALLS;
  readonly status: number;
  /** JSON, or a text as it is. */
  readonly body: unknown;
  readonly type?: string;
  readonly kind: ErrorKind;
  readonly code?: string;
  /** What the hint must name: the cause, or all causes, and the next step. */
  readonly hint: RegExp;
}

const baseUrl = 'https://api.example.com/v1';
const chat = (fetch: Fetch): ReturnType<typeof createEgainConversationClient> =>
  createEgainConversationClient({ baseUrl, auth: 'token-1', fetch, maxRetries: false });
const mail = (fetch: Fetch): ReturnType<typeof createEgainAttachmentClient> =>
  createEgainAttachmentClient({ baseUrl, auth: 'token-1', fetch, maxRetries: false });
const dam = (fetch: Fetch): ReturnType<typeof createTenovosClient> =>
  createTenovosClient({ baseUrl, apiKey: 'key-1', auth: 'raw-token', fetch, maxRetries: false });
const tms = (fetch: Fetch): ReturnType<typeof createWorldServerClient> =>
  createWorldServerClient({ baseUrl: 'https://ws.example.com/ws-api', auth: { sessionId: 'session-1' }, fetch, maxRetries: false });

export const CALLS = {
  'egain.createAsset': (fetch: Fetch) => chat(fetch).createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 1 } }),
  'egain.getAsset': (fetch: Fetch) => chat(fetch).getAsset({ id: '1001' }),
  'egain.deleteAsset': (fetch: Fetch) => chat(fetch).deleteAsset({ id: '1001' }),
  'egain.generateDownloadAttachmentURL': (fetch: Fetch) =>
    mail(fetch).generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment.inbound', altId: '7b6c5fff-036e-4a40-b68a-a67c592fc079' } }),
  'egain.uploadContent': (fetch: Fetch) =>
    chat(fetch).uploadContent({ contentUrl: 'https://storage.example.com/u?signature=s1', content: new Blob(['a']), contentType: 'text/plain' }),
  'tenovos.retrieveAsset': (fetch: Fetch) => dam(fetch).retrieveAsset({ id: 'a1' }),
  'tenovos.getAssetContent': (fetch: Fetch) => dam(fetch).getAssetContent({ id: 'a1' }),
  'tenovos.createToken': (fetch: Fetch) => dam(fetch).createToken({ body: { username: 'u', password: 'p' } }),
  'tenovos.revokeToken': (fetch: Fetch) =>
    dam(fetch).revokeToken({
      body: { endpointUrl: 'e', clientId: 'c', userPoolId: 'u', username: 'n', session: { accessToken: 'a', authorization: 'b', refreshToken: 'c' } },
    }),
  'tenovos.exposeAssets': (fetch: Fetch) =>
    dam(fetch).exposeAssets({
      body: [{ id: 'a', identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 60 }] }],
    }),
  'tenovos.downloadAsset': async (fetch: Fetch) => dam(withAddress(fetch)).downloadAsset({ id: 'a1' }),
  'worldserver.getAsset': (fetch: Fetch) => tms(fetch).getAsset({ resourceId: 4711, assetLocationType: 'TARGET' }),
  'worldserver.getAssets': (fetch: Fetch) => tms(fetch).getAssets({ resourceIds: [1, 2] }),
  'worldserver.getTasks': (fetch: Fetch) => tms(fetch).getTasks({ offset: 30 }),
  'worldserver.login': (fetch: Fetch) => tms(fetch).login({ body: { username: 'u', password: 'p' } }),
  'worldserver.logout': (fetch: Fetch) => tms(fetch).logout(),
  'worldserver.checkToken': (fetch: Fetch) => tms(fetch).checkToken(),
  'worldserver.uploadAssets': (fetch: Fetch) => tms(fetch).uploadFile({ name: 'a.txt', content: new Blob(['a']) }),
} as const;

/** The API gives an address; the rows are about the storage behind it. */
function withAddress(fetch: Fetch): Fetch {
  return async (request) =>
    request.url.startsWith(baseUrl) ? Response.json({ presignedURL: 'https://storage.example.com/a.jpg?X-Amz-Signature=0123456789abcdef' }) : fetch(request);
}

const EGAIN = 'eGain, shared error codes';
const egain = (call: DocumentedError['call'], code: string, kind: ErrorKind, hint: RegExp): DocumentedError => ({
  source: EGAIN,
  call,
  status: Number(code.slice(0, 3)),
  body: { code, developerMessage: `What eGain says of ${code}.`, details: [{ key: 'attribute', value: 'name' }] },
  kind,
  code,
  hint,
});
const SEEDS = ['egain.createAsset', 'egain.getAsset', 'egain.generateDownloadAttachmentURL'] as const;

const WS = 'RWS WorldServer, "Get asset"';
const ws = (call: DocumentedError['call'], status: number, message: string, kind: ErrorKind, hint: RegExp, source = WS): DocumentedError => ({
  source,
  call,
  status,
  body: { errors: [{ code: status, type: 'ERROR_TYPE', message }] },
  kind,
  code: 'ERROR_TYPE',
  hint,
});
const tenovos = (
  call: DocumentedError['call'],
  status: number,
  body: unknown,
  kind: ErrorKind,
  hint: RegExp,
  source = 'Tenovos, API version 1.5',
): DocumentedError => ({
  source,
  call,
  status,
  body,
  kind,
  hint,
});
const html = (status: number): Pick<DocumentedError, 'status' | 'body' | 'type'> => ({
  status,
  type: 'text/html',
  body: `<!doctype html><html><head><title>HTTP Status ${status}</title></head><body><h1>HTTP Status ${status}</h1></body></html>`,
});
const s3 = (code: string, message: string): Pick<DocumentedError, 'body' | 'type' | 'code'> => ({
  type: 'application/xml',
  code,
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>R1</RequestId></Error>`,
});

export const ERROR_ROWS: readonly DocumentedError[] = [
  // eGain: codes of the shared file, at the operations of the pages.
  ...SEEDS.flatMap((call) => [
    egain(call, '400-146', 'invalid-request', /member of the body.*details/),
    egain(call, '401-101', 'unauthenticated', /token is missing, invalid or expired/),
    egain(call, '403-197', 'permission-denied', /scope/),
    egain(call, '500-100', 'server', /try again later.*requestId/),
  ]),
  ...['400-101', '400-102', '400-112'].map((code) => egain('egain.getAsset', code, 'invalid-request', /query parameter/)),
  ...['400-147', '400-152', '400-196', '400-387'].map((code) => egain('egain.createAsset', code, 'invalid-request', /member of the body.*details/)),
  ...['400-203', '400-264'].map((code) => egain('egain.createAsset', code, 'invalid-request', /must have a body/)),
  egain('egain.createAsset', '400-10424', 'invalid-request', /10 MiB.*attachmentPolicy/),
  egain('egain.generateDownloadAttachmentURL', '400-194', 'not-found', /altId, app and type/),
  egain('egain.getAsset', '401-104', 'unauthenticated', /tokenUrl and baseUrl/),
  ...['403-105', '403-178'].map((code) => egain('egain.generateDownloadAttachmentURL', code, 'permission-denied', /department/)),
  egain('egain.deleteAsset', '403-105', 'permission-denied', /scope, or a message uses/),
  ...['404-100', '404-101', '404-470'].map((code) => egain('egain.getAsset', code, 'not-found', /No asset has this id, or baseUrl/)),
  egain('egain.generateDownloadAttachmentURL', '406-100', 'invalid-request', /15 documented locales/),
  egain('egain.getAsset', '409-100', 'conflict', /read it again/),
  egain('egain.getAsset', '429-001', 'rate-limited', /Wait \(retryAfterMs/),
  {
    source: 'eGain, AI services v4: a numeric code',
    call: 'egain.getAsset',
    status: 503,
    body: { code: 503, message: 'busy' },
    kind: 'server',
    code: '503',
    hint: /try again later/,
  },
  { source: 'eGain, legacy body', call: 'egain.getAsset', status: 404, body: { message: 'Not there' }, kind: 'not-found', hint: /id/ },
  {
    source: 'eGain, XML',
    call: 'egain.generateDownloadAttachmentURL',
    status: 400,
    type: 'application/xml',
    body: '<?xml version="1.0"?><wsErrorCommon><code>400-194</code><developerMessage>The ID in the body is not found.</developerMessage></wsErrorCommon>',
    kind: 'not-found',
    code: '400-194',
    hint: /altId/,
  },
  { source: 'a gateway', call: 'egain.getAsset', ...html(502), kind: 'server', hint: /try again later/ },
  { source: 'an empty body', call: 'egain.createAsset', status: 500, body: '', kind: 'server', hint: /an asset may exist/ },
  { source: 'truncated JSON', call: 'egain.getAsset', status: 401, body: '{"code":"401-101","developerMess', kind: 'unauthenticated', hint: /token/ },
  {
    source: 'a storage',
    call: 'egain.uploadContent',
    status: 403,
    type: 'text/plain',
    body: 'The signed URL has expired',
    kind: 'permission-denied',
    hint: /expired.*method, type, size.*fresh one/,
  },
  {
    source: 'a storage',
    call: 'egain.uploadContent',
    status: 400,
    type: 'application/json',
    body: { code: '400-152', developerMessage: 'The upload has to be of type text/plain.' },
    kind: 'invalid-request',
    code: '400-152',
    hint: /would not with a fresh URL.*uploadMethod/,
  },
  { source: 'a storage', call: 'egain.uploadContent', status: 413, type: 'text/plain', body: 'too large', kind: 'invalid-request', hint: /size or media type/ },

  // Tenovos
  {
    source: 'a gateway',
    call: 'tenovos.retrieveAsset',
    status: 404,
    type: 'application/json',
    body: { message: 'Not Found' },
    kind: 'not-found',
    hint: /baseUrl must end in \/v1/,
  },
  tenovos(
    'tenovos.retrieveAsset',
    401,
    { message: 'Unauthorized', detail: 'The token is expired' },
    'unauthenticated',
    /token is missing or expired, or the user lacks/,
  ),
  tenovos('tenovos.retrieveAsset', 403, { message: 'Forbidden' }, 'permission-denied', /API key is missing or wrong, or no asset has this id/),
  tenovos('tenovos.retrieveAsset', 403, { message: 'Asset not found' }, 'not-found', /No asset has this id, or the user may not see it/),
  tenovos('tenovos.retrieveAsset', 403, { message: 'Missing Authentication Token' }, 'not-found', /baseUrl must end in \/v1/, 'AWS API Gateway'),
  tenovos('tenovos.retrieveAsset', 404, '', 'not-found', /baseUrl/),
  tenovos('tenovos.retrieveAsset', 429, { message: 'Too Many Requests' }, 'rate-limited', /retryAfterMs|rate of calls/),
  tenovos('tenovos.retrieveAsset', 503, { message: 'Service Unavailable' }, 'server', /try again later/),
  tenovos('tenovos.retrieveAsset', 200, { status: 'error', message: 'Something went wrong' }, 'unexpected', /success by its status and error in the body/),
  tenovos('tenovos.getAssetContent', 401, { message: 'Unauthorized' }, 'unauthenticated', /permission/),
  tenovos('tenovos.getAssetContent', 403, { message: 'Forbidden' }, 'permission-denied', /API key/),
  tenovos('tenovos.getAssetContent', 502, { message: 'Internal server error' }, 'server', /id is not that of an asset with a file, and when it is unwell/),
  tenovos(
    'tenovos.createToken',
    400,
    { status: 'error', message: 'Invalid Authentication Parameters' },
    'unauthenticated',
    /User name, password or API key is wrong/,
  ),
  tenovos(
    'tenovos.createToken',
    401,
    { status: 'error', message: 'Missing required parameter PASSWORD' },
    'unauthenticated',
    /member of the request is missing/,
  ),
  tenovos('tenovos.createToken', 403, { message: 'Forbidden' }, 'permission-denied', /API key.*environment/),
  tenovos('tenovos.revokeToken', 401, { status: 'error', message: 'Unauthorized' }, 'unauthenticated', /session to revoke/),
  tenovos('tenovos.revokeToken', 502, { message: 'Internal server error' }, 'server', /clientId or userPoolId is missing/),
  tenovos('tenovos.exposeAssets', 400, { status: 'error', message: 'No assets found' }, 'not-found', /None of these ids/),
  tenovos('tenovos.exposeAssets', 400, { status: 'error', message: 'Body requires at least single item' }, 'invalid-request', /list of at least one/),
  { source: 'Amazon S3', call: 'tenovos.downloadAsset', status: 403, ...s3('AccessDenied', 'Request has expired'), kind: 'permission-denied', hint: /expired/ },
  {
    source: 'Amazon S3',
    call: 'tenovos.downloadAsset',
    status: 404,
    ...s3('NoSuchKey', 'The specified key does not exist.'),
    kind: 'not-found',
    hint: /never uploaded/,
  },
  {
    source: 'Amazon S3',
    call: 'tenovos.downloadAsset',
    status: 503,
    ...s3('SlowDown', 'Please reduce your request rate.'),
    kind: 'server',
    hint: /storage failed or is overloaded, not the vendor/,
  },
  { source: 'Amazon S3', call: 'tenovos.downloadAsset', status: 429, ...s3('TooManyRequests', 'Slow down'), kind: 'rate-limited', hint: /wait \(retryAfterMs/ },

  // WorldServer
  ws('worldserver.getAsset', 400, 'Target asset is not available for download', 'not-ready', /not translated yet/),
  ws('worldserver.getAsset', 400, 'Source asset is not available for download', 'not-found', /not found, or it is not one of a task.*resourceType/),
  ws('worldserver.getAsset', 401, 'No session token provided or invalid token', 'unauthenticated', /missing, wrong or has ended/),
  ws('worldserver.getAsset', 403, 'Forbidden', 'permission-denied', /user's type/),
  ws('worldserver.getAsset', 404, 'Resource PROJECT_GROUP (4711) not found', 'not-found', /resourceType/),
  ws('worldserver.getAsset', 404, 'Resource PROJECT (4711) not found', 'not-found', /resourceType/),
  ws('worldserver.getAsset', 500, 'Internal Server Error', 'server', /wrong parameters/),
  ws('worldserver.getAssets', 400, 'No assets have been found', 'not-found', /not found/, 'RWS WorldServer, "Get assets"'),
  ws('worldserver.getTasks', 400, 'Limit not provided or invalid', 'invalid-request', /limit must be 1 or more/, 'RWS WorldServer, "Get online assets"'),
  ws(
    'worldserver.getTasks',
    400,
    'Offset out of range. Collection has only 7 items',
    'invalid-request',
    /offset less than/,
    'RWS WorldServer, "Get online assets"',
  ),
  ws('worldserver.login', 400, 'Required request body is missing', 'invalid-request', /body is missing or not JSON/, 'RWS WorldServer, "Login"'),
  ws('worldserver.login', 400, 'Invalid JSON', 'invalid-request', /body is missing or not JSON/, 'RWS WorldServer, "Login"'),
  ws('worldserver.login', 401, 'BAD_CREDENTIALS', 'unauthenticated', /User name or password/, 'RWS WorldServer, "Login"'),
  ws('worldserver.logout', 401, 'Invalid session exception', 'unauthenticated', /ended already/, 'RWS WorldServer, "Logout"'),
  ws(
    'worldserver.checkToken',
    401,
    'No session token provided or invalid token',
    'unauthenticated',
    /session/,
    'RWS WorldServer, "Check your authentication token"',
  ),
  ws(
    'worldserver.uploadAssets',
    401,
    'No session token provided',
    'unauthenticated',
    /session has ended, or the request held no file/,
    'RWS WorldServer, "Upload assets"',
  ),
  {
    source: 'RWS WorldServer, an error in a success',
    call: 'worldserver.uploadAssets',
    status: 200,
    body: { status: 'ERROR', errors: [{ code: 12, type: 'UPLOAD_FAILED', message: 'The disk is full' }] },
    kind: 'unexpected',
    code: 'UPLOAD_FAILED',
    hint: /success by its status and error in the body/,
  },
  { source: 'Tomcat', call: 'worldserver.getTasks', ...html(404), kind: 'not-found', hint: /must end in \/ws-api/ },
  { source: 'Tomcat', call: 'worldserver.getAsset', ...html(500), kind: 'server', hint: /wrong parameters/ },
];
