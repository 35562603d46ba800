/** One call: prepared once, attempted until it is done, told as a typed result or an ApiError. */

import { joinSignals, untilAborted, type JoinedSignal } from './abort.ts';
import type { AuthContext, AuthorizableRequest } from './auth.ts';
import type { BrokenBody, CallContext, CallFailure, ForeignAddress, RunningCall } from './call-context.ts';
import { findCallOptionFault } from './check-options.ts';
import { sleep } from './clock.ts';
import { ApiError, invalidRequest } from './errors.ts';
import { publishRequest, publishTransfer } from './events.ts';
import { explainFault } from './explain-fault.ts';
import { SessionStoreError } from './faults.ts';
import { loadKy } from './load-ky.ts';
import type { ApiResponse } from './method-types.ts';
import type { AnyOperation, OperationDescriptor } from './operation.ts';
import type { CallOptions } from './options.ts';
import { textBody, withProgress, type OutgoingBody } from './outgoing-body.ts';
import { prepareRequest, type PreparedRequest } from './prepare-request.ts';
import { errorOf, readAnswer, requestIdOf } from './read-answer.ts';
import { readWhole } from './read-body.ts';
import { redactUrl } from './redact.ts';
import { backoffMs, defaultRetryTable, findRetryRow, LONGEST_RETRY_AFTER_MS, type AttemptResult } from './retry.ts';
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
  options: CallOptions = {},
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
  readonly #findAddress: FindAddress | undefined;
  readonly #timeoutMs: number | false;
  readonly #deadlineMs: number | false;
  readonly startedAt: number;
  #prepared: PreparedRequest | undefined;
  #retries = 0;
  #url = '';

  constructor(context: CallContext, operation: OperationDescriptor, params: unknown, options: CallOptions, address: FindAddress | undefined) {
    this.context = context;
    this.operation = operation;
    this.params = params;
    this.options = options;
    const { signal } = context.options;
    this.signals = options.signal === undefined ? (signal === undefined ? [] : [signal]) : signal === undefined ? [options.signal] : [options.signal, signal];
    this.#findAddress = address;
    this.#timeoutMs = options.timeoutMs ?? context.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.idleTimeoutMs = options.idleTimeoutMs ?? context.options.idleTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#deadlineMs = options.deadlineMs ?? context.options.deadlineMs ?? false;
    this.startedAt = context.clock.now();
  }

  /** Parsed where it is shown: sending parses it once more. */
  get url(): string {
    return this.#url === '' ? '' : new URL(this.#url).href;
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

  watch(...others: readonly AbortSignal[]): JoinedSignal {
    return joinSignals(others.length === 0 ? this.signals : [...this.signals, ...others], this.#deadlineMs, this.context.clock, this.#leftMs());
  }

  async run(): Promise<ApiResponse<unknown>> {
    if (this.#deadlineMs !== false) await loadKy();
    const { signal, release } = this.watch();
    try {
      this.#checkOpen();
      this.#checkMethod();
      this.#prepared = prepareRequest(this);
      const answer = await this.#attemptUntilDone(this.#prepared, signal, (response) => this.#read(response, signal));
      this.#publish(answer.status, undefined);
      return answer;
    } catch (error) {
      const failure = explainFault(this, error, signal);
      this.#publish(failure.status, failure);
      throw failure;
    } finally {
      release();
    }
  }

  async #read(response: Response, signal: AbortSignal | undefined): Promise<ApiResponse<unknown>> {
    const data = await readAnswer(this, response, signal);
    return {
      data,
      status: response.status,
      // Made when somebody asks: few do.
      get headers() {
        return response.headers;
      },
      get requestId() {
        return requestIdOf(response.headers);
      },
    };
  }

  async reopen({ failure, result }: BrokenBody, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Response> {
    const prepared = { ...this.#prepared!, headers: { ...this.#prepared!.headers, ...headers } };
    try {
      this.#checkOpen();
      await this.#waitForRetry(failure, result, 0, signal);
      return await this.#attemptUntilDone(
        prepared,
        signal,
        async (response) => {
          const { status } = response;
          if ((status >= 200 && status < 300) || status === 412 || status === 416) return response;
          throw await errorOf(this, response, signal);
        },
        failure,
      );
    } catch (error) {
      throw explainFault(this, error, signal);
    }
  }

  /** Sends a request of a login: with retries, but without credentials, and to its own address, which is the caller's choice. */
  async exchange(request: Request): Promise<Response> {
    const text = request.body === null ? undefined : await request.text();
    this.address = { url: new URL(request.url) };
    const { clock } = this.context;
    const body = text === undefined ? undefined : textBody(text);
    const prepared = { path: '', query: [], headers: Object.fromEntries(request.headers), cookies: [], body, missing: [] };
    try {
      return await this.#attemptUntilDone(prepared, undefined, async (response) => {
        const { status, headers } = response;
        // Other refusals say in their body what is wrong with the credentials.
        if (status === 408 || status === 429 || status >= 500) throw await errorOf(this, response, undefined);
        // Whoever reads a token's answer does it without limits.
        const bytes = await readWhole(response, MOST_TOKEN_BYTES, { clock, idleTimeoutMs: this.idleTimeoutMs, signals: [] });
        return new Response(status === 204 || status === 304 ? null : bytes, { status, headers });
      });
    } catch (error) {
      // A token endpoint that cannot be reached is no fault of the credentials.
      throw explainFault(this, error, undefined);
    }
  }

  #checkOpen(): void {
    if (this.context.closed)
      throw this.fail({
        kind: 'invalid-request',
        message: 'the client was closed',
        outcome: 'not-sent',
        hint: 'Make a new client; inside of await using, return await.',
      });
  }

  #checkMethod(): void {
    const { method } = this.operation;
    // By the fetch standard no fetch function sends these.
    if (method !== 'CONNECT' && method !== 'TRACE' && method !== 'TRACK') return;
    throw this.fail({
      kind: 'unsupported',
      message: `${method} requests cannot be sent`,
      outcome: 'not-sent',
      hint: 'Use another HTTP client for this operation.',
    });
  }

  #leftMs(): number | false {
    return this.#deadlineMs === false ? false : this.startedAt + this.#deadlineMs - this.context.clock.now();
  }

  /** @param failure - What made this necessary, after the first answer. */
  async #attemptUntilDone<Result>(
    prepared: PreparedRequest,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<Result>,
    failure?: ApiError,
  ): Promise<Result> {
    const { auth, budget } = this.context;
    const isRepeatable = prepared.body?.repeatable ?? true;
    let renewed = false;
    let last = failure;
    for (let retries = 0; ;) {
      signal?.throwIfAborted();
      const request = await this.#authorize(prepared, signal);
      // A failure to get an address is none of the address: the operation that gives it has had its own attempts.
      if (this.#findAddress !== undefined) await this.#sign(last, signal);
      try {
        const answer = await read(await this.#send(prepared, request, signal));
        budget.refund();
        return answer;
      } catch (error) {
        const mayBeDone = last?.outcome === 'unknown';
        last = explainFault(this, error, signal);
        // What an attempt removed whose answer was lost, the next one does not find.
        if (mayBeDone && last.kind === 'not-found' && this.operation.method === 'DELETE') {
          Object.assign(last, { outcome: 'unknown', hint: 'It is gone: an attempt before, whose answer did not arrive, may have removed it.' });
        }
        if (signal?.aborted === true || !isRepeatable) throw last;
        // A login page that answers 200 means what a 401 does.
        const isRefused = last.status === 401 || (last.kind === 'unauthenticated' && last.status !== undefined && last.status < 300);
        if (isRefused && !renewed && this.#usesAuth()) {
          renewed = true;
          if (await auth?.renew?.(request, this.#authContext(signal))) continue;
        }
        await this.#waitForRetry(last, last.status ?? (last.kind === 'network' || last.kind === 'timeout' ? last.kind : undefined), retries, signal);
        retries += 1;
      }
    }
  }

  async #sign(failure: ApiError | undefined, signal: AbortSignal | undefined): Promise<void> {
    this.address = await untilAborted(this.#findAddress!(failure, signal), signal);
    this.signatures += 1;
  }

  /**
   * Returns when another attempt is due; throws the failure when there is to be none.
   *
   * @param retries - Those since the last answer, which `atMost` of a row limits; `maxRetries` limits those of the call.
   */
  async #waitForRetry(failure: ApiError, result: AttemptResult | undefined, retries: number, signal: AbortSignal | undefined): Promise<void> {
    const { options, profile, clock, budget, log } = this.context;
    const { id, method } = this.operation;
    const maxRetries = this.options.maxRetries ?? options.maxRetries ?? DEFAULT_RETRIES;
    if (result === undefined || maxRetries === false || this.#retries >= maxRetries) throw failure;
    const row = findRetryRow([...(profile.retry ?? []), ...defaultRetryTable], id, method, result);
    // A connection that was never made cannot have had an effect.
    const isSafe = row === undefined ? result === 'network' && failure.outcome === 'not-sent' : row.retry && retries < (row.atMost ?? Infinity);
    const delay = failure.retryAfterMs ?? backoffMs(this.#retries);
    const left = this.#leftMs();
    if (!isSafe) throw failure;
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

  async #send(prepared: PreparedRequest, request: AuthorizableRequest, signal: AbortSignal | undefined): Promise<Response> {
    const { exchanger, log } = this.context;
    const { method, id } = this.operation;
    const url = this.address?.url.href ?? this.#apiUrl(prepared, request);
    this.#url = url;
    const headers = request.cookies.length === 0 ? request.headers : { ...request.headers, cookie: request.cookies.join('; ') };
    this.attempts += 1;
    log?.('debug', `${method} ${redactUrl(this.url)}`, { operation: id, attempt: this.attempts });
    const { response, url: answered } = await exchanger.send(
      { method, url, headers, body: this.#outgoing(prepared.body) },
      { timeoutMs: this.#timeoutMs, idleTimeoutMs: this.idleTimeoutMs, signal },
    );
    this.#url = answered;
    this.redirected = answered !== url;
    return response;
  }

  #outgoing(body: OutgoingBody | undefined): OutgoingBody | undefined {
    const { onProgress } = this.options;
    return body === undefined || onProgress === undefined ? body : withProgress(body, (bytes, total) => onProgress({ bytes, total, attempt: this.attempts }));
  }

  #apiUrl(prepared: PreparedRequest, request: AuthorizableRequest): string {
    const start = `${this.context.baseUrl.href.replace(/\/$/, '')}${prepared.path}`;
    if (request.query.length === 0) return start;
    // Some documents write a fixed query into the path.
    return `${start}${start.includes('?') ? '&' : '?'}${request.query.join('&').replaceAll('#', '%23')}`;
  }

  #usesAuth(): boolean {
    return !this.isForeign && this.context.auth !== undefined && this.operation.security?.length !== 0;
  }

  async #authorize(prepared: PreparedRequest, signal: AbortSignal | undefined): Promise<AuthorizableRequest> {
    const { operation } = this;
    const request: AuthorizableRequest = {
      operation,
      method: operation.method,
      path: operation.path,
      headers: { ...prepared.headers },
      query: [...prepared.query],
      cookies: [...prepared.cookies],
    };
    if (this.#usesAuth()) {
      try {
        await this.context.auth!.authorize(request, this.#authContext(signal));
        for (const value of Object.values(request.headers)) checkHeader(value);
      } catch (error) {
        // Whatever became of a login, the request itself was not sent.
        if (ApiError.is(error) && error.outcome === 'unknown' && error.kind !== 'aborted') {
          throw Object.assign(error, { outcome: (error.status ?? 0) < 400 ? 'not-sent' : 'refused' });
        }
        if (ApiError.is(error) || signal?.aborted === true) throw error;
        // A login that could not reach its server says nothing about the credentials.
        const { kind, retryable } = explainFault(this, error, signal);
        if (error instanceof SessionStoreError) throw error;
        const message = `no credentials: ${error instanceof Error ? error.message : 'the auth function failed'}`;
        if (kind !== 'unexpected')
          throw this.fail({ kind, message, outcome: 'not-sent', retryable, hint: 'The login did not get through; the request was not sent.', cause: error });
        throw this.fail({ kind: 'unauthenticated', message, outcome: 'not-sent', hint: 'Check the auth option; the request was not sent.', cause: error });
      }
    }
    for (const { name, key = name } of prepared.missing) {
      if (request.headers[name.toLowerCase()] !== undefined) continue;
      throw this.fail({
        kind: 'invalid-request',
        message: `${key} is required, and auth supplies none`,
        outcome: 'not-sent',
        hint: 'Give it, or an auth option that does.',
      });
    }
    return request;
  }

  #authContext(signal: AbortSignal | undefined): AuthContext {
    const { context } = this;
    return {
      baseUrl: context.baseUrl.href,
      clock: context.clock,
      redactor: context.redactor,
      sessionStore: context.options.sessionStore,
      signal,
      call: async (operation, params, options) => (await runCall({ ...context, auth: undefined, shownParams: undefined }, operation, params, options)).data,
      fetch: (request, operation = 'token') =>
        new Call(
          { ...context, auth: undefined, shownParams: undefined },
          { id: operation, method: request.method, path: '', responses: {}, secretAnswer: true },
          undefined,
          {},
          undefined,
        ).exchange(request),
    };
  }

  #publish(status: number | undefined, error: ApiError | undefined): void {
    publishRequest(this, status, error);
    const { body } = this.#prepared ?? {};
    // Texts are no transfers.
    if (body === undefined || typeof body.data === 'string') return;
    publishTransfer(this, () => ({ direction: 'upload', result: error === undefined ? 'done' : 'failed', bytes: body.size }), error);
  }
}
