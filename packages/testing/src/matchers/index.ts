export {
  checks,
  type DownloadedOptions,
  type FakeMatchers,
  type Observed,
  type Part,
  type ResumedOptions,
  type UploadedOptions,
  type Verdict,
} from './matchers.ts';
export { matchers, type RunnerMatchers } from './runner.ts';
