/** The examples of the READMEs: all are type-checked as they stand, those marked `<!-- run -->` are executed. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { missingImports, readmeExamples, writeExamples } from './examples.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Below this package, so that its dependencies are found; ignored by git.
const scratch = join(root, 'tools/integration/.cache/readme');
const examples = readmeExamples(root, scratch);

beforeAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  writeExamples(scratch, examples);
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../config/tsconfig.base.json',
      compilerOptions: { noEmit: true, declaration: false, isolatedDeclarations: false, noUnusedLocals: false, erasableSyntaxOnly: false },
      include: ['.'],
    }),
  );
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('all examples of all READMEs compile under the strict flags', () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', scratch], { encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
}, 60_000);

test('an example that imports something imports all that it calls', () => {
  const missing = examples.flatMap(({ readme, line, code }) => missingImports(code).map((name) => `${readme}:${line}: ${name}`));
  expect(missing).toEqual([]);
  const code = "import { createFakeTenovos } from '@asset-clients/testing/tenovos';\ncreateTenovosClient(createFakeTenovos().clientOptions);\n";
  expect(missingImports(code)).toEqual(['createTenovosClient']);
});

describe.each(['typescript', 'typescript5'])('the settings in the README, for %s', (compiler) => {
  const text = readFileSync(join(root, 'packages/runtime/README.md'), 'utf8');
  const given = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text.slice(text.indexOf('\n## TypeScript\n')))![1]!) as { compilerOptions: object };
  const instead = JSON.parse(`{${/Without `@types\/node`, `(.*?)`/.exec(text)![1]!}}`) as object;

  test.each([
    ['as they stand', {}],
    ['without @types/node', instead],
  ])(
    'compile the examples %s',
    (_how, changes) => {
      const files = examples.filter(({ runs, file }) => runs && !file.endsWith('.test.ts')).map(({ file }) => file);
      expect(files.length).toBeGreaterThan(4);
      const config = join(scratch, `${compiler}-${Object.keys(changes).length}.json`);
      const compilerOptions = { ...given.compilerOptions, ...changes, noEmit: true };
      writeFileSync(config, JSON.stringify({ compilerOptions, files }));
      const tsc = join(dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`)), 'bin/tsc');
      const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
      expect(stdout + stderr).toBe('');
    },
    60_000,
  );
});

describe('README', () => {
  const runnable = examples.filter(({ runs }) => runs);

  test('of every package that a user calls begins with an example that runs', () => {
    for (const readme of [
      'README.md',
      'packages/egain/README.md',
      'packages/tenovos/README.md',
      'packages/worldserver/README.md',
      'packages/testing/README.md',
      'packages/unified/README.md',
    ]) {
      expect(examples.find((example) => example.readme === readme)?.runs, readme).toBe(true);
    }
  });

  test.each(runnable.map((example) => [`${example.readme}:${example.line}`, example] as const))(
    '%s runs as it stands',
    (_title, { file }) => {
      const folder = mkdtempSync(join(tmpdir(), 'readme-'));
      try {
        const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
        const argv = file.endsWith('.test.ts') ? [vitest, 'run', '--dir', scratch, '--root', folder, file] : [file];
        // A reader runs it again, in the same folder.
        for (const run of ['first', 'second']) {
          const { stdout, stderr, status } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8', env: { ...process.env, VITEST: '' } });
          expect(status, `${run} run: ${stdout}${stderr}`).toBe(0);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
