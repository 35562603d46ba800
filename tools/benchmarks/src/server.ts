/** What the benchmarks talk to, in a process of its own: JSON answers, bytes, and a place to send bytes. Prints its port. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BLOCK = Buffer.alloc(1_048_576, 'asset');
/** As long as a small asset of the vendor. */
const JSON_BYTES = 1177;
const asset = { data: { assetId: 'a1', filename: '' } };
asset.data.filename = 'x'.repeat(JSON_BYTES - JSON.stringify(asset).length);
const json = JSON.stringify(asset);

const server = createServer((request, response) => {
  const bytes = /^\/bytes\/(\d+)/.exec(request.url!);
  if (bytes !== null) {
    let left = Number(bytes[1]);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': left });
    const write = (): void => {
      while (left > 0) {
        const block = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
        left -= block.length;
        if (!response.write(block)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
    return;
  }
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  request.on('end', () => {
    const body = request.method === 'GET' ? json : JSON.stringify({ received });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit());
