/** ky is loaded at the first request: importing a client costs nothing. */

import type ky from 'ky';

let loading: Promise<typeof ky> | undefined;

/** Once it is loaded. */
export let loadedKy: typeof ky | undefined;

/** Await it before a time limit is set: loading is no time of the vendor's, and a test's clock may jump to the limit. */
export function loadKy(): Promise<typeof ky> {
  return (loading ??= import('ky').then((module) => (loadedKy = module.default)));
}
