/** What needs a file system of Node, Bun or Deno; the rest of this package does not. */

export { fileSource } from './file-source.ts';
