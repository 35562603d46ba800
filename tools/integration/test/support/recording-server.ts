/** A plain `node:http` server on a free port of 127.0.0.1 that keeps every request exactly as it arrived. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** The request target, undecoded. */
  readonly url: string;
  /** The part of {@link url} before `?`, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names and values in the order and spelling of the wire. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** The value of a header; several are joined by commas. */
  header(name: string): string | undefined;
  json(): unknown;
}

/** What a server answers. */
export interface Answer {
  readonly status: number;
  /** Bytes are sent as they are: `node:http` would write a raw header in another encoding. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | Uint8Array>>;
  readonly body?: string | Uint8Array;
}

/** Answers a request, or takes over the raw response and answers nothing. */
export type Handler = (request: RecordedRequest, raw: ServerResponse) => Answer | undefined | Promise<Answer | undefined>;

export class RecordingServer implements AsyncDisposable {
  readonly requests: RecordedRequest[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #scripted: { readonly matches: (request: RecordedRequest) => boolean; readonly handler: Handler; readonly lasts: boolean }[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(handler: Handler): Promise<RecordingServer> {
    const server = createServer();
    const recording = new RecordingServer(server);
    server.on('connection', (socket) => {
      recording.#sockets.add(socket);
      socket.on('close', () => recording.#sockets.delete(socket));
    });
    server.on('request', (message, raw) => void recording.#serve(message, raw, handler));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return recording;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers the next request that fits in another way, once; several are used in order. */
  once(target: string | RegExp, answer: Answer | Handler): void {
    this.#script(target, answer, false);
  }

  /** Answers all further requests that fit in another way. */
  always(target: string | RegExp, answer: Answer | Handler): void {
    this.#script(target, answer, true);
  }

  #script(target: string | RegExp, answer: Answer | Handler, lasts: boolean): void {
    const matches = (request: RecordedRequest): boolean => {
      const line = `${request.method} ${request.path}`;
      return typeof target === 'string' ? line === target : target.test(line);
    };
    this.#scripted.push({ matches, handler: typeof answer === 'function' ? answer : () => answer, lasts });
  }

  /** Drops what {@link once} prepared and nobody asked for. */
  forget(): void {
    this.#scripted.length = 0;
  }

  /** Resolves when this many requests have arrived. */
  async arrived(count: number): Promise<void> {
    if (this.requests.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Requests of a method and path, for example `'GET /assets/1'` or a pattern. */
  to(target: string | RegExp): RecordedRequest[] {
    return this.requests.filter(({ method, path }) => (typeof target === 'string' ? `${method} ${path}` === target : target.test(`${method} ${path}`)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(message: IncomingMessage, raw: ServerResponse, handler: Handler): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer);
    } catch {
      // The client gave up in the middle of its body.
      return;
    }
    const request = recorded(message, Buffer.concat(chunks));
    this.requests.push(request);
    for (const waiter of this.#waiting) if (this.requests.length >= waiter.count) waiter.resolve();
    const index = this.#scripted.findIndex(({ matches }) => matches(request));
    const scripted = this.#scripted[index];
    if (scripted?.lasts === false) this.#scripted.splice(index, 1);
    const chosen = scripted?.handler ?? handler;
    try {
      const answer = await chosen(request, raw);
      if (answer !== undefined) write(raw, answer);
    } catch (error) {
      write(raw, { status: 599, body: `the test server failed: ${String(error)}` });
    }
  }
}

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function recorded(message: IncomingMessage, body: Buffer): RecordedRequest {
  const url = message.url ?? '';
  const [path = '', query = ''] = url.split(/\?(.*)/s, 2);
  const rawHeaders: (readonly [string, string])[] = [];
  for (let index = 0; index < message.rawHeaders.length; index += 2) rawHeaders.push([message.rawHeaders[index]!, message.rawHeaders[index + 1]!]);
  return {
    method: message.method ?? '',
    url,
    path,
    query: new URLSearchParams(query),
    rawHeaders,
    body,
    header(name) {
      const values = rawHeaders.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(', ');
    },
    json: () => JSON.parse(body.toString('utf8')) as unknown,
  };
}

function write(raw: ServerResponse, { status, headers = {}, body }: Answer): void {
  if (Object.values(headers).some((value) => value instanceof Uint8Array)) return writeBytes(raw, { status, headers, ...(body === undefined ? {} : { body }) });
  raw.statusCode = status;
  for (const [name, value] of Object.entries(headers)) raw.setHeader(name, value as string | string[]);
  raw.end(body);
}

function writeBytes(raw: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const content = Buffer.from(body as string);
  const lines = Object.entries(headers).flatMap(([name, value]) => [
    Buffer.from(`${name}: `),
    value instanceof Uint8Array ? value : Buffer.from(String(value)),
    Buffer.from('\r\n'),
  ]);
  const head = [Buffer.from(`HTTP/1.1 ${status} OK\r\n`), ...lines, Buffer.from(`Content-Length: ${content.length}\r\nConnection: close\r\n\r\n`)];
  raw.socket?.end(Buffer.concat([...head, content]));
}
