/** One call: a descriptor and its arguments become a request, attempts, and a typed result or an ApiError. */

import type { AuthContext, AuthorizableRequest, AuthStrategy } from './auth.ts';
import { sleep, type Clock } from './clock.ts';
import { ApiError, invalidRequest, type ApiErrorInit, type ErrorOutcome } from './errors.ts';
import { NoAnswerError, RedirectError, UnsupportedError, type Exchanger } from './exchange.ts';
import type { AnyOperation, OperationDescriptor, ParameterDescriptor } from './operation.ts';
import type { ApiResponse } from './method-types.ts';
import type { CallOptions, ClientOptions, LogLevel } from './options.ts';
import { platform } from './platform/node.ts';
import { findErrorRow, kindOfStatus, readCommonError, type ErrorFacts, type VendorProfile } from './vendor-profile.ts';
import { redactUrl, type Redactor } from './redact.ts';
import { BodyTooLargeError, readWhole, SilenceError } from './read-body.ts';
import { backoffMs, defaultRetryTable, findRetryRow, LONGEST_RETRY_AFTER_MS, retryAfterMs, type AttemptResult, type RetryBudget } from './retry.ts';
import { SerializeError, checkHeader, serializeCookie, serializeHeaderValue, serializePathValue, serializeQueryParameter } from './serialize.ts';
import { binaryBody, isBinaryBody, textBody, type OutgoingBody } from './outgoing-body.ts';
import { UrlRefusedError } from './untrusted-url.ts';
import { findViolation, nearest, resolveSchema } from './validate.ts';

/** What a call needs from its client. */
export interface CallContext {
  readonly options: ClientOptions;
  readonly profile: VendorProfile;
  readonly baseUrl: URL;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly exchanger: Exchanger;
  readonly budget: RetryBudget;
  readonly auth: AuthStrategy | undefined;
  readonly closed: boolean;
  /** What errors show as the arguments, where these are a job's. */
  readonly shownParams?: unknown;
  readonly log: (level: Exclude<LogLevel, 'off'>, message: string, fields?: Record<string, unknown>) => void;
}

/** JSON and text answers are read into memory; more than this is no JSON answer of an asset API. */
const MOST_JSON_BYTES = 64 * 1024 * 1024;
const MOST_ERROR_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;

/** An address outside the API, given out by the vendor: no credentials are sent there. */
export interface SignedAddress {
  readonly url: string;
  /** What the vendor says of the file. */
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

/** Gives a fresh address; called for every attempt, because signed URLs expire and may work once only. */
export type AddressSource = () => Promise<SignedAddress>;

/** A request whose arguments were checked, before credentials are added. */
interface PreparedCall {
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: OutgoingBody | undefined;
  /** Headers that `auth` must supply. */
  readonly missing: readonly ParameterDescriptor[];
}

/**
 * Runs an operation.
 *
 * @param params - The flat argument of the call.
 * @param address - Where to send it instead of `baseUrl`: outside the API, so without credentials and client headers.
 * @throws ApiError, whatever goes wrong.
 */
export async function runCall(
  context: CallContext,
  operation: AnyOperation,
  params: unknown,
  options: CallOptions = {},
  address?: AddressSource,
): Promise<ApiResponse<unknown>> {
  return new Call(context, operation, params, options, address).run();
}

class Call {
  readonly #context: CallContext;
  readonly #operation: OperationDescriptor;
  readonly #params: unknown;
  readonly #options: CallOptions;
  readonly #address: AddressSource | undefined;
  readonly #started: number;
  #signed: SignedAddress | undefined;
  #attempts = 0;
  #waitedMs = 0;
  #lastUrl = '';

  constructor(context: CallContext, operation: OperationDescriptor, params: unknown, options: CallOptions, address: AddressSource | undefined) {
    this.#context = context;
    this.#operation = operation;
    this.#params = params;
    this.#options = options;
    this.#address = address;
    this.#started = context.clock.now();
  }

  async run(): Promise<ApiResponse<unknown>> {
    const limit = this.#deadline();
    try {
      if (this.#context.closed) throw invalidRequest({ ...this.#facts(), message: 'the client was closed', hint: 'Make a new client.' }, this.#context.redactor);
      const prepared = this.#prepare();
      const answer = await this.#attemptUntilDone(prepared, limit.signal);
      this.#publish(answer.status, undefined);
      return answer;
    } catch (error) {
      const failure = this.#toApiError(error, limit.signal);
      this.#publish(failure.status, failure);
      throw failure;
    } finally {
      limit.clear();
    }
  }

  /** One signal for the caller's and the client's own, and the deadline. */
  #deadline(): { signal: AbortSignal | undefined; clear: () => void } {
    const { clock, options } = this.#context;
    const sources = this.#callerSignals();
    const deadlineMs = this.#options.deadlineMs ?? options.deadlineMs ?? false;
    if (deadlineMs === false && sources.length < 2) return { signal: sources[0], clear: () => undefined };
    const stop = new AbortController();
    const listeners = sources.map((source) => {
      const onAbort = (): void => stop.abort(source.reason);
      if (source.aborted) onAbort();
      else source.addEventListener('abort', onAbort, { once: true });
      return () => source.removeEventListener('abort', onAbort);
    });
    const timer = deadlineMs === false ? undefined : clock.setTimeout(() => stop.abort(new NoAnswerError(`the call did not end within ${deadlineMs} ms (deadlineMs)`)), deadlineMs);
    return {
      signal: stop.signal,
      clear: () => {
        if (timer !== undefined) clock.clearTimeout(timer);
        for (const remove of listeners) remove();
      },
    };
  }

  #callerSignals(): AbortSignal[] {
    return [this.#options.signal, this.#context.options.signal].filter((signal) => signal !== undefined);
  }

  // ---- before any request -------------------------------------------------------------------------------------

  #prepare(): PreparedCall {
    const operation = this.#operation;
    const params = this.#checkArgument();
    const headers: Record<string, string> = {};
    const query: string[] = [];
    const cookies: string[] = [];
    const missing: ParameterDescriptor[] = [];
    let path = operation.path;
    for (const parameter of operation.parameters ?? []) {
      const key = parameter.key ?? parameter.name;
      const value = this.#valueOf(parameter, params[key]);
      if (value === undefined) {
        if (parameter.credential === true && parameter.required === true) missing.push(parameter);
        else if (parameter.required === true) throw this.#invalid(key, 'is required');
        continue;
      }
      const violation = parameter.schema === undefined ? undefined : findViolation(value, parameter.schema, key);
      if (violation !== undefined) throw this.#invalid(violation.path, violation.rule);
      try {
        if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, () => serializePathValue(parameter, value));
        else if (parameter.in === 'query') query.push(...serializeQueryParameter(parameter, value));
        else if (parameter.in === 'header') headers[parameter.name.toLowerCase()] = serializeHeaderValue(parameter, value);
        else cookies.push(...serializeCookie(parameter, value));
      } catch (error) {
        if (error instanceof SerializeError) throw this.#invalid(key, error.message);
        throw error;
      }
      if (parameter.schema !== undefined && resolveSchema(parameter.schema).secret === true && typeof value === 'string') this.#context.redactor.add(value);
    }
    const encoded = this.#encodeBody(params.body);
    if (encoded !== undefined) headers['content-type'] = encoded.contentType;
    const accept = this.#accept();
    if (accept !== undefined) headers.accept = accept;
    if (operation.binary !== undefined) headers['accept-encoding'] = 'identity';
    const { userAgent } = this.#context.options;
    if (userAgent !== undefined) headers['user-agent'] = userAgent;
    for (const [name, value] of Object.entries(operation.headers ?? {})) headers[name.toLowerCase()] ??= value;
    // The client's headers may hold credentials of the vendor.
    for (const more of [this.#address === undefined ? this.#context.options.headers : undefined, this.#options.headers]) {
      for (const [name, value] of Object.entries(more ?? {})) {
        if (value === undefined) continue;
        try {
          headers[name.toLowerCase()] = checkHeader(String(value));
        } catch (error) {
          throw this.#invalid(`headers.${name}`, (error as Error).message);
        }
      }
    }
    return { path: this.#context.profile.rewritePath?.(path) ?? path, query, headers, cookies, body: encoded?.body, missing };
  }

  /** The argument as an object whose members the operation knows. */
  #checkArgument(): Record<string, unknown> {
    const params = this.#params ?? {};
    if (typeof params !== 'object' || Array.isArray(params)) {
      throw this.#invalid('the argument', `must be an object, not ${Array.isArray(params) ? 'an array' : `a ${typeof params}`}`);
    }
    const known = (this.#operation.parameters ?? []).map((parameter) => parameter.key ?? parameter.name);
    if (this.#operation.body !== undefined) known.push('body');
    for (const name of Object.keys(params)) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      throw this.#invalid(name, `is not a parameter of this operation${near === undefined ? ` (it has ${known.length === 0 ? 'none' : known.join(', ')})` : `; did you mean "${near}"?`}`);
    }
    return params as Record<string, unknown>;
  }

  #valueOf(parameter: ParameterDescriptor, given: unknown): unknown {
    if (given !== undefined) return given;
    const preset = this.#context.profile.defaults?.[parameter.name];
    if (preset !== undefined) return preset;
    // An optional parameter that is left out stays out: the vendor applies its own default.
    return parameter.required === true && parameter.schema !== undefined ? resolveSchema(parameter.schema).default : undefined;
  }

  #encodeBody(body: unknown): { contentType: string; body: OutgoingBody } | undefined {
    const descriptor = this.#operation.body;
    if (descriptor === undefined) return undefined;
    if (body === undefined) {
      if (descriptor.required === true) throw this.#invalid('body', 'is required');
      return undefined;
    }
    const types = Object.keys(descriptor.content);
    const chosen = this.#options.contentType ?? types[0] ?? 'application/json';
    const declared = descriptor.content[chosen] ?? descriptor.content[types.find((type) => type.split(';', 1)[0] === chosen.split(';', 1)[0]) ?? ''];
    if (declared === undefined && this.#options.contentType !== undefined) {
      throw this.#invalid('contentType', `must be one of ${types.join(', ')}; got "${chosen}"`);
    }
    const violation = declared?.schema === undefined || body instanceof FormData || body instanceof URLSearchParams ? undefined : findViolation(body, declared.schema, 'body');
    if (violation !== undefined) throw this.#invalid(violation.path, violation.rule);
    try {
      if (declared?.encode !== undefined) return declared.encode.encode(body, declared.encoding);
      if (isJson(chosen)) {
        this.#rememberSecrets(body);
        return { contentType: chosen, body: textBody(stringify(body)) };
      }
      if (isOutgoing(body)) return { contentType: chosen, body };
      if (isBinaryBody(body)) return { contentType: chosen.includes('*') ? (body as Partial<Blob>).type || 'application/octet-stream' : chosen, body: binaryBody(body) };
      if (typeof body === 'string') return { contentType: chosen.includes('*') ? 'text/plain' : chosen, body: textBody(body) };
      return { contentType: chosen.includes('*') ? 'application/json' : chosen, body: textBody(stringify(body)) };
    } catch (error) {
      if (error instanceof SerializeError || error instanceof TypeError) throw this.#invalid('body', error.message);
      throw error;
    }
  }

  /** Passwords and tokens in a body must not come back in an error. */
  #rememberSecrets(body: unknown, depth = 0): void {
    if (typeof body !== 'object' || body === null || depth > 4) return;
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string' && /password|secret|token|session|authorization/i.test(name)) this.#context.redactor.add(value);
      else this.#rememberSecrets(value, depth + 1);
    }
  }

  #accept(): string | undefined {
    if (this.#options.accept !== undefined) return this.#options.accept;
    const { responses } = this.#operation;
    const success = Object.keys(responses).filter((status) => status.startsWith('2'));
    const types = [...new Set((success.length > 0 ? success : ['default']).flatMap((status) => responses[status] ?? []))];
    if (types.length === 0 || types.includes('*/*')) return '*/*';
    const preferred = types.find(isJson);
    // Several success types: what the method's type promises comes first.
    return preferred === undefined || success.length > 1 ? types.join(', ') : preferred;
  }

  #invalid(name: string, rule: string): ApiError {
    return invalidRequest(
      { ...this.#facts(), message: `${name} ${rule}`, hint: 'Correct the argument; no request was sent.' },
      this.#context.redactor,
    );
  }

  // ---- attempts -----------------------------------------------------------------------------------------------

  async #attemptUntilDone(prepared: PreparedCall, signal: AbortSignal | undefined): Promise<ApiResponse<unknown>> {
    const { options, profile, budget, clock, log } = this.#context;
    const maxRetries = this.#options.maxRetries ?? options.maxRetries ?? DEFAULT_RETRIES;
    const table = [...(profile.retry ?? []), ...defaultRetryTable];
    let renewed = false;
    let retries = 0;
    for (;;) {
      let used: AuthorizableRequest | undefined;
      try {
        used = await this.#authorize(prepared, signal);
        const answer = await this.#attempt(prepared, used, signal);
        budget.refund();
        return answer;
      } catch (error) {
        const failure = this.#toApiError(error, signal);
        const repeatable = prepared.body?.repeatable ?? true;
        if (failure.status === 401 && !renewed && used !== undefined && repeatable && this.#usesAuth()) {
          renewed = true;
          if (await this.#context.auth?.renew?.(used, this.#authContext(signal))) continue;
        }
        // A refused signed URL may have expired or have been used: a fresh one is asked for, once.
        if (this.#address !== undefined && !renewed && repeatable && this.#attempts > 0 && [400, 401, 403, 404, 410].includes(failure.status ?? 0) && this.#operation.method === 'GET') {
          renewed = true;
          continue;
        }
        const result: AttemptResult | undefined = failure.kind === 'network' ? 'network' : failure.kind === 'timeout' && failure.status === undefined ? 'timeout' : failure.status;
        if (result === undefined || signal?.aborted === true || used === undefined || maxRetries === false || retries >= maxRetries || !repeatable) throw failure;
        const row = findRetryRow(table, this.#operation.id, this.#operation.method, result);
        // A connection that was never made cannot have had an effect.
        const isSafe = row === undefined ? result === 'network' && failure.outcome === 'not-sent' : row.retry && retries < (row.atMost ?? Infinity);
        if (!isSafe || !budget.spend(result)) throw failure;
        const delay = failure.retryAfterMs ?? backoffMs(retries);
        const deadlineMs = this.#options.deadlineMs ?? options.deadlineMs ?? false;
        const left = deadlineMs === false ? LONGEST_RETRY_AFTER_MS : this.#started + deadlineMs - clock.now();
        if (delay > left) throw failure;
        log('warn', `${this.#operation.id}: ${String(result)}, retry ${retries + 1} of ${maxRetries} in ${delay} ms`, { operation: this.#operation.id, result, delay });
        await sleep(clock, delay, signal);
        this.#waitedMs += delay;
        retries += 1;
      }
    }
  }

  async #attempt(prepared: PreparedCall, used: AuthorizableRequest, signal: AbortSignal | undefined): Promise<ApiResponse<unknown>> {
    const { exchanger, options, log } = this.#context;
    const url = await this.#url(prepared, used);
    this.#lastUrl = url.href;
    const headers = used.cookies.length === 0 ? used.headers : { ...used.headers, cookie: used.cookies.join('; ') };
    const body = prepared.body;
    this.#attempts += 1;
    log('debug', `${this.#operation.method} ${redactUrl(url.href)}`, { operation: this.#operation.id, attempt: this.#attempts });
    const { response, url: answered } = await exchanger.send(
      { method: this.#operation.method, url, headers, body },
      { timeoutMs: this.#options.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS, idleTimeoutMs: this.#idleTimeoutMs(), signal },
    );
    this.#lastUrl = answered.href;
    const data = await this.#readAnswer(response, signal);
    return { data, status: response.status, headers: response.headers, requestId: requestIdOf(response.headers) };
  }

  async #url(prepared: PreparedCall, used: AuthorizableRequest): Promise<URL> {
    if (this.#address !== undefined) {
      this.#signed = await this.#address();
      // The signature in the query is as good as a password.
      const query = this.#signed.url.split('?', 2)[1];
      this.#context.redactor.add(this.#signed.url, query, ...(query ?? '').split('&').map((pair) => pair.split('=', 2)[1]).filter((value) => (value?.length ?? 0) >= 16));
      return this.#context.exchanger.policy.check(this.#signed.url);
    }
    const url = new URL(`${this.#context.baseUrl.href.replace(/\/$/, '')}${prepared.path}`);
    url.search = used.query.join('&');
    return url;
  }

  #idleTimeoutMs(): number | false {
    return this.#options.idleTimeoutMs ?? this.#context.options.idleTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  #usesAuth(): boolean {
    return this.#address === undefined && this.#context.auth !== undefined && this.#operation.security?.length !== 0;
  }

  async #authorize(prepared: PreparedCall, signal: AbortSignal | undefined): Promise<AuthorizableRequest> {
    const operation = this.#operation;
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
        await this.#context.auth!.authorize(request, this.#authContext(signal));
      } catch (error) {
        if (ApiError.is(error) || signal?.aborted === true) throw error;
        throw new ApiError(
          {
            ...this.#facts(),
            kind: 'unauthenticated',
            message: `no credentials: ${error instanceof Error ? error.message : 'the auth function failed'}`,
            outcome: 'not-sent',
            hint: 'Check the auth option; the request was not sent.',
            cause: error,
          },
          this.#context.redactor,
        );
      }
    }
    for (const parameter of prepared.missing) {
      if (request.headers[parameter.name.toLowerCase()] === undefined) throw this.#invalid(parameter.key ?? parameter.name, 'is required, and auth supplies none');
    }
    return request;
  }

  #authContext(signal: AbortSignal | undefined): AuthContext {
    const context = this.#context;
    return {
      baseUrl: context.baseUrl.href,
      clock: context.clock,
      redactor: context.redactor,
      sessionStore: context.options.sessionStore,
      signal,
      call: async (operation, params, options) => (await runCall({ ...context, auth: undefined }, operation, params, options)).data,
      fetch: async (request) => {
        const text = request.body === null ? undefined : await request.text();
        const headers: Record<string, string> = {};
        request.headers.forEach((value, name) => {
          headers[name] = value;
        });
        const limits = { timeoutMs: context.options.timeoutMs ?? DEFAULT_TIMEOUT_MS, idleTimeoutMs: this.#idleTimeoutMs(), signal: undefined };
        const sent = await context.exchanger.send({ method: request.method, url: new URL(request.url), headers, body: text === undefined ? undefined : textBody(text) }, limits);
        return sent.response;
      },
    };
  }

  // ---- answers ------------------------------------------------------------------------------------------------

  async #readAnswer(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
    const operation = this.#operation;
    const { status } = response;
    if (status < 200 || status >= 300) throw await this.#answerError(response, signal);
    const documented = documentedTypes(operation, status);
    const type = response.headers.get('content-type')?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
    const binary = operation.binary;
    const isBinary = binary !== undefined && (documented === undefined || documented.length === 0 ? !isText(type) : documented.some((media) => !isText(media)) && !documented.includes(type));
    if (isBinary || (binary !== undefined && documented !== undefined && documented.every((media) => !isText(media)) && documented.length > 0)) {
      return binary.read(response, {
        vendor: this.#context.profile.vendor,
        operation: operation.id,
        url: this.#lastUrl,
        clock: this.#context.clock,
        redactor: this.#context.redactor,
        idleTimeoutMs: this.#idleTimeoutMs(),
        signals: this.#callerSignals(),
        attempts: this.#attempts,
        name: this.#signed?.name,
        mediaType: this.#signed?.mediaType,
        size: this.#signed?.size,
      });
    }
    const text = await this.#readText(response, MOST_JSON_BYTES, signal);
    if (status === 204 || status === 205 || text === '') {
      if (documented?.some(isJson) === true && status !== 204 && status !== 205 && operation.method !== 'HEAD') throw this.#notAsDocumented(response, text, 'the body is empty where JSON is documented');
      return undefined;
    }
    const wantsJson = isJson(type) || (documented !== undefined && documented.some(isJson) && !(type !== '' && documented.includes(type)) && !isText(this.#options.accept ?? 'application/json', true));
    if (!wantsJson) return text;
    let data: unknown;
    try {
      data = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    } catch {
      const what = /^\s*</.test(text) ? 'the body is HTML or XML where JSON is documented' : 'the body is not valid JSON (cut short, or of another kind)';
      throw this.#notAsDocumented(response, text, what);
    }
    const failure = this.#context.profile.failureInSuccess?.(data, operation);
    if (failure !== undefined) throw this.#vendorError(response, data, undefined, failure);
    return data;
  }

  async #readText(response: Response, maxBytes: number, signal: AbortSignal | undefined): Promise<string> {
    const bytes = await readWhole(response, maxBytes, { clock: this.#context.clock, idleTimeoutMs: this.#idleTimeoutMs(), signals: signal === undefined ? [] : [signal] });
    const charset = /;\s*charset="?([\w-]+)/i.exec(response.headers.get('content-type') ?? '')?.[1];
    try {
      return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes);
    } catch {
      return new TextDecoder().decode(bytes);
    }
  }

  async #answerError(response: Response, signal: AbortSignal | undefined): Promise<ApiError> {
    let text = '';
    try {
      text = await this.#readText(response, MOST_ERROR_BYTES, signal);
    } catch (error) {
      // The status is the answer; a broken error body must not hide it.
      if (signal?.aborted === true) throw error;
    }
    let parsed: unknown;
    try {
      parsed = text === '' ? undefined : JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    const facts = parsed === undefined ? {} : (this.#context.profile.readError ?? readCommonError)(parsed);
    return this.#vendorError(response, parsed, parsed === undefined && text !== '' ? text : undefined, facts);
  }

  /** The error that an answer of the vendor means. */
  #vendorError(response: Response, details: unknown, body: string | undefined, facts: ErrorFacts): ApiError {
    const { status, headers } = response;
    const { profile, clock, redactor } = this.#context;
    const row = this.#address === undefined ? findErrorRow(profile.errors ?? [], this.#operation.id, status, facts) : undefined;
    const kind = row?.kind ?? (status < 300 ? 'unexpected' : kindOfStatus(status));
    const said = facts.message ?? (body === undefined ? undefined : firstWords(body));
    const wait = retryAfterMs(headers, clock);
    return new ApiError(
      {
        ...this.#facts(),
        kind,
        message: `${kind} (${status}${facts.code === undefined ? '' : `, ${facts.code}`})${said === undefined ? '' : `: ${said}`}`,
        status,
        code: facts.code,
        userMessage: facts.userMessage,
        details,
        body,
        requestId: requestIdOf(headers),
        outcome: status >= 500 || status < 300 ? 'unknown' : 'refused',
        retryable: kind === 'rate-limited' || kind === 'not-ready' || status === 408 || (kind === 'server' && [502, 503, 504].includes(status)),
        retryAfterMs: wait,
        hint: row?.hint ?? (this.#address === undefined ? HINTS[kind] : STORAGE_HINT),
      },
      redactor,
    );
  }

  #notAsDocumented(response: Response, body: string, message: string): ApiError {
    return new ApiError(
      {
        ...this.#facts(),
        kind: 'unexpected',
        message: `${message} (${response.status}, ${response.headers.get('content-type') ?? 'no content type'})`,
        status: response.status,
        body: body === '' ? undefined : body,
        requestId: requestIdOf(response.headers),
        outcome: 'unknown',
        hint: 'Something between here and the vendor may have answered (a proxy, a login page), or baseUrl leads elsewhere; `body` shows how the answer begins.',
      },
      this.#context.redactor,
    );
  }

  // ---- errors -------------------------------------------------------------------------------------------------

  #facts(): Pick<ApiErrorInit, 'vendor' | 'operation' | 'params' | 'attempts'> {
    return { vendor: this.#context.profile.vendor, operation: this.#operation.id, params: this.#context.shownParams ?? this.#params, attempts: this.#attempts };
  }

  #toApiError(error: unknown, signal: AbortSignal | undefined): ApiError {
    if (ApiError.is(error)) return error;
    const { redactor } = this.#context;
    const outcome: ErrorOutcome = this.#attempts === 0 ? 'not-sent' : 'unknown';
    const make = (init: Omit<ApiErrorInit, 'vendor' | 'operation' | 'params' | 'attempts'>): ApiError => new ApiError({ ...this.#facts(), ...init }, redactor);
    if (error instanceof NoAnswerError || error instanceof SilenceError) {
      return make({ kind: 'timeout', message: error.message, outcome, retryable: true, hint: 'Try again, or allow more time.', cause: error });
    }
    if (signal?.aborted === true) {
      const reason: unknown = signal.reason;
      if (reason instanceof NoAnswerError) return make({ kind: 'timeout', message: reason.message, outcome, retryable: true, hint: 'Try again, or allow more time (deadlineMs).' });
      return make({ kind: 'aborted', message: 'the call was aborted', outcome, cause: reason });
    }
    if (error instanceof UnsupportedError) return make({ kind: 'unsupported', message: error.message, outcome: 'not-sent', cause: error });
    if (error instanceof RedirectError) {
      return make({ kind: 'unexpected', message: error.message, outcome, cause: error, hint: 'Check baseUrl; list the origin in trustedOrigins if it is yours.' });
    }
    if (error instanceof UrlRefusedError) {
      return make({ kind: 'unexpected', message: `the vendor's answer holds an address that is refused: ${error.message}`, outcome, cause: error, hint: 'List the origin in trustedOrigins if it is yours.' });
    }
    if (error instanceof BodyTooLargeError) return make({ kind: 'unexpected', message: error.message, outcome: 'unknown', cause: error });
    if (error instanceof Error && error.name === 'SourceSizeError') return make({ kind: 'invalid-request', message: `body: ${error.message}`, outcome: 'unknown', cause: error });
    if (error instanceof Error && error.name === 'SourceReadError') {
      return make({ kind: 'invalid-request', message: `body: ${error.message}`, outcome: 'unknown', cause: error, hint: 'The stream that was given failed; its own error is the cause.' });
    }
    const code = networkCode(error);
    if (code !== undefined || error instanceof TypeError || isKyNetworkError(error)) {
      const unsent = code !== undefined && NEVER_CONNECTED.test(code);
      return make({
        kind: 'network',
        message: unsent ? `no connection to ${this.#context.baseUrl.host}${code === undefined ? '' : ` (${code})`}` : `the connection failed${code === undefined ? '' : ` (${code})`}`,
        outcome: unsent ? 'not-sent' : 'unknown',
        retryable: true,
        hint: unsent ? 'Check baseUrl, DNS, proxy and certificates (options proxy, ca).' : 'The vendor may or may not have done it; look before sending a creating call again.',
        cause: error,
      });
    }
    return make({ kind: 'unexpected', message: error instanceof Error ? error.message : 'an unknown failure', outcome, cause: error });
  }

  #publish(status: number | undefined, error: ApiError | undefined): void {
    const { vendor } = this.#context.profile;
    platform.publish('asset-clients:request', () => ({
      vendor,
      operation: this.#operation.id,
      method: this.#operation.method,
      url: redactUrl(this.#lastUrl),
      status,
      attempts: this.#attempts,
      waitedMs: this.#waitedMs,
      durationMs: this.#context.clock.now() - this.#started,
      ...(error === undefined ? {} : { error: { kind: error.kind, code: error.code, outcome: error.outcome } }),
    }));
  }
}

const HINTS: Partial<Record<ApiError['kind'], string>> = {
  'invalid-request': 'The vendor refused the arguments; `details` says which.',
  unauthenticated: 'Check the credentials and that they belong to this baseUrl.',
  'permission-denied': 'Ask the vendor\'s administrator for the permission or scope that the operation needs.',
  'not-found': 'Check the id, and that baseUrl leads to the right API.',
  conflict: 'Read the current state, then decide.',
  'rate-limited': 'Wait retryAfterMs, or lower the rate of calls.',
  server: 'The vendor failed; try again later, and report requestId if it stays.',
};

const STORAGE_HINT = 'The storage refused the signed URL: it may have expired, have been used before, or not fit what was sent; call again for a fresh one.';

const NEVER_CONNECTED = /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/;

/** The error code of the connection, wherever the transport put it. */
function networkCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,}$/.test(code)) return code;
  return networkCode(cause, depth + 1) ?? networkCode(errors?.[0], depth + 1);
}

function isKyNetworkError(error: unknown): boolean {
  return error instanceof Error && error.name === 'NetworkError';
}

/** A body that a vendor's package has prepared already. */
function isOutgoing(body: unknown): body is OutgoingBody {
  return typeof body === 'object' && body !== null && 'repeatable' in body && typeof (body as Partial<OutgoingBody>).open === 'function';
}

function documentedTypes(operation: OperationDescriptor, status: number): readonly string[] | undefined {
  const { responses } = operation;
  return responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default;
}

function isJson(mediaType: string): boolean {
  return /[/+]json\b/i.test(mediaType);
}

/** Whether a media type is read as text or JSON rather than handed out as bytes. */
function isText(mediaType: string, notJson = false): boolean {
  if (isJson(mediaType)) return !notJson;
  return /^(?:text\/(?!event-stream)|application\/(?:xml|x-www-form-urlencoded|graphql)\b|[\w.-]+\/[\w.-]+\+xml)/i.test(mediaType);
}

function stringify(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`cannot be written as JSON: it is a ${typeof value}`);
  return text;
}

function requestIdOf(headers: Headers): string | undefined {
  for (const name of ['x-request-id', 'x-amzn-requestid', 'x-amz-request-id', 'x-ms-request-id', 'request-id', 'x-correlation-id', 'apigw-requestid']) {
    const value = headers.get(name);
    if (value !== null && value !== '') return value;
  }
  return undefined;
}

/** The first words of an HTML, XML or text answer. */
function firstWords(body: string): string | undefined {
  const title = /<title[^>]*>([^<]*)<|<message>([^<]*)</i.exec(body);
  const words = (title?.[1] ?? title?.[2] ?? body.replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>|<[^>]*>/gi, ' ')).replace(/\s+/g, ' ').trim();
  return words === '' ? undefined : words.slice(0, 200);
}
