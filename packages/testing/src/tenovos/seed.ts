import { CONTENT_SEED, type ContentSeed } from '../core/content.ts';
import type { Rule, Rules } from '../core/given.ts';

/** A table of metadata: rows of cells. */
export type TenovosMetadataRows = readonly (readonly { readonly name: string; readonly value: string | null }[])[];

/** One metadata attribute or table of an asset. */
export interface TenovosMetadataSeed {
  readonly name: string;
  /** Text, rows of a table, or `null` for an attribute without a value. */
  readonly value?: string | TenovosMetadataRows | null;
  /** A system field: left out with `system=false`. */
  readonly system?: boolean;
}

/** The names of renditions in `renditionsDocument`. */
export type TenovosRenditionName = 'imageThumb' | 'imagePreview' | 'imagePreviewLarge' | 'mezzaninePreview';

/** One asset of the fake. Only `name` is needed; content is 1,024 made-up bytes unless given. */
export interface TenovosAssetSeed extends ContentSeed {
  /** Asset id; made up when absent. */
  readonly id?: string;
  readonly fileId?: string;
  readonly originalFileId?: string;
  /** File name, for example `hero.tif`. */
  readonly name: string;
  readonly metadata?: readonly TenovosMetadataSeed[];
  /** An asset without a file. */
  readonly metadataOnly?: boolean;
  /** What the fake's user may do with it. `'download'`. */
  readonly access?: 'download' | 'view' | 'none';
  readonly fileState?: 'available' | 'recycle bin';
  readonly metadataState?: 'available' | 'recycle bin';
  /** `false`: none. By default the four pictures for names of pictures, videos and PDFs. */
  readonly renditions?: false | Readonly<Partial<Record<TenovosRenditionName | (string & {}), ContentSeed>>>;
  readonly width?: number;
  readonly height?: number;
  /** Media type that the storage answers; by default by the extension of the name. */
  readonly contentType?: string;
  readonly createdDate?: string;
  readonly lastUpdatedDate?: string;
  readonly createdBy?: string;
  readonly lastUpdatedBy?: string;
  readonly metadataTemplateId?: string;
  readonly securityTemplateIds?: readonly string[];
  readonly currentVersion?: boolean;
  readonly versionNumber?: number;
  readonly AITags?: readonly unknown[];
  readonly avamTags?: readonly unknown[];
  readonly lockType?: readonly unknown[];
}

/** What the fake starts with. */
export interface TenovosSeed {
  readonly assets?: readonly TenovosAssetSeed[];
}

const STATES: readonly string[] = ['available', 'recycle bin'];
const ASSET: Readonly<Record<keyof TenovosAssetSeed, Rule>> = {
  ...CONTENT_SEED,
  id: 'id',
  fileId: 'id',
  originalFileId: 'text',
  name: 'any',
  metadata: { list: { members: { name: 'text', value: 'any', system: 'flag' } } },
  metadataOnly: 'flag',
  access: ['download', 'view', 'none'],
  fileState: STATES,
  metadataState: STATES,
  renditions: { or: [[false], { each: 'any' }] },
  width: 'number',
  height: 'number',
  contentType: 'mediaType',
  createdDate: 'text',
  lastUpdatedDate: 'text',
  createdBy: 'text',
  lastUpdatedBy: 'text',
  metadataTemplateId: 'text',
  securityTemplateIds: { list: 'text' },
  currentVersion: 'flag',
  versionNumber: 'number',
  AITags: { list: 'any' },
  avamTags: { list: 'any' },
  lockType: { list: 'any' },
};
/** The names of {@link TenovosSeed}. */
export const SEED: Rules = { assets: { list: { members: ASSET }, unique: 'id' } };
