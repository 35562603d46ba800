import { hash, joinPath, publish, writeFile } from './files.ts';
import { redirect } from '../redirect.ts';
import type { Platform } from './platform.ts';

/** Bun and Deno: the platform's fetch, with files. */
export const platform: Platform = {
  name: 'server',
  transport: () => undefined,
  redirect,
  isOwnFetch: () => true,
  hash,
  writeFile,
  joinPath,
  publish,
};
