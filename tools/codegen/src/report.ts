/** What the generator tells its user: errors that end a run, and repairs that do not. */

/** An error whose message is all its reader needs: where, what is wrong, what to do. Printed without a stack. */
export class CodegenError extends Error {
  override readonly name = 'CodegenError';

  /**
   * @param message - `file:line:column: what is wrong`, or what is wrong with the machine.
   * @param hint - What to do about it.
   */
  constructor(message: string, hint?: string) {
    super(hint === undefined ? message : `${message}\n  ${hint}`);
  }
}

/** The groups in which repairs are counted and printed. */
export type RepairKind =
  | 'yaml'
  | 'document'
  | 'reference'
  | 'schema'
  | 'enum'
  | 'pattern'
  | 'parameter'
  | 'body'
  | 'response'
  | 'security'
  | 'operation id'
  | 'name';

/** One thing in a document that was not right and how it was read instead. */
export interface Repair {
  readonly kind: RepairKind;
  /** `file:line:column`. */
  readonly where: string;
  readonly what: string;
  readonly how: string;
}

/** Collects the repairs of one document; the same repair at the same place is kept once. */
export class Repairs {
  readonly #all = new Map<string, Repair>();

  add(kind: RepairKind, where: string, what: string, how: string): void {
    this.#all.set(`${where}|${what}`, { kind, where, what, how });
  }

  list(): readonly Repair[] {
    return [...this.#all.values()];
  }
}

/**
 * The lines that tell about repairs.
 *
 * @param verbose - All of them; otherwise a count and the first three of each kind.
 */
export function describeRepairs(repairs: readonly Repair[], verbose: boolean): string[] {
  const lines: string[] = [];
  for (const kind of new Set(repairs.map((repair) => repair.kind))) {
    const list = repairs.filter((repair) => repair.kind === kind);
    lines.push(`${kind}: ${list.length} repaired`);
    const shown = verbose ? list : list.slice(0, 3);
    for (const repair of shown) lines.push(`  ${repair.where}: ${repair.what}; ${repair.how}`);
    if (shown.length < list.length) lines.push(`  ... and ${list.length - shown.length} more (--verbose prints all)`);
  }
  return lines;
}
