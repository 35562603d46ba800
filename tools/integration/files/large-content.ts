const chunkBytes = 64 * 1024;

/**
 * Pseudo-random content of any size, in chunks of 64 KiB; the same size and seed give the same bytes on
 * every little-endian platform (x64 and arm64 are). Each chunk is a new array.
 *
 * @param bytes - How many bytes in total.
 * @param seed - Any 32-bit integer; another seed gives other content.
 */
export async function* largeContent(bytes: number, seed: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`Not a number of bytes: ${bytes}`);
  // xorshift32 must not start at 0: the seed is spread first, and the one seed that gives 0 is replaced.
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) || 1;
  for (let left = bytes; left > 0; left -= chunkBytes) {
    const words = new Uint32Array(chunkBytes / 4);
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
    yield new Uint8Array(words.buffer, 0, Math.min(left, chunkBytes));
  }
}
