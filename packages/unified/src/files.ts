/** A folder of this machine behind the contract (Node, Bun, Deno): what is written is there whole or not at all. */

import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ApiError, contentOf, invalidRequest, safeFileName, type Content, type ErrorKind } from '@asset-clients/runtime';
import { fileSource } from '@asset-clients/runtime/node';

import { defineAdapter, SegmentError, type Stored } from './adapter.ts';
import type { AdapterTypes, AssetsAdapter, Spool, UploadState } from './contract.ts';
import { checkOptions, oneOf, TEXT } from './options.ts';

/** Options of {@link filesAssets}. */
export interface FilesOptions {
  /** The folder; made when something is written. */
  readonly dir: string;
  /**
   * What becomes of a file that has the name of an upload. Default `'refuse'`: the upload fails (kind `conflict`). With
   * `'rename'` the upload gets the next free name, `photo (1).jpg`, which its result tells.
   */
  readonly ifExists?: 'refuse' | 'replace' | 'rename' | undefined;
}

/** The types of {@link filesAssets}. */
export interface FilesTypes extends AdapterTypes {
  /** A path below the folder, with `/` between its parts. */
  readonly target: string;
  readonly raw: FileStats;
  readonly uploaded: StoredInFolder;
}

/** What `get` has in `raw`: what `stat` of `node:fs` tells, of which this much is typed. */
export interface FileStats {
  /** Bytes. */
  readonly size: number;
  readonly mtime: Date;
  readonly birthtime: Date;
  /** Type and permissions. */
  readonly mode: number;
}

/** What an upload to a folder has in `raw`. */
export interface StoredInFolder {
  /** Absolute. */
  readonly path: string;
}

/** What {@link filesAssets} makes. */
export type FilesAssets = AssetsAdapter<'get' | 'download' | 'upload' | 'delete', FilesTypes>;

const SAME_NAME = { refuse: 'refuses', replace: 'replaces', rename: 'adds' } as const;

/** The parts of a path. */
type Key = readonly string[];

/**
 * The files of a folder. References: `files:<folder>/<name>`. An upload goes into the folder itself, under its name made
 * safe: without path, reserved names and hidden files.
 *
 * @throws ApiError of kind `invalid-request` when `dir` is missing, or is a file.
 * @example
 * ```ts
 * const out = filesAssets({ dir: 'downloads' });
 * await copy(dam.ref(id), out);
 * ```
 */
export function filesAssets(options: FilesOptions): FilesAssets {
  checkOptions(options, { dir: TEXT, ifExists: oneOf('refuse', 'replace', 'rename') }, { vendor: 'files', operation: 'filesAssets' });
  const { dir, ifExists = 'refuse' } = options;
  if (dir === undefined)
    throw invalidRequest({
      vendor: 'files',
      operation: 'filesAssets',
      message: 'dir is required: a folder',
      hint: "For example filesAssets({ dir: 'downloads' }).",
    });
  const folder = resolve(dir);
  checkFolder(folder, 'filesAssets');

  return defineAdapter<'get' | 'download' | 'upload' | 'delete', FilesTypes, Key>({
    vendor: 'files',
    place: folder,
    supports: {
      get: { fills: ['size', 'updatedAt'], metadata: false },
      download: { forms: ['content'], tellsSize: true, notReady: false },
      upload: {
        minBytes: 0,
        maxBytes: null,
        needsSize: false,
        minNameLength: 1,
        maxNameLength: null,
        keepsName: false,
        readsBack: true,
        keepsMediaType: false,
        // Which name is free, is known when the file has it.
        createsFirst: ifExists !== 'rename',
        // Of two contents under one name it cannot be told which is there.
        tellsState: ifExists === 'refuse',
        sameName: SAME_NAME[ifExists],
        atomic: true,
        vendorOptions: {},
      },
      delete: true,
      downloadMany: false,
    },

    toSegments(target) {
      if (typeof target !== 'string' || target === '') throw new TypeError('a path below the folder is expected');
      return (sep === '\\' ? target.replaceAll('\\', '/') : target).split('/');
    },

    fromSegments(segments) {
      for (const [index, segment] of segments.entries()) {
        if (
          segment === '' ||
          segment === '.' ||
          segment === '..' ||
          segment.includes('/') ||
          segment.includes('\0') ||
          (sep === '\\' && /[\\:]/.test(segment))
        ) {
          throw new SegmentError(index, `${JSON.stringify(segments.join('/'))} is no path below the folder`);
        }
      }
      return segments;
    },

    async get(key) {
      const { info } = await find(folder, key, 'get');
      return { id: key.join('/'), name: key.at(-1)!, size: info.size, updatedAt: info.mtime, raw: info };
    },

    async download(key, call) {
      const { path, info } = await find(folder, key, 'download');
      const source = await fileSource(path);
      return contentOf(source, { vendor: 'files', lastModified: info.mtime, url: pathToFileURL(path).href }, call);
    },

    async upload({ name, content, size }, { onCreated, ...call }) {
      const path = join(folder, safeFileName(name));
      checkFolder(folder, 'upload');
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        const { code } = error as NodeJS.ErrnoException;
        throw failure(
          'invalid-request',
          'upload',
          `cannot make the folder ${folder} (${code})`,
          'Check that it may be made there, and that there is room.',
          error,
        );
      });
      if (ifExists === 'refuse' && (await exists(path))) throw alreadyThere(path);
      const open = (): Content => contentOf(content, { vendor: 'files', operation: 'upload', size }, { ...call, sha256: false });
      const told = async (stored: string): Promise<Stored<StoredInFolder>> => {
        const { size: storedBytes } = await stat(stored);
        return { segments: [basename(stored)], name: basename(stored), storedBytes, raw: { path: stored } };
      };
      if (ifExists === 'rename') {
        const written = await open()
          .toFile(path, { ifExists })
          .catch((error: unknown) => {
            // No name was taken, and nobody could tell which one it would have been.
            throw ApiError.is(error) ? Object.assign(error, { outcome: 'refused' }) : error;
          });
        return await told(written.path);
      }
      const store = async (write: (bytes: Content) => Promise<unknown>): Promise<Stored<StoredInFolder>> => {
        await onCreated([basename(path)]);
        await write(open());
        return await told(path);
      };
      // Also when another process writes the same name at this moment.
      if (ifExists === 'refuse') return await store((bytes) => bytes.toFile(path, { ifExists: 'fail' })).catch((error: unknown) => throwExplained(error, path));
      return await alone(path, call.signal, async () => {
        await refuseOtherName(path);
        return await store((bytes) => bytes.toFile(path));
      });
    },

    ...(ifExists === 'refuse' && {
      uploadState: async (key: Key): Promise<UploadState> => ((await exists(join(folder, ...key))) ? 'complete' : 'empty'),
    }),

    async delete(key) {
      const { path } = await find(folder, key, 'delete');
      await guarded('delete', path, () => rm(path));
    },
  });
}

/** Refuses a folder that is something else; one that is not there is made later. */
function checkFolder(folder: string, operation: string): void {
  let isOther: boolean;
  try {
    isOther = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    // Whoever cannot look there is told when something is read or written.
    return;
  }
  if (!isOther) return;
  const hint = 'Give the folder that files are read from and written to, not a file.';
  throw invalidRequest({ vendor: 'files', operation, message: `dir is ${JSON.stringify(folder)}, which is no folder`, hint });
}

/** The same name for file systems that do not tell `A.txt` from `a.txt`, or one spelling of an accent from another. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Uploads that are under way, by what their paths may be one file as. */
const underWay = new Map<string, Promise<unknown>>();

/** Uploads that replace go one after the other where their names may be one name: each sees what the one before it stored. */
async function alone<Result>(path: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
  const key = folded(path);
  const before = underWay.get(key);
  const mine = before === undefined ? work() : unlessAborted(before, signal).then(work);
  // Who gives up waiting does not end what it waited for.
  const both = Promise.allSettled([before, mine]);
  underWay.set(key, both);
  try {
    return await mine;
  } finally {
    void both.then(() => underWay.get(key) === both && underWay.delete(key));
  }
}

function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    void work.finally(() => signal?.removeEventListener('abort', onAbort)).then(resolve, resolve);
  });
}

/** Where the file system takes two names for one, a file of the other name would be lost: it is another file. */
async function refuseOtherName(path: string): Promise<void> {
  const name = basename(path);
  const [first] = /\p{L}/u.exec(name) ?? [''];
  const swapped = first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase();
  const variants = [name.replace(first, swapped), name.normalize(name === name.normalize('NFC') ? 'NFD' : 'NFC')].filter((one) => one !== name);
  const [own, ...others] = await Promise.all([path, ...variants.map((one) => join(path, '..', one))].map(identity));
  if (own === undefined || !others.includes(own)) return;
  // One file under both names: which is its own?
  const names = await guarded('upload', path, () => readdir(join(path, '..')));
  const other = names.includes(name) ? undefined : names.find((one) => folded(one) === folded(name));
  if (other === undefined) return;
  throw failure(
    'conflict',
    'upload',
    `${JSON.stringify(other)} exists already, and this file system takes ${JSON.stringify(name)} for the same name`,
    'Nothing was replaced. Give another name (in a copy: `as`), or delete the other file.',
  );
}

/** Which file a path is; `undefined` where there is none. */
async function identity(path: string): Promise<string | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  return info === undefined ? undefined : `${info.dev} ${info.ino}`;
}

/** A file that is there and lies in the folder, links followed. */
async function find(folder: string, key: Key, operation: string): Promise<{ readonly path: string; readonly info: FileStats }> {
  const path = join(folder, ...key);
  const [root, real] = await guarded(operation, path, () => Promise.all([realpath(folder), realpath(path)]));
  const inside = relative(root, real);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || resolve(root, inside) !== real) {
    throw failure('permission-denied', operation, `${key.join('/')} leads out of the folder`, 'Give a path below it; links are followed.');
  }
  const info = await guarded(operation, path, () => stat(real));
  if (!info.isFile()) throw failure('not-found', operation, `${key.join('/')} is not a file`, 'Give the path of a file.');
  return { path: real, info };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw toApiError(error, 'upload', path);
  }
}

function throwExplained(error: unknown, path: string): never {
  throw ApiError.is(error) && error.kind === 'conflict' && error.code === 'EEXIST' ? alreadyThere(path) : error;
}

function alreadyThere(path: string): ApiError {
  return failure(
    'conflict',
    'upload',
    `${path} exists already`,
    "Give another name (in a copy: `as`), or filesAssets({ dir, ifExists: 'rename' }), or 'replace'.",
  );
}

async function guarded<Result>(operation: string, path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toApiError(error, operation, path);
  }
}

function toApiError(error: unknown, operation: string, path: string): ApiError {
  const { code } = error as NodeJS.ErrnoException;
  const kinds: Readonly<Record<string, ErrorKind>> = { ENOENT: 'not-found', ENOTDIR: 'not-found', EACCES: 'permission-denied', EPERM: 'permission-denied' };
  const kind = kinds[code ?? ''] ?? 'unexpected';
  return failure(kind, operation, `${path}: ${code ?? String(error)}`, HINTS[kind] ?? 'The operating system refused it: its cause says why.', error);
}

const HINTS: Partial<Record<ErrorKind, string>> = {
  'not-found': 'Check the name, and that dir is the right folder.',
  'permission-denied': 'Let this process read, or write, there.',
};

function failure(kind: ErrorKind, operation: string, message: string, hint: string, cause?: unknown): ApiError {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return new ApiError({ kind, vendor: 'files', operation, message, hint, code, outcome: 'refused', cause });
}

/**
 * Lets the bytes of a copy wait on disk where the destination must know their number and nobody tells it.
 *
 * @param options.dir - Where; a folder of its own in there is made and removed for each file. Default: the system's place
 *   for temporary files.
 * @example
 * ```ts
 * await copy(ref, chat, { spool: diskSpool(), vendorOptions });
 * ```
 */
export function diskSpool(options: { readonly dir?: string | undefined } = {}): Spool {
  checkOptions(options, { dir: TEXT }, { operation: 'diskSpool' });
  const { dir = tmpdir() } = options;
  return {
    async hold(content) {
      const folder = await guarded('spool', dir, () => mkdtemp(join(dir, 'asset-clients-')));
      const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
      try {
        const path = join(folder, 'content');
        const { bytes } = await content.toFile(path);
        const source = await fileSource(path);
        return { size: bytes, stream: () => source.stream(), [Symbol.asyncDispose]: remove };
      } catch (error) {
        await remove();
        throw error;
      }
    },
  };
}
