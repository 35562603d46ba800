/** Time as the client sees it: every wait of a client and of a fake goes through one of these. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds; returns what {@link Clock.clearTimeout} takes. */
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The longest delay that the platform's timers take; longer ones would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The platform's clock, read at each call, so that replaced global timers are seen. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer: { real?: unknown } = {};
    const arm = (left: number): void => {
      timer.real = globalThis.setTimeout(() => (left > LONGEST_DELAY ? arm(left - LONGEST_DELAY) : callback()), Math.min(left, LONGEST_DELAY));
    };
    arm(ms);
    return timer;
  },
  clearTimeout: (timer) => globalThis.clearTimeout((timer as { real?: number }).real),
};

/**
 * Waits on a clock.
 *
 * @param ms - Milliseconds; 0 or less resolves at once.
 * @param signal - Ends the wait: the promise rejects with `signal.reason`.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    if (!(ms > 0)) return resolve();
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
