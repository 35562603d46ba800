/** Time for clients over real sockets: the limits of 30 seconds pass faster, and only while the process can work. */

import type { Clock } from '@asset-clients/runtime';

const TICK_MS = 5;

/**
 * A timer that counts only time in which the process could work: on a busy machine a limit of 200 ms must not end what
 * merely waits for its turn.
 */
export function patientTimer(callback: () => void, ms: number): { stop(): void } {
  let left = ms;
  let timer: NodeJS.Timeout;
  const tick = (): void => {
    const step = Math.min(TICK_MS, left);
    timer = setTimeout(() => {
      left -= step;
      if (left > 0) tick();
      else callback();
    }, step);
  };
  tick();
  return { stop: () => clearTimeout(timer) };
}

/**
 * A clock whose timers fire early.
 *
 * @param haste - How many times faster they fire.
 * @param now - The time itself, in milliseconds since the epoch; it passes as usual.
 */
export function hastyClock(haste: number, now: () => number = Date.now): Clock {
  return {
    now,
    setTimeout: (callback, ms) => patientTimer(callback, ms / haste),
    clearTimeout: (timer) => (timer as ReturnType<typeof patientTimer>).stop(),
  };
}
