/** Ends work early: signals of several owners, a deadline, and waiting that its caller may leave. */

import { after, type Clock } from './clock.ts';
import { Fault } from './faults.ts';

/** A signal that watches others, until it is released. */
export interface JoinedSignal {
  readonly signal: AbortSignal | undefined;
  release(): void;
}

/** Ends one exchange: what an AbortController does, which costs as much as a tenth of a call, for code of ours. */
export class Stop {
  aborted = false;
  reason: unknown;
  /** Called once. */
  onAbort: (() => void) | undefined;

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.onAbort?.();
  }

  /** The same for a fetch function. */
  toSignal(): AbortSignal {
    const controller = new AbortController();
    this.onAbort = () => controller.abort(this.reason);
    if (this.aborted) this.onAbort();
    return controller.signal;
  }
}

/**
 * One signal for the caller's, the client's and a deadline.
 *
 * @param deadlineMs - Milliseconds for the whole, or `false`.
 * @param leftMs - What is left of them.
 */
export function joinSignals(sources: readonly AbortSignal[], deadlineMs: number | false, clock: Clock, leftMs: number | false = deadlineMs): JoinedSignal {
  if (deadlineMs === false && sources.length < 2) return { signal: sources[0], release: () => undefined };
  const stop = new AbortController();
  const release = onAbort(sources, (reason) => stop.abort(reason));
  const cancel = after(clock, leftMs, () => stop.abort(new Fault('NoAnswerError', `the call did not end within ${String(deadlineMs)} ms (deadlineMs)`)));
  return {
    signal: stop.signal,
    release() {
      cancel();
      release();
    },
  };
}

/**
 * Tells when one of several signals is aborted, or is so already.
 *
 * @returns What ends the listening.
 */
export function onAbort(signals: readonly (AbortSignal | undefined)[], listener: (reason: unknown) => void): () => void {
  const tell = (): void => listener(signals.find((signal) => signal?.aborted)?.reason);
  for (const signal of signals) signal?.addEventListener('abort', tell);
  if (signals.some((signal) => signal?.aborted)) tell();
  return () => {
    for (const signal of signals) signal?.removeEventListener('abort', tell);
  };
}

/** Lets one caller leave a promise, which others may go on waiting for. */
export async function untilAborted<T>(promise: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let release: (() => void) | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        release = onAbort([signal], reject);
      }),
    ]);
  } finally {
    release?.();
  }
}

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
    const cancel = after(clock, ms, () => {
      release();
      resolve();
    });
    const release = onAbort([signal], (reason) => {
      cancel();
      reject(reason);
    });
  });
}
