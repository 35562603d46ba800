/**
 * The document that the generator is given: a plain OpenAPI 3.0 document which carries the facts as `x-facts`.
 *
 * Its schemas are simple on purpose: types come from the facts, and what the generator would choke on (recursion without
 * objects, compositions, names that differ by case) must not reach it. Ids and model names begin with their number, because
 * the generator sorts by them and merges names that look alike to it.
 */

import { dict, type Dict } from './read-document.ts';
import type { Facts } from './facts.ts';
import type { Api, ApiMedia } from './normalize.ts';

/** The tag that all operations have: the generator writes operations tag by tag. */
const tag = 'operations';

export function carrierDocument(api: Api, facts: Facts): Dict {
  const models = new Map<string, string>([...api.schemas.keys()].map((key, index) => [key, `M${number(index)}${ascii(api.schemas.get(key)?.name ?? '')}`]));
  const schemaOf = (media: ApiMedia): unknown => {
    const model = media.shape?.ref === undefined ? undefined : models.get(media.shape.ref);
    return model === undefined ? { type: 'string' } : { $ref: `#/components/schemas/${model}` };
  };
  const contentOf = (content: readonly ApiMedia[]): Dict =>
    Object.assign(dict(), Object.fromEntries(content.map((media) => [media.type, { schema: schemaOf(media) }])));

  const paths = dict();
  for (const [index, operation] of api.operations.entries()) {
    const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];
    const verb = verbs.includes(operation.method) ? operation.method.toLowerCase() : 'post';
    const responses = operation.responses.map((response): [string, unknown] => [
      response.status,
      { description: response.description ?? '', content: contentOf(response.content) },
    ]);
    // A path of its own for each: webhooks have none, and methods that 3.0 does not know would overwrite each other.
    paths[`/${number(index)}/${ascii(operation.path)}`] = {
      [verb]: {
        operationId: `o${number(index)}${ascii(operation.id)}`,
        tags: [tag],
        // Always as JSON: the generator leaves out models that only forms use.
        ...(operation.body?.content[0] && verb !== 'get'
          ? { requestBody: { content: { 'application/json': { schema: schemaOf(operation.body.content[0]) } } } }
          : {}),
        responses: responses.length > 0 ? Object.fromEntries(responses) : { default: { description: '' } },
        'x-facts': facts.operations[index],
      },
    };
  }
  const schemas = dict();
  for (const [index, name] of [...models.values()].entries()) {
    schemas[name] = { type: 'object', properties: { value: { type: 'string' } }, 'x-facts': facts.models[index] };
  }
  return { openapi: '3.0.3', info: { title: 'carrier', version: '1' }, 'x-facts': facts.file, paths, components: { schemas } };
}

const number = (index: number): string => String(index + 1).padStart(5, '0');
const ascii = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '');
