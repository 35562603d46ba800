import type { Rule } from '../core/given.ts';

/** What RWS leaves open, as switches. Names and defaults are those of the `x-assumption` entries of the spec. */
export interface WorldServerAssumptions {
  /** Which version segment operations have: that of their page, or one for all. `'documented'`. */
  readonly apiVersion: 'documented' | 'v1' | 'v2';
  /** Where the session token is taken from: `'header'` takes both, `'query'` the query only. */
  readonly sendTokenAs: 'header' | 'query';
  /** Idle seconds after which a session ends. `7200`. */
  readonly idleTimeoutSeconds: number;
  /** Seconds after which a session ends in any case; 0: never. `0`. */
  readonly absoluteTimeoutSeconds: number;
  /** Status for a user whose type does not permit the call. `403`. */
  readonly permissionDeniedStatus: 403 | 401 | 500;
  /** What comes back where several files belong to a resource, and for SOURCE_TARGET. `'archive'`. */
  readonly severalAssets: 'archive' | 'first';
  /** Status without `resourceId`. `500`. */
  readonly missingResourceIdStatus: 500 | 400;
  /** Form of the header with the file name. `'extended'`: `filename*`. */
  readonly contentDisposition: 'extended' | 'plain' | 'both' | 'none';
  /** Media type of every file. `'application/octet-stream'`. */
  readonly contentType: string;
  /** Kind of archive; the fake can make `'zip'` only. */
  readonly archiveFormat: string;
  /** Which message answers TARGET with the id of no task. `'target'`. */
  readonly unknownTaskTargetMessage: 'target' | 'source';
  /** How the id is written in "not found" messages. `'(ID)'`: in parentheses. */
  readonly notFoundId: '(ID)' | 'ID';
  /** Whether `getTasks` refuses wrong and too large offsets and limits. `true`. */
  readonly pagingErrors: boolean;
  /** Whether `expandZip` is a query parameter or a form field. `'query'`. */
  readonly expandZipIn: 'query' | 'form';
  /** Whether an upload without success answers 200 with `status: 'ERROR'`. `false`. */
  readonly errorStatus200: boolean;
  /** Status of a login with wrong credentials. `401`; 200: a session without `sessionId`. */
  readonly failedLoginStatus: 401 | 200;
  /** Body of errors. `'json'`. */
  readonly errorBody: 'json' | 'text' | 'html';
  /** Whether an upload answers one file or a list under `files`. `'single'`. */
  readonly uploadAnswer: 'single' | 'files' | 'both';
  /** Answer of `verifyAssets`; `'unknown'`: a list of ids and names that no vendor page shows. */
  readonly verifyAnswer: unknown;
}

/** The defaults of {@link WorldServerAssumptions}. */
export const defaults: WorldServerAssumptions = {
  apiVersion: 'documented',
  sendTokenAs: 'header',
  idleTimeoutSeconds: 7200,
  absoluteTimeoutSeconds: 0,
  permissionDeniedStatus: 403,
  severalAssets: 'archive',
  missingResourceIdStatus: 500,
  contentDisposition: 'extended',
  contentType: 'application/octet-stream',
  archiveFormat: 'zip',
  unknownTaskTargetMessage: 'target',
  notFoundId: '(ID)',
  pagingErrors: true,
  expandZipIn: 'query',
  errorStatus200: false,
  failedLoginStatus: 401,
  errorBody: 'json',
  uploadAnswer: 'single',
  verifyAnswer: 'unknown',
};

/** What each switch of {@link WorldServerAssumptions} can be. */
export const choices: Readonly<Record<keyof WorldServerAssumptions, Rule>> = {
  apiVersion: ['documented', 'v1', 'v2'],
  sendTokenAs: ['header', 'query'],
  idleTimeoutSeconds: 'seconds',
  absoluteTimeoutSeconds: 'seconds',
  permissionDeniedStatus: [403, 401, 500],
  severalAssets: ['archive', 'first'],
  missingResourceIdStatus: [500, 400],
  contentDisposition: ['extended', 'plain', 'both', 'none'],
  contentType: 'text',
  archiveFormat: 'text',
  unknownTaskTargetMessage: ['target', 'source'],
  notFoundId: ['(ID)', 'ID'],
  pagingErrors: 'flag',
  expandZipIn: ['query', 'form'],
  errorStatus200: 'flag',
  failedLoginStatus: [401, 200],
  errorBody: ['json', 'text', 'html'],
  uploadAnswer: ['single', 'files', 'both'],
  verifyAnswer: 'any',
};
