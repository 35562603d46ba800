/** A program of its own, under each Node: what it prints, and what Node prints when nobody handles a failure, shows no secret. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { nodeOf } from '../test/support/nodes.ts';
import { secrets } from './child-secrets.ts';
import { findSecret } from './spellings.ts';

const nodes = [22, 24, 26].map((major) => ({ major, path: nodeOf(major) })).filter(({ path }) => path !== undefined);

async function run(node: string, which: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(node, ['--no-warnings', fileURLToPath(new URL('child.ts', import.meta.url)), which], { stdio: 'pipe', timeout: 50_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

function expectClean(output: string): void {
  for (const [name, secret] of Object.entries(secrets)) expect(findSecret(output, secret) ?? '', name).toBe('');
  expect(output.match(/canary\d\d/gi) ?? []).toEqual([]);
}

test('Node 22, 24 and 26 are tried where they can be installed', () => {
  expect(nodes.map(({ major }) => major)).toContain(Number(process.versions.node.split('.')[0]));
  if (process.platform === 'linux' && process.arch === 'x64') expect(nodes.map(({ major }) => major)).toEqual([22, 24, 26]);
});

describe.each(nodes)('Node $major', ({ path }) => {
  test('console.log, dir, table, trace and error of clients, logins, contents, receipts, call logs and failures', async () => {
    const { code, output } = await run(path!, 'printed');
    expect(code, output).toBe(0);
    expect(output).toContain('invalid-request');
    expect(output).toContain('sha256');
    expectClean(output);
  }, 60_000);

  test.each(['tenovos', 'worldserver', 'egain', 'refused', 'broken', 'wrong'])(
    'an unhandled rejection: %s',
    async (which) => {
      const { code, output } = await run(path!, which);
      expect(code).toBe(1);
      expect(output).toMatch(/ApiError|integrity|network/);
      expect(output).toContain('kind:');
      expectClean(output);
    },
    60_000,
  );
});
