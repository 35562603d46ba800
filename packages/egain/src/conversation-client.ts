import {
  anyBody,
  ApiError,
  bindOperations,
  checkArgument,
  checkCallOptions,
  connect,
  downloadSigned,
  hashedContent,
  sayNextStep,
  wrongArgument,
  type AddressSource,
  type BinaryBody,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Content,
  type ErrorKind,
  type ErrorOutcome,
  type HashedContent,
  type JobRules,
  type Maker,
  type Schema,
} from '@asset-clients/runtime';
import { lookup } from 'mrmime';

import { egainStrategy, type EgainAuth } from './auth.ts';
import { egainErrors, egainProfile } from './errors.ts';
import { operations } from './generated/conversation/index.ts';
import type { CreateAssetRequest } from './generated/conversation/models.ts';
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

const OWN_OPTIONS: Record<Exclude<keyof EgainConversationClientOptions, keyof ClientOptions>, true> = {
  uploadMethod: true,
  uploadHeaders: true,
  uploadBody: true,
  userMessages: true,
  contentTypeFromName: true,
};
const UPLOAD_ASSET: JobRules = {
  vendor: 'egain',
  operation: 'uploadAsset',
  // The content is checked by what it is.
  members: {
    name: { type: 'string', minLength: 1, maxLength: 255 },
    content: {},
    channel: {},
    sender: {},
    size: {},
    contentType: { type: 'string' },
    confirm: { type: 'boolean' },
    onCreated: {},
  },
  required: ['name', 'channel', 'sender'],
};
/** What createAsset asks of channel and sender, under the names that they have here. */
function uploadRules(): JobRules {
  const { channel, sender } = (operations.createAsset.body!.content['application/json']!.schema as Schema).properties!;
  return { ...UPLOAD_ASSET, members: { ...UPLOAD_ASSET.members, channel: channel as Schema, sender: sender as Schema } };
}

const DOWNLOAD_ASSET: JobRules = { vendor: 'egain', operation: 'downloadAsset', members: { id: { type: 'string', minLength: 1 } }, required: ['id'] };

/** Arguments of `uploadAsset`. */
export interface UploadAssetParams extends Omit<CreateAssetRequest, 'size'> {
  /** A Blob, bytes, a stream, an async iterable, or a source with a size. */
  readonly content: BinaryBody;
  /** Bytes, 1 to 10,485,760; needed only where the content does not know them. */
  readonly size?: number | undefined;
  /** Media type, when it does not follow from the extension of `name`; one that contradicts it is refused (see `contentTypeFromName`). */
  readonly contentType?: string | undefined;
  /** Called with the new asset's id before any byte of its content is sent; waited for. When it fails, nothing is sent. */
  readonly onCreated?: ((created: { readonly id: string }) => void | Promise<void>) | undefined;
  /** Read the content back afterwards and compare it with what was sent. Default `false`. */
  readonly confirm?: boolean | undefined;
}

/** An asset with its content in place. */
export interface UploadedAsset {
  readonly id: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /**
   * What was proven by reading back: that the content has the same SHA-256, or (browsers, which cannot hash streams) the
   * same length; `'none'` without `confirm`.
   */
  readonly verified: 'checksum' | 'length' | 'none';
}

/** Where `uploadAsset` failed: `error.step`. */
export type UploadStep = 'createAsset' | 'uploadContent' | 'confirm';

/** An ApiError of `uploadAsset`, once its arguments were right. */
export interface UploadError extends ApiError {
  readonly step: UploadStep;
}

/** Tells an error of `uploadAsset` from others, also one of another installed copy of this package. */
export const UploadError: { is(error: unknown): error is UploadError } = {
  is: (error): error is UploadError => ApiError.is(error) && error.vendor === 'egain' && STEPS.includes(error.step),
};

const STEPS: readonly unknown[] = ['createAsset', 'uploadContent', 'confirm'] satisfies readonly UploadStep[];

/** What the conversation client does besides its operations. */
export interface EgainConversationJobs {
  /**
   * Creates an asset and uploads its content; with `confirm` it is read back and compared. No step is repeated that may
   * have made something: each signature is one more asset.
   *
   * @throws ApiError (`UploadError.is(error)`) with `step` ({@link UploadStep}) and the `outcome` of that step; from `'uploadContent'` on,
   *   `leftBehind` holds the id of the asset that exists now: without content, or (`outcome: 'unknown'`) perhaps with it, or
   *   (`'confirm'`) with one that is not proven.
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

/**
 * The eGain conversation client: one method per operation, and the jobs.
 *
 * @interface
 */
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
  const profile = { ...egainProfile(options?.userMessages === true ? { 'X-egain-error-message': 'yes' } : {}), errors: egainErrors };
  const connection = connect({ ...options, auth: undefined }, { ...profile, anyBody }, maker('createEgainConversationClient', options, OWN_OPTIONS));
  const client = bindOperations(connection, operations);

  const jobs: EgainConversationJobs = {
    async uploadAsset(params, callOptions) {
      const { name, channel, sender, size, confirm = false, onCreated } = checkArgument(params, uploadRules());
      checkCallOptions(connection, 'uploadAsset', callOptions);
      const bytes = sizedBody(params.content, size, UPLOAD_ASSET, params).size!;
      if (bytes > MOST_BYTES) throw wrongArgument(UPLOAD_ASSET, params, `content has ${bytes} bytes; eGain takes 1 to ${MOST_BYTES}`);
      const fromName = options.contentTypeFromName !== false;
      const chosen = params.contentType ?? contentTypeOf(name, params.content, fromName);
      const contentType = checkMediaType(chosen, UPLOAD_ASSET, params);
      if (fromName) checkTypeOfName(params, contentType);
      const source = confirm ? hashedContent(params.content) : undefined;
      const limits = wholeDeadline(callOptions);
      // What is told of progress is the way out.
      const quiet = (): CallOptions => ({ ...limits(), onProgress: undefined });

      const { id, contentUrl } = await atStep('createAsset', undefined, async () => {
        const created = await client.createAsset({ body: { channel, sender, name, size: bytes } }, quiet());
        if (created.id && created.contentUrl) return { id: created.id, contentUrl: created.contentUrl };
        const message = `the answer has no ${created.id ? 'contentUrl' : 'id'}`;
        const hint = 'eGain answers both, says its page; baseUrl may lead to another API.';
        throw Object.assign(failure('unexpected', 'createAsset', { name }, message, hint), created.id ? { leftBehind: Object.freeze({ id: created.id }) } : {});
      });
      await atStep('uploadContent', id, () => tellCreated(onCreated, id));
      await atStep('uploadContent', id, () =>
        sendContent(connection, { contentUrl, content: source?.content ?? params.content, contentType, size: bytes, name }, options, limits()),
      );
      const verified = source === undefined ? 'none' : await atStep('confirm', id, () => compare(id, bytes, source, quiet()));
      return { id, name, size: bytes, contentType, verified };
    },

    uploadContent: (params, callOptions) => sendContent(connection, params, options, callOptions),

    async downloadAsset(params, callOptions) {
      const { id } = checkArgument(params, DOWNLOAD_ASSET);
      const sign: AddressSource = async (_failure, signal) => {
        const asset = await client.getAsset({ id }, { ...callOptions, signal });
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

  /** Reads an upload back. */
  async function compare(id: string, bytes: number, source: HashedContent, callOptions: CallOptions): Promise<'checksum' | 'length'> {
    const content = await jobs.downloadAsset({ id }, { ...callOptions, sha256: true, accept: undefined, contentType: undefined });
    // Nothing is kept of it.
    for await (const _chunk of content);
    const arrived = content.receipt();
    const sent = await source.sha256();
    const hint = 'What eGain holds is not what was sent: delete it, and upload again.';
    if (arrived.bytes !== bytes) throw failure('integrity', 'downloadAsset', { id }, `eGain holds ${arrived.bytes} bytes of the ${bytes} sent`, hint);
    if (sent === undefined || arrived.sha256 === undefined) return 'length';
    if (sent !== arrived.sha256) throw failure('integrity', 'downloadAsset', { id }, 'eGain holds other bytes than were sent (sha256)', hint);
    return 'checksum';
  }

  /** `deadlineMs` is for the whole job: each step gets what is left. */
  function wholeDeadline(callOptions: CallOptions = {}): () => CallOptions {
    const deadlineMs = callOptions.deadlineMs ?? options.deadlineMs ?? false;
    const { clock } = connection;
    const started = clock.now();
    return () => (typeof deadlineMs === 'number' ? { ...callOptions, deadlineMs: Math.max(0, started + deadlineMs - clock.now()) } : callOptions);
  }

  return Object.assign(client, jobs);
}

/** What the two clients have in common. */
export function maker(operation: string, options: { readonly auth: EgainAuth }, own: object): Maker {
  return {
    operation,
    own: Object.keys(own),
    strategy: () => {
      if (options.auth === undefined) throw new TypeError('auth is required');
      return egainStrategy(options.auth);
    },
    hint: 'Give clientCredentials({ tokenUrl, clientId, clientSecret, scope }), authorizationCode({ ... }), a token, or a function that gives one.',
  };
}

function contentTypeOf(name: string, content: BinaryBody, fromName: boolean): string {
  const type = (content as { readonly type?: unknown } | undefined)?.type;
  const own = typeof type === 'string' && type !== '' ? type : undefined;
  const byName = typeof name === 'string' ? lookup(name) : undefined;
  return (fromName ? (byName ?? own) : (own ?? byName)) ?? 'application/octet-stream';
}

/** The storage refuses another type than that of signing, which is the name's: then an asset without content would be left. */
function checkTypeOfName(params: UploadAssetParams, contentType: string): void {
  const { name } = params;
  const signed = lookup(name);
  if (signed === undefined || signed === contentType.split(';', 1)[0]!.trim().toLowerCase()) return;
  throw wrongArgument(
    UPLOAD_ASSET,
    params,
    `contentType is ${contentType}, but eGain signs the upload of a file named "${name}" for ${signed}`,
    'Correct the extension of name, or leave contentType out. If your eGain takes any type: option contentTypeFromName: false.',
  );
}

/** The caller may want to remember the id before anything can be lost. */
async function tellCreated(onCreated: UploadAssetParams['onCreated'], id: string): Promise<void> {
  try {
    await onCreated?.({ id });
  } catch (cause) {
    throw wrongArgument(UPLOAD_ASSET, { id }, 'onCreated failed', 'No content was sent.', cause);
  }
}

function failure(kind: ErrorKind, operation: string, params: object, message: string, hint: string): ApiError {
  return new ApiError({ kind, vendor: 'egain', operation, params, message, hint, outcome: 'unknown', attempts: 1 });
}

/** Runs a step of an upload; its failure says which one it was, and what it leaves on eGain's side. */
async function atStep<Result>(step: UploadStep, id: string | undefined, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!ApiError.is(error)) throw error;
    sayNextStep(error, nextStep(step, error.outcome));
    throw Object.assign(
      error,
      { step },
      id === undefined ? {} : { leftBehind: Object.freeze({ id }) },
      // The content was accepted, whatever became of reading it.
      step === 'confirm' ? { outcome: 'unknown' } : {},
    );
  }
}

function nextStep(step: UploadStep, outcome: ErrorOutcome): string | undefined {
  if (step === 'uploadContent') {
    const left = outcome === 'unknown' ? '; whether its content arrived is not known: downloadAsset tells. Keep it, or' : ' without content:';
    return `The asset of leftBehind exists${left} delete it with deleteAsset; uploadAsset again makes another one.`;
  }
  if (step === 'confirm') return 'The asset of leftBehind has a content that is not proven: read it, or delete it with deleteAsset before you upload again.';
  return outcome === 'unknown' ? 'An asset without content, whose id is not known, may have been made; another uploadAsset makes another one.' : undefined;
}
