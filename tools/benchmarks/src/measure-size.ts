/** What a program costs in a browser: bundled, minified, gzip -9, everything that it may load summed. */

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('..', import.meta.url));

/** Bytes, gzip -9. */
export interface Size {
  /** By rolldown (Vite). */
  readonly rolldown: number;
  readonly esbuild: number;
  /** Modules that rolldown put into the bundle, as paths below the repository or packages. */
  readonly modules: readonly string[];
}

/** @param code - A module; it may import what this package depends on, and files below `tools/benchmarks`. */
export async function measureSize(code: string): Promise<Size> {
  const entry = `${here}__entry.js`;
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    resolve: { conditionNames: ['browser', 'import'] },
    logLevel: 'silent',
    plugins: [{ name: 'entry', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const chunks = new Map(output.flatMap((item) => (item.type === 'chunk' ? [[item.fileName, item] as const] : [])));
  const reached = reachable([...chunks.values()].find((chunk) => chunk.isEntry)!.fileName, (name) => {
    const chunk = chunks.get(name)!;
    return [...chunk.imports, ...chunk.dynamicImports];
  }).map((name) => chunks.get(name)!);

  const other = await build({
    stdin: { contents: code, resolveDir: here, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser', 'import'],
    minify: true,
    splitting: true,
    outdir: `${here}dist`,
    target: 'es2024',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const { outputs } = other.metafile;
  const texts = new Map(other.outputFiles.map((file) => [file.path.split(/[\\/]/).at(-1)!, file.contents]));
  const first = Object.keys(outputs).find((name) => outputs[name]!.entryPoint === '<stdin>')!;
  const used = reachable(first, (name) => outputs[name]!.imports.map(({ path }) => path).filter((path) => path in outputs));
  return {
    rolldown: sum(reached.map(({ code: text }) => gzip(text))),
    esbuild: sum(used.map((name) => gzip(texts.get(name.split('/').at(-1)!)!))),
    modules: reached.flatMap((chunk) => Object.entries(chunk.modules).flatMap(([id, { code: text }]) => (text === null || text === '' ? [] : [shortName(id)]))),
  };
}

function reachable(start: string, next: (name: string) => readonly string[]): string[] {
  const seen = new Set([start]);
  for (const name of seen) for (const found of next(name)) seen.add(found);
  return [...seen];
}

function shortName(id: string): string {
  return id
    .replaceAll('\\', '/')
    .replace(/^.*\/node_modules\/(?!.*\/node_modules\/)/, '')
    .replace(/^.*\/(packages|tools)\//, '$1/');
}

function gzip(content: string | Uint8Array): number {
  return gzipSync(content, { level: 9 }).length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
