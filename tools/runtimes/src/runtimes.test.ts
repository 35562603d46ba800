import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

import { expect, test } from 'vitest';

import { findRuntime, RUNTIMES } from './runtimes.ts';

test.each(RUNTIMES)('%s is a program that runs, or it is said why it is not here', (name) => {
  const runtime = findRuntime(name);
  if (runtime.path === undefined) {
    expect(runtime.missing).toMatch(/\w+/);
    return;
  }
  const { status, stdout } = spawnSync(runtime.path, ['--version'], { encoding: 'utf8' });
  expect(status).toBe(0);
  if (name.startsWith('Node')) expect(stdout.trim()).toMatch(new RegExp(`^v${name.slice(5)}\\.`));
});

test('a browser that is named and not there is not replaced by another one', () => {
  expect(findRuntime('Chromium', { ...process.env, CHROME_PATH: `${tmpdir()}/no-such-browser` })).toMatchObject({
    obtainable: true,
    missing: expect.stringContaining('no-such-browser') as string,
  });
  expect(findRuntime('Chromium', { PATH: tmpdir() })).toMatchObject({ obtainable: true });
});
