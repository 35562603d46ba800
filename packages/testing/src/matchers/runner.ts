import { checks, type Observed, type Verdict } from './matchers.ts';

/** What `expect.extend` of vitest and jest takes. */
export type RunnerMatchers = Readonly<Record<keyof typeof checks, (received: unknown, ...expected: never[]) => { pass: boolean; message: () => string }>>;

/** The matchers for `expect.extend(matchers)` of vitest and jest. */
export const matchers: RunnerMatchers = Object.fromEntries(
  Object.entries(checks).map(([name, check]) => [
    name,
    (received: unknown, ...expected: never[]) => {
      const { pass, message } = (check as (observed: Observed, ...rest: never[]) => Verdict)(observe(name, received), ...expected);
      return { pass, message: () => (pass ? message.replace(/^expected /, 'expected not: ') : message) };
    },
  ]),
) as unknown as RunnerMatchers;

/** What is looked at, or a TypeError that says what should have been given. */
export function observe(name: string, received: unknown): Observed {
  if (typeof received === 'object' && received !== null && 'calls' in received && 'problems' in received) return received as Observed;
  throw new TypeError(`expect(fake).${name}() takes a fake: what createFake...() or createFakes() returned.`);
}
