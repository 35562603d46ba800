/** Runs the generator once for any number of documents. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLog } from './gates.ts';
import { findJar, findJava, run } from './java.ts';
import { templateFolder } from './package-folder.ts';
import type { Dict } from './read-document.ts';
import { CodegenError } from './report.ts';

/** The files that are rendered, and the template of each. */
export const renderedFiles = { 'models.ts': 'models.handlebars', 'operations.ts': 'operations.handlebars', 'index.ts': 'index.handlebars' } as const;

export interface RenderJob {
  /** How messages call the document. */
  readonly label: string;
  readonly carrier: Dict;
}

/**
 * Renders the templates for each document.
 *
 * @returns For each job its files, unformatted, by name.
 * @throws CodegenError when Java or the JAR is missing, the generator fails, or its log shows that something was lost.
 */
export async function render(jobs: readonly RenderJob[], options: { jar?: string; log: (line: string) => void }): Promise<Map<string, string>[]> {
  const java = await findJava();
  const jar = await findJar(options);
  const folder = await mkdtemp(join(tmpdir(), 'asset-clients-codegen-'));
  try {
    const configs: string[] = [];
    for (const [index, job] of jobs.entries()) configs.push(await prepare(join(folder, String(index)), job));
    const answer = await run(java, [
      '-Dfile.encoding=UTF-8',
      '-Dstdout.encoding=UTF-8',
      '-jar',
      jar,
      'batch',
      '--fail-fast',
      '--root-dir',
      folder,
      '--threads',
      '2',
      ...configs,
    ]);
    checkLog(answer.output);
    const results: Map<string, string>[] = [];
    for (const index of jobs.keys()) results.push(await collect(join(folder, String(index), 'out'), answer, jobs[index]?.label ?? ''));
    if (answer.code !== 0) throw new CodegenError('The OpenAPI generator failed.', tail(answer.output));
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(folder: string, job: RenderJob): Promise<string> {
  const out = join(folder, 'out');
  await mkdir(out, { recursive: true });
  const document = join(folder, 'document.json');
  const config = join(folder, 'config.json');
  await writeFile(document, JSON.stringify(job.carrier));
  // Only our own files: the stock templates are of another engine and would not even compile.
  await writeFile(
    join(out, '.openapi-generator-ignore'),
    `**\n${Object.keys(renderedFiles)
      .map((file) => `!${file}`)
      .join('\n')}\n`,
  );
  const files = Object.entries(renderedFiles).map(([file, template]) => [template, { templateType: 'SupportingFiles', destinationFilename: file }]);
  await writeFile(
    config,
    JSON.stringify({
      generatorName: 'typescript-fetch',
      inputSpec: document,
      outputDir: out,
      templateDir: templateFolder,
      templatingEngineName: 'handlebars',
      files: Object.fromEntries(files),
      additionalProperties: { withoutRuntimeChecks: 'true', modelPropertyNaming: 'original' },
    }),
  );
  return config;
}

async function collect(folder: string, answer: { output: string }, label: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const file of Object.keys(renderedFiles)) {
    try {
      found.set(file, await readFile(join(folder, file), 'utf8'));
    } catch {
      throw new CodegenError(`${label}: the OpenAPI generator wrote no ${file}.`, tail(answer.output));
    }
  }
  return found;
}

/** What the generator said last, without Java's stack frames. */
function tail(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+(at |\.\.\. )|^#/.test(line));
  return `It said:\n${lines
    .slice(-8)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n')}`;
}
