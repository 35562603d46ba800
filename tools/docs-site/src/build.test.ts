import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { build, site } from './build.ts';
import { shortened } from './guides.ts';
import { withCards } from './html.ts';

const ADDRESS = 'https://docs.example.com/asset-clients/';

let pages: string[];

// Fails where a link of a page or of a doc comment leads nowhere.
beforeAll(async () => {
  await build(ADDRESS);
  pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
}, 120_000);

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

test('the page of a client lists its operations and jobs, and says what each does', () => {
  const client = page('interfaces/_asset-clients_egain.EgainConversationClient.html');
  for (const method of ['createAsset', 'getAsset', 'deleteAsset', 'uploadAsset', 'downloadAsset', 'request', 'close'])
    expect(client).toContain(`id="${method.toLowerCase()}`);
  expect(client).toContain('Registers an asset and returns a signed URL');
});

test('the guides are there', () => {
  for (const title of ['Recipes', 'Assumptions', 'Coverage', 'Write_an_adapter', 'Sizes']) {
    expect(page(`documents/${title}.html`).length).toBeGreaterThan(1000);
  }
});

test('nothing of this machine is in the pages', () => {
  expect(pages.length).toBeGreaterThan(100);
  const root = new URL('../../..', import.meta.url).pathname;
  expect(pages.filter((file) => page(file).includes(root))).toEqual([]);
});

test('search engines are told what each page is, and where', () => {
  const wrong = pages.filter((file) => {
    const [, title = ''] = /<title>([^<]*)<\/title>/.exec(page(file)) ?? [];
    const [, description = ''] = /<meta name="description" content="([^"]*)"\/>/.exec(page(file)) ?? [];
    const [, canonical] = /<link rel="canonical" href="([^"]*)"\/>/.exec(page(file)) ?? [];
    const address = ADDRESS + (file === 'index.html' ? '' : file);
    return !title.includes('Asset Clients') || description.length < 15 || description.startsWith('Documentation for') || canonical !== address;
  });
  expect(wrong).toEqual([]);
  const described = new Set(pages.map((file) => /<meta name="description" content="([^"]*)"/.exec(page(file))?.[1]));
  // Packages re-export some declarations of each other, which say the same.
  expect(described.size).toBeGreaterThan(pages.length * 0.9);
  const listed = [...page('sitemap.xml').matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, address]) => address!.slice(ADDRESS.length));
  expect(listed.toSorted()).toEqual(pages.toSorted());
});

test('every link inside the website leads to a page and a place that are there', () => {
  const ids = new Map(pages.map((file) => [file, new Set([...page(file).matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id!))]));
  const broken = pages.flatMap((file) =>
    [...page(file).matchAll(/\bhref="([^"]+)"/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^(?:[a-z]+:|#?$)/.test(link) && !link.includes('icons.svg'))
      .filter((link) => {
        const [path = '', anchor] = link.split('#', 2);
        const target = path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path));
        if (!existsSync(join(site, target))) return true;
        return anchor !== undefined && target.endsWith('.html') && ids.get(target)?.has(decodeURIComponent(anchor)) !== true;
      })
      .map((link) => `${file}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('what is no page of the website is read in the repository', () => {
  expect(existsSync(join(site, 'media'))).toBe(false);
  expect(page('documents/Getting_started__egain.html')).toContain('href="Assumptions.html#egain-conversation-host"');
  expect(page('index.html')).toContain('href="https://github.com/asset-clients/asset-clients/blob/main/docs/architecture.md"');
});

test('tables with much text become cards, with the heading of each cell', () => {
  const table = (cell: string): string =>
    `<table><thead><tr><th>a</th><th><code>b</code></th></tr></thead><tbody><tr><td>1</td><td>${cell}</td></tr></tbody></table>`;
  expect(withCards(table('short'))).toBe(table('short'));
  expect(withCards(table('a sentence that is too long for a telephone but no more'))).toContain('class="cards-on-phones"');
  const cards = withCards(table('many words '.repeat(40)));
  expect(cards).toContain('class="cards"');
  expect(cards).toContain('data-label="a">1</td>');
  expect(cards).toContain('data-label="b">many');
});

test('descriptions end between words', () => {
  expect(shortened('one two three', 12)).toBe('one two...');
  expect(shortened('one two', 12)).toBe('one two');
});
