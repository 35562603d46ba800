/** Places in a document as JSON pointers. */

import { isDict, type Dict } from '../../codegen/src/read-document.ts';

/** A value and where it stands. */
export interface Cell {
  readonly value: unknown;
  /** JSON pointer from the root of the document. */
  readonly at: string;
}

/** The pointer of a member. */
export function join(at: string, key: string | number): string {
  const text = String(key);
  return `${at}/${/[~/]/.test(text) ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text}`;
}

/** The keys of a pointer. */
export function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The last key of a pointer. */
export function lastKey(pointer: string): string {
  return keysOf(pointer).at(-1) ?? '';
}

/** Whether `pointer` is `ancestor` or inside it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/** The member of a cell, if there is one. */
export function member(cell: Cell, key: string): Cell | undefined {
  const value = isDict(cell.value) ? cell.value[key] : undefined;
  return value === undefined || !Object.hasOwn(cell.value as Dict, key) ? undefined : { value, at: join(cell.at, key) };
}

/** All members of a mapping; none of anything else. */
export function members(cell: Cell | undefined): [string, Cell][] {
  if (cell === undefined || !isDict(cell.value)) return [];
  return Object.entries(cell.value).map(([key, value]) => [key, { value, at: join(cell.at, key) }]);
}

/** All items of a list; none of anything else. */
export function items(cell: Cell | undefined): Cell[] {
  if (cell === undefined || !Array.isArray(cell.value)) return [];
  return cell.value.map((value: unknown, index) => ({ value, at: join(cell.at, index) }));
}

/** All values of a document that hold no others, by their pointers. */
export function leaves(value: unknown, at = '', found: Map<string, unknown> = new Map()): Map<string, unknown> {
  const inner = Array.isArray(value) ? [...value.entries()] : isDict(value) ? Object.entries(value) : [];
  if (inner.length === 0) found.set(at, Array.isArray(value) ? '[]' : isDict(value) ? '{}' : value);
  for (const [key, child] of inner) leaves(child, join(at, key), found);
  return found;
}

/** A text that is equal for values that are equal but for the order of their keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isDict(value)) return JSON.stringify(value) ?? 'undefined';
  return `{${Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`;
}
