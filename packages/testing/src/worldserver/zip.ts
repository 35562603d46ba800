import type { Source } from '../core/content.ts';

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly source: Source;
}

const LOCAL = 30;
const DESCRIPTOR = 16;
const CENTRAL = 46;
const END = 22;
const LARGEST = 0xffff_ffff;

/**
 * A ZIP archive that is written while it is read: files are stored, not compressed, so that its size is known before and
 * nothing is held in memory.
 */
export async function zip(entries: readonly ZipEntry[]): Promise<Source> {
  const files = await Promise.all(
    unique(entries).map(async (entry) => ({ name: new TextEncoder().encode(entry.name), source: entry.source, size: await entry.source.size() })),
  );
  const size = files.reduce((sum, file) => sum + LOCAL + CENTRAL + DESCRIPTOR + 2 * file.name.byteLength + file.size, END);
  if (size > LARGEST) throw new TypeError('The fake makes archives of up to 4 GiB.');
  return {
    version: entries.map((entry) => entry.source.version).join(),
    size: () => size,
    async *chunks(start, end) {
      let at = 0;
      for await (const chunk of write(files)) {
        const from = Math.max(0, start - at);
        const to = Math.min(chunk.byteLength, end - at);
        at += chunk.byteLength;
        if (from < to) yield from === 0 && to === chunk.byteLength ? chunk : chunk.slice(from, to);
        if (at >= end) return;
      }
    },
  };
}

interface ZipFile {
  readonly name: Uint8Array;
  readonly source: Source;
  readonly size: number;
}

async function* write(files: readonly ZipFile[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const central: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { name, source, size } of files) {
    const local = new DataView(new ArrayBuffer(LOCAL + name.byteLength));
    local.setUint32(0, 0x04034b50, true);
    fields(local, 4, name.byteLength);
    // The sum is not known yet: it follows the bytes (flag 3).
    new Uint8Array(local.buffer).set(name, LOCAL);
    yield new Uint8Array(local.buffer);
    let crc = -1;
    for await (const chunk of source.chunks(0, size)) {
      crc = crc32(chunk, crc);
      yield chunk;
    }
    const sum = ~crc >>> 0;
    const descriptor = new DataView(new ArrayBuffer(DESCRIPTOR));
    descriptor.setUint32(0, 0x08074b50, true);
    descriptor.setUint32(4, sum, true);
    descriptor.setUint32(8, size, true);
    descriptor.setUint32(12, size, true);
    yield new Uint8Array(descriptor.buffer);
    const header = new DataView(new ArrayBuffer(CENTRAL + name.byteLength));
    header.setUint32(0, 0x02014b50, true);
    header.setUint16(4, 20, true);
    fields(header, 6, name.byteLength);
    header.setUint32(16, sum, true);
    header.setUint32(20, size, true);
    header.setUint32(24, size, true);
    header.setUint32(42, offset, true);
    new Uint8Array(header.buffer).set(name, CENTRAL);
    central.push(new Uint8Array(header.buffer));
    offset += LOCAL + name.byteLength + size + DESCRIPTOR;
  }
  const centralSize = central.reduce((sum, one) => sum + one.byteLength, 0);
  const end = new DataView(new ArrayBuffer(END));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, centralSize, true);
  end.setUint32(16, offset, true);
  // From here on the chunks belong to the reader.
  yield* central;
  yield new Uint8Array(end.buffer);
}

/** The fields that both headers of a file share, from "version needed" on. */
function fields(view: DataView, at: number, nameLength: number): void {
  view.setUint16(at, 20, true);
  // Sum after the bytes, names in UTF-8.
  view.setUint16(at + 2, 0x0808, true);
  view.setUint16(at + 8, 0x0021, true);
  view.setUint16(at + 22, nameLength, true);
}

/** Names of one archive differ: a second `a.txt` is `a (2).txt`. */
function unique(entries: readonly ZipEntry[]): ZipEntry[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    let { name } = entry;
    for (let n = 2; taken.has(name); n++) name = entry.name.replace(/(\.[^.]*)?$/, ` (${n})$1`);
    taken.add(name);
    return { ...entry, name };
  });
}

let table: Uint32Array | undefined;

function crc32(bytes: Uint8Array, start: number): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  let crc = start;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** Names and sizes of the files of an archive, by its directory; `undefined` where it is none. */
export function listZip(bytes: Uint8Array): { name: string; size: number }[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.byteLength - END;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return undefined;
  const files: { name: string; size: number }[] = [];
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    if (at + CENTRAL > bytes.byteLength || view.getUint32(at, true) !== 0x02014b50) return undefined;
    const length = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL, at + CENTRAL + length));
    if (!name.endsWith('/')) files.push({ name, size: view.getUint32(at + 24, true) });
    at += CENTRAL + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}
