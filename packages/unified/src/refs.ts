/** References as text: for messages, databases and file names. */

import { invalidRequest, type ApiError } from '@asset-clients/runtime';

import type { AssetRef } from './contract.ts';
import { shown } from './options.ts';

const VENDOR = /^[a-z][a-z0-9-]*$/;
const INSTANCE = /^[A-Za-z][A-Za-z0-9_-]*$/;
const SHAPE = '<vendor>[@<instance>]:<segment>(/<segment>)*';
const LONGEST_FILE_NAME = 255;
const HALF_CHARACTER = /\p{Surrogate}/u;

/**
 * Writes a reference as text.
 *
 * @returns `<vendor>[@<instance>]:<segment>(/<segment>)*`; in a segment all but `A-Z a-z 0-9 - . _ ~` is percent-encoded
 *   as UTF-8. Two references have the same text only when they are equal.
 * @throws ApiError of kind `invalid-request` when it is no reference.
 * @example
 * ```ts
 * formatAssetRef({ vendor: 'tenovos', instance: 'dam', segments: ['2dee909b', 'imagePreview'] }); // 'tenovos@dam:2dee909b/imagePreview'
 * ```
 */
export function formatAssetRef(ref: AssetRef): string {
  const { vendor, instance, segments } = checkedRef(ref, 'formatAssetRef');
  return `${vendor}${instance === undefined ? '' : `@${instance}`}:${segments.map((segment) => encode(segment)).join('/')}`;
}

/**
 * Reads what {@link formatAssetRef} wrote, and nothing else: of several spellings of one reference only its own is taken.
 *
 * @throws ApiError of kind `invalid-request` that tells where the text is wrong: `position`, counted from 0; `AssetRefError.is(error)` types it.
 * @example
 * ```ts
 * parseAssetRef('worldserver:task/1234/target'); // { vendor: 'worldserver', segments: ['task', '1234', 'target'] }
 * ```
 */
export function parseAssetRef(text: string): AssetRef {
  const refuse = (position: number, problem: string): never => {
    throw wrongRef('parseAssetRef', text, position, problem);
  };
  if (typeof text !== 'string') throw invalidRequest({ operation: 'parseAssetRef', message: 'a reference is a text', hint: `It is written ${SHAPE}.` });
  const vendor = /^[a-z0-9-]*/.exec(text)![0];
  if (!VENDOR.test(vendor)) refuse(0, 'a vendor is expected: small letters, digits and "-", beginning with a letter');
  let position = vendor.length;
  let instance: string | undefined;
  if (text[position] === '@') {
    instance = /^[A-Za-z0-9_-]*/.exec(text.slice(position + 1))![0];
    if (!INSTANCE.test(instance)) refuse(position + 1, 'the name of an instance is expected: letters, digits, "_" and "-", beginning with a letter');
    position += 1 + instance.length;
  }
  if (text[position] !== ':') refuse(position, instance === undefined ? 'a ":" or "@" is expected after the vendor' : 'a ":" is expected after the instance');
  position += 1;
  const segments: string[] = [];
  for (const written of text.slice(position).split('/')) {
    segments.push(decode(written, (offset, problem) => refuse(position + offset, problem)));
    position += written.length + 1;
  }
  return freezeRef({ vendor, instance, segments });
}

/**
 * Writes a reference as a file name that any file system takes, those that do not tell capitals from small letters
 * included: a capital letter is `^` and the small one, `:` is `=`, `/` is `+`.
 *
 * @throws ApiError of kind `invalid-request` when the name would have more than 255 bytes.
 * @example
 * ```ts
 * refToFileName(dam.ref({ id: '2dee909b', rendition: 'imagePreview' })); // 'tenovos=2dee909b+image^preview'
 * ```
 */
export function refToFileName(ref: AssetRef): string {
  const name = formatAssetRef(ref)
    .replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())
    .replace(':', '=')
    .replaceAll('/', '+')
    .replaceAll(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`)
    // Windows drops a dot at the end.
    .replace(/\.$/, '%2e');
  if (name.length <= LONGEST_FILE_NAME) return name;
  throw invalidRequest({
    operation: 'refToFileName',
    message: `the name would have ${name.length} bytes, and file systems take ${LONGEST_FILE_NAME}`,
    hint: 'Keep the reference as text (formatAssetRef), and name the file otherwise.',
  });
}

/**
 * Reads what {@link refToFileName} wrote, and nothing else.
 *
 * @throws ApiError of kind `invalid-request`.
 */
export function fileNameToRef(name: string): AssetRef {
  const refuse = (): never => {
    throw invalidRequest({
      operation: 'fileNameToRef',
      message: `${typeof name === 'string' ? JSON.stringify(name) : shown(name)} is no file name of a reference`,
      hint: 'It is written by refToFileName().',
    });
  };
  if (typeof name !== 'string') return refuse();
  const text = name
    .replace(/%2e$/, '.')
    .replaceAll(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase())
    .replaceAll(/\^([a-z])/g, (_written, letter: string) => letter.toUpperCase())
    .replaceAll('+', '/')
    .replace('=', ':');
  let ref: AssetRef;
  try {
    ref = parseAssetRef(text);
  } catch {
    return refuse();
  }
  return refToFileName(ref) === name ? ref : refuse();
}

/** Whether a value has the form of a reference. */
export function isAssetRef(value: unknown): value is AssetRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AssetRef>).vendor === 'string' &&
    Array.isArray((value as Partial<AssetRef>).segments)
  );
}

/** A copy of a reference that cannot be changed; `adapter` and other members are left out. */
export function freezeRef({ vendor, instance, segments }: AssetRef): AssetRef {
  return Object.freeze({ vendor, ...(instance === undefined ? {} : { instance }), segments: Object.freeze([...segments]) });
}

/** The reference, when plain JavaScript gave a right one. */
export function checkedRef(ref: AssetRef, operation: string): AssetRef {
  const refuse = (message: string): never => {
    throw invalidRequest({ operation, message, hint: 'A reference is { vendor, instance?, segments }, as adapter.ref() and parseAssetRef() give it.' });
  };
  if (!isAssetRef(ref)) return refuse('this is no reference');
  const { vendor, instance, segments } = ref;
  if (!VENDOR.test(vendor)) refuse(`${JSON.stringify(vendor)} is no vendor of a reference`);
  if (instance !== undefined && !isInstanceName(instance)) refuse(`${JSON.stringify(instance)} is no instance of a reference`);
  if (segments.length === 0) refuse('the reference has no segments');
  for (const [index, segment] of segments.entries()) {
    if (typeof segment !== 'string' || segment === '') refuse(`segment ${index + 1} of the reference is not a text, or empty`);
    if (HALF_CHARACTER.test(segment)) refuse(`segment ${index + 1} of the reference holds half a character (a lone surrogate)`);
  }
  return ref;
}

/** Whether a text can name an instance. */
export function isInstanceName(name: unknown): name is string {
  return typeof name === 'string' && INSTANCE.test(name);
}

/** The error for a text that is wrong at a position. */
export function wrongRef(operation: string, text: string, position: number, problem: string, vendor?: string): ApiError {
  const found = position < text.length ? `, but there is ${JSON.stringify(String.fromCodePoint(text.codePointAt(position)!))}` : ', but the text ends';
  const where = problem.includes(' is expected') ? found : '';
  return invalidRequest({
    vendor,
    operation,
    message: `${JSON.stringify(text)} is wrong at character ${position + 1}: ${problem}${where}`,
    hint: `A reference is written ${SHAPE}.`,
    extra: { position },
  });
}

/** Where a segment of a formatted reference begins. */
export function segmentPosition(ref: AssetRef, index: number): number {
  const before = formatAssetRef({ ...freezeRef(ref), segments: ref.segments.slice(0, index + 1) });
  return before.length - encode(ref.segments[index]!).length;
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @param refuse - Told where in the segment it is wrong: before that it is right. */
function decode(written: string, refuse: (offset: number, problem: string) => never): string {
  if (written === '') return refuse(0, 'a segment is expected');
  let text = '';
  for (let offset = 0; offset < written.length;) {
    const plain = /^[A-Za-z0-9._~-]+/.exec(written.slice(offset, offset + 256))?.[0];
    if (plain !== undefined) {
      text += plain;
      offset += plain.length;
      continue;
    }
    const character = String.fromCodePoint(written.codePointAt(offset)!);
    if (HALF_CHARACTER.test(character)) return refuse(offset, 'half a character (a lone surrogate) cannot be there');
    if (character !== '%') return refuse(offset, `${JSON.stringify(character)} must be written ${encode(character)}`);
    const escape = escapeAt(written, offset);
    if (escape === undefined) return refuse(offset, 'two hexadecimal digits are expected after "%"');
    let decoded: string;
    try {
      decoded = decodeURIComponent(escape);
    } catch {
      return refuse(offset, `${escape} is no UTF-8`);
    }
    if (encode(decoded) !== escape) return refuse(offset, `${escape} must be written ${encode(decoded)}`);
    text += decoded;
    offset += escape.length;
  }
  return text;
}

/** The escapes of one character: as many as the first byte says, or those that are there. */
function escapeAt(written: string, offset: number): string | undefined {
  const [, digits] = /^%([0-9A-Fa-f]{2})/.exec(written.slice(offset, offset + 3)) ?? [];
  if (digits === undefined) return undefined;
  const first = Number.parseInt(digits, 16);
  const bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return /^(?:%[0-9A-Fa-f]{2})+/.exec(written.slice(offset, offset + 3 * bytes))![0];
}
