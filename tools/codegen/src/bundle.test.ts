import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleDocument } from './bundle.ts';
import { Repairs } from './report.ts';
import { cleanFolders, documentOf, folderOf, processDocument } from './test-helpers.ts';

afterEach(cleanFolders);

const get = (schema: unknown) => ({
  '/a': { get: { operationId: 'a', responses: { 200: { description: '', content: { 'application/json': { schema } } } } } },
});

describe('joining files', () => {
  it('gives schemas of other files the name of the file, or of the component that stands for them', () => {
    const { api } = processDocument(documentOf({ paths: get({ $ref: 'parts/thing.yaml' }), schemas: { Renamed: { $ref: 'parts/other.yaml' } } }), {
      'parts/thing.yaml': 'type: object\nproperties:\n  other: { $ref: other.yaml }\n  self: { $ref: "#" }\n',
      'parts/other.yaml': 'type: object\nproperties: { up: { $ref: thing.yaml } }\n',
    });
    expect([...api.schemas.values()].map(({ name }) => name)).toEqual(['Renamed', 'Thing']);
    expect(api.schemas.get('thing')?.shape.properties?.get('other')?.ref).toBe('Renamed');
    expect(api.schemas.get('thing')?.shape.properties?.get('self')?.ref).toBe('thing');
  });

  it('keeps two files of one name apart', () => {
    const { api } = processDocument(documentOf({ paths: get({ anyOf: [{ $ref: 'a/x.yaml' }, { $ref: 'b/x.yaml' }] }) }), {
      'a/x.yaml': 'type: object\nproperties: { a: {} }',
      'b/x.yaml': 'type: object\nproperties: { b: {} }',
    });
    expect([...api.schemas.values()].map(({ name }) => name)).toEqual(['X', 'X2']);
  });

  it('follows references of every kind, through references, anchors and encoded pointers', () => {
    const { api } = processDocument(
      documentOf({
        paths: { '/a': { $ref: 'path.yaml#/item' } },
        schemas: { 'a/b~c d': { type: 'string' }, Anchored: { $anchor: 'here', type: 'integer' } },
        more: { 'x-more': { deep: { $ref: 'path.yaml' } } },
      }),
      {
        'path.yaml': `item:
  get:
    operationId: a
    parameters: [{ $ref: '#/page' }]
    responses:
      200: { description: '', content: { application/json: { schema: { $ref: 'api.yaml#/components/schemas/a~1b~0c%20d' } } } }
      201: { description: '', content: { application/json: { schema: { $ref: 'api.yaml#here' } } } }
      202: { $ref: 'api.yaml#/x-more/deep/answer' }
page: { name: page, in: query, schema: { type: integer } }
answer: { description: '', content: { application/json: { schema: { type: object, properties: { x: {} } } } } }
`,
      },
    );
    const [operation] = api.operations;
    expect(operation?.parameters.map(({ name }) => name)).toEqual(['page']);
    expect(operation?.responses.map((response) => response.content[0]?.shape?.ref)).toEqual(['a/b~c d', 'Anchored', 'answer']);
  });

  it('reads a $ref in the place of properties as what is meant', () => {
    const { facts, repairs } = processDocument(documentOf({ paths: get({ type: 'object', properties: { $ref: 'thing.yaml' } }) }), {
      'thing.yaml': 'type: object\nproperties: { x: { type: string } }',
    });
    expect(facts.operations[0]?.interfaces[0]?.members[0]?.type).toBe('Thing');
    expect(repairs.list()[0]).toMatchObject({ kind: 'reference' });
  });

  it('lets examples and members that are called $ref alone', () => {
    const { facts } = processDocument(
      documentOf({ paths: get({ type: 'object', example: { $ref: 'nowhere.yaml' }, properties: { $ref: { type: 'string' } } }) }),
    );
    expect(facts.operations[0]?.interfaces[0]?.members[0]?.type).toContain('$ref?: string');
  });
});

describe('references that are refused', () => {
  it.each([
    ['nowhere.yaml', /api\.yaml:\d+:\d+: \$ref to a file that does not exist: nowhere\.yaml/],
    ['#/components/schemas/Nope', /api\.yaml:\d+:\d+: \$ref "#\/components\/schemas\/Nope" points to nothing/],
    ['#nope', /anchor that does not exist/],
    ['https://example.com/x.yaml', /never fetched/],
    ['//example.com/x.yaml', /never fetched/],
    ['../outside.yaml', /outside the document's folder/],
    ['/etc/passwd', /outside the document's folder/],
    ['file:///etc/passwd', /outside the document's folder/],
    ['..%2f..%2fetc%2fpasswd', /outside the document's folder/],
    ['%E0%A4%A', /not a usable path/],
  ])('%s', ($ref, message) => {
    expect(() => processDocument(documentOf({ paths: get({ $ref }) }))).toThrow(message);
  });

  it('does not leave the folder through a symbolic link, unless allowed', () => {
    const secret = folderOf({ 'secret.yaml': 'type: string' });
    const folder = folderOf({ 'api.yaml': JSON.stringify(documentOf({ paths: get({ $ref: 'link.yaml' }) })) });
    symlinkSync(join(secret, 'secret.yaml'), join(folder, 'link.yaml'));
    const bundle = (allowFolders: string[]) => bundleDocument(join(folder, 'api.yaml'), { label: 'api.yaml', allowFolders }, new Repairs());
    expect(() => bundle([])).toThrow(/outside the document's folder/);
    expect(bundle([secret]).files).toHaveLength(2);
  });

  it('names all lost references at once', () => {
    expect(() => processDocument(documentOf({ paths: get({ anyOf: [{ $ref: 'one.yaml' }, { $ref: 'two.yaml' }] }) }))).toThrow(/one\.yaml[^]*two\.yaml/);
  });

  it.each([
    [{ swagger: '2.0', paths: {} }, /Swagger 2\.0.*\n.*[Cc]onvert/],
    [{ openapi: '4.0.0', paths: {} }, /4\.0\.0 is not supported/],
    [{ paths: {} }, /"openapi" is missing/],
    [{ openapi: '3.0.3' }, /neither "paths" nor "webhooks"/],
    [{ openapi: '3.0.3', paths: { '/a': 'x' } }, /api\.yaml:\d+:\d+: this is not a path item/],
    [{ openapi: '3.0.3', paths: { '/a': { get: { parameters: { x: 1 } } } } }, /"parameters" must be a list/],
    [{ openapi: '3.0.3', paths: [] }, /"paths"/],
  ])('a document that is none: %j', (document, message) => {
    expect(() => processDocument(document)).toThrow(message);
  });

  it('a reference that leads back to itself', () => {
    expect(() =>
      processDocument(
        documentOf({
          paths: { '/a': { get: { parameters: [{ $ref: '#/components/parameters/A' }], responses: {} } } },
          more: { components: { parameters: { A: { $ref: '#/components/parameters/A' } } } },
        }),
      ),
    ).toThrow(/leads back to itself/);
  });
});
