import { TrieRouter } from 'hono/router/trie-router';
import { findSecrets, redact, redactHeaders, redactQuery, type CallRecord, type FakeCall, type HostRole, type Shape } from './calls.ts';
import { VirtualClock, type ClockMode, type FakeClock, type Work } from './clock.ts';
import { FaultQueue, type FaultPlan, type Wire } from './faults.ts';
import type { PathTemplate } from './documented.ts';
import { essence } from './media-types.ts';
import { Random } from './random.ts';
import type { Spec } from './spec.ts';
import { checkAnswer, checkRequest, describe } from './validate.ts';
import { isPlain, wireBody, type Answer } from './wire.ts';

/** Options that every fake takes. */
export interface FakeOptions {
  /** How time passes: `'auto'` in process by default; a fake that listens changes to `'system'` unless another one was chosen. */
  readonly clock?: ClockMode | FakeClock;
  /** The time at the start: milliseconds since the epoch, a Date or ISO text. By default now. */
  readonly now?: number | Date | string;
  /** Any text: makes ids, tokens and keys the same in every run. By default each fake has its own. */
  readonly random?: string;
  /**
   * `true` (default): a request that the vendor's documents do not allow and that the fake would otherwise answer with
   * success fails. `false`: it is only noted in `problems`.
   */
  readonly strict?: boolean;
}

/** A mistake in how a fake is used, or a contradiction between a request or an answer and the spec: not a failure of the vendor. */
export class FakeError extends Error {
  override readonly name: string = 'FakeError';
}

/** The client's own body failed while it was sent: nobody answers such a request. */
export class BrokenRequest extends Error {
  constructor(cause: unknown) {
    super('The body of the request broke off.', { cause });
  }
}

/** A request, however it came. */
export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** Whether the body is known to come without Content-Length. */
  readonly chunked: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Addresses of the hosts, as the client that is being answered sees them. */
export type Origins = Readonly<Record<HostRole, string>>;

/** Answers one operation. */
export type Handler<Operation extends string, State> = (exchange: Exchange<Operation, State>) => Answer | Promise<Answer>;

/** One thing that a host of a fake can be asked. */
export interface Route<Operation extends string, State> {
  readonly operation: Operation;
  readonly host: HostRole;
  /** HTTP method; `'ALL'` where the handler tells methods apart itself. */
  readonly method: string;
  /** Absolute path with `:name` for parameters. */
  readonly path: string;
  /** Reads the parameters, where the router cannot: names that are no words, several in one segment. */
  readonly template?: PathTemplate;
  readonly handler: Handler<Operation, State>;
  readonly spec?: Spec;
  /** Only requests with one of these query parameters are meant: for an operation beside those of the spec. */
  readonly query?: readonly string[];
}

/** All that one vendor is. */
export interface Model<Operation extends string, State> {
  readonly vendor: string;
  /** The vendor's name in sentences. */
  readonly title: string;
  readonly operations: readonly Operation[];
  /** Origins in process, the first one being the usual. */
  readonly hosts: Readonly<Record<HostRole, readonly string[]>>;
  readonly routes: readonly Route<Operation, State>[];
  /** Headers (lower case) and query parameters that carry credentials. */
  readonly credentials: { readonly headers: readonly string[]; readonly query: readonly string[] };
  /** Whether `x-required-headers` are insisted on. */
  readonly requiredHeaders: boolean;
  /** Statuses that a switch of the fake can bring though the operation's table does not list them. */
  readonly extraStatuses: readonly number[];
  /** The vendor's answer with a status, for planned faults and for contradictions. */
  errorAnswer(exchange: Exchange<Operation, State>, status: number, message?: string): Answer;
  expireUrl(exchange: Exchange<Operation, State>): boolean;
  expireSession(exchange: Exchange<Operation, State>): boolean;
  changeContent(exchange: Exchange<Operation, State>): boolean;
  /** Everything that must never reach another host. */
  secrets(state: State): Iterable<string>;
}

/** How an exchange ends. */
export interface Outcome<Operation extends string> {
  readonly call: CallRecord<Operation>;
  readonly answer: Answer;
  readonly wire: Wire;
  /** Fails in process; over sockets the answer says the same. */
  readonly error?: FakeError;
}

const JSON_LIMIT = 32 * 1024 * 1024;

/** One request with everything a handler needs. */
export class Exchange<Operation extends string, State> {
  readonly state: State;
  readonly request: Incoming;
  readonly params: Readonly<Record<string, string>>;
  readonly call: CallRecord<Operation>;
  readonly origins: Origins;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly #work: Work;
  #json: Promise<{ readonly value: unknown } | 'absent' | 'invalid'> | undefined;

  constructor(
    state: State,
    request: Incoming,
    params: Readonly<Record<string, string>>,
    call: CallRecord<Operation>,
    origins: Origins,
    clock: VirtualClock,
    random: Random,
    work: Work,
  ) {
    this.state = state;
    this.request = request;
    this.params = params;
    this.call = call;
    this.origins = origins;
    this.clock = clock;
    this.random = random;
    this.#work = work;
  }

  get now(): number {
    return this.clock.now();
  }

  header(name: string): string | null {
    return this.request.headers.get(name);
  }

  query(name: string): string | null {
    return this.request.url.searchParams.get(name);
  }

  /** Waits on the fake's clock; ends with the request. */
  async sleep(ms: number): Promise<void> {
    this.#work.pause();
    try {
      await new Promise<void>((resolve, reject) => {
        const { signal } = this.request;
        if (signal?.aborted === true) return reject(signal.reason);
        const onAbort = (): void => {
          this.clock.clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = this.clock.setTimeout(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    } finally {
      this.#work.resume();
    }
  }

  /** The body of the request, chunk by chunk; time may pass while the client has the turn. */
  async *body(): AsyncGenerator<Uint8Array> {
    const reader = this.request.body?.getReader();
    if (reader === undefined) return;
    const closed = this.clock.open();
    try {
      for (;;) {
        this.#work.pause();
        const { done, value } = await reader
          .read()
          .catch((error: unknown) => {
            throw new BrokenRequest(error);
          })
          .finally(() => this.#work.resume());
        if (done) return;
        this.call.receivedBytes += value.byteLength;
        yield value;
      }
    } finally {
      closed();
      // Not waited for: a source that is slow to give up must not hold the answer back.
      reader.cancel().catch(() => undefined);
    }
  }

  /** The body as text. */
  async text(): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.body()) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > JSON_LIMIT) throw new FakeError(`The body of ${this.call.operation} is longer than ${JSON_LIMIT} characters.`);
    }
    return text + decoder.decode();
  }

  /** The body as JSON, parsed once. */
  json(): Promise<{ readonly value: unknown } | 'absent' | 'invalid'> {
    return (this.#json ??= (async () => {
      const text = await this.text();
      if (text === '') return 'absent';
      try {
        const value: unknown = JSON.parse(text);
        this.call.body = redact(value);
        return { value };
      } catch {
        return 'invalid';
      }
    })());
  }

  /** The JSON that was read, for the check by the spec. */
  async parsedJson(): Promise<{ readonly value: unknown } | undefined> {
    if (this.#json === undefined) return undefined;
    const json = await this.#json;
    return typeof json === 'string' ? undefined : json;
  }

  /** Notes what the request is about. */
  about(...ids: readonly string[]): void {
    this.call.subjects = [...new Set([...this.call.subjects, ...ids])];
  }
}

/** The machinery under every fake: routing, log, faults, checks and clock. */
export class Engine<Operation extends string, State> {
  /** Whether the clock came into being with this fake: only then its timers end with it. */
  readonly ownsClock: boolean;
  readonly model: Model<Operation, State>;
  readonly state: State;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly faults: FaultQueue<Operation>;
  readonly calls: FakeCall<Operation>[] = [];
  readonly problems: string[] = [];
  readonly #strict: boolean;
  /** What to do in process when the fake is closed: break what is open, as a server that goes away does. */
  readonly open: Set<() => void> = new Set();
  closed = false;
  readonly #routers = new Map<HostRole, TrieRouter<Route<Operation, State>>>();
  /** Answers that wait at the other origin for the client that was redirected there. */
  readonly #moved = new Map<string, { readonly answer: Answer; readonly subjects: readonly string[] }>();

  constructor(model: Model<Operation, State>, makeState: (random: Random) => State, options: FakeOptions) {
    this.model = model;
    this.random = new Random(options.random);
    this.clock = clockOf(options);
    this.ownsClock = options.clock !== this.clock;
    this.#strict = options.strict ?? true;
    this.faults = new FaultQueue(model.operations);
    this.state = makeState(this.random);
    for (const route of model.routes) {
      const router = this.#routers.get(route.host) ?? new TrieRouter<Route<Operation, State>>();
      router.add(route.method, route.path, route);
      this.#routers.set(route.host, router);
    }
  }

  /** Ends everything that is open in process. */
  close(): void {
    this.closed = true;
    for (const end of this.open) end();
    this.open.clear();
  }

  /** The host role of an origin in process; `undefined` where this fake has none there. */
  roleOf(origin: string): HostRole | undefined {
    for (const role of ['api', 'token', 'storage', 'elsewhere'] as const) {
      if (this.model.hosts[role].includes(origin)) return role;
    }
    return undefined;
  }

  /** The addresses in process. */
  get origins(): Origins {
    const { hosts } = this.model;
    return { api: hosts.api[0]!, token: hosts.token[0] ?? hosts.api[0]!, storage: hosts.storage[0] ?? hosts.api[0]!, elsewhere: hosts.elsewhere[0]! };
  }

  /** Answers a request: the log, the faults, the vendor's logic, the checks. */
  async handle(request: Incoming, role: HostRole, shape: Shape, origins: Origins): Promise<Outcome<Operation>> {
    const work = this.clock.work();
    const call = this.#log(request, role, shape);
    try {
      const route = this.#match(role, request.method, request.url);
      if (role === 'elsewhere') return this.#elsewhere(call, request);
      if (route === undefined) return this.#unknown(call, request, role);
      call.operation = route.route.operation;
      const exchange = new Exchange(this.state, request, route.params, call, origins, this.clock, this.random, work);
      return await this.#answer(exchange, route.route, shape);
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      if (error instanceof BrokenRequest) throw error;
      const known = error instanceof FakeError ? error : new FakeError(`The ${this.model.title} fake failed: ${String(error)}`, { cause: error });
      return { call, wire: {}, error: this.#problem(call, known), answer: problemAnswer(500, known.message) };
    } finally {
      work.end();
      // Not waited for: a source that is slow to give up must not hold the answer back.
      if (request.body !== null && !request.body.locked) request.body.cancel().catch(() => undefined);
    }
  }

  async #answer(exchange: Exchange<Operation, State>, route: Route<Operation, State>, shape: Shape): Promise<Outcome<Operation>> {
    const { call } = exchange;
    const fault = this.faults.take(route.operation);
    const wire = fault?.effect.wire ?? {};
    if (fault !== undefined) call.fault = fault.label;
    const refusal = fault === undefined ? undefined : refuse(fault.label, wire, shape);
    if (refusal !== undefined) throw new FakeError(refusal);
    if (wire.latencyMs !== undefined) await exchange.sleep(wire.latencyMs);
    for (const step of fault?.effect.before ?? []) this.#before(exchange, step, fault!.label);
    if (wire.breakBeforeHeaders !== undefined) return { call, wire, answer: { status: 0 } };

    const replace = fault?.effect.replace;
    if (replace !== undefined && replace.redirect === undefined) {
      const vendors = replace.body === undefined ? this.model.errorAnswer(exchange, replace.status) : undefined;
      const headers = {
        ...vendors?.headers,
        ...(typeof replace.body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
        ...lowerCase(replace.headers ?? {}),
      };
      const body = vendors ?? (typeof replace.body === 'string' ? { text: replace.body } : { json: replace.body });
      return { call, wire, answer: { ...body, status: replace.status, headers } };
    }

    let answer = await route.handler(exchange);
    const error = await this.#check(exchange, route, answer);
    if (error !== undefined) {
      const statuses = Object.keys(route.spec?.operations[route.operation]?.responses ?? {}).map(Number);
      const status = [400, 403, 404, 401, 500].find((one) => statuses.includes(one)) ?? 500;
      const refusal = this.model.errorAnswer(exchange, status, error.message);
      return { call, wire: {}, error, answer: { ...refusal, headers: { ...refusal.headers, 'x-fake-problem': headerText(error.message) } } };
    }
    if (replace?.redirect !== undefined) {
      const id = this.random.hex(16);
      this.#moved.set(id, { answer, subjects: call.subjects });
      const to = replace.redirect === 'elsewhere' ? `${exchange.origins.elsewhere}/moved/${id}` : replace.redirect;
      answer = { status: replace.status, headers: { location: to, 'content-length': '0' } };
    }
    const cut = wire.breakAfter;
    if (cut !== undefined && wire.contentLength !== false && cut.bytes >= wireBody(answer, {}, () => Promise.resolve()).length) {
      this.#problem(call, new FakeError(`${fault!.label} could not break ${route.operation}: its body has no more than ${cut.bytes} bytes.`));
    }
    return { call, wire, answer };
  }

  async #check(exchange: Exchange<Operation, State>, route: Route<Operation, State>, answer: Answer): Promise<FakeError | undefined> {
    const { spec } = route;
    const operation = spec?.operations[route.operation];
    if (spec === undefined || operation === undefined) return undefined;
    const wrongAnswer = checkAnswer(spec, operation, answer, this.model.extraStatuses);
    if (wrongAnswer.length > 0) {
      const why = wrongAnswer.map(describe).join('; ');
      return this.#problem(
        exchange.call,
        new FakeError(`The fake's answer to ${route.operation} contradicts the spec "${spec.title}": ${why}. Check what was seeded.`),
      );
    }
    const { url, headers } = exchange.request;
    const wrong = checkRequest(
      spec,
      operation,
      { params: exchange.params, query: url.searchParams, headers, json: await exchange.parsedJson() },
      this.model.credentials.query,
      this.model.requiredHeaders,
    );
    // What the vendor refuses by itself is the vendor's answer; what would pass is the caller's mistake.
    if (wrong.length === 0 || answer.status >= 400) return undefined;
    const error = this.#problem(
      exchange.call,
      new FakeError(
        `The request ${route.operation} (${operation.method} ${operation.path}) contradicts the spec "${spec.title}": ${wrong.map(describe).join('; ')}.`,
      ),
    );
    return this.#strict ? error : undefined;
  }

  #before(exchange: Exchange<Operation, State>, step: 'expire-url' | 'expire-session' | 'change-content', label: string): void {
    const done =
      step === 'expire-url'
        ? this.model.expireUrl(exchange)
        : step === 'expire-session'
          ? this.model.expireSession(exchange)
          : this.model.changeContent(exchange);
    if (!done) this.#problem(exchange.call, new FakeError(`${label} found nothing to act on in a call of ${exchange.call.operation}.`));
  }

  async #elsewhere(call: CallRecord<Operation>, request: Incoming): Promise<Outcome<Operation>> {
    const moved = this.#moved.get(request.url.pathname.slice('/moved/'.length));
    if (moved === undefined) return { call, wire: {}, answer: { status: 404, headers: { 'content-type': 'text/plain' }, text: 'Nothing was moved here.' } };
    call.operation = 'redirected' as Operation;
    call.subjects = moved.subjects;
    return { call, wire: {}, answer: moved.answer };
  }

  #unknown(call: CallRecord<Operation>, request: Incoming, role: HostRole): Outcome<Operation> {
    const { pathname } = request.url;
    const others = this.model.routes.filter((one) => one.host === role && one.method !== 'ALL');
    const allowed = others.filter((one) => this.#match(role, one.method, request.url)?.route === one);
    const asked = `${request.method} ${pathname}`;
    if (allowed.length > 0) {
      const list = allowed.map((one) => `${one.operation} (${one.method})`).join(', ');
      const error = new FakeError(`The ${this.model.title} fake has no ${asked}. This path takes: ${list}.`);
      return {
        call,
        wire: {},
        error: this.#problem(call, error),
        answer: problemAnswer(405, error.message, { allow: allowed.map((one) => one.method).join(', ') }),
      };
    }
    const nearest = others.map((one) => ({ one, distance: distance(asked, `${one.method} ${one.path}`) })).sort((a, b) => a.distance - b.distance)[0]?.one;
    const hint =
      nearest === undefined ? '' : ` Nearest: ${nearest.operation}, ${nearest.method} ${nearest.template?.path ?? nearest.path.replace(/:(\w+)/g, '{$1}')}.`;
    const error = new FakeError(`No operation of the ${this.model.title} fake fits ${asked}.${hint}`);
    return { call, wire: {}, error: this.#problem(call, error), answer: problemAnswer(404, error.message) };
  }

  #match(role: HostRole, method: string, url: URL): { route: Route<Operation, State>; params: Record<string, string> } | undefined {
    const [found] = this.#routers.get(role)?.match(method, url.pathname) ?? [[]];
    const first = (found as [Route<Operation, State>, Record<string, string>][]).find(
      ([route]) => route.query?.some((name) => url.searchParams.has(name)) ?? true,
    );
    if (first === undefined) return undefined;
    const params: Record<string, string> = {};
    const written = first[0].template?.read(url.pathname) ?? first[1];
    for (const [name, value] of Object.entries(written)) params[name] = decode(value);
    return { route: first[0], params };
  }

  #log(request: Incoming, role: HostRole, shape: Shape): CallRecord<Operation> {
    const { headers: names, query } = this.model.credentials;
    const { url, headers } = request;
    const carried = [...names.filter((name) => headers.has(name)), ...query.filter((name) => url.searchParams.has(name)).map((name) => `?${name}`)];
    const foreign = role === 'storage' || role === 'elsewhere';
    const call: CallRecord<Operation> = {
      index: this.calls.length + 1,
      sequence: this.clock.nextSequence(),
      vendor: this.model.vendor,
      operation: undefined,
      host: role,
      method: request.method,
      path: url.pathname,
      query: redactQuery(url.searchParams),
      headerNames: [...headers.keys()],
      credentials: carried,
      body: undefined,
      range: headers.get('range') ?? undefined,
      condition: headers.get('if-match') ?? headers.get('if-range') ?? undefined,
      subjects: [],
      status: undefined,
      answerHeaders: {},
      receivedBytes: 0,
      sentBytes: 0,
      sentFrom: 0,
      wholeBytes: undefined,
      version: undefined,
      complete: false,
      fault: undefined,
      leaks: foreign ? [...carried, ...findSecrets(this.model.secrets(this.state), url, headers, names)] : [],
      problems: [],
      at: this.clock.now(),
      shape,
    };
    this.calls.push(call);
    return call;
  }

  #problem(call: CallRecord<Operation>, error: FakeError): FakeError {
    call.problems = [...call.problems, error.message];
    this.problems.push(error.message);
    return error;
  }
}

/** Headers of an answer as they go out, with the length of its body. */
export function answerHeaders(answer: Answer, declared: number | undefined, now: number): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers.set(name, value);
  if (answer.json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  if (!headers.has('date')) headers.set('date', new Date(now).toUTCString());
  if (declared !== undefined) headers.set('content-length', String(declared));
  else headers.set('transfer-encoding', 'chunked');
  return headers;
}

/** Notes in the log what goes out. */
export function logAnswer<Operation extends string>(call: CallRecord<Operation>, answer: Answer, headers: Headers): void {
  call.status = answer.status;
  call.answerHeaders = redactHeaders(headers);
  if (answer.content === undefined) return;
  call.sentFrom = answer.content.start;
  call.wholeBytes = Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? answer.content.end);
  call.version = answer.content.source.version;
}

/** The public plan of faults. */
export function faultPlan<Operation extends string>(queue: FaultQueue<Operation>): FaultPlan<Operation> {
  return queue;
}

export { essence, isPlain };

/** Why a fault cannot be imitated in a shape: it is refused there, not faked. */
function refuse(label: string, wire: Wire, shape: Shape): string | undefined {
  if (wire.closeAfterLastByte === true && shape !== 'socket') {
    return `fault.${label} needs a connection that can be closed: use fake.listen(). Without sockets there is nothing to imitate.`;
  }
  const breaks = wire.breakBeforeHeaders !== undefined || wire.breakAfter !== undefined || wire.contentLength !== undefined || wire.extraBytes !== undefined;
  if (breaks && shape === 'msw') {
    return `fault.${label} cannot go through MSW, which passes a broken body on as a whole one or hangs: use the fake's own fetch or fake.listen().`;
  }
  return undefined;
}

function problemAnswer(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...headers, 'x-fake-problem': headerText(message) }, json: { fake: message } };
}

/** A sentence as a header value. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000);
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The clock that the options ask for. */
export function clockOf(options: FakeOptions): VirtualClock {
  if (options.clock instanceof VirtualClock) return options.clock;
  if (typeof options.clock === 'object') throw new TypeError('clock is a mode, or the clock of another fake: fake.clock.');
  if (options.clock !== undefined && !['auto', 'manual', 'system'].includes(options.clock)) {
    throw new TypeError(`clock is 'auto', 'manual' or 'system', not '${String(options.clock)}'.`);
  }
  const clock = new VirtualClock(options.clock ?? 'auto', options.now === undefined ? Date.now() : startTime(options.now));
  clock.chosen = options.clock !== undefined;
  return clock;
}

function startTime(now: number | Date | string): number {
  const time = new Date(now).getTime();
  if (Number.isNaN(time)) throw new TypeError(`now is a time, not ${String(now)}.`);
  return time;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Edit distance; paths are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
