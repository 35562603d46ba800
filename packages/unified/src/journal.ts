/** The journal as a file (Node, Bun, Deno): append-only, and whole again after a crash between any two bytes. */

import { constants } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { ApiError, invalidRequest } from '@asset-clients/runtime';

import type { Journal, JournalEntry, OpenJournal } from './contract.ts';
import { formatHeader, formatRecord, isCutHeader, parseHeader, parseRecord, type JournalHeader } from './journal-format.ts';
import { lockPath, UUID } from './journal-lock.ts';
import { checkOptions, FLAG } from './options.ts';

export type { Journal, JournalEntry, LeftBehind, OpenJournal } from './contract.ts';

/** Options of {@link fileJournal}. */
export interface FileJournalOptions {
  /**
   * Asks the disk to keep each entry before it counts (`fdatasync`; entries of concurrent items share one). `false`: the
   * journal survives the end of the process, but not of the machine. Default `true`.
   */
  readonly sync?: boolean | undefined;
  /**
   * Goes on although entries in the middle are damaged: they are dropped, and from then on an item that the journal does
   * not know is `uncertain`, because its entry may be among the lost. Default `false`: a damaged journal is refused.
   * (What a crash leaves, an unfinished last line, is no damage.)
   */
  readonly repair?: boolean | undefined;
}

/** With fewer entries a file is not worth writing anew. */
const SMALLEST_COMPACTION = 1000;
const PIECE = 65_536;

/**
 * A journal in a file, for `copyAll`. It is made when it is not there, with mode 0600, and kept by one process at a time.
 *
 * @param path - The file; its folder must exist. Beside it stand short-lived files whose names begin with its name.
 * @throws ApiError, when it is opened: `conflict` (another process has it), `integrity` (damaged), `invalid-request` (no
 *   journal, or no place for one), `unsupported` (of a newer version). While it is in use: `integrity` when somebody deletes or
 *   replaces the file or its folder; its entries are saved then, and the error says where.
 * @example
 * ```ts
 * const report = await copyAll(items, { journal: fileJournal('campaign.journal') });
 * ```
 */
export function fileJournal(path: string, options: FileJournalOptions = {}): Journal {
  if (typeof path !== 'string' || path === '') {
    throw invalidRequest({ operation: 'fileJournal', message: 'path is required: the file of the journal', hint: "For example 'campaign.journal'." });
  }
  checkOptions(options, { sync: FLAG, repair: FLAG }, { operation: 'fileJournal' });
  const { sync = true, repair = false } = options;
  return {
    async open() {
      const file = await realPath(path);
      const unlock = await lockPath(file).catch((error: unknown) => Promise.reject(explain(error, path)));
      try {
        return await FileSession.open(file, { sync, repair, unlock });
      } catch (error) {
        await unlock();
        throw explain(error, path);
      }
    },
  };
}

/** Two names of one file must be one lock. */
async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  return realpath(absolute).catch(async () => join(await realpath(dirname(absolute)).catch(() => dirname(absolute)), basename(absolute)));
}

interface SessionOptions {
  readonly sync: boolean;
  readonly repair: boolean;
  readonly unlock: () => Promise<void>;
}

class FileSession implements OpenJournal {
  readonly size: number;
  readonly lost: number;
  readonly #path: string;
  #file: FileHandle;
  readonly #options: SessionOptions;
  #unlock: () => Promise<void>;
  /** The file whose name is gone, which was told; entries are in another now. */
  #lostFile: FileHandle | undefined;
  /** Where an item's latest entry stands: an item costs its name and a number, whatever its entry holds. */
  readonly #index: Map<string, number>;
  #next: number;
  /** Where the next batch goes, and the next entry: behind those that wait. */
  #written: number;
  #end: number;
  #waiting: string[] = [];
  #batch: Promise<void> | undefined;
  #lastBatch: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(path: string, file: FileHandle, found: Scan, options: SessionOptions) {
    this.#path = path;
    this.#file = file;
    this.#options = options;
    this.#unlock = options.unlock;
    this.#index = found.index;
    this.#next = found.records + 1;
    this.#written = found.end;
    this.#end = found.end;
    this.size = found.items;
    this.lost = found.lost;
  }

  static async open(path: string, options: SessionOptions): Promise<FileSession> {
    await removeLeftovers(path);
    let file = await openFile(path);
    try {
      const { size } = await file.stat();
      let found = await scan(file, size);
      if (typeof found !== 'object') throw refusal(path, found);
      if (found.damage !== undefined && !options.repair) throw refusal(path, found.damage);
      if (found.end === 0) {
        found = { ...found, end: Buffer.byteLength(formatHeader(found.header)) };
        await file.truncate(0);
        await writeAt(file, formatHeader(found.header), 0);
        if (options.sync) await file.datasync();
        if (options.sync) await syncFolder(path);
      } else if (found.damage !== undefined || (found.records > SMALLEST_COMPACTION && found.records > 2 * found.index.size)) {
        const temporary = `${path}.new-${crypto.randomUUID()}`;
        found = await compact(file, temporary, found, options.sync);
        // Not every system lets a name be given to another file while one of them is open.
        await file.close();
        await rename(temporary, path);
        if (options.sync) await syncFolder(path);
        file = await openFile(path);
      } else if (found.end !== size || found.unended) {
        await file.truncate(found.unended ? found.end - 1 : found.end);
        if (found.unended) await writeAt(file, '\n', found.end - 1);
        if (options.sync) await file.datasync();
      }
      return new FileSession(path, file, found, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async get(item: string): Promise<JournalEntry | undefined> {
    const offset = this.#index.get(item);
    if (offset === undefined) return undefined;
    if (offset >= this.#written) await this.#lastBatch;
    const entry = parseRecord<JournalEntry>(await readLine(this.#file, offset))?.record;
    if (entry?.item === item) return entry;
    throw failure('integrity', `the journal's entry of ${item} is not as it was written`, 'Something else changed the file while it was in use.');
  }

  async put(entry: JournalEntry): Promise<void> {
    if (this.#closed) throw failure('invalid-request', 'the journal is closed', 'Open it again.');
    const line = formatRecord(this.#next, entry);
    this.#index.set(entry.item, this.#end);
    this.#next += 1;
    this.#end += Buffer.byteLength(line);
    this.#waiting.push(line);
    // Whoever comes while a batch is written goes with the next: items that work at the same time share its cost. When one
    // fails so does all that follows: half a line may be there, and nothing behind it could be read again.
    this.#batch ??= this.#lastBatch = this.#lastBatch
      .catch((error: unknown) => (this.#lostFile === undefined ? Promise.reject(error) : undefined))
      .then(() => this.#write());
    await this.#batch;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const failed = await this.#lastBatch.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      // What failed before was told then.
      if (failed === undefined && this.#next > 1) await this.#stillThere();
    } finally {
      await Promise.all([this.#file.close(), this.#lostFile?.close()]);
      await this.#unlock();
    }
  }

  /** An open file can be written although its name is gone: nobody would find it again. */
  async #stillThere(): Promise<void> {
    if (this.#lostFile !== undefined) return;
    const [open, named] = await Promise.all([this.#file.stat({ bigint: true }), stat(this.#path, { bigint: true }).catch(() => undefined)]);
    if (named !== undefined && named.ino === open.ino && named.dev === open.dev) return;
    const what = `the journal ${this.#path} was ${named === undefined ? 'deleted or moved' : 'replaced'} while it was in use`;
    let path: string;
    try {
      path = await this.#save();
    } catch (error) {
      throw failure('integrity', `${what}, and cannot be saved`, 'What was copied is in the report: note it before you run again.', error);
    }
    const hint = path === this.#path ? 'Run again: nothing is lost.' : `Put ${path} in its place, or give the next run its path.`;
    throw failure('integrity', `${what}; its entries were saved to ${path}`, hint);
  }

  /** Goes on in another file: that of the same name, unless there is one now. What is put from here on goes there, too. */
  async #save(): Promise<string> {
    await mkdir(dirname(this.#path), { recursive: true });
    await this.#unlock();
    let path = this.#path;
    const copy = await this.#create(path).catch(() => this.#create((path = `${this.#path}.saved-${crypto.randomUUID()}`)));
    try {
      for (let position = 0; position < this.#written;) {
        const piece = await readAt(this.#file, position, Math.min(PIECE, this.#written - position));
        if (piece.length === 0) throw new Error(`it ends after ${position} of ${this.#written} bytes`);
        position += await writeAt(copy, piece, position);
      }
      await copy.sync();
    } catch (error) {
      await copy.close();
      throw error;
    }
    // Somebody may be reading in it.
    this.#lostFile = this.#file;
    this.#file = copy;
    return path;
  }

  /** A new file that no other process has; never one that is there. */
  async #create(path: string): Promise<FileHandle> {
    const unlock = await lockPath(path);
    try {
      const file = await open(path, 'wx', 0o600);
      this.#unlock = unlock;
      return file;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  async #write(): Promise<void> {
    const lines = this.#waiting.join('');
    this.#waiting = [];
    this.#batch = undefined;
    try {
      const bytes = await writeAt(this.#file, lines, this.#written);
      if (this.#options.sync) await this.#file.datasync();
      this.#written += bytes;
      await this.#stillThere();
    } catch (error) {
      if (ApiError.is(error)) throw error;
      throw failure('unexpected', 'the journal cannot be written', 'Nothing is copied without it: make room, and run again.', error);
    }
  }
}

// The file --------------------------------------------------------------------------------------------------------------

async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const { mode } = await file.stat();
  if ((mode & constants.S_IFMT) !== constants.S_IFREG) {
    await file.close();
    throw failure('invalid-request', `${path} is no file`, 'Give the path of a file.');
  }
  // A copy that somebody made may be open to all.
  if ((mode & 0o077) !== 0) await file.chmod(0o600);
  return file;
}

interface Scan {
  readonly header: JournalHeader;
  /** Offsets of the latest entries. */
  readonly index: Map<string, number>;
  /** Entries in the index that are not `name`. */
  readonly items: number;
  readonly records: number;
  /** Behind the last whole record; 0: there is nothing yet. */
  readonly end: number;
  /** The last record is whole but for its line end. */
  readonly unended: boolean;
  readonly lost: number;
  /** What is wrong, and is not what a crash leaves. */
  readonly damage: string | undefined;
  /** Entries that stand before this may have been followed by others that are lost. */
  readonly damagedUntil: number;
}

/** @returns Not a scan when the file is no journal, or (a number) one of another version. */
async function scan(file: FileHandle, size: number): Promise<Scan | 'foreign' | number> {
  if (!isCutHeader((await readAt(file, 0, 64)).toString())) return 'foreign';
  let header: JournalHeader | undefined;
  const index = new Map<string, number>();
  let [line, expected, end, items, lost, damagedLines, damagedUntil] = [0, 1, 0, 0, 0, 0, 0];
  let unended = false;
  let damage: string | undefined;
  for await (const { text, start, ended } of linesOf(file, size)) {
    line += 1;
    if (line === 1) {
      if (!ended) break;
      const first = parseHeader(text);
      if (first === 'foreign' || typeof first === 'number') return first;
      if (first === 'damaged') [damage, lost] = ['line 1', 1];
      else header = first;
      end = start + Buffer.byteLength(text) + 1;
      continue;
    }
    // A last record that lacks its line end, or has another byte there, counts.
    const entry = parseRecord<JournalEntry>(text) ?? (ended ? undefined : parseRecord<JournalEntry>(text.slice(0, -1)));
    if (entry === undefined) {
      // An unfinished last line is what a crash leaves.
      if (!ended) break;
      damagedLines += 1;
      damagedUntil = start;
      damage ??= `line ${line}`;
      continue;
    }
    if (entry.n !== expected) [damage, damagedUntil] = [damage ?? `what stands before line ${line}`, start];
    if (entry.n < expected) continue;
    lost += entry.n - expected;
    [expected, damagedLines, unended] = [entry.n + 1, 0, !ended];
    if (entry.record.state !== 'name' && !index.has(entry.record.item)) items += 1;
    index.set(entry.record.item, start);
    end = start + Buffer.byteLength(formatRecord(entry.n, entry.record));
  }
  header ??= { created: new Date().toISOString() };
  return { header, index, items, records: expected - 1, end, unended, lost: lost + damagedLines + (header.lost ?? 0), damage, damagedUntil };
}

/** Writes header and latest entries to another file, in their order. */
async function compact(old: FileHandle, path: string, found: Scan, sync: boolean): Promise<Scan> {
  const file = await open(path, 'wx', 0o600);
  try {
    const header = { ...found.header, ...(found.lost > 0 && { lost: found.lost }) };
    const index = new Map<string, number>();
    let lines = formatHeader(header);
    let [end, written, records] = [Buffer.byteLength(lines), 0, 0];
    for await (const { text, start } of linesOf(old, found.end)) {
      const entry = parseRecord<JournalEntry>(text)?.record;
      if (entry === undefined || found.index.get(entry.item) !== start) continue;
      const isDoubtful = start < found.damagedUntil && entry.state !== 'copied' && entry.state !== 'name';
      records += 1;
      const line = formatRecord(records, isDoubtful ? { ...entry, doubtful: true } : entry);
      index.set(entry.item, end);
      end += Buffer.byteLength(line);
      lines += line;
      if (lines.length < PIECE) continue;
      written += await writeAt(file, lines, written);
      lines = '';
    }
    await writeAt(file, lines, written);
    if (sync) await file.sync();
    return { ...found, header, index, records, end, unended: false };
  } finally {
    await file.close();
  }
}

/** What a crash in the middle of {@link compact} left; only the owner of the lock comes here. */
async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}.new-`;
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix) && UUID.test(name.slice(prefix.length))) await rm(join(dirname(path), name), { force: true });
  }
}

interface Line {
  readonly text: string;
  /** Offset of its first byte. */
  readonly start: number;
  /** Whether it has a line end. */
  readonly ended: boolean;
}

async function* linesOf(file: FileHandle, size: number): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for (let position = 0; position < size;) {
    const piece = await readAt(file, position, Math.min(PIECE, size - position));
    if (piece.length === 0) break;
    position += piece.length;
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let to = rest.indexOf(10); to >= 0; to = rest.indexOf(10, from)) {
      yield { text: rest.toString('utf8', from, to), start: start + from, ended: true };
      from = to + 1;
    }
    start += from;
    rest = rest.subarray(from);
  }
  if (rest.length > 0) yield { text: rest.toString(), start, ended: false };
}

/** The line that begins at an offset, without its end. */
async function readLine(file: FileHandle, start: number): Promise<string> {
  for (let length = 1024; ; length *= 4) {
    const piece = await readAt(file, start, length);
    const end = piece.indexOf(10);
    if (end >= 0 || piece.length < length) return piece.toString('utf8', 0, end < 0 ? undefined : end);
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** @returns How many bytes were written: all. */
async function writeAt(file: FileHandle, text: string | Buffer, position: number): Promise<number> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
  return bytes.length;
}

/** Makes a new name in a folder survive a crash; some systems do not let folders be opened, and do it anyway. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function refusal(path: string, found: string | number): ApiError {
  if (found === 'foreign')
    return failure('invalid-request', `${path} is no journal`, 'Nothing was changed in it. Give the path of a journal, or of a file that is not there yet.');
  if (typeof found === 'number') {
    return failure(
      'unsupported',
      `the journal ${path} has version ${found}, which this version of @asset-clients/unified does not know`,
      'Use the version that wrote it.',
    );
  }
  return failure(
    'integrity',
    `the journal ${path} is damaged: ${found} is not as it was written`,
    'fileJournal(path, { repair: true }) goes on without the damaged entries; items whose entries may be lost are then reported as uncertain.',
  );
}

function explain(error: unknown, path: string): unknown {
  if (ApiError.is(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return failure(
    'invalid-request',
    `cannot open the journal ${path}${code === undefined ? '' : ` (${code})`}`,
    'Check that its folder exists and may be written to.',
    error,
  );
}

function failure(kind: 'integrity' | 'invalid-request' | 'unsupported' | 'unexpected', message: string, hint: string, cause?: unknown): ApiError {
  return new ApiError({ kind, operation: 'fileJournal', message, hint, outcome: 'not-sent', cause });
}
