/** A vendor's document, sent through the packed generator in a folder of its own: generated, compiled, and used. */

import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { npmInstall, problemsOf, runCommand } from './command.ts';
import type { PackedPackages } from './pack.ts';
import type { Problems, Report } from './report.ts';
import { EMPTY_MANIFEST, filesBelow, fixtures, readJson, root, tsc, typeRoots, writeFolder } from './workspace.ts';

/** Repairs that the dirty document needs; the generator must say each. */
const REPAIRS = ['indented too little', 'appears twice', 'has no operationId'];

/** Checks the generator in a folder. */
export async function checkCodegen(report: Report, packages: PackedPackages, folder: string): Promise<void> {
  const title = 'vendor document';
  cpSync(join(fixtures, 'vendor-document'), folder, { recursive: true });
  writeFolder(folder, { 'package.json': EMPTY_MANIFEST, 'tsconfig.json': { compilerOptions: COMPILER_OPTIONS, include: ['src'] } });
  const hasJava = await report.check(`${title}: Java is there`, checkJava);
  const tarballs = packages.tarballs('codegen', 'runtime', 'tenovos', 'testing');
  if (!(await report.check(`${title}: npm install`, () => npmInstall(folder, tarballs))) || !hasJava) return;
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
