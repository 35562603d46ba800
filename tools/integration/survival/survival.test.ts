/** The process survives servers that close, reset and stall, under Node 22, 24 and 26; built-in fetch shows that these do kill. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { nodeOf } from '../test/support/nodes.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** What a process said, and how it ended. */
function runChild(node: string, situation: string): Promise<{ readonly said: string; readonly code: number | string | null; readonly errors: string }> {
  return new Promise((resolve) => {
    const args = ['--no-warnings', '--experimental-strip-types', '--expose-gc', CHILD, situation];
    execFile(node, args, { timeout: 120_000 }, (error, stdout, stderr) => resolve({ said: stdout, code: error?.code ?? null, errors: stderr.slice(-2000) }));
  });
}

const nodes = [22, 24, 26].map((major) => ({ major, path: nodeOf(major) }));

describe.each(nodes.filter(({ path }) => path !== undefined) as { major: number; path: string }[])('Node $major', ({ path }) => {
  test('servers that close right after the last byte, while the reader is slow', async () => {
    expect(await runChild(path, 'closing, our client')).toEqual({ said: '"all bytes"', code: null, errors: '' });
  }, 130_000);

  test('thousands of broken and aborted transfers leave no socket, timer, listener or memory', async () => {
    const { said, code, errors } = await runChild(path, 'thousands of broken and aborted transfers');
    expect({ code, errors }).toEqual({ code: null, errors: '' });
    const { before, after, outcomes } = JSON.parse(said) as Record<'before' | 'after' | 'outcomes', Record<string, number>>;
    // All phases were met: transfers that were aborted, that failed, and that came whole or were not wanted.
    for (const name of ['AbortError', 'ApiError', 'ended']) expect(outcomes[name], name).toBeGreaterThan(100);
    expect(after.sockets).toBeLessThanOrEqual(before.sockets!);
    expect(after.timers).toBeLessThanOrEqual(before.timers!);
    expect(after.listeners).toBe(0);
    // 2,000 transfers of 200 KB: one that is kept is seen.
    expect(after.heapMB! - before.heapMB!).toBeLessThanOrEqual(8);
  }, 130_000);
});

// The proof that the first test can fail: the same reader on built-in fetch (nodejs/undici#5360), which Node 26 has mended.
test.each(nodes.filter(({ major, path }) => major < 26 && path !== undefined) as { major: number; path: string }[])(
  'Node $major: built-in fetch does not survive such a server',
  async ({ path }) => {
    const { said, errors } = await runChild(path, 'closing, built-in fetch');
    expect(said).toBe('');
    expect(errors).toContain('AssertionError');
  },
  130_000,
);
