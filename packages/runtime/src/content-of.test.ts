import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { contentOf } from './content-of.ts';
import { ApiError } from './errors.ts';

const bytes = new TextEncoder().encode('some bytes');

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'content-of-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function* pieces(...all: (Uint8Array | Error)[]): AsyncIterable<Uint8Array> {
  for (const piece of all) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

describe('contentOf', () => {
  it('reads bytes, Blobs, streams, iterables and sources alike', async () => {
    const sources = [
      bytes,
      bytes.buffer,
      new Blob([bytes]),
      new Blob([bytes]).stream(),
      pieces(bytes.subarray(0, 3), bytes.subarray(3)),
      { size: 10, stream: () => pieces(bytes) },
    ];
    for (const source of sources) expect(await contentOf(source).text()).toBe('some bytes');
  });

  it('says what it was told, and what the source knows', async () => {
    const when = new Date('2026-01-02T03:04:05Z');
    const content = contentOf(pieces(bytes), { name: 'ü "a"/b.txt', mediaType: 'text/plain', size: 10, lastModified: when });
    expect(content).toMatchObject({ name: 'ü "a"/b.txt', mediaType: 'text/plain', size: 10, lastModified: when });
    await content.cancel();
    const file = contentOf(new File([bytes], 'a.txt', { type: 'text/x' }));
    expect(file).toMatchObject({ name: 'a.txt', mediaType: 'text/x', size: 10, lastModified: undefined });
    await file.cancel();
    expect(contentOf(pieces()).size).toBeUndefined();
  });

  it('gives a receipt, and is written to a file as any other', async () => {
    const path = join(await folder(), 'file');
    const receipt = await contentOf(bytes, { url: 'memory:1?secret=2' }).toFile(path);
    expect(receipt).toMatchObject({ bytes: 10, verified: 'length', attempts: 1, resumes: 0, resigns: 0, waitedMs: 0 });
    expect(receipt.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(receipt.url).not.toContain('secret=2');
    expect(await readFile(path, 'utf8')).toBe('some bytes');
    const unknown = contentOf(pieces(bytes));
    await unknown.bytes();
    expect(unknown.receipt().verified).toBe('none');
  });

  it('is empty where there is nothing', async () => {
    expect(await contentOf(new Uint8Array()).bytes()).toEqual(new Uint8Array());
    expect(await contentOf(pieces(), { size: 0 }).bytes()).toEqual(new Uint8Array());
    expect(await contentOf(pieces()).bytes()).toEqual(new Uint8Array());
  });

  it('fails as the source fails, and leaves what was there', async () => {
    const path = join(await folder(), 'file');
    await writeFile(path, 'before');
    const cause = new Error('disk');
    const error = await failure(contentOf(pieces(bytes, cause), { vendor: 'acme', operation: 'fetch', size: 20 }).toFile(path));
    expect(error).toMatchObject({ kind: 'unexpected', vendor: 'acme', operation: 'fetch', message: 'acme.fetch: the source failed while it was read' });
    expect((error.cause as Error).message).toBe('disk');
    expect(await readFile(path, 'utf8')).toBe('before');
    const own = new ApiError({ kind: 'rate-limited', message: 'slow down' });
    expect(await failure(contentOf(pieces(own)).bytes())).toBe(own);
  });

  it.each([
    ['fewer', 11],
    ['more', 9],
  ])('has %s bytes than stated: integrity', async (_what, size) => {
    const error = await failure(contentOf(pieces(bytes), { size }).bytes());
    expect(error).toMatchObject({ kind: 'integrity' });
    expect(error).not.toHaveProperty('status');
    expect(error.message).toContain(String(size));
  });

  it('refuses what is no content, and a size that is not the own', () => {
    for (const what of ['text', undefined, null, 3, {}]) {
      expect(() => contentOf(what as never), String(what)).toThrow(expect.objectContaining({ kind: 'invalid-request' }) as Error);
    }
    expect(() => contentOf(bytes, { size: 3 })).toThrow(/10 bytes, but size says 3/);
  });

  it('ends by its signal, its deadline and silence', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    expect(await failure(contentOf(bytes, {}, { signal: stop.signal }).bytes())).toMatchObject({ kind: 'aborted', name: 'AbortError' });
    const silent = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: () => new Promise(() => undefined) });
    const clock = new SkippingClock();
    expect(await failure(contentOf(silent(), { clock }, { deadlineMs: 50 }).bytes())).toMatchObject({ kind: 'timeout' });
    expect(await failure(contentOf(silent(), { clock }, { idleTimeoutMs: 50 }).bytes())).toMatchObject({ kind: 'timeout' });
  });

  it('closes a source that is not read to its end', async () => {
    let closed = 0;
    const source = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: (controller) => controller.enqueue(bytes), cancel: () => void (closed += 1) });
    const content = contentOf(source());
    for await (const chunk of content) {
      expect(chunk).toEqual(bytes);
      break;
    }
    expect(closed).toBe(1);
  });

  it('tells progress and hashes only when wanted', async () => {
    const seen: number[] = [];
    const content = contentOf(pieces(bytes, bytes), {}, { onProgress: ({ bytes: count }) => seen.push(count), sha256: false });
    await content.bytes();
    expect(seen).toEqual([10, 20]);
    expect(content.receipt()).not.toHaveProperty('sha256');
  });
});
