/** How bodies go out that are more than a text: whole, as a Blob or as a stream, watched on their way. */

import { Fault } from './faults.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import * as platform from './platform/node.ts';
import type { TransportBody } from './platform/platform.ts';
import { MOST_COLLECTED } from './platform/stream-body.ts';
import { sourceFault } from './source-fault.ts';

/** A body as the transport gets it, or as fetch does. */
export interface Carrier extends TransportBody {
  /** What fetch is told of a stream. */
  readonly init?: Pick<RequestInit, 'body'> & { readonly duplex?: 'half'; readonly headers?: Readonly<Record<string, string>> };
}

/** The time limits of the exchange that a body belongs to. */
export interface TransferLimits {
  readonly timeoutMs: number | false;
  readonly idleTimeoutMs: number | false;
  /** Sets the limit anew: what is said when it is over, and when that is. */
  arm(ms: number | false, message: string): void;
  /** Sets the limit for the answer. */
  armAnswer(): void;
  /** Ends the exchange: a fetch function tells of a failed source only that the connection failed. */
  stop(fault: unknown): void;
}

/** What bodies of this kind bring. */
export interface Transfer {
  /** Why the platform cannot send it, if so: what cannot be streamed must be in memory, or have room there. */
  refusal(body: OutgoingBody): string | undefined;
  carry(body: OutgoingBody, byFetch: boolean, limits: TransferLimits): Carrier | Promise<Carrier>;
  /** The body, telling how far it has come; what is in memory goes out in one piece. */
  watched(body: OutgoingBody, onProgress: (bytes: number, total: number | undefined) => void): OutgoingBody;
}

/** Bytes per millisecond: 1 Mbit/s. */
const SLOWEST_UPLOAD = 125;

export const transfer: Transfer = {
  refusal({ data, blob, size = Infinity }) {
    if (data !== undefined || blob !== undefined || size <= MOST_COLLECTED || platform.sendsStreams()) return undefined;
    return 'a browser (or what has its fetch) cannot send a stream of unknown size, or of more than 16 MiB: give a Blob (a File is one) or bytes';
  },

  carry(body, byFetch, { timeoutMs, idleTimeoutMs, arm, armAnswer, stop }) {
    const { size } = body;
    // Browsers cannot send streams, and no fetch tells the length of one; Blobs it sends without reading them into memory.
    const whole = body.data ?? (byFetch ? body.blob?.() : undefined);
    if (whole !== undefined) {
      body.onWhole?.();
      // Of a Blob that fetch sends nothing can be seen on its way: it gets time for its bytes on a slow line besides.
      if (whole instanceof Blob && timeoutMs !== false) {
        arm(timeoutMs + whole.size / SLOWEST_UPLOAD, `no answer within ${timeoutMs} ms (timeoutMs) after the time that the upload may take`);
      }
      return { size, whole };
    }
    // A long upload may take longer than an answer may: while it moves, only its silence counts.
    const onMove = (): void => arm(idleTimeoutMs, `the upload did not move for ${String(idleTimeoutMs)} ms (idleTimeoutMs)`);
    const stream = watchStream(body, onMove, armAnswer, stop);
    return byFetch ? toFetchBody(stream, size) : { size, stream };
  },

  watched(body, onProgress) {
    const { size } = body;
    const tell = (bytes: number): void => {
      try {
        onProgress(bytes, size);
      } catch (error) {
        throw sourceFault('SourceReadError', 'onProgress failed.', error);
      }
    };
    return {
      ...body,
      onWhole: () => tell(size ?? 0),
      async *open() {
        let sent = 0;
        for await (const chunk of body.open()) {
          yield chunk;
          tell((sent += chunk.length));
        }
      },
    };
  },
};

async function toFetchBody(stream: AsyncIterable<Uint8Array>, size: number | undefined): Promise<Carrier> {
  const { body, headers } = await platform.bodyOf(stream, size);
  return { size, init: { body, ...(body instanceof ReadableStream && { duplex: 'half' }), ...(headers && { headers }) } };
}

async function* watchStream(body: OutgoingBody, onMove: () => void, onEnd: () => void, onFault: (fault: unknown) => void): AsyncIterable<Uint8Array> {
  const { size } = body;
  let sent = 0;
  try {
    for await (const chunk of body.open()) {
      onMove();
      sent += chunk.length;
      yield chunk;
    }
  } catch (error) {
    // Nobody takes an upload for complete of which nothing came, or fewer bytes than its length says.
    const isCut = sent === 0 || (size !== undefined && sent < size);
    const fault = isCut && error instanceof Fault ? new Fault(error.name, error.message, error.cause, { ...error.meaning!, outcome: 'not-sent' }) : error;
    onFault(fault);
    throw fault;
  }
  onEnd();
}
