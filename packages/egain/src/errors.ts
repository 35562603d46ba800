import type { ErrorFacts, ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';

const COMMON = 'eGain, shared error codes of the API specifications';
const TOKEN = 'eGain, "Client Credentials Flow"';

/** What the storage of an upload says. */
export const uploadErrors: readonly ErrorRow[] = [
  {
    status: 400,
    operations: ['uploadContent'],
    kind: 'invalid-request',
    hint: "The storage did not take the upload, and would not with a fresh URL: size and media type must be those of signing (the type follows from the extension of the asset's name), method and form those of the options uploadMethod, uploadHeaders, uploadBody.",
    source: 'eGain, "Create Asset"',
  },
];

/** What the error answers of eGain mean; the first row that fits decides. Codes are unique as a whole. */
export const egainErrors: readonly ErrorRow[] = [
  ...uploadErrors,
  {
    status: [500, 502, 503, 504],
    operations: ['token', 'exchangeCode'],
    kind: 'server',
    hint: 'The token endpoint is not well; the credentials are not at fault. Try again later.',
    source: TOKEN,
  },
  {
    status: 400,
    code: /^400-1(?:01|02|12)$/,
    kind: 'invalid-request',
    hint: 'A query parameter is missing, unknown, or has a value that eGain does not take; `details` names it. With client.request, check the query; else the vendor has changed its API.',
    source: COMMON,
  },
  {
    status: 400,
    code: '400-194',
    kind: 'not-found',
    hint: 'An id in the body is not known to eGain (predownload has no 404): check altId, app and type.',
    source: COMMON,
  },
  {
    status: 400,
    code: '400-10424',
    kind: 'invalid-request',
    hint: 'A limit is exceeded: an asset has 10 MiB at most, and a channel may allow less or refuse the extension (its attachmentPolicy).',
    source: COMMON,
  },
  {
    status: 400,
    code: /^400-(?:203|264)$/,
    kind: 'invalid-request',
    hint: 'The request must have a body (400-264), or must have none (400-203): give `body`, or leave it out.',
    source: COMMON,
  },
  {
    status: 400,
    code: /^400-/,
    kind: 'invalid-request',
    hint: 'A member of the body is missing, empty, unknown, or has an illegal value; `details` names it. Correct the argument and call again.',
    source: COMMON,
  },
  {
    status: 401,
    kind: 'unauthenticated',
    hint: 'The access token is missing, invalid or expired; a fresh one was tried where auth can give one. Check that token URL and baseUrl are of the same environment.',
    source: COMMON,
  },
  {
    status: 403,
    code: '403-197',
    kind: 'permission-denied',
    hint: "The client application lacks the scope of this operation: ...interaction.manage to create and delete, or ...interaction.read to read. Assign it in eGain, and ask for it in auth's scope.",
    source: COMMON,
  },
  {
    status: 403,
    operations: ['deleteAsset'],
    kind: 'permission-denied',
    hint: 'The application lacks the scope, or a message already uses the asset, which then cannot be deleted: eGain answers both alike.',
    source: 'eGain, "Delete Asset"',
  },
  {
    status: 403,
    kind: 'permission-denied',
    hint: 'The token is valid, but the action is not allowed: the scope, or the permission on the department of this activity, is missing. Ask the administrator of eGain.',
    source: COMMON,
  },
  {
    status: 404,
    kind: 'not-found',
    hint: 'No asset has this id; or baseUrl lacks its path (/conversation/conversationmgr/v3, of attachments /core/filemgr/v3), or is that of the other service: both have /assets.',
    source: COMMON,
  },
  {
    status: 406,
    kind: 'invalid-request',
    hint: 'Accept-Language must be one of the 15 documented locales, for example en-US (option acceptLanguage).',
    source: COMMON,
  },
  { status: 409, kind: 'conflict', hint: 'It was changed meanwhile (last-modified differs): read it again, then decide.', source: COMMON },
  {
    status: 429,
    kind: 'rate-limited',
    hint: 'Too many requests: wait (retryAfterMs, where eGain tells it), and call less often.',
    source: 'eGain, Knowledge API v4, code 429-001',
  },
  {
    status: [500, 502, 503, 504],
    kind: 'server',
    hint: 'eGain failed or is overloaded: try again later; if it stays, give its administrator code and requestId. After createAsset an asset may exist.',
    source: COMMON,
  },
];

/** What is asked again, before the general rules. */
export const egainRetry: RetryTable = [
  {
    operations: ['createAsset'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: false,
    reason: 'Every call makes another asset; an answer may be lost after it did.',
  },
  {
    operations: ['generateDownloadAttachmentURL'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
    reason: 'A POST that only reads: it signs a URL.',
  },
  {
    operations: ['token'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: true,
    reason: 'A token may be asked for twice (client credentials, refresh).',
  },
  {
    operations: ['exchangeCode'],
    when: [408, 500, 502, 503, 504, 'network', 'timeout'],
    retry: false,
    reason: 'An authorization code works once: the second exchange would end the session of the first.',
  },
];

/**
 * What a client has to know of eGain to tell its errors and retry as it wants: for `createClient` with a subset of the operations.
 *
 * @param defaults - Parameters that the client fills in, for example `{ 'X-egain-error-message': 'yes' }`.
 */
export function egainProfile(defaults: Readonly<Record<string, unknown>> = {}): VendorProfile {
  return { vendor: 'egain', errors: egainErrors, retry: egainRetry, readError, defaults };
}

function readError(body: unknown): ErrorFacts {
  // The last two are the token endpoint's.
  const {
    code,
    developerMessage,
    message,
    userMessage,
    error,
    error_description: description,
  } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    // Some services of eGain send the code as a number.
    code: typeof code === 'number' ? String(code) : (text(code) ?? text(error)),
    message: text(developerMessage) ?? text(message) ?? text(description),
    userMessage: text(userMessage),
  };
}
