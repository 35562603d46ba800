/** Encoders of request bodies. They reach a bundle only through an operation that needs them. */

import { binaryBody } from './binary-body.ts';
import { isBinaryBody } from './binary-value.ts';
import { plain } from './encode-body.ts';
import { isJson } from './media-type.ts';
import type { BodyEncoder } from './operation.ts';
import { findViolation } from './validate.ts';

/** JSON, checked against its schema. */
export const json: BodyEncoder = { check: findViolation, encode: plain.encode };

/** Bytes, streams, texts and XML as they are; what is none of them as JSON. */
export const raw: BodyEncoder = {
  check: findViolation,
  encode(value, encoding, type) {
    if (!isBinaryBody(value) || isJson(type)) return plain.encode(value, encoding, type);
    return { contentType: type.includes('*') ? (value as Partial<Blob>).type || 'application/octet-stream' : type, body: binaryBody(value) };
  },
};

/** Whatever `client.request` may be given, platform forms included. */
export const anyBody: BodyEncoder = {
  typeOf(value) {
    if (value instanceof FormData) return 'multipart/form-data';
    if (value instanceof URLSearchParams) return 'application/x-www-form-urlencoded';
    return isBinaryBody(value) ? (value as Partial<Blob>).type || 'application/octet-stream' : undefined;
  },
  takes: (value) => value instanceof FormData || value instanceof URLSearchParams,
  encode(value, encoding, type) {
    if (!(value instanceof FormData || value instanceof URLSearchParams)) return raw.encode(value, encoding, type);
    // The platform knows how to write a form; its parts are read as they are sent.
    const encoded = new Response(value);
    return { contentType: encoded.headers.get('content-type')!, body: binaryBody(encoded.body!) };
  },
};
