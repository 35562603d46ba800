/** Made-up answers and arguments that fit a document, for the first version of a fake and its tests. */

import { sample } from 'openapi-sampler';
// The very check that the fake applies to each request and answer.
import { check, type Schema } from '../../../packages/testing/src/core/schema.ts';
import { slimSpec } from '../../../packages/testing/build/spec-plugin.ts';
import type { Spec } from '../../../packages/testing/src/core/spec.ts';

type Dict = Record<string, unknown>;

/** Stands for bytes in a sample; printed as a Blob. */
export const BYTES: unique symbol = Symbol('bytes');

/** What the fake answers to one operation. */
export interface SampleAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** No sample fits the document's own rules: the fake does not hold this answer against them. */
  readonly unchecked?: true;
}

/** One operation with its samples. */
export interface SampledOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  /** Whether it is a GET with a body, which only sockets carry. */
  readonly needsSocket: boolean;
  readonly answer: SampleAnswer;
  /** Arguments of a call; `undefined` where none that fit the document were found. */
  readonly params: Dict | undefined;
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value);
const isJson = (type: string): boolean => /^[\w.+-]+\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type);

/**
 * Samples every operation that has a path.
 *
 * @param document - As `readApi` gives it.
 */
export function sampleOperations(document: Dict): SampledOperation[] {
  const spec = slimSpec(document) as unknown as Spec;
  const found: SampledOperation[] = [];
  for (const [path, item] of Object.entries((document.paths ?? {}) as Dict)) {
    for (const [method, operation] of Object.entries(item as Dict)) {
      if (!METHODS.includes(method) || !isDict(operation)) continue;
      const security = (operation.security ?? document.security) as Dict[] | undefined;
      found.push({
        id: operation.operationId as string,
        method: method.toUpperCase(),
        path,
        isPublic: security === undefined || security.length === 0 || security.some((one) => Object.keys(one).length === 0),
        needsSocket: (method === 'get' || method === 'head') && (operation.requestBody as { required?: boolean } | undefined)?.required === true,
        answer: answerOf(operation, document, spec),
        params: paramsOf(operation, document, spec),
      });
    }
  }
  return found;
}

function answerOf(operation: Dict, document: Dict, spec: Spec): SampleAnswer {
  const responses = operation.responses as Record<string, Dict>;
  const statuses = Object.keys(responses);
  const name = statuses.find((status) => status.startsWith('2')) ?? statuses.find((status) => status === 'default') ?? '200';
  const status = /^2\d\d$/.test(name) ? Number(name) : 200;
  const content = (responses[name]?.content ?? {}) as Record<string, Dict | null>;
  const types = Object.keys(content);
  const json = types.find((type) => isJson(type) || type === '*/*');
  // A status that the document does not list cannot be held against it.
  const undocumented = responses[name] === undefined || !statuses.some((one) => one === String(status) || one === '2XX' || one === 'default');
  if (status === 204 || types.length === 0) return { status, ...(undocumented ? { unchecked: true as const } : {}) };
  if (json === undefined || /^image|octet-stream/.test(types[0]!)) {
    const type = types[0]!.replace('*/*', 'application/octet-stream').replace('/*', '/plain');
    return { status, text: 'sample', headers: { 'content-type': type } };
  }
  const schema = content[json]?.schema as Dict | undefined;
  const value = valueFor(schema, content[json]?.example, document, spec, 'answer');
  const body = value === undefined ? (looseSample(schema, document, 'answer') ?? {}) : value.value;
  const loose = value === undefined ? { unchecked: true as const } : {};
  // The fake writes `application/json`; another kind of JSON has to be said.
  const isPlain = json === '*/*' || json.split(';', 1)[0]!.trim().toLowerCase() === 'application/json';
  return isPlain ? { status, json: body, ...loose } : { status, text: JSON.stringify(body), headers: { 'content-type': json }, ...loose };
}

function paramsOf(operation: Dict, document: Dict, spec: Spec): Dict | undefined {
  const params: Dict = {};
  const names = new Set<string>();
  const parameters = [...((operation.parameters ?? []) as Dict[])].sort((a, b) => ORDER.indexOf(a.in as string) - ORDER.indexOf(b.in as string));
  for (const parameter of parameters) {
    const name = names.has(parameter.name as string) ? `${parameter.in as string}:${parameter.name as string}` : (parameter.name as string);
    names.add(parameter.name as string);
    if (parameter.required !== true || IGNORED_HEADERS.has(`${parameter.in as string}:${(parameter.name as string).toLowerCase()}`)) continue;
    // Credentials are given once, as `auth`.
    if (isCredential(parameter, document)) continue;
    if (parameter.in === 'header' && hasOneValue(parameter.schema as Dict | undefined, document)) continue;
    const content = isDict(parameter.content) ? (Object.values(parameter.content)[0] as Dict | null) : undefined;
    const schema = (content?.schema ?? parameter.schema) as Dict | undefined;
    const value = valueFor(schema, parameter.example, document, spec, 'request', parameter.in === 'path');
    if (value === undefined) return undefined;
    // An empty path segment would lead to another operation.
    params[name] = parameter.in === 'path' && value.value === '' ? 'sample' : value.value;
  }
  const body = operation.requestBody as { required?: boolean; content?: Record<string, Dict | null> } | undefined;
  if (body?.required === true) {
    const types = Object.keys(body.content ?? {});
    const type = types.find(isJson) ?? types[0];
    if (type === undefined) return undefined;
    const schema = body.content?.[type]?.schema as Dict | undefined;
    if (isJson(type)) {
      const value = valueFor(schema, body.content?.[type]?.example, document, spec, 'request');
      if (value === undefined) return undefined;
      params.body = value.value;
    } else if (/^multipart\/|^application\/x-www-form-urlencoded/.test(type))
      params.body = withBytes(looseSample(schema, document, 'request'), schema, document);
    else if (type.startsWith('text/')) params.body = 'sample';
    else params.body = BYTES;
  }
  return params;
}

const ORDER = ['path', 'query', 'header', 'cookie'];
/** OpenAPI ignores them as parameters. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['header:accept', 'header:content-type', 'header:authorization']);

/** A value that keeps the document's rules; `undefined` where none was found. */
function valueFor(
  schema: Dict | undefined,
  example: unknown,
  document: Dict,
  spec: Spec,
  direction: 'request' | 'answer',
  isWhole = false,
): { value: unknown } | undefined {
  if (schema === undefined) return { value: example ?? 'sample' };
  const slim = slimSpec({ ...EMPTY, components: { schemas: { sample: schema } } }) as unknown as Spec;
  const resolve = (reference: string): Schema => spec.schemas[reference.slice(reference.lastIndexOf('/') + 1)] ?? {};
  const fits = (value: unknown): boolean => value !== undefined && check(value, slim.schemas.sample!, resolve, direction).length === 0;
  const candidates = [
    () => example,
    ...(direction === 'answer' || isWhole ? [false, true] : [true]).flatMap((requiredOnly) => [
      () => looseSample(schema, document, direction, requiredOnly),
      () => looseSample(withoutExamples(schema), withoutExamples(document), direction, requiredOnly),
      // The sampler reads some patterns wrongly.
      () => looseSample(schema, document, direction, requiredOnly, false),
    ]),
  ];
  for (const candidate of candidates) {
    const value = candidate();
    if (fits(value)) return { value };
  }
  return undefined;
}

const EMPTY = { info: { title: '' }, paths: {} };

function looseSample(
  schema: Dict | undefined,
  document: Dict,
  direction: 'request' | 'answer',
  requiredOnly = direction === 'request',
  enablePatterns = true,
): unknown {
  try {
    const value: unknown = sample(
      (schema ?? {}) as never,
      {
        skipReadOnly: direction === 'request',
        skipWriteOnly: direction === 'answer',
        skipNonRequired: requiredOnly,
        quiet: true,
        maxSampleDepth: 5,
        enablePatterns,
      },
      document,
    );
    return JSON.parse(JSON.stringify(value ?? null)) as unknown;
  } catch {
    // The sampler gives up on some schemas; so do we, and say so in what is generated.
    return undefined;
  }
}

/** Examples in vendors' documents often break the document's own rules. */
function withoutExamples<T>(node: T): T {
  if (Array.isArray(node)) return node.map(withoutExamples) as T;
  if (!isDict(node)) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !((key === 'example' || key === 'examples' || key === 'default') && !(isDict(value) && ('type' in value || '$ref' in value))))
      .map(([key, value]) => [key, withoutExamples(value)]),
  ) as T;
}

function isCredential(parameter: Dict, document: Dict): boolean {
  const schemes = ((document.components as Dict | undefined)?.securitySchemes ?? {}) as Record<string, Dict>;
  const name = (parameter.name as string).toLowerCase();
  return Object.values(schemes).some(
    (scheme) => scheme.type === 'apiKey' && scheme.in === parameter.in && (scheme.name as string | undefined)?.toLowerCase() === name,
  );
}

/** A header with one legal value is sent by the client without being asked for. */
function hasOneValue(schema: Dict | undefined, document: Dict): boolean {
  const target = deref(schema, document);
  return target !== undefined && (target.const !== undefined || (Array.isArray(target.enum) && target.enum.length === 1));
}

function deref(schema: Dict | undefined, document: Dict): Dict | undefined {
  let target = schema;
  for (let hops = 0; typeof target?.$ref === 'string' && hops < 10; hops++) {
    target = ((document.components as Dict | undefined)?.schemas as Record<string, Dict> | undefined)?.[target.$ref.slice(target.$ref.lastIndexOf('/') + 1)];
  }
  return target;
}

/** Files of a form are bytes. */
function withBytes(value: unknown, schema: Dict | undefined, document: Dict): Dict {
  const fields: Dict = isDict(value) ? { ...value } : {};
  const form = deref(schema, document);
  for (const [name, property] of Object.entries((form?.properties ?? {}) as Record<string, Dict>)) {
    if (!(name in fields)) continue;
    if (isBytes(property)) fields[name] = BYTES;
    else if (isDict(property.items) && isBytes(property.items)) fields[name] = [BYTES];
  }
  return fields;
}

/** As 3.0 and 3.1 write it. */
function isBytes({ format, contentMediaType, contentEncoding }: Dict): boolean {
  return format === 'binary' || (typeof contentMediaType === 'string' && contentEncoding === undefined && !/^text\/|json/.test(contentMediaType));
}
