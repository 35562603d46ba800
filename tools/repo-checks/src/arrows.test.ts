import { describe, expect, test } from 'vitest';

import { filesBelow, importsOf, vendors, workspacePackages, type WorkspacePackage } from './repository.ts';

/**
 * Which way imports run: specs -> generated -> client -> unified; specs -> testing; everything published may use runtime.
 * Package folder to the workspace packages that it may import or depend on.
 */
const SCOPE = '@asset-clients/';
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  'packages/runtime': [],
  ...Object.fromEntries(vendors().map((vendor) => [`packages/${vendor}`, ['runtime']])),
  'packages/unified': ['runtime', ...vendors()],
  'packages/testing': ['runtime', 'unified'],
  'tools/codegen': ['runtime'],
};
const FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const;

const checked = workspacePackages().filter(({ folder }) => MAY_USE[folder] !== undefined);

describe('arrows', () => {
  test('every package under packages/ has a rule', () => {
    const without = workspacePackages().filter(({ folder }) => folder.startsWith('packages/') && MAY_USE[folder] === undefined);
    expect(without.map(({ folder }) => folder)).toEqual([]);
  });

  test.each(checked.map((pack) => [pack.folder, pack] as const))('%s imports only what its rule allows', (folder, pack) => {
    expect(wrongImports(folder, pack)).toEqual([]);
  });

  test.each(checked.map((pack) => [pack.folder, pack] as const))('%s depends only on what its rule allows', (folder, { manifest }) => {
    const named = FIELDS.flatMap((field) => Object.keys(manifest[field] ?? {})).filter((name) => name.startsWith(SCOPE));
    expect(named.filter((name) => !MAY_USE[folder]!.includes(name.slice(SCOPE.length)))).toEqual([]);
  });

  test.each(
    workspacePackages()
      .filter(({ folder }) => folder.startsWith('packages/'))
      .map((pack) => [pack.folder, pack] as const),
  )('%s does not name the fakes in any dependency field', (_folder, { manifest }) => {
    expect(FIELDS.filter((field) => manifest[field]?.[`${SCOPE}testing`] !== undefined)).toEqual([]);
  });

  test('the fakes take nothing but types from other packages', () => {
    const values = filesBelow('packages/testing/src', /\.ts$/).flatMap((file) =>
      importsOf(file)
        .filter(({ from, typeOnly }) => from.startsWith(SCOPE) && !from.startsWith(`${SCOPE}testing`) && !typeOnly)
        .map(({ from }) => `${file} -> ${from}`),
    );
    expect(values).toEqual([]);
  });

  test("nobody imports another package's generated code", () => {
    const found = [...filesBelow('packages', /\.ts$/), ...filesBelow('tools', /\.ts$/)].flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => /(?:^@asset-clients\/[^/]+\/.*generated|\.\.\/[^/]+\/src\/generated)/.test(from))
        .map(({ from }) => `${file} -> ${from}`),
    );
    expect(found).toEqual([]);
  });

  test('the runtime reaches undici and Node only through its platform files', () => {
    const found = filesBelow('packages/runtime/src', /\.ts$/)
      .filter((file) => !file.includes('/platform/') && !/\.test(-d)?\.ts$/.test(file) && !file.includes('/node/'))
      .flatMap((file) =>
        importsOf(file)
          .filter(({ from }) => from === 'undici' || from.startsWith('node:'))
          .map(({ from }) => `${file} -> ${from}`),
      );
    expect(found).toEqual([]);
  });
});

function wrongImports(folder: string, { manifest }: WorkspacePackage): string[] {
  return filesBelow(`${folder}/src`, /\.ts$/).flatMap((file) =>
    importsOf(file)
      .filter(({ from }) => from.startsWith(SCOPE) && !from.startsWith(manifest.name))
      .filter(({ from }) => !MAY_USE[folder]!.includes(from.slice(SCOPE.length).split('/')[0]!))
      .map(({ from }) => `${file} -> ${from}`),
  );
}
