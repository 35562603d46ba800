import { hasher } from './content.ts';

/** One part of a multipart form. */
export interface Part {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
  /** Number of bytes that came, also of those that were not kept. */
  readonly size: number;
  /** SHA-256 as hex, where the platform has an incremental one. */
  readonly sha256: string | undefined;
}

/**
 * Reads a multipart form as it arrives: of each part at most `keep` bytes stay in memory.
 *
 * @returns `undefined` where the body is no complete multipart form.
 */
export async function readForm(contentType: string | null, body: AsyncIterable<Uint8Array>, keep: number): Promise<Part[] | undefined> {
  const boundary = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '');
  const marker = boundary?.[1] ?? boundary?.[2];
  if (marker === undefined) return undefined;
  const delimiter = new TextEncoder().encode(`\r\n--${marker}`);
  const parts: Part[] = [];
  // The first delimiter has no line break before it: pretend one.
  let buffer: Uint8Array = Uint8Array.of(13, 10);
  let part: PartReader | undefined;
  let ended = false;
  for await (const chunk of body) {
    if (ended) continue;
    buffer = join(buffer, chunk);
    for (;;) {
      if (part !== undefined && !part.inHeaders) {
        const at = indexOf(buffer, delimiter);
        if (at < 0) {
          const safe = buffer.byteLength - delimiter.byteLength;
          if (safe > 0) {
            part.data(buffer.subarray(0, safe));
            buffer = buffer.subarray(safe);
          }
          break;
        }
        part.data(buffer.subarray(0, at));
        parts.push(part.end());
        part = undefined;
        buffer = buffer.subarray(at);
      }
      if (part === undefined) {
        const at = indexOf(buffer, delimiter);
        if (at < 0 || buffer.byteLength < at + delimiter.byteLength + 2) break;
        const after = buffer.subarray(at + delimiter.byteLength, at + delimiter.byteLength + 2);
        buffer = buffer.subarray(at + delimiter.byteLength + 2);
        if (after[0] === 45 && after[1] === 45) {
          ended = true;
          break;
        }
        part = new PartReader(keep);
        // A part may have no header at all: then the blank line follows the delimiter's own line break.
        buffer = join(Uint8Array.of(13, 10), buffer);
      }
      const end = indexOf(buffer, HEADERS_END);
      if (end < 0) break;
      part.headers(new TextDecoder().decode(buffer.subarray(0, end)));
      buffer = buffer.subarray(end + HEADERS_END.byteLength);
    }
  }
  return ended ? parts : undefined;
}

const HEADERS_END: Uint8Array = Uint8Array.of(13, 10, 13, 10);

class PartReader {
  inHeaders = true;
  readonly #keep: number;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #size = 0;
  #headers = '';
  readonly #hash = hasher();

  constructor(keep: number) {
    this.#keep = keep;
  }

  headers(text: string): void {
    this.#headers = text;
    this.inHeaders = false;
  }

  data(bytes: Uint8Array): void {
    this.#size += bytes.byteLength;
    this.#hash?.update(bytes);
    const room = this.#keep - this.#keptBytes;
    if (room <= 0 || bytes.byteLength === 0) return;
    this.#kept.push(bytes.slice(0, room));
    this.#keptBytes += Math.min(room, bytes.byteLength);
  }

  end(): Part {
    const bytes = new Uint8Array(this.#keptBytes);
    let at = 0;
    for (const one of this.#kept) {
      bytes.set(one, at);
      at += one.byteLength;
    }
    const disposition = /content-disposition:([^\r\n]*)/i.exec(this.#headers)?.[1] ?? '';
    return {
      name: parameter(disposition, 'name'),
      filename: parameter(disposition, 'filename'),
      contentType: /content-type:\s*([^\r\n]*)/i.exec(this.#headers)?.[1]?.trim(),
      bytes,
      size: this.#size,
      sha256: this.#hash?.digest('hex'),
    };
  }
}

function parameter(disposition: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(disposition);
  return found === null
    ? undefined
    : (found[1] ?? found[2]!)
        .replace(/\\(["\\])/g, '$1')
        .replaceAll('%22', '"')
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n');
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.byteLength === 0) return b;
  const joined = new Uint8Array(a.byteLength + b.byteLength);
  joined.set(a);
  joined.set(b, a.byteLength);
  return joined;
}

function indexOf(bytes: Uint8Array, needle: Uint8Array): number {
  // Where there is one, the platform's search is many times faster on bytes that look like a line break.
  const { Buffer: Native } = globalThis as {
    Buffer?: { from(buffer: ArrayBufferLike, offset: number, length: number): { indexOf(needle: Uint8Array): number } };
  };
  if (Native !== undefined) return Native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(needle);
  const last = bytes.byteLength - needle.byteLength;
  for (let at = bytes.indexOf(needle[0]!); at >= 0 && at <= last; at = bytes.indexOf(needle[0]!, at + 1)) {
    let i = 1;
    while (i < needle.byteLength && bytes[at + i] === needle[i]) i++;
    if (i === needle.byteLength) return at;
  }
  return -1;
}
