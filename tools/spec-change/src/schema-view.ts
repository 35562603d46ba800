/**
 * A schema as both documents are compared: references followed, `allOf` joined into one, null told apart from the other
 * types, and what 3.0 and 3.1 write differently in one form (by the generator's own reader).
 */

import { isDict, type Dict, textOf } from '../../codegen/src/read-document.ts';
import { Repairs } from '../../codegen/src/report.ts';
import { toShape, type Shape } from '../../codegen/src/shape.ts';
import { canonical, items, join, lastKey, members, type Cell } from './pointer.ts';
import type { Side } from './side.ts';

export interface SchemaView {
  /** Where the schema stands, its references followed. */
  readonly at: string;
  /** The name of the component that it is, if it is one. */
  readonly component?: string;
  /** The facts of this schema alone, without what is inside. */
  readonly shape: Shape;
  /** The types without null. */
  readonly types: readonly string[];
  readonly nullable: boolean;
  readonly properties: ReadonlyMap<string, Cell>;
  readonly required: ReadonlySet<string>;
  /** The forms of `oneOf` and `anyOf`, without null. */
  readonly alternatives: readonly Cell[];
  /** What was written, by key. */
  readonly entries: ReadonlyMap<string, Cell>;
  /** Places that one fact was read from. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

/** Keys that say how values are, apart from what is inside of them. */
const facets = new Set(
  (
    'type format enum const pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems ' +
    'minProperties maxProperties uniqueItems readOnly writeOnly default deprecated contentMediaType contentEncoding ' +
    'x-extensible-enum x-accept-integer x-secret x-no-enforce'
  ).split(' '),
);
/** Keys that this view reads. */
export const knownKeys: ReadonlySet<string> = new Set([...facets, 'properties', 'required', 'allOf', 'oneOf', 'anyOf', 'nullable', '$ref']);

const quiet = { old: false, repairs: new Repairs(), where: (): string => '' };

/** Reads a schema. */
export function readSchema(side: Side, cell: Cell): SchemaView {
  const entries = new Map<string, Cell>();
  const properties = new Map<string, Cell>();
  const required = new Set<string>();
  const alternatives: Cell[] = [];
  const places = new Map<string, string[]>();
  const seen = new Set<string>();
  let nullable = false;
  let extra = 0;

  const place = (fact: string, at: string): void => void places.set(fact, [...(places.get(fact) ?? []), at]);
  const read = (at: Cell): void => {
    const view = side.view(at);
    if (seen.has(view.at)) {
      side.equal.add(at.at);
      return;
    }
    seen.add(view.at);
    // An empty schema says nothing, and neither does an absent one.
    if (view.entries.size === 0) side.equal.add(view.at);
    if (typeof view.value === 'boolean') entries.set('%boolean', { value: view.value, at: view.at });
    for (const [key, entry] of view.entries) {
      if (key === 'nullable') {
        nullable ||= entry.value === true;
        place('nullable', entry.at);
      } else if (key === 'properties') {
        for (const [name, property] of members(entry)) {
          if (properties.has(name)) entries.set(`properties.${name}#${++extra}`, property);
          else properties.set(name, property);
        }
      } else if (key === 'required') {
        for (const { value } of items(entry)) required.add(textOf(value));
        place('required', entry.at);
      } else if (key === 'allOf') {
        for (const part of items(entry)) read(part);
      } else if (key === 'oneOf' || key === 'anyOf') {
        const forms = items(entry).filter((form) => {
          if (!isNull(side, form)) return true;
          nullable = true;
          place('nullable', form.at);
          return false;
        });
        // `anyOf: [X, null]` is X that may be null.
        if (forms.length === 1 && forms.length < items(entry).length) read(forms[0]!);
        else alternatives.push(...forms);
      } else if (key === 'type' && Array.isArray(entry.value) && entry.value.includes('null')) {
        nullable = true;
        place('nullable', entry.at);
        if (!entries.has(key)) entries.set(key, entry);
      } else if (!entries.has(key)) entries.set(key, entry);
      else if (canonical(entries.get(key)!.value) === canonical(entry.value)) side.equal.add(entry.at);
      else entries.set(`${key}#${++extra}`, entry);
    }
  };
  read(cell);

  const alone: Dict = Object.create(null) as Dict;
  for (const [key, entry] of entries) if (facets.has(key)) alone[key] = entry.value;
  const shape = toShape(alone, quiet);
  if (shape.enum?.includes(null)) nullable = true;
  let types = (shape.type ?? []).filter((type) => type !== 'null');
  if (types.length === 0 && shape.enum === undefined) {
    if (properties.size > 0) types = ['object'];
    else if (entries.has('items') || entries.has('prefixItems')) types = ['array'];
  }
  const top = side.view(cell);
  const component = /^\/components\/schemas\/[^/]+$/.test(top.at) ? lastKey(top.at) : undefined;
  return { at: top.at, ...(component === undefined ? {} : { component }), shape, types, nullable, properties, required, alternatives, entries, places };
}

function isNull(side: Side, cell: Cell): boolean {
  const { value } = side.view(cell);
  return isDict(value) && (value.type === 'null' || (Array.isArray(value.enum) && value.enum.length === 1 && value.enum[0] === null));
}

/** What a schema is called in a text: its component, its title or its type. */
export function formOf(side: Side, cell: Cell): string {
  const view = readSchema(side, cell);
  if (view.component !== undefined) return view.component;
  if (view.shape.enum) return view.shape.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (view.types.length === 1 && view.types[0] === 'object') return `object with ${[...view.properties.keys()].join(', ') || 'any members'}`;
  return view.types.join(' or ') || 'anything';
}

/** The pointer of what says a fact, or of the schema when nothing says it. */
export function placeOf(view: SchemaView, ...keys: readonly string[]): string {
  for (const key of keys) {
    const at = view.entries.get(key)?.at ?? view.places.get(key)?.[0];
    if (at !== undefined) return at;
  }
  return view.at;
}

/** The pointer of an entry of `required`, or of the list. */
export const requiredPlace = (view: SchemaView): string => view.places.get('required')?.[0] ?? join(view.at, 'required');
