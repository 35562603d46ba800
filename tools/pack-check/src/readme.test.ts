import { join } from 'node:path';

import { expect, test } from 'vitest';

import { firstExample, forJest, forNodeTest } from './readme.ts';
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
