/** The value under `body` becomes bytes and a content type. */

import type { RunningCall } from './call-context.ts';
import { checkValue, invalidArgument } from './check-value.ts';
import type { EncodedBody } from './form-bodies.ts';
import { isJson, isText } from './media-type.ts';
import type { BodyDescriptor } from './operation.ts';
import { binaryBody, isBinaryBody, textBody, type OutgoingBody } from './outgoing-body.ts';
import { isSecretName, type Redactor } from './redact.ts';
import { SerializeError } from './serialize.ts';

/** @returns `undefined` for an operation or a call without a body. */
export function encodeBody(call: RunningCall, value: unknown): EncodedBody | undefined {
  const { body } = call.operation;
  if (body === undefined) return undefined;
  if (value === undefined) {
    if (body.required === true) throw invalidArgument(call, 'body', 'is required');
    return undefined;
  }
  const [type, content] = chooseType(call, body, value);
  const isForm = value instanceof FormData || value instanceof URLSearchParams;
  if (isForm && content.encode === undefined) throw invalidArgument(call, 'body', `is a ${value.constructor.name}, but ${type} is sent`);
  if (!isForm) checkValue(call, value, content.schema, 'body');
  rememberSecrets(call.context.redactor, value);
  try {
    if (content.encode !== undefined) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || isBinaryBody(value)) throw new TypeError('must be an object of form fields');
      return content.encode.encode(value, content.encoding);
    }
    if (isPrepared(value)) return { contentType: type, body: value };
    if (isBinaryBody(value)) {
      if (isJson(type)) throw new TypeError(`is binary, but ${type} is sent; give the value itself`);
      return { contentType: type.includes('*') ? (value as Partial<Blob>).type || 'application/octet-stream' : type, body: binaryBody(value) };
    }
    if (typeof value === 'string' && !isJson(type)) return { contentType: type.includes('*') ? 'text/plain' : type, body: textBody(value) };
    // An object sent as XML, text or bytes is a mistake that no receiver could read; other types may be JSON by another name.
    if (typeof value === 'object' && !isJson(type) && (isText(type) || type.startsWith('application/octet-stream'))) {
      throw new TypeError(`must be a text or bytes, because ${type} is sent; it is ${value === null ? 'null' : 'an object'}`);
    }
    return { contentType: type.includes('*') ? 'application/json' : type, body: textBody(toJson(value)) };
  } catch (error) {
    if (error instanceof SerializeError || error instanceof TypeError) throw invalidArgument(call, 'body', error.message);
    throw error;
  }
}

/** The media type that is sent: the one asked for, one that fits a platform form, else the first documented. */
function chooseType(call: RunningCall, { content }: BodyDescriptor, value: unknown): [string, BodyDescriptor['content'][string]] {
  const types = Object.keys(content);
  const asked = call.options.contentType;
  if (asked !== undefined) {
    const declared = types.find((type) => type === asked) ?? types.find((type) => type.split(';', 1)[0] === asked.split(';', 1)[0] || type === '*/*');
    if (declared === undefined) throw invalidArgument(call, 'contentType', `must be one of ${types.join(', ')}; got "${asked}"`);
    return [asked, content[declared]!];
  }
  const kind = value instanceof FormData ? 'multipart' : value instanceof URLSearchParams ? 'form' : undefined;
  const chosen = types.find((type) => kind !== undefined && content[type]!.encode?.kind === kind) ?? types[0] ?? 'application/json';
  return [chosen, content[chosen] ?? {}];
}

/** Passwords and tokens in a body must not come back in an error. */
function rememberSecrets(redactor: Redactor, body: unknown, depth = 0): void {
  if (typeof body !== 'object' || body === null || depth > 4) return;
  for (const [name, value] of body instanceof FormData || body instanceof URLSearchParams ? body.entries() : Object.entries(body)) {
    if (typeof value === 'string' && isSecretName(name)) redactor.add(value);
    else rememberSecrets(redactor, value, depth + 1);
  }
}

/** A body that a vendor's package has prepared already. */
function isPrepared(body: unknown): body is OutgoingBody {
  return typeof body === 'object' && body !== null && 'repeatable' in body && typeof (body as Partial<OutgoingBody>).open === 'function';
}

function toJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`cannot be written as JSON: it is a ${typeof value}`);
  return text;
}
