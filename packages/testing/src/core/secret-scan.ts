import { readForm } from './multipart.ts';
import type { Secrets } from './secrets.ts';

/** Bytes of UTF-8 in one unit of a string, at most. */
const MOST_BYTES = 3;
/** Of a longer body only the text as it comes is looked through: it is a file, not a message. */
const MESSAGE_LIMIT = 1024 * 1024;
/** Of a compressed body so much is unpacked, at most. */
const PACKED_LIMIT = 16 * 1024 * 1024;
const UNPACKED_LIMIT = 64 * 1024 * 1024;
/** Compression within compression, parts within parts. */
const DEEPEST = 4;

/** What the headers of a request say of its body. */
export interface BodyHeaders {
  readonly type: string | null;
  /** The value of `content-encoding`. */
  readonly encoding: string | null;
}

/**
 * Looks for secrets in a body that comes in chunks: across their borders, inside of compression, and cut into values that
 * stand beside each other in JSON, a form or a multipart body.
 */
export class SecretScan {
  readonly #all: readonly Secrets[];
  readonly #found: (secrets: Secrets) => void;
  readonly #headers: BodyHeaders;
  readonly #depth: number;
  #tail: Uint8Array = new Uint8Array(0);
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];
  #seen = 0;
  #ended = false;

  constructor(all: readonly Secrets[], found: (secrets: Secrets) => void, headers: BodyHeaders = { type: null, encoding: null }, depth = 0) {
    this.#all = all;
    this.#found = found;
    this.#headers = headers;
    this.#depth = depth;
  }

  /** Takes the next bytes. */
  see(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.#tail.byteLength + chunk.byteLength);
    bytes.set(this.#tail);
    bytes.set(chunk, this.#tail.byteLength);
    let longest = 1;
    for (const secrets of this.#all) {
      longest = Math.max(longest, secrets.longest * MOST_BYTES);
      if (secrets.inBytes(bytes)) this.#found(secrets);
    }
    this.#tail = bytes.slice(Math.max(0, bytes.byteLength - longest + 1));
    this.#keep(chunk);
  }

  /** Looks through what only a body that is over can tell; a second call does nothing. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const bytes = concat(this.#kept);
    this.#kept.length = 0;
    if (bytes.byteLength === 0 || this.#depth >= DEEPEST) return;
    const [formats, encoding] = packing(bytes, this.#headers.encoding);
    for (const format of formats) {
      await this.#inside({ ...this.#headers, encoding }, unpacked(bytes, format));
    }
    if (formats.length > 0 || this.#seen > MESSAGE_LIMIT) return;
    const { type } = this.#headers;
    const form = /^multipart\//i.test(type ?? '') ? ((await readForm(type, each([bytes]), MESSAGE_LIMIT)) ?? []) : [];
    for (const part of form) await this.#inside({ type: part.contentType ?? null, encoding: null }, each([part.bytes]));
    const pieces = form.length > 0 ? form.map((part) => decoder.decode(part.bytes)) : valuesOf(decoder.decode(bytes), type);
    for (const secrets of this.#all) if (secrets.inPieces(pieces)) this.#found(secrets);
  }

  #keep(chunk: Uint8Array): void {
    const limit = this.#headers.encoding !== null || isPacked(this.#kept[0] ?? chunk) ? PACKED_LIMIT : MESSAGE_LIMIT;
    this.#seen += chunk.byteLength;
    // The beginning of a packed body can be unpacked; the beginning of a message is none.
    if (this.#seen <= limit) this.#kept.push(chunk.slice());
    else if (limit === MESSAGE_LIMIT) this.#kept.length = 0;
  }

  async #inside(headers: BodyHeaders, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const inner = new SecretScan(this.#all, this.#found, headers, this.#depth + 1);
    for await (const chunk of chunks) inner.see(chunk);
    await inner.end();
  }
}

type Packing = 'gzip' | 'deflate' | 'deflate-raw' | 'brotli';

/** How a body may be packed, and the encodings that are left below that. */
function packing(bytes: Uint8Array, encoding: string | null): [formats: readonly Packing[], below: string | null] {
  const names = (encoding ?? '').toLowerCase().split(',');
  const last = names.pop()!.trim();
  const below = names.length === 0 ? null : names.join(',');
  // Some say deflate and mean it without the header of zlib.
  if (last === 'deflate') return [['deflate', 'deflate-raw'], below];
  if (last === 'br') return [['brotli'], below];
  if (isGzip(bytes)) return [['gzip'], below];
  return [isZlib(bytes) ? ['deflate'] : [], below];
}

function isPacked(bytes: Uint8Array): boolean {
  return isGzip(bytes) || isZlib(bytes);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && (bytes[1] === 0x8b || bytes.byteLength === 1);
}

function isZlib(bytes: Uint8Array): boolean {
  return bytes[0] === 0x78 && (bytes.byteLength === 1 || (0x7800 + bytes[1]!) % 31 === 0);
}

/** What can be unpacked, up to the first mistake in it. */
async function* unpacked(bytes: Uint8Array<ArrayBuffer>, format: Packing): AsyncGenerator<Uint8Array> {
  try {
    // Not every platform knows brotli.
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format as CompressionFormat));
    let length = 0;
    for await (const chunk of stream) {
      yield chunk;
      length += chunk.byteLength;
      if (length > UNPACKED_LIMIT) return;
    }
  } catch {
    // Not packed that way, or cut off.
  }
}

/** The single values of a message: of JSON, also line by line, or of a form. */
function valuesOf(text: string, type: string | null): readonly string[] {
  if (/^application\/x-www-form-urlencoded/i.test(type ?? '')) return [...new URLSearchParams(text).values()];
  if (!/^\s*[[{"]/.test(text)) return [];
  const whole = leaves(text);
  return whole.length > 0 ? whole : text.split('\n').flatMap(leaves);
}

function leaves(json: string): string[] {
  const found: string[] = [];
  try {
    JSON.parse(json, (_key, value: unknown) => {
      if (typeof value === 'string') found.push(value);
      return value;
    });
  } catch {
    return [];
  }
  return found;
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function concat(chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

const decoder: TextDecoder = new TextDecoder();
