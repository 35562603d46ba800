import type { ErrorFacts, ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';

const FILE_READS = ['getAsset', 'getAssets', 'verifyAssets'] as const;

/** What the error answers of WorldServer mean; the first row that fits decides. */
export const worldServerErrors: readonly ErrorRow[] = [
  // RWS WorldServer, "Get asset", REST API v2
  {
    status: 400,
    operations: FILE_READS,
    message: /target asset is not available/i,
    kind: 'not-ready',
    hint: 'The target is not translated yet: try again later. An id that is no task may give the same answer.',
  },
  // RWS WorldServer, "Get asset", REST API v2
  {
    status: 400,
    operations: FILE_READS,
    message: /source asset is not available|no assets have been found/i,
    kind: 'not-found',
    hint: 'The id is not found, or it is not one of a task: ids of projects and project groups need resourceType.',
  },
  // RWS WorldServer, "Login"
  {
    status: 400,
    operations: ['login'],
    kind: 'invalid-request',
    hint: 'The login body is missing or not JSON: give { username, password }.',
  },
  // RWS WorldServer, "Login"
  {
    status: 401,
    operations: ['login'],
    kind: 'unauthenticated',
    hint: 'User name or password is wrong, or the user may not log in.',
  },
  // RWS WorldServer, "Upload assets"
  {
    status: 401,
    operations: ['uploadAssets'],
    kind: 'unauthenticated',
    hint: 'The session has ended, or the request held no file: WorldServer answers both alike. A fresh login was tried where the client has credentials.',
  },
  // RWS WorldServer, "Logout"
  {
    status: 401,
    operations: ['logout'],
    kind: 'unauthenticated',
    hint: 'The session has ended already: nothing is left to do.',
  },
  // RWS WorldServer, "Get asset", REST API v2
  {
    status: 401,
    kind: 'unauthenticated',
    hint: "The session token is missing, wrong or has ended; a fresh login was tried where the client has credentials. If it stays, see session_client_check in the server's properties.",
  },
  // RWS WorldServer, "Get asset", REST API v2
  { status: 403, kind: 'permission-denied', hint: "The user's type does not permit this call: Management > User Setup > User Types." },
  // RWS WorldServer, "Get asset", REST API v2
  {
    status: 404,
    operations: FILE_READS,
    message: /\bresource \w+ .*not found/i,
    kind: 'not-found',
    hint: 'No project or project group has this id: check resourceId and resourceType, which have ids of their own.',
  },
  // RWS WorldServer, "REST API endpoints"
  {
    status: 404,
    kind: 'not-found',
    hint: 'Nothing is served there: baseUrl must end in /ws-api, and the release may have the operation under another version (option apiVersion).',
  },
  // RWS WorldServer, "Get online assets"
  {
    status: 400,
    operations: ['getTasks'],
    kind: 'invalid-request',
    hint: 'limit must be 1 or more, and offset less than the number of tasks: getTasks.all follows the pages by itself.',
  },
  // RWS WorldServer, "Get asset", REST API v2
  {
    status: 500,
    kind: 'server',
    hint: 'WorldServer failed. It answers 500 to wrong parameters, too (an id that is no number, an unknown value): check them before trying again.',
  },
  // RWS WorldServer, "Export tasks"
  {
    status: [200, 201, 202],
    kind: 'unexpected',
    hint: 'WorldServer said success by its status and error in the body: the message is its own. Something may have been done: look before you repeat it.',
  },
];

/** What is asked again, before the general rules. */
export const worldServerRetry: RetryTable = [
  { when: [500], retry: false },
  {
    operations: ['login', 'checkToken', 'logout'],
    when: [408, 502, 503, 504, 'network', 'timeout'],
    retry: true,
  },
  { operations: ['uploadAssets'], when: [408, 502, 503, 504, 'network', 'timeout'], retry: false },
];

/** Why, row by row: for the documentation, and in no bundle. */
export const worldServerRetryReasons: readonly string[] = [
  'WorldServer answers 500 to wrong parameters.',
  'A POST that makes, checks or ends a session may be sent twice.',
  'The file may have been stored.',
];

/**
 * What a client has to know of WorldServer to tell its errors and retry as it wants: for `createClient` with a subset of the operations.
 *
 * @param apiVersion - Which version segment the paths get; `documented`: as the vendor documents each.
 */
export function worldServerProfile(apiVersion: 'documented' | 'v1' | 'v2' = 'documented'): VendorProfile {
  return {
    vendor: 'worldserver',
    errors: worldServerErrors,
    retry: worldServerRetry,
    readError,
    // Observed by others: files come with a Content-Disposition.
    filesHaveNames: true,
    failureInSuccess: (body) => {
      const { status } = (typeof body === 'object' && body !== null ? body : {}) as { status?: unknown };
      return status === 'ERROR' ? readError(body) : undefined;
    },
    ...(apiVersion === 'documented' ? {} : { rewritePath: (path: string) => path.replace(/^\/v\d+(?=\/)/, `/${apiVersion}`) }),
  };
}

/** `{ errors: [{ code, type, message }] }`; for lists the errors may stand in `response[].errors`. */
function readError(body: unknown): ErrorFacts {
  const { errors, response, message } = (typeof body === 'object' && body !== null ? body : {}) as { errors?: unknown; response?: unknown; message?: unknown };
  const lists = [errors, ...(Array.isArray(response) ? response.map((entry: unknown) => (entry as { errors?: unknown } | null)?.errors) : [])];
  const entries = lists.flatMap((list) => (Array.isArray(list) ? list : [])) as { code?: unknown; type?: unknown; message?: unknown }[];
  const texts = entries.map((entry) => entry?.message).filter((text): text is string => typeof text === 'string' && text !== '');
  const code = entries[0]?.type ?? entries[0]?.code;
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : undefined,
    message: texts.length > 0 ? [...new Set(texts)].join('; ') : typeof message === 'string' ? message : undefined,
  };
}
