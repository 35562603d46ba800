/** The stamp beside generated files: what they were made from, and what they looked like. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The name of the stamp's file. */
export const stampFile = '.stamp.json';

/** The stamp's content. */
export interface Stamp {
  readonly comment: string;
  /** Over the document with all its files, the templates, and both versions. */
  readonly input: string;
  readonly generator: string;
  readonly codegen: string;
  /** File name to sha256. */
  readonly files: Readonly<Record<string, string>>;
}

/** The sha256 of a text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The text of a stamp. */
export function printStamp(stamp: Omit<Stamp, 'comment'>): string {
  const comment = 'Made by @asset-clients/codegen, like the files beside it. Generate again to renew all.';
  return `${JSON.stringify({ comment, ...stamp }, undefined, 2)}\n`;
}

/**
 * Reads the stamp of a folder.
 *
 * @returns The stamp, or undefined when there is none (or none that can be read).
 */
export async function readStamp(folder: string): Promise<Stamp | undefined> {
  try {
    const stamp = JSON.parse(await readFile(join(folder, stampFile), 'utf8')) as Partial<Stamp> | null;
    return typeof stamp?.input === 'string' && typeof stamp.files === 'object' && stamp.files !== null ? (stamp as Stamp) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Compares a folder of generated files with its stamp. Needs no Java.
 *
 * @param folder - The folder.
 * @returns One line for each file that was changed, added or removed by hand; none when all is as generated.
 */
export async function verifyStamp(folder: string): Promise<string[]> {
  const stamp = await readStamp(folder);
  if (!stamp) return [`${stampFile} is missing`];
  const problems: string[] = [];
  const present = new Set(await readdir(folder));
  present.delete(stampFile);
  for (const [name, expected] of Object.entries(stamp.files)) {
    if (!present.delete(name)) problems.push(`${name} is missing`);
    else if (sha256(await readFile(join(folder, name), 'utf8')) !== expected) problems.push(`${name} was edited by hand`);
  }
  for (const name of present) problems.push(`${name} was not generated`);
  return problems;
}
