import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { expect, onTestFinished, test } from 'vitest';

import type { Memory, MemoryOptions } from './memory-child.ts';

const MIB = 1024 * 1024;
/** The engine lets garbage lie about while there is room: what a run needs shows where there is little. */
const FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=64'];

/** Copies the same asset so often, over sockets, to a folder, with a journal. */
async function memoryOf(count: number, bytes: number): Promise<Memory> {
  const dir = await mkdtemp(join(tmpdir(), 'copy-memory-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'film.bin', bytes }] });
  await using server = await fake.listen();
  const { clock: _, ...tenovos } = server.clientOptions;
  const options: MemoryOptions = { tenovos, id: 'a1', count, dir: join(dir, 'out'), journal: join(dir, 'journal') };
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, join(import.meta.dirname, 'memory-child.ts'), JSON.stringify(options)]);
  const memory = JSON.parse(stdout) as Memory;
  expect(memory).toMatchObject({ copied: count, bytes: count * bytes });
  return memory;
}

test('copyAll takes no more memory for large files or for many than for a few small ones', async () => {
  const few = await memoryOf(20, MIB);
  const large = await memoryOf(12, 64 * MIB);
  const many = await memoryOf(1500, 1000);
  // Four at a time: held whole they would be 256 MiB; what 1,500 items left behind would be seen as well.
  expect(large.peak - few.peak).toBeLessThan(64);
  expect(many.peak - few.peak).toBeLessThan(32);
});
