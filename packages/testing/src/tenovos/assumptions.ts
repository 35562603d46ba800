import type { Rule } from '../core/given.ts';

/** What Tenovos leaves open, as switches. Names and defaults are those of the `x-assumption` entries of the spec. */
export interface TenovosAssumptions {
  /** Whether operations need the `AccessToken` header. `true`. */
  readonly accessTokenHeader: boolean;
  /** Whether `Authorization` holds the token as it is or after `Bearer`. `'raw'`. */
  readonly authorizationScheme: 'raw' | 'Bearer';
  /** Whether `retrieveAsset` takes a file id besides an asset id. `true`. */
  readonly fileIdAccepted: boolean;
  /** Seconds that the URL of an original lives. `20`. */
  readonly contentUrlLifetimeSeconds: number;
  /** Whether rendition addresses open without a signature. `'public'`. */
  readonly renditionAccess: 'public' | 'signed';
  /** Status of `getAssetContent` for an asset without a file. `502`. */
  readonly metadataOnlyContent: 502 | 403 | 404;
  /** What `fileSizeInBytes` of an asset without a file is. `'missing'`. */
  readonly metadataOnlySize: 'missing' | 0;
  /** Whether `renditionsDocument` is missing or empty where there are no renditions. `'missing'`. */
  readonly absentRenditions: 'missing' | 'empty';
  /** Whether a refresh answers a new refresh token. `false`: none at all. */
  readonly refreshReturnsRefreshToken: boolean;
  /** Value of a metadata attribute without one, when `empty` is true. `null`. */
  readonly emptyMetadataValue: null | '' | 'missing';
  /** Whether a failing `retrieveAsset` answers 200 with `status: 'error'`. `false`. */
  readonly errorEnvelopeStatus200: boolean;
  /** Text of the 403 for a missing asset. `'Asset not found'`. */
  readonly notFoundMessage: string;
  /** Calls a minute before 429; `null`: no limit. */
  readonly rateLimitPerMinute: number | null;
  /** Longest lifetime in seconds that `exposeAssets` grants. `300`. */
  readonly exposeMaxSeconds: number;
  /** Results in a page of `searchKeyword`. `50`. */
  readonly searchPageSize: number;
  /** What `hitCount` counts. `'page'`. */
  readonly hitCount: 'page' | 'total';
  /** What marks the last page of `scanAssets`. `'missing'`: no cursor. */
  readonly lastCursor: 'missing' | 'empty-page';
  /** Unit of `session.expireEpoch`. `'milliseconds'`. */
  readonly expireEpochUnit: 'milliseconds' | 'seconds';
}

/** The defaults of {@link TenovosAssumptions}. */
export const defaults: TenovosAssumptions = {
  accessTokenHeader: true,
  authorizationScheme: 'raw',
  fileIdAccepted: true,
  contentUrlLifetimeSeconds: 20,
  renditionAccess: 'public',
  metadataOnlyContent: 502,
  metadataOnlySize: 'missing',
  absentRenditions: 'missing',
  refreshReturnsRefreshToken: false,
  emptyMetadataValue: null,
  errorEnvelopeStatus200: false,
  notFoundMessage: 'Asset not found',
  rateLimitPerMinute: null,
  exposeMaxSeconds: 300,
  searchPageSize: 50,
  hitCount: 'page',
  lastCursor: 'missing',
  expireEpochUnit: 'milliseconds',
};

/** What each switch of {@link TenovosAssumptions} can be. */
export const choices: Readonly<Record<keyof TenovosAssumptions, Rule>> = {
  accessTokenHeader: 'flag',
  authorizationScheme: ['raw', 'Bearer'],
  fileIdAccepted: 'flag',
  contentUrlLifetimeSeconds: 'seconds',
  renditionAccess: ['public', 'signed'],
  metadataOnlyContent: [502, 403, 404],
  metadataOnlySize: ['missing', 0],
  absentRenditions: ['missing', 'empty'],
  refreshReturnsRefreshToken: 'flag',
  emptyMetadataValue: [null, '', 'missing'],
  errorEnvelopeStatus200: 'flag',
  notFoundMessage: 'text',
  rateLimitPerMinute: { or: ['whole', [null]] },
  exposeMaxSeconds: 'seconds',
  searchPageSize: 'whole',
  hitCount: ['page', 'total'],
  lastCursor: ['missing', 'empty-page'],
  expireEpochUnit: ['milliseconds', 'seconds'],
};
