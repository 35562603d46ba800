/** Workers: the platform's fetch, no files. Bundlers give this to browsers, too, when they know no condition of theirs. */

import { toReadableStream } from '../outgoing-body.ts';
import type { Platform } from './platform.ts';
import { collect, MOST_COLLECTED } from './stream-body.ts';

/** What workerd has to tell the length of a stream. */
declare const FixedLengthStream: (new (size: number) => TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>) | undefined;

export { redirect } from '../redirect.ts';
export { reachOf } from '../untrusted-url.ts';
export { headerOf, openBody, readerOf } from './fetch-response.ts';
export const name: Platform['name'] = 'web';
export const transport: Platform['transport'] = undefined;
/** Where a request takes no stream, it takes its name: `[object ReadableStream]` would be sent, as a text. */
export const sendsStreams: Platform['sendsStreams'] = () => {
  try {
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' } as RequestInit;
    return !new Request('https://example.invalid', init).headers.has('content-type');
  } catch {
    return false;
  }
};
export const bodyOf: Platform['bodyOf'] = (chunks, size) => {
  if (size !== undefined && typeof FixedLengthStream === 'function') return { body: toReadableStream(chunks).pipeThrough(new FixedLengthStream(size)) };
  // A stream would go out without its length, and from browsers over HTTP/2 at best.
  return (size !== undefined && size <= MOST_COLLECTED) || !sendsStreams() ? collect(chunks) : { body: toReadableStream(chunks) };
};
export const hash: Platform['hash'] = () => undefined;
export const writeFile: Platform['writeFile'] = undefined;
export const joinPath: Platform['joinPath'] = undefined;
export const publishRequest: Platform['publishRequest'] = () => undefined;
export const publishTransfer: Platform['publishTransfer'] = () => undefined;
