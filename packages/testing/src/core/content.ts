import { type Rule, shown } from './given.ts';
import { hash128 } from './random.ts';

/** The bytes of a file of a fake, given in one of four ways. */
export interface ContentSeed {
  /** The bytes themselves, or how many: then they are made up, always the same for the same id and count, on the fly. */
  readonly bytes?: number | Uint8Array;
  /** The bytes as UTF-8 text. */
  readonly text?: string;
  /** Path of a file on disk, which has to be there; its bytes are read when asked for (Node only). */
  readonly file?: string;
}

/** The names of {@link ContentSeed}; their values are checked where they are read. */
export const CONTENT_SEED: Readonly<Record<keyof ContentSeed, Rule>> = { bytes: 'any', text: 'text', file: 'text' };

interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** An incremental SHA-256, where the platform has one. */
export function hasher(): Hash | undefined {
  return builtin<{ createHash(name: string): Hash }>('node:crypto')?.createHash('sha256');
}

/** Bytes that can be read from any place, any number of times, without being held in memory. */
export interface Source {
  /** Number of bytes. */
  size(): number | Promise<number>;
  /** The bytes from `start` up to, not including, `end`. Each chunk is the reader's own. */
  chunks(start: number, end: number): AsyncIterable<Uint8Array<ArrayBuffer>> | Iterable<Uint8Array<ArrayBuffer>>;
  /** Changes when the bytes do; of a file on disk: as of the last `size()`. */
  readonly version: string;
}

const CHUNK = 65_536;

/** Makes a {@link Source} of a seed. `identity` decides what made-up bytes look like. */
export function sourceOf(seed: ContentSeed, identity: string, defaultBytes: number): Source {
  const given = [seed.bytes, seed.text, seed.file].filter((value) => value !== undefined);
  if (given.length > 1) throw new TypeError(`Give the content of '${identity}' as one of bytes, text and file, not as several.`);
  if (seed.file !== undefined) return new FileSource(existing(seed.file, identity));
  if (seed.text !== undefined) return new BytesSource(new TextEncoder().encode(seed.text));
  const bytes = seed.bytes ?? defaultBytes;
  // A copy: what the caller does with the array later is no change of the file.
  if (bytes instanceof Uint8Array) return new BytesSource(Uint8Array.from(bytes));
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new TypeError(`bytes of '${identity}' is a Uint8Array or a whole number of 0 or more, not ${shown(bytes)}.`);
  }
  return new GeneratedSource(bytes, identity);
}

/** The path, if a file is there. */
function existing(path: string, identity: string): string {
  const fs = builtin<{ statSync(path: string, options: { throwIfNoEntry: false }): { isFile(): boolean } | undefined }>('node:fs');
  if (fs === undefined) throw new TypeError(`file of '${identity}' needs a disk, which this platform has not: give bytes or text.`);
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new TypeError(`file of '${identity}': there is no ${path}.`);
  if (!found.isFile()) throw new TypeError(`file of '${identity}': ${path} is no file.`);
  return path;
}

/** Bytes in memory. */
export class BytesSource implements Source {
  readonly #bytes: Uint8Array;
  readonly version: string;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.version = words(hashBytes(bytes));
  }

  size(): number {
    return this.#bytes.byteLength;
  }

  *chunks(start: number, end: number): Generator<Uint8Array<ArrayBuffer>> {
    for (let at = start; at < end; at += CHUNK) yield this.#bytes.slice(at, Math.min(end, at + CHUNK));
  }
}

/**
 * Made-up bytes: one random tile, whose first eight bytes are replaced by the number of the block, so that a splice at a
 * wrong place shows, whatever the distance.
 */
export class GeneratedSource implements Source {
  readonly #size: number;
  readonly #identity: string;
  #tile: Uint8Array<ArrayBuffer> | undefined;

  constructor(size: number, identity: string) {
    this.#size = size;
    this.#identity = identity;
  }

  get version(): string {
    return words(hash128(`${this.#identity}:${this.#size}`));
  }

  size(): number {
    return this.#size;
  }

  *chunks(start: number, end: number): Generator<Uint8Array<ArrayBuffer>> {
    const tile = (this.#tile ??= makeTile(this.#identity));
    for (let at = start; at < end;) {
      const block = Math.floor(at / CHUNK);
      const from = at - block * CHUNK;
      const to = Math.min(CHUNK, end - block * CHUNK);
      const chunk = tile.slice(from, to);
      // The stamp lies in the first eight bytes of the block: write the part of it that this chunk has.
      for (let i = from; i < Math.min(8, to); i++) chunk[i - from]! ^= Math.floor(block / 256 ** i) & 0xff;
      yield chunk;
      at = block * CHUNK + to;
    }
  }
}

/** How long after a change a file may change again without a new time of change. */
const COARSE_TIME_MS = 50;

/** A file on disk. */
export class FileSource implements Source {
  readonly #path: string;
  #stamp = '';
  #version = '';

  constructor(path: string) {
    this.#path = path;
  }

  get version(): string {
    return this.#version;
  }

  async size(): Promise<number> {
    const { stat } = await import('node:fs/promises');
    const { size, mtimeMs, mtimeNs, ctimeNs, ino } = await stat(this.#path, { bigint: true });
    const stamp = `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
    if (stamp !== this.#stamp) {
      this.#version = (await this.#hash(Number(size))).slice(0, 32);
      this.#stamp = Date.now() - Number(mtimeMs) > COARSE_TIME_MS ? stamp : '';
    }
    return Number(size);
  }

  async #hash(size: number): Promise<string> {
    const hash = hasher()!;
    for await (const chunk of this.chunks(0, size)) hash.update(chunk);
    return hash.digest('hex');
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (end <= start) return;
    const { open } = await import('node:fs/promises');
    const handle = await open(this.#path);
    try {
      for (let at = start; at < end;) {
        const chunk = new Uint8Array(Math.min(CHUNK, end - at));
        const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, at);
        if (bytesRead === 0) throw new Error(`The file ${this.#path} became shorter while it was read.`);
        at += bytesRead;
        yield bytesRead === chunk.byteLength ? chunk : chunk.slice(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
}

/** Other bytes of the same number: what stands at an address after somebody replaced the file. */
export class ChangedSource implements Source {
  readonly #original: Source;
  readonly #mask: number;
  readonly #change: number;

  constructor(original: Source, change: number) {
    this.#original = original;
    this.#mask = (0x5a + change * 37) & 0xff || 0x5a;
    this.#change = change;
  }

  get version(): string {
    return words(hash128(`${this.#original.version}:${this.#change}`));
  }

  size(): number | Promise<number> {
    return this.#original.size();
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for await (const chunk of this.#original.chunks(start, end)) {
      for (let i = 0; i < chunk.length; i++) chunk[i]! ^= this.#mask;
      yield chunk;
    }
  }
}

/** All bytes of a source at once. */
export async function readAll(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  const size = await source.size();
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of source.chunks(0, size)) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** SHA-256 of a source as hex; streamed where the platform can, so that gigabytes are no problem on Node. */
export async function sha256(source: Source): Promise<string> {
  const hash = hasher();
  if (hash === undefined) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await readAll(source)));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  for await (const chunk of source.chunks(0, await source.size())) hash.update(chunk);
  return hash.digest('hex');
}

function makeTile(identity: string): Uint8Array<ArrayBuffer> {
  const tile = new Uint32Array(CHUNK / 4);
  let [x] = hash128(identity) as unknown as [number];
  x = x || 1;
  for (let i = 0; i < tile.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    tile[i] = x;
  }
  return new Uint8Array(tile.buffer);
}

function hashBytes(bytes: Uint8Array): Uint32Array {
  const hash = hash128(String(bytes.byteLength));
  for (let i = 0; i < bytes.length; i++) hash[i & 3] = Math.imul(hash[i & 3]! ^ bytes[i]!, 0x01000193);
  return hash;
}

function words(hash: Uint32Array): string {
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
}
