/** ky is loaded at the first request: importing a client costs nothing. */

import type ky from 'ky';

/** Retries and time are ours: they follow the client's clock. */
export const KY_OPTIONS = { retry: 0, timeout: false, throwHttpErrors: false } as const;

let loading: Promise<typeof ky> | undefined;

/** Once it is loaded. */
export let loadedKy: typeof ky | undefined;

/** Await it before a time limit is set: loading is no time of the vendor's, and a test's clock may jump to the limit. */
export function loadKy(): Promise<typeof ky> {
  return (loading ??= import('ky').then((module) => (loadedKy = module.default)));
}
