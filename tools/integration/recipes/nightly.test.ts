import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFakeWorldServer, fault } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';
import '@asset-clients/testing/vitest';

import { fetchTargets } from './nightly.ts';

test('the night survives a session that ends and a connection that breaks', async () => {
  await using fake = createFakeWorldServer({
    tasks: [
      { id: 1, projectId: 77, source: { name: 'a.docx' }, target: { name: 'a-de.docx', bytes: 300_000 } },
      { id: 2, projectId: 77, source: { name: 'b.docx' } }, // not translated yet
      { id: 3, projectId: 77, source: { name: 'c.docx' }, target: { name: 'c-de.docx', bytes: 10 } },
    ],
  });
  fake.faults.add('getAsset', fault.resetAfter(100_000), fault.expiredSession());

  const folder = await mkdtemp(join(tmpdir(), 'nightly-'));
  await using tms = createWorldServerClient(fake.clientOptions);
  expect(await fetchTargets(tms, '77', folder)).toEqual({ saved: ['a-de.docx', 'c-de.docx'], tomorrow: [2] });

  expect(await readdir(folder)).toEqual(['a-de.docx', 'c-de.docx']);
  expect(fake).toHaveConsumedAllFaults();
  expect(fake).toHaveLeakedNoCredentials();
});
