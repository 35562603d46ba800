import type { ErrorFacts, ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';

const RETRIEVE = 'Tenovos, "(NEW!) Retrieve an Asset", API version 1.5';
const CONTENT = 'Tenovos, "Get asset content", API version 1.5';
const TOKEN = 'Tenovos, "Create Authentication Token", API version 1.5';

/** What the error answers of Tenovos mean; the first row that fits decides. */
export const tenovosErrors: readonly ErrorRow[] = [
  {
    status: [400, 401],
    operations: ['createToken'],
    kind: 'unauthenticated',
    hint: 'User name, password or API key is wrong, or a member of the request is missing.',
    source: TOKEN,
  },
  {
    status: 401,
    kind: 'unauthenticated',
    hint: 'The token is missing or expired, or the user lacks the permission for this asset: Tenovos answers both alike. A fresh login was tried.',
    source: RETRIEVE,
  },
  {
    status: 403,
    message: /not found/i,
    kind: 'not-found',
    hint: 'No asset has this id, or the user may not see it.',
    source: RETRIEVE,
  },
  {
    status: 403,
    kind: 'permission-denied',
    hint: 'The API key is missing or wrong, or no asset has this id: Tenovos answers 403 for both. `details.message` may tell.',
    source: RETRIEVE,
  },
  {
    status: 502,
    operations: ['getAssetContent'],
    kind: 'server',
    hint: 'Tenovos answers 502 when the id is not that of an asset with a file, and when it is unwell: check the id first.',
    source: CONTENT,
  },
];

/** What is asked again, before the general rules. */
export const tenovosRetry: RetryTable = [
  { operations: ['getAssetContent', 'revokeToken'], when: [502], retry: true, atMost: 1, reason: 'Tenovos answers 502 for mistakes of the caller too.' },
  {
    operations: ['searchKeyword', 'scanAssets', 'exposeAssets', 'createToken'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
    reason: 'A POST that only reads, or makes a token, may be sent twice.',
  },
];

/** What a client has to know of Tenovos to tell its errors and retry as it wants: for `createClient` with a subset of the operations. */
export function tenovosProfile(): VendorProfile {
  return { vendor: 'tenovos', errors: tenovosErrors, retry: tenovosRetry, readError, failureInSuccess };
}

function readError(body: unknown): ErrorFacts {
  const { message, detail } = (typeof body === 'object' && body !== null ? body : {}) as { message?: unknown; detail?: unknown };
  const texts = [message, detail].filter((text): text is string => typeof text === 'string' && text !== '');
  return { message: texts.length === 0 ? undefined : texts.join(': ') };
}

/** Version 1 of the API puts some errors into an answer of status 200. */
function failureInSuccess(body: unknown): ErrorFacts | undefined {
  return typeof body === 'object' && body !== null && (body as { status?: unknown }).status === 'error' ? readError(body) : undefined;
}
