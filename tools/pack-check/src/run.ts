/**
 * Checks what users install: packs every published package and uses the tarballs in folders outside the repository.
 *
 * `node src/run.ts [--keep] [--complete] [--only <text>]`, after `pnpm build`. `--keep` leaves the folders; `--only codegen` runs the
 * groups with that text in their names (`tarball-tenovos`, `alone-tenovos`, `readme-tenovos`, `project-vitest`, `codegen`). What this
 * machine lacks is skipped with the reason; with `--complete` (CI), only what it cannot have.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { checkCodegen } from './codegen-check.ts';
import { endAll, problemsOf } from './command.ts';
import { checkConsumer, RUNNERS } from './consumer-checks.ts';
import { closeBrowser } from './execute.ts';
import { packAll, type PackedPackages } from './pack.ts';
import { checkReadme, packagesWithExample } from './readme-checks.ts';
import { inParallel, Report } from './report.ts';
import { checkTogether } from './together-checks.ts';
import { checkTarball } from './tarball-checks.ts';
import { checkInstallation } from './installation-checks.ts';
import { INSTALLATIONS } from './installations.ts';
import { root } from './workspace.ts';

/** Checks that need each other's results, in a folder of their own. */
interface Group {
  readonly name: string;
  readonly run: (folder: string, packages: PackedPackages) => Promise<void>;
}

const SIDE_BY_SIDE = 2;

const { values: options } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, only: { type: 'string', default: '' }, complete: { type: 'boolean', default: false } },
});
const report = new Report(!options.complete);
const room = mkdtempSync(join(realpathSync(tmpdir()), 'pack-check-'));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cleanUp();
    process.exit(1);
  });
}

try {
  await runAll();
} finally {
  await closeBrowser();
  cleanUp();
}
process.exitCode = report.finish();

async function runAll(): Promise<void> {
  if (!(await report.check('temporary folder: outside of any project', () => projectsAbove(room)))) return;
  let packages: PackedPackages | undefined;
  await report.check('pnpm pack', async () => {
    packages = await packAll(makeFolder('tarballs'));
    return [];
  });
  if (packages === undefined) return;
  const packed = packages;
  await report.check('pnpm pack again: the same bytes', async () => differentBytes(packed, await packAll(makeFolder('tarballs-again'))));
  await report.check('every package under packages/ is installed alone', () => notInstalledAlone(packed));
  const groups = allGroups(packed).filter(({ name }) => name.includes(options.only));
  await inParallel(
    SIDE_BY_SIDE,
    groups.map(
      ({ name, run }) =>
        async () =>
          run(makeFolder(name), packed),
    ),
  );
}

/** The long ones first, so that none is left alone at the end. */
function allGroups(packages: PackedPackages): Group[] {
  return [
    { name: 'codegen', run: (folder, packed) => checkCodegen(report, packed, folder) },
    { name: 'knip', run: () => checkUnused() },
    { name: 'together', run: (folder, packed) => checkTogether(report, packed, folder) },
    ...RUNNERS.map((runner): Group => ({
      name: `project-${runner.name.replaceAll(/\W+/g, '-')}`,
      run: (folder, packed) => checkConsumer(report, packed, folder, runner),
    })),
    ...packagesWithExample(packages).map((pack): Group => ({
      name: `readme-${pack.shortName}`,
      run: (folder, packed) => checkReadme(report, packed, folder, pack),
    })),
    ...INSTALLATIONS.map((installation): Group => ({
      name: `alone-${installation.name}`,
      run: (folder, packed) => checkInstallation(report, packed, folder, installation),
    })),
    ...packages.all.map((pack): Group => ({
      name: `tarball-${pack.shortName}`,
      run: () => checkTarball(report, pack, INSTALLATIONS.find(({ name }) => name === pack.shortName)?.installed),
    })),
  ];
}

/** Files, exports and dependencies that nobody uses: https://knip.dev. What it cannot see is named in its configuration. */
async function checkUnused(): Promise<void> {
  const knip = join(root, 'tools', 'pack-check', 'node_modules', 'knip', 'bin', 'knip.js');
  const parameters = [knip, '--config', 'tools/repo-checks/knip.json', '--no-progress', '--treat-config-hints-as-errors'];
  await report.check('knip: nothing in the repository is unused', () => problemsOf(process.execPath, parameters, { cwd: root }));
}

/** Who builds a release again must be able to tell that it is the same. */
function differentBytes(first: PackedPackages, second: PackedPackages): string[] {
  return first.all
    .filter(({ shortName, tarball }) => !readFileSync(tarball).equals(readFileSync(second.get(shortName).tarball)))
    .map(({ name }) => `${name}: the tarballs differ`);
}

/** A new package is not forgotten. */
function notInstalledAlone({ all }: PackedPackages): string[] {
  const names = new Set(INSTALLATIONS.map(({ name }) => name));
  return all
    .filter(({ folder, shortName }) => folder.startsWith('packages/') && !names.has(shortName))
    .map(({ name }) => `${name} has no row in INSTALLATIONS`);
}

/** Something above the folder would be found although it was not installed. */
function projectsAbove(folder: string): string[] {
  const parent = dirname(folder);
  if (parent === folder) return [];
  const found = ['node_modules', 'package.json'].map((name) => join(parent, name)).filter((path) => existsSync(path));
  return [...found.map((path) => `${path} is in the way; set TMPDIR to another folder`), ...projectsAbove(parent)];
}

function makeFolder(name: string): string {
  const folder = join(room, name);
  mkdirSync(folder);
  return folder;
}

function cleanUp(): void {
  endAll();
  if (options.keep) console.log(`kept: ${room}`);
  else rmSync(room, { recursive: true, force: true, maxRetries: 3 });
}
