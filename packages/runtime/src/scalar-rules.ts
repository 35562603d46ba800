/** The rules for texts, numbers and booleans, which all parameters need; `validate.ts` has those for objects and lists. */

import type { Schema, SchemaReference, SchemaType } from './operation.ts';

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

/** As {@link findViolation}, for values that are no objects and no lists. */
export function findScalarViolation(value: unknown, reference: SchemaReference, path: string): Violation | undefined {
  const schema = resolveSchema(reference);
  const violation = (rule: string): Violation => ({ path, rule });
  if (value === null) return allowsNull(schema) ? undefined : violation('must not be null');
  if (schema.acceptInteger === true && typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) {
      return violation(`must be a string of digits or a safe integer, not ${shown(value, schema)}`);
    }
    return findScalarViolation(String(value), { ...schema, acceptInteger: undefined } as unknown as Schema, path);
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => TYPES[type][1](value))) {
    return violation(`must be ${types.map((type) => TYPES[type][0]).join(' or ')}, not ${shown(value, schema)}`);
  }
  if (schema.const !== undefined && !equal(value, schema.const)) return violation(`must be ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.some((legal) => equal(value, legal))) {
    return violation(`must be one of ${schema.enum.map((legal) => JSON.stringify(legal)).join(', ')}; got ${shown(value, schema)}`);
  }
  if (typeof value === 'string') return stringViolation(value, schema, path);
  return typeof value === 'number' || typeof value === 'bigint' ? numberViolation(value, schema, path) : undefined;
}

/** Whether `null` is a value of its own. */
export function allowsNull(schema: Schema): boolean {
  return schema.nullable === true || [schema.type].flat().includes('null') || schema.enum?.includes(null) === true || schema.const === null;
}

/** Each type by its name, and what is of it. */
const TYPES: Record<SchemaType, readonly [name: string, has: (value: unknown) => boolean]> = {
  string: ['a string', (value) => typeof value === 'string' || (value instanceof Date && !Number.isNaN(value.getTime()))],
  integer: ['a safe integer', (value) => Number.isSafeInteger(value) || typeof value === 'bigint'],
  number: ['a finite number', (value) => Number.isFinite(value) || typeof value === 'bigint'],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  array: ['an array', Array.isArray],
  object: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)],
  null: ['null', (value) => value === null],
};

/** `1 item`, `2 items`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function stringViolation(value: string, schema: Schema, path: string): Violation | undefined {
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined || maxLength !== undefined) {
    const { length } = [...value];
    if (minLength !== undefined && length < minLength) {
      return { path, rule: length === 0 ? 'must not be empty' : `must have at least ${counted(minLength, 'character')}, has ${length}` };
    }
    if (maxLength !== undefined && length > maxLength) return { path, rule: `must have at most ${counted(maxLength, 'character')}, has ${length}` };
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
