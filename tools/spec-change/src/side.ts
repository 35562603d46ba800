/** One of the two documents that are compared, with what the comparison has already explained of it. */

import { isDict, type Dict } from '../../codegen/src/read-document.ts';
import { join, keysOf, leaves, type Cell } from './pointer.ts';

/** A mapping with its references followed: members beside a `$ref` win over those it points to. */
export interface View {
  /** Where its members stand. */
  readonly entries: ReadonlyMap<string, Cell>;
  /** Where the end of its references stands. */
  readonly at: string;
  readonly value: unknown;
  /** Whether a reference led here. */
  readonly referred: boolean;
}

export class Side {
  readonly root: Cell;
  /** Pointers whose subtree is known to mean the same in both documents. */
  readonly equal: Set<string> = new Set();
  /** Pointers whose subtree is part of a reported change. */
  readonly reported: Set<string> = new Set();

  constructor(document: Dict) {
    this.root = { value: document, at: '' };
  }

  /** What a pointer leads to. */
  at(pointer: string): Cell | undefined {
    let value: unknown = this.root.value;
    let at = '';
    for (const key of keysOf(pointer)) {
      if (!(isDict(value) || Array.isArray(value)) || !Object.hasOwn(value, key)) return undefined;
      value = (value as Dict)[key];
      at = join(at, key);
    }
    return { value, at };
  }

  /** Follows the references of a cell. */
  view(cell: Cell): View {
    const entries = new Map<string, Cell>();
    let current = cell;
    let referred = false;
    for (let hops = 0; hops < 50 && isDict(current.value); hops++) {
      const { $ref } = current.value;
      const target = typeof $ref === 'string' ? this.target($ref) : undefined;
      for (const [key, value] of Object.entries(current.value)) {
        const at = join(current.at, key);
        // Where a reference leads is compared, not how it is written; a text that another one covers says nothing.
        if ((key === '$ref' && target) || entries.has(key)) this.equal.add(at);
        else entries.set(key, { value, at });
      }
      if (!target) break;
      current = target;
      referred = true;
    }
    return { entries, at: current.at, value: current.value, referred };
  }

  /** What a reference points to. */
  target($ref: string): Cell | undefined {
    if (!$ref.startsWith('#')) return undefined;
    let pointer = $ref.slice(1);
    try {
      pointer = decodeURIComponent(pointer);
    } catch {
      // A lone percent sign: taken as it is.
    }
    return this.at(pointer);
  }

  /** A value with what its references lead to in their place. */
  expanded(value: unknown, depth = 0): unknown {
    if (Array.isArray(value)) return value.map((item) => this.expanded(item, depth + 1));
    if (!isDict(value) || depth > 20) return value;
    const target = typeof value.$ref === 'string' ? this.target(value.$ref) : undefined;
    if (target) return this.expanded(target.value, depth + 1);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.expanded(inner, depth + 1)]));
  }

  /** Marks a cell, and what its references lead to, as part of a reported change. */
  reportWhole(cell: Cell): void {
    this.#markWhole(cell, this.reported);
  }

  /** Marks a cell, and what its references lead to, as equal. */
  equalWhole(cell: Cell): void {
    this.#markWhole(cell, this.equal);
  }

  #markWhole(cell: Cell, marks: Set<string>, seen: Set<string> = new Set()): void {
    if (seen.has(cell.at)) return;
    seen.add(cell.at);
    if (seen.size === 1 || cell.at.startsWith('/components/')) marks.add(cell.at);
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      if (!isDict(value)) return;
      for (const [key, inner] of Object.entries(value)) {
        const target = key === '$ref' && typeof inner === 'string' ? this.target(inner) : undefined;
        if (target) this.#markWhole(target, marks, seen);
        visit(inner);
      }
    };
    visit(cell.value);
  }

  /** All leaves. */
  leaves(): Map<string, unknown> {
    return leaves(this.root.value);
  }

  /** Whether the comparison has an explanation for a leaf. */
  explains(pointer: string): boolean {
    return this.isMarked(pointer, this.equal) || this.isMarked(pointer, this.reported);
  }

  isMarked(pointer: string, marks: ReadonlySet<string>): boolean {
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) if (marks.has(pointer.slice(0, end))) return true;
    return marks.has('');
  }
}
