import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { update, type UpdateResult } from '../src/update.ts';
import { thisRepository } from '../src/workspace.ts';

// Each builds and type-checks a package, up to three times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const original = readFileSync(join(thisRepository, 'specs/tenovos/assets.yaml'), 'utf8');
let root: string;
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' });

/** A repository of its own with the same sources and what is installed and built. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'update-'));
  const linked = new Set(['node_modules', 'dist']);
  const copied = (path: string): boolean => !linked.has(basename(path)) && !/[\\/](?:\.cache|\.turbo|reports)$/.test(path);
  for (const path of [
    'packages',
    'specs',
    '.changeset',
    '.gitignore',
    '.oxfmtrc.json',
    'package.json',
    'pnpm-workspace.yaml',
    'README.md',
    'docs',
    'tools/config',
    'tools/codegen',
    'tools/integration',
    'tools/repo-checks',
  ]) {
    cpSync(join(thisRepository, path), join(root, path), { recursive: true, filter: copied });
  }
  for (const folder of ['', ...['packages', 'tools'].flatMap((room) => readdirSync(join(root, room)).map((name) => `${room}/${name}`))]) {
    for (const name of linked) {
      if (existsSync(join(thisRepository, folder, name))) symlinkSync(join(thisRepository, folder, name), join(root, folder, name));
    }
  }
  for (const file of changesets()) rmSync(join(root, '.changeset', file));
  writeFileSync(join(root, '.gitignore'), `${readFileSync(join(root, '.gitignore'), 'utf8')}node_modules\ndist\n`);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'yesterday');
});
beforeEach(() => {
  git('reset', '-q', '--hard');
  git('clean', '-qfd');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const changesets = (): string[] =>
  readdirSync(join(root, '.changeset'))
    .filter((name) => name.endsWith('.md'))
    .toSorted();
const status = (): string[] =>
  git('status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();

async function take(text: string, dryRun = false): Promise<UpdateResult> {
  const folder = mkdtempSync(join(tmpdir(), 'vendor-'));
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'published.yaml'), text);
    return await update({ root, cwd: folder, target: 'tenovos/assets', from: 'published.yaml', dryRun, log: () => {} });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const replaced = (from: string, to: string): string => {
  expect(original).toContain(from);
  return original.replace(from, to);
};
const withParameter = replaced(
  '        - name: system\n          in: query\n',
  '        - name: locale\n          in: query\n          schema: { type: string }\n        - name: system\n          in: query\n',
);

describe('a new document', () => {
  test('that is the old one leaves the tree clean', async () => {
    expect(await take(original)).toEqual({ bump: 'none', packages: {}, changes: [], disagreements: [], files: [] });
    expect(status()).toEqual([]);
  });

  test('with one more parameter is a minor of the client and of the fake; again it changes nothing; back again nothing is left', async () => {
    const result = await take(withParameter);
    expect(result).toMatchObject({ bump: 'minor', packages: { '@asset-clients/tenovos': 'minor', '@asset-clients/testing': 'minor' }, disagreements: [] });
    expect(result.changes).toMatchObject([{ operation: 'retrieveAsset', bump: 'minor', seenBy: ['document', 'types'] }]);
    expect(changesets()).toHaveLength(2);
    expect(readFileSync(join(root, 'packages/tenovos/src/generated/assets/operations.ts'), 'utf8')).toContain("name: 'locale'");
    expect(readFileSync(join(root, 'packages/tenovos/etc/tenovos.api.md'), 'utf8')).toContain('locale?: string | undefined;');
    const after = status();
    expect(after.length).toBeGreaterThan(4);

    const again = await take(withParameter);
    expect(again).toMatchObject({ bump: 'minor', files: [] });
    expect(status()).toEqual(after);

    expect((await take(original)).bump).toBe('none');
    expect(status()).toEqual([]);
  });

  test('is only told with --dry-run', async () => {
    expect(await take(withParameter, true)).toMatchObject({ bump: 'minor', files: [] });
    expect(status()).toEqual([]);
  });

  test('with other words is a patch of the client alone', async () => {
    const words = replaced('Returns the details and the metadata of an asset.', 'Gives details and metadata of an asset.');
    expect(words).toContain('page: Retrieve an Asset');
    const result = await take(words.replace('page: Retrieve an Asset', 'page: Read an Asset'));
    // The pages that tell of the operations follow.
    expect(result.files).toEqual(expect.arrayContaining(['docs/coverage.md', 'packages/tenovos/README.md']));
    expect(readFileSync(join(root, 'packages/tenovos/README.md'), 'utf8')).toContain('[Read an Asset]');
    expect(result).toMatchObject({ bump: 'patch', packages: { '@asset-clients/tenovos': 'patch' }, disagreements: [] });
    expect(result.packages).not.toHaveProperty('@asset-clients/testing');
  });

  test('without an operation is a major; hand-written code that needs it is named, and so is who calls it', async () => {
    const start = original.indexOf('  /asset/expose:\n');
    const result = await take(original.slice(0, start) + original.slice(original.indexOf('  /search/keyword:\n')), true);
    expect(result.bump).toBe('major');
    expect(result.packages).toMatchObject({ '@asset-clients/tenovos': 'major', '@asset-clients/testing': 'major' });
    expect(result.changes).toContainEqual(expect.objectContaining({ operation: 'exposeAssets', bump: 'major', seenBy: ['document', 'types'] }));
    expect(result.disagreements.join('\n')).toMatch(/Hand-written code must be adapted .*packages\/tenovos\/src/);
  });

  test('that breaks hand-written code has the same verdict when it is taken again, and after a first run that was cut off', async () => {
    const start = original.indexOf('  /asset/expose:\n');
    const without = original.slice(0, start) + original.slice(original.indexOf('  /search/keyword:\n'));
    const first = await take(without);
    expect(first).toMatchObject({ bump: 'major', packages: { '@asset-clients/tenovos': 'major', '@asset-clients/testing': 'major' } });
    expect(first.disagreements.join('\n')).toMatch(/Hand-written code must be adapted .*packages\/tenovos\/src/);
    const after = status();
    const { files, ...verdict } = first;
    expect(files.length).toBeGreaterThan(2);

    expect(await take(without)).toEqual({ ...verdict, files: [] });
    expect(status()).toEqual(after);

    // Cut off when the document was written and nothing else.
    git('stash', '-qu');
    writeFileSync(join(root, 'specs/tenovos/assets.yaml'), without);
    const { files: _, ...again } = await take(without);
    expect(again).toEqual(verdict);
    expect(status()).toEqual(after);
    git('stash', 'drop', '-q');
  });

  test('with a component of another name is no difference on the wire, but its type is gone: the types win, and that is said', async () => {
    const result = await take(original.replaceAll('/SortBy', '/Sorting').replaceAll('    SortBy:', '    Sorting:'), true);
    expect(result.changes).toContainEqual(expect.objectContaining({ text: 'the component SortBy is called Sorting now, with an equal shape', bump: 'none' }));
    expect(result.changes).toContainEqual(expect.objectContaining({ path: 'SortBy', bump: 'major', seenBy: ['types'] }));
    expect(result.bump).toBe('major');
    expect(result.disagreements.join('\n')).toMatch(/the types say major .*SortBy/);
  });

  test('with lines in another order is written and releases nothing', async () => {
    const result = await take(
      replaced(
        '  - url: https://api.tenovos.io/v1\n    description: Production accounts.\n',
        '  - description: Production accounts.\n    url: https://api.tenovos.io/v1\n',
      ),
    );
    expect(result).toMatchObject({ bump: 'none', packages: {}, changes: [] });
    expect(changesets()).toEqual([]);
    expect(status()).toEqual([' M packages/tenovos/src/generated/assets/.stamp.json', ' M specs/tenovos/assets.yaml']);
  });

  test('whose correction has no target is refused, and nothing is written', async () => {
    const overlay = join(root, 'specs/tenovos/assets.overlay.yaml');
    writeFileSync(overlay, `${readFileSync(overlay, 'utf8')}  - target: $.paths['/gone']\n    remove: true\n`);
    const before = status();
    await expect(take(withParameter)).rejects.toThrow(/\$\.paths\['\/gone'\]/);
    expect(status()).toEqual(before);
  });

  test('for an API that is not here names those that are', async () => {
    await expect(update({ root, cwd: dirname(root), target: 'tenovos/nothing', from: 'x.yaml', dryRun: true, log: () => {} })).rejects.toThrow(
      /tenovos\/assets/,
    );
  });
});
