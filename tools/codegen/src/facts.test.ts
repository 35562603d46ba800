import { afterEach, describe, expect, it } from 'vitest';
import { cleanFolders, documentOf, processDocument } from './test-helpers.ts';

afterEach(cleanFolders);

const ok = { 200: { description: 'OK' } };

/** The facts of one operation, with its descriptor as an object of expressions. */
function operationOf(operation: object, more: object = {}, path = '/x', openapi = '3.0.3') {
  const { facts, repairs, api } = processDocument(
    documentOf({ paths: { [path]: { post: { operationId: 'x', responses: ok, ...operation } } }, more, openapi }),
  );
  const [fact] = facts.operations;
  const face = (suffix: string) =>
    Object.fromEntries(
      (fact?.interfaces.find(({ name }) => name === `X${suffix}`)?.members ?? []).map(({ key, optional, type }) => [key + (optional ? '?' : ''), type]),
    );
  return { fact, facts, api, repairs: repairs.list(), descriptor: Object.fromEntries((fact?.descriptor ?? []).map(({ key, code }) => [key, code])), face };
}

describe('parameters', () => {
  it('are flat, a clash gets its place before its name, a body is body', () => {
    const { face, descriptor } = operationOf(
      {
        parameters: [
          { name: 'id', in: 'header', schema: { type: 'string' } },
          { name: 'id', in: 'query', schema: { type: 'integer' } },
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'body', in: 'query', schema: { type: 'string' } },
        ],
        requestBody: { content: { 'application/json': { schema: { type: 'string' } } } },
      },
      {},
      '/x/{id}',
    );
    expect(face('Params')).toEqual({
      id: 'string',
      '"query:id"?': 'number | undefined',
      '"query:body"?': 'string | undefined',
      '"header:id"?': 'string | undefined',
      'body?': 'string | undefined',
    });
    expect(descriptor.parameters).toContain('{ name: "id", in: "query", key: "query:id"');
  });

  it('leave out what OpenAPI ignores and what a security scheme sends', () => {
    const parameters = ['accept', 'Content-Type', 'authorization', 'x-KEY', 'other'].map((name) => ({ name, in: 'header', schema: { type: 'string' } }));
    const { face } = operationOf(
      { parameters, security: [{ key: [] }] },
      { components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } } },
    );
    expect(face('Params')).toEqual({ 'other?': 'string | undefined' });
  });

  it('with one legal value are headers, and defaults make optional', () => {
    const { face, descriptor } = operationOf({
      'x-required-headers': { 'Content-Type': 'application/json', Accept: { enum: ['a/b'], default: 'a/b' } },
      parameters: [
        { name: 'X-Fixed', in: 'header', required: true, schema: { type: 'string', enum: ['yes'] } },
        { name: 'X-Optional', in: 'header', schema: { type: 'string', enum: ['yes'] } },
        { name: 'fixed', in: 'query', required: true, schema: { type: 'string', enum: ['only'] } },
        { name: 'size', in: 'query', required: true, schema: { type: 'integer', default: 10 } },
      ],
    });
    expect(descriptor.headers).toBe('{ "Content-Type": "application/json", "X-Fixed": "yes" }');
    expect(face('Params')).toEqual({ '"X-Optional"?': '"yes" | undefined', 'fixed?': '"only" | undefined', 'size?': 'number | undefined' });
    expect(descriptor.parameters).toContain('schema: { type: "string", enum: ["only"], default: "only" }');
    expect(descriptor.parameters).toContain('schema: { type: "integer", default: 10 }');
  });

  it('say their style only where it is not the usual one', () => {
    const parameters = [
      { name: 'a', in: 'query', style: 'form', explode: true, schema: { type: 'string' } },
      { name: 'b', in: 'query', style: 'pipeDelimited', explode: false, schema: { type: 'string' } },
      { name: 'c', in: 'query', explode: false, allowReserved: true, schema: { type: 'string' } },
      { name: 'd', in: 'query', content: { 'application/json': {} } },
      { name: 'e', in: 'header', style: 'simple', explode: false, schema: { type: 'string' } },
    ];
    const string = 'schema: { type: "string" } }';
    expect(operationOf({ parameters }).descriptor.parameters).toBe(
      `[{ name: "a", in: "query", ${string}, { name: "b", in: "query", style: "pipeDelimited", codec: styled, ${string}, { name: "c", in: "query", explode: false, allowReserved: true, codec: styled, ${string}, { name: "d", in: "query", contentType: "application/json", codec: styled }, { name: "e", in: "header", ${string}]`,
    );
  });

  it.each<[string, object, boolean]>([
    ['a text', { type: 'string', enum: ['a'] }, false],
    ['a number or nothing', { type: 'integer', nullable: true }, false],
    ['a named text', { $ref: '#/components/schemas/Name' }, false],
    ['a list', { type: 'array', items: { type: 'string' } }, true],
    ['an object', { type: 'object' }, true],
    ['one of two', { oneOf: [{ type: 'string' }, { type: 'integer' }] }, true],
    ['anything but', { type: 'string', not: { enum: ['x'] } }, true],
    ['a named list', { $ref: '#/components/schemas/Names' }, true],
    ['anything', {}, true],
  ])('bring the code that they need: %s', (_name, schema, isStyled) => {
    const schemas = { Name: { type: 'string', minLength: 1 }, Names: { type: 'array', items: { type: 'string' } } };
    const { descriptor, facts } = operationOf({ parameters: [{ name: 'a', in: 'query', schema }] }, { components: { schemas } });
    expect(/codec: styled/.test(descriptor.parameters!)).toBe(isStyled);
    expect(facts.file.runtimeValues).toBe(isStyled ? 'styled' : '');
  });

  it('are repaired', () => {
    const { face, repairs } = operationOf(
      {
        parameters: [
          { name: 'id', in: 'path', schema: { type: 'string' } },
          { name: 'gone', in: 'path', required: true, schema: {} },
          { name: 'old', in: 'query', type: 'integer' },
          { in: 'query' },
          { name: 'b', in: 'body', schema: { type: 'number' } },
          { name: 'f', in: 'formData' },
        ],
      },
      {},
      '/x/{id}/{undeclared}',
    );
    expect(face('Params')).toEqual({ id: 'string', undeclared: 'string', 'old?': 'number | undefined', 'body?': 'number | undefined' });
    expect(repairs).toHaveLength(7);
  });

  it('there are none: a call takes no argument', () => {
    expect(operationOf({}).fact?.typeArguments).toBe('Record<string, never>, XResponses');
  });
});

describe('bodies', () => {
  const body = (content: object) => operationOf({ requestBody: { required: true, content } });

  it('put JSON first and have the type of all media types', () => {
    const { face, descriptor } = body({
      'text/plain': { schema: { type: 'string' } },
      'application/vnd.x+json': { schema: { type: 'number' } },
      'image/png': {},
    });
    expect(face('Params').body).toBe('(number) | (string) | (BinaryBody)');
    expect(descriptor.body).toBe(
      '{ required: true, content: { "application/vnd.x+json": { schema: { type: "number" }, encode: json }, "text/plain": { schema: { type: "string" }, encode: raw }, "image/png": { encode: raw } } }',
    );
  });

  it('have files in multipart, also in named schemas', () => {
    const { facts } = processDocument(
      documentOf({
        paths: {
          '/x': {
            post: {
              operationId: 'x',
              responses: ok,
              requestBody: { required: true, content: { 'multipart/form-data': { schema: { $ref: '#/components/schemas/Upload' } } } },
            },
          },
        },
        schemas: {
          Upload: {
            type: 'object',
            required: ['file'],
            properties: { file: { $ref: '#/components/schemas/File' }, more: { type: 'array', items: { $ref: '#/components/schemas/File' } } },
          },
          File: { type: 'string', format: 'binary' },
        },
      }),
    );
    expect(facts.operations[0]?.interfaces[0]?.members[0]?.type.replaceAll(/\s+/g, ' ')).toBe('{ file: FilePart; more?: FilePart[] | undefined; }');
    expect(facts.file).toMatchObject({ runtimeTypes: 'FilePart, Operation', runtimeValues: 'multipart', modelTypes: '' });
    expect(facts.operations[0]?.descriptor.find(({ key }) => key === 'body')?.code).toContain('file: { format: "binary" }');
  });

  it('without media type, schema or with a range of media types are read as something that can be sent', () => {
    expect(body({}).descriptor.body).toBe('{ required: true, content: { "application/json": { encode: json } } }');
    expect(body({ '*/*': { schema: { type: 'object' } } }).descriptor.body).toContain('"application/json"');
    expect(body({ '*/*': { schema: { type: 'string', format: 'binary' } } }).descriptor.body).toContain('"application/octet-stream"');
  });

  it('have schema constants in the order in which they can be used', () => {
    const { facts } = processDocument(
      documentOf({
        paths: {
          '/x': { post: { operationId: 'x', responses: ok, requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } } } },
        },
        schemas: {
          A: { type: 'object', properties: { b: { $ref: '#/components/schemas/B' }, a: { $ref: '#/components/schemas/A' }, constructor: { type: 'string' } } },
          B: { type: 'string', description: 'left out', pattern: '^\\d+\\/$', example: 'left out' },
          Unused: { type: 'string' },
        },
      }),
    );
    expect(facts.file.constants).toEqual([
      { name: 'bSchema', type: 'Schema', value: '{ type: "string", pattern: "^\\\\d+\\\\/$" }' },
      { name: 'constructorMemberSchema', type: 'Schema', value: '{ type: "string" }' },
      { name: 'aSchema', type: 'Schema', value: '{ type: "object", properties: { b: bSchema, a: () => aSchema, constructor: constructorMemberSchema } }' },
    ]);
  });

  it('leave out patterns that cannot be run or must not be enforced', () => {
    const { descriptor, repairs } = body({
      'application/json': {
        schema: {
          type: 'object',
          properties: { a: { pattern: '(?i)x' }, b: { pattern: '^b$', 'x-no-enforce': true }, c: { type: 'string', format: 'password' } },
        },
      },
    });
    expect(descriptor.body).toContain('properties: { a: {}, b: {}, c: { type: "string", format: "password", secret: true } }');
    expect(repairs).toMatchObject([{ kind: 'pattern' }]);
  });
});

describe('answers', () => {
  const answer = (responses: object) => operationOf({ responses });

  it.each([
    ['application/json', { type: 'number' }, 'number'],
    ['application/problem+json; charset=utf-8', { type: 'number' }, 'number'],
    ['application/json', undefined, 'unknown'],
    ['application/json', { type: 'string', format: 'binary' }, 'Content'],
    ['text/csv', undefined, 'string'],
    ['text/csv', { type: 'string', format: 'binary' }, 'Content'],
    ['application/xml', { type: 'object' }, 'string'],
    ['image/svg+xml', undefined, 'Content'],
    ['application/octet-stream', undefined, 'Content'],
    ['application/x-ndjson', { type: 'object' }, 'Content'],
    ['text/event-stream', { type: 'string' }, 'Content'],
    ['application/x-www-form-urlencoded', { type: 'object' }, 'string'],
    ['*/*', { type: 'boolean' }, 'boolean'],
    ['*/*', undefined, 'Content'],
  ])('%s with %j is %s', (media, schema, type) => {
    const { face, descriptor } = answer({ 200: { description: '', content: { [media]: schema === undefined ? {} : { schema } } } });
    expect(face('Responses')['"200"']).toBe(type);
    expect(descriptor.binary).toBe(type === 'Content' ? 'binary' : undefined);
  });

  it('take JSON of several media types, and all on request', () => {
    const { face, fact, descriptor } = answer({
      200: { description: '', content: { 'application/xml': {}, 'application/json': { schema: { type: 'number' } } } },
      '4xx': { description: '' },
      default: { description: '' },
      oops: {},
    });
    expect(face('Responses')).toEqual({ '"200"': 'number', '"4XX"': 'undefined', '"default"': 'undefined' });
    expect(face('Accepts')).toEqual({ '"application/xml"': 'string', '"application/json"': 'number' });
    expect(fact?.typeArguments).toBe('Record<string, never>, XResponses, XAccepts');
    expect(descriptor.responses).toBe('{ "200": ["application/xml", "application/json"], "4XX": [], default: [] }');
  });

  it('that are not documented may be anything', () => {
    expect(answer({}).face('Responses')).toEqual({ default: 'unknown' });
  });
});

describe('security', () => {
  const schemes = {
    components: {
      securitySchemes: {
        a: { type: 'http', scheme: 'Bearer' },
        b: { type: 'apiKey', in: 'query', name: 'key' },
        'c d': { type: 'oauth2', flows: { implicit: { scopes: { read: '' } } } },
      },
    },
  };

  it.each<[object, object, string | undefined]>([
    [{}, {}, undefined],
    [{}, { security: [{ a: [] }] }, '[[a]]'],
    [{ security: [] }, { security: [{ a: [] }] }, '[]'],
    [{ security: [{ a: [], b: [] }, { 'c d': ['read'] }, {}] }, {}, '[[a, b], [cD], []]'],
    [{ security: [{ nope: [] }, { a: [] }] }, {}, '[[a]]'],
    [{ security: [{ nope: [] }] }, {}, undefined],
  ])('%j in %j is %s', (operation, root, code) => {
    const { descriptor } = operationOf(operation, { ...schemes, ...root });
    expect(descriptor.security).toBe(code);
  });

  it('schemes are constants', () => {
    expect(operationOf({ security: [{ a: [] }, { b: [] }, { 'c d': [] }] }, schemes).facts.file.constants.map(({ value }) => value)).toEqual([
      '{ name: "a", type: "http", scheme: "bearer" }',
      '{ name: "b", type: "apiKey", in: "query", parameter: "key" }',
      '{ name: "c d", type: "oauth2", scopes: ["read"] }',
    ]);
  });
});

describe('operations', () => {
  it('get names from method and path, numbers in document order, and keep clear of models and client members', () => {
    const operation = (operationId?: string) => ({ ...(operationId === undefined ? {} : { operationId }), responses: ok });
    const { api, repairs } = processDocument(
      documentOf({
        paths: {
          '/pets/{petId}': { put: operation('same'), get: operation() },
          '/b': { get: operation('same'), post: operation('Pet'), delete: operation('close') },
        },
        schemas: { Pet: { type: 'object' } },
      }),
    );
    expect(api.operations.map(({ id }) => id)).toEqual(['same', 'getPetsByPetId', 'same2', 'Pet', 'closeOperation']);
    expect([...api.schemas.values()].map(({ name }) => name)).toEqual(['PetModel']);
    expect(repairs.list().filter(({ kind }) => kind === 'operation id')).toHaveLength(3);
  });

  it('webhooks have no path', () => {
    const { facts } = processDocument({ openapi: '3.1.0', info: {}, webhooks: { 'pet.arrived': { post: { responses: ok } } } });
    expect(facts.operations[0]).toMatchObject({ id: 'petArrived', webhook: true });
    expect(facts.operations[0]?.descriptor).toContainEqual({ key: 'path', code: '""' });
    expect(facts.file.webhooks.map(({ id }) => id)).toEqual(['petArrived']);
  });

  it('import only what is used, whatever the texts and names say', () => {
    const schema = {
      type: 'object',
      properties: { Content: { type: 'string', description: 'Content of BinaryBody FilePart Pet' }, x: { type: 'string', enum: ['Content', 'Pet'] } },
    };
    const { facts } = processDocument(
      documentOf({
        paths: { '/x': { get: { responses: { 200: { description: 'Content', content: { 'application/json': { schema } } } } } } },
        schemas: { Pet: { type: 'object' } },
      }),
    );
    expect(facts.file).toMatchObject({ runtimeTypes: 'Operation', runtimeValues: '', modelTypes: '' });
  });
});
