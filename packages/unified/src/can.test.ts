import { expect, test } from 'vitest';

import { can } from './can.ts';
import type { AnyAdapter } from './contract.ts';

const adapter = {
  supports: Object.freeze({ get: false, download: { forms: ['original'], tellsSize: true, notReady: false }, delete: true }),
} as unknown as AnyAdapter;

test.each([
  ['get', false],
  ['download', true],
  ['delete', true],
  // Not a member of the manifest, but of every object.
  ['toString', false],
] as const)('can(adapter, %j) is %j', (verb, expected) => {
  expect(can(adapter, verb as 'get')).toBe(expected);
});
