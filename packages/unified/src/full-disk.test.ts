import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

/** Runs the child where no file can have more than so many KiB. */
async function writeBelow(kibibytes: number): Promise<{ readonly errors: Record<string, unknown>; readonly dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'full-disk-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'former.bin'), 'former');
  // Ignored, the signal becomes an error of the write, as a full disk is one.
  const script = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$0" "$@"`;
  const child = join(import.meta.dirname, '../test/full-disk-child.ts');
  const { stdout } = await promisify(execFile)('bash', ['-c', script, process.execPath, child, dir]);
  return { errors: JSON.parse(stdout) as Record<string, unknown>, dir };
}

test('a disk that fills up is told with its reason; nothing is left but what was there', async () => {
  const { errors, dir } = await writeBelow(200);
  const full = { kind: 'unexpected', outcome: 'not-sent', code: 'EFBIG', hint: expect.stringContaining('has room') as string };
  expect(errors).toEqual({
    refuse: expect.objectContaining({ ...full, message: `files.upload: cannot write ${join(dir, 'new.bin')} (EFBIG)` }) as unknown,
    replace: expect.objectContaining({ ...full, message: `files.upload: cannot write ${join(dir, 'former.bin')} (EFBIG)` }) as unknown,
    // It is small.
    journal: 'it succeeded',
  });
  expect((await readdir(dir)).sort()).toEqual(['campaign.journal', 'former.bin']);
  expect(await readFile(join(dir, 'former.bin'), 'utf8')).toBe('former');
});

test('one that is full leaves no half of a lock', async () => {
  const { errors, dir } = await writeBelow(0);
  expect(errors.journal).toMatchObject({ kind: 'invalid-request', message: expect.stringMatching(/cannot open the journal .* \(EFBIG\)/) as string });
  expect(await readdir(dir)).toEqual(['former.bin']);
});
