/** What a tarball must be like, whatever is in it. */

import { readFileSync } from 'node:fs';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { checkDocs, checkFiles, checkLeaks, checkLinks, checkNames, checkSourceMaps } from './file-checks.ts';
import { checkDependencies, checkEntries, checkManifest } from './manifest-checks.ts';
import type { PackedPackage } from './pack.ts';
import type { Problems, Report } from './report.ts';

/**
 * Runs all checks of one tarball.
 *
 * @param allowed - Packages that may be installed with it.
 */
export async function checkTarball(report: Report, pack: PackedPackage, allowed?: readonly string[]): Promise<void> {
  const { shortName, unpacked, tarball } = pack;
  const checks: Readonly<Record<string, () => Problems | Promise<Problems>>> = {
    manifest: () => checkManifest(unpacked),
    dependencies: () => checkDependencies(unpacked, allowed),
    'exports, imports and bin': () => checkEntries(unpacked),
    files: () => checkFiles(unpacked),
    'paths of the machine, secrets': () => checkLeaks(unpacked),
    'source maps': () => checkSourceMaps(unpacked),
    'doc comments': () => checkDocs(unpacked),
    'readable names': () => checkNames(unpacked),
    links: () => checkLinks(unpacked),
    publint: () => checkPublint(tarball),
    'are the types wrong': () => checkTypes(tarball),
  };
  for (const [name, check] of Object.entries(checks)) await report.check(`${shortName} tarball: ${name}`, check);
}

/** https://publint.dev, with nothing left out. */
export async function checkPublint(tarball: string): Promise<Problems> {
  const { messages, pkg } = await publint({ pack: { tarball: toArrayBuffer(readFileSync(tarball)) }, strict: true, level: 'suggestion' });
  return messages.map((message) => `${message.type}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** https://arethetypeswrong.github.io with the profile "esm-only": what cannot `import` is not looked at. */
export async function checkTypes(tarball: string): Promise<Problems> {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
  if (!result.types) return ['package.json: there are no types; name them in "exports"'];
  const problems = result.problems.filter((problem) => !('resolutionKind' in problem) || !['node10', 'node16-cjs'].includes(problem.resolutionKind));
  return problems.map((problem) => {
    const place = 'entrypoint' in problem ? `package.json: exports "${problem.entrypoint}"` : 'fileName' in problem ? problem.fileName : 'package.json';
    const page = `https://github.com/arethetypeswrong/arethetypeswrong.github.io/blob/main/docs/problems/${problem.kind}.md`;
    return `${place}: ${problem.kind} ${JSON.stringify(problem)}; ${page} says what to do`;
  });
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
