/** Bun and Deno: the platform's fetch, with files. */

import { collect, MOST_COLLECTED, streamWithLength } from './stream-body.ts';
import type { Platform } from './platform.ts';

/** Deno's fetch tells the length of nothing that it streams. */
const isDeno = 'Deno' in globalThis;

export { publishRequest, publishTransfer } from '../events.ts';
export { redirect } from '../redirect.ts';
export { reachOf } from '../untrusted-url.ts';
export { headerOf, openBody, readerOf } from './fetch-response.ts';
export { hash, joinPath, writeFile } from './files.ts';
export const name: Platform['name'] = 'server';
export const sendsStreams: Platform['sendsStreams'] = () => true;
export const transport: Platform['transport'] = undefined;
export const bodyOf: Platform['bodyOf'] = (chunks, size) =>
  isDeno && size !== undefined && size <= MOST_COLLECTED ? collect(chunks) : streamWithLength(chunks, size);
