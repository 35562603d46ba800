/** Wrong arguments of every operation: refused in words that name them, and no request leaves. */

import { createClient, type AnyOperation } from '@asset-clients/runtime';
import { afterAll, describe, expect, test } from 'vitest';

import { operations as operations31 } from '../../codegen/fixtures/generated/kitchen-sink-3.1/index.ts';
import { operations as operations30 } from '../../codegen/fixtures/generated/kitchen-sink/index.ts';
import { failureOf } from './support/failure.ts';
import { OriginalDocument, type DocumentOperation } from './support/document.ts';
import { DocumentServer } from './support/server.ts';

/** `where` of the document (`query:limit`, `body`) to wrong values; each stands for itself in an otherwise right call. */
type Wrong = Readonly<Record<string, readonly unknown[]>>;
interface Case {
  /** A call that would be sent. */
  readonly right?: Readonly<Record<string, unknown>>;
  /** The argument's name, where it is not the parameter's: it clashes with another. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly wrong: Wrong;
}

const blob = new Blob(['x']);
const circular: Record<string, unknown> = { label: 'a', name: 'a' };
circular.children = [circular];
const tooBig = Number.MAX_SAFE_INTEGER + 1;
const cat = { kind: 'cat', name: 'a' };
const pet = (value: unknown) => ({ union: 1, sibling: { pets: [value] } });
const tree = (value: unknown) => ({ label: 'a', children: [{ label: 'b', parent: value }] });
const values = (members: Readonly<Record<string, unknown>>) => ({ kind: 'values', ...members });
const shape = (members: Readonly<Record<string, unknown>>) => ({ union: 1, ...members });
const upload = (members: Readonly<Record<string, unknown>>) => ({ file: blob, kind: 'source', ...members });

const cases30: Readonly<Record<string, Case>> = {
  'GET /pets/{petId}': {
    right: { petId: '1' },
    keys: { 'query:petId': 'query:petId' },
    wrong: {
      'path:petId': [undefined, null, '', 'x'.repeat(41), 5, '.', '..', '\ud800', ['a'], {}],
      'query:petId': [null, 5, ['a'], '\udfff'],
      'header:X-Trace': [null, 5, '日本', 'a\r\nx-evil: 1', '\u0000'],
      'header:X-Mode': ['strict', 'lax'],
      'cookie:session': [null, 5, {}, '\ud800'],
      'cookie:theme': ['', 'Dark', null, ['dark']],
    },
  },
  'DELETE /pets/{petId}': {
    right: { petId: '1', body: { reason: 'x' } },
    wrong: {
      'path:petId': ['', '..', 'ä'.repeat(41)],
      body: [undefined, null, {}, { reason: null }, { reason: 'x'.repeat(21) }, 'reason', [], blob, new URLSearchParams('reason=x')],
    },
  },
  'GET /search': {
    wrong: {
      'query:ids': [1, ['1'], [1.5], [null], [undefined], [tooBig], [Number.NaN]],
      'query:tags': ['a', [1], [null], ['\ud800']],
      'query:spaced': ['a', [1], ['a b']],
      'query:piped': [{}, [1], ['a|b']],
      'query:filter': ['red', [], { color: 'blue' }, { size: 0 }, { size: 1.5 }, { size: '1' }, { color: ['red'] }],
      'query:point': ['1,2', { x: '1' }, { x: Number.NaN }, { y: Infinity }],
      'query:json': ['{}', { deep: 'a' }, { deep: [1] }, []],
      'query:raw': [5, '\ud800', null],
      'query:limit': [0, 101, 1.5, '10', null, Number.NaN, true],
      'query:sort[by]': ['', 'Name', 'name ', ['name'], null],
      'query:digits': ['', '12a', '-1', -1, 1.5, tooBig, ' 1', '1\n'],
      'query:flag': ['true', 0, null],
      'query:maybe': ['', 'no', 5],
      'header:X-List': ['a', [1], ['a,b'], ['a\nb'], ['€']],
    },
  },
  'GET /matrix/{simple}/{label}/{matrix}/{object}': {
    right: { simple: ['a'], label: ['b'], matrix: ['c'], object: { a: 'd' } },
    wrong: {
      'path:simple': [undefined, 'a', [], [''], [1], ['..'], ['\ud800']],
      'path:label': [undefined, [], [''], ['.'], {}],
      'path:matrix': [undefined, [], 'c', [null]],
      'path:object': [undefined, {}, { a: undefined }, { a: 1 }, ['a'], 'a=b'],
    },
  },
  'GET /lookup': { right: { body: ['a'] }, wrong: { body: [undefined, null, [], ['a', 'a'], [1], 'a', { 0: 'a' }] } },
  'GET /names': { wrong: { 'query:class': [5], 'query:body': [{}], "query:it's": [null], 'query:__proto__': [5] } },
  'POST /names': { wrong: {} },
  'PUT /names': { keys: { 'query:body': 'query:body' }, wrong: { 'query:body': [5, {}], body: [null, { shadows: 1 }, 'x', []] } },
  'PATCH /names': { wrong: {} },
  'POST /files': {
    right: { body: upload({}) },
    wrong: {
      body: [
        undefined,
        null,
        {},
        'x',
        blob,
        [],
        { file: blob },
        { kind: 'source' },
        upload({ file: 'text' }),
        upload({ file: null }),
        upload({ file: {} }),
        upload({ file: 5 }),
        upload({ kind: 'other' }),
        upload({ kind: undefined }),
        upload({ meta: {} }),
        upload({ meta: { name: 'a/b' } }),
        upload({ meta: 'text' }),
        upload({ pages: blob }),
        upload({ pages: ['x'] }),
        upload({ labels: [1] }),
        upload({ labels: 'a' }),
      ],
    },
  },
  'PUT /files': { right: { body: blob }, wrong: { body: [undefined, null, { a: 1 }, ['x']] } },
  'GET /files/{name}': { right: { name: 'x' }, wrong: { 'path:name': [undefined, null, '', '.', '..', 5, '\ud800'] } },
  'POST /form': {
    right: { body: { user: 'a' } },
    wrong: {
      body: [
        undefined,
        null,
        {},
        'user=a',
        { user: 5 },
        { user: 'a', password: null },
        { user: 'a', roles: 'x' },
        { user: 'a', roles: [{}] },
        { user: '\ud800' },
        blob,
      ],
    },
  },
  'POST /several': {
    right: { body: { name: 'a' } },
    wrong: {
      body: [
        undefined,
        null,
        {},
        'text',
        { name: '' },
        { name: 'x'.repeat(21) },
        { name: 'a/b' },
        { name: 'a', weight: 0 },
        { name: 'a', weight: 0.3 },
        { name: 'a', weight: '1' },
        { name: 'a', nmae: 1 },
        { name: 'a', secret: 5 },
      ],
    },
  },
  'POST /anything': { wrong: { body: [() => 1, Symbol('x'), 1n, circular, blob] } },
  'POST /shapes': {
    right: { body: shape({}) },
    wrong: {
      body: [
        undefined,
        null,
        [],
        'x',
        {},
        ...['sixsix', true, null, [1], {}].map((union) => shape({ union })),
        ...[{}, { own: 1, a: 'x' }, { a: 1 }, { b: 'x' }, null].map((both) => shape({ both })),
        ...['e', '', null, 1].map((inlineEnum) => shape({ inlineEnum })),
        shape({ numberEnum: 4 }),
        shape({ numberEnum: '1' }),
        shape({ mixedEnum: 'off' }),
        shape({ mixedEnum: '1' }),
        shape({ booleanEnum: false }),
        shape({ map: { a: '1' } }),
        shape({ map: [] }),
        shape({ nullableMap: { a: 1 } }),
        shape({ openMap: {} }),
        shape({ openMap: { known: 'k', x: 'y' } }),
        shape({ free: [] }),
        shape({ free: 'x' }),
        shape({ nothing: { a: 1 } }),
        shape({ listOfLists: [1] }),
        shape({ listOfLists: [[1.5]] }),
        shape({ big: 1.5 }),
        shape({ big: tooBig }),
        shape({ bytes: 5 }),
        shape({ notThis: 'text' }),
        shape({ ['__proto__']: 5 }),
        shape({ constructor: 5 }),
        shape({ 'dashed-name': null }),
        shape({ '2fa': 'yes' }),
        shape({ sibling: { email: 5 } }),
        shape({ sibling: 'x' }),
        ...[
          {},
          null,
          { kind: 'bird', name: 'a' },
          { kind: 'dog', name: 'a' },
          { kind: 'dog', name: 'a', bark: false },
          { kind: 'cat' },
          { kind: 'cat', name: '' },
          { ...cat, lives: 0 },
          { ...cat, lives: 10 },
          { ...cat, lives: 1.5 },
        ].map(pet),
      ],
    },
  },
  'POST /tree': {
    right: { body: { label: 'a' } },
    wrong: { body: [undefined, null, {}, { label: 1 }, { label: 'a', kind: 'root' }, tree({}), tree(null), tree({ label: 'x', kind: '' }), circular] },
  },
  'GET /part': { wrong: { 'query:page': [-1, 1.5, '0', null, Number.NaN] } },
  'GET /security/open': { wrong: {} },
  'GET /security/either': { wrong: {} },
};

const cases31: Readonly<Record<string, Case>> = {
  'POST /values': {
    right: { body: values({}) },
    wrong: {
      'query:either': [true, 1.5, null, {}],
      'query:fixed': ['v2', null, 1],
      body: [
        undefined,
        null,
        {},
        { kind: 'value' },
        'values',
        values({ nullable: '12345678901' }),
        values({ nullable: 5 }),
        values({ several: 1.5 }),
        values({ several: null }),
        values({ nothing: 0 }),
        values({ constants: 2 }),
        values({ constants: true }),
        values({ tuple: 'x' }),
        values({ tuple: ['a', 1, 2] }),
        values({ openTuple: [] }),
        values({ exclusive: 0 }),
        values({ exclusive: 10 }),
        values({ orNull: {} }),
        values({ orNull: 'x' }),
        values({ sibling: { id: 'a' } }),
        values({ sibling: { note: 'a' } }),
        values({ anchor: { x: 1 } }),
        values({ anchor: { x: 1, y: '2' } }),
        values({ patterns: 'x' }),
        values({ never: 1 }),
        values({ never: null }),
        values({ self: ['a', 1, 2] }),
        values({ examples: 5 }),
      ],
    },
  },
  'POST /files': { right: { body: { file: blob } }, wrong: { body: [undefined, null, {}, { file: 'x' }, { file: null }, { file: blob, note: 5 }] } },
  'GET /files': { wrong: {} },
  'GET /events': { wrong: {} },
  'webhook petArrived': { right: { body: { id: 'a' } }, wrong: { body: [undefined, null, {}, { id: 5 }, { id: 'a', note: null }] } },
  'webhook petLeft': { right: { body: { id: '0b0a4a0e-6a0f-4a7e-8d4a-9d8c6b5a4f3e' } }, wrong: { body: [undefined, {}, { id: 5 }] } },
};

describe.each([
  ['kitchen-sink.yaml', operations30, cases30],
  ['kitchen-sink-3.1.yaml', operations31, cases31],
] as const)('%s', async (name, operations: Readonly<Record<string, AnyOperation>>, cases) => {
  const document = new OriginalDocument(name);
  const server = await DocumentServer.start(document);
  const client = createClient(operations, { baseUrl: server.baseUrl, auth: 't', maxRetries: false });
  afterAll(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  const methodOf = ({ key, method, path }: DocumentOperation) => {
    const found = Object.values(operations).find((operation) =>
      operation.webhook === true ? `webhook ${operation.id}` === key : operation.method === method && operation.path === path,
    );
    return client[found!.id] as (params?: unknown, options?: object) => Promise<unknown>;
  };
  const expectRefused = async (call: Promise<unknown>): Promise<string> => {
    const failure = await failureOf(call);
    expect(server.requests.splice(0)).toEqual([]);
    expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0, retryable: false });
    return failure.message;
  };

  test('has a wrong value for each parameter and each body', () => {
    const wanted = document.operations.flatMap(({ key, parameters, body }) => [
      ...parameters.map((parameter) => `${key} ${parameter.in}:${parameter.name}`),
      ...(body === undefined ? [] : [`${key} body`]),
    ]);
    const given = Object.entries(cases).flatMap(([key, { wrong }]) =>
      Object.entries(wrong).flatMap(([where, list]) => (list.length > 0 ? [`${key} ${where}`] : [])),
    );
    expect(given.toSorted()).toEqual(wanted.toSorted());
    expect(Object.keys(cases).toSorted()).toEqual(document.operations.map(({ key }) => key).toSorted());
  });

  test.each(document.operations.map((operation) => [operation.key, operation] as const))('%s', async (key, operation) => {
    const { right = {}, keys = {}, wrong } = cases[key]!;
    const method = methodOf(operation);
    for (const [where, list] of Object.entries(wrong)) {
      const argument = where === 'body' ? 'body' : (keys[where] ?? where.slice(where.indexOf(':') + 1));
      for (const value of list) expect(await expectRefused(method({ ...right, [argument]: value })), `${where} ${typeof value}`).toContain(argument);
    }
    // A misspelt name, and a body where there is none.
    expect(await expectRefused(method({ ...right, nmae: 1 }))).toContain('nmae');
    if (operation.body === undefined && !operation.parameters.some((parameter) => parameter.name === 'body'))
      expect(await expectRefused(method({ ...right, body: {} }))).toContain('body');
    for (const argument of [[], 'text', 5, true]) await expectRefused(method(argument));
  });
});

test('a media type that the document does not have, or a body that is none of it, is refused', async () => {
  const { several } = createClient(operations30, { baseUrl: 'http://127.0.0.1:9', auth: 't', fetch: () => Promise.reject(new Error('sent')) });
  const message = async (call: Promise<unknown>): Promise<string> => {
    const failure = await failureOf(call);
    expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0 });
    return failure.message;
  };
  expect(await message(several({ body: 'a,b' }, { contentType: 'text/csv' }))).toContain('contentType');
  expect(await message(several({ body: 5 as never }, { contentType: 'text/plain' }))).toContain('body');
  expect(await message(several({ body: { name: 'a' } }, { contentType: 'text/plain' }))).toContain('body');
  expect(await message(several({ body: { name: 'a' } }, { contentType: 'application/xml' }))).toContain('body');
});
