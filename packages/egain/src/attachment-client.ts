import {
  anyBody,
  ApiError,
  bindOperations,
  checkArgument,
  connect,
  downloadSigned,
  type AddressSource,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Content,
  type JobRules,
} from '@asset-clients/runtime';

import type { EgainAuth } from './auth.ts';
import { maker } from './conversation-client.ts';
import { egainProfile } from './errors.ts';
import { operations } from './generated/attachments/index.ts';
import type { PredownloadRequest } from './generated/attachments/models.ts';
import type { GenerateDownloadAttachmentURLParams } from './generated/attachments/operations.ts';

/** Options of {@link createEgainAttachmentClient}. */
export interface EgainAttachmentClientOptions extends Omit<ClientOptions, 'auth'> {
  /** Not documented; by the pattern of its siblings `https://<api host>/core/filemgr/v3` (assumption `egain-attachments-server`). */
  readonly baseUrl: string;
  readonly auth: EgainAuth;
  /** Locale of answers, one of the 15 that eGain documents. Default `'en-US'`. */
  readonly acceptLanguage?: GenerateDownloadAttachmentURLParams['Accept-Language'];
  /** Ask eGain for sentences for end users (`error.userMessage`). Default `false`. */
  readonly userMessages?: boolean | undefined;
}

const OWN_OPTIONS: Record<Exclude<keyof EgainAttachmentClientOptions, keyof ClientOptions>, true> = { acceptLanguage: true, userMessages: true };
const DOWNLOAD_ATTACHMENT: JobRules = {
  vendor: 'egain',
  operation: 'downloadAttachment',
  // What they may hold is checked by the operation.
  members: { app: {}, type: {}, altId: {} },
  required: ['app', 'type', 'altId'],
};

/** Which attachment: an e-mail's, a task's or a call's. */
export type DownloadAttachmentParams = Pick<PredownloadRequest, 'app' | 'type' | 'altId'>;

/** What the attachment client does besides its operations. */
export interface EgainAttachmentJobs {
  /**
   * Opens an attachment as a stream. A fresh signed URL is asked for each attempt.
   *
   * @throws ApiError as `generateDownloadAttachmentURL`, or what the storage answered.
   */
  downloadAttachment(params: DownloadAttachmentParams, options?: CallOptions): Promise<Content>;
}

/**
 * The eGain attachment client: one method per operation, and the job.
 *
 * @interface
 */
export type EgainAttachmentClient = Client<typeof operations> & EgainAttachmentJobs;

/**
 * A client of eGain's Core File Manager, for attachments of e-mails, tasks and calls. Nothing is sent before the first call.
 *
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 * @example
 * ```ts
 * const mail = createEgainAttachmentClient({ baseUrl, auth });
 * const content = await mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId });
 * await content.toDirectory('attachments');
 * ```
 */
export function createEgainAttachmentClient(options: EgainAttachmentClientOptions): EgainAttachmentClient {
  const defaults: Record<string, unknown> = {};
  if (options?.acceptLanguage !== undefined) defaults['Accept-Language'] = options.acceptLanguage;
  if (options?.userMessages === true) defaults['X-egain-error-message'] = 'yes';
  const connection = connect(
    { ...options, auth: undefined },
    { ...egainProfile(defaults), anyBody },
    maker('createEgainAttachmentClient', options, OWN_OPTIONS),
  );
  const client = bindOperations(connection, operations);

  const jobs: EgainAttachmentJobs = {
    async downloadAttachment(params, callOptions) {
      const { app, type, altId } = checkArgument(params, DOWNLOAD_ATTACHMENT);
      const sign: AddressSource = async (_failure, signal) => {
        // The job reads JSON, whatever the caller would have.
        const attachment = await client.generateDownloadAttachmentURL({ body: { app, type, altId } }, { ...callOptions, signal, accept: undefined });
        if (!attachment.contentUrl) {
          throw new ApiError({
            kind: 'unexpected',
            vendor: 'egain',
            operation: 'downloadAttachment',
            params,
            message: attachment.blocked === true ? 'the attachment is blocked, and has no contentUrl' : 'the answer has no contentUrl',
            hint:
              attachment.blocked === true
                ? 'eGain blocks this attachment (its type or a virus scan): ask its administrator.'
                : 'eGain signed no address for this attachment: report it with the ids to its administrator.',
            outcome: 'refused',
            attempts: 1,
          });
        }
        return { url: attachment.contentUrl, name: attachment.name ?? attachment.fileName, mediaType: attachment.contentType, size: attachment.size };
      };
      return downloadSigned(connection, { operation: 'downloadAttachment', params, sign, options: callOptions });
    },
  };
  return Object.assign(client, jobs);
}
