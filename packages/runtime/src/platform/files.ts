/** Node's modules, loaded at the first use: importing this package reads nothing. */

import type { Hasher } from './platform.ts';

type Builtins = {
  'node:crypto': typeof import('node:crypto');
  'node:diagnostics_channel': typeof import('node:diagnostics_channel');
};

function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
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
export async function writeFile(path: string, chunks: AsyncIterable<Uint8Array | null>): Promise<void> {
  const fs = await import('node:fs/promises');
  const { dirname, join, resolve } = await import('node:path');
  const target = resolve(path);
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
    await fs.rename(temporary, target);
  } catch (error) {
    await file?.close().catch(() => undefined);
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
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
