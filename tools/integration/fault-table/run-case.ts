/** Runs one case of the fault table. */

import { getEventListeners } from 'node:events';

import { ApiError } from '@asset-clients/runtime';
import type { Fake } from '@asset-clients/testing';

import type { Shape, Times } from '../differential/cases.ts';
import { faults, type FaultName } from '../differential/faults.ts';
import type { Outcome } from './rules.ts';
import type { Step } from './steps.ts';

/** Real milliseconds after which a case over sockets is taken to hang; its limits of 30 s pass in 200 ms. */
const HANG_MS = 15_000;
/** What came of a case. */
export interface Row {
  readonly step: Step;
  readonly times: Times;
  readonly outcome: Outcome | { readonly problem: string };
  /** `JSON.stringify(error)`; the error itself would hold all that its stack has seen. */
  readonly told?: string;
  /** Milliseconds by the virtual clock. */
  readonly elapsed: number;
  readonly requests: number;
  /** What was still there when the client was closed. */
  readonly left: readonly string[];
}

/** Whether a text shows anything that must never be seen outside, by the fake that made it. */
function shows(fake: Fake, text: string): boolean {
  interface Engine {
    readonly model: { secrets(state: unknown): Readonly<Partial<Record<'credentials' | 'signatures', { in(text: string): boolean }>>> };
    readonly state: unknown;
  }
  const { engine } = fake as unknown as { engine: Engine };
  const { credentials, signatures } = engine.model.secrets(engine.state);
  return [credentials, signatures].some((secrets) => secrets?.in(text) === true);
}

/** Runs a step under a fault; says what came of it, and what it left behind. */
export async function runCase(step: Step, name: FaultName, times: Times, shape: Shape): Promise<Row> {
  const { fake, run, close } = await step.ready(shape);
  const stop = new AbortController();
  let hang: NodeJS.Timeout | undefined;
  try {
    const planned = faults[name](step.traits.has('file') ? 'file' : 'text');
    fake.faults.add(step.hits, times === 'once' ? planned : planned.untilCleared());
    const before = fake.clock.now();
    const hung = new Promise<never>((_, reject) => (hang = setTimeout(() => reject(new Error('it hangs')), HANG_MS)));
    const result = await Promise.race([run({ signal: stop.signal }), hung]).then(
      (came) => ({ came }),
      (error: unknown) => ({ error }),
    );
    const elapsed = fake.clock.now() - before;
    const requests = fake.calls.filter(({ operation }) => operation === step.hits).length;
    const calls = fake.calls.length;
    await close();
    const left = [
      ...(fake.clock.pendingTimers === 0 ? [] : [`${fake.clock.pendingTimers} timers`]),
      ...(getEventListeners(stop.signal, 'abort').length === 0 ? [] : [`${getEventListeners(stop.signal, 'abort').length} listeners`]),
      ...fake.calls.flatMap(({ operation, leaks }) => leaks.map((leak) => `${leak} seen by ${operation}`)),
      ...(fake.calls.some(({ fault }) => fault !== undefined) ? [] : ['the fault, which met no request']),
      ...(calls > 0 ? [] : ['nothing: no request was sent']),
    ];
    const base = { step, times, elapsed, requests, left };
    if ('came' in result) {
      const { what, verified } = result.came;
      return { ...base, outcome: { comes: what, more: requests - step.usual, ...(verified === 'none' ? { verified } : {}) } };
    }
    const { error } = result;
    if (!ApiError.is(error)) return { ...base, outcome: { problem: String(error) } };
    const { kind, status, outcome } = error;
    const told = JSON.stringify(error);
    if (shows(fake, told)) left.push('a secret in the error');
    return { ...base, told, outcome: { kind, ...(status === undefined ? {} : { status }), outcome, requests } };
  } finally {
    clearTimeout(hang);
    await fake.close();
  }
}
