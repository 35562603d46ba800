import {
  checkArgument,
  checkContent,
  connect,
  multipart,
  uploadSigned,
  wrongArgument,
  type BinaryBody,
  type CallOptions,
  type ClientOptions,
  type Connection,
  type JobRules,
  type OutgoingBody,
} from '@asset-clients/runtime';

import { uploadErrors } from './errors.ts';

/** How the signed upload is sent, where eGain's documentation leaves it open. */
export interface EgainUploadOptions {
  /** Default `'POST'` (assumption `egain-conversation-upload-method`). */
  readonly uploadMethod?: 'POST' | 'PUT' | undefined;
  /** More headers for the storage. Default none (assumption `egain-conversation-upload-headers`). */
  readonly uploadHeaders?: Readonly<Record<string, string>> | undefined;
  /** Raw bytes or a form with one part named `file`. Default `'binary'` (assumption `egain-conversation-upload-body`). */
  readonly uploadBody?: 'binary' | 'multipart' | undefined;
}

/** Arguments of {@link uploadContent}. */
export interface UploadContentParams {
  /** The signed URL that `createAsset` gave; a secret. */
  readonly contentUrl: string;
  /** A Blob, bytes, a stream, an async iterable, or a source with a size. */
  readonly content: BinaryBody;
  /** Media type; must be the one that the URL was signed for. */
  readonly contentType: string;
  /** Bytes, where the content does not know them. */
  readonly size?: number | undefined;
  /** File name, for `uploadBody: 'multipart'`. */
  readonly name?: string | undefined;
}

/** What the storage answered. */
export interface UploadedContent {
  /** Bytes sent. */
  readonly bytes: number;
  readonly status: number;
}

/** Options of {@link uploadContent}. */
export type UploadContentOptions = EgainUploadOptions &
  CallOptions &
  Pick<ClientOptions, 'fetch' | 'clock' | 'trustedOrigins' | 'logger' | 'logLevel' | 'proxy' | 'ca'>;

/**
 * Sends bytes to a signed URL of eGain. It needs no credentials: a browser may do this half, while a server creates the
 * asset. Sent once, never repeated.
 *
 * @throws ApiError `invalid-request` when the content is empty, of unknown or wrong size; else what the storage answered.
 * @example
 * ```ts
 * await uploadContent({ contentUrl, content: file, contentType: file.type });
 * ```
 */
export async function uploadContent(params: UploadContentParams, options: UploadContentOptions = {}): Promise<UploadedContent> {
  const { origin } = new URL(checkUpload(params).contentUrl);
  const { uploadMethod, uploadHeaders, uploadBody, fetch, clock, trustedOrigins, logger, logLevel, proxy, ca, ...callOptions } = options;
  const how = { uploadMethod, uploadHeaders, uploadBody };
  checkUploadOptions(how, 'uploadContent');
  const connection = connect({ baseUrl: origin, fetch, clock, trustedOrigins, logger, logLevel, proxy, ca }, { vendor: 'egain', errors: uploadErrors });
  try {
    return await sendContent(connection, params, how, callOptions);
  } finally {
    await connection.close();
  }
}

/** The upload over a client's own connection. */
export async function sendContent(
  connection: Connection,
  params: UploadContentParams,
  how: EgainUploadOptions,
  options: CallOptions | undefined,
): Promise<UploadedContent> {
  const { contentUrl, content, contentType, size, name } = checkUpload(params);
  const shown = { contentType, size, name };
  const bytes = sizedBody(content, size, UPLOAD_CONTENT, shown);
  const encoded =
    how.uploadBody === 'multipart'
      ? multipart.encode({ file: { content, size: bytes.size, name: name ?? 'file', type: contentType } })
      : { contentType, body: bytes };
  const answer = await uploadSigned(connection, {
    operation: 'uploadContent',
    params: shown,
    method: how.uploadMethod ?? 'POST',
    url: contentUrl,
    contentType: encoded.contentType,
    body: encoded.body,
    headers: how.uploadHeaders,
    options,
  });
  return { bytes: bytes.size!, status: answer.status };
}

const UPLOAD_CONTENT: JobRules = {
  vendor: 'egain',
  operation: 'uploadContent',
  members: {
    contentUrl: { type: 'string', secret: true },
    content: {},
    contentType: { type: 'string' },
    size: {},
    name: { type: 'string', minLength: 1 },
  },
  required: ['contentUrl', 'contentType'],
};

function checkUpload(params: UploadContentParams): UploadContentParams {
  const { contentUrl, contentType } = checkArgument(params, UPLOAD_CONTENT);
  if (!/^https?:/i.test(contentUrl) || !URL.canParse(contentUrl)) {
    throw wrongArgument(UPLOAD_CONTENT, params, 'contentUrl is not an absolute URL of http or https');
  }
  checkMediaType(contentType, UPLOAD_CONTENT, params);
  return params;
}

/** A media type, which becomes a header as it is. */
export function checkMediaType(contentType: string, job: Pick<JobRules, 'vendor' | 'operation'>, params: unknown): string {
  if (/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ *(?:;[\t\x20-\x7e]*)?$/.test(contentType)) return contentType;
  throw wrongArgument(job, params, 'contentType must be a media type, for example "image/jpeg"');
}

/** What plain JavaScript may get wrong in the options. */
export function checkUploadOptions({ uploadMethod = 'POST', uploadBody = 'binary' }: EgainUploadOptions, operation: string): void {
  const refuse = (message: string): never => {
    throw wrongArgument({ vendor: 'egain', operation }, undefined, message, 'Correct the option, or leave it out.');
  };
  if (uploadMethod !== 'POST' && uploadMethod !== 'PUT') refuse("uploadMethod must be 'POST' or 'PUT'");
  if (uploadBody !== 'binary' && uploadBody !== 'multipart') refuse("uploadBody must be 'binary' or 'multipart'");
}

/** A body whose size is known: the storage compares it with the signed one. */
export function sizedBody(content: BinaryBody, size: number | undefined, job: Pick<JobRules, 'vendor' | 'operation'>, params: unknown): OutgoingBody {
  const body = checkContent(content, size, job, params);
  if (body.size === undefined) {
    const hint = 'Give the exact number of bytes as size; eGain binds the URL to it.';
    throw wrongArgument(job, params, 'size is required: this content does not know its own', hint);
  }
  if (body.size === 0) throw wrongArgument(job, params, 'content is empty: eGain takes 1 byte to 10 MiB');
  return body;
}
