/** Checks values of the caller against the document's rules, before any request: objects, lists and combinations. */

import { isBinaryBody } from './binary-value.ts';
import { nearest } from './nearest.ts';
import type { Schema, SchemaReference } from './operation.ts';
import { allowsNull, counted, findScalarViolation, resolveSchema, shown, type Violation } from './scalar-rules.ts';

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
    if (allowsNull(schema)) return undefined;
    const isOpen = schema.type === undefined && schema.enum === undefined && schema.const === undefined && schema.format !== 'binary';
    return isOpen ? combined(value, schema, path) : violation('must not be null');
  }
  // A part of a form; a whole body may have other forms, too.
  if (schema.format === 'binary' && schema.type === undefined && path !== 'body' && !isFile(value)) {
    return violation(`must be a Blob, bytes, a source with a size, or { content, name }, not ${shown(value, schema)}`);
  }
  return (
    findScalarViolation(value, schema, path) ??
    (Array.isArray(value) ? arrayViolation(value, schema, path) : undefined) ??
    (isRecord(value) ? objectViolation(value, schema, path) : undefined) ??
    combined(schema.acceptInteger === true && typeof value === 'number' ? String(value) : value, schema, path)
  );
}

function isFile(value: unknown): boolean {
  return isBinaryBody(value) || (typeof value === 'object' && value !== null && 'content' in value && 'name' in value && isBinaryBody(value.content));
}

function arrayViolation(value: readonly unknown[], schema: Schema, path: string): Violation | undefined {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return { path, rule: `must have at least ${counted(schema.minItems, 'item')}, has ${value.length}` };
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return { path, rule: `must have at most ${counted(schema.maxItems, 'item')}, has ${value.length}` };
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
    return { path, rule: `must have at least ${counted(schema.minProperties, 'member')}, has ${present.length}` };
  }
  if (schema.maxProperties !== undefined && present.length > schema.maxProperties) {
    return { path, rule: `must have at most ${counted(schema.maxProperties, 'member')}, has ${present.length}` };
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
