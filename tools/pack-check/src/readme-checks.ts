/** What a README says to do, done to the letter in an empty folder with nothing but the tarballs, on every runtime. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findRuntime, RUNTIMES, type RuntimeName } from '@asset-clients/runtimes';

import { npmInstall, startServer } from './command.ts';
import { execute, type Execution } from './execute.ts';
import type { PackedPackage, PackedPackages } from './pack.ts';
import { firstExample, installsBeforeExample, wrongOutput } from './readme.ts';
import type { Problems, Report } from './report.ts';
import { EMPTY_MANIFEST, fixtures, readJson, writeFolder } from './workspace.ts';

/** Packages whose README begins with a program. That of `testing` begins with a test, see consumer-checks.ts. */
export function packagesWithExample({ all }: PackedPackages): PackedPackage[] {
  return all.filter(({ folder, shortName }) => folder.startsWith('packages/') && shortName !== 'testing');
}

/** What a bundle for a browser or a worker must not hold. */
const NODE_ONLY = /^(?:node:|undici(?:\/|$))/;

/** Checks one README in a folder: in process as it stands, then with the fake behind real sockets. */
export async function checkReadme(report: Report, packages: PackedPackages, folder: string, pack: PackedPackage): Promise<void> {
  const title = `README of ${pack.shortName}`;
  const code = firstExample(pack.unpacked);
  writeFolder(folder, { 'package.json': EMPTY_MANIFEST });
  const names = installsBeforeExample(pack.unpacked);
  const tarballs = withDependencies(packages, names).map(({ tarball }) => tarball);
  if (!(await report.check(`${title}: npm install ${names.join(' ')}`, () => npmInstall(folder, tarballs)))) return;

  const server = await startServer(process.execPath, ['server.mjs'], {
    cwd: writeFolder(folder, { 'server.mjs': readFileSync(join(fixtures, 'over-sockets', 'server.mjs'), 'utf8') }),
  });
  try {
    const fake = readFileSync(join(fixtures, 'over-sockets', 'fake.mjs'), 'utf8').replace('PORT = 0', `PORT = ${server.firstLine}`);
    writeFolder(folder, { 'fake.mjs': fake });
    for (const name of RUNTIMES) {
      const runtime = findRuntime(name);
      if (runtime.path === undefined) {
        report.skip(`${title}: on ${name}`, runtime.missing, runtime.obtainable);
        continue;
      }
      await report.check(`${title}: as it stands on ${name}`, async () => problemsIn(name, code, await execute(runtime, folder, 'example', code)));
      await report.check(`${title}: over sockets on ${name}`, async () => {
        const execution = await execute(runtime, folder, 'sockets', overSockets(code));
        const { modules = [], imports = [] } = execution.bundle ?? {};
        const foreign = [...modules, ...imports].filter((module) => NODE_ONLY.test(module));
        return [...problemsIn(name, code, execution), ...foreign.map((module) => `the bundle holds ${module}`)];
      });
    }
  } finally {
    await server.stop();
  }
}

/** The example, with the fake in another process. */
export function overSockets(code: string): string {
  const changed = code.replace(/'@asset-clients\/testing(?:\/\w+)?'/, "'./fake.mjs'").replace(/= (createFake\w+\()/, '= await $1');
  if (!changed.includes("'./fake.mjs'") || !changed.includes('= await createFake')) throw new Error('the example makes no fake');
  return changed;
}

function problemsIn(name: RuntimeName, code: string, { output, error }: Execution): Problems {
  return error === undefined ? wrongOutput(code, output) : [`${name}: ${error}`, ...(output === '' ? [] : [`printed before: ${output}`])];
}

/** Packages, and those of ours that npm would fetch with them: no registry has them yet. */
function withDependencies(packages: PackedPackages, names: readonly string[]): PackedPackage[] {
  const found = new Set(names.map((name) => packages.all.find((pack) => pack.name === name)!));
  for (const { unpacked } of found) {
    const { dependencies = {} } = readJson(join(unpacked, 'package.json')) as { dependencies?: Record<string, string> };
    for (const pack of packages.all) if (dependencies[pack.name] !== undefined) found.add(pack);
  }
  return [...found];
}
