/** Bytes for tests: repeatable, and different at every position. */
export function sampleBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** The bytes in pieces, as an async iterable. */
export async function* inPieces(bytes: Uint8Array, pieceSize = 1000): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceSize) yield bytes.subarray(start, start + pieceSize);
}

/** The bytes in pieces, as a web stream. */
export function streamOf(bytes: Uint8Array, pieceSize = 1000): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (start >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(start, start + pieceSize));
      start += pieceSize;
    },
  });
}
