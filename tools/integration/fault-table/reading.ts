/** Reads a download and says how it differs from what it has to be. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Content } from '@asset-clients/runtime';

import type { Came } from './steps.ts';

/**
 * Reads in one of three ways.
 *
 * @param expected - What the vendor has now; asked for when all was read.
 * @throws Error of its own when a failure left a file.
 */
export async function readAll(content: Content, reading: 'bytes' | 'stream' | 'toFile', expected: () => Promise<Uint8Array>): Promise<Came> {
  const got = await readBy(content, reading);
  const receipt = content.receipt();
  if (receipt.bytes !== got.length) throw new Error(`the receipt tells ${receipt.bytes} bytes of ${got.length}`);
  return { what: compare(got, Buffer.from(await expected())), verified: receipt.verified };
}

async function readBy(content: Content, reading: 'bytes' | 'stream' | 'toFile'): Promise<Buffer> {
  if (reading === 'bytes') return Buffer.from(await content.bytes());
  if (reading === 'stream') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(Uint8Array.from(chunk));
    return Buffer.concat(chunks);
  }
  const folder = await mkdtemp(join(tmpdir(), 'fault-table-'));
  try {
    const failed = await content.toFile(join(folder, 'file')).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const left = await readdir(folder);
    if (failed === undefined) return await readFile(join(folder, 'file'));
    if (left.length > 0) throw new Error(`a failed download left ${left.join(', ')}`, { cause: failed.error });
    throw failed.error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compare(got: Buffer, expected: Buffer): string {
  if (got.equals(expected)) return 'all';
  if (got.length < expected.length && got.equals(expected.subarray(0, got.length))) return `the first ${got.length} bytes`;
  if (got.length > expected.length && got.subarray(0, expected.length).equals(expected)) return `all and ${got.length - expected.length} bytes more`;
  return got.length === expected.length ? 'other bytes' : `${got.length} other bytes`;
}
