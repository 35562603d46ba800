import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { json } from './body-encoders.ts';
import { createClient } from './client.ts';
import { failure } from '../test/expect-error.ts';
import type { AnyOperation, Schema } from './operation.ts';
import { nearest } from './nearest.ts';
import { findViolation } from './validate.ts';

function rule(value: unknown, schema: Schema): string | undefined {
  const violation = findViolation(value, schema, 'p');
  return violation === undefined ? undefined : `${violation.path} ${violation.rule}`;
}

describe('findViolation', () => {
  it.each<[string, unknown, Schema, string | undefined]>([
    ['a string', 'x', { type: 'string' }, undefined],
    ['a date for a string', new Date(0), { type: 'string' }, undefined],
    ['an invalid date', new Date(Number.NaN), { type: 'string' }, 'p must be a string, not a Date'],
    ['a number for a string', 1, { type: 'string' }, 'p must be a string, not 1'],
    ['null', null, { type: 'string' }, 'p must not be null'],
    ['null where it is allowed (3.0)', null, { type: 'string', nullable: true }, undefined],
    ['null where it is allowed (3.1)', null, { type: ['string', 'null'] }, undefined],
    ['null in an enum', null, { enum: ['a', null] }, undefined],
    ['null beside an enum without type', null, { enum: ['a'] }, 'p must not be null'],
    ['null where nothing is said', null, {}, undefined],
    ['an integer', 5, { type: 'integer' }, undefined],
    ['a bigint', 5n, { type: 'integer' }, undefined],
    ['a bigint that is too large', 5n, { type: 'integer', maximum: 4 }, 'p must be at most 4, is 5'],
    ['a fraction', 5.5, { type: 'integer' }, 'p must be a safe integer, not 5.5'],
    ['an unsafe integer', 2 ** 53, { type: 'integer' }, 'p must be a safe integer, not 9007199254740992'],
    ['NaN', Number.NaN, { type: 'number' }, 'p must be a finite number, not NaN'],
    ['one of several types', true, { type: ['string', 'boolean'] }, undefined],
    ['none of several types', [], { type: ['string', 'boolean'] }, 'p must be a string or a boolean, not an array'],
    ['const', 'a', { const: 'b' }, 'p must be "b"'],
    ['enum', 'c', { type: 'string', enum: ['a', 'b'] }, 'p must be one of "a", "b"; got "c"'],
    ['too short', 'ab', { minLength: 3 }, 'p must have at least 3 characters, has 2'],
    ['empty', '', { minLength: 1 }, 'p must not be empty'],
    ['code points, not UTF-16 units', '😀😀', { maxLength: 2 }, undefined],
    ['too long', 'abc', { maxLength: 2 }, 'p must have at most 2 characters, has 3'],
    ['too long for one', 'ab', { maxLength: 1 }, 'p must have at most 1 character, has 2'],
    ['a pattern', 'x1', { pattern: '^\\d+$' }, 'p must match ^\\d+$; got "x1"'],
    ['a pattern that only the older syntax allows', 'a-b', { pattern: '^[\\w-.]+\\-?$' }, undefined],
    ['a pattern of another language', 'x', { pattern: '(?<broken' }, undefined],
    ['minimum', 1, { minimum: 2 }, 'p must be at least 2, is 1'],
    ['maximum', 3, { maximum: 2 }, 'p must be at most 2, is 3'],
    ['exclusiveMinimum', 2, { exclusiveMinimum: 2 }, 'p must be more than 2, is 2'],
    ['exclusiveMaximum', 2, { exclusiveMaximum: 2 }, 'p must be less than 2, is 2'],
    ['int32', 2 ** 31, { type: 'integer', format: 'int32' }, 'p must be a 32-bit integer, is 2147483648'],
    ['multipleOf', 0.3, { multipleOf: 0.1 }, undefined],
    ['not multipleOf', 0.35, { multipleOf: 0.1 }, 'p must be a multiple of 0.1, is 0.35'],
    ['minItems', [1], { minItems: 2 }, 'p must have at least 2 items, has 1'],
    ['maxItems', [1, 2], { maxItems: 1 }, 'p must have at most 1 item, has 2'],
    ['uniqueItems', [{ a: 1 }, { a: 1 }], { uniqueItems: true }, 'p must not hold the same item twice'],
    ['items', ['a', 1], { items: { type: 'string' } }, 'p[1] must be a string, not 1'],
    ['a hole in a list', ['a', undefined], { items: { type: 'string' } }, 'p[1] must not be undefined'],
    ['required', {}, { required: ['a'] }, 'p.a is required'],
    ['a required member from the prototype', {}, { required: ['toString'] }, 'p.toString is required'],
    ['a required member that only the server writes', {}, { required: ['id'], properties: { id: { readOnly: true } } }, undefined],
    ['minProperties', {}, { minProperties: 1 }, 'p must have at least 1 member, has 0'],
    ['maxProperties', { a: 1, b: 2 }, { maxProperties: 1 }, 'p must have at most 1 member, has 2'],
    ['a nested member', { a: { b: 1 } }, { properties: { a: { properties: { b: { type: 'string' } } } } }, 'p.a.b must be a string, not 1'],
    [
      'an unknown member',
      { nmae: 1 },
      { properties: { name: {} }, additionalProperties: false },
      'p.nmae is not a member that the document knows; did you mean "name"?',
    ],
    ['null where a part of a form is a file', { file: null }, { properties: { file: { format: 'binary' } } }, 'p.file must not be null'],
    ['additionalProperties', { x: 1 }, { additionalProperties: { type: 'string' } }, 'p.x must be a string, not 1'],
    [
      'an instance of a class',
      new (class {
        a = 1;
      })(),
      { properties: { a: { type: 'string' } } },
      'p.a must be a string, not 1',
    ],
    ['bytes for a string', new Uint8Array(1), { type: 'string' }, 'p must be a string, not a value of type object'],
    ['allOf', { a: 1 }, { allOf: [{ required: ['a'] }, { required: ['b'] }] }, 'p.b is required'],
    [
      'anyOf',
      1,
      { anyOf: [{ type: 'string' }, { type: 'boolean' }] },
      'p fits none of its 2 variants (anyOf): must be a string, not 1; must be a boolean, not 1',
    ],
    ['anyOf that fits', 'x', { anyOf: [{ type: 'string' }, { type: 'boolean' }] }, undefined],
    ['oneOf', 1, { oneOf: [{ type: 'string' }] }, 'p fits none of its 1 variants (oneOf): must be a string, not 1'],
    ['several of a oneOf', 1, { oneOf: [{ type: 'integer' }, { type: 'number' }] }, undefined],
    ['not', 1, { not: { type: 'integer' } }, 'p has a form that the document excludes'],
    ['digits as an integer', 12, { type: 'string', pattern: '^\\d+$', acceptInteger: true }, undefined],
    ['digits as a fraction', 1.5, { type: 'string', acceptInteger: true }, 'p must be a string of digits or a safe integer, not 1.5'],
    ['digits as a negative integer', -1, { type: 'string', acceptInteger: true }, 'p must be a string of digits or a safe integer, not -1'],
    ['an integer whose digits are too many', 12345, { type: 'string', maxLength: 3, acceptInteger: true }, 'p must have at most 3 characters, has 5'],
    ['a secret', 'hunter2', { type: 'string', pattern: '^\\d+$', secret: true }, 'p must match ^\\d+$; got the given value'],
    ['a password', 'hunter2', { enum: ['a'], format: 'password' }, 'p must be one of "a"; got the given value'],
  ])('judges %s', (_name, value, schema, expected) => {
    expect(rule(value, schema)).toBe(expected);
  });

  it('follows recursive schemas', () => {
    const node: Schema = { type: 'object', properties: { name: { type: 'string' }, next: () => node } };
    expect(rule({ name: 'a', next: { name: 'b', next: { name: 3 } } }, node)).toBe('p.next.next.name must be a string, not 3');
  });

  it('never throws, and gives JSON that fits its own schema back as legal', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.constantFrom<Schema>(
          { type: 'string' },
          { type: 'object', properties: { a: {} }, additionalProperties: false },
          { type: 'array', items: { type: 'integer' } },
          { anyOf: [{ type: 'null' }, { enum: [1] }] },
        ),
        (value, schema) => {
          const violation = findViolation(value, schema, 'p');
          if (violation !== undefined) expect(violation.path).toMatch(/^p/);
        },
      ),
    );
  });
});

describe('nearest', () => {
  it('finds a mistyped name, and none for another word', () => {
    expect(nearest('assetid', ['assetId', 'name'])).toBe('assetId');
    expect(nearest('resouceId', ['resourceId'])).toBe('resourceId');
    expect(nearest('colour', ['size'])).toBeUndefined();
  });
});

describe('a call with wrong arguments', () => {
  const operation = {
    id: 'update',
    method: 'POST',
    path: '/things/{id}',
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d+$', acceptInteger: true } },
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
      { name: 'kind', in: 'query', schema: { type: 'string', enum: ['a', 'b'] } },
      { name: 'X-Trace', in: 'header', schema: { type: 'string', maxLength: 20 } },
    ],
    body: {
      required: true,
      content: {
        'application/json': {
          encode: json,
          schema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } }, additionalProperties: false },
        },
      },
    },
    responses: { '200': ['application/json'] },
  } as const satisfies AnyOperation;

  function client(): { call: (params: unknown) => PromiseLike<unknown>; sent: () => number } {
    let sent = 0;
    const made = createClient(
      { update: operation as AnyOperation },
      {
        baseUrl: 'https://api.example.com',
        fetch: async () => {
          sent += 1;
          return Response.json({});
        },
      },
    );
    return { call: (params) => made.update(params), sent: () => sent };
  }

  it.each<[string, unknown, RegExp]>([
    ['no argument', undefined, /id is required/],
    ['an array', [], /the argument must be an object, not an array/],
    ['a string', 'x', /the argument must be an object, not a string/],
    ['a mistyped name', { id: '1', limt: 5, body: { name: 'x' } }, /limt is not a parameter of this operation; did you mean "limit"\?/],
    ['a name of the prototype', { id: '1', body: { name: 'x' }, constructor: 1 }, /constructor is not a parameter/],
    ['letters for digits', { id: 'x', body: { name: 'x' } }, /id must match/],
    ['a value out of range', { id: '1', limit: 0, body: { name: 'x' } }, /limit must be at least 1, is 0/],
    ['a value that is no member of the enum', { id: '1', kind: 'c', body: { name: 'x' } }, /kind must be one of "a", "b"; got "c"/],
    ['no body', { id: '1' }, /body is required/],
    ['an incomplete body', { id: '1', body: {} }, /body\.name is required/],
    ['a body that holds itself', { id: '1', body: cyclic() }, /body\.self is not a member/],
    ['a header with a line break', { id: '1', 'X-Trace': 'a\r\nb: c', body: { name: 'x' } }, /X-Trace must not hold line breaks/],
  ])('is refused before anything is sent: %s', async (_name, params, message) => {
    const { call, sent } = client();
    const error = await failure(call(params));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0, retryable: false, hint: expect.any(String) as string });
    expect(error.message).toMatch(message);
    expect(sent()).toBe(0);
  });

  it('is told apart from a legal one, whatever the values are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ id: fc.anything(), limit: fc.anything(), kind: fc.anything(), body: fc.anything() }, { requiredKeys: [] }),
        async (params) => {
          const { call, sent } = client();
          const error = await failure(call(params).then(() => Promise.reject(new Error('was legal'))) as PromiseLike<unknown>).catch(() => undefined);
          if (error === undefined) return expect(sent()).toBe(1);
          expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
          expect(sent()).toBe(0);
        },
      ),
    );
  });

  it('names a value that is nested without end', async () => {
    const node = { type: 'object', properties: { self: () => node } } as const;
    const tree: AnyOperation = {
      id: 'tree',
      method: 'POST',
      path: '/',
      body: { content: { 'application/json': { encode: json, schema: node } } },
      responses: {},
    };
    const made = createClient({ tree }, { baseUrl: 'https://api.example.com', fetch: () => Promise.reject(new Error('sent')) });
    const error = await failure(made.tree({ body: cyclic() }));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toContain('body is nested too deeply, or holds itself');
  });
});

function cyclic(): object {
  const value: Record<string, unknown> = { name: 'x' };
  value.self = value;
  return value;
}
