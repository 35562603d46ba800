import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

import { fakeFiles, integrationFiles } from './fake-files.ts';
import { namesOf } from './names.ts';
import { codeOf, commentOf, describeApi } from './new-api.ts';
import { BYTES } from './samples.ts';
import { clientFiles, packageFiles } from './vendor-files.ts';

const HOSTILE = 'x */ `${globalThis.hacked = 1}` \' " \\ \u2028\n// <script>';

function documentWith(text: string): Record<string, unknown> {
  return {
    openapi: '3.0.3',
    info: { title: text, version: text },
    servers: [{ url: 'https://{host}/v1/', variables: { host: { default: 'api.example.com' } } }],
    security: [{ [text]: [] }],
    components: { schemas: {}, securitySchemes: { [text]: { type: 'apiKey', in: 'header', name: text } } },
    paths: {
      '/pets/{id}': {
        get: {
          operationId: 'getPet',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9]+$' } }],
          responses: {
            '200': {
              description: 'ok',
              content: { 'application/json': { schema: { type: 'object', properties: { name: { type: 'string', example: text } } } } },
            },
            '404': { description: text },
          },
        },
      },
    },
  };
}

describe('describeApi', () => {
  const api = describeApi(namesOf('acme', 'api', []), documentWith('Pets'), []);

  test('arguments and answers fit the document', () => {
    const [operation] = api.operations;
    expect(operation).toMatchObject({ id: 'getPet', method: 'GET', path: '/pets/{id}', isPublic: false, answer: { status: 200, json: { name: 'Pets' } } });
    expect(operation!.params!.id).toMatch(/^[0-9]+$/);
  });

  test('the address, the credentials and the errors are read', () => {
    expect(api).toMatchObject({
      baseUrl: 'https://api.example.com/v1',
      basePath: '/v1',
      schemes: [{ name: 'Pets', header: 'pets', isBasic: false }],
      errorRows: [{ status: 404, kind: 'not-found', hint: 'The document says: Pets' }],
    });
  });

  test('an operation whose rules no sample keeps is told, not guessed', () => {
    const document = documentWith('Pets');
    const operation = (document.paths as Record<string, Record<string, { parameters: { schema: object }[] }>>)['/pets/{id}']!.get!;
    operation.parameters[0]!.schema = { type: 'string', minLength: 5, maxLength: 2 };
    expect(describeApi(namesOf('acme', 'api', []), document, []).operations[0]!.params).toBeUndefined();
  });
});

describe('what a hostile document says stays text', () => {
  const api = describeApi(namesOf('acme', 'api', [], HOSTILE), documentWith(HOSTILE), []);
  const files = { ...packageFiles(api), ...clientFiles(api), ...fakeFiles(api), ...integrationFiles(api) };

  test.each(Object.entries(files).filter(([path]) => path.endsWith('.ts')))('%s', (_path, code) => {
    const { errors, program } = parseSync('file.ts', code);
    expect(errors).toEqual([]);
    const names: string[] = [];
    new Visitor({ Identifier: ({ name }) => void names.push(name), JSXElement: () => void names.push('JSX') }).visit(program);
    expect(names).not.toContain('hacked');
    expect(names).not.toContain('globalThis');
  });

  test('a value as code is the value again', () => {
    const value = { [HOSTILE]: [HOSTILE, 1, true, null, { ['__proto__']: 'x' }] };
    // oxlint-disable-next-line no-new-func -- the point is what the text evaluates to
    expect(new Function(`return ${codeOf(value)}`)()).toEqual(value);
    expect(codeOf(BYTES)).toBe("new Blob(['sample'])");
  });

  test('a comment cannot be ended', () => {
    expect(commentOf(HOSTILE)).not.toMatch(/\*\/|\n/);
  });
});
