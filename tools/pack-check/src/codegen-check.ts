/** A vendor's document, sent through the packed generator in a folder of its own: generated, compiled, and used. */

import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { npmInstall, problemsOf, runCommand } from './command.ts';
import type { PackedPackages } from './pack.ts';
import type { Problems, Report } from './report.ts';
import { pnpmAdd } from './installation-checks.ts';
import { EMPTY_MANIFEST, filesBelow, fixtures, readJson, root, tsc, typeRoots, writeFolder } from './workspace.ts';

/** Repairs that the dirty document needs; the generator must say each. */
const REPAIRS = ['indented too little', 'appears twice', 'has no operationId'];

/** As the README tells users of pnpm. */
const PNPM_SETTINGS = "allowBuilds:\n  '@openapitools/openapi-generator-cli': false\n";

/** Checks the generator in a folder. */
export async function checkCodegen(report: Report, packages: PackedPackages, folder: string): Promise<void> {
  await checkAlone(report, packages, folder);
  await checkDocument(report, packages, folder);
}

/** Installed alone, with npm and with pnpm. */
async function checkAlone(report: Report, packages: PackedPackages, folder: string): Promise<void> {
  const { version } = readJson(join(packages.get('codegen').unpacked, 'package.json')) as { version: string };
  for (const [manager, install] of [
    ['npm install', (cwd: string) => npmInstall(cwd, packages.tarballs('codegen'))],
    ['pnpm add', (cwd: string) => pnpmAdd(cwd, packages, ['codegen'], PNPM_SETTINGS)],
  ] as const) {
    const cwd = writeFolder(join(folder, 'alone', manager.replace(' ', '-')), { 'package.json': EMPTY_MANIFEST });
    if (!(await report.check(`codegen alone: ${manager}`, () => install(cwd)))) continue;
    await report.check(`codegen alone: ${manager}: the command runs, and the package loads`, async () => {
      const command = await runCommand(join('node_modules', '.bin', 'asset-clients-codegen'), ['--version'], { cwd });
      const said = command.stdout.trim() === version ? [] : [`asset-clients-codegen --version: ${command.output}`];
      return [...said, ...(await problemsOf(process.execPath, ['--input-type=module', '-e', "await import('@asset-clients/codegen')"], { cwd }))];
    });
  }
}

/** Without a way to Maven Central, the command says what to fetch and where to put it. */
async function checkWithoutNetwork(folder: string): Promise<Problems> {
  const { code, output } = await runCommand('npx', ['--no', 'asset-clients-codegen', 'openapi.yaml', '-o', 'src/offline'], {
    cwd: folder,
    // Nobody listens there.
    env: { HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9', NO_PROXY: '', no_proxy: '', ASSET_CLIENTS_GENERATOR_JAR: '' },
  });
  if (code === 0) return ['it ends with 0'];
  const expected = ['could not be downloaded (ECONNREFUSED)', '.jar of Maven Central', 'ASSET_CLIENTS_GENERATOR_JAR'];
  return expected.filter((words) => !output.includes(words)).map((words) => `it does not say "${words}":\n${output}`);
}

/** A vendor's document, from the first command to the first call. */
async function checkDocument(report: Report, packages: PackedPackages, folder: string): Promise<void> {
  const title = 'vendor document';
  cpSync(join(fixtures, 'vendor-document'), folder, { recursive: true });
  writeFolder(folder, { 'package.json': EMPTY_MANIFEST, 'tsconfig.json': { compilerOptions: COMPILER_OPTIONS, include: ['src'] } });
  const hasJava = await report.check(`${title}: Java is there`, checkJava);
  const tarballs = packages.tarballs('codegen', 'runtime', 'tenovos', 'testing');
  if (!(await report.check(`${title}: npm install`, () => npmInstall(folder, tarballs))) || !hasJava) return;
  await report.check(`${title}: without network the command says what to do`, () => checkWithoutNetwork(folder));
  if (!(await report.check(`${title}: npx asset-clients-codegen openapi.yaml -o src/api`, () => generate(folder)))) return;
  const compiled = await report.check(`${title}: compiles strictly`, () =>
    problemsOf(process.execPath, [tsc, '--pretty', 'false', '-p', '.'], { cwd: folder }),
  );
  if (!compiled) return;
  await report.check(`${title}: logs in through tenovosLogin and calls an operation`, () =>
    problemsOf(process.execPath, ['dist/main.js'], { cwd: folder, timeoutMs: 30_000 }),
  );
}

const COMPILER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedDeclarations: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  skipLibCheck: false,
  declaration: true,
  rewriteRelativeImportExtensions: true,
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [typeRoots],
  rootDir: 'src',
  outDir: 'dist',
};

async function checkJava(): Promise<Problems> {
  const own = join(process.env.JAVA_HOME ?? '', 'bin', 'java');
  const answer = await runCommand(process.env.JAVA_HOME && existsSync(own) ? own : 'java', ['-version'], { cwd: root }).catch(() => undefined);
  return answer?.code === 0 ? [] : ['Java was not found: the generator was NOT tried. It needs Java 11 or newer; install it, or set JAVA_HOME.'];
}

async function generate(folder: string): Promise<Problems> {
  const { code, output } = await runCommand('npx', ['--no', 'asset-clients-codegen', 'openapi.yaml', '-o', 'src/api', '--verbose'], {
    cwd: folder,
    env: generatorJar(),
  });
  if (code !== 0) return [`exit code ${code}\n${output}`];
  const problems = REPAIRS.filter((repair) => !output.includes(repair)).map((repair) => `the repair "${repair}" is not reported:\n${output}`);
  const files = filesBelow(join(folder, 'src', 'api'));
  const missing = ['.stamp.json', 'index.ts', 'models.ts', 'operations.ts'].filter((file) => !files.includes(file));
  return [...problems, ...missing.map((file) => `${file} was not written`)];
}

/** The JAR that the repository has fetched already saves 32 MB; without it the installed package fetches its own. */
function generatorJar(): Record<string, string> {
  const codegen = join(root, 'tools', 'codegen');
  const pin = readJson(join(codegen, 'openapi-generator.json')) as { 'generator-cli': { version: string } };
  const jar = join(codegen, 'node_modules', '.cache', 'openapi-generator', `${pin['generator-cli'].version}.jar`);
  return existsSync(jar) ? { ASSET_CLIENTS_GENERATOR_JAR: jar } : {};
}
