/** What `package.json` of a tarball must say. Each check takes the unpacked folder; each problem says what to do. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Problems } from './report.ts';
import { readFileIfThere, readJson, root } from './workspace.ts';

/** The part of a manifest that is looked at by name. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const DEPENDENCY_FIELDS = ['dependencies', 'peerDependencies', 'optionalDependencies'] as const;
/** For those who develop the package, which nobody does who installed it. */
const OWN_FIELDS = ['devDependencies', 'scripts'] as const;
/** What a registry shows of a package. */
const SHOWN_FIELDS = ['description', 'license'];
const HOME = 'https://github.com/asset-clients/asset-clients';
/** Of runtimes, the special ones first: Bun, Deno and workerd understand `node`, too. */
const CONDITIONS = ['types', 'bun', 'deno', 'workerd', 'browser', 'node', 'default'];
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare', 'prepublish'];
/** What the generator needs; the other packages have a row in `INSTALLATIONS`. */
const OF_CODEGEN = ['@openapitools/openapi-generator-cli', 'oxc-parser', 'oxfmt', 'yaml'];

export function readManifest(folder: string): Manifest {
  return readJson(join(folder, 'package.json')) as Manifest;
}

/** Nothing of the workspace is left, and nothing runs at install time. */
export function checkManifest(folder: string): Problems {
  const manifest = readManifest(folder);
  const problems: string[] = [];
  if (manifest.private) problems.push('package.json: "private" is true; take it out');
  for (const field of [...DEPENDENCY_FIELDS, 'devDependencies']) {
    for (const [name, range] of Object.entries((manifest[field] ?? {}) as Record<string, string>)) {
      if (!/^(?:npm:(?:@[\w-]+\/)?[\w.-]+@)?[\d^~<>=*| .x-]+(?:-[\w.]+)?$/.test(range))
        problems.push(`package.json: ${field}: ${name} is "${range}", which no registry knows; pack with pnpm, and name a range of versions`);
    }
  }
  problems.push(...checkShown(folder, manifest));
  // In any other field, too.
  const protocols = JSON.stringify(manifest).match(/\b(?:workspace|catalog|link|portal):[^"]*/g) ?? [];
  problems.push(...[...new Set(protocols)].map((text) => `package.json: "${text}" is left in it; pack with pnpm`));
  for (const name of INSTALL_SCRIPTS) {
    if (manifest.scripts?.[name] !== undefined) problems.push(`package.json: the script "${name}" runs at install time; take it out`);
  }
  for (const field of OWN_FIELDS) {
    if (manifest[field] !== undefined)
      problems.push(`package.json: "${field}" is of no use to users; tools/config/pnpmfile.mjs takes it out of what is packed`);
  }
  if (existsSync(join(folder, 'binding.gyp'))) problems.push('binding.gyp is built at install time; take it out of "files"');
  if (readFileIfThere(folder, 'LICENSE') !== readFileSync(join(root, 'LICENSE'), 'utf8')) {
    problems.push('LICENSE is not the one of the repository; copy it');
  }
  return problems;
}

/**
 * Only what was agreed on comes along.
 *
 * @param allowed - Packages that may be installed with it.
 */
export function checkDependencies(folder: string, allowed: readonly string[] = OF_CODEGEN): Problems {
  const manifest = readManifest(folder);
  return DEPENDENCY_FIELDS.flatMap((field) => {
    const optional = (manifest.peerDependenciesMeta ?? {}) as Record<string, { optional?: boolean }>;
    return Object.keys((manifest[field] ?? {}) as object)
      .filter((name) => !allowed.includes(name) && !(field === 'peerDependencies' && optional[name]?.optional === true))
      .map((name) => `package.json: ${field}: ${name} would be installed, too; do without, or add it to INSTALLATIONS (installations.ts) with a decision`);
  });
}

/** What a registry, a package manager and a bundler want to know. */
function checkShown(folder: string, { keywords, repository, homepage, bugs, engines, sideEffects, version, files, ...rest }: Manifest): string[] {
  const missing = SHOWN_FIELDS.filter((field) => typeof rest[field] !== 'string' || rest[field] === '').map((field) => `"${field}" is missing; add it`);
  const { url, directory = '' } = (repository ?? {}) as { url?: string; directory?: string };
  const rules: [holds: boolean, problem: string][] = [
    [Array.isArray(keywords) && keywords.length > 0, '"keywords" is missing; add what people search for'],
    [Array.isArray(files) && files.every((file) => !/[*!]|^\.?\/?$/.test(String(file))), '"files" must be a list of files and folders; name them one by one'],
    [url === `git+${HOME}.git`, `repository.url is not git+${HOME}.git; correct it`],
    [/^(?:packages|tools)\/[\w-]+$/.test(directory), `repository.directory "${directory}" is no folder of a package; name it`],
    [homepage === `${HOME}/tree/main/${directory}#readme`, `homepage is not ${HOME}/tree/main/${directory}#readme; correct it`],
    [(bugs as { url?: string } | undefined)?.url === `${HOME}/issues`, `bugs.url is not ${HOME}/issues; correct it`],
    [(engines as { node?: string } | undefined)?.node === '>=22.19', 'engines.node is not ">=22.19"; correct it'],
    [
      sideEffects === false || (Array.isArray(sideEffects) && sideEffects.every((file) => existsSync(join(folder, String(file))))),
      '"sideEffects" is neither false nor a list of files that are there: bundlers would keep everything',
    ],
    [
      readFileIfThere(folder, 'CHANGELOG.md')?.includes(`\n## ${String(version)}\n`) !== false,
      `CHANGELOG.md says nothing of ${String(version)}; pnpm changeset version writes it`,
    ],
  ];
  return [...missing, ...rules.flatMap(([holds, problem]) => (holds ? [] : [problem]))].map((problem) =>
    problem.startsWith('CHANGELOG') ? problem : `package.json: ${problem}`,
  );
}

/** Every target of `exports`, `imports` and `bin` exists and is what it must be. */
export function checkEntries(folder: string): Problems {
  const manifest = readManifest(folder);
  const problems: string[] = [];
  const say = (problem: string): void => void problems.push(`package.json: ${problem}`);
  if (Object.keys(manifest.exports ?? {}).length === 0) say('there are no exports; add them');
  for (const [field, entries] of [
    ['exports', manifest.exports ?? {}],
    ['imports', manifest.imports ?? {}],
  ] as const) {
    for (const [subpath, entry] of Object.entries(entries)) {
      const name = `${field} "${subpath}"`;
      if (subpath.includes('*')) say(`${name}: a wildcard; name each subpath`);
      const conditions = typeof entry === 'object' ? Object.keys(entry ?? {}) : [];
      if (field === 'exports' && typeof entry === 'object' && conditions[0] !== 'types') say(`${name}: types do not come first; put them there`);
      const unknown = conditions.filter((condition) => !CONDITIONS.includes(condition));
      if (unknown.length > 0) say(`${name}: the condition ${unknown.join(', ')} is not one of ${CONDITIONS.join(', ')}; use one of these`);
      const ordered = conditions.toSorted((one, other) => CONDITIONS.indexOf(one) - CONDITIONS.indexOf(other));
      if (conditions.join() !== ordered.join()) say(`${name}: the conditions must come in the order ${ordered.join(', ')}`);
      if (conditions.length > 0 && !conditions.includes('default')) say(`${name}: there is no "default"; add it, for platforms that nobody thought of`);
      for (const { conditions: path, target } of targetsOf(entry)) {
        const place = `${field} "${[subpath, ...path].join('" > "')}"`;
        if (!target.startsWith('./')) say(`${place}: ${target} is not inside the package; name a file in dist`);
        else if (!existsSync(join(folder, target))) say(`${place}: ${target} does not exist; build it (tsdown.config.ts), or correct the path`);
        if (path.at(-1) === 'types' && !target.endsWith('.d.ts')) say(`${place}: ${target} holds no types; name the .d.ts`);
      }
    }
  }
  for (const [name, target] of binsOf(manifest)) {
    const text = readFileIfThere(folder, target);
    if (text === undefined) say(`bin "${name}": ${target} does not exist; build it, or correct the path`);
    else if (!text.startsWith('#!/usr/bin/env node\n')) problems.push(`${target}: bin "${name}" does not start with #!/usr/bin/env node; put it first`);
  }
  return problems;
}

/** Files that `exports`, `imports` and `bin` name. */
export function entryFiles(manifest: Manifest): string[] {
  const mapped = [...Object.values(manifest.exports ?? {}), ...Object.values(manifest.imports ?? {})];
  return [...mapped.flatMap((entry) => targetsOf(entry)).map(({ target }) => target), ...binsOf(manifest).map(([, target]) => target)];
}

export function targetsOf(entry: unknown, conditions: readonly string[] = []): { conditions: readonly string[]; target: string }[] {
  if (typeof entry === 'string') return [{ conditions, target: entry }];
  if (typeof entry !== 'object' || entry === null) return [];
  return Object.entries(entry).flatMap(([condition, value]) => targetsOf(value, [...conditions, condition]));
}

export function binsOf({ name, bin }: Manifest): [name: string, target: string][] {
  return typeof bin === 'string' ? [[name, bin]] : Object.entries(bin ?? {});
}
