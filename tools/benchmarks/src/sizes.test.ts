import { describe, expect, test } from 'vitest';

import { measureSize } from './measure-size.ts';
import { sizeCases } from './size-cases.ts';
import { measureCases, readSizes } from './size-report.ts';

const UPDATE = 'If it has to be so, write it down: pnpm build && pnpm sizes';
/** Compression differs a little from one build of zlib to the next. */
const TOLERANCE = 100;
const committed = readSizes();

describe.each([...new Set(sizeCases.map((sizeCase) => sizeCase.package))])('a browser bundle with parts of %s', (name) => {
  test.each(sizeCases.filter((sizeCase) => sizeCase.package === name).map((sizeCase) => [sizeCase.name, sizeCase] as const))(
    '%s: no larger than docs/sizes.json says, and without what it does not use',
    async (caseName, sizeCase) => {
      const { rolldown, esbuild, modules } = (await measureCases([sizeCase]))[caseName]!;
      const before = committed[caseName];
      expect(before, `docs/sizes.json does not know "${caseName}". ${UPDATE}`).toBeDefined();
      expect(rolldown, `rolldown: the bundle grew. ${UPDATE}`).toBeLessThanOrEqual(before!.rolldown + TOLERANCE);
      expect(esbuild, `esbuild: the bundle grew. ${UPDATE}`).toBeLessThanOrEqual(before!.esbuild + TOLERANCE);
      for (const unwanted of sizeCase.without) expect(modules.filter((module) => unwanted.test(module))).toEqual([]);
      expect(modules.some((module) => module.startsWith('ky/'))).toBe(true);
    },
    60_000,
  );
});

test('docs/sizes.json holds the cases of today and no others', () => {
  expect(Object.keys(committed).toSorted()).toEqual(['ky alone', ...sizeCases.map(({ name }) => name)].toSorted());
});

test('the measure sees what is in a bundle', async () => {
  const { rolldown, modules } = await measureSize(`console.log(${JSON.stringify(Array.from({ length: 3000 }, (_, i) => Math.sin(i)))})`);
  expect(rolldown).toBeGreaterThan(20_000);
  expect(modules).toHaveLength(1);
});
