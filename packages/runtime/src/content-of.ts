/** Content that no client fetched: a file of this machine, bytes in memory, a system with an SDK of its own. */

import { joinSignals } from './abort.ts';
import type { CallContext, CallFailure, RunningCall } from './call-context.ts';
import { Content } from './content.ts';
import { systemClock, type Clock } from './clock.ts';
import { ApiError, invalidRequest } from './errors.ts';
import { isFault } from './faults.ts';
import type { CallOptions } from './options.ts';
import { binaryBody } from './binary-body.ts';
import type { BinaryBody } from './binary-value.ts';
import { toReadableStream, type OutgoingBody } from './outgoing-body.ts';
import { Redactor } from './redact.ts';

/** What is known of the bytes given to {@link contentOf}. */
export interface ContentFacts {
  /** Bytes, where the source does not know them itself; where it gives more or fewer, reading fails (`integrity`). */
  readonly size?: number | undefined;
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly lastModified?: Date | undefined;
  /** Where the bytes come from, for the receipt; default `'local:'`. */
  readonly url?: string | undefined;
  /** The name of the system in errors. */
  readonly vendor?: string | undefined;
  /** The name of the call in errors; default `'download'`. */
  readonly operation?: string | undefined;
  /** Time for `idleTimeoutMs` and `deadlineMs`. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/**
 * A {@link Content} of bytes that were not fetched by a client of this library: same ways of reading, checks and receipt.
 * A source that fails is not asked again.
 *
 * @param source - Bytes, a Blob, a stream, an async iterable or a file source; opened when the content is read.
 * @param options - `signal`, `onProgress`, `idleTimeoutMs` and `deadlineMs` hold while it is read.
 * @throws ApiError of kind `invalid-request` when the source has no form that can be read, or another size than stated.
 * @example
 * ```ts
 * const content = contentOf(await fileSource('photo.jpg'), { mediaType: 'image/jpeg' });
 * await content.toFile('copy.jpg');
 * ```
 */
export function contentOf(source: BinaryBody, facts: ContentFacts = {}, options: CallOptions = {}): Content {
  const { vendor, operation = 'download', name = ownName(source), mediaType = ownType(source), lastModified, url = 'local:', clock = systemClock } = facts;
  let body: OutgoingBody;
  try {
    body = binaryBody(source, facts.size);
  } catch (error) {
    throw invalidRequest({ vendor, operation, message: `the content ${(error as Error).message}` });
  }
  const headers = new Headers();
  if (body.size !== undefined) headers.set('content-length', String(body.size));
  if (mediaType !== undefined) headers.set('content-type', mediaType);
  if (lastModified !== undefined) headers.set('last-modified', lastModified.toUTCString());
  const fail = (init: CallFailure): ApiError => {
    // The only "connection" here is the source.
    if (init.kind !== 'network') return new ApiError({ vendor, operation, attempts: 1, ...init, status: undefined });
    const cause = innermost(init.cause);
    if (ApiError.is(cause)) return cause;
    const isWrongSize = isFault(cause, 'SourceSizeError');
    return new ApiError({
      kind: isWrongSize ? 'integrity' : 'unexpected',
      vendor,
      operation,
      message: isWrongSize ? cause.message : 'the source failed while it was read',
      outcome: 'unknown',
      retryable: true,
      attempts: 1,
      cause: isWrongSize ? undefined : cause,
    });
  };
  const signals = options.signal === undefined ? [] : [options.signal];
  const deadlineMs = options.deadlineMs ?? false;
  const startedAt = clock.now();
  const call: RunningCall = {
    // Reading asks for no more of a client than this.
    context: { profile: { vendor: vendor ?? '' }, clock, redactor: new Redactor(), baseUrl: new URL('local:') } as unknown as CallContext,
    // No method of HTTP: what broke is not continued.
    operation: { id: operation, method: 'READ', path: '', responses: {} },
    params: undefined,
    options,
    idleTimeoutMs: options.idleTimeoutMs ?? false,
    attempts: 1,
    signatures: 0,
    redirected: false,
    startedAt,
    waitedMs: 0,
    url,
    isForeign: false,
    address: name === undefined ? undefined : { url: new URL('local:'), name },
    signals,
    watch: (...others) => joinSignals([...signals, ...others], deadlineMs, clock, deadlineMs === false ? false : startedAt + deadlineMs - clock.now()),
    fail,
    refuse: (message, hint, more) => fail({ kind: 'invalid-request', message, outcome: 'not-sent', hint, ...more }),
    reopen: ({ failure }) => Promise.reject(failure),
  };
  return new Content(new Response(toReadableStream(body.open()), { headers }), call);
}

function ownName(source: BinaryBody): string | undefined {
  const name = (source as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

function ownType(source: BinaryBody): string | undefined {
  const type = (source as { readonly type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** The transport's words around a failure of the source say nothing here. */
function innermost(error: unknown): unknown {
  const { name, cause } = (error ?? {}) as { readonly name?: string; readonly cause?: unknown };
  return cause !== undefined && (name === 'SourceReadError' || name === 'ConnectionError') ? innermost(cause) : error;
}
