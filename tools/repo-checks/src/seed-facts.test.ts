/**
 * Compares the OpenAPI documents with the facts of the five vendor pages the project is about.
 *
 * `facts/*.yaml` holds the facts of one page each, written from the page and not from the document. A fact is
 * `[subject, property, value]`. Subjects:
 *
 * - `operation`, `server`, `scheme.<name>` (of `components.securitySchemes`)
 * - `path.<name>`, `query.<name>`, `header.<name>`: a parameter; `required-header.<name>`: of `x-required-headers`
 * - `body`, `body.<member>.<member>`: the JSON request body; arrays are stepped into
 * - `<status>`, `<status>.<member>.<member>`: a response and its JSON body
 *
 * Properties are the keys of `checks` below; one that is not there is a keyword of the OpenAPI schema itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

type Json = Record<string, unknown>;
type Fact = readonly [subject: string | number, property: string, value: unknown];
interface Page {
  page: string;
  document: string;
  operation: string;
  facts: Fact[];
}
/** What a subject names: `node` with its references resolved, and where a schema sits apart from the node, the schema. */
interface Place {
  node: Json;
  schema: Json;
  required: boolean;
}
interface Context {
  document: Json;
  operation: Json;
  method: string;
  path: string;
}

const minimumOfFacts = 560;
const factsFolder = new URL('../facts/', import.meta.url);
const specsFolder = new URL('../../../specs/', import.meta.url);

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const keys = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);

function resolve(document: Json, value: unknown): Json {
  let current = value;
  for (let hops = 0; isObject(current) && typeof current['$ref'] === 'string'; hops++) {
    if (hops > 20) throw new Error(`circular reference ${current['$ref']}`);
    let target: unknown = document;
    for (const step of current['$ref'].slice(2).split('/')) {
      target = isObject(target) ? target[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
    }
    current = target;
  }
  if (!isObject(current)) throw new Error(`nothing there: ${JSON.stringify(value)}`);
  return current;
}

function child(document: Json, parent: unknown, key: string): Json {
  const value = resolve(document, parent)[key];
  if (value === undefined) throw new Error(`no ${key}`);
  return resolve(document, value);
}

function context(document: Json, operationId: string): Context {
  for (const [path, item] of Object.entries(child(document, document, 'paths'))) {
    for (const [method, operation] of Object.entries(resolve(document, item))) {
      if (isObject(operation) && operation['operationId'] === operationId) return { document, operation, method, path };
    }
  }
  throw new Error(`no operation ${operationId}`);
}

/** Steps from a schema to one of its members; arrays and `allOf` are seen through. */
function member(document: Json, parent: Json, steps: readonly string[], required: boolean): Place {
  const [step, ...rest] = steps;
  if (step === undefined) return { node: parent, schema: parent, required };
  let schema = parent;
  while (schema['type'] === 'array') schema = child(document, schema, 'items');
  for (const part of [schema, ...list(schema['allOf']).map((entry) => resolve(document, entry))]) {
    const found = isObject(part['properties']) ? part['properties'][step] : undefined;
    if (found !== undefined) {
      return member(document, resolve(document, found), rest, list(part['required']).includes(step));
    }
  }
  throw new Error(`no member ${step}`);
}

function jsonBody(document: Json, holder: Json, steps: readonly string[]): Place {
  const schema = child(document, child(document, child(document, holder, 'content'), 'application/json'), 'schema');
  return member(document, schema, steps, holder['required'] === true);
}

function place({ document, operation }: Context, subject: string): Place {
  const [kind = '', ...steps] = subject.split('.');
  const name = steps.join('.');
  const whole = (node: Json, schema: Json = node, required = false): Place => ({ node, schema, required });
  if (kind === 'operation') return whole(operation);
  if (kind === 'server') return whole(resolve(document, list(document['servers'])[0]));
  if (kind === 'scheme') return whole(child(document, child(document, child(document, document, 'components'), 'securitySchemes'), name));
  if (kind === 'required-header') {
    const value = child(document, operation, 'x-required-headers');
    return whole(isObject(value[name]) ? value[name] : { only: value[name] });
  }
  if (kind === 'path' || kind === 'query' || kind === 'header') {
    const parameters = list(operation['parameters']).map((entry) => resolve(document, entry));
    const found = parameters.find((entry) => entry['in'] === kind && entry['name'] === name);
    if (found === undefined) throw new Error(`no ${kind} parameter ${name}`);
    return whole(found, child(document, found, 'schema'), found['required'] === true);
  }
  if (kind === 'body') {
    const body = child(document, operation, 'requestBody');
    return steps.length === 0
      ? { node: body, schema: jsonBody(document, body, []).schema, required: body['required'] === true }
      : jsonBody(document, body, steps);
  }
  const response = child(document, child(document, operation, 'responses'), kind);
  if (steps.length > 0) return jsonBody(document, response, steps);
  return keys(response['content']).includes('application/json') ? whole(response, jsonBody(document, response, []).schema) : whole(response);
}

/** Security alternatives as text: `scheme scope & scheme`, one entry per alternative. */
function alternatives({ document, operation }: Context): string[] {
  return list(operation['security'] ?? document['security']).map((requirement) =>
    Object.entries(resolve(document, requirement))
      .map(([scheme, scopes]) => [scheme, ...list(scopes)].join(' '))
      .join(' & '),
  );
}

const schemes = (at: Context): string[] => [...new Set(alternatives(at).flatMap((text) => text.split(' & ').map((part) => part.split(' ')[0] ?? '')))];

const words = ({ node, schema }: Place): string =>
  [node['summary'], node['description'], schema['description']].join(' ').toLowerCase().replaceAll(/\s+/g, ' ');

/** The documented error messages of a response, each with the condition under which it is sent. */
function messages(document: Json, { node }: Place): { message: string; when: string }[] {
  const media = child(document, child(document, node, 'content'), 'application/json');
  return Object.values(child(document, media, 'examples')).map((entry) => {
    const example = resolve(document, entry);
    const error = resolve(document, list(child(document, example, 'value')['errors'])[0]);
    return { message: String(error['message']), when: String(example['summary']) };
  });
}

/** Whether a schema takes a value; only as much of JSON Schema as the documents use for unions. */
function accepts(document: Json, of: Json, value: unknown): boolean {
  const schema = resolve(document, of);
  const union = [...list(schema['oneOf']), ...list(schema['anyOf'])];
  if (union.length > 0) return union.some((entry) => accepts(document, resolve(document, entry), value));
  if (schema['type'] === 'string') return typeof value === 'string';
  if (schema['type'] === 'array') {
    return Array.isArray(value) && value.every((entry) => accepts(document, child(document, schema, 'items'), entry));
  }
  if (!isObject(value)) return false;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.entries(value).every(([key, entry]) => key in properties && accepts(document, resolve(document, properties[key]), entry));
}

function example({ node, schema }: Place): unknown {
  const media = isObject(node['content']) ? node['content']['application/json'] : undefined;
  return node['example'] ?? (isObject(media) ? media['example'] : undefined) ?? schema['example'];
}

const checks: Record<string, (at: Context, found: Place, value: unknown) => void> = {
  /** HTTP method, path template, version of the documentation, and `x-seed` of the operation. */
  method: (at, _found, value) => expect(at.method).toBe(value),
  path: (at, _found, value) => expect(at.path).toBe(value),
  version: (at, _found, value) => expect(child(at.document, at.operation, 'x-source')['version']).toBe(value),
  seed: (at, _found, value) => expect(at.operation['x-seed']).toBe(value),
  summary: (at, _found, value) => expect(at.operation['summary']).toBe(value),
  /** All statuses that the page declares, no more and no fewer; what comes from elsewhere says so. */
  statuses: (at, _found, value) => {
    const responses = at.operation['responses'] as Record<string, { 'x-seed'?: boolean }>;
    expect(
      keys(responses)
        .filter((status) => responses[status]!['x-seed'] !== false)
        .toSorted(),
    ).toEqual(value);
  },
  /** One way to be allowed in; how many there are; which schemes take part; which take part in every way. */
  alternative: (at, _found, value) => expect(alternatives(at)).toContain(value),
  alternatives: (at, _found, value) => expect(alternatives(at)).toHaveLength(Number(value)),
  schemes: (at, _found, value) => expect(schemes(at)).toEqual(value),
  always: (at, _found, value) => {
    for (const text of alternatives(at)) expect(text.split(' & ')).toEqual(expect.arrayContaining(list(value)));
  },
  flow: (_at, { node }, value) => expect(keys(node['flows'])).toContain(value),
  scope: (at, { node }, value) => {
    const scopes = Object.values(resolve(at.document, node['flows'])).flatMap((flow) => keys(resolve(at.document, flow)['scopes']));
    expect(scopes).toContain(value);
  },
  /** The only legal value of a required header. */
  only: (_at, { node }, value) => expect(node['only']).toBe(value),
  url: (_at, { node }, value) => expect(node['url']).toBe(value),
  variable: (_at, { node }, value) => expect(keys(node['variables'])).toContain(value),
  /** `name` and `in` of a security scheme, another place where a parameter is taken. */
  name: (_at, { node }, value) => expect(node['name']).toBe(value),
  in: (_at, { node }, value) => expect(node['in']).toBe(value),
  also: (_at, { node }, value) => expect(node['x-also-in']).toContain(value),
  required: (_at, { required }, value) => expect(required).toBe(value),
  /** A media type of a body or response; a binary answer. */
  media: (_at, { node }, value) => expect(keys(node['content'])).toContain(value),
  binary: (at, { node }) => {
    for (const media of Object.values(resolve(at.document, node['content']))) {
      expect(child(at.document, media, 'schema')).toMatchObject({ type: 'string', format: 'binary' });
    }
  },
  /** Members of an object, no more and no fewer; type of array items. */
  members: (_at, { schema }, value) => expect(keys(schema['properties']).toSorted()).toEqual(list(value).toSorted()),
  items: (at, { schema }, value) => expect(child(at.document, schema, 'items')['type']).toBe(value),
  /** A legal value; how many there are. */
  enum: (_at, { schema }, value) => expect(schema['enum']).toContain(value),
  values: (_at, { schema }, value) => expect(schema['enum']).toHaveLength(Number(value)),
  accepts: (at, { schema }, value) => expect(accepts(at.document, schema, value)).toBe(true),
  example: (_at, found, value) => expect(example(found)).toEqual(value),
  /** Words that summary or description have to contain, whatever the case. */
  says: (_at, found, value) => expect(words(found)).toContain(String(value).toLowerCase()),
  /** Error messages: one of them, how many, and words of the condition of one. */
  message: (at, found, value) => expect(messages(at.document, found).map((entry) => entry.message)).toContain(value),
  messages: (at, found, value) => expect(messages(at.document, found)).toHaveLength(Number(value)),
  when: (at, found, value) => {
    for (const [message, parts] of Object.entries(resolve(at.document, value))) {
      const conditions = messages(at.document, found).filter((entry) => entry.message === message);
      const matching = conditions.filter((entry) => list(parts).every((part) => entry.when.includes(String(part))));
      expect(matching.length, conditions.map((entry) => entry.when).join('; ')).toBeGreaterThan(0);
    }
  },
};

const read = (url: URL): unknown => parse(readFileSync(url, 'utf8'));
const pages = readdirSync(factsFolder)
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()
  .map((file) => read(new URL(file, factsFolder)) as Page);

test(`there are five pages and at least ${minimumOfFacts} facts`, () => {
  expect(pages).toHaveLength(5);
  expect(pages.flatMap((page) => page.facts).length).toBeGreaterThanOrEqual(minimumOfFacts);
});

for (const { page, document: file, operation, facts } of pages) {
  const document = resolve({}, read(new URL(file, specsFolder)));

  test(`${page}: no fact is written twice`, () => {
    const texts = facts.map((fact) => JSON.stringify(fact));
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  for (const [subject, property, value] of facts) {
    test(`${page}: ${subject} ${property} ${JSON.stringify(value)}`, () => {
      const at = context(document, operation);
      const found = place(at, String(subject));
      const check = checks[property];
      if (check) check(at, found, value);
      else expect(found.schema[property]).toEqual(value);
    });
  }
}
