/**
 * The second view: the public types of a package, as they are and as they will be. Nothing of the repository is touched:
 * the package is compiled in a folder of its own.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { readmeExamples, writeExamples } from '../../integration/readme/examples.ts';
import { entriesOf, reportOf } from './api-report.ts';
import { textsAt } from './git.ts';
import { Problem } from './problem.ts';
import { compareReports, type TypeChange } from './report-types.ts';
import { run, tsc, type Package } from './workspace.ts';

export interface TypesView {
  readonly changes: readonly TypeChange[];
  /** Lines of user code (type tests, examples) that no longer compile. */
  readonly broken: readonly string[];
  /** Lines of the package's own code that no longer compile. */
  readonly ownErrors: readonly string[];
  /** Lines of other packages' code that no longer compile, by package. */
  readonly dependants: ReadonlyMap<string, readonly string[]>;
  /** Path of each report to its new text. */
  readonly reports: ReadonlyMap<string, string>;
}

export interface TypesViewOptions {
  readonly root: string;
  readonly pack: Package;
  /** `src/generated/assets`, and the folder whose files replace it. */
  readonly replaced: { readonly path: string; readonly by: string };
  /** Yesterday's report at a path, if there is one. */
  readonly reportBefore: (path: string) => Promise<string | undefined>;
  /** Packages that use this one. */
  readonly dependants: readonly Package[];
}

/** Compares the public types of a package with what they will be when generated code is replaced. */
export async function compareTypes({ root, pack, replaced, reportBefore, dependants }: TypesViewOptions): Promise<TypesView> {
  const cache = join(root, pack.folder, '.cache');
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'spec-change-'));
  try {
    cpSync(join(root, pack.folder, 'src'), join(scratch, 'src'), { recursive: true, filter: (path) => !/\.test(?:-d)?\.ts$/.test(path) });
    rmSync(join(scratch, replaced.path), { recursive: true, force: true });
    cpSync(replaced.by, join(scratch, replaced.path), { recursive: true });
    const ownErrors = await build(root, pack, scratch);
    let yesterday: Promise<Paths> | undefined;
    const pathsBefore = (): Promise<Paths> => (yesterday ??= typesOfYesterday(root, pack, replaced.path, join(scratch, 'yesterday')));

    const changes: TypeChange[] = [];
    const reports = new Map<string, string>();
    for (const entry of entriesOf(pack)) {
      const after = reportOf(root, pack, join(scratch, 'dist', basename(entry.types)));
      const before = (await reportBefore(entry.reportFile)) ?? reportOf(root, pack, join(root, entry.types));
      reports.set(entry.reportFile, after);
      for (const change of await compareReports(before, after, cache)) {
        // Names that several entry points offer are said once.
        if (!changes.some(({ name, text }) => name === change.name && text === change.text)) changes.push(change);
      }
    }
    const paths = pathsTo(pack, scratch);
    const broken = await compileUserCode(root, paths, pathsBefore);
    const others = new Map<string, string[]>();
    for (const other of dependants) others.set(other.manifest.name, await compilePackage(root, other, paths, pathsBefore));
    return { changes, broken, ownErrors, dependants: others, reports };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

type Paths = Readonly<Record<string, readonly string[]>>;

const pathsTo = (pack: Package, folder: string): Paths =>
  Object.fromEntries(entriesOf(pack).map(({ specifier, types }) => [specifier, [join(folder, 'dist', basename(types))]]));

/**
 * What user code compiled against before the change: the packages as built or, when an earlier run has already replaced the
 * generated code that they were built from, the sources of the commit. Otherwise a second run would find nothing broken.
 */
async function typesOfYesterday(root: string, pack: Package, generated: string, folder: string): Promise<Paths> {
  const sources = await textsAt(root, 'HEAD', `${pack.folder}/src`);
  const replaced = [...sources].some(([path, text]) => path.startsWith(`${pack.folder}/${generated}/`) && readIfThere(join(root, path)) !== text);
  if (!replaced) return {};
  for (const [path, text] of sources) {
    if (/\.test(?:-d)?\.ts$/.test(path)) continue;
    const file = join(folder, path.slice(pack.folder.length + 1));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  await build(root, pack, folder);
  return pathsTo(pack, folder);
}

/** Builds the sources in a folder as the package itself is built; gives what does not compile. */
async function build(root: string, pack: Package, scratch: string): Promise<string[]> {
  const home = join(root, pack.folder);
  cpSync(join(home, 'package.json'), join(scratch, 'package.json'));
  const config = readFileSync(join(home, 'tsdown.config.ts'), 'utf8');
  writeFileSync(
    join(scratch, 'tsdown.config.ts'),
    config.replaceAll(/'(\.\.\/[^']+)'/g, (_, path: string) => JSON.stringify(pathToFileURL(join(home, path)).href)),
  );
  const compilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tools/config/tsconfig.base.json'), compilerOptions, include: ['src'] }));
  const [built, checked] = await Promise.all([run(process.execPath, [tsdown(root), '--logLevel', 'error'], scratch), tscIn(scratch)]);
  if (!existsSync(join(scratch, 'dist'))) throw new Problem(`${pack.manifest.name} does not build with the new code:\n${built.stdout}${built.stderr}`);
  return errorsIn(checked).map((line) => `${pack.folder}/${line.replaceAll(`${scratch}/`, `${pack.folder}/`)}`);
}

const tsdown = (root: string): string => join(root, 'node_modules/tsdown/dist/run.mjs');

/** Compiles type tests and examples against declarations that stand in for packages; gives what no longer compiles. */
async function compileUserCode(root: string, paths: Paths, pathsBefore: () => Promise<Paths>): Promise<string[]> {
  const cache = join(root, 'tools/integration/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'user-code-'));
  try {
    const examples = readmeExamples(root, folder);
    writeExamples(folder, examples);
    const names = new Map(examples.map(({ file, readme, line }) => [basename(file), (at: number): string => `${readme}:${line + at}`]));
    const tests = join(root, 'tools/integration/test');
    for (const file of existsSync(tests) ? readdirSync(tests).filter((name) => name.endsWith('.test-d.ts')) : []) {
      cpSync(join(tests, file), join(folder, file));
      names.set(file, (at) => `tools/integration/test/${file}:${at}`);
    }
    const compile = async (mapped: Paths): Promise<string[]> => {
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: join(root, 'tools/config/tsconfig.base.json'),
          compilerOptions: { noEmit: true, declaration: false, isolatedDeclarations: false, noUnusedLocals: false, erasableSyntaxOnly: false, paths: mapped },
          include: ['.'],
        }),
      );
      return errorsIn(await tscIn(folder));
    };
    const after = await compile(paths);
    // What did not compile yesterday says nothing about today.
    const before = after.length > 0 ? new Set(await compile(await pathsBefore())) : new Set<string>();
    return after
      .filter((line) => !before.has(line))
      .map((line) => line.replace(/^([^(]+)\((\d+),\d+\): error TS\d+: /, (_, file: string, at: string) => `${names.get(file)?.(Number(at)) ?? file}: `));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Type-checks a package against declarations that stand in for others. */
async function compilePackage(root: string, pack: Package, paths: Paths, pathsBefore: () => Promise<Paths>): Promise<string[]> {
  const cache = join(root, pack.folder, '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'spec-change-'));
  try {
    const compile = async (mapped: Paths): Promise<string[]> => {
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: join(root, pack.folder, 'tsconfig.json'),
          compilerOptions: { noEmit: true, declaration: false, isolatedDeclarations: false, paths: mapped },
          include: [join(root, pack.folder, 'src')],
        }),
      );
      return errorsIn(await tscIn(folder)).map((line) => line.replace(/^(?:\.\.\/)+/, `${pack.folder}/`));
    };
    const after = await compile(paths);
    const before = after.length > 0 ? new Set(await compile(await pathsBefore())) : new Set<string>();
    return after.filter((line) => !before.has(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tscIn = async (folder: string): Promise<string> => (await run(process.execPath, [tsc, '--pretty', 'false', '-p', folder], folder)).stdout;
const errorsIn = (output: string): string[] => output.split('\n').filter((line) => /^\S.*\(\d+,\d+\): error /.test(line));

/** A file's text, or undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
