/** Typed clients for the assets and attachments of eGain. Unofficial: not affiliated with eGain. */

export {
  authorizationCode,
  authorizationUrl,
  clientCredentials,
  type AuthorizationCode,
  type AuthorizationRequest,
  type ClientCredentials,
  type EgainAuth,
} from './auth.ts';
export {
  createEgainAttachmentClient,
  createEgainConversationClient,
  type DownloadAttachmentParams,
  type EgainAttachmentClient,
  type EgainAttachmentClientOptions,
  type EgainAttachmentJobs,
  type EgainConversationClient,
  type EgainConversationClientOptions,
  type EgainConversationJobs,
  type UploadAssetParams,
  type UploadedAsset,
  type UploadStep,
  UploadError,
} from './client.ts';
export { egainErrors, egainProfile, egainRetry } from './errors.ts';
export type * from './generated/attachments/models.ts';
export type * from './generated/attachments/operations.ts';
// Both documents describe the same error body.
export type { ErrorBody, ErrorDetail } from './generated/conversation/models.ts';
export type * from './generated/conversation/models.ts';
export type * from './generated/conversation/operations.ts';
export { uploadContent, type EgainUploadOptions, type UploadContentOptions, type UploadContentParams, type UploadedContent } from './upload-content.ts';
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
