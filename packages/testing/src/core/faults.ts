/** What a fault does to an answer on its way to the client. Members are independent of each other. */
export interface Wire {
  /** Milliseconds of the fake's clock before anything is answered. */
  readonly latencyMs?: number;
  readonly breakBeforeHeaders?: 'reset' | 'stall';
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

function wholeNumber(name: string, value: number, least: number = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${name} is a whole number of ${least} or more, not ${String(value)}.`);
}

/** The faults by name. Each returns a new {@link Fault}; `.times(n)`, `.onCall(n)` and `.untilCleared()` say how often. */
export interface FaultWords {
  /** Answers this HTTP status; without `body`, what the vendor answers with it. */
  status(status: number, options?: StatusFaultOptions): Fault;
  /** Answers 429 (or another status) with `Retry-After`. @param seconds - Seconds to wait, or a date as text. */
  retryAfter(seconds: number | string, status?: number): Fault;
  /** Answers late. @param ms - Milliseconds of the fake's clock. */
  latency(ms: number): Fault;
  /** Accepts the request and never answers. */
  stallBeforeHeaders(): Fault;
  /** Sends headers and `bytes` bytes of the body, then nothing more. */
  stallAfter(bytes: number): Fault;
  /** Sends the body at this speed. @param bytesPerSecond - By the fake's clock. */
  slowBody(bytesPerSecond: number): Fault;
  /** Resets the connection instead of answering. */
  resetBeforeHeaders(): Fault;
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

/** The faults by name. */
export const fault: FaultWords = {
  status: (status, options = {}) => {
    if (!(Number.isInteger(status) && status >= 200 && status <= 599)) throw new TypeError(`status is 200 to 599, not ${status}.`);
    const { body, headers = {}, retryAfter } = options;
    return new Fault(`status(${status})`, {
      replace: {
        status,
        headers: { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
        ...(body === undefined ? {} : { body }),
      },
    });
  },
  retryAfter: (seconds, status = 429) => new Fault(`retryAfter(${seconds}, ${status})`, { replace: { status, headers: { 'retry-after': String(seconds) } } }),
  latency: (ms) => new Fault(`latency(${ms})`, { wire: { latencyMs: wholeNumber('ms', ms) } }),
  stallBeforeHeaders: () => new Fault('stallBeforeHeaders()', { wire: { breakBeforeHeaders: 'stall' } }),
  stallAfter: (bytes) => new Fault(`stallAfter(${bytes})`, { wire: { breakAfter: { bytes: wholeNumber('bytes', bytes), how: 'stall' } } }),
  slowBody: (bytesPerSecond) => new Fault(`slowBody(${bytesPerSecond})`, { wire: { bytesPerSecond: wholeNumber('bytesPerSecond', bytesPerSecond, 1) } }),
  resetBeforeHeaders: () => new Fault('resetBeforeHeaders()', { wire: { breakBeforeHeaders: 'reset' } }),
  resetAfter: (bytes) => new Fault(`resetAfter(${bytes})`, { wire: { breakAfter: { bytes: wholeNumber('bytes', bytes), how: 'reset' } } }),
  shortBody: (bytes, { length = true } = {}) =>
    new Fault(`shortBody(${bytes}${length ? '' : ', { length: false }'})`, {
      wire: { breakAfter: { bytes: wholeNumber('bytes', bytes), how: 'end' }, ...(length ? {} : { contentLength: false as const }) },
    }),
  tooLongBody: (extra = 100, { length = true } = {}) =>
    new Fault(`tooLongBody(${extra}${length ? '' : ', { length: false }'})`, {
      wire: { extraBytes: wholeNumber('extra', extra, 1), ...(length ? {} : { contentLength: false as const }) },
    }),
  wrongLength: (length) => new Fault(`wrongLength(${length})`, { wire: { contentLength: wholeNumber('length', length) } }),
  corruptBytes: ({ at = 0, count = 1 } = {}) =>
    new Fault(`corruptBytes({ at: ${at}, count: ${count} })`, { wire: { corrupt: { at: wholeNumber('at', at), count: wholeNumber('count', count, 1) } } }),
  changedContent: () => new Fault('changedContent()', { before: ['change-content'] }),
  expiredUrl: () => new Fault('expiredUrl()', { before: ['expire-url'] }),
  expiredSession: () => new Fault('expiredSession()', { before: ['expire-session'] }),
  htmlErrorPage: (status = 502) =>
    new Fault(`htmlErrorPage(${status})`, {
      replace: {
        status,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1><p>The gateway could not reach the service.</p></body></html>\n`,
      },
    }),
  truncatedJson: () => new Fault('truncatedJson()', { wire: { truncateJson: true } }),
  redirect: ({ to, status = 302 } = {}) => new Fault(`redirect(${status})`, { replace: { status, redirect: to ?? 'elsewhere' } }),
  closeAfterLastByte: () => new Fault('closeAfterLastByte()', { wire: { closeAfterLastByte: true } }),
  together: (...faults) => {
    const replaced = faults.filter((one) => one.effect.replace !== undefined);
    if (replaced.length > 1) throw new TypeError(`Only one of ${replaced.map((one) => one.label).join(', ')} can answer a call.`);
    const before = faults.flatMap((one) => one.effect.before ?? []);
    const wire: Wire = Object.assign({}, ...faults.map((one) => one.effect.wire));
    return new Fault(`together(${faults.map((one) => one.label).join(', ')})`, {
      ...(before.length === 0 ? {} : { before }),
      ...(replaced[0]?.effect.replace === undefined ? {} : { replace: replaced[0].effect.replace }),
      ...(Object.keys(wire).length === 0 ? {} : { wire }),
    });
  },
};

/** A fault that was planned and has not hit all the calls that it was planned for. */
export interface PendingFault<Operation extends string = string> {
  readonly operation: Operation | '*';
  /** Such as `resetAfter(1000)`. */
  readonly fault: string;
  /** Calls that it still waits for; 1 for a fault `untilCleared` that hit none. */
  readonly remaining: number;
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
  /** What was planned and did not happen: empty when every fault hit all its calls. */
  pending(): readonly PendingFault<Operation>[];
  /** How many calls were hit by a fault. */
  readonly consumed: number;
}

interface Planned {
  readonly fault: Fault;
  remaining: number;
  hits: number;
  /** Calls of the operation still to let pass, where the fault names one. */
  skip: number;
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
    if (operation !== '*' && !this.#operations.includes(operation)) {
      throw new TypeError(`No operation is called '${operation}'. There are: ${this.#operations.join(', ')}, and '*'.`);
    }
    if (faults.length === 0) throw new TypeError(`faults.add('${operation}', ...) needs at least one fault.`);
    const queue = this.#planned.get(operation) ?? [];
    for (const one of faults) {
      if (!(one instanceof Fault)) throw new TypeError(`faults.add takes what fault.*() returns, not ${typeof one}: call it, for example fault.expiredUrl().`);
      queue.push({ fault: one, remaining: one.count, hits: 0, skip: Math.max(0, one.call - 1) });
    }
    this.#planned.set(operation, queue);
  }

  clear(operation?: Operation | '*'): void {
    if (operation === undefined) this.#planned.clear();
    else this.#planned.delete(operation);
  }

  pending(): readonly PendingFault<Operation>[] {
    const pending: PendingFault<Operation>[] = [];
    for (const [operation, queue] of this.#planned) {
      for (const one of queue) {
        const remaining = one.remaining === Infinity ? (one.hits > 0 ? 0 : 1) : one.remaining;
        if (remaining > 0) pending.push({ operation, fault: one.fault.label, remaining });
      }
    }
    return pending;
  }

  get consumed(): number {
    return this.#consumed;
  }

  /** The fault for this call of the operation, if any. */
  take(operation: Operation): Fault | undefined {
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
    taken.remaining--;
    taken.hits++;
    this.#consumed++;
    return taken.fault;
  }
}
