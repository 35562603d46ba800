import type { Platform } from './platform.ts';

/** Browsers: the platform's fetch, which shows no redirects; no files. */
export const platform: Platform = {
  name: 'browser',
  transport: () => undefined,
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
