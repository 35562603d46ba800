/** Makes everything that a new vendor or API needs: document, package, fake, tests. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { generate, readApi, type Repair } from '@asset-clients/codegen';
import { stringify } from 'yaml';

import { fakeFiles, integrationFiles } from './fake-files.ts';
import { acceptFindings } from './lint-findings.ts';
import { namesOf, UsageError, type Names } from './names.ts';
import { describeApi } from './new-api.ts';
import { register } from './registrations.ts';
import { runTool } from './run-tool.ts';
import { clientFiles, packageFiles, readmeSection, type Files } from './vendor-files.ts';

export interface CreateOptions {
  /** The repository. */
  readonly root: string;
  readonly vendor: string;
  readonly api: string;
  /** The vendor's OpenAPI document. */
  readonly input: string;
  readonly title?: string;
  /** Folders besides the document's own that its `$ref`s may point into. */
  readonly allowFolders?: readonly string[];
  /** An existing JAR of the generator. */
  readonly jar?: string;
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  readonly log?: (line: string) => void;
}

export interface Created {
  readonly names: Names;
  readonly operations: number;
  readonly webhooks: number;
  /** Paths of new files, generated code left out. */
  readonly files: readonly string[];
  /** Paths of files to which lines were added. */
  readonly changed: readonly string[];
  readonly repairs: readonly Repair[];
  /** How many findings of the linter in the vendor's document were noted as accepted. */
  readonly acceptedFindings: number;
  /** Operations for which no arguments were found. */
  readonly withoutArguments: readonly string[];
}

/**
 * Makes a vendor, or an API of a vendor that is there.
 *
 * @throws UsageError for names that cannot be used or are taken; CodegenError for a document that cannot be read, and
 * where Java is missing. Nothing was written then.
 */
export async function createVendor(options: CreateOptions): Promise<Created> {
  const { root, vendor, api: apiName, dryRun = false } = options;
  const names = namesOf(vendor, apiName, await vendorsOf(root), options.title);
  const spec = `specs/${vendor}/${apiName}.yaml`;
  if (existsSync(join(root, spec))) throw new UsageError(`${spec} is there. To change it, run: pnpm spec:update ${vendor}/${apiName} <document>`);
  const home = names.isNewVendor ? `packages/${vendor}` : `packages/${vendor}/src/${apiName}`;
  for (const folder of [home, `packages/testing/src/${names.id}`]) {
    if (existsSync(join(root, folder))) throw new UsageError(`${folder} is there already. Choose another name, or move it.`);
  }

  const { document, operations, repairs } = readApi(options.input, { allowFolders: options.allowFolders ?? [] });
  const api = describeApi(
    names,
    document,
    operations.filter(({ webhook }) => webhook).map(({ id }) => id),
  );
  const section = readmeSection(api);
  const files: Files = {
    [spec]: `# Read by \`pnpm vendor:new\` from the vendor's ${basename(options.input)}; changes come by \`pnpm spec:update\`.\n${stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 })}`,
    ...(names.isNewVendor ? packageFiles(api) : {}),
    ...clientFiles(api),
    ...fakeFiles(api),
    ...integrationFiles(api),
    ...changesetFile(names, api.operations.length > 0),
  };
  const created = {
    names,
    operations: api.operations.length,
    webhooks: api.webhooks.length,
    files: Object.keys(files).toSorted(),
    repairs,
    withoutArguments: api.operations.filter(({ params }) => params === undefined).map(({ id }) => id),
  };
  if (dryRun) return { ...created, changed: [], acceptedFindings: 0 };

  // Generated first: without Java, or with a document that code cannot be made of, nothing is left behind.
  const workshop = await mkdtemp(join(root, 'specs/.new-'));
  try {
    await writeFile(join(workshop, `${apiName}.yaml`), files[spec]!);
    await generate({
      jobs: [{ input: join(workshop, `${apiName}.yaml`), output: join(root, `packages/${vendor}/src/generated/${apiName}`) }],
      cwd: root,
      ...(options.jar === undefined ? {} : { jar: options.jar }),
      ...(options.log === undefined ? {} : { log: options.log }),
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const changed = await register(root, names, section, api.operations.length > 0);
  // Before formatting, which aligns them.
  await runTool(root, process.execPath, ['tools/repo-checks/src/tables.ts']);
  await runTool(
    root,
    'oxfmt',
    (await readdir(join(root, 'packages'))).map((name) => `packages/${name}/README.md`).filter((path) => existsSync(join(root, path))),
  );
  await runTool(
    root,
    'oxfmt',
    [...Object.keys(files), ...changed].filter((path) => path !== spec),
  );
  const acceptedFindings = await acceptFindings(root, spec);
  if (acceptedFindings > 0) changed.push('specs/.redocly.lint-ignore.yaml');
  await runTool(root, process.execPath, ['tools/repo-checks/src/assumptions.ts']);
  changed.push('docs/assumptions.md', 'docs/coverage.md');
  return { ...created, changed: changed.toSorted(), acceptedFindings };
}

async function vendorsOf(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'specs'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** A package that was never published needs no bump; what is added to one that was does. */
function changesetFile({ isNewVendor, vendor, api, title, id, type }: Names, hasFake: boolean): Files {
  const bumps = [...(hasFake ? [`'@asset-clients/testing': minor`] : []), ...(isNewVendor ? [] : [`'@asset-clients/${vendor}': minor`])];
  if (bumps.length === 0) return {};
  const client = isNewVendor ? [] : [`The ${api} API of ${title}: \`create${type}Client\` of \`@asset-clients/${vendor}/${api}\`.`];
  const fake = hasFake ? [`A fake of ${isNewVendor ? title : 'it'}: \`createFake${type}\` of \`@asset-clients/testing/${id}\`.`] : [];
  return { [`.changeset/new-${id}.md`]: `---\n${bumps.join('\n')}\n---\n\n${[...client, ...fake].join(' ')}\n` };
}

/** The repository around a folder. */
export function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(join(folder, 'specs'))) return folder;
    if (dirname(folder) === folder) throw new UsageError('This is not the repository of Asset Clients: there is no pnpm-workspace.yaml with specs/ beside it.');
  }
}

/** The pnpm that the repository pins. */
export async function pinnedPnpm(root: string): Promise<string> {
  return (JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { packageManager: string }).packageManager;
}
