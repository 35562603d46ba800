/**
 * A schema as the printers read it: one form for OpenAPI 3.0, 3.1 and what people write instead.
 *
 * `null` is a type, `const` an enum of one, exclusive limits are numbers, tuples are `prefixItems`, references are names.
 */

import { isDict, type Dict, textOf } from './read-document.ts';
import type { Repairs } from './report.ts';

export type ShapeType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';

export interface Shape {
  /** Key of a component schema. */
  ref?: string;
  type?: ShapeType[];
  format?: string;
  enum?: unknown[];
  pattern?: string;
  /** minLength, maximum and the like. */
  limits: Record<string, number>;
  uniqueItems?: true;
  properties?: Map<string, Shape>;
  required: string[];
  /** Absent: the document does not say. */
  additional?: boolean | Shape;
  /** Members whose names match a pattern. */
  patternProperties?: Shape[];
  items?: Shape;
  prefixItems?: Shape[];
  /** Nothing may follow `prefixItems`. */
  closed?: true;
  allOf: Shape[];
  anyOf: Shape[];
  oneOf: Shape[];
  not?: Shape;
  discriminator?: { property: string; mapping: Map<string, string> };
  title?: string;
  description?: string;
  default?: unknown;
  example?: unknown;
  deprecated?: true;
  readOnly?: true;
  writeOnly?: true;
  /** `x-accept-integer`. */
  acceptInteger?: true;
  /** `x-secret`, `format: password`. */
  secret?: true;
  /** `x-extensible-enum`. */
  openEnum?: true;
}

export interface ShapeContext {
  /** OpenAPI 3.0: members beside `$ref` do not count. */
  readonly old: boolean;
  readonly repairs: Repairs;
  where(node: unknown): string;
}

const types: readonly string[] = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];
const limits = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
];
const annotations = new Set(['title', 'description', 'default', 'example', 'deprecated', 'readOnly', 'writeOnly', 'summary', 'externalDocs', 'xml']);

/** Words that people write for a type, and what they mean. */
const otherTypes: Record<string, Partial<Shape>> = {
  int: { type: ['integer'] },
  long: { type: ['integer'] },
  int32: { type: ['integer'] },
  int64: { type: ['integer'] },
  float: { type: ['number'] },
  double: { type: ['number'] },
  decimal: { type: ['number'] },
  bool: { type: ['boolean'] },
  text: { type: ['string'] },
  date: { type: ['string'], format: 'date' },
  datetime: { type: ['string'], format: 'date-time' },
  'date-time': { type: ['string'], format: 'date-time' },
  uuid: { type: ['string'], format: 'uuid' },
  file: { type: ['string'], format: 'binary' },
  binary: { type: ['string'], format: 'binary' },
  map: { type: ['object'] },
  list: { type: ['array'] },
  any: {},
};

/** An empty shape: it allows everything. */
export function anyShape(): Shape {
  return { limits: {}, required: [], allOf: [], anyOf: [], oneOf: [] };
}

/** The values of the discriminator that choose an alternative: those mapped to it, else its name. */
export function discriminatorValues(shape: Shape, alternative: Shape): string[] | undefined {
  if (shape.discriminator === undefined || alternative.ref === undefined) return undefined;
  const mapped = [...shape.discriminator.mapping].filter(([, key]) => key === alternative.ref).map(([value]) => value);
  return mapped.length > 0 ? mapped : [alternative.ref];
}

/** The shapes directly inside a shape. */
export function innerShapes(shape: Shape): Shape[] {
  return [
    ...(shape.properties?.values() ?? []),
    ...(shape.patternProperties ?? []),
    ...(typeof shape.additional === 'object' ? [shape.additional] : []),
    ...(shape.items ? [shape.items] : []),
    ...(shape.prefixItems ?? []),
    ...shape.allOf,
    ...shape.anyOf,
    ...shape.oneOf,
    ...(shape.not ? [shape.not] : []),
  ];
}

/**
 * Converts a schema of a bundled document.
 *
 * @param node - The schema: a mapping or a boolean.
 * @param context - Where repairs go.
 */
export function toShape(node: unknown, context: ShapeContext): Shape {
  if (node === false) return { ...anyShape(), not: anyShape() };
  if (!isDict(node)) return anyShape();
  const repaired = (kind: 'schema' | 'enum' | 'pattern' | 'reference', what: string, how: string): void =>
    context.repairs.add(kind, context.where(node), what, how);

  if (typeof node.$ref === 'string') return referenceShape(node, context, repaired);

  const shape = anyShape();
  readAnnotations(node, shape);
  readTypes(node, shape, repaired);
  readObject(node, shape, context, repaired);
  readArray(node, shape, context, repaired);
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    if (Array.isArray(node[key])) shape[key] = node[key].map((item) => toShape(item, context));
  }
  if (node.not !== undefined) shape.not = toShape(node.not, context);
  readLimits(node, shape, repaired);
  readEnum(node, shape, repaired);
  if (node.nullable === true) makeNullable(shape);
  return shape.type === undefined && shape.anyOf.length + shape.oneOf.length > 0 ? shape : withImpliedType(shape);
}

type Report = (kind: 'schema' | 'enum' | 'pattern' | 'reference', what: string, how: string) => void;

function referenceShape(node: Dict, context: ShapeContext, repaired: Report): Shape {
  const ref = decodeURIKey(textOf(node.$ref));
  const siblings = Object.keys(node).filter((key) => key !== '$ref' && !annotations.has(key) && !key.startsWith('x-'));
  const { $ref: _, ...rest } = node;
  const target: Shape = { ...anyShape(), ref };
  readAnnotations(node, target);
  const constraints = siblings.filter((key) => key !== 'nullable');
  if (constraints.length > 0) {
    if (context.old) {
      repaired('reference', `${constraints.map((key) => `"${key}"`).join(', ')} beside a $ref`, 'left out: OpenAPI 3.0 ignores it');
    } else {
      const own = toShape(Object.assign(Object.create(null), rest), context);
      if (own.type?.includes('array') && own.items === undefined) {
        repaired('reference', '"type: array" beside a $ref', 'left out');
      } else return { ...own, allOf: [{ ...anyShape(), ref }, ...own.allOf] };
    }
  }
  if (node.nullable !== true) return target;
  const { ref: __, ...notes } = target;
  return {
    ...notes,
    anyOf: [
      { ...anyShape(), ref },
      { ...anyShape(), type: ['null'] },
    ],
  };
}

const decodeURIKey = (ref: string): string => ref.replace('#/components/schemas/', '').replaceAll('~1', '/').replaceAll('~0', '~');

function readAnnotations(node: Dict, shape: Shape): void {
  if (typeof node.title === 'string') shape.title = node.title;
  if (typeof node.description === 'string') shape.description = node.description;
  if (node.default !== undefined) shape.default = node.default;
  if (node.example !== undefined) shape.example = node.example;
  for (const key of ['deprecated', 'readOnly', 'writeOnly'] as const) if (node[key] === true) shape[key] = true;
  if (node['x-accept-integer'] === true) shape.acceptInteger = true;
  if (node['x-secret'] === true || node.format === 'password') shape.secret = true;
  if (node['x-extensible-enum'] === true) shape.openEnum = true;
}

function readTypes(node: Dict, shape: Shape, repaired: Report): void {
  if (typeof node.format === 'string') shape.format = node.format;
  // 3.1 writes binary strings by their content.
  if (node.type === 'string' && typeof node.contentMediaType === 'string' && node.contentEncoding === undefined && shape.format === undefined)
    shape.format = 'binary';
  if (node.type === undefined) return;
  const found: ShapeType[] = [];
  let unknown = false;
  for (const raw of Array.isArray(node.type) ? node.type : [node.type]) {
    const word = raw === null ? 'null' : textOf(raw);
    const lower = word.toLowerCase();
    if (types.includes(word)) found.push(word as ShapeType);
    else if (types.includes(lower)) {
      repaired('schema', `type "${word}"`, `read as "${lower}"`);
      found.push(lower as ShapeType);
    } else if (Object.hasOwn(otherTypes, lower)) {
      const meant = otherTypes[lower] as Partial<Shape>;
      repaired('schema', `type "${word}"`, meant.type ? `read as "${meant.type.join()}"` : 'read as any type');
      if (meant.type) found.push(...meant.type);
      else unknown = true;
      if (meant.format) shape.format ??= meant.format;
    } else {
      repaired('schema', `type "${word}" does not exist`, 'read as any type');
      unknown = true;
    }
  }
  if (!unknown && found.length > 0) shape.type = [...new Set(found)];
}

function readObject(node: Dict, shape: Shape, context: ShapeContext, repaired: Report): void {
  if (isDict(node.properties)) {
    shape.properties = new Map(Object.entries(node.properties).map(([name, value]) => [name, toShape(value, context)]));
    for (const [name, value] of Object.entries(node.properties)) {
      // Draft 3 marked required members on the member.
      if (isDict(value) && value.required === true) {
        repaired('schema', `"required: true" on the member "${name}"`, 'read as an entry of the required list');
        shape.required.push(name);
      }
    }
  }
  if (Array.isArray(node.required)) shape.required.push(...node.required.map(textOf));
  else if (node.required !== undefined && typeof node.required !== 'boolean') repaired('schema', '"required" is not a list', 'left out');
  shape.required = [...new Set(shape.required)];
  if (isDict(node.patternProperties)) shape.patternProperties = Object.values(node.patternProperties).map((value) => toShape(value, context));
  const additional = node.additionalProperties;
  if (typeof additional === 'boolean') shape.additional = additional;
  else if (additional !== undefined) shape.additional = toShape(additional, context);
  if (isDict(node.discriminator)) {
    const property = node.discriminator.propertyName;
    if (typeof property === 'string') {
      const mapping = isDict(node.discriminator.mapping) ? Object.entries(node.discriminator.mapping) : [];
      shape.discriminator = { property, mapping: new Map(mapping.map(([value, target]) => [value, decodeURIKey(textOf(target))])) };
    } else repaired('schema', 'a discriminator without propertyName', 'left out');
  }
}

function readArray(node: Dict, shape: Shape, context: ShapeContext, repaired: Report): void {
  if (node.uniqueItems === true) shape.uniqueItems = true;
  if (Array.isArray(node.items)) {
    shape.prefixItems = node.items.map((item) => toShape(item, context));
    if (context.old) repaired('schema', '"items" is a list', 'read as the types of the first items');
    if (node.additionalItems === false) shape.closed = true;
    else if (isDict(node.additionalItems)) shape.items = toShape(node.additionalItems, context);
    return;
  }
  if (Array.isArray(node.prefixItems)) {
    shape.prefixItems = node.prefixItems.map((item) => toShape(item, context));
    if (node.items === false || node.unevaluatedItems === false) shape.closed = true;
    else if (isDict(node.items)) shape.items = toShape(node.items, context);
    return;
  }
  if (node.items !== undefined) shape.items = toShape(node.items, context);
  else if (context.old && shape.type?.includes('array')) repaired('schema', 'an array without "items"', 'its items may be anything');
}

function readLimits(node: Dict, shape: Shape, repaired: Report): void {
  for (const key of limits) {
    const raw = node[key];
    if (raw === undefined || raw === null || typeof raw === 'boolean') continue;
    const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isFinite(value) || (key === 'multipleOf' && value <= 0)) {
      repaired('schema', `"${key}: ${textOf(raw)}" is not a usable number`, 'left out');
      continue;
    }
    if (typeof raw === 'string') repaired('schema', `"${key}" is a text`, 'read as a number');
    shape.limits[key] = value;
  }
  // OpenAPI 3.0 says with a boolean that `minimum` itself is not allowed.
  for (const [exclusive, plain] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const value = shape.limits[plain];
    if (node[exclusive] !== true || value === undefined) continue;
    shape.limits[exclusive] = value;
    delete shape.limits[plain];
  }
  if (node.pattern === undefined || node['x-no-enforce'] === true) return;
  if (typeof node.pattern === 'string' && isPattern(node.pattern)) shape.pattern = node.pattern;
  else repaired('pattern', `the pattern ${JSON.stringify(node.pattern)} is not a regular expression of ECMAScript (with "u")`, 'left out');
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function readEnum(node: Dict, shape: Shape, repaired: Report): void {
  const open = node['x-extensible-enum'];
  let values: unknown[] | undefined;
  if (Array.isArray(node.enum)) values = node.enum;
  else if (Array.isArray(open)) {
    values = open;
    shape.openEnum = true;
  } else if (node.enum !== undefined && node.enum !== null) {
    repaired('enum', '"enum" is not a list', 'left out');
  }
  if ('const' in node) values = [node.const];
  if (values === undefined) return;
  if (values.length === 0) {
    repaired('enum', 'an empty enum', 'left out');
    return;
  }
  const known = new Map<string, unknown>();
  for (const raw of values) {
    const value = fitToType(raw, shape.type);
    if (value !== raw) repaired('enum', `the value ${JSON.stringify(raw)} in an enum of type ${shape.type?.join()}`, `read as ${JSON.stringify(value)}`);
    known.set(JSON.stringify(value), value);
  }
  shape.enum = [...known.values()];
  if (shape.type && !shape.type.includes('null') && shape.enum.includes(null)) {
    if (node.nullable !== true) repaired('enum', 'null in an enum whose type does not allow it', 'allowed');
    shape.type.push('null');
  }
}

/** YAML reads `yes`, `1` or `1.0` in a list of texts as what they look like. */
function fitToType(value: unknown, type: ShapeType[] | undefined): unknown {
  if (type === undefined || value === null) return value;
  const is = (name: ShapeType): boolean => type.includes(name);
  const numeric = is('number') || is('integer');
  if (typeof value === 'number' && !numeric && is('string')) return textOf(value);
  if (typeof value === 'boolean' && !is('boolean') && is('string')) return textOf(value);
  if (typeof value === 'string' && !is('string')) {
    if (numeric && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
    if (is('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  }
  return value;
}

function makeNullable(shape: Shape): void {
  if (shape.enum && !shape.enum.includes(null)) shape.enum.push(null);
  if (shape.type) {
    if (!shape.type.includes('null')) shape.type.push('null');
    // allOf would refuse the null that `nullable` means to allow.
    if (shape.allOf.length === 0 || shape.properties) return;
  }
  if (shape.allOf.length > 0 && shape.anyOf.length === 0 && shape.oneOf.length === 0) {
    shape.anyOf = [
      { ...anyShape(), allOf: shape.allOf },
      { ...anyShape(), type: ['null'] },
    ];
    shape.allOf = [];
  } else if (shape.anyOf.length > 0) shape.anyOf.push({ ...anyShape(), type: ['null'] });
  else if (shape.oneOf.length > 0) shape.oneOf.push({ ...anyShape(), type: ['null'] });
}

/** Many documents leave out the type where another member tells it. */
function withImpliedType(shape: Shape): Shape {
  if (shape.type || shape.enum) return shape;
  if (shape.properties || typeof shape.additional === 'object') shape.type = ['object'];
  else if (shape.items || shape.prefixItems) shape.type = ['array'];
  return shape;
}
