/** One contract over the assets of several vendors. Unofficial: not affiliated with eGain, Tenovos or RWS. */

export { defineAdapter, SegmentError, type AdapterDefinition, type CheckedSource, type Details, type Stored, type UploadContext } from './adapter.ts';
export { can } from './can.ts';
export { copy } from './copy.ts';
export { copyAll } from './copy-all.ts';
export { AssetRefError, CopyAllError, CopyError } from './errors.ts';
export { createAssets, type Assets, type AssetsRouter } from './create-assets.ts';
export { fileNameToRef, formatAssetRef, parseAssetRef, refToFileName } from './refs.ts';
export type {
  AdapterBase,
  AdapterTypes,
  AnyAdapter,
  Asset,
  AssetRef,
  AssetsAdapter,
  BoundRef,
  CopyAllOptions,
  CopyAllProgress,
  CopyAllReport,
  CopyBaseOptions,
  CopyFailure,
  CopyItem,
  CopyItemResult,
  CopyItemStatus,
  CopyOptions,
  CopyResult,
  DeleteVerb,
  DownloadManyVerb,
  DownloadSupport,
  DownloadVerb,
  GetSupport,
  GetVerb,
  HeldContent,
  Journal,
  JournalEntry,
  LeftBehind,
  NotCarried,
  OpenJournal,
  Readable,
  Spool,
  Supports,
  Uploaded,
  UploadOptions,
  UploadReceipt,
  UploadSource,
  UploadState,
  UploadSupport,
  UploadVerb,
  VendorOptionRule,
  Verb,
  VerbOptions,
  Writable,
} from './contract.ts';
export {
  ApiError,
  contentOf,
  type BinaryBody,
  type Content,
  type ContentFacts,
  type ErrorKind,
  type SizedSource,
  type TransferProgress,
  type TransferReceipt,
} from '@asset-clients/runtime';
