import type { Show } from './calls.ts';
import { check, type Schema, type Violation } from './schema.ts';
import type { Spec, SpecOperation, SpecParameter } from './spec.ts';
import { essence } from './media-types.ts';
import type { Answer } from './wire.ts';

/** The parts of a request that the spec speaks of. */
export interface CheckedRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The parsed JSON body; `undefined` where there is none or it is not read as JSON. */
  readonly json: { readonly value: unknown } | undefined;
}

/**
 * Where a request contradicts the spec.
 *
 * @param alsoAllowed - Query parameters that carry credentials and stand in the security schemes.
 * @param requiredHeaders - Whether headers that OpenAPI ignores as parameters (`x-required-headers`) are insisted on.
 */
export function checkRequest(
  spec: Spec,
  operation: SpecOperation,
  request: CheckedRequest,
  alsoAllowed: readonly string[],
  requiredHeaders: boolean,
): Violation[] {
  const resolve = resolver(spec);
  const found: Violation[] = [];
  const within = (place: string, violations: readonly Violation[]): void => {
    for (const violation of violations) found.push({ ...violation, pointer: `${place}${violation.pointer === '/' ? '' : violation.pointer}` });
  };
  for (const parameter of operation.parameters) {
    const place = `${parameter.in}/${parameter.name}`;
    const schema = parameter.schema?.$ref === undefined ? parameter.schema : resolve(parameter.schema.$ref);
    // Objects and cookies travel in forms of their own; the clients check them before they are written.
    if (schema?.type === 'object' || parameter.in === 'cookie') continue;
    const raw = read(parameter, request);
    if (raw === undefined) {
      if (parameter.required === true) found.push({ pointer: place, rule: 'required', value: 'absent' });
      continue;
    }
    if (schema === undefined) continue;
    if (schema.type === 'array') {
      const items = schema.items?.$ref === undefined ? schema.items : resolve(schema.items.$ref);
      const values = raw.flatMap((one) =>
        parameter.explode === false || parameter.in !== 'query' ? one.split(SEPARATORS[parameter.style ?? ''] ?? ',') : [one],
      );
      within(
        place,
        check(
          values.map((one) => typed(one, items)),
          schema,
          resolve,
          'request',
        ),
      );
    } else if (raw.length > 1) found.push({ pointer: place, rule: 'one value', value: raw.join(', ') });
    else within(place, check(typed(raw[0]!, schema), schema, resolve, 'request'));
  }
  const inQuery = operation.parameters.filter((one) => one.in === 'query');
  const known = new Set(inQuery.map((one) => one.name));
  // The members of an object are parameters of their own: `filter[name]=x`, or `name=x` where it is exploded.
  const objects = inQuery.filter(
    (one) => one.schema !== undefined && (one.schema.$ref === undefined ? one.schema : resolve(one.schema.$ref)).type === 'object',
  );
  const anyName = objects.some((one) => one.style !== 'deepObject' && one.explode !== false);
  for (const name of new Set(request.query.keys())) {
    if (anyName || objects.some((one) => name.startsWith(`${one.name}[`))) continue;
    if (!known.has(name) && !alsoAllowed.includes(name)) {
      found.push({ pointer: `query/${name}`, rule: `one of the documented parameters: ${[...known].join(', ') || 'none'}`, value: 'present' });
    }
  }
  if (requiredHeaders) {
    for (const [name, rule] of Object.entries(operation.requiredHeaders ?? {})) {
      const allowed = typeof rule === 'string' ? [rule] : rule.enum;
      const value = request.headers.get(name);
      if (value === null) found.push({ pointer: `header/${name}`, rule: 'required', value: 'absent' });
      else if (!allowed.includes(essence(value))) found.push({ pointer: `header/${name}`, rule: `enum: ${allowed.join(', ')}`, value });
    }
  }
  if (operation.body !== undefined) {
    const type = essence(request.headers.get('content-type'));
    const types = Object.keys(operation.body.content);
    if (request.json === undefined && type === '') {
      if (operation.body.required) found.push({ pointer: 'body', rule: 'required', value: 'absent' });
    } else if (!types.includes(type)) found.push({ pointer: 'header/Content-Type', rule: `one of ${types.join(', ')}`, value: type === '' ? 'absent' : type });
    else if (request.json !== undefined) {
      const schema = operation.body.content[type];
      if (schema !== null && schema !== undefined) within('body', check(request.json.value, schema, resolve, 'request'));
    }
  }
  return found;
}

/** Where an answer contradicts the spec. */
export function checkAnswer(spec: Spec, operation: SpecOperation, answer: Answer, allowedStatuses: readonly number[]): Violation[] {
  const declared = operation.responses[String(answer.status)] ?? operation.responses[`${Math.floor(answer.status / 100)}XX`] ?? operation.responses.default;
  if (declared === undefined) {
    if (allowedStatuses.includes(answer.status)) return [];
    return [{ pointer: 'status', rule: `one of ${Object.keys(operation.responses).join(', ')}`, value: String(answer.status) }];
  }
  const types = Object.keys(declared);
  if (answer.unchecked === true) return [];
  const hasBody = answer.json !== undefined || answer.text !== undefined || answer.content !== undefined;
  if (!hasBody) return [];
  if (types.length === 0) return [{ pointer: 'body', rule: 'no body', value: 'present' }];
  const type = answer.json !== undefined ? 'application/json' : essence(answer.headers?.['content-type']);
  const name = types.find((one) => essence(one) === type) ?? types.find((one) => one === '*/*');
  if (name === undefined) return [{ pointer: 'header/Content-Type', rule: `one of ${types.join(', ')}`, value: type }];
  const schema = declared[name];
  if (answer.json === undefined || schema === null || schema === undefined) return [];
  return check(answer.json, schema, resolver(spec), 'answer').map((one) => ({ ...one, pointer: `body${one.pointer}` }));
}

/** `body/sender/type is "nobody", which breaks enum: custom_bot, customer`. */
export function describe(violation: Violation, show: Show): string {
  const value = show(violation.value);
  return `${violation.pointer} is ${value.length > 60 ? `${value.slice(0, 57)}...` : value}, which breaks "${violation.rule}"`;
}

function resolver(spec: Spec): (reference: string) => Schema {
  return (reference) => {
    const schema = spec.schemas[reference.slice(reference.lastIndexOf('/') + 1)];
    if (schema === undefined) throw new Error(`The spec "${spec.title}" has no ${reference}.`);
    return schema;
  };
}

function read(parameter: SpecParameter, request: CheckedRequest): string[] | undefined {
  const places = [parameter.in, ...(parameter.alsoIn ?? [])];
  for (const place of places) {
    if (place === 'path') {
      const value = request.params[parameter.name];
      if (value !== undefined) return [value];
    } else if (place === 'query') {
      const values = request.query.getAll(parameter.name);
      if (values.length > 0) return values;
    } else if (place === 'header') {
      const value = request.headers.get(parameter.name);
      if (value !== null) return [value];
    }
  }
  return undefined;
}

/** What stands between the items of a list, where it is no comma. */
const SEPARATORS: Readonly<Record<string, string>> = { pipeDelimited: '|', spaceDelimited: ' ' };

/** A text of the wire as the JSON type that the schema wants; unchanged where it is none, so that the check names it. */
function typed(text: string, schema: Schema | undefined): unknown {
  const types = [schema?.type ?? []].flat();
  if (types.includes('boolean')) return text === 'true' ? true : text === 'false' ? false : text;
  if (types.includes('integer') || types.includes('number')) return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  return text;
}
