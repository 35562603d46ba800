/** What the benchmarks talk to, in a process of its own: JSON answers, bytes, and a place to send bytes. Prints its port. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BLOCK = Buffer.alloc(1_048_576, 'asset');
/** As long as a small asset of the vendor. */
const JSON_BYTES = 1177;
const filled = (make: (text: string) => object): string => JSON.stringify(make('x'.repeat(JSON_BYTES - JSON.stringify(make('')).length)));
const asset = filled((filename) => ({ data: { assetId: 'a1', filename } }));
const portal = filled((description) => ({ id: 'a1', name: 'portal', description }));

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
    const read = request.url!.includes('/portals/') ? portal : asset;
    const body = request.method === 'GET' ? read : JSON.stringify({ received });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('disconnect', () => process.exit());
