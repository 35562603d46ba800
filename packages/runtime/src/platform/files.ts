/** Node's modules, loaded at the first use: importing this package reads nothing. */

import type { Hasher, IfExists } from './platform.ts';

type Builtins = {
  'node:crypto': typeof import('node:crypto');
  'node:diagnostics_channel': typeof import('node:diagnostics_channel');
};

export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return (globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }).process?.getBuiltinModule?.(name) as Builtins[Name] | undefined;
}

/** Hashes of the platform's crypto module. */
export function hash(algorithm: 'sha256' | 'md5'): Hasher | undefined {
  try {
    const running = builtin('node:crypto')?.createHash(algorithm);
    return running && { update: (chunk) => void running.update(chunk), hex: () => running.copy().digest('hex') };
  } catch {
    // Some builds of Node have no MD5.
    return undefined;
  }
}

/** Writes beside the target and renames, so that no reader ever sees half a file. */
export async function writeFile(path: string, ifExists: IfExists, chunks: AsyncIterable<Uint8Array | null>): Promise<string> {
  const fs = await import('node:fs/promises');
  const { dirname, join, resolve } = await import('node:path');
  const target = resolve(path);
  // Better known before the bytes came; another process may still be faster.
  if (ifExists === 'fail' && (await fs.lstat(target).catch(() => undefined)) !== undefined) throw existsError(target);
  const temporary = join(dirname(target), `.${crypto.randomUUID()}.part`);
  let file: Awaited<ReturnType<typeof fs.open>> | undefined;
  try {
    // A folder that is missing or not writable must be known before the vendor is asked for bytes.
    file = await fs.open(temporary, 'wx');
    let pending: Uint8Array[] = [];
    let size = 0;
    let position = 0;
    for await (const chunk of chunks) {
      if (chunk === null) {
        await file.truncate(0);
        pending = [];
        size = position = 0;
        continue;
      }
      pending.push(chunk);
      size += chunk.length;
      if (size < 1_048_576) continue;
      await writeAll(file, pending, position);
      position += size;
      pending = [];
      size = 0;
    }
    await writeAll(file, pending, position);
    await file.sync();
    await file.close();
    file = undefined;
    if (ifExists !== 'replace') return await placeNew(temporary, target, ifExists);
    await fs.rename(temporary, target);
    return target;
  } catch (error) {
    await file?.close().catch(() => undefined);
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** More files of one name are a mistake rather than a need. */
const MOST_NAMES = 10_000;

/** Gives a finished file its name, if that is free; else, with `rename`, the next that is: `photo (1).jpg`. */
async function placeNew(temporary: string, target: string, ifExists: IfExists): Promise<string> {
  const { dirname, extname, basename, join } = await import('node:path');
  const extension = extname(target);
  const stem = basename(target, extension);
  for (let count = 0; count < (ifExists === 'rename' ? MOST_NAMES : 1); count += 1) {
    const mark = count === 0 ? '' : ` (${count})`;
    const path = join(dirname(target), `${cutTo(stem, 255 - byteLength(mark + extension))}${mark}${extension}`);
    if (await takeName(temporary, path)) return path;
  }
  throw existsError(target);
}

/** Whether the name was free; by a hard link, which never replaces a file. */
async function takeName(temporary: string, path: string): Promise<boolean> {
  const fs = await import('node:fs/promises');
  try {
    await fs.link(temporary, path);
    await fs.rm(temporary);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error;
    // No hard links on this file system: the name is taken by an empty file first.
    const isFree = await fs.open(path, 'wx').then(
      (file) => file.close().then(() => true),
      (refused: NodeJS.ErrnoException) => (refused.code === 'EEXIST' ? false : Promise.reject(refused)),
    );
    if (isFree) await fs.rename(temporary, path);
    return isFree;
  }
  return true;
}

function existsError(path: string): Error {
  return Object.assign(new Error(`a file is there already: ${path}`), { code: 'EEXIST' });
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The beginning of a name, no longer than so many bytes. */
function cutTo(name: string, bytes: number): string {
  let cut = name;
  while (byteLength(cut) > bytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}

async function writeAll(
  file: { writev(chunks: Uint8Array[], position: number): Promise<{ bytesWritten: number }> },
  chunks: Uint8Array[],
  start: number,
): Promise<void> {
  let rest = chunks;
  let position = start;
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest, position);
    position += bytesWritten;
    while (rest.length > 0 && bytesWritten >= rest[0]!.length) {
      bytesWritten -= rest[0]!.length;
      rest = rest.slice(1);
    }
    if (rest.length > 0 && bytesWritten > 0) rest = [rest[0]!.subarray(bytesWritten), ...rest.slice(1)];
  }
}

/** The path of a name directly inside a folder; a name that would lead elsewhere is refused. */
export async function joinPath(folder: string, name: string): Promise<string> {
  const { basename, dirname, join, resolve } = await import('node:path');
  const path = resolve(folder, name);
  if (dirname(path) !== resolve(folder) || basename(path) !== name) throw new TypeError('the name leads out of the folder');
  return join(folder, name);
}

const channels = new Map<string, { readonly hasSubscribers: boolean; publish(message: unknown): void }>();

/** Publishes on `node:diagnostics_channel`; the message is made only when somebody listens. */
export function publish(name: string, message: () => unknown): void {
  let channel = channels.get(name);
  if (channel === undefined) {
    const module = builtin('node:diagnostics_channel');
    if (module === undefined) return;
    channels.set(name, (channel = module.channel(name)));
  }
  if (channel.hasSubscribers) channel.publish(message());
}
