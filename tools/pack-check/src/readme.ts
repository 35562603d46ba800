/** The first example of a README, as it is in the tarball. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first TypeScript block after `<!-- run -->`, to the letter. */
export function firstExample(folder: string): string {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, code] = /<!-- run -->\s*```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  if (code === undefined) throw new Error('README.md has no example: a block of ts after <!-- run -->');
  return code;
}

const VITEST_IMPORTS = /^import \{ expect, test \} from 'vitest';\nimport '@asset-clients\/testing\/vitest';\n/m;

/** A test for vitest as the README says it is written for jest: another import instead of the first two. */
export function forJest(code: string): string {
  return replaceImports(code, `import '@asset-clients/testing/jest';\n`);
}

/** A test for vitest as the README says it is written for node:test: `expectFake` for the fake, `node:assert` for the rest. */
export function forNodeTest(code: string): string {
  return replaceImports(
    code,
    `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { expectFake } from '@asset-clients/testing/node-test';\n`,
  )
    .replaceAll('expect(fake).', 'expectFake(fake).')
    .replaceAll(/\bexpect\((.*)\)\.toBe\((.*)\);/g, 'assert.equal($1, $2);')
    .replaceAll(/\bexpect\((.*)\)\.toEqual\((.*)\);/g, 'assert.deepEqual($1, $2);');
}

function replaceImports(code: string, imports: string): string {
  if (!VITEST_IMPORTS.test(code)) throw new Error('the example does not begin with the imports for vitest');
  return code.replace(VITEST_IMPORTS, imports);
}
