/**
 * Turns an OpenAPI document into the module that a fake embeds: only what a request or an answer can contradict, so that
 * the subpath of one vendor carries its own spec and nothing else. Used by the build and by the tests alike, so there is
 * no copy that could be out of date.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

interface Node {
  [key: string]: unknown;
}

/** Schema members that {@link ../src/core/schema.ts} reads. */
const SCHEMA_MEMBERS: ReadonlySet<string> = new Set([
  '$ref',
  'type',
  'nullable',
  'enum',
  'const',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'items',
  'properties',
  'required',
  'additionalProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'x-extensible-enum',
  'x-lenient',
]);
/** Headers that OpenAPI says are no parameters. */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);
const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** The plugin, for rolldown (tsdown) and vite (vitest). */
export function specPlugin(): { name: string; load(id: string): Promise<{ code: string; moduleType: 'js'; map: null } | undefined> } {
  return {
    name: 'asset-clients-spec',
    async load(id: string): Promise<{ code: string; moduleType: 'js'; map: null } | undefined> {
      const path = id.split('?', 1)[0]!;
      if (!path.endsWith('.yaml')) return undefined;
      return { code: `export default ${JSON.stringify(slimSpec(parse(await readFile(path, 'utf8')) as Node))};`, moduleType: 'js', map: null };
    },
  };
}

/** The slim form of a document; see `Spec` in ../src/core/spec.ts. */
export function slimSpec(document: Node): Node {
  const resolve = (node: Node): Node => {
    if (typeof node.$ref !== 'string') return node;
    let at: unknown = document;
    for (const part of node.$ref.replace(/^#\//, '').split('/')) at = (at as Node)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    return resolve(at as Node);
  };
  const operations: Node = {};
  for (const [path, item] of Object.entries(document.paths as Record<string, Node>)) {
    for (const method of METHODS) {
      const operation = item[method] as Node | undefined;
      if (operation === undefined) continue;
      const parameters = [...((item.parameters as Node[]) ?? []), ...((operation.parameters as Node[]) ?? [])].map(resolve);
      const body = operation.requestBody === undefined ? undefined : resolve(operation.requestBody as Node);
      operations[operation.operationId as string] = {
        method: method.toUpperCase(),
        path,
        parameters: parameters
          .filter(({ name, in: place }) => place !== 'header' || !NO_PARAMETERS.has((name as string).toLowerCase()))
          .map((parameter) => ({
            name: parameter.name,
            in: parameter.in,
            ...(parameter.required === true ? { required: true } : {}),
            ...(parameter.schema === undefined ? {} : { schema: slimSchema(parameter.schema as Node) }),
            ...(parameter.style === undefined ? {} : { style: parameter.style }),
            ...(parameter.explode === undefined ? {} : { explode: parameter.explode }),
            ...(parameter['x-also-in'] === undefined ? {} : { alsoIn: parameter['x-also-in'] }),
          })),
        ...(operation['x-required-headers'] === undefined ? {} : { requiredHeaders: operation['x-required-headers'] }),
        ...(body === undefined ? {} : { body: { required: body.required === true, content: mediaTypes(body) } }),
        responses: Object.fromEntries(
          Object.entries(operation.responses as Record<string, Node>).map(([status, response]) => [status, mediaTypes(resolve(response))]),
        ),
      };
    }
  }
  const schemas = (document.components as Record<string, Record<string, Node>> | undefined)?.schemas ?? {};
  return {
    title: (document.info as Node).title,
    operations,
    schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, slimSchema(schema)])),
  };
}

function mediaTypes(holder: Node): Node {
  return Object.fromEntries(
    Object.entries((holder.content as Record<string, Node>) ?? {}).map(([type, media]) => [
      type,
      media.schema === undefined ? null : slimSchema(media.schema as Node),
    ]),
  );
}

function slimSchema(schema: Node): Node {
  const slim: Node = {};
  for (const [key, value] of Object.entries(schema)) {
    if (!SCHEMA_MEMBERS.has(key)) continue;
    // Some vendors write patterns that are none; they bind nobody.
    if (key === 'pattern' && !isPattern(value)) continue;
    if (key === 'properties') slim[key] = Object.fromEntries(Object.entries(value as Record<string, Node>).map(([name, member]) => [name, slimSchema(member)]));
    else if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') slim[key] = (value as Node[]).map(slimSchema);
    else if (typeof value === 'object' && value !== null && (key === 'items' || key === 'additionalProperties')) slim[key] = slimSchema(value as Node);
    else slim[key] = value;
  }
  return slim;
}

function isPattern(value: unknown): boolean {
  try {
    return new RegExp(value as string, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
