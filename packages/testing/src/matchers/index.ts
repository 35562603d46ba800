export { checks, type FakeMatchers, type Observed, type Verdict } from './matchers.ts';
export { matchers, type RunnerMatchers } from './runner.ts';
