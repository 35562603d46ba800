/** Prints shapes as the `Schema` constants that the runtime checks values against. */

import { literal, objectLiteral, quote } from './literal.ts';
import { constantName, type NameSet } from './names.ts';
import { isBinary, resolveShape, type NamedShape } from './normalize.ts';
import { anyShape, discriminatorValues, type Shape } from './shape.ts';

/** A constant beside the operations. */
export interface ConstantFact {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

type Member = readonly [string, string];

export class SchemaPrinter {
  readonly #schemas: ReadonlyMap<string, NamedShape>;
  readonly #names: NameSet;
  readonly #constants: ConstantFact[] = [];
  readonly #constantOf = new Map<string, { name: string; done: boolean }>();

  constructor(schemas: ReadonlyMap<string, NamedShape>, names: NameSet) {
    this.#schemas = schemas;
    this.#names = names;
  }

  /** The constants that the printed expressions refer to, each after those it uses. */
  constants(): readonly ConstantFact[] {
    return this.#constants;
  }

  /**
   * The expression of a shape, or undefined when it refuses nothing.
   *
   * @param sendDefault - Whether the shape's default is sent when the value is left out.
   */
  schema(shape: Shape, sendDefault = false): string | undefined {
    const fallback = sendDefault ? (shape.default ?? resolveShape(shape, this.#schemas).default) : undefined;
    return this.#print(shape, fallback === undefined ? [] : [['default', literal(fallback)]]);
  }

  /** The expression for a multipart body: a file is whatever the encoder can send, so nothing is checked about it. */
  multipartSchema(shape: Shape): string | undefined {
    const resolved = resolveShape(shape, this.#schemas);
    return this.#isOrHasFile(resolved) ? this.schema(this.#withoutFiles(resolved, 0)) : this.schema(shape);
  }

  #isOrHasFile(shape: Shape, depth = 0): boolean {
    if (depth > 20) return false;
    const inner = [...(shape.properties?.values() ?? []), ...(shape.items ? [shape.items] : []), ...shape.allOf, ...shape.anyOf, ...shape.oneOf];
    return isBinary(shape) || inner.some((member) => this.#isOrHasFile(resolveShape(member, this.#schemas), depth + 1));
  }

  #withoutFiles(shape: Shape, depth: number): Shape {
    if (isBinary(shape)) return { ...anyShape(), format: 'binary' };
    if (depth > 20) return shape;
    const inner = (member: Shape): Shape => {
      const resolved = resolveShape(member, this.#schemas);
      return this.#isOrHasFile(resolved) ? this.#withoutFiles(resolved, depth + 1) : member;
    };
    return {
      ...shape,
      ...(shape.properties ? { properties: new Map([...shape.properties].map(([name, member]) => [name, inner(member)])) } : {}),
      ...(shape.items ? { items: inner(shape.items) } : {}),
      allOf: shape.allOf.map(inner),
      anyOf: shape.anyOf.map(inner),
      oneOf: shape.oneOf.map(inner),
    };
  }

  #print(shape: Shape, extra: readonly Member[]): string | undefined {
    const members = this.#members(shape, extra);
    if (members.length === 0) return undefined;
    const [only] = members;
    // A reference alone needs no object around it.
    if (shape.ref !== undefined && members.length === 1 && only?.[0] === 'allOf') return only[1].slice(1, -1);
    return objectLiteral(members);
  }

  #members(shape: Shape, extra: readonly Member[]): Member[] {
    const members: Member[] = [];
    const add = (key: string, code: string | undefined): void => {
      if (code !== undefined) members.push([key, code]);
    };
    if (shape.ref !== undefined) {
      const constant = this.#reference(shape.ref);
      if (constant !== undefined) add('allOf', `[${constant}]`);
    }
    const hasParts = shape.allOf.length + shape.anyOf.length + shape.oneOf.length > 0;
    if (shape.type) add('type', shape.type.length === 1 ? quote(shape.type[0] as string) : literal(shape.type));
    if (shape.format !== undefined) add('format', quote(shape.format));
    if (shape.enum && !shape.openEnum) add('enum', literal(shape.enum));
    if (shape.pattern !== undefined) add('pattern', quote(shape.pattern));
    for (const [key, value] of Object.entries(shape.limits)) add(key, literal(value));
    // Tuples are not expressible: only their length is checked.
    if (shape.items && !shape.prefixItems) add('items', this.#print(shape.items, []));
    if (shape.closed && shape.prefixItems && shape.limits.maxItems === undefined) add('maxItems', String(shape.prefixItems.length));
    if (shape.uniqueItems) add('uniqueItems', 'true');
    if (shape.properties) {
      const properties = [...shape.properties].map(([name, member]): Member => [name, this.#member(name, member)]);
      if (properties.length > 0) add('properties', objectLiteral(properties));
    }
    if (shape.required.length > 0) add('required', literal(shape.required));
    // Members that match a pattern are not expressible: refusing them would be wrong.
    if (!shape.patternProperties) {
      if (shape.additional === false) add('additionalProperties', 'false');
      else if (typeof shape.additional === 'object') add('additionalProperties', this.#print(shape.additional, []));
    }
    if (hasParts) {
      if (shape.allOf.length > 0) {
        const parts = shape.allOf.map((part) => this.#print(part, [])).filter((part) => part !== undefined);
        if (parts.length > 0) add('allOf', `[${parts.join(', ')}]`);
      }
      for (const key of ['anyOf', 'oneOf'] as const) {
        if (shape[key].length > 0) add(key, `[${shape[key].map((part) => this.#alternative(shape, part) ?? '{}').join(', ')}]`);
      }
    }
    if (shape.not) add('not', this.#print(shape.not, []) ?? '{}');
    if (shape.acceptInteger) add('acceptInteger', 'true');
    if (shape.secret) add('secret', 'true');
    if (shape.readOnly) add('readOnly', 'true');
    members.push(...extra);
    return members;
  }

  #member(name: string, shape: Shape): string {
    const code = this.#print(shape, []) ?? '{}';
    // TypeScript does not see the expected type behind the names that every object has: a constant carries its type.
    return name in Object.prototype ? this.#constant(constantName(`${name} member schema`), code) : code;
  }

  /** With a discriminator, an alternative is the one that the value names: others may fit too. */
  #alternative(shape: Shape, part: Shape): string | undefined {
    const values = discriminatorValues(shape, part);
    if (values === undefined || shape.discriminator === undefined) return this.#print(part, []);
    const { property } = shape.discriminator;
    const mark: Shape = { ...anyShape(), allOf: [part], required: [property], properties: new Map([[property, { ...anyShape(), enum: values }]]) };
    return this.#print(mark, []);
  }

  #constant(wanted: string, value: string): string {
    const name = this.#names.take(wanted);
    this.#constants.push({ name, type: 'Schema', value });
    return name;
  }

  /** The constant of a component schema; a function where it is not there yet: it is recursive. */
  #reference(key: string): string | undefined {
    const named = this.#schemas.get(key);
    if (!named) return undefined;
    let constant = this.#constantOf.get(key);
    if (constant === undefined) {
      constant = { name: this.#names.take(constantName(`${named.name} schema`)), done: false };
      this.#constantOf.set(key, constant);
      const value = this.#print(named.shape, []);
      constant.done = true;
      // `{}` is kept when something already refers to it; a constant is a schema, not a function that gives one.
      this.#constants.push({
        name: constant.name,
        type: 'Schema',
        value: value === undefined ? '{}' : value.startsWith('() =>') ? `{ allOf: [${value}] }` : value,
      });
    }
    return constant.done ? constant.name : `() => ${constant.name}`;
  }
}
