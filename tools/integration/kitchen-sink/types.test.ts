/** The golden folders compile as they are, under every strict flag, with both module resolutions and two compilers. */

import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const tools = fileURLToPath(new URL('../..', import.meta.url));
// Below this package, so that its dependencies are found; ignored by git.
const scratch = join(tools, 'integration/.cache/kitchen-sink');
const golden = ['kitchen-sink', 'kitchen-sink-3.1'].map((name) => join(tools, 'codegen/fixtures/generated', name));

const compilers = {
  'TypeScript 7': join(dirname(require.resolve('typescript/package.json')), 'bin/tsc'),
  'TypeScript 5.9': join(dirname(require.resolve('typescript5/package.json')), 'bin/tsc'),
};
const resolutions = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

beforeAll(() => void mkdirSync(scratch, { recursive: true }));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function compile(compiler: keyof typeof compilers, name: string, compilerOptions: object, files: readonly string[]): Promise<string> {
  const config = join(scratch, `${name.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(config, JSON.stringify({ extends: join(tools, 'config/tsconfig.base.json'), compilerOptions: { noEmit: true, ...compilerOptions }, files }));
  return new Promise((resolve) => {
    execFile(process.execPath, [compilers[compiler], '-p', config, '--pretty', 'false'], (error, stdout, stderr) =>
      resolve(`${stdout}${stderr}${error === null ? '' : `exit ${String(error.code)}`}`),
    );
  });
}

describe.concurrent.each(Object.keys(compilers) as (keyof typeof compilers)[])('%s', { timeout: 120_000 }, (compiler) => {
  test.each(Object.keys(resolutions) as (keyof typeof resolutions)[])('with %s', async (resolution) => {
    // Also what the flags of the repository leave out (the runtime's own declarations too), and without the types of Node.
    const strictest = {
      ...resolutions[resolution],
      types: [],
      noPropertyAccessFromIndexSignature: true,
      noImplicitReturns: true,
      allowUnreachableCode: false,
      skipLibCheck: false,
    };
    expect(
      await compile(
        compiler,
        `${compiler} ${resolution} golden`,
        strictest,
        golden.map((folder) => join(folder, 'index.ts')),
      ),
    ).toBe('');
  });

  test.each(Object.keys(resolutions) as (keyof typeof resolutions)[])('calls are typed with %s', async (resolution) => {
    const options = { ...resolutions[resolution], isolatedDeclarations: false, declaration: false };
    expect(await compile(compiler, `${compiler} ${resolution} calls`, options, [fileURLToPath(new URL('kitchen-sink.test-d.ts', import.meta.url))])).toBe('');
  });
});

test('a wrong call is seen by this check', { timeout: 120_000 }, async () => {
  const file = join(scratch, 'wrong.ts');
  writeFileSync(
    file,
    `import { createClient } from '@asset-clients/runtime';\nimport { operations } from '../../../codegen/fixtures/generated/kitchen-sink/index.ts';\nvoid createClient(operations, { baseUrl: '' }).getPetsByPetId({ petId: 5 });\n`,
  );
  expect(await compile('TypeScript 7', 'wrong', { isolatedDeclarations: false, declaration: false }, [file])).toContain(
    "Type 'number' is not assignable to type 'string'",
  );
});
