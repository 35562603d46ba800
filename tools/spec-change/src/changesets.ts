/** Reads and writes `.changeset/*.md`. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import parseChangeset from '@changesets/parse';

import { isLarger, type Bump } from './bump.ts';
import { fileAt } from './git.ts';
import { grouped, type ExplainedChange } from './verdict.ts';

/** What a package's users are told. */
export interface Note {
  readonly name: string;
  readonly bump: Exclude<Bump, 'none'>;
  /** First line of the changelog entry. */
  readonly headline: string;
  readonly lines: readonly string[];
}

const folder = '.changeset';
const longest = 40;

/** The lines of a changelog for changes: what is said of several operations stands once. */
export function changelogLines(changes: readonly ExplainedChange[]): string[] {
  // A compiler's sentence about one line of our tests is for maintainers; users read what it follows from, where that is known.
  const explained = changes.filter(({ bump, broken }) => bump !== 'none' && broken !== true);
  return grouped(explained.some(({ bump }) => bump === 'major') ? explained : changes.filter(({ bump }) => bump !== 'none')).map(
    ({ operations, change: { bump, text } }) => {
      const named = operations.filter((operation) => operation !== '*');
      const who = named.length === 0 ? '' : `${named.map((name) => `\`${name}\``).join(', ')}: `;
      return `${bump === 'major' ? '**Breaking** ' : ''}${who}${text}`;
    },
  );
}

/**
 * Writes one changeset for each note; those that an earlier run wrote for the same document and nobody committed go.
 *
 * @param subject - `tenovos-assets`: files are named after it and their content, so that the same change gives the same file.
 * @returns Names of the files that are new, and of those that went.
 */
export async function writeChangesets(root: string, subject: string, notes: readonly Note[]): Promise<{ written: string[]; removed: string[] }> {
  const wanted = new Map(notes.map((note) => [fileOf(subject, note), textOf(note)]));
  const [written, removed]: [string[], string[]] = [[], []];
  for (const file of readdirSync(join(root, folder)).filter((name) => name.startsWith(`spec-${subject}-`) && name.endsWith('.md'))) {
    if (wanted.has(file) || (await fileAt(root, 'HEAD', `${folder}/${file}`)) !== undefined) continue;
    rmSync(join(root, folder, file));
    removed.push(`${folder}/${file}`);
  }
  for (const [file, text] of wanted) {
    const path = join(root, folder, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    writeFileSync(path, text);
    written.push(`${folder}/${file}`);
  }
  return { written, removed };
}

function fileOf(subject: string, note: Note): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([note.name, note.bump, note.headline, note.lines]))
    .digest('hex');
  return `spec-${subject}-${note.name.split('/').at(-1)!}-${hash.slice(0, 8)}.md`;
}

function textOf({ name, bump, headline, lines }: Note): string {
  const shown = lines.length > longest ? [...lines.slice(0, longest - 1), `and ${lines.length - longest + 1} more: see the document`] : lines;
  const list = shown.map((line) => `- ${line.replaceAll(/\s+/g, ' ')}`).join('\n');
  return `---\n'${name}': ${bump}\n---\n\n${headline}\n${list === '' ? '' : `\n${list}\n`}`;
}

/** The bumps that the changesets in the working tree declare, those left out that were there at a commit already. */
export async function declaredBumps(root: string, base: string): Promise<Map<string, Bump>> {
  const found = new Map<string, Bump>();
  for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith('.md') && name !== 'README.md')) {
    const text = readFileSync(join(root, folder, file), 'utf8');
    if ((await fileAt(root, base, `${folder}/${file}`)) === text) continue;
    for (const { name, type } of parseChangeset(text).releases) if (isLarger(type, found.get(name) ?? 'none')) found.set(name, type);
  }
  return found;
}
