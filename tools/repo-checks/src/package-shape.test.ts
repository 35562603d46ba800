import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { documents, filesBelow, importsOf, read, root, vendors, workspacePackages } from './repository.ts';

/** What every vendor package holds, under the same names. */
const VENDOR_FILES = [
  'package.json',
  'README.md',
  'tsconfig.json',
  'tsdown.config.ts',
  'src/index.ts',
  'src/client.ts',
  'src/auth.ts',
  'src/errors.ts',
  'src/operations.ts',
];
const PUBLISHED = workspacePackages().filter(({ manifest }) => manifest.private !== true);

describe('common shape', () => {
  test.each(vendors().flatMap((vendor) => VENDOR_FILES.map((file) => [vendor, file] as const)))('packages/%s has %s', (vendor, file) => {
    expect(existsSync(join(root, 'packages', vendor, file))).toBe(true);
  });

  test.each(documents())('specs/%s/%s.yaml is generated into its package', (vendor, api) => {
    for (const file of ['models.ts', 'operations.ts', '.stamp.json']) {
      expect(existsSync(join(root, 'packages', vendor, 'src/generated', api, file)), file).toBe(true);
    }
  });

  test('nothing is generated from a document that is gone', () => {
    const known = documents().map(([vendor, api]) => `packages/${vendor}/src/generated/${api}`);
    const generated = filesBelow('packages', /^operations\.ts$/)
      .filter((file) => file.includes('/generated/'))
      .map((file) => file.replace(/\/operations\.ts$/, ''));
    expect(generated.filter((folder) => !known.includes(folder))).toEqual([]);
  });

  test.each(vendors())('packages/%s/src/index.ts exports values by name only, and ./operations every operation', (vendor) => {
    expect(read(`packages/${vendor}/src/index.ts`)).not.toMatch(/^export \*|^export default/m);
    const apis = documents().filter(([owner]) => owner === vendor);
    // An API that came later has a folder and subpaths of its own.
    const own = apis.filter(([, api]) => existsSync(join(root, `packages/${vendor}/src/${api}/operations.ts`)));
    for (const [, api] of own) {
      expect(importsOf(`packages/${vendor}/src/${api}/operations.ts`).map(({ from }) => from)).toEqual([`../generated/${api}/operations.ts`]);
    }
    expect(importsOf(`packages/${vendor}/src/operations.ts`).map(({ from }) => from)).toEqual(
      apis
        .filter((one) => !own.includes(one))
        .map(([, api]) => `./generated/${api}/operations.ts`)
        .toSorted(),
    );
  });

  test.each([...vendors().map((vendor) => `packages/${vendor}/src/index.ts`), 'tools/vendor-new/src/vendor-files.ts'])(
    '%s re-exports of the runtime what all vendors do',
    (file) => {
      const names = reExports(file);
      // What is uploaded has a type where something can be uploaded, and nowhere else.
      const ofUploads = ['BinaryBody', 'SizedSource'].filter((name) => names.includes(name));
      expect([0, 2]).toContain(ofUploads.length);
      expect(names.filter((name) => !ofUploads.includes(name))).toEqual(reExports('packages/tenovos/src/index.ts'));
    },
  );

  test.each(PUBLISHED.map(({ folder, manifest }) => [folder, manifest] as const))('%s has what a published package needs', (folder, manifest) => {
    expect(manifest).toMatchObject({ license: 'MIT', type: 'module', engines: { node: '>=22.19' } });
    for (const key of ['description', 'keywords', 'repository', 'homepage', 'exports', 'files']) expect(manifest, key).toHaveProperty(key);
    expect(manifest.scripts).not.toHaveProperty('postinstall');
    expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
    for (const [path, conditions] of Object.entries(manifest.exports as Record<string, unknown>)) {
      expect(path).not.toContain('*');
      if (typeof conditions === 'object') expect(Object.keys(conditions!)[0], path).toBe('types');
    }
  });

  test('the top level holds the agreed rooms and nothing else', () => {
    const agreed = new Set(
      'package.json pnpm-workspace.yaml pnpm-lock.yaml turbo.json specs packages tools docs .changeset .github .ci README.md LICENSE CONTRIBUTING.md SECURITY.md .gitignore .gitattributes .oxlintrc.json .oxfmtrc.json'.split(
        ' ',
      ),
    );
    const local = new Set(['node_modules', '.git', '.turbo', 'demo-output', 'tarballs']);
    const found = filesAtTop().filter((name) => !local.has(name));
    expect(found.filter((name) => !agreed.has(name))).toEqual([]);
    expect([...agreed].filter((name) => !found.includes(name))).toEqual([]);
  });
});

/** The names that a file takes from the runtime and exports. */
function reExports(file: string): string[] {
  const [, names = ''] = /export \{([^}]*)\} from '@asset-clients\/runtime';/.exec(read(file)) ?? [];
  return names
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
}

function filesAtTop(): string[] {
  return [...new Set(filesBelow('.', /./).map((file) => file.split('/')[0]!))];
}
