import { checkGiven, shown, suggestion, type Rules } from './given.ts';

/** What a fault does to an answer on its way to the client. Members are independent of each other. */
export interface Wire {
  /** Milliseconds of the fake's clock before anything is answered. */
  readonly latencyMs?: number;
  readonly breakBeforeHeaders?: 'reset' | 'stall';
  /** Nothing is done, and nothing is read of the request behind this many bytes of its body. */
  readonly breakRequest?: { readonly bytes: number; readonly how: 'reset' | 'stall' };
  /** All is done as asked, and this comes instead of the answer. */
  readonly loseAnswer?: 'reset' | 'stall';
  /** The body is broken off after this many bytes of it. */
  readonly breakAfter?: { readonly bytes: number; readonly how: 'reset' | 'stall' | 'end' };
  /** `false`: no Content-Length (chunked); a number: a wrong one. */
  readonly contentLength?: false | number;
  /** Bytes per second of the fake's clock. */
  readonly bytesPerSecond?: number;
  /** Bytes that follow the last one. */
  readonly extraBytes?: number;
  /** Bits are flipped in `count` bytes from byte `at` of the whole body. */
  readonly corrupt?: { readonly at: number; readonly count: number };
  /** The connection is closed right after the last byte. */
  readonly closeAfterLastByte?: true;
  /** The body, which is JSON, ends half way, with the right Content-Length. */
  readonly truncateJson?: true;
}

/** What a fault answers instead of the vendor. */
export interface Replacement {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: what the vendor answers with this status. A string is sent as text, anything else as JSON. */
  readonly body?: unknown;
  /** Redirect to the fake's own other origin: filled in per call. */
  readonly redirect?: 'elsewhere' | string;
}

/** What a fault does, as data. */
export interface FaultEffect {
  /** Done to the state before the vendor's logic runs. */
  readonly before?: readonly ('expire-url' | 'expire-session' | 'change-content')[];
  readonly replace?: Replacement;
  readonly wire?: Wire;
}

/** One planned failure: made by {@link fault}, given to `fake.faults.add`. Immutable. */
export class Fault {
  /** Such as `resetAfter(1000)`. */
  readonly label: string;
  /** @internal */
  readonly effect: FaultEffect;
  /** How many calls it hits; `Infinity` until cleared. */
  readonly count: number;
  /** Which call of the operation it hits first, counted from 1 from the moment of `add`; 0: the next that no earlier fault takes. */
  readonly call: number;

  /** @internal */
  constructor(label: string, effect: FaultEffect, count: number = 1, call: number = 0) {
    this.label = label;
    this.effect = effect;
    this.count = count;
    this.call = call;
    Object.freeze(this);
  }

  /** The same fault for `count` calls. */
  times(count: number): Fault {
    if (!(Number.isSafeInteger(count) && count >= 1)) throw new TypeError(`times(count) takes a whole number of 1 or more, not ${count}.`);
    return new Fault(this.label, this.effect, count, this.call);
  }

  /** The same fault for the n-th call of the operation after `add`, counted from 1. */
  onCall(call: number): Fault {
    if (!(Number.isSafeInteger(call) && call >= 1)) throw new TypeError(`onCall(n) takes a whole number of 1 or more, not ${call}.`);
    return new Fault(this.label, this.effect, this.count, call);
  }

  /** The same fault for every call until `fake.faults.clear(...)`; it counts as consumed once it hit a call. */
  untilCleared(): Fault {
    return new Fault(this.label, this.effect, Infinity, this.call);
  }
}

/** Options of {@link fault}`.status`. */
export interface StatusFaultOptions {
  /** A string is sent as text, anything else as JSON. Absent: what the vendor answers with this status. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds for the header `Retry-After`, or a date as text. */
  readonly retryAfter?: number | string;
}

function wholeNumber(where: string, name: string, value: unknown, least: number = 0): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw new TypeError(`fault.${where}: ${name} is a whole number of ${least} or more, not ${shown(value)}.`);
}

function statusOf(where: string, status: unknown): number {
  if (Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599) return status as number;
  throw new TypeError(`fault.${where}: status is a whole number from 200 to 599, not ${shown(status)}.`);
}

function optionsOf(where: string, options: unknown, rules: Rules): void {
  checkGiven(`options of fault.${where}`, options, rules);
}

/** Seconds, or the text of a date, as the header has it. */
function retryAfterOf(where: string, value: unknown): string {
  if (typeof value === 'number') return String(wholeNumber(where, 'retryAfter', value));
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`fault.${where}: retryAfter is a whole number of seconds or text such as an HTTP date, not ${shown(value)}.`);
}

/** Headers that the platform can send. */
function headersOf(where: string, headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'content-length' || lower === 'transfer-encoding') {
      throw new TypeError(`fault.${where}: headers cannot hold ${lower}, which follows from the body; wrongLength(n) and shortBody(n) spoil it.`);
    }
    try {
      new Headers().set(name, value as string);
    } catch {
      throw new TypeError(`fault.${where}: headers holds ${shown(name)}: ${shown(value)}, which HTTP cannot send.`);
    }
    if (typeof value !== 'string') throw new TypeError(`fault.${where}: the header ${name} is text, not ${shown(value)}.`);
    checked[name] = value;
  }
  return checked;
}

/** A body as it is now: later changes of the caller's object do not reach the answer. */
function bodyOf(where: string, body: unknown): unknown {
  if (typeof body === 'string') return body;
  const rule = 'body is a string, sent as text, or a value that JSON can hold';
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) throw new TypeError(`fault.${where}: ${rule}, not bytes.`);
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (error) {
    throw new TypeError(`fault.${where}: ${rule}: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  if (text === undefined) throw new TypeError(`fault.${where}: ${rule}, not ${shown(body)}.`);
  return JSON.parse(text);
}

/** The faults by name. Each returns a new {@link Fault}; `.times(n)`, `.onCall(n)` and `.untilCleared()` say how often. */
export interface FaultWords {
  /** Answers this HTTP status; without `body`, what the vendor answers with it. */
  status(status: number, options?: StatusFaultOptions): Fault;
  /** Answers 429 (or another status) with `Retry-After`. @param seconds - Seconds to wait, or a date as text. */
  retryAfter(seconds: number | string, status?: number): Fault;
  /** Answers late. @param ms - Milliseconds of the fake's clock. */
  latency(ms: number): Fault;
  /** Accepts the request and never answers; nothing is done. */
  stallBeforeHeaders(): Fault;
  /** Sends headers and `bytes` bytes of the body, then nothing more. */
  stallAfter(bytes: number): Fault;
  /** Sends the body at this speed. @param bytesPerSecond - By the fake's clock. */
  slowBody(bytesPerSecond: number): Fault;
  /** Resets the connection instead of answering; nothing is done. */
  resetBeforeHeaders(): Fault;
  /** Takes `bytes` bytes of the request's body, an upload's for example, then resets the connection; nothing is done. */
  resetRequestAfter(bytes: number): Fault;
  /** Takes `bytes` bytes of the request's body, then nothing more, and never answers; nothing is done. */
  stallRequestAfter(bytes: number): Fault;
  /**
   * Does what the request asks for, and its answer is lost: the connection is reset, or silent for ever.
   *
   * @param how - What the client meets instead of the answer; `'reset'` by default.
   */
  lostAnswer(how?: 'reset' | 'stall'): Fault;
  /** Sends headers and `bytes` bytes of the body, then resets the connection. */
  resetAfter(bytes: number): Fault;
  /**
   * Ends after `bytes` bytes of the body. With `length` (the default) Content-Length has promised all of them and the
   * connection is closed early; without, the body is chunked and ends as if it were whole.
   */
  shortBody(bytes: number, options?: { readonly length?: boolean }): Fault;
  /** Sends `extra` bytes after the last one: beyond a right Content-Length, or (without `length`) as part of a chunked body. */
  tooLongBody(extra?: number, options?: { readonly length?: boolean }): Fault;
  /** Sends the right bytes under a wrong Content-Length, then closes the connection. */
  wrongLength(length: number): Fault;
  /** Flips bits of `count` bytes from byte `at` of the body; length and headers stay right. */
  corruptBytes(options?: { readonly at?: number; readonly count?: number }): Fault;
  /** From this call on other bytes of the same number stand at the address; the ETag changes with them. */
  changedContent(): Fault;
  /** The signed URL of this call is over. */
  expiredUrl(): Fault;
  /** The token or session of this call is over, for this call and all that follow. */
  expiredSession(): Fault;
  /** Answers with an HTML page, as a gateway in front of the vendor would. */
  htmlErrorPage(status?: number): Fault;
  /** The answer's JSON ends half way, with the right Content-Length. */
  truncatedJson(): Fault;
  /** Redirects to another origin: one of the fake's own where every request is logged, or the one given. */
  redirect(options?: { readonly to?: string; readonly status?: 301 | 302 | 303 | 307 | 308 }): Fault;
  /** Closes the connection right after the last byte. Sockets only: refused in process. */
  closeAfterLastByte(): Fault;
  /** Several faults on one call, for example latency and then a reset. */
  together(...faults: readonly Fault[]): Fault;
}

const LENGTH: Rules = { length: 'flag' };

/** The faults by name. */
export const fault: FaultWords = {
  status: (status, options = {}) => {
    statusOf('status', status);
    optionsOf('status', options, { body: 'any', headers: { each: 'text' }, retryAfter: { or: ['number', 'text'] } });
    const { body, headers = {}, retryAfter } = options;
    return new Fault(`status(${status})`, {
      replace: {
        status,
        headers: {
          ...headersOf('status', headers),
          ...(retryAfter === undefined ? {} : headersOf('status', { 'retry-after': retryAfterOf('status', retryAfter) })),
        },
        ...(body === undefined ? {} : { body: bodyOf('status', body) }),
      },
    });
  },
  retryAfter: (seconds, status = 429) =>
    new Fault(`retryAfter(${seconds}, ${status})`, {
      replace: { status: statusOf('retryAfter', status), headers: headersOf('retryAfter', { 'retry-after': retryAfterOf('retryAfter', seconds) }) },
    }),
  latency: (ms) => new Fault(`latency(${ms})`, { wire: { latencyMs: wholeNumber('latency', 'ms', ms, 1) } }),
  stallBeforeHeaders: () => new Fault('stallBeforeHeaders()', { wire: { breakBeforeHeaders: 'stall' } }),
  stallAfter: (bytes) => new Fault(`stallAfter(${bytes})`, { wire: { breakAfter: { bytes: wholeNumber('stallAfter', 'bytes', bytes), how: 'stall' } } }),
  slowBody: (bytesPerSecond) =>
    new Fault(`slowBody(${bytesPerSecond})`, { wire: { bytesPerSecond: wholeNumber('slowBody', 'bytesPerSecond', bytesPerSecond, 1) } }),
  resetBeforeHeaders: () => new Fault('resetBeforeHeaders()', { wire: { breakBeforeHeaders: 'reset' } }),
  resetRequestAfter: (bytes) =>
    new Fault(`resetRequestAfter(${bytes})`, { wire: { breakRequest: { bytes: wholeNumber('resetRequestAfter', 'bytes', bytes), how: 'reset' } } }),
  stallRequestAfter: (bytes) =>
    new Fault(`stallRequestAfter(${bytes})`, { wire: { breakRequest: { bytes: wholeNumber('stallRequestAfter', 'bytes', bytes), how: 'stall' } } }),
  lostAnswer: (how = 'reset') => {
    if (how !== 'reset' && how !== 'stall') throw new TypeError(`fault.lostAnswer: how is 'reset' or 'stall', not ${shown(how)}.`);
    return new Fault(`lostAnswer(${how === 'reset' ? '' : `'${how}'`})`, { wire: { loseAnswer: how } });
  },
  resetAfter: (bytes) => new Fault(`resetAfter(${bytes})`, { wire: { breakAfter: { bytes: wholeNumber('resetAfter', 'bytes', bytes), how: 'reset' } } }),
  shortBody: (bytes, options = {}) => {
    optionsOf('shortBody', options, LENGTH);
    const { length = true } = options;
    return new Fault(`shortBody(${bytes}${length ? '' : ', { length: false }'})`, {
      wire: { breakAfter: { bytes: wholeNumber('shortBody', 'bytes', bytes), how: 'end' }, ...(length ? {} : { contentLength: false as const }) },
    });
  },
  tooLongBody: (extra = 100, options = {}) => {
    optionsOf('tooLongBody', options, LENGTH);
    const { length = true } = options;
    return new Fault(`tooLongBody(${extra}${length ? '' : ', { length: false }'})`, {
      wire: { extraBytes: wholeNumber('tooLongBody', 'extra', extra, 1), ...(length ? {} : { contentLength: false as const }) },
    });
  },
  wrongLength: (length) => new Fault(`wrongLength(${length})`, { wire: { contentLength: wholeNumber('wrongLength', 'length', length) } }),
  corruptBytes: (options = {}) => {
    optionsOf('corruptBytes', options, { at: 'number', count: 'number' });
    const { at = 0, count = 1 } = options;
    return new Fault(`corruptBytes({ at: ${at}, count: ${count} })`, {
      wire: { corrupt: { at: wholeNumber('corruptBytes', 'at', at), count: wholeNumber('corruptBytes', 'count', count, 1) } },
    });
  },
  changedContent: () => new Fault('changedContent()', { before: ['change-content'] }),
  expiredUrl: () => new Fault('expiredUrl()', { before: ['expire-url'] }),
  expiredSession: () => new Fault('expiredSession()', { before: ['expire-session'] }),
  htmlErrorPage: (status = 502) =>
    new Fault(`htmlErrorPage(${status})`, {
      replace: {
        status: statusOf('htmlErrorPage', status),
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1><p>The gateway could not reach the service.</p></body></html>\n`,
      },
    }),
  truncatedJson: () => new Fault('truncatedJson()', { wire: { truncateJson: true } }),
  redirect: (options = {}) => {
    optionsOf('redirect', options, { to: 'text', status: REDIRECTS });
    const { to, status = 302 } = options;
    if (to !== undefined && !URL.canParse(to)) {
      throw new TypeError(`fault.redirect: to is a whole URL, not ${shown(to)}. A wrong one is fault.status(302, { headers: { location: '...' } }).`);
    }
    return new Fault(`redirect(${status})`, { replace: { status, redirect: to ?? 'elsewhere' } });
  },
  closeAfterLastByte: () => new Fault('closeAfterLastByte()', { wire: { closeAfterLastByte: true } }),
  together: (...faults) => together(faults),
};

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Several faults as one; those that cannot happen on one call are refused. */
function together(faults: readonly Fault[]): Fault {
  if (faults.length === 0) throw new TypeError('fault.together needs at least one fault.');
  for (const one of faults) {
    if (!(one instanceof Fault)) throw new TypeError(`fault.together takes what fault.*() returns, not ${shown(one)}.`);
    if (one.count !== 1 || one.call !== 0) {
      throw new TypeError(`fault.together: say how often and on which call for all of them, together(...).times(n), not for ${one.label} alone.`);
    }
  }
  for (const [i, one] of faults.entries()) {
    for (const other of faults.slice(i + 1)) {
      const why = conflict(one.effect, other.effect) ?? conflict(other.effect, one.effect);
      if (why !== undefined) throw new TypeError(`fault.together: ${one.label} and ${other.label} cannot happen on one call: ${why}.`);
    }
  }
  const before = faults.flatMap((one) => one.effect.before ?? []);
  const replace = faults.find((one) => one.effect.replace !== undefined)?.effect.replace;
  const wire: Wire = Object.assign({}, ...faults.map((one) => one.effect.wire));
  return new Fault(`together(${faults.map((one) => one.label).join(', ')})`, {
    ...(before.length === 0 ? {} : { before }),
    ...(replace === undefined ? {} : { replace }),
    ...(Object.keys(wire).length === 0 ? {} : { wire }),
  });
}

/** Why two effects exclude each other. */
function conflict(a: FaultEffect, b: FaultEffect): string | undefined {
  if (a.replace !== undefined && b.replace !== undefined) return 'only one of them can answer';
  if (a.before?.some((step) => b.before?.includes(step)) === true) return 'they are the same';
  const [first, second]: [Wire, Wire] = [a.wire ?? {}, b.wire ?? {}];
  const both = Object.keys(first).some((name) => Object.hasOwn(second, name));
  if (both) return 'they do different things to the same part of the answer';
  const isUnanswered = first.breakBeforeHeaders !== undefined || first.breakRequest !== undefined || first.loseAnswer !== undefined;
  if (isUnanswered && (b.replace !== undefined || Object.keys(second).some((name) => name !== 'latencyMs'))) {
    return 'after the first there is no answer that the second could spoil';
  }
  if (first.breakAfter !== undefined && (second.extraBytes !== undefined || second.closeAfterLastByte === true)) {
    return 'a body that breaks off has no end for the second to act on';
  }
  return undefined;
}

/** A fault that was planned and has not hit all the calls that it was planned for. */
export interface PendingFault<Operation extends string = string> {
  readonly operation: Operation | '*';
  /** Such as `resetAfter(1000)`. */
  readonly fault: string;
  /** Calls that it still waits for or hit without effect; 1 for a fault `untilCleared` that hit none with effect. */
  readonly remaining: number;
  /** Why it had no effect on a call that it hit. */
  readonly withoutEffect?: string;
}

/** The planned faults of one fake. */
export interface FaultPlan<Operation extends string = string> {
  /**
   * Plans faults for calls of an operation, in this order, one fault a call; `'*'` is every operation.
   *
   * @param operation - An operationId, or `'token'`, `'content'`, `'upload'`, ... for the requests that have none.
   */
  add(operation: Operation | '*', ...faults: readonly Fault[]): void;
  /** Forgets the planned faults of one operation, or all. */
  clear(operation?: Operation | '*'): void;
  /** What was planned and did not happen, or had no effect: empty when every fault did something to all its calls. */
  pending(): readonly PendingFault<Operation>[];
  /** How many calls a fault had an effect on. */
  readonly consumed: number;
}

interface Planned {
  readonly fault: Fault;
  remaining: number;
  hits: number;
  /** Why hits had no effect; each one is not proven, and not made up for by a later call. */
  readonly idle: string[];
  /** Calls of the operation still to let pass, where the fault names one. */
  skip: number;
}

/** A fault that hits a call. */
export interface Taken {
  readonly fault: Fault;
  /** Takes back that it happened. */
  withoutEffect(reason: string): void;
}

/** The implementation of {@link FaultPlan}. */
export class FaultQueue<Operation extends string> implements FaultPlan<Operation> {
  readonly #operations: readonly Operation[];
  readonly #planned = new Map<Operation | '*', Planned[]>();
  #consumed = 0;

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  add(operation: Operation | '*', ...faults: readonly Fault[]): void {
    this.#known(operation);
    if (faults.length === 0) throw new TypeError(`faults.add('${operation}', ...) needs at least one fault.`);
    const queue = this.#planned.get(operation) ?? [];
    for (const one of faults) {
      if (!(one instanceof Fault)) throw new TypeError(`faults.add takes what fault.*() returns, not ${shown(one)}: call it, for example fault.expiredUrl().`);
      queue.push({ fault: one, remaining: one.count, hits: 0, idle: [], skip: Math.max(0, one.call - 1) });
    }
    this.#planned.set(operation, queue);
  }

  clear(operation?: Operation | '*'): void {
    if (operation === undefined) return this.#planned.clear();
    this.#known(operation);
    this.#planned.delete(operation);
  }

  #known(operation: Operation | '*'): void {
    if (operation !== '*' && !this.#operations.includes(operation)) {
      throw new TypeError(`No operation is called ${shown(operation)}.${suggestion(String(operation), [...this.#operations, "'*' (all)"])}`);
    }
  }

  pending(): readonly PendingFault<Operation>[] {
    const pending: PendingFault<Operation>[] = [];
    for (const [operation, queue] of this.#planned) {
      for (const one of queue) {
        const remaining = one.remaining === Infinity ? (one.hits > 0 ? 0 : 1) : one.remaining + one.idle.length;
        const withoutEffect = one.idle.at(-1);
        if (remaining > 0) pending.push({ operation, fault: one.fault.label, remaining, ...(withoutEffect === undefined ? {} : { withoutEffect }) });
      }
    }
    return pending;
  }

  get consumed(): number {
    return this.#consumed;
  }

  /** Whether a fault may hit the next call of the operation, or one after it. */
  waitsFor(operation: Operation): boolean {
    return [operation, '*' as const].some((key) => this.#planned.get(key)?.some(({ remaining }) => remaining > 0) === true);
  }

  /** The fault for this call of the operation, if any. */
  take(operation: Operation): Taken | undefined {
    let taken: Planned | undefined;
    for (const key of [operation, '*'] as const) {
      for (const one of this.#planned.get(key) ?? []) {
        if (one.remaining <= 0) continue;
        // Those that name a call count every call, also one that another fault takes.
        if (one.skip > 0) {
          one.skip--;
          continue;
        }
        // A fault that names this very call goes before those that take the next free one.
        if (taken === undefined || (taken.fault.call === 0 && one.fault.call > 0)) taken = one;
      }
    }
    if (taken === undefined) return undefined;
    const hit = taken;
    let effective = true;
    hit.remaining--;
    hit.hits++;
    this.#consumed++;
    return {
      fault: hit.fault,
      withoutEffect: (reason) => {
        if (!effective) return;
        effective = false;
        hit.hits--;
        this.#consumed--;
        hit.idle.push(reason);
      },
    };
  }
}
