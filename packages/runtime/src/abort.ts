/** Ends work early: signals of several owners, a deadline, and waiting that its caller may leave. */

import type { Clock } from './clock.ts';
import { NoAnswerError } from './faults.ts';

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
  const onAbort = (): void => stop.abort(sources.find((source) => source.aborted)?.reason);
  for (const source of sources) source.addEventListener('abort', onAbort);
  if (sources.some((source) => source.aborted)) onAbort();
  const timer =
    leftMs === false
      ? undefined
      : clock.setTimeout(() => stop.abort(new NoAnswerError(`the call did not end within ${String(deadlineMs)} ms (deadlineMs)`)), leftMs);
  return {
    signal: stop.signal,
    release: () => {
      if (timer !== undefined) clock.clearTimeout(timer);
      for (const source of sources) source.removeEventListener('abort', onAbort);
    },
  };
}

/** Lets one caller leave a shared promise while the others go on waiting. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(signal.reason);
        if (signal.aborted) onAbort();
        signal.addEventListener('abort', onAbort);
      }),
    ]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
