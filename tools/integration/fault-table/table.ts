/**
 * The fault table, for `in-process.test.ts` and `sockets.test.ts`: every fault of the fakes on every request of every operation and job, in process and over sockets, once
 * and always. `rules.ts` is what has to come of it; there is no deviation, nothing takes longer than it may, nothing is
 * left behind, and every error tells its cause and the next step without a secret.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { faultNames, type Shape } from '../differential/cases.ts';
import type { FaultName } from '../differential/faults.ts';
import { BACKOFF_MS, faultRules, type Rule } from './rules.ts';
import { runCase, type Row } from './run-case.ts';
import { steps, type Step } from './steps.ts';

/** Steps at once: most of their time is waiting. */
const AT_ONCE = 8;

function ruleOf(step: Step, name: FaultName): Rule {
  return faultRules[name].rules.find(({ where }) => where.every((trait) => step.traits.has(trait)))!;
}

/** How long a step may take: as many requests as it sent, and the waits between them. */
function boundOf({ requests }: Row, name: FaultName): number {
  const { requestMs = 0, waitMs = BACKOFF_MS } = faultRules[name];
  return requests * requestMs + Math.max(0, requests - 1) * waitMs;
}

/** Sockets of this process, when those that are being closed are. */
async function openSockets(atMost: number): Promise<number> {
  const count = (): number => process.getActiveResourcesInfo().filter((kind) => /^TCP(?:Socket|Server)Wrap$|^Timeout$/.test(kind)).length;
  for (let round = 0; round < 200 && count() > atMost; round += 1) await new Promise((resolve) => setImmediate(resolve));
  return count();
}

/** Where a shape cannot do a fault, the fake says so. */
const isImpossible = (name: FaultName, shape: Shape): boolean => name === 'closeAfterLastByte()' && shape === 'in process';

/** The tests of one shape. */
export function testFaultTable(shape: Shape): void {
  describe.each(faultNames.filter((name) => !isImpossible(name, shape)).map((name) => ({ name, means: faultRules[name].means })))(
    '$name: $means',
    ({ name }) => {
      const rows: Row[] = [];
      let left: number;

      beforeAll(async () => {
        const before = await openSockets(0);
        const queue = steps.flatMap((step) => (['once', 'always'] as const).map((times) => ({ step, times })));
        const lanes = Array.from({ length: AT_ONCE }, async () => {
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) rows.push(await runCase(next.step, name, next.times, shape));
        });
        await Promise.all(lanes);
        left = (await openSockets(before)) - before;
      }, 240_000);

      afterAll(() => {
        rows.length = 0;
      });

      /** One line a row, in the order of the steps. */
      const told = (tell: (row: Row) => unknown): Record<string, unknown> =>
        Object.fromEntries(
          steps.flatMap((step) =>
            rows
              .filter((row) => row.step === step)
              .sort((a, b) => b.times.localeCompare(a.times))
              .map((row) => [`${step.name}, ${row.times}`, tell(row)]),
          ),
        );
      /** Only rows of which there is something to tell. */
      const anything = (tell: (row: Row) => unknown): Record<string, unknown> =>
        Object.fromEntries(Object.entries(told(tell)).filter(([, what]) => what !== undefined));

      test('comes out as the rules say', () => {
        expect(told(({ outcome }) => outcome)).toEqual(told(({ step, times }) => ruleOf(step, name)[times]));
      });

      test('takes no longer than it may, leaves nothing behind and shows no secret', () => {
        // Over sockets time is real and the machine may be busy: there a case must not hang.
        if (shape === 'in process') expect(anything((row) => (row.elapsed <= boundOf(row, name) ? undefined : `${row.elapsed} ms`))).toEqual({});
        expect(anything(({ left }) => (left.length === 0 ? undefined : left))).toEqual({});
        expect(left).toBeLessThanOrEqual(0);
      });

      test('every error tells its cause and the next step', () => {
        for (const { told: text, step, times } of rows) {
          if (text === undefined) continue;
          const what = `${step.name}, ${times}: ${text}`;
          const told = JSON.parse(text) as Record<string, unknown>;
          expect(told, what).toMatchObject({ name: 'ApiError', vendor: step.vendor });
          expect(step.blames, what).toContain(told.operation);
          expect(told.hint, what).toMatch(/^[A-Za-z].{15,}\.$/s);
          // What may have been done must not simply be called again.
          if (told.outcome === 'unknown' && /^(?:network|timeout)$/.test(String(told.kind)))
            expect(/look before/.test(String(told.hint)), what).toBe(step.traits.has('creating'));
          expect(text, what).toMatch(faultRules[name].tells);
          expect(told.attempts, what).toBeGreaterThanOrEqual(step.traits.has('login') ? 0 : 1);
        }
      });
    },
  );
}
