/** Each package installed alone in an empty folder: what comes with it, whether it loads, and its types. */

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { findRuntime } from '@asset-clients/runtimes';

import { npmInstall, problemsOf, runCommand } from './command.ts';
import type { Installation } from './installations.ts';
import type { PackedPackages } from './pack.ts';
import type { Problems, Report } from './report.ts';
import { EMPTY_MANIFEST, readJson, root, tsc, typeRoots, writeFolder } from './workspace.ts';

/** Loads every entry both ways; prints what each exports as JSON. */
const LOAD = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const loaded = {};
for (const name of process.argv.slice(2)) loaded[name] = { imported: Object.keys(await import(name)), required: Object.keys(require(name)) };
console.log(JSON.stringify(loaded));
`;

/** Loads every entry by \`require\` before anything was imported. */
const LOAD_CJS = `for (const name of process.argv.slice(2)) require(name);
`;

/** Checks one installation in a folder. */
export async function checkInstallation(report: Report, packages: PackedPackages, folder: string, installation: Installation): Promise<void> {
  const { name } = installation;
  const entries = entriesOf(packages, installation);
  writeFolder(folder, { 'package.json': EMPTY_MANIFEST, 'index.ts': sourceOf(entries, installation) });
  const ours = [name, ...installation.with];
  if (!(await report.check(`${name} alone: npm install`, () => npmInstall(folder, packages.tarballs(...ours))))) return;
  await report.check(`${name} alone: installed is ${installation.installed.join(', ')} and nothing else`, () => checkInstalled(folder, installation.installed));
  for (const runtime of NODES.map((node) => findRuntime(node))) {
    const title = `${name} alone: import and require() on ${runtime.name}`;
    if (runtime.path === undefined) report.skip(title, runtime.missing, runtime.obtainable);
    else await report.check(title, () => checkLoading(folder, entries, runtime.path));
  }
  for (const [version, compiler] of Object.entries(COMPILERS)) {
    for (const { title, compilerOptions } of TYPE_CHECKS) {
      await report.check(`${name} alone: types, TypeScript ${version}, ${title}`, () => checkTypes(folder, compilerOptions, compiler));
    }
  }
  const pnpmFolder = join(folder, 'with-pnpm');
  if (!(await report.check(`${name} alone: pnpm add`, () => pnpmAdd(pnpmFolder, packages, ours)))) return;
  await report.check(`${name} alone: pnpm installed the same`, () => checkPnpmInstalled(pnpmFolder, installation.installed));
  await report.check(`${name} alone: loads where a package finds only its own dependencies`, () => checkLoading(pnpmFolder, entries, process.execPath));
}

/**
 * Installs with pnpm, into a store of its own; a registry has none of our packages yet, so those that come along are named, too.
 *
 * @param settings - More lines of `pnpm-workspace.yaml`.
 */
export async function pnpmAdd(folder: string, packages: PackedPackages, shortNames: readonly string[], settings = ''): Promise<Problems> {
  const { packageManager } = readJson(join(root, 'package.json')) as { packageManager: string };
  const ours = shortNames.map((name) => packages.get(name));
  const overrides = ours.map((pack) => `  '${pack.name}': 'file:${pack.tarball}'`);
  writeFolder(folder, {
    'package.json': EMPTY_MANIFEST,
    'pnpm-workspace.yaml': `packages: ['.']\noverrides:\n${overrides.join('\n')}\nstoreDir: '${join(folder, '..', '..', 'pnpm-store')}'\n${settings}`,
  });
  return problemsOf('npx', ['-y', packageManager, 'add', '--prefer-offline', ...ours.map(({ tarball }) => tarball)], { cwd: folder });
}

/** What lies in pnpm's folder of all packages. */
function checkPnpmInstalled(folder: string, expected: readonly string[]): Problems {
  const found = readdirSync(join(folder, 'node_modules', '.pnpm'))
    .filter((entry) => entry.includes('@') && entry !== 'node_modules')
    .map((entry) => (entry.startsWith('@') ? entry.replace('+', '/').replace(/(?<=.)@.*$/, '') : entry.replace(/@.*$/, '')));
  return [
    ...found.filter((name) => !expected.includes(name)).map((name) => `${name} is installed, too`),
    ...expected.filter((name) => !found.includes(name)).map((name) => `${name} is not installed`),
    ...found.filter((name, index) => found.indexOf(name) !== index).map((name) => `${name} is installed twice`),
  ];
}

const NODES = ['Node 22', 'Node 24', 'Node 26'] as const;

/** Entries with code, as users write them. */
export function entriesOf(packages: PackedPackages, { name, without = [] }: Installation): string[] {
  const pack = packages.get(name);
  const { exports } = readJson(join(pack.unpacked, 'package.json')) as { exports: Record<string, unknown> };
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json' && !without.includes(subpath))
    .map((subpath) => `${pack.name}${subpath.slice(1)}`);
}

function sourceOf(entries: readonly string[], { usage }: Installation): string {
  const all = entries.map((entry, index) => `export * as entry${index} from '${entry}';`);
  return `${[...all, usage].join('\n')}\n`;
}

/** Compares with npm's own list; a package that is there twice is twice in it. */
export function checkInstalled(folder: string, expected: readonly string[]): Problems {
  const { packages } = readJson(join(folder, 'node_modules', '.package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean }> };
  const found = Object.keys(packages);
  const wanted = expected.map((name) => `node_modules/${name}`);
  return [
    ...found.filter((path) => !wanted.includes(path)).map((path) => `${path} is installed, too; do without, or add it to INSTALLATIONS (installations.ts)`),
    ...wanted.filter((path) => !found.includes(path)).map((path) => `${path} is not installed; add it to "dependencies"`),
    ...found.filter((path) => packages[path]!.hasInstallScript === true).map((path) => `${path} runs a script at install time; do without it`),
  ];
}

/** Every entry loads by `import` and by `require()`, gives the same both ways, and prints nothing. */
export async function checkLoading(folder: string, entries: readonly string[], node: string): Promise<Problems> {
  const options = { cwd: writeFolder(folder, { 'load.mjs': LOAD, 'load.cjs': LOAD_CJS }), timeoutMs: 20_000 };
  const [both, required] = [await runCommand(node, ['load.mjs', ...entries], options), await runCommand(node, ['load.cjs', ...entries], options)];
  const broken = [both, required].find(({ code }) => code !== 0);
  if (broken !== undefined) return [/^\w*Error.*(?:\n.*){0,4}/m.exec(broken.output)?.[0] ?? broken.output];
  if (`${both.stderr}${required.output}` !== '') return [`something is printed: ${both.stderr}${required.output}`];
  const loaded = Object.entries(JSON.parse(both.stdout) as Record<string, { imported: string[]; required: string[] }>);
  return loaded.flatMap(([entry, { imported, required: names }]) => {
    if (imported.length === 0) return [`${entry} exports nothing; see its file in dist`];
    return imported.every((name) => names.includes(name)) ? [] : [`require('${entry}') gives ${names.join(', ')}, import gives ${imported.join(', ')}`];
  });
}

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'es2024',
};

const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
const PLATFORMS = {
  'lib DOM, no @types/node': { lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'], types: [] },
  '@types/node, no DOM': { lib: ['es2024', 'esnext.disposable'], types: ['node'], typeRoots: [typeRoots] },
};

const require = createRequire(import.meta.url);
const compilerOf = (name: string): string => join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'tsc');
/** Versions of TypeScript that people have, and their `tsc`. */
export const COMPILERS: Readonly<Record<string, string>> = { '5.9': compilerOf('typescript5'), '6.0': compilerOf('typescript6'), '7.0': tsc };

/** Every resolution on every platform. */
export const TYPE_CHECKS = Object.entries(RESOLUTIONS).flatMap(([resolution, module]) =>
  Object.entries(PLATFORMS).map(([platform, libraries]) => ({
    title: `${resolution}, ${platform}`,
    compilerOptions: { ...STRICT, ...module, ...libraries } as Readonly<Record<string, unknown>>,
  })),
);

/** @param compiler - `tsc` of a version. */
export function checkTypes(folder: string, compilerOptions: Readonly<Record<string, unknown>>, compiler = tsc, files = ['index.ts']): Promise<Problems> {
  writeFolder(folder, { 'tsconfig.json': { compilerOptions, files } });
  return problemsOf(process.execPath, [compiler, '--pretty', 'false', '-p', '.'], { cwd: folder });
}
