/** Time in the hands of a test: it passes only when it is told to, but for the short waits between retries. */

import type { Clock } from '@asset-clients/runtime';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** Waits up to this many milliseconds (back-off between attempts) are over at once. */
const SHORT_WAIT_MS = 1000;

export class TestClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();
  /** Waits that were asked for, in order. */
  readonly waits: number[] = [];

  constructor(now = Date.parse('2026-03-01T12:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    this.waits.push(ms);
    const timer: Timer = { due: this.#now + ms, callback };
    this.#timers.add(timer);
    if (ms <= SHORT_WAIT_MS) setImmediate(() => this.#fire(timer));
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** Lets time pass; what is due then happens. */
  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) if (timer.due <= this.#now) this.#fire(timer);
  }

  #fire(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.callback();
  }
}
