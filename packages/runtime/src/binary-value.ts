/** What callers may give as binary content. */

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
