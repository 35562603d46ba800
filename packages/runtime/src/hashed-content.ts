/** Content that is hashed on its way out, so that what arrived can be compared with what was sent. */

import { readChunks } from './binary-body.ts';
import type { BinaryBody, SizedSource } from './binary-value.ts';
import * as platform from './platform/node.ts';
import type { Hasher } from './platform/platform.ts';

/** A source, and the hash of what was read of it. */
export interface HashedContent {
  /** To be sent instead of the source. */
  readonly content: BinaryBody;
  /**
   * SHA-256 of the bytes, lower-case hex, once all were sent.
   *
   * @returns `undefined` where the platform has no incremental hash (browsers).
   */
  sha256(): Promise<string | undefined>;
}

/** Hashes content while it is sent; a Blob, which may be sent in one piece, is read for it once more. Nothing is collected. */
export function hashedContent(source: BinaryBody): HashedContent {
  let hasher = platform.hash('sha256');
  const restart = (): void => void (hasher = platform.hash('sha256'));
  const result = (content: BinaryBody): HashedContent => ({ content, sha256: async () => hasher?.hex() });
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    hasher?.update(source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
    return result(source);
  }
  if (source instanceof Blob) {
    return {
      content: source,
      async sha256() {
        restart();
        if (hasher !== undefined) for await (const chunk of readChunks(source.stream())) hasher.update(chunk);
        return hasher?.hex();
      },
    };
  }
  if (isSized(source)) {
    const { size, type, name } = source;
    const stream = (): AsyncIterable<Uint8Array> => {
      restart();
      return hashing(source.stream(), () => hasher);
    };
    return result({ size, type, name, stream });
  }
  return result(hashing(source, () => hasher));
}

function isSized(source: object): source is SizedSource {
  return typeof (source as Partial<SizedSource>).stream === 'function' && typeof (source as Partial<SizedSource>).size === 'number';
}

async function* hashing(source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, hasher: () => Hasher | undefined): AsyncIterable<Uint8Array> {
  for await (const chunk of readChunks(source)) {
    if (chunk instanceof Uint8Array) hasher()?.update(chunk);
    yield chunk;
  }
}
