/** A real HTTP server that checks every request against the original document and gives the answers that a test asks for. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { DocumentOperation, Media, OriginalDocument, Parameter } from './document.ts';
import { readHeader, readPairs, readPath, scalar, splitPair, typesOf, WireError } from './styles.ts';

/** A file as it arrived in a multipart body. */
export interface ArrivedFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** A request as it came over the wire, and what it means by the document. */
export interface Arrived {
  readonly operation: string;
  readonly method: string;
  /** Path and query, undecoded. */
  readonly target: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawBody: Buffer;
  /** `path:petId`, `query:limit`, ... to the decoded value. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface Planned {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Below this the paths of the document begin, so that a lost prefix is seen. */
const PREFIX = '/api/v1';
const HOOKS = '/hooks/';

export class DocumentServer implements AsyncDisposable {
  readonly document: OriginalDocument;
  /** Everything that arrived, also what no operation fits. */
  readonly requests: Arrived[] = [];
  /** What was wrong with requests or planned answers; a test ends with none. */
  readonly problems: string[] = [];
  /** Operations that got a valid request. */
  readonly exercised = new Set<string>();
  /** `GET /pets/{petId} 200 text/csv`, where such an answer was given. */
  readonly answered = new Set<string>();
  readonly #planned: Planned[] = [];
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  private constructor(document: OriginalDocument) {
    this.document = document;
  }

  static async start(document: OriginalDocument): Promise<DocumentServer> {
    const server = new DocumentServer(document);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get baseUrl(): string {
    return `${this.#origin}${PREFIX}`;
  }

  /** Where a webhook's receiver listens. */
  hookUrl(name: string): string {
    return `${this.#origin}${HOOKS}${name}`;
  }

  get last(): Arrived {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('No request arrived.');
    return last;
  }

  /** Plans the next answer; JSON for a JSON type, else the text or bytes. No type: no body. */
  answer(status: number, type?: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): this {
    const isJson = type !== undefined && /[/+]json\b/.test(type);
    this.#planned.push({ status, type, body: isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from((body ?? '') as string), headers });
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const planned = this.#planned.shift();
    const target = request.url!;
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? '' : target.slice(mark + 1);
    const found = this.#find(request.method!, path);
    const seen = { method: request.method!, target, query, headers: request.headers, rawBody: Buffer.concat(chunks) };
    if (found === undefined) {
      this.requests.push({ operation: '', ...seen, values: {}, body: undefined });
      this.#refuse(response, [`no operation fits ${request.method} ${target}`]);
      return;
    }
    const { operation, segments } = found;
    const problems: string[] = [];
    const values = this.#readParameters(operation, segments, query, request.headers, problems);
    this.#checkSecurity(operation, request.headers, query, problems);
    const body = await this.#readBody(operation, request.headers, seen.rawBody, problems);
    this.requests.push({ operation: operation.key, ...seen, values, body });
    if (planned === undefined) problems.push('no answer was planned');
    else this.#checkAnswer(operation, planned, problems);
    if (planned === undefined || problems.length > 0) {
      this.#refuse(
        response,
        problems.map((problem) => `${operation.key}: ${problem}`),
      );
      return;
    }
    this.exercised.add(operation.key);
    response.writeHead(planned.status, { ...(planned.type !== undefined && { 'content-type': planned.type }), ...planned.headers });
    response.end(planned.body.length > 0 ? planned.body : undefined);
  }

  #refuse(response: ServerResponse, problems: readonly string[]): void {
    this.problems.push(...problems);
    response.writeHead(418, { 'content-type': 'text/plain' }).end(problems.join('\n'));
  }

  #find(method: string, path: string): { operation: DocumentOperation; segments: Readonly<Record<string, string>> } | undefined {
    for (const operation of this.document.operations) {
      if (operation.method !== method) continue;
      if (operation.path === undefined) {
        if (path === HOOKS + operation.key.slice('webhook '.length)) return { operation, segments: {} };
        continue;
      }
      const names = [...operation.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
      const pattern = operation.path.split(/\{[^}]+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
      const match = new RegExp(`^${PREFIX}${pattern.join('([^/?#]+)')}$`).exec(path);
      if (match !== null) return { operation, segments: Object.fromEntries(names.map((name, index) => [name, match[index + 1]!])) };
    }
    return undefined;
  }

  #readParameters(
    operation: DocumentOperation,
    segments: Readonly<Record<string, string>>,
    query: string,
    headers: IncomingMessage['headers'],
    problems: string[],
  ): Record<string, unknown> {
    const values = new Map<Parameter, unknown>();
    const attempt = (what: string, read: () => void): void => {
      try {
        read();
      } catch (error) {
        problems.push(`${what}: ${error instanceof WireError ? error.message : String(error)}`);
      }
    };
    for (const parameter of operation.parameters) {
      const { in: location, name } = parameter;
      if (location === 'path') attempt(`path:${name}`, () => values.set(parameter, readPath(parameter, segments[name]!)));
      const raw = location === 'header' ? headers[name.toLowerCase()] : undefined;
      if (raw !== undefined) attempt(`header:${name}`, () => values.set(parameter, readHeader(parameter, String(raw))));
    }
    for (const [location, pairs] of [
      ['query', query === '' ? [] : query.split('&').map(splitPair)],
      ['cookie', headers.cookie === undefined ? [] : headers.cookie.split('; ').map(splitPair)],
    ] as const) {
      attempt(location, () => {
        for (const [parameter, value] of readPairs(
          operation.parameters.filter((parameter) => parameter.in === location),
          pairs,
        ))
          values.set(parameter, value);
      });
    }
    for (const parameter of operation.parameters) {
      const name = `${parameter.in}:${parameter.name}`;
      if (!values.has(parameter)) {
        if (parameter.required) problems.push(`${name} is required`);
        continue;
      }
      const problem = this.document.check('request', parameter.schema, values.get(parameter));
      if (problem !== undefined) problems.push(`${name}: ${problem}`);
    }
    return Object.fromEntries([...values].map(([parameter, value]) => [`${parameter.in}:${parameter.name}`, value]));
  }

  /** Credentials must make one alternative true; where the document wants none, none may come. */
  #checkSecurity({ security }: DocumentOperation, headers: IncomingMessage['headers'], query: string, problems: string[]): void {
    const isThere = (name: string): boolean => {
      const scheme = this.document.schemes[name]!;
      if (scheme.type !== 'apiKey') return /^Bearer \S+$/.test(headers.authorization ?? '');
      if (scheme.in === 'header') return headers[scheme.name!.toLowerCase()] !== undefined;
      return (scheme.in === 'query' ? query.split('&') : (headers.cookie ?? '').split('; ')).some((pair) => splitPair(pair)[0] === scheme.name);
    };
    if (security === undefined || security.length === 0) {
      if (headers.authorization !== undefined) problems.push('a credential came, but the document wants none');
    } else if (!security.some((names) => names.every(isThere))) problems.push(`the credentials do not fulfil ${JSON.stringify(security)}`);
  }

  async #readBody({ body }: DocumentOperation, headers: IncomingMessage['headers'], raw: Buffer, problems: string[]): Promise<unknown> {
    const type = headers['content-type'];
    if (type === undefined) {
      if (raw.length > 0) problems.push('a body came without a content type');
      if (body?.required === true) problems.push('the body is required');
      return undefined;
    }
    const essence = type.split(';', 1)[0]!.trim();
    const media = body?.media.get(essence);
    if (media === undefined) {
      problems.push(`the document has no body of type ${essence}`);
      return undefined;
    }
    try {
      const value = await decodeBody(essence, type, raw, media);
      const problem = this.document.check('request', media.schema, value);
      if (problem !== undefined) problems.push(`body: ${problem}`);
      return essence === 'multipart/form-data' ? await arrivedParts(type, raw, media) : value;
    } catch (error) {
      problems.push(`body: ${String(error)}`);
      return undefined;
    }
  }

  #checkAnswer(operation: DocumentOperation, { status, type, body }: Planned, problems: string[]): void {
    const answer = ['default', `${String(status)[0]}XX`, String(status)].reduce<DocumentOperation['answers'][number] | undefined>(
      (found, wanted) => operation.answers.find((candidate) => candidate.status === wanted) ?? found,
      undefined,
    );
    if (answer === undefined) {
      problems.push(`the document has no answer ${status}`);
      return;
    }
    this.answered.add(`${operation.key} ${answer.status}${type === undefined ? '' : ` ${type.split(';', 1)[0]!}`}`);
    if (type === undefined && answer.media.size === 0) return;
    const media = answer.media.get(type?.split(';', 1)[0] ?? '');
    if (media === undefined) problems.push(`the document's answer ${status} has no type ${type}`);
    else if (/[/+]json$/.test(type!)) {
      const problem = this.document.check('response', media.schema, JSON.parse(body.toString()));
      if (problem !== undefined) problems.push(`planned answer ${status}: ${problem}`);
    }
  }
}

async function decodeBody(essence: string, type: string, raw: Buffer, media: Media): Promise<unknown> {
  const property = (name: string) => media.schema?.get('properties', name);
  if (/[/+]json$/.test(essence)) return JSON.parse(raw.toString('utf8'));
  if (essence === 'application/x-www-form-urlencoded') {
    const names = [
      ...new Set(
        raw
          .toString('latin1')
          .split('&')
          .map((pair) => decodeForm(splitPair(pair)[0])),
      ),
    ];
    return Object.fromEntries(
      names.map((name) => {
        const texts = raw
          .toString('latin1')
          .split('&')
          .map(splitPair)
          .filter(([key]) => decodeForm(key) === name)
          .map(([, text]) => text);
        const rule = media.encoding[name];
        if (!typesOf(property(name)).includes('array')) return [name, scalar(property(name), decodeForm(texts.join('&')))];
        return [name, (rule?.explode === false ? texts[0]!.split(',') : texts).map((text) => scalar(property(name)?.get('items'), decodeForm(text)))];
      }),
    );
  }
  if (essence === 'multipart/form-data') {
    const parts = await arrivedParts(type, raw, media);
    const plain = (value: unknown): unknown => (Array.isArray(value) ? value.map(plain) : isFile(value) ? value.text : value);
    return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, plain(value)]));
  }
  return raw.toString(essence === 'application/octet-stream' ? 'latin1' : 'utf8');
}

/** Read by the platform's own parser (WHATWG fetch), which knows nothing of how the client writes. */
async function arrivedParts(type: string, raw: Buffer, media: Media): Promise<Record<string, unknown>> {
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const parts: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const schema = media.schema?.get('properties', name);
    const isList = typesOf(schema).includes('array');
    const item = isList ? schema?.get('items') : schema;
    const values = await Promise.all(
      form.getAll(name).map(async (value) => {
        if (typeof value !== 'string')
          return { name: value.name, type: value.type, text: Buffer.from(await value.arrayBuffer()).toString('latin1') } satisfies ArrivedFile;
        return typesOf(item).includes('object') ? (JSON.parse(value) as unknown) : scalar(item, value);
      }),
    );
    parts[name] = isList ? values : values.length === 1 ? values[0] : values;
  }
  return parts;
}

function isFile(value: unknown): value is ArrivedFile {
  return typeof value === 'object' && value !== null && 'text' in value && 'type' in value && 'name' in value;
}

function decodeForm(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
