/** What the files of a tarball must be like. Each check takes the unpacked folder; each problem names the file and says what to do. */

import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';

import { anchorsOf, linksIn, REPOSITORY } from '@asset-clients/repo-checks/links';
import ts from 'typescript5';

import { binsOf, entryFiles, readManifest, targetsOf } from './manifest-checks.ts';
import type { Problems } from './report.ts';
import { filesBelow, readFileIfThere, readJson, root } from './workspace.ts';

const REQUIRED_FILES = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const ALLOWED_FILES = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|ASSUMPTIONS\.md|dist\/(?:[\w-]+\/)*[\w.-]+\.(?:js|js\.map|d\.ts|d\.ts\.map))$/;
/** Files that one package has besides. */
const EXTRA_FILES: Readonly<Record<string, readonly RegExp[]>> = {
  '@asset-clients/codegen': [/^templates\/[\w-]+\.handlebars$/, /^openapi-generator\.json$/],
};

/** Everything that belongs in, and nothing else: also no file of a build that nobody imports. */
export function checkFiles(folder: string): Problems {
  const { name } = readManifest(folder);
  const files = filesBelow(folder);
  const missing = REQUIRED_FILES.filter((file) => !files.includes(file)).map((file) => `${file} is missing; add it, also to "files"`);
  if (!files.some((file) => file.startsWith('dist/'))) missing.push('dist is missing; pnpm build');
  const extra = EXTRA_FILES[name] ?? [];
  missing.push(...extra.filter((pattern) => !files.some((file) => pattern.test(file))).map(({ source }) => `no file is like ${source}; add it to "files"`));
  const belongs = [ALLOWED_FILES, ...extra];
  const foreign = files.filter((file) => !belongs.some((pattern) => pattern.test(file)) || /\.(?:test|spec|bench)[.-]/.test(file));
  const reached = reachableFiles(folder);
  const stray = files.filter((file) => file.startsWith('dist/') && !foreign.includes(file) && !reached.has(file));
  return [
    ...missing,
    ...foreign.map((file) => `${file} does not belong into the package; delete it, or take it out of "files"`),
    ...stray.map((file) => `${file} is not reached from any export; delete dist and build again`),
  ];
}

/** All files that somebody who imports the package can load, with their source maps. */
function reachableFiles(folder: string): Set<string> {
  const manifest = readManifest(folder);
  const queue = entryFiles(manifest).map((target) => posix.normalize(target));
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

const SECRETS = /\b(?:npm_[A-Za-z0-9]{36}|gh[pousr]_[A-Za-z0-9]{36}|AKIA[A-Z0-9]{16})\b|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|:_authToken=\S+/g;

/** No file tells where it was made, or holds what opens a door. */
export function checkLeaks(folder: string): Problems {
  const own = [root, homedir()].map((path) => `${path}/`);
  const typical = /(?<![\w.~$}-])(?:\/(?:work|home|root|Users|builds|workspace|github\/workspace)\/[\w.@-]+\/|[A-Za-z]:\\+Users\\)|file:\/\/\/[\w.]/g;
  return filesBelow(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const paths = [...own.filter((path) => text.includes(path)), ...(text.match(typical) ?? [])];
    return [
      ...[...new Set(paths)].map((path) => `${file} names ${path}, a path of the machine that built it; find what wrote it there`),
      ...[...text.matchAll(SECRETS)].map(([secret]) => `${file} holds "${secret.slice(0, 8)}...", which looks like a secret; take it out, and revoke it`),
    ];
  });
}

/** Every map belongs to a file, has its sources, and leads to lines that are there. */
export function checkSourceMaps(folder: string): Problems {
  const files = filesBelow(folder);
  const problems: string[] = [];
  const maps = new Set(files.filter((file) => file.endsWith('.map')));
  for (const file of files.filter((name) => /\.(?:js|d\.ts)$/.test(name))) {
    const code = readFileSync(join(folder, file), 'utf8');
    const [, target] = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(code) ?? [];
    if (target === undefined) {
      // What only passes on what others export has none.
      if (file.endsWith('.js') && !maps.has(`${file}.map`) && isOwnCode(code)) problems.push(`${file} has no source map; set sourcemap in tsdown.config.ts`);
      continue;
    }
    const map = posix.join(posix.dirname(file), target);
    if (!maps.delete(map)) problems.push(`${file}: its source map ${target} does not exist; build again`);
    else problems.push(...checkSourceMap(folder, map, code));
  }
  return [...problems, ...[...maps].map((map) => `${map} belongs to no file; delete dist and build again`)];
}

function isOwnCode(code: string): boolean {
  return !code.startsWith('// \\0') && /^(?:async |export )*(?:function|class|const|let|var)\b/m.test(code);
}

function checkSourceMap(folder: string, map: string, code: string): string[] {
  const payload = readJson(join(folder, map)) as { sources: string[]; sourcesContent?: (string | null)[]; sourceRoot?: string; mappings: string };
  const { sources, sourcesContent, sourceRoot } = payload;
  const problems = sources.flatMap((source, index) => {
    if (/^(?:[\\/]|[A-Za-z]:|file:)/.test(source)) return [`${map}: ${source} is an absolute path; set relative sources`];
    if (/\.(?:test|spec)\./.test(source)) return [`${map}: ${source} is a test; do not import it`];
    const isThere = typeof sourcesContent?.[index] === 'string' || existsSync(join(folder, posix.dirname(map), source));
    return isThere ? [] : [`${map}: ${source} is neither in the map nor in the package; keep sourcesContent`];
  });
  if (sourceRoot !== undefined && sourceRoot !== '') problems.push(`${map}: sourceRoot is ${sourceRoot}; leave it empty`);
  if (problems.length > 0) return problems;
  const read = new SourceMap(payload as ConstructorParameters<typeof SourceMap>[0]);
  const lengths = new Map(sources.map((source, index) => [source, sourcesContent?.[index]?.split('\n').length ?? Number.POSITIVE_INFINITY]));
  let mapped = 0;
  for (const [line, text] of code.split('\n').entries()) {
    const entry = read.findEntry(line, text.length);
    if (!('originalSource' in entry) || entry.generatedLine !== line) continue;
    mapped += 1;
    if (entry.originalLine >= (lengths.get(entry.originalSource) ?? 0)) {
      return [`${map}: line ${line + 1} leads to line ${entry.originalLine + 1} of ${entry.originalSource}, which has fewer; build again`];
    }
  }
  return mapped > 0 ? [] : [`${map} maps no line; build again`];
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
      return [`${entry.slice(folder.length + 1)}: ${symbol.name} (${from}) has no doc comment; write one`];
    });
  });
}

/** Declarations and names of files as a person would choose them. */
export function checkNames(folder: string): Problems {
  return filesBelow(folder).flatMap((file) => {
    if (/-[\w-]*(?:[A-Z][\w-]*\d|\d[\w-]*[A-Z])[\w-]*\.(?:d\.ts|js)$/.test(file)) return [`${file} has a name made of a hash; give it one (outputOptions)`];
    if (!file.endsWith('.d.ts')) return [];
    const code = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    const [odd] = /\b[a-z]{1,2} as \w+|\w+ as [a-z]{1,2}\b|\b\w+(?:_d_exports|\$\d)\b/.exec(code) ?? [];
    return odd === undefined ? [] : [`${file} says "${odd}", which no person would write; see tools/config/package-build.ts`];
  });
}

/** What the pages of a package link to is there: in the package, in those that are installed with it, or in the repository. */
export function checkLinks(folder: string): Problems {
  const { dependencies = {} } = readManifest(folder) as { dependencies?: Record<string, string> };
  return filesBelow(folder)
    .filter((file) => /^[^/]+\.md$/.test(file))
    .flatMap((page) =>
      linksIn(readFileSync(join(folder, page), 'utf8')).flatMap((link) => {
        const inRepository = link.startsWith(REPOSITORY);
        if (!inRepository && /^(?:https?:|mailto:)/.test(link)) return [];
        const [path = '', anchor] = link.replace(REPOSITORY, '').split('#');
        const [, neighbour, rest] = /^\.\.\/([\w-]+)\/(.+)$/.exec(path) ?? [];
        const isInstalled = neighbour !== undefined && dependencies[`@asset-clients/${neighbour}`] !== undefined;
        const inside = inRepository ? join(root, path.replace(/^(?:blob|tree)\/main\//, '')) : join(folder, path === '' ? page : path);
        const file = isInstalled ? join(root, 'packages', neighbour, rest!) : inside;
        if (!existsSync(file)) return [`${page} links to ${link}, which is not there; correct it, or link to ${REPOSITORY}blob/main/...`];
        if (anchor === undefined || !file.endsWith('.md') || anchorsOf(readFileSync(file, 'utf8')).has(anchor)) return [];
        return [`${page} links to ${link}, where there is no such heading; correct it`];
      }),
    );
}
