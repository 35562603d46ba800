/** Writes docs/assumptions.md and each package's ASSUMPTIONS.md from the `x-assumption` entries of the documents: `node src/assumptions.ts`. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { documents, read, root, vendors } from './repository.ts';

/** What a vendor leaves open, and what we do about it. */
export interface Assumption {
  readonly id: string;
  readonly question: string;
  readonly vendorSays: string;
  readonly default: unknown;
  /** The client's option. */
  readonly option: string | null;
  /** The fake's switch. */
  readonly fake: string | null;
}

/** All assumptions of a document, in order. */
export function assumptionsIn(node: unknown, found: Assumption[] = []): Assumption[] {
  if (typeof node !== 'object' || node === null) return found;
  const { 'x-assumption': own, ...members } = node as Record<string, unknown>;
  if (Array.isArray(own)) found.push(...(own as Assumption[]));
  for (const member of Object.values(members)) assumptionsIn(member, found);
  return found;
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
}

function code(value: unknown): string {
  return value === null || value === undefined ? '-' : `\`${cell(typeof value === 'string' ? value : JSON.stringify(value))}\``;
}

const MARK = '<!-- Written by `pnpm docs:assumptions` from the x-assumption entries in specs/. Do not edit. -->';
const INTRODUCTION = [
  'Built from public documentation, never run against a live tenant. What the documentation leaves',
  'open is listed here with our default. Where your tenant differs, set the client option; the switch of the fake (under',
  '`assumptions`) makes your tests see the same. `-`: nothing to set. If you know an answer, please open an issue.',
  '',
];

/** The tables of some documents. */
function sections(names: readonly (readonly [vendor: string, api: string])[]): string[] {
  return names.map(([vendor, api]) => {
    const rows = assumptionsIn(parse(read(`specs/${vendor}/${api}.yaml`))).map(
      ({ id, question, vendorSays, default: value, option, fake }) =>
        `| <a id="${id}"></a>\`${id}\` | ${cell(question)} | ${cell(vendorSays)} | ${code(value)} | ${code(option)} | ${code(fake)} |`,
    );
    return [
      `## ${vendor}/${api}`,
      '',
      '| id | open question | what the vendor says | our default | client option | switch of the fake |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
  });
}

/** The pages as they must be, by path: that of all vendors, and one for the package of each that leaves something open. */
export function assumptionsPages(): Readonly<Record<string, string>> {
  const all = documents();
  const open = vendors().filter((vendor) =>
    all.some(([owner, api]) => owner === vendor && assumptionsIn(parse(read(`specs/${owner}/${api}.yaml`))).length > 0),
  );
  const page = (title: string, names: typeof all): string => [`# ${title}`, '', MARK, '', ...INTRODUCTION, ...sections(names)].join('\n');
  return {
    'docs/assumptions.md': page('Assumptions', all),
    ...Object.fromEntries(
      open.map((vendor) => [
        `packages/${vendor}/ASSUMPTIONS.md`,
        page(
          `What @asset-clients/${vendor} takes for granted`,
          all.filter(([owner]) => owner === vendor),
        ),
      ]),
    ),
  };
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, page] of Object.entries(assumptionsPages())) {
    writeFileSync(join(root, path), page);
    console.log(`${path} written`);
  }
}
