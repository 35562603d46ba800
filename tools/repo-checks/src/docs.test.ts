import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { assumptionsIn, assumptionsPages } from './assumptions.ts';
import { coveragePage, coverageSections, JOBS } from './coverage.ts';
import { brokenLinks, decisionProblems } from './links.ts';
import { documents, filesBelow, read, vendors, workspacePackages } from './repository.ts';
import { normalised, written } from './sections.ts';
import { tableSections, tablesOf } from './tables.ts';

const pages = [...filesBelow('.', /\.md$/)].filter((file) => !file.startsWith('.changeset/') && !file.endsWith('CHANGELOG.md'));

const assumptionPages = Object.entries(assumptionsPages());

test.each(assumptionPages)('%s is what the documents say (pnpm docs:assumptions writes it)', (path, page) => {
  expect(read(path)).toBe(page);
});

test("no package has a page of assumptions that its documents do not give, and each page is in its package's tarball", () => {
  const given = assumptionPages.map(([path]) => path).filter((path) => path.startsWith('packages/'));
  expect(filesBelow('packages', /^ASSUMPTIONS\.md$/).toSorted()).toEqual(given.toSorted());
  const packed = workspacePackages().filter(({ manifest }) => (manifest['files'] as string[] | undefined)?.includes('ASSUMPTIONS.md'));
  expect(packed.map(({ folder }) => `${folder}/ASSUMPTIONS.md`).toSorted()).toEqual(given.toSorted());
});

const sections = [...(await tableSections()), ...coverageSections()];

test.each(sections)('$path: the $name are those of the source (pnpm docs:tables writes them)', (section) => {
  expect(normalised(written(section))).toBe(normalised(section.text));
});

test('the README of the runtime tells of each kind of error, once', () => {
  const kinds = /export type ErrorKind =([^;]+);/
    .exec(read('packages/runtime/src/errors.ts'))![1]!
    .match(/'([a-z-]+)'/g)!
    .map((kind) => kind.slice(1, -1));
  const rows = [...read('packages/runtime/README.md').matchAll(/^\| `([a-z-]+)` +\|(.*)\|$/gm)].filter(([, kind]) => kinds.includes(kind!));
  expect(rows.map(([, kind]) => kind)).toEqual(kinds);
  // Each says what happened, whether it is asked again, and what to do.
  expect(rows.filter(([, , cells]) => cells!.split(' | ').filter((cell) => cell.trim() !== '').length !== 3)).toEqual([]);
});

test('docs/coverage.md is what the documents say (pnpm docs:tables writes it)', () => {
  expect(read('docs/coverage.md')).toBe(coveragePage());
});

test.each(vendors())('the README of %s has its tables', async (vendor) => {
  const { errors, retry } = await tablesOf(vendor);
  const path = `packages/${vendor}/README.md`;
  expect(sections.some((section) => section.path === path && section.name === 'tables') || errors.length + retry.length === 0).toBe(true);
  expect(sections.some((section) => section.path === path && section.name === 'coverage')).toBe(true);
});

test('the coverage knows only jobs of documents and operations that exist', () => {
  const known = documents().map(([vendor, api]) => `${vendor}/${api}`);
  expect(Object.keys(JOBS).filter((name) => !known.includes(name))).toEqual([]);
  for (const [name, jobs] of Object.entries(JOBS)) {
    const [vendor, api] = name.split('/');
    const ids = new Set([...read(`packages/${vendor}/src/generated/${api}/operations.ts`).matchAll(/^\s+id: '(\w+)'/gm)].map(([, id]) => id!));
    expect(
      Object.values(jobs)
        .flat()
        .filter((id) => !ids.has(id)),
      name,
    ).toEqual([]);
  }
});

test('the README of testing has the operations of every fake', () => {
  const section = sections.find(({ path }) => path === 'packages/testing/README.md')?.text ?? '';
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

test.each(pages)('%s links only to what exists where it is read', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test('decisions are numbered from 0001 without holes, and all are in the list', () => {
  expect(decisionProblems()).toEqual([]);
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
