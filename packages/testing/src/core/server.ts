/** A fake over real sockets: one HTTP server per host on 127.0.0.1. Loaded when `listen()` is called. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { CallRecord, HostRole } from './calls.ts';
import { answerHeaders, BrokenRequest, type Engine, logAnswer, type Origins, type Outcome, problemAnswer } from './engine.ts';
import { checkGiven } from './given.ts';
import { hasNoBody, isWhole, wireBody, WireBreak } from './wire.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- any vendor
type AnyEngine = Engine<any, any>;

/** Where and how a fake listens. */
export interface ListenOptions {
  /** Ports by host; 0 or absent: a free one. */
  readonly ports?: Readonly<Partial<Record<HostRole, number>>>;
  /** Answers browsers of every origin (CORS, preflight included). */
  readonly cors?: boolean;
}

/** Running servers of one fake. */
export interface Listening {
  readonly origins: Origins;
  close(): Promise<void>;
}

/** Time for bytes that were sent to be taken in before the connection is reset: a reset that comes with bytes is told as an end. */
const BEFORE_RESET_MS = 10;
const BEFORE_RESET_TURNS = 3;

async function beforeReset(): Promise<void> {
  for (let i = 0; i < BEFORE_RESET_TURNS; i++) {
    await wait(BEFORE_RESET_MS);
    // On a busy machine the time may be over before a client in this process had its turn to read.
    await turn();
  }
}

const LARGEST_PORT = 65_535;

/** Checks what `listen(...)` was given, before anything starts. */
export function checkListenOptions(engine: AnyEngine, options: ListenOptions): void {
  const hosts = engine.model.hosts as Readonly<Record<HostRole, readonly string[]>>;
  const roles = (Object.keys(hosts) as HostRole[]).filter((role) => hosts[role].length > 0);
  checkGiven('listen(options)', options, { cors: 'flag', ports: { members: Object.fromEntries(roles.map((role) => [role, 'whole'])) } });
  const used = new Map<number, string>();
  for (const [role, port] of Object.entries(options.ports ?? {})) {
    if (port === undefined || port === 0) continue;
    if (port > LARGEST_PORT) throw new TypeError(`${role} of ports of listen(options) is a port up to ${LARGEST_PORT}, not ${port}.`);
    if (used.has(port)) throw new TypeError(`ports of listen(options) gives ${port} to ${used.get(port)!} and to ${role}: each host needs its own.`);
    used.set(port, role);
  }
}

/** Starts the servers of a fake. */
export async function listenOn(engine: AnyEngine, options: ListenOptions): Promise<Listening> {
  const origins: Record<HostRole, string> = { api: '', token: '', storage: '', elsewhere: '' };
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(
      servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  };
  try {
    for (const role of ['api', 'token', 'storage', 'elsewhere'] as const) {
      if (engine.model.hosts[role].length === 0) continue;
      const server = createServer({ requestTimeout: 0 }, (request, response) => {
        void answer(engine, role, origins, request, response, options.cors ?? false);
      });
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.ports?.[role] ?? 0, '127.0.0.1', () => resolve());
      });
      origins[role] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }
  } catch (error) {
    await close();
    throw error;
  }
  for (const role of ['token', 'storage'] as const) if (origins[role] === '') origins[role] = origins.api;
  return { origins, close };
}

async function answer(engine: AnyEngine, role: HostRole, origins: Origins, message: IncomingMessage, response: ServerResponse, cors: boolean): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The client closed the connection.')));
  const socket = message.socket;
  let call: CallRecord<string> | undefined;
  try {
    if (cors) allowBrowsers(message, response);
    if (cors && message.method === 'OPTIONS' && message.headers['access-control-request-method'] !== undefined) {
      response.writeHead(204).end();
      return;
    }
    const url = urlOf(message, origins[role] === '' ? 'http://127.0.0.1' : origins[role]);
    if (url === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain', connection: 'close' }).end('The request target is no path.');
      return;
    }
    const body = hasBody(message) ? bodyOf(message) : undefined;
    const outcome = await engine.handle(
      {
        method: message.method ?? 'GET',
        url,
        headers: headersOf(message),
        body: body?.stream ?? null,
        chunked: message.headers['transfer-encoding'] !== undefined,
        signal: gone.signal,
        settle: (waiting) => settle(body, socket, gone, waiting),
      },
      role,
      'socket',
      origins,
    );
    call = outcome.call as CallRecord<string>;
    await send(engine, outcome, message, response, socket, gone.signal);
  } catch (error) {
    if (gone.signal.aborted || response.destroyed || error instanceof BrokenRequest) return;
    const message = call === undefined ? engine.show(`The fake failed: ${String(error)}`) : engine.failed(call, error).message;
    if (response.headersSent) return void socket.destroy();
    const { status, headers, json } = problemAnswer(500, message);
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(json));
  }
}

async function send(
  engine: AnyEngine,
  outcome: Outcome<string>,
  message: IncomingMessage,
  response: ServerResponse,
  socket: Socket,
  gone: AbortSignal,
): Promise<void> {
  const { answer, wire, call } = outcome;
  if (wire.breakBeforeHeaders === 'stall') return;
  if (wire.breakBeforeHeaders === 'reset') {
    socket.resetAndDestroy();
    return;
  }
  watch(socket, call);
  const body = wireBody(answer, wire, (ms) => pause(engine, ms, gone));
  const bodyless = hasNoBody(answer.status, message.method ?? 'GET');
  const headers = answerHeaders(answer, bodyless && message.method !== 'HEAD' ? undefined : body.declared, engine.clock.now());
  if (bodyless) headers.delete('transfer-encoding');
  if (wire.closeAfterLastByte === true) headers.set('connection', 'close');
  logAnswer(call, answer, headers, engine.show);
  response.writeHead(answer.status, Object.fromEntries([...headers].filter(([name]) => name !== 'transfer-encoding')));
  if (bodyless) {
    call.complete = true;
    response.end();
    return;
  }
  const closed = engine.clock.open();
  try {
    // Headers on their own, so that a stall or a reset right after them is seen after them. Not by flushHeaders(), which
    // would write the bytes of a header as if they were UTF-8.
    response.write(new Uint8Array(0));
    for await (const chunk of body.chunks()) {
      if (gone.aborted) return;
      await write(response, chunk, gone);
      if (gone.aborted) return;
      call.sentBytes += chunk.byteLength;
    }
    if (body.declared !== undefined && body.declared !== call.sentBytes) {
      call.complete = isWhole(wire) && body.declared === body.length && call.sentBytes >= body.length;
      call.sentBytes = Math.min(call.sentBytes, body.declared);
      endConnection(socket);
      return;
    }
    call.complete = isWhole(wire) && call.sentBytes === body.length;
    response.end();
  } catch (error) {
    if (!(error instanceof WireBreak)) throw error;
    if (error.how === 'stall') return;
    // A body that came whole is whole, whatever happens to the connection then.
    call.complete = isWhole(wire) && body.declared !== undefined && call.sentBytes === body.length;
    if (error.how === 'end' && body.declared === undefined) response.end();
    else if (error.how === 'end') endConnection(socket);
    else {
      await beforeReset();
      socket.resetAndDestroy();
    }
  } finally {
    closed();
  }
}

/** What hears of a connection that breaks, until the next answer goes out on it. */
const watching = new WeakMap<Socket, (error: NodeJS.ErrnoException) => void>();

/** Notes when the client closes the connection with bytes unread: the operating system resets it then. */
function watch(socket: Socket, call: CallRecord<string>): void {
  const before = watching.get(socket);
  if (before !== undefined) socket.off('error', before);
  const onError = ({ code }: NodeJS.ErrnoException): void => {
    if (code !== 'ECONNRESET' && code !== 'EPIPE') return;
    call.givenUp = true;
    call.complete = false;
  };
  watching.set(socket, onError);
  socket.on('error', onError);
}

/** Sends what is buffered and ends the connection, whatever Content-Length promised. */
function endConnection(socket: Socket): void {
  socket.end();
}

/** Writes a chunk and waits until the socket took it, so that bytes are counted and memory stays flat. */
function write(response: ServerResponse, chunk: Uint8Array, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) return resolve();
    const done = (): void => {
      gone.removeEventListener('abort', done);
      resolve();
    };
    gone.addEventListener('abort', done, { once: true });
    response.write(chunk, done);
  });
}

function pause(engine: AnyEngine, ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = engine.clock.setTimeout(resolve, ms);
    gone.addEventListener(
      'abort',
      () => {
        engine.clock.clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Turns of the event loop after which the end of a connection is told, when it has come with the last byte of a request. */
const UNTIL_END_IS_TOLD = 4;

/**
 * What a client sent before it closed the connection arrives as if it were still there; that it is gone is told behind the
 * last byte. So all is taken in that may be on its way.
 */
async function settle(body: RequestBody | undefined, socket: Socket, gone: AbortController, waiting: (isWaiting: boolean) => void): Promise<void> {
  if (body !== undefined) {
    waiting(true);
    await body.arrival().finally(() => waiting(false));
  }
  for (let i = 0; i < UNTIL_END_IS_TOLD && !gone.signal.aborted; i++) {
    await turn();
    // Its end was told; that it is closed, comes later.
    if (socket.readableEnded || socket.destroyed) gone.abort(new Error('The client closed the connection.'));
  }
}

/** The body of a request. */
interface RequestBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Takes in, ahead of who reads, what the connection may hold; resolves when that or the whole body is there, or it broke. */
  arrival(): Promise<void>;
}

/** More than the buffers of a connection hold: who sent so much was there a moment ago. */
const MOST_AHEAD = 16 * 1024 * 1024;

/** The body of a request, read on demand. Given up, the rest is let pass: the connection has to stay for the answer. */
function bodyOf(message: IncomingMessage): RequestBody {
  let over = false;
  let received = 0;
  let arrived: (() => void) | undefined;
  const end = (): void => {
    over = true;
    arrived?.();
  };
  const arrival = async (): Promise<void> => {
    if (over || received > MOST_AHEAD) return;
    message.resume();
    await new Promise<void>((resolve) => (arrived = resolve));
    arrived = undefined;
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        message.pause();
        message.on('data', (chunk: Uint8Array) => {
          if (over) return;
          controller.enqueue(chunk);
          received += chunk.byteLength;
          if (received > MOST_AHEAD) arrived?.();
          if (arrived === undefined || received > MOST_AHEAD) message.pause();
        });
        message.once('end', () => {
          if (!over) controller.close();
          end();
        });
        const broken = (): void => {
          if (!over) controller.error(new Error('The client closed the connection before the body was whole.'));
          end();
        };
        message.once('error', broken);
        message.once('close', broken);
      },
      pull() {
        message.resume();
      },
      cancel() {
        end();
        message.resume();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, arrival };
}

/** The address of a request; a path that starts with two slashes is a path, not another host. */
function urlOf(message: IncomingMessage, origin: string): URL | undefined {
  const target = message.url ?? '/';
  const text = target.startsWith('/') ? `${origin}${target}` : target;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return new URL(`${origin}${url.pathname}${url.search}`);
}

function hasBody(message: IncomingMessage): boolean {
  return message.headers['transfer-encoding'] !== undefined || Number(message.headers['content-length'] ?? 0) > 0;
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < message.rawHeaders.length; i += 2) headers.append(message.rawHeaders[i]!, message.rawHeaders[i + 1]!);
  return headers;
}

function allowBrowsers(message: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('access-control-allow-methods', '*');
  const asked = message.headers['access-control-request-headers'];
  // `*` does not cover Authorization.
  response.setHeader('access-control-allow-headers', asked ?? '*');
  if (message.headers['access-control-request-private-network'] === 'true') response.setHeader('access-control-allow-private-network', 'true');
}
