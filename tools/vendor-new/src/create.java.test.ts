/** Needs Java: makes a vendor and an API in a copy of the repository; what comes out must build, type-check and pass its tests. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, test } from 'vitest';

import { createVendor } from './create.ts';
import { UsageError } from './names.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const kitchenSink = join(repository, 'tools/codegen/fixtures/kitchen-sink.yaml');
const copies: string[] = [];

afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true, force: true });
});

/** The files of the repository, with what is installed in it. */
function copyRepository(): string {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), 'vendor-new-'));
  copies.push(copy);
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: repository, encoding: 'utf8' }).split('\0');
  for (const file of files) {
    if (file === '' || !existsSync(join(repository, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(repository, file), join(copy, file));
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  for (const room of ['packages', 'tools']) for (const name of readdirSync(join(copy, room))) install(copy, `${room}/${name}`, []);
  return copy;
}

/**
 * What the package has installed in the repository.
 *
 * @param own - Packages that are taken from the copy.
 * @param like - The package whose installation is taken.
 */
function install(copy: string, folder: string, own: readonly string[], like: string = folder): void {
  const installed = join(repository, like, 'node_modules');
  const target = join(copy, folder, 'node_modules');
  rmSync(target, { recursive: true, force: true });
  if (!existsSync(installed)) return;
  mkdirSync(join(target, '@asset-clients'), { recursive: true });
  for (const name of readdirSync(installed)) if (name !== '@asset-clients') symlinkSync(join(installed, name), join(target, name));
  const scope = join(installed, '@asset-clients');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    if (!own.includes(name)) symlinkSync(realpathSync(join(scope, name)), join(target, '@asset-clients', name));
  }
  for (const name of own) symlinkSync(join(copy, 'packages', name), join(target, '@asset-clients', name));
}

function run(copy: string, folder: string, command: string, ...parameters: string[]): void {
  const { status, stdout, stderr } = spawnSync(join(repository, 'node_modules/.bin', command), parameters, {
    cwd: join(copy, folder),
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', VITEST: '', VITEST_MODE: '', VITEST_POOL_ID: '', VITEST_WORKER_ID: '' },
  });
  expect(status, `${folder}: ${command} ${parameters.join(' ')}\n${stdout}\n${stderr}`.slice(-6000)).toBe(0);
}

function check(copy: string, packageFolder: string, id: string): void {
  install(copy, 'tools/integration', [packageFolder.split('/')[1]!, 'testing']);
  // The built clients are what tests of client and fake use.
  for (const folder of [packageFolder, 'packages/testing']) run(copy, folder, 'tsdown', '--silent');
  for (const folder of [packageFolder, 'packages/testing', 'tools/integration']) run(copy, folder, 'tsc', '--noEmit');
  run(copy, packageFolder, 'vitest', 'run');
  run(copy, 'packages/testing', 'vitest', 'run', `src/${id}`, 'src/imports.test.ts');
  run(copy, 'tools/integration', 'vitest', 'run', `test/${id}.test.ts`);
  run(copy, 'tools/repo-checks', 'vitest', 'run', 'package-shape', 'arrows', 'generated', 'docs');
  run(copy, '.', 'oxlint', '--deny-warnings', 'packages', 'tools/integration');
  run(copy, '.', 'oxfmt', '--check', 'packages', 'tools/integration');
}

test('a new vendor builds, type-checks and passes its tests', { timeout: 240_000 }, async () => {
  const copy = copyRepository();
  const created = await createVendor({ root: copy, vendor: 'acme', api: 'sink', input: kitchenSink, title: 'Acme' });
  install(copy, 'packages/acme', [], 'packages/worldserver');
  expect(created).toMatchObject({ operations: 20, webhooks: 0, withoutArguments: [] });
  for (const file of created.files) expect(existsSync(join(copy, file)), file).toBe(true);
  for (const file of created.changed) expect(readFileSync(join(copy, file), 'utf8'), file).not.toBe(readFileSync(join(repository, file), 'utf8'));
  check(copy, 'packages/acme', 'acme');
  await expect(createVendor({ root: copy, vendor: 'acme', api: 'sink', input: kitchenSink })).rejects.toThrow('pnpm spec:update acme/sink');
});

test('a new API of a vendor builds, type-checks and passes its tests', { timeout: 240_000 }, async () => {
  const copy = copyRepository();
  const created = await createVendor({ root: copy, vendor: 'worldserver', api: 'sink', input: join(dirname(kitchenSink), 'kitchen-sink-3.1.yaml') });
  expect(created.changed).toContain('packages/worldserver/README.md');
  check(copy, 'packages/worldserver', 'worldserver-sink');
});

test('without Java, or from a document that code cannot be made of, nothing is written', async () => {
  const copy = copyRepository();
  const state = (): string => execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: copy, encoding: 'utf8' });
  execFileSync('git', ['init', '-q'], { cwd: copy });
  execFileSync('git', ['add', '-A'], { cwd: copy });
  const before = state();
  const broken = join(copy, '..', `${copy.split('/').at(-1)!}.yaml`);
  copies.push(broken);
  writeFileSync(
    broken,
    'openapi: 3.0.3\ninfo: { title: x, version: "1" }\npaths: { /a: { get: { responses: { "200": { $ref: "https://example.com/x.yaml" } } } } }\n',
  );
  await expect(createVendor({ root: copy, vendor: 'acme', api: 'api', input: broken })).rejects.toMatchObject({ name: 'CodegenError' });
  await expect(createVendor({ root: copy, vendor: 'acme', api: 'api', input: kitchenSink, jar: join(copy, 'no.jar') })).rejects.toThrow('no.jar');
  await expect(createVendor({ root: copy, vendor: 'runtime', api: 'api', input: kitchenSink })).rejects.toThrow(UsageError);
  expect(state()).toBe(before);
});

test('a dry run lists what would be written and writes nothing', async () => {
  const { files, changed } = await createVendor({ root: repository, vendor: 'acme', api: 'api', input: kitchenSink, dryRun: true });
  expect(files).toContain('packages/acme/src/client.ts');
  expect(changed).toEqual([]);
  expect(existsSync(join(repository, 'packages/acme'))).toBe(false);
});
