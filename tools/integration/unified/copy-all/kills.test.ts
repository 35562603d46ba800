import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { bytesOf, isBlind, type ChildReport } from './child.ts';
import { start } from './start.ts';
import { randomFrom, startWarehouse } from './warehouse.ts';

const KILLS = 3;
const CONCURRENCY = 16;
const count = Number(process.env['COPY_ALL_ITEMS'] ?? 10_000);
const seed = Number(process.env['COPY_ALL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(`${count} items, with 1 % faults and ${KILLS} kills at random moments: each is there once, or uncertain (COPY_ALL_SEED=${seed})`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kills-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const journal = join(folder, 'a.journal');
  await using warehouse = await startWarehouse({ seed, faultRate: 0.01 });
  const random = randomFrom(seed + 1);

  // Most items take two requests, a fifth takes one: kills come while there is work.
  const work = count * 1.8;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { child, output } = start('child.ts', warehouse.origin, journal, String(count));
    const until = warehouse.until(warehouse.requests + 1 + Math.floor((random() * work) / (KILLS + 1)));
    await Promise.race([until, output]);
    child.kill('SIGKILL');
    expect(await output).toBe('');
    // Its lock is still there.
    expect((await readdir(folder)).filter((name) => name.startsWith('a.journal.lock-'))).toHaveLength(1);
  }
  const runs: ChildReport[] = [];
  for (let round = 0; round < 3; round += 1) {
    runs.push(JSON.parse(await start('child.ts', warehouse.origin, journal, String(count)).output) as ChildReport);
    warehouse.calm();
  }
  const last = runs.at(-1)!;

  const copies = new Map<string, string[]>();
  for (const { name, sha256 } of warehouse.files.values()) {
    if (sha256 !== undefined) copies.set(name, [...(copies.get(name) ?? []), sha256]);
  }
  const uncertain = new Set(last.uncertain);
  for (let index = 0; index < count; index += 1) {
    const there = copies.get(`f${index}.bin`) ?? [];
    const right = createHash('sha256')
      .update(bytesOf(`f${index}`))
      .digest('hex');
    if (there.length === 1 ? there[0] !== right : !(there.length === 0 && uncertain.has(`f${index}`))) {
      throw new Error(`f${index} is there ${there.length} times${uncertain.has(`f${index}`) ? ' (uncertain)' : ''}: ${JSON.stringify(there)}`);
    }
  }
  // Only who cannot be asked leaves something uncertain: what was under way at a kill, or had its answer lost.
  expect([...uncertain].filter((id) => !isBlind(Number(id.slice(1))))).toEqual([]);
  expect(uncertain.size).toBeLessThanOrEqual(KILLS * CONCURRENCY + warehouse.faults['break before'] + warehouse.faults['break after']);
  expect(last.counts).toMatchObject({ skipped: count - uncertain.size, uncertain: uncertain.size, copied: 0, failed: 0, cancelled: 0 });

  // Ids that nothing was sent to are told; of some only that they may be there.
  const told = new Set(last.leftEmpty);
  const untold = [...warehouse.files].filter(([id, { sha256 }]) => sha256 === undefined && !told.has(id));
  expect(untold.length).toBeLessThanOrEqual(last.leftEmpty.filter((id) => id === null).length);
  expect([...told].filter((id) => id !== null && warehouse.files.get(id)?.sha256 !== undefined)).toEqual([]);
  expect(Object.values(warehouse.faults).every((times) => times > 0)).toBe(true);

  // An item leaves its name and some numbers in memory, not what it is made of: more than a kilobyte, and its report.
  for (const { used } of runs) expect(used[1]! - used[0]!).toBeLessThan(8_000_000 + count * 0.8 * 300);
  // Nothing stays beside the journal, whose lines are one to a record.
  expect(await readdir(folder)).toEqual(['a.journal']);
  expect((await readFile(journal, 'utf8')).split('\n').length).toBeLessThan(count * 4);
}, 300_000);
