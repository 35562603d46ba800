/** The Markdown pages of the repository as pages of the website. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Where files are that are no pages of the website. */
const REPOSITORY = 'https://github.com/asset-clients/asset-clients/blob/main/';
/** The start page. */
const START = 'README.md';
/** Pages in the order of the menu: first what a newcomer reads. */
const GUIDES: readonly string[] = [
  'packages/egain/README.md',
  'packages/tenovos/README.md',
  'packages/worldserver/README.md',
  'packages/unified/README.md',
  'packages/testing/README.md',
  'packages/runtime/README.md',
  'tools/codegen/README.md',
  'docs/recipes.md',
  'docs/guides/three-vendors.md',
  'docs/guides/write-an-adapter.md',
  'docs/coverage.md',
  'docs/assumptions.md',
  'docs/sizes.md',
  'docs/benchmarks.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
];
const PAGES: ReadonlySet<string> = new Set([START, ...GUIDES]);

/** A page, ready to be read by TypeDoc. */
export interface Guide {
  readonly file: string;
  /** Its first heading; of a package, what is under it. */
  readonly title: string;
  /** Its first sentences, for search engines. */
  readonly description: string;
}

/** Where a link of a page leads, below the repository; `undefined`: elsewhere, or on the same page. */
function targetOf(link: string, page: string): string | undefined {
  if (link.startsWith(REPOSITORY)) return link.slice(REPOSITORY.length);
  if (/^(?:[a-z]+:|#)/i.test(link)) return undefined;
  return posix.normalize(posix.join(posix.dirname(page), link));
}

/** Pages of the website link to each other, and to the repository where there is no such page. */
function relink(markdown: string, page: string): string {
  return outsideCode(markdown, (prose) =>
    prose.replaceAll(/\]\(([^)\s]+)\)/g, (whole, link: string) => {
      const target = targetOf(link, page);
      if (target === undefined) return whole;
      const [path = '', anchor] = target.split('#', 2);
      // The website has the assumptions of all vendors on one page.
      const shown = path.endsWith('/ASSUMPTIONS.md') ? 'docs/assumptions.md' : path;
      const address = PAGES.has(shown) ? posix.relative(posix.dirname(page), shown) : `${REPOSITORY}${path}`;
      return `](${address}${anchor === undefined ? '' : `#${anchor}`})`;
    }),
  );
}

function outsideCode(markdown: string, change: (prose: string) => string): string {
  return markdown
    .split(/(^(`{3,})[\s\S]*?^\2$)/m)
    .filter((_part, index) => index % 3 !== 2)
    .map((part) => (part.startsWith('```') ? part : change(part)))
    .join('');
}

/** Text without the marks of Markdown. */
export function plainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*_>]|<[^>]+>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** At most as long as search engines show, cut between words. */
export function shortened(text: string, length: number = 160): string {
  if (text.length <= length) return text;
  return `${text.slice(0, text.lastIndexOf(' ', length - 3)).replace(/[\s,;:.]+$/, '')}...`;
}

function guideOf(page: string, file: string, markdown: string): Guide {
  const heading = plainText(/^# (.+)$/m.exec(markdown)?.[1] ?? page);
  const prose = markdown
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .find((paragraph) => /^[A-Za-z[`*_]/.test(paragraph) && paragraph.length > 40);
  return {
    file,
    title: heading.replace(/^@asset-clients\/(\w+)$/, 'Getting started: $1'),
    description: shortened(plainText(prose ?? heading)),
  };
}

/**
 * Writes the pages into a folder, laid out as in the repository.
 *
 * @returns The start page, and the others in the order of the menu.
 */
export function writeGuides(root: string, folder: string): { readonly start: Guide; readonly guides: readonly Guide[] } {
  rmSync(folder, { recursive: true, force: true });
  const write = (page: string): Guide => {
    const file = join(folder, page);
    const markdown = relink(readFileSync(join(root, page), 'utf8'), page);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, markdown);
    return guideOf(page, file, markdown);
  };
  return { start: write(START), guides: GUIDES.map(write) };
}
