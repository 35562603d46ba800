/**
 * Joins the files of a document into one object whose only references are `#/components/schemas/<key>`.
 *
 * An own bundler, because the known ones walk by strict types, leave references into `#/paths/...` as they are and fetch
 * from the network. Everything but schemas is put where it is used: only schemas may be recursive, and only they have
 * names in generated code. Examples, links and callbacks are left behind: nothing is generated from them.
 */

import { realpathSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dict, isDict, readSourceFile, type Dict, type SourceFile, textOf } from './read-document.ts';
import { CodegenError, type Repairs } from './report.ts';

/** One document, bundled. */
export interface Bundle {
  /** The file name of the document, as generated code names it. */
  readonly name: string;
  readonly document: Dict;
  /** All files read, the document first. */
  readonly files: readonly SourceFile[];
  /** Where an object of `document` was written: `file:line:column`. */
  where(node: unknown): string;
}

interface Place {
  readonly file: SourceFile;
  readonly keys: readonly string[];
}

interface Found {
  readonly node: unknown;
  readonly place: Place;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/**
 * Reads a document and every file that it refers to.
 *
 * @param path - The document.
 * @param options - `label`: the path as messages show it. `allowFolders`: folders besides the document's own that
 * references may point into.
 * @param repairs - Receives what had to be repaired.
 * @throws CodegenError for a file that cannot be read, a reference that leads nowhere, outside the folders or to the network.
 */
export function bundleDocument(path: string, options: { label: string; allowFolders: readonly string[] }, repairs: Repairs): Bundle {
  return new Bundler(path, options, repairs).run();
}

class Bundler {
  readonly #files = new Map<string, SourceFile>();
  readonly #root: SourceFile;
  readonly #folders: string[];
  readonly #repairs: Repairs;
  readonly #labelFolder: string;
  readonly #origins = new WeakMap<object, Place>();
  readonly #schemas = dict();
  /** Place of a schema to its key in components. */
  readonly #keys = new Map<string, string>();
  readonly #lost: string[] = [];

  constructor(path: string, options: { label: string; allowFolders: readonly string[] }, repairs: Repairs) {
    this.#repairs = repairs;
    const real = realPath(path, options.label);
    this.#labelFolder = dirname(options.label);
    this.#folders = [dirname(real), ...options.allowFolders.map((folder) => realPath(resolve(folder), folder))];
    this.#root = readSourceFile(real, options.label, repairs);
    this.#files.set(real, this.#root);
  }

  run(): Bundle {
    const root = this.#root.data;
    if (!isDict(root))
      throw new CodegenError(`${this.#root.label}:1:1: this is not an OpenAPI document.`, 'Its first lines must contain "openapi: 3.0.3" or the like.');
    this.#checkVersion(root);
    const at: Place = { file: this.#root, keys: [] };
    const out = this.#copy(root, at, ['openapi', 'info', 'security', 'servers', 'tags']);
    const components = this.#child(root, at, 'components');
    const schemas = components && this.#childMap(components.node, components.place, 'schemas');
    // Components get their keys first: a component that is only a reference to a file gives the file's schema its name.
    const pending: [string, Found][] = [];
    if (schemas) {
      for (const [key, node] of Object.entries(schemas.node)) {
        const place = step(schemas.place, key);
        this.#schemas[key] = dict();
        this.#keys.set(idOf(place), key);
        const target = this.#isPureReference(node) ? this.#follow({ node, place }) : undefined;
        if (target && target.place.file !== this.#root && !this.#keys.has(idOf(target.place))) {
          this.#keys.set(idOf(target.place), key);
          pending.push([key, target]);
        } else pending.push([key, { node, place }]);
      }
      for (const [key, found] of pending) this.#schemas[key] = this.#schema(found.node, found.place);
    }
    const securitySchemes = components && this.#childMap(components.node, components.place, 'securitySchemes');
    out.components = Object.assign(dict(), {
      schemas: this.#schemas,
      securitySchemes: securitySchemes ? this.#map(securitySchemes, (found) => this.#securityScheme(found)) : dict(),
    });
    out.paths = this.#mapOf(root, at, 'paths', (found) => this.#pathItem(found)) ?? dict();
    const webhooks = this.#mapOf(root, at, 'webhooks', (found) => this.#pathItem(found));
    if (webhooks) out.webhooks = webhooks;
    if (this.#lost.length > 0) {
      const shown = this.#lost.slice(0, 10).join('\n');
      const rest = this.#lost.length > 10 ? `\n... and ${this.#lost.length - 10} more` : '';
      throw new CodegenError(`${shown}${rest}`, 'Correct the $ref, or add what it points to.');
    }
    return {
      name: basename(this.#root.path),
      document: out,
      files: [...this.#files.values()],
      where: (node) => {
        const place = typeof node === 'object' && node !== null ? this.#origins.get(node) : undefined;
        return place ? place.file.at(place.keys) : this.#root.label;
      },
    };
  }

  #checkVersion(root: Dict): void {
    const where = this.#root.at(['openapi']);
    if (root.swagger !== undefined) {
      throw new CodegenError(
        `${this.#root.at(['swagger'])}: Swagger 2.0 documents are not supported.`,
        'Convert it to OpenAPI 3 first, for example with "npx swagger2openapi".',
      );
    }
    if (typeof root.openapi === 'number') {
      this.#repairs.add('document', where, '"openapi" is a number', 'read as text');
      root.openapi = textOf(root.openapi);
    }
    if (root.openapi === undefined) {
      throw new CodegenError(`${this.#root.label}:1:1: this is not an OpenAPI document: "openapi" is missing.`, 'Add "openapi: 3.0.3" or give another file.');
    }
    if (!/^3(\.\d+)*/.test(textOf(root.openapi))) {
      throw new CodegenError(`${where}: OpenAPI version ${textOf(root.openapi)} is not supported.`, 'Use a document of version 3.0, 3.1 or 3.2.');
    }
    if (!isDict(root.paths) && !isDict(root.webhooks)) {
      throw new CodegenError(`${this.#root.label}:1:1: the document has neither "paths" nor "webhooks".`, 'Add the operations that code is wanted for.');
    }
  }

  #pathItem(found: Found): unknown {
    const { node, place } = this.#resolved(found);
    if (!isDict(node)) return this.#notAn('path item', found);
    const out = this.#copy(
      node,
      place,
      Object.keys(node).filter((key) => key.startsWith('x-') || key === 'summary' || key === 'description'),
    );
    const parameters = this.#list(node, place, 'parameters', (item) => this.#parameter(item));
    if (parameters) out.parameters = parameters;
    for (const method of Object.keys(node).filter((key) => methods.includes(key))) {
      const operation = this.#child(node, place, method);
      if (operation) out[method] = this.#operation(operation);
    }
    const more = this.#child(node, place, 'additionalOperations');
    if (more) out.additionalOperations = this.#map(more, (item) => this.#operation(item));
    return out;
  }

  #operation(found: Found): unknown {
    const { node, place } = this.#resolved(found);
    if (!isDict(node)) return this.#notAn('operation', found);
    const out = this.#copy(
      node,
      place,
      Object.keys(node).filter((key) => !['parameters', 'requestBody', 'responses', 'callbacks', 'servers'].includes(key)),
    );
    const parameters = this.#list(node, place, 'parameters', (item) => this.#parameter(item));
    if (parameters) out.parameters = parameters;
    if (node.requestBody !== undefined && node.requestBody !== null)
      out.requestBody = this.#body({ node: node.requestBody, place: step(place, 'requestBody') });
    const responses = this.#mapOf(node, place, 'responses', (item) => this.#body(item));
    if (responses) out.responses = responses;
    if (isDict(node.callbacks)) this.#repairs.add('document', place.file.at([...place.keys, 'callbacks']), 'callbacks', 'not generated');
    return out;
  }

  #parameter(found: Found): unknown {
    const { node, place } = this.#resolved(found);
    if (!isDict(node)) return this.#notAn('parameter', found);
    const out = this.#copy(
      node,
      place,
      Object.keys(node).filter((key) => !['schema', 'content', 'examples', 'items', '$ref'].includes(key)),
    );
    if (node.schema !== undefined) out.schema = this.#schema(node.schema, step(place, 'schema'));
    if (node.items !== undefined) out.items = this.#schema(node.items, step(place, 'items'));
    const content = this.#content(node, place, undefined);
    if (content) out.content = content;
    return out;
  }

  /** A request body or a response: they differ in nothing that matters here. */
  #body(found: Found): unknown {
    const { node, place } = this.#resolved(found);
    if (!isDict(node)) return this.#notAn('request body or response', found);
    const out = this.#copy(
      node,
      place,
      Object.keys(node).filter((key) => !['content', 'headers', 'links', '$ref'].includes(key)),
    );
    // The inline schema of a shared response becomes a named one, so that it is not repeated in every operation.
    const shared = place !== found.place ? (place.keys.at(-1) ?? fileStem(place.file.path)) : undefined;
    const content = this.#content(node, place, shared);
    if (content) out.content = content;
    return out;
  }

  #content(owner: Dict, place: Place, sharedName: string | undefined): Dict | undefined {
    return this.#mapOf(owner, place, 'content', (found) => {
      const media = this.#resolved(found);
      if (!isDict(media.node)) return found.node === null ? dict() : this.#notAn('media type', found);
      const out = this.#copy(
        media.node,
        media.place,
        ['encoding', 'itemSchema', 'example'].filter((key) => key in (media.node as Dict)),
      );
      const { schema } = media.node;
      if (schema === undefined) return out;
      const at = step(media.place, 'schema');
      const complex = isDict(schema) && ['properties', 'allOf', 'anyOf', 'oneOf'].some((key) => key in schema);
      out.schema =
        sharedName !== undefined && complex && !('$ref' in schema) ? this.#reference({ node: schema, place: at }, sharedName) : this.#schema(schema, at);
      return out;
    });
  }

  #schema(node: unknown, place: Place): unknown {
    if (!isDict(node)) {
      if (typeof node === 'boolean') return node;
      this.#repairs.add('schema', place.file.at(place.keys), 'a schema is not a mapping', 'read as a schema that allows everything');
      return dict();
    }
    const out = dict();
    this.#origins.set(out, place);
    for (const [key, value] of Object.entries(node)) {
      const at = step(place, key);
      switch (key) {
        case '$ref':
        case '$dynamicRef':
          if (typeof value === 'string') {
            const target = this.#target(value, { node, place: at });
            if (target) out.$ref = this.#reference(target, target.place.keys.at(-1) ?? fileStem(target.place.file.path)).$ref;
          } else this.#lost.push(`${at.file.at(at.keys)}: $ref is not a text.`);
          break;
        case 'properties':
        case 'patternProperties':
          if (key === 'properties' && isDict(value) && typeof value.$ref === 'string') this.#propertiesOf(value, at, out);
          else if (isDict(value)) out[key] = this.#map({ node: value, place: at }, (found) => this.#schema(found.node, found.place));
          else if (value !== null) this.#repairs.add('schema', at.file.at(at.keys), `"${key}" is not a mapping`, 'left out');
          break;
        case 'allOf':
        case 'anyOf':
        case 'oneOf':
        case 'prefixItems':
          if (Array.isArray(value))
            out[key] = [...(Array.isArray(out[key]) ? out[key] : []), ...value.map((item, index) => this.#schema(item, step(at, String(index))))];
          else if (isDict(value)) {
            this.#repairs.add('schema', at.file.at(at.keys), `"${key}" is not a list`, 'read as a list of one');
            out[key] = [this.#schema(value, at)];
          } else this.#repairs.add('schema', at.file.at(at.keys), `"${key}" is not a list`, 'left out');
          break;
        case 'items':
          out.items = Array.isArray(value) ? value.map((item, index) => this.#schema(item, step(at, String(index)))) : this.#schema(value, at);
          break;
        case 'additionalProperties':
        case 'unevaluatedProperties':
        case 'additionalItems':
        case 'unevaluatedItems':
        case 'not':
          out[key] = this.#schema(value, at);
          break;
        case 'discriminator':
          out.discriminator = this.#discriminator(value, at);
          break;
        case '$defs':
        case 'definitions':
        case 'examples':
        case 'if':
        case 'then':
        case 'else':
        case 'contains':
        case 'propertyNames':
        case 'contentSchema':
          break;
        default:
          out[key] = value;
      }
    }
    return out;
  }

  /** `properties: { $ref: ... }` is not OpenAPI, but what it means is clear: the members of what it points to. */
  #propertiesOf(value: Dict, place: Place, out: Dict): void {
    const { $ref, ...others } = value;
    const at = step(place, '$ref');
    const target = this.#target(textOf($ref), { node: value, place: at });
    if (!target) return;
    const isSchema =
      isDict(target.node) &&
      ['type', '$ref', 'allOf', 'anyOf', 'oneOf'].some((key) => key in (target.node as Dict)) &&
      typeof (target.node as Dict).type !== 'object';
    this.#repairs.add('reference', at.file.at(at.keys), 'a $ref in the place of "properties"', 'read as the members of what it points to');
    if (isSchema) {
      const part = this.#reference(target, target.place.keys.at(-1) ?? fileStem(target.place.file.path));
      out.allOf = [part, ...(Array.isArray(out.allOf) ? out.allOf : [])];
    }
    const members = isSchema ? others : Object.assign(dict(), target.node, others);
    const from = isSchema ? place : target.place;
    if (Object.keys(members).length > 0)
      out.properties = this.#map({ node: Object.assign(dict(), members), place: from }, (found) => this.#schema(found.node, found.place));
  }

  #discriminator(value: unknown, place: Place): unknown {
    if (typeof value === 'string') {
      this.#repairs.add('schema', place.file.at(place.keys), '"discriminator" is a text', 'read as its propertyName');
      return Object.assign(dict(), { propertyName: value });
    }
    if (!isDict(value)) return undefined;
    const out = Object.assign(dict(), { propertyName: value.propertyName });
    if (!isDict(value.mapping)) return out;
    const mapping = dict();
    for (const [name, target] of Object.entries(value.mapping)) {
      const at = step(step(place, 'mapping'), name);
      const text = textOf(target);
      const byName = step({ file: this.#root, keys: ['components', 'schemas'] }, text);
      if (this.#keys.has(idOf(byName))) mapping[name] = `#/components/schemas/${text}`;
      else {
        const found = this.#target(text, { node: value, place: at });
        if (found) mapping[name] = this.#reference(found, found.place.keys.at(-1) ?? fileStem(found.place.file.path)).$ref;
      }
    }
    out.mapping = mapping;
    return out;
  }

  /** A reference to a schema, which becomes a component if it is none yet. */
  #reference(target: Found, name: string): { $ref: string } {
    let key = this.#keys.get(idOf(target.place));
    // What is only a reference to something else needs no name of its own.
    const end = key === undefined && this.#isPureReference(target.node) ? this.#follow(target) : undefined;
    if (end) return this.#reference(end, end.place.keys.at(-1) ?? fileStem(end.place.file.path));
    const id = idOf(target.place);
    if (key === undefined) {
      key = name;
      for (let n = 2; key in this.#schemas; n++) key = `${name}_${n}`;
      this.#keys.set(id, key);
      this.#schemas[key] = dict();
      this.#schemas[key] = this.#schema(target.node, target.place);
    }
    return Object.assign(dict(), { $ref: `#/components/schemas/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }) as { $ref: string };
  }

  #isPureReference(node: unknown): boolean {
    return isDict(node) && typeof node.$ref === 'string' && Object.keys(node).every((key) => ['$ref', 'description', 'summary', 'title'].includes(key));
  }

  /** The end of a chain of references that are nothing but references. */
  #follow(found: Found): Found | undefined {
    let current = found;
    for (let hops = 0; this.#isPureReference(current.node); hops++) {
      const at = step(current.place, '$ref');
      if (hops > 50) {
        this.#lost.push(`${at.file.at(at.keys)}: this $ref leads back to itself.`);
        return undefined;
      }
      const next = this.#target(textOf((current.node as Dict).$ref), { node: current.node, place: at });
      if (!next) return undefined;
      current = next;
    }
    return current;
  }

  /** Follows the references of an object that is no schema; description and summary beside a `$ref` win. */
  #resolved(found: Found): Found {
    let current = found;
    let overrides: Dict | undefined;
    for (let hops = 0; isDict(current.node) && typeof current.node.$ref === 'string'; hops++) {
      const { $ref, ...siblings } = current.node;
      overrides = Object.assign(dict(), siblings, overrides);
      const at = step(current.place, '$ref');
      if (hops > 50) {
        this.#lost.push(`${at.file.at(at.keys)}: this $ref leads back to itself.`);
        return { node: dict(), place: current.place };
      }
      const next = this.#target($ref as string, { node: current.node, place: at });
      if (!next) return { node: dict(), place: current.place };
      current = next;
    }
    if (overrides === undefined || !isDict(current.node) || Object.keys(overrides).length === 0) return current;
    return { node: Object.assign(dict(), current.node, overrides), place: current.place };
  }

  /** What a `$ref` points to. */
  #target(ref: string, from: Found, depth = 0): Found | undefined {
    const where = (): string => from.place.file.at(from.place.keys);
    if (depth > 50) {
      this.#lost.push(`${where()}: $ref "${ref}" leads back to itself.`);
      return undefined;
    }
    const [, uri = '', fragment = ''] = /^([^#]*)#?(.*)$/s.exec(ref) ?? [];
    const file = this.#fileOf(uri, from.place.file, where);
    if (file === undefined) return undefined;
    if (fragment !== '' && !fragment.startsWith('/')) {
      const keys = findAnchor(file.data, fragment);
      if (keys) return { node: valueAt(file.data, keys), place: { file, keys } };
      this.#lost.push(`${where()}: $ref "${ref}" points to an anchor that does not exist.`);
      return undefined;
    }
    const keys = fragment.split('/').slice(1).map(decodePointer);
    let node = file.data;
    let place: Place = { file, keys: [] };
    for (const key of keys) {
      // A pointer may lead through another reference.
      if (isDict(node) && typeof node.$ref === 'string' && !(key in node)) {
        const through = this.#target(node.$ref, { node, place: step(place, '$ref') }, depth + 1);
        if (!through) return undefined;
        ({ node, place } = through);
      }
      node = isDict(node) || Array.isArray(node) ? (node as Dict)[key] : undefined;
      place = step(place, key);
      if (node === undefined) {
        this.#lost.push(`${where()}: $ref "${ref}" points to nothing: ${file.label} has no ${keys.join('/')}.`);
        return undefined;
      }
    }
    return { node, place };
  }

  #fileOf(uri: string, from: SourceFile, where: () => string): SourceFile | undefined {
    if (uri === '') return from;
    if (/^(?!file:)[a-z][a-z0-9+.-]+:|^\/\//i.test(uri)) {
      if (isDict(from.data) && from.data.$id === uri) return from;
      this.#lost.push(`${where()}: $ref to ${uri}: references to the network are never fetched; save that file beside the document and refer to it there.`);
      return undefined;
    }
    let path: string;
    try {
      path = uri.startsWith('file:') ? fileURLToPath(uri) : resolve(dirname(from.path), decodeURIComponent(uri));
    } catch {
      this.#lost.push(`${where()}: $ref "${uri}" is not a usable path.`);
      return undefined;
    }
    const label = this.#label(path);
    // Refused before looking whether it exists: the answer must not tell about files elsewhere.
    let real = path;
    if (this.#isAllowed(path)) {
      try {
        real = realpathSync(path);
      } catch {
        this.#lost.push(`${where()}: $ref to a file that does not exist: ${label}.`);
        return undefined;
      }
    }
    if (!this.#isAllowed(real)) {
      this.#lost.push(`${where()}: $ref to ${uri}, which is outside the document's folder; move it there, or allow its folder with --allow-folder <folder>.`);
      return undefined;
    }
    let file = this.#files.get(real);
    if (file === undefined) {
      file = readSourceFile(real, label, this.#repairs);
      this.#files.set(real, file);
    }
    return file;
  }

  #isAllowed(path: string): boolean {
    return this.#folders.some((folder) => {
      const way = relative(folder, path);
      return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    });
  }

  #label(path: string): string {
    return join(this.#labelFolder, relative(dirname(this.#root.path), path))
      .split(sep)
      .join('/');
  }

  #notAn(kind: string, found: Found): unknown {
    if (found.node === null) {
      this.#repairs.add('document', found.place.file.at(found.place.keys), `an empty ${kind}`, 'read as if it had no members');
      return dict();
    }
    throw new CodegenError(`${found.place.file.at(found.place.keys)}: this is not a ${kind}.`, 'It must be a mapping: check the indentation.');
  }

  #securityScheme(found: Found): unknown {
    const { node, place } = this.#resolved(found);
    if (!isDict(node)) {
      this.#repairs.add('security', found.place.file.at(found.place.keys), 'a security scheme that is not a mapping', 'left out');
      return undefined;
    }
    return this.#copy(node, place, Object.keys(node));
  }

  #copy(node: Dict, place: Place, keys: readonly string[]): Dict {
    const out = dict();
    for (const key of keys) if (node[key] !== undefined) out[key] = node[key];
    this.#origins.set(out, place);
    return out;
  }

  #child(node: unknown, place: Place, key: string): { node: Dict; place: Place } | undefined {
    const value = isDict(node) ? node[key] : undefined;
    if (value === undefined || value === null) return undefined;
    if (isDict(value)) return { node: value, place: step(place, key) };
    throw new CodegenError(`${place.file.at([...place.keys, key])}: "${key}" must be a mapping.`, 'Check the indentation.');
  }

  /** A mapping that may be written in another file as a whole. */
  #childMap(node: Dict, place: Place, key: string): { node: Dict; place: Place } | undefined {
    const found = this.#child(node, place, key);
    if (!found) return undefined;
    const resolved = this.#resolved(found);
    return isDict(resolved.node) ? { node: resolved.node, place: resolved.place } : undefined;
  }

  #map(found: { node: Dict; place: Place }, convert: (found: Found) => unknown): Dict {
    const out = dict();
    this.#origins.set(out, found.place);
    for (const [key, node] of Object.entries(found.node)) {
      const converted = convert({ node, place: step(found.place, key) });
      if (converted !== undefined) out[key] = converted;
    }
    return out;
  }

  #mapOf(node: Dict, place: Place, key: string, convert: (found: Found) => unknown): Dict | undefined {
    const found = this.#childMap(node, place, key);
    return found && this.#map({ node: withoutExtensions(found.node, key), place: found.place }, convert);
  }

  #list(node: Dict, place: Place, key: string, convert: (found: Found) => unknown): unknown[] | undefined {
    const value = node[key];
    if (value === undefined || value === null) return undefined;
    const at = step(place, key);
    if (!Array.isArray(value)) throw new CodegenError(`${at.file.at(at.keys)}: "${key}" must be a list.`, 'Write each item on its own line after "- ".');
    return value.filter((item) => item !== null).map((item: unknown, index) => convert({ node: item, place: step(at, String(index)) }));
  }
}

/** `paths` and `responses` may carry extensions beside their members. */
function withoutExtensions(node: Dict, key: string): Dict {
  if (key === 'content') return node;
  const out = dict();
  for (const [name, value] of Object.entries(node)) if (!name.startsWith('x-')) out[name] = value;
  return out;
}

const step = (place: Place, key: string): Place => ({ file: place.file, keys: [...place.keys, key] });
const idOf = (place: Place): string => `${place.file.path}#${JSON.stringify(place.keys)}`;
const fileStem = (path: string): string => basename(path, extname(path));

function decodePointer(segment: string): string {
  let text = segment;
  try {
    text = decodeURIComponent(segment);
  } catch {
    // A lone percent sign: taken as it is.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function valueAt(data: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => (isDict(node) || Array.isArray(node) ? (node as Dict)[key] : undefined), data);
}

function findAnchor(node: unknown, anchor: string, keys: readonly string[] = []): readonly string[] | undefined {
  if (isDict(node) && (node.$anchor === anchor || node.$dynamicAnchor === anchor)) return keys;
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [key, value] of Object.entries(node)) {
    const found = findAnchor(value, anchor, [...keys, key]);
    if (found) return found;
  }
  return undefined;
}

function realPath(path: string, label: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new CodegenError(`${label}: there is no such file or folder.`, 'Check the path.');
  }
}
