/** What a person reads. */

import { grouped, type ExplainedChange } from './verdict.ts';

/** A vendor's text without characters that steer terminals or turn the direction of writing. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) => {
    if (character === '\n' || character === '\t') return ' ';
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });
}

const widths = [6, 24, 62, 52] as const;

/** A table: bump, operation, what changed, what it means. Changes of several operations stand once. */
export function table(changes: readonly ExplainedChange[]): string[] {
  const lines = [row(['bump', 'operation', 'what changed', 'what it means']), row(widths.map((width) => '-'.repeat(width)))].flat();
  for (const { operations, change } of grouped(changes)) {
    const shown = operations.length > 4 ? [...operations.slice(0, 3), `and ${operations.length - 3} more`] : operations;
    lines.push(...row([change.bump, shown.map((name) => (name === '*' ? 'all' : name)).join(', '), change.text, change.because]));
  }
  return lines;
}

function row(cells: readonly string[]): string[] {
  const columns = cells.map((cell, index) => wrap(cell, widths[index]!));
  const height = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => (column[line] ?? '').padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width));
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
