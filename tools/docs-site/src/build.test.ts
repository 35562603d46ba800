import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { build, site } from './build.ts';

// Fails where a link of a page or of a doc comment leads nowhere.
beforeAll(build, 120_000);

const page = (path: string): string => readFileSync(join(site, path), 'utf8');
const packages = readdirSync(new URL('../../../packages', import.meta.url));

test.each(packages)('%s has a page that lists what it exports, and one to get started', (name) => {
  expect(page(`modules/_asset-clients_${name}.html`).match(/tsd-member-summary-name/g)?.length ?? 0).toBeGreaterThan(3);
  expect(page(`documents/Getting_started__${name}.html`).includes(`@asset-clients/${name}`)).toBe(true);
});

test('doc comments reach the reader', () => {
  const text = page('functions/_asset-clients_tenovos.createTenovosClient.html');
  expect(['Throws', 'ApiError', 'Example'].filter((word) => !text.includes(word))).toEqual([]);
});

test('the guides are there', () => {
  for (const title of ['Recipes', 'Assumptions', 'Write_an_adapter', 'Sizes']) expect(page(`documents/${title}.html`).length).toBeGreaterThan(1000);
});

test('nothing of this machine is in the pages', () => {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  expect(files.length).toBeGreaterThan(100);
  const root = new URL('../../..', import.meta.url).pathname;
  expect(files.filter((file) => page(file).includes(root))).toEqual([]);
});
