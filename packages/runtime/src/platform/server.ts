import { joinPath, publish, sha256, writeFile } from './files.ts';
import type { Platform } from './platform.ts';

/** Bun and Deno: the platform's fetch, with files. */
export const platform: Platform = {
  name: 'server',
  transport: () => undefined,
  isOwnFetch: () => true,
  sha256,
  writeFile,
  joinPath,
  publish,
};
