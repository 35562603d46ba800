/** A server that breaks connections in the phase that the request names. */

import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export async function startHostileServer(): Promise<{ readonly origin: string; readonly sockets: () => number; readonly close: () => void }> {
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    const { socket } = request;
    const size = Number(request.headers['x-size'] ?? 0);
    const phase = request.headers['x-phase'] ?? 'closing';
    const body = Buffer.alloc(size, 7);
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: ${size}\r\n`;
    if (phase === 'closing') response.writeHead(200, { connection: 'close', 'content-length': size }).end(body);
    else if (phase === 'none') response.writeHead(200, { 'content-length': size }).end(body);
    else if (phase === 'connect') socket.resetAndDestroy();
    else if (phase === 'head') socket.write(head.slice(0, 25), () => socket.resetAndDestroy());
    else if (phase === 'headers') socket.write(`${head}\r\n`, () => socket.resetAndDestroy());
    else if (phase === 'body') socket.write(Buffer.concat([Buffer.from(`${head}\r\n`), body.subarray(0, size / 2)]), () => socket.resetAndDestroy());
    else if (phase === 'last') socket.write(Buffer.concat([Buffer.from(`${head}\r\n`), body]), () => socket.resetAndDestroy());
    // Headers and a part, then nothing: the client has to end it.
    else socket.write(Buffer.concat([Buffer.from(`${head}\r\n`), body.subarray(0, 1000)]));
  });
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: () => open.size,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
