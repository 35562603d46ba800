/** Checks values of the caller against the document's rules, before any request. */

import type { Schema, SchemaReference, SchemaType } from './operation.ts';
import { isBinaryBody } from './outgoing-body.ts';

/** What is wrong with a value. */
export interface Violation {
  /** Where, from the parameter's name: `body.sender.type`, `body[0].id`. */
  readonly path: string;
  /** The rule in words: `must be at most 255 characters, has 300`. */
  readonly rule: string;
}

/** Follows a reference. */
export function resolveSchema(reference: SchemaReference): Schema {
  return typeof reference === 'function' ? reference() : reference;
}

/**
 * Finds the first rule that a value breaks.
 *
 * @param value - The value as it will be sent.
 * @param path - The name that a violation begins with.
 * @returns The violation, or `undefined` when the value may be sent.
 */
export function findViolation(value: unknown, reference: SchemaReference, path: string): Violation | undefined {
  const schema = resolveSchema(reference);
  const violation = (rule: string): Violation => ({ path, rule });
  if (value === null) {
    if (schema.nullable === true || allows(schema, 'null')) return undefined;
    if (schema.enum?.includes(null) === true || schema.const === null) return undefined;
    if (schema.type === undefined && schema.enum === undefined && schema.const === undefined && schema.format !== 'binary')
      return combined(value, schema, path);
    return violation('must not be null');
  }
  if (schema.acceptInteger === true && typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) {
      return violation(`must be a string of digits or a safe integer, not ${shown(value, schema)}`);
    }
    return findViolation(String(value), { ...schema, acceptInteger: undefined } as unknown as Schema, path);
  }
  const type = schema.type;
  if (type !== undefined && !(typeof type === 'string' ? [type] : type).some((name) => isType(value, name))) {
    const wanted = (typeof type === 'string' ? [type] : type).map((name) => TYPE_NAMES[name]).join(' or ');
    return violation(`must be ${wanted}, not ${shown(value, schema)}`);
  }
  // A part of a form; a whole body may have other forms, too.
  if (schema.format === 'binary' && type === undefined && path !== 'body' && !isFile(value)) {
    return violation(`must be a Blob, bytes, a source with a size, or { content, name }, not ${shown(value, schema)}`);
  }
  if (schema.const !== undefined && !equal(value, schema.const)) return violation(`must be ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.some((legal) => equal(value, legal))) {
    return violation(`must be one of ${schema.enum.map((legal) => JSON.stringify(legal)).join(', ')}; got ${shown(value, schema)}`);
  }
  return (
    (typeof value === 'string' ? stringViolation(value, schema, path) : undefined) ??
    (typeof value === 'number' || typeof value === 'bigint' ? numberViolation(value, schema, path) : undefined) ??
    (Array.isArray(value) ? arrayViolation(value, schema, path) : undefined) ??
    (isRecord(value) ? objectViolation(value, schema, path) : undefined) ??
    combined(value, schema, path)
  );
}

const TYPE_NAMES: Record<SchemaType, string> = {
  string: 'a string',
  integer: 'a safe integer',
  number: 'a finite number',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  null: 'null',
};

function isType(value: unknown, type: SchemaType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' || (value instanceof Date && !Number.isNaN(value.getTime()));
    case 'integer':
      return Number.isSafeInteger(value) || typeof value === 'bigint';
    case 'number':
      return Number.isFinite(value) || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    case 'null':
      return value === null;
  }
}

function isFile(value: unknown): boolean {
  return isBinaryBody(value) || (typeof value === 'object' && value !== null && 'content' in value && 'name' in value && isBinaryBody(value.content));
}

function allows(schema: Schema, type: SchemaType): boolean {
  return Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type;
}

function stringViolation(value: string, schema: Schema, path: string): Violation | undefined {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined) {
    let length = 0;
    for (const _character of value) length += 1;
    if (minLength !== undefined && length < minLength) {
      return { path, rule: length === 0 ? 'must not be empty' : `must have at least ${minLength} characters, has ${length}` };
    }
    if (maxLength !== undefined && length > maxLength) return { path, rule: `must have at most ${maxLength} characters, has ${length}` };
  }
  if (pattern !== undefined && !compile(pattern).test(value)) {
    return { path, rule: `must match ${pattern}; got ${shown(value, schema)}` };
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

/** Documents are written for many languages: what is no pattern with the `u` flag is tried without it, else it refuses nothing. */
function compile(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  for (const flags of ['u', '']) {
    try {
      compiled ??= new RegExp(pattern, flags);
    } catch {
      // The next flag, if there is one.
    }
  }
  compiled ??= /(?:)/;
  patterns.set(pattern, compiled);
  return compiled;
}

function numberViolation(value: number | bigint, schema: Schema, path: string): Violation | undefined {
  const rule = (text: string): Violation => ({ path, rule: `must be ${text}, is ${value}` });
  if (schema.minimum !== undefined && value < schema.minimum) return rule(`at least ${schema.minimum}`);
  if (schema.maximum !== undefined && value > schema.maximum) return rule(`at most ${schema.maximum}`);
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return rule(`more than ${schema.exclusiveMinimum}`);
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum) return rule(`less than ${schema.exclusiveMaximum}`);
  if (schema.format === 'int32' && (value < -(2 ** 31) || value > 2 ** 31 - 1)) return rule('a 32-bit integer');
  if (schema.multipleOf !== undefined) {
    const quotient = Number(value) / schema.multipleOf;
    if (Math.abs(quotient - Math.round(quotient)) > 1e-9 * Math.max(1, Math.abs(quotient))) return rule(`a multiple of ${schema.multipleOf}`);
  }
  return undefined;
}

function arrayViolation(value: readonly unknown[], schema: Schema, path: string): Violation | undefined {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return { path, rule: `must have at least ${schema.minItems} items, has ${value.length}` };
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return { path, rule: `must have at most ${schema.maxItems} items, has ${value.length}` };
  }
  if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    return { path, rule: 'must not hold the same item twice' };
  }
  if (schema.items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const found = item === undefined ? { path: `${path}[${index}]`, rule: 'must not be undefined' } : findViolation(item, schema.items, `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function objectViolation(value: Readonly<Record<string, unknown>>, schema: Schema, path: string): Violation | undefined {
  const properties = schema.properties ?? {};
  for (const name of schema.required ?? []) {
    const property = Object.hasOwn(properties, name) ? resolveSchema(properties[name]!) : undefined;
    if ((!Object.hasOwn(value, name) || value[name] === undefined) && property?.readOnly !== true) {
      return { path: `${path}.${name}`, rule: 'is required' };
    }
  }
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  if (schema.minProperties !== undefined && present.length < schema.minProperties) {
    return { path, rule: `must have at least ${schema.minProperties} members, has ${present.length}` };
  }
  if (schema.maxProperties !== undefined && present.length > schema.maxProperties) {
    return { path, rule: `must have at most ${schema.maxProperties} members, has ${present.length}` };
  }
  for (const [name, member] of present) {
    const rule = Object.hasOwn(properties, name) ? properties[name]! : schema.additionalProperties;
    if (rule === false) {
      const near = nearest(name, Object.keys(properties));
      return { path: `${path}.${name}`, rule: `is not a member that the document knows${near === undefined ? '' : `; did you mean "${near}"?`}` };
    }
    const found = rule === undefined ? undefined : findViolation(member, rule, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** allOf, anyOf, oneOf and not. */
function combined(value: unknown, schema: Schema, path: string): Violation | undefined {
  for (const part of schema.allOf ?? []) {
    const found = findViolation(value, part, path);
    if (found !== undefined) return found;
  }
  for (const [name, parts] of [
    ['anyOf', schema.anyOf],
    ['oneOf', schema.oneOf],
  ] as const) {
    if (parts === undefined || parts.length === 0) continue;
    const violations = parts.map((part) => findViolation(value, part, path));
    // Several matches of a oneOf are let through: vendors' variants overlap more often than callers are wrong.
    if (violations.every((found) => found !== undefined)) {
      const reasons = [...new Set(violations.map((found) => `${found!.path === path ? '' : `${found!.path} `}${found!.rule}`))];
      return { path, rule: `fits none of its ${parts.length} variants (${name}): ${reasons.slice(0, 3).join('; ')}` };
    }
  }
  if (schema.not !== undefined && findViolation(value, schema.not, path) === undefined) return { path, rule: 'has a form that the document excludes' };
  return undefined;
}

/** An object with members, rather than one that is sent as a text of its own or as bytes. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value) && !isBinaryBody(value);
}

function equal(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

/** A value as an error may show it: short, and never a secret. */
export function shown(value: unknown, schema: Schema = {}): string {
  if (schema.secret === true || schema.format === 'password') return 'the given value';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : value instanceof Date ? 'a Date' : `a value of type ${typeof value}`;
}

/** The known name nearest to a mistyped one, if any is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.ceil(name.length / 3) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 4) return 99;
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
