/** A typed client for the Tenovos DAM. Unofficial: not affiliated with Tenovos. */

export { tenovosLogin, tenovosToken, type TenovosHeaderOptions, type TenovosLoginOptions, type TenovosTokenOptions } from './auth.ts';
export {
  createTenovosClient,
  type DownloadAssetParams,
  type RenditionName,
  type TenovosClient,
  type TenovosClientOptions,
  type TenovosJobs,
} from './client.ts';
export { tenovosErrors, tenovosProfile, tenovosRetry } from './errors.ts';
export type * from './generated/assets/models.ts';
export type * from './generated/assets/operations.ts';
export { metadata, type AssetMetadata, type MetadataRow } from './metadata.ts';
export {
  anyBody,
  ApiError,
  createClient,
  safeFileName,
  type ApiCall,
  type ApiErrorOf,
  type ApiResponse,
  type AuthStrategy,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Clock,
  type Content,
  type ErrorKind,
  type ErrorOutcome,
  type FileOptions,
  type FileReceipt,
  type Logger,
  type RequestEvent,
  type SessionStore,
  type TransferEvent,
  type TransferProgress,
  type TransferReceipt,
  type VendorProfile,
} from '@asset-clients/runtime';
