import {
  anyBody,
  ApiError,
  bindOperations,
  checkArgument,
  connect,
  downloadSigned,
  signOnce,
  toAuthStrategy,
  type AddressSource,
  type AuthStrategy,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Content,
  type JobRules,
  type SignedAddress,
  type TokenSource,
} from '@asset-clients/runtime';

import { tenovosLogin, tenovosToken, type TenovosHeaderOptions } from './auth.ts';
import { tenovosProfile } from './errors.ts';
import { operations } from './generated/assets/index.ts';
import type { FoundAsset } from './generated/assets/models.ts';
import type { ScanAssetsParams, SearchKeywordParams } from './generated/assets/operations.ts';
import { scanPages, searchPages } from './pages.ts';

/** Options of {@link createTenovosClient}: a login, or `auth`. */
export type TenovosClientOptions = Omit<ClientOptions, 'auth'> &
  TenovosHeaderOptions & {
    /** `https://api.tenovos.io/v1` (production) or `https://api.uat.tenovos.io/v1`. */
    readonly baseUrl: string;
  } & (
    | {
        /** The customer's key, sent as `X-API-Key`. */
        readonly apiKey: string;
        readonly username: string;
        readonly password: string;
        readonly auth?: undefined;
      }
    | {
        readonly apiKey: string;
        /** The whole value of `Authorization`, or a function that gives it, instead of the login. */
        readonly auth: TokenSource;
        readonly username?: undefined;
        readonly password?: undefined;
      }
    | {
        /** A strategy, for example a {@link tenovosLogin} that several clients share. */
        readonly auth: AuthStrategy;
        readonly apiKey?: undefined;
        readonly username?: undefined;
        readonly password?: undefined;
      }
  );

const OWN_OPTIONS: Record<'apiKey' | 'username' | 'password' | keyof TenovosHeaderOptions, true> = {
  apiKey: true,
  username: true,
  password: true,
  accessTokenHeader: true,
  authorizationScheme: true,
};
const DOWNLOAD_ASSET: JobRules = {
  vendor: 'tenovos',
  operation: 'downloadAsset',
  members: { id: { type: 'string', minLength: 1 }, rendition: { type: 'string', minLength: 1 } },
  required: ['id'],
};

/** Names of renditions that Tenovos documents; others may occur. */
export type RenditionName = 'imageThumb' | 'imagePreview' | 'imagePreviewLarge' | 'mezzaninePreview' | (string & {});

/** Arguments of `downloadAsset`. */
export interface DownloadAssetParams {
  /** The asset's id (`assetId`). */
  readonly id: string;
  /** A rendition instead of the original. */
  readonly rendition?: RenditionName | undefined;
}

/** What the Tenovos client does besides its operations. */
export interface TenovosJobs {
  /**
   * Opens the original of an asset, or one of its renditions, as a stream. A fresh signed URL is asked for each attempt;
   * it lives about 20 seconds and never sees a credential.
   *
   * @throws ApiError `not-found` when there is no such asset or rendition; else as `getAssetContent` and `retrieveAsset`.
   */
  downloadAsset(params: DownloadAssetParams, options?: CallOptions): Promise<Content>;
  readonly searchKeyword: {
    /** All found assets, page by page. Beyond the vendor's limit of 10,000 it throws kind `unsupported`. */
    all(params: SearchKeywordParams, options?: CallOptions): AsyncIterable<FoundAsset>;
  };
  readonly scanAssets: {
    /** All assets, page by page by cursor. */
    all(params: ScanAssetsParams, options?: CallOptions): AsyncIterable<FoundAsset>;
  };
}

/**
 * The Tenovos client: one method per operation, and the vendor's jobs.
 *
 * @interface
 */
export type TenovosClient = Client<typeof operations> & TenovosJobs;

/**
 * A client of the Tenovos DAM, API version 1.5. Nothing is sent before the first call.
 *
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 * @example
 * ```ts
 * await using dam = createTenovosClient({ baseUrl: 'https://api.tenovos.io/v1', apiKey, username, password });
 * const { data } = await dam.retrieveAsset({ id });
 * const content = await dam.downloadAsset({ id });
 * await content.toDirectory('downloads');
 * ```
 */
export function createTenovosClient(options: TenovosClientOptions): TenovosClient {
  const connection = connect(
    { ...options, auth: undefined },
    { ...tenovosProfile(), anyBody },
    {
      operation: 'createTenovosClient',
      own: Object.keys(OWN_OPTIONS),
      strategy: () => toStrategy(options),
      hint: 'Give apiKey, username and password; or apiKey and auth (a token or a function); or a strategy as auth.',
    },
  );
  const client = bindOperations(connection, operations);

  async function originalAddress(id: string, callOptions: CallOptions): Promise<SignedAddress> {
    const { presignedURL } = await client.getAssetContent({ id }, callOptions).catch((error: unknown) => explainGateway(id, error, callOptions));
    if (typeof presignedURL !== 'string' || presignedURL === '')
      throw noAddress({ id }, 'the answer has no presignedURL', 'The asset may be metadata only, without a file.');
    return { url: presignedURL, name: fileNameInPath(presignedURL) };
  }

  /** A 502 means an unknown id, or that Tenovos is unwell; the details of an asset tell which. */
  async function explainGateway(id: string, error: unknown, callOptions: CallOptions): Promise<never> {
    if (!ApiError.is(error) || error.status !== 502) throw error;
    let details: unknown;
    try {
      await client.retrieveAsset({ id, empty: false, system: false }, callOptions);
    } catch (failure) {
      details = failure;
    }
    if (ApiError.is(details) && details.kind === 'not-found') {
      throw noAddress({ id }, 'no asset has this id, or the user may not see it', 'Check the id: retrieveAsset does not find it either.', error);
    }
    if (details === undefined) {
      throw Object.assign(error, { hint: 'The asset is there: it has no file, the id is that of a file and not of an asset, or Tenovos is unwell for now.' });
    }
    throw error;
  }

  async function renditionAddress(id: string, rendition: string, callOptions: CallOptions): Promise<SignedAddress> {
    const { data } = await client.retrieveAsset({ id, empty: false, system: false }, callOptions);
    const renditions = (data?.renditionsDocument ?? {}) as Readonly<Record<string, unknown>>;
    const url = Object.hasOwn(renditions, rendition) ? renditions[rendition] : undefined;
    if (typeof url === 'string' && url !== '') return { url, name: fileNameInPath(url) };
    const known = Object.keys(renditions).filter((name) => typeof renditions[name] === 'string');
    throw noAddress(
      { id, rendition },
      `the asset has no rendition "${rendition}"${known.length === 0 ? '' : `; it has ${known.join(', ')}`}`,
      'Renditions appear some time after the upload, and some kinds of files have none.',
    );
  }

  /** Whether rendition URLs open without a signature is not documented: where they do not, a link is asked for. */
  async function exposedRendition(id: string, rendition: string, callOptions: CallOptions): Promise<SignedAddress> {
    const [exposed] = await client.exposeAssets(
      { body: [{ id, identifier: 'objectId', components: [{ componentType: 'rendition', componentRef: [rendition], expiration: 300 }] }] },
      callOptions,
    );
    const url = exposed?.components?.find((component) => component.url)?.url;
    if (url === undefined)
      throw noAddress({ id, rendition }, `Tenovos gave no link for the rendition "${rendition}"`, 'The user may lack the right to download.');
    return { url, name: fileNameInPath(url) };
  }

  function noAddress(params: DownloadAssetParams, message: string, hint: string, cause?: ApiError): ApiError {
    return new ApiError(
      { kind: 'not-found', vendor: 'tenovos', operation: 'downloadAsset', params, message, hint, outcome: 'refused', attempts: cause?.attempts ?? 1, cause },
      connection.redactor,
    );
  }

  const jobs: TenovosJobs = {
    async downloadAsset(params, callOptions) {
      const { id, rendition } = checkArgument(params, DOWNLOAD_ASSET);
      let wasRefused = false;
      // Signed URLs of Tenovos end by time, not by use.
      const sign: AddressSource = (failure, signal) => {
        const options = { ...callOptions, signal };
        if (rendition === undefined) return signOnce(connection, ['original', id], options, (shared) => originalAddress(id, shared));
        wasRefused ||= (failure?.status ?? 0) >= 400;
        return wasRefused
          ? signOnce(connection, ['link', id, rendition], options, (shared) => exposedRendition(id, rendition, shared))
          : signOnce(connection, ['rendition', id, rendition], options, (shared) => renditionAddress(id, rendition, shared));
      };
      return downloadSigned(connection, { operation: 'downloadAsset', params, sign, options: callOptions });
    },
    searchKeyword: Object.assign(client.searchKeyword, {
      all: (params: SearchKeywordParams, callOptions?: CallOptions) => searchPages(client.searchKeyword, params, callOptions),
    }),
    scanAssets: Object.assign(client.scanAssets, {
      all: (params: ScanAssetsParams, callOptions?: CallOptions) => scanPages(client.scanAssets, params, callOptions),
    }),
  };
  return Object.assign(client, jobs);
}

function toStrategy({ auth, apiKey, username, password, accessTokenHeader, authorizationScheme }: TenovosClientOptions): AuthStrategy {
  if (auth === undefined) {
    const [missing] = Object.entries({ apiKey, username, password }).find(([, value]) => typeof value !== 'string' || value === '') ?? [];
    if (missing !== undefined) throw new TypeError(`${missing} is required`);
    return tenovosLogin({ apiKey: apiKey!, username: username!, password: password!, accessTokenHeader, authorizationScheme });
  }
  if (username !== undefined || password !== undefined) throw new TypeError('auth and username with password exclude each other');
  if (typeof auth === 'string' || typeof auth === 'function') return tenovosToken({ apiKey: apiKey!, token: auth, authorizationScheme });
  return toAuthStrategy(auth)!;
}

/** The storage path ends in the file's name. */
function fileNameInPath(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '') || undefined;
  } catch {
    return undefined;
  }
}
