/** Transfers through signed URLs: addresses outside the API that are secrets themselves and see no other credential. */

import { runCall, type AddressSource, type CallContext } from './call.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import type { ApiResponse } from './method-types.ts';
import type { CallOptions } from './options.ts';
import type { OutgoingBody } from './outgoing-body.ts';

/** A download whose address a vendor's operation gives. */
export interface SignedDownload {
  /** The job's name in errors: `'downloadAsset'`. */
  readonly operation: string;
  /** The job's arguments, for errors. */
  readonly params: unknown;
  /** Asks the vendor for an address; called again for another attempt. */
  readonly sign: AddressSource;
  readonly options?: CallOptions | undefined;
}

/**
 * Opens a download through a signed URL.
 *
 * @throws ApiError: of the signing operation, of kind `unexpected` when the address is refused (see `trustedOrigins`), or
 *   what the storage answered.
 */
export async function downloadSigned(context: CallContext, download: SignedDownload): Promise<Content> {
  const operation: AnyOperation = {
    id: download.operation,
    method: 'GET',
    path: '',
    responses: { '200': ['*/*'] },
    binary,
    security: [],
  };
  const answer = await runCall(described(context, download.params), operation, {}, download.options, download.sign);
  return answer.data as Content;
}

/** An upload to an address that a vendor's operation gave. */
export interface SignedUpload {
  readonly operation: string;
  readonly params: unknown;
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly contentType: string;
  readonly body: OutgoingBody;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly options?: CallOptions | undefined;
}

/** Sends bytes to a signed URL: once, because the storage may have taken what looks like a failure from here. */
export async function uploadSigned(context: CallContext, upload: SignedUpload): Promise<ApiResponse<unknown>> {
  const operation: AnyOperation = {
    id: upload.operation,
    method: upload.method,
    path: '',
    body: { required: true, content: { [upload.contentType]: {} } },
    responses: {},
    security: [],
  };
  const options: CallOptions = { ...upload.options, maxRetries: false, headers: { ...upload.headers, ...upload.options?.headers } };
  return runCall(described(context, upload.params), operation, { body: upload.body }, options, async () => ({ url: upload.url }));
}

/** Errors show the job's arguments, not those of the plain transfer. */
function described(context: CallContext, params: unknown): CallContext {
  return { ...context, shownParams: params };
}
