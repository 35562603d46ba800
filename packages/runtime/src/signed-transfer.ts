/** Transfers through signed URLs: addresses outside the API that are secrets themselves and see no other credential. */

import { untilAborted } from './abort.ts';
import { checkCallOptions, runCall, type FindAddress } from './call.ts';
import type { CallContext, ForeignAddress } from './call-context.ts';
import { binary, type Content } from './content.ts';
import type { ApiError } from './errors.ts';
import type { Exchanger } from './exchange.ts';
import type { ApiResponse } from './method-types.ts';
import type { AnyOperation, BodyEncoder } from './operation.ts';
import type { CallOptions } from './options.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { storageErrors, storageRetryTable } from './storage-tables.ts';
import { OriginPolicy, PUBLIC_HEADERS } from './untrusted-url.ts';

/** An address outside the API, given out by the vendor: no credentials are sent there. */
export interface SignedAddress {
  readonly url: string;
  /** What the vendor says of the file. */
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  /** Bytes; the answer must have as many. */
  readonly size?: number | undefined;
}

/**
 * Gives a fresh address; called for every attempt, because signed URLs expire and may work once only.
 *
 * @param failure - What became of the address before, where there was one: refused (it has a `status` of 400 or more),
 *   or broken.
 * @param signal - Ends the asking: by the caller, the client, or the deadline of the download.
 */
export type AddressSource = (failure: ApiError | undefined, signal: AbortSignal | undefined) => Promise<SignedAddress>;

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
  const { operation: id, params, sign, options } = download;
  checkCallOptions(context, id, options);
  const operation: AnyOperation = { id, method: 'GET', path: '', responses: { '200': ['*/*'] }, binary, security: [] };
  const address: FindAddress = async (failure, signal) => checkAddress(context, await sign(failure, signal));
  const answer = await runCall(storageContext(context, id, params), operation, {}, { ...options, headers: publicOnes(options?.headers) }, address);
  return answer.data as Content;
}

/** An address that is being asked for. */
interface Signing {
  readonly address: Promise<SignedAddress>;
  readonly stop: AbortController;
  waiting: number;
}

const signings = new WeakMap<Exchanger, Map<string, Signing>>();

/**
 * Asks for an address once for all downloads of a client that wait for the same one, and not again before they have it.
 * Only for addresses that may be used several times. The asking ends when nobody waits any more.
 *
 * @param what - Names what the address is for.
 * @param options - Of the call; calls with other headers or limits ask for themselves.
 * @param ask - Asks the vendor.
 */
export async function signOnce(
  { exchanger }: CallContext,
  what: readonly string[],
  { signal, headers, timeoutMs, idleTimeoutMs, maxRetries }: CallOptions,
  ask: (options: CallOptions) => Promise<SignedAddress>,
): Promise<SignedAddress> {
  const all = signings.get(exchanger) ?? new Map<string, Signing>();
  signings.set(exchanger, all);
  const options = { headers, timeoutMs, idleTimeoutMs, maxRetries };
  const key = JSON.stringify([what, options]);
  const signing = all.get(key) ?? startSigning(ask, options, (ended) => void (all.get(key) === ended && all.delete(key)));
  all.set(key, signing);
  signing.waiting += 1;
  try {
    return await untilAborted(signing.address, signal);
  } finally {
    signing.waiting -= 1;
    if (signing.waiting === 0) {
      if (all.get(key) === signing) all.delete(key);
      signing.stop.abort();
    }
  }
}

/** @param onEnd - Called when the vendor has answered: whoever comes then needs a later address. */
function startSigning(ask: (options: CallOptions) => Promise<SignedAddress>, options: CallOptions, onEnd: (signing: Signing) => void): Signing {
  const stop = new AbortController();
  const signing: Signing = { address: ask({ ...options, signal: stop.signal }), stop, waiting: 0 };
  const end = (): void => onEnd(signing);
  signing.address.then(end, end);
  return signing;
}

/** An upload to an address that a vendor's operation gave. */
export interface SignedUpload {
  readonly operation: string;
  readonly params: unknown;
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly contentType: string;
  readonly body: OutgoingBody;
  /** What the storage wants besides, sent as it is. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly options?: CallOptions | undefined;
}

/** Sends bytes to a signed URL: once, because the storage may have taken what looks like a failure from here. */
export async function uploadSigned(context: CallContext, upload: SignedUpload): Promise<ApiResponse<unknown>> {
  const { operation: id, params, method, url, contentType, body, options } = upload;
  checkCallOptions(context, id, options);
  const operation: AnyOperation = {
    id,
    method,
    path: '',
    body: { required: true, content: { [contentType]: { encode: prepared } } },
    responses: {},
    security: [],
  };
  const headers = { ...publicOnes(options?.headers), ...upload.headers };
  const address = async (): Promise<ForeignAddress> => checkAddress(context, { url });
  return runCall(storageContext(context, id, params), operation, { body }, { ...options, headers, maxRetries: false }, address);
}

/** The body is ready to be sent. */
const prepared: BodyEncoder = { encode: (body, _encoding, contentType) => ({ contentType, body: body as OutgoingBody }) };

/** The address as it may be asked; its signature is as good as a password. */
function checkAddress({ redactor, baseUrl, options }: CallContext, address: SignedAddress): ForeignAddress {
  const query = address.url.split('?', 2)[1];
  redactor.add(address.url, query);
  for (const [, value] of new URLSearchParams(query)) if (value.length >= 16) redactor.add(value);
  return { ...address, url: new OriginPolicy(baseUrl, options.trustedOrigins).check(address.url) };
}

/** Headers of a call are meant for the vendor: of them the storage sees only those that cannot hold a credential. */
function publicOnes(headers: CallOptions['headers']): CallOptions['headers'] {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => PUBLIC_HEADERS.has(name.toLowerCase())));
}

/** Of the vendor's error table only rows that name the job are about its storage; errors show the job's arguments. */
function storageContext(context: CallContext, job: string, params: unknown): CallContext {
  const { vendor, errors = [] } = context.profile;
  return {
    ...context,
    get closed() {
      return context.closed;
    },
    profile: { vendor, errors: [...errors.filter(({ operations }) => operations?.includes(job)), ...storageErrors], retry: storageRetryTable },
    shownParams: params,
  };
}
