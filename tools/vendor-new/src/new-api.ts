/** What is known of a new API: names, and what its document says. */

import type { Names } from './names.ts';
import { BYTES, sampleOperations, type SampledOperation } from './samples.ts';

type Dict = Record<string, unknown>;

/** How a caller proves who is calling. */
export interface Scheme {
  /** The name in the document. */
  readonly name: string;
  /** In a sentence. */
  readonly kind: string;
  readonly isBasic: boolean;
  /** Header (lower case) or query parameter that carries it. */
  readonly header?: string;
  readonly query?: string;
  readonly cookie?: string;
}

/** A status that the document gives a meaning. */
export interface DocumentedError {
  readonly status: number;
  readonly kind: string;
  readonly hint: string;
}

/** Everything that files are made of. */
export interface NewApi {
  readonly names: Names;
  /** "Pets, version 1.2". */
  readonly sourceName: string;
  /** The first address of the document, where it is a whole one. */
  readonly baseUrl: string | undefined;
  /** Path of that address without a slash at the end. */
  readonly basePath: string;
  readonly operations: readonly SampledOperation[];
  /** Names of the webhooks. */
  readonly webhooks: readonly string[];
  readonly schemes: readonly Scheme[];
  readonly errorRows: readonly DocumentedError[];
}

/**
 * Reads what is needed out of a document.
 *
 * @param document - As `readApi` gives it.
 */
export function describeApi(names: Names, document: Dict, webhooks: readonly string[]): NewApi {
  const info = (document.info ?? {}) as { title?: string; version?: string | number };
  const url = addressOf(document);
  return {
    names,
    sourceName: oneLine(`${info.title ?? names.title}, version ${info.version ?? 'unknown'}`, 120),
    baseUrl: /^https?:\/\//.test(url) ? url : undefined,
    basePath: pathOf(url),
    operations: sampleOperations(document),
    webhooks,
    schemes: schemesOf(document),
    errorRows: errorsOf(document),
  };
}

function addressOf(document: Dict): string {
  const [server] = (document.servers ?? []) as { url?: string; variables?: Record<string, { default?: string }> }[];
  return (server?.url ?? '/').replaceAll(/\{([^{}]+)\}/g, (_whole, name: string) => String(server?.variables?.[name]?.default ?? name)).replace(/\/+$/, '');
}

function pathOf(url: string): string {
  const path = URL.canParse(url, 'https://host.test/') ? new URL(url, 'https://host.test/').pathname : '/';
  return path.replace(/\/+$/, '');
}

function schemesOf(document: Dict): Scheme[] {
  const schemes = ((document.components as Dict | undefined)?.securitySchemes ?? {}) as Record<
    string,
    { type?: string; scheme?: string; in?: string; name?: string }
  >;
  return Object.entries(schemes).flatMap(([name, { type, scheme, in: place, name: parameter }]): Scheme[] => {
    if (type === 'apiKey' && parameter !== undefined) {
      const where = place === 'query' ? { query: parameter } : place === 'cookie' ? { cookie: parameter } : { header: parameter.toLowerCase() };
      return [
        {
          name,
          kind: oneLine(`a key, sent as the ${place ?? 'header'} ${place === 'query' ? 'parameter ' : ''}"${parameter}"`, 120),
          isBasic: false,
          ...where,
        },
      ];
    }
    if (type === 'http' && scheme?.toLowerCase() === 'basic')
      return [{ name, kind: 'user name and password (HTTP Basic)', isBasic: true, header: 'authorization' }];
    if (type === 'http' || type === 'oauth2' || type === 'openIdConnect') {
      return [
        {
          name,
          kind: type === 'http' ? 'a bearer token' : `an access token (${type === 'oauth2' ? 'OAuth 2' : 'OpenID Connect'})`,
          isBasic: false,
          header: 'authorization',
        },
      ];
    }
    return [];
  });
}

/** As the runtime reads statuses where no table says otherwise. */
const KINDS: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'permission-denied',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'not-found',
  412: 'conflict',
  423: 'conflict',
  429: 'rate-limited',
};

function errorsOf(document: Dict): DocumentedError[] {
  const found = new Map<number, string>();
  for (const item of Object.values((document.paths ?? {}) as Record<string, Dict>)) {
    for (const operation of Object.values(item)) {
      const responses = ((operation as Dict | null)?.responses ?? {}) as Record<string, { description?: string }>;
      for (const [status, { description }] of Object.entries(responses)) {
        if (!/^[45]\d\d$/.test(status)) continue;
        const text = oneLine(description ?? '', 200);
        // The longest text says most.
        if (text.length > (found.get(Number(status))?.length ?? -1)) found.set(Number(status), text);
      }
    }
  }
  return [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([status, text]) => ({
      status,
      kind: KINDS[status] ?? (status >= 500 ? 'server' : 'invalid-request'),
      hint: text === '' || /^\d{3}$/.test(text) ? `The document lists status ${status} without a reason.` : `The document says: ${text}`,
    }));
}

function oneLine(text: string, limit: number): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replaceAll(/[<>`]/g, '')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 3).trimEnd()}...` : line;
}

/** Text for a comment: nothing in it can end the comment. */
export function commentOf(text: string): string {
  return oneLine(text, 200).replaceAll('*/', '* /');
}

/** A value as TypeScript; made-up bytes become a Blob. */
export function codeOf(value: unknown): string {
  if (value === BYTES) return "new Blob(['sample'])";
  if (Array.isArray(value)) return `[${value.map(codeOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, member]) => `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${codeOf(member)}`)
      .join(', ')} }`;
  }
  // JSON allows two line separators that older readers of JavaScript do not.
  return (JSON.stringify(value) ?? 'undefined').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
