/**
 * One exchange: a request goes out through ky, its answer's headers come back. Knows time limits and follows redirects; knows nothing of operations, retries or logins.
 */

import type { KyInstance } from 'ky';

import { Stop, untilAborted } from './abort.ts';
import type { Clock } from './clock.ts';
import { networkCode } from './explain-fault.ts';
import { ConnectionError, NoAnswerError, RedirectError, SourceReadError, SourceSizeError, UnsupportedError } from './faults.ts';
import { loadedKy, loadKy } from './load-ky.ts';
import type { ClientOptions } from './options.ts';
import { platform } from './platform/node.ts';
import type { Transport, TransportBody } from './platform/platform.ts';
import { MOST_COLLECTED } from './platform/stream-body.ts';
import type { OutgoingBody } from './outgoing-body.ts';

/** A request ready to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: OutgoingBody | undefined;
}

/** Limits of one exchange. */
export interface ExchangeLimits {
  /** Milliseconds until the answer's headers; `false`: no limit. */
  readonly timeoutMs: number | false;
  /** Milliseconds of silence while a body is sent; `false`: no limit. */
  readonly idleTimeoutMs: number | false;
  readonly signal: AbortSignal | undefined;
}

const MOST_REDIRECTS = 5;
/** Statuses that lead elsewhere; of the other 3xx, 305 would even name a proxy. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Bytes per millisecond: 1 Mbit/s. */
const SLOWEST_UPLOAD = 125;

/** Retries and time are ours: they follow the client's clock. */
const KY_OPTIONS = { retry: 0, timeout: false, throwHttpErrors: false } as const;

/** The wire under one client. */
export class Exchanger {
  readonly #options: ClientOptions;
  readonly #baseUrl: URL;
  readonly #fetch: ((input: Request) => Promise<Response>) | undefined;
  readonly #clock: Clock;
  readonly #transport: Transport | undefined;

  constructor(options: ClientOptions, baseUrl: URL, clock: Clock) {
    this.#options = options;
    this.#baseUrl = baseUrl;
    this.#fetch = options.fetch as ((input: Request) => Promise<Response>) | undefined;
    this.#clock = clock;
    const { proxy, ca } = options;
    this.#transport = platform.transport(options, baseUrl);
    if (this.#transport === undefined && (proxy !== undefined || ca !== undefined)) {
      throw new TypeError(`the ${proxy === undefined ? 'ca' : 'proxy'} option works on Node only; elsewhere give a fetch of your own`);
    }
  }

  /**
   * Sends a request and follows its redirects.
   *
   * @returns The last answer, its body unread, and the URL that gave it.
   */
  async send(request: OutgoingRequest, limits: ExchangeLimits): Promise<{ response: Response; url: string }> {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const response = await this.#sendOnce(current, limits);
      const { status } = response;
      const location = REDIRECTS.has(status) ? response.headers.get('location') : null;
      if (location === null && response.type !== 'opaqueredirect') return { response, url: current.url };
      await response.body?.cancel().catch(() => undefined);
      if (location === null || platform.redirect === undefined) {
        throw new UnsupportedError(
          'the answer is a redirect, which a browser does not let a library check; the address that it leads to must be asked for directly',
        );
      }
      if (hops >= MOST_REDIRECTS) throw new RedirectError(`more than ${MOST_REDIRECTS} redirects`);
      current = platform.redirect(current, status, location, { baseUrl: this.#baseUrl, trustedOrigins: this.#options.trustedOrigins });
    }
  }

  /** Whether requests of this method may have a body: fetch functions refuse one on GET and HEAD. */
  takesBody(method: string): boolean {
    return (method !== 'GET' && method !== 'HEAD') || this.#chooseFetch() === undefined;
  }

  /** Whether a body can be sent: what cannot be streamed must be in memory, or have room there. */
  takes({ data, blob, size = Infinity }: OutgoingBody): boolean {
    return this.#fetch !== undefined || data !== undefined || blob !== undefined || size <= MOST_COLLECTED || platform.sendsStreams;
  }

  async close(): Promise<void> {
    await this.#transport?.close();
  }

  async #sendOnce(request: OutgoingRequest, limits: ExchangeLimits): Promise<Response> {
    const stop = new Stop();
    const { signal } = limits;
    const onAbort = (): void => stop.abort(signal?.reason);
    if (signal?.aborted === true) throw signal.reason;
    signal?.addEventListener('abort', onAbort, { once: true });
    let timer: unknown;
    const arm = (ms: number | false, what: string): void => {
      if (timer !== undefined) this.#clock.clearTimeout(timer);
      timer = ms === false ? undefined : this.#clock.setTimeout(() => stop.abort(new NoAnswerError(what)), ms);
    };
    const { timeoutMs, idleTimeoutMs } = limits;
    const armHeaders = (): void => arm(timeoutMs, `no answer within ${String(timeoutMs)} ms (timeoutMs)`);
    try {
      // Loading is no time of the vendor's: the limits, which a test's clock may jump to, run from here on.
      const client = loadedKy ?? (await loadKy());
      const fetch = this.#chooseFetch();
      const body = request.body === undefined ? undefined : carrierOf(request.body, fetch !== undefined);
      // A long upload may take longer than an answer may: while it moves, only its silence counts.
      if (body?.stream !== undefined) {
        body.stream = watchStream(body.stream, () => arm(idleTimeoutMs, `the upload did not move for ${String(idleTimeoutMs)} ms (idleTimeoutMs)`), armHeaders);
      }
      // Of a Blob that fetch sends nothing can be seen on its way: it gets time for its bytes on a slow line besides.
      if (body?.whole instanceof Blob && timeoutMs !== false) {
        arm(timeoutMs + body.whole.size / SLOWEST_UPLOAD, `no answer within ${timeoutMs} ms (timeoutMs) after the time that the upload may take`);
      } else armHeaders();
      if (fetch === undefined) return await this.#dispatch(client, request, body, stop);
      const given = stop.toSignal();
      const answer = this.#dispatchByFetch(client, request, body, fetch, given);
      // A fetch function may be deaf to signals; what it answers later is thrown away.
      return await untilAborted(answer, given).catch((error: unknown) => {
        answer.then((late) => late.body?.cancel()).catch(() => undefined);
        throw error;
      });
    } catch (error) {
      // What the transport says of an abort is not what caused it.
      throw stop.aborted && !(error instanceof SourceReadError || error instanceof SourceSizeError) ? stop.reason : error;
    } finally {
      if (timer !== undefined) this.#clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * By our own transport. Bodies go beside the request: ky would copy a stream, and refuses one on GET. So does the signal: one in
   * a Request is a chain of signals, which costs more than the rest of it. It follows no redirects, so nothing is said of them.
   */
  #dispatch(client: KyInstance, { method, url, headers }: OutgoingRequest, body: Carrier | undefined, stop: Stop): Promise<Response> {
    return client(url, {
      ...KY_OPTIONS,
      headers,
      ...(method === 'GET' ? undefined : { method }),
      ...(body?.whole === undefined || method === 'GET' || method === 'HEAD' ? undefined : { body: body.whole }),
      fetch: ((input: Request) => this.#transport!.send(input, body, stop)) as typeof globalThis.fetch,
    });
  }

  async #dispatchByFetch(
    client: KyInstance,
    { method, url, headers }: OutgoingRequest,
    body: Carrier | undefined,
    fetch: FetchFunction,
    signal: AbortSignal,
  ): Promise<Response> {
    const isBodyless = method === 'GET' || method === 'HEAD';
    const streamed = body?.stream === undefined || isBodyless ? undefined : await platform.bodyOf(body.stream, body.size);
    const carried = body?.whole ?? streamed?.body;
    return client(url, {
      ...KY_OPTIONS,
      method,
      headers: { ...headers, ...streamed?.headers },
      redirect: 'manual',
      signal,
      ...(carried === undefined || isBodyless ? {} : { body: carried, ...(carried instanceof ReadableStream ? { duplex: 'half' } : {}) }),
      fetch: (async (input: Request) => {
        try {
          return await fetch(input);
        } catch (error) {
          // By the contract of fetch a network failure is a TypeError; some give errors with the code of the system.
          throw error instanceof TypeError || networkCode(error) !== undefined ? new ConnectionError('the connection failed', { cause: error }) : error;
        }
      }) as typeof globalThis.fetch,
    });
  }

  /** The caller's fetch, a replaced global one (a mock's), or `undefined` for the platform's transport. */
  #chooseFetch(): FetchFunction | undefined {
    if (this.#fetch !== undefined) return this.#fetch;
    if (this.#transport !== undefined && platform.isOwnFetch(globalThis.fetch)) return undefined;
    return (input) => globalThis.fetch(input);
  }
}

type FetchFunction = (input: Request) => Promise<Response>;

/** How a body goes to the transport: whole where it is in memory anyway, else as a stream. */
interface Carrier extends TransportBody {
  readonly whole?: string | Uint8Array<ArrayBuffer> | Blob | undefined;
  stream?: AsyncIterable<Uint8Array>;
}

function carrierOf(body: OutgoingBody, byFetch: boolean): Carrier {
  // Browsers cannot send streams, and no fetch tells the length of one; Blobs it sends without reading them into memory.
  const whole = body.data ?? (byFetch ? body.blob?.() : undefined);
  if (whole === undefined) return { size: body.size, stream: body.open() };
  body.onWhole?.();
  return { size: body.size, whole };
}

async function* watchStream(chunks: AsyncIterable<Uint8Array>, onMove: () => void, onEnd: () => void): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    onMove();
    yield chunk;
  }
  onEnd();
}
