import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { assumptionsIn, assumptionsPage } from './assumptions.ts';
import { documents, filesBelow, read, root, vendors } from './repository.ts';
import { normalised, pages as tablePages, tablesOf, written } from './tables.ts';

const pages = [...filesBelow('.', /\.md$/)].filter((file) => !file.startsWith('.changeset/') && !file.endsWith('CHANGELOG.md'));

test('docs/assumptions.md is what the documents say (pnpm docs:assumptions writes it)', () => {
  expect(read('docs/assumptions.md')).toBe(assumptionsPage());
});

const tables = await tablePages();

test.each(tables)('the tables of $path are those of the source (pnpm docs:tables writes them)', ({ path, section }) => {
  expect(normalised(written(path))).toBe(normalised(section));
});

test.each(vendors())('the README of %s has its tables', async (vendor) => {
  const { errors, retry } = await tablesOf(vendor);
  const hasTables = tables.some(({ path }) => path === `packages/${vendor}/README.md`);
  expect(hasTables || errors.length + retry.length === 0).toBe(true);
});

test('the README of testing has the operations of every fake', () => {
  const section = tables.find(({ path }) => path === 'packages/testing/README.md')?.section ?? '';
  const missing = vendors().flatMap((vendor) =>
    [...read(`packages/testing/src/${vendor}/operations.ts`).matchAll(/^ {2}'(\w+)',$/gm)]
      .filter(([, operation]) => !section.includes(`| ${vendor} | \`${operation}\` |`))
      .map(([, operation]) => `${vendor} ${operation}`),
  );
  expect(missing).toEqual([]);
});

const assumptions = documents().flatMap(([vendor, api]) =>
  assumptionsIn(parse(read(`specs/${vendor}/${api}.yaml`))).map((assumption) => ({ vendor, ...assumption })),
);

test('every assumption has an id of its own', () => {
  const ids = assumptions.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test.each(assumptions.filter(({ option }) => option !== null))('the client option of $id exists: $option', ({ vendor, option }) => {
  const name = option!.split('.').at(-1)!;
  const sources = filesBelow(`packages/${vendor}/src`, /^(?!.*\.test).*\.ts$/).filter((file) => !file.includes('/generated/'));
  expect(sources.some((file) => new RegExp(`readonly ${name}\\??:`).test(read(file)))).toBe(true);
});

test.each(assumptions.filter(({ fake }) => fake !== null))("the fake's switch of $id exists: $fake", ({ vendor, fake }) => {
  expect(read(`packages/testing/src/${vendor}/assumptions.ts`)).toMatch(new RegExp(`\\b${fake}\\??:`));
});

test.each(pages)('%s links only to files that exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!);
  expect(links.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
});

const excerpts = pages.flatMap((page) =>
  [...read(page).matchAll(/<!-- from (\S+) -->\n+```\w*\n([\s\S]*?)\n```/g)].map(([, file, text]) => ({ page, file: file!, text: text! })),
);

test.each(excerpts)('the excerpt in $page is in $file', ({ file, text }) => {
  const bare = (lines: string): string => lines.replaceAll(/^[ \t]+/gm, '');
  expect(bare(read(file))).toContain(bare(text));
});

test('the first screen of the README says what must be said first', () => {
  const readme = read('README.md').replaceAll(/ +/g, ' ');
  const order = [
    'Typed TypeScript clients',
    'Unofficial, not affiliated with eGain, Tenovos or RWS; built from public documentation, never run against a live tenant',
    'npm install',
    'createFakeTenovos',
    '| source |',
    'Three doors',
    'Two commands',
  ];
  const positions = order.map((text) => readme.replaceAll(/\n> /g, ' ').indexOf(text));
  expect(
    positions.every((position) => position >= 0),
    JSON.stringify(positions),
  ).toBe(true);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
});
