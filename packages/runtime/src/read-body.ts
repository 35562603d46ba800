/** Reads answer bodies with a limit on silence. */

import { onAbort } from './abort.ts';
import { after, type Clock } from './clock.ts';
import { concat } from './concat.ts';
import { Fault, isFault } from './faults.ts';
import * as platform from './platform/node.ts';

export interface WatchOptions {
  readonly clock: Clock;
  /** Milliseconds; `false`: no limit. */
  readonly idleTimeoutMs: number | false;
  /** Milliseconds for the whole body: a byte now and then keeps it from being silent, but is no answer. Absent or `false`: no limit. */
  readonly totalMs?: number | false | undefined;
  /** Each ends the reading with its reason. */
  readonly signals: readonly AbortSignal[];
}

/** Gives the chunks of a body; what is at hand comes without a promise. `ReadableStreamDefaultReader` is one. */
export interface ByteReader {
  read(): Promise<ReadResult> | ReadResult;
  /** What is at hand; `undefined` when it has to be awaited. */
  readNow?(): ReadResult | undefined;
  cancel(): Promise<void>;
}

type ReadResult = { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value?: undefined };

/**
 * The chunks of a body. The limit is armed while a chunk is awaited, never while the consumer is busy. Leaving the loop
 * at any point frees the connection.
 */
export async function* readWatched(reader: ByteReader, options: WatchOptions): AsyncIterable<Uint8Array> {
  const { clock, idleTimeoutMs, totalMs = false, signals } = options;
  let stopped: { readonly reason: unknown } | undefined;
  let interrupt: ((reason: unknown) => void) | undefined;
  const stop = (reason: unknown): void => {
    stopped ??= { reason };
    interrupt?.(reason);
    // A consumer that is busy must not hold the connection.
    void reader.cancel().catch(() => undefined);
  };
  const release = onAbort(signals, stop);
  const cancelEnd = after(clock, totalMs, () => stop(new Fault('NoAnswerError', `the body did not end within ${String(totalMs)} ms`)));
  try {
    for (;;) {
      if (stopped !== undefined) throw stopped.reason;
      const reading = reader.read();
      // Not by instanceof: jest and other realms have a Promise of their own.
      if ('done' in reading) {
        if (reading.done) return;
        yield reading.value;
        continue;
      }
      const cancelIdle = after(clock, idleTimeoutMs, () => stop(silence(idleTimeoutMs)));
      // A race of promises would keep one reaction per chunk alive.
      const next = await new Promise<ReadResult>((resolve, reject) => {
        interrupt = reject;
        reading.then(resolve, (error: unknown) =>
          reject(isFault(error, 'ConnectionError') ? error : new Fault('ConnectionError', 'the connection broke', error)),
        );
      }).finally(() => {
        interrupt = undefined;
        cancelIdle();
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    cancelEnd();
    release();
    // Ends a read that never comes back and frees the connection; at the end of the body it does nothing.
    void reader.cancel().catch(() => undefined);
  }
}

export function silence(idleTimeoutMs: number | false): Fault {
  return new Fault('SilenceError', `the body was silent for ${String(idleTimeoutMs)} ms (idleTimeoutMs)`);
}

/** An answer that is read into memory may take so many times the limit on silence. */
const LONGEST_IN_SILENCES = 10;

/**
 * A whole body in memory.
 *
 * @param maxBytes - More than this many, decompressed, end the reading with a fault.
 */
export async function readWhole(response: Response, maxBytes: number, options: WatchOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { idleTimeoutMs } = options;
  const totalMs = idleTimeoutMs === false ? false : idleTimeoutMs * LONGEST_IN_SILENCES;
  const { bytes, fault } = await readBeginning(response, maxBytes, { totalMs, ...options });
  if (fault !== undefined) throw fault.error;
  return bytes;
}

/** As {@link readWhole}; where that would throw, this gives what came until then. */
export async function readBeginning(
  response: Response,
  maxBytes: number,
  options: WatchOptions,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; fault?: { readonly error: unknown } }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    const room = maxBytes - size;
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += Math.min(chunk.length, room);
    if (chunk.length > room) throw new Fault('BodyTooLargeError', `the answer has more than ${maxBytes} bytes`);
  };
  const reader = platform.openBody(response);
  if (reader === undefined) return { bytes: concat(chunks, size) };
  try {
    // A short answer came with its headers: nothing is awaited, so nothing needs to be watched.
    let next = options.signals.some((signal) => signal.aborted) ? undefined : reader.readNow?.();
    for (; next?.done === false; next = reader.readNow?.()) take(next.value);
    if (next === undefined) for await (const chunk of readWatched(reader, options)) take(chunk);
  } catch (error) {
    void reader.cancel().catch(() => undefined);
    return { bytes: concat(chunks, size), fault: { error } };
  }
  return { bytes: chunks.length === 1 ? (chunks[0] as Uint8Array<ArrayBuffer>) : concat(chunks, size) };
}
