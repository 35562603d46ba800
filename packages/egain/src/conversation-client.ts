import {
  anyBody,
  ApiError,
  bindOperations,
  connect,
  downloadSigned,
  invalidRequest,
  type BinaryBody,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Content,
} from '@asset-clients/runtime';
import { lookup } from 'mrmime';

import { egainStrategy, type EgainAuth } from './auth.ts';
import { checkArgument } from './check-argument.ts';
import { egainProfile } from './errors.ts';
import type { CreateAssetRequest } from './generated/conversation/models.ts';
import * as operations from './generated/conversation/operations.ts';
import {
  checkMediaType,
  checkUploadOptions,
  sendContent,
  sizedBody,
  type EgainUploadOptions,
  type UploadContentParams,
  type UploadedContent,
} from './upload-content.ts';

/** 10 MiB, says the vendor. */
const MOST_BYTES = 10_485_760;

/** Options of {@link createEgainConversationClient}. */
export interface EgainConversationClientOptions extends Omit<ClientOptions, 'auth'>, EgainUploadOptions {
  /** `https://<api host>/conversation/conversationmgr/v3`; the API domain stands in your client application's metadata. */
  readonly baseUrl: string;
  readonly auth: EgainAuth;
  /** Ask eGain for sentences for end users (`error.userMessage`). Default `false`. */
  readonly userMessages?: boolean | undefined;
  /**
   * The media type bound to an upload follows from the name's extension. Default `true` (assumption
   * `egain-conversation-content-type`); with `false` the type of a Blob or file source comes first.
   */
  readonly contentTypeFromName?: boolean | undefined;
}

const UPLOAD_ASSET = ['name', 'content', 'channel', 'sender', 'size', 'contentType', 'onCreated'] as const;

/** Arguments of `uploadAsset`. */
export interface UploadAssetParams extends Omit<CreateAssetRequest, 'size'> {
  /** A Blob, bytes, a stream, an async iterable, or a source with a size. */
  readonly content: BinaryBody;
  /** Bytes, 1 to 10,485,760; needed only where the content does not know them. */
  readonly size?: number | undefined;
  /** Media type, when it does not follow from the extension of `name`. */
  readonly contentType?: string | undefined;
  /** Called with the new asset's id before any byte of its content is sent; waited for. When it fails, nothing is sent. */
  readonly onCreated?: ((created: { readonly id: string }) => void | Promise<void>) | undefined;
}

/** An asset with its content in place. */
export interface UploadedAsset {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
}

/** What the conversation client does besides its operations. */
export interface EgainConversationJobs {
  /**
   * Creates an asset and uploads its content.
   *
   * @throws ApiError with `step` (`'createAsset'` or `'uploadContent'`); when the upload failed, `leftBehind` holds the id
   *   of the asset that now exists without content.
   */
  uploadAsset(params: UploadAssetParams, options?: CallOptions): Promise<UploadedAsset>;
  /** The second half of `uploadAsset` alone. */
  uploadContent(params: UploadContentParams, options?: CallOptions): Promise<UploadedContent>;
  /**
   * Opens an asset's content as a stream. A fresh signed URL is asked for each attempt.
   *
   * @throws ApiError `not-ready` when nothing was uploaded yet; else as `getAsset`.
   */
  downloadAsset(params: { readonly id: string }, options?: CallOptions): Promise<Content>;
}

/** The eGain conversation client: one method per operation, and the jobs. */
export type EgainConversationClient = Client<typeof operations> & EgainConversationJobs;

/**
 * A client of eGain's Conversation Manager v3, for files in conversations. Nothing is sent before the first call.
 *
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 * @example
 * ```ts
 * const chat = createEgainConversationClient({ baseUrl, auth: clientCredentials({ tokenUrl, clientId, clientSecret, scope }) });
 * const { id } = await chat.uploadAsset({ name: 'bird.jpg', content: blob, channel: { type: 'sms' }, sender: { type: 'customer' } });
 * const content = await chat.downloadAsset({ id });
 * ```
 */
export function createEgainConversationClient(options: EgainConversationClientOptions): EgainConversationClient {
  checkUploadOptions(options ?? {}, 'createEgainConversationClient');
  const connection = connect(
    { ...options, auth: checkedStrategy(options, 'createEgainConversationClient') },
    { ...egainProfile(options.userMessages === true ? { 'X-egain-error-message': 'yes' } : {}), anyBody },
  );
  const client = bindOperations(connection, operations);

  const jobs: EgainConversationJobs = {
    async uploadAsset(params, callOptions) {
      const { name, content, channel, sender, size, onCreated } = checkArgument(params, 'uploadAsset', UPLOAD_ASSET);
      const body = sizedBody(content, size, { name, size });
      if (body.size! > MOST_BYTES) {
        throw invalidRequest({
          vendor: 'egain',
          operation: 'uploadAsset',
          params: { name, size },
          message: `content has ${body.size} bytes; eGain takes 1 to ${MOST_BYTES}`,
          hint: 'Correct the argument; no request was sent.',
        });
      }
      const contentType = checkMediaType(params.contentType ?? contentTypeOf(name, content, options.contentTypeFromName !== false), 'uploadAsset');
      const created = await client
        .createAsset({ body: { channel, sender, name, size: body.size! } }, callOptions)
        .catch((error: unknown) => Promise.reject(atStep(error, 'createAsset')));
      const { id, contentUrl } = created;
      if (!id || !contentUrl) {
        throw atStep(
          new ApiError({
            kind: 'unexpected',
            vendor: 'egain',
            operation: 'createAsset',
            message: `the answer has no ${id ? 'contentUrl' : 'id'}`,
            outcome: 'unknown',
            attempts: 1,
          }),
          'createAsset',
          id,
        );
      }
      await tellCreated(onCreated, id);
      await sendContent(connection, { contentUrl, content, contentType, size: body.size, name }, options, callOptions).catch((error: unknown) =>
        Promise.reject(atStep(error, 'uploadContent', id)),
      );
      return { id, name, size: body.size!, contentType };
    },

    uploadContent: (params, callOptions) => sendContent(connection, params, options, callOptions),

    async downloadAsset(params, callOptions) {
      const { id } = checkArgument(params, 'downloadAsset', ['id']);
      const sign = async (): Promise<{ url: string; name?: string | undefined; mediaType?: string | undefined; size?: number | undefined }> => {
        const asset = await client.getAsset({ id }, callOptions);
        if (!asset.contentUrl) {
          throw new ApiError({
            kind: 'not-ready',
            vendor: 'egain',
            operation: 'downloadAsset',
            params: { id },
            message: 'the asset has no contentUrl',
            hint: 'It was created, but its content was not uploaded (yet).',
            outcome: 'refused',
            retryable: true,
            attempts: 1,
          });
        }
        return { url: asset.contentUrl, name: asset.name, mediaType: asset.contentType, size: asset.size };
      };
      return downloadSigned(connection, { operation: 'downloadAsset', params: { id }, sign, options: callOptions });
    },
  };
  return Object.assign(client, jobs);
}

/** Turns mistakes in `auth` into the error that all mistakes of the caller are. */
export function checkedStrategy(options: { readonly auth: EgainAuth }, operation: string): ReturnType<typeof egainStrategy> {
  try {
    if (options?.auth === undefined) throw new TypeError('auth is required');
    return egainStrategy(options.auth);
  } catch (error) {
    throw invalidRequest({
      vendor: 'egain',
      operation,
      message: (error as Error).message,
      hint: 'Give clientCredentials({ tokenUrl, clientId, clientSecret, scope }), authorizationCode({ ... }), a token, or a function that gives one.',
    });
  }
}

function contentTypeOf(name: string, content: BinaryBody, fromName: boolean): string {
  const type = (content as { readonly type?: unknown } | undefined)?.type;
  const own = typeof type === 'string' && type !== '' ? type : undefined;
  const byName = typeof name === 'string' ? lookup(name) : undefined;
  return (fromName ? (byName ?? own) : (own ?? byName)) ?? 'application/octet-stream';
}

/** The caller may want to remember the id before anything can be lost. */
async function tellCreated(onCreated: UploadAssetParams['onCreated'], id: string): Promise<void> {
  try {
    await onCreated?.({ id });
  } catch (cause) {
    const hint = 'No content was sent; the created asset is empty.';
    throw atStep(invalidRequest({ vendor: 'egain', operation: 'uploadAsset', message: 'onCreated failed', hint, cause }), 'uploadContent', id);
  }
}

/** Says which half of the job failed, and what it leaves on eGain's side. */
function atStep(error: unknown, step: 'createAsset' | 'uploadContent', id?: string | undefined): unknown {
  if (!ApiError.is(error)) return error;
  return Object.assign(error, { step }, id === undefined ? {} : { leftBehind: Object.freeze({ id }) });
}
