/** All packages in one project: types under three versions of TypeScript, and the sizes of browser bundles. */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { sizeCases, type SizeCase } from '@asset-clients/benchmarks/size-cases';

import { bundle, type Bundle } from './bundle.ts';
import { checkBundlers } from './bundlers.ts';
import { npmInstall } from './command.ts';
import type { PackedPackages } from './pack.ts';
import { packagesWithExample } from './readme-checks.ts';
import { firstExample } from './readme.ts';
import type { Problems, Report } from './report.ts';
import { checkTypes, COMPILERS, TYPE_CHECKS } from './installation-checks.ts';
import { INSTALLATIONS } from './installations.ts';
import { EMPTY_MANIFEST, readJson, root, writeFolder } from './workspace.ts';

/** The types of the runners need more libraries than ours; they are checked in consumer-checks.ts. */
const WITHOUT = ['./package.json', './vitest', './jest', './msw'];
/** Compression differs a little from one build of zlib to the next. */
const TOLERANCE = 100;

/** Checks what needs several packages in a folder. */
export async function checkTogether(report: Report, packages: PackedPackages, folder: string): Promise<void> {
  const ours = packages.all.filter((pack) => pack.folder.startsWith('packages/'));
  const files: Record<string, string> = {};
  for (const pack of ours) {
    const { exports } = readJson(join(pack.unpacked, 'package.json')) as { exports: Record<string, unknown> };
    const subpaths = Object.keys(exports).filter((subpath) => !WITHOUT.includes(subpath));
    files[`entries-${pack.shortName}.ts`] = subpaths.map((subpath, index) => `export * as entry${index} from '${pack.name}${subpath.slice(1)}';\n`).join('');
  }
  for (const { name, usage } of INSTALLATIONS) files[`usage-${name}.ts`] = usage;
  for (const pack of packagesWithExample(packages)) files[`readme-${pack.shortName}.ts`] = firstExample(pack.unpacked);
  writeFolder(folder, { 'package.json': EMPTY_MANIFEST, ...files });
  if (
    !(await report.check('together: npm install', () =>
      npmInstall(
        folder,
        ours.map(({ tarball }) => tarball),
      ),
    ))
  )
    return;
  for (const [version, compiler] of Object.entries(COMPILERS)) {
    for (const { title, compilerOptions } of TYPE_CHECKS) {
      await report.check(`together: every entry and README example, TypeScript ${version}, ${title}`, () =>
        checkTypes(folder, compilerOptions, compiler, Object.keys(files)),
      );
    }
  }
  await checkBundles(report, folder);
  await checkBundlers(report, folder);
}

/** Checks the browser bundles of programs that import from a folder's `node_modules`. */
export async function checkBundles(report: Report, folder: string, cases: readonly SizeCase[] = sizeCases): Promise<void> {
  const committed = readJson(join(root, 'docs', 'sizes.json')) as Readonly<Record<string, { readonly rolldown: number }>>;
  await report.check('together: browser bundles are no larger than docs/sizes.json says, and hold nothing of Node', async () => {
    const problems: string[] = [];
    for (const [index, sizeCase] of cases.filter(({ beyond }) => beyond === undefined).entries()) {
      writeFolder(folder, { [`size-${index}.js`]: sizeCase.code });
      const made = await bundle(folder, `size-${index}.js`, 'browser', { minify: true });
      problems.push(...checkBundle(sizeCase, made, committed[sizeCase.name]?.rolldown));
    }
    return problems;
  });
}

/** @param committed - Bytes, gzip. */
function checkBundle({ name, package: packageName, without }: SizeCase, { files, modules, imports }: Bundle, committed: number | undefined): Problems {
  const size = [...files.values()].reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0);
  const foreign = [...modules.filter((module) => without.some((pattern) => pattern.test(module))), ...imports];
  return [
    ...(committed === undefined ? [`${name}: docs/sizes.json does not know it; pnpm sizes`] : []),
    ...(committed !== undefined && size > committed + TOLERANCE
      ? [`${name}: ${size} B gzip, docs/sizes.json says ${committed}; shake it off, or, if it has to be so, pnpm sizes`]
      : []),
    ...foreign.map((module) => `${name}: the bundle for ${packageName} holds ${module}; import it only in files that browsers do not get`),
  ];
}
