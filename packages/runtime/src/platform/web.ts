import { redirect } from '../redirect.ts';
import { reachOf } from '../untrusted-url.ts';
import { toReadableStream } from '../outgoing-body.ts';
import type { Platform } from './platform.ts';
import { collect, MOST_COLLECTED } from './stream-body.ts';

/** What workerd has to tell the length of a stream. */
declare const FixedLengthStream: (new (size: number) => TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>) | undefined;

/** Where a request takes no stream, it takes its name: `[object ReadableStream]` would be sent, as a text. */
function takesStreams(): boolean {
  try {
    const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' } as RequestInit;
    return !new Request('https://example.invalid', init).headers.has('content-type');
  } catch {
    return false;
  }
}

/** Workers: the platform's fetch, no files. */
export const platform: Platform = {
  name: 'web',
  transport: () => undefined,
  redirect,
  reachOf,
  get sendsStreams() {
    return takesStreams();
  },
  bodyOf(chunks, size) {
    if (size !== undefined && typeof FixedLengthStream === 'function') return { body: toReadableStream(chunks).pipeThrough(new FixedLengthStream(size)) };
    // A stream would go out without its length, and from browsers over HTTP/2 at best: bundlers give them this build, too.
    return (size !== undefined && size <= MOST_COLLECTED) || !this.sendsStreams ? collect(chunks) : { body: toReadableStream(chunks) };
  },
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
