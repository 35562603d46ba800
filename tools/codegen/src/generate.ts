/** The pipeline: read, bundle, normalise, compute facts, render, check, format, write. The same for all documents. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { bundleDocument, type Bundle } from './bundle.ts';
import { carrierDocument } from './carrier.ts';
import { computeFacts } from './facts.ts';
import { formatCode } from './format.ts';
import { checkOutput } from './gates.ts';
import { readGeneratorPin } from './java.ts';
import { normalize, type Api } from './normalize.ts';
import { packageFolder, templateFolder } from './package-folder.ts';
import { CodegenError, Repairs, type Repair } from './report.ts';
import { render } from './render.ts';
import { printStamp, sha256, stampFile } from './stamp.ts';
import { changedFiles, checkFolder, replaceFolder } from './write-output.ts';

/** One document and where its code goes. */
export interface Job {
  /** Path of the document. */
  readonly input: string;
  /** The folder that will hold the generated files, and nothing else. */
  readonly output: string;
}

/** What is generated, and how. */
export interface GenerateOptions {
  readonly jobs: readonly Job[];
  /** Write nothing, only report what would change. */
  readonly check?: boolean;
  /** Replace a folder that was not generated. */
  readonly force?: boolean;
  /** Folders besides a document's own that its `$ref`s may point into. */
  readonly allowFolders?: readonly string[];
  /** An existing JAR of the generator. */
  readonly jar?: string;
  /** Paths in messages are relative to this folder; the current one when absent. */
  readonly cwd?: string;
  /** Told about slow steps. */
  readonly log?: (line: string) => void;
}

/** What happened to one document. */
export interface DocumentReport {
  /** Paths as they are shown. */
  readonly input: string;
  readonly output: string;
  readonly operations: number;
  readonly models: number;
  /** Names of files that were (or with `check` would be) written or deleted. */
  readonly changed: readonly string[];
  readonly repairs: readonly Repair[];
}

/** What a run found and wrote. */
export interface Report {
  readonly documents: readonly DocumentReport[];
}

/**
 * Generates code for documents. Nothing is written for any of them unless all succeed.
 *
 * @param options - The documents and how to treat them.
 * @returns What was found, repaired and changed.
 * @throws CodegenError with a message for the user: where, what is wrong, what to do.
 */
export async function generate(options: GenerateOptions): Promise<Report> {
  const cwd = options.cwd ?? process.cwd();
  const show = (path: string): string => {
    const way = relative(cwd, resolve(cwd, path)).split(sep).join('/') || '.';
    // Long ways up say less than the path itself.
    return way.startsWith('../') ? resolve(cwd, path) : way;
  };
  const prepared = [];
  for (const job of options.jobs) {
    const output = resolve(cwd, job.output);
    await checkFolder(output, options.force ?? false);
    const repairs = new Repairs();
    const bundle = bundleDocument(
      resolve(cwd, job.input),
      { label: show(job.input), allowFolders: (options.allowFolders ?? []).map((folder) => resolve(cwd, folder)) },
      repairs,
    );
    const api = normalize(bundle, repairs);
    const facts = computeFacts(api, bundle.name, repairs);
    prepared.push({ job, output, bundle, api, repairs, carrier: carrierDocument(api, facts) });
  }
  const rendered = await render(
    prepared.map(({ job, carrier }) => ({ label: show(job.input), carrier })),
    { log: options.log ?? (() => {}), ...(options.jar === undefined ? {} : { jar: options.jar }) },
  );

  const finished = [];
  for (const [index, item] of prepared.entries()) {
    const raw = rendered[index] ?? new Map<string, string>();
    const files = new Map<string, string>();
    for (const [name, code] of raw) files.set(name, await formatCode(name, code));
    checkOutput(show(item.job.input), files, item.api, item.bundle);
    files.set(stampFile, await stampOf(item.bundle, files));
    finished.push({ ...item, files, changed: await changedFiles(item.output, files) });
  }
  if (!options.check) for (const { output, files, changed } of finished) if (changed.length > 0) await replaceFolder(output, files);
  return {
    documents: finished.map((item) => ({
      ...describe(item.api),
      input: show(item.job.input),
      output: show(item.output),
      changed: item.changed,
      repairs: item.repairs.list(),
    })),
  };
}

function describe(api: Api): { operations: number; models: number } {
  return { operations: api.operations.length, models: api.schemas.size };
}

async function stampOf(bundle: Bundle, files: ReadonlyMap<string, string>): Promise<string> {
  const generator = (await readGeneratorPin()).version;
  const codegen = (JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
  const root = dirname(bundle.files[0]?.path ?? '');
  const sources = bundle.files.map((file) => [relative(root, file.path).split(sep).join('/'), file.sha256]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const input = sha256(JSON.stringify([sources, await templateHashes(), generator, codegen]));
  return printStamp({ input, generator, codegen, files: Object.fromEntries([...files].map(([name, code]) => [name, sha256(code)])) });
}

async function templateHashes(): Promise<string[][]> {
  const names = (await readdir(templateFolder)).filter((name) => name.endsWith('.handlebars')).toSorted();
  return Promise.all(names.map(async (name) => [name, sha256(await readFile(join(templateFolder, name), 'utf8'))]));
}

/**
 * The documents of this repository: `specs/<vendor>/<api>.yaml` goes to `packages/<vendor>/src/generated/<api>`.
 *
 * @param from - A folder inside the repository.
 * @returns Its root and one job for each document.
 * @throws CodegenError when there is no repository, no document, or a vendor has no package.
 */
export async function findJobs(from: string): Promise<{ root: string; jobs: Job[] }> {
  let root = resolve(from);
  while (!(await exists(join(root, 'pnpm-workspace.yaml')))) {
    if (dirname(root) === root)
      throw new CodegenError(
        'There is no pnpm-workspace.yaml in this folder or above it.',
        'Run this inside the repository, or give a document: --input <document> --output <folder>.',
      );
    root = dirname(root);
  }
  const jobs: Job[] = [];
  for (const vendor of await folders(join(root, 'specs'))) {
    const documents = (await readdir(join(root, 'specs', vendor))).filter((name) => /(?<!\.overlay)\.(ya?ml|json)$/.test(name)).toSorted();
    for (const document of documents) {
      const home = join(root, 'packages', vendor);
      if (!(await exists(join(home, 'package.json'))) && !(await exists(join(home, 'src')))) {
        throw new CodegenError(
          `specs/${vendor}/${document} has no package: there is no folder packages/${vendor}.`,
          `Create packages/${vendor} (see CONTRIBUTING, "add a vendor"), or move the document.`,
        );
      }
      jobs.push({
        input: join(root, 'specs', vendor, document),
        output: join(home, 'src', 'generated', basename(document).replace(/\.\w+$/, '')),
      });
    }
  }
  if (jobs.length === 0) throw new CodegenError('There is no document under specs/.', 'Add specs/<vendor>/<api>.yaml.');
  return { root, jobs };
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
