/** READMEs, as they are in the tarballs: what they say to install, and their first example. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first TypeScript block after `<!-- run -->`, to the letter. */
export function firstExample(folder: string): string {
  const [, code] = FIRST_EXAMPLE.exec(readmeOf(folder)) ?? [];
  if (code === undefined) throw new Error('README.md has no example: a block of ts after <!-- run -->');
  return code;
}

const FIRST_EXAMPLE = /<!-- run -->\s*```ts\n([\s\S]*?)```/;

/** Our packages that the README says to install above its first example, in that order. */
export function installsBeforeExample(folder: string): string[] {
  const readme = readmeOf(folder);
  const above = readme.slice(0, readme.search(FIRST_EXAMPLE));
  const commands = [...above.matchAll(/\bnpm install ([^\n`#)]+)/g)].flatMap(([, parameters]) => parameters!.trim().split(/\s+/));
  return [...new Set(commands.filter((parameter) => parameter.startsWith('@asset-clients/')))];
}

/** What an example says that it prints: the comments behind `console.log(...)`; `...` in them stands for anything. */
export function expectedOutput(code: string): (string | undefined)[] {
  return [...code.matchAll(/^\s*console\.log\(.*?\);(?:[ \t]*\/\/[ \t]*(.+))?$/gm)].map(([, comment]) => comment?.trim());
}

/** What is wrong with the output of an example. Quotes and blanks are not compared: each runtime prints lists its own way. */
export function wrongOutput(code: string, output: string): string[] {
  const expected = expectedOutput(code);
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  if (lines.length !== expected.length) return [`${expected.length} lines were expected, printed was:\n${output}`];
  return expected.flatMap((line, index) => {
    if (line === undefined) return [];
    return isLike(normal(lines[index]!), normal(line).split('...')) ? [] : [`the README says "${line}", printed was "${lines[index]}"`];
  });
}

/** Whether a line is these parts, with anything in between. */
function isLike(line: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (parts.length === 1) return line === first;
  if (!line.startsWith(first) || !line.endsWith(last) || line.length < first.length + last.length) return false;
  let rest = line.slice(first.length, line.length - last.length);
  for (const part of parts.slice(1, -1)) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return true;
}

function normal(line: string): string {
  return line.replaceAll(/["']/g, '').replaceAll(/\s*([[\],{}])\s*/g, '$1');
}

function readmeOf(folder: string): string {
  return readFileSync(join(folder, 'README.md'), 'utf8');
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
