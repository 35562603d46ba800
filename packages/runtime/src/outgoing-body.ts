/** A body on its way to the transport, and the simplest one: a text. `transfer.ts` has what all others need besides. */

import type { Transfer } from './transfer.ts';

/** A body on its way to the transport. */
export interface OutgoingBody {
  /** Bytes, where known before reading. */
  readonly size: number | undefined;
  /** Whether {@link OutgoingBody.open} may be called again. */
  readonly repeatable: boolean;
  /** Text or bytes that are in memory anyway. */
  readonly data?: string | Uint8Array<ArrayBuffer>;
  /** The whole as a Blob, where that copies nothing: browsers cannot send streams. */
  readonly blob?: () => Blob;
  /** Called when the whole is handed to the transport in one piece. */
  readonly onWhole?: () => void;
  /** How it goes out, where it is more than a text: such bodies bring the code for that. */
  readonly transfer?: Transfer;
  /** Opens the bytes; with a known size the stream fails rather than give more or fewer. */
  open(): AsyncIterable<Uint8Array>;
}

const encoder = new TextEncoder();

/** Text as a body. */
export function textBody(text: string): OutgoingBody {
  return {
    get size() {
      return encoder.encode(text).length;
    },
    repeatable: true,
    data: text,
    async *open() {
      yield encoder.encode(text);
    },
  };
}

/**
 * A platform stream of an iterable, with back-pressure.
 *
 * @param onCancel - Called first: returning an iterator that was never started runs none of its code.
 */
export function toReadableStream(chunks: AsyncIterable<Uint8Array>, onCancel?: (reason: unknown) => unknown): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
      async cancel(reason) {
        await onCancel?.(reason);
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
