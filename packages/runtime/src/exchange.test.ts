import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectSocket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { selfSigned } from '../test/certificate.ts';
import { failure } from '../test/expect-error.ts';
import { json, listen, startServer, type TestServer } from '../test/http-server.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import type { ClientOptions } from './options.ts';

const operations = {
  get: { id: 'get', method: 'GET', path: '/start', responses: {}, security: [[{ name: 'key', type: 'apiKey', in: 'header', parameter: 'X-API-Key' }]] },
  head: { id: 'head', method: 'HEAD', path: '/start', responses: {} },
  post: { id: 'post', method: 'POST', path: '/start', responses: {}, body: { content: { 'application/json': {} } } },
  put: { id: 'put', method: 'PUT', path: '/start', responses: {}, body: { content: { 'application/octet-stream': { encode: raw } } } },
  download: { id: 'download', method: 'GET', path: '/start', responses: { '200': ['*/*'] }, binary },
} satisfies Record<string, AnyOperation>;

function clientOf(origin: string, options: Partial<ClientOptions> = {}): ReturnType<typeof createClient<Record<keyof typeof operations, AnyOperation>>> {
  return createClient(operations as Record<keyof typeof operations, AnyOperation>, { baseUrl: origin, maxRetries: false, ...options });
}

async function redirecting(status: number, location: string | (() => string), answer?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  return startServer((request, response, count) => {
    if (request.url.startsWith('/start')) response.writeHead(status, { location: typeof location === 'string' ? location : location() }).end('moved');
    else if (answer !== undefined) answer(request, response, count);
    else json(response, { method: request.method, url: request.url });
  });
}

const CREDENTIALS = { authorization: 'Bearer t', 'x-api-key': 'k', accesstoken: 'a', token: 'w', cookie: 's=1', 'x-anything-else': 'e' };

describe('a redirect', () => {
  it('to the same origin keeps the credentials', async () => {
    const server = await redirecting(302, '/end?x=1');
    expect(await clientOf(server.origin, { headers: CREDENTIALS, auth: 'k' }).get()).toEqual({ method: 'GET', url: '/end?x=1' });
    expect(server.arrived[1]!.headers).toMatchObject(CREDENTIALS);
  });

  it('to another origin carries no header that could be a credential, and none comes back later', async () => {
    const foreign = await startServer((request, response) => {
      if (request.url === '/end') response.writeHead(302, { location: `${home.origin}/back` }).end();
      else json(response, 1);
    });
    const home = await redirecting(307, () => `${foreign.origin}/end`);
    await clientOf(home.origin, { headers: { ...CREDENTIALS, 'accept-language': 'de' }, userAgent: 'ours' }).get();
    for (const { headers } of [foreign.arrived[0]!, home.arrived[1]!]) {
      expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-language', 'connection', 'host', 'user-agent']);
    }
  });

  it('to another port of the same host is one to another origin', async () => {
    const foreign = await startServer((_request, response) => json(response, 1));
    const home = await redirecting(301, () => `${foreign.origin}/`);
    await clientOf(home.origin, { headers: CREDENTIALS }).get();
    expect(foreign.arrived[0]!.headers).not.toHaveProperty('x-api-key');
  });

  it.each([307, 308])('with status %i repeats method and body at the same origin', async (status) => {
    const server = await redirecting(status, '/end');
    expect(await clientOf(server.origin).post({ body: { a: 1 } })).toMatchObject({ method: 'POST' });
    expect(server.arrived[1]!.body.toString()).toBe('{"a":1}');
    expect(server.arrived[1]!.headers['content-type']).toBe('application/json');
  });

  it.each([301, 302, 303])('with status %i turns POST into GET without a body', async (status) => {
    const server = await redirecting(status, '/end');
    expect(await clientOf(server.origin).post({ body: { a: 1 } })).toMatchObject({ method: 'GET' });
    expect(server.arrived[1]!.body).toHaveLength(0);
    expect(server.arrived[1]!.headers).not.toHaveProperty('content-type');
    expect(server.arrived[1]!.headers).toMatchObject({ accept: server.arrived[0]!.headers.accept });
  });

  it('with status 301 repeats PUT, with 303 it does not; HEAD stays HEAD', async () => {
    const moved = await redirecting(301, '/end');
    expect(await clientOf(moved.origin).put({ body: new Uint8Array([1, 2]) })).toMatchObject({ method: 'PUT' });
    expect(moved.arrived[1]!.body).toHaveLength(2);
    const other = await redirecting(303, '/end');
    expect(await clientOf(other.origin).put({ body: new Uint8Array([1, 2]) })).toMatchObject({ method: 'GET' });
    await clientOf(other.origin).head();
    expect(other.arrived.at(-1)).toMatchObject({ method: 'HEAD', url: '/end' });
  });

  it('never sends a body to another origin', async () => {
    const foreign = await startServer((_request, response) => json(response, 1));
    const home = await redirecting(307, () => `${foreign.origin}/`);
    const error = await failure(clientOf(home.origin).post({ body: { password: 'secret-123' } }));
    expect(error).toMatchObject({ kind: 'unexpected', outcome: 'unknown' });
    expect(error.message).toContain(foreign.origin);
    expect(foreign.arrived).toHaveLength(0);
  });

  it('does not repeat a body that can be read once only', async () => {
    const server = await redirecting(308, '/end');
    expect((await failure(clientOf(server.origin).put({ body: new Blob(['x']).stream() }))).message).toContain('read once only');
    expect(server.arrived).toHaveLength(1);
  });

  it('that goes in circles ends', async () => {
    const server = await redirecting(302, '/start');
    expect((await failure(clientOf(server.origin).get())).message).toContain('more than 5 redirects');
    expect(server.arrived).toHaveLength(6);
  });

  it.each(['file:///etc/passwd', 'data:text/plain,x', 'ftp://127.0.0.1/', 'javascript:alert(1)', 'http://user:pw@127.0.0.1/', 'http://[', 'gopher://x'])(
    'to %s is refused',
    async (location) => {
      const server = await redirecting(302, location);
      const error = await failure(clientOf(server.origin).get());
      expect(error).toMatchObject({ kind: 'unexpected' });
      expect(error.message).toContain('redirects to an address that is refused');
    },
  );

  it('from https to http, or from a public to a private host, is refused', async () => {
    const client = (location: string) => clientOf('https://api.example.com', { fetch: async () => new Response(null, { status: 302, headers: { location } }) });
    expect((await failure(client('http://api.example.com/x').get())).message).toContain('is not https');
    expect((await failure(client('https://169.254.169.254/latest/meta-data').get())).message).toContain('not a public address');
    expect((await failure(client('https://2130706433/').get())).message).toContain('not a public address');
  });

  it('without a location is an answer', async () => {
    const server = await startServer((_request, response) => response.writeHead(302).end());
    expect(await failure(clientOf(server.origin).get())).toMatchObject({ status: 302, kind: 'unexpected' });
  });

  it('that a browser hides is told as unsupported', async () => {
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    expect(await failure(clientOf('https://a.example', { fetch: async () => opaque }).get())).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('which a browser does not let a library check') as string,
    });
  });

  it('leads a download to where the file is', async () => {
    const foreign = await startServer((_request, response) => response.end('file'));
    const home = await redirecting(302, () => `${foreign.origin}/file?X-Amz-Signature=abcdefabcdef`);
    const content = (await clientOf(home.origin).download()) as Content;
    expect(await content.text()).toBe('file');
    expect(content.receipt().url).toBe(`${foreign.origin}/file?X-Amz-Signature=[redacted]`);
  });
});

describe('the transport', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is the fetch option when there is one, and gets what ky made', async () => {
    const seen: Request[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      seen.push(request);
      return Response.json({ body: await request.text() });
    };
    vi.stubGlobal('fetch', () => Promise.reject(new Error('the global one was used')));
    expect(await clientOf('https://api.example.com/v1', { fetch, headers: { 'x-a': 'b' } }).post({ body: { a: 1 } })).toEqual({ body: '{"a":1}' });
    expect(seen[0]).toBeInstanceOf(Request);
    expect(seen[0]).toMatchObject({ method: 'POST', url: 'https://api.example.com/v1/start', redirect: 'manual' });
    expect(seen[0]!.headers.get('x-a')).toBe('b');
  });

  it('gets streams and Blobs through a fetch option too', async () => {
    const bodies: string[] = [];
    const client = clientOf('https://api.example.com', {
      fetch: async (request: Request) => {
        bodies.push(await request.text());
        return new Response();
      },
    });
    await client.put({ body: new Blob(['blob']) });
    await client.put({ body: new Blob(['stream']).stream() });
    await client.put({ body: new TextEncoder().encode('bytes') });
    expect(bodies).toEqual(['blob', 'stream', 'bytes']);
  });

  it('is a replaced globalThis.fetch, so that no mock lets a call through', async () => {
    const server = await startServer((_request, response) => json(response, 'real'));
    const client = clientOf(server.origin);
    expect(await client.get()).toBe('real');
    vi.stubGlobal('fetch', async () => Response.json('mocked'));
    expect(await client.get()).toBe('mocked');
    vi.unstubAllGlobals();
    expect(await client.get()).toBe('real');
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json('spied'));
    expect(await client.get()).toBe('spied');
    vi.restoreAllMocks();
    expect(server.arrived).toHaveLength(2);
  });

  it("is built-in fetch when undici's MockAgent is the process-wide dispatcher", async () => {
    const undici = await import('undici');
    const before = [1, 2].map((version) => (globalThis as Record<PropertyKey, unknown>)[Symbol.for(`undici.globalDispatcher.${version}`)]);
    const mock = new undici.MockAgent();
    mock.disableNetConnect();
    mock
      .get('http://mocked.example')
      .intercept({ path: '/start' })
      .reply(200, '"mocked"', { headers: { 'content-type': 'application/json' } });
    undici.setGlobalDispatcher(mock);
    try {
      expect(await clientOf('http://mocked.example').get()).toBe('mocked');
    } finally {
      for (const [index, version] of [1, 2].entries())
        (globalThis as Record<PropertyKey, unknown>)[Symbol.for(`undici.globalDispatcher.${version}`)] = before[index];
      await mock.close();
    }
  });

  it('is carried by ky: its Request goes to the transport, its Response comes back', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const { UndiciTransport } = await import('./platform/undici.ts');
    const send = vi.spyOn(UndiciTransport.prototype, 'dispatch');
    await clientOf(server.origin).post({ body: { a: 1 } });
    expect(send).toHaveBeenCalledTimes(1);
    const [request] = send.mock.calls[0]!;
    expect(request).toBeInstanceOf(Request);
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(request.body).not.toBeNull();
    send.mockRestore();
  });

  it('trusts a certificate given as ca, and no other that is unknown', async () => {
    const { cert, key } = selfSigned();
    const server = createHttpsServer({ cert, key }, (_request, response) => json(response, 'secure'));
    const origin = `https://127.0.0.1:${await listen(server)}`;
    expect(await clientOf(origin, { ca: cert }).get()).toBe('secure');
    expect(await clientOf(origin, { ca: [selfSigned().cert, cert] }).get()).toBe('secure');
    expect(await failure(clientOf(origin).get())).toMatchObject({
      kind: 'network',
      outcome: 'not-sent',
      message: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string,
    });
  });

  it.each<[string, (pem: { cert: string; key: string }) => string | string[], RegExp]>([
    ['a path', () => '/etc/ssl/ca.pem', /ca must be the text of certificates/],
    ['rubbish in PEM', () => '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n', /ca holds something that is no certificate.*1 of 1/],
    ['a block that was cut', ({ cert }) => cert.slice(0, 200), /ca holds something that is no certificate/],
    ['rubbish after a certificate', ({ cert }) => cert + cert.replace(/M[A-Z]/, '!!'), /no certificate \(PEM\): block 2 of 2/],
    ['rubbish in a list', ({ cert }) => [cert, cert.replace(/M[A-Z]/, '!!')], /ca holds something that is no certificate/],
    ['a private key', ({ key }) => key, /ca holds a private key/],
    ['a private key beside its certificate', ({ cert, key }) => cert + key, /ca holds a private key/],
  ])('refuses as ca %s, when the client is made', async (_what, ca, message) => {
    const pem = selfSigned();
    const error = await failure(() => clientOf('https://api.example', { ca: ca(pem) }));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toMatch(message);
    expect(JSON.stringify(error)).not.toContain(pem.key.split('\n')[1]);
  });

  it('takes as ca a bundle with comments and Windows line ends', async () => {
    const { cert, key } = selfSigned();
    const server = createHttpsServer({ cert, key }, (_request, response) => json(response, 'secure'));
    const ca = `# one - two\n${selfSigned().cert}\nSubject: CN=x --- y\n${cert}`.replaceAll('\n', '\r\n');
    expect(await clientOf(`https://127.0.0.1:${await listen(server)}`, { ca }).get()).toBe('secure');
  });

  it('goes through a proxy, with its password, for http and https', async () => {
    const { cert, key } = selfSigned();
    const secure = createHttpsServer({ cert, key }, (_request, response) => json(response, 'secure'));
    const securePort = await listen(secure);
    const asked: (string | undefined)[][] = [];
    const proxy = createHttpServer((request, response) => {
      asked.push([request.url, request.headers['proxy-authorization']]);
      json(response, 'plain');
    });
    proxy.on('connect', (request, socket, head) => {
      asked.push([request.url, request.headers['proxy-authorization']]);
      const [host, port] = request.url!.split(':');
      const upstream = connectSocket(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const one of [upstream, socket]) one.on('error', () => undefined);
    });
    const proxyUrl = `http://user:p%40ss-word@127.0.0.1:${await listen(proxy)}`;
    const overTls = clientOf(`https://127.0.0.1:${securePort}`, { proxy: proxyUrl, ca: cert });
    expect(await overTls.get()).toBe('secure');
    const overPlain = clientOf('http://plain.example', { proxy: proxyUrl });
    expect(await overPlain.get()).toBe('plain');
    await Promise.all([overTls.close(), overPlain.close()]);
    const basic = `Basic ${Buffer.from('user:p@ss-word').toString('base64')}`;
    expect(asked).toEqual([
      [`127.0.0.1:${securePort}`, basic],
      ['http://plain.example/start', basic],
    ]);
  });

  describe('through a proxy that refuses', () => {
    /** A proxy that answers everything, CONNECT too, with this status; counts what it was asked. */
    async function refusing(status: number): Promise<{ url: string; host: string; asked: () => number }> {
      let asked = 0;
      const proxy = createHttpServer((_request, response) => {
        asked += 1;
        response.writeHead(status).end('refused');
      });
      proxy.on('connect', (_request, socket) => {
        asked += 1;
        socket.on('error', () => undefined);
        socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      });
      const host = `127.0.0.1:${await listen(proxy)}`;
      return { url: `http://user:proxy-secret@${host}`, host, asked: () => asked };
    }

    it.each(['https://api.example', 'http://api.example'])('its password, nothing was sent to %s, and it is not asked again', async (target) => {
      const { url, host, asked } = await refusing(407);
      const error = await failure(clientOf(target, { proxy: url, maxRetries: 2 }).get());
      expect(error).toMatchObject({ kind: 'network', message: 'api.get: the proxy refused (407)', outcome: 'not-sent', retryable: false, attempts: 1 });
      expect(error.hint).toBe(`Check user and password of the proxy ${host} (option proxy).`);
      expect(JSON.stringify(error)).not.toContain('proxy-secret');
      expect(asked()).toBe(1);
    });

    it('a host, nothing was sent and it is not asked again', async () => {
      const { url, asked } = await refusing(403);
      const error = await failure(clientOf('https://api.example', { proxy: url, maxRetries: 2 }).get());
      expect(error).toMatchObject({ message: 'api.get: the proxy refused (403)', outcome: 'not-sent', retryable: false });
      expect(asked()).toBe(1);
    });

    it('because it does not get through, nothing was sent, and every method is tried again', async () => {
      const { url, asked } = await refusing(502);
      const client = clientOf('https://api.example', { proxy: url, maxRetries: 1 });
      expect(await failure(client.post({ body: {} }))).toMatchObject({
        kind: 'network',
        message: 'api.post: the proxy refused (502)',
        outcome: 'not-sent',
        retryable: true,
        attempts: 2,
      });
      expect(asked()).toBe(2);
    });

    it.each(['https://api.example', 'http://api.example'])('connections: it is named, %s is not, nor its password', async (target) => {
      const proxy = createHttpServer();
      const port = await listen(proxy);
      await new Promise((resolve) => proxy.close(resolve));
      for (const option of [`http://user:proxy-secret@127.0.0.1:${port}`, 'environment']) {
        for (const name of ['http_proxy', 'https_proxy']) vi.stubEnv(name, `http://user:proxy-secret@127.0.0.1:${port}`);
        vi.stubEnv('no_proxy', '');
        vi.stubEnv('NO_PROXY', '');
        const error = await failure(clientOf(target, { proxy: option }).post({ body: {} }));
        expect(error).toMatchObject({ kind: 'network', outcome: 'not-sent', retryable: true });
        expect(error.message).toBe(`api.post: no connection to the proxy 127.0.0.1:${port} (ECONNREFUSED)`);
        expect(JSON.stringify(error)).not.toContain('proxy-secret');
      }
      vi.unstubAllEnvs();
    });

    it('no host that NO_PROXY leaves out: that one is named', async () => {
      const target = createHttpServer();
      const port = await listen(target);
      await new Promise((resolve) => target.close(resolve));
      vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
      vi.stubEnv('no_proxy', '127.0.0.1');
      const error = await failure(clientOf(`http://127.0.0.1:${port}`, { proxy: 'environment' }).get());
      vi.unstubAllEnvs();
      expect(error.message).toBe(`api.get: no connection to 127.0.0.1:${port} (ECONNREFUSED)`);
    });
  });

  it('reads the proxy from the environment only when told so', async () => {
    const server = await startServer((_request, response) => json(response, 'direct'));
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('NO_PROXY', '');
    try {
      expect(await clientOf(server.origin).get()).toBe('direct');
      expect(await failure(clientOf(server.origin, { proxy: 'environment' }).get())).toMatchObject({ kind: 'network' });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('refuses a public name that resolves to a private address', async () => {
    const dns = await import('node:dns');
    const server = await startServer((_request, response) => json(response, 'private'));
    const lookup = vi
      .spyOn(dns.default, 'lookup')
      .mockImplementation(((_host: string, _options: object, callback: (error: null, addresses: object[]) => void) =>
        callback(null, [{ address: '127.0.0.1', family: 4 }])) as never);
    try {
      const { UndiciTransport } = await import('./platform/undici.ts');
      const { OriginPolicy } = await import('./untrusted-url.ts');
      const { Stop } = await import('./abort.ts');
      const policy = new OriginPolicy(new URL('https://api.example.com'), [`http://own.example:${server.port}`]);
      const transport = new UndiciTransport({ mayConnect: (origin, address) => policy.mayConnect(origin, address) });
      await expect(transport.dispatch(new Request(`http://files.example:${server.port}/`), undefined, new Stop())).rejects.toMatchObject({
        name: 'UrlRefusedError',
      });
      expect((await transport.dispatch(new Request(`http://own.example:${server.port}/`), undefined, new Stop())).status).toBe(200);
      await transport.close();
    } finally {
      lookup.mockRestore();
    }
    expect(server.arrived).toHaveLength(1);
  });

  it('leaves no socket behind after close', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const client = clientOf(server.origin);
    await Promise.all([client.get(), client.get(), client.get()]);
    await client.close();
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it('opens at most 32 connections to an origin, and serves all calls', async () => {
    let most = 0;
    const server = await startServer((_request, response) => {
      most = Math.max(most, server.sockets.size);
      setTimeout(() => json(response, 1), 2);
    });
    const client = clientOf(server.origin);
    expect(await Promise.all(Array.from({ length: 200 }, () => client.get()))).toHaveLength(200);
    expect(most).toBeLessThanOrEqual(32);
  });
});
