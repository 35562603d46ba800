/**
 * Reads parameters off the wire by OpenAPI's table of style values and RFC 6570: raw text in, value out. A separator is one
 * only where it is not percent-encoded; what stands between is decoded afterwards.
 */

import type { Cursor, Parameter } from './document.ts';

/** A raw text that is not what the style writes. */
export class WireError extends Error {}

/** RFC 3986: all bytes but the unreserved ones are percent-encoded. */
export function percentEncode(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte)) && byte < 128 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

/** What may stand unencoded in a query's value besides the unreserved characters: nothing, or the reserved ones. */
const ENCODED = /^(?:[\w.~-]|%[0-9A-F]{2})*$/;
const ENCODED_OR_RESERVED = /^(?:[\w.~:/?[\]@!$'()*,;=-]|%[0-9A-F]{2})*$/;

export function readPath(parameter: Parameter, raw: string): unknown {
  const { name, style, explode, schema } = parameter;
  const read = (separator: string, rest: string): unknown => compound(schema, rest.split(separator), explode);
  if (style === 'simple') return isCompound(schema) ? read(',', raw) : scalar(schema, decode(raw));
  if (style === 'label') {
    if (!raw.startsWith('.')) throw new WireError(`label: ${raw} does not begin with "."`);
    return isCompound(schema) ? read(explode ? '.' : ',', raw.slice(1)) : scalar(schema, decode(raw.slice(1)));
  }
  if (style !== 'matrix' || !raw.startsWith(';')) throw new WireError(`${style}: ${raw}`);
  const pairs = raw.slice(1).split(';').map(splitPair);
  if (explode && typesOf(schema).includes('object')) return members(schema, pairs);
  if (pairs.some(([key]) => key !== name)) throw new WireError(`matrix: ${raw} names another parameter`);
  if (explode && typesOf(schema).includes('array')) return pairs.map(([, value]) => scalar(schema?.get('items'), decode(value)));
  if (pairs.length !== 1) throw new WireError(`matrix: ${raw} repeats ${name}`);
  return isCompound(schema) ? read(',', pairs[0]![1]) : scalar(schema, decode(pairs[0]![1]));
}

/** All query or cookie parameters of an operation; each pair must belong to one. */
export function readPairs(parameters: readonly Parameter[], pairs: readonly (readonly [string, string])[]): Map<Parameter, unknown> {
  const values = new Map<Parameter, unknown>();
  const rest = [...pairs];
  const take = (fits: (name: string) => boolean): (readonly [string, string])[] => {
    const found = rest.filter(([name]) => fits(decode(name)));
    for (const pair of found) rest.splice(rest.indexOf(pair), 1);
    return found;
  };
  // A name of its own goes before members of an exploded object that may be called alike.
  const ordered = [...parameters].sort((a, b) => Number(isExplodedObject(a)) - Number(isExplodedObject(b)));
  for (const parameter of ordered) {
    const { name, style, explode, schema, mediaType, allowReserved } = parameter;
    let found;
    if (mediaType === undefined && style === 'deepObject') found = take((key) => key.startsWith(`${name}[`) && key.endsWith(']'));
    else if (mediaType === undefined && isExplodedObject(parameter)) found = take((key) => schema?.get('properties', key) !== undefined);
    else found = take((key) => key === name);
    if (found.length === 0) continue;
    const separator = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    for (const [key, value] of found) {
      const plain = isCompound(schema) && !explode && separator === ',' ? value.replaceAll(',', '') : value;
      if (!ENCODED.test(key) || !(allowReserved ? ENCODED_OR_RESERVED : ENCODED).test(plain))
        throw new WireError(`${key}=${value} is not percent-encoded as it must be`);
    }
    const only = (): string => {
      if (found.length > 1) throw new WireError(`${name} is there ${found.length} times`);
      return found[0]![1];
    };
    if (mediaType !== undefined) values.set(parameter, JSON.parse(decode(only())));
    else if (style === 'deepObject')
      values.set(
        parameter,
        members(
          schema,
          found.map(([key, value]) => [decode(key).slice(name.length + 1, -1), value]),
        ),
      );
    else if (isExplodedObject(parameter)) values.set(parameter, members(schema, found));
    else if (typesOf(schema).includes('array') && explode)
      values.set(
        parameter,
        found.map(([, value]) => scalar(schema?.get('items'), decode(value))),
      );
    else if (isCompound(schema)) values.set(parameter, compound(schema, only().split(separator), false));
    else values.set(parameter, scalar(schema, decode(only())));
  }
  if (rest.length > 0) throw new WireError(`the document has no ${rest.map(([name]) => name).join(', ')}`);
  return values;
}

/** Headers are not percent-encoded. */
export function readHeader({ schema, explode, mediaType }: Parameter, raw: string): unknown {
  if (mediaType !== undefined) return JSON.parse(raw) as unknown;
  return isCompound(schema) ? compound(schema, raw.split(',').map(percentEncode), explode) : scalar(schema, raw);
}

/** A text of a form, or a part of a multipart body, as the schema's type. */
export function scalar(schema: Cursor | undefined, text: string): unknown {
  const types = typesOf(schema);
  const legal = schema?.get('enum')?.value as unknown[] | undefined;
  if (
    text === '' &&
    (schema?.text('nullable') === 'true' || types.includes('null')) &&
    legal?.includes('') !== true &&
    (legal !== undefined || !types.includes('string'))
  )
    return null;
  if (types.length === 0 || types.includes('string')) return text;
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text)) return Number(text);
  if (types.includes('boolean') && /^(?:true|false)$/.test(text)) return text === 'true';
  return text;
}

export function typesOf(schema: Cursor | undefined): readonly string[] {
  const type = schema?.get('type')?.value as string | string[] | undefined;
  return type === undefined ? [] : [type].flat();
}

export function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function isCompound(schema: Cursor | undefined): boolean {
  return typesOf(schema).some((type) => type === 'array' || type === 'object');
}

function isExplodedObject({ style, explode, schema }: Parameter): boolean {
  return style === 'form' && explode && typesOf(schema).includes('object');
}

function compound(schema: Cursor | undefined, texts: readonly string[], explode: boolean): unknown {
  if (typesOf(schema).includes('array')) return texts.map((text) => scalar(schema?.get('items'), decode(text)));
  if (explode) return members(schema, texts.map(splitPair));
  if (texts.length % 2 !== 0) throw new WireError(`${texts.join()} is no list of names and values`);
  return members(
    schema,
    texts.flatMap((text, index): [string, string][] => (index % 2 === 0 ? [[text, texts[index + 1]!]] : [])),
  );
}

function members(schema: Cursor | undefined, pairs: readonly (readonly [string, string])[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(([key, value]) => [decode(key), scalar(schema?.get('properties', decode(key)), decode(value))]));
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    throw new WireError(`${raw} is not percent-encoded UTF-8`);
  }
}
