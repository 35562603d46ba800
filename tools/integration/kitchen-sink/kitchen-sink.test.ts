/** Every operation of the golden kitchen sink (OpenAPI 3.0), over real HTTP, against the original document. */

import { createHash } from 'node:crypto';

import { ApiError, createClient, credentials } from '@asset-clients/runtime';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { operations } from '../../codegen/fixtures/generated/kitchen-sink/index.ts';
import { failureOf } from './support/failure.ts';
import { OriginalDocument } from './support/document.ts';
import { DocumentServer } from './support/server.ts';
import { percentEncode } from './support/styles.ts';

const document = new OriginalDocument('kitchen-sink.yaml');
const server = await DocumentServer.start(document);
const client = createClient(operations, { baseUrl: server.baseUrl, auth: 'secret-token', maxRetries: false });

/** All that breaks naive encoders: reserved characters, quotes, blanks, percent signs, several planes of Unicode. */
const awkward = 'a b+c&d=e#f?g/h\\i;j,k|l:m@n"o\'p%q%20r<s>[t]{u}~ ä € 🐈 中';

const cat = { kind: 'cat', name: 'Mïtzi "🐈"', lives: 9, born: '2026-02-28T23:59:60Z', owner: null } as const;
const dog = { kind: 'dog', name: 'Rex', bark: true, owner: { id: 7, email: null, pets: [cat] } } as const;

afterEach(() => {
  expect(server.problems.splice(0)).toEqual([]);
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

describe('GET /pets/{petId}', () => {
  test('sends path, query, header and cookie exactly', async () => {
    server.answer(200, 'application/json', cat);
    const pet = await client.getPetsByPetId({
      petId: awkward.slice(0, 40),
      'query:petId': awkward,
      'X-Trace': 'Zürich, "ÿ"; a=b',
      session: 'a;b, c="d" ä%',
      theme: 'dark',
    });
    expect(pet).toEqual(cat);
    expect(pet.kind === 'cat' && pet.lives).toBe(9);
    expect(server.last.values).toEqual({
      'path:petId': awkward.slice(0, 40),
      'query:petId': awkward,
      'header:X-Trace': 'Zürich, "ÿ"; a=b',
      'header:X-Mode': 'strict',
      'cookie:session': 'a;b, c="d" ä%',
      'cookie:theme': 'dark',
    });
    expect(server.last.target).toBe(`/api/v1/pets/${percentEncode(awkward.slice(0, 40))}?petId=${percentEncode(awkward)}`);
    expect(server.last.headers).toMatchObject({
      cookie: 'session=a%3Bb%2C%20c%3D%22d%22%20%C3%A4%25; theme=dark',
      'x-mode': 'strict',
      accept: 'application/json',
      authorization: 'Bearer secret-token',
    });
  });

  test('leaves out what is not given', async () => {
    server.answer(200, 'application/json', dog);
    const pet = await client.getPetsByPetId({ petId: '…', 'query:petId': undefined });
    expect(pet).toEqual(dog);
    expect(server.last).toMatchObject({ target: '/api/v1/pets/%E2%80%A6', values: { 'path:petId': '…', 'header:X-Mode': 'strict' } });
    expect(server.last.headers).not.toHaveProperty('cookie');
    expect(server.last.headers).not.toHaveProperty('content-type');
  });

  test('writes a Date as ISO text, for callers without types', async () => {
    const date = new Date(Date.UTC(2026, 1, 28)) as never;
    const text = '2026-02-28T00:00:00.000Z';
    server.answer(200, 'application/json', cat).answer(200, 'text/plain', 'x').answer(201, 'application/json', { size: 1 });
    await client.getPetsByPetId({ petId: date, 'query:petId': date, 'X-Trace': date, session: date });
    expect(server.last.values).toMatchObject({ 'path:petId': text, 'query:petId': text, 'header:X-Trace': text, 'cookie:session': text });
    await client.submitForm({ body: { user: date, roles: [date] } });
    expect(server.last.body).toEqual({ user: text, roles: [text] });
    await client.uploadForm({ body: { file: new Blob(), kind: 'source', labels: [date] } });
    expect(server.last.body).toMatchObject({ labels: [text] });
  });

  test('reads XML and CSV as text, JSON as what it is', async () => {
    server.answer(200, 'application/xml; charset=utf-8', '<pet>ä</pet>').answer(200, 'text/csv', 'name;kind\n"ä";cat').answer(200, 'application/json', dog);
    expect(await client.getPetsByPetId({ petId: '1' }, { accept: 'application/xml' })).toBe('<pet>ä</pet>');
    expect(server.last.headers.accept).toBe('application/xml');
    expect(await client.getPetsByPetId({ petId: '1' }, { accept: 'text/csv' })).toBe('name;kind\n"ä";cat');
    expect(server.last.headers.accept).toBe('text/csv');
    const answer = await client.getPetsByPetId({ petId: '1' }, { accept: 'application/json' }).withResponse();
    expect(answer).toMatchObject({ status: 200, data: dog });
  });

  test('an empty text stays a text', async () => {
    server.answer(200, 'text/csv', '');
    expect(await client.getPetsByPetId({ petId: '1' }, { accept: 'text/csv' })).toBe('');
  });

  test('gives error answers with the details of their status', async () => {
    server.answer(404, 'application/problem+json', { title: 'Keine "Katze"', status: 404, level: 'low' });
    const missing = await failureOf(client.getPetsByPetId({ petId: 'none' }));
    if (!ApiError.is(missing, client.getPetsByPetId)) throw new Error('not of this operation');
    expect(missing).toMatchObject({ kind: 'not-found', status: 404, outcome: 'refused', operation: 'getPetsByPetId', attempts: 1 });
    expect(missing.status === 404 && missing.details).toEqual({ title: 'Keine "Katze"', status: 404, level: 'low' });
    server.answer(409, 'application/json', { code: 'worse', detail: null });
    const failed = await failureOf(client.getPetsByPetId({ petId: 'none' }));
    expect(failed).toMatchObject({ kind: 'conflict', status: 409, code: 'worse', details: { code: 'worse', detail: null } });
    expect(ApiError.is(failed, client.several)).toBe(false);
  });
});

describe('DELETE /pets/{petId}', () => {
  test('sends its body, and knows both success answers', async () => {
    server.answer(202, 'application/json', { ticket: 9_007_199_254_740_991 }).answer(204);
    const accepted = await client.delete_({ petId: 'a.b', body: { reason: 'zu "alt" \\ \u2028 🐈' } }).withResponse();
    expect(accepted).toMatchObject({ status: 202, data: { ticket: 9_007_199_254_740_991 } });
    expect(server.last).toMatchObject({ method: 'DELETE', body: { reason: 'zu "alt" \\ \u2028 🐈' }, headers: { 'content-type': 'application/json' } });
    expect(await client.delete_({ petId: '~', body: { reason: '' } })).toBeUndefined();
    expect(server.last.target).toBe('/api/v1/pets/~');
  });
});

describe('GET /search', () => {
  test('writes every style of query', async () => {
    server.answer(200, 'application/json', [cat, dog]);
    const found = await client.searchPets({
      ids: [1, -2, Number.MAX_SAFE_INTEGER],
      tags: ['a,b', 'c&d', '', 'ä'],
      spaced: ['a,b', 'c+d', 'é'],
      piped: ['a,b', 'c d', '"'],
      filter: { color: 'green', size: 3 },
      point: { x: -0.5, y: 1e21 },
      json: { deep: ['"', '\\', 'ä&='] },
      raw: "a/b?c=d;e:f@g!$'()*,[h] i&j#k+l%m",
      limit: 100,
      'sort[by]': '-name',
      digits: 12_345,
      flag: false,
      maybe: 'yes-please',
      'X-List': ['a', 'b c', 'ÿ'],
    });
    expect(found).toEqual([cat, dog]);
    expect(server.last.values).toEqual({
      'query:ids': [1, -2, Number.MAX_SAFE_INTEGER],
      'query:tags': ['a,b', 'c&d', '', 'ä'],
      'query:spaced': ['a,b', 'c+d', 'é'],
      'query:piped': ['a,b', 'c d', '"'],
      'query:filter': { color: 'green', size: 3 },
      'query:point': { x: -0.5, y: 1e21 },
      'query:json': { deep: ['"', '\\', 'ä&='] },
      'query:raw': "a/b?c=d;e:f@g!$'()*,[h] i&j#k+l%m",
      'query:limit': 100,
      'query:sort[by]': '-name',
      'query:digits': '12345',
      'query:flag': false,
      'query:maybe': 'yes-please',
      'header:X-List': ['a', 'b c', 'ÿ'],
    });
    // The same once more, written by hand from the table of style values.
    expect(server.last.query.split('&')).toEqual([
      'ids=1',
      'ids=-2',
      'ids=9007199254740991',
      'tags=a%2Cb,c%26d,,%C3%A4',
      'spaced=a%2Cb%20c%2Bd%20%C3%A9',
      'piped=a%2Cb%7Cc%20d%7C%22',
      'filter%5Bcolor%5D=green',
      'filter%5Bsize%5D=3',
      'x=-0.5',
      'y=1e%2B21',
      'json=%7B%22deep%22%3A%5B%22%5C%22%22%2C%22%5C%5C%22%2C%22%C3%A4%26%3D%22%5D%7D',
      // URLs of the platform (WHATWG) write "'" encoded.
      'raw=a/b?c=d;e:f@g!$%27()*,[h]%20i%26j%23k%2Bl%25m',
      'limit=100',
      'sort%5Bby%5D=-name',
      'digits=12345',
      'flag=false',
      'maybe=yes-please',
    ]);
    expect(server.last.headers['x-list']).toBe('a,b c,ÿ');
  });

  test('sends nothing for empty lists and absent members, and the default of what is required', async () => {
    server.answer(200, 'application/json', []);
    expect(await client.searchPets({ ids: [], tags: [], spaced: [], piped: [], filter: {}, point: { x: undefined }, flag: undefined, 'X-List': [] })).toEqual(
      [],
    );
    expect(server.last.query).toBe('limit=10');
    expect(server.last.values).toEqual({ 'query:limit': 10 });
    expect(server.last.headers).not.toHaveProperty('x-list');
  });

  test('null goes where it is allowed, digits keep their zeros', async () => {
    server.answer(200, 'application/json', []);
    await client.searchPets({ maybe: null, digits: '000123456789012345678901' });
    expect(server.last.values).toMatchObject({ 'query:maybe': null, 'query:digits': '000123456789012345678901' });
    expect(server.last.query).toBe('limit=10&digits=000123456789012345678901&maybe=');
  });
});

describe('GET /matrix/...', () => {
  test('writes every style of path', async () => {
    server.answer(204);
    const given = { simple: ['a,b', 'c/d', 'ä'], label: ['e', 'f;g', ''], matrix: ['h=i', 'j;k', '', '?'], object: { a: 'l=m,n', b: 'o.p #%' } };
    expect(await client.pathStyles(given)).toBeUndefined();
    expect(server.last.values).toEqual({ 'path:simple': given.simple, 'path:label': given.label, 'path:matrix': given.matrix, 'path:object': given.object });
    expect(server.last.target).toBe('/api/v1/matrix/a%2Cb,c%2Fd,%C3%A4/.e,f%3Bg,/;matrix=h%3Di;matrix=j%3Bk;matrix;matrix=%3F/a=l%3Dm%2Cn,b=o.p%20%23%25');
  });
});

describe('GET /lookup', () => {
  test('sends its body', async () => {
    const found = { 'ä "x"': cat, [`${awkward}`]: dog };
    server.answer(200, 'application/json', found);
    const pets = await client.$lookup({ body: ['é', '"', '', awkward] });
    expect(pets).toEqual(found);
    expect(server.last).toMatchObject({ method: 'GET', body: ['é', '"', '', awkward], headers: { 'content-type': 'application/json' } });
    expect(server.last.headers['content-length']).toBe(String(server.last.rawBody.length));
  });

  test('is refused where fetch cannot send it', async () => {
    const before = server.requests.length;
    const other = createClient(operations, { baseUrl: server.baseUrl, auth: 't', fetch: globalThis.fetch });
    expect(await failureOf(other.$lookup({ body: ['a'] }))).toMatchObject({ kind: 'unsupported', outcome: 'not-sent' });
    expect(server.requests).toHaveLength(before);
  });
});

describe('/names', () => {
  test('parameters may be called like words of JavaScript', async () => {
    const odd = { Name: 'upper', name: 'lower', default: 'Ω' };
    server.answer(200, 'application/json', odd);
    const names = await client._2ndThing({ class: 'x', body: 'y', "it's": '\'"', ['__proto__']: 'z' });
    expect(names).toEqual(odd);
    expect(server.last.query.split('&')).toEqual(['class=x', 'body=y', 'it%27s=%27%22', '__proto__=z']);
    expect(server.last.values).toEqual({ 'query:class': 'x', 'query:body': 'y', "query:it's": '\'"', 'query:__proto__': 'z' });
  });

  test('a client keeps its own members', async () => {
    server.answer(200, 'application/json', { other: '' });
    expect(await client.closeOperation()).toEqual({ other: '' });
    expect(server.last).toMatchObject({ method: 'POST', target: '/api/v1/names' });
    expect(server.last.rawBody).toHaveLength(0);
    expect(client.close).toBeInstanceOf(Function);
  });

  test('a parameter called body stays one beside the body', async () => {
    server.answer(200, 'application/json', { lower: 'l' }).answer(200, 'application/json', {});
    expect(await client.same({ 'query:body': 'q&', body: { shadows: 'ä' } })).toEqual({ lower: 'l' });
    expect(server.last).toMatchObject({ query: 'body=q%26', body: { shadows: 'ä' } });
    expect(await client.same()).toEqual({});
    expect(server.last.body).toBeUndefined();
    expect(server.last.headers).not.toHaveProperty('content-type');
  });

  test('a repeated operationId is another operation', async () => {
    server.answer(200);
    expect(await client.same2()).toBeUndefined();
    expect(server.last).toMatchObject({ method: 'PATCH', target: '/api/v1/names' });
  });
});

describe('POST /files', () => {
  test('multipart with files of every kind, a JSON part and a list', async () => {
    server.answer(201, 'application/json', { size: 3 });
    const meta = { name: 'Ä "x"', weight: 0.5 };
    const stored = await client.uploadForm({
      body: {
        file: new File(['\u0000ÿ\r\n--x'], 'ä "quoted"\r\n; name=x.png', { type: 'image/png' }),
        pages: [
          new TextEncoder().encode('one').subarray(1),
          new Blob(['two'], { type: 'text/plain' }),
          { content: streamOf('th', 'ree'), name: '三.bin' },
          { content: new Uint8Array(0), name: 'empty', type: 'application/pdf' },
          { size: 4, name: 'sized.txt', type: 'text/csv', stream: () => streamOf('fo', 'ur') },
        ],
        kind: 'target',
        meta,
        labels: ['a,b', '', 'ä"\r\nb'],
      },
    });
    expect(stored.size).toBe(3);
    const octets = 'application/octet-stream';
    expect(server.last.body).toEqual({
      file: { name: 'ä "quoted"\r\n; name=x.png', type: 'image/png', text: latin1('\u0000ÿ\r\n--x') },
      pages: [
        { name: 'file', type: octets, text: 'ne' },
        { name: 'file', type: 'text/plain', text: 'two' },
        { name: '三.bin', type: octets, text: 'three' },
        { name: 'empty', type: 'application/pdf', text: '' },
        { name: 'sized.txt', type: 'text/csv', text: 'four' },
      ],
      kind: 'target',
      meta,
      labels: ['a,b', '', 'ä"\r\nb'],
    });
    const parts = server.last.rawBody.toString('latin1').split(`--${/boundary=(.*)$/.exec(server.last.headers['content-type']!)![1]!}`);
    expect(parts[1]).toBe(
      latin1(
        '\r\nContent-Disposition: form-data; name="file"; filename="ä %22quoted%22%0D%0A; name=x.png"\r\nContent-Type: image/png\r\n\r\n\u0000ÿ\r\n--x\r\n',
      ),
    );
    expect(parts[7]).toBe('\r\nContent-Disposition: form-data; name="kind"\r\n\r\ntarget\r\n');
    expect(parts[8]).toBe(latin1(`\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(meta)}\r\n`));
    expect(parts.at(-1)).toBe('--\r\n');
    expect(server.last.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
  });

  test('only what must be there; the length is known; the type comes from the document', async () => {
    server.answer(201, 'application/json', { size: 0 });
    await client.uploadForm({ body: { file: new Uint8Array([0, 255]), kind: 'source', pages: [], labels: undefined } });
    expect(server.last.body).toEqual({ file: { name: 'file', type: 'image/png', text: '\u0000ÿ' }, kind: 'source' });
    expect(server.last.headers['content-length']).toBe(String(server.last.rawBody.length));
  });
});

describe('PUT /files', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_unused, index) => (index * 7) % 256);
  const sources = {
    bytes: () => bytes,
    'a part of a buffer': () => new Uint8Array([...new Uint8Array(9), ...bytes, 1]).subarray(9, 9 + bytes.length),
    'an ArrayBuffer': () => bytes.buffer,
    'a DataView': () => new DataView(bytes.buffer),
    'a Blob': () => new Blob([bytes]),
    'a file source': () => ({ size: bytes.length, name: 'x', stream: () => new Blob([bytes]).stream() }),
    'a stream': () => new Blob([bytes]).stream(),
    'an async iterable': async function* () {
      yield bytes.subarray(0, 1);
      yield new Uint8Array(0);
      yield bytes.subarray(1);
    },
    'no bytes': () => new Uint8Array(0),
  };
  test.each(Object.entries(sources))('%s', async (name, make) => {
    server.answer(204);
    const body = make();
    expect(await client.uploadBytes({ body })).toBeUndefined();
    const sent = name === 'no bytes' ? new Uint8Array(0) : bytes;
    expect(Buffer.compare(server.last.rawBody, sent)).toBe(0);
    const isSized = !['a stream', 'an async iterable'].includes(name);
    expect(server.last.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      ...(isSized ? { 'content-length': String(sent.length) } : { 'transfer-encoding': 'chunked' }),
    });
  });
});

describe('GET /files/{name}', () => {
  const png = Buffer.from('89504e470d0a1a0a00ff', 'hex');

  test('answers bytes, read to the end', async () => {
    server.answer(200, 'application/octet-stream', png, { 'content-disposition': "attachment; filename*=UTF-8''%C3%A4%2Fb.png" });
    const content = await client.download({ name: 'ä/b c.png' });
    expect(server.last).toMatchObject({
      target: '/api/v1/files/%C3%A4%2Fb%20c.png',
      headers: { accept: 'application/octet-stream, image/png', 'accept-encoding': 'identity' },
    });
    expect(content).toMatchObject({ mediaType: 'application/octet-stream', name: 'ä/b.png', size: undefined });
    expect(Buffer.from(await content.bytes())).toEqual(png);
    expect(content.receipt()).toMatchObject({ bytes: png.length, sha256: createHash('sha256').update(png).digest('hex'), verified: 'none' });
  });

  test('in the type asked for, as a stream', async () => {
    server.answer(200, 'image/png', png, { 'content-length': String(png.length) });
    const content = await client.download({ name: '1' }, { accept: 'image/png' });
    expect(server.last.headers.accept).toBe('image/png');
    expect(content).toMatchObject({ mediaType: 'image/png', size: png.length });
    const chunks: Uint8Array[] = [];
    for await (const chunk of content.stream()) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(png);
    expect(content.receipt().verified).toBe('length');
  });

  test('a part of it', async () => {
    server.answer(206, 'application/octet-stream', png.subarray(2, 4), { 'content-range': `bytes 2-3/${png.length}` });
    const { data, status, headers } = await client.download({ name: '1' }, { headers: { range: 'bytes=2-3' } }).withResponse();
    expect(server.last.headers.range).toBe('bytes=2-3');
    expect(status).toBe(206);
    expect(headers.get('content-range')).toBe('bytes 2-3/10');
    expect(await data.text()).toBe('NG');
  });
});

describe('POST /form', () => {
  test('writes a form', async () => {
    server.answer(200, 'text/plain; charset=iso-8859-1', Buffer.from('gr\u00fcn', 'latin1'));
    expect(await client.submitForm({ body: { user: awkward, password: 'p&=+ %ä', roles: ['a b', 'c,d', 'ä'] } })).toBe('grün');
    expect(server.last.body).toEqual({ user: awkward, password: 'p&=+ %ä', roles: ['a b', 'c,d', 'ä'] });
    expect(server.last.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(server.last.rawBody.toString()).toBe(`user=${percentEncode(awkward).replaceAll('%20', '+')}&password=p%26%3D%2B+%25%C3%A4&roles=a+b,c%2Cd,%C3%A4`);
  });

  test('leaves out what is absent or empty', async () => {
    server.answer(200, 'text/plain', '');
    expect(await client.submitForm({ body: { user: '', password: undefined, roles: [] } })).toBe('');
    expect(server.last.rawBody.toString()).toBe('user=');
  });
});

describe('POST /several', () => {
  test('JSON by default', async () => {
    server.answer(200, 'application/json', cat);
    const { data, status } = await client.several({ body: { name: 'ä', weight: 1.5, secret: 's' } }).withResponse();
    expect([status, data]).toEqual([200, cat]);
    expect(server.last).toMatchObject({ body: { name: 'ä', weight: 1.5, secret: 's' }, headers: { 'content-type': 'application/json' } });
  });

  test('text and XML when asked for', async () => {
    server.answer(201, 'application/json', { id: 'é' }).answer(201, 'application/json', { id: '2' });
    const made = await client.several({ body: awkward }, { contentType: 'text/plain' });
    expect('id' in made && made.id).toBe('é');
    expect(server.last).toMatchObject({ body: awkward, headers: { 'content-type': 'text/plain' } });
    await client.several({ body: '<pet name="ä"/>' }, { contentType: 'application/xml' });
    expect(server.last).toMatchObject({ body: '<pet name="ä"/>', headers: { 'content-type': 'application/xml' } });
  });

  test('any 4xx is the documented error', async () => {
    server.answer(422, 'application/json', { code: 'bad', detail: ['ä', 1, null] });
    const failed = await failureOf(client.several({ body: { name: 'x', secret: 'canary-secret' } }));
    if (!ApiError.is(failed, client.several)) throw new Error('not of this operation');
    expect(failed.status === 422 && failed.details?.code).toBe('bad');
    expect(failed).toMatchObject({ kind: 'invalid-request', status: 422, outcome: 'refused', details: { code: 'bad', detail: ['ä', 1, null] } });
    expect(JSON.stringify(failed)).not.toContain('canary-secret');
  });
});

describe('POST /anything', () => {
  const when = new Date(Date.UTC(2026, 1, 28, 12, 30));
  test.each([
    ['a text', awkward],
    ['an empty text', ''],
    ['zero', 0],
    ['false', false],
    ['null', null],
    ['an empty list', []],
    ['nested', { a: [{ b: { c: [[], {}, null, 'ä'] } }], '': 1, ['__proto__']: 2 }],
  ])('%s', async (_name, value) => {
    server.answer(200, 'application/json', value);
    expect(await client.anything({ body: value })).toEqual(value);
    expect(server.last.rawBody.toString()).toBe(JSON.stringify(value));
  });

  test('a Date is written as ISO text, undefined members are left out', async () => {
    server.answer(200, 'application/json', {});
    await client.anything({ body: { when, list: [when], gone: undefined } });
    expect(server.last.body).toEqual({ when: '2026-02-28T12:30:00.000Z', list: ['2026-02-28T12:30:00.000Z'] });
  });

  test('no body', async () => {
    server.answer(200, 'application/json', null);
    expect(await client.anything()).toBeNull();
    expect(server.last.rawBody).toHaveLength(0);
    expect(server.last.headers).not.toHaveProperty('content-type');
  });
});

describe('POST /shapes', () => {
  test('all forms of a schema, there and back', async () => {
    const body = {
      union: ['ä', ''],
      both: { own: 'o', b: -1.5e-7 },
      inlineEnum: '*/',
      numberEnum: 3,
      mixedEnum: null,
      booleanEnum: true,
      map: { 'ä "': 1, ['__proto__']: 2 },
      nullableMap: { a: null, b: '' },
      openMap: { known: 'k', extra: 0.1 },
      free: { deep: [{ er: null }] },
      anything: [null, { x: 'y' }],
      nothing: {},
      listOfLists: [[], [1, -1]],
      big: Number.MIN_SAFE_INTEGER,
      bytes: 'AP8=',
      sibling: { email: 'a+b@example.com', pets: [cat, { kind: 'dog', name: 'R', bark: true, owner: null }] },
      notThis: 5,
      ['__proto__']: 'p',
      constructor: 'c',
      'dashed-name': '-',
      '2fa': false,
    } as const;
    const answer = { ...body, ['__proto__']: 'p', sibling: { ...body.sibling, id: 1 } };
    server.answer(200, 'application/json', answer);
    const mutable = structuredClone(body) as unknown as Parameters<typeof client.shapes>[0]['body'];
    Object.defineProperty(mutable, '__proto__', { value: 'p', enumerable: true, configurable: true, writable: true });
    const shapes = await client.shapes({ body: mutable });
    expect(JSON.stringify(shapes)).toBe(JSON.stringify(answer));
    expect(Object.getPrototypeOf(shapes)).toBe(Object.prototype);
    expect(server.last.rawBody.toString()).toBe(JSON.stringify(mutable));
    expect(Object.hasOwn(server.last.body as object, '__proto__')).toBe(true);
  });

  test.each([['short'], [1e300], [-0.5], [[]]])('the union %j', async (union) => {
    server.answer(200, 'application/json', { union });
    const shapes = await client.shapes({ body: { union } });
    expect(shapes.union).toEqual(union);
    expect(server.last.body).toEqual({ union });
  });

  test('a Date where anything goes', async () => {
    server.answer(200, 'application/json', { union: 1 });
    await client.shapes({ body: { union: 1, anything: new Date(0), free: { when: new Date(0) } } });
    expect(server.last.body).toEqual({ union: 1, anything: '1970-01-01T00:00:00.000Z', free: { when: '1970-01-01T00:00:00.000Z' } });
  });
});

describe('POST /tree', () => {
  test('recursion', async () => {
    type Tree = Parameters<typeof client.tree>[0]['body'];
    let deep: Tree = { label: 'leaf', kind: 'leaf' };
    for (let level = 0; level < 100; level += 1)
      deep = level % 2 === 0 ? { label: `ä${level}`, kind: 'branch', children: [deep, { label: '' }] } : { label: '"', parent: deep, children: [] };
    server.answer(200, 'application/json', deep);
    expect(await client.tree({ body: deep })).toEqual(deep);
    expect(server.last.body).toEqual(deep);
  });
});

describe('GET /part', () => {
  test('an operation from another file', async () => {
    server.answer(200, 'application/problem+json', { title: 'ä', level: 'high' }).answer(200, 'application/problem+json', {});
    const problem = await client.part({ page: 0 });
    expect(problem.title).toBe('ä');
    expect(server.last).toMatchObject({ query: 'page=0', headers: { accept: 'application/problem+json' } });
    expect(await client.part()).toEqual({});
    expect(server.last.query).toBe('');
  });
});

describe('security', () => {
  test('no credential where the document wants none', async () => {
    server.answer(204);
    expect(await client.anonymous()).toBeUndefined();
    expect(server.last.headers).not.toHaveProperty('authorization');
  });

  test('one of several alternatives', async () => {
    server.answer(204).answer(204).answer(204).answer(204);
    await client.eitherOr();
    expect(server.last.headers.authorization).toBe('Bearer secret-token');
    const using = (auth: Parameters<typeof credentials>[0]) => createClient(operations, { baseUrl: server.baseUrl, auth: credentials(auth) }).eitherOr();
    await using({ bearer: () => Promise.resolve('b'), apiKey: 'k' });
    expect(server.last.headers).toMatchObject({ authorization: 'Bearer b', 'x-api-key': 'k' });
    await using({ oauth: 'o', apiKey: 'k' });
    expect(server.last.headers.authorization).toBe('Bearer o');
    expect(server.last.headers).not.toHaveProperty('x-api-key');
    await createClient(operations, { baseUrl: server.baseUrl }).eitherOr();
    expect(server.last.headers).not.toHaveProperty('authorization');
  });
});

describe('the document', () => {
  test('has one method for each operation, and no other', () => {
    const generated = Object.values(operations).map(({ method, path }) => `${method} ${path}`);
    expect(generated.toSorted()).toEqual(document.operations.map(({ key }) => key).toSorted());
    for (const [name, method] of Object.entries(operations)) expect(method.id).toBe(name);
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

function streamOf(...texts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** A text as its UTF-8 bytes, one character for each. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
