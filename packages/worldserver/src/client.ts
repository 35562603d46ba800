import {
  anyBody,
  ApiError,
  bindOperations,
  checkArgument,
  checkContent,
  connect,
  toAuthStrategy,
  type AuthStrategy,
  type BinaryBody,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Content,
  type JobRules,
} from '@asset-clients/runtime';

import { worldServerLogin, worldServerSession, type WorldServerSession, type WorldServerTokenOptions } from './auth.ts';
import { worldServerProfile } from './errors.ts';
import { operations } from './generated/files/index.ts';
import type { Task, UploadedFile } from './generated/files/models.ts';
import type { GetAssetParams, GetTasksParams } from './generated/files/operations.ts';
import { taskPages } from './pages.ts';

/** Options of {@link createWorldServerClient}: a login, or `auth`. */
export type WorldServerClientOptions = Omit<ClientOptions, 'auth'> &
  WorldServerTokenOptions & {
    /** Scheme, host, port and context of your installation, ending in `/ws-api`: `https://ws.example.com/ws-api`. */
    readonly baseUrl: string;
    /**
     * The version segment of the paths: as documented (`v2`, but `v1` for upload and logout), or one for all. Default
     * `'documented'` (assumption `worldserver-api-version`).
     */
    readonly apiVersion?: 'documented' | 'v1' | 'v2' | undefined;
  } & (
    | { readonly username: string; readonly password: string; readonly auth?: undefined }
    | {
        /** A session of yours, or a strategy, for example a {@link worldServerLogin} that several clients share. */
        readonly auth: WorldServerSession | AuthStrategy;
        readonly username?: undefined;
        readonly password?: undefined;
      }
  );

const OWN_OPTIONS: Record<'username' | 'password' | 'apiVersion' | keyof WorldServerTokenOptions, true> = {
  username: true,
  password: true,
  apiVersion: true,
  sendTokenAs: true,
};
const UPLOAD_FILE: JobRules = {
  vendor: 'worldserver',
  operation: 'uploadFile',
  members: { name: { type: 'string', minLength: 1 }, content: {}, size: {}, contentType: { type: 'string' }, expandZip: { type: 'boolean' } },
  required: ['name'],
};

/** Arguments of `uploadFile`. */
export interface UploadFileParams {
  /** File name with its extension. */
  readonly name: string;
  /** A Blob, bytes, a stream, an async iterable, or a source with a size. */
  readonly content: BinaryBody;
  /** Bytes, where the content does not know them. */
  readonly size?: number | undefined;
  /** Media type of the part. Default: that of the content, else `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** Unpack a `.zip`. */
  readonly expandZip?: boolean | undefined;
}

/** A file in WorldServer's upload area. */
export interface StoredFile {
  /** The handle that creating a project group (`systemFiles`) or importing a task (`file`) takes. */
  readonly internalName: string;
  readonly name: string;
  /** All that the vendor answered. */
  readonly raw: UploadedFile;
}

/** What the WorldServer client does besides its operations. */
export interface WorldServerJobs {
  /**
   * Opens source or target of a task, project or project group as a stream.
   *
   * @throws ApiError `not-ready` when the target is not translated yet; `not-found` when no such resource is known.
   */
  downloadAsset(params: GetAssetParams, options?: CallOptions): Promise<Content>;
  /** Uploads one file; with `expandZip` the first of those unpacked is returned, all are in `raw`. */
  uploadFile(params: UploadFileParams, options?: CallOptions): Promise<StoredFile>;
  readonly getTasks: {
    /** All tasks that fit, page by page. */
    all(params?: GetTasksParams, options?: CallOptions): AsyncIterable<Task>;
  };
}

/**
 * The WorldServer client: one method per operation, and the jobs.
 *
 * @interface
 */
export type WorldServerClient = Client<typeof operations> & WorldServerJobs;

/**
 * A client of the WorldServer REST API. It logs in at the first call that needs it, and logs out when it is closed, unless a
 * `sessionStore` keeps the session for others.
 *
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 * @example
 * ```ts
 * await using tms = createWorldServerClient({ baseUrl: 'https://ws.example.com/ws-api', username, password });
 * const target = await tms.downloadAsset({ resourceId: 1234, assetLocationType: 'TARGET' });
 * await target.toDirectory('translated');
 * ```
 */
export function createWorldServerClient(options: WorldServerClientOptions): WorldServerClient {
  const { apiVersion = 'documented' } = options ?? {};
  const connection = connect(
    { ...options, auth: undefined },
    { ...worldServerProfile(apiVersion), anyBody },
    {
      operation: 'createWorldServerClient',
      own: Object.keys(OWN_OPTIONS),
      strategy: () => toStrategy(options),
      hint: 'Give username and password, or auth: { sessionId }, or a strategy as auth.',
    },
  );
  const client = bindOperations(connection, operations);

  const jobs: WorldServerJobs = {
    downloadAsset: (params, callOptions) => client.getAsset(params, callOptions),

    async uploadFile(params, callOptions) {
      const { name, content, size, contentType, expandZip } = checkUpload(params);
      const answer = await client.uploadAssets({ body: { file: { content, name, size, type: contentType } }, expandZip }, callOptions);
      // Observed by others both as one object and as a list.
      const raw: UploadedFile = (answer.files?.[0] as UploadedFile | undefined) ?? answer;
      const { internalName } = raw;
      if (typeof internalName !== 'string' || internalName === '') {
        throw new ApiError(
          {
            kind: 'unexpected',
            vendor: 'worldserver',
            operation: 'uploadFile',
            params: { name },
            message: 'the answer has no internalName',
            details: answer,
            outcome: 'unknown',
            attempts: 1,
          },
          connection.redactor,
        );
      }
      return { internalName, name: raw.name ?? name, raw };
    },
    getTasks: Object.assign(client.getTasks, {
      all: (params: GetTasksParams = {}, callOptions?: CallOptions) => taskPages(client.getTasks, params, callOptions),
    }),
  };
  return Object.assign(client, jobs);
}

function toStrategy({ auth, username, password, sendTokenAs, apiVersion = 'documented' }: WorldServerClientOptions): AuthStrategy {
  if (!['documented', 'v1', 'v2'].includes(apiVersion)) throw new TypeError("apiVersion must be 'documented', 'v1' or 'v2'");
  if (auth === undefined) {
    const [missing] = Object.entries({ username, password }).find(([, value]) => typeof value !== 'string' || value === '') ?? [];
    if (missing !== undefined) throw new TypeError(`${missing} is required`);
    return worldServerLogin({ username: username!, password: password!, sendTokenAs });
  }
  if (username !== undefined || password !== undefined) throw new TypeError('auth and username with password exclude each other');
  if (typeof auth === 'object' && auth !== null && 'sessionId' in auth) return worldServerSession(auth, { sendTokenAs });
  return toAuthStrategy(auth)!;
}

function checkUpload(params: UploadFileParams): UploadFileParams {
  const { content, size } = checkArgument(params, UPLOAD_FILE);
  checkContent(content, size, UPLOAD_FILE, params);
  return params;
}
