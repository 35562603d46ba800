import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, startServer, type Arrived, type TestServer } from '../test/http-server.ts';
import { anyBody, raw } from './body-encoders.ts';
import { styled } from './serialize.ts';
import { createClient } from './client.ts';
import { binary } from './content.ts';
import { form, multipart } from './form-bodies.ts';
import type { AnyOperation } from './operation.ts';
import type { ClientOptions } from './options.ts';

function operation(method: string, path: string, more: Partial<AnyOperation> = {}): AnyOperation {
  return { id: 'run', method, path, responses: { '200': ['application/json'] }, ...more };
}

async function connectTo(
  run: AnyOperation,
  answer: Parameters<typeof startServer>[0],
  options: Partial<ClientOptions> = {},
): Promise<{ client: ReturnType<typeof createClient<{ run: AnyOperation }>>; server: TestServer }> {
  const server = await startServer(answer);
  return { client: createClient({ run }, { baseUrl: `${server.origin}/v1`, maxRetries: false, ...options }), server };
}

const echo = (request: Arrived, response: Parameters<typeof json>[0]): void => json(response, { method: request.method, url: request.url });

describe('the request', () => {
  it('carries path, query, header and cookie parameters to the server', async () => {
    const { client, server } = await connectTo(
      operation('GET', '/assets/{id}/files', {
        parameters: [
          { name: 'id', in: 'path', required: true },
          { name: 'tag', in: 'query', codec: styled },
          { name: 'filter', in: 'query', codec: styled, style: 'deepObject' },
          { name: 'id', key: 'query:id', in: 'query' },
          { name: 'X-Trace-Id', in: 'header' },
          { name: 'session', in: 'cookie' },
          { name: 'theme', in: 'cookie' },
        ],
        headers: { 'X-Fixed': 'one' },
      }),
      echo,
      { userAgent: 'test/1', headers: { 'x-client': 'a', 'x-both': 'client', 'x-none': undefined } },
    );
    const call = client.run(
      { id: 'a/b ü', tag: ['x', 'y&z'], filter: { a: '1' }, 'query:id': 7, 'X-Trace-Id': 't', session: 's;1', theme: 'dark' },
      { headers: { 'X-Both': 'call' } },
    );
    expect(await call).toEqual({ method: 'GET', url: '/v1/assets/a%2Fb%20%C3%BC/files?tag=x&tag=y%26z&filter%5Ba%5D=1&id=7' });
    expect(server.arrived[0]!.headers).toMatchObject({
      'x-trace-id': 't',
      'x-fixed': 'one',
      'x-client': 'a',
      'x-both': 'call',
      'user-agent': 'test/1',
      accept: 'application/json',
      cookie: 'session=s%3B1; theme=dark',
    });
    expect(server.arrived[0]!.headers).not.toHaveProperty('x-none');
  });

  it('sends defaults of required parameters only, and presets of the vendor', async () => {
    const server = await startServer(echo);
    const run = operation('GET', '/a', {
      parameters: [
        { name: 'must', in: 'query', required: true, schema: { default: 5 } },
        { name: 'may', in: 'query', schema: { default: 6 } },
        { name: 'preset', in: 'query', required: true },
      ],
    });
    const client = createClient({ run }, { baseUrl: server.origin }, { vendor: 'v', defaults: { preset: 'p' }, rewritePath: (path) => `/v4${path}` });
    expect(await client.run()).toEqual({ method: 'GET', url: '/v4/a?must=5&preset=p' });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('is sent with method %s', async (method) => {
    const { client, server } = await connectTo(operation(method, '/x', { responses: {} }), (_request, response) => response.end());
    await client.run();
    expect(server.arrived[0]).toMatchObject({ method, url: '/v1/x' });
  });

  it('keeps a fixed query that the document writes into the path', async () => {
    const { client } = await connectTo(operation('GET', '/x?Action=List', { parameters: [{ name: 'a', in: 'query' }] }), echo);
    expect(await client.run({ a: 1 })).toMatchObject({ url: '/v1/x?Action=List&a=1' });
  });

  it('never leaves the path of its operation', async () => {
    const { client, server } = await connectTo(
      operation('GET', '/x/{a}{b}/y', {
        parameters: [
          { name: 'a', in: 'path', required: true },
          { name: 'b', in: 'path', required: true },
        ],
      }),
      echo,
    );
    expect(await failure(client.run({ a: '.', b: 'x' }))).toMatchObject({ kind: 'invalid-request' });
    const joined: AnyOperation = operation('GET', '/x/.{a}/y', { parameters: [{ name: 'a', in: 'path', required: true, codec: styled, style: 'label' }] });
    expect(
      await failure(
        createClient({ joined }, { baseUrl: server.origin })
          .joined({ a: 'b' })
          .then(() => client.request('GET /x/../y')),
      ),
    ).toMatchObject({ kind: 'invalid-request' });
    for (const path of ['/a/../b', '/a/%2e%2E/b', '/a/./b', '/a\\..\\b', '/..']) {
      expect(await failure(client.request(`GET ${path}` as 'GET /a'))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    }
  });

  it('refuses headers that could not be sent, naming them', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), echo);
    expect((await failure(client.run({}, { headers: { 'x y': '1' } }))).message).toContain('headers holds "x y", which is no name of a header');
    expect((await failure(client.run({}, { headers: { good: 'a\nb' } }))).message).toContain('headers.good must not hold line breaks');
    expect(server.arrived).toHaveLength(0);
  });

  it('carries Latin-1 in headers both ways', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), (_request, response) => json(response, 1, 200, { 'x-back': 'Grüße' }));
    const { headers } = await client.run({}, { headers: { 'x-name': 'Müller' } }).withResponse();
    expect(server.arrived[0]!.headers['x-name']).toBe('Müller');
    expect(headers.get('x-back')).toBe('Grüße');
  });
});

describe('the body', () => {
  const jsonBody = { required: true, content: { 'application/json': {} } } as const;

  it.each([{ a: 'ü€😀', b: [1, null] }, [], 'text', 0, false, null])('is sent as JSON with its exact length: %j', async (body) => {
    const { client, server } = await connectTo(operation('POST', '/', { body: jsonBody }), echo);
    await client.run({ body });
    const [arrived] = server.arrived;
    expect(arrived!.body.toString()).toBe(JSON.stringify(body));
    expect(arrived!.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': String(arrived!.body.length) });
    expect(arrived!.headers).not.toHaveProperty('transfer-encoding');
  });

  it.each(['GET', 'DELETE', 'PATCH', 'PUT'])('is sent with %s', async (method) => {
    const { client, server } = await connectTo(operation(method, '/', { body: jsonBody }), echo);
    await client.run({ body: { a: 1 } });
    expect(server.arrived[0]).toMatchObject({ method });
    expect(server.arrived[0]!.body.toString()).toBe('{"a":1}');
  });

  it('on GET is refused, before sending, where a fetch function sends', async () => {
    let sent = 0;
    const client = createClient({ run: operation('GET', '/', { body: jsonBody }) }, { baseUrl: 'https://a.example', fetch: async () => Response.json(++sent) });
    expect(await failure(client.run({ body: {} }))).toMatchObject({ kind: 'unsupported' });
    expect(sent).toBe(0);
  });

  it('is left out when it is optional and not given', async () => {
    const { client, server } = await connectTo(operation('POST', '/', { body: { content: { 'application/json': {} } } }), echo);
    await client.run();
    expect(server.arrived[0]!.headers).not.toHaveProperty('content-type');
    expect(server.arrived[0]!.headers['content-length']).toBe('0');
  });

  it('is written as a form', async () => {
    const { client, server } = await connectTo(operation('POST', '/', { body: { content: { 'application/x-www-form-urlencoded': { encode: form } } } }), echo);
    await client.run({ body: { user: 'a b', list: [1, 2], ü: '&=' } });
    await client.run({ body: new URLSearchParams({ x: 'y z' }) });
    expect(server.arrived.map(({ body }) => body.toString())).toEqual(['user=a+b&list=1&list=2&%C3%BC=%26%3D', 'x=y+z']);
    expect(server.arrived[0]!.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(await failure(client.run({ body: 'a=b' }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  });

  const bytes = new Uint8Array([0, 255, 13, 10, 65]);
  it.each<[string, () => unknown, boolean]>([
    ['bytes', () => bytes, true],
    ['a view into larger memory', () => new Uint8Array([9, ...bytes, 9]).subarray(1, 6), true],
    ['an ArrayBuffer', () => bytes.slice().buffer, true],
    ['a DataView', () => new DataView(new Uint8Array([9, ...bytes]).buffer, 1), true],
    ['a Blob', () => new Blob([bytes]), true],
    ['a source with a size', () => ({ size: 5, stream: () => new Blob([bytes]).stream() }), true],
    ['a stream', () => new Blob([bytes]).stream(), false],
    [
      'an async iterable',
      async function* () {
        yield bytes.subarray(0, 2);
        yield new Uint8Array();
        yield bytes.subarray(2);
      },
      false,
    ],
  ])('is sent as it is, byte by byte: %s', async (_name, make, isSized) => {
    const { client, server } = await connectTo(operation('PUT', '/', { body: { content: { 'application/octet-stream': { encode: raw } } } }), echo);
    const made = make();
    await client.run({ body: typeof made === 'function' ? (made as () => unknown)() : made });
    const [arrived] = server.arrived;
    expect([...arrived!.body]).toEqual([...bytes]);
    expect(arrived!.headers['content-type']).toBe('application/octet-stream');
    expect(arrived!.headers['content-length']).toBe(isSized ? '5' : undefined);
    expect(arrived!.headers['transfer-encoding']).toBe(isSized ? undefined : 'chunked');
  });

  it('may be empty in every form', async () => {
    const { client, server } = await connectTo(operation('PUT', '/', { body: { content: { 'application/octet-stream': { encode: raw } } } }), echo);
    for (const body of [new Uint8Array(), new Blob([]), new Blob([]).stream()]) await client.run({ body });
    expect(server.arrived.map(({ body }) => body.length)).toEqual([0, 0, 0]);
    expect(server.arrived.map(({ headers }) => headers['content-length'])).toEqual(['0', '0', '0']);
  });

  it('takes the media type of a Blob where the document allows any', async () => {
    const { client, server } = await connectTo(operation('PUT', '/', { body: { content: { '*/*': { encode: raw } } } }), echo);
    await client.run({ body: new Blob(['x'], { type: 'image/png' }) });
    await client.run({ body: new Blob(['x']) });
    await client.run({ body: 'x' });
    await client.run({ body: { x: 1 } });
    expect(server.arrived.map(({ headers }) => headers['content-type'])).toEqual(['image/png', 'application/octet-stream', 'text/plain', 'application/json']);
  });

  it('is sent in the media type that the call asks for', async () => {
    const content = {
      'application/json': {},
      'application/xml': { encode: raw },
      'application/x-www-form-urlencoded': { encode: form },
      'multipart/form-data': { encode: multipart },
    };
    const { client, server } = await connectTo(operation('POST', '/', { body: { content } }), echo);
    await client.run({ body: '<a/>' }, { contentType: 'application/xml' });
    await client.run({ body: { a: 1 } }, { contentType: 'application/x-www-form-urlencoded' });
    await client.run({ body: new URLSearchParams({ a: '2' }) });
    const data = new FormData();
    data.set('a', '3');
    await client.run({ body: data });
    expect(server.arrived.map(({ headers, body }) => [headers['content-type']!.split(';')[0], body.toString().includes('3') ? '3' : body.toString()])).toEqual([
      ['application/xml', '<a/>'],
      ['application/x-www-form-urlencoded', 'a=1'],
      ['application/x-www-form-urlencoded', 'a=2'],
      ['multipart/form-data', '3'],
    ]);
    expect((await failure(client.run({ body: '' }, { contentType: 'text/csv' }))).message).toContain(
      'contentType must be one of application/json, application/xml',
    );
    for (const body of [{ a: 1 }, ['a'], null])
      expect(await failure(client.run({ body }, { contentType: 'application/xml' }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  });

  it('is refused where it would silently become {}', async () => {
    const { client, server } = await connectTo(operation('POST', '/', { body: jsonBody }), echo);
    for (const body of [new FormData(), new URLSearchParams(), new Blob(['{}']), new Uint8Array(3), new ReadableStream(), () => 1, Symbol('x'), 10n]) {
      expect(await failure(client.run({ body }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    }
    expect(server.arrived).toHaveLength(0);
  });

  it('is cut, not completed, when its source has more or fewer bytes than declared', async () => {
    for (const size of [3, 7]) {
      const { client, server } = await connectTo(operation('PUT', '/', { body: { content: { 'application/octet-stream': { encode: raw } } } }), echo);
      const error = await failure(client.run({ body: { size, stream: () => new Blob([bytes]).stream() } }));
      expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
      expect(error.message).toMatch(/declared/);
      expect(server.arrived).toHaveLength(0);
    }
  });

  it('tells a source that fails, with its own error as the cause', async () => {
    const { client, server } = await connectTo(operation('PUT', '/', { body: { content: { 'application/octet-stream': { encode: raw } } } }), echo);
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield bytes;
      throw new Error('disk on fire');
    };
    const error = await failure(client.run({ body: broken() }));
    expect(error).toMatchObject({ kind: 'invalid-request', cause: { message: 'disk on fire' } });
    expect(server.arrived).toHaveLength(0);
  });
});

describe('the answer', () => {
  it('is read as what the document says, with status, headers and request id on request', async () => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) =>
      json(response, { ok: true }, 200, { 'x-request-id': 'r-1', 'x-other': 'o' }),
    );
    const call = client.run();
    const whole = await call.withResponse();
    expect(whole).toMatchObject({ data: { ok: true }, status: 200, requestId: 'r-1' });
    expect(whole.headers.get('x-other')).toBe('o');
    expect(await call).toEqual({ ok: true });
  });

  it('is requested once, whether awaited, asked for its response, or both', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), echo);
    const call = client.run();
    await Promise.all([call, call.withResponse(), call.withResponse()]);
    expect(server.arrived).toHaveLength(1);
  });

  it.each([200, 201, 204, 205, 299])('may be empty with status %i where no body is documented', async (status) => {
    const { client } = await connectTo(operation('POST', '/', { responses: { [status]: [] } }), (_request, response) => response.writeHead(status).end());
    expect(await client.run().withResponse()).toMatchObject({ data: undefined, status });
  });

  it('may be an empty text where a text is documented', async () => {
    const { client } = await connectTo(operation('GET', '/', { responses: { '200': ['text/plain'] } }), (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end(),
    );
    expect(await client.run()).toBe('');
  });

  it.each([204, 205])('may be empty with status %i where JSON is documented for others', async (status) => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) => response.writeHead(status).end());
    expect(await client.run()).toBeUndefined();
  });

  it('to HEAD has no body, whatever its length says', async () => {
    const { client } = await connectTo(operation('HEAD', '/'), (_request, response) =>
      response.writeHead(200, { 'content-length': '500', 'content-type': 'application/json' }).end(),
    );
    expect(await client.run()).toBeUndefined();
    expect(await client.run()).toBeUndefined();
  });

  it('with a body where none may be does not hold its connection', async () => {
    const { client, server } = await connectTo(operation('GET', '/', { responses: {} }), (_request, response) =>
      response.writeHead(205, { 'content-length': '1000000' }).end(Buffer.alloc(1_000_000)),
    );
    for (let i = 0; i < 3; i += 1) expect(await client.run()).toBeUndefined();
    expect(server.sockets.size).toBeLessThanOrEqual(3);
  });

  it('is JSON also with a byte order mark, a type with parameters, or a +json type', async () => {
    for (const [type, body] of [
      ['application/json; charset=utf-8', '\ufeff{"a":"ü"}'],
      ['application/vnd.api+json', '{"a":"ü"}'],
      ['APPLICATION/JSON', ' {"a":"ü"}\n'],
      ['text/plain', '{"a":"ü"}'],
      ['', '{"a":"ü"}'],
    ] as const) {
      const { client } = await connectTo(operation('GET', '/'), (_request, response) => {
        if (type !== '') response.setHeader('content-type', type);
        response.end(body);
      });
      expect(await client.run(), type).toEqual({ a: 'ü' });
    }
  });

  it('is decoded by its charset', async () => {
    const { client } = await connectTo(operation('GET', '/', { responses: { '200': ['text/plain'] } }), (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/plain; charset=iso-8859-1' }).end(Buffer.from([0xfc])),
    );
    expect(await client.run()).toBe('ü');
  });

  it.each<[string, string, string, RegExp]>([
    ['HTML', 'text/html', '<html><title>Sign in</title></html>', /HTML or XML where JSON is documented \(200, text\/html\)/],
    ['truncated JSON', 'application/json', '{"a":[1,2', /not valid JSON/],
    ['nothing', 'application/json', '', /empty where JSON is documented/],
    ['nothing at all', '', '', /empty where JSON is documented \(200, no content type\)/],
  ])('that is %s instead of JSON is an honest error with the beginning of the body', async (_name, type, body, message) => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) => {
      if (type !== '') response.setHeader('content-type', type);
      response.end(body);
    });
    const error = await failure(client.run());
    expect(error).toMatchObject({ kind: 'unexpected', status: 200, outcome: 'unknown', ...(body === '' ? {} : { body }) });
    expect(error.message).toMatch(message);
  });

  it.each(['gzip', 'deflate', 'br'])('that is %s-encoded although nobody asked is read', async (encoding) => {
    const zlib = await import('node:zlib');
    const encode = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync }[encoding]!;
    const { client, server } = await connectTo(operation('GET', '/'), (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(encode('{"a":1}')),
    );
    expect(await client.run()).toEqual({ a: 1 });
    expect(server.arrived[0]!.headers).not.toHaveProperty('accept-encoding');
  });

  it('that claims an encoding which it has not is a network failure, not a hang', async () => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('{"a":1}'),
    );
    expect(await failure(client.run())).toMatchObject({ kind: 'network' });
    const other = await connectTo(operation('GET', '/'), (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'zstd-x' }).end('{"a":1}'),
    );
    expect(await failure(other.client.run())).toMatchObject({ kind: 'unexpected' });
  });

  it('is text in the type that was asked for', async () => {
    const { client, server } = await connectTo(operation('GET', '/', { responses: { '200': ['application/json', 'application/xml'] } }), (request, response) =>
      response.writeHead(200, { 'content-type': request.headers.accept! }).end(request.headers.accept === 'application/xml' ? '<a/>' : '{}'),
    );
    expect(await client.run(undefined, { accept: 'application/xml' })).toBe('<a/>');
    expect(await client.run()).toEqual({});
    expect(server.arrived.map(({ headers }) => headers.accept)).toEqual(['application/xml', 'application/json']);
  });

  it('is bytes or JSON by what it says, where the document has both', async () => {
    const run = operation('GET', '/', { binary, responses: { '200': ['image/png', 'application/json'] } });
    const types = ['image/png', 'application/json', 'application/octet-stream', 'text/html'];
    const { client } = await connectTo(run, (_request, response, count) => response.writeHead(200, { 'content-type': types[count - 1]! }).end('{}'));
    const read = [];
    for (const _type of types) {
      const data = (await client.run()) as { mediaType?: string; cancel?: () => Promise<void> };
      read.push(data.mediaType ?? data);
      await data.cancel?.();
    }
    expect(read).toEqual(['image/png', {}, 'application/octet-stream', 'text/html']);
  });

  it('is XML as a file where the document promises a file', async () => {
    const { client } = await connectTo(operation('GET', '/', { binary, responses: { '200': ['application/octet-stream'] } }), (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/xml' }).end('<xliff/>'),
    );
    expect(await ((await client.run()) as { text(): Promise<string> }).text()).toBe('<xliff/>');
  });

  it.each<[number, string]>([
    [300, 'unexpected'],
    [304, 'unexpected'],
    [400, 'invalid-request'],
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
    [404, 'not-found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [410, 'not-found'],
    [412, 'conflict'],
    [418, 'unexpected'],
    [422, 'invalid-request'],
    [429, 'rate-limited'],
    [500, 'server'],
    [503, 'server'],
    [599, 'server'],
    [999, 'server'],
  ])('with status %i is an error of kind %s', async (status, kind) => {
    const { client, server } = await connectTo(operation('GET', '/'), (_request, response) => json(response, { code: 7, message: 'no' }, status));
    for (let i = 0; i < 5; i += 1)
      expect(await failure(client.run())).toMatchObject({ kind, status, ...(status === 304 ? {} : { code: '7', details: { code: 7, message: 'no' } }) });
    // undici opens a second connection when it is asked again before the first one is free.
    expect(server.sockets.size).toBeLessThanOrEqual(2);
  });

  it('that is an error keeps what it said: JSON as details, text as the beginning of the body', async () => {
    const bodies: [string, string][] = [
      ['application/json', '\ufeff{"error":{"code":"E1","message":"bad id"}}'],
      ['application/problem+json', '{"title":"Nope","detail":"bad id"}'],
      ['text/html', '<html><head><title>502 Bad Gateway</title></head></html>'],
      ['application/xml', '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'],
      ['text/plain', 'x'.repeat(5000)],
      ['application/json', ''],
      ['application/json', 'null'],
    ];
    const { client } = await connectTo(operation('GET', '/'), (_request, response, count) =>
      response.writeHead(400, { 'content-type': bodies[count - 1]![0] }).end(bodies[count - 1]![1]),
    );
    const errors = [];
    for (const _body of bodies) errors.push(await failure(client.run()));
    expect(errors.map(({ message }) => message.slice(0, 80))).toEqual([
      'api.run: invalid-request (400, E1): bad id',
      'api.run: invalid-request (400): bad id',
      'api.run: invalid-request (400): 502 Bad Gateway',
      'api.run: invalid-request (400, AccessDenied): Request has expired',
      `api.run: invalid-request (400): ${'x'.repeat(48)}`,
      'api.run: invalid-request (400)',
      'api.run: invalid-request (400)',
    ]);
    expect(errors[0]!.details).toEqual({ error: { code: 'E1', message: 'bad id' } });
    expect(errors[4]!.body).toHaveLength(2000);
    expect(errors[5]).not.toHaveProperty('body');
    for (const error of errors)
      expect(Object.keys(JSON.parse(JSON.stringify(error)) as object)).toEqual(
        expect.arrayContaining(['name', 'message', 'kind', 'status', 'outcome', 'hint']),
      );
  });

  it('that is an endless error is cut, and still tells its status', async () => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const more = (): void => {
        while (!response.destroyed && response.write('y'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    expect(await failure(client.run())).toMatchObject({ status: 500, body: 'y'.repeat(2000) });
  });

  it('that breaks off in an error body still tells its status', async () => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) => {
      response.writeHead(403, { 'content-length': '100' });
      response.write('{"a":');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failure(client.run())).toMatchObject({ kind: 'permission-denied', status: 403 });
  });

  it('that breaks off in a success body is a network failure', async () => {
    const { client } = await connectTo(operation('POST', '/'), (_request, response) => {
      response.writeHead(200, { 'content-length': '100', 'content-type': 'application/json' });
      response.write('{"a":');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failure(client.run())).toMatchObject({ kind: 'network', outcome: 'unknown', attempts: 1 });
  });

  it('with a success status may still be an error to the vendor', async () => {
    const server = await startServer((_request, response) => json(response, { status: 'error', message: 'full' }));
    const client = createClient(
      { run: operation('GET', '/') },
      { baseUrl: server.origin },
      {
        vendor: 'v',
        failureInSuccess: (body) => ((body as { status?: string }).status === 'error' ? { code: 'E', message: 'full' } : undefined),
        errors: [{ status: 200, code: /^E/, kind: 'conflict', hint: 'Make room.' }],
      },
    );
    expect(await failure(client.run())).toMatchObject({
      kind: 'conflict',
      status: 200,
      code: 'E',
      hint: 'Make room.',
      message: 'v.run: conflict (200, E): full',
      outcome: 'unknown',
    });
  });

  it('has informational answers before it', async () => {
    const { client } = await connectTo(operation('GET', '/'), (_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      json(response, 1);
    });
    expect(await client.run()).toBe(1);
  });

  it('keeps several headers of one name, and raw UTF-8 in them', async () => {
    const { client } = await connectTo(operation('GET', '/', { binary, responses: { '200': ['*/*'] } }), (_request, response) => {
      response.writeHead(
        200,
        [
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['content-disposition', Buffer.from('attachment; filename="日本.txt"').toString('latin1')],
        ].flat(),
      );
      response.end('x');
    });
    const { headers, data } = await client.run().withResponse();
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(data).toMatchObject({ name: '日本.txt' });
    await (data as { cancel(): Promise<void> }).cancel();
  });
});

describe('client.request', () => {
  it('calls any path with query, body and the credentials of the client', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), echo, { auth: 'token-1' });
    expect(await client.request('POST /a/b?x=1&x=2&q=a?b', { query: { y: [3, 4], z: undefined, e: '' }, body: { c: 1 } })).toEqual({
      method: 'POST',
      url: '/v1/a/b?y=3&y=4&e=&x=1&x=2&q=a%3Fb',
    });
    expect(server.arrived[0]!.headers).toMatchObject({ authorization: 'Bearer token-1', 'content-type': 'application/json' });
    expect(server.arrived[0]!.body.toString()).toBe('{"c":1}');
  });

  it('sends forms, Blobs, texts and bytes as what they are, or as what is asked for', async () => {
    const server = await startServer(echo);
    const client = createClient({}, { baseUrl: server.origin }, { vendor: 'api', anyBody });
    const data = new FormData();
    data.set('file', new Blob(['abc']), 'ü.txt');
    for (const body of [data, new URLSearchParams({ a: 'b' }), new Blob(['x'], { type: 'image/gif' }), new Uint8Array([1]), 'text'])
      await client.request('POST /up', { body });
    await client.request('POST /up', { body: '<a/>' }, { contentType: 'application/xml' });
    expect(server.arrived.map(({ headers }) => headers['content-type']!.split(';')[0])).toEqual([
      'multipart/form-data',
      'application/x-www-form-urlencoded',
      'image/gif',
      'application/octet-stream',
      'text/plain',
      'application/xml',
    ]);
    expect(server.arrived[0]!.body.toString()).toMatch(/filename="ü\.txt"\r\n.*\r\n\r\nabc\r\n/s);
  });

  it.each([new Blob(['x']), new FormData(), new URLSearchParams(), new Uint8Array(1)])('says what is missing to send %o', async (body) => {
    const { client, server } = await connectTo(operation('GET', '/'), echo);
    expect(await failure(client.request('POST /up', { body }))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-sent',
      message: expect.stringContaining('anyBody') as string,
    });
    expect(server.arrived).toHaveLength(0);
  });

  it.each(['/a', 'GET', 'GET a', 'GET /a b', 'GET /a#b', ''])('refuses the route %j', async (route) => {
    const { client } = await connectTo(operation('GET', '/'), echo);
    expect(await failure(client.request(route as 'GET /a'))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  });

  it('hands out binary answers where the client has an operation with such', async () => {
    const { client } = await connectTo(operation('GET', '/', { binary }), (_request, response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).end('png'),
    );
    expect(await (await client.request<{ text(): Promise<string> }>('GET /x')).text()).toBe('png');
  });
});

describe('createClient', () => {
  it.each<[unknown, RegExp]>([
    [undefined, /options must be an object/],
    [{}, /baseUrl is required/],
    [{ baseUrl: 'api.example.com' }, /baseUrl must be an absolute URL/],
    [{ baseUrl: 'ftp://api.example.com' }, /scheme/],
    [{ baseUrl: 'https://u:p@api.example.com' }, /user name or password/],
    [{ baseUrl: 'https://api.example.com?x=1' }, /query/],
    [{ baseUrl: 'https://api.example.com', timeoutMs: -1 }, /timeoutMs must be a positive number of milliseconds or false/],
    [{ baseUrl: 'https://api.example.com', maxRetries: 1.5 }, /maxRetries must be a whole number/],
    [{ baseUrl: 'https://api.example.com', timeoutMs: 0 }, /timeoutMs must be a positive number/],
    [{ baseUrl: 'https://api.example.com', idleTimeoutMs: 0 }, /idleTimeoutMs must be a positive number/],
    [{ baseUrl: 'https://api.example.com', deadlineMs: -1 }, /deadlineMs must be a number/],
    [{ baseUrl: 'https://api.example.com', logLevel: 'verbose' }, /logLevel must be off, error, warn, info, debug/],
    [{ baseUrl: 'https://api.example.com', proxy: 'http://proxy:8080', fetch: globalThis.fetch }, /fetch and proxy exclude each other/],
    [{ baseUrl: 'https://api.example.com', ca: 'PEM', fetch: globalThis.fetch }, /fetch and ca exclude each other/],
    [{ baseUrl: 'https://api.example.com', ca: '/etc/ssl/ca.pem' }, /ca must be the text of certificates/],
    [{ baseUrl: 'https://api.example.com', trustedOrigins: ['https://files.example.com/a'] }, /trustedOrigins/],
    [{ baseUrl: 'https://api.example.com', trustedOrigins: 'https://files.example.com' }, /trustedOrigins/],
    [{ baseUrl: 'https://api.example.com', trustedOrigins: ['nope'] }, /trustedOrigins/],
    [{ baseUrl: 'https://api.example.com', auth: { type: 'clientCredentials' } }, /understood by its vendor's client only/],
    [{ baseUrl: 'https://api.example.com', auth: 5 }, /auth must be a token/],
  ])('refuses %j by name', async (options, message) => {
    const error = await failure(() => createClient({}, options as ClientOptions));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toMatch(message);
  });

  it.each<[object, RegExp, RegExp]>([
    [{ timeout: 5 }, /timeout is not an option; did you mean "timeoutMs"\?/, /Correct timeout/],
    [{ baseURL: 'https://b.example' }, /baseURL is not an option; did you mean "baseUrl"\?/, /Correct baseURL/],
    [{ apiKey: 'canary-key' }, /apiKey is not an option \(it has .*auth/, /leave it out/],
  ])('refuses options that no client has: %j', async (option, message, hint) => {
    const error = await failure(() => createClient({}, { baseUrl: 'https://a.example', ...option }));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', operation: 'createClient' });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect(JSON.stringify(error)).not.toContain('canary-key');
  });

  it('takes options that are there but undefined, and refuses unknown ones of a call', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), echo);
    await client.run({}, { signall: undefined } as never);
    const error = await failure(client.run({}, { timeout: 5 } as never));
    expect(error).toMatchObject({ kind: 'invalid-request', operation: 'run', message: 'api.run: timeout is not an option; did you mean "timeoutMs"?' });
    expect(server.arrived).toHaveLength(1);
  });

  it.each(['TRACE', 'CONNECT', 'TRACK'])('calls an operation of the method %s unsupported, before sending', async (method) => {
    const { client, server } = await connectTo(operation(method, '/'), echo);
    expect(await failure(client.run())).toMatchObject({
      kind: 'unsupported',
      outcome: 'not-sent',
      attempts: 0,
      message: `api.run: ${method} requests cannot be sent`,
      hint: expect.any(String) as string,
    });
    expect(server.arrived).toHaveLength(0);
  });

  it('looks for secrets in the members of a body, never in those of a source of bytes', async () => {
    const { client, server } = await connectTo({ ...operation('POST', '/'), body: { content: { 'application/octet-stream': { encode: raw } } } }, echo);
    const source = {
      size: 1,
      stream: () => new Blob(['x']).stream(),
      get token(): string {
        throw new Error('read');
      },
    };
    await client.run({ body: source });
    expect(server.arrived).toHaveLength(1);
  });

  it('tells a session that could not be ended, with connections freed', async () => {
    const auth = { authorize: () => undefined, close: () => Promise.reject(new Error('the store is gone')) };
    const client = createClient({ run: operation('GET', '/') }, { baseUrl: 'https://a.example', auth });
    expect(await failure(client.close())).toMatchObject({ kind: 'unexpected', operation: 'close', message: 'api.close: the store is gone' });
  });

  it('refuses an operation whose name would hide a method of the client', async () => {
    expect(await failure(() => createClient({ close: operation('GET', '/') }, { baseUrl: 'https://a.example' }))).toMatchObject({ kind: 'invalid-request' });
  });

  it('sends nothing before the first call, and nothing after close', async () => {
    const { client, server } = await connectTo(operation('GET', '/'), echo);
    await client.run();
    await client.close();
    await client.close();
    expect(await failure(client.run())).toMatchObject({
      kind: 'invalid-request',
      message: 'api.run: the client was closed',
      hint: expect.stringContaining('return await') as string,
    });
    expect(server.arrived).toHaveLength(1);
  });

  it('is closed by await using, which ends the session first', async () => {
    const ended: string[] = [];
    {
      await using client = createClient(
        { run: operation('GET', '/') },
        { baseUrl: 'https://a.example', auth: { authorize: () => undefined, close: async () => void ended.push('session') } },
      );
      void client;
    }
    expect(ended).toEqual(['session']);
  });
});
