/** `pnpm spec:update`: from a vendor's new document to generated code, a verdict and changesets. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseDocument, stringify, type Document } from 'yaml';

import { generate } from '../../codegen/src/generate.ts';
import { isDict, readSourceFile, type Dict } from '../../codegen/src/read-document.ts';
import { Repairs } from '../../codegen/src/report.ts';
import { changedFiles, replaceFolder } from '../../codegen/src/write-output.ts';
import type { Bump } from './bump.ts';
import { isLarger, largest } from './bump.ts';
import { changelogLines, writeChangesets, type Note } from './changesets.ts';
import { compareDocuments, operationsOf, type Comparison } from './compare.ts';
import { fileAt } from './git.ts';
import { applyOverlay } from './overlay.ts';
import { canonical } from './pointer.ts';
import { Problem } from './problem.ts';
import { bumpOf, callers, embedding, noticedByFake, widened, writePeerRange } from './propagate.ts';
import { readSource, type Source } from './read-source.ts';
import { Side } from './side.ts';
import { locate } from './target.ts';
import { compareTypes, readIfThere, type TypesView } from './types-view.ts';
import { judge, type ExplainedChange, type Verdict } from './verdict.ts';
import { run, type Package } from './workspace.ts';

export interface UpdateOptions {
  readonly root: string;
  /** What paths on the command line are relative to. */
  readonly cwd: string;
  /** `tenovos/assets` */
  readonly target: string;
  /** A file or a URL. */
  readonly from: string;
  readonly dryRun: boolean;
  /** Told about each step. */
  readonly log: (line: string) => void;
}

export interface UpdateResult {
  readonly bump: Bump;
  /** Package name to bump; only those that must be released. */
  readonly packages: Readonly<Record<string, Bump>>;
  readonly changes: readonly ExplainedChange[];
  readonly disagreements: readonly string[];
  /** Files that were written, changed or deleted; empty with `dryRun`. */
  readonly files: readonly string[];
}

/**
 * Takes over a vendor's new document.
 *
 * @returns What changed, for whom, and what was written.
 * @throws Problem or CodegenError with a message for the person at the keyboard. Nothing is written then.
 */
export async function update(options: UpdateOptions): Promise<UpdateResult> {
  const { root, log } = options;
  const { vendor, api, path, pack } = locate(root, options.target);
  const subject = `${vendor}-${api}`;

  log(`reading ${options.from}`);
  const source = await readSource(options.from, options.cwd);
  for (const { where, what, how } of source.repairs.slice(0, 5)) log(`  ${where}: ${what}; ${how}`);
  if (source.repairs.length > 5) log(`  and ${source.repairs.length - 5} more repairs`);
  const overlay = `specs/${vendor}/${api}.overlay.yaml`;
  const corrected = existsSync(join(root, overlay)) ? await applyOverlay(source.document, join(root, overlay), overlay) : source.document;
  const text = textOf(source, corrected);

  const scratch = scratchFolder(root);
  try {
    const current = readFileSync(join(root, path), 'utf8');
    const yesterday = (await fileAt(root, 'HEAD', path)) ?? current;
    const before = readText(join(scratch, 'before.yaml'), yesterday, path);
    const comparison = compareDocuments(before, corrected);
    if (text === yesterday && text === current) {
      log('the document is the one that is there');
      const { written, removed } = options.dryRun ? { written: [], removed: [] } : await writeChangesets(root, subject, []);
      return { bump: 'none', packages: {}, changes: [], disagreements: [], files: [...written, ...removed] };
    }

    const input = join(scratch, `${api}.yaml`);
    writeFileSync(input, text);
    await lint(root, join(scratch, 'before.yaml'), input, path, overlay, log);
    log('generating');
    const output = join(scratch, 'generated');
    await generate({ jobs: [{ input, output }], cwd: scratch, log });
    log('comparing the public types');
    const generated = `src/generated/${api}`;
    const dependants = callers(root, pack.manifest.name);
    const types = await compareTypes({
      root,
      pack,
      replaced: { path: generated, by: output },
      reportBefore: async (report) => (await fileAt(root, 'HEAD', report)) ?? readIfThere(join(root, report)),
      dependants,
    });
    const operations = [...new Set([...operationsOf(new Side(before)), ...operationsOf(new Side(corrected))].map(({ name }) => name))];
    const files = readFiles(output);
    const judged = withGeneratedText(
      judge(comparison, types, operations),
      await changedFiles(join(root, pack.folder, generated), files),
      yesterday === current,
    );

    const notes = new Map<string, Note>();
    if (judged.bump !== 'none') {
      notes.set(pack.manifest.name, {
        name: pack.manifest.name,
        bump: judged.bump,
        headline: `The API of ${api} changed (specs/${vendor}/${api}.yaml).`,
        lines: changelogLines(judged.changes),
      });
    }
    const disagreements = [...judged.disagreements];
    await addFakes(notes, { root, vendor, api, before, after: corrected, comparison });
    const ranges = addCallers(notes, disagreements, { pack, dependants, types, bump: judged.bump });
    const packages = Object.fromEntries([...notes.values()].map(({ name, bump }) => [name, bump]));
    const result = { bump: largest(Object.values(packages)), packages, changes: judged.changes, disagreements };
    if (options.dryRun) return { ...result, files: [] };

    const written: string[] = [];
    if (current !== text) {
      writeFileSync(join(root, path), text);
      written.push(path);
    }
    const changed = await changedFiles(join(root, pack.folder, generated), files);
    if (changed.length > 0) await replaceFolder(join(root, pack.folder, generated), files);
    written.push(...changed.map((file) => `${pack.folder}/${generated}/${file}`));
    for (const [report, content] of types.reports) {
      if (readIfThere(join(root, report)) === content) continue;
      mkdirSync(dirname(join(root, report)), { recursive: true });
      writeFileSync(join(root, report), content);
      written.push(report);
    }
    written.push(...(await renewPages(root, vendor)));
    const settled = await settleRanges(root, pack, ranges, notes, packages, disagreements, log);
    written.push(...settled);
    const { written: changesets, removed } = await writeChangesets(root, subject, [...notes.values()]);
    const final = Object.fromEntries([...notes.values()].map(({ name, bump }) => [name, bump]));
    return { ...result, packages: final, bump: largest(Object.values(final)), disagreements, files: [...written, ...changesets, ...removed] };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A folder in the repository, so that what is compiled in it finds its dependencies; ignored by git. */
function scratchFolder(root: string): string {
  const cache = join(root, 'tools/spec-change/.cache');
  mkdirSync(cache, { recursive: true });
  return mkdtempSync(join(cache, 'update-'));
}

/** Parses a document that is not in a file of its own. */
export function readText(file: string, text: string, label: string): Dict {
  writeFileSync(file, text);
  const { data } = readSourceFile(file, label, new Repairs());
  if (!isDict(data)) throw new Problem(`${label} is not an OpenAPI document.`);
  return data;
}

function readFiles(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The text of a corrected document: the vendor's own where it can stay, with its comments. */
export function textOf({ text, document }: Source, corrected: Dict): string {
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const written = stringify(plain(corrected), { lineWidth: 120 });
  if (text === undefined) return written;
  if (canonical(document) === canonical(corrected)) return text.endsWith('\n') ? text : `${text}\n`;
  try {
    const yaml = parseDocument(text);
    correct(yaml, [], plain(document), plain(corrected));
    if (canonical(yaml.toJS()) === canonical(corrected)) return yaml.toString({ lineWidth: 120 });
  } catch {
    // Aliases cannot be corrected in place.
  }
  return written;
}

function correct(yaml: Document, path: readonly string[], from: unknown, to: unknown): void {
  if (canonical(from) === canonical(to)) return;
  if (!isDict(from) || !isDict(to)) {
    yaml.setIn(path, yaml.createNode(to));
    return;
  }
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) yaml.deleteIn([...path, key]);
  for (const [key, value] of Object.entries(to)) correct(yaml, [...path, key], from[key], value);
}

/** What the linter says of the new document and not of yesterday's is told; vendors' documents are what they are. */
async function lint(root: string, before: string, after: string, path: string, overlay: string, log: (line: string) => void): Promise<void> {
  const require = createRequire(import.meta.url);
  const redocly = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin/cli.js');
  const { stdout, stderr } = await run(
    process.execPath,
    [redocly, 'lint', '--config', join(root, 'specs/redocly.yaml'), '--format', 'json', '--max-problems', '10000', before, after],
    root,
    {
      REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      REDOCLY_TELEMETRY: 'off',
      NO_COLOR: '1',
    },
  );
  // One object for each file.
  const reports = [...stdout.matchAll(/^\{[\s\S]*?^\}/gm)].map(([json]) => JSON.parse(json) as { problems?: LintProblem[] });
  if (reports.length === 0) {
    log(`lint: could not run: ${stderr.trim().split('\n', 1)[0] ?? ''}`);
    return;
  }
  const problems = reports.flatMap(({ problems: some = [] }) => some);
  const lineOf = ({ message, ruleId, location }: LintProblem): string => `${location?.[0]?.pointer ?? path}: ${message.split('\n', 1)[0]} (${ruleId})`;
  const isAfter = (problem: LintProblem): boolean => problem.location?.[0]?.source?.ref?.endsWith(basename(after)) === true;
  const known = new Set(problems.filter((problem) => !isAfter(problem)).map(lineOf));
  const found = problems
    .filter(isAfter)
    .map(lineOf)
    .filter((line) => !known.has(line));
  if (found.length === 0) return;
  log(`lint: ${found.length} new finding${found.length === 1 ? '' : 's'}; \`pnpm lint:specs\` fails until corrected in ${path} or ${overlay}`);
  for (const line of found.slice(0, 5)) log(`  ${line}`);
  if (found.length > 5) log(`  and ${found.length - 5} more`);
}

interface LintProblem {
  readonly message: string;
  readonly ruleId: string;
  readonly location?: readonly { readonly pointer?: string; readonly source?: { readonly ref?: string } }[];
}

/** Generated code that differs is published, whatever the two views say. */
function withGeneratedText(verdict: Verdict, changed: readonly string[], fresh: boolean): Verdict {
  const code = changed.filter((file) => file.endsWith('.ts'));
  if (!fresh || code.length === 0 || verdict.bump !== 'none') return verdict;
  const change: ExplainedChange = {
    operation: '*',
    path: '',
    text: `generated code differs (${code.join(', ')})`,
    bump: 'patch',
    because: 'what is published differs',
    seenBy: ['types'],
  };
  return {
    bump: 'patch',
    changes: [...verdict.changes, change],
    disagreements: [...verdict.disagreements, 'Neither view sees a change, and yet the generated code differs: released as a patch.'],
  };
}

interface FakeFacts {
  readonly root: string;
  readonly vendor: string;
  readonly api: string;
  readonly before: Dict;
  readonly after: Dict;
  readonly comparison: Comparison;
}

async function addFakes(notes: Map<string, Note>, { root, vendor, api, before, after, comparison }: FakeFacts): Promise<void> {
  for (const pack of embedding(root, `specs/${vendor}/${api}.yaml`)) {
    const noticed = await noticedByFake(root, pack, vendor, before, after, comparison.changes);
    const bump = bumpOf(noticed);
    if (bump === 'none') continue;
    const explained = noticed.map((change): ExplainedChange => ({ ...change, seenBy: ['document'] }));
    notes.set(pack.manifest.name, {
      name: pack.manifest.name,
      bump,
      headline: `The fake of ${vendor} follows its new document (specs/${vendor}/${api}.yaml).`,
      lines: changelogLines(explained),
    });
  }
}

interface PeerRange {
  readonly pack: Package;
  readonly range: string;
}

/** Packages that call the client: released only when they no longer compile, or when the client becomes a new major. */
function addCallers(
  notes: Map<string, Note>,
  disagreements: string[],
  { pack, dependants, types, bump }: { pack: Package; dependants: readonly Package[]; types: TypesView; bump: Bump },
): PeerRange[] {
  const ranges: PeerRange[] = [];
  const { name } = pack.manifest;
  const major = Number(pack.manifest.version.split('.')[0]) + 1;
  for (const other of dependants) {
    const errors = types.dependants.get(other.manifest.name) ?? [];
    const range = other.manifest.peerDependencies?.[name];
    if (errors.length > 0) {
      for (const line of errors) disagreements.push(`${other.manifest.name} must be adapted before this can be released: ${line}`);
      notes.set(other.manifest.name, {
        name: other.manifest.name,
        bump: 'major',
        headline: `Needs ${name} ${bump === 'major' ? major : 'of this release'}.`,
        lines: [],
      });
    } else if (bump === 'major' && range !== undefined) {
      ranges.push({ pack: other, range: widened(range, pack) });
      notes.set(other.manifest.name, { name: other.manifest.name, bump: 'minor', headline: `Works with ${name} ${major}, too.`, lines: [] });
    }
  }
  return ranges;
}

/** Widens peer ranges where the tests pass with both majors; where they do not, the package becomes a major itself. */
async function settleRanges(
  root: string,
  pack: Package,
  ranges: readonly PeerRange[],
  notes: Map<string, Note>,
  packages: Readonly<Record<string, Bump>>,
  disagreements: string[],
  log: (line: string) => void,
): Promise<string[]> {
  const written: string[] = [];
  if (ranges.length === 0) return written;
  const { name } = pack.manifest;
  log(`testing ${ranges.map(({ pack: other }) => other.manifest.name).join(', ')} with the new ${name}`);
  const turbo = join(root, 'node_modules/.bin/turbo');
  const built = await run(turbo, ['run', 'build', '--filter', name, '--output-logs=errors-only'], root, { TURBO_TELEMETRY_DISABLED: '1' });
  for (const { pack: other, range } of ranges) {
    const tests =
      built.code === 0
        ? await run(turbo, ['run', 'test', '--filter', other.manifest.name, '--output-logs=errors-only'], root, { TURBO_TELEMETRY_DISABLED: '1' })
        : built;
    if (tests.code === 0) {
      if (other.manifest.peerDependencies?.[name] === range) continue;
      writePeerRange(root, other, name, range);
      written.push(`${other.folder}/package.json`);
      log(`run \`pnpm install\`: the peer range of ${other.manifest.name} is ${range} now`);
    } else {
      const major = Number(pack.manifest.version.split('.')[0]) + 1;
      notes.set(other.manifest.name, { name: other.manifest.name, bump: 'major', headline: `Needs ${name} ${major}.`, lines: [] });
      disagreements.push(`${other.manifest.name} compiles with the new ${name}, but its tests fail: a major of its own, until they pass with both.`);
      if (!isLarger('major', packages[other.manifest.name] ?? 'none')) continue;
    }
  }
  return written;
}

/** Pages that are made from the documents: assumptions, and the tables of the READMEs. */
async function renewPages(root: string, vendor: string): Promise<string[]> {
  const scripts = ['assumptions', 'tables'].map((name) => join(root, `tools/repo-checks/src/${name}.ts`)).filter((script) => existsSync(script));
  const pages = ['docs/assumptions.md', 'docs/coverage.md', `packages/${vendor}/ASSUMPTIONS.md`, `packages/${vendor}/README.md`, 'packages/testing/README.md'];
  const before = pages.map((page) => readIfThere(join(root, page)));
  for (const script of scripts) await run(process.execPath, [script], root);
  const changed = pages.filter((page, index) => readIfThere(join(root, page)) !== before[index]);
  const readmes = changed.filter((page) => page.endsWith('README.md'));
  if (readmes.length > 0) await run(join(root, 'node_modules/.bin/oxfmt'), readmes, root);
  return changed;
}
