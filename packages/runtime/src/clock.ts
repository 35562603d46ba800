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
 * Calls back later.
 *
 * @param ms - Milliseconds; `false`: never.
 * @returns What calls it off.
 */
export function after(clock: Clock, ms: number | false, callback: () => void): () => void {
  const timer = ms === false ? undefined : clock.setTimeout(callback, ms);
  return () => {
    if (timer !== undefined) clock.clearTimeout(timer);
  };
}
