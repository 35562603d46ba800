/** What answers of storage hosts mean, and which are asked again: for all signed URLs, whatever the vendor. */

import type { RetryTable } from './retry.ts';
import type { ErrorRow } from './vendor-profile.ts';

/** What the error answers of a storage mean. Its own code (`AccessDenied`, `AuthenticationFailed`) is `code`. */
export const storageErrors: readonly ErrorRow[] = [
  {
    status: [400, 401, 403],
    kind: 'permission-denied',
    hint: 'The storage refused the signed URL: it may have expired, have been used before, or not fit what was sent (method, type, size). Call again for a fresh one; a fresh one was tried for downloads.',
  },
  {
    status: [404, 410],
    kind: 'not-found',
    hint: 'The storage has no such file, or the signed URL has ended. Call again for a fresh one; if it stays, the file is gone or was never uploaded.',
  },
  {
    status: [411, 413, 415],
    kind: 'invalid-request',
    hint: 'The storage did not take the content: its size or media type is not the one that the URL was signed for.',
  },
  { status: 429, kind: 'rate-limited', hint: 'The storage asks for fewer requests: wait (retryAfterMs, where it is told).' },
  { status: [500, 502, 503, 504], kind: 'server', hint: 'The storage failed or is overloaded, not the vendor: call again later.' },
];

/** The rules for GET requests to signed URLs, before the general ones. Uploads to them are never repeated. */
export const storageRetryTable: RetryTable = [
  {
    methods: ['GET'],
    when: [400, 401, 403, 404, 410],
    retry: true,
    atMost: 1,
  },
];

/** Why, row by row: for the documentation, and in no bundle. */
export const storageRetryReasons: readonly string[] = ['The signed URL may have expired or have been used: a fresh one is asked for, once.'];
