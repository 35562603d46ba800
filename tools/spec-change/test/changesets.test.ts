import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { changelogLines, declaredBumps, writeChangesets, type Note } from '../src/changesets.ts';
import { check, step } from '../src/check.ts';
import type { ExplainedChange } from '../src/verdict.ts';

let root: string;
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const commit = (): void => {
  git('add', '-A');
  git('commit', '-qm', 'x');
};
const changesets = (): string[] =>
  readdirSync(join(root, '.changeset'))
    .filter((name) => name.endsWith('.md'))
    .toSorted();

const report = (code: string): string => `## API Report File\n\n\`\`\`ts\n\n// @public\n${code}\n\n\`\`\`\n`;
const reportPath = 'packages/shop/etc/shop.api.md';
const documentOf = (extra: string): string =>
  `openapi: 3.0.3\ninfo: { title: Shop, version: '1' }\npaths:\n  /a:\n    get:\n      operationId: getA\n      parameters:\n        - { name: id, in: query, schema: { type: string } }\n${extra}      responses: { '204': { description: Fine } }\n`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changesets-'));
  git('init', '-q', '-b', 'main');
  write('.changeset/config.json', '{}');
  write('tools/.keep', '');
  write('specs/shop/api.yaml', documentOf(''));
  write('packages/shop/package.json', JSON.stringify({ name: '@a/shop', version: '1.0.0', exports: { '.': { types: './dist/index.d.ts' } } }));
  write(reportPath, report('export const a: string;'));
  commit();
  git('checkout', '-q', '-b', 'work');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const change = (operation: string, text: string, bump: ExplainedChange['bump']): ExplainedChange => ({
  operation,
  text,
  bump,
  path: '',
  because: '',
  seenBy: ['document'],
});
const note = (lines: readonly string[]): Note => ({ name: '@a/shop', bump: 'minor', headline: 'The API changed.', lines });

describe('a changeset', () => {
  test('lists what changed, breaking changes first, a change of several operations once', () => {
    const lines = changelogLines([
      change('a', 'x', 'patch'),
      change('a', 'y', 'major'),
      change('b', 'x', 'patch'),
      change('*', 'z', 'minor'),
      change('a', 'quiet', 'none'),
    ]);
    expect(lines).toEqual(['**Breaking** `a`: y', 'z', '`a`, `b`: x']);
  });

  test('of the same change is the same file, and writing it again changes nothing', async () => {
    expect((await writeChangesets(root, 'shop-api', [note(['one'])])).written).toHaveLength(1);
    const [file = ''] = changesets();
    expect(readFileSync(join(root, '.changeset', file), 'utf8')).toBe("---\n'@a/shop': minor\n---\n\nThe API changed.\n\n- one\n");
    expect(await writeChangesets(root, 'shop-api', [note(['one'])])).toEqual({ written: [], removed: [] });
    expect(changesets()).toEqual([file]);
  });

  test('gives way to that of a later document, unless it is committed', async () => {
    await writeChangesets(root, 'shop-api', [note(['one'])]);
    await writeChangesets(root, 'shop-api', [note(['one', 'two'])]);
    expect(changesets()).toHaveLength(1);
    commit();
    await writeChangesets(root, 'shop-api', [note(['three'])]);
    expect(changesets()).toHaveLength(2);
    await writeChangesets(root, 'shop-api', []);
    expect(changesets()).toHaveLength(1);
  });

  test('counts only when it is new since the base', async () => {
    await writeChangesets(root, 'shop-api', [note(['one'])]);
    expect(await declaredBumps(root, 'HEAD')).toEqual(new Map([['@a/shop', 'minor']]));
    commit();
    expect(await declaredBumps(root, 'HEAD')).toEqual(new Map());
    expect(await declaredBumps(root, 'main')).toEqual(new Map([['@a/shop', 'minor']]));
  });
});

describe('the check', () => {
  const run = (base?: string, fix = false): ReturnType<typeof check> => check({ root, write: fix, ...(base === undefined ? {} : { base }) });

  test('is content when nothing changed', async () => {
    expect(await run()).toMatchObject({ missing: [], needed: new Map() });
  });

  test('asks for a changeset when a public type changed, and is content with one that is large enough', async () => {
    write(reportPath, report('export const a: number;'));
    expect((await run()).missing).toMatchObject([{ name: '@a/shop', bump: 'major' }]);
    write('.changeset/small.md', "---\n'@a/shop': minor\n---\n\nToo small.\n");
    expect((await run()).missing).toMatchObject([{ name: '@a/shop', bump: 'major' }]);
    write('.changeset/large.md', "---\n'@a/shop': major\n---\n\nRight.\n");
    expect((await run()).missing).toEqual([]);
    commit();
    expect((await run()).missing).toEqual([]);
  });

  test('asks for a patch when only texts of the types changed', async () => {
    write(reportPath, report('export const a: string;').replace('@public', '@public (undocumented)'));
    expect((await run()).missing).toMatchObject([{ bump: 'patch' }]);
  });

  test('asks when a document changed, and writes what is missing', async () => {
    write('specs/shop/api.yaml', documentOf('        - { name: more, in: query, schema: { type: string } }\n'));
    expect((await run()).missing).toMatchObject([{ bump: 'minor', lines: ['`getA`: new optional parameter `more`'] }]);
    expect((await run(undefined, true)).written).toHaveLength(1);
    expect((await run()).missing).toEqual([]);
    // What was written is right: again there is nothing to write.
    expect((await run(undefined, true)).written).toEqual([]);
  });

  test('takes a released version for what it is', async () => {
    write(reportPath, report('export const a: string;\n\n// @public\nexport const b: string;'));
    expect((await run()).missing).toMatchObject([{ bump: 'minor' }]);
    write('packages/shop/package.json', JSON.stringify({ name: '@a/shop', version: '1.1.0', exports: { '.': { types: './dist/index.d.ts' } } }));
    expect((await run()).missing).toEqual([]);
  });

  test('has nothing to compare with where there is no main, and says so', async () => {
    git('branch', '-D', 'main');
    expect(await run()).toMatchObject({ base: undefined, reason: 'there is neither origin/main nor main' });
    await expect(run('nowhere')).rejects.toThrow(/no commit "nowhere"/);
  });

  test('says what to do in a shallow clone that does not reach the base', async () => {
    const source = root;
    write('specs/shop/api.yaml', documentOf('        - { name: more, in: query, schema: { type: string } }\n'));
    commit();
    root = mkdtempSync(join(tmpdir(), 'changesets-shallow-'));
    git('clone', '-q', '--depth', '1', '--branch', 'work', `file://${source}`, '.');
    await expect(run()).rejects.toThrow(/shallow[\s\S]*git fetch --unshallow/);
    git('fetch', '-q', '--depth', '1', 'origin', 'main:refs/remotes/origin/main');
    await expect(run()).rejects.toThrow(/shallow[\s\S]*git fetch --unshallow/);
    git('fetch', '-q', '--unshallow', 'origin', 'main:refs/remotes/origin/main');
    expect((await run()).missing).toMatchObject([{ bump: 'minor' }]);
    rmSync(source, { recursive: true, force: true });
  });

  test('passes on a fresh clone, whatever its branch is called', async () => {
    const source = root;
    root = mkdtempSync(join(tmpdir(), 'changesets-clone-'));
    git('clone', '-q', `file://${source}`, '.');
    expect((await run()).missing).toEqual([]);
    rmSync(source, { recursive: true, force: true });
  });
});

test.each([
  ['1.0.0', '1.0.0', 'none'],
  ['1.0.0', '1.0.1', 'patch'],
  ['1.0.9', '1.1.0', 'minor'],
  ['1.9.9', '2.0.0', 'major'],
  ['2.0.0', '1.9.9', 'none'],
])('from %s to %s is %s', (from, to, bump) => {
  expect(step(from, to)).toBe(bump);
});
