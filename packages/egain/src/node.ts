/** Files to upload, for Node, Bun and Deno. */

export { fileSource } from '@asset-clients/runtime/node';
