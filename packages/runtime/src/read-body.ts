/** Reads answer bodies with a limit on silence. */

import type { Clock } from './clock.ts';
import { BodyTooLargeError, ConnectionError, NoAnswerError, SilenceError } from './faults.ts';

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
  const onAbort = (): void => stop(signals.find((signal) => signal.aborted)?.reason);
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  if (signals.some((signal) => signal.aborted)) onAbort();
  const end = totalMs === false ? undefined : clock.setTimeout(() => stop(new NoAnswerError(`the body did not end within ${totalMs} ms`)), totalMs);
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
      let timer: unknown;
      if (idleTimeoutMs !== false) {
        timer = clock.setTimeout(() => stop(new SilenceError(`the body was silent for ${idleTimeoutMs} ms (idleTimeoutMs)`)), idleTimeoutMs);
      }
      // A race of promises would keep one reaction per chunk alive.
      const next = await new Promise<ReadResult>((resolve, reject) => {
        interrupt = reject;
        reading.then(resolve, (error: unknown) =>
          reject(error instanceof ConnectionError ? error : new ConnectionError('the connection broke', { cause: error })),
        );
      }).finally(() => {
        interrupt = undefined;
        if (timer !== undefined) clock.clearTimeout(timer);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (end !== undefined) clock.clearTimeout(end);
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
    // Ends a read that never comes back and frees the connection; at the end of the body it does nothing.
    void reader.cancel().catch(() => undefined);
  }
}

/** An answer that is read into memory may take so many times the limit on silence. */
const LONGEST_IN_SILENCES = 10;

/**
 * A whole body in memory.
 *
 * @param maxBytes - More than this many, decompressed, end the reading with a {@link BodyTooLargeError}.
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
    if (chunk.length > room) throw new BodyTooLargeError(`the answer has more than ${maxBytes} bytes`);
  };
  const reader = openBody(response);
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

/** Several chunks as one. */
export function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/** Reads the body of an answer of our own transport, as it came, without a web stream between: that costs as much as the rest. */
export const READ_DIRECTLY: unique symbol = Symbol('readDirectly');

/** Reads one header of an answer of our own transport: its Headers are made when somebody asks for all. */
export const READ_HEADER: unique symbol = Symbol('readHeader');

/** A header's value; `null` where there is none. */
export function headerOf(response: Response, name: string): string | null {
  return READ_HEADER in response ? (response[READ_HEADER] as (name: string) => string | null)(name) : response.headers.get(name);
}

/** The body of an answer as it came; `undefined` where there is none. */
export function readerOf(response: Response): ByteReader | undefined {
  return READ_DIRECTLY in response ? (response[READ_DIRECTLY] as () => ByteReader | undefined)() : (response.body?.getReader() as ByteReader | undefined);
}

/** Some gateways compress although nobody asked; platform fetch has decoded that already. */
function openBody(response: Response): ByteReader | undefined {
  const encoding = headerOf(response, 'content-encoding')?.trim().toLowerCase();
  const { body } = READ_DIRECTLY in response && encoding !== undefined && encoding !== '' && encoding !== 'identity' ? response : { body: null };
  if (body === null) return readerOf(response);
  const format = encoding === 'x-gzip' ? 'gzip' : encoding === 'br' ? 'brotli' : encoding;
  const decompressor = new DecompressionStream(format as CompressionFormat) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  return body.pipeThrough(decompressor).getReader() as ByteReader;
}
