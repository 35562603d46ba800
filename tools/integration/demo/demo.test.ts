/** The demo as a user runs it: what it prints, and what it leaves. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

test('the demo brings every file whole, in the calm and in a storm that the usual loop does not survive', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
      env: { ...process.env, DEMO_OUTPUT: join(folder, 'output') },
    });
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    const storm = lines.filter((line) => line.includes(' -> ')).map((line) => line.trim().replace(/ {2,}/g, ' '));
    expect(storm).toEqual([
      'reset at 37.0 MB -> resumed, re-signed, sha256 equal terminated (ECONNRESET)',
      '20-second URL expired -> re-signed, sha256 equal HTTP 403',
      'WorldServer session killed -> logged in again, sha256 equal HTTP 401',
      'a proxy silent at 12.5 MB -> begun again after 0.5 s, sha256 equal still waiting after 3 s',
    ]);
    expect(lines).toContain('  credentials of a vendor that reached them: 0');
    expect(stdout).not.toContain('DIFFERENT');
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
    // The addresses of the fakes and the folder are those of this machine.
    for (const line of lines) if (!/127\.0\.0\.1|shasum|lie in/.test(line)) expect(line.length, line).toBeLessThanOrEqual(100);
    const sums = (await readFile(join(folder, 'output', 'SHA256SUMS'), 'utf8')).trim().split('\n');
    expect(sums).toHaveLength(11);
    for (const sum of sums) {
      const [expected, name] = sum.split('  ') as [string, string];
      const bytes = await readFile(join(folder, 'output', name));
      expect(createHash('sha256').update(bytes).digest('hex'), name).toBe(expected);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
