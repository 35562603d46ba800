/**
 * How a journal looks on disk: a line that says what the file is, then one line per record, each with its checksum and
 * its number, so that a line that is damaged, lost or doubled is noticed.
 */

import { crc32 } from 'node:zlib';

/** The first line of a journal. */
export interface JournalHeader {
  /** When the journal was begun, ISO 8601. */
  readonly created: string;
  /** Records that were damaged and dropped by a repair. */
  readonly lost?: number | undefined;
}

/** One line, read back. */
export interface NumberedRecord<Record> {
  /** Counts the records of a file from 1, without a gap. */
  readonly n: number;
  readonly record: Record;
}

const MAGIC = 'asset-clients journal ';
const VERSION = 1;

export function formatHeader(header: JournalHeader): string {
  const json = JSON.stringify(header);
  return `${MAGIC}${VERSION} ${checksum(json)} ${json}\n`;
}

export function formatRecord(n: number, record: object): string {
  const json = JSON.stringify({ n, ...record });
  return `${checksum(json)} ${json}\n`;
}

/**
 * @param line - The first line of the file without its end.
 * @returns `'foreign'`: this file is no journal; a number: a journal of that version, which is not ours; `'damaged'`.
 */
export function parseHeader(line: string): JournalHeader | 'foreign' | 'damaged' | number {
  if (!line.startsWith(MAGIC)) return 'foreign';
  const version = /^(\d{1,6}) /.exec(line.slice(MAGIC.length))?.[1];
  if (version === undefined) return 'damaged';
  if (Number(version) !== VERSION) return Number(version);
  return (checked(line.slice(MAGIC.length + version.length + 1)) as JournalHeader | undefined) ?? 'damaged';
}

/** Whether a file that has no whole line can be a journal whose first line was cut off. */
export function isCutHeader(text: string): boolean {
  return MAGIC.startsWith(text) || text.startsWith(MAGIC);
}

/** @returns `undefined` when the line is not as it was written. */
export function parseRecord<Record extends object>(line: string): NumberedRecord<Record> | undefined {
  const value = checked(line) as ({ readonly n: number } & Record) | undefined;
  if (value === undefined || !Number.isSafeInteger(value.n)) return undefined;
  const { n, ...record } = value;
  return { n, record: record as unknown as Record };
}

function checked(text: string): object | undefined {
  const json = text.slice(9);
  if (text[8] !== ' ' || text.slice(0, 8) !== checksum(json)) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
