import { beforeEach, expect, test } from 'vitest';

import { Report } from './report.ts';

const lines: string[] = [];
const print = (line: string): void => void lines.push(line);
beforeEach(() => {
  lines.length = 0;
});

test('a failed check fails the run, whatever else passes', async () => {
  const report = new Report(true, print);
  await report.check('one', () => []);
  await report.check('two', () => ['something is wrong']);
  expect(report.finish()).toBe(1);
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
});

test('a run without checks is no success', () => {
  expect(new Report(true, print).finish()).toBe(1);
});

test('what this machine could have may be missing at a desk, not in CI', async () => {
  for (const [mayMiss, exitCode] of [
    [true, 0],
    [false, 1],
  ] as const) {
    const report = new Report(mayMiss, print);
    await report.check('one', () => []);
    report.skip('on Chromium', 'there is none', true);
    expect(report.finish()).toBe(exitCode);
  }
});

test('what this machine cannot have is named, and fails nowhere', async () => {
  const report = new Report(false, print);
  await report.check('one', () => []);
  report.skip('on workerd', 'no build for this platform', false);
  expect(report.finish()).toBe(0);
  expect(lines).toContain('skip  on workerd: no build for this platform');
});
