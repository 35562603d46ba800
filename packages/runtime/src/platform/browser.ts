import { collect } from './stream-body.ts';
import type { Platform } from './platform.ts';

/** Browsers: the platform's fetch, which shows no redirects; no files. */
export const platform: Platform = {
  name: 'browser',
  sendsStreams: false,
  transport: () => undefined,
  // Browsers send streams over HTTP/2 at best, and never with a length.
  bodyOf: collect,
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
