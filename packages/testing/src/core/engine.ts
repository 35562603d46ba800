import { TrieRouter } from 'hono/router/trie-router';
import { countBytes, findSecrets, redact, redactHeaders, redactQuery, type CallRecord, type FakeCall, type HostRole, type Shape, type Show } from './calls.ts';
import { VirtualClock, type ClockMode, type FakeClock, type Work } from './clock.ts';
import type { PathTemplate } from './documented.ts';
import { FaultQueue, type Taken, type Wire } from './faults.ts';
import { distance, shown, type Rules } from './given.ts';
import { Random } from './random.ts';
import { SecretScan } from './secret-scan.ts';
import { redactText, type Secrets } from './secrets.ts';
import type { Spec } from './spec.ts';
import { checkAnswer, checkRequest, describe } from './validate.ts';
import { effectOn, type Answer } from './wire.ts';

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

/** The names of {@link FakeOptions}; `clock` and `now` are checked where they are read. */
export const FAKE_OPTIONS: Rules = { clock: 'any', now: 'any', random: 'text', strict: 'flag' };

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
  /**
   * Resolves when it would be known that the client is gone; then `signal` is aborted. Absent where that is known at once.
   *
   * @param waiting - Told `true` while the client's body is waited for, `false` when not any more.
   */
  settle?(waiting: (isWaiting: boolean) => void): Promise<void>;
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
  /** What the vendor gave or takes as proof of who asks. */
  secrets(state: State): KnownSecrets;
}

/** The secrets of one fake. */
export interface KnownSecrets {
  /** Passwords, keys, tokens: for the API and the login only. */
  readonly credentials: Secrets;
  /** Signatures of URLs and login codes: for the fake's own hosts. */
  readonly signatures?: Secrets;
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
/** How much is read of a body that nobody asked for, to look for secrets. */
const UNREAD_LIMIT = 65_536;
const UNREAD_LIMIT_ELSEWHERE = 16 * 1024 * 1024;

/** One request with everything a handler needs. */
export class Exchange<Operation extends string, State> {
  readonly state: State;
  request: Incoming;
  readonly params: Readonly<Record<string, string>>;
  readonly call: CallRecord<Operation>;
  readonly origins: Origins;
  readonly clock: VirtualClock;
  readonly random: Random;
  /** Texts as they may be logged. */
  readonly show: Show;
  readonly #work: Work;
  readonly #scan: SecretScan | undefined;
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
    show: Show,
    scan: SecretScan | undefined,
  ) {
    this.state = state;
    this.request = request;
    this.params = params;
    this.call = call;
    this.origins = origins;
    this.clock = clock;
    this.random = random;
    this.#work = work;
    this.show = show;
    this.#scan = scan;
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

  /** Waits until it would be known that the client is gone; says whether it is. */
  async isAbandoned(): Promise<boolean> {
    const closed = this.clock.open();
    try {
      await this.request.settle?.((isWaiting) => (isWaiting ? this.#work.pause() : this.#work.resume()));
    } finally {
      closed();
    }
    return this.request.signal?.aborted === true;
  }

  /**
   * Takes the body of the request up to a byte behind the first `bytes`, before anybody reads it.
   *
   * @returns Whether the request was cut there. Where its body is not that long, it is whole and still to be read.
   */
  async cut(bytes: number, how: 'reset' | 'stall'): Promise<boolean> {
    const { body } = this.request;
    if (body === null) return false;
    const seen: Uint8Array[] = [];
    let length = 0;
    // Where the request stalls, the rest of its body waits for good.
    for await (const chunk of chunksOf(body, this.clock, this.#work, how === 'reset')) {
      seen.push(chunk);
      length += chunk.byteLength;
      if (length > bytes) break;
    }
    if (length <= bytes) {
      this.request = { ...this.request, body: streamOf(seen) };
      return false;
    }
    this.call.receivedBytes = bytes;
    let left = bytes;
    for (const chunk of seen) {
      this.#scan?.see(chunk.subarray(0, left));
      left = Math.max(0, left - chunk.byteLength);
    }
    await this.#scan?.end();
    return true;
  }

  /** The body of the request, chunk by chunk; time may pass while the client has the turn. */
  body(): AsyncGenerator<Uint8Array> {
    return readBody(this.request.body, this.call, this.clock, this.#work, this.#scan);
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
        this.call.body = redact(value, this.show);
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
    this.call.subjects = [...new Set([...this.call.subjects, ...ids.map(this.show)])];
  }
}

async function* readBody<Operation extends string>(
  body: ReadableStream<Uint8Array> | null,
  call: CallRecord<Operation>,
  clock: VirtualClock,
  work: Work,
  scan: SecretScan | undefined,
): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    for await (const chunk of chunksOf(body, clock, work, true)) {
      call.receivedBytes += chunk.byteLength;
      scan?.see(chunk);
      yield chunk;
    }
  } finally {
    await scan?.end();
  }
}

/** @param cancels - Whether the client hears that nobody wants the rest, when not all was read. */
async function* chunksOf(body: ReadableStream<Uint8Array>, clock: VirtualClock, work: Work, cancels: boolean): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  const closed = clock.open();
  try {
    for (;;) {
      work.pause();
      const { done, value } = await reader
        .read()
        .catch((error: unknown) => {
          throw new BrokenRequest(error);
        })
        .finally(() => work.resume());
      if (done) return;
      yield value;
    }
  } finally {
    closed();
    // Not waited for: a source that is slow to give up must not hold the answer back.
    if (cancels) reader.cancel().catch(() => undefined);
  }
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
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
  /** Fakes that the same code talks to: their secrets must not come here, and must not show here. */
  #peers: readonly Engine<string, unknown>[] = [];
  #hidden: readonly Secrets[] | undefined;
  readonly #routers = new Map<HostRole, TrieRouter<Route<Operation, State>>>();
  /** Answers that wait at the other origin for the client that was redirected there. */
  readonly #movedAnswers = new Map<string, { readonly answer: Answer; readonly subjects: readonly string[]; readonly part: string | undefined }>();

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

  /** Makes the secrets of fakes that are used together known to each other. */
  static together(engines: readonly Engine<string, unknown>[]): void {
    for (const engine of engines) {
      engine.#peers = [...new Set([...engine.#peers, ...engines])].filter((one) => one !== engine);
      engine.#hidden = undefined;
    }
  }

  /** A text without the secrets that this fake and those beside it know. */
  readonly show: Show = (text) => {
    this.#hidden ??= [this.#secrets, ...this.#peers.map((one) => one.#secrets)].flatMap(({ credentials, signatures }) =>
      [credentials, signatures ?? []].flat(),
    );
    return redactText(this.#hidden, text);
  };

  get #secrets(): KnownSecrets {
    return this.model.secrets(this.state);
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
    const scan = this.#scanOf(call, request.headers);
    try {
      const found = role === 'elsewhere' ? this.#moved(request.url) : this.#match(role, request.method, request.url);
      if (found === undefined) {
        await this.#readRest(request, call, work, scan);
        return this.#unknown(call, request, role);
      }
      call.operation = found.route.operation;
      const exchange = new Exchange(this.state, request, found.params, call, origins, this.clock, this.random, work, this.show, scan);
      const outcome = await this.#answer(exchange, found.route, shape);
      if (outcome.wire.breakBeforeHeaders === undefined) await this.#readRest(exchange.request, call, work, scan);
      return outcome;
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      if (error instanceof BrokenRequest) throw error;
      const known = this.failed(call, error);
      return { call, wire: {}, error: known, answer: problemAnswer(500, known.message) };
    } finally {
      work.end();
      // Not waited for: a source that is slow to give up must not hold the answer back.
      if (request.body !== null && !request.body.locked) request.body.cancel().catch(() => undefined);
    }
  }

  /** Logs a request to an address where no fake is, and says why it fails. */
  async refuse(request: Incoming, shape: Shape, message: string): Promise<FakeError> {
    const work = this.clock.work();
    try {
      const call = this.#log(request, 'unknown', shape);
      await this.#readRest(request, call, work, this.#scanOf(call, request.headers)).catch(() => undefined);
      return this.#problem(call, new FakeError(message));
    } finally {
      work.end();
    }
  }

  /** Notes a failure of the fake itself, such as a file that is gone, in the log and in `problems`. */
  failed(call: CallRecord<Operation>, error: unknown): FakeError {
    return this.#problem(call, error instanceof FakeError ? error : new FakeError(`The ${this.model.title} fake failed: ${String(error)}`, { cause: error }));
  }

  /** Reads what nobody asked for, where secrets could be in it: all where a body has no business, else the beginning of a small one. */
  async #readRest(request: Incoming, call: CallRecord<Operation>, work: Work, scan: SecretScan | undefined): Promise<void> {
    if (scan === undefined || request.body === null || request.body.locked) return;
    const stray = call.host === 'elsewhere' || call.host === 'unknown';
    if (!stray && (request.chunked || Number(request.headers.get('content-length') ?? 0) > UNREAD_LIMIT)) return;
    for await (const _ of readBody(request.body, call, this.clock, work, scan)) {
      if (call.receivedBytes > (stray ? UNREAD_LIMIT_ELSEWHERE : UNREAD_LIMIT)) return;
    }
  }

  async #answer(exchange: Exchange<Operation, State>, route: Route<Operation, State>, shape: Shape): Promise<Outcome<Operation>> {
    const { call } = exchange;
    // A client that gave up before a fault was planned may be heard of only now: the fault is for the next one.
    const isMeant = this.faults.waitsFor(route.operation) && !(await exchange.isAbandoned());
    const taken = isMeant ? this.faults.take(route.operation) : undefined;
    const wire = taken?.fault.effect.wire ?? {};
    if (taken !== undefined) call.fault = this.show(taken.fault.label);
    const refusal = taken === undefined ? undefined : refuse(taken.fault.label, wire, shape);
    if (refusal !== undefined) {
      taken!.withoutEffect(refusal);
      throw new FakeError(refusal);
    }
    if (wire.latencyMs !== undefined) await exchange.sleep(wire.latencyMs);
    for (const step of taken?.fault.effect.before ?? []) {
      if (!this.#before(exchange, step)) this.#idle(taken!, call, 'there was nothing to act on');
    }
    if (wire.breakBeforeHeaders !== undefined) return unanswered(call, wire.breakBeforeHeaders);
    if (wire.breakRequest !== undefined) {
      const { bytes, how } = wire.breakRequest;
      const isCut = await exchange.cut(bytes, how).catch((error: unknown) => {
        taken!.withoutEffect('the client gave up before');
        throw error;
      });
      if (isCut) return unanswered(call, how);
      this.#idle(taken!, call, exchange.request.body === null ? 'the request has no body' : `the request's body has no more than ${countBytes(bytes)}`);
    }

    const replace = taken?.fault.effect.replace;
    if (replace !== undefined && replace.redirect === undefined) {
      const vendors = replace.body === undefined ? this.model.errorAnswer(exchange, replace.status) : undefined;
      const waits = lowerCase(replace.headers ?? {})['retry-after'] !== undefined;
      const headers = {
        // A fault that says how long to wait says it alone.
        ...Object.fromEntries(Object.entries(vendors?.headers ?? {}).filter(([name]) => !(waits && name.startsWith('x-ratelimit-')))),
        ...(typeof replace.body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : {}),
        ...lowerCase(replace.headers ?? {}),
      };
      const body = vendors ?? (typeof replace.body === 'string' ? { text: replace.body } : { json: replace.body });
      return this.#spoiled(exchange, taken, { ...body, status: replace.status, headers });
    }

    let answer: Answer;
    let error: FakeError | undefined;
    try {
      answer = await route.handler(exchange);
      error = await this.#check(exchange, route, answer);
    } catch (failure) {
      if (replace !== undefined || Object.keys(wire).length > 0) taken?.withoutEffect('the fake had no answer that it could spoil');
      throw failure;
    }
    if (error !== undefined) {
      taken?.withoutEffect('the request or the answer contradicted the spec');
      const statuses = Object.keys(route.spec?.operations[route.operation]?.responses ?? {}).map(Number);
      const status = [400, 403, 404, 401, 500].find((one) => statuses.includes(one)) ?? 500;
      const refusal = this.model.errorAnswer(exchange, status, error.message);
      return { call, wire: {}, error, answer: { ...refusal, headers: { ...refusal.headers, 'x-fake-problem': headerText(error.message) } } };
    }
    if (replace?.redirect !== undefined) {
      const id = this.random.hex(16);
      const { subjects, part } = call;
      this.#movedAnswers.set(id, { answer, subjects, part });
      const to = replace.redirect === 'elsewhere' ? `${exchange.origins.elsewhere}/moved/${id}` : replace.redirect;
      answer = { status: replace.status, headers: { location: to, 'content-length': '0' } };
    }
    if (wire.loseAnswer === undefined) return this.#spoiled(exchange, taken, answer);
    call.lostStatus = answer.status;
    return unanswered(call, wire.loseAnswer);
  }

  /** The answer with what the fault does to it; parts of the fault that can do nothing are told. */
  #spoiled(exchange: Exchange<Operation, State>, taken: Taken | undefined, answer: Answer): Outcome<Operation> {
    const { call, request } = exchange;
    const { wire, idle } = effectOn(taken?.fault.effect.wire ?? {}, answer, request.method);
    for (const why of idle) this.#idle(taken!, call, why);
    return { call, wire, answer };
  }

  #idle(taken: Taken, call: CallRecord<Operation>, why: string): void {
    taken.withoutEffect(why);
    this.#problem(call, new FakeError(`${taken.fault.label} had no effect on a call of ${call.operation}: ${why}.`));
  }

  async #check(exchange: Exchange<Operation, State>, route: Route<Operation, State>, answer: Answer): Promise<FakeError | undefined> {
    const { spec } = route;
    const operation = spec?.operations[route.operation];
    if (spec === undefined || operation === undefined) return undefined;
    const wrongAnswer = checkAnswer(spec, operation, answer, this.model.extraStatuses);
    if (wrongAnswer.length > 0) {
      const why = wrongAnswer.map((one) => describe(one, this.show)).join('; ');
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
        `The request ${route.operation} (${operation.method} ${operation.path}) contradicts the spec "${spec.title}": ${wrong.map((one) => describe(one, this.show)).join('; ')}.`,
      ),
    );
    return this.#strict ? error : undefined;
  }

  #before(exchange: Exchange<Operation, State>, step: 'expire-url' | 'expire-session' | 'change-content'): boolean {
    if (step === 'expire-url') return this.model.expireUrl(exchange);
    return step === 'expire-session' ? this.model.expireSession(exchange) : this.model.changeContent(exchange);
  }

  /** What waits at the other origin, as an operation like any other. */
  #moved(url: URL): { route: Route<Operation, State>; params: Record<string, string> } | undefined {
    const moved = this.#movedAnswers.get(url.pathname.slice('/moved/'.length));
    if (moved === undefined) return undefined;
    const handler: Handler<Operation, State> = async (exchange) => {
      // Read for what it may leak.
      await this.#drop(exchange.body());
      exchange.call.subjects = moved.subjects;
      exchange.call.part = moved.part;
      return moved.answer;
    };
    return { route: { operation: 'redirected' as Operation, host: 'elsewhere', method: 'ALL', path: '/moved/:id', handler }, params: {} };
  }

  async #drop(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of body);
  }

  #unknown(call: CallRecord<Operation>, request: Incoming, role: HostRole): Outcome<Operation> {
    if (role === 'elsewhere') return { call, wire: {}, answer: { status: 404, headers: { 'content-type': 'text/plain' }, text: 'Nothing was moved here.' } };
    const { pathname } = request.url;
    const others = this.model.routes.filter((one) => one.host === role && one.method !== 'ALL');
    const allowed = others.filter((one) => this.#match(role, one.method, request.url)?.route === one);
    const asked = `${request.method} ${pathname}`;
    if (allowed.length > 0) {
      const list = allowed.map((one) => `${one.operation} (${one.method})`).join(', ');
      const error = this.#problem(call, new FakeError(`The ${this.model.title} fake has no ${asked}. This path takes: ${list}.`));
      return {
        call,
        wire: {},
        error,
        answer: problemAnswer(405, error.message, { allow: allowed.map((one) => one.method).join(', ') }),
      };
    }
    const nearest = others
      .map((one) => ({ one, distance: distance(asked, `${one.method} ${filledIn(one.path, pathname)}`) }))
      .sort((a, b) => a.distance - b.distance)[0]?.one;
    const hint =
      nearest === undefined ? '' : ` Nearest: ${nearest.operation}, ${nearest.method} ${nearest.template?.path ?? nearest.path.replace(/:(\w+)/g, '{$1}')}.`;
    const error = this.#problem(call, new FakeError(`No operation of the ${this.model.title} fake fits ${asked}.${hint}`));
    return { call, wire: {}, error, answer: problemAnswer(404, error.message) };
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

  #log(request: Incoming, host: HostRole | 'unknown', shape: Shape): CallRecord<Operation> {
    const { headers: names, query } = this.model.credentials;
    const { url, headers } = request;
    const carried = [...names.filter((name) => headers.has(name)), ...query.filter((name) => url.searchParams.has(name)).map((name) => `?${name}`)];
    const foreign = isForeign(host);
    const range = headers.get('range');
    const condition = headers.get('if-match') ?? headers.get('if-range');
    const call: CallRecord<Operation> = {
      index: this.calls.length + 1,
      sequence: this.clock.nextSequence(),
      vendor: this.model.vendor,
      operation: undefined,
      host,
      origin: this.show(url.origin),
      method: request.method,
      path: this.show(url.pathname),
      query: redactQuery(url.searchParams, this.show),
      headerNames: [...headers.keys()].map(this.show),
      credentials: carried,
      body: undefined,
      range: range === null ? undefined : this.show(range),
      condition: condition === null ? undefined : this.show(condition),
      subjects: [],
      part: undefined,
      upload: undefined,
      status: undefined,
      lostStatus: undefined,
      answerHeaders: {},
      receivedBytes: 0,
      sentBytes: 0,
      givenUp: false,
      sentFrom: 0,
      wholeBytes: undefined,
      version: undefined,
      complete: false,
      fault: undefined,
      leaks: foreign ? carried : [],
      problems: [],
      at: this.clock.now(),
      shape,
    };
    const named = foreign ? names : [];
    for (const [secrets, owner] of this.#forbidden(host)) addLeaks(call, findSecrets(secrets, owner, url, headers, owner === '' ? named : []));
    this.calls.push(call);
    return call;
  }

  /** The secrets that a host must not see, and whose they are. */
  #forbidden(host: HostRole | 'unknown'): [secrets: Secrets, owner: string][] {
    const list: [Secrets, string][] = [];
    const add = (secrets: Secrets | undefined, owner: string): void => {
      if (secrets !== undefined) list.push([secrets, owner]);
    };
    const own = this.#secrets;
    if (isForeign(host)) add(own.credentials, '');
    if (host === 'elsewhere' || host === 'unknown') add(own.signatures, '');
    for (const peer of this.#peers) {
      const { credentials, signatures } = peer.#secrets;
      add(credentials, ` of ${peer.model.title}`);
      add(signatures, ` of ${peer.model.title}`);
    }
    return list;
  }

  /** Looks through the body of a request while it is read. */
  #scanOf(call: CallRecord<Operation>, headers: Headers): SecretScan | undefined {
    const forbidden = new Map(this.#forbidden(call.host));
    if (forbidden.size === 0) return undefined;
    return new SecretScan([...forbidden.keys()], (secrets) => addLeaks(call, [`a secret${forbidden.get(secrets)!} in the body`]), {
      type: headers.get('content-type'),
      encoding: headers.get('content-encoding'),
    });
  }

  #problem(call: CallRecord<Operation>, error: FakeError): FakeError {
    const message = this.show(error.message);
    // Another error, because the stack and the cause of this one hold what was taken out.
    const shownError = message === error.message ? error : new FakeError(message);
    call.problems = [...call.problems, message];
    this.problems.push(message);
    return shownError;
  }
}

/** Whether credentials have no business at a host. */
function isForeign(host: HostRole | 'unknown'): boolean {
  return host !== 'api' && host !== 'token';
}

function addLeaks(call: CallRecord<string>, leaks: readonly string[]): void {
  if (leaks.length > 0) call.leaks = [...new Set([...call.leaks, ...leaks])];
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
export function logAnswer<Operation extends string>(call: CallRecord<Operation>, answer: Answer, headers: Headers, show: Show): void {
  call.status = answer.status;
  call.answerHeaders = redactHeaders(headers, show);
  if (answer.content === undefined) return;
  call.sentFrom = answer.content.start;
  call.wholeBytes = Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? answer.content.end);
  call.version = answer.content.source.version;
}

/** The client meets this instead of an answer. */
function unanswered<Operation extends string>(call: CallRecord<Operation>, how: 'reset' | 'stall'): Outcome<Operation> {
  return { call, wire: { breakBeforeHeaders: how }, answer: { status: 0 } };
}

/** Why a fault cannot be imitated in a shape: it is refused there, not faked. */
function refuse(label: string, wire: Wire, shape: Shape): string | undefined {
  if (wire.closeAfterLastByte === true && shape !== 'socket') {
    return `fault.${label} needs a connection that can be closed: use fake.listen(). Without sockets there is nothing to imitate.`;
  }
  const unanswers = wire.breakBeforeHeaders !== undefined || wire.breakRequest !== undefined || wire.loseAnswer !== undefined;
  const breaks = unanswers || wire.breakAfter !== undefined || wire.contentLength !== undefined || wire.extraBytes !== undefined;
  if (breaks && shape === 'msw') {
    return `fault.${label} cannot go through MSW, which passes a broken body on as a whole one or hangs: use the fake's own fetch or fake.listen().`;
  }
  return undefined;
}

/** An answer in which the fake speaks for itself. */
export function problemAnswer(status: number, message: string, headers: Record<string, string> = {}): Answer {
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
  if (typeof options.clock === 'object' && options.clock !== null) throw new TypeError('clock is a mode, or the clock of another fake: fake.clock.');
  if (options.clock !== undefined && !['auto', 'manual', 'system'].includes(options.clock)) {
    throw new TypeError(`clock is 'auto', 'manual' or 'system', not ${shown(options.clock)}.`);
  }
  const clock = new VirtualClock(options.clock ?? 'auto', options.now === undefined ? Date.now() : startTime(options.now));
  clock.chosen = options.clock !== undefined;
  return clock;
}

/** `/v1/asset/:id/content` with the segments of the asked path for its parameters, since any text is as near as another there. */
function filledIn(path: string, asked: string): string {
  const segments = asked.split('/');
  return path
    .split('/')
    .map((segment, i) => (segment.startsWith(':') ? segments[i] || segment : segment))
    .join('/');
}

function startTime(now: number | Date | string): number {
  const time = new Date(now).getTime();
  if (Number.isNaN(time)) throw new TypeError(`now is a time: milliseconds since the epoch, a Date or ISO text, not ${shown(now)}.`);
  return time;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
