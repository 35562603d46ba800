import { toReadableStream } from '../outgoing-body.ts';
import type { StreamedBody } from './platform.ts';

/** Bytes that are read into memory where fetch cannot tell the length of a stream; eGain takes 10 MiB. */
export const MOST_COLLECTED: number = 16 * 2 ** 20;

/** For a fetch that believes the header. */
export function streamWithLength(chunks: AsyncIterable<Uint8Array>, size: number | undefined): StreamedBody {
  return { body: toReadableStream(chunks), ...(size !== undefined && { headers: { 'content-length': String(size) } }) };
}

/** For a fetch that knows the length of nothing but what is in memory. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<StreamedBody> {
  const parts: BlobPart[] = [];
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>);
  return { body: new Blob(parts) };
}
