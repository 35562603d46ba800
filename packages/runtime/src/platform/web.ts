import { redirect } from '../redirect.ts';
import type { Platform } from './platform.ts';

/** Workers: the platform's fetch, no files. */
export const platform: Platform = {
  name: 'web',
  transport: () => undefined,
  redirect,
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
