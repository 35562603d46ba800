import { expect, test } from 'vitest';

import { checkBundle } from './together-checks.ts';

const LIMITED = { name: 'a call', without: [/^undici\//] };
const small = { entry: 'a.js', files: new Map([['a.js', 'x'.repeat(100)]]), modules: ['ky/index.js'], imports: [] };

test('a bundle of the size that was committed is right', () => {
  expect(checkBundle(LIMITED, small, 50)).toEqual([]);
});

test('a bigger bundle is not, also where it grows by a file that is loaded later', () => {
  const noise = Array.from({ length: 500 }, (_, index) => Math.sin(index)).join();
  const bigger = { ...small, files: new Map([...small.files, ['later.js', noise]]) };
  expect(checkBundle(LIMITED, bigger, 50).join()).toMatch(/a call: \d+ B gzip, docs\/sizes.json says 50/);
});

test.each([
  ['undici in it', { ...small, modules: ['undici/index.js'] }, 50, 'holds undici/index.js'],
  ['an import of Node left in it', { ...small, imports: ['node:fs'] }, 50, 'holds node:fs'],
  ['a case that was never measured', small, undefined, 'does not know it'],
])('%s', (_mistake, made, committed, named) => {
  expect(checkBundle(LIMITED, made, committed).join()).toContain(named);
});
