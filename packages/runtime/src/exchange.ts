/**
 * One exchange: a request goes out through ky, its answer's headers come back. Knows time limits and follows redirects; knows nothing of operations, retries or logins.
 */

import type { KyInstance } from 'ky';

import { onAbort, Stop, untilAborted } from './abort.ts';
import { after, type Clock } from './clock.ts';
import { networkCode } from './explain-fault.ts';
import { Fault, isFault, type Meaning } from './faults.ts';
import { KY_OPTIONS, loadedKy, loadKy } from './load-ky.ts';
import type { ClientOptions } from './options.ts';
import * as platform from './platform/node.ts';
import type { Transport } from './platform/platform.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import type { Carrier } from './transfer.ts';

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
const TOO_MANY: Meaning = { kind: 'unexpected', hint: 'Check baseUrl: the address leads in circles, or elsewhere.' };
/** Statuses that lead elsewhere; of the other 3xx, 305 would even name a proxy. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

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
    this.#transport = platform.transport?.(options, baseUrl);
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
      if (platform.redirect === undefined || location === null) {
        const why = 'the answer is a redirect, which a browser does not let a library check';
        throw new Fault('UnsupportedError', why, undefined, { kind: 'unsupported', hint: 'Ask for the address that it leads to.' });
      }
      if (hops >= MOST_REDIRECTS) throw new Fault('RedirectError', `more than ${MOST_REDIRECTS} redirects`, undefined, TOO_MANY);
      current = platform.redirect(current, status, location, { baseUrl: this.#baseUrl, trustedOrigins: this.#options.trustedOrigins });
    }
  }

  /** Why a body cannot be sent, if so. */
  refusal(method: string, body: OutgoingBody): string | undefined {
    if (/^(?:GET|HEAD)$/.test(method) && this.#chooseFetch() !== undefined) {
      return `a ${method} request with a body can be sent by the Node transport only, not by a fetch function`;
    }
    return this.#fetch === undefined ? body.transfer?.refusal(body) : undefined;
  }

  async close(): Promise<void> {
    await this.#transport?.close();
  }

  async #sendOnce(request: OutgoingRequest, limits: ExchangeLimits): Promise<Response> {
    const stop = new Stop();
    const { signal, timeoutMs } = limits;
    signal?.throwIfAborted();
    const release = onAbort([signal], (reason) => stop.abort(reason));
    let cancel: (() => void) | undefined;
    const arm = (ms: number | false, what: string): void => {
      cancel?.();
      cancel = after(this.#clock, ms, () => stop.abort(new Fault('NoAnswerError', what)));
    };
    const armAnswer = (): void => arm(timeoutMs, `no answer within ${String(timeoutMs)} ms (timeoutMs)`);
    try {
      // Loading is no time of the vendor's: the limits, which a test's clock may jump to, run from here on.
      const client = loadedKy ?? (await loadKy());
      const fetch = this.#chooseFetch();
      armAnswer();
      const { body } = request;
      const carrier =
        body?.transfer?.carry(body, fetch !== undefined, { ...limits, arm, armAnswer, stop: (fault) => stop.abort(fault) }) ??
        (body && { size: body.size, whole: body.data });
      if (fetch === undefined) return await this.#transport!.send(client, request, await carrier, stop);
      const given = stop.toSignal();
      const answer = sendByFetch(client, request, carrier, fetch, given);
      // A fetch function may be deaf to signals; what it answers later is thrown away.
      return await untilAborted(answer, given).catch((error: unknown) => {
        answer.then((late) => late.body?.cancel()).catch(() => undefined);
        throw error;
      });
    } catch (error) {
      // What the transport says of an abort is not what caused it.
      throw stop.aborted && !isFault(error, 'SourceReadError', 'SourceSizeError') ? stop.reason : error;
    } finally {
      cancel?.();
      release();
    }
  }

  /** The caller's fetch, a replaced global one (a mock's), or `undefined` for the platform's transport. */
  #chooseFetch(): FetchFunction | undefined {
    return this.#fetch ?? (this.#transport?.standsFor(globalThis.fetch) === true ? undefined : (input) => globalThis.fetch(input));
  }
}

type FetchFunction = (input: Request) => Promise<Response>;

async function sendByFetch(
  client: KyInstance,
  { method, url, headers }: OutgoingRequest,
  carrier: Carrier | Promise<Carrier> | undefined,
  fetch: FetchFunction,
  signal: AbortSignal,
): Promise<Response> {
  const { whole, init } = (await carrier) ?? {};
  return client(url, {
    ...KY_OPTIONS,
    method,
    redirect: 'manual',
    signal,
    ...(whole !== undefined && { body: whole }),
    ...init,
    headers: { ...headers, ...init?.headers },
    fetch: (async (input: Request) => {
      try {
        return await fetch(input);
      } catch (error) {
        // By the contract of fetch a network failure is a TypeError; some give errors with the code of the system.
        throw error instanceof TypeError || networkCode(error) !== undefined ? new Fault('ConnectionError', 'the connection failed', error) : error;
      }
    }) as typeof globalThis.fetch,
  });
}
