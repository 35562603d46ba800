import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { hashedContent } from './hashed-content.ts';
import { binaryBody } from './binary-body.ts';
import type { BinaryBody } from './binary-value.ts';

const bytes = Buffer.from('the quick brown fox');
const sha256 = createHash('sha256').update(bytes).digest('hex');

async function send(content: BinaryBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of binaryBody(content).open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function* pieces(): AsyncIterable<Uint8Array> {
  yield bytes.subarray(0, 5);
  yield bytes.subarray(5);
}

describe('hashedContent', () => {
  it.each<[string, () => BinaryBody]>([
    ['bytes', () => new Uint8Array(bytes)],
    ['a part of a larger buffer', () => Uint8Array.from([1, 2, 3, ...bytes, 4]).subarray(3, -1)],
    ['an ArrayBuffer', () => Uint8Array.from(bytes).buffer],
    ['a Blob', () => new Blob([bytes])],
    ['a source with a size', () => ({ size: bytes.length, stream: pieces })],
    ['a stream', () => new Blob([bytes]).stream()],
    ['an async iterable', pieces],
  ])('of %s gives the hash of what was sent', async (_what, make) => {
    const hashed = hashedContent(make());
    expect(await send(hashed.content)).toBe(bytes.toString());
    expect(await hashed.sha256()).toBe(sha256);
  });

  it('begins anew when a source is opened again', async () => {
    const hashed = hashedContent({ size: bytes.length, stream: pieces });
    await send(hashed.content);
    await send(hashed.content);
    expect(await hashed.sha256()).toBe(sha256);
  });
});
