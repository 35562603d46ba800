/** A program for browsers, made by the bundlers that people use, each as it is without configuration. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import webpack from 'webpack';

import { bundle } from './bundle.ts';
import { problemsOf } from './command.ts';
import type { Problems, Report } from './report.ts';
import { filesBelow, writeFolder } from './workspace.ts';

const PROGRAM = `import { createEgainConversationClient } from '@asset-clients/egain';
import { fileSource } from '@asset-clients/egain/node';
const fetch = async () => Response.json({ id: '1', name: 'bird.jpg' });
const client = createEgainConversationClient({ baseUrl: 'https://egain.example', auth: 'token', fetch });
const { name } = await client.getAsset({ id: '1' });
if (name !== 'bird.jpg') throw new Error(name);
const { kind } = await fileSource('bird.jpg').catch((error) => error);
if (kind !== 'unsupported') throw new Error('fileSource: ' + kind);
`;
/** Words of files that only Node gets. */
const FOR_NODE = /\bUndiciTransport\b|["']node:(?:fs|net)/;

/** Writes a bundle into a folder and says which file starts it. */
type Bundler = (entry: string, folder: string) => Promise<string>;

const BUNDLERS: Readonly<Record<string, Bundler>> = {
  async rolldown(entry, folder) {
    const made = await bundle(join(entry, '..'), 'program.js', 'browser');
    writeFolder(folder, Object.fromEntries(made.files));
    return made.entry;
  },
  async esbuild(entry, folder) {
    await build({ entryPoints: [entry], bundle: true, format: 'esm', outfile: join(folder, 'program.js'), logLevel: 'silent' });
    return 'program.js';
  },
  async Rollup(entry, folder) {
    const made = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })], onwarn: () => undefined });
    await made.write({ dir: folder, format: 'es' });
    await made.close();
    return 'program.js';
  },
  async webpack(entry, folder) {
    const compiler = webpack({
      entry: { program: entry },
      context: folder,
      mode: 'production',
      target: 'web',
      output: { path: folder, filename: '[name].js', chunkFilename: '[id].js', publicPath: './', module: true, chunkFormat: 'module', chunkLoading: 'import' },
      experiments: { outputModule: true },
      // So that its words can be read.
      optimization: { minimize: false },
    })!;
    const stats = await new Promise<{ hasErrors(): boolean; toString(): string } | undefined>((resolve, reject) => {
      compiler.run((error, done) => (error === null ? resolve(done) : reject(error)));
    });
    await new Promise<void>((resolve) => {
      compiler.close(() => resolve());
    });
    if (stats === undefined || stats.hasErrors()) throw new Error(String(stats));
    return 'program.js';
  },
};

/**
 * Bundles a program, looks at what is in it, and runs it.
 *
 * @param folder - With eGain's package in its `node_modules`.
 */
export async function checkBundlers(report: Report, folder: string): Promise<void> {
  writeFolder(folder, { 'program.js': PROGRAM });
  for (const [name, make] of Object.entries(BUNDLERS)) {
    const out = writeFolder(join(folder, `made-by-${name.toLowerCase()}`), { 'package.json': { type: 'module' } });
    await report.check(`together: ${name} makes a bundle for browsers, which runs and holds nothing of Node`, async () => {
      const entry = await make(join(folder, 'program.js'), out);
      return [...nodeIn(out), ...(await problemsOf(process.execPath, [join(out, entry)], { cwd: out, timeoutMs: 20_000 }))];
    });
  }
}

function nodeIn(folder: string): Problems {
  const problems: string[] = [];
  for (const file of filesBelow(folder).filter((name) => name.endsWith('.js'))) {
    const [found] = FOR_NODE.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    if (found !== undefined) problems.push(`${file} holds ${found}; see "imports" in packages/runtime/package.json`);
  }
  return problems;
}
