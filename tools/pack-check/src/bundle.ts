/** A program and what it imports, as bundlers make it for browsers and workers. */

import { join } from 'node:path';

import { rolldown } from 'rolldown';

/** What became of a program. */
export interface Bundle {
  /** Name of the file to load. */
  readonly entry: string;
  /** Name to code: the program, and what it loads later. */
  readonly files: ReadonlyMap<string, string>;
  /** Files in it, as `package/path`. */
  readonly modules: readonly string[];
  /** What it would load besides. */
  readonly imports: readonly string[];
}

/**
 * Bundles with rolldown.
 *
 * @param condition - The export condition of the platform, before `import` and `default`.
 * @param options - `minify`: as for a page, for today's browsers; without, for runtimes that do not know `await using`.
 */
export async function bundle(folder: string, file: string, condition: 'browser' | 'workerd', options: { readonly minify?: boolean } = {}): Promise<Bundle> {
  const build = await rolldown({
    input: join(folder, file),
    cwd: folder,
    platform: 'browser',
    resolve: { conditionNames: [condition, 'import'] },
    logLevel: 'silent',
    ...(options.minify !== true && { transform: { target: 'es2023' } }),
  });
  try {
    const { output } = await build.generate({ format: 'esm', minify: options.minify ?? false });
    const all = new Map(output.flatMap((item) => (item.type === 'chunk' ? [[item.fileName, item] as const] : [])));
    const entry = [...all.values()].find(({ isEntry }) => isEntry)!;
    // Only what the entry leads to: a chunk may be left of an import that was shaken off.
    const reached = new Set([entry]);
    for (const { imports, dynamicImports } of reached) {
      for (const name of [...imports, ...dynamicImports]) {
        const next = all.get(name);
        if (next !== undefined) reached.add(next);
      }
    }
    const chunks = [...reached];
    return {
      entry: entry.fileName,
      files: new Map(chunks.map(({ fileName, code }) => [fileName, code])),
      modules: chunks
        .flatMap(({ modules }) => Object.entries(modules))
        .flatMap(([id, { code }]) => (code === null || code === '' ? [] : [id.replaceAll('\\', '/').replace(/^.*\/node_modules\/(?!.*\/node_modules\/)/, '')])),
      imports: chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]).filter((name) => !all.has(name)),
    };
  } finally {
    await build.close();
  }
}
