import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { writeChangesets } from '../src/changesets.ts';
import { plan } from '../src/release-plan.ts';
import { thisRepository } from '../src/workspace.ts';

let root: string;
const manifest = (name: string, more: object = {}): string => JSON.stringify({ name: `@a/${name}`, version: '1.0.0', ...more }, undefined, 2);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A workspace with a client, a package that calls it as a peer, and this repository's own configuration. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changelog-'));
  const git = (...args: readonly string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root, stdio: 'pipe' });
  mkdirSync(join(root, 'packages/shop'), { recursive: true });
  mkdirSync(join(root, 'packages/unified'), { recursive: true });
  mkdirSync(join(root, 'tools'));
  cpSync(join(thisRepository, '.changeset/config.json'), join(root, '.changeset/config.json'));
  cpSync(join(thisRepository, '.changeset/changelog.mjs'), join(root, '.changeset/changelog.mjs'));
  writeFileSync(join(root, 'package.json'), manifest('root', { private: true }));
  writeFileSync(join(root, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n');
  writeFileSync(join(root, 'pnpm-lock.yaml'), "lockfileVersion: '9.0'\n");
  writeFileSync(join(root, 'packages/shop/package.json'), manifest('shop'));
  writeFileSync(
    join(root, 'packages/unified/package.json'),
    manifest('unified', { peerDependencies: { '@a/shop': '^1.0.0 || ^2.0.0' }, peerDependenciesMeta: { '@a/shop': { optional: true } } }),
  );
  symlinkSync(join(thisRepository, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'x');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const version = (): unknown =>
  execFileSync(process.execPath, [join(thisRepository, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: root, stdio: 'pipe' });

test('each package gets a changelog of its own, in the words of its changesets', async () => {
  await writeChangesets(root, 'shop-api', [
    {
      name: '@a/shop',
      bump: 'minor',
      headline: 'The API of api changed (specs/shop/api.yaml).',
      lines: ['`getA`: new optional parameter `more`', 'new server `x`'],
    },
  ]);
  expect(await plan(root, new Map([['@a/shop', 2048]]))).toMatchObject([{ name: '@a/shop', from: '1.0.0', to: '1.1.0', bump: 'minor', bytes: 2048 }]);
  version();
  expect(read('packages/shop/CHANGELOG.md')).toBe(
    '# @a/shop\n\n## 1.1.0\n\n### Minor Changes\n\n- The API of api changed (specs/shop/api.yaml).\n\n  - `getA`: new optional parameter `more`\n  - new server `x`\n',
  );
  expect(read('packages/unified/package.json')).toContain('"version": "1.0.0"');
  expect(await plan(root, new Map())).toEqual([]);
});

test('a major of a client releases who calls it only as its changeset says, and leaves the widened range as it is', async () => {
  await writeChangesets(root, 'shop-api', [
    { name: '@a/shop', bump: 'major', headline: 'The API changed.', lines: [] },
    { name: '@a/unified', bump: 'minor', headline: 'Works with @a/shop 2, too.', lines: [] },
  ]);
  const releases = await plan(root, new Map());
  expect(releases.map(({ name, to }) => `${name} ${to}`)).toEqual(['@a/shop 2.0.0', '@a/unified 1.1.0']);
  version();
  expect(JSON.parse(read('packages/unified/package.json'))).toMatchObject({ version: '1.1.0', peerDependencies: { '@a/shop': '^1.0.0 || ^2.0.0' } });
});
