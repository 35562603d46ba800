import type { Clock } from '../src/clock.ts';

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 1;

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): number {
    this.#timers.set(this.#next, { at: this.#now + ms, callback });
    return this.#next++;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until each waiting timer, shortest first. */
  get waits(): number[] {
    return [...this.#timers.values()].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms;
    for (const [id, { at, callback }] of [...this.#timers].sort(([, a], [, b]) => a.at - b.at)) {
      if (at > this.#now || !this.#timers.delete(id)) continue;
      callback();
      await settle();
    }
    await settle();
  }
}

/** A clock on which every wait is over at once, noting how long it would have been. */
export class SkippingClock implements Clock {
  readonly waited: number[] = [];
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    // Limits of attempts are long, waits between them are short.
    if (ms >= 30_000) return undefined;
    this.waited.push(ms);
    this.#now += ms;
    return setImmediate(callback);
  }

  clearTimeout(timer: unknown): void {
    clearImmediate(timer as NodeJS.Immediate | undefined);
  }
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
