/**
 * Everything that the templates print, computed from the normalised document.
 *
 * The generator loses or flattens much of what generated code must say (security AND/OR, media types per status, patterns,
 * compositions). So these facts travel through it as `x-facts` extensions, and the templates print them.
 */

import { literal, objectLiteral, quote } from './literal.ts';
import { constantName, NameSet, operationTypeName } from './names.ts';
import { isBinary, isJson, reachable, resolveShape, type Api, type ApiMedia, type ApiOperation, type ApiParameter, type ApiResponse } from './normalize.ts';
import { isDict, type Dict, textOf } from './read-document.ts';
import type { Repairs } from './report.ts';
import { SchemaPrinter, type ConstantFact } from './schema-printer.ts';
import { innerShapes, type Shape } from './shape.ts';
import { commentLines } from './literal.ts';
import { memberDoc, orUndefined, TypePrinter, type MemberFact } from './type-printer.ts';

/** A doc comment, made harmless: `lines` when it has several. */
export interface DocFact {
  readonly line?: string;
  readonly lines?: readonly string[];
}

/** A member of an interface, as templates print it. */
export type PrintedMember = Omit<MemberFact, 'doc'> & { readonly doc: DocFact };

/** A type of models.ts: an interface (`members`) or an alias (`type`). */
export interface ModelFact {
  readonly name: string;
  readonly doc: DocFact;
  readonly isInterface: boolean;
  readonly members: readonly PrintedMember[];
  /** The type of members that are not listed. */
  readonly index?: string;
  readonly type?: string;
}

/** An interface that belongs to an operation. */
export interface InterfaceFact {
  readonly name: string;
  readonly doc: DocFact;
  readonly members: readonly PrintedMember[];
}

/** One operation of operations.ts. Members that hold code are expressions, ready to print. */
export interface OperationFact {
  readonly id: string;
  readonly doc: DocFact;
  readonly interfaces: readonly InterfaceFact[];
  /** The type arguments of `Operation`. */
  readonly typeArguments: string;
  /** The members of the descriptor in their order. */
  readonly descriptor: readonly { readonly key: string; readonly code: string }[];
  readonly webhook: boolean;
}

/** What the top of operations.ts and index.ts need. */
export interface FileFacts {
  readonly notice: string;
  readonly title: readonly string[];
  readonly runtimeTypes: string;
  readonly runtimeValues: string;
  readonly modelTypes: string;
  readonly constants: readonly ConstantFact[];
  readonly operations: readonly Pick<OperationFact, 'id' | 'doc'>[];
  readonly webhooks: readonly Pick<OperationFact, 'id' | 'doc'>[];
  /** The name of the type of all operations; no model has it. */
  readonly operationsType: string;
  readonly webhooksType: string;
  readonly hasModels: boolean;
  readonly hasOperations: boolean;
  readonly hasWebhooks: boolean;
}

export interface Facts {
  readonly file: FileFacts;
  readonly models: readonly ModelFact[];
  readonly operations: readonly OperationFact[];
}

/**
 * Computes the facts of a document.
 *
 * @param api - The normalised document.
 * @param documentName - The file name that generated code names.
 * @param repairs - Receives what could not be expressed.
 */
export function computeFacts(api: Api, documentName: string, repairs: Repairs): Facts {
  return new FactBuilder(api, repairs).build(documentName);
}

class FactBuilder {
  readonly #api: Api;
  readonly #repairs: Repairs;
  readonly #usedModels = new Set<string>();
  readonly #typeNames = new NameSet();
  readonly #valueNames = new NameSet();
  readonly #schemas: SchemaPrinter;
  readonly #requestTypes: TypePrinter;
  readonly #responseTypes: TypePrinter;
  readonly #schemes = new Map<string, ConstantFact>();
  readonly #imports = new Set<string>(['Operation']);

  constructor(api: Api, repairs: Repairs) {
    this.#api = api;
    this.#repairs = repairs;
    for (const { name } of api.schemas.values()) this.#typeNames.take(name);
    for (const { id } of api.operations) this.#valueNames.take(id);
    for (const name of ['operations', 'webhooks', ...CODECS]) this.#valueNames.take(name);
    this.#schemas = new SchemaPrinter(api.schemas, this.#valueNames);
    this.#requestTypes = new TypePrinter(api.schemas, 'request', this.#usedModels);
    this.#responseTypes = new TypePrinter(api.schemas, 'response', this.#usedModels);
  }

  build(documentName: string): Facts {
    const operations = this.#api.operations.map((operation) => this.#operation(operation));
    const constants = [...this.#schemes.values(), ...this.#schemas.constants()];
    const used = typesIn(operations.flatMap((operation) => operation.interfaces.flatMap((face) => face.members.map((member) => member.type))).join('\n'));
    for (const type of ['Content', 'BinaryBody', 'FilePart']) if (used.has(type)) this.#imports.add(type);
    for (const { type } of constants) this.#imports.add(type);
    const descriptors = operations.flatMap((operation) => operation.descriptor);
    const values = CODECS.filter((name) => descriptors.some(({ code }) => code === name || new RegExp(`\\b(?:encode|codec): ${name}\\b`).test(code)));
    const usedModels = [...this.#usedModels].filter((name) => used.has(name)).toSorted();
    const models = this.#models();
    const all = operations.map(({ id, doc }) => ({ id, doc }));
    const webhooks = all.filter((_fact, index) => operations[index]!.webhook);
    return {
      models,
      operations,
      file: {
        notice: `Generated by @asset-clients/codegen from ${commentLines(documentName).join(' ')}. Do not edit: change the document or the templates, and generate again.`,
        title: commentLines(this.#api.title),
        runtimeTypes: [...this.#imports].toSorted().join(', '),
        runtimeValues: values.join(', '),
        modelTypes: usedModels.join(', '),
        constants,
        operations: all,
        webhooks,
        operationsType: this.#typeNames.take('Operations'),
        webhooksType: this.#typeNames.take('Webhooks'),
        hasModels: models.length > 0,
        hasOperations: operations.length > 0,
        hasWebhooks: webhooks.length > 0,
      },
    };
  }

  #models(): ModelFact[] {
    const requested = reachable(this.#api.operations.flatMap(requestShapes), this.#api.schemas);
    return [...this.#api.schemas].map(([key, { name, shape }]) => {
      const printer = new TypePrinter(this.#api.schemas, requested.has(key) ? 'request' : 'response', new Set());
      const doc = docFact(memberDoc(shape, shape));
      const object = printer.members(shape);
      if (!object) return { name, doc, isInterface: false, members: [], type: printer.type(shape) };
      return { name, doc, isInterface: true, members: object.members.map(printedMember), ...(object.index === undefined ? {} : { index: object.index }) };
    });
  }

  #operation(operation: ApiOperation): OperationFact {
    const { id, node } = operation;
    const typePrefix = operationTypeName(id);
    const interfaces: InterfaceFact[] = [];
    const descriptor: { key: string; code: string }[] = [
      { key: 'id', code: quote(id) },
      { key: 'method', code: quote(operation.method) },
      { key: 'path', code: quote(operation.path) },
    ];
    const add = (key: string, code: string | undefined): void => {
      if (code !== undefined) descriptor.push({ key, code });
    };
    const addInterface = (suffix: string, doc: string, members: readonly MemberFact[]): string => {
      const name = this.#typeNames.take(`${typePrefix}${suffix}`);
      interfaces.push({ name, doc: docFact([doc]), members: members.map(printedMember) });
      return name;
    };

    const { parameters, headers } = this.#split(operation);
    const members = parameters.map(({ parameter, key }) => this.#parameterMember(parameter, key));
    add('parameters', parameters.length === 0 ? undefined : `[${parameters.map(({ parameter, key }) => this.#parameter(parameter, key)).join(', ')}]`);
    if (operation.body) {
      members.push(this.#bodyMember(operation.body));
      add('body', this.#body(operation.body));
    }
    const paramsType = members.length === 0 ? 'Record<string, never>' : addInterface('Params', `What {@link ${id}} takes.`, members);

    const responses = operation.responses.map((response) => this.#response(response));
    add('responses', objectLiteral(operation.responses.map((response) => [response.status, literal(response.content.map((media) => media.type))])));
    if (operation.responses.some((response) => response.content.some((media) => this.#isContent(media)))) add('binary', 'binary');
    if (this.#isStructured(operation)) add('structured', 'true');
    if (this.#successes(operation).some((media) => media.shape && this.#holdsSecret(media.shape))) add('secretAnswer', 'true');
    if (headers.length > 0) add('headers', objectLiteral(headers.map(([name, value]) => [name, quote(value)])));
    add('security', this.#security(operation));
    if (operation.webhook) add('webhook', 'true');
    if (responses.length === 0) responses.push({ doc: ['Not documented.'], key: 'default', optional: false, type: 'unknown' });
    const typeArguments = [paramsType, addInterface('Responses', `What {@link ${id}} answers, by status.`, responses)];
    const accepts = this.#accepts(operation);
    if (accepts.length > 0) typeArguments.push(addInterface('Accepts', `What {@link ${id}} answers, by the media type asked for.`, accepts));
    return { id, doc: operationDoc(operation, node), interfaces, typeArguments: typeArguments.join(', '), descriptor, webhook: operation.webhook };
  }

  /** Parameters with their keys in the call's argument, and what is a fixed header instead. */
  #split(operation: ApiOperation): { parameters: { parameter: ApiParameter; key: string }[]; headers: [string, string][] } {
    const headers: [string, string][] = [];
    const required = operation.node['x-required-headers'];
    if (isDict(required)) for (const [name, value] of Object.entries(required)) if (typeof value === 'string') headers.push([name, value]);
    const parameters: { parameter: ApiParameter; key: string }[] = [];
    const taken = new Set(operation.body ? ['body'] : []);
    for (const place of ['path', 'query', 'header', 'cookie'] as const) {
      for (const parameter of operation.parameters) {
        if (parameter.in !== place) continue;
        // Of a request with a body its media type says the content type.
        const isContentType = place === 'header' && /^content-type$/i.test(parameter.name);
        if (place === 'header' && (/^(accept|authorization)$/i.test(parameter.name) || (isContentType && operation.body))) continue;
        if (this.#isCredential(operation, parameter)) continue;
        const values = resolveShape(parameter.shape, this.#api.schemas).enum;
        if (isContentType && (!parameter.required || values?.length !== 1)) continue;
        if (place === 'header' && parameter.required && values?.length === 1) {
          if (!headers.some(([name]) => name.toLowerCase() === parameter.name.toLowerCase())) headers.push([parameter.name, textOf(values[0])]);
          continue;
        }
        const key = taken.has(parameter.name) ? `${place}:${parameter.name}` : parameter.name;
        taken.add(key);
        parameters.push({ parameter, key });
      }
    }
    return { parameters, headers };
  }

  /** Whether a security scheme of the operation already sends this parameter. */
  #isCredential(operation: ApiOperation, parameter: ApiParameter): boolean {
    const names = (operation.security ?? []).flatMap((alternative) => Object.keys(alternative));
    return names.some((name) => {
      const scheme = this.#api.securitySchemes.get(name);
      if (scheme?.type !== 'apiKey' || scheme.in !== parameter.in) return false;
      const [wanted, given] = [textOf(scheme.name), parameter.name];
      return parameter.in === 'header' ? wanted.toLowerCase() === given.toLowerCase() : wanted === given;
    });
  }

  /** The value that is sent when a required parameter is left out. */
  #default(parameter: ApiParameter): unknown {
    if (!parameter.required || parameter.in === 'path') return undefined;
    const resolved = resolveShape(parameter.shape, this.#api.schemas);
    const single = resolved.enum?.length === 1 && resolved.enum[0] !== null ? resolved.enum[0] : undefined;
    return parameter.shape.default ?? resolved.default ?? single;
  }

  #parameterMember(parameter: ApiParameter, key: string): MemberFact {
    const resolved = resolveShape(parameter.shape, this.#api.schemas);
    const type = this.#requestTypes.type(parameter.shape);
    const optional = !parameter.required || this.#default(parameter) !== undefined || isCredentialHeader(parameter);
    return {
      doc: memberDoc(parameter.shape, resolved, parameter.node),
      key: key === parameter.name ? keyCode(key) : quote(key),
      optional,
      type: optional ? orUndefined(type, key) : type,
    };
  }

  #parameter(parameter: ApiParameter, key: string): string {
    const { node } = parameter;
    const members: [string, string][] = [
      ['name', quote(parameter.name)],
      ['in', quote(parameter.in)],
    ];
    if (key !== parameter.name) members.push(['key', quote(key)]);
    if (parameter.required) members.push(['required', 'true']);
    if (isCredentialHeader(parameter)) members.push(['credential', 'true']);
    const usual = parameter.in === 'path' || parameter.in === 'header' ? 'simple' : 'form';
    const styles = ['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'];
    const style = typeof node.style === 'string' && styles.includes(node.style) ? node.style : usual;
    if (style !== usual) members.push(['style', quote(style)]);
    if (typeof node.explode === 'boolean' && node.explode !== (style === 'form')) members.push(['explode', textOf(node.explode)]);
    if (node.allowReserved === true) members.push(['allowReserved', 'true']);
    if (parameter.contentType !== undefined) members.push(['contentType', quote(parameter.contentType)]);
    const fallback = this.#default(parameter);
    const schema = this.#schemas.schema(fallback === undefined ? parameter.shape : { ...parameter.shape, default: fallback }, fallback !== undefined);
    const isPlain = members.every(([name]) => !['style', 'explode', 'allowReserved', 'contentType'].includes(name));
    if (!isPlain || !this.#isSingleValue(parameter.shape) || /\ballOf:/.test(schema ?? '')) members.push(['codec', 'styled']);
    if (schema !== undefined) members.push(['schema', schema]);
    return objectLiteral(members);
  }

  /** Whether every value is a text, a number or a boolean: lists, objects and combinations need more code. */
  #isSingleValue(shape: Shape, depth = 0): boolean {
    const target = shape.ref === undefined ? undefined : this.#api.schemas.get(shape.ref)?.shape;
    if (target !== undefined) return depth < 20 && this.#isSingleValue(target, depth + 1);
    const isCombined = shape.allOf.length + shape.anyOf.length + shape.oneOf.length > 0 || shape.not !== undefined || isBinary(shape);
    return !isCombined && shape.type !== undefined && !shape.type.some((type) => type === 'array' || type === 'object');
  }

  #bodyMember(body: NonNullable<ApiOperation['body']>): MemberFact {
    const types = [...new Set(body.content.map((media) => this.#requestType(media)))];
    const type = types.includes('unknown') ? 'unknown' : types.length === 1 ? (types[0] as string) : types.map((code) => `(${code})`).join(' | ');
    return {
      doc: body.description === undefined ? [] : [body.description],
      key: 'body',
      optional: !body.required,
      type: body.required ? type : orUndefined(type),
    };
  }

  #requestType(media: ApiMedia): string {
    const kind = kindOf(media.type);
    if (kind === 'multipart') return this.#requestTypes.multipartType(media.shape);
    if (kind === 'form') return media.shape ? this.#requestTypes.type(media.shape) : 'Record<string, unknown>';
    if (media.shape && isBinary(resolveShape(media.shape, this.#api.schemas))) return 'BinaryBody';
    if (kind === 'json') return this.#requestTypes.type(media.shape);
    return kind === 'text' || kind === 'xml' ? 'string' : 'BinaryBody';
  }

  #body(body: NonNullable<ApiOperation['body']>): string {
    const members: [string, string][] = body.required ? [['required', 'true']] : [];
    members.push(['content', objectLiteral(body.content.map((media) => [media.type, this.#bodyContent(media)]))]);
    return objectLiteral(members);
  }

  #bodyContent(media: ApiMedia): string {
    const kind = kindOf(media.type);
    const members: [string, string][] = [];
    if (media.shape) {
      const isFile = isBinary(resolveShape(media.shape, this.#api.schemas));
      let schema: string | undefined;
      if (kind === 'multipart') schema = this.#schemas.multipartSchema(media.shape);
      else if ((kind === 'json' && !isFile) || kind === 'form') schema = this.#schemas.schema(media.shape);
      // Text is checked when the schema is about text; XML and bytes are passed on as they are.
      else if (kind === 'text' && resolveShape(media.shape, this.#api.schemas).type?.join() === 'string') schema = this.#schemas.schema(media.shape);
      if (schema !== undefined) members.push(['schema', schema]);
    }
    members.push(['encode', kind === 'multipart' || kind === 'form' || kind === 'json' ? kind : 'raw']);
    if (kind === 'multipart' || kind === 'form') {
      const encoding = Object.entries(media.encoding ?? {}).filter((entry): entry is [string, Dict] => isDict(entry[1]));
      const parts = encoding.map(([name, part]): [string, string] => [name, encodingOf(part)]).filter(([, code]) => code !== '{}');
      if (parts.length > 0) members.push(['encoding', objectLiteral(parts)]);
    }
    return objectLiteral(members);
  }

  #response(response: ApiResponse): MemberFact {
    const media = response.content.find((candidate) => isJson(candidate.type)) ?? response.content[0];
    const type = media ? this.#responseType(media) : 'undefined';
    return { doc: response.description === undefined ? [] : [response.description.trim()], key: quote(response.status), optional: false, type };
  }

  #responseType(media: ApiMedia): string {
    if (this.#isContent(media)) return 'Content';
    const kind = kindOf(media.type);
    return kind === 'json' || media.type.includes('*') ? this.#responseTypes.type(media.shape) : 'string';
  }

  /** The media types of all success answers. */
  #successes(operation: ApiOperation): ApiMedia[] {
    return operation.responses.filter(({ status }) => status.startsWith('2')).flatMap(({ content }) => content);
  }

  /** Whether all success answers in JSON are objects or arrays. */
  #isStructured(operation: ApiOperation): boolean {
    const types = this.#successes(operation)
      .filter((media) => kindOf(media.type) === 'json')
      .map((media) => (media.shape ? resolveShape(media.shape, this.#api.schemas).type : undefined));
    return types.length > 0 && types.every((type) => type?.length === 1 && (type[0] === 'object' || type[0] === 'array'));
  }

  /** Whether a secret is somewhere in a value of this shape. */
  #holdsSecret(shape: Shape, depth = 0): boolean {
    if (depth > 5) return false;
    const resolved = resolveShape(shape, this.#api.schemas);
    // Signatures of URLs are recognised in any text.
    const isSecret = resolved.secret === true && resolved.format !== 'uri';
    return isSecret || innerShapes(resolved).some((inner) => this.#holdsSecret(inner, depth + 1));
  }

  /** Whether an answer is handed out as `Content`. */
  #isContent(media: ApiMedia): boolean {
    const resolved = media.shape ? resolveShape(media.shape, this.#api.schemas) : undefined;
    if (resolved && isBinary(resolved)) return true;
    if (media.type.includes('*')) return resolved === undefined;
    return ['bytes', 'multipart'].includes(kindOf(media.type));
  }

  #accepts(operation: ApiOperation): MemberFact[] {
    const types = new Map<string, Set<string>>();
    for (const response of operation.responses) {
      if (!response.status.startsWith('2')) continue;
      for (const media of response.content) types.set(media.type, (types.get(media.type) ?? new Set()).add(this.#responseType(media)));
    }
    if (types.size < 2) return [];
    return [...types].map(([type, codes]) => ({ doc: [], key: quote(type), optional: false, type: [...codes].join(' | ') }));
  }

  #security(operation: ApiOperation): string | undefined {
    if (operation.security === undefined) return undefined;
    const alternatives: string[] = [];
    for (const alternative of operation.security) {
      const names = Object.keys(alternative);
      const known = names.filter((name) => this.#api.securitySchemes.has(name));
      if (known.length < names.length) {
        const missing = names.filter((name) => !known.includes(name)).join(', ');
        this.#repairs.add('security', operation.where, `the security scheme ${missing} is not declared`, 'this alternative is left out');
      } else alternatives.push(`[${known.map((name) => this.#scheme(name)).join(', ')}]`);
    }
    if (alternatives.length === 0 && operation.security.length > 0) return undefined;
    // Alternatives that differ by scopes only are the same to a caller.
    return `[${[...new Set(alternatives)].join(', ')}]`;
  }

  #scheme(name: string): string {
    const known = this.#schemes.get(name);
    if (known) return known.name;
    const node = this.#api.securitySchemes.get(name) as Dict;
    const members: [string, string][] = [['name', quote(name)]];
    const type = textOf(node.type);
    if (type === 'apiKey') members.push(['type', '"apiKey"'], ['in', quote(textOf(node.in))], ['parameter', quote(textOf(node.name))]);
    else if (type === 'oauth2' || type === 'openIdConnect' || type === 'mutualTLS') {
      members.push(['type', quote(type)]);
      const flows = isDict(node.flows) ? Object.values(node.flows) : [];
      const scopes = flows.flatMap((flow) => (isDict(flow) && isDict(flow.scopes) ? Object.keys(flow.scopes) : []));
      if (scopes.length > 0) members.push(['scopes', literal([...new Set(scopes)])]);
    } else members.push(['type', '"http"'], ['scheme', quote(textOf(node.scheme ?? 'bearer').toLowerCase())]);
    const constant = { name: this.#valueNames.take(constantName(name)), type: 'SecurityScheme', value: objectLiteral(members) };
    this.#schemes.set(name, constant);
    return constant.name;
  }
}

function requestShapes(operation: ApiOperation): Shape[] {
  return [
    ...operation.parameters.map((parameter) => parameter.shape),
    ...(operation.body?.content ?? []).flatMap((media) => (media.shape ? [media.shape] : [])),
  ];
}

/** The names of types in printed types: not what is in comments, strings or member names. An unused import is an error. */
function typesIn(code: string): Set<string> {
  const tokens = code.matchAll(/\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|([\p{ID_Start}_$][\p{ID_Continue}$]*)(?!\??:|[\p{ID_Continue}$])/gu);
  return new Set([...tokens].flatMap((token) => token[1] ?? []));
}

/** What descriptors refer to in the runtime: a bundle holds only the codecs that its operations need. */
const CODECS = ['binary', 'form', 'json', 'multipart', 'raw', 'styled'] as const;

type MediaKind = 'json' | 'xml' | 'text' | 'form' | 'multipart' | 'bytes';

/** How a media type is read and written. */
export function kindOf(type: string): MediaKind {
  const plain = (type.split(';')[0] ?? '').trim().toLowerCase();
  if (isJson(plain)) return 'json';
  if (plain === 'application/xml' || plain === 'text/xml' || plain.endsWith('+xml')) return plain.startsWith('image/') ? 'bytes' : 'xml';
  if (plain === 'application/x-www-form-urlencoded') return 'form';
  if (plain.startsWith('multipart/')) return 'multipart';
  if (plain === 'text/event-stream') return 'bytes';
  return plain.startsWith('text/') ? 'text' : 'bytes';
}

function encodingOf(part: Dict): string {
  const members: [string, string][] = [];
  if (typeof part.contentType === 'string') members.push(['contentType', quote(part.contentType)]);
  if (['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'].includes(textOf(part.style))) members.push(['style', quote(textOf(part.style))]);
  if (typeof part.explode === 'boolean') members.push(['explode', textOf(part.explode)]);
  if (part.allowReserved === true) members.push(['allowReserved', 'true']);
  return objectLiteral(members);
}

function keyCode(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function docFact(texts: readonly string[]): DocFact {
  const lines = commentLines(texts.join('\n'));
  return lines.length > 1 ? { lines } : lines[0] === undefined ? {} : { line: lines[0] };
}

const printedMember = (member: MemberFact): PrintedMember => ({ ...member, doc: docFact(member.doc) });

function operationDoc(operation: ApiOperation, node: Dict): DocFact {
  const lines: string[] = [];
  const summary = typeof node.summary === 'string' ? node.summary.trim() : '';
  const description = typeof node.description === 'string' ? node.description.trim() : '';
  if (summary !== '') lines.push(/[.!?]$/.test(summary) ? summary : `${summary}.`);
  if (description !== '' && description !== summary) lines.push(...(summary === '' ? [] : ['']), description);
  const scopes = new Set(
    (operation.security ?? []).flatMap((alternative) => Object.values(alternative).flatMap((list) => (Array.isArray(list) ? list.map(textOf) : []))),
  );
  const errors = operation.responses.filter((response) => /^[45]/.test(response.status)).map((response) => response.status);
  const assumptions = [node['x-assumption'] ?? []].flat();
  const more = [
    ...assumptions.map((open) => (isDict(open) ? `Assumption ${textOf(open.id)}: ${textOf(open.question)}` : `Assumption: ${textOf(open)}`)),
    ...(scopes.size > 0 ? [`Scopes: ${[...scopes].join(', ')}.`] : []),
    ...(errors.length > 0 ? [`Errors: ${errors.join(', ')}.`] : []),
  ];
  if (more.length > 0 && lines.length > 0) lines.push('');
  lines.push(...more);
  if (lines.length === 0) lines.push(operation.webhook ? 'Not described.' : `${operation.method} ${operation.path}`);
  for (const source of [node['x-source'] ?? []].flat()) {
    const text = isDict(source) ? (source.address ?? [source.page, source.version].filter((part) => part !== undefined).join(', ')) : source;
    lines.push(`@see ${textOf(text)}`);
  }
  if (node.deprecated === true) lines.push('@deprecated');
  return docFact(lines);
}

/**
 * Whether a header carries a credential that documents list as a plain parameter (Tenovos: `AccessToken`): the client's
 * `auth` sends it, so that callers need not.
 */
function isCredentialHeader(parameter: ApiParameter): boolean {
  return parameter.in === 'header' && /^(?:x-)?(?:api-?key|(?:access|auth|session)-?token|token|session-?id)$/i.test(parameter.name);
}
