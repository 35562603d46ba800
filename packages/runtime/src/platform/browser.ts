/** Browsers: the platform's fetch, which shows no redirects; no files. */

import type { Platform } from './platform.ts';

export { headerOf, openBody, readerOf } from './fetch-response.ts';
// Browsers send streams over HTTP/2 at best, and never with a length.
export { collect as bodyOf } from './stream-body.ts';
export const name: Platform['name'] = 'browser';
export const transport: Platform['transport'] = undefined;
export const redirect: Platform['redirect'] = undefined;
export const reachOf: Platform['reachOf'] = undefined;
export const sendsStreams: Platform['sendsStreams'] = () => false;
export const hash: Platform['hash'] = () => undefined;
export const writeFile: Platform['writeFile'] = undefined;
export const joinPath: Platform['joinPath'] = undefined;
export const publishRequest: Platform['publishRequest'] = () => undefined;
export const publishTransfer: Platform['publishTransfer'] = () => undefined;
