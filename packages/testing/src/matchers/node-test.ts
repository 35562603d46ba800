/** The matchers for `node:test` and every runner without `expect`. */
import { AssertionError } from 'node:assert';
import { checks, type FakeMatchers, type Observed, type Verdict } from './matchers.ts';
import { observe } from './runner.ts';

/** What {@link expectFake} returns. */
export interface FakeExpectation extends FakeMatchers<void> {
  /** The opposite. */
  readonly not: FakeMatchers<void>;
}

/**
 * The matchers of a fake; each throws an AssertionError of `node:assert` when it does not hold.
 *
 * @example
 * ```ts
 * expectFake(fake).toHaveDownloaded('a1');
 * expectFake(fake).not.toHaveResumed('a1');
 * ```
 */
export function expectFake(fake: Observed): FakeExpectation {
  const build = (negated: boolean): FakeMatchers<void> =>
    Object.fromEntries(
      Object.entries(checks).map(([name, check]) => [
        name,
        function matcher(...expected: never[]): void {
          const { pass, message } = (check as (observed: Observed, ...rest: never[]) => Verdict)(observe(name, fake), ...expected);
          if (pass === negated)
            throw new AssertionError({ message: negated ? message.replace(/^expected /, 'expected not: ') : message, stackStartFn: matcher });
        },
      ]),
    ) as unknown as FakeMatchers<void>;
  return { ...build(false), not: build(true) };
}
