/** Every adapter keeps the contract: over the fakes in process, over the fakes on real sockets, and without any fake. */

import { afterAll, describe, test } from 'vitest';

import { testAdapter } from '@asset-clients/testing/contract';
import { createAssets } from '@asset-clients/unified';

import { allSubjects } from './support/subjects.ts';

for (const how of ['in process', 'over sockets'] as const) {
  const { subjects, fakes, ...rest } = await allSubjects(how);
  afterAll(() => rest[Symbol.asyncDispose]());

  for (const [name, subject] of subjects) {
    if (how === 'over sockets' && subject.requests === undefined) continue;
    describe(`${name}, ${subject.requests === undefined ? 'no fake' : how}`, () => testAdapter({ test, ...subject }));
  }

  if (how === 'in process') {
    // A named adapter is another object, made of the same definition.
    describe('Tenovos, named', () => testAdapter({ test, ...subjects.get('Tenovos')!, adapter: createAssets({ dam: subjects.get('Tenovos')!.adapter }).dam }));
  }
  void fakes;
}
