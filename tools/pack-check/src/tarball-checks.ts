/** What a tarball must be like, whatever is in it. Each check takes the unpacked folder. */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript5';

import type { PackedPackage } from './pack.ts';
import type { Problems, Report } from './report.ts';
import { filesBelow, readJson, root } from './workspace.ts';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
/** What a registry shows of a package. */
const SHOWN_FIELDS = ['description', 'license', 'homepage'];
const REPOSITORY = 'git+https://github.com/asset-clients/asset-clients.git';
/** Of runtimes, the special ones first: Bun, Deno and workerd understand `node`, too. */
const CONDITIONS = ['types', 'bun', 'deno', 'workerd', 'browser', 'node', 'default'];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish'];

const REQUIRED_FILES = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const ALLOWED_FILES = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|ASSUMPTIONS\.md|dist\/(?:[\w-]+\/)*[\w.-]+\.(?:js|js\.map|d\.ts|d\.ts\.map))$/;
/** Files that one package has besides. */
const EXTRA_FILES: Readonly<Record<string, RegExp>> = {
  '@asset-clients/codegen': /^(?:templates\/[\w-]+\.handlebars|openapi-generator\.json)$/,
};

/** Runs all checks of one tarball. */
export async function checkTarball(report: Report, pack: PackedPackage): Promise<void> {
  const { shortName, unpacked } = pack;
  await report.check(`${shortName} tarball: manifest`, () => checkManifest(unpacked));
  await report.check(`${shortName} tarball: files`, () => checkFiles(unpacked));
  await report.check(`${shortName} tarball: exports and bin`, () => checkEntries(unpacked));
  await report.check(`${shortName} tarball: paths of the machine`, () => checkLeaks(unpacked));
  await report.check(`${shortName} tarball: source maps`, () => checkSourceMaps(unpacked));
  await report.check(`${shortName} tarball: doc comments`, () => checkDocs(unpacked));
  await report.check(`${shortName} tarball: publint`, () => checkPublint(pack.tarball));
  await report.check(`${shortName} tarball: are the types wrong`, () => checkTypes(pack.tarball));
}

/** Nothing of the workspace is left, and nothing runs at install time. */
export function checkManifest(folder: string): Problems {
  const manifest = readManifest(folder);
  const problems: string[] = [];
  if (manifest.private) problems.push('"private" is true');
  for (const field of DEPENDENCY_FIELDS) {
    for (const [name, range] of Object.entries((manifest[field] ?? {}) as Record<string, string>)) {
      if (!/^(?:npm:(?:@[\w-]+\/)?[\w.-]+@)?[\d^~<>=*| .x-]+(?:-[\w.]+)?$/.test(range))
        problems.push(`${field}: ${name} is "${range}", which no registry knows`);
    }
  }
  problems.push(...checkShown(folder, manifest));
  // In any other field, too.
  const protocols = JSON.stringify(manifest).match(/\b(?:workspace|catalog|link|portal):[^"]*/g) ?? [];
  problems.push(...[...new Set(protocols)].map((text) => `"${text}" is left in it`));
  for (const name of INSTALL_SCRIPTS) if (manifest.scripts?.[name] !== undefined) problems.push(`the script "${name}" runs at install time`);
  if (existsSync(join(folder, 'binding.gyp'))) problems.push('binding.gyp is built at install time');
  if (readFileIfThere(folder, 'LICENSE') !== readFileSync(join(root, 'LICENSE'), 'utf8')) problems.push('LICENSE is not the one of the repository');
  return problems;
}

/** What a registry, a package manager and a bundler want to know. */
function checkShown(folder: string, { keywords, repository, engines, sideEffects, version, ...rest }: Manifest): string[] {
  const missing = SHOWN_FIELDS.filter((field) => typeof rest[field] !== 'string' || rest[field] === '').map((field) => `"${field}" is missing`);
  const { url, directory = '' } = (repository ?? {}) as { url?: string; directory?: string };
  const rules: [holds: boolean, problem: string][] = [
    [Array.isArray(keywords) && keywords.length > 0, '"keywords" is missing'],
    [url === REPOSITORY, `repository.url is not ${REPOSITORY}`],
    [/^(?:packages|tools)\/[\w-]+$/.test(directory), `repository.directory "${directory}" is no folder of a package`],
    [(engines as { node?: string } | undefined)?.node === '>=22.19', 'engines.node is not ">=22.19"'],
    [sideEffects !== undefined, '"sideEffects" is missing: bundlers would keep everything'],
    [readFileIfThere(folder, 'CHANGELOG.md')?.includes(`\n## ${String(version)}\n`) !== false, `CHANGELOG.md says nothing of ${String(version)}`],
  ];
  return [...missing, ...rules.flatMap(([holds, problem]) => (holds ? [] : [problem]))];
}

/** Everything that belongs in, and nothing else: also no file of a build that nobody imports. */
export function checkFiles(folder: string): Problems {
  const { name } = readManifest(folder);
  const files = filesBelow(folder);
  const missing = REQUIRED_FILES.filter((file) => !files.includes(file)).map((file) => `${file} is missing`);
  if (!files.some((file) => file.startsWith('dist/'))) missing.push('dist is missing: build first');
  if (EXTRA_FILES[name] !== undefined && !files.some((file) => EXTRA_FILES[name]!.test(file))) missing.push(`no file is like ${EXTRA_FILES[name].source}`);
  const foreign = files.filter((file) => (!ALLOWED_FILES.test(file) && EXTRA_FILES[name]?.test(file) !== true) || /\.(?:test|spec|bench)[.-]/.test(file));
  const reached = reachableFiles(folder);
  const stray = files.filter((file) => file.startsWith('dist/') && !foreign.includes(file) && !reached.has(file));
  return [...missing, ...foreign.map((file) => `${file} does not belong into the package`), ...stray.map((file) => `${file} is not reached from any export`)];
}

/** Every target of `exports` and `bin` exists and is what it must be. */
export function checkEntries(folder: string): Problems {
  const manifest = readManifest(folder);
  const problems: string[] = [];
  if (Object.keys(manifest.exports ?? {}).length === 0) problems.push('there are no exports');
  for (const [subpath, entry] of Object.entries(manifest.exports ?? {})) {
    if (subpath.includes('*')) problems.push(`exports "${subpath}": a wildcard`);
    if (typeof entry === 'object' && Object.keys(entry ?? {})[0] !== 'types') problems.push(`exports "${subpath}": types do not come first`);
    const conditions = typeof entry === 'object' ? Object.keys(entry ?? {}) : [];
    const unknown = conditions.filter((condition) => !CONDITIONS.includes(condition));
    if (unknown.length > 0) problems.push(`exports "${subpath}": the condition ${unknown.join(', ')} is not one of ${CONDITIONS.join(', ')}`);
    const ordered = conditions.toSorted((one, other) => CONDITIONS.indexOf(one) - CONDITIONS.indexOf(other));
    if (conditions.join() !== ordered.join()) problems.push(`exports "${subpath}": the conditions must come in the order ${ordered.join(', ')}`);
    for (const { conditions, target } of targetsOf(entry)) {
      const place = `exports "${[subpath, ...conditions].join('" > "')}"`;
      if (!target.startsWith('./')) problems.push(`${place}: ${target} is not inside the package`);
      else if (!existsSync(join(folder, target))) problems.push(`${place}: ${target} does not exist`);
      if (conditions.at(-1) === 'types' && !target.endsWith('.d.ts')) problems.push(`${place}: ${target} holds no types`);
    }
  }
  for (const [name, target] of binsOf(manifest)) {
    const text = readFileIfThere(folder, target);
    if (text === undefined) problems.push(`bin "${name}": ${target} does not exist`);
    else if (!text.startsWith('#!/usr/bin/env node\n')) problems.push(`bin "${name}": ${target} does not start with #!/usr/bin/env node`);
  }
  return problems;
}

/** No file tells where it was made. */
export function checkLeaks(folder: string): Problems {
  const own = [root, homedir()].map((path) => `${path}/`);
  const typical = /(?<![\w.~$}-])(?:\/(?:work|home|root|Users|builds|workspace|github\/workspace)\/[\w.@-]+\/|[A-Za-z]:\\+Users\\)|file:\/\/\/[\w.]/g;
  return filesBelow(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const found = [...own.filter((path) => text.includes(path)), ...(text.match(typical) ?? [])];
    return [...new Set(found)].map((path) => `${file} names ${path}`);
  });
}

/** Every map belongs to a file, and its sources are relative and there. */
export function checkSourceMaps(folder: string): Problems {
  const files = filesBelow(folder);
  const problems: string[] = [];
  const maps = new Set(files.filter((file) => file.endsWith('.map')));
  for (const file of files.filter((name) => /\.(?:js|d\.ts)$/.test(name))) {
    const [, target] = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    if (target === undefined) continue;
    const map = posix.join(posix.dirname(file), target);
    if (!maps.delete(map)) problems.push(`${file}: its source map ${target} does not exist`);
    else problems.push(...checkSourceMap(folder, map));
  }
  return [...problems, ...[...maps].map((map) => `${map} belongs to no file`)];
}

function checkSourceMap(folder: string, map: string): string[] {
  const { sources, sourcesContent, sourceRoot } = readJson(join(folder, map)) as { sources: string[]; sourcesContent?: (string | null)[]; sourceRoot?: string };
  const problems = sources.flatMap((source, index) => {
    if (/^(?:[\\/]|[A-Za-z]:|file:)/.test(source)) return [`${map}: ${source} is an absolute path`];
    if (/\.(?:test|spec)\./.test(source)) return [`${map}: ${source} is a test`];
    const isThere = typeof sourcesContent?.[index] === 'string' || existsSync(join(folder, posix.dirname(map), source));
    return isThere ? [] : [`${map}: ${source} is neither in the map nor in the package`];
  });
  return sourceRoot === undefined || sourceRoot === '' ? problems : [...problems, `${map}: sourceRoot is ${sourceRoot}`];
}

/** What a person sees of an export in the editor: every one says what it is. Generated names repeat the vendor's words, if there are any. */
export function checkDocs(folder: string): Problems {
  const entries = Object.values(readManifest(folder).exports ?? {})
    .flatMap((entry) => targetsOf(entry))
    .flatMap(({ target }) => (target.endsWith('.d.ts') ? [join(folder, target)] : []));
  const program = ts.createProgram([...new Set(entries)], { module: ts.ModuleKind.NodeNext, noLib: true, types: [], skipLibCheck: true });
  const checker = program.getTypeChecker();
  return entries.flatMap((entry) => {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    if (module === undefined) return [];
    return checker.getExportsOfModule(module).flatMap((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const [declaration] = target.declarations ?? [];
      if (declaration === undefined) return [];
      const from = declaration.getSourceFile().fileName.slice(folder.length + 1);
      if (from.startsWith('dist/generated/') || target.getDocumentationComment(checker).length > 0) return [];
      return [`${posix.relative('dist', entry.slice(folder.length + 1))}: ${symbol.name} (${from}) has no doc comment`];
    });
  });
}

/** https://publint.dev, with nothing left out. */
export async function checkPublint(tarball: string): Promise<Problems> {
  const { messages, pkg } = await publint({ pack: { tarball: toArrayBuffer(readFileSync(tarball)) }, strict: true, level: 'suggestion' });
  return messages.map((message) => `${message.type}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** https://arethetypeswrong.github.io with the profile "esm-only": what cannot `import` is not looked at. */
export async function checkTypes(tarball: string): Promise<Problems> {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!result.types) return ['there are no types'];
  const problems = result.problems.filter((problem) => !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind));
  return problems.map((problem) => JSON.stringify(problem));
}

/** All files that somebody who imports the package can load, with their source maps. */
function reachableFiles(folder: string): Set<string> {
  const manifest = readManifest(folder);
  const targets = [
    ...Object.values(manifest.exports ?? {})
      .flatMap((entry) => targetsOf(entry))
      .map(({ target }) => target),
    ...binsOf(manifest).map(([, target]) => target),
  ];
  const queue = targets.map((target) => posix.normalize(target));
  // The types of a command: harmless, and builders make them.
  queue.push(...binsOf(manifest).map(([, target]) => posix.normalize(target.replace(/\.js$/, '.d.ts'))));
  const reached = new Set<string>();
  for (const file of queue) {
    const text = reached.has(file) ? undefined : readFileIfThere(folder, file);
    if (text === undefined) continue;
    reached.add(file);
    reached.add(`${file}.map`);
    if (!/\.(?:js|d\.ts)$/.test(file)) continue;
    for (const [, from] of text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
      const target = posix.join(posix.dirname(file), from!);
      queue.push(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target);
    }
  }
  return reached;
}

function targetsOf(entry: unknown, conditions: readonly string[] = []): { conditions: readonly string[]; target: string }[] {
  if (typeof entry === 'string') return [{ conditions, target: entry }];
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry).flatMap(([condition, value]) => targetsOf(value, [...conditions, condition]));
}

function binsOf({ name, bin }: Manifest): [name: string, target: string][] {
  return typeof bin === 'string' ? [[name, bin]] : Object.entries(bin ?? {});
}

function readManifest(folder: string): Manifest {
  return readJson(join(folder, 'package.json')) as Manifest;
}

function readFileIfThere(folder: string, file: string): string | undefined {
  return existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
