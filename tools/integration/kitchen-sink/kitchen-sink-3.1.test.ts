/** Every operation and webhook of the golden kitchen sink of OpenAPI 3.1. */

import { createClient } from '@asset-clients/runtime';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { operations, webhooks } from '../../codegen/fixtures/generated/kitchen-sink-3.1/index.ts';
import { OriginalDocument } from './support/document.ts';
import { DocumentServer } from './support/server.ts';

const document = new OriginalDocument('kitchen-sink-3.1.yaml');
const server = await DocumentServer.start(document);
const client = createClient(operations, { baseUrl: server.baseUrl });

afterEach(() => {
  expect(server.problems.splice(0)).toEqual([]);
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

describe('POST /values', () => {
  test('what 3.1 adds to schemas, there and back', async () => {
    const body: Parameters<typeof client.values>[0]['body'] = {
      kind: 'values',
      nullable: null,
      several: false,
      nothing: null,
      constants: null,
      tuple: ['ä', -1.5],
      openTuple: ['"', 0, true, false],
      exclusive: 9.999,
      orNull: null,
      sibling: { id: '', note: '🐈' },
      anchor: { x: 0, y: -1e-9 },
      patterns: { 'x-ä': '\\' },
      always: [null, { deep: {} }],
      self: ['', 2],
      examples: 'three',
    };
    server.answer(200, 'application/json', body);
    const answer = await client.values({ either: 'a&b', fixed: 'v1', body });
    expect(answer).toEqual(body);
    expect(answer.tuple?.[1]).toBe(-1.5);
    expect(server.last).toMatchObject({ query: 'either=a%26b&fixed=v1', body, headers: { accept: 'application/json', 'content-type': 'application/json' } });
    expect(server.last.headers).not.toHaveProperty('authorization');
  });

  test('other branches, and what may be left out', async () => {
    server.answer(200, 'application/json', { kind: 'values' }).answer(200, 'application/json', { kind: 'values' });
    await client.values({ either: -5, body: { kind: 'values', nullable: '1234567890', several: 'ä', constants: 'two', openTuple: [''], orNull: { id: 'x' } } });
    expect(server.last).toMatchObject({
      query: 'either=-5&fixed=v1',
      values: { 'query:fixed': 'v1' },
      body: { nullable: '1234567890', several: 'ä', constants: 'two', openTuple: [''], orNull: { id: 'x' } },
    });
    await client.values({ body: { kind: 'values', several: 3, constants: false } });
    expect(server.last).toMatchObject({ query: 'fixed=v1', body: { kind: 'values', several: 3, constants: false } });
  });
});

describe('/files', () => {
  test('contentMediaType is a file', async () => {
    server.answer(204).answer(204).answer(204);
    expect(await client.upload({ body: { file: new Blob(['\u0000ä']), note: 'é "q"' } })).toBeUndefined();
    expect(server.last.body).toEqual({
      file: { name: 'file', type: 'application/octet-stream', text: Buffer.from('\u0000ä').toString('latin1') },
      note: 'é "q"',
    });
    await client.upload({ body: { file: { content: new Blob([]).stream(), name: 'é.bin', type: 'x/y' }, note: null } });
    // A part has no null: the nearest is an empty text.
    expect(server.last.body).toEqual({ file: { name: 'é.bin', type: 'x/y', text: '' }, note: '' });
    await client.upload({ body: { file: new ArrayBuffer(1) } });
    expect(server.last.body).toEqual({ file: { name: 'file', type: 'application/octet-stream', text: '\u0000' } });
  });

  test('a type without a schema is bytes', async () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    server.answer(200, 'application/octet-stream', bytes);
    const content = await client.download();
    expect(Buffer.from(await (await content.blob()).arrayBuffer())).toEqual(bytes);
    expect(content.receipt().bytes).toBe(4);
  });
});

describe('GET /events', () => {
  test('an event stream is not collected', async () => {
    server.answer(200, 'text/event-stream', 'data: ä\n\n');
    const content = await client.events();
    expect(content.mediaType).toBe('text/event-stream');
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of content) text += decoder.decode(chunk, { stream: true });
    expect(text).toBe('data: ä\n\n');
    expect(server.last.headers.accept).toBe('text/event-stream');
  });
});

describe('webhooks', () => {
  test('go to the receiver itself', async () => {
    const arrived = createClient(webhooks, { baseUrl: server.hookUrl('petArrived') });
    server.answer(204).answer(200);
    expect(await arrived.petArrived({ body: { id: 'ä/1', note: '' } })).toBeUndefined();
    expect(server.last).toMatchObject({ operation: 'webhook petArrived', method: 'POST', target: '/hooks/petArrived', body: { id: 'ä/1', note: '' } });
    const left = createClient(webhooks, { baseUrl: `${server.hookUrl('petLeft')}` });
    expect(await left.petLeft({ body: { id: '0b0a4a0e-6a0f-4a7e-8d4a-9d8c6b5a4f3e' } })).toBeUndefined();
    expect(server.last).toMatchObject({ operation: 'webhook petLeft', target: '/hooks/petLeft' });
  });
});

describe('the document', () => {
  test('has one method for each operation and webhook, and no other', () => {
    const generated = Object.values(operations).map(({ id, method, path, webhook }) => (webhook === true ? `webhook ${id}` : `${method} ${path}`));
    expect(generated.toSorted()).toEqual(document.operations.map(({ key }) => key).toSorted());
    expect(Object.keys(webhooks)).toEqual(document.operations.filter(({ path }) => path === undefined).map(({ key }) => key.slice('webhook '.length)));
  });

  test('has no operation that no test above has exercised', () => {
    expect(document.operations.map(({ key }) => key).filter((key) => !server.exercised.has(key))).toEqual([]);
  });

  test('has no answer that no test above has got', () => {
    const documented = document.operations.flatMap(({ key, answers }) =>
      answers.flatMap(({ status, media }) => (media.size === 0 ? [`${key} ${status}`] : [...media.keys()].map((type) => `${key} ${status} ${type}`))),
    );
    expect(documented.filter((answer) => !server.answered.has(answer))).toEqual([]);
  });
});
