/** `pnpm spec:check`: does every change of a public surface since the base have a changeset that is large enough? */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { entriesOf } from './api-report.ts';
import { isLarger, largest, type Bump } from './bump.ts';
import { changelogLines, declaredBumps, writeChangesets, type Note } from './changesets.ts';
import { compareDocuments } from './compare.ts';
import { fileAt, filesAt, isCommit, isRepository, isShallow, mergeBase } from './git.ts';
import { Problem } from './problem.ts';
import { embedding, noticedByFake } from './propagate.ts';
import { compareReports, withoutComments } from './report-types.ts';
import { readText } from './update.ts';
import type { ExplainedChange } from './verdict.ts';
import { publishedPackages, type Manifest } from './workspace.ts';

export interface CheckOptions {
  readonly root: string;
  /** A commit to compare with; `origin/main` or `main` when absent. */
  readonly base?: string;
  /** Write the changesets that are missing. */
  readonly write: boolean;
}

export interface CheckResult {
  /** Where the comparison starts; undefined: there is nothing to compare with, and why. */
  readonly base: string | undefined;
  readonly reason?: string;
  /** Packages whose changeset is missing or too small. */
  readonly missing: readonly Note[];
  /** What each package needs. */
  readonly needed: ReadonlyMap<string, Bump>;
  readonly written: readonly string[];
}

/** The command that writes what is missing. */
export const fixCommand = 'pnpm spec:check --write';

/**
 * Finds packages that changed for their users without saying so.
 *
 * @throws Problem when the base is not here (a shallow clone, a wrong name).
 */
export async function check({ root, base: wanted, write }: CheckOptions): Promise<CheckResult> {
  const found = await findBase(root, wanted);
  if (found.base === undefined) return { base: undefined, reason: found.reason, missing: [], needed: new Map(), written: [] };
  const { base } = found;
  const changes = new Map<string, ExplainedChange[]>();
  const add = (name: string, more: readonly ExplainedChange[]): void => void changes.set(name, [...(changes.get(name) ?? []), ...more]);
  await addReports(root, base, add);
  await addDocuments(root, base, add);

  const declared = await declaredBumps(root, base);
  const needed = new Map<string, Bump>();
  const missing: Note[] = [];
  for (const { manifest, folder } of publishedPackages(root)) {
    const found = changes.get(manifest.name) ?? [];
    const need = largest(found.map(({ bump }) => bump));
    if (need === 'none') continue;
    needed.set(manifest.name, need);
    const old = await fileAt(root, base, `${folder}/package.json`);
    const released = old === undefined ? 'none' : step((JSON.parse(old) as Manifest).version, manifest.version);
    const said = largest([declared.get(manifest.name) ?? 'none', released]);
    if (isLarger(need, said))
      missing.push({ name: manifest.name, bump: need as Note['bump'], headline: 'Changes that users notice:', lines: changelogLines(tellable(found)) });
  }
  const written = write ? (await writeChangesets(root, 'check', missing)).written : [];
  return { base, missing, needed, written };
}

/** What only the types show, where the documents explain as much already, is the same change again. */
function tellable(changes: readonly ExplainedChange[]): ExplainedChange[] {
  const explained = largest(changes.filter(({ seenBy }) => seenBy.includes('document')).map(({ bump }) => bump));
  return changes.filter(({ seenBy, bump }) => seenBy.includes('document') || isLarger(bump, explained));
}

async function findBase(root: string, wanted: string | undefined): Promise<{ base: string } | { base: undefined; reason: string }> {
  if (!(await isRepository(root))) return { base: undefined, reason: 'this is not a git repository' };
  const shallow = await isShallow(root);
  const candidates = wanted === undefined ? ['origin/main', 'main'] : [wanted];
  for (const candidate of candidates) {
    if (!(await isCommit(root, candidate))) continue;
    const base = await mergeBase(root, candidate);
    if (base !== undefined) return { base };
    if (shallow)
      throw new Problem(
        `This clone is shallow: it does not reach back to where this branch left ${candidate}.`,
        'Run "git fetch --unshallow" (in CI: fetch-depth: 0).',
      );
  }
  if (wanted !== undefined) throw new Problem(`There is no commit "${wanted}" here.`, shallow ? 'Run "git fetch --unshallow".' : 'Give another --base.');
  if (shallow)
    throw new Problem(
      'This clone is shallow and knows neither origin/main nor main.',
      'Run "git fetch --unshallow origin main" (in CI: fetch-depth: 0), or give --base.',
    );
  return { base: undefined, reason: 'there is neither origin/main nor main' };
}

type Add = (name: string, changes: readonly ExplainedChange[]) => void;

async function addReports(root: string, base: string, add: Add): Promise<void> {
  for (const pack of publishedPackages(root)) {
    for (const { reportFile, specifier } of entriesOf(pack)) {
      const before = await fileAt(root, base, reportFile);
      // A package or an entry point that is new needs no bump on its own account.
      if (before === undefined) continue;
      const after = existsSync(join(root, reportFile)) ? readFileSync(join(root, reportFile), 'utf8') : '';
      if (before === after) continue;
      const because = 'seen by comparing the public types';
      const found = await compareReports(before, after, join(root, pack.folder, '.cache'));
      add(
        pack.manifest.name,
        found.map(({ bump, name, text }) => ({ operation: '*', path: name, text, bump, because, seenBy: ['types'] })),
      );
      if (found.length === 0 && withoutComments(before) === withoutComments(after)) {
        add(pack.manifest.name, [{ operation: '*', path: specifier, text: `texts of \`${specifier}\` differ`, bump: 'patch', because, seenBy: ['types'] }]);
      }
    }
  }
}

async function addDocuments(root: string, base: string, add: Add): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'spec-check-'));
  try {
    for (const vendor of await filesAt(root, base, 'specs')) {
      for (const path of await filesAt(root, base, vendor)) {
        if (!path.endsWith('.yaml') || path.endsWith('.overlay.yaml')) continue;
        const [was, is] = [await fileAt(root, base, path), existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined];
        if (was === undefined || is === undefined || was === is) continue;
        const [before, after] = [readText(join(folder, 'before.yaml'), was, path), readText(join(folder, 'after.yaml'), is, path)];
        const { changes } = compareDocuments(before, after);
        const owner = vendor.split('/').at(-1)!;
        const pack = publishedPackages(root).find((candidate) => candidate.folder === `packages/${owner}`);
        if (pack)
          add(
            pack.manifest.name,
            changes.map((change) => ({ ...change, seenBy: ['document'] })),
          );
        for (const fake of embedding(root, path)) {
          const noticed = await noticedByFake(root, fake, owner, before, after, changes);
          add(
            fake.manifest.name,
            noticed.map((change) => ({ ...change, seenBy: ['document'] })),
          );
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bump between two versions. */
export function step(from: string, to: string): Bump {
  const [a, b] = [from, to].map((version) => version.split(/[.+-]/).slice(0, 3).map(Number));
  for (const [index, bump] of (['major', 'minor', 'patch'] as const).entries()) {
    if (b![index] !== a![index]) return b![index]! > a![index]! ? bump : 'none';
  }
  return 'none';
}
