import { afterEach, describe, expect, it } from 'vitest';
import { cleanFolders, documentOf, processDocument } from './test-helpers.ts';

afterEach(cleanFolders);

const schemas = {
  A: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, kind: { type: 'string' } } },
  B: { type: 'object', properties: { b: { type: 'number' } } },
};

/** The type of a schema as a JSON answer or as a JSON body. */
function typeOf(schema: unknown, openapi: string, direction: 'request' | 'response'): string {
  const content = { 'application/json': { schema } };
  const responses = { 200: { description: '', ...(direction === 'response' ? { content } : {}) } };
  const paths = { '/x': { post: { operationId: 'x', responses, ...(direction === 'request' ? { requestBody: { required: true, content } } : {}) } } };
  const { facts } = processDocument(documentOf({ paths, schemas, openapi }));
  const face = facts.operations[0]?.interfaces.find(({ name }) => name === (direction === 'request' ? 'XParams' : 'XResponses'));
  return (face?.members[0]?.type ?? '').replaceAll(/\s+/g, ' ');
}

const A = { $ref: '#/components/schemas/A' };
const B = { $ref: '#/components/schemas/B' };

describe('types of schemas', () => {
  it.each<[unknown, string]>([
    [{}, 'unknown'],
    [{ type: 'string' }, 'string'],
    [{ type: 'string', format: 'date-time' }, 'string'],
    [{ type: 'integer', format: 'int64' }, 'number'],
    [{ type: 'string', nullable: true }, 'string | null'],
    [{ type: 'array', items: { type: 'string', nullable: true } }, '(string | null)[]'],
    [{ type: 'array', items: A }, 'A[]'],
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'object' }, 'Record<string, unknown>'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [{ type: 'object', additionalProperties: A }, '{ [key: string]: A }'],
    [{ type: 'object', additionalProperties: true }, 'Record<string, unknown>'],
    [{ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true }, '{ a?: string | undefined; [key: string]: unknown; }'],
    // Every object has these, so that one without such a member would not fit otherwise.
    [{ type: 'object', properties: { constructor: { type: 'string' } } }, '{ constructor?: string | Object["constructor"] | undefined; }'],
    [{ type: 'object', required: ['toString'], properties: { toString: { type: 'string' } } }, '{ toString: string; }'],
    [{ type: 'object', required: ['a', 'z'], properties: { a: { type: 'string' } } }, '{ a: string; z: unknown; }'],
    [{ enum: ['a', 1, true, null] }, '"a" | 1 | true | null'],
    [{ type: 'string', enum: ['a', 'b'], 'x-extensible-enum': true }, '"a" | "b" | (string & {})'],
    [{ type: 'string', enum: ['a'], nullable: true }, '"a" | null'],
    [{ type: 'boolean', enum: [true] }, 'true'],
    [{ type: 'string', enum: [1, true] }, '"1" | "true"'],
    [{ type: 'integer', enum: ['1', '2'] }, '1 | 2'],
    [{ type: 'string', enum: [] }, 'string'],
    [{ type: 'string', 'x-accept-integer': true }, 'string | number'],
    [{ type: 'array', items: { type: 'string', 'x-accept-integer': true } }, '(string | number)[]'],
    [{ allOf: [A] }, 'A'],
    [{ allOf: [A, B] }, 'A & B'],
    [{ oneOf: [A, B] }, 'A | B'],
    [{ anyOf: [A, { type: 'string' }], nullable: true }, 'A | string | null'],
    [{ allOf: [A], nullable: true }, 'A | null'],
    [{ allOf: [A, { oneOf: [B, { type: 'object', properties: { c: {} } }] }] }, 'A & (B | { c?: unknown; })'],
    [{ type: 'object', properties: { own: { type: 'string' } }, oneOf: [A, B] }, '{ own?: string | undefined; } & (A | B)'],
    [{ type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, '{ a?: unknown; }'],
    [{ allOf: [A, { required: ['kind'] }] }, 'A & { kind: string; }'],
    [{ allOf: [A], required: ['kind', 'id'] }, 'A & { kind: string; }'],
    [
      { oneOf: [A, B], discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/A', b: 'B', bb: 'B' } } },
      '{ kind: "a" } & A | { kind: "b" | "bb" } & B',
    ],
    [{ oneOf: [A, B], discriminator: { propertyName: 'kind' } }, '{ kind: "A" } & A | { kind: "B" } & B'],
    [{ type: 'array', items: { oneOf: [A, B] } }, '(A | B)[]'],
    [{ $ref: '#/components/schemas/A', nullable: true }, 'A | null'],
    [
      { type: 'object', required: ['r'], properties: { r: { type: 'string', readOnly: true } } },
      '{ /** Written by the server only. */ r?: string | undefined; }',
    ],
    [{ items: { type: 'string' } }, 'string[]'],
    [{ properties: { a: { type: 'string', required: true } } }, '{ a: string; }'],
    [{ type: 'String' }, 'string'],
    [{ type: 'datetime' }, 'string'],
    [{ type: 'wrong' }, 'unknown'],
    [{ type: 'array', items: [{ type: 'string' }, { type: 'number' }] }, '[string, number, ...unknown[]]'],
  ])('3.0 %j is %s', (schema, type) => {
    expect(typeOf(schema, '3.0.3', 'request')).toBe(type);
  });

  it.each<[unknown, string]>([
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: ['string', 'integer', 'number'] }, 'string | number'],
    [{ const: 'x' }, '"x"'],
    [{ const: { a: [1] } }, '{ a: [1] }'],
    [{ anyOf: [A, { type: 'null' }] }, 'A | null'],
    [{ type: 'array', prefixItems: [{ type: 'string' }, A], items: false }, '[string, A]'],
    [{ type: 'array', minItems: 1, prefixItems: [{ type: 'string' }, { type: ['string', 'null'] }], items: A }, '[string, (string | null)?, ...A[]]'],
    [{ ...A, required: ['kind'] }, 'A & { kind: string; }'],
    [{ ...A, description: 'only a text' }, 'A'],
    [{ ...A, type: 'array' }, 'A'],
    [{ type: ['object', 'null'], allOf: [A] }, 'A | null'],
    [{ type: 'object', patternProperties: { '^x': { type: 'string' } } }, '{ [key: string]: string }'],
    [{ type: 'object', properties: { yes: true, no: false } }, '{ yes?: unknown; no?: never | undefined; }'],
  ])('3.1 %j is %s', (schema, type) => {
    expect(typeOf(schema, '3.1.0', 'request')).toBe(type);
  });

  it.each<[unknown, string]>([
    [{ type: 'string', enum: ['a', 'b'] }, '"a" | "b" | (string & {})'],
    [{ type: 'string', enum: ['only'] }, '"only"'],
    [{ type: 'integer', enum: [1, 2] }, '1 | 2'],
    [{ type: 'object', required: ['r'], properties: { r: { type: 'string', readOnly: true } } }, '{ /** Written by the server only. */ r: string; }'],
    [{ type: 'object', required: ['w'], properties: { w: { type: 'string', writeOnly: true } } }, '{ w?: string | undefined; }'],
  ])('in an answer %j is %s', (schema, type) => {
    expect(typeOf(schema, '3.0.3', 'response')).toBe(type);
  });

  it('models are strict when a request can reach them', () => {
    const { facts } = processDocument(
      documentOf({
        paths: {
          '/x': {
            post: {
              operationId: 'x',
              requestBody: { content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/In' } } } } },
              responses: { 200: { description: '', content: { 'application/json': { schema: { $ref: '#/components/schemas/Out' } } } } },
            },
          },
        },
        schemas: { In: { type: 'string', enum: ['a', 'b'] }, Out: { type: 'string', enum: ['a', 'b'] } },
      }),
    );
    expect(facts.models.map(({ type }) => type)).toEqual(['"a" | "b"', '"a" | "b" | (string & {})']);
  });

  it('a schema that is itself allows everything', () => {
    const { facts, repairs } = processDocument(
      documentOf({
        schemas: {
          X: { $ref: '#/components/schemas/Y' },
          Y: { anyOf: [{ $ref: '#/components/schemas/X' }, { type: 'string' }] },
          Tree: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
        },
      }),
    );
    expect(facts.models.map(({ type }) => type)).toEqual(['Y', 'unknown', 'Tree[]']);
    expect(repairs.list()).toHaveLength(1);
  });
});
