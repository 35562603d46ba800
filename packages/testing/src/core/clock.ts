/**
 * How the time of a fake passes.
 *
 * - `'auto'`: time stands still while anything happens and jumps to the next timer when nothing else does.
 * - `'manual'`: time moves by {@link FakeClock.advance} only.
 * - `'system'`: time passes as on the wall; {@link FakeClock.advance} moves it forward on top.
 */
export type ClockMode = 'auto' | 'manual' | 'system';

/** Milliseconds, or text such as `'61m'`, `'1h30m'`, `'2s'`, `'500ms'`, `'7d'`. */
export type Duration = number | string;

/** The one clock of a fake and of every client made with its `clientOptions`. */
export interface FakeClock {
  readonly mode: ClockMode;
  /** Timers that have not fired. */
  readonly pendingTimers: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds of this clock; returns what `clearTimeout` takes. */
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** Resolves after `ms` milliseconds of this clock. */
  sleep(ms: Duration): Promise<void>;
  /**
   * Moves time forward, firing every timer that falls due on the way, in order; between two of them client and fake run
   * until they wait again, so timers that a fired timer sets are seen, and so is the timer of a call that was only just
   * started.
   */
  advance(duration: Duration): Promise<void>;
  /** Waits until client and fake do nothing but wait. */
  settle(): Promise<void>;
  /** Changes how time passes from here on; the time itself does not jump. */
  use(mode: ClockMode): void;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a {@link Duration}; a TypeError names what is wrong with anything else. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return duration;
    throw new TypeError(`A duration is a number of milliseconds of 0 or more, not ${String(duration)}.`);
  }
  if (!/^\s*(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)\s*)+$/.test(duration)) {
    throw new TypeError(`A duration is written like '61m', '1h30m', '2s' or '500ms', not '${duration}'.`);
  }
  let sum = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) sum += Number(amount) * UNITS[unit!]!;
  return sum;
}

interface Timer {
  readonly callback: () => void;
  at: number;
  readonly order: number;
  /** In `'system'` mode: the platform's timer. */
  real?: unknown;
}

/** Turns of the event loop without any activity after which client and fake are taken to be waiting. */
const QUIET_TURNS = 6;
/** The same, while a body is open that the client could still be reading, or sockets are in use. */
const QUIET_TURNS_OPEN = 40;
/** Longest delay that the platform's timers take. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * One turn of the event loop. A fresh MessageChannel, because test runners replace setTimeout and setImmediate, and
 * because messages on one channel may be delivered several in a turn.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Turns after which a file handle that is listed as being read is taken to be idle: Node keeps listing those of file Blobs. */
const QUIET_TURNS_READING = 2_000;

/** Whether the platform is working on something that will call back soon: files, names, connections. */
function platformBusy(quietTurns: number): boolean {
  const { process } = globalThis as { process?: { getActiveResourcesInfo?: () => string[] } };
  const names = process?.getActiveResourcesInfo?.() ?? [];
  return names.some((name) => /^(?:FSReq|GetAddrInfo|GetNameInfo|QueryReq)/.test(name) || (name.startsWith('FileHandle') && quietTurns < QUIET_TURNS_READING));
}

/**
 * How many times as long a quiet must be where the platform does not say what it works on: a browser gets the bytes of a Blob from
 * another process.
 */
const UNTOLD_FACTOR = 100;

function platformTells(): boolean {
  return (globalThis as { process?: { getActiveResourcesInfo?: unknown } }).process?.getActiveResourcesInfo !== undefined;
}

/** Something that the fake is doing; while it waits for the client or for the clock it is paused. */
export interface Work {
  pause(): void;
  resume(): void;
  end(): void;
}

/** The implementation of {@link FakeClock}, with what the fake tells it about its own work. */
export class VirtualClock implements FakeClock {
  #mode: ClockMode;
  /** In `'system'` mode: what is added to the wall's time; otherwise the time itself. */
  #time: number;
  #order = 0;
  #sequence = 0;
  readonly #timers = new Set<Timer>();
  #looping = false;
  #advancing = false;
  /** Counts everything that happens, so that "nothing happened" can be seen. */
  #activity = 0;
  /** What the fake is working on now, as opposed to waiting for the client or for this clock. */
  #working = 0;
  /** Bodies that were handed out and neither read to the end nor given up. */
  #open = 0;
  /** Servers: requests on sockets are on their way where nobody counts them. */
  #listeners = 0;
  /** Whether `'system'` came of listening, not of a choice. */
  #listensInsteadOfAuto = false;
  /** Whether the caller chose the mode: then listening does not change it. */
  chosen = false;

  constructor(mode: ClockMode, start: number = Date.now()) {
    this.#mode = mode;
    this.#time = mode === 'system' ? start - Date.now() : start;
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#mode === 'system' ? Date.now() + this.#time : this.#time;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    // Whole milliseconds, as on any clock: what the fake answers with a time of its own must be one.
    const timer: Timer = { callback, at: this.now() + Math.max(0, Number.isNaN(ms) ? 0 : Math.ceil(ms)), order: ++this.#order };
    this.#timers.add(timer);
    this.#arm(timer);
    this.touch();
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (!this.#timers.delete(timer as Timer)) return;
    this.#disarm(timer as Timer);
    this.touch();
  }

  sleep(duration: Duration): Promise<void> {
    return new Promise((resolve) => void this.setTimeout(resolve, milliseconds(duration)));
  }

  use(mode: ClockMode): void {
    if (mode === this.#mode) return;
    if (mode === 'auto' && this.#listeners > 0) {
      throw new Error("The clock of a fake that listens cannot be 'auto': requests on sockets cannot be counted. Use 'manual' or 'system'.");
    }
    const now = this.now();
    for (const timer of this.#timers) this.#disarm(timer);
    this.#mode = mode;
    this.#time = mode === 'system' ? now - Date.now() : now;
    for (const timer of this.#timers) this.#arm(timer);
    this.touch();
  }

  async advance(duration: Duration): Promise<void> {
    const target = this.now() + milliseconds(duration);
    if (this.#advancing) throw new Error('The clock is being advanced already: await one advance before the next.');
    this.#advancing = true;
    try {
      for (;;) {
        await this.settle();
        const next = this.#next();
        if (next === undefined || next.at > target) break;
        this.#moveTo(next.at);
        this.#fire(next);
      }
      this.#moveTo(target);
      await this.settle();
    } finally {
      this.#advancing = false;
      this.#wake();
    }
  }

  async settle(): Promise<void> {
    for (let quiet = 0, turns = 0, seen = this.#activity; quiet < this.#quietTurns();) {
      await turn();
      const isMoving = seen !== this.#activity || this.#working > 0;
      turns = isMoving ? 0 : turns + 1;
      quiet = isMoving || (quiet + 1 >= this.#quietTurns() && platformBusy(turns)) ? 0 : quiet + 1;
      seen = this.#activity;
    }
  }

  /** Numbers the requests of all fakes on this clock. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** Something happened. */
  touch(): void {
    this.#activity++;
    this.#wake();
  }

  /** The fake starts to work. */
  work(): Work {
    let state: 'working' | 'paused' | 'ended' = 'working';
    this.#working++;
    this.#activity++;
    const stop = (next: 'paused' | 'ended'): void => {
      if (state === 'working') {
        this.#working--;
        this.touch();
      }
      if (state !== 'ended') state = next;
    };
    return {
      pause: () => stop('paused'),
      resume: () => {
        if (state !== 'paused') return;
        state = 'working';
        this.#working++;
        this.#activity++;
      },
      end: () => stop('ended'),
    };
  }

  /** A body was handed out; the result says that it ended. */
  open(): () => void {
    this.#open++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#open--;
      this.touch();
    };
  }

  /**
   * From now on requests come over sockets.
   *
   * @returns Says that they do not any more; with `undo`, as if they never had: time passes as before.
   */
  listening(): (undo: boolean) => void {
    if (this.#mode === 'auto') {
      if (this.chosen) throw new Error("A fake with clock: 'auto' cannot listen: requests on sockets cannot be counted. Use 'manual' or 'system'.");
      this.use('system');
      this.#listensInsteadOfAuto = true;
    }
    this.#listeners++;
    let over = false;
    return (undo) => {
      if (over) return;
      over = true;
      this.#listeners--;
      if (this.#listeners > 0) return;
      const wasAuto = this.#listensInsteadOfAuto && this.#mode === 'system';
      this.#listensInsteadOfAuto = false;
      if (undo && wasAuto) this.use('auto');
    };
  }

  /** Forgets every timer. */
  dispose(): void {
    for (const timer of this.#timers) this.#disarm(timer);
    this.#timers.clear();
  }

  #quietTurns(): number {
    const turns = this.#open > 0 || this.#listeners > 0 ? QUIET_TURNS_OPEN : QUIET_TURNS;
    return platformTells() ? turns : turns * UNTOLD_FACTOR;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  #moveTo(time: number): void {
    if (this.#mode !== 'system') this.#time = Math.max(this.#time, time);
    else if (time > this.now()) {
      this.#time += time - this.now();
      for (const timer of this.#timers) {
        this.#disarm(timer);
        this.#arm(timer);
      }
    }
  }

  #fire(timer: Timer): void {
    if (!this.#timers.delete(timer)) return;
    this.#disarm(timer);
    this.#activity++;
    timer.callback();
  }

  #arm(timer: Timer): void {
    if (this.#mode !== 'system') return;
    const delay = Math.min(LONGEST_DELAY, Math.max(0, timer.at - this.now()));
    timer.real = globalThis.setTimeout(() => {
      if (timer.at - this.now() > 1) this.#arm(timer);
      else this.#fire(timer);
    }, delay);
  }

  #disarm(timer: Timer): void {
    if (timer.real === undefined) return;
    globalThis.clearTimeout(timer.real as number);
    timer.real = undefined;
  }

  #wake(): void {
    if (this.#mode !== 'auto' || this.#looping || this.#advancing || this.#timers.size === 0) return;
    this.#looping = true;
    void this.#loop();
  }

  async #loop(): Promise<void> {
    try {
      while (this.#mode === 'auto' && !this.#advancing && this.#timers.size > 0) {
        await this.settle();
        if (this.#mode !== 'auto' || this.#advancing || this.#working > 0) continue;
        const next = this.#next();
        if (next === undefined) break;
        this.#moveTo(next.at);
        this.#fire(next);
      }
    } finally {
      this.#looping = false;
    }
    this.#wake();
  }
}
