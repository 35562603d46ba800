/** Projects that test code of their own against a fake: vitest, jest and node:test, with packed tarballs only. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { npmInstall, problemsOf, runCommand } from './command.ts';
import type { PackedPackages } from './pack.ts';
import { firstExample, forJest, forNodeTest } from './readme.ts';
import type { Problems, Report } from './report.ts';
import { EMPTY_MANIFEST, fixtures, tsc, typeRoots, writeFolder } from './workspace.ts';

/** A test runner as a project uses it. */
interface Runner {
  readonly name: string;
  /** What the project installs besides our tarballs. */
  readonly packages: readonly string[];
  /** A test for vitest, in the words of this runner. */
  readonly translate: (code: string) => string;
  /** Parameters of Node that run one test file. */
  readonly command: (file: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its configuration. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** `types` of the TypeScript configuration. */
  readonly types: readonly string[];
}

/** Node takes the types away; jest has nothing of its own for that. */
const JEST_TRANSFORM = `import { stripTypeScriptTypes } from 'node:module';
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
`;

export const RUNNERS: readonly Runner[] = [
  {
    name: 'vitest',
    packages: ['vitest@5'],
    translate: (code) => code,
    command: (file) => ['node_modules/vitest/vitest.mjs', 'run', file],
    types: ['node'],
  },
  {
    name: 'jest 30',
    packages: ['jest@30', '@types/jest@30'],
    translate: forJest,
    command: (file) => ['node_modules/jest/bin/jest.js', '--runInBand', file],
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
    files: {
      'jest.config.json': { testEnvironment: 'node', extensionsToTreatAsEsm: ['.ts'], transform: { '\\.ts$': '<rootDir>/strip-types.js' } },
      'strip-types.js': JEST_TRANSFORM,
    },
    types: ['node', 'jest'],
  },
  { name: 'node:test', packages: [], translate: forNodeTest, command: (file) => ['--test', file], types: ['node'] },
];

const README_TEST = 'readme.test.ts';
const OWN_TEST = 'nightly.test.ts';
const WRONG_TEST = 'wrong.test.ts';
const WRONG_TEST_SAYS = 'expected the content of a2 downloaded';

/** Checks one project in a folder. */
export async function checkConsumer(report: Report, packages: PackedPackages, folder: string, runner: Runner): Promise<void> {
  const { name, translate, types } = runner;
  const title = `project with ${name}`;
  const readmeTest = firstExample(packages.get('testing').unpacked);
  writeFolder(folder, {
    'package.json': EMPTY_MANIFEST,
    'tsconfig.json': { compilerOptions: { ...COMPILER_OPTIONS, types, typeRoots: ['node_modules/@types', typeRoots] }, include: ['*.ts'] },
    'nightly.ts': fixture('nightly.ts'),
    [README_TEST]: translate(readmeTest),
    [OWN_TEST]: translate(fixture(OWN_TEST)),
    [WRONG_TEST]: translate(fixture(WRONG_TEST)),
    ...runner.files,
  });
  const tarballs = packages.tarballs('testing', 'tenovos', 'runtime');
  if (!(await report.check(`${title}: npm install`, () => npmInstall(folder, [...tarballs, ...runner.packages])))) return;
  await report.check(`${title}: the README's first example`, () => runTests(folder, runner, README_TEST));
  await report.check(`${title}: code of its own`, () => runTests(folder, runner, OWN_TEST));
  await report.check(`${title}: a wrong expectation fails and says why`, () => checkWrongTest(folder, runner));
  await report.check(`${title}: types`, () => problemsOf(process.execPath, [tsc, '--pretty', 'false', '-p', '.'], { cwd: folder }));
}

const COMPILER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  // The types of the runners do not pass without.
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
};

function fixture(name: string): string {
  return readFileSync(join(fixtures, 'consumer', name), 'utf8');
}

async function runTests(folder: string, { command, env = {} }: Runner, file: string): Promise<Problems> {
  return problemsOf(process.execPath, command(file), { cwd: folder, env });
}

async function checkWrongTest(folder: string, { command, env = {} }: Runner): Promise<Problems> {
  const { code, output } = await runCommand(process.execPath, command(WRONG_TEST), { cwd: folder, env });
  if (code === 0) return ['it passes'];
  return output.includes(WRONG_TEST_SAYS) ? [] : [`the output does not say "${WRONG_TEST_SAYS}":\n${output}`];
}
