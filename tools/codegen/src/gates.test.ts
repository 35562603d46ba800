import { afterEach, describe, expect, it } from 'vitest';
import { checkLog, checkOutput, readOperations } from './gates.ts';
import { cleanFolders, documentOf, processDocument } from './test-helpers.ts';

afterEach(cleanFolders);

describe('the log of the generator', () => {
  it.each(["WARN Default to 'object' for x", 'Duplicate file path', 'Unable to load schema'])('%s ends the run', (line) => {
    expect(() => checkLog(`INFO fine\n${line}\n`)).toThrow(/lost something/);
  });
});

describe('the rendered code', () => {
  const document = documentOf({
    paths: {
      '/a/{id}': {
        get: {
          operationId: 'a',
          parameters: [{ name: 'id', in: 'path', required: true, schema: {} }],
          responses: { 200: { description: '', content: { 'text/plain': {} } }, 404: { description: '' } },
        },
      },
    },
    schemas: { M: { type: 'object' } },
  });
  const operation = `{ id: 'a', method: 'GET', path: '/a/{id}', parameters: [{ name: 'id', in: 'path' }], responses: { '200': ['text/plain'], '404': [] } }`;
  const check = (operations: string, models = 'export interface M {}') => {
    const { api, bundle } = processDocument(document);
    checkOutput(
      'api.yaml',
      new Map([
        ['operations.ts', operations],
        ['models.ts', models],
      ]),
      api,
      bundle,
    );
  };

  it('passes when it is complete', () => {
    expect(() => check(`export const a: Operation = ${operation};`)).not.toThrow();
  });

  it.each([
    ['export {};', /operations\.ts has 0 operations, the document 1/],
    [`export const a: O = ${operation.replace(`'404': []`, '')};`, /list of statuses/],
    [`export const a: O = ${operation.replace('text/plain', 'text/html')};`, /media types of 200/],
    [`export const a: O = ${operation.replace('GET', 'PUT')};`, /method/],
    [`export const a: O = ${operation.replace(`{ name: 'id', in: 'path' }`, '')};`, /path parameters/],
  ])('fails when something is missing: %s', (code, message) => {
    expect(() => check(code)).toThrow(message);
  });

  it('fails when a model is missing', () => {
    expect(() => check(`export const a: O = ${operation};`, 'export {};')).toThrow(/schema M is missing/);
  });

  it.each([
    'alert(1);',
    'export const a: O = { id: alert(1) };',
    'export const a: O = { get id() { return 1; } };',
    'export const a: O = { [alert(1)]: 1 };',
    'export let a = 1;',
    'export default 1;',
    'export const a: O = `x${alert(1)}`;',
    'export const a: O = { ...b };',
  ])('fails when it could run something: %s', (code) => {
    expect(() => readOperations(code, 'api.yaml')).toThrow(/neither a type nor a literal/);
  });

  it('fails when it is not TypeScript', () => {
    expect(() => readOperations('export const = 1', 'api.yaml')).toThrow(/is not TypeScript/);
  });
});
