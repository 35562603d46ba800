/** The commands: `update`, `compare`, `check`, `report`, `plan`. Each is a script of the repository's package.json. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Bump } from './bump.ts';
import { table, visible } from './print.ts';
import type { ExplainedChange } from './verdict.ts';
import { thisRepository as root } from './workspace.ts';

const help = `Usage:
  pnpm spec:update <vendor>/<api> <file|url> [--dry-run] [--json]
      takes over a vendor's new document: corrects, lints, generates, compares, writes changesets
  pnpm spec:check [--base <commit>] [--write]
      fails when a public surface changed without a changeset of sufficient size; --write writes it
  pnpm api:report [--check]
      renews the reports of the public types (packages/*/etc)
  pnpm release:plan
      what would be published, in which order, with sizes
  pnpm spec:compare <old> <new> [--json]
      the table for any two documents (files or URLs), by the rules alone; writes nothing`;

type Log = (line: string) => void;

/** The answer: one object, or a table. */
function print(
  changes: readonly ExplainedChange[],
  disagreements: readonly string[],
  answer: { bump: Bump; packages: Readonly<Record<string, Bump>> },
  json: boolean,
): void {
  if (json) {
    const listed = changes.map(({ operation, path, text, bump, seenBy }) => ({ operation, path, text, bump, seenBy }));
    console.log(JSON.stringify({ ...answer, changes: listed, disagreements }, undefined, 2));
    return;
  }
  console.log(changes.length === 0 ? 'Nothing changed.' : table(changes).join('\n'));
  if (disagreements.length > 0) console.log(`\nThe views disagree, or something is left to do:\n${disagreements.map((line) => `  - ${line}`).join('\n')}`);
}

/** Built packages are what is compared: a second build takes no time. */
function build(): void {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/turbo'), ['run', 'build', '--output-logs=errors-only', '--log-prefix=none'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  throw new Error('the packages do not build');
}

async function updateCommand(argv: readonly string[], log: Log): Promise<number> {
  const { Problem } = await import('./problem.ts');
  const { values, positionals } = parse(argv, { 'dry-run': { type: 'boolean' }, json: { type: 'boolean' } });
  const [target, from, ...more] = positionals;
  if (target === undefined || from === undefined || more.length > 0)
    throw new Problem('A document and its place are needed.', 'pnpm spec:update <vendor>/<api> <file|url>');
  const { locate } = await import('./target.ts');
  // Before the build, which may take a while.
  locate(root, target);
  build();
  const { update } = await import('./update.ts');
  const dryRun = values['dry-run'] === true;
  const result = await update({ root, cwd: process.env.INIT_CWD ?? process.cwd(), target, from, dryRun, log });
  const { bump, packages, changes, disagreements, files } = result;
  print(changes, disagreements, { bump, packages }, values.json === true);
  if (values.json === true) return 0;
  const released = Object.entries(packages);
  if (changes.length > 0)
    console.log(`\n${released.length === 0 ? 'No package needs a release.' : released.map(([name, size]) => `${name}: ${size}`).join('\n')}`);
  if (files.length > 0) console.log(`\nWritten:\n${files.map((file) => `  ${file}`).join('\n')}`);
  else if (dryRun && changes.length > 0) console.log('\nNothing was written (--dry-run).');
  return 0;
}

async function compareCommand(argv: readonly string[]): Promise<number> {
  const { Problem } = await import('./problem.ts');
  const { values, positionals } = parse(argv, { json: { type: 'boolean' } });
  const [old, now, ...more] = positionals;
  if (old === undefined || now === undefined || more.length > 0) throw new Problem('Two documents are needed.', 'compare <old> <new>');
  const { readSource } = await import('./read-source.ts');
  const { compareDocuments } = await import('./compare.ts');
  const { judge } = await import('./verdict.ts');
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const { bump, changes, disagreements } = judge(compareDocuments((await readSource(old, cwd)).document, (await readSource(now, cwd)).document), undefined, []);
  print(changes, disagreements, { bump, packages: {} }, values.json === true);
  return 0;
}

async function checkCommand(argv: readonly string[]): Promise<number> {
  const { values } = parse(argv, { base: { type: 'string' }, write: { type: 'boolean' } });
  build();
  const { check, fixCommand } = await import('./check.ts');
  const { base, reason, missing, needed, written } = await check({
    root,
    write: values.write === true,
    ...(typeof values.base === 'string' ? { base: values.base } : {}),
  });
  if (base === undefined) {
    console.log(`Nothing to compare with: ${reason}. Give --base <commit>.`);
    return 0;
  }
  if (missing.length === 0) {
    console.log(needed.size === 0 ? `No public surface changed since ${base.slice(0, 10)}.` : `Every change since ${base.slice(0, 10)} has its changeset.`);
    return 0;
  }
  for (const { name, bump, lines } of missing) {
    console.log(`${name} needs a changeset: ${bump}`);
    for (const line of lines.slice(0, 10)) console.log(`  - ${line}`);
    if (lines.length > 10) console.log(`  - and ${lines.length - 10} more`);
  }
  if (written.length > 0) {
    console.log(`\nWritten, to be put into a user's words:\n${written.map((file) => `  ${file}`).join('\n')}`);
    return 0;
  }
  console.log(`\nWrite a changeset (pnpm changeset), or have it written: ${fixCommand}`);
  return 1;
}

async function reportCommand(argv: readonly string[]): Promise<number> {
  const { values } = parse(argv, { check: { type: 'boolean' } });
  build();
  const { renewReports } = await import('./renew-reports.ts');
  const changed = renewReports(root, values.check === true);
  if (changed.length === 0) console.log('All API reports are up to date.');
  else console.log(`${values.check === true ? 'Not up to date (pnpm api:report renews them)' : 'Renewed'}:\n${changed.map((file) => `  ${file}`).join('\n')}`);
  return values.check === true && changed.length > 0 ? 1 : 0;
}

async function planCommand(): Promise<number> {
  build();
  const { plan } = await import('./release-plan.ts');
  const releases = await plan(root);
  if (releases.length === 0) console.log('No changesets: nothing would be published.');
  for (const { name, from, to, bump, bytes, changesets } of releases) {
    const why = changesets.length > 0 ? `${changesets.length} changeset${changesets.length === 1 ? '' : 's'}` : 'because of what it depends on';
    console.log(`${name.padEnd(28)} ${from} -> ${to}  ${bump.padEnd(5)}  ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${why}`);
  }
  return 0;
}

/** Messages quote vendors' documents. */
const lines = (text: string): string => text.split('\n').map(visible).join('\n');

function parse(argv: readonly string[], options: Record<string, { type: 'string' | 'boolean' }>): { values: Record<string, unknown>; positionals: string[] } {
  return parseArgs({ args: [...argv], options, allowPositionals: true });
}

const [command, ...argv] = process.argv.slice(2);
const commands: Readonly<Record<string, (argv: readonly string[], log: Log) => Promise<number>>> = {
  update: updateCommand,
  compare: compareCommand,
  check: checkCommand,
  report: reportCommand,
  plan: planCommand,
};
try {
  const chosen = commands[command ?? ''];
  if (!chosen || argv.includes('--help') || argv.includes('-h')) console.log(help);
  process.exitCode = !chosen ? 1 : argv.includes('--help') || argv.includes('-h') ? 0 : await chosen(argv, (line) => console.error(lines(line)));
} catch (error) {
  const known = error instanceof Error && ['Problem', 'CodegenError'].includes(error.name);
  const usage = error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(
    known || usage
      ? lines((error as Error).message)
      : `This should not have happened: ${process.env.ASSET_CLIENTS_DEBUG ? ((error as Error).stack ?? '') : String(error)}`,
  );
  process.exitCode = 1;
}
