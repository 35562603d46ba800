/** What a manifest says is kept before any request. */

import { invalidRequest } from '@asset-clients/runtime';

import type { AnyAdapter, Supports, UploadSupport, Verb } from './contract.ts';

/** The adapters of this package that have a verb; a test compares it with their manifests. */
export const KNOWN_ADAPTERS: Readonly<Record<Verb, readonly string[]>> = {
  get: ['egain', 'files', 'tenovos'],
  download: ['egain', 'egain-attachment', 'files', 'tenovos', 'worldserver'],
  upload: ['egain', 'files', 'worldserver'],
  delete: ['egain', 'files'],
  downloadMany: ['worldserver'],
};

/** Who has a verb, as a sentence: the other adapters of the same `createAssets`, or those of this package. */
export function whoCan(verb: Verb, siblings: Readonly<Record<string, AnyAdapter>>): string {
  const near = Object.entries(siblings).flatMap(([name, { supports }]) => (supports[verb] === false ? [] : [`assets.${name}`]));
  return `${list(near.length > 0 ? near : KNOWN_ADAPTERS[verb])} can.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What is checked of an upload. */
export interface UploadFacts {
  readonly name?: string | undefined;
  readonly size?: number | undefined;
  readonly mediaType?: string | undefined;
  readonly vendorOptions?: unknown;
}

/**
 * Refuses what the manifest rules out.
 *
 * @param extent - `'known'`: only what is known already is checked, before a source is opened for a copy.
 * @throws ApiError of kind `invalid-request` naming the rule.
 */
export function checkUpload(vendor: string, supports: Supports, facts: UploadFacts, extent: 'whole' | 'known'): void {
  const rules = supports.upload as UploadSupport;
  const { name, size, mediaType } = facts;
  const refuse = (message: string, hint = `Correct the argument; nothing was sent to ${vendor}.`): never => {
    throw invalidRequest({ vendor, operation: 'upload', params: { name, size }, message, hint });
  };
  if (extent === 'whole' || name !== undefined) {
    if (typeof name !== 'string') refuse('name must be a file name');
    const { minNameLength: least, maxNameLength: most } = rules;
    const length = [...name!].length;
    if (length < least || length > (most ?? Infinity)) {
      refuse(
        `name has ${length} characters; ${vendor} takes ${most === null ? `at least ${least}` : `${least} to ${most}`}`,
        `Give another name (in a copy: as); nothing was sent to ${vendor}.`,
      );
    }
  }
  if (mediaType !== undefined && !isMediaType(mediaType)) refuse('mediaType must be a media type, for example "image/jpeg"');
  if (size !== undefined && (!Number.isSafeInteger(size) || size < 0)) refuse('size must be a whole number of bytes');
  const { minBytes, maxBytes } = rules;
  if (size === undefined) {
    if (extent === 'whole' && rules.needsSize) {
      refuse(
        `size is missing: ${vendor} must know it before the first byte, and this content does not tell it`,
        'Give size, or content that knows it: bytes, a Blob, a file source, contentOf(stream, { size }).',
      );
    }
  } else if (size < minBytes || size > (maxBytes ?? Infinity)) {
    refuse(
      `the content has ${size} bytes; ${vendor} takes ${maxBytes === null ? `at least ${minBytes}` : `${minBytes} to ${maxBytes}`}`,
      `Nothing was sent to ${vendor}.`,
    );
  }
  checkVendorOptions(vendor, rules, facts.vendorOptions, refuse);
}

/** Whether a text can be sent as a media type. */
export function isMediaType(text: unknown): text is string {
  return typeof text === 'string' && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+ *(?:;[\t\x20-\x7e]*)?$/.test(text);
}

function checkVendorOptions(vendor: string, rules: UploadSupport, given: unknown, refuse: (message: string) => never): void {
  if (given !== undefined && (typeof given !== 'object' || given === null)) refuse('vendorOptions must be an object by vendor');
  const own = (given as Record<string, unknown> | undefined)?.[vendor];
  const leaves = leavesOf(own, '');
  const known = Object.entries(rules.vendorOptions);
  const shown = (path: string): string => `vendorOptions.${vendor}.${path}`;
  for (const [path, { required, type, values }] of known) {
    const value = leaves.get(path);
    if (value === undefined) {
      if (required) refuse(`${shown(path)} is required${values === undefined ? '' : `: one of ${values.join(', ')}`}`);
      continue;
    }
    if (typeof value !== type || value === '') refuse(`${shown(path)} must be a ${type}${type === 'string' ? ' that is not empty' : ''}`);
    if (values !== undefined && !values.includes(value as string)) refuse(`${shown(path)} must be one of ${values.join(', ')}`);
  }
  for (const path of leaves.keys()) {
    if (Object.hasOwn(rules.vendorOptions, path) || leaves.get(path) === undefined) continue;
    const names = known.map(([name]) => name);
    refuse(`${path === '' ? `vendorOptions.${vendor}` : shown(path)} is no option of ${vendor} (it has ${names.length === 0 ? 'none' : names.join(', ')})`);
  }
}

/** Values by their path, `channel.type`. */
function leavesOf(value: unknown, path: string, found: Map<string, unknown> = new Map()): Map<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && path.split('.').length < 8) {
    for (const [name, member] of Object.entries(value)) leavesOf(member, path === '' ? name : `${path}.${name}`, found);
  } else if (value !== undefined || path !== '') {
    found.set(path, value);
  }
  return found;
}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isLimit = (value: unknown): boolean => value === null || isCount(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((member) => typeof member === 'string' && member !== '');

const SHAPES: Readonly<Record<'get' | 'download' | 'upload' | 'vendorOption', Shape>> = {
  get: {
    fills: (value) => isTexts(value) && (value as string[]).every((name) => ['mediaType', 'size', 'updatedAt'].includes(name)),
    metadata: isBoolean,
  },
  download: { forms: (value) => isTexts(value) && (value as string[]).length > 0, tellsSize: isBoolean, notReady: isBoolean },
  upload: {
    minBytes: isCount,
    maxBytes: isLimit,
    needsSize: isBoolean,
    minNameLength: isCount,
    maxNameLength: isLimit,
    keepsName: isBoolean,
    readsBack: isBoolean,
    keepsMediaType: isBoolean,
    createsFirst: isBoolean,
    tellsState: isBoolean,
    sameName: (value) => ['adds', 'replaces', 'refuses'].includes(value as string),
    atomic: isBoolean,
    vendorOptions: (value) =>
      typeof value === 'object' && value !== null && Object.values(value).every((rule) => faultOf(rule, SHAPES.vendorOption, '') === undefined),
  },
  vendorOption: {
    required: isBoolean,
    type: (value) => value === 'string' || value === 'boolean',
    values: (value) => value === undefined || isTexts(value),
  },
};

/** What is wrong with a manifest, in a sentence. */
export function checkManifest(supports: unknown): string | undefined {
  if (typeof supports !== 'object' || supports === null) return 'supports is missing';
  const manifest = supports as Readonly<Record<string, unknown>>;
  for (const verb of Object.keys(KNOWN_ADAPTERS)) if (!Object.hasOwn(manifest, verb)) return `supports.${verb} is missing`;
  for (const [verb, value] of Object.entries(manifest)) {
    if (!Object.hasOwn(KNOWN_ADAPTERS, verb)) return `supports.${verb} is unknown`;
    if (value === false) continue;
    const fault =
      verb === 'delete' || verb === 'downloadMany'
        ? value === true
          ? undefined
          : `supports.${verb} must be true or false`
        : faultOf(value, SHAPES[verb as 'get'], `supports.${verb}`);
    if (fault !== undefined) return fault;
  }
  const { upload } = supports as Supports;
  if (upload !== false && upload.sameName === 'replaces' && upload.tellsState) {
    return "supports.upload.tellsState must be false with sameName 'replaces': what is there may be the former content";
  }
  return undefined;
}

function faultOf(value: unknown, shape: Shape, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return `${path} must be false or an object`;
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(shape, name));
  if (unknown !== undefined) return `${path}.${unknown} is unknown`;
  const wrong = Object.entries(shape).find(([name, fits]) => !fits((value as Record<string, unknown>)[name]));
  return wrong === undefined ? undefined : `${path}.${wrong[0]} is missing or wrong`;
}

/** Freezes plain data to its leaves. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
