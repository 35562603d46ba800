/** Needs Java: runs the whole pipeline. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { generate } from './generate.ts';
import { readOperations } from './gates.ts';
import { verifyStamp } from './stamp.ts';
import { cleanFolders, documentOf, folderOf } from './test-helpers.ts';

afterEach(cleanFolders);

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const bin = fileURLToPath(new URL('bin.ts', import.meta.url));
const runtime = fileURLToPath(new URL('../../../packages/runtime/src/index.ts', import.meta.url));

const filesIn = (folder: string) => Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

function command(parameters: string[], options: { cwd?: string; env?: Record<string, string | undefined> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...parameters], {
    cwd: options.cwd,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  return { status, stdout, stderr };
}

/** Type-checks folders with every strict flag, as a Node package and as a bundler sees them. */
function typeCheck(folders: string[]): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const folder = folderOf({});
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const config = join(folder, `${module}.json`);
    const flags = [
      'strict',
      'exactOptionalPropertyTypes',
      'noUncheckedIndexedAccess',
      'isolatedDeclarations',
      'declaration',
      'verbatimModuleSyntax',
      'noUnusedLocals',
      'allowImportingTsExtensions',
      'noEmit',
      'skipLibCheck',
      'erasableSyntaxOnly',
    ];
    const compilerOptions = {
      ...Object.fromEntries(flags.map((flag) => [flag, true])),
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
      types: [],
      paths: { '@asset-clients/runtime': [runtime] },
    };
    writeFileSync(config, JSON.stringify({ compilerOptions, include: folders.map((path) => `${path}/*.ts`) }));
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
    // The runtime's own files are checked elsewhere, with the types of Node.
    expect(
      stdout.split('\n').filter((line) => folders.some((path) => line.includes(path.split('/').at(-1) as string) && !line.includes('packages/runtime'))),
    ).toEqual([]);
  }
}

describe('the kitchen sinks', () => {
  it('are generated as committed, byte for byte, and type-check', { timeout: 120_000 }, async () => {
    const names = ['kitchen-sink', 'kitchen-sink-3.1'];
    const out = folderOf({});
    const { documents } = await generate({ jobs: names.map((name) => ({ input: join(fixtures, `${name}.yaml`), output: join(out, name) })) });
    expect(documents.map(({ operations }) => operations)).toEqual([20, 6]);
    for (const name of names) {
      expect(filesIn(join(out, name))).toEqual(filesIn(join(fixtures, 'generated', name)));
      expect(await verifyStamp(join(out, name))).toEqual([]);
    }
    typeCheck(names.map((name) => join(fixtures, 'generated', name)));
  });
});

describe('hostile documents', () => {
  const evil = [
    '*/ alert(1) /*',
    '`${alert(1)}`',
    `'"\\`,
    'a\nb\r\nc',
    '\u2028\u2029',
    '{{{openAPI}}} {{#each}}',
    '</script>',
    '@ts-ignore',
    '__proto__',
    'constructor',
    '$&',
    '\u202e',
    '😀',
    '<%= x %>',
    '&lt;',
  ];

  it('give inert code that says the same', { timeout: 120_000 }, async () => {
    const properties = Object.fromEntries(
      evil.map((text) => [text, { type: 'string', description: text, enum: [text, `${text}2`], example: text, default: text, title: text }]),
    );
    const schema = { type: 'object', description: evil.join('\n'), properties: { ...properties }, required: evil };
    const operation = (text: string) => ({
      operationId: text,
      summary: text,
      description: evil.join('\n'),
      tags: [text],
      'x-source': text,
      'x-required-headers': { [text]: text },
      security: [{ [text]: [text] }],
      parameters: evil.map((name) => ({ name, in: 'query', description: name, schema: { type: 'string', enum: [name, `${name}2`] } })),
      requestBody: { description: text, content: { 'application/json': { schema }, [`x/${text}`]: {} } },
      responses: {
        200: {
          description: text,
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${text.replaceAll('~', '~0').replaceAll('/', '~1')}` } } },
        },
        [text]: { description: text },
      },
    });
    const document = documentOf({
      paths: Object.fromEntries(evil.map((text) => [`/${text}`, { post: operation(text) }])),
      schemas: Object.fromEntries(evil.map((text) => [text, schema])),
      more: { info: { title: evil.join(' '), version: '1' } },
    }) as { components: Record<string, unknown> };
    document.components.securitySchemes = Object.fromEntries(evil.map((text) => [text, { type: 'apiKey', in: 'header', name: text }]));
    const folder = folderOf({ 'package.json': '{"type":"module"}', 'evil */ `${x}`.json': JSON.stringify(document) });
    const out = join(folder, 'hostile-output');
    const { documents } = await generate({ jobs: [{ input: join(folder, 'evil */ `${x}`.json'), output: out }] });
    expect(documents[0]).toMatchObject({ operations: evil.length, models: evil.length });
    typeCheck([out]);
    const operations = [...readOperations(readFileSync(join(out, 'operations.ts'), 'utf8'), 'evil').values()];
    expect(operations.map((emitted) => emitted.path)).toEqual(Object.keys((document as unknown as { paths: object }).paths));
    const names = ((operations[0]?.parameters ?? []) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(evil);
  });
});

describe('the command', () => {
  const small = JSON.stringify(documentOf({ paths: { '/a': { get: { responses: { 204: { description: '' } } } } } }));

  it('generates, checks, and leaves an unchanged folder alone', { timeout: 120_000 }, () => {
    const folder = folderOf({ 'api.json': small });
    expect(command(['api.json', '-o', 'out', '--check'], { cwd: folder })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Run: asset-clients-codegen api.json -o out') as string,
    });
    expect(readdirSync(folder)).toEqual(['api.json']);
    expect(command(['api.json', '-o', 'out'], { cwd: folder }).stdout).toMatch(
      /^api\.json -> out {2}1 operation, 0 models, 4 files changed\n {2}operation id: 1 repaired\n/,
    );
    expect(command(['--input', 'api.json', '--output', 'out', '--check'], { cwd: folder })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('unchanged') as string,
    });
    writeFileSync(join(folder, 'out', 'stale.ts'), '');
    command(['api.json', '-o', 'out'], { cwd: folder });
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual(['.stamp.json', 'index.ts', 'models.ts', 'operations.ts']);
  });

  it('generates a whole repository', { timeout: 120_000 }, () => {
    const folder = folderOf({
      'pnpm-workspace.yaml': '',
      'specs/acme/files.yaml': small,
      'specs/acme/more.yaml': small,
      'specs/lint.yaml': '',
      'packages/acme/src/index.ts': '',
    });
    mkdirSync(join(folder, 'deep'));
    const { stdout } = command([], { cwd: join(folder, 'deep') });
    expect(stdout).toContain('specs/acme/files.yaml -> packages/acme/src/generated/files  1 operation, 0 models, 4 files changed');
    expect(readdirSync(join(folder, 'packages/acme/src/generated/more')).toSorted()).toEqual(['.stamp.json', 'index.ts', 'models.ts', 'operations.ts']);
    symlinkSync(join(folder, 'specs/acme'), join(folder, 'specs/other'));
    writeFileSync(join(folder, 'packages/acme/src/generated/files/models.ts'), 'edited');
    expect(command(['--check'], { cwd: folder })).toMatchObject({ status: 1, stderr: expect.stringContaining('Run: pnpm generate') as string });
  });

  it('without Java, or with another JAR, says what to do', () => {
    const folder = folderOf({ 'api.json': small, 'wrong.jar': 'not the generator' });
    const without = command(['api.json', '-o', 'out'], { cwd: folder, env: { PATH: '', JAVA_HOME: '' } });
    expect(without).toMatchObject({ status: 1, stderr: expect.stringMatching(/Java was not found[^]*Install a Java runtime, version 11 or newer/) as string });
    expect(command(['api.json', '-o', 'out', '--jar', 'wrong.jar'], { cwd: folder }).stderr).toMatch(/sha256[^]*It was not run/);
    expect(command(['api.json', '-o', 'out', '--jar', 'absent.jar'], { cwd: folder }).stderr).toContain('There is no file absent.jar');
    expect(readdirSync(folder).toSorted()).toEqual(['api.json', 'wrong.jar']);
  });

  it('refuses what it cannot do, in words', () => {
    const folder = folderOf({
      'api.json': small,
      'broken.yaml': 'openapi: 3.0.3\npaths:\n  /a: [\n',
      'mine/notes.txt': 'x',
      'pnpm-workspace.yaml': '',
      'specs/nobody/a.yaml': small,
    });
    const failing = (parameters: string[], cwd = folder) => {
      const { status, stderr } = command(parameters, { cwd });
      expect(status).toBe(1);
      return stderr;
    };
    expect(failing(['broken.yaml', '-o', 'out'])).toMatch(/^broken\.yaml:\d+:\d+: /);
    expect(failing(['absent.yaml', '-o', 'out'])).toMatch(/^absent\.yaml: there is no such file/);
    expect(failing(['api.json', '-o', 'mine'])).toContain('--force');
    expect(failing(['api.json'])).toContain('Add -o <folder>');
    expect(failing(['--nope'])).toContain('--help');
    expect(failing([])).toContain('packages/nobody');
    expect(failing([], dirname(folder))).toContain('--input <document>');
  });

  it('prints help and version', () => {
    expect(execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' })).toContain('Usage:');
    expect(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
