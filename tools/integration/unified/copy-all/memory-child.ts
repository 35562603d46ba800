/**
 * Copies assets of Tenovos into a folder, in a process of its own: `node memory-child.ts <options as JSON>`. Prints how many
 * were copied, their bytes, and the most memory that the process ever had.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, resourceUsage, stdout } from 'node:process';

import { createTenovosClient, type TenovosClientOptions } from '@asset-clients/tenovos';
import { copyAll, type CopyItem } from '@asset-clients/unified';
import { filesAssets } from '@asset-clients/unified/files';
import { fileJournal } from '@asset-clients/unified/journal';
import { tenovosAssets } from '@asset-clients/unified/tenovos';

export interface MemoryOptions {
  readonly tenovos: TenovosClientOptions;
  readonly id: string;
  readonly count: number;
  readonly dir: string;
  readonly journal: string;
}

export interface Memory {
  readonly copied: number;
  readonly bytes: number;
  /** Resident set, in MiB. */
  readonly peak: number;
}

const { tenovos, id, count, dir, journal } = JSON.parse(argv[2]!) as MemoryOptions;
await using client = createTenovosClient(tenovos);
const [from, to] = [tenovosAssets(client).ref(id), filesAssets({ dir })];

function* items(): Generator<CopyItem> {
  for (let i = 0; i < count; i += 1) yield { from, to, as: `${i}.bin` };
}

const report = await copyAll(items(), {
  journal: fileJournal(journal, { sync: false }),
  // It is memory that is measured, not the disk.
  onItem: async (result) => rm(join(dir, result.to!.segments[0]!)),
});
const memory: Memory = { copied: report.counts.copied, bytes: report.bytes, peak: Math.round(resourceUsage().maxRSS / 1024) };
stdout.write(JSON.stringify(memory));
