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

/** @param condition - The export condition of the platform, before `import` and `default`. */
export async function bundle(folder: string, file: string, condition: 'browser' | 'workerd', options: { readonly minify?: boolean } = {}): Promise<Bundle> {
  const build = await rolldown({
    input: join(folder, file),
    cwd: folder,
    platform: 'browser',
    resolve: { conditionNames: [condition, 'import'] },
    logLevel: 'silent',
    transform: { target: 'es2023' },
  });
  try {
    const { output } = await build.generate({ format: 'esm', minify: options.minify ?? false });
    const chunks = output.filter((item) => item.type === 'chunk');
    const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]));
    return {
      entry: chunks.find(({ isEntry }) => isEntry)!.fileName,
      files,
      modules: chunks
        .flatMap(({ modules }) => Object.entries(modules))
        .flatMap(([id, { code }]) => (code === null || code === '' ? [] : [id.replaceAll('\\', '/').replace(/^.*\/node_modules\/(?!.*\/node_modules\/)/, '')])),
      imports: chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]).filter((name) => !files.has(name)),
    };
  } finally {
    await build.close();
  }
}
