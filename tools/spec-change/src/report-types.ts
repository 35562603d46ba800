/**
 * Would code that was written against yesterday's types compile against today's? Two API reports are two sets of
 * declarations: the compiler itself says which of them fit into each other.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Bump } from './bump.ts';
import { run, tsc } from './workspace.ts';

/** One exported name whose type differs. */
export interface TypeChange {
  readonly name: string;
  readonly bump: Exclude<Bump, 'none'>;
  readonly text: string;
}

interface Declared {
  readonly kind: string;
  readonly text: string;
  /** How many type parameters it has. */
  readonly parameters: number;
}

/** What is exported by a report. */
export function exportsOf(report: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  for (const block of codeOf(report).split(/\n\n(?=\S)/)) {
    const text = block.replaceAll(/^\s*\/\/.*\n?/gm, '').trim();
    const declared = /^export (?:declare )?(?:abstract )?(interface|type|const|function|class|enum|namespace) ([\w$]+)\s*(<)?/.exec(text);
    if (declared) {
      const [head, kind = '', name = ''] = declared;
      const known = found.get(name);
      const parameters = declared[3] ? typeParameters(text.slice(head.length)) : 0;
      found.set(name, { kind, text: known ? `${known.text}\n${text}` : text, parameters });
    }
    const passed = /^export \{ (?:[\w$]+ as )?([\w$]+) \}$/.exec(text);
    if (passed) found.set(passed[1]!, { kind: 'passed on', text, parameters: 0 });
  }
  return found;
}

/** The declarations in a report. */
export function codeOf(report: string): string {
  return (/```ts\n([\s\S]*?)\n```/.exec(report)?.[1] ?? '').replace(/\n\/\/ \(No @packageDocumentation[\s\S]*$/, '\n');
}

/** The comments of a report left out: what differs then is more than words. */
export function withoutComments(report: string): string {
  return codeOf(report)
    .replaceAll(/^\s*\/\/.*\n?/gm, '')
    .replaceAll(/\n{2,}/g, '\n');
}

/** Counts what is between the first brackets. */
function typeParameters(rest: string): number {
  let depth = 1;
  let count = 1;
  for (let index = 0; index < rest.length && depth > 0; index++) {
    const letter = rest[index];
    if (letter === '<' || letter === '(' || letter === '{' || letter === '[') depth += 1;
    else if (letter === ')' || letter === '}' || letter === ']' || (letter === '>' && rest[index - 1] !== '=')) depth -= 1;
    else if (letter === ',' && depth === 1) count += 1;
  }
  return count;
}

/**
 * Compares two reports of one entry point.
 *
 * @param before - Yesterday's report.
 * @param after - Today's.
 * @param folder - A folder in which the packages that the reports import are found; a folder of its own is made there.
 * @returns One change for each exported name whose type differs.
 */
export async function compareReports(before: string, after: string, folder: string): Promise<TypeChange[]> {
  if (withoutComments(before) === withoutComments(after)) return [];
  const [was, is] = [exportsOf(before), exportsOf(after)];
  const changes: TypeChange[] = [];
  for (const [name, { kind }] of was) if (!is.has(name)) changes.push({ name, bump: 'major', text: `the ${word(kind)} \`${name}\` is no longer exported` });
  const checks: { name: string; line: string; way: 'forth' | 'back' }[] = [];
  for (const [name, old] of was) {
    const now = is.get(name);
    if (!now) continue;
    if (old.kind !== now.kind && [old.kind, now.kind].includes('passed on') === false && isType(old.kind) !== isType(now.kind)) {
      changes.push({ name, bump: 'major', text: `\`${name}\` was a ${word(old.kind)} and is a ${word(now.kind)} now` });
    } else {
      const members = membersOf(now.text);
      const gone = [...membersOf(old.text)].filter((member) => !members.has(member));
      // What may be left out fits with or without it: the compiler does not miss it, code that reads or gives it does.
      if (isType(old.kind) && gone.length > 0)
        changes.push({ name, bump: 'major', text: `the type \`${name}\` has no ${gone.map((member) => `\`${member}\``).join(', ')} any more` });
      else checks.push(...checksFor(name, old, now));
    }
  }
  const failed = await compile(before, after, checks, folder);
  // What does not even fit into itself (types told apart by a symbol) says nothing when it does not fit.
  const vague =
    failed.size > 0
      ? await compile(
          before,
          before,
          checks.filter(({ name, way }) => failed.has(`${name} ${way}`)),
          folder,
        )
      : new Set<string>();
  for (const check of vague) failed.delete(check);
  for (const [name, old] of was) {
    const now = is.get(name);
    if (!now || changes.some((change) => change.name === name)) continue;
    const [forth, back] = [failed.has(`${name} forth`), failed.has(`${name} back`)];
    const kind = word(now.kind);
    if (roleOf(name, now) === 'sent' ? forth : roleOf(name, now) === 'received' ? back : forth && back) {
      changes.push({ name, bump: 'major', text: `code that uses the ${kind} \`${name}\` as it was may not compile` });
    } else if (normal(old.text) !== normal(now.text) && (vague.has(`${name} forth`) || vague.has(`${name} back`))) {
      changes.push({ name, bump: 'major', text: `the ${kind} \`${name}\` is another, and the compiler cannot tell whether code that uses it compiles` });
    } else if (normal(old.text) !== normal(now.text)) {
      changes.push({ name, bump: 'minor', text: `the ${kind} \`${name}\` is another; code that uses it as it was compiles` });
    }
  }
  for (const [name, { kind }] of is) if (!was.has(name)) changes.push({ name, bump: 'minor', text: `new ${word(kind)} \`${name}\`` });
  return changes;
}

/** The members of an interface, those of inner objects with their path. */
function membersOf(text: string): Set<string> {
  const found = new Set<string>();
  const path: { indent: number; name: string }[] = [];
  for (const line of text.split('\n')) {
    const [, space = '', quoted, bare] = /^( +)(?:readonly )?(?:"([^"]+)"|([\w$]+))\??(?:<[^()]*>)?[:(]/.exec(line) ?? [];
    const name = quoted ?? bare;
    if (name === undefined) continue;
    while ((path.at(-1)?.indent ?? -1) >= space.length) path.pop();
    path.push({ indent: space.length, name });
    found.add(path.map((part) => part.name).join('.'));
  }
  return found;
}

/** Who makes a value of this type: it decides which way the types must fit. */
function roleOf(name: string, { kind }: Declared): 'sent' | 'received' | 'both' {
  if (kind === 'const' || kind === 'function' || kind === 'class') return 'received';
  if (/(?:Params|Options)$/.test(name)) return 'sent';
  return /(?:Responses|Accepts)$/.test(name) ? 'received' : 'both';
}

const isType = (kind: string): boolean => kind === 'interface' || kind === 'type';
const word = (kind: string): string => (isType(kind) ? 'type' : kind === 'const' ? 'value' : kind);
const normal = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Values of today must fit where yesterday's were expected; types are tried both ways. */
function checksFor(name: string, old: Declared, now: Declared): { name: string; line: string; way: 'forth' | 'back' }[] {
  if (old.kind === 'passed on' || now.kind === 'passed on' || old.kind === 'namespace') return [];
  // A descriptor's types are those of its operation, which are compared themselves.
  if (/: Operation</.test(now.text)) return [];
  const filled = (side: string, { parameters }: Declared): string => `${side}.${name}${parameters > 0 ? `<${Array(parameters).fill('any').join()}>` : ''}`;
  const [before, after] = [filled('Before', old), filled('After', now)];
  if (isType(old.kind)) {
    return [
      { name, way: 'forth', line: `((value: ${before}): ${after} => value);` },
      { name, way: 'back', line: `((value: ${after}): ${before} => value);` },
    ];
  }
  if (old.kind === 'class') return [{ name, way: 'back', line: `((value: Pick<${after}, keyof ${after}>): Pick<${before}, keyof ${before}> => value);` }];
  return [{ name, way: 'back', line: `((value: typeof After.${name}): typeof Before.${name} => value);` }];
}

/** Declarations as the compiler takes them: private members and methods would hide what callers see. */
function declarations(report: string): string {
  return codeOf(report)
    .replaceAll(/^\s*(?:#[\w$]+|private (?:readonly )?[\w$]+).*;\n/gm, '')
    .replaceAll(
      /^( {4,})([\w$]+)(<[^()]*>)?\((.*)\): (.+);$/gm,
      (line, indent: string, name: string, generics: string | undefined, inside: string, result: string) =>
        name === 'constructor' ? line : `${indent}${name}: ${generics ?? ''}(${inside}) => ${result};`,
    );
}

/** The names whose types do not fit, with the way in which they do not. */
async function compile(
  before: string,
  after: string,
  checks: readonly { readonly name: string; readonly line: string; readonly way: string }[],
  parent: string,
): Promise<Set<string>> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'types-'));
  try {
    writeFileSync(join(folder, 'before.d.ts'), declarations(before));
    writeFileSync(join(folder, 'after.d.ts'), declarations(after));
    const lines = ["import type * as Before from './before.js';", "import type * as After from './after.js';", ...checks.map(({ line }) => line)];
    writeFileSync(join(folder, 'check.ts'), `${lines.join('\n')}\n`);
    const options = {
      target: 'es2023',
      module: 'nodenext',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['check.ts'] }));
    const { stdout } = await run(process.execPath, [tsc, '--pretty', 'false', '-p', folder], folder);
    const failed = new Set<string>();
    for (const [, line] of stdout.matchAll(/^check\.ts\((\d+),/gm)) {
      const check = checks[Number(line) - 3];
      if (check) failed.add(`${check.name} ${check.way}`);
    }
    return failed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
