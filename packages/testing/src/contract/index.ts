/** The contract of asset adapters as a test suite, for any runner. It takes nothing but types from other packages. */

import { differences } from './compare.ts';
import { check, equal } from './expect.ts';
import { Harness } from './harness.ts';
import { registerReading } from './reading.ts';
import type { ContractOptions } from './subject.ts';
import { registerDelete, registerRefusals, registerUploads } from './writing.ts';

export { differences } from './compare.ts';
export type { ContractOptions, Sample, Subject, Writing } from './subject.ts';

/**
 * Registers the tests of the contract for one adapter. What is tested follows from `adapter.supports`: what it claims must
 * work, and what it does not claim must be refused without a request.
 *
 * Without `writes` nothing is stored or deleted.
 *
 * @example
 * ```ts
 * import { test } from 'vitest';
 * import { testAdapter } from '@asset-clients/testing/contract';
 *
 * testAdapter({
 *   test,
 *   adapter: tenovosAssets(createTenovosClient(fake.clientOptions)),
 *   samples: [{ target: 'a1', form: 'original', size: 80_000 }, { target: { id: 'a1', rendition: 'imagePreview' }, form: 'rendition' }],
 *   missing: { target: 'no-such-asset', kinds: ['not-found', 'server'] },
 *   requests: () => fake.calls.length,
 * });
 * ```
 */
export function testAdapter(options: ContractOptions): void {
  // oxlint-disable-next-line no-console -- people read what is printed
  const { test, fake, print = (line: string) => console.log(line), ...subject } = options;
  check(typeof test === 'function', 'testAdapter needs `test`: the function of your runner that registers one test');
  check(typeof subject.adapter?.supports === 'object' && subject.adapter.supports !== null, 'testAdapter needs `adapter`, with its manifest in `supports`');
  check(Array.isArray(subject.samples) && subject.samples.length > 0, 'testAdapter needs `samples`: at least one file that can be read');
  check(typeof subject.missing === 'object' && subject.missing !== null, 'testAdapter needs `missing`: what names no file');
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  check(unknown === undefined, `testAdapter does not know ${unknown}; what an adapter can do is read from its manifest (it takes ${OPTIONS.join(', ')})`);
  const harness = new Harness(subject);
  const before = JSON.stringify(harness.supports);
  const register = (name: string, run: () => Promise<void>): void => void test(name, run);
  registerReading(harness, register);
  if (harness.can('upload')) {
    registerRefusals(harness, register);
    if (subject.writes !== undefined) registerUploads(harness, register);
  }
  if (harness.can('delete') && subject.writes !== undefined) registerDelete(harness, register);
  if (fake !== undefined) {
    register('prints where the fake and reality differ', async () => {
      const lines = await differences(subject, fake);
      for (const line of lines) print(line);
      if (lines.length === 0) print(`${subject.adapter.vendor}: no difference to the fake was found`);
    });
  }
  register('supports is the same after all that', async () => {
    check(subject.adapter.supports === harness.supports, 'supports is another object now');
    equal(JSON.stringify(harness.supports), before, 'supports');
  });
}

const OPTIONS = ['test', 'adapter', 'samples', 'missing', 'notReady', 'many', 'nonsense', 'requests', 'writes', 'fake', 'print'];
