#!/usr/bin/env node
/** The command line. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findJobs, generate, type Job } from './generate.ts';
import { packageFolder } from './package-folder.ts';
import { CodegenError, describeRepairs } from './report.ts';

const help = `Usage:
  asset-clients-codegen <document> -o <folder>   code for one OpenAPI document (YAML or JSON, 3.0 or 3.1)
  asset-clients-codegen                          all specs/<vendor>/<api>.yaml of the repository it runs in

Options:
  -i, --input <document>   the same as <document>
  -o, --output <folder>    the folder for the generated files, and nothing else
      --check              write nothing; exit with 1 when something would change
      --force              replace a folder that was not generated
      --allow-folder <dir> a folder besides the document's own that its $refs may point into (repeatable)
      --jar <file>         an existing JAR of the OpenAPI generator (or ASSET_CLIENTS_GENERATOR_JAR)
      --verbose            print every repair
      --version            print the version
  -h, --help               print this

Generating needs a Java runtime, version 11 or newer. Nothing else does.`;

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.version) {
    console.log((JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version);
    return 0;
  }
  const input = values.input ?? positionals[0];
  let jobs: Job[];
  let cwd = process.cwd();
  if (input !== undefined) {
    if (values.output === undefined) throw new CodegenError('There is no output folder.', 'Add -o <folder>.');
    if (positionals.length > (values.input === undefined ? 1 : 0)) throw new CodegenError('Only one document can be given.', 'Run the command once for each.');
    jobs = [{ input, output: values.output }];
  } else {
    if (values.output !== undefined) throw new CodegenError('There is no document.', 'Add --input <document>.');
    ({ root: cwd, jobs } = await findJobs(cwd));
  }
  const { documents } = await generate({
    jobs,
    cwd,
    check: values.check ?? false,
    force: values.force ?? false,
    allowFolders: values['allow-folder'] ?? [],
    log: (line) => console.error(line),
    ...(values.jar === undefined ? {} : { jar: values.jar }),
  });
  for (const { input: from, output: to, operations, models, changed, repairs } of documents) {
    const state = changed.length === 0 ? 'unchanged' : `${count(changed.length, 'file')} ${values.check ? 'would change' : 'changed'}`;
    console.log(`${from} -> ${to}  ${count(operations, 'operation')}, ${count(models, 'model')}, ${state}`);
    for (const line of describeRepairs(repairs, values.verbose ?? false)) console.log(`  ${line}`);
  }
  if (!values.check || documents.every(({ changed }) => changed.length === 0)) return 0;
  const command = input === undefined ? 'pnpm generate' : `asset-clients-codegen ${input} -o ${values.output}`;
  console.error(
    `Generated files are not up to date (${documents.flatMap(({ output, changed }) => changed.map((file) => `${output}/${file}`)).join(', ')}). Run: ${command}`,
  );
  return 1;
}

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        input: { type: 'string', short: 'i' },
        output: { type: 'string', short: 'o' },
        check: { type: 'boolean' },
        force: { type: 'boolean' },
        'allow-folder': { type: 'string', multiple: true },
        jar: { type: 'string' },
        verbose: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new CodegenError((error as Error).message, 'Run with --help to see all options.');
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof CodegenError;
  console.error(known ? error.message : `This should not have happened: ${String(error)}`);
  if (!known)
    console.error(
      process.env.ASSET_CLIENTS_DEBUG ? (error as Error).stack : '  Please report it with the document. ASSET_CLIENTS_DEBUG=1 prints where it happened.',
    );
  process.exitCode = 1;
}
