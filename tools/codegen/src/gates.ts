/**
 * What must hold before anything is written: a generator can lose half a document and still end with success.
 *
 * The rendered code is parsed and compared with the document. It must be made of imports, types and constants whose values
 * are literals: so nothing that a document says can become code that runs.
 */

import { parseSync } from 'oxc-parser';
import type { Bundle } from './bundle.ts';
import type { Api, ApiOperation } from './normalize.ts';
import { isDict, type Dict } from './read-document.ts';
import { CodegenError } from './report.ts';

const badLog = ["Default to 'object'", 'Duplicate file path', 'Unable to load'];

/** Fails when the generator's log shows that it gave up on something. */
export function checkLog(log: string): void {
  const line = log.split('\n').find((text) => badLog.some((bad) => text.includes(bad)));
  if (line !== undefined)
    throw new CodegenError(`The OpenAPI generator lost something: ${line.trim().slice(0, 300)}`, 'Nothing was written. Please report this with the document.');
}

/** A descriptor as it was found in the code. */
export type EmittedOperation = Dict;

/**
 * Reads the exported descriptors of `operations.ts`.
 *
 * @throws CodegenError when the code does not parse or holds anything but types and literals.
 */
export function readOperations(code: string, label: string): Map<string, EmittedOperation> {
  const operations = new Map<string, EmittedOperation>();
  for (const { name, exported, value } of readConstants(code, label)) if (exported) operations.set(name, value as EmittedOperation);
  return operations;
}

/** Compares the emitted code with the document: operations, statuses, media types, parameters. */
export function checkOutput(label: string, files: ReadonlyMap<string, string>, api: Api, bundle: Bundle): void {
  const problems: string[] = [];
  const operations = readOperations(files.get('operations.ts') ?? '', label);
  const models = readTypeNames(files.get('models.ts') ?? '', label);
  for (const { name } of api.schemas.values()) if (!models.has(name)) problems.push(`the schema ${name} is missing in models.ts`);
  if (models.size !== api.schemas.size) problems.push(`models.ts has ${models.size} types, the document ${api.schemas.size} schemas`);

  const documented = countOperations(bundle.document);
  if (operations.size !== documented) problems.push(`operations.ts has ${operations.size} operations, the document ${documented}`);
  for (const operation of api.operations) {
    const emitted = operations.get(operation.id);
    if (!emitted) problems.push(`the operation ${operation.id} is missing`);
    else problems.push(...compare(operation, emitted));
  }
  if (problems.length > 0) {
    throw new CodegenError(
      `${label}: the generated code lacks parts of the document:\n${problems
        .slice(0, 10)
        .map((problem) => `    ${problem}`)
        .join('\n')}`,
      'Nothing was written. Please report this with the document.',
    );
  }
}

/** Counts in the bundled document itself, not in what was made of it. */
function countOperations(document: Dict): number {
  const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];
  const items = [document.paths, document.webhooks].flatMap((map) => (isDict(map) ? Object.values(map) : [])).filter(isDict);
  const more = items.map((item) => item.additionalOperations).filter(isDict);
  return items.flatMap((item) => methods.filter((method) => isDict(item[method]))).length + more.flatMap((map) => Object.keys(map)).length;
}

function compare(operation: ApiOperation, emitted: EmittedOperation): string[] {
  const problems: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown): void => {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) problems.push(`${operation.id}: ${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  };
  expect('id', emitted.id, operation.id);
  expect('method', emitted.method, operation.method);
  expect('path', emitted.path, operation.path);
  const responses = isDict(emitted.responses) ? emitted.responses : {};
  expect('list of statuses', Object.keys(responses).toSorted(), operation.responses.map((response) => response.status).toSorted());
  for (const response of operation.responses)
    expect(
      `media types of ${response.status}`,
      responses[response.status],
      response.content.map((media) => media.type),
    );
  const content = isDict(emitted.body) && isDict(emitted.body.content) ? Object.keys(emitted.body.content) : [];
  expect(
    'list of request media types',
    content,
    (operation.body?.content ?? []).map((media) => media.type),
  );
  const parameters = Array.isArray(emitted.parameters) ? emitted.parameters.filter(isDict) : [];
  const paths = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => String(parameter.name));
  expect(
    'list of path parameters',
    paths.toSorted(),
    operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name)
      .toSorted(),
  );
  return problems;
}

interface Constant {
  readonly name: string;
  readonly exported: boolean;
  readonly value: unknown;
}

type AstNode = { readonly type: string; readonly [member: string]: unknown };

function statements(code: string, label: string, file: string): AstNode[] {
  const { program, errors } = parseSync(file, code, { lang: 'ts', sourceType: 'module' });
  const [error] = errors;
  if (error) throw new CodegenError(`${label}: the rendered ${file} is not TypeScript: ${error.message}`, 'Check the templates. Nothing was written.');
  return program.body as unknown as AstNode[];
}

function readTypeNames(code: string, label: string): Set<string> {
  const names = new Set<string>();
  for (const statement of statements(code, label, 'models.ts')) {
    const declaration = statement.declaration as AstNode | null | undefined;
    if (statement.type === 'ExportNamedDeclaration' && declaration && /^TS(Interface|TypeAlias)Declaration$/.test(declaration.type))
      names.add(String((declaration.id as AstNode).name));
    else if (statement.type !== 'ExportNamedDeclaration' || declaration) throw notInert(label, 'models.ts', statement);
  }
  return names;
}

function readConstants(code: string, label: string): Constant[] {
  const found: Constant[] = [];
  for (const statement of statements(code, label, 'operations.ts')) {
    const exported = statement.type === 'ExportNamedDeclaration';
    const declaration = (exported ? statement.declaration : statement) as AstNode | null;
    if (declaration === null || declaration.type === 'ImportDeclaration' || declaration.type === 'TSInterfaceDeclaration') continue;
    if (declaration.type !== 'VariableDeclaration' || declaration.kind !== 'const') throw notInert(label, 'operations.ts', declaration);
    for (const part of declaration.declarations as AstNode[]) {
      found.push({ name: String((part.id as AstNode).name), exported, value: evaluate(part.init as AstNode, label) });
    }
  }
  return found;
}

/** The value of a literal; names of other constants and functions that give one stay names. */
function evaluate(node: AstNode, label: string): unknown {
  switch (node.type) {
    case 'Literal':
      if (node.value instanceof RegExp) break;
      return node.value;
    case 'Identifier':
      return { $name: node.name };
    case 'UnaryExpression':
      if (node.operator === '-') return -(evaluate(node.argument as AstNode, label) as number);
      break;
    case 'ArrowFunctionExpression':
      if ((node.body as AstNode).type === 'Identifier' && (node.params as unknown[]).length === 0) return { $name: (node.body as AstNode).name };
      break;
    case 'ArrayExpression':
      return (node.elements as AstNode[]).map((element) => evaluate(element, label));
    case 'ObjectExpression': {
      const value: Dict = Object.create(null) as Dict;
      for (const property of node.properties as AstNode[]) {
        const key = property.key as AstNode | undefined;
        const simple =
          property.type === 'Property' &&
          property.kind === 'init' &&
          property.method === false &&
          key &&
          (property.computed === false || key.type === 'Literal');
        if (!simple) throw notInert(label, 'operations.ts', property);
        value[String(key.type === 'Identifier' ? key.name : key.value)] = evaluate(property.value as AstNode, label);
      }
      return value;
    }
    default:
  }
  throw notInert(label, 'operations.ts', node);
}

function notInert(label: string, file: string, node: AstNode): CodegenError {
  return new CodegenError(
    `${label}: the rendered ${file} holds something that is neither a type nor a literal (${node.type}).`,
    'Check the templates. Nothing was written.',
  );
}
