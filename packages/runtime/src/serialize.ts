/** Writes parameters as OpenAPI's styles say (OpenAPI 3.x, "Style Values"; RFC 6570). */

import type { ParameterCodec, ParameterDescriptor, ParameterStyle, PartEncoding } from './operation.ts';
import { checkHeader, checkSegment, encode, isCompound, scalar, SerializeError } from './scalar-codec.ts';
import { findViolation } from './validate.ts';

/** Lists, objects, and every style: the codec of parameters that are more than one value. */
export const styled: ParameterCodec = {
  check: findViolation,
  path: serializePathValue,
  query: serializeQueryParameter,
  header: serializeHeaderValue,
  cookie: serializeCookie,
};

/** One path value, percent-encoded. */
export function serializePathValue(parameter: ParameterDescriptor, value: unknown): string {
  const explode = parameter.explode ?? false;
  const style = parameter.style ?? 'simple';
  const { name } = parameter;
  if (parameter.contentType !== undefined) return encode(JSON.stringify(value));
  const list = entries(value);
  const encoded = list.map(([key, item]) => [key === undefined ? undefined : encode(key), encode(item)] as const);
  const flat = encoded.flatMap(([key, item]) => (key === undefined ? [item] : [key, item]));
  const pairs = encoded.map(([key, item]) => (key === undefined ? item : `${key}=${item}`));
  let text: string;
  if (style === 'label') {
    if (explode && isCompound(value)) refuseSeparator(list, '.');
    text = `.${(explode ? pairs : flat).join(explode ? '.' : ',')}`;
  } else if (style === 'matrix') {
    // RFC 6570: an empty value has no "=".
    const pair = (key: string, item: string): string => (item === '' ? `;${key}` : `;${key}=${item}`);
    text = explode ? encoded.map(([key, item]) => pair(key ?? encode(name), item)).join('') : pair(encode(name), flat.join(','));
  } else text = (explode ? pairs : flat).join(',');
  return checkSegment(text);
}

/** One query parameter as encoded `name=value` pairs; none for an empty exploded list. */
export function serializeQueryParameter(
  parameter: Pick<ParameterDescriptor, 'name' | 'style' | 'explode' | 'allowReserved' | 'contentType'>,
  value: unknown,
): string[] {
  const style: ParameterStyle = parameter.style ?? 'form';
  const explode = parameter.explode ?? style === 'form';
  const name = encode(parameter.name);
  const write = (text: string): string => (parameter.allowReserved === true ? encodeKeepingReserved(text) : encode(text));
  if (parameter.contentType !== undefined) return [`${name}=${write(JSON.stringify(value))}`];
  if (style === 'deepObject') return deepPairs(parameter.name, value).map(([key, item]) => `${encode(key)}=${write(item)}`);
  const list = entries(value);
  if (!isCompound(value)) return [`${name}=${write(list[0]?.[1] ?? '')}`];
  if (explode) return list.map(([key, item]) => `${key === undefined ? name : encode(key)}=${write(item)}`);
  if (list.length === 0) return [];
  const separator = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
  if (separator !== ',') refuseSeparator(list, decodeURIComponent(separator));
  return [`${name}=${list.flatMap(([key, item]) => (key === undefined ? [write(item)] : [write(key), write(item)])).join(separator)}`];
}

/** One header value; none for an empty list or object. */
export function serializeHeaderValue(parameter: ParameterDescriptor, value: unknown): string | undefined {
  if (parameter.contentType !== undefined) return checkHeader(JSON.stringify(value));
  const explode = parameter.explode ?? false;
  const list = entries(value);
  if (list.length === 0) return undefined;
  if (isCompound(value)) refuseSeparator(list, ',');
  const text = list.map(([key, item]) => (key === undefined ? item : explode ? `${key}=${item}` : `${key},${item}`)).join(',');
  return checkHeader(text);
}

/** One cookie parameter as encoded `name=value` pairs. */
export function serializeCookie(parameter: ParameterDescriptor, value: unknown): string[] {
  return serializeQueryParameter({ ...parameter, style: 'form', explode: parameter.explode ?? !isCompound(value) }, value);
}

/** Members of an `application/x-www-form-urlencoded` body, written like query parameters. */
export function serializeForm(body: Readonly<Record<string, unknown>>, encoding: Readonly<Record<string, PartEncoding>> = {}): string {
  return (
    Object.entries(body)
      .filter(([, value]) => value !== undefined)
      .flatMap(([name, value]) => {
        const rule = encoding[name];
        const nested = rule?.style === undefined && isCompound(value) && entriesAreCompound(value);
        const contentType = rule?.contentType ?? (nested ? 'application/json' : undefined);
        return serializeQueryParameter({ name, ...rule, ...(contentType === undefined ? {} : { contentType }) } as ParameterDescriptor, value);
      })
      // The form media type writes a blank as "+".
      .map((pair) => pair.replaceAll('%20', '+'))
      .join('&')
  );
}

function entriesAreCompound(value: object): boolean {
  return Object.values(value).some(isCompound);
}

/** A value as a list: one unnamed entry for a scalar, unnamed entries for an array, named ones for an object. */
function entries(value: unknown): [string | undefined, string][] {
  if (!isCompound(value)) return [[undefined, scalar(value)]];
  if (Array.isArray(value)) return value.filter((item) => item !== undefined).map((item) => [undefined, scalar(item)]);
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => [key, Array.isArray(item) ? item.map(scalar).join(',') : scalar(item)]);
}

/** Where a separator inside an item looks like one between items, the receiver would read more items than were given. */
function refuseSeparator(list: readonly (readonly [string | undefined, string])[], separator: string): void {
  if (list.some((entry) => entry.some((text) => text?.includes(separator))))
    throw new SerializeError(`holds an item with "${separator}", which separates the items here`);
}

function deepPairs(name: string, value: unknown): [string, string][] {
  if (!isCompound(value)) return [[name, scalar(value)]];
  if (Array.isArray(value)) return value.flatMap((item) => deepPairs(name, item));
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .flatMap(([key, item]) => deepPairs(`${name}[${key}]`, item));
}

/** RFC 3986 reserved characters stay, but for those that would end the value. */
function encodeKeepingReserved(text: string): string {
  return encode(text).replace(/%(?:3A|2F|3F|5B|5D|40|21|24|27|28|29|2A|2C|3B|3D)/g, (escape) => decodeURIComponent(escape));
}
