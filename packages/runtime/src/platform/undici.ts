/**
 * The transport under ky on Node: `undici` with an agent of its own. Built-in fetch of Node 22 and 24 can end the whole
 * process when a server closes a connection while the reader is slow (nodejs/undici#5360), and costs twice the CPU.
 */

import type { LookupFunction, Socket } from 'node:net';

import type { KyInstance } from 'ky';
import type { Agent, buildConnector, Dispatcher, Pool } from 'undici';

import type { Stop } from '../abort.ts';
import { concat } from '../concat.ts';
import { isNeverConnected, networkCode } from '../explain-fault.ts';
import { Fault } from '../faults.ts';
import { KY_OPTIONS } from '../load-ky.ts';
import type { OutgoingRequest } from '../exchange.ts';
import type { ByteReader } from '../read-body.ts';
import { resolutionRefused } from '../untrusted-url.ts';
import type { OwnResponse, Transport, TransportBody, TransportOptions } from './platform.ts';

type Undici = typeof import('undici');

let loading: Promise<Undici> | undefined;

/** Importing undici makes its agent the process-wide default; the application keeps the one that it had. */
function loadUndici(): Promise<Undici> {
  loading ??= (async () => {
    const symbols = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];
    const globals = globalThis as unknown as Record<PropertyKey, object | undefined>;
    const before = symbols.map((symbol) => globals[symbol]);
    const undici = await import('undici');
    for (const [index, symbol] of symbols.entries()) {
      const now = globals[symbol];
      // What the application has set meanwhile stays.
      if (now !== before[index] && /^(?:Agent|Dispatcher1Wrapper)$/.test(now?.constructor?.name ?? '')) globals[symbol] = before[index];
    }
    return undici;
  })();
  return loading;
}

/** Sockets per origin; more requests wait for a free one. */
const CONNECTIONS = 32;

export class UndiciTransport implements Transport {
  readonly #options: TransportOptions;
  /** Requests that wait for a connection, and sockets on their way to become one. */
  #waiting = 0;
  readonly #connecting = new Set<Socket>();
  /** Why connections that no proxy was asked for did not come about. */
  readonly #directFailures = new WeakSet<Error>();
  #agent: Promise<Dispatcher> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * The signal goes beside ky, too: one in a Request is a chain of signals, which costs more than the rest of it. Redirects are
   * not followed here, so nothing is said of them.
   */
  send(ky: KyInstance, { method, url, headers }: OutgoingRequest, body: TransportBody | undefined, stop: Stop): Promise<Response> {
    return ky(url, {
      ...KY_OPTIONS,
      headers,
      ...(method === 'GET' ? undefined : { method }),
      ...(body?.whole === undefined || method === 'GET' || method === 'HEAD' ? undefined : { body: body.whole }),
      fetch: ((input: Request) => this.dispatch(input, body, stop)) as typeof globalThis.fetch,
    });
  }

  standsFor(fetch: unknown): boolean {
    return typeof fetch === 'function' && isNodeFetch(fetch) && !hasMockDispatcher();
  }

  /** @param request - What ky made; carries URL, method and headers. */
  async dispatch(request: Request, body: TransportBody | undefined, stop: Stop): Promise<Response> {
    const agent = await (this.#agent ??= this.#createAgent());
    if (stop.aborted) throw stop.reason;
    // Parsing it once more would cost more than the rest here.
    const { url, method } = request;
    const [, origin, path] = /^([^/]*\/\/[^/]*)([^#]*)/.exec(url) as unknown as [string, string, string];
    const answer = new Answer(method === 'HEAD', (error) => this.#toFault(error, origin));
    const headers: Record<string, string> = {};
    request.headers.forEach((value, name) => {
      headers[name] = value;
    });
    if (body?.size !== undefined) headers['content-length'] = String(body.size);
    stop.onAbort = () => answer.abort(stop.reason);
    this.#waiting += 1;
    answer.onStarted = () => {
      this.#waiting -= 1;
      // undici would go on connecting for a request that was aborted.
      if (this.#waiting === 0) this.#stopConnecting();
    };
    try {
      agent.dispatch(
        {
          origin,
          path,
          method: method as Dispatcher.HttpMethod,
          headers,
          // undici takes async iterables; its types name only Node streams.
          body: dispatchBody(body, answer) as Buffer | string | null,
          // All limits are ours, on the client's clock.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        answer,
      );
    } catch (error) {
      answer.onResponseError(undefined, error as Error);
    }
    return answer.response(url);
  }

  async close(): Promise<void> {
    const agent = await this.#agent;
    this.#agent = undefined;
    await agent?.destroy();
    this.#stopConnecting();
  }

  #stopConnecting(): void {
    for (const socket of this.#connecting) socket.destroy();
  }

  async #createAgent(): Promise<Dispatcher> {
    const undici = await loadUndici();
    const { proxy, ca } = this.#options;
    const tls = ca === undefined ? undefined : { ca: [...(await rootCertificates()), ...[ca].flat()] };
    const options: Agent.Options = { connections: CONNECTIONS, pipelining: 1, allowH2: false, headersTimeout: 0, bodyTimeout: 0 };
    const { default: dns } = await import('node:dns');
    // One connector per origin: a look-up knows the name only, and other ports of a host are other origins.
    const connectors = new Map<string, buildConnector.connector>();
    const connect = this.#tracked((target, callback) => {
      const { origin } = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
      let connector = connectors.get(origin);
      if (connector === undefined) {
        connector = undici.buildConnector({ ...tls, allowH2: false, lookup: guardedLookup(dns, origin, this.#options) });
        connectors.set(origin, connector);
      }
      return connector(target, callback);
    });
    if (proxy === undefined) return new undici.Agent({ ...options, connect });
    // A proxy resolves names itself; `connect` is for what NO_PROXY leaves out.
    const clientFactory = (proxyUrl: URL, poolOptions: object): Dispatcher => tunnelPool(new undici.Pool(proxyUrl, poolOptions), proxyUrl.host);
    const proxied = { ...options, connect, clientFactory, ...(tls && { requestTls: tls, proxyTls: tls }) };
    return proxy === 'environment' ? new undici.EnvHttpProxyAgent(proxied) : new undici.ProxyAgent({ ...proxied, uri: proxy });
  }

  #toFault(error: Error, origin: string): Fault {
    if (error instanceof Fault) return error;
    const { proxy } = this.#options;
    // Plain http goes to the proxy itself, without a tunnel.
    if (proxy !== undefined && origin.startsWith('http:') && !this.#directFailures.has(error)) {
      const used = proxy === 'environment' ? (process.env.http_proxy ?? process.env.HTTP_PROXY ?? '') : proxy;
      const host = URL.canParse(used) ? new URL(used).host : '';
      // The only trace that undici leaves of this answer.
      if (/^Proxy Authentication Required \(407\)$/.test(error.message)) return proxyRefused(407, host, error);
      if (isNeverConnected(error)) return noProxy(host, error);
    }
    return new Fault('ConnectionError', 'the connection failed', error);
  }

  #tracked(connect: buildConnector.connector): buildConnector.connector {
    return (target, callback) => {
      // The connector gives the socket back at once; its type does not say so.
      const socket = connect(target, (...result) => {
        this.#connecting.delete(socket);
        if (result[0] !== null) this.#directFailures.add(result[0]);
        callback(...result);
      }) as unknown as Socket;
      this.#connecting.add(socket);
    };
  }
}

/** Asks a proxy for tunnels. Without one nothing reached the vendor, which undici's own errors do not tell. */
function tunnelPool(pool: Pool, host: string): Pool {
  const connect = pool.connect.bind(pool);
  return Object.assign(pool, {
    connect: async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
      const answer = await connect(options).catch((cause: unknown) => {
        throw noProxy(host, cause);
      });
      const { statusCode, socket } = answer;
      if (statusCode === 200) return answer;
      socket.on('error', () => undefined).destroy();
      throw proxyRefused(statusCode, host);
    },
  });
}

function proxyRefused(status: number, host: string, cause?: Error): Fault {
  const hint =
    status === 407
      ? `Check user and password of the proxy ${host} (option proxy).`
      : status < 500
        ? `The proxy ${host} does not let this request through: ask whoever runs it.`
        : `The proxy ${host} did not get through to the host: check baseUrl and the proxy.`;
  return new Fault('ProxyError', `the proxy refused (${status})`, cause, {
    kind: 'network',
    ownWords: true,
    outcome: 'not-sent',
    retryable: status >= 500,
    hint,
  });
}

function noProxy(host: string, cause: unknown): Fault {
  const code = networkCode(cause);
  return new Fault('ProxyError', `no connection to the proxy ${host}${code === undefined ? '' : ` (${code})`}`, cause, {
    kind: 'network',
    outcome: 'not-sent',
    retryable: true,
    hint: 'Check the proxy option (for "environment": HTTPS_PROXY, HTTP_PROXY, NO_PROXY), and whether the proxy runs.',
  });
}

async function rootCertificates(): Promise<readonly string[]> {
  const tls = await import('node:tls');
  return tls.rootCertificates;
}

/** Name resolution that refuses addresses where the client must not go; the connection is made to what was checked. */
function guardedLookup(dns: typeof import('node:dns'), origin: string, { mayConnect }: TransportOptions): LookupFunction {
  return (host, options, callback) => {
    dns.lookup(host, options, (error, found, family) => {
      const addresses = error === null ? (Array.isArray(found) ? found.map(({ address }) => address) : [found]) : [];
      const refused = addresses.filter((address) => !mayConnect(origin, address));
      callback(refused.length > 0 ? resolutionRefused(host, refused) : error, found, family);
    });
  };
}

function dispatchBody(body: TransportBody | undefined, answer: Answer): string | Buffer | AsyncIterable<Uint8Array> | null {
  if (body === undefined) return null;
  if (typeof body.whole === 'string') return body.whole;
  if (body.whole instanceof Uint8Array) return Buffer.from(body.whole.buffer, body.whole.byteOffset, body.whole.byteLength);
  // undici hides why a body failed behind its own error: the first failure is what the caller must see.
  return (async function* (): AsyncIterable<Uint8Array> {
    try {
      yield* body.stream!;
    } catch (error) {
      answer.bodyError = error;
      throw error;
    }
  })();
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Bytes that may wait for the reader before the socket is paused. */
const QUEUE_BYTES = 262_144;
const NULL_BODY = new Set([101, 204, 205, 304]);

/** Receives what undici dispatches and gives it out on demand, so that a slow reader slows the sender. */
class Answer implements Dispatcher.DispatchHandler {
  /** Called once: the request got its connection, or will not need one any more. */
  onStarted: (() => void) | undefined;
  bodyError: unknown;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #isHead: boolean;
  #head: { status: number; headers: RawHeaders; hasBody: boolean } | undefined;
  #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #failed = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  readonly #toFault: (error: Error) => Fault;

  /** @param toFault - What an error of undici means. */
  constructor(isHead: boolean, toFault: (error: Error) => Fault) {
    this.#isHead = isHead;
    this.#toFault = toFault;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#start();
    this.#controller = controller;
    if (this.#failed) controller.abort(toError(this.#error));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return;
    this.#head = { status, headers, hasBody: !this.#isHead && !NULL_BODY.has(status) };
    this.#notify();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    // Nobody reads a body that must not be there.
    if (this.#head?.hasBody !== true) return;
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued >= QUEUE_BYTES) controller.pause();
    this.#notify();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#settle();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#ended || this.#failed) return;
    this.#failed = true;
    this.#error = this.bodyError ?? this.#toFault(error);
    this.#settle();
  }

  /** Nothing more comes. */
  get isDone(): boolean {
    return this.#ended || this.#failed;
  }

  /** Ends the exchange at once, in whatever phase it is. */
  abort(reason: unknown): void {
    if (this.#ended || this.#failed) return;
    this.#failed = true;
    this.#error = reason;
    this.#chunks = [];
    this.#controller?.abort(toError(reason));
    this.#settle();
  }

  async response(url: string): Promise<Response> {
    while (this.#head === undefined) {
      if (this.#failed) throw this.#error;
      await this.#change();
    }
    const { status, headers, hasBody } = this.#head;
    ResponseClass ??= createResponseClass();
    return new ResponseClass(hasBody ? this : null, status, headers, url);
  }

  /** Whether {@link Answer.read} need not wait. */
  get isReady(): boolean {
    return this.#chunks.length > 0 || this.#ended;
  }

  /** The next bytes, `undefined` at the end; a promise only when they are still to come. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      if (this.#queued < QUEUE_BYTES && this.#controller?.paused === true && !this.#ended) this.#controller.resume();
      return chunk;
    }
    if (this.#failed) return Promise.reject(this.#error as Error);
    return this.#ended ? undefined : this.#change().then(() => this.read());
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #start(): void {
    this.onStarted?.();
    this.onStarted = undefined;
  }

  #settle(): void {
    this.#start();
    this.#notify();
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

/**
 * A platform Response whose body is read straight from undici; the web stream is made only when asked for. The class is made
 * at the first answer: naming `Response` loads Node's whole fetch, which takes longer than the rest of the import.
 */
function createResponseClass() {
  return class UndiciResponse extends Response implements OwnResponse {
    readonly #answer: Answer | null;
    readonly #status: number;
    readonly #url: string;
    readonly #rawHeaders: RawHeaders;
    #headers: Headers | undefined;
    #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
    #used = false;

    constructor(answer: Answer | null, status: number, headers: RawHeaders, url: string) {
      // The platform refuses statuses from 600 on, servers do not.
      super(null, { status: status > 599 ? 599 : status });
      this.#rawHeaders = headers;
      this.#answer = answer;
      this.#status = status;
      this.#url = url;
    }

    override get status(): number {
      return this.#status;
    }

    override get headers(): Headers {
      if (this.#headers === undefined) {
        this.#headers = new Headers();
        for (const [name, value] of Object.entries(this.#rawHeaders)) {
          if (Array.isArray(value)) for (const item of value) this.#headers.append(name, item);
          else if (value !== undefined) this.#headers.append(name, value);
        }
      }
      return this.#headers;
    }

    readHeader(name: string): string | null {
      const value = this.#rawHeaders[name];
      return value === undefined ? null : typeof value === 'string' ? value.trim() : value.join(', ');
    }

    override get ok(): boolean {
      return this.#status >= 200 && this.#status < 300;
    }

    override get url(): string {
      return this.#url;
    }

    override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
      const answer = this.#answer;
      if (answer === null) return null;
      this.#stream ??= new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          async pull(controller) {
            const chunk = await answer.read();
            if (chunk === undefined) controller.close();
            else controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
          },
          cancel: (reason) => answer.abort(reason ?? new Error('the body was cancelled')),
        },
        { highWaterMark: 0 },
      );
      return this.#stream;
    }

    readDirectly(): ByteReader | undefined {
      const answer = this.#answer;
      if (answer === null) return undefined;
      if (this.#stream !== undefined) return this.#stream.getReader() as ByteReader;
      if (this.#used) throw new TypeError('The body was already read.');
      this.#used = true;
      const result = (value: Uint8Array | undefined): Awaited<ReturnType<ByteReader['read']>> =>
        value === undefined ? { done: true } : { done: false, value };
      return {
        readNow: () => (answer.isReady ? result(answer.read() as Uint8Array | undefined) : undefined),
        read() {
          const next = answer.read();
          return next instanceof Promise ? next.then(result) : result(next);
        },
        async cancel() {
          if (!answer.isDone) answer.abort(new Error('the body was cancelled'));
        },
      };
    }

    override get bodyUsed(): boolean {
      return this.#used || (this.#stream?.locked ?? false);
    }

    override async arrayBuffer(): Promise<ArrayBuffer> {
      return (await this.#collect()).buffer;
    }

    override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
      return this.#collect();
    }

    override async text(): Promise<string> {
      return new TextDecoder().decode(await this.#collect());
    }

    override async json(): Promise<unknown> {
      return JSON.parse(await this.text());
    }

    override async blob(): Promise<Blob> {
      return new Blob([await this.#collect()], { type: this.headers.get('content-type') ?? '' });
    }

    override clone(): Response {
      if (this.#answer === null) return new Response(null, this);
      if (this.bodyUsed) throw new TypeError('The body was already read.');
      const [mine, other] = this.body!.tee();
      this.#stream = mine as ReadableStream<Uint8Array<ArrayBuffer>>;
      return new Response(other, this);
    }

    async #collect(): Promise<Uint8Array<ArrayBuffer>> {
      if (this.bodyUsed) throw new TypeError('The body was already read.');
      this.#used = true;
      if (this.#stream !== undefined) return new Uint8Array(await new Response(this.#stream).arrayBuffer());
      const chunks: Uint8Array[] = [];
      let size = 0;
      for (let chunk = await this.#answer?.read(); chunk !== undefined; chunk = await this.#answer?.read()) {
        chunks.push(chunk);
        size += chunk.length;
      }
      return concat(chunks, size);
    }
  };
}

let ResponseClass: ReturnType<typeof createResponseClass> | undefined;

/** Mocks (MSW, nock, `vi.stubGlobal`) replace `globalThis.fetch`; only Node's own function loads the bundled undici. */
function isNodeFetch(fetch: object): boolean {
  if (known?.fetch !== fetch) known = { fetch, isNode: Function.prototype.toString.call(fetch).includes('internal/deps/undici') };
  return known.isNode;
}

/** What was found last: the text of a function is made anew each time. */
let known: { readonly fetch: object; readonly isNode: boolean } | undefined;

const DISPATCHERS = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));

/** undici's own mocks are set as the process-wide dispatcher. */
function hasMockDispatcher(): boolean {
  for (const symbol of DISPATCHERS) {
    const dispatcher = (globalThis as Record<PropertyKey, unknown>)[symbol] as object | undefined;
    if (dispatcher === undefined || harmless.has(dispatcher)) continue;
    if (/^(?:Mock|Snapshot)/.test(dispatcher.constructor?.name ?? '')) return true;
    harmless.add(dispatcher);
  }
  return false;
}

/** Those that were none. */
const harmless = new WeakSet<object>();
