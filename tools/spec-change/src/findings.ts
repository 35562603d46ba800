/** Where the comparison writes what it finds: components once, whoever uses them. */

import { rules, type Rule, type RuleName } from './rules.ts';
import type { Bump } from './bump.ts';

/** Which way a value travels, seen from the caller. */
export type Direction = 'sent' | 'received';

/** One difference with a meaning. */
export interface Finding {
  readonly rule: RuleName;
  /** Ready to print. */
  readonly text: string;
  /** JSON pointer into the new document, or into the old one for what is gone. */
  readonly path: string;
  readonly direction?: Direction;
}

/** A finding of one operation (`*`: of the whole API). */
export interface DocumentChange extends Finding {
  readonly operation: string;
  readonly bump: Bump;
  readonly because: string;
  readonly seen: Rule['seen'];
}

interface Block {
  readonly findings: Finding[];
  readonly uses: Set<string>;
}

export class Findings {
  readonly #blocks = new Map<string, Block>();
  readonly #operations = new Map<string, string>();
  #current: Block = { findings: [], uses: new Set() };

  /** Collects what is found inside for an operation. */
  operation(name: string, run: () => void): void {
    this.#within(`operation ${this.#operations.size}`, run, name);
  }

  /** Collects what is found inside once, for everybody who uses this block. */
  block(key: string, run: () => void): void {
    this.#current.uses.add(key);
    if (!this.#blocks.has(key)) this.#within(key, run);
  }

  #within(key: string, run: () => void, operation?: string): void {
    const outer = this.#current;
    this.#current = { findings: [], uses: new Set() };
    this.#blocks.set(key, this.#current);
    if (operation !== undefined) this.#operations.set(key, operation);
    run();
    this.#current = outer;
  }

  add(finding: Finding): void {
    this.#current.findings.push(finding);
  }

  /** All changes, by operation in the order of the document. */
  changes(): DocumentChange[] {
    const found: DocumentChange[] = [];
    for (const [start, operation] of this.#operations) {
      const known = new Set<string>();
      const seen = new Set([start]);
      for (const key of seen) {
        const block = this.#blocks.get(key)!;
        for (const inner of block.uses) seen.add(inner);
        for (const finding of block.findings) {
          const identity = `${finding.path} ${finding.text}`;
          if (known.has(identity)) continue;
          known.add(identity);
          const { bump, because, seen: where } = rules[finding.rule];
          found.push({ ...finding, operation, bump, because, seen: where });
        }
      }
    }
    return found;
  }
}
