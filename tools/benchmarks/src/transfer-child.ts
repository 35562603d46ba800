/** One transfer, after one warm-up; prints seconds, CPU seconds, and MiB of memory above the idle process. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { binary, createClient, raw, type Content, type Operation } from '@asset-clients/runtime';
import { fileSource } from '@asset-clients/runtime/node';
import { Agent, request as undiciRequest } from 'undici';

const [name = '', baseUrl = '', size = '', path = ''] = process.argv.slice(2);
const bytes = Number(size);
const WARM_UP = 4 * 1_048_576;

const download: Operation<{ size: number }, { '200': Content }> = {
  id: 'download',
  method: 'GET',
  path: '/bytes/{size}',
  parameters: [{ name: 'size', in: 'path', required: true }],
  responses: { '200': ['application/octet-stream'] },
  binary,
};
const upload: Operation<{ body: unknown }, { '200': { received: number } }> = {
  id: 'upload',
  method: 'PUT',
  path: '/sink',
  body: { required: true, content: { 'application/octet-stream': { encode: raw } } },
  responses: { '200': ['application/json'] },
};

async function drain(content: AsyncIterable<Uint8Array>): Promise<number> {
  let total = 0;
  for await (const chunk of content) total += chunk.length;
  return total;
}

async function readFetch(count: number, onChunk: (chunk: Uint8Array) => void): Promise<number> {
  const reader = (await fetch(`${baseUrl}/bytes/${count}`)).body!.getReader();
  let total = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    total += next.value.length;
    onChunk(next.value);
  }
  return total;
}

/** Each gives the bytes that arrived. */
const cases: Record<string, (count: number, file: string) => Promise<number>> = {
  'ours, sha256 off': async (count) => {
    const client = createClient({ download }, { baseUrl });
    const total = await drain(await client.download({ size: count }, { sha256: false }));
    await client.close();
    return total;
  },
  'ours, sha256': async (count) => {
    const client = createClient({ download }, { baseUrl });
    const content = await client.download({ size: count });
    const total = await drain(content);
    if (!/^[0-9a-f]{64}$/.test(content.receipt().sha256!)) throw new Error('no sha256');
    await client.close();
    return total;
  },
  fetch: async (count) => readFetch(count, () => undefined),
  'fetch, sha256': async (count) => {
    const hash = createHash('sha256');
    const total = await readFetch(count, (chunk) => void hash.update(chunk));
    hash.digest('hex');
    return total;
  },
  'ours, to disk': async (count, file) => {
    const client = createClient({ download }, { baseUrl });
    const receipt = await (await client.download({ size: count })).toFile(file);
    await client.close();
    return receipt.bytes;
  },
  'ours, to disk, sha256 off': async (count, file) => {
    const client = createClient({ download }, { baseUrl });
    const receipt = await (await client.download({ size: count }, { sha256: false })).toFile(file);
    await client.close();
    return receipt.bytes;
  },
  'node:http + pipeline, to disk': async (count, file) => {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get(`${baseUrl}/bytes/${count}`, resolve).on('error', reject);
    });
    await pipeline(response, createWriteStream(file));
    return count;
  },
  'ours, from disk': async (_count, file) => {
    const client = createClient({ upload }, { baseUrl });
    const { received } = await client.upload({ body: await fileSource(file) });
    await client.close();
    return received;
  },
  'undici.request, from disk': async (count, file) => {
    const dispatcher = new Agent();
    const { body } = await undiciRequest(`${baseUrl}/sink`, {
      dispatcher,
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(count) },
      body: createReadStream(file),
    });
    const { received } = (await body.json()) as { received: number };
    await dispatcher.close();
    return received;
  },
};

const job = cases[name]!;
const warm = `${path}.warm`;
await pipeline(Readable.from([Buffer.alloc(WARM_UP)]), createWriteStream(warm));
await job(WARM_UP, warm);
await rm(warm, { force: true });
globalThis.gc?.();
const idle = process.memoryUsage.rss();
let peak = idle;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 10);
const start = performance.now();
const cpu = process.cpuUsage();
const arrived = await job(bytes, path);
const seconds = (performance.now() - start) / 1000;
const used = process.cpuUsage(cpu);
clearInterval(sampling);
if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes`);
process.stdout.write(JSON.stringify({ seconds, cpu: (used.user + used.system) / 1e6, memory: (peak - idle) / 1_048_576 }));
process.exit();
