/** Arguments become the parts of a request; whatever is wrong with them is found here, before anything is sent. */

import type { RunningCall } from './call-context.ts';
import { checkValue } from './check-value.ts';
import { encodeBody } from './encode-body.ts';
import { isJson } from './media-type.ts';
import type { OperationDescriptor, ParameterDescriptor } from './operation.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { unknownName } from './nearest.ts';
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
      if (parameter.credential !== true) throw call.refuse(`${key} is required`);
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
      if (error instanceof SerializeError) throw call.refuse(`${key} ${error.message}`);
      throw error;
    }
  }
  path = context.profile.rewritePath?.(path) ?? path;
  if (/(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i.test(path)) {
    throw call.refuse('the path must not hold "." or ".." segments: a URL would lead to another path');
  }
  const encoded = encodeBody(call, Object.hasOwn(params, 'body') ? params.body : undefined);
  if (encoded !== undefined) {
    const refusal = context.exchanger.refusal(operation.method, encoded.body);
    if (refusal !== undefined) throw call.refuse(refusal, undefined, { kind: 'unsupported' });
    headers['content-type'] = encoded.contentType;
  }
  headers.accept = call.options.accept ?? planOf(operation).accept;
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
    throw call.refuse(`the argument must be an object, not ${Array.isArray(params) ? 'an array' : `a ${typeof params}`}`);
  }
  const { known } = planOf(call.operation);
  for (const name of Object.keys(params)) if (!known.includes(name)) throw call.refuse(unknownName(name, 'a parameter of this operation', known));
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
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw call.refuse(`headers holds "${name}", which is no name of a header`);
      try {
        headers[name.toLowerCase()] = checkHeader(String(value));
      } catch (error) {
        throw call.refuse(`headers.${name} ${(error as Error).message}`);
      }
    }
  }
}

/** What an operation says does not change from call to call. */
interface Plan {
  readonly accept: string;
  /** The members that its argument may have. */
  readonly known: readonly string[];
}

const plans = new WeakMap<OperationDescriptor, Plan>();

function planOf(operation: OperationDescriptor): Plan {
  let plan = plans.get(operation);
  if (plan === undefined) {
    const known = (operation.parameters ?? []).map((parameter) => parameter.key ?? parameter.name);
    if (operation.body !== undefined) known.push('body');
    plans.set(operation, (plan = { accept: documentedAccept(operation), known }));
  }
  return plan;
}

function documentedAccept({ responses }: OperationDescriptor): string {
  const success = Object.keys(responses).filter((status) => status.startsWith('2'));
  const types = [...new Set((success.length > 0 ? success : ['default']).flatMap((status) => responses[status] ?? []))];
  if (types.length === 0 || types.includes('*/*')) return '*/*';
  const preferred = types.find(isJson);
  // Several success types: what the method's type promises comes first.
  return preferred === undefined || success.length > 1 ? types.join(', ') : preferred;
}
