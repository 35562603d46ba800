/** What an error tells to do must be right for what happened. */

import { createTenovosClient } from '@asset-clients/tenovos';
import { fault } from '@asset-clients/testing';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { expect, test } from 'vitest';

import { failureOf } from './support/failures.ts';

test('a download of no asset is not-found: after the 502 the details are asked for once', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a1', name: 'a.bin', bytes: 10 },
      { id: 'meta', name: 'meta', metadataOnly: true },
    ],
  });
  const dam = createTenovosClient(fake.clientOptions);
  const failure = await failureOf(dam.downloadAsset({ id: 'nope' }));
  expect(failure).toMatchObject({ kind: 'not-found', operation: 'downloadAsset', outcome: 'refused', params: { id: 'nope' } });
  expect(failure.retryable).toBe(false);
  expect(failure.cause).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent' });
  const asked = fake.calls.map(({ operation }) => operation);
  expect(asked).toEqual(['createToken', 'getAssetContent', 'getAssetContent', 'retrieveAsset']);

  const metaOnly = await failureOf(dam.downloadAsset({ id: 'meta' }));
  expect(metaOnly).toMatchObject({ kind: 'server', status: 502, hint: expect.stringContaining('has no file') as string });
});

test('a download fails with the 502 itself where the details cannot be had', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'a.bin', bytes: 10 }] });
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('retrieveAsset', fault.status(401));
  fake.faults.add('retrieveAsset', fault.status(401));
  const failure = await failureOf(createTenovosClient(fake.clientOptions).downloadAsset({ id: 'a1' }));
  expect(failure).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent', retryable: true });
});
