/** Writes single values: texts, numbers, booleans and dates. `serialize.ts` has lists, objects and styles. */

import type { ParameterCodec, ParameterDescriptor } from './operation.ts';
import { findScalarViolation } from './scalar-rules.ts';

function pairs({ name }: ParameterDescriptor, value: unknown): string[] {
  return [`${encode(name)}=${encode(scalar(value))}`];
}

/** The codec of a parameter that says no other. */
export const scalarCodec: ParameterCodec = {
  check: findScalarViolation,
  path: (_parameter, value) => checkSegment(encode(scalar(value))),
  query: pairs,
  header: (_parameter, value) => checkHeader(scalar(value)),
  cookie: pairs,
};

/** A value that a style cannot write; the message says why, without the parameter's name. */
export class SerializeError extends Error {}

/** A path segment, encoded; URL parsers resolve some, and the request would reach another resource. */
export function checkSegment(text: string): string {
  if (!/^\.{0,2}$/.test(text)) return text;
  throw new SerializeError(`must not be "${text}": a URL would lead to another path`);
}

/** Whether a header can carry it: no line breaks (they would add headers), no characters beyond Latin-1. */
export function isHeaderText(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- controls are what is looked for
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}

/** Refuses what a header cannot carry. */
export function checkHeader(value: string): string {
  if (isHeaderText(value)) return value.trim();
  throw new SerializeError('must not hold line breaks, control characters or characters beyond Latin-1: it is sent as a header');
}

export function isCompound(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

/** A single value as text. */
export function scalar(value: unknown): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new SerializeError('is an invalid date');
    return value.toISOString();
  }
  if (value === null) return '';
  if (typeof value === 'number' && !Number.isFinite(value)) throw new SerializeError(`must be a finite number, not ${value}`);
  if (typeof value === 'object') throw new SerializeError('holds an object where only a text, number or boolean can be written');
  if (typeof value === 'function' || typeof value === 'symbol') throw new SerializeError(`cannot be a ${typeof value}`);
  return String(value as string | number | boolean | bigint);
}

/** Percent-encoded, all but unreserved characters. */
export function encode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw new SerializeError('is not well-formed Unicode (a lone surrogate)');
  }
}
