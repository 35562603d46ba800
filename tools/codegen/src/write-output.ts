/** Puts generated files in place: all of them or none. */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CodegenError } from './report.ts';
import { readStamp } from './stamp.ts';

/**
 * Refuses a folder that holds something we have not generated.
 *
 * @param folder - The output folder.
 * @param force - Take it all the same: everything in it will be replaced.
 */
export async function checkFolder(folder: string, force: boolean): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new CodegenError(
      `${folder}: ${code === 'ENOTDIR' ? 'this is a file, not a folder' : `the folder cannot be read (${code})`}.`,
      'Choose another output folder.',
    );
  }
  if (names.length === 0 || force || (await readStamp(folder))) return;
  throw new CodegenError(
    `${folder}: the folder is not empty and was not generated (it has no .stamp.json).`,
    'Choose an empty folder. With --force everything in this one is deleted and replaced.',
  );
}

/**
 * The names that would be written or deleted.
 *
 * @param folder - The output folder.
 * @param files - Name to content.
 */
export async function changedFiles(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const present = new Set(await readdir(folder).catch(() => []));
  const changed: string[] = [];
  for (const [name, content] of files) {
    const old = present.delete(name) ? await readFile(join(folder, name), 'utf8').catch(() => undefined) : undefined;
    if (old !== content) changed.push(name);
  }
  return [...changed, ...present];
}

/** Writes the files beside the folder, then exchanges the two; what was in the folder and is not generated is gone. */
export async function replaceFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const target = resolve(folder);
  const beside = join(dirname(target), `.${basename(target)}-${randomUUID().slice(0, 8)}`);
  const [fresh, old] = [`${beside}.new`, `${beside}.old`];
  try {
    await mkdir(fresh, { recursive: true });
    for (const [name, content] of files) await writeFile(join(fresh, name), content);
    const existed = await rename(target, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    try {
      await rename(fresh, target);
    } catch (error) {
      if (existed) await rename(old, target);
      throw error;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CodegenError(`${folder}: the folder cannot be written (${code ?? message}).`, 'Check its permissions, or choose another output folder.');
  } finally {
    // What is left over must not hide the error above.
    for (const rest of [fresh, old]) await rm(rest, { recursive: true, force: true }).catch(() => {});
  }
}
