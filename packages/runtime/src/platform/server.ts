import { hash, joinPath, publish, writeFile } from './files.ts';
import { redirect } from '../redirect.ts';
import { reachOf } from '../untrusted-url.ts';
import { collect, MOST_COLLECTED, streamWithLength } from './stream-body.ts';
import type { Platform } from './platform.ts';

/** Deno's fetch tells the length of nothing that it streams. */
const isDeno = 'Deno' in globalThis;

/** Bun and Deno: the platform's fetch, with files. */
export const platform: Platform = {
  name: 'server',
  sendsStreams: true,
  transport: () => undefined,
  redirect,
  reachOf,
  bodyOf: (chunks, size) => (isDeno && size !== undefined && size <= MOST_COLLECTED ? collect(chunks) : streamWithLength(chunks, size)),
  isOwnFetch: () => true,
  hash,
  writeFile,
  joinPath,
  publish,
};
