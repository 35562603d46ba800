import type { Rule } from '../core/given.ts';

/** What eGain leaves open, as switches. Names and defaults are those of the `x-assumption` entries of the two specs. */
export interface EgainAssumptions {
  /** Method of the upload URL. `'POST'`. */
  readonly uploadMethod: 'POST' | 'PUT';
  /** Headers that the upload needs besides content type and length. `{}`. */
  readonly uploadHeaders: Readonly<Record<string, string>>;
  /** Whether the bytes are sent raw or as a multipart form. `'binary'`. */
  readonly uploadBody: 'binary' | 'multipart';
  /** Status of a successful upload. `201`. */
  readonly uploadStatus: 200 | 201 | 204;
  /** Whether a signed URL dies with its first use. `true`. */
  readonly singleUseUrls: boolean;
  /** Seconds that a signed URL lives. `300`. */
  readonly signedUrlLifetimeSeconds: number;
  /** Whether the storage honours `Range`. `false`. */
  readonly signedUrlRanges: boolean;
  /** Whether the storage refuses a request with `Authorization`. `true`. */
  readonly signedUrlRefusesAuthorization: boolean;
  /** Whether the extension of the name decides which `Content-Type` the upload must have. `true`. */
  readonly contentTypeFromName: boolean;
  /** What `getAsset` answers before the upload. `'no-url'`. */
  readonly assetWithoutContent: 'no-url' | 'not-found';
  /** Status that refuses to delete an asset that a message uses. `403`. */
  readonly usedAssetDeleteStatus: 403 | 400 | 409;
  /** Status for a token without the scope. `403`. */
  readonly missingScopeStatus: 403 | 401;
  /** Calls a minute before 429; `null`: no limit. */
  readonly rateLimitPerMinute: number | null;
  /** Seconds that an access token lives. `3600`. */
  readonly tokenLifetimeSeconds: number;
  /** Code for an `altId` that no attachment has. `'400-194'`. */
  readonly unknownAltIdCode: string;
  /** Members of the answer of `generateDownloadAttachmentURL`. `'resource'`. */
  readonly predownloadAnswer: 'resource' | 'example' | 'url-only';
}

/** The defaults of {@link EgainAssumptions}. */
export const defaults: EgainAssumptions = {
  uploadMethod: 'POST',
  uploadHeaders: {},
  uploadBody: 'binary',
  uploadStatus: 201,
  singleUseUrls: true,
  signedUrlLifetimeSeconds: 300,
  signedUrlRanges: false,
  signedUrlRefusesAuthorization: true,
  contentTypeFromName: true,
  assetWithoutContent: 'no-url',
  usedAssetDeleteStatus: 403,
  missingScopeStatus: 403,
  rateLimitPerMinute: null,
  tokenLifetimeSeconds: 3600,
  unknownAltIdCode: '400-194',
  predownloadAnswer: 'resource',
};

/** What each switch of {@link EgainAssumptions} can be. */
export const choices: Readonly<Record<keyof EgainAssumptions, Rule>> = {
  uploadMethod: ['POST', 'PUT'],
  uploadHeaders: { each: 'text' },
  uploadBody: ['binary', 'multipart'],
  uploadStatus: [200, 201, 204],
  singleUseUrls: 'flag',
  signedUrlLifetimeSeconds: 'seconds',
  signedUrlRanges: 'flag',
  signedUrlRefusesAuthorization: 'flag',
  contentTypeFromName: 'flag',
  assetWithoutContent: ['no-url', 'not-found'],
  usedAssetDeleteStatus: [403, 400, 409],
  missingScopeStatus: [403, 401],
  rateLimitPerMinute: { or: ['whole', [null]] },
  tokenLifetimeSeconds: 'seconds',
  unknownAltIdCode: 'text',
  predownloadAnswer: ['resource', 'example', 'url-only'],
};
