/**
 * Deliberate mistakes, one at a time, in the tarballs that would be published: each is found by the check that is there for
 * it, which names the file and says what to do. Without them all checks pass.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { sizeCases } from '@asset-clients/benchmarks/size-cases';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { checkBundlers } from './bundlers.ts';
import type { Manifest } from './manifest-checks.ts';
import { packAll, packChanged, type PackedPackage, type PackedPackages } from './pack.ts';
import { Report } from './report.ts';
import { checkTarball } from './tarball-checks.ts';
import { checkBundles } from './together-checks.ts';
import { checkInstalled, checkLoading, checkTypes, entriesOf, TYPE_CHECKS } from './installation-checks.ts';
import { INSTALLATIONS } from './installations.ts';
import { publishedPackages, readJson, root, writeFolder } from './workspace.ts';

const room = mkdtempSync(join(tmpdir(), 'mistakes-'));
let packages: PackedPackages;
beforeAll(async () => {
  packages = await packAll(newFolder());
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

/** What somebody did to an unpacked package. */
type Change = (folder: string) => void;

/** Other fields in `package.json`; `undefined` takes one out. */
const manifest =
  (fields: object | ((manifest: Manifest) => object)): Change =>
  (folder) => {
    const before = readJson(join(folder, 'package.json')) as Manifest;
    writeFolder(folder, { 'package.json': { ...before, ...(typeof fields === 'function' ? fields(before) : fields) } });
  };
const conditions = (subpath: string, entry: unknown): Change => manifest(({ exports }) => ({ exports: { ...exports, [subpath]: entry } }));
const add =
  (file: string, content: unknown = ''): Change =>
  (folder) =>
    void writeFolder(folder, { [file]: content });
const remove =
  (file: string): Change =>
  (folder) =>
    rmSync(join(folder, file), { recursive: true });
/** Replaces text that must be there. */
const replace =
  (file: string, from: string | RegExp, to: string): Change =>
  (folder) => {
    const before = readFileSync(join(folder, file), 'utf8');
    const after = before.replace(from, () => to);
    if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
    writeFileSync(join(folder, file), after);
  };
const append = (file: string, text: string): Change => replace(file, /$/, text);
const map = (fields: object | ((map: { sources: string[]; mappings: string }) => object)): Change => {
  const file = 'dist/auth.js.map';
  return (folder) => {
    const before = readJson(join(folder, file)) as { sources: string[]; mappings: string };
    writeFolder(folder, { [file]: { ...before, ...(typeof fields === 'function' ? fields(before) : fields) } });
  };
};

/** @returns Failed checks and their problems. */
async function checked(pack: PackedPackage): Promise<Record<string, string>> {
  const lines: string[] = [];
  const report = new Report(false, (line) => void lines.push(line));
  await checkTarball(report, pack, INSTALLATIONS.find(({ name }) => name === pack.shortName)?.installed);
  expect(report.finish(), lines.join('\n')).toBe(report.failures.length === 0 ? 0 : 1);
  return Object.fromEntries(report.failures.map(({ name, problems }) => [name, problems.join('\n')]));
}

test.each(publishedPackages().map(({ shortName }) => shortName))('%s is right', async (name) => {
  expect(await checked(packages.get(name))).toEqual({});
});

/** What is wrong, the package it is done to (Tenovos when not named), and the check that finds it with words of its message. */
type Mistake = readonly [name: string, change: Change, ...found: (readonly [check: string, words: string])[]];

describe.each<[group: string, shortName: string, mistakes: readonly Mistake[]]>([
  [
    'manifest',
    'tenovos',
    [
      [
        'workspace protocol',
        manifest({ dependencies: { '@asset-clients/runtime': 'workspace:^' } }),
        ['manifest', 'package.json: "workspace:^" is left in it; pack with pnpm'],
      ],
      [
        'catalog protocol',
        manifest({ peerDependencies: { ky: 'catalog:' }, peerDependenciesMeta: { ky: { optional: true } } }),
        ['manifest', '"catalog:" is left in it; pack with pnpm'],
      ],
      [
        'a folder',
        manifest({ dependencies: { '@asset-clients/runtime': 'file:../runtime' } }),
        ['manifest', '"file:../runtime", which no registry knows'],
        ['publint', 'file:../runtime'],
      ],
      ['a tarball', manifest({ dependencies: { '@asset-clients/runtime': 'https://example.com/runtime.tgz' } }), ['manifest', 'which no registry knows']],
      ['workspace protocol in another field', manifest({ overrides: { ky: 'workspace:*' } }), ['manifest', '"workspace:*" is left in it']],
      [
        'an install script',
        manifest({ scripts: { postinstall: 'node dist/index.js' } }),
        ['manifest', 'the script "postinstall" runs at install time; take it out'],
      ],
      ['native code', add('binding.gyp', '{}'), ['manifest', 'binding.gyp is built at install time'], ['files', 'binding.gyp does not belong']],
      [
        'what only its developers need',
        manifest({ devDependencies: { vitest: '^5.0.0' } }),
        ['manifest', '"devDependencies" is of no use to users; tools/config/pnpmfile.mjs'],
      ],
      ['private', manifest({ private: true }), ['manifest', '"private" is true; take it out']],
      ['no keywords', manifest({ keywords: [] }), ['manifest', '"keywords" is missing']],
      ['no licence', manifest({ license: undefined }), ['manifest', '"license" is missing; add it'], ['publint', 'license']],
      ['another licence', add('LICENSE', 'All rights reserved\n'), ['manifest', 'LICENSE is not the one of the repository; copy it']],
      [
        'another repository',
        manifest({ repository: { type: 'git', url: 'git+https://example.com/fork.git', directory: 'packages/tenovos' } }),
        ['manifest', 'repository.url is not'],
      ],
      [
        'a homepage of another package',
        manifest({ homepage: 'https://github.com/asset-clients/asset-clients/tree/main/packages/egain#readme' }),
        ['manifest', 'homepage is not'],
      ],
      ['an older Node', manifest({ engines: { node: '>=20' } }), ['manifest', 'engines.node is not ">=22.19"']],
      ['no word on side effects', manifest({ sideEffects: undefined }), ['manifest', '"sideEffects" is neither false nor a list']],
      ['side effects in a file that is gone', manifest({ sideEffects: ['./dist/gone.js'] }), ['manifest', '"sideEffects" is neither false nor a list']],
      ['everything packed', manifest({ files: ['**/*'] }), ['manifest', '"files" must be a list of files and folders']],
      ['a version without an entry', manifest({ version: '1.1.0' }), ['manifest', 'CHANGELOG.md says nothing of 1.1.0']],
      [
        'one more dependency',
        manifest(({ dependencies }) => ({ dependencies: { ...(dependencies as object), lodash: '^4.17.0' } })),
        ['dependencies', 'dependencies: lodash would be installed, too; do without'],
      ],
      ['a peer that everybody needs', manifest({ peerDependencies: { axios: '^1.0.0' } }), ['dependencies', 'peerDependencies: axios would be installed, too']],
    ],
  ],
  [
    'exports',
    'tenovos',
    [
      [
        'missing export',
        remove('dist/operations.js'),
        ['exports, imports and bin', 'exports "./operations" > "default": ./dist/operations.js does not exist; build it'],
        ['publint', './dist/operations.js'],
      ],
      [
        'wrong types path',
        conditions('.', { types: './dist/main.d.ts', default: './dist/index.js' }),
        ['exports, imports and bin', 'exports "." > "types": ./dist/main.d.ts does not exist'],
        ['files', 'dist/auth.d.ts is not reached'],
        ['publint', './dist/main.d.ts'],
        ['are the types wrong', 'exports ".": FallbackCondition'],
      ],
      [
        'types that are none',
        conditions('.', { types: './dist/index.js', default: './dist/index.js' }),
        ['exports, imports and bin', './dist/index.js holds no types; name the .d.ts'],
        ['files', 'dist/auth.d.ts is not reached'],
      ],
      [
        'types last',
        conditions('.', { default: './dist/index.js', types: './dist/index.d.ts' }),
        ['exports, imports and bin', 'exports ".": types do not come first; put them there'],
        ['publint', 'should be the first in the object'],
      ],
      [
        'a condition that nobody knows',
        conditions('.', { types: './dist/index.d.ts', worker: './dist/index.js', default: './dist/index.js' }),
        ['exports, imports and bin', 'the condition worker is not one of'],
      ],
      ['no default', conditions('.', { types: './dist/index.d.ts', node: './dist/index.js' }), ['exports, imports and bin', 'there is no "default"']],
      [
        'a wildcard',
        conditions('./*', { types: './dist/*.d.ts', default: './dist/*.js' }),
        ['exports, imports and bin', 'exports "./*": a wildcard; name each subpath'],
      ],
      [
        'outside of the package',
        conditions('./runtime', { types: './dist/index.d.ts', default: '@asset-clients/runtime' }),
        ['exports, imports and bin', '@asset-clients/runtime is not inside the package; name a file in dist'],
        ['publint', './@asset-clients/runtime'],
      ],
      [
        'none',
        manifest({ exports: undefined }),
        ['exports, imports and bin', 'there are no exports; add them'],
        ['files', 'is not reached from any export'],
        ['are the types wrong', 'exports ".": NoResolution'],
      ],
      ['CommonJS', add('dist/operations.js', 'module.exports = {};\n'), ['publint', 'CJS']],
      ['types that lead nowhere', append('dist/operations.d.ts', 'export * from "./gone.js";\n'), ['are the types wrong', './gone.js']],
    ],
  ],
  [
    'imports',
    'runtime',
    [
      [
        'Node before Bun',
        manifest(({ imports }) => ({ imports: { '#platform': { node: './dist/platform/node.js', ...(imports!['#platform'] as object) } } })),
        ['exports, imports and bin', 'imports "#platform": the conditions must come in the order bun, deno, workerd, browser, node, default'],
      ],
      [
        'a platform that is missing',
        remove('dist/platform/web.js'),
        ['exports, imports and bin', 'imports "#platform" > "workerd": ./dist/platform/web.js does not exist; build it'],
        ['files', 'dist/platform/web.js.map is not reached'],
        ['source maps', 'dist/platform/web.js.map belongs to no file'],
      ],
    ],
  ],
  [
    'bin',
    'codegen',
    [
      [
        'a command that is missing',
        remove('dist/bin.js'),
        ['exports, imports and bin', 'bin "asset-clients-codegen": dist/bin.js does not exist; build it'],
        ['manifest', '"sideEffects"'],
        ['files', 'dist/bin.js.map'],
        ['source maps', 'dist/bin.js.map'],
        ['publint', 'dist/bin.js'],
      ],
      [
        'a command without its first line',
        replace('dist/bin.js', '#!/usr/bin/env node\n', ''),
        ['exports, imports and bin', 'dist/bin.js: bin "asset-clients-codegen" does not start with #!/usr/bin/env node; put it first'],
        ['publint', 'dist/bin.js'],
      ],
      ['no templates', remove('templates'), ['files', 'no file is like']],
    ],
  ],
  [
    'files',
    'tenovos',
    [
      ['no LICENSE', remove('LICENSE'), ['manifest', 'LICENSE is not the one'], ['files', 'LICENSE is missing; add it']],
      ['no CHANGELOG', remove('CHANGELOG.md'), ['files', 'CHANGELOG.md is missing; add it, also to "files"']],
      ['no README', remove('README.md'), ['files', 'README.md is missing']],
      ['a source', add('src/index.ts', 'export {};\n'), ['files', 'src/index.ts does not belong into the package; delete it']],
      ['a test', add('dist/auth.test.js', 'export {};\n'), ['files', 'dist/auth.test.js does not belong into the package']],
      [
        'a file of secrets',
        add('.npmrc', `//registry.example/:${'_auth'}Token=abc\n`),
        ['files', '.npmrc does not belong into the package'],
        ['paths of the machine, secrets', '.npmrc holds'],
      ],
      ['an environment file', add('dist/.env', 'TENOVOS_PASSWORD=\n'), ['files', 'dist/.env does not belong into the package']],
      [
        'a file of an older build',
        add('dist/pages-old.js', 'export {};\n'),
        ['files', 'dist/pages-old.js is not reached from any export; delete dist and build again'],
      ],
      ['types of an older build', add('dist/old.d.ts', 'export {};\n'), ['files', 'dist/old.d.ts is not reached from any export']],
      [
        'no build',
        remove('dist'),
        ['exports, imports and bin', 'does not exist; build it'],
        ['files', 'dist is missing; pnpm build'],
        ['publint', './dist/index.js'],
        ['are the types wrong', 'package.json: there are no types'],
      ],
    ],
  ],
  [
    'paths of the machine, secrets',
    'worldserver',
    [
      ...(
        [
          ['of the repository', `${root}/packages/worldserver`],
          ['of the home folder', join(homedir(), 'projects')],
          ['of another home folder', ['', 'home', 'somebody', 'asset-clients'].join('/')],
          ['of a Mac', ['', 'Users', 'somebody', 'asset-clients'].join('/')],
          ['of Windows', ['C:', 'Users', 'somebody'].join('\\\\')],
          ['as a URL', `file://${['', 'opt', 'build'].join('/')}`],
        ] as const
      ).map(([name, path]): Mistake => [`a path ${name}`, append('dist/auth.js', `\n// ${path}\n`), ['paths of the machine, secrets', 'dist/auth.js names ']]),
      [
        'a path in a source map',
        map(({ sources }) => ({ sourcesContent: sources.map(() => `// ${root}/packages\n`.repeat(1000)) })),
        ['paths of the machine, secrets', `dist/auth.js.map names ${root}/, a path of the machine that built it`],
      ],
      [
        'a private key',
        append('dist/auth.js', `\n// -----BEGIN ${'PRIVATE'} KEY-----\n`),
        ['paths of the machine, secrets', 'dist/auth.js holds "-----BEG...", which looks like a secret'],
      ],
      ['a token', append('dist/auth.js', `\n// npm_${'a1'.repeat(18)}\n`), ['paths of the machine, secrets', 'take it out, and revoke it']],
    ],
  ],
  [
    'source maps',
    'worldserver',
    [
      ['missing', remove('dist/auth.js.map'), ['source maps', 'dist/auth.js: its source map auth.js.map does not exist; build again']],
      [
        'not named',
        (folder) => [remove('dist/auth.js.map'), replace('dist/auth.js', /\/\/# sourceMappingURL=.*/, '')].forEach((change) => change(folder)),
        ['source maps', 'dist/auth.js has no source map; set sourcemap'],
      ],
      [
        'missing for types',
        append('dist/auth.d.ts', '\n//# sourceMappingURL=auth.d.ts.map\n'),
        ['source maps', 'dist/auth.d.ts: its source map auth.d.ts.map does not exist'],
      ],
      ['of no file', add('dist/index.js.map', { version: 3, sources: [], mappings: '' }), ['source maps', 'dist/index.js.map belongs to no file']],
      [
        'without its source',
        map({ sourcesContent: undefined }),
        ['source maps', 'dist/auth.js.map: ../src/auth.ts is neither in the map nor in the package; keep sourcesContent'],
      ],
      ['absolute path', map({ sources: ['/opt/build/auth.ts'] }), ['source maps', '/opt/build/auth.ts is an absolute path']],
      ['of a test', map({ sources: ['../src/auth.test.ts'] }), ['source maps', '../src/auth.test.ts is a test']],
      ['sourceRoot', map({ sourceRoot: '/opt/build' }), ['source maps', 'sourceRoot is /opt/build; leave it empty']],
      ['of another version of the source', map({ sourcesContent: ['export {};\n'] }), ['source maps', 'which has fewer; build again']],
      ['that maps nothing', map({ mappings: '' }), ['source maps', 'dist/auth.js.map maps no line']],
    ],
  ],
  [
    'for people',
    'tenovos',
    [
      [
        'an export without a comment',
        replace('dist/metadata.d.ts', /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*(?=export declare function metadata\b)/, ''),
        ['doc comments', 'dist/index.d.ts: metadata (dist/metadata.d.ts) has no doc comment; write one'],
      ],
      [
        'names of a machine',
        replace('dist/operations.d.ts', 'import { CreateTokenParams', 'import { n as CreateTokenParams'),
        ['readable names', 'dist/operations.d.ts says "n as CreateTokenParams"'],
      ],
      [
        'a file named by a hash',
        (folder) =>
          [
            replace('dist/index.js', './metadata.js', './metadata-B1x9Zk2Q.js'),
            (at: string) => cpSync(join(at, 'dist/metadata.js'), join(at, 'dist/metadata-B1x9Zk2Q.js')),
          ].forEach((change) => change(folder)),
        ['files', 'dist/metadata.js is not reached'],
        ['source maps', 'metadata'],
        ['readable names', 'dist/metadata-B1x9Zk2Q.js has a name made of a hash; give it one'],
      ],
      [
        'a link to nothing',
        append('README.md', '\n[more](../../docs/gone.md)\n'),
        ['links', 'README.md links to ../../docs/gone.md, which is not there; correct it'],
      ],
      [
        'a link to a page of GitHub that is gone',
        append('README.md', '\n[more](https://github.com/asset-clients/asset-clients/blob/main/docs/gone.md)\n'),
        ['links', 'docs/gone.md, which is not there'],
      ],
      [
        'a link to a heading that is gone',
        append('README.md', '\n[more](#no-such-heading)\n'),
        ['links', 'README.md links to #no-such-heading, where there is no such heading'],
      ],
    ],
  ],
])('%s', (_group, shortName, mistakes) => {
  test.each(mistakes.map(([name, change, ...found]) => [name, change, found] as const))('%s', async (_name, change, found) => {
    const failures = await checked(await packChanged(packages.get(shortName), newFolder(), change));
    expect(failures).toEqual(Object.fromEntries(found.map(([check, words]) => [`${shortName} tarball: ${check}`, expect.stringContaining(words) as string])));
  });
});

describe('installed', () => {
  /** A folder with all packages in `node_modules`, some of them changed. */
  async function installed(changes: Readonly<Record<string, Change>> = {}): Promise<string> {
    const folder = writeFolder(newFolder(), { 'package.json': { type: 'module' } });
    for (const pack of packages.all) {
      const { unpacked } = changes[pack.shortName] === undefined ? pack : await packChanged(pack, newFolder(), changes[pack.shortName]!);
      cpSync(unpacked, join(folder, 'node_modules', pack.name), { recursive: true });
    }
    for (const library of ['runtime/node_modules/ky', 'runtime/node_modules/undici', 'egain/node_modules/oauth4webapi', 'testing/node_modules/hono']) {
      symlinkSync(join(root, 'packages', library), join(folder, 'node_modules', library.split('/').at(-1)!), 'junction');
    }
    return folder;
  }

  const CASES = sizeCases.filter(({ name }) => name === 'Tenovos: retrieveAsset, token');

  async function bundled(changes: Readonly<Record<string, Change>> = {}): Promise<string> {
    const report = new Report(false, () => undefined);
    await checkBundles(report, await installed(changes), CASES);
    return report.failures.flatMap(({ problems }) => problems).join('\n');
  }

  test('bundles for browsers are as small as was written down', async () => {
    expect(CASES).toHaveLength(1);
    expect(await bundled()).toBe('');
  });

  test('a bigger bundle', async () => {
    const noise = Array.from({ length: 500 }, (_, index) => Math.sin(index)).join();
    const publish = `const publishRequest = () => {\n\tif (globalThis.noise) throw new Error("${noise}");\n};`;
    const problem = await bundled({ runtime: replace('dist/platform/browser.js', 'const publishRequest = () => void 0;', publish) });
    expect(problem).toMatch(/^Tenovos: retrieveAsset, token: \d+ B gzip, docs\/sizes\.json says \d+; shake it off/);
  });

  test.each<[name: string, change: Change, module: string]>([
    ['undici', manifest({ imports: { '#platform': './dist/platform/node.js' } }), 'undici/'],
    ['a module of Node', replace('dist/platform/browser.js', /^/, 'import { readFileSync } from "node:fs";\nreadFileSync("x");\n'), 'node:fs'],
  ])('a bundle for browsers with %s in it', async (_name, change, module) => {
    expect(await bundled({ runtime: change })).toContain(`the bundle for tenovos holds ${module}`);
  });

  test('a bundle of any bundler with undici in it', async () => {
    const problemsOf = async (folder: string): Promise<string[]> => {
      const report = new Report(false, () => undefined);
      await checkBundlers(report, folder);
      return report.failures.map(({ problems }) => problems.join());
    };
    expect(await problemsOf(await installed())).toEqual([]);
    const found = await problemsOf(await installed({ runtime: manifest({ imports: { '#platform': './dist/platform/node.js' } }) }));
    // Some bundle it, others cannot.
    expect(found).toEqual(['rolldown', 'esbuild', 'Rollup', 'webpack'].map(() => expect.stringMatching(/\bUndiciTransport\b|\bnode:\w/) as string));
  });

  const tenovos = INSTALLATIONS.find(({ name }) => name === 'tenovos')!;

  test('loads by import and by require()', async () => {
    expect(await checkLoading(await installed(), entriesOf(packages, tenovos), process.execPath)).toEqual([]);
  });

  test.each<[name: string, change: Change, words: string]>([
    ['what require() cannot load', append('dist/index.js', '\nawait 0;\n'), 'ERR_REQUIRE_ASYNC_MODULE'],
    ['an import of what is not installed', append('dist/index.js', '\nimport "lodash";\n'), "Cannot find package 'lodash'"],
    ['a file that prints', append('dist/index.js', '\nconsole.error("hello");\n'), 'something is printed: hello'],
    ['an entry that exports nothing', add('dist/operations.js', 'export {};\n'), '@asset-clients/tenovos/operations exports nothing'],
  ])('%s', async (_name, change, words) => {
    const problems = await checkLoading(await installed({ tenovos: change }), entriesOf(packages, tenovos), process.execPath);
    expect(problems.join('\n')).toContain(words);
  });

  const withoutNode = TYPE_CHECKS.find(({ title }) => title === 'nodenext, lib DOM, no @types/node')!;

  test('types that need @types/node', async () => {
    const use = { 'index.ts': "import { metadata } from '@asset-clients/tenovos';\nconsole.log(metadata);\n" };
    const right = writeFolder(await installed(), use);
    expect(await checkTypes(right, withoutNode.compilerOptions)).toEqual([]);
    const wrong = writeFolder(await installed({ tenovos: append('dist/metadata.d.ts', '\nexport declare const raw: Buffer;\n') }), use);
    expect((await checkTypes(wrong, withoutNode.compilerOptions)).join('\n')).toMatch(
      /tenovos\/dist\/metadata\.d\.ts\(\d+,\d+\): error TS\d+: Cannot find name 'Buffer'/,
    );
  });

  test.each<[name: string, tree: object, words: string]>([
    ['one more package', { 'node_modules/lodash': {} }, 'node_modules/lodash is installed, too; do without'],
    ['a package twice', { 'node_modules/a/node_modules/ky': {} }, 'node_modules/a/node_modules/ky is installed, too'],
    ['an install script of a dependency', { 'node_modules/ky': { hasInstallScript: true } }, 'node_modules/ky runs a script at install time'],
  ])('%s', (_name, tree, words) => {
    const right = Object.fromEntries(tenovos.installed.map((name) => [`node_modules/${name}`, {}]));
    const lock = (tree_: object): string => writeFolder(newFolder(), { 'node_modules/.package-lock.json': { packages: tree_ } });
    expect(checkInstalled(lock(right), tenovos.installed)).toEqual([]);
    expect(checkInstalled(lock({ ...right, ...tree }), tenovos.installed)).toEqual([expect.stringContaining(words)]);
  });
});

let count = 0;
function newFolder(): string {
  const folder = join(room, String(count++));
  mkdirSync(folder);
  return folder;
}
