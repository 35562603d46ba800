import { expect, test } from 'vitest';

import { runCase } from './run-case.ts';
import { steps } from './steps.ts';
import { testFaultTable } from './table.ts';

testFaultTable('in process');

test('in process, a connection that cannot be closed is refused with a sentence', async () => {
  const { told } = await runCase(
    steps.find(({ name }) => name === 'egain getAsset')!,
    'closeAfterLastByte()',
    'once',
    'in process',
  );
  expect(told).toContain('fault.closeAfterLastByte() needs a connection that can be closed: use fake.listen().');
});
