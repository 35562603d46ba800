/** One call: prepared once, attempted until it is done, told as a typed result or an ApiError. */

import { joinSignals, sleep, untilAborted, type JoinedSignal } from './abort.ts';
import type { AuthContext, AuthorizableRequest } from './auth.ts';
import type { BrokenBody, CallContext, CallFailure, ForeignAddress, RunningCall } from './call-context.ts';
import { findCallOptionFault } from './check-options.ts';
import { ApiError, invalidRequest } from './errors.ts';
import { explainFault } from './explain-fault.ts';
import { isFault } from './faults.ts';
import { loadKy } from './load-ky.ts';
import type { ApiResponse } from './method-types.ts';
import type { AnyOperation, OperationDescriptor } from './operation.ts';
import type { CallOptions, TimeLimits } from './options.ts';
import * as platform from './platform/node.ts';
import { textBody } from './outgoing-body.ts';
import { prepareRequest, type PreparedRequest } from './prepare-request.ts';
import { errorOf, readAnswer, requestIdOf } from './read-answer.ts';
import { readWhole } from './read-body.ts';
import { redactUrl } from './redact.ts';
import { backoffMs, LONGEST_RETRY_AFTER_MS, retryRowOf, type AttemptResult } from './retry.ts';
import { checkHeader } from './scalar-codec.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
const MOST_TOKEN_BYTES = 1024 * 1024;

/** Gives an address outside the API; learns why another one is needed, and when nobody waits any more. */
export type FindAddress = (failure: ApiError | undefined, signal: AbortSignal | undefined) => Promise<ForeignAddress>;

/**
 * Runs an operation.
 *
 * @param params - The flat argument of the call.
 * @param address - Gives the address to use instead of `baseUrl`, outside the API; asked before every attempt.
 * @throws ApiError, whatever goes wrong.
 */
export async function runCall(
  context: CallContext,
  operation: AnyOperation,
  params: unknown,
  options?: CallOptions,
  address?: FindAddress,
): Promise<ApiResponse<unknown>> {
  checkCallOptions(context, operation.id, options);
  return new Call(context, operation, params, options, address).run();
}

/**
 * Checks the second argument of a call.
 *
 * @throws ApiError of kind `invalid-request` naming the option of the call that is wrong.
 */
export function checkCallOptions({ profile, redactor }: CallContext, operation: string, options: CallOptions | undefined): void {
  const fault = options === undefined ? undefined : findCallOptionFault(options);
  if (fault !== undefined) throw invalidRequest({ vendor: profile.vendor, operation, ...fault }, redactor);
}

/** What a strategy gets: the client without its credentials. */
export function toAuthContext(context: CallContext, signal: AbortSignal | undefined): AuthContext {
  const { baseUrl, clock, redactor, options, log } = context;
  const bare = (): CallContext => ({ ...context, auth: undefined, shownParams: undefined });
  return {
    baseUrl: baseUrl.href,
    clock,
    redactor,
    sessionStore: options.sessionStore,
    signal,
    log,
    call: async (operation, params, callOptions) => (await runCall(bare(), operation, params, callOptions)).data,
    fetch: (request, operation = 'token') =>
      new Call(bare(), { id: operation, method: request.method, path: '', responses: {}, secretAnswer: true }).exchange(request),
  };
}

const SENT_ONCE = 'The login was refused, and no fresh one was tried: a stream is sent once. Give a Blob, bytes or a file source, which can be sent again.';

class Call implements RunningCall {
  readonly context: CallContext;
  readonly operation: OperationDescriptor;
  readonly params: unknown;
  readonly options: CallOptions;
  readonly idleTimeoutMs: number | false;
  attempts = 0;
  signatures = 0;
  waitedMs = 0;
  redirected = false;
  address: ForeignAddress | undefined;
  readonly signals: readonly AbortSignal[];
  readonly startedAt: number;
  readonly #findAddress: FindAddress | undefined;
  readonly #timeoutMs: number | false;
  readonly #deadlineMs: number | false;
  readonly #maxRetries: number | false;
  #prepared: PreparedRequest | undefined;
  #retries = 0;
  #url = '';

  constructor(context: CallContext, operation: OperationDescriptor, params?: unknown, options: CallOptions = {}, address?: FindAddress) {
    this.context = context;
    this.operation = operation;
    this.params = params;
    this.options = options;
    this.signals = [options.signal, context.options.signal].filter((signal) => signal !== undefined);
    this.#findAddress = address;
    this.startedAt = context.clock.now();
    const limit = <Preset>(name: keyof TimeLimits, preset: Preset): number | false | Preset => options[name] ?? context.options[name] ?? preset;
    this.#timeoutMs = limit('timeoutMs', DEFAULT_TIMEOUT_MS);
    this.idleTimeoutMs = limit('idleTimeoutMs', DEFAULT_TIMEOUT_MS);
    this.#deadlineMs = limit('deadlineMs', false);
    this.#maxRetries = limit('maxRetries', DEFAULT_RETRIES);
  }

  /** Parsed where it is shown: sending parses it once more. */
  get url(): string {
    return this.#url && new URL(this.#url).href;
  }

  get isForeign(): boolean {
    return this.#findAddress !== undefined;
  }

  fail(init: CallFailure): ApiError {
    const { profile, redactor, shownParams } = this.context;
    return new ApiError(
      { vendor: profile.vendor, operation: this.operation.id, params: shownParams ?? this.params, attempts: this.attempts, ...init },
      redactor,
    );
  }

  refuse(message: string, hint = 'Correct the argument; no request was sent.', more?: Partial<CallFailure>): ApiError {
    return this.fail({ kind: 'invalid-request', message, outcome: 'not-sent', hint, ...more });
  }

  watch(...others: readonly AbortSignal[]): JoinedSignal {
    return joinSignals([...this.signals, ...others], this.#deadlineMs, this.context.clock, this.#leftMs());
  }

  async run(): Promise<ApiResponse<unknown>> {
    if (this.#deadlineMs !== false) await loadKy();
    const { signal, release } = this.watch();
    try {
      const { method } = this.operation;
      // By the fetch standard no fetch function sends these.
      if (/^(?:CONNECT|TRACE|TRACK)$/.test(method)) {
        throw this.refuse(`${method} requests cannot be sent`, 'Use another HTTP client for this operation.', { kind: 'unsupported' });
      }
      this.#checkOpen();
      this.#prepared = prepareRequest(this);
      const { response, data } = await this.#attemptUntilDone(this.#prepared, signal, async (answer) => ({
        response: answer,
        data: await readAnswer(this, answer, signal),
      }));
      this.#publish(response.status, undefined);
      return {
        data,
        status: response.status,
        // What few callers ask for is made when they do.
        get headers() {
          return response.headers;
        },
        get requestId() {
          return requestIdOf(response.headers);
        },
      };
    } catch (error) {
      const failure = explainFault(this, error, signal);
      this.#publish(failure.status, failure);
      throw failure;
    } finally {
      release();
    }
  }

  async reopen(broken: BrokenBody, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Response> {
    this.#checkOpen();
    const prepared = { ...this.#prepared!, headers: { ...this.#prepared!.headers, ...headers } };
    const read = async (response: Response): Promise<Response> => {
      const { status } = response;
      if ((status >= 200 && status < 300) || status === 412 || status === 416) return response;
      throw await errorOf(this, response, signal);
    };
    return this.#attemptUntilDone(prepared, signal, read, broken);
  }

  /** Sends a request of a login: with retries, but without credentials, and to its own address, which is the caller's choice. */
  async exchange(request: Request): Promise<Response> {
    const body = request.body === null ? undefined : textBody(await request.text());
    this.address = { url: new URL(request.url) };
    const prepared = { path: '', query: [], headers: Object.fromEntries(request.headers), cookies: [], body, missing: [] };
    const answering = this.#attemptUntilDone(prepared, undefined, async (response) => {
      const { status, headers } = response;
      // Other refusals say in their body what is wrong with the credentials.
      if (status === 408 || status === 429 || status >= 500) throw await errorOf(this, response, undefined);
      // Whoever reads a token's answer does it without limits.
      const bytes = await readWhole(response, MOST_TOKEN_BYTES, { clock: this.context.clock, idleTimeoutMs: this.idleTimeoutMs, signals: [] });
      return new Response(status === 204 || status === 304 ? null : bytes, { status, headers });
    });
    try {
      const answer = await answering;
      const { status } = answer;
      platform.publishRequest(this, status, answer.ok ? undefined : this.fail({ kind: 'unauthenticated', message: 'refused', status, outcome: 'refused' }));
      return answer;
    } catch (error) {
      const failure = explainFault(this, error, undefined);
      platform.publishRequest(this, failure.status, failure);
      throw failure;
    }
  }

  #checkOpen(): void {
    if (this.context.closed) throw this.refuse('the client was closed', 'Make a new client; inside of await using, return await.');
  }

  #leftMs(): number | false {
    return this.#deadlineMs === false ? false : this.startedAt + this.#deadlineMs - this.context.clock.now();
  }

  /**
   * @param broken - What made this necessary, after the first answer.
   * @throws ApiError.
   */
  async #attemptUntilDone<Result>(
    prepared: PreparedRequest,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<Result>,
    broken?: BrokenBody,
  ): Promise<Result> {
    const { auth, budget } = this.context;
    let renewed = false;
    let last = broken?.failure;
    try {
      if (broken !== undefined) await this.#waitForRetry(broken.failure, broken.result, 0, signal);
      for (let retries = 0; ;) {
        signal?.throwIfAborted();
        const request = await this.#authorize(prepared, signal);
        if (this.#findAddress !== undefined) {
          this.address = await untilAborted(this.#findAddress(last, signal), signal);
          this.signatures += 1;
        }
        const mayBeDone = last?.outcome === 'unknown';
        // A failure to get credentials or an address is none of this request: what gives them has had its own attempts.
        try {
          const answer = await read(await this.#send(prepared, request, signal));
          budget.refund();
          return answer;
        } catch (error) {
          last = explainFault(this, error, signal);
        }
        const { kind, status, retryable } = last;
        // That this attempt did nothing says nothing of the one before.
        if (mayBeDone && prepared.body !== undefined && last.outcome === 'not-sent') Object.assign(last, { outcome: 'unknown' });
        // What an attempt removed whose answer was lost, the next one does not find.
        if (mayBeDone && kind === 'not-found' && this.operation.method === 'DELETE') {
          Object.assign(last, { outcome: 'unknown', hint: 'It is gone: an attempt before, whose answer did not arrive, may have removed it.' });
        }
        if (signal?.aborted === true) throw last;
        // A login page that answers 200 means what a 401 does.
        const isRefused = status === 401 || (kind === 'unauthenticated' && status !== undefined && status < 300);
        if (prepared.body?.repeatable === false) {
          if (isRefused && this.#usesAuth() && auth?.renew !== undefined) Object.assign(last, { hint: SENT_ONCE });
          throw last;
        }
        if (isRefused && !renewed && this.#usesAuth()) {
          renewed = true;
          if (await untilAborted(auth?.renew?.(request, toAuthContext(this.context, signal)), signal)) continue;
        }
        await this.#waitForRetry(last, status ?? (retryable && (kind === 'network' || kind === 'timeout') ? kind : undefined), retries, signal);
        retries += 1;
      }
    } catch (error) {
      throw explainFault(this, error, signal);
    }
  }

  /**
   * Returns when another attempt is due; throws the failure when there is to be none.
   *
   * @param retries - Those since the last answer, which `atMost` of a row limits; `maxRetries` limits those of the call.
   */
  async #waitForRetry(failure: ApiError, result: AttemptResult | undefined, retries: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, budget, log } = this.context;
    const { id } = this.operation;
    const maxRetries = this.#maxRetries;
    if (result === undefined || maxRetries === false || this.#retries >= maxRetries) throw failure;
    const row = retryRowOf(this, result);
    // A connection that was never made cannot have had an effect, whatever the row says of those that broke.
    const isSafe = (result === 'network' && failure.outcome === 'not-sent') || (row?.retry === true && retries < (row.atMost ?? Infinity));
    if (!isSafe) throw failure;
    const delay = failure.retryAfterMs ?? backoffMs(this.#retries);
    const left = this.#leftMs();
    if (delay > (left === false ? LONGEST_RETRY_AFTER_MS : left)) {
      const why = left === false ? 'longer than a call waits by itself: call again then' : 'after the deadline of this call (deadlineMs)';
      throw Object.assign(failure, { hint: [failure.hint, `Another attempt is due in ${delay} ms, ${why}.`].filter(Boolean).join(' ') });
    }
    if (!budget.spend(result)) throw failure;
    this.#retries += 1;
    log?.('warn', `${id}: ${String(result)}, retry ${this.#retries} of ${maxRetries} in ${delay} ms`, { operation: id, result, delay });
    await sleep(clock, delay, signal);
    this.waitedMs += delay;
  }

  async #send({ body, path }: PreparedRequest, { headers, query, cookies }: AuthorizableRequest, signal: AbortSignal | undefined): Promise<Response> {
    const { baseUrl, exchanger, log } = this.context;
    const { method, id } = this.operation;
    let url = this.address?.url.href;
    if (url === undefined) {
      url = baseUrl.href.replace(/\/$/, '') + path;
      // Some documents write a fixed query into the path.
      if (query.length > 0) url += `${url.includes('?') ? '&' : '?'}${query.join('&').replaceAll('#', '%23')}`;
    }
    this.#url = url;
    this.attempts += 1;
    log?.('debug', `${method} ${redactUrl(this.url)}`, { operation: id, attempt: this.attempts });
    const { onProgress } = this.options;
    const outgoing = onProgress && body?.transfer?.watched(body, (bytes, total) => onProgress({ bytes, total, attempt: this.attempts }));
    const answer = await exchanger.send(
      { method, url, headers: cookies.length === 0 ? headers : { ...headers, cookie: cookies.join('; ') }, body: outgoing ?? body },
      { timeoutMs: this.#timeoutMs, idleTimeoutMs: this.idleTimeoutMs, signal },
    );
    this.#url = answer.url;
    this.redirected = answer.url !== url;
    return answer.response;
  }

  #usesAuth(): boolean {
    return !this.isForeign && this.context.auth !== undefined && this.operation.security?.length !== 0;
  }

  async #authorize(prepared: PreparedRequest, signal: AbortSignal | undefined): Promise<AuthorizableRequest> {
    const { operation } = this;
    const { method, path } = operation;
    const request: AuthorizableRequest = {
      operation,
      method,
      path,
      headers: { ...prepared.headers },
      query: [...prepared.query],
      cookies: [...prepared.cookies],
    };
    if (this.#usesAuth()) {
      try {
        // A strategy is the caller's code, and may never end.
        await untilAborted(this.context.auth!.authorize(request, toAuthContext(this.context, signal)), signal);
        for (const name in request.headers) checkHeader(request.headers[name]!);
      } catch (error) {
        if (ApiError.is(error)) {
          // Whatever became of a login, the request itself was not sent.
          if (error.outcome === 'unknown' && error.kind !== 'aborted') Object.assign(error, { outcome: (error.status ?? 0) < 400 ? 'not-sent' : 'refused' });
          throw error;
        }
        if (signal?.aborted === true || isFault(error, 'SessionStoreError')) throw error;
        const { kind, retryable } = explainFault(this, error, signal);
        const message = `no credentials: ${error instanceof Error ? error.message : 'the auth function failed'}`;
        // A login that could not reach its server says nothing about the credentials.
        throw kind === 'unexpected'
          ? this.refuse(message, 'Check the auth option; the request was not sent.', { kind: 'unauthenticated', cause: error })
          : this.refuse(message, 'The login did not get through; the request was not sent.', { kind, retryable, cause: error });
      }
    }
    for (const { name, key = name } of prepared.missing) {
      if (request.headers[name.toLowerCase()] === undefined) {
        throw this.refuse(`${key} is required, and auth supplies none`, 'Give it, or an auth option that does.');
      }
    }
    return request;
  }

  #publish(status: number | undefined, error: ApiError | undefined): void {
    platform.publishRequest(this, status, error);
    const { body } = this.#prepared ?? {};
    // Texts are no transfers.
    if (body?.transfer === undefined) return;
    platform.publishTransfer(this, () => ({ direction: 'upload', result: error === undefined ? 'done' : 'failed', bytes: body.size }), error);
  }
}
