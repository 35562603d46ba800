import type { Platform } from './platform.ts';

/** Browsers and workers: the platform's fetch, no files. */
export const platform: Platform = {
  name: 'web',
  transport: () => undefined,
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
