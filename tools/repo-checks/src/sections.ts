/** Parts of Markdown pages that are written by machine: between two marks, or as a whole page. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { read, root } from './repository.ts';

/** A part of a page. */
export interface Section {
  readonly path: string;
  /** What it is called in its marks. */
  readonly name: 'tables' | 'coverage';
  readonly text: string;
}

const BEGIN = {
  tables: '<!-- Written by `pnpm docs:tables` from the constants of the source. Do not edit. -->',
  coverage: '<!-- Written by `pnpm docs:tables` from the documents in specs/. Do not edit. -->',
} as const;
const END = { tables: '<!-- End of the tables. -->', coverage: '<!-- End of the coverage. -->' } as const;

/** Whether a page has the marks. */
export function hasSection(path: string, name: Section['name']): boolean {
  return read(path).includes(BEGIN[name]);
}

/** What stands between the marks of a page now. */
export function written({ path, name }: Omit<Section, 'text'>): string {
  const text = read(path);
  return text.slice(text.indexOf(BEGIN[name]) + BEGIN[name].length, text.indexOf(END[name]));
}

/**
 * Writes it between the marks, where something else than its format differs.
 *
 * @returns Whether it was written.
 */
export function write({ path, name, text: section }: Section): boolean {
  const text = read(path);
  const [begin, end] = [text.indexOf(BEGIN[name]), text.indexOf(END[name])];
  if (begin < 0 || end < begin) throw new Error(`${path} has no marks for its ${name}`);
  if (normalised(written({ path, name })) === normalised(section)) return false;
  writeFileSync(join(root, path), `${text.slice(0, begin)}${BEGIN[name]}\n\n${section}\n\n${text.slice(end)}`);
  return true;
}

/** Without what a formatter may change. */
export function normalised(markdown: string): string {
  return markdown
    .replace(/-{3,}/g, '---')
    .replace(/[ \n]+/g, ' ')
    .trim();
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

export const code = (value: unknown): string => `\`${String(value)}\``;
