/** A real server for one test, and what arrived at it. */

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Names and values as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  readonly server: Server;
  /** Requests whose bodies arrived whole. */
  readonly arrived: Arrived[];
  /** Sockets that are open now. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Starts a server on a free port; it is stopped when the test ends. */
export async function startServer(answer: (request: Arrived, response: ServerResponse, count: number) => unknown): Promise<TestServer> {
  const arrived: Arrived[] = [];
  return start((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method!, url: request.url!, headers: request.headers, rawHeaders: request.rawHeaders, body: Buffer.concat(chunks) };
      arrived.push(one);
      answer(one, response, arrived.length);
    });
  }, arrived);
}

/** As {@link startServer}, with the plain listener of `node:http`. */
export async function start(listener: RequestListener, arrived: Arrived[] = []): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer(listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  return { origin: `http://127.0.0.1:${port}`, port, server, arrived, sockets };
}

/** Listens on a free port until the test ends. */
export async function listen(server: { listen(port: number, host: string, done: () => void): unknown; address(): unknown; close(): unknown }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    (server as Partial<Server>).closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers JSON. */
export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Waits until something is so; for what happens on the other side of a socket. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error(`${what} never came true`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
