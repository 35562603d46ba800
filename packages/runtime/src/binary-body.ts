/** Bytes that a caller wants to send, whatever form they have: opened as late as possible, never collected in memory. */

import { isBinaryBody, type BinaryBody, type SizedSource } from './binary-value.ts';
import { networkCode } from './explain-fault.ts';
import { isFault } from './faults.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { sourceFault } from './source-fault.ts';
import { transfer } from './transfer.ts';

/**
 * Binary content as a body.
 *
 * @param size - Bytes, where the source does not know them itself; where it does, both must agree.
 * @throws TypeError when the content has no form that can be sent, or its size is not the declared one.
 */
export function binaryBody(content: BinaryBody, size?: number): OutgoingBody {
  if (typeof content === 'string')
    throw new TypeError(
      'is a string; of a path give await fileSource(path), which the /node entry of this package has; of a text new TextEncoder().encode(text)',
    );
  if (!isBinaryBody(content)) throw new TypeError('must be a Blob, bytes, a stream, an async iterable or a file source');
  if (content instanceof ReadableStream && content.locked) throw new TypeError('is a stream that somebody else reads already (it is locked)');
  const declared = checkSize(size);
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    const bytes =
      content instanceof ArrayBuffer ? new Uint8Array(content) : new Uint8Array(content.buffer as ArrayBuffer, content.byteOffset, content.byteLength);
    agree(bytes.length, declared);
    return {
      size: bytes.length,
      repeatable: true,
      data: bytes,
      transfer,
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
    return {
      size: sized.size,
      repeatable: true,
      transfer,
      open: () => exactly(sized.stream(), sized.size),
      ...(content instanceof Blob && { blob: () => content }),
    };
  }
  let opened = false;
  return {
    size: declared,
    repeatable: false,
    transfer,
    open() {
      if (opened) throw sourceFault('SourceReadError', 'The stream was already read; give a Blob, bytes or a file source to allow another attempt.');
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

/** Passes the bytes through and fails when they are more or fewer than promised. */
async function* exactly(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, size: number | undefined): AsyncIterable<Uint8Array> {
  let sent = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of readChunks(source)) {
    if (!(chunk instanceof Uint8Array)) throw sourceFault('SourceReadError', `The source gave a ${typeof chunk} where bytes (Uint8Array) are expected.`);
    sent += chunk.length;
    if (size !== undefined && sent > size) throw sourceFault('SourceSizeError', `The source has more than the declared ${size} bytes.`);
    if (chunk.length === 0) continue;
    // The receiver takes the upload for complete with the last declared byte: that one waits until the source has ended.
    if (sent === size) last = chunk;
    else yield chunk;
  }
  if (size !== undefined && sent < size) throw sourceFault('SourceSizeError', `The source ended after ${sent} of the declared ${size} bytes.`);
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
    if (isFault(error, 'SourceReadError', 'SourceSizeError')) throw error;
    const code = networkCode(error);
    throw sourceFault('SourceReadError', `The source failed while it was read${code === undefined ? '' : ` (${code})`}.`, error);
  }
}
