/** 24-bit picture: red, green, blue per pixel, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** The order in which a block's 64 coefficients are written: along the diagonals, turning at each edge. */
const zigzag: readonly number[] = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const [ax, bx, aSum, bSum] = [a & 7, b & 7, (a & 7) + (a >> 3), (b & 7) + (b >> 3)];
  return aSum - bSum || (aSum % 2 ? bx - ax : ax - bx);
});

// Quantization tables of ITU-T T.81, Annex K (row order), and its Huffman codes for luminance, which serve
// all three components here: how many codes there are of each length from 1 to 16, and their symbols.
const luminance = bytes(`
  100b0a101828333d 0c0c0e131a3a3c37 0e0d101828394538 0e11161d3357503e
  12162538446d674d 182337405168715c 31404e5767797865 485c5f6270646763`);
const chrominance = bytes(`
  1112182f63636363 12151a4263636363 181a386363636363 2f42636363636363
  6363636363636363 6363636363636363 6363636363636363 6363636363636363`);
const dcTable = huffman('00010501010101010100000000000000', '000102030405060708090a0b');
const acTable = huffman(
  '0002010303020403050504040000017d',
  `0102030004110512 2131410613516107 227114328191a108 2342b1c11552d1f0
  2433627282090a16 1718191a25262728 292a343536373839 3a43444546474849
  4a53545556575859 5a63646566676869 6a73747576777879 7a83848586878889
  8a92939495969798 999aa2a3a4a5a6a7 a8a9aab2b3b4b5b6 b7b8b9bac2c3c4c5
  c6c7c8c9cad2d3d4 d5d6d7d8d9dae1e2 e3e4e5e6e7e8e9ea f1f2f3f4f5f6f7f8 f9fa`,
);

interface HuffmanTable {
  /** As in the file: 16 counts, then the symbols. */
  readonly bytes: readonly number[];
  /** Code and its length by symbol. */
  readonly codes: ReadonlyMap<number, readonly [code: number, length: number]>;
}

function bytes(hex: string): number[] {
  return [...Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')];
}

function huffman(countsHex: string, symbolsHex: string): HuffmanTable {
  const counts = bytes(countsHex);
  const symbols = bytes(symbolsHex);
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let used = 0;
  for (const [index, count] of counts.entries()) {
    for (const symbol of symbols.slice(used, used + count)) codes.set(symbol, [code++, index + 1]);
    used += count;
    code <<= 1;
  }
  return { bytes: [...counts, ...symbols], codes };
}

/** cos(k * pi / 16), from constants: `Math.cos` may differ in the last bit from one engine to the next. */
function cosine(k: number): number {
  const quarter = [1, 0.9807852804032304, 0.9238795325112867, 0.8314696123025452, Math.SQRT1_2, 0.5555702330196022, 0.3826834323650898, 0.19509032201612825, 0];
  const folded = k % 32 > 16 ? 32 - (k % 32) : k % 32;
  return folded <= 8 ? quarter[folded]! : -quarter[16 - folded]!;
}

/** Row u, column x: the weight of sample x in frequency u of an 8-point DCT. */
const dct = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return cosine((2 * x + 1) * u) / (u === 0 ? Math.sqrt(8) : 2);
});

/** Entropy-coded data: bits from the highest down, with the 0 byte that has to follow each 0xff. */
class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  write(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) {
      this.#bits = (this.#bits << 1) | ((value >> i) & 1);
      if (++this.#count < 8) continue;
      this.bytes.push(this.#bits);
      if (this.#bits === 0xff) this.bytes.push(0);
      this.#bits = this.#count = 0;
    }
  }

  /** A Huffman code whose symbol says how many bits `value` has (and, for AC, how many zeros go before). */
  symbol(table: HuffmanTable, zeros: number, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value));
    this.write(...table.codes.get((zeros << 4) | size)!);
    this.write(value < 0 ? value + (1 << size) - 1 : value, size);
  }

  end(): number[] {
    while (this.#count > 0) this.write(1, 1);
    return this.bytes;
  }
}

/** DCT and quantization of one 8x8 block; the result is in zigzag order. */
function transform(samples: Float64Array, table: readonly number[]): Int32Array {
  const rows = new Float64Array(64);
  const result = new Int32Array(64);
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += dct[u * 8 + x]! * samples[y * 8 + x]!;
      rows[y * 8 + u] = sum;
    }
  }
  for (const [i, position] of zigzag.entries()) {
    const [v, u] = [position >> 3, position & 7];
    let sum = 0;
    for (let y = 0; y < 8; y++) sum += dct[v * 8 + y]! * rows[y * 8 + u]!;
    result[i] = Math.round(sum / table[position]!);
  }
  return result;
}

/** Level-shifted Y, Cb and Cr of the 8x8 block at (left, top); the picture's edge pixels are repeated. */
function blockOf({ width, height, rgb }: Picture, left: number, top: number): Float64Array[] {
  const [luma, blue, red] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)];
  for (let i = 0; i < 64; i++) {
    const x = Math.min(left + (i & 7), width - 1);
    const y = Math.min(top + (i >> 3), height - 1);
    const at = (y * width + x) * 3;
    const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    luma[i] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
    blue[i] = -0.168736 * r - 0.331264 * g + 0.5 * b;
    red[i] = 0.5 * r - 0.418688 * g - 0.081312 * b;
  }
  return [luma, blue, red];
}

/**
 * Encodes a picture as baseline JPEG (JFIF, YCbCr, no chroma subsampling, 150 dpi).
 *
 * @param quality - From 50 (the tables as in the standard) to 99.
 */
export function encodeJpeg(picture: Picture, quality: number): Buffer {
  const { width, height } = picture;
  const tables = [luminance, chrominance].map((table) => table.map((step) => Math.max(1, Math.floor((step * (200 - 2 * quality) + 50) / 100))));

  const bits = new BitWriter();
  const previousDc = [0, 0, 0];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (const [component, samples] of blockOf(picture, left, top).entries()) {
        const [dc, ...ac] = transform(samples, tables[component === 0 ? 0 : 1]!) as unknown as [number, ...number[]];
        bits.symbol(dcTable, 0, dc - previousDc[component]!);
        previousDc[component] = dc;
        let zeros = 0;
        for (const value of ac.slice(0, ac.findLastIndex((each) => each !== 0) + 1)) {
          if (value === 0) {
            zeros++;
            continue;
          }
          for (; zeros > 15; zeros -= 16) bits.symbol(acTable, 15, 0);
          bits.symbol(acTable, zeros, value);
          zeros = 0;
        }
        if (ac.at(-1) === 0) bits.symbol(acTable, 0, 0);
      }
    }
  }

  const segment = (marker: number, ...content: number[]): number[] => [0xff, marker, ...u16(content.length + 2), ...content];
  const u16 = (value: number): number[] => [value >> 8, value & 255];
  return Buffer.from([
    0xff,
    0xd8,
    ...segment(0xe0, ...Buffer.from('JFIF\0'), 1, 2, 1, ...u16(150), ...u16(150), 0, 0),
    ...segment(0xdb, ...tables.flatMap((table, id) => [id].concat(zigzag.map((position) => table[position]!)))),
    ...segment(0xc0, 8, ...u16(height), ...u16(width), 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1),
    ...segment(0xc4, 0x00, ...dcTable.bytes, 0x10, ...acTable.bytes),
    ...segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0),
    ...bits.end(),
    0xff,
    0xd9,
  ]);
}
