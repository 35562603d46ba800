/** What the builds of the published packages have in common. */

import { existsSync, readFileSync } from 'node:fs';

import type { UserConfig } from 'tsdown';

/** Files whose names would say how they were made: what `await using` and `import * as` become, and the one bundled library. */
const NAMES: readonly [from: RegExp, to: string][] = [
  [/[\\/]usingCtx$/, 'helpers/using'],
  [/rolldown[\\/]runtime$/, 'helpers/export-all'],
  // npm leaves every folder named node_modules out of a package.
  [/[\\/]mrmime[\\/]/, 'bundled/mrmime'],
];

const nameOf = ({ name }: { readonly name: string }): string => `${NAMES.find(([from]) => from.test(name))?.[1] ?? '[name]'}.js`;

/** Code of others keeps its licence. */
function licenceOf({ moduleIds }: { readonly moduleIds: readonly string[] }): string {
  const [folder] = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleIds[0] ?? '') ?? [];
  if (folder === undefined || !existsSync(folder)) return '';
  const file = ['license', 'LICENSE', 'LICENSE.md'].map((name) => `${folder}/${name}`).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${folder} is bundled and has no licence`);
  return `/*\n${readFileSync(file, 'utf8').trim()}\n*/`;
}

/** Declarations as a person would write them. */
const readableTypes = {
  name: 'readable-types',
  generateBundle(_options: unknown, bundle: Record<string, { fileName: string; code?: string }>): void {
    for (const file of Object.values(bundle)) {
      if (!file.fileName.endsWith('.d.ts') || file.code === undefined) continue;
      file.code = file.code
        // The plugin leaves out maps of declarations, but not the comments that name them.
        .replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n')
        // `typeof operations` of `import * as operations`.
        .replaceAll(/\b(\w+)_d_exports\b/g, '$1');
    }
  },
};

/** One file per source file, for every platform: what a person can read, and nothing that a bundler has to take apart. */
export function packageBuild(config: UserConfig): UserConfig {
  return {
    platform: 'neutral',
    target: 'es2023',
    dts: true,
    sourcemap: true,
    unbundle: true,
    deps: { neverBundle: [/^node:/] },
    outputOptions: { entryFileNames: nameOf, chunkFileNames: nameOf, minifyInternalExports: false, banner: licenceOf },
    ...config,
    plugins: [readableTypes, config.plugins],
  };
}
