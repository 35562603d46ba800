/** The value under `body` becomes bytes and a content type. */

import { isBinaryBody } from './binary-value.ts';
import type { RunningCall } from './call-context.ts';
import { checkValue } from './check-value.ts';
import { isJson, isText } from './media-type.ts';
import type { BodyDescriptor, BodyEncoder, EncodedBody } from './operation.ts';
import { textBody } from './outgoing-body.ts';
import { isSecretName, type Redactor } from './redact.ts';
import { SerializeError } from './scalar-codec.ts';

/** @returns `undefined` for an operation or a call without a body. */
export function encodeBody(call: RunningCall, value: unknown): EncodedBody | undefined {
  const { body } = call.operation;
  if (body === undefined) return undefined;
  if (value === undefined && body.required === true) throw call.refuse('body is required');
  if (value === undefined) return undefined;
  const [type, { encode: encoder = plain, schema, encoding }] = chooseType(call, body, value);
  if (!isPlatformForm(value)) checkValue(call, encoder, value, schema, 'body');
  rememberSecrets(call.context.redactor, value);
  try {
    if (encoder === plain && (isPlatformForm(value) || isBinaryBody(value))) throw unfit(value, `${type} (the profile needs anyBody for that)`);
    if (isPlatformForm(value) && encoder.takes?.(value) !== true) throw unfit(value, type);
    return encoder.encode(value, encoding, type);
  } catch (error) {
    if (error instanceof SerializeError || error instanceof TypeError) throw call.refuse(`body ${error.message}`);
    throw error;
  }
}

function unfit(value: unknown, type: string): TypeError {
  const what = value === null ? 'null' : isPlatformForm(value) ? value.constructor.name : isBinaryBody(value) ? 'binary' : `a value of type ${typeof value}`;
  return new TypeError(`cannot be sent as ${type}: it is ${what}`);
}

/** JSON and texts; what has no encoder of its own. */
export const plain: BodyEncoder = {
  encode(value, _encoding, type) {
    const asText = typeof value === 'string' && !isJson(type);
    // An object sent as XML, text or bytes is a mistake that no receiver could read; other types may be JSON by another name.
    const isUnfit = isBinaryBody(value) || (typeof value === 'object' && !isJson(type) && (isText(type) || type.startsWith('application/octet-stream')));
    const text = isUnfit ? undefined : asText ? value : (JSON.stringify(value) as string | undefined);
    if (text === undefined) throw unfit(value, type);
    return { contentType: type.includes('*') ? (asText ? 'text/plain' : 'application/json') : type, body: textBody(text) };
  },
};

/** The media type that is sent: the one asked for, one that fits a platform form, else the first documented. */
function chooseType(call: RunningCall, { content }: BodyDescriptor, value: unknown): [string, BodyDescriptor['content'][string]] {
  const types = Object.keys(content);
  const asked = call.options.contentType;
  if (asked !== undefined) {
    const declared = types.find((type) => type === asked) ?? types.find((type) => type.split(';', 1)[0] === asked.split(';', 1)[0] || type === '*/*');
    if (declared === undefined) throw call.refuse(`contentType must be one of ${types.join(', ')}; got "${asked}"`);
    return [asked, content[declared]!];
  }
  const chosen = types.find((type) => content[type]!.encode?.takes?.(value) === true) ?? types[0] ?? 'application/json';
  return [chosen, content[chosen] ?? {}];
}

function isPlatformForm(value: unknown): value is FormData | URLSearchParams {
  return value instanceof FormData || value instanceof URLSearchParams;
}

/** Passwords and tokens in a body must not come back in an error. */
function rememberSecrets(redactor: Redactor, body: unknown, depth = 0): void {
  // Bytes have no members by name, but millions by number.
  if (typeof body !== 'object' || body === null || depth > 4 || isBinaryBody(body)) return;
  for (const [name, value] of isPlatformForm(body) ? body.entries() : Object.entries(body)) {
    if (typeof value === 'string' && isSecretName(name)) redactor.add(value);
    else rememberSecrets(redactor, value, depth + 1);
  }
}
