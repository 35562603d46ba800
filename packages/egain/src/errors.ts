import type { ErrorFacts, ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';

const COMMON = 'eGain, shared error codes of the API specifications';

/** What the error answers of eGain mean; the first row that fits decides. Codes are unique as a whole. */
export const egainErrors: readonly ErrorRow[] = [
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
    hint: 'A limit is exceeded: an asset has 10 MiB at most, and a channel may allow less.',
    source: COMMON,
  },
  {
    status: 400,
    code: /^400-/,
    kind: 'invalid-request',
    hint: 'A parameter or body member is missing, unknown or has an illegal value; `details` names it.',
    source: COMMON,
  },
  {
    status: 401,
    kind: 'unauthenticated',
    hint: 'The access token is missing, invalid or expired; a fresh one was tried. Check that it is for this API domain.',
    source: COMMON,
  },
  {
    status: 403,
    code: '403-197',
    kind: 'permission-denied',
    hint: 'The client application lacks the scope of this operation (app.conversation.conversationmgr.interaction.manage or .read).',
    source: COMMON,
  },
  {
    status: 403,
    operations: ['deleteAsset'],
    kind: 'permission-denied',
    hint: 'The application lacks the scope, or a message already uses the asset, which then cannot be deleted: eGain answers both alike.',
    source: 'eGain, "Delete Asset"',
  },
  { status: 403, kind: 'permission-denied', hint: 'The token is valid, but the scope or the permission on the department is missing.', source: COMMON },
  { status: 404, kind: 'not-found', hint: 'No asset has this id; or baseUrl belongs to the other of the two services that both have /assets.', source: COMMON },
  { status: 406, kind: 'invalid-request', hint: 'Accept-Language must be one of the 15 documented locales.', source: COMMON },
  { status: 429, kind: 'rate-limited', hint: 'Too many requests: wait retryAfterMs.', source: 'eGain Knowledge API v4, code 429-001' },
  { status: 500, kind: 'server', hint: 'eGain failed; if it stays, contact its administrator with the code and requestId.', source: COMMON },
];

/** What is asked again, before the general rules. */
export const egainRetry: RetryTable = [
  { operations: ['createAsset'], when: [408, 500, 502, 503, 504, 'network', 'timeout'], retry: false, reason: 'Every call makes another asset.' },
  {
    operations: ['generateDownloadAttachmentURL'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
    reason: 'A POST that only reads: it signs a URL.',
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
  const { code, developerMessage, message, userMessage } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    // Some services of eGain send the code as a number.
    code: typeof code === 'number' ? String(code) : text(code),
    message: text(developerMessage) ?? text(message),
    userMessage: text(userMessage),
  };
}
