import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFakes, fault } from '@asset-clients/testing';
import type { CopyAllReport } from '@asset-clients/unified';
import { expect, it, onTestFinished } from 'vitest';

import { sampleBytes } from '../../test/support/bytes.ts';
import { start } from './start.ts';
import type { ChildOptions } from './vendors-child.ts';
import { randomFrom } from './warehouse.ts';

const KILLS = 3;
const COUNT = 24;
const CONCURRENCY = 6;
const seed = Number(process.env['COPY_ALL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(`Tenovos to eGain, WorldServer and a folder, killed ${KILLS} times: each is there once, or uncertain (COPY_ALL_SEED=${seed})`, async () => {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'vendors-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dir = join(folder, 'out');
  await mkdir(dir);
  const names = Array.from({ length: COUNT }, (_, index) => `asset ${index}.bin`);
  const content = sampleBytes(40_000);
  const bytesOf = (index: number): Uint8Array => content.subarray(index, 30_000 + index * 7);
  await using fakes = createFakes({ tenovos: { assets: names.map((name, index) => ({ id: `a${index}`, name, bytes: bytesOf(index) })) } });
  const servers = await fakes.listen();
  const journal = join(folder, 'a.journal');
  const plain = <Options extends object>({ clock: _clock, ...options }: Options & { readonly clock: unknown }): Omit<Options, 'clock'> => options;
  const options: ChildOptions = {
    tenovos: plain(servers.tenovos.clientOptions),
    egain: plain(servers.egain.conversation.clientOptions),
    worldserver: plain(servers.worldserver.clientOptions),
    dir,
    journal,
    ids: names.map((_, index) => `a${index}`),
  };
  fakes.tenovos.faults.add('content', fault.resetAfter(10_000).onCall(5), fault.resetAfter(20_000).onCall(15));
  fakes.egain.faults.add('upload', fault.resetBeforeHeaders().onCall(7));
  fakes.egain.faults.add('createAsset', fault.resetAfter(3).onCall(12));

  // Somewhat more than a quarter of all work each time.
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { child, output } = start('vendors-child.ts', JSON.stringify(options));
    const until = fakes.calls.length + 10 + Math.floor(random() * COUNT * 2);
    while (fakes.calls.length < until && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await output;
  }
  const report = JSON.parse(await start('vendors-child.ts', JSON.stringify(options)).output) as CopyAllReport;
  const again = JSON.parse(await start('vendors-child.ts', JSON.stringify(options)).output) as CopyAllReport;

  const uncertain = new Set(report.problems.map(({ from }) => from.segments[0]!));
  expect(report.problems.map(({ status }) => status)).toEqual(Array.from(uncertain, () => 'uncertain'));
  expect(uncertain.size).toBeLessThanOrEqual(KILLS * CONCURRENCY);
  expect(report.counts).toMatchObject({ failed: 0, 'not-ready': 0, cancelled: 0, duplicate: 0 });
  expect(again.counts).toMatchObject({ skipped: 3 * COUNT - uncertain.size, uncertain: uncertain.size });

  const chats = fakes.egain.assets();
  for (const [index, name] of names.entries()) {
    const right = createHash('sha256').update(bytesOf(index)).digest('hex');
    expect(await Promise.all(chats.filter((asset) => asset.name === name && asset.uploaded).map((asset) => asset.sha256()))).toEqual([right]);
    const uploads = fakes.worldserver.uploads().filter((upload) => upload.name === name);
    if (uploads.length > 0 || !uncertain.has(`a${index}`)) expect(uploads.map(({ sha256 }) => sha256)).toEqual([right]);
    expect(
      createHash('sha256')
        .update(await readFile(join(dir, name)))
        .digest('hex'),
    ).toBe(right);
  }
  // Every id that was created and not filled is told, or that there may be one.
  const told = new Set(again.leftBehind.map(({ to }) => to?.segments[1]));
  const untold = chats.filter(({ uploaded, id }) => !uploaded && !told.has(id));
  expect(untold.length).toBeLessThanOrEqual(again.leftBehind.filter(({ to }) => to === undefined).length);
  expect((await readdir(folder)).sort()).toEqual(['a.journal', 'out']);
}, 300_000);
