import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../../test/expect-error.ts';
import { json, startServer } from '../../test/http-server.ts';
import { SkippingClock } from '../../test/manual-clock.ts';
import { createClient } from '../client.ts';
import type { AnyOperation } from '../operation.ts';
import { raw } from '../body-encoders.ts';
import { fileSource } from './index.ts';

const put: AnyOperation = { id: 'put', method: 'PUT', path: '/', body: { content: { 'application/octet-stream': { encode: raw } } }, responses: {} };
const bytes = Buffer.alloc(600_000, 'abcdefghijklmnopqrstuvw');

async function fileWith(content: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'file-source-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'a file.bin');
  await writeFile(path, content);
  return path;
}

describe('fileSource', () => {
  it('says size and name, and gives the bytes as often as asked, in large pieces', async () => {
    const path = await fileWith(bytes);
    for (const given of [path, pathToFileURL(path)]) {
      const source = await fileSource(given);
      expect(source).toMatchObject({ size: 600_000, name: 'a file.bin' });
      expect(source.type).toBeUndefined();
      for (let round = 0; round < 2; round += 1) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of source.stream() as AsyncIterable<Uint8Array>) chunks.push(chunk);
        expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
        expect(chunks).toHaveLength(3);
      }
    }
  });

  it('refuses what is not there, and what is no file', async () => {
    await expect(fileSource(join(tmpdir(), 'no', 'such', 'file'))).rejects.toMatchObject({
      name: 'ApiError',
      kind: 'invalid-request',
      outcome: 'not-sent',
      cause: { code: 'ENOENT' },
    });
    await expect(fileSource(tmpdir())).rejects.toMatchObject({ kind: 'invalid-request', message: expect.stringMatching(/is not a file/) as string });
  });

  it('is sent with its exact length, and opened again for another attempt', async () => {
    const { origin, arrived } = await startServer((_request, response, count) => json(response, {}, count === 1 ? 503 : 200));
    const client = createClient({ put }, { baseUrl: origin, clock: new SkippingClock() });
    await client.put({ body: await fileSource(await fileWith(bytes)) });
    expect(arrived.map(({ body }) => body.equals(bytes))).toEqual([true, true]);
    expect(arrived[1]!.headers).toMatchObject({ 'content-length': '600000', 'content-type': 'application/octet-stream' });
    expect(arrived[1]!.headers['transfer-encoding']).toBeUndefined();
  });

  it('that grew, shrank or went away meanwhile is no upload', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}));
    const client = createClient({ put }, { baseUrl: origin });
    for (const change of [(path: string) => appendFile(path, 'x'), (path: string) => truncate(path, 599_999), (path: string) => rm(path)]) {
      const path = await fileWith(bytes);
      const source = await fileSource(path);
      await change(path);
      expect(await failure(client.put({ body: source }))).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('body: ') as string });
    }
    expect(arrived).toEqual([]);
  });

  it('that is never read holds no file', async () => {
    const source = await fileSource(await fileWith(bytes));
    const client = createClient({ put }, { baseUrl: 'http://127.0.0.1:1', maxRetries: false });
    expect(await failure(client.put({ body: source }))).toMatchObject({ kind: 'network', outcome: 'not-sent' });
  });
});
