import { openAsBlob } from 'node:fs';

import { expect, test } from 'vitest';

import { VirtualClock } from './clock.ts';

test('time goes on after a file Blob was read: Node lists its handle as being read for a long time', async () => {
  const blob = await openAsBlob(new URL(import.meta.url));
  expect((await blob.arrayBuffer()).byteLength).toBeGreaterThan(0);
  const clock = new VirtualClock('auto', 0);
  await clock.sleep('2s');
  expect(clock.now()).toBe(2000);
});
