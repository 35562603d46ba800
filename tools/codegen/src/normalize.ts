/** From a bundled document to what code is generated from: named schemas and operations in one form, with unique names. */

import type { Bundle } from './bundle.ts';
import { nameFromPath, NameSet, operationName, typeName } from './names.ts';
import { dict, isDict, type Dict, textOf } from './read-document.ts';
import type { RepairKind, Repairs } from './report.ts';
import { anyShape, innerShapes, toShape, type Shape, type ShapeContext } from './shape.ts';

export interface Api {
  readonly title: string;
  /** Component key to its name in code and its shape, in document order. */
  readonly schemas: ReadonlyMap<string, NamedShape>;
  readonly operations: readonly ApiOperation[];
  readonly securitySchemes: ReadonlyMap<string, Dict>;
}

export interface NamedShape {
  readonly name: string;
  shape: Shape;
}

export interface ApiOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly webhook: boolean;
  /** The Operation Object, for its texts and extensions. */
  readonly node: Dict;
  readonly parameters: readonly ApiParameter[];
  readonly body?: ApiBody;
  readonly responses: readonly ApiResponse[];
  readonly security?: readonly Dict[];
  readonly where: string;
}

export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly node: Dict;
  readonly shape: Shape;
  /** The media type in which the value is written. */
  readonly contentType?: string;
}

export interface ApiBody {
  readonly required: boolean;
  readonly description?: string;
  readonly content: readonly ApiMedia[];
}

export interface ApiMedia {
  readonly type: string;
  /** Absent: the document does not say what it looks like. */
  readonly shape?: Shape;
  readonly encoding?: Dict;
}

export interface ApiResponse {
  readonly status: string;
  readonly description?: string;
  readonly content: readonly ApiMedia[];
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
const locations: readonly string[] = ['path', 'query', 'header', 'cookie'];

/**
 * Normalises a document.
 *
 * @param bundle - The bundled document.
 * @param repairs - Receives everything that was read otherwise than written.
 */
export function normalize(bundle: Bundle, repairs: Repairs): Api {
  const { document } = bundle;
  const context: ShapeContext = { old: textOf(document.openapi).startsWith('3.0'), repairs, where: bundle.where };
  const components = document.components as Dict;
  const schemas = namedShapes(components.schemas as Dict, context);
  breakCycles(schemas, components.schemas as Dict, context);

  const operations: ApiOperation[] = [];
  const ids = new NameSet();
  const reader = new OperationReader(bundle, context, schemas, ids);
  for (const [path, item] of Object.entries(document.paths as Dict)) operations.push(...reader.readItem(path, item, false));
  for (const [name, item] of Object.entries((document.webhooks ?? dict()) as Dict)) operations.push(...reader.readItem(name, item, true));
  for (const { id } of operations) renameModel(id, schemas, components.schemas as Dict, ids, context);
  const info = isDict(document.info) ? document.info : dict();
  return {
    title: textOf(info.title ?? bundle.name),
    schemas,
    operations,
    securitySchemes: new Map(Object.entries(components.securitySchemes as Dict).filter((entry): entry is [string, Dict] => isDict(entry[1]))),
  };
}

function namedShapes(nodes: Dict, context: ShapeContext): Map<string, NamedShape> {
  const names = new NameSet();
  const schemas = new Map<string, NamedShape>();
  // Names that need no change go first, so that a repaired name never takes the place of a right one.
  const given = new Map<string, string>();
  for (const key of Object.keys(nodes)) if (typeName(key) === key) given.set(key, names.take(key));
  for (const [key, node] of Object.entries(nodes)) {
    const wanted = typeName(key);
    const name = given.get(key) ?? names.take(wanted);
    if (name !== wanted) context.repairs.add('name', context.where(node), `the schema name "${key}" gives the same type name as another`, `called ${name}`);
    else if (name === `${key}Model`)
      context.repairs.add('name', context.where(node), `the schema name "${key}" is a type that generated code uses`, `called ${name}`);
    schemas.set(key, { name, shape: toShape(node, context) });
  }
  return schemas;
}

/** An operation's name is what callers write, so a type of the same name gives way. */
function renameModel(id: string, schemas: Map<string, NamedShape>, nodes: Dict, ids: NameSet, context: ShapeContext): void {
  for (const [key, named] of schemas) {
    if (named.name !== id) continue;
    const names = new Set([...schemas.values()].map(({ name }) => name));
    let name = `${id}Model`;
    while (names.has(name) || ids.has(name)) name += '_';
    schemas.set(key, { ...named, name });
    context.repairs.add('name', context.where(nodes[key]), `the schema "${key}" has the name of an operation`, `called ${name}`);
  }
}

/** A schema that is itself, with nothing between, has no type: the reference that closes the circle allows everything. */
function breakCycles(schemas: Map<string, NamedShape>, nodes: Dict, context: ShapeContext): void {
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (done.has(key)) return;
    const named = schemas.get(key);
    if (!named) return;
    const walk = (shape: Shape): Shape => {
      if (shape.ref !== undefined) {
        if (shape.ref === key || path.includes(shape.ref)) {
          context.repairs.add('schema', context.where(nodes[key]), `the schema "${key}" contains itself directly`, 'the reference allows everything');
          return anyShape();
        }
        visit(shape.ref, [...path, key]);
        return shape;
      }
      return { ...shape, allOf: shape.allOf.map(walk), anyOf: shape.anyOf.map(walk), oneOf: shape.oneOf.map(walk) };
    };
    named.shape = walk(named.shape);
    done.add(key);
  };
  for (const key of schemas.keys()) visit(key, []);
}

class OperationReader {
  readonly #context: ShapeContext;
  readonly #document: Dict;
  readonly #ids: NameSet;
  readonly #schemas: ReadonlyMap<string, NamedShape>;

  constructor(bundle: Bundle, context: ShapeContext, schemas: ReadonlyMap<string, NamedShape>, ids: NameSet) {
    this.#context = context;
    this.#document = bundle.document;
    this.#schemas = schemas;
    this.#ids = ids;
  }

  readItem(key: string, item: unknown, webhook: boolean): ApiOperation[] {
    if (!isDict(item)) return [];
    const found: ApiOperation[] = [];
    // In document order, like everything else.
    for (const [name, node] of Object.entries(item)) {
      if (methods.includes(name) && isDict(node)) found.push(this.#operation(key, name.toUpperCase(), node, item, webhook));
      if (name === 'additionalOperations' && isDict(node)) {
        for (const [method, operation] of Object.entries(node)) if (isDict(operation)) found.push(this.#operation(key, method, operation, item, webhook));
      }
    }
    return found;
  }

  #operation(key: string, method: string, node: Dict, item: Dict, webhook: boolean): ApiOperation {
    const where = this.#context.where(node);
    const repaired = (kind: RepairKind, what: string, how: string): void => this.#context.repairs.add(kind, where, what, how);
    let path = webhook ? '' : key;
    if (!webhook && !path.startsWith('/')) {
      repaired('document', `the path "${path}" does not begin with "/"`, 'added');
      path = `/${path}`;
    }
    const id = this.#id(node, method, webhook ? `/${key}` : path, webhook ? key : undefined, repaired);
    const all = [...this.#parameters(item), ...this.#parameters(node)];
    const unique = new Map<string, ApiParameter>();
    let body = node.requestBody === undefined ? undefined : this.#body(node.requestBody, repaired);
    for (const parameter of all) {
      const { name } = parameter;
      if (name === undefined || name === null || parameter.in === undefined) {
        repaired('parameter', 'a parameter without "name" or "in"', 'left out');
      } else if (parameter.in === 'body') {
        repaired('parameter', '"in: body" is Swagger 2.0', 'read as requestBody of application/json');
        body ??= { required: parameter.required === true, content: [{ type: 'application/json', shape: toShape(parameter.schema, this.#context) }] };
      } else if (!locations.includes(textOf(parameter.in))) {
        repaired('parameter', `the parameter "${textOf(name)}" is in "${textOf(parameter.in)}"`, 'left out');
      } else {
        const read = this.#parameter(parameter, repaired);
        const identity = `${read.in}:${read.in === 'header' ? read.name.toLowerCase() : read.name}`;
        unique.delete(identity);
        unique.set(identity, read);
      }
    }
    if (!webhook) this.#checkPath(path, unique, repaired);
    const security = node.security ?? this.#document.security;
    return {
      id,
      method,
      path,
      webhook,
      node,
      where,
      parameters: [...unique.values()],
      ...(body ? { body } : {}),
      responses: this.#responses(node, repaired),
      ...(Array.isArray(security) ? { security: security.filter(isDict) } : {}),
    };
  }

  #id(node: Dict, method: string, path: string, webhook: string | undefined, repaired: (kind: RepairKind, what: string, how: string) => void): string {
    const raw = typeof node.operationId === 'string' || typeof node.operationId === 'number' ? textOf(node.operationId).trim() : '';
    const wanted = raw !== '' ? operationName(raw) : webhook !== undefined ? operationName(webhook) : nameFromPath(method, path);
    const id = this.#ids.take(wanted);
    if (raw === '') repaired('operation id', `${method} ${webhook ?? path} has no operationId`, `called ${id}`);
    else if (id !== wanted) repaired('operation id', `the operationId "${raw}" appears more than once`, `called ${id}`);
    else if (id !== raw) repaired('operation id', `the operationId "${raw}" cannot be a method's name`, `called ${id}`);
    return id;
  }

  #parameters(owner: Dict): Dict[] {
    return Array.isArray(owner.parameters) ? owner.parameters.filter(isDict) : [];
  }

  #parameter(node: Dict, repaired: (kind: RepairKind, what: string, how: string) => void): ApiParameter {
    const name = textOf(node.name);
    const place = node.in as ApiParameter['in'];
    const content = isDict(node.content) ? Object.entries(node.content)[0] : undefined;
    let shape: Shape;
    if (content) shape = isDict(content[1]) && content[1].schema !== undefined ? toShape(content[1].schema, this.#context) : anyShape();
    else if (node.schema !== undefined) shape = toShape(node.schema, this.#context);
    else if (node.type !== undefined) {
      repaired('parameter', `the parameter "${name}" has no "schema" but a type of its own`, 'read as its schema');
      const { name: _, in: __, required: ___, description: ____, ...schema } = node;
      shape = toShape(Object.assign(dict(), schema), this.#context);
    } else {
      repaired('parameter', `the parameter "${name}" has neither schema nor content`, 'read as text');
      shape = { ...anyShape(), type: ['string'] };
    }
    if (place === 'path' && node.required !== true) repaired('parameter', `the path parameter "${name}" is not required`, 'read as required');
    if (node['x-secret'] === true) shape.secret = true;
    if (node['x-accept-integer'] === true) shape.acceptInteger = true;
    return { name, in: place, required: node.required === true || place === 'path', node, shape, ...(content ? { contentType: content[0] } : {}) };
  }

  #checkPath(path: string, parameters: Map<string, ApiParameter>, repaired: (kind: RepairKind, what: string, how: string) => void): void {
    const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] as string));
    for (const name of names) {
      if (parameters.has(`path:${name}`)) continue;
      repaired('parameter', `the path has {${name}} but no such parameter is declared`, 'added as text');
      parameters.set(`path:${name}`, { name, in: 'path', required: true, node: dict(), shape: { ...anyShape(), type: ['string'] } });
    }
    for (const [key, parameter] of parameters) {
      if (parameter.in !== 'path' || names.has(parameter.name)) continue;
      repaired('parameter', `the path parameter "${parameter.name}" is not in the path`, 'left out');
      parameters.delete(key);
    }
  }

  #body(node: unknown, repaired: (kind: RepairKind, what: string, how: string) => void): ApiBody | undefined {
    if (!isDict(node)) return undefined;
    const content = this.#content(node.content).map((media) => {
      // A request must say what it sends: ranges of media types cannot be sent.
      if (!media.type.includes('*')) return media;
      const isBytes = media.shape === undefined || this.#isBinary(media.shape);
      const type = isBytes ? 'application/octet-stream' : 'application/json';
      repaired('body', `the request body has the media type "${media.type}"`, `read as ${type}`);
      return { ...media, type };
    });
    if (content.length === 0) {
      repaired('body', 'the request body has no media type', 'read as JSON that may be anything');
      content.push({ type: 'application/json' });
    }
    for (const media of content) if (media.shape === undefined) repaired('body', `the request body ${media.type} has no schema`, 'it may be anything');
    content.sort((a, b) => Number(isJson(b.type)) - Number(isJson(a.type)));
    return {
      required: node.required === true,
      content: uniqueBy(content, (media) => media.type),
      ...(typeof node.description === 'string' ? { description: node.description } : {}),
    };
  }

  #responses(node: Dict, repaired: (kind: RepairKind, what: string, how: string) => void): ApiResponse[] {
    const entries = isDict(node.responses) ? Object.entries(node.responses) : [];
    if (entries.length === 0) repaired('response', 'no answers are documented', 'the answer may be anything');
    const responses: ApiResponse[] = [];
    for (const [raw, response] of entries) {
      const status = /^[1-5][0-9][0-9]$|^default$/.test(raw) ? raw : /^[1-5][xX]{2}$/.test(raw) ? raw.toUpperCase() : undefined;
      if (status === undefined) {
        repaired('response', `"${raw}" is not a status`, 'left out');
        continue;
      }
      const body = isDict(response) ? response : dict();
      responses.push({ status, content: this.#content(body.content), ...(typeof body.description === 'string' ? { description: body.description } : {}) });
    }
    return responses;
  }

  #content(content: unknown): ApiMedia[] {
    if (!isDict(content)) return [];
    return uniqueBy(
      Object.entries(content).map(([type, media]) => {
        const node = isDict(media) ? media : dict();
        return {
          type: type.trim(),
          ...(node.schema === undefined ? {} : { shape: toShape(node.schema, this.#context) }),
          ...(isDict(node.encoding) ? { encoding: node.encoding } : {}),
        };
      }),
      (media) => media.type,
    );
  }

  #isBinary(shape: Shape): boolean {
    return isBinary(resolveShape(shape, this.#schemas));
  }
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [key(item), item])).values()].toReversed();
}

/** Follows a shape that is only a reference. */
export function resolveShape(shape: Shape, schemas: ReadonlyMap<string, NamedShape>): Shape {
  let current = shape;
  for (let hops = 0; current.ref !== undefined && hops < 100; hops++) current = schemas.get(current.ref)?.shape ?? anyShape();
  return current;
}

/** Whether a (resolved) shape is a file. */
export function isBinary(shape: Shape): boolean {
  return shape.format === 'binary' && (shape.type === undefined || shape.type.includes('string'));
}

/** All component keys that can be reached from these shapes. */
export function reachable(from: readonly Shape[], schemas: ReadonlyMap<string, NamedShape>): Set<string> {
  const found = new Set<string>();
  const queue = [...from];
  for (let shape = queue.pop(); shape !== undefined; shape = queue.pop()) {
    queue.push(...innerShapes(shape));
    for (const key of [shape.ref, ...(shape.discriminator?.mapping.values() ?? [])]) {
      const target = key === undefined ? undefined : schemas.get(key);
      if (key === undefined || target === undefined || found.has(key)) continue;
      found.add(key);
      queue.push(target.shape);
    }
  }
  return found;
}

/** Media types, by how their bodies are read and written. */
export function isJson(type: string): boolean {
  return /^(application|text)\/json\b|\+json\b/i.test(type) && !/json-seq|ndjson/i.test(type);
}
