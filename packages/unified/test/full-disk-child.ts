/** `node full-disk-child.ts <folder>`: writes where nothing larger than a limit can be written. Prints the errors as JSON. */

import { join } from 'node:path';
import { argv, stdout } from 'node:process';

import { ApiError } from '@asset-clients/runtime';

import { copyAll } from '../src/copy-all.ts';
import { filesAssets } from '../src/files.ts';
import { fileJournal } from '../src/journal.ts';

const dir = argv[2]!;
const content = new Uint8Array(1_000_000);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'it succeeded',
    (error: unknown) => (ApiError.is(error) ? error.toJSON() : String(error)),
  );
}

const errors = {
  refuse: await failureOf(filesAssets({ dir }).upload({ name: 'new.bin', content })),
  replace: await failureOf(filesAssets({ dir, ifExists: 'replace' }).upload({ name: 'former.bin', content })),
  journal: await failureOf(copyAll([], { journal: fileJournal(join(dir, 'campaign.journal')) })),
};
stdout.write(JSON.stringify(errors));
