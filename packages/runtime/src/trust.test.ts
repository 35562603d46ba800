/**
 * What has gone wrong in other HTTP clients, one named test each: the vendor's answers, and whoever may write them, are not
 * trusted. `node tools/mutation/guards.ts` takes out each guard on a copy and shows that its test fails.
 */

import dns from 'node:dns';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectSocket, createServer as createSocketServer, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { selfSigned } from '../test/certificate.ts';
import { failure } from '../test/expect-error.ts';
import { json, listen, start, startServer, until, type TestServer } from '../test/http-server.ts';
import { ManualClock } from '../test/manual-clock.ts';
import { credentials } from './auth.ts';
import { createClient, type Client } from './client.ts';
import { connect } from './connection.ts';
import { binary, type Content } from './content.ts';
import { form, multipart } from './form-bodies.ts';
import type { AnyOperation } from './operation.ts';
import type { ClientOptions } from './options.ts';
import { joinPath } from './platform/files.ts';
import { downloadSigned } from './signed-transfer.ts';

const operations = {
  get: { id: 'get', method: 'GET', path: '/start', responses: { '200': ['application/json'] } },
  item: {
    id: 'item',
    method: 'GET',
    path: '/items/{id}',
    parameters: [
      { name: 'id', in: 'path', required: true },
      { name: 'q', in: 'query' },
      { name: 'X-Note', in: 'header' },
      { name: 'theme', in: 'cookie' },
    ],
    responses: { '200': ['application/json'] },
  },
  post: { id: 'post', method: 'POST', path: '/start', responses: {}, body: { content: { 'application/json': {} } } },
  upload: { id: 'upload', method: 'POST', path: '/start', responses: {}, body: { content: { 'multipart/form-data': { encode: multipart } } } },
  form: { id: 'form', method: 'POST', path: '/start', responses: {}, body: { content: { 'application/x-www-form-urlencoded': { encode: form } } } },
  download: { id: 'download', method: 'GET', path: '/start', responses: { '200': ['*/*'] }, binary },
} satisfies Record<string, AnyOperation>;

function clientOf(origin: string, options: Partial<ClientOptions> = {}): Client<Record<keyof typeof operations, AnyOperation>> {
  const client = createClient(operations as Record<keyof typeof operations, AnyOperation>, { baseUrl: origin, maxRetries: false, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** A server that answers every request in the same raw words. */
async function startRaw(answer: string | Buffer, then?: (socket: import('node:net').Socket) => void): Promise<string> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(answer);
      then?.(socket);
    });
    onTestFinished(() => void socket.destroy());
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

async function moving(status: number, location: string | (() => string)): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url.startsWith('/start')) response.writeHead(status, { location: typeof location === 'string' ? location : location() }).end();
    else json(response, request.headers);
  });
}

/** The headers in which vendors and proxies are told who is calling, and one that nobody has heard of. */
const STANDARD = { authorization: 'Bearer canary-1', cookie: 'session=canary-2' };
const CUSTOM = { 'x-api-key': 'canary-3', accesstoken: 'canary-4', token: 'canary-5', 'x-tenant-ticket': 'canary-6' };

async function foreignHeaders(headers: Record<string, string>, status: number): Promise<import('node:http').IncomingHttpHeaders> {
  const foreign = await startServer((_request, response) => json(response, 1));
  const home = await moving(status, () => `${foreign.origin}/there`);
  await clientOf(home.origin, { headers }).get();
  expect(home.arrived[0]!.headers).toMatchObject(headers);
  return foreign.arrived[0]!.headers;
}

// Some answers are large.
vi.setConfig({ testTimeout: 30_000 });
afterEach(() => void vi.restoreAllMocks());

/** Answers look-ups by this table; nothing else is resolved. */
function resolveNames(names: Readonly<Record<string, string[]>>): { asked: string[] } {
  const asked: string[] = [];
  const real = dns.lookup;
  vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: object, callback: (error: Error | null, found?: object[]) => void) => {
    // Servers of a test listen on an address.
    if (isIP(host) !== 0) return void real(host, options, callback as never);
    asked.push(host);
    const found = names[host];
    if (found === undefined) callback(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }));
    else
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  }) as never);
  return { asked };
}

describe('credentials across a redirect', () => {
  it.each([301, 302, 303, 307, 308])('standard ones stay at home, status %i (CVE-2022-31151, CVE-2023-45143, CVE-2022-0155, CVE-2022-0235)', async (status) => {
    const seen = await foreignHeaders(STANDARD, status);
    for (const name of Object.keys(STANDARD)) expect(seen).not.toHaveProperty(name);
  });

  it.each([301, 302, 303, 307, 308])('custom ones stay at home, status %i (CVE-2026-40895, CVE-2026-111756, CVE-2026-32913)', async (status) => {
    const seen = await foreignHeaders(CUSTOM, status);
    expect(JSON.stringify(seen)).not.toContain('canary');
  });

  it('those of a login stay at home, whatever header they are in', async () => {
    const foreign = await startServer((_request, response) => json(response, 1));
    const home = await moving(302, () => `${foreign.origin}/there`);
    const get: AnyOperation = { ...operations.get, security: [[{ name: 'key', type: 'apiKey', in: 'header', parameter: 'X-Ticket' }]] };
    await createClient({ get }, { baseUrl: home.origin, auth: credentials({ key: 'canary-key' }) }).get();
    expect(home.arrived[0]!.headers['x-ticket']).toBe('canary-key');
    expect(JSON.stringify(foreign.arrived[0]!.headers)).not.toContain('canary');
  });

  it('a body, which may hold some, is not sent to another origin', async () => {
    const foreign = await startServer((_request, response) => json(response, 1));
    const home = await moving(307, () => `${foreign.origin}/there`);
    await failure(clientOf(home.origin).post({ body: { password: 'canary' } }));
    expect(foreign.arrived).toEqual([]);
  });

  it('are lost on the way over a foreign origin back home', async () => {
    const foreign = await startServer((_request, response) => response.writeHead(302, { location: `${home.origin}/back` }).end());
    const home = await moving(302, () => `${foreign.origin}/there`);
    await clientOf(home.origin, { headers: { ...STANDARD, ...CUSTOM } }).get();
    expect(home.arrived[1]!.url).toBe('/back');
    expect(JSON.stringify(home.arrived[1]!.headers)).not.toContain('canary');
  });

  it('to a trusted origin stay at home all the same: trust is for addresses, not for credentials', async () => {
    const foreign = await startServer((_request, response) => json(response, 1));
    const home = await moving(302, () => `${foreign.origin}/there`);
    await clientOf(home.origin, { headers: { ...STANDARD, ...CUSTOM }, trustedOrigins: [foreign.origin] }).get();
    expect(JSON.stringify(foreign.arrived[0]!.headers)).not.toContain('canary');
  });
});

describe('a redirect', () => {
  it('from https to http is refused, also home', async () => {
    const moved = clientOf('https://api.example.com', {
      fetch: async () => new Response(null, { status: 302, headers: { location: 'http://api.example.com/x' } }),
    });
    expect((await failure(moved.get())).message).toContain('is not https');
    let hop = 0;
    const downgraded = clientOf('http://api.example.com', {
      fetch: async () => new Response(null, { status: 302, headers: { location: ['https://api.example.com/secure', 'http://api.example.com/plain'][hop++]! } }),
    });
    expect((await failure(downgraded.get())).message).toContain('is not https');
    expect(hop).toBe(2);
  });

  it.each([300, 304, 305, 306])('is no redirect with status %i: 305 would name a proxy', async (status) => {
    const proxy = await startServer((_request, response) => json(response, 1));
    const server = await moving(status, `${proxy.origin}/`);
    expect(await failure(clientOf(server.origin).get())).toMatchObject({ status });
    expect(proxy.arrived).toEqual([]);
  });

  it('is checked at every hop', async () => {
    let hop = 0;
    const client = clientOf('https://api.example.com', {
      fetch: async () => new Response(null, { status: 302, headers: { location: ['https://files.example.com/', 'https://169.254.169.254/'][hop++]! } }),
    });
    expect((await failure(client.get())).message).toContain('not a public address');
  });

  it('that never ends, ends', async () => {
    const server = await moving(302, '/start');
    expect((await failure(clientOf(server.origin).get())).message).toContain('more than 5 redirects');
    expect(server.arrived).toHaveLength(6);
  });
});

describe('an address out of an answer', () => {
  /** A job whose vendor answers with this address; nothing may be sent. */
  async function refusal(url: string, trustedOrigins: string[] = [], baseUrl = 'https://api.example.com/v1'): Promise<string> {
    const sent: string[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      sent.push(request.url);
      return new Response('x');
    };
    const connection = connect({ baseUrl, fetch, trustedOrigins }, { vendor: 'v' });
    const error = await failure(downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url }) }));
    expect(sent).toEqual([]);
    expect(error).toMatchObject({ kind: 'unexpected', hint: expect.stringMatching(/trustedOrigins|No option allows|clouds keep credentials/) as string });
    return error.message;
  }

  it.each([
    'data:text/plain,hello',
    'file:///etc/passwd',
    'blob:https://api.example.com/1',
    'ftp://files.example.com/',
    'javascript:1',
    'gopher://x/',
    'ws://x/',
  ])('of another scheme is refused: %s (CVE-2025-58754)', async (url) => expect(await refusal(url)).toContain('scheme'));

  it('that is plain http is refused', async () => expect(await refusal('http://files.example.com/')).toContain('not https'));

  it.each(['//evil.example/x', '/relative', '\\\\evil.example\\x', '', 'https:', 'https://'])('that is not absolute is refused: %j', async (url) =>
    expect(await refusal(url)).toContain('not a URL'),
  );

  it.each(['https://user:pw@files.example.com/', 'https://api.example.com@evil.example/', 'https://:pw@api.example.com/'])(
    'with a user name or password is refused: %s',
    async (url) => expect(await refusal(url)).toContain('user name or password'),
  );

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0x7f.0.0x1/',
    'https://%31%32%37.0.0.1/',
    'https://①②⑦.0.0.1/',
    'https://127.0.0.1./',
    'https://0/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.100.100.200/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
  ])('of a private IPv4 network is refused in every spelling: %s', async (url) => expect(await refusal(url)).toContain('not a public address'));

  it.each([
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[64:ff9b:1::8.8.8.8]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::1]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[100::1]/',
    'https://[2001:db8::1]/',
  ])('of a private IPv6 network is refused, mapped and translated ones too: %s', async (url) => expect(await refusal(url)).toContain('not a public address'));

  it('with a zone is refused', async () => expect(await refusal('https://[fe80::1%25eth0]/')).toContain('not a URL'));

  it.each(['https://localhost/', 'https://LOCALHOST./', 'https://localhost../', 'https://a.localhost/', 'https://vault.internal/', 'https://intranet/'])(
    'with a name of the own network is refused, with trailing dots too: %s',
    async (url) => expect(await refusal(url)).toContain('not a public address'),
  );

  it.each(['https://files.example.com:22/', 'https://files.example.com:25/', 'https://files.example.com:389/'])(
    'with a port of another service is refused: %s',
    async (url) => expect(await refusal(url)).toContain('port of another service'),
  );

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'https://10.0.0.1/',
    'http://192.168.0.1:9000/',
    'http://0.0.0.0:9000/',
    'http://metadata.google.internal/',
    'http://files.example.com/',
  ])('of an API on this machine is refused elsewhere in the own network, and as plain http: %s', async (url) => {
    for (const baseUrl of ['http://127.0.0.1:8080/v1', 'http://localhost:8080', 'http://[::1]:8080'])
      expect(await refusal(url, [], baseUrl)).toMatch(/not https|not a public address/);
  });

  it('is trusted by its whole origin: another port, scheme or name is another origin', async () => {
    const trusted = ['http://127.0.0.1:9000'];
    for (const url of ['http://127.0.0.1:9001/', 'https://127.0.0.1:9000/', 'http://localhost:9000/', 'http://127.0.0.1:9000@evil.example/'])
      expect(await refusal(url, trusted)).toMatch(/not https|not a public address|user name/);
  });

  it('sees none of the headers of client and call, only what cannot be a credential', async () => {
    const storage = await startServer((_request, response) => response.end('x'));
    const connection = connect({ baseUrl: storage.origin, headers: { ...STANDARD, ...CUSTOM }, auth: 'canary-token' }, { vendor: 'v' });
    const options = { headers: { ...CUSTOM, 'Accept-Language': 'de' } };
    const content = await downloadSigned(connection, { operation: 'd', params: {}, options, sign: async () => ({ url: `${storage.origin}/f` }) });
    await content.bytes();
    expect(storage.arrived[0]!.headers['accept-language']).toBe('de');
    expect(JSON.stringify(storage.arrived[0]!.headers)).not.toContain('canary');
    await connection.close();
  });
});

describe('the base URL', () => {
  it('is not left by a path, whatever an argument holds (CVE-2025-27152, CVE-2024-39338)', async () => {
    const server = await startServer((request, response) => json(response, request.url));
    const client = clientOf(`${server.origin}/v1`);
    for (const id of ['http://evil.example/', '//evil.example/', '\\\\evil.example', '../../admin', '..%2fadmin', '?a=b', '#a', '@evil.example', 'a/../../b']) {
      expect(await client.item({ id })).toMatch(/^\/v1\/items\/[^/?#\\]+$/);
    }
    expect(await failure(client.item({ id: '..' }))).toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-sent',
      message: expect.stringContaining('id must not be') as string,
    });
    expect(await client.request('GET //evil.example/x')).toBe('/v1//evil.example/x');
    for (const route of ['GET http://evil.example/', 'GET evil.example', 'GET /a/../../admin', 'GET /%2e%2e/admin', 'GET /a b', 'GET \\\\evil.example'])
      expect(await failure(client.request(route as 'GET /'))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(server.arrived.every(({ url }) => url.startsWith('/v1/'))).toBe(true);
  });
});

describe('a public name', () => {
  it('that resolves to a private address is refused, also when only one of several is private', async () => {
    const files = await startServer((_request, response) => json(response, 'private'));
    resolveNames({
      'api.example.com': ['127.0.0.1'],
      'files.example.com': ['127.0.0.1'],
      'mixed.example.com': ['93.184.216.34', '127.0.0.1'],
      'six.example.com': ['::1'],
    });
    for (const host of ['files', 'mixed', 'six']) {
      const home = await moving(302, `http://${host}.example.com:${files.port}/`);
      const error = await failure(clientOf(`http://api.example.com:${home.port}`).get());
      expect(error.message).toContain('resolves to an address that is not public');
    }
    expect(files.arrived).toEqual([]);
  });

  it('is resolved once for each connection, which goes to what was checked (rebinding)', async () => {
    const server = await startServer((_request, response) => response.writeHead(200, { connection: 'close', 'content-type': 'application/json' }).end('1'));
    const names: Record<string, string[]> = { 'api.example.com': ['127.0.0.1'] };
    const { asked } = resolveNames(names);
    const client = clientOf(`http://api.example.com:${server.port}`);
    expect(await client.get()).toBe(1);
    expect(asked).toEqual(['api.example.com']);
    // Another answer the next time is checked again: nothing is remembered of the first.
    const policy = connect({ baseUrl: 'http://other.example.com' }, { vendor: 'v' });
    const fresh = (): Promise<unknown> =>
      downloadSigned(policy, {
        operation: 'd',
        params: {},
        options: { maxRetries: false },
        sign: async () => ({ url: `http://files.example.com:${server.port}/` }),
      });
    expect((await failure(fresh())).message).toContain('ENOTFOUND');
    names['files.example.com'] = ['127.0.0.1'];
    expect((await failure(fresh())).message).toContain('not public');
    expect(server.arrived).toHaveLength(1);
    await policy.close();
  });

  it('of the API itself may be private, but not on another port', async () => {
    const other = await startServer((_request, response) => json(response, 'other'));
    const home = await moving(302, () => `http://api.example.com:${other.port}/`);
    resolveNames({ 'api.example.com': ['127.0.0.1'] });
    expect((await failure(clientOf(`http://api.example.com:${home.port}`).get())).message).toContain('not public');
    expect(other.arrived).toEqual([]);
  });

  it('that NO_PROXY leaves out of the proxy is checked as well', async () => {
    const files = await startServer((_request, response) => json(response, 'private'));
    resolveNames({ 'files.example.com': ['127.0.0.1'] });
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('http_proxy', '');
    vi.stubEnv('NO_PROXY', 'files.example.com');
    onTestFinished(() => void vi.unstubAllEnvs());
    const connection = connect({ baseUrl: 'http://api.example.com', proxy: 'environment' }, { vendor: 'v' });
    const call = downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url: `http://files.example.com:${files.port}/` }) });
    expect((await failure(call)).message).toContain('not public');
    expect(files.arrived).toEqual([]);
    await connection.close();
  });
});

describe('a proxy', () => {
  it('gets no header of the vendor with CONNECT, and the vendor none of the proxy', async () => {
    const { cert, key } = selfSigned();
    const seen: object[] = [];
    const vendor = createHttpsServer({ cert, key }, (request, response) => {
      seen.push(request.headers);
      json(response, 1);
    });
    const port = await listen(vendor);
    const connects: import('node:http').IncomingHttpHeaders[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket, head) => {
      connects.push(request.headers);
      const upstream = connectSocket(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const one of [upstream, socket]) one.on('error', () => undefined);
    });
    const proxyUrl = `http://user:proxy-canary@127.0.0.1:${await listen(proxy)}`;
    await clientOf(`https://127.0.0.1:${port}`, { proxy: proxyUrl, ca: cert, headers: { ...STANDARD, ...CUSTOM }, userAgent: 'canary-agent' }).get();
    expect(Object.keys(connects[0]!).sort()).toEqual(['connection', 'host', 'proxy-authorization', 'proxy-connection']);
    expect(JSON.stringify(connects)).not.toContain('canary');
    expect(seen).toMatchObject([{ ...STANDARD, ...CUSTOM }]);
    expect(seen[0]).not.toHaveProperty('proxy-authorization');
    expect(JSON.stringify(seen)).not.toContain('proxy-canary');
  });
});

describe('an answer without end', () => {
  const space = Buffer.alloc(1_048_576, ' ');
  const endless = (response: import('node:http').ServerResponse): void => {
    const write = (): void => {
      while (!response.destroyed && response.write(space));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  };

  it('is cut where JSON is expected', async () => {
    const server = await start((_request, response) => endless(response.writeHead(200, { 'content-type': 'application/json' })));
    const error = await failure(clientOf(server.origin).get());
    expect(error).toMatchObject({ kind: 'unexpected', message: expect.stringContaining('more than 67108864 bytes') as string });
    await until(() => server.sockets.size === 0, 'the closed socket');
  });

  it('is cut where it is an error, and tells its status', async () => {
    let sent = 0;
    const server = await start((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const write = response.write.bind(response) as (chunk: Buffer) => boolean;
      response.write = ((chunk: Buffer) => {
        sent += chunk.length;
        return write(chunk);
      }) as never;
      endless(response);
    });
    expect(await failure(clientOf(server.origin).get())).toMatchObject({ kind: 'server', status: 500 });
    await until(() => server.sockets.size === 0, 'the closed socket');
    // What lies in the buffers of both sides is not read.
    expect(sent).toBeLessThan(24 * 1_048_576);
  });

  it.each<[string, (text: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ])('is cut by its decompressed size: %s (CVE-2026-22036, CVE-2026-84890)', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(65 * 1_048_576, ' '));
    expect(bomb.length).toBeLessThan(1_048_576);
    const server = await startServer((request, response) =>
      response.writeHead(request.headers['x-error'] === undefined ? 200 : 500, { 'content-type': 'application/json', 'content-encoding': encoding }).end(bomb),
    );
    expect((await failure(clientOf(server.origin).get())).message).toContain('more than 67108864 bytes');
    const error = await failure(clientOf(server.origin).get({}, { headers: { 'x-error': '1' } }));
    expect(error).toMatchObject({ kind: 'server', status: 500 });
  });

  it('is asked for uncompressed where it is a file, and refused when it comes compressed', async () => {
    const server = await startServer((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1000))));
    const content = (await clientOf(server.origin).download()) as Content;
    expect(server.arrived[0]!.headers['accept-encoding']).toBe('identity');
    expect(await failure(content.bytes())).toMatchObject({ kind: 'integrity' });
  });

  it('is cut where a caller says how much memory a file may take', async () => {
    const server = await start((_request, response) => endless(response.writeHead(200)));
    const content = (await clientOf(server.origin).download()) as Content;
    expect((await failure(content.bytes({ maxBytes: 1000 }))).message).toContain('maxBytes 1000');
    await until(() => server.sockets.size === 0, 'the closed socket');
  });

  it('of brackets alone is no JSON and no stack overflow', async () => {
    const server = await startServer((_request, response) => response.writeHead(400, { 'content-type': 'application/json' }).end('[{"a":'.repeat(150_000)));
    expect(await failure(clientOf(server.origin).get())).toMatchObject({ status: 400 });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const nested = await startServer((_request, response) => response.writeHead(400, { 'content-type': 'application/json' }).end(deep));
    const error = await failure(clientOf(nested.origin).get());
    expect(error).toMatchObject({ kind: 'invalid-request', status: 400 });
    expect(JSON.stringify(error).length).toBeLessThan(1000);
  });
});

describe('a slow answer', () => {
  it('whose headers come byte by byte is ended by timeoutMs', async () => {
    const origin = await startRaw('HTTP/1.1 200 OK\r\n', (socket) => {
      const timer = setInterval(() => socket.write('x-a: b\r\n'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failure(clientOf(origin, { timeoutMs: 200 }).get())).toMatchObject({ kind: 'timeout' });
  });

  it('with informational answers without end is ended by timeoutMs', async () => {
    const origin = await startRaw('', (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failure(clientOf(origin, { timeoutMs: 200 }).get())).toMatchObject({ kind: 'timeout' });
  });

  it.each([
    [200, 10],
    [400, 1],
  ])('with status %i whose bytes drip in time ends after %i limits on silence', async (status, silences) => {
    let drip: ((chunk: string) => boolean) | undefined;
    const server = await start((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).write(' ');
      drip = (chunk) => response.write(chunk);
    });
    const clock = new ManualClock();
    const failed: Error[] = [];
    const call = failure(clientOf(server.origin, { clock, timeoutMs: false, idleTimeoutMs: 30_000 }).get()).then((error) => failed.push(error));
    for (let seconds = 0; failed.length === 0 && seconds < 400; seconds += 20) {
      await until(() => failed.length > 0 || clock.waits.includes(30_000), 'a read that waits');
      await clock.advance(20_000);
      drip!(' ');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await call;
    expect(failed).toMatchObject([{ kind: status === 200 ? 'timeout' : 'invalid-request' }]);
    if (status === 200) expect(failed[0]!.message).toContain(`did not end within ${silences * 30_000} ms`);
    expect(clock.pending).toBe(0);
  });

  it('that falls silent in the middle of a file is ended, not waited for (silent stall)', async () => {
    const server = await start((_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('abc'));
    const clock = new ManualClock();
    const content = (await clientOf(server.origin, { clock }).download()) as Content;
    const call = failure(content.bytes());
    await until(() => clock.waits.includes(30_000), 'the watchdog');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(30_000);
    expect(await call).toMatchObject({ kind: 'timeout' });
    await until(() => server.sockets.size === 0, 'the closed socket');
  });
});

describe('the head of an answer', () => {
  it('that is huge is refused', async () => {
    const origin = await startRaw(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(1_000_000)}\r\n\r\n`);
    expect(await failure(clientOf(origin).get())).toMatchObject({ kind: 'network', message: expect.stringContaining('HEADERS_OVERFLOW') as string });
    const many = await startRaw(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(100_000)}\r\n`);
    expect(await failure(clientOf(many).get())).toMatchObject({ kind: 'network', message: expect.stringContaining('HEADERS_OVERFLOW') as string });
  });

  it.each([
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
    ['a bare line feed in a value', 'x-a: b\nset-cookie: c=d\r\ncontent-length: 2\r\n\r\n{}'],
    ['a bare carriage return in a value', 'x-a: b\rset-cookie: c=d\r\ncontent-length: 2\r\n\r\n{}'],
    ['a zero byte', 'x-a: b\0c\r\ncontent-length: 2\r\n\r\n{}'],
    ['a space before the colon', 'content-length : 2\r\n\r\n{}'],
    ['a wrong length', 'content-length: +2\r\n\r\n{}'],
  ])('with %s is refused (response splitting, smuggling)', async (_name, head) => {
    const origin = await startRaw(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}`);
    expect(await failure(clientOf(origin).get())).toMatchObject({ kind: 'network' });
  });

  it('that comes a second time, unasked, is not the answer to the next call', async () => {
    const answer = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
    const origin = await startRaw(answer('"asked"') + answer('"poison"'));
    const client = clientOf(origin);
    for (let call = 0; call < 3; call += 1) expect(await client.get()).toBe('asked');
  });

  it('with names of the object prototype is an ordinary one', async () => {
    const origin = await startRaw(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n__proto__: x\r\n__proto__: y\r\nconstructor: a\r\nconstructor: b\r\nhasOwnProperty: c\r\ncontent-length: 2\r\n\r\n{}',
    );
    const { headers } = await clientOf(origin).get().withResponse();
    expect(headers.get('constructor')).toBe('a, b');
    expect(headers.get('hasownproperty')).toBe('c');
  });
});

describe('keys of JSON', () => {
  const POLLUTION = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"no function","code":"x","message":"m"}';
  const clean = (): void => {
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty('polluted');
  };

  it.each([200, 400, 500])('pollute no prototype, status %i', async (status) => {
    const server = await startServer((_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(POLLUTION));
    const outcome = (await clientOf(server.origin)
      .get()
      .catch((error: { details: object }) => error.details)) as Record<string, unknown>;
    clean();
    expect(outcome.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(outcome)).toBe(Object.prototype);
    // As data they are all there.
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(JSON.parse(POLLUTION));
  });

  it('of arguments pollute none and are no parameters', async () => {
    const server = await startServer((request, response) => json(response, { url: request.url, body: request.body.toString() }));
    const client = clientOf(server.origin);
    expect(await failure(client.get(JSON.parse('{"__proto__":{"id":1}}')))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(await failure(client.item({ constructor: 'x', id: '1' }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    await client.form({ body: JSON.parse('{"__proto__":"a","constructor":"b"}') });
    expect(server.arrived.at(-1)!.body.toString()).toBe('__proto__=a&constructor=b');
    await client.request('GET /x?__proto__=a', { query: JSON.parse('{"constructor":"b"}') as Record<string, unknown> });
    expect(server.arrived.at(-1)!.url).toBe('/x?constructor=b&__proto__=a');
    await client.get({}, { headers: JSON.parse('{"__proto__":"x"}') as Record<string, string> });
    clean();
  });
});

describe('XML', () => {
  it('is never parsed: entities of an answer stay what they are (CVE-2026-26278, CVE-2026-33036, CVE-2026-33349)', async () => {
    const bomb = `<!DOCTYPE a [<!ENTITY a "${'ha'.repeat(20)}"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><Error><Message>&b; &f;</Message></Error>`;
    const server = await startServer((_request, response) => response.writeHead(403, { 'content-type': 'application/xml' }).end(bomb));
    const error = await failure(clientOf(server.origin).get());
    expect(error.body).toBe(bomb);
    expect(error.message).toContain('&b; &f;');
    expect(error.details).toBeUndefined();
  });
});

describe('a value of the caller', () => {
  const BREAKS = ['a\r\nx-evil: 1', 'a\nx-evil: 1', 'a\rx-evil: 1', 'a\0', 'a\u2028b', 'a\u010ab'];

  it('adds no header, cookie or second request, wherever it goes', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const client = clientOf(server.origin);
    for (const value of BREAKS) {
      const sent = server.arrived.length;
      for (const call of [
        () => client.item({ id: '1', 'X-Note': value }),
        () => client.get({}, { headers: { 'x-note': value } }),
        () => client.get({}, { headers: { [value]: 'x' } }),
        () => client.get({}, { accept: value }),
        () => client.request('POST /x', { body: 'x' }, { contentType: value }),
        () => client.request(`GET /x ${value}` as 'GET /x'),
        () => clientOf(server.origin, { headers: { 'x-note': value } }).get(),
        () => clientOf(server.origin, { userAgent: value }).get(),
        // A line break at the end of a token comes from files and is left out.
        () => clientOf(server.origin, { auth: value === 'a\0' ? value : `${value}x` }).get(),
      ]) {
        expect(['invalid-request', 'unauthenticated']).toContain((await failure(call)).kind);
      }
      expect(server.arrived).toHaveLength(sent);
      await client.item({ id: value, q: value, theme: `${value}; admin=1` });
      await client.form({ body: { [value]: value } });
      await client.upload({ body: { file: { content: new Blob(['x']), name: `${value}"; filename="evil` } } });
    }
    const lines = server.arrived.flatMap(({ rawHeaders }) => rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase()));
    expect(new Set(lines)).toEqual(new Set(['host', 'connection', 'accept', 'content-type', 'content-length', 'cookie']));
    for (const { headers } of server.arrived) expect(headers.cookie?.split(';').length ?? 1).toBe(1);
    for (const { body } of server.arrived.filter(({ headers }) => headers['content-type']?.startsWith('multipart')))
      expect(body.toString()).toMatch(/^--[^\r\n]+\r\nContent-Disposition: form-data; [^\r\n]+\r\nContent-Type: [^\r\n]+\r\n\r\nx\r\n--[^\r\n]+--\r\n$/i);
  });
});

describe('a file name of a vendor', () => {
  async function folder(): Promise<{ outer: string; inner: string }> {
    const outer = await realpath(await mkdtemp(join(tmpdir(), 'trust-')));
    onTestFinished(() => rm(outer, { recursive: true, force: true }));
    const inner = join(outer, 'downloads');
    await mkdir(inner);
    await writeFile(join(outer, 'victim.txt'), 'mine');
    return { outer, inner };
  }

  /** Saves a file with this header, or this name in JSON; gives the name that it got. */
  async function save(name: { header: string } | { json: string }): Promise<string> {
    const { outer, inner } = await folder();
    const header = 'header' in name ? Buffer.from(`content-disposition: ${name.header}\r\n`, 'utf8') : Buffer.alloc(0);
    const origin = await startRaw(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n'), header, Buffer.from('\r\nbytes')]));
    const connection = connect({ baseUrl: origin }, { vendor: 'v' });
    const sign = async (): Promise<{ url: string; name?: string }> => ({ url: `${origin}/f`, ...('json' in name && { name: name.json }) });
    const content = await downloadSigned(connection, { operation: 'd', params: {}, sign });
    const { path } = await content.toDirectory(inner);
    await connection.close();
    const names = await readdir(inner);
    expect(names).toHaveLength(1);
    expect(path).toBe(join(inner, names[0]!));
    expect(await readFile(path, 'utf8')).toBe('bytes');
    // Nothing else has changed.
    expect((await readdir(outer)).sort()).toEqual(['downloads', 'victim.txt']);
    expect(await readFile(join(outer, 'victim.txt'), 'utf8')).toBe('mine');
    return names[0]!;
  }

  const TRAVERSALS = [
    '../victim.txt',
    '..\\victim.txt',
    '/etc/passwd',
    'C:\\victim.txt',
    '..',
    '.',
    '....//victim.txt',
    '..\u2215victim.txt',
    '..\uff0fvictim.txt',
    '\\\\host\\share\\x',
  ];

  it.each(TRAVERSALS)('cannot leave the folder: %j in every form of Content-Disposition (CVE-2026-46652, CVE-2026-57571)', async (name) => {
    const encoded = [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    for (const header of [
      `attachment; filename="${name.replaceAll('\\', '\\\\')}"`,
      `attachment; filename=${name}`,
      `attachment; filename*=UTF-8''${encoded}`,
      `attachment; filename="ok.txt"; filename*=UTF-8''${encoded}`,
      `attachment; filename="${name}`,
      `attachment; FILENAME = "${name}" `,
    ]) {
      expect(await save({ header })).not.toMatch(/[/\\]|^\.\.?$/);
    }
  });

  it.each(TRAVERSALS)('cannot leave the folder: %j in JSON', async (name) => expect(await save({ json: name })).not.toMatch(/[/\\]|^\.\.?$/));

  it.each(['CON', 'nul.txt', 'Aux', 'com1.log', 'LPT9', 'com\u00b9', 'COM1 .txt', 'ＣＯＮ', 'conin$'])(
    'is no device of Windows: %j (CVE-2025-27210)',
    async (name) => expect(await save({ json: name })).toBe(`_${name}`),
  );

  it.each([
    ['trailing.txt. . ', 'trailing.txt'],
    ['.bashrc', 'bashrc'],
    ['a\0b.txt', 'a_b.txt'],
    ['invoice\u202egpj.exe', 'invoice_gpj.exe'],
    ['pay\u200bpal\u2066.txt', 'pay_pal_.txt'],
    ['a\u00adb\u034fc\u3164d\u{e0041}.txt', 'a_b_c_d_.txt'],
    ['a\ufff9b\u0600c.txt', 'a_b_c.txt'],
    ['file.txt:stream', 'file.txt_stream'],
    ['a\r\nb.txt', 'a_b.txt'],
    ['\ud800.txt', '_.txt'],
    ['Cafe\u0301.txt', 'Caf\u00e9.txt'],
    ['\uff0f\uff0e\uff0e\uff0f', '_\uff0e\uff0e_'],
    ['\u2025', '_\u2025'],
  ])('has no hidden, turning or invisible characters: %j becomes %j', async (name, safe) => {
    // On the wire a carriage return ends the header, here it is JSON.
    expect(await save({ json: name })).toBe(name === 'a\r\nb.txt' ? 'a__b.txt' : safe);
  });

  it('has at most 255 bytes of UTF-8, keeps its extension, and breaks no character', async () => {
    for (const character of ['a', 'ä', '日', '😀']) {
      const name = await save({ json: `${character.repeat(300)}.pdf` });
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(Buffer.byteLength(name)).toBeGreaterThan(250);
      expect(name).toMatch(new RegExp(`^(?:${character})+\\.pdf$`, 'u'));
    }
  });

  it('does not follow a link that lies in the folder', async () => {
    const { outer, inner } = await folder();
    await symlink(join(outer, 'victim.txt'), join(inner, 'photo.jpg'));
    await symlink(outer, join(inner, 'link'));
    const server = await startServer((_request, response) =>
      response.writeHead(200, { 'content-disposition': 'attachment; filename="photo.jpg"' }).end('bytes'),
    );
    await ((await clientOf(server.origin).download()) as Content).toDirectory(inner);
    expect(await readFile(join(outer, 'victim.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(inner, 'photo.jpg'), 'utf8')).toBe('bytes');
    const linked = await startServer((_request, response) =>
      response.writeHead(200, { 'content-disposition': 'attachment; filename="link/evil.txt"' }).end('x'),
    );
    await ((await clientOf(linked.origin).download()) as Content).toDirectory(inner);
    expect((await readdir(outer)).sort()).toEqual(['downloads', 'victim.txt']);
  });

  it('that was not made safe is refused by the second net', async () => {
    for (const name of ['../a', 'a/b', '/a', '..', '.', '', 'a/../b', './a']) await expect(joinPath('/folder', name)).rejects.toThrow(/out of the folder/);
    expect(await joinPath('/folder/', 'a.txt')).toBe(join('/folder', 'a.txt'));
    expect(await joinPath('folder', 'a.txt')).toBe(join('folder', 'a.txt'));
  });
});
