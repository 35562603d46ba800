/** Both views put together: what is said once, and where they do not agree. */

import { bumps, isLarger, largest, type Bump } from './bump.ts';
import type { Comparison } from './compare.ts';
import type { DocumentChange } from './findings.ts';
import { keysOf } from './pointer.ts';
import type { TypesView } from './types-view.ts';

/** One line of the answer. */
export interface Change {
  /** The operation that it is about; `*`: the whole API. */
  readonly operation: string;
  /** JSON pointer into the document; the name of a type or a file and line for what only the types show. */
  readonly path: string;
  readonly text: string;
  readonly bump: Bump;
  readonly seenBy: readonly ('document' | 'types')[];
}

/** A change with what it means for its readers. */
export interface ExplainedChange extends Change {
  readonly because: string;
  /** A line of user code that no longer compiles: what follows from other changes. */
  readonly broken?: boolean;
}

export interface Verdict {
  readonly bump: Bump;
  readonly changes: readonly ExplainedChange[];
  readonly disagreements: readonly string[];
}

/** Takes the larger of the two views, and says where they differ. */
export function judge(comparison: Comparison, types: TypesView | undefined, operations: readonly string[]): Verdict {
  const disagreements = comparison.unexplained.map((pointer) => `The files differ at ${pointer}, and no rule says what that means: look at it.`);
  const changes: ExplainedChange[] = [];
  const typeChanges = (types?.changes ?? []).map((change) => ({ ...change, ...ownerOf(change.name, operations), told: false }));

  for (const change of comparison.changes) {
    const related = typeChanges.filter((candidate) => isAbout(candidate, change));
    // What is smaller than the document says is part of the same change.
    const covered = related.filter(({ bump }) => !isLarger(bump, change.bump));
    for (const candidate of covered) candidate.told = true;
    const seen = change.seen === 'types' && related.length > 0;
    const { operation, path, text, bump, because } = change;
    changes.push({ operation, path, text, bump, because, seenBy: seen ? ['document', 'types'] : ['document'] });
    if (types && change.seen === 'types' && change.bump === 'major' && related.length === 0) {
      disagreements.push(`${operation}: the document says ${bump} (${plain(text)}); no public type shows it.`);
    }
  }
  for (const { name, operation, text, bump, told } of typeChanges) {
    if (told) continue;
    const said = largest(comparison.changes.filter((change) => change.operation === operation || operation === '*').map((change) => change.bump));
    changes.push({ operation, path: name, text, bump, because: 'seen by comparing the public types', seenBy: ['types'] });
    if (isLarger(bump, said)) disagreements.push(`${operation}: the types say ${bump} (${plain(text)}); the document says ${said}.`);
  }
  const byDocument = largest(changes.map(({ bump }) => bump));
  for (const line of types?.broken ?? []) {
    const operation = operations.find((name) => new RegExp(`\\b${name}\\b`).test(line)) ?? '*';
    changes.push({
      operation,
      path: line.split(': ', 1)[0]!,
      text: `${line.slice(line.indexOf(': ') + 2)} (${line.split(': ', 1)[0]!})`,
      broken: true,
      bump: 'major',
      because: "a line of a user's code no longer compiles",
      seenBy: ['types'],
    });
  }
  if ((types?.broken.length ?? 0) > 0 && byDocument !== 'major') {
    disagreements.push(`Type tests or examples no longer compile, and everything else says ${byDocument}.`);
  }
  for (const line of types?.ownErrors ?? []) disagreements.push(`Hand-written code must be adapted before this can be released: ${line}`);
  return { bump: largest(changes.map(({ bump }) => bump)), changes, disagreements: [...new Set(disagreements)] };
}

/** What is said of several operations, once; the largest bumps first. */
export function grouped(changes: readonly ExplainedChange[]): { readonly operations: string[]; readonly change: ExplainedChange }[] {
  const groups = new Map<string, { operations: string[]; change: ExplainedChange }>();
  for (const change of changes) {
    const key = `${change.bump} ${change.text}`;
    const group = groups.get(key);
    if (!group) groups.set(key, { operations: [change.operation], change });
    else if (!group.operations.includes(change.operation)) group.operations.push(change.operation);
  }
  return [...groups.values()].toSorted((a, b) => bumps.indexOf(b.change.bump) - bumps.indexOf(a.change.bump));
}

interface Owned {
  readonly operation: string;
  readonly side?: 'sent' | 'received' | undefined;
}

/** The operation that an exported name belongs to: `GetAssetParams` to `getAsset`. */
function ownerOf(name: string, operations: readonly string[]): Owned {
  if (operations.includes(name)) return { operation: name };
  const [, stem = '', suffix = ''] = /^(.+?)(Params|Responses|Accepts)\d*$/.exec(name) ?? [];
  const operation = operations.find((candidate) => candidate.charAt(0).toUpperCase() + candidate.slice(1) === stem);
  return operation === undefined ? { operation: '*' } : { operation, side: suffix === 'Params' ? 'sent' : 'received' };
}

/** Whether a type and a change in the document are about the same thing. */
function isAbout(type: { readonly name: string } & Owned, change: DocumentChange): boolean {
  if (type.operation !== '*')
    return type.operation === change.operation && (type.side === undefined || change.direction === undefined || type.side === change.direction);
  const [section, kind, component] = keysOf(change.path);
  if (section === 'components' && kind === 'schemas' && component !== undefined && sameName(component, type.name)) return true;
  return change.text.includes(`\`${type.name}`) || ['operation added', 'operation removed', 'operation renamed'].includes(change.rule);
}

const sameName = (component: string, type: string): boolean => component.replaceAll(/[^\w$]|_/g, '').toLowerCase() === type.replaceAll('_', '').toLowerCase();
const plain = (text: string): string => text.replaceAll('`', '');
