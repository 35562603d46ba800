/**
 * The original document, read and resolved without anything of this repository: operations, parameters and bodies as the
 * YAML says them, and Ajv for their schemas (JSON Schema draft 4 with OpenAPI 3.0's keywords, or 2020-12 for 3.1).
 */

import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvDraft04 from 'ajv-draft-04';
import ajvFormats from 'ajv-formats';
import { parseDocument } from 'yaml';

const FIXTURES = fileURLToPath(new URL('../../../codegen/fixtures/', import.meta.url));
const BASE = 'https://document.example/';
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Who sends a body decides which members may be missing: `readOnly` ones in requests, `writeOnly` ones in answers. */
export type Side = 'request' | 'response';

export type Check = (value: unknown) => string | undefined;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  /** The value is a text of this media type. */
  readonly mediaType: string | undefined;
  readonly schema: Cursor | undefined;
}

export interface Media {
  readonly schema: Cursor | undefined;
  readonly encoding: Readonly<Record<string, { readonly contentType?: string; readonly style?: string; readonly explode?: boolean }>>;
}

export interface Answer {
  readonly status: string;
  readonly media: ReadonlyMap<string, Media>;
}

export interface DocumentOperation {
  /** `GET /pets/{petId}`, or `webhook petArrived`. */
  readonly key: string;
  readonly method: string;
  /** Absent for a webhook. */
  readonly path: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly media: ReadonlyMap<string, Media> } | undefined;
  readonly answers: readonly Answer[];
  /** Alternatives of scheme names that apply together. */
  readonly security: readonly (readonly string[])[] | undefined;
}

/** A place in one of the document's files. */
export class Cursor {
  readonly files: ReadonlyMap<string, unknown>;
  readonly file: string;
  readonly keys: readonly string[];

  constructor(files: ReadonlyMap<string, unknown>, file: string, keys: readonly string[]) {
    this.files = files;
    this.file = file;
    this.keys = keys;
  }

  get value(): unknown {
    return this.keys.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined),
      this.files.get(this.file),
    );
  }

  get uri(): string {
    return `${BASE}${this.file}#${this.keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;
  }

  /** A member, its reference followed; `undefined` where there is none. */
  get(...keys: string[]): Cursor | undefined {
    const found = keys.reduce<Cursor | undefined>((cursor, key) => {
      const next = cursor && new Cursor(cursor.files, cursor.file, [...cursor.keys, key]);
      return next?.value === undefined ? undefined : next.#follow();
    }, this);
    return found;
  }

  text(key: string): string | undefined {
    const value = this.get(key)?.value;
    return value === undefined ? undefined : String(value as string | number | boolean);
  }

  entries(): [string, Cursor][] {
    const { value } = this;
    return typeof value === 'object' && value !== null ? Object.keys(value).map((key) => [key, this.get(key)!]) : [];
  }

  #follow(): Cursor {
    const { value } = this;
    const reference = typeof value === 'object' && value !== null ? (value as { $ref?: unknown }).$ref : undefined;
    if (typeof reference !== 'string') return this;
    const [file, pointer = ''] = reference.split('#') as [string, string?];
    // An anchor is left to Ajv.
    if (pointer !== '' && !pointer.startsWith('/')) return this;
    const target = file === '' ? this.file : posix.join(posix.dirname(this.file), file);
    const keys = pointer
      .split('/')
      .slice(1)
      .map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    return new Cursor(this.files, target, keys).#follow();
  }
}

/** An OpenAPI document of the fixtures. */
export class OriginalDocument {
  readonly operations: readonly DocumentOperation[];
  readonly schemes: Readonly<Record<string, { readonly type: string; readonly scheme?: string; readonly in?: string; readonly name?: string }>>;
  readonly #ajv: Record<Side, Ajv2020 | InstanceType<typeof ajvDraft04.default>>;
  readonly #checks = new Map<string, Check>();

  constructor(name: string) {
    const files = readFiles(name);
    const root = new Cursor(files, name, []);
    const is31 = String(root.text('openapi')).startsWith('3.1');
    const build = (side: Side) => {
      const options = { strict: false, allErrors: true, validateSchema: false, ownProperties: true } as const;
      const ajv = is31 ? new Ajv2020(options) : new ajvDraft04.default(options);
      ajvFormats.default(ajv as Ajv2020);
      for (const [file, content] of files) ajv.addSchema(is31 ? (content as object) : (asJsonSchema(content, side) as object), `${BASE}${file}`);
      return ajv;
    };
    this.#ajv = { request: build('request'), response: build('response') };
    this.schemes = (root.get('components', 'securitySchemes')?.value ?? {}) as typeof this.schemes;
    const everywhere = securityOf(root);
    const paths = (root.get('paths')?.entries() ?? []).map(([path, item]) => [path, item] as const);
    const webhooks = root.get('webhooks')?.entries() ?? [];
    this.operations = [...paths, ...webhooks.map(([name, item]) => [undefined, item, name] as const)].flatMap(([path, item, webhook]) =>
      item
        .entries()
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]): DocumentOperation => {
          const own = parametersOf(operation);
          const inherited = parametersOf(item).filter((parameter) => !own.some((other) => other.name === parameter.name && other.in === parameter.in));
          const body = operation.get('requestBody');
          return {
            key: path === undefined ? `webhook ${webhook}` : `${method.toUpperCase()} ${path}`,
            method: method.toUpperCase(),
            path,
            parameters: [...inherited, ...own],
            body: body && { required: body.text('required') === 'true', media: mediaOf(body) },
            answers: (operation.get('responses')?.entries() ?? []).map(([status, answer]) => ({ status, media: mediaOf(answer) })),
            security: securityOf(operation) ?? everywhere,
          };
        }),
    );
  }

  /** Says what is wrong with a value, if anything. */
  check(side: Side, schema: Cursor | undefined, value: unknown): string | undefined {
    if (schema === undefined) return undefined;
    const key = `${side} ${schema.uri}`;
    let check = this.#checks.get(key);
    if (check === undefined) {
      const ajv = this.#ajv[side];
      const validate = ajv.compile({ $ref: schema.uri });
      check = (candidate) => (validate(candidate) === true ? undefined : ajv.errorsText(validate.errors, { dataVar: 'value' }));
      this.#checks.set(key, check);
    }
    return check(value);
  }

  operation(key: string): DocumentOperation {
    const found = this.operations.find((operation) => operation.key === key);
    if (found === undefined) throw new Error(`The document has no ${key}.`);
    return found;
  }
}

function readFiles(main: string): ReadonlyMap<string, unknown> {
  const files = new Map<string, unknown>();
  const read = (file: string): void => {
    if (files.has(file)) return;
    // One of the files is written so that strict readers refuse it.
    const content: unknown = parseDocument(readFileSync(FIXTURES + file, 'utf8'), { strict: false, logLevel: 'silent' }).toJS();
    files.set(file, content);
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, member] of Object.entries(value)) {
        if (key === '$ref' && typeof member === 'string' && !member.startsWith('#')) read(posix.join(posix.dirname(file), member.split('#', 1)[0]!));
        else visit(member);
      }
    };
    visit(content);
  };
  read(main);
  return files;
}

function parametersOf(owner: Cursor): Parameter[] {
  return (
    (owner.get('parameters')?.entries() ?? [])
      .map(([, parameter]): Parameter => {
        const location = parameter.text('in') as Parameter['in'];
        const style = parameter.text('style') ?? (location === 'query' || location === 'cookie' ? 'form' : 'simple');
        const content = parameter.get('content')?.entries()[0];
        return {
          name: parameter.text('name')!,
          in: location,
          required: parameter.text('required') === 'true',
          style,
          explode: (parameter.text('explode') ?? String(style === 'form')) === 'true',
          allowReserved: parameter.text('allowReserved') === 'true',
          mediaType: content?.[0],
          schema: content === undefined ? parameter.get('schema') : content[1].get('schema'),
        };
      })
      // OpenAPI: header parameters of these names are ignored.
      .filter(({ in: location, name }) => location !== 'header' || !['accept', 'content-type', 'authorization'].includes(name.toLowerCase()))
  );
}

function mediaOf(owner: Cursor): ReadonlyMap<string, Media> {
  return new Map(
    (owner.get('content')?.entries() ?? []).map(([type, media]) => [
      type,
      { schema: media.get('schema'), encoding: (media.get('encoding')?.value ?? {}) as Media['encoding'] },
    ]),
  );
}

function securityOf(owner: Cursor): DocumentOperation['security'] {
  return (owner.get('security')?.value as Record<string, unknown>[] | undefined)?.map((alternative) => Object.keys(alternative));
}

/**
 * What OpenAPI 3.0 says beyond JSON Schema draft 4, said in it: `nullable` (also beside `$ref` and `allOf`, where authors
 * mean it although 3.0.3 would ignore it), `readOnly` and `writeOnly` members that are required on one side only, and the
 * `discriminator`, which tells variants apart that overlap otherwise.
 */
function asJsonSchema(value: unknown, side: Side): unknown {
  if (Array.isArray(value)) return value.map((item) => asJsonSchema(item, side));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: asJsonSchema(member, side), enumerable: true, configurable: true, writable: true });
  }
  const { required, properties, discriminator, oneOf } = value as {
    required?: unknown;
    properties?: Record<string, Record<string, unknown>>;
    discriminator?: { propertyName: string; mapping?: Record<string, string> };
    oneOf?: { $ref: string }[];
  };
  if (Array.isArray(required) && typeof properties === 'object') {
    const kept = required.filter((name: string) => properties[name]?.[side === 'request' ? 'readOnly' : 'writeOnly'] !== true);
    if (kept.length > 0) copy.required = kept;
    else delete copy.required;
  }
  if (discriminator !== undefined && Array.isArray(oneOf)) {
    copy.oneOf = oneOf.map(({ $ref }) => {
      const own = $ref.split('/').at(-1)!;
      const names = Object.entries(discriminator.mapping ?? {}).filter(([, target]) => target === $ref || target === own);
      return {
        allOf: [
          { $ref },
          {
            required: [discriminator.propertyName],
            properties: { [discriminator.propertyName]: { enum: names.length > 0 ? names.map(([name]) => name) : [own] } },
          },
        ],
      };
    });
    delete copy.discriminator;
  }
  if (copy.nullable !== true) return copy;
  delete copy.nullable;
  return { anyOf: [copy, { enum: [null] }] };
}
