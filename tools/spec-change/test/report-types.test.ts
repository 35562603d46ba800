import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { entriesOf } from '../src/api-report.ts';
import { compareReports, exportsOf, type TypeChange } from '../src/report-types.ts';
import { publishedPackages, thisRepository } from '../src/workspace.ts';

const folder = join(thisRepository, 'tools/spec-change/.cache');
const report = (code: string): string => `## API Report File\n\n\`\`\`ts\n\n${code}\n\n// (No @packageDocumentation comment for this package)\n\n\`\`\`\n`;
const compare = (before: string, after: string): Promise<TypeChange[]> => compareReports(report(before), report(after), folder);

const client = '// @public\nexport interface Client {\n    load(id: string): Promise<Asset>;\n}\n\n// @public\nexport interface Asset {\n    name?: string;\n}';

describe('the public types', () => {
  test.each([
    ['comments only', client.replace('// @public', '// @public (undocumented)'), []],
    ['a new export', `${client}\n\n// @public\nexport const more: 1;`, [['more', 'minor']]],
    ['an export that is gone', client.slice(0, client.indexOf('\n\n')), [['Asset', 'major']]],
    ['a new optional member', client.replace('name?', 'size?: number;\n    name?'), [['Asset', 'minor']]],
    [
      'an optional member that is gone',
      client.replace('name?', 'title?'),
      [
        ['Asset', 'major'],
        ['Client', 'major'],
      ],
    ],
    ['an argument more', client.replace('id: string', 'id: string, at: number'), [['Client', 'minor']]],
    ['an argument of another type', client.replace('id: string', 'id: number'), [['Client', 'major']]],
  ])('%s', async (_what, after, expected) => {
    expect((await compare(client, after)).map(({ name, bump }) => [name, bump])).toEqual(expected);
  });

  test('are judged by who makes the value: parameters must take what they took, answers give what they gave', async () => {
    const code = (params: string, responses: string): string =>
      `// @public\nexport interface GetParams {\n    ${params}\n}\n\n// @public\nexport interface GetResponses {\n    "200": ${responses}\n}`;
    const before = code('id?: string;', '{ id: string };');
    const bumps = async (after: string): Promise<unknown> => (await compare(before, after)).map(({ name, bump }) => [name, bump]);
    expect(await bumps(code('id: string;', '{ id: string };'))).toEqual([['GetParams', 'major']]);
    expect(await bumps(code('id?: string | number;', '{ id: string };'))).toEqual([['GetParams', 'minor']]);
    expect(await bumps(code('id?: string;', '{ id: string; more: string };'))).toEqual([['GetResponses', 'minor']]);
    expect(await bumps(code('id?: string;', '{ id: string | null };'))).toEqual([['GetResponses', 'major']]);
    expect(await bumps(code('id?: string;', '{ id: string };').replace('"200"', '"404": string;\n    "200"'))).toEqual([['GetResponses', 'minor']]);
    expect(await bumps(before.replace('"200"', '"201"'))).toEqual([['GetResponses', 'major']]);
  });

  test('of functions, classes and generics are compared by the compiler', async () => {
    const before =
      '// @public\nexport function make<T>(value: T): Box<T>;\n\n// @public\nexport class Box<T> {\n    #inner: T;\n    constructor(value: T);\n    get(): T;\n}';
    expect(await compare(before, before.replace('get(): T;', 'get(): T;\n    set(value: T): void;'))).toMatchObject([{ name: 'Box', bump: 'minor' }]);
    expect((await compare(before, before.replace('make<T>(value: T)', 'make<T>(value: T, size: number)'))).map(({ name, bump }) => [name, bump])).toEqual([
      ['make', 'major'],
    ]);
  });

  test.each(
    publishedPackages(thisRepository).flatMap((pack) =>
      entriesOf(pack).map((entry) => [entry.specifier, join(thisRepository, pack.folder, '.cache'), entry.reportFile] as const),
    ),
  )(
    '%s fits into itself: whatever the comparison says is about a change',
    async (_specifier, cache, file) => {
      const text = readFileSync(join(thisRepository, file), 'utf8');
      expect(exportsOf(text).size).toBeGreaterThan(0);
      // One more export makes the two texts differ, so that the compiler is asked about all others.
      const more = text.replace('```ts\n', '```ts\n\n// @public\nexport const oneMore: 1;\n\n');
      expect(await compareReports(text, more, cache)).toMatchObject([{ name: 'oneMore', bump: 'minor' }]);
    },
    60_000,
  );
});
