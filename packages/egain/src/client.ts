/** The two clients of eGain: its services are different APIs with different addresses. */

export {
  createEgainAttachmentClient,
  type DownloadAttachmentParams,
  type EgainAttachmentClient,
  type EgainAttachmentClientOptions,
  type EgainAttachmentJobs,
} from './attachment-client.ts';
export {
  createEgainConversationClient,
  type EgainConversationClient,
  type EgainConversationClientOptions,
  type EgainConversationJobs,
  type UploadAssetParams,
  type UploadedAsset,
  type UploadStep,
  UploadError,
} from './conversation-client.ts';
