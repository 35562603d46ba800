/** One call: prepared once, attempted until it is done, told as a typed result or an ApiError. */

import { joinSignals } from './abort.ts';
import type { AuthContext, AuthorizableRequest } from './auth.ts';
import type { CallContext, CallFailure, ForeignAddress, RunningCall } from './call-context.ts';
import { sleep } from './clock.ts';
import { ApiError } from './errors.ts';
import { explainFault } from './explain-fault.ts';
import type { ApiResponse } from './method-types.ts';
import type { AnyOperation, OperationDescriptor } from './operation.ts';
import type { CallOptions } from './options.ts';
import { textBody } from './outgoing-body.ts';
import { platform } from './platform/node.ts';
import { prepareRequest, type PreparedRequest } from './prepare-request.ts';
import { readAnswer, requestIdOf } from './read-answer.ts';
import { redactUrl } from './redact.ts';
import { backoffMs, defaultRetryTable, findRetryRow, LONGEST_RETRY_AFTER_MS, type AttemptResult } from './retry.ts';
import { checkHeader } from './serialize.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;

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
  address?: () => Promise<ForeignAddress>,
): Promise<ApiResponse<unknown>> {
  return new Call(context, operation, params, options, address).run();
}

class Call implements RunningCall {
  readonly context: CallContext;
  readonly operation: OperationDescriptor;
  readonly params: unknown;
  readonly options: CallOptions;
  readonly idleTimeoutMs: number | false;
  readonly signals: readonly AbortSignal[];
  attempts = 0;
  address: ForeignAddress | undefined;
  readonly #findAddress: (() => Promise<ForeignAddress>) | undefined;
  readonly #timeoutMs: number | false;
  readonly #deadlineMs: number | false;
  readonly #started: number;
  #waitedMs = 0;
  #lastUrl = '';

  constructor(
    context: CallContext,
    operation: OperationDescriptor,
    params: unknown,
    options: CallOptions,
    address: (() => Promise<ForeignAddress>) | undefined,
  ) {
    this.context = context;
    this.operation = operation;
    this.params = params;
    this.options = options;
    this.signals = [options.signal, context.options.signal].filter((signal) => signal !== undefined);
    this.#findAddress = address;
    this.#timeoutMs = options.timeoutMs ?? context.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.idleTimeoutMs = options.idleTimeoutMs ?? context.options.idleTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#deadlineMs = options.deadlineMs ?? context.options.deadlineMs ?? false;
    this.#started = context.clock.now();
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

  async run(): Promise<ApiResponse<unknown>> {
    const { signal, release } = joinSignals(this.signals, this.#deadlineMs, this.context.clock);
    try {
      if (this.context.closed) throw this.fail({ kind: 'invalid-request', message: 'the client was closed', outcome: 'not-sent', hint: 'Make a new client.' });
      const answer = await this.#attemptUntilDone(prepareRequest(this), signal);
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

  async #attemptUntilDone(prepared: PreparedRequest, signal: AbortSignal | undefined): Promise<ApiResponse<unknown>> {
    const { auth, budget } = this.context;
    const isRepeatable = prepared.body?.repeatable ?? true;
    let renewed = false;
    for (let retries = 0; ;) {
      signal?.throwIfAborted();
      const request = await this.#authorize(prepared, signal);
      // A failure to get an address is none of the address: the operation that gives it has had its own attempts.
      this.address = await this.#findAddress?.();
      try {
        const answer = await this.#attempt(prepared, request, signal);
        budget.refund();
        return answer;
      } catch (error) {
        const failure = explainFault(this, error, signal);
        if (signal?.aborted === true || !isRepeatable) throw failure;
        if (failure.status === 401 && !renewed && this.#usesAuth()) {
          renewed = true;
          if (await auth?.renew?.(request, this.#authContext(signal))) continue;
        }
        await this.#waitForRetry(failure, retries, signal);
        retries += 1;
      }
    }
  }

  /** Returns when another attempt is due; throws the failure when there is to be none. */
  async #waitForRetry(failure: ApiError, retries: number, signal: AbortSignal | undefined): Promise<void> {
    const { options, profile, clock, budget, log } = this.context;
    const { id, method } = this.operation;
    const maxRetries = this.options.maxRetries ?? options.maxRetries ?? DEFAULT_RETRIES;
    const result: AttemptResult | undefined = failure.status ?? (failure.kind === 'network' || failure.kind === 'timeout' ? failure.kind : undefined);
    if (result === undefined || maxRetries === false || retries >= maxRetries) throw failure;
    const row = findRetryRow([...(profile.retry ?? []), ...defaultRetryTable], id, method, result);
    // A connection that was never made cannot have had an effect.
    const isSafe = row === undefined ? result === 'network' && failure.outcome === 'not-sent' : row.retry && retries < (row.atMost ?? Infinity);
    const delay = failure.retryAfterMs ?? backoffMs(retries);
    const left = this.#deadlineMs === false ? LONGEST_RETRY_AFTER_MS : this.#started + this.#deadlineMs - clock.now();
    if (!isSafe || delay > left || !budget.spend(result)) throw failure;
    log('warn', `${id}: ${String(result)}, retry ${retries + 1} of ${maxRetries} in ${delay} ms`, { operation: id, result, delay });
    await sleep(clock, delay, signal);
    this.#waitedMs += delay;
  }

  async #attempt(prepared: PreparedRequest, request: AuthorizableRequest, signal: AbortSignal | undefined): Promise<ApiResponse<unknown>> {
    const { exchanger, log } = this.context;
    const { method, id } = this.operation;
    const url = this.address?.url ?? this.#apiUrl(prepared, request);
    this.#lastUrl = url.href;
    const headers = request.cookies.length === 0 ? request.headers : { ...request.headers, cookie: request.cookies.join('; ') };
    this.attempts += 1;
    log('debug', `${method} ${redactUrl(url.href)}`, { operation: id, attempt: this.attempts });
    const { response, url: answered } = await exchanger.send(
      { method, url, headers, body: prepared.body },
      { timeoutMs: this.#timeoutMs, idleTimeoutMs: this.idleTimeoutMs, signal },
    );
    this.#lastUrl = answered.href;
    const data = await readAnswer(this, response, answered.href, signal);
    return { data, status: response.status, headers: response.headers, requestId: requestIdOf(response.headers) };
  }

  #apiUrl(prepared: PreparedRequest, request: AuthorizableRequest): URL {
    const url = new URL(`${this.context.baseUrl.href.replace(/\/$/, '')}${prepared.path}`);
    // Some documents write a fixed query into the path.
    url.search = [url.search.slice(1), ...request.query].filter((pair) => pair !== '').join('&');
    return url;
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
        if (ApiError.is(error) || signal?.aborted === true) throw error;
        // A login that could not reach its server says nothing about the credentials.
        const { kind, retryable } = explainFault(this, error, signal);
        const message = `no credentials: ${error instanceof Error ? error.message : 'the auth function failed'}`;
        if (kind !== 'unexpected') throw this.fail({ kind, message, outcome: 'not-sent', retryable, hint: 'The login did not get through; the request was not sent.', cause: error });
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
      fetch: async (request) => {
        const text = request.body === null ? undefined : await request.text();
        const url = new URL(request.url);
        const sending = context.exchanger.send(
          {
            method: request.method,
            url,
            headers: Object.fromEntries(request.headers),
            body: text === undefined ? undefined : textBody(text),
          },
          { timeoutMs: context.options.timeoutMs ?? DEFAULT_TIMEOUT_MS, idleTimeoutMs: this.idleTimeoutMs, signal: undefined },
        );
        // A token endpoint that cannot be reached is no fault of the credentials.
        const { response } = await sending.catch((error: unknown) => Promise.reject(explainFault(this, error, undefined, url.host)));
        return response;
      },
    };
  }

  #publish(status: number | undefined, error: ApiError | undefined): void {
    platform.publish('asset-clients:request', () => ({
      vendor: this.context.profile.vendor,
      operation: this.operation.id,
      method: this.operation.method,
      url: redactUrl(this.#lastUrl),
      status,
      attempts: this.attempts,
      waitedMs: this.#waitedMs,
      durationMs: this.context.clock.now() - this.#started,
      ...(error === undefined ? {} : { error: { kind: error.kind, code: error.code, outcome: error.outcome } }),
    }));
  }
}
