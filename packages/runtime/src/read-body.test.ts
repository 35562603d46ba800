import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { systemClock } from './clock.ts';
import { readWatched } from './read-body.ts';

test('promises of another realm, as in jest, are awaited', async () => {
  const Foreign = runInNewContext('Promise') as PromiseConstructor;
  const answers = [{ done: false, value: new Uint8Array(3) } as const, { done: true } as const].values();
  const reader = { read: () => Foreign.resolve(answers.next().value!), cancel: () => Promise.resolve() };
  const chunks: Uint8Array[] = [];
  for await (const chunk of readWatched(reader, { clock: systemClock, idleTimeoutMs: false, signals: [] })) chunks.push(chunk);
  expect(chunks).toEqual([new Uint8Array(3)]);
});
