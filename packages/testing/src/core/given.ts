/** What a caller gave, checked by name and kind, so that a mistake is told where it was made and not by what it breaks later. */

/** What a value has to be. */
export type Rule =
  | 'text'
  /** Text that names something: not empty. */
  | 'id'
  /** Such as `image/jpeg`, with or without parameters. */
  | 'mediaType'
  /** A number of 0 or more. */
  | 'seconds'
  /** A whole number of 0 or more. */
  | 'whole'
  | 'number'
  | 'flag'
  /** Checked elsewhere. */
  | 'any'
  /** One of these values. */
  | readonly (string | number | boolean | null)[]
  | { readonly or: readonly Rule[] }
  /** `unique`: the member that no two items may share. */
  | { readonly list: Rule; readonly unique?: string }
  | { readonly members: Rules }
  /** An object whose names are the caller's own. */
  | { readonly each: Rule };

/** The names that an object may have, each with its rule. */
export type Rules = Readonly<Record<string, Rule>>;

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[\t\x20-\x7e]*)?$/;

/** Edit distance; names and paths are short. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The name that was most likely meant; `undefined` where none is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const [best] = known.map((one) => ({ one, far: distance(wanted, one.toLowerCase()) })).sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.one : undefined;
}

/** ` Did you mean 'name'?` where one is near, and the list. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearestOf(word, known);
  return `${near === undefined ? '' : ` Did you mean '${near}'?`} There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}.`;
}

/**
 * Checks an object of a caller; members that are `undefined` count as absent.
 *
 * @param what - The object in sentences, for example `createFakeTenovos(options)` or `assets[0]`.
 * @throws TypeError that names the place, the value and the rule.
 */
export function checkGiven(what: string, given: unknown, rules: Rules): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new TypeError(`${what} is an object, not ${shown(given)}.`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name)) throw new TypeError(`${what} has no '${name}'.${suggestion(name, Object.keys(rules))}`);
    if (value !== undefined) checkValue(`${name} of ${what}`, value, rules[name]!);
  }
}

function checkValue(what: string, value: unknown, rule: Rule): void {
  if (rule === 'any') return;
  if (typeof rule === 'object' && 'list' in rule) {
    if (!Array.isArray(value)) throw new TypeError(`${what} is a list, not ${shown(value)}.`);
    for (const [index, item] of value.entries()) checkValue(itemOf(what, index), item, rule.list);
    if (rule.unique !== undefined) checkUnique(what, value as readonly Readonly<Record<string, unknown>>[], rule.unique);
  } else if (typeof rule === 'object' && 'members' in rule) checkGiven(what, value, rule.members);
  else if (typeof rule === 'object' && 'each' in rule) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${what} is an object, not ${shown(value)}.`);
    for (const [name, member] of Object.entries(value)) if (member !== undefined) checkValue(`${name} of ${what}`, member, rule.each);
  } else if (!fits(value, rule)) throw new TypeError(`${what} is ${wanted(rule)}, not ${shown(value)}.`);
}

/** Two of one id in one list: the second would silently take the place of the first. */
function checkUnique(what: string, items: readonly Readonly<Record<string, unknown>>[], member: string): void {
  const seen = new Map<unknown, number>();
  for (const [index, item] of items.entries()) {
    const id = item[member];
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first !== undefined) throw new TypeError(`${itemOf(what, index)} has the ${member} ${shown(id)}, as item ${first} has.`);
    seen.set(id, index);
  }
}

/** `assets[2] of createFakeTenovos(options)`. */
function itemOf(what: string, index: number): string {
  return what.replace(/^\S+/, (name) => `${name}[${index}]`);
}

function fits(value: unknown, rule: Rule): boolean {
  if (rule === 'text') return typeof value === 'string';
  if (rule === 'id') return typeof value === 'string' && value !== '';
  if (rule === 'mediaType') return typeof value === 'string' && MEDIA_TYPE.test(value);
  if (rule === 'seconds') return typeof value === 'number' && Number.isFinite(value) && value >= 0;
  if (rule === 'whole') return Number.isSafeInteger(value) && (value as number) >= 0;
  if (rule === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (rule === 'flag') return typeof value === 'boolean';
  if (Array.isArray(rule)) return rule.includes(value as string);
  if (typeof rule === 'object' && 'or' in rule) return rule.or.some((one) => fits(value, one));
  return typeof rule === 'object' && 'each' in rule
    ? typeof value === 'object' && value !== null && Object.values(value).every((one) => fits(one, rule.each))
    : true;
}

function wanted(rule: Rule): string {
  if (rule === 'text') return 'text';
  if (rule === 'id') return 'text that is not empty';
  if (rule === 'mediaType') return 'a media type such as image/jpeg';
  if (rule === 'seconds') return 'a number of 0 or more';
  if (rule === 'whole') return 'a whole number of 0 or more';
  if (rule === 'number') return 'a number';
  if (rule === 'flag') return 'true or false';
  if (Array.isArray(rule)) return `${rule.length === 1 ? '' : 'one of '}${rule.map((one) => JSON.stringify(one)).join(', ')}`;
  if (typeof rule === 'object' && 'or' in rule) return rule.or.map(wanted).join(' or ');
  return 'an object';
}

/** A value in a sentence, short. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : typeof value === 'function' ? 'a function' : String(value);
}
