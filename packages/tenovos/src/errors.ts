import type { ErrorFacts, ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';

/** What the error answers of Tenovos mean; the first row that fits decides. */
export const tenovosErrors: readonly ErrorRow[] = [
  // Tenovos, "Create Authentication Token", API version 1.5
  {
    status: [400, 401],
    operations: ['createToken'],
    kind: 'unauthenticated',
    hint: 'User name, password or API key is wrong or of the other environment (UAT, production), the account is not a local one, or a member of the request is missing; the message may say which.',
  },
  // Tenovos, "Get asset URL" (expose), API version 1.5
  {
    status: 400,
    operations: ['exposeAssets'],
    message: /no assets found/i,
    kind: 'not-found',
    hint: 'None of these ids is an asset that the user may download: check the ids, and that identifier says what they are (objectId or fileId).',
  },
  // Tenovos, "Get asset URL" (expose), API version 1.5
  {
    status: 400,
    operations: ['exposeAssets'],
    kind: 'invalid-request',
    hint: 'The body must be a list of at least one asset with its components: correct it and call again.',
  },
  // Tenovos, "Expire Token", API version 1.5
  {
    status: 401,
    operations: ['revokeToken'],
    kind: 'unauthenticated',
    hint: 'The session to revoke is not valid (any more), or the AccessToken header is not its own.',
  },
  // Tenovos, "(NEW!) Retrieve an Asset", API version 1.5
  {
    status: 401,
    kind: 'unauthenticated',
    hint: 'The token is missing or expired, or the user lacks the permission for this asset: Tenovos answers both alike. A fresh login was tried where the client has credentials, so check the permission of the user, too.',
  },
  // Tenovos, "(NEW!) Retrieve an Asset", API version 1.5
  {
    status: 403,
    message: /missing authentication token/i,
    kind: 'not-found',
    hint: 'Nothing is served there: baseUrl must end in /v1, on api.tenovos.io or api.uat.tenovos.io. (The gateway says "Missing Authentication Token" for a path that it does not know.)',
  },
  // Tenovos, "(NEW!) Retrieve an Asset", API version 1.5
  {
    status: 403,
    message: /not found/i,
    kind: 'not-found',
    hint: 'No asset has this id, or the user may not see it.',
  },
  // Tenovos, "Create Authentication Token", API version 1.5
  {
    status: 403,
    operations: ['createToken', 'revokeToken'],
    kind: 'permission-denied',
    hint: 'The API key is missing, wrong, or of the other environment (UAT, production).',
  },
  // Tenovos, "(NEW!) Retrieve an Asset", API version 1.5
  {
    status: 403,
    kind: 'permission-denied',
    hint: 'The API key is missing or wrong, or no asset has this id: Tenovos answers 403 for both. The text of the answer may tell which.',
  },
  // Tenovos, "Get asset content", API version 1.5
  // Tenovos, "(NEW!) Retrieve an Asset", API version 1.5
  {
    status: 404,
    kind: 'not-found',
    hint: 'Nothing is served there: baseUrl must end in /v1, on api.tenovos.io or api.uat.tenovos.io. Tenovos has no 404 of its own: an unknown asset is a 403.',
  },
  {
    status: 502,
    operations: ['getAssetContent'],
    kind: 'server',
    hint: 'Tenovos answers 502 when the id is not that of an asset with a file, and when it is unwell: check the id first.',
  },
  // Tenovos, "Expire Token", API version 1.5
  {
    status: 502,
    operations: ['revokeToken'],
    kind: 'server',
    hint: 'Tenovos answers 502 when clientId or userPoolId is missing in the body, and when it is unwell: check the body first.',
  },
  // Tenovos, API version 1, "Transform an asset"
  {
    status: 200,
    kind: 'unexpected',
    hint: "Tenovos said success by its status and error in the body: the message is the vendor's own. Read the state before you repeat a change.",
  },
];

/** What is asked again, before the general rules. */
export const tenovosRetry: RetryTable = [
  { operations: ['getAssetContent', 'revokeToken'], when: [502], retry: true, atMost: 1 },
  {
    operations: ['revokeToken'],
    when: [408, 503, 504, 'network', 'timeout'],
    retry: false,
  },
  {
    operations: ['searchKeyword', 'scanAssets', 'exposeAssets', 'createToken'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
  },
];

/** Why, row by row: for the documentation, and in no bundle. */
export const tenovosRetryReasons: readonly string[] = [
  'Tenovos answers 502 for mistakes of the caller too.',
  'The token may be revoked already: a second request would be refused as if nothing had been done.',
  'A POST that only reads, or makes a token, may be sent twice.',
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
