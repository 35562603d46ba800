import { redirect } from '../redirect.ts';
import { toReadableStream } from '../outgoing-body.ts';
import type { Platform } from './platform.ts';

/** What workerd has to tell the length of a stream. */
declare const FixedLengthStream: (new (size: number) => TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>) | undefined;

/** Workers: the platform's fetch, no files. */
export const platform: Platform = {
  name: 'web',
  transport: () => undefined,
  redirect,
  bodyOf(chunks, size) {
    const body = toReadableStream(chunks);
    if (size === undefined || typeof FixedLengthStream !== 'function') return { body };
    return { body: body.pipeThrough(new FixedLengthStream(size)) };
  },
  isOwnFetch: () => true,
  hash: () => undefined,
  publish: () => undefined,
};
