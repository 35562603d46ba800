/** Bytes that a caller wants to send, whatever form they have: opened as late as possible, never collected in memory. */

import { SourceReadError, SourceSizeError } from './faults.ts';

/** What can be sent as binary content. A stream or an iterable can be read once, so a failed upload of it is not repeated. */
export type BinaryBody = Blob | ArrayBuffer | ArrayBufferView | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | SizedSource;

/** A source that says its size and can be opened again, for example a file (`fileSource` of `@asset-clients/runtime/node`). */
export interface SizedSource {
  /** Bytes. */
  readonly size: number;
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  /** Gives the bytes from the beginning; called once for each attempt. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A body on its way to the transport. */
export interface OutgoingBody {
  /** Bytes, where known before reading. */
  readonly size: number | undefined;
  /** Whether {@link OutgoingBody.open} may be called again. */
  readonly repeatable: boolean;
  /** Text or bytes that are in memory anyway. */
  readonly data?: string | Uint8Array<ArrayBuffer>;
  /** The whole as a Blob, where that copies nothing: browsers cannot send streams. */
  readonly blob?: () => Blob;
  /** Called when the whole is handed to the transport in one piece. */
  readonly onWhole?: () => void;
  /** Opens the bytes; with a known size the stream fails rather than give more or fewer. */
  open(): AsyncIterable<Uint8Array>;
}

const encoder = new TextEncoder();

/** Text as a body. */
export function textBody(text: string): OutgoingBody {
  return {
    get size() {
      return encoder.encode(text).length;
    },
    repeatable: true,
    data: text,
    async *open() {
      yield encoder.encode(text);
    },
  };
}

/** Whether a value can be sent as binary content. */
export function isBinaryBody(value: unknown): value is BinaryBody {
  if (typeof value !== 'object' || value === null) return false;
  return (
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    value instanceof Blob ||
    value instanceof ReadableStream ||
    Symbol.asyncIterator in value ||
    (typeof (value as Partial<SizedSource>).stream === 'function' && typeof (value as Partial<SizedSource>).size === 'number')
  );
}

/**
 * Binary content as a body.
 *
 * @param size - Bytes, where the source does not know them itself; where it does, both must agree.
 * @throws TypeError when the content has no form that can be sent, or its size is not the declared one.
 */
export function binaryBody(content: BinaryBody, size?: number): OutgoingBody {
  if (typeof content === 'string') throw new TypeError('is a string; give bytes, for example new TextEncoder().encode(text)');
  if (!isBinaryBody(content)) throw new TypeError('must be a Blob, bytes, a stream, an async iterable or a file source');
  const declared = checkSize(size);
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    const bytes =
      content instanceof ArrayBuffer ? new Uint8Array(content) : new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
    agree(bytes.length, declared);
    return {
      size: bytes.length,
      repeatable: true,
      data: bytes,
      async *open() {
        yield bytes;
      },
    };
  }
  const isSized =
    content instanceof Blob || (typeof (content as Partial<SizedSource>).stream === 'function' && typeof (content as Partial<SizedSource>).size === 'number');
  if (isSized) {
    const sized = content as SizedSource;
    agree(sized.size, declared);
    return { size: sized.size, repeatable: true, open: () => exactly(sized.stream(), sized.size), ...(content instanceof Blob && { blob: () => content }) };
  }
  let opened = false;
  return {
    size: declared,
    repeatable: false,
    open() {
      if (opened) throw new SourceReadError('The stream was already read; give a Blob, bytes or a file source to allow another attempt.');
      opened = true;
      return exactly(content as ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, declared);
    },
  };
}

function checkSize(size: number | undefined): number | undefined {
  if (size === undefined) return undefined;
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError(`has a size of ${String(size)}; it must be a whole number of bytes`);
  return size;
}

function agree(actual: number, declared: number | undefined): void {
  if (declared !== undefined && declared !== actual) throw new TypeError(`has ${actual} bytes, but size says ${declared}`);
}

/** Tells how far a body has come on its way. Texts are no transfers; what is in memory goes out in one piece. */
export function withProgress(body: OutgoingBody, onProgress: (bytes: number, total: number | undefined) => void): OutgoingBody {
  if (typeof body.data === 'string') return body;
  const { size } = body;
  const tell = (bytes: number): void => {
    try {
      onProgress(bytes, size);
    } catch (error) {
      throw new SourceReadError('onProgress failed.', { cause: error });
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
}

/** Passes the bytes through and fails when they are more or fewer than promised. */
async function* exactly(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, size: number | undefined): AsyncIterable<Uint8Array> {
  let sent = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of readChunks(source)) {
    if (!(chunk instanceof Uint8Array)) throw new SourceReadError(`The source gave a ${typeof chunk} where bytes (Uint8Array) are expected.`);
    sent += chunk.length;
    if (size !== undefined && sent > size) throw new SourceSizeError(`The source has more than the declared ${size} bytes.`);
    if (chunk.length === 0) continue;
    // The receiver takes the upload for complete with the last declared byte: that one waits until the source has ended.
    if (sent === size) last = chunk;
    else yield chunk;
  }
  if (size !== undefined && sent < size) throw new SourceSizeError(`The source ended after ${sent} of the declared ${size} bytes.`);
  if (last !== undefined) yield last;
}

/** Reads a stream where streams are not iterable yet (Safari), and closes it when the reader stops early. */
export async function* readChunks(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    if (!(source instanceof ReadableStream)) {
      yield* source;
      return;
    }
    const reader = source.getReader();
    let finished = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
      finished = true;
    } finally {
      if (!finished) await reader.cancel().catch(() => undefined);
      reader.releaseLock();
    }
  } catch (error) {
    if (error instanceof SourceReadError || error instanceof SourceSizeError) throw error;
    throw new SourceReadError('The source failed while it was read.', { cause: error });
  }
}

/**
 * A platform stream of an iterable, with back-pressure.
 *
 * @param onCancel - Called first: returning an iterator that was never started runs none of its code.
 */
export function toReadableStream(chunks: AsyncIterable<Uint8Array>, onCancel?: (reason: unknown) => unknown): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
      async cancel(reason) {
        await onCancel?.(reason);
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
