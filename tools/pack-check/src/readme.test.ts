import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { overSockets } from './readme-checks.ts';
import { firstExample, forJest, forNodeTest, installsBeforeExample, wrongOutput } from './readme.ts';
import { root } from './workspace.ts';

const example = firstExample(join(root, 'packages', 'testing'));

test('the example of the README is a test for vitest', () => {
  expect(example).toContain("import { expect, test } from 'vitest';");
});

test('for jest one import takes the place of two', () => {
  const code = forJest(example);
  expect(code).not.toContain("vitest';");
  expect(code.split('\n').length).toBe(example.split('\n').length - 1);
});

test('for node:test nothing is left of expect', () => {
  const code = forNodeTest(example);
  expect(code).not.toMatch(/\bexpect\(/);
  expect(code).toContain('assert.equal(await nightly(createTenovosClient(fake.clientOptions)), 8_000_000);');
  expect(code).toContain("expectFake(fake).toHaveDownloaded('a1');");
});

test('an example that begins otherwise is not translated', () => {
  expect(() => forJest("import { expect } from 'vitest';\n")).toThrow('does not begin');
});

test('what a README says to install is found, in its order', () => {
  expect(installsBeforeExample(join(root, 'packages', 'tenovos'))).toEqual(['@asset-clients/tenovos', '@asset-clients/testing']);
});

describe('the output of an example', () => {
  const code = "console.log('a', [1]);\nconsole.log(id); // egain:asset/... 32768\nfor (const one of two) {\n  console.log(one, [one]); // x [ 'y' ]\n}\n";

  test.each([
    ['of Node', "a [ 1 ]\negain:asset/0b6e 32768\nx [ 'y' ]\n"],
    ['of Bun', 'a [ 1 ]\negain:asset/0b6e 32768\nx [ "y" ]\n'],
    ['of a browser', 'a [1]\negain:asset/0b6e 32768\nx ["y"]'],
  ])('%s is what its comments say', (_runtime, output) => {
    expect(wrongOutput(code, output)).toEqual([]);
  });

  test.each([
    ['another value', "a [ 1 ]\negain:asset/0b6e 32767\nx [ 'y' ]\n", 'egain:asset/0b6e 32767'],
    ['another end of the list', "a [ 1 ]\negain:asset/0b6e 32768\nx [ 'z' ]\n", 'x ['],
    ['a line too few', 'a [ 1 ]\n', '3 lines were expected'],
    ['nothing', '', '3 lines were expected'],
  ])('%s is wrong', (_mistake, output, named) => {
    expect(wrongOutput(code, output).join()).toContain(named);
  });
});

test('over sockets, the fake comes from elsewhere and nothing else changes', () => {
  const code = firstExample(join(root, 'packages', 'tenovos'));
  const changed = overSockets(code);
  expect(changed.split('\n').filter((line) => !code.includes(line))).toEqual([
    "import { createFakeTenovos } from './fake.mjs';",
    'await using fake = await createFakeTenovos({',
  ]);
  expect(() => overSockets("import { test } from 'vitest';\n")).toThrow('makes no fake');
});
