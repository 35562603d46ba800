/** The part of OpenAPI's schema language, 3.0 and 3.1, that requests and answers are checked against. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly 'x-extensible-enum'?: boolean;
  readonly 'x-lenient'?: boolean;
}

/** One rule that a value breaks. */
export interface Violation {
  /** JSON pointer to the value, for example `/sender/type`. */
  readonly pointer: string;
  /** What the value has to be, for example `enum: custom_bot, customer`. */
  readonly rule: string;
  /** The value as JSON; secrets are taken out before it is shortened. */
  readonly value: string;
}

/** Finds a `#/components/...` reference. */
export type Resolve = (reference: string) => Schema;

/**
 * Checks a value against a schema.
 *
 * @param direction - `'answer'` reads as the specs say: enums marked `x-extensible-enum` are open.
 * @returns The broken rules, empty when the value fits.
 */
export function check(value: unknown, schema: Schema, resolve: Resolve, direction: 'request' | 'answer', pointer: string = ''): Violation[] {
  if (schema.$ref !== undefined) return check(value, resolve(schema.$ref), resolve, direction, pointer);
  const fail = (rule: string): Violation[] => [{ pointer: pointer === '' ? '/' : pointer, rule, value: brief(value) }];
  if (value === null && schema.nullable === true) return [];
  if (schema['x-lenient'] === true) return [];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) return fail(`type: ${types.join(' or ')}`);
  if (schema.const !== undefined && JSON.stringify(value) !== JSON.stringify(schema.const)) return fail(`const: ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !(direction === 'answer' && schema['x-extensible-enum'] === true) && !schema.enum.includes(value)) {
    return fail(`enum: ${schema.enum.join(', ')}`);
  }
  const found: Violation[] = [];
  if (typeof value === 'string') {
    const length = [...value].length;
    if (schema.minLength !== undefined && length < schema.minLength) found.push(...fail(`minLength: ${schema.minLength}`));
    if (schema.maxLength !== undefined && length > schema.maxLength) found.push(...fail(`maxLength: ${schema.maxLength}`));
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) found.push(...fail(`pattern: ${schema.pattern}`));
    if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(value))
      found.push(...fail('format: date-time'));
    if (schema.format === 'uri' && !URL.canParse(value)) found.push(...fail('format: uri'));
  }
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) found.push(...fail(`minimum: ${schema.minimum}`));
    if (schema.maximum !== undefined && value > schema.maximum) found.push(...fail(`maximum: ${schema.maximum}`));
  }
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems) found.push(...fail(`minItems: ${schema.minItems}`));
    if (schema.maxItems !== undefined && value.length > schema.maxItems) found.push(...fail(`maxItems: ${schema.maxItems}`));
    if (schema.items !== undefined) {
      for (const [index, item] of value.entries()) found.push(...check(item, schema.items, resolve, direction, `${pointer}/${index}`));
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) found.push({ pointer: `${pointer}/${escape(name)}`, rule: 'required', value: 'absent' });
    }
    for (const [name, member] of Object.entries(value)) {
      const known = schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
      const rule = known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
      if (rule !== undefined) found.push(...check(member, rule, resolve, direction, `${pointer}/${escape(name)}`));
      else if (schema.additionalProperties === false)
        found.push({ pointer: `${pointer}/${escape(name)}`, rule: 'additionalProperties: false', value: brief(member) });
    }
  }
  for (const part of schema.allOf ?? []) found.push(...check(value, part, resolve, direction, pointer));
  for (const choices of [schema.anyOf, schema.oneOf]) {
    if (choices === undefined) continue;
    const results = choices.map((choice) => check(value, choice, resolve, direction, pointer));
    // The shortest list is the alternative that was most likely meant.
    if (!results.some((result) => result.length === 0)) found.push(...results.reduce((least, result) => (result.length < least.length ? result : least)));
  }
  return found;
}

/** Enough for a secret to be found in it as a whole. */
const LONGEST_VALUE = 10_000;

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, LONGEST_VALUE);
}
