/** The website in a real Chromium (`pnpm test:browser`), on a desk and on a phone. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { findRuntime } from '@asset-clients/runtimes';
import { launch, type Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { build, site } from './build.ts';

let browser: Browser;

beforeAll(async () => {
  await build();
  const found = findRuntime('Chromium');
  if (found.path === undefined) throw new Error(found.missing);
  browser = await launch({ executablePath: found.path, args: ['--no-sandbox'] });
});
afterAll(async () => browser.close());

/** All guides, the packages, and of everything else the longest names. */
function pages(): string[] {
  const all = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const guides = all.filter((file) => /^documents\b|^index|^modules[/\\][\w-]+_[a-z]+\.html$/.test(file));
  const longest = all.filter((file) => /^(?:functions|interfaces|types)\b/.test(file)).toSorted((a, b) => b.length - a.length);
  return [...guides, ...longest.slice(0, 5), 'classes/_asset-clients_runtime.ApiError.html'];
}

test.each([1280, 390])('at %i pixels no page moves sideways, nothing is cut, and no script fails', async (width) => {
  const problems: string[] = [];
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 800 });
  tab.on('pageerror', (error) => problems.push(String(error)));
  for (const page of pages()) {
    await tab.goto(pathToFileURL(join(site, page)).href, { waitUntil: 'load' });
    const found = await tab.evaluate(() => {
      // Hidden by TypeDoc for half a second, until its menu is there.
      document.body.style.removeProperty('display');
      const widest = document.documentElement.scrollWidth;
      const seen = document.querySelector('.col-content')?.textContent?.trim().length ?? 0;
      // A table or a piece of code may be wider than the page only where it can be moved.
      const cut = [...document.querySelectorAll('.tsd-typography table, .tsd-typography pre')].filter(
        (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'visible',
      );
      return { wide: widest > innerWidth ? widest : 0, seen, cut: cut.length };
    });
    if (found.wide > 0) problems.push(`${page} is ${found.wide} wide`);
    if (found.seen < 20) problems.push(`${page} shows nothing`);
    if (found.cut > 0) problems.push(`${page} cuts ${found.cut} tables or examples`);
  }
  await tab.close();
  expect(problems).toEqual([]);
});

test('the search finds words of guides and names of declarations', async () => {
  const tab = await browser.newPage();
  await tab.goto(pathToFileURL(join(site, 'index.html')).href, { waitUntil: 'load' });
  await tab.waitForFunction(() => document.body.style.display !== 'none');
  await tab.click('#tsd-search-trigger');
  for (const [words, page] of [
    ['rotate', 'Recipes.html'],
    ['downloadAttachment', 'EgainAttachmentJobs.html#downloadattachment'],
  ]) {
    await tab.$eval('#tsd-search-input', (input) => ((input as HTMLInputElement).value = ''));
    await tab.type('#tsd-search-input', words!);
    await tab.waitForFunction((end) => [...document.querySelectorAll('#tsd-search-results a')].some((a) => a.getAttribute('href')!.endsWith(end!)), {}, page);
  }
  await tab.close();
});
