/** The command `pnpm vendor:new`. */

import { parseArgs } from 'node:util';
import { resolve } from 'node:path';

import { CodegenError, describeRepairs } from '@asset-clients/codegen';

import { createVendor, findRoot, pinnedPnpm } from './create.ts';
import { UsageError } from './names.ts';
import { runTool } from './run-tool.ts';

const HELP = `Makes the package, the fake and the tests of a new vendor, or of a new API of one, from its OpenAPI document.

  pnpm vendor:new <vendor> --input <document> [options]

  <vendor>                 folder under packages/ and specs/, such as acme; one that is there gets another API
  -i, --input <document>   YAML or JSON, 3.0 or 3.1, of one file or several
      --api <name>         name of the document under specs/<vendor>/; default: api
      --title <text>       the vendor's name in sentences; default: made of <vendor>
      --allow-folder <dir> a folder besides the document's own that its $refs may point into (repeatable)
      --jar <file>         an existing JAR of the OpenAPI generator
      --dry-run            write nothing, list what would be written
      --no-install         do not run pnpm install and pnpm api:report at the end
      --verbose            print every repair
  -h, --help

Needs Java 11 or newer, as generating always does.
`;

async function main(): Promise<void> {
  const { values, positionals } = parse();
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const [vendor, ...others] = positionals;
  if (vendor === undefined) throw new UsageError('There is no name of a vendor.');
  if (others.length > 0) throw new UsageError(`Only one vendor can be made at a time, not also ${others.join(', ')}.`);
  if (values.input === undefined) throw new UsageError('There is no document: add --input <document>.');
  if (/^https?:/i.test(values.input)) throw new UsageError('--input takes a file. Download the document first, and read it.');
  const root = findRoot(process.cwd());
  const created = await createVendor({
    root,
    vendor,
    api: values.api ?? 'api',
    // pnpm runs scripts in the root; paths are meant from where the user stands.
    input: resolve(process.env.INIT_CWD ?? process.cwd(), values.input),
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.jar === undefined ? {} : { jar: values.jar }),
    allowFolders: values['allow-folder'] ?? [],
    dryRun: values['dry-run'] === true,
    log: (line) => console.error(line),
  });
  const { names, operations, webhooks, files, changed, repairs, acceptedFindings, withoutArguments } = created;
  console.log(`${names.vendor}/${names.api}: ${operations} operations, ${webhooks} webhooks`);
  for (const line of describeRepairs(repairs, values.verbose === true)) console.log(`  ${line}`);
  console.log(values['dry-run'] === true ? '\nWould be written:' : '\nNew:');
  for (const file of files) console.log(`  ${file}`);
  if (values['dry-run'] === true) return;
  console.log(`  packages/${names.vendor}/src/generated/${names.api}/`);
  console.log('\nChanged:');
  for (const file of changed) console.log(`  ${file}`);
  if (values['no-install'] !== true) {
    const pnpm = process.env.npm_execpath;
    if (pnpm !== undefined && /pnpm/.test(pnpm) && !/\.c?js$/.test(pnpm)) await runTool(root, pnpm, ['install', '--no-frozen-lockfile']);
    else await runTool(root, 'npx', ['-y', await pinnedPnpm(root), 'install', '--no-frozen-lockfile']);
    // The public types, as later changes are compared with them.
    await runTool(root, process.execPath, ['tools/spec-change/src/cli.ts', 'report']);
    console.log(`  packages/${names.vendor}/etc/, packages/testing/etc/`);
  }
  const notes = [
    ...(acceptedFindings > 0 ? [`The linter has ${acceptedFindings} findings in the document; they are accepted in specs/.redocly.lint-ignore.yaml.`] : []),
    ...(withoutArguments.length > 0
      ? [`No arguments that fit the document were found for: ${withoutArguments.join(', ')}. Write them in tools/integration/test/${names.id}.test.ts.`]
      : []),
    `Now: pnpm test. Then teach the client and the fake what the vendor's pages say: CONTRIBUTING, "Add a vendor".`,
  ];
  console.log(`\n${notes.join('\n')}`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        input: { type: 'string', short: 'i' },
        api: { type: 'string' },
        title: { type: 'string' },
        'allow-folder': { type: 'string', multiple: true },
        jar: { type: 'string' },
        'dry-run': { type: 'boolean' },
        'no-install': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof CodegenError)) throw error;
  console.error(`${error.message}${error instanceof UsageError ? '\nRun: pnpm vendor:new --help' : ''}`);
  process.exitCode = 1;
}
