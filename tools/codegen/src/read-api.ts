/** A document as this pipeline understands it, for tools that work on documents rather than code. */

import { basename, resolve } from 'node:path';
import { bundleDocument } from './bundle.ts';
import { normalize, type Api, type ApiOperation } from './normalize.ts';
import { dict, isDict, type Dict, textOf } from './read-document.ts';
import { Repairs, type Repair } from './report.ts';

/** An OpenAPI document in one piece. */
export interface ReadApi {
  /**
   * The document as plain data in one file: strict, every operation with its id, no `$ref` but to `#/components/schemas/...`.
   * Generating from it gives the same code as generating from the original.
   */
  readonly document: Readonly<Record<string, unknown>>;
  /** Every operation in document order, with the name it has in code. Webhooks have no path. */
  readonly operations: readonly { readonly id: string; readonly method: string; readonly path: string; readonly webhook: boolean }[];
  /** What was read otherwise than written. */
  readonly repairs: readonly Repair[];
}

/**
 * Reads a document, of one file or several, clean or not.
 *
 * @param path - The document.
 * @param options - `allowFolders`: folders besides the document's own that its `$ref`s may point into.
 * @throws CodegenError with file, line and what to do; nothing is fetched from the network.
 */
export function readApi(path: string, options: { readonly allowFolders?: readonly string[] } = {}): ReadApi {
  const repairs = new Repairs();
  const bundle = bundleDocument(resolve(path), { label: basename(path), allowFolders: options.allowFolders ?? [] }, repairs);
  const api = normalize(bundle, repairs);
  return {
    document: JSON.parse(JSON.stringify(repairedDocument(bundle.document, api))) as Record<string, unknown>,
    operations: api.operations.map(({ id, method, path: where, webhook }) => ({ id, method, path: where, webhook })),
    repairs: repairs.list(),
  };
}

function repairedDocument(document: Dict, api: Api): Dict {
  const byNode = new Map(api.operations.map((operation) => [operation.node, operation]));
  const items = (map: unknown, webhooks: boolean): Dict =>
    Object.assign(
      dict(),
      Object.fromEntries(
        Object.entries(isDict(map) ? map : dict())
          .filter((entry): entry is [string, Dict] => isDict(entry[1]))
          .map(([key, item]) => [
            webhooks || key.startsWith('/') ? key : `/${key}`,
            Object.fromEntries(
              Object.entries(item)
                // Each operation has them now.
                .filter(([name]) => name !== 'parameters')
                .map(([name, node]) => {
                  const operation = isDict(node) ? byNode.get(node) : undefined;
                  return [name, operation === undefined ? node : repairedOperation(operation)];
                }),
            ),
          ]),
      ),
    );
  const { paths, webhooks, ...rest } = document;
  return Object.assign(dict(), rest, { paths: items(paths, false) }, webhooks === undefined ? {} : { webhooks: items(webhooks, true) });
}

/** An Operation Object with what the normaliser added, renamed or left out. */
function repairedOperation(operation: ApiOperation): Dict {
  const { node, parameters, body, responses } = operation;
  const { requestBody, responses: documented, ...rest } = node;
  delete rest.parameters;
  const answers = isDict(documented) ? documented : dict();
  return Object.assign(
    dict(),
    { ...rest, operationId: operation.id },
    parameters.length === 0
      ? {}
      : {
          parameters: parameters.map((parameter) => {
            const { type, schema, content, ...own } = parameter.node;
            const shape = content !== undefined ? { content } : { schema: schema ?? { type: typeof type === 'string' ? type : 'string' } };
            return { ...own, name: parameter.name, in: parameter.in, ...(parameter.required ? { required: true } : {}), ...shape };
          }),
        },
    body === undefined ? {} : { requestBody: { ...(isDict(requestBody) ? requestBody : {}), required: body.required, content: mediaTypes(requestBody, body) } },
    {
      responses:
        responses.length === 0
          ? { default: { description: 'Not documented.' } }
          : Object.fromEntries(
              responses.map(({ status }) => {
                const raw = Object.entries(answers).find(([key]) => key.toUpperCase() === status.toUpperCase())?.[1];
                const answer = isDict(raw) ? raw : dict();
                return [status, { ...answer, description: textOf(answer.description ?? status) }];
              }),
            ),
    },
  );
}

function mediaTypes(requestBody: unknown, body: NonNullable<ApiOperation['body']>): Dict {
  const written = isDict(requestBody) && isDict(requestBody.content) ? requestBody.content : dict();
  const ranges = Object.entries(written).filter(([type]) => type.includes('*'));
  return Object.assign(dict(), Object.fromEntries(body.content.map(({ type }) => [type, written[type] ?? ranges[0]?.[1] ?? { schema: {} }])));
}
