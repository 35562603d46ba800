/** Answers of the platform's fetch, which has decompressed them. */

import type { Platform } from './platform.ts';

export const headerOf: Platform['headerOf'] = (response, name) => response.headers.get(name);
export const readerOf: Platform['readerOf'] = (response) => response.body?.getReader() as ReturnType<Platform['readerOf']>;
export { readerOf as openBody };
