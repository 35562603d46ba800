/** Prints shapes as TypeScript types. */

import { comment, literal, memberKey, quote } from './literal.ts';
import { isBinary, resolveShape, type NamedShape } from './normalize.ts';
import { discriminatorValues, type Shape, type ShapeType } from './shape.ts';

/** Who writes the value: types of requests are strict, types of answers leave room for what comes later. */
export type Direction = 'request' | 'response';

/** A member of an interface, printed. */
export interface MemberFact {
  /** Lines of the doc comment. */
  readonly doc: readonly string[];
  readonly key: string;
  readonly optional: boolean;
  readonly type: string;
}

/** Types that bind less tightly need parentheses inside tighter ones. */
type Tightness = 'union' | 'intersection' | 'single';
interface Printed {
  readonly code: string;
  readonly tightness: Tightness;
}

const single = (code: string): Printed => ({ code, tightness: 'single' });

export class TypePrinter {
  readonly #schemas: ReadonlyMap<string, NamedShape>;
  readonly #direction: Direction;
  /** Receives the names of the models that the printed types use. */
  readonly #used: Set<string>;

  constructor(schemas: ReadonlyMap<string, NamedShape>, direction: Direction, used: Set<string>) {
    this.#schemas = schemas;
    this.#direction = direction;
    this.#used = used;
  }

  /** The type of a shape. */
  type(shape: Shape | undefined): string {
    return shape === undefined ? 'unknown' : this.#print(shape).code;
  }

  /** The members of a shape that is nothing but an object, else undefined. */
  members(shape: Shape): { members: MemberFact[]; index?: string } | undefined {
    const isObject =
      shape.ref === undefined && !shape.enum && shape.type?.join() === 'object' && shape.allOf.length + shape.anyOf.length + shape.oneOf.length === 0;
    if (!isObject || !shape.properties || shape.properties.size === 0) return undefined;
    return this.#members(shape, (inner) => this.#print(inner));
  }

  /**
   * The type of a multipart body: its binary members are files.
   *
   * A named schema is printed member by member when it has files, because as a model its members are text.
   */
  multipartType(shape: Shape | undefined): string {
    if (shape === undefined) return 'Record<string, unknown>';
    return this.#part(shape, true).code;
  }

  #part(shape: Shape, outermost: boolean): Printed {
    const resolved = resolveShape(shape, this.#schemas);
    if (isBinary(resolved)) return single('FilePart');
    if (!outermost) {
      const isFiles = resolved.items && isBinary(resolveShape(resolved.items, this.#schemas));
      return isFiles ? single(`FilePart[]${resolved.type?.includes('null') ? ' | null' : ''}`) : this.#print(shape);
    }
    if (!this.#hasFiles(resolved)) return this.#print(shape);
    const own: Printed[] = [];
    if (resolved.properties) own.push(this.#object(resolved, (inner) => this.#part(inner, false)));
    for (const member of resolved.allOf) own.push(this.#part(member, true));
    for (const list of [resolved.anyOf, resolved.oneOf]) if (list.length > 0) own.push(union(list.map((member) => this.#part(member, true))));
    return intersection(own);
  }

  #hasFiles(shape: Shape, depth = 0): boolean {
    if (depth > 20) return false;
    const inner = [...(shape.properties?.values() ?? [])].map((member) => resolveShape(member, this.#schemas));
    return (
      inner.some((member) => isBinary(member) || (member.items !== undefined && isBinary(resolveShape(member.items, this.#schemas)))) ||
      [...shape.allOf, ...shape.anyOf, ...shape.oneOf].some((member) => this.#hasFiles(resolveShape(member, this.#schemas), depth + 1))
    );
  }

  #print(shape: Shape): Printed {
    if (shape.ref !== undefined) return this.#reference(shape.ref);
    const parts: Printed[] = [];
    const hasParts = shape.allOf.length + shape.anyOf.length + shape.oneOf.length > 0;
    let nullable = false;
    if (shape.enum) parts.push(this.#enum(shape));
    else {
      const own = this.#own(shape, hasParts);
      nullable = hasParts && shape.type !== undefined && shape.type.length > 1 && shape.type.includes('null');
      if (own) parts.push(own);
    }
    for (const member of shape.allOf) parts.push(this.#print(member));
    const required = this.#requiredOfParts(shape);
    if (required) parts.push(required);
    if (shape.oneOf.length > 0) parts.push(this.#alternatives(shape, shape.oneOf));
    if (shape.anyOf.length > 0) parts.push(this.#alternatives(shape, shape.anyOf));
    const whole = intersection(parts);
    return nullable ? union([whole, single('null')]) : whole;
  }

  #reference(key: string): Printed {
    const named = this.#schemas.get(key);
    if (!named) return single('unknown');
    this.#used.add(named.name);
    return single(named.name);
  }

  /** What a shape says itself, without its allOf, anyOf, oneOf. */
  #own(shape: Shape, hasParts: boolean): Printed | undefined {
    if (!shape.type) return shape.not && Object.keys(shape.not).length > 0 && isEmpty(shape.not) && !hasParts ? single('never') : undefined;
    const types = hasParts ? shape.type.filter((type) => type !== 'null') : shape.type;
    // `type: object` beside allOf adds nothing.
    const telling = types.filter(
      (type) => !hasParts || type !== 'object' || (shape.properties && shape.properties.size > 0) || typeof shape.additional === 'object',
    );
    if (hasParts && telling.length === 0) return undefined;
    if (hasParts && types.length === 1 && types[0] === 'array' && !shape.items && !shape.prefixItems) return undefined;
    return union(telling.map((type) => this.#ofType(type, shape)));
  }

  #ofType(type: ShapeType, shape: Shape): Printed {
    switch (type) {
      case 'integer':
      case 'number':
        return single('number');
      case 'string':
        return shape.acceptInteger ? { code: 'string | number', tightness: 'union' } : single('string');
      case 'array':
        return this.#array(shape);
      case 'object':
        return this.#object(shape, (inner) => this.#print(inner));
      default:
        return single(type);
    }
  }

  #enum(shape: Shape): Printed {
    const values = shape.enum ?? [];
    const printed = values.map((value) => single(literalType(value)));
    const texts = values.filter((value) => typeof value === 'string');
    // One value is a mark by which unions are told apart: it stays closed.
    const open = texts.length > 0 && (shape.openEnum || (this.#direction === 'response' && values.length > 1));
    if (open) printed.push(single('(string & {})'));
    if (shape.acceptInteger) printed.push(single('number'));
    return union(printed);
  }

  #array(shape: Shape): Printed {
    if (!shape.prefixItems || shape.prefixItems.length === 0) {
      const item = shape.items ? this.#print(shape.items) : single('unknown');
      return single(`${wrap(item, 'single')}[]`);
    }
    const needed = shape.limits.minItems ?? shape.prefixItems.length;
    const elements = shape.prefixItems.map((item, index) => {
      const printed = this.#print(item);
      return index < needed ? printed.code : `${wrap(printed, 'single')}?`;
    });
    const full = shape.closed || shape.limits.maxItems === shape.prefixItems.length;
    if (!full) elements.push(`...${shape.items ? wrap(this.#print(shape.items), 'single') : 'unknown'}[]`);
    return single(`[${elements.join(', ')}]`);
  }

  #object(shape: Shape, print: (inner: Shape) => Printed): Printed {
    const { members, index } = this.#members(shape, print);
    if (members.length === 0) {
      if (index !== undefined && index !== 'unknown') return single(`{ [key: string]: ${index} }`);
      return single(shape.additional === false && !shape.patternProperties ? 'Record<string, never>' : 'Record<string, unknown>');
    }
    const lines = members.map((member) => `${comment(member.doc)}${member.key}${member.optional ? '?' : ''}: ${member.type};`);
    if (index !== undefined) lines.push(`[key: string]: ${index};`);
    return single(`{\n${lines.join('\n')}\n}`);
  }

  #members(shape: Shape, print: (inner: Shape) => Printed): { members: MemberFact[]; index?: string } {
    const members: MemberFact[] = [];
    const properties = new Map(shape.properties);
    // A required member that is described elsewhere is there, whatever it is.
    const undescribed =
      shape.properties && shape.allOf.length + shape.anyOf.length + shape.oneOf.length === 0 ? shape.required.filter((name) => !properties.has(name)) : [];
    for (const [name, member] of properties) {
      const resolved = resolveShape(member, this.#schemas);
      const hidden = this.#direction === 'request' ? (member.readOnly ?? resolved.readOnly) : undefined;
      const secret = member.writeOnly ?? resolved.writeOnly;
      const optional = !shape.required.includes(name) || hidden === true || (secret === true && this.#direction === 'response');
      const printed = print(member);
      members.push({ doc: memberDoc(member, resolved), key: memberKey(name), optional, type: optional ? orUndefined(printed, name) : printed.code });
    }
    for (const name of undescribed) members.push({ doc: [], key: memberKey(name), optional: false, type: 'unknown' });
    const index = this.#index(shape, members, print);
    return index === undefined ? { members } : { members, index };
  }

  /** The type of members that are not listed: an index signature must allow the listed ones too. */
  #index(shape: Shape, members: readonly MemberFact[], print: (inner: Shape) => Printed): string | undefined {
    const further: Printed[] = (shape.patternProperties ?? []).map(print);
    if (typeof shape.additional === 'object') further.push(print(shape.additional));
    if (further.length === 0) return shape.additional === true && members.length > 0 ? 'unknown' : undefined;
    const listed = [...new Set(members.map((member) => member.type))].map((code): Printed => ({ code, tightness: 'union' }));
    return union([...further, ...listed]).code;
  }

  /** Members that are made required here and described in an allOf. */
  #requiredOfParts(shape: Shape): Printed | undefined {
    if (shape.allOf.length === 0) return undefined;
    const members: string[] = [];
    const names = [...shape.required, ...shape.allOf.filter((part) => part.ref === undefined && !part.properties).flatMap((part) => part.required)];
    for (const name of new Set(names)) {
      if (shape.properties?.has(name)) continue;
      const found = this.#memberOf(shape, name, 0);
      if (!found || found.required || (this.#direction === 'request' && found.shape.readOnly)) continue;
      members.push(`${memberKey(name)}: ${this.#print(found.shape).code};`);
    }
    return members.length > 0 ? single(`{\n${members.join('\n')}\n}`) : undefined;
  }

  #memberOf(shape: Shape, name: string, depth: number): { shape: Shape; required: boolean } | undefined {
    if (depth > 20) return undefined;
    let found: { shape: Shape; required: boolean } | undefined;
    const own = shape.properties?.get(name);
    if (own) found = { shape: own, required: shape.required.includes(name) };
    for (const part of shape.allOf) {
      const inner = this.#memberOf(resolveShape(part, this.#schemas), name, depth + 1);
      if (inner && (!found || inner.required)) found = inner;
    }
    return found;
  }

  #alternatives(shape: Shape, members: readonly Shape[]): Printed {
    return union(
      members.map((member) => {
        const printed = this.#print(member);
        const mark = this.#mark(shape, member);
        return mark ? intersection([single(mark), printed]) : printed;
      }),
    );
  }

  /** The member by which a discriminator tells an alternative, where the alternative itself does not fix it. */
  #mark(shape: Shape, member: Shape): string | undefined {
    const values = discriminatorValues(shape, member);
    if (!shape.discriminator || values === undefined) return undefined;
    const { property } = shape.discriminator;
    const own = this.#memberOf(resolveShape(member, this.#schemas), property, 0);
    const fixed = own && resolveShape(own.shape, this.#schemas).enum?.length === 1;
    if (fixed) return undefined;
    return `{ ${memberKey(property)}: ${values.map(quote).join(' | ')} }`;
  }
}

function isEmpty(shape: Shape): boolean {
  return (
    !shape.type &&
    !shape.enum &&
    shape.ref === undefined &&
    !shape.properties &&
    shape.allOf.length + shape.anyOf.length + shape.oneOf.length + shape.required.length === 0 &&
    !shape.not
  );
}

function wrap(printed: Printed, needed: Tightness): string {
  const order: Tightness[] = ['union', 'intersection', 'single'];
  return order.indexOf(printed.tightness) < order.indexOf(needed) ? `(${printed.code})` : printed.code;
}

/** Alternatives without repetition; `unknown` swallows all others. */
function union(parts: readonly Printed[]): Printed {
  const unique = [...new Map(parts.map((part) => [part.code, part])).values()];
  const some = unique.filter((part) => part.code !== 'never');
  if (some.some((part) => part.code === 'unknown')) return single('unknown');
  const [first] = some;
  if (first === undefined) return single('never');
  if (some.length === 1) return first;
  return { code: some.map((part) => wrap(part, 'intersection')).join(' | '), tightness: 'union' };
}

function intersection(parts: readonly Printed[]): Printed {
  const telling = [...new Map(parts.filter((part) => part.code !== 'unknown').map((part) => [part.code, part])).values()];
  const [first] = telling;
  if (first === undefined) return single('unknown');
  if (telling.length === 1) return first;
  return { code: telling.map((part) => wrap(part, 'single')).join(' & '), tightness: 'intersection' };
}

/** Members of every object, which an object without such a member still has. */
const INHERITED = new Set(['constructor', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable', 'toLocaleString', 'toString', 'valueOf']);

/** Callers may pass undefined for what they leave out; under an inherited name nobody could leave it out otherwise. */
export function orUndefined(printed: Printed | string, name = ''): string {
  const code = typeof printed === 'string' ? printed : printed.code;
  if (code === 'unknown') return code;
  return `${code}${INHERITED.has(name) ? ` | Object[${JSON.stringify(name)}]` : ''} | undefined`;
}

function literalType(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalType).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, member]) => `${memberKey(key)}: ${literalType(member)}`)
      .join('; ')} }`;
  }
  return literal(value);
}

/** Limits in words: `1 to 255 characters`, `at most 10 items`. */
function limitTexts(limits: Readonly<Record<string, number>>): string[] {
  const texts: string[] = [];
  const range = (min: number | undefined, max: number | undefined, unit: string): void => {
    if (min === undefined && max === undefined) return;
    const size =
      min === max
        ? `exactly ${min}`
        : min === undefined || (min === 0 && max !== undefined)
          ? `at most ${max}`
          : max === undefined
            ? `at least ${min}`
            : `${min} to ${max}`;
    texts.push(unit === '' ? size : `${size} ${(max ?? min) === 1 ? unit : `${unit}s`}`);
  };
  range(limits.minLength, limits.maxLength, 'character');
  if (limits.minimum === 0 && limits.maximum !== undefined) texts.push(`0 to ${limits.maximum}`);
  else range(limits.minimum, limits.maximum, '');
  if (limits.exclusiveMinimum !== undefined) texts.push(`more than ${limits.exclusiveMinimum}`);
  if (limits.exclusiveMaximum !== undefined) texts.push(`less than ${limits.exclusiveMaximum}`);
  if (limits.multipleOf !== undefined) texts.push(`a multiple of ${limits.multipleOf}`);
  range(limits.minItems, limits.maxItems, 'item');
  range(limits.minProperties, limits.maxProperties, 'member');
  return texts;
}

/** The lines that tell a reader of an interface about a member: its text, limits, default, example. */
export function memberDoc(shape: Shape, resolved: Shape, texts: { description?: unknown; example?: unknown; deprecated?: unknown } = {}): string[] {
  const lines: string[] = [];
  const description = texts.description ?? shape.description ?? shape.title;
  if (typeof description === 'string') lines.push(description.trim());
  const rules = limitTexts(resolved.limits);
  // Said, not enforced: vendors' values do not always keep to their formats.
  if (resolved.format !== undefined && resolved.format !== 'binary') lines.push(`Format: ${resolved.format}.`);
  if (resolved.uniqueItems) rules.push('no item twice');
  if (resolved.pattern !== undefined) rules.push(`pattern ${resolved.pattern}`);
  if (rules.length > 0) lines.push(`Rules: ${rules.join(', ')}.`);
  const fallback = shape.default ?? resolved.default;
  if (fallback !== undefined) lines.push(`Default: ${short(fallback)}`);
  const example = texts.example ?? shape.example ?? resolved.example;
  if (example !== undefined && !resolved.secret) lines.push(`Example: ${short(example)}`);
  if (shape.readOnly) lines.push('Written by the server only.');
  if (texts.deprecated === true || shape.deprecated) lines.push('@deprecated');
  return lines.filter((line) => line !== '');
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
