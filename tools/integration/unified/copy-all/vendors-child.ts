/**
 * Copies assets of Tenovos to eGain, WorldServer and a folder, in a process of its own that may be killed:
 * `node vendors-child.ts <options as JSON>`. Prints its report as JSON.
 */

import { argv, stdout } from 'node:process';

import { createEgainConversationClient, type EgainConversationClientOptions } from '@asset-clients/egain';
import { createTenovosClient, type TenovosClientOptions } from '@asset-clients/tenovos';
import { copyAll, type CopyAllReport, type CopyItem } from '@asset-clients/unified';
import { egainConversationAssets } from '@asset-clients/unified/egain';
import { filesAssets } from '@asset-clients/unified/files';
import { fileJournal } from '@asset-clients/unified/journal';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
import { worldServerAssets } from '@asset-clients/unified/worldserver';
import { createWorldServerClient, type WorldServerClientOptions } from '@asset-clients/worldserver';

export interface ChildOptions {
  readonly tenovos: TenovosClientOptions;
  readonly egain: EgainConversationClientOptions;
  readonly worldserver: WorldServerClientOptions;
  readonly dir: string;
  readonly journal: string;
  readonly ids: readonly string[];
}

const { ids, dir, journal, ...options } = JSON.parse(argv[2]!) as ChildOptions;
await using dam = createTenovosClient(options.tenovos);
await using chat = createEgainConversationClient(options.egain);
await using tms = createWorldServerClient(options.worldserver);
const source = tenovosAssets(dam);
const [egain, worldserver, files] = [egainConversationAssets(chat), worldServerAssets(tms), filesAssets({ dir })];

function* items(): Generator<CopyItem> {
  for (const id of ids) {
    yield { from: source.ref(id), to: egain, vendorOptions: { egain: { channel: { type: 'sms' }, sender: { type: 'customer' } } } };
    yield { from: source.ref(id), to: worldserver };
    yield { from: source.ref(id), to: files };
  }
}

// It is the process that is killed, not the machine.
const report: CopyAllReport = await copyAll(items(), { journal: fileJournal(journal, { sync: false }), concurrency: 6 });
stdout.write(JSON.stringify(report));
