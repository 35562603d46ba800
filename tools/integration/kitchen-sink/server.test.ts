/** The server that the other tests rely on does find what is wrong on the wire: requests written by hand, without the client. */

import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { OriginalDocument } from './support/document.ts';
import { DocumentServer } from './support/server.ts';

const server = await DocumentServer.start(new OriginalDocument('kitchen-sink.yaml'));
const server31 = await DocumentServer.start(new OriginalDocument('kitchen-sink-3.1.yaml'));
afterEach(() => {
  server.problems.length = 0;
  server31.problems.length = 0;
});
afterAll(() => Promise.all([server[Symbol.asyncDispose](), server31[Symbol.asyncDispose]()]));

const json = (value: unknown, method = 'POST') => ({ method, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } });
const formOf = (members: Readonly<Record<string, string | Blob>>) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(members)) body.set(name, value);
  return { method: 'POST', body };
};

async function send(
  to: DocumentServer,
  path: string,
  { headers, ...init }: { method?: string; body?: string | FormData; headers?: Record<string, string> } = {},
): Promise<string> {
  to.answer(204);
  await fetch(`${path.startsWith('/hooks') ? new URL(to.baseUrl).origin : to.baseUrl}${path}`, {
    ...init,
    headers: to === server ? { authorization: 'Bearer t', 'x-mode': 'strict', ...headers } : { ...headers },
  });
  return to.problems.filter((problem) => !problem.includes('the document has no answer 204') && !problem.includes('answer 204 has no type')).join('\n');
}

describe('a right request has no problem', () => {
  test.each([
    ['/search?limit=1&tags=a,b%2Cc&filter%5Bsize%5D=2&y=1&raw=a/b'],
    ['/matrix/a,b/.c,d/;matrix=e;matrix=f/a=g,b=h'],
    ['/tree', json({ label: 'a', children: [{ label: 'b' }] })],
    ['/files', formOf({ file: new Blob(['x']), kind: 'source' })],
    ['/shapes', json({ union: 1, sibling: null, mixedEnum: null })],
    ['/security/either', { headers: { authorization: '' } }],
  ] as const)('%s', async (path, init?: Parameters<typeof send>[2]) => {
    expect(await send(server, path, init)).toBe('');
  });
});

describe('a wrong one has', () => {
  test.each([
    ['/search', {}, 'query:limit is required'],
    ['/search?limit=x', {}, 'query:limit: value must be integer'],
    ['/search?limit=1&limit=2', {}, 'limit is there 2 times'],
    ['/search?limit=1&nope=1', {}, 'has no nope'],
    ['/search?limit=1&ids=1,2', {}, 'not percent-encoded'],
    ['/search?limit=1&ids=1%2C2', {}, 'query:ids: value/0 must be integer'],
    ['/search?limit=1&tags=a&tags=b', {}, 'tags is there 2 times'],
    ['/search?limit=1&tags[]=a', {}, 'has no tags[]'],
    ['/search?limit=1&filter%5Bcolor%5D=blue', {}, 'value/color must be equal'],
    ['/search?limit=1&filter=color,red', {}, 'has no filter'],
    ['/search?limit=1&point=x,1', {}, 'has no point'],
    ['/search?limit=1&json=deep', {}, 'query: SyntaxError'],
    ['/search?limit=1&digits=1%20', {}, 'must match pattern'],
    ['/search?limit=1&maybe=no', {}, 'query:maybe'],
    ['/search?limit=1&sort[by]=name', {}, 'not percent-encoded'],
    ['/matrix/a/b/;matrix=c/a=d', {}, 'label: b does not begin'],
    ['/matrix/a/.b/;m=c/a=d', {}, 'names another parameter'],
    ['/matrix/a/.b/matrix=c/a=d', {}, 'matrix'],
    [`/pets/${'x'.repeat(41)}`, {}, 'path:petId: value must NOT have more than 40 characters'],
    ['/pets/1', { headers: { 'x-mode': 'lax' } }, 'header:X-Mode'],
    ['/pets/1', { headers: { authorization: 'Basic x' } }, 'credentials do not fulfil'],
    ['/pets/1', { headers: { cookie: 'other=1' } }, 'has no other'],
    ['/security/open', {}, 'wants none'],
    ['/pets/1', { method: 'DELETE' }, 'body is required'],
    ['/pets/1', json({}, 'DELETE'), "must have required property 'reason'"],
    ['/several', json({ name: 'a/b', weight: 0, more: 1 }), 'weight must be > 0'],
    ['/several', { method: 'POST', body: 'a', headers: { 'content-type': 'text/csv' } }, 'no body of type text/csv'],
    ['/tree', json({ label: 'a', parent: { children: [{ label: 'b', kind: 'root' }] } }), 'value/parent/children/0/kind must be equal'],
    ['/files', formOf({ file: new Blob(['x']), kind: 'none' }), 'value/kind must be equal'],
    ['/files', formOf({ kind: 'source' }), "must have required property 'file'"],
    ['/files', formOf({ file: new Blob(['x']), kind: 'source', meta: '{"name":""}' }), 'value/meta/name'],
    ['/form', { method: 'POST', body: 'password=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, "must have required property 'user'"],
    ['/shapes', json({ union: 1, sibling: { pets: [{ kind: 'dog', name: 'a' }] } }), "must have required property 'bark'"],
    ['/shapes', json({ union: 1, numberEnum: null }), 'value/numberEnum'],
    ['/nowhere', {}, 'no operation fits'],
  ] as const)('%s', async (path, init: Parameters<typeof send>[2], problem) => {
    expect(await send(server, path, init)).toContain(problem);
  });

  test.each([
    ['/values?fixed=v2', json({ kind: 'values' }), 'query:fixed'],
    ['/values?fixed=v1', json({ kind: 'values', tuple: ['a', 'b'] }), 'value/tuple/1 must be number'],
    ['/values?fixed=v1', json({ kind: 'values', sibling: { id: 'a' } }), "must have required property 'note'"],
    ['/values?fixed=v1', json({ kind: 'values', anchor: { x: 1 } }), "must have required property 'y'"],
    ['/values?fixed=v1', json({ kind: 'values', patterns: { 'x-a': 1 } }), 'value/patterns/x-a must be string'],
    ['/values?fixed=v1', json({ kind: 'values', never: 1 }), 'boolean schema is false'],
    ['/hooks/petLeft', json({ id: 'no uuid' }), 'must match format "uuid"'],
    ['/values?fixed=v1', { ...json({ kind: 'values' }), headers: { 'content-type': 'application/json', authorization: 'Bearer t' } }, 'wants none'],
  ])('%s %j', async (path, init, problem) => {
    expect(await send(server31, path, init)).toContain(problem);
  });

  test('also an answer that the document does not have', async () => {
    server.answer(200, 'application/json', { kind: 'cat' });
    await fetch(`${server.baseUrl}/pets/1`, { headers: { authorization: 'Bearer t', 'x-mode': 'strict' } });
    expect(server.problems.join()).toContain("planned answer 200: value must have required property 'name'");
  });
});
