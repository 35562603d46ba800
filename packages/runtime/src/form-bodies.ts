/** Request bodies: form and multipart encoders. They reach a bundle only through an operation that needs them. */

import { binaryBody } from './binary-body.ts';
import { isBinaryBody, type BinaryBody, type SizedSource } from './binary-value.ts';
import type { EncodedBody, PartEncoding, SchemaReference } from './operation.ts';
import { textBody, type OutgoingBody } from './outgoing-body.ts';
import type { Violation } from './scalar-rules.ts';
import { serializeForm } from './serialize.ts';
import { transfer } from './transfer.ts';
import { findViolation } from './validate.ts';

/** A file inside a multipart body: a File or Blob, bytes, or content with a name and type of its own. */
export type FilePart = Blob | ArrayBuffer | ArrayBufferView | SizedSource | NamedPart;

/** Content of a multipart part with its file name and media type. */
export interface NamedPart {
  readonly content: BinaryBody;
  /** The file name that the receiver sees. */
  readonly name: string;
  /** Media type; by default that of the content, else `application/octet-stream`. */
  readonly type?: string | undefined;
  /** Bytes, where the content does not know them. */
  readonly size?: number | undefined;
}

/** Writes the members of an object, or a platform form. */
export interface FormEncoder {
  readonly check: (value: unknown, schema: SchemaReference, path: string) => Violation | undefined;
  readonly takes: (value: unknown) => boolean;
  readonly encode: (value: unknown, encoding?: Readonly<Record<string, PartEncoding>>) => EncodedBody;
}

/** `application/x-www-form-urlencoded`. */
export const form: FormEncoder = {
  check: findViolation,
  takes: (value) => value instanceof URLSearchParams,
  encode: (value, encoding) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: textBody(value instanceof URLSearchParams ? value.toString() : serializeForm(fieldsOf(value), encoding)),
  }),
};

/** `multipart/form-data` (RFC 7578), streamed, with a known length when all parts know theirs. */
export const multipart: FormEncoder = {
  check: findViolation,
  takes: (value) => value instanceof FormData,
  encode(value, encoding = {}) {
    const boundary = `----asset-clients-${crypto.randomUUID()}`;
    const members: [string, unknown][] = value instanceof FormData ? [...value.entries()] : Object.entries(fieldsOf(value));
    const parts = members.flatMap(([name, member]) => {
      const items = Array.isArray(member) ? (member as unknown[]) : [member];
      return items.filter((item) => item !== undefined).map((item) => encodePart(boundary, name, item, encoding[name]));
    });
    const tail = textBody(`--${boundary}--\r\n`);
    const all = [...parts.flatMap((part) => [part.head, part.body, LINE_END]), tail];
    return {
      contentType: `multipart/form-data; boundary=${boundary}`,
      body: {
        size: all.some((part) => part.size === undefined) ? undefined : all.reduce((sum, part) => sum + part.size!, 0),
        repeatable: all.every((part) => part.repeatable),
        transfer,
        ...(all.every((part) => part.data !== undefined || part.blob !== undefined) && { blob: () => new Blob(all.map((part) => part.data ?? part.blob!())) }),
        async *open() {
          for (const part of all) yield* part.open();
        },
      },
    };
  },
};

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isBinaryBody(value)) throw new TypeError('must be an object of form fields');
  return value as Record<string, unknown>;
}

const LINE_END = textBody('\r\n');

function encodePart(boundary: string, name: string, value: unknown, encoding: PartEncoding | undefined): { head: OutgoingBody; body: OutgoingBody } {
  const { body, fileName, type } = partContent(value, encoding);
  const lines = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${escapeQuoted(name)}"${fileName === undefined ? '' : `; filename="${escapeQuoted(fileName)}"`}`,
    ...(type === undefined ? [] : [`Content-Type: ${type.replace(/[\r\n]/g, '')}`]),
  ];
  return { head: textBody(`${lines.join('\r\n')}\r\n\r\n`), body };
}

function partContent(value: unknown, encoding: PartEncoding | undefined): { body: OutgoingBody; fileName?: string; type?: string } {
  const named = isNamedPart(value) ? value : undefined;
  const content = named?.content ?? value;
  if (isBinaryBody(content)) {
    const own = content as Partial<Pick<File, 'name' | 'type'>>;
    return {
      body: binaryBody(content, named?.size),
      fileName: named?.name ?? own.name ?? 'file',
      type: named?.type ?? (own.type || firstType(encoding)) ?? 'application/octet-stream',
    };
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    return { body: textBody(JSON.stringify(value)), type: firstType(encoding) ?? 'application/json' };
  }
  const text = value instanceof Date ? value.toISOString() : value === null ? '' : String(value as string | number | boolean);
  const type = firstType(encoding);
  return { body: textBody(text), ...(type === undefined ? {} : { type }) };
}

/** OpenAPI lists the media types that a part may have; a range like `image/*` is none that can be sent. */
function firstType(encoding: PartEncoding | undefined): string | undefined {
  return encoding?.contentType
    ?.split(',')
    .map((type) => type.trim())
    .find((type) => !type.includes('*'));
}

function isNamedPart(value: unknown): value is NamedPart {
  return typeof value === 'object' && value !== null && 'content' in value && isBinaryBody(value.content) && typeof (value as NamedPart).name === 'string';
}

/** As browsers do (WHATWG form-data): line breaks and quotes are percent-encoded, all else is raw UTF-8. */
function escapeQuoted(text: string): string {
  return text.replace(/[\r\n"]/g, (character) => ({ '\r': '%0D', '\n': '%0A', '"': '%22' })[character]!);
}
