/** Links of Markdown pages, as a reader of the repository, of a registry, and of an installed package meets them. */

import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';

import { filesBelow, read, root, workspacePackages, type WorkspacePackage } from './repository.ts';

/** Where the repository is read. Absolute, because a tarball holds no file of it. */
export const REPOSITORY = 'https://github.com/asset-clients/asset-clients/';
/** npm packs these without being told. */
const ALWAYS_PACKED = /^(?:package\.json|README\.md|LICENSE)$/;

/** Links of a Markdown file as they are written, without those in code. */
export function linksIn(markdown: string): string[] {
  const prose = markdown.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '').replaceAll(/`[^`\n]+`/g, '');
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].map(([, target]) => target!);
}

/** The anchors that a Markdown file has on GitHub: of its headings, and its own. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, id] of markdown.matchAll(/<a id="([^"]+)">/g)) anchors.add(id!);
  for (const [, heading] of markdown.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function publishedOwner(path: string): WorkspacePackage | undefined {
  return workspacePackages().find(({ folder, manifest }) => manifest.private !== true && path.startsWith(`${folder}/`));
}

/** Whether npm puts a file of a package into its tarball. */
function isPacked({ folder, manifest }: WorkspacePackage, path: string): boolean {
  const file = posix.relative(folder, path);
  const listed = (manifest['files'] as readonly string[] | undefined) ?? [];
  return ALWAYS_PACKED.test(file) || listed.some((entry) => file === entry || file.startsWith(`${entry}/`));
}

/**
 * What is wrong with the links of a page.
 *
 * A packaged page is read in node_modules, too: there it reaches its own tarball and, as neighbours, the packages that it depends on.
 */
export function brokenLinks(page: string): string[] {
  const owner = publishedOwner(page);
  const isPackaged = owner !== undefined && isPacked(owner, page);
  return linksIn(read(page)).flatMap((link) => {
    if (link.startsWith(REPOSITORY)) {
      const inside = /^(?:blob|tree)\/main\/([^#]+)(?:#(.+))?$/.exec(link.slice(REPOSITORY.length));
      return inside === null ? [] : missing(link, inside[1]!, inside[2]);
    }
    if (/^(?:https?|mailto):/.test(link)) return [];
    const [file = '', anchor] = link.split('#', 2);
    const path = file === '' ? page : posix.normalize(posix.join(posix.dirname(page), file));
    const problems = missing(link, path, anchor);
    if (!isPackaged || problems.length > 0 || file === '') return problems;
    const target = publishedOwner(path);
    const isNear = target?.folder === owner.folder || (target !== undefined && owner.manifest.dependencies?.[target.manifest.name] !== undefined);
    return isNear && isPacked(target!, path) ? [] : [`${link}: not there once the package is installed; write ${REPOSITORY}blob/main/${path}`];
  });
}

function missing(link: string, path: string, anchor: string | undefined): string[] {
  if (!existsSync(join(root, path))) return [`${link}: there is no ${path}`];
  if (anchor === undefined || !path.endsWith('.md')) return [];
  return anchorsOf(read(path)).has(anchor) ? [] : [`${link}: ${path} has no #${anchor}`];
}

/** Records have numbers of their own, none is left out, and the list has each. */
export function decisionProblems(): string[] {
  const files = filesBelow('docs/decisions', /\.md$/)
    .map((path) => posix.basename(path))
    .filter((name) => name !== 'README.md')
    .toSorted();
  const list = read('docs/decisions/README.md');
  return [
    ...files.flatMap((name, index) => (name.startsWith(`${String(index + 1).padStart(4, '0')}-`) ? [] : [`${name} has place ${index + 1}`])),
    ...files.filter((name) => !list.includes(`](${name})`)).map((name) => `README.md does not name ${name}`),
  ];
}
