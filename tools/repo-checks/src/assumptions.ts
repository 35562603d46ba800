/** Writes docs/assumptions.md from the `x-assumption` entries of the documents: `node src/assumptions.ts [--check]`. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { documents, read, root } from './repository.ts';

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

const PATH = 'docs/assumptions.md';

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

/** The page as it must be. */
export function assumptionsPage(): string {
  const sections = documents().map(([vendor, api]) => {
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
  return [
    '# Assumptions',
    '',
    '<!-- Written by `pnpm docs:assumptions` from the x-assumption entries in specs/. Do not edit. -->',
    '',
    'The clients are built from public documentation and were never run against a live tenant. What the documentation leaves',
    'open is listed here with our default. Where your tenant differs, set the client option; the switch of the fake (under',
    '`assumptions`) makes your tests see the same. `-`: nothing to set. If you know an answer, please open an issue.',
    '',
    ...sections,
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, PATH), assumptionsPage());
  console.log(`${PATH} written`);
}
