import { readCommonError, type ErrorFacts, type ErrorRow, type RetryTable, type VendorProfile } from '@asset-clients/runtime';

/** What the storage of an upload says. */
export const uploadErrors: readonly ErrorRow[] = [
  // eGain, "Create Asset"
  {
    status: 400,
    operations: ['uploadContent'],
    kind: 'invalid-request',
    hint: "The storage did not take the upload, and would not with a fresh URL: size and media type must be those of signing (the type follows from the extension of the asset's name), method and form those of the options uploadMethod, uploadHeaders, uploadBody.",
  },
];

/** What eGain itself says. Source, where a row names no other: eGain, shared error codes of the API specifications. */
const apiErrors: readonly ErrorRow[] = [
  // eGain, "Client Credentials Flow"
  {
    status: [500, 502, 503, 504],
    operations: ['token', 'exchangeCode'],
    kind: 'server',
    hint: 'The token endpoint failed; the credentials are not at fault. Try again later.',
  },
  {
    status: 400,
    code: /^400-1(?:01|02|12)$/,
    kind: 'invalid-request',
    hint: 'A query parameter is missing, unknown or illegal; `details` names it.',
  },
  {
    status: 400,
    code: '400-194',
    kind: 'not-found',
    hint: 'An id in the body is not known to eGain (predownload has no 404): check altId, app and type.',
  },
  {
    status: 400,
    code: '400-10424',
    kind: 'invalid-request',
    hint: 'A limit is exceeded: an asset has 10 MiB at most, and a channel may allow less or refuse the extension (its attachmentPolicy).',
  },
  {
    status: 400,
    code: /^400-(?:203|264)$/,
    kind: 'invalid-request',
    hint: 'The request must have a body (400-264), or none (400-203).',
  },
  {
    status: 400,
    code: /^400-/,
    kind: 'invalid-request',
    hint: 'A member of the body is missing, empty, unknown or illegal; `details` names it.',
  },
  {
    status: 401,
    kind: 'unauthenticated',
    hint: 'The access token is missing, invalid or expired; a fresh one was tried where auth can give one. Check that tokenUrl and baseUrl are of one environment.',
  },
  {
    status: 403,
    code: '403-197',
    kind: 'permission-denied',
    hint: "The application lacks the scope: ...interaction.manage to create and delete, ...interaction.read to read. Assign it in eGain, and ask for it in auth's scope.",
  },
  // eGain, "Delete Asset"
  {
    status: 403,
    operations: ['deleteAsset'],
    kind: 'permission-denied',
    hint: 'The application lacks the scope, or a message uses the asset: eGain answers both alike.',
  },
  {
    status: 403,
    kind: 'permission-denied',
    hint: 'The scope, or the permission on the department of this activity, is missing. Ask the administrator of eGain.',
  },
  {
    status: 404,
    kind: 'not-found',
    hint: 'No asset has this id, or baseUrl lacks its path (/conversation/conversationmgr/v3, of attachments /core/filemgr/v3), or is that of the other service: both have /assets.',
  },
  {
    status: 406,
    kind: 'invalid-request',
    hint: 'Accept-Language must be one of the 15 documented locales, for example en-US (option acceptLanguage).',
  },
  { status: 409, kind: 'conflict', hint: 'It was changed meanwhile (last-modified differs): read it again, then decide.' },
  // eGain, Knowledge API v4, code 429-001
  {
    status: 429,
    kind: 'rate-limited',
    hint: 'Wait (retryAfterMs, where it is told), and call less often.',
  },
  {
    status: [500, 502, 503, 504],
    kind: 'server',
    hint: 'eGain failed or is overloaded: try again later; if it stays, give its administrator code and requestId. After createAsset an asset may exist.',
  },
];

/** What the error answers of eGain mean; the first row that fits decides. Codes are unique as a whole. */
export const egainErrors: readonly ErrorRow[] = /* @__PURE__ */ [uploadErrors, apiErrors].flat();

/** What is asked again, before the general rules. */
export const egainRetry: RetryTable = [
  {
    operations: ['createAsset'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: false,
  },
  {
    operations: ['generateDownloadAttachmentURL'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
  },
  {
    operations: ['token'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: true,
  },
  {
    operations: ['exchangeCode'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: false,
  },
];

/** Why, row by row: for the documentation, and in no bundle. */
export const egainRetryReasons: readonly string[] = [
  'Every call makes another asset; an answer may be lost after it did.',
  'A POST that only reads: it signs a URL.',
  'A token may be asked for twice (client credentials, refresh).',
  'An authorization code works once: the second exchange would end the session of the first.',
];

/**
 * What a client has to know of eGain to tell its errors and retry as it wants: for `createClient` with a subset of the operations.
 *
 * @param defaults - Parameters that the client fills in, for example `{ 'X-egain-error-message': 'yes' }`.
 */
export function egainProfile(defaults: Readonly<Record<string, unknown>> = {}): VendorProfile {
  return { vendor: 'egain', errors: apiErrors, retry: egainRetry, readError, defaults };
}

function readError(body: unknown): ErrorFacts {
  const { developerMessage, userMessage } = Object(body) as Record<string, unknown>;
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const { code, message } = readCommonError(body);
  return { code, message: text(developerMessage) ?? message, userMessage: text(userMessage) };
}
