/** Arguments become the parts of a request; whatever is wrong with them is found here, before anything is sent. */

import type { RunningCall } from './call-context.ts';
import { checkValue, invalidArgument } from './check-value.ts';
import { encodeBody } from './encode-body.ts';
import { isJson } from './media-type.ts';
import type { OperationDescriptor, ParameterDescriptor } from './operation.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { nearest } from './nearest.ts';
import { checkHeader, scalarCodec, SerializeError } from './scalar-codec.ts';
import { resolveSchema } from './scalar-rules.ts';

/** A request whose arguments were checked, before credentials are added. */
export interface PreparedRequest {
  readonly path: string;
  /** Encoded `name=value` pairs. */
  readonly query: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: OutgoingBody | undefined;
  /** Headers that `auth` must supply. */
  readonly missing: readonly ParameterDescriptor[];
}

/** @throws ApiError of kind `invalid-request` naming the parameter and the rule that it breaks. */
export function prepareRequest(call: RunningCall): PreparedRequest {
  const { operation, context } = call;
  const params = checkArgument(call);
  const headers: Record<string, string> = {};
  const query: string[] = [];
  const cookies: string[] = [];
  const missing: ParameterDescriptor[] = [];
  let { path } = operation;
  for (const parameter of operation.parameters ?? []) {
    const key = parameter.key ?? parameter.name;
    const value = valueOf(call, parameter, Object.hasOwn(params, key) ? params[key] : undefined);
    if (value === undefined) {
      if (parameter.required !== true) continue;
      if (parameter.credential !== true) throw invalidArgument(call, key, 'is required');
      missing.push(parameter);
      continue;
    }
    const codec = parameter.codec ?? scalarCodec;
    checkValue(call, codec, value, parameter.schema, key);
    if (parameter.schema !== undefined && resolveSchema(parameter.schema).secret === true) context.redactor.add(String(value));
    try {
      if (parameter.in === 'path') {
        const text = codec.path(parameter, value);
        path = path.replaceAll(`{${parameter.name}}`, () => text);
      } else if (parameter.in === 'query') query.push(...codec.query(parameter, value));
      else if (parameter.in === 'header') {
        const text = codec.header(parameter, value);
        if (text !== undefined) headers[parameter.name.toLowerCase()] = text;
      } else cookies.push(...codec.cookie(parameter, value));
    } catch (error) {
      if (error instanceof SerializeError) throw invalidArgument(call, key, error.message);
      throw error;
    }
  }
  path = context.profile.rewritePath?.(path) ?? path;
  if (path.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) {
    throw invalidArgument(call, 'the path', 'must not hold "." or ".." segments: a URL would resolve them to another path');
  }
  const encoded = encodeBody(call, Object.hasOwn(params, 'body') ? params.body : undefined);
  if (encoded !== undefined && !context.exchanger.takesBody(operation.method)) {
    throw call.fail({
      kind: 'unsupported',
      message: `a ${operation.method} request with a body can be sent by the Node transport only, not by a fetch function`,
      outcome: 'not-sent',
      hint: 'Leave the fetch option out, on Node.',
    });
  }
  if (encoded !== undefined && !context.exchanger.takes(encoded.body)) {
    throw call.fail({
      kind: 'unsupported',
      message: 'a browser (or what has its fetch) cannot send a stream of unknown size, or of more than 16 MiB',
      outcome: 'not-sent',
      hint: 'Give a Blob (a File is one) or bytes instead; nothing was sent.',
    });
  }
  if (encoded !== undefined) headers['content-type'] = encoded.contentType;
  headers.accept = acceptOf(call);
  if (operation.binary !== undefined) headers['accept-encoding'] = 'identity';
  const { userAgent } = context.options;
  if (userAgent !== undefined) headers['user-agent'] = userAgent;
  for (const [name, value] of Object.entries(operation.headers ?? {})) headers[name.toLowerCase()] ??= value;
  addHeaders(call, headers);
  return { path, query, headers, cookies, body: encoded?.body, missing };
}

/** The argument as an object whose members the operation knows. */
function checkArgument(call: RunningCall): Record<string, unknown> {
  const params = call.params ?? {};
  if (typeof params !== 'object' || Array.isArray(params)) {
    throw invalidArgument(call, 'the argument', `must be an object, not ${Array.isArray(params) ? 'an array' : `a ${typeof params}`}`);
  }
  const { parameters = [], body } = call.operation;
  const known = parameters.map((parameter) => parameter.key ?? parameter.name);
  if (body !== undefined) known.push('body');
  for (const name of Object.keys(params)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw invalidArgument(
      call,
      name,
      `is not a parameter of this operation${near === undefined ? ` (it has ${known.length === 0 ? 'none' : known.join(', ')})` : `; did you mean "${near}"?`}`,
    );
  }
  return params as Record<string, unknown>;
}

function valueOf(call: RunningCall, parameter: ParameterDescriptor, given: unknown): unknown {
  if (given !== undefined) return given;
  const preset = call.context.profile.defaults?.[parameter.name];
  if (preset !== undefined) return preset;
  // An optional parameter that is left out stays out: the vendor applies its own default.
  return parameter.required === true && parameter.schema !== undefined ? resolveSchema(parameter.schema).default : undefined;
}

/** The client's headers, which may hold credentials of the vendor and so stay at its origin, then those of the call. */
function addHeaders(call: RunningCall, headers: Record<string, string>): void {
  for (const more of [call.isForeign ? undefined : call.context.options.headers, call.options.headers]) {
    for (const [name, value] of Object.entries(more ?? {})) {
      if (value === undefined) continue;
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalidArgument(call, 'headers', `holds "${name}", which is no name of a header`);
      try {
        headers[name.toLowerCase()] = checkHeader(String(value));
      } catch (error) {
        throw invalidArgument(call, `headers.${name}`, (error as Error).message);
      }
    }
  }
}

function acceptOf(call: RunningCall): string {
  const { operation } = call;
  const asked = call.options.accept ?? accepted.get(operation);
  if (asked !== undefined) return asked;
  const documented = documentedAccept(operation);
  accepted.set(operation, documented);
  return documented;
}

/** What a document says does not change from call to call. */
const accepted = new WeakMap<OperationDescriptor, string>();

function documentedAccept({ responses }: OperationDescriptor): string {
  const success = Object.keys(responses).filter((status) => status.startsWith('2'));
  const types = [...new Set((success.length > 0 ? success : ['default']).flatMap((status) => responses[status] ?? []))];
  if (types.length === 0 || types.includes('*/*')) return '*/*';
  const preferred = types.find(isJson);
  // Several success types: what the method's type promises comes first.
  return preferred === undefined || success.length > 1 ? types.join(', ') : preferred;
}
