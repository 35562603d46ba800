/** Deliberate mistakes, one at a time, in a package that is right without them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { checkDocs, checkEntries, checkFiles, checkLeaks, checkManifest, checkPublint, checkSourceMaps, checkTypes } from './tarball-checks.ts';
import { root, writeFolder } from './workspace.ts';

const MANIFEST = {
  name: '@asset-clients/example',
  version: '1.0.0',
  description: 'An example.',
  keywords: ['example'],
  homepage: 'https://github.com/asset-clients/asset-clients#readme',
  license: 'MIT',
  repository: { type: 'git', url: 'git+https://github.com/asset-clients/asset-clients.git', directory: 'packages/example' },
  type: 'module',
  sideEffects: false,
  bin: { example: './dist/bin.js' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  dependencies: { '@asset-clients/runtime': '^1.0.0', ky: '>=2.1.0 <3', old: 'npm:@scope/ky@1.0.0-beta.1' },
  engines: { node: '>=22.19' },
};

const MAP = { version: 3, file: 'index.js', sources: ['../src/index.ts'], sourcesContent: ['export * from "./part.ts";'], names: [], mappings: '' };

const FILES = {
  'package.json': MANIFEST,
  'README.md': '# Example\n\nCalls `GET /home/pages`, writes /tmp/x and https://example.com/work/items/1.\n',
  LICENSE: readFileSync(join(root, 'LICENSE'), 'utf8'),
  'CHANGELOG.md': '# @asset-clients/example\n\n## 1.0.0\n\nThe first version.\n',
  'dist/index.js': 'export * from "./part.js";\n//# sourceMappingURL=index.js.map\n',
  'dist/index.js.map': MAP,
  'dist/index.d.ts': 'export * from "./part.js";\n',
  'dist/part.js': 'export const part = 1;\n',
  'dist/part.d.ts': '/** A part. */\nexport declare const part = 1;\n',
  'dist/bin.js': '#!/usr/bin/env node\nimport "./part.js";\n',
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The package with other files; `undefined` leaves one out. */
function packageWith(changes: Readonly<Record<string, unknown>> = {}): string {
  const parent = mkdtempSync(join(tmpdir(), 'mistake-'));
  folders.push(parent);
  return writeFolder(join(parent, 'package'), Object.fromEntries(Object.entries({ ...FILES, ...changes }).filter(([, content]) => content !== undefined)));
}

function manifestWith(changes: Readonly<Record<string, unknown>>): string {
  return packageWith({ 'package.json': { ...MANIFEST, ...changes } });
}

/** The package as a tarball. */
function tarballOf(folder: string): string {
  const tarball = `${folder}.tgz`;
  execFileSync('tar', ['-czf', tarball, '-C', dirname(folder), basename(folder)]);
  return tarball;
}

test('the package is right', async () => {
  const folder = packageWith();
  for (const check of [checkManifest, checkFiles, checkEntries, checkLeaks, checkSourceMaps, checkDocs]) expect(check(folder), check.name).toEqual([]);
  expect(await checkPublint(tarballOf(folder))).toEqual([]);
  expect(await checkTypes(tarballOf(folder))).toEqual([]);
});

describe('manifest', () => {
  test.each([
    ['workspace protocol', { dependencies: { ky: 'workspace:^' } }, 'workspace:^'],
    ['catalog protocol', { devDependencies: { ky: 'catalog:' } }, 'catalog:'],
    ['a folder', { dependencies: { ky: 'file:../ky' } }, 'file:../ky'],
    ['a tarball', { dependencies: { ky: 'https://example.com/ky.tgz' } }, 'ky.tgz'],
    ['workspace protocol in another field', { overrides: { ky: 'workspace:*' } }, 'workspace:*'],
    ['install script', { scripts: { postinstall: 'node dist/bin.js' } }, 'postinstall'],
    ['private', { private: true }, 'private'],
    ['no keywords', { keywords: [] }, '"keywords" is missing'],
    ['no licence', { license: undefined }, '"license" is missing'],
    ['another repository', { repository: { type: 'git', url: 'git+https://example.com/fork.git', directory: 'packages/example' } }, 'repository.url is not'],
    ['an older Node', { engines: { node: '>=20' } }, 'engines.node is not ">=22.19"'],
    ['no word on side effects', { sideEffects: undefined }, '"sideEffects" is missing'],
    ['a version without an entry', { version: '1.1.0' }, 'CHANGELOG.md says nothing of 1.1.0'],
  ])('%s', (_mistake, changes, named) => {
    expect(checkManifest(manifestWith(changes)).join('\n')).toContain(named);
  });

  test('another licence', () => {
    expect(checkManifest(packageWith({ LICENSE: 'All rights reserved\n' }))).toEqual(['LICENSE is not the one of the repository']);
  });
});

describe('files', () => {
  test.each([
    ['no LICENSE', { LICENSE: undefined }, 'LICENSE is missing'],
    ['no CHANGELOG', { 'CHANGELOG.md': undefined }, 'CHANGELOG.md is missing'],
    ['no README', { 'README.md': undefined }, 'README.md is missing'],
    ['a source', { 'src/index.ts': '' }, 'src/index.ts does not belong into the package'],
    ['a test', { 'dist/index.test.js': '' }, 'dist/index.test.js does not belong into the package'],
    ['a secret', { 'dist/.env': '' }, 'dist/.env does not belong into the package'],
    ['a folder of another package', { 'templates/index.handlebars': '' }, 'templates/index.handlebars does not belong into the package'],
    ['a file of an older build', { 'dist/part-AbC123.js': '' }, 'dist/part-AbC123.js is not reached from any export'],
    ['types of an older build', { 'dist/part-AbC123.d.ts': '' }, 'dist/part-AbC123.d.ts is not reached from any export'],
  ])('%s', (_mistake, changes, problem) => {
    expect(checkFiles(packageWith(changes))).toEqual([problem]);
  });

  test('no build', () => {
    const dist = Object.keys(FILES).filter((file) => file.startsWith('dist/'));
    expect(checkFiles(packageWith(Object.fromEntries(dist.map((file) => [file, undefined]))))).toEqual(['dist is missing: build first']);
  });

  test("the generator's templates are missing", () => {
    expect(checkFiles(manifestWith({ name: '@asset-clients/codegen' })).join('\n')).toContain('handlebars');
  });
});

describe('exports', () => {
  const entry = (conditions: object) => manifestWith({ exports: { '.': conditions } });

  test.each([
    ['missing export', () => packageWith({ 'dist/index.js': undefined }), './dist/index.js does not exist'],
    ['wrong types path', () => entry({ types: './dist/main.d.ts', default: './dist/index.js' }), './dist/main.d.ts does not exist'],
    ['types that are none', () => entry({ types: './dist/index.js', default: './dist/index.js' }), 'holds no types'],
    ['types last', () => entry({ default: './dist/index.js', types: './dist/index.d.ts' }), 'types do not come first'],
    ['nested conditions', () => entry({ types: './dist/index.d.ts', node: { import: './dist/node.js' } }), '"." > "node" > "import": ./dist/node.js'],
    [
      'Node before Bun',
      () => entry({ types: './dist/index.d.ts', node: './dist/index.js', bun: './dist/part.js', default: './dist/part.js' }),
      'the conditions must come in the order types, bun, node, default',
    ],
    ['a condition that nobody knows', () => entry({ types: './dist/index.d.ts', worker: './dist/index.js' }), 'the condition worker is not one of'],
    ['a wildcard', () => manifestWith({ exports: { './*': './dist/*.js' } }), 'a wildcard'],
    ['none', () => manifestWith({ exports: {} }), 'there are no exports'],
    ['missing bin', () => packageWith({ 'dist/bin.js': undefined }), 'bin "example": ./dist/bin.js does not exist'],
    ['bin without its first line', () => packageWith({ 'dist/bin.js': 'export {};\n' }), '#!/usr/bin/env node'],
  ])('%s', (_mistake, folder, problem) => {
    expect(checkEntries(folder()).join('\n')).toContain(problem);
  });
});

describe('paths of the machine', () => {
  const quoted = (path: string) => `console.log('${path}');\n`;

  test.each([
    ['of the repository', `${root}/packages/example`],
    ['of the home folder', join(homedir(), 'projects')],
    ['of another home folder', ['', 'home', 'somebody', 'asset-clients'].join('/')],
    ['of a Mac', ['', 'Users', 'somebody', 'asset-clients'].join('/')],
    ['of Windows', ['C:', 'Users', 'somebody'].join('\\\\')],
    ['as a URL', `file://${['', 'opt', 'build'].join('/')}`],
  ])('%s', (_mistake, path) => {
    expect(checkLeaks(packageWith({ 'dist/part.js': quoted(path) })).join('\n')).toContain('dist/part.js names ');
    expect(checkLeaks(packageWith({ 'dist/index.js.map': { ...MAP, sourcesContent: [quoted(path)] } })).join('\n')).toContain('dist/index.js.map names ');
  });
});

describe('source maps', () => {
  test.each([
    ['missing', { 'dist/index.js.map': undefined }, 'its source map index.js.map does not exist'],
    ['missing for types', { 'dist/part.d.ts': 'export {};\n//# sourceMappingURL=part.d.ts.map' }, 'its source map part.d.ts.map does not exist'],
    ['of no file', { 'dist/part.js.map': MAP }, 'dist/part.js.map belongs to no file'],
    ['without its source', { 'dist/index.js.map': { ...MAP, sourcesContent: undefined } }, '../src/index.ts is neither in the map nor in the package'],
    ['absolute path', { 'dist/index.js.map': { ...MAP, sources: ['/opt/build/index.ts'] } }, '/opt/build/index.ts is an absolute path'],
    ['of a test', { 'dist/index.js.map': { ...MAP, sources: ['../src/index.test.ts'] } }, '../src/index.test.ts is a test'],
    ['sourceRoot', { 'dist/index.js.map': { ...MAP, sourceRoot: '/opt/build' } }, 'sourceRoot is /opt/build'],
  ])('%s', (_mistake, changes, problem) => {
    expect(checkSourceMaps(packageWith(changes)).join('\n')).toContain(problem);
  });
});

describe('doc comments', () => {
  test('an export without one, behind a re-export', () => {
    expect(checkDocs(packageWith({ 'dist/part.d.ts': 'export declare const part = 1;\n' }))).toEqual(['index.d.ts: part (dist/part.d.ts) has no doc comment']);
  });

  test('comments that the build has removed', () => {
    const folder = packageWith({ 'dist/index.d.ts': 'export interface Options {}\nexport declare function use(options: Options): void;\n' });
    expect(checkDocs(folder)).toHaveLength(2);
  });
});

describe('tools of others', () => {
  test('publint sees CommonJS in an ESM package', async () => {
    const tarball = tarballOf(packageWith({ 'dist/index.js': 'module.exports = require("./part.js");\n' }));
    expect((await checkPublint(tarball)).join('\n')).toContain('CJS');
  });

  test('are the types wrong sees types that lead nowhere', async () => {
    const tarball = tarballOf(packageWith({ 'dist/index.d.ts': 'export * from "./gone.js";\n' }));
    expect((await checkTypes(tarball)).join('\n')).toContain('./gone.js');
  });
});
