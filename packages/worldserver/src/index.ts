/** A typed client for the files of RWS WorldServer. Unofficial: not affiliated with RWS. */

export { worldServerLogin, worldServerSession, type WorldServerLoginOptions, type WorldServerSession, type WorldServerTokenOptions } from './auth.ts';
export {
  createWorldServerClient,
  type StoredFile,
  type UploadFileParams,
  type WorldServerClient,
  type WorldServerClientOptions,
  type WorldServerJobs,
} from './client.ts';
export { worldServerErrors, worldServerProfile, worldServerRetry } from './errors.ts';
export type * from './generated/files/models.ts';
export type * from './generated/files/operations.ts';
export {
  anyBody,
  ApiError,
  createClient,
  safeFileName,
  type ApiCall,
  type ApiErrorOf,
  type ApiResponse,
  type AuthStrategy,
  type BinaryBody,
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
  type SizedSource,
  type TransferEvent,
  type TransferProgress,
  type TransferReceipt,
  type VendorProfile,
} from '@asset-clients/runtime';
