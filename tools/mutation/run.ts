/**
 * `pnpm mutate [group...]`: changes the code of each group in every small way that StrykerJS knows, and runs its tests on
 * every change. Fails when less than 90 % of a group's changes are noticed, or one that is not is missing in docs/mutation.md.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Stryker } from '@stryker-mutator/core';

import { groups, type Part } from './groups.ts';

const LEAST_PERCENT = 90;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const document = here('../../docs/mutation.md');
const runtime = here('../../packages/runtime');

process.chdir(runtime);
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups);
const known = existsSync(document) ? readFileSync(document, 'utf8') : '';
let failed = false;

for (const name of chosen) {
  const group = groups[name];
  if (group === undefined) throw new Error(`there is no group "${name}"; there are ${Object.keys(groups).join(', ')}`);
  process.env.MUTATION_TESTS = group.tests.map((test) => `src/${test}.test.ts`).join(',');
  const results = await new Stryker({
    mutate: group.parts.map(rangeOf),
    testRunner: 'vitest',
    vitest: { configFile: here('vitest.config.ts') },
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    // Stryker would read a tsconfig with TypeScript's old programming interface, which version 7 has not.
    tsconfigFile: 'no-tsconfig.json',
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: 10_000,
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false, reportMutants: false },
    tempDirName: `../../tools/mutation/.cache/${name}`,
    // Its path to the common settings would lead nowhere from the copy; the one above the copy is found instead.
    ignorePatterns: ['tsconfig.json', 'dist', 'reports'],
    allowConsoleColors: false,
  }).runMutationTest();
  const noticed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const survivors = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const percent = (100 * noticed) / (noticed + survivors.length);
  const unlisted = survivors.map(describe).filter((text) => !known.includes(text));
  console.log(`\n${name}: ${noticed} of ${noticed + survivors.length} changes noticed (${percent.toFixed(1)} %), ${survivors.length} not`);
  for (const mutant of survivors)
    console.log(`  ${known.includes(describe(mutant)) ? 'listed' : 'NEW   '} line ${mutant.location.start.line}: ${describe(mutant)}`);
  if (percent < LEAST_PERCENT || unlisted.length > 0) failed = true;
}

if (failed) {
  console.error(`\nEach group needs ${LEAST_PERCENT} %, and a row in docs/mutation.md with a reason for every change that no test notices.`);
  process.exitCode = 1;
}

/** `src/call.ts:172-210`, wherever the part is today. */
function rangeOf({ file, from, to }: Part): string {
  if (from === undefined) return `src/${file}`;
  const text = readFileSync(`src/${file}`, 'utf8').split('\n');
  const first = text.findIndex((line) => line.includes(from));
  const last = to === undefined ? text.length : text.findIndex((line) => line.includes(to));
  if (first < 0 || last <= first) throw new Error(`${file} has no lines from "${from}" to "${to}" any more: correct groups.ts`);
  return `src/${file}:${first + 1}-${last}`;
}

/** What a row of docs/mutation.md says of a change: the place in words, not its line, which moves. */
function describe({ fileName, location, replacement = '' }: { fileName: string; location: { start: Position; end: Position }; replacement?: string }): string {
  const text = readFileSync(fileName, 'utf8').split('\n');
  const { start, end } = location;
  const cut = text.slice(start.line - 1, end.line);
  cut[cut.length - 1] = cut.at(-1)!.slice(0, end.column - 1);
  cut[0] = cut[0]!.slice(start.column - 1);
  const short = (code: string): string => code.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'").slice(0, 120);
  return `\`${fileName.split('/').at(-1)}\` \`${short(cut.join('\n'))}\` -> \`${short(replacement)}\``;
}

interface Position {
  readonly line: number;
  readonly column: number;
}
