import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { listen, startServer, until, type TestServer } from '../test/http-server.ts';
import { createClient } from './client.ts';
import { connect } from './connection.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import { downloadSigned } from './signed-transfer.ts';

const download: AnyOperation = { id: 'download', method: 'GET', path: '/file', responses: { '200': ['*/*'] }, binary };

async function open(answer: (response: ServerResponse) => unknown): Promise<{ content: Content; server: TestServer }> {
  const server = await startServer((_request, response) => answer(response));
  return { content: await openAt(server.origin), server };
}

async function openAt(origin: string): Promise<Content> {
  return (await createClient({ download }, { baseUrl: origin, maxRetries: false }).download()) as Content;
}

/** An answer of a plain socket, for what node:http would not send. */
async function openRaw(answer: string, end = true): Promise<Content> {
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => (end ? socket.end(answer, 'latin1') : socket.write(answer, 'latin1')));
    }),
  );
  return openAt(`http://127.0.0.1:${port}`);
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'content-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const bytes = Buffer.from(Array.from({ length: 1000 }, (_unused, index) => index % 256));
const whole = (response: ServerResponse): unknown => response.writeHead(200, { 'content-type': 'image/png', 'content-length': '1000' }).end(bytes);

describe('content', () => {
  it('tells name, type, size and date before anything is read', async () => {
    const { content } = await open((response) =>
      response
        .writeHead(200, {
          'content-type': 'Image/PNG; x=1',
          'content-length': '3',
          'content-disposition': 'attachment; filename="a.png"',
          'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT',
          etag: '"1"',
        })
        .end('abc'),
    );
    expect(content).toMatchObject({ name: 'a.png', mediaType: 'image/png', size: 3, lastModified: new Date('2015-10-21T07:28:00Z') });
    expect(content.headers.get('etag')).toBe('"1"');
    await content.cancel();
  });

  it('asks for the bytes as they are', async () => {
    const { content, server } = await open(whole);
    expect(server.arrived[0]!.headers['accept-encoding']).toBe('identity');
    await content.cancel();
  });

  it.each<[string, (content: Content) => Promise<Uint8Array>]>([
    ['bytes', (content) => content.bytes()],
    ['blob', async (content) => new Uint8Array(await (await content.blob()).arrayBuffer())],
    ['stream', async (content) => new Uint8Array(await new Response(content.stream()).arrayBuffer())],
    [
      'for await',
      async (content) => {
        const chunks = [];
        for await (const chunk of content) chunks.push(chunk);
        return Buffer.concat(chunks);
      },
    ],
  ])('gives all bytes by %s, and a receipt', async (_name, read) => {
    const { content } = await open(whole);
    expect(Buffer.from(await read(content)).equals(bytes)).toBe(true);
    const receipt = content.receipt();
    expect(receipt).toEqual({
      bytes: 1000,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      verified: 'length',
      attempts: 1,
      resumes: 0,
      resigns: 0,
      waitedMs: 0,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/file$/) as string,
    });
    expect(Object.isFrozen(receipt)).toBe(true);
    expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt);
  });

  it('is a text in its own charset', async () => {
    const { content } = await open((response) => response.writeHead(200, { 'content-type': 'text/plain; charset=windows-1252' }).end(Buffer.from([0x80])));
    expect(await content.text()).toBe('€');
  });

  it('keeps the type in its Blob', async () => {
    const { content } = await open(whole);
    expect((await content.blob()).type).toBe('image/png');
  });

  it('without a declared length is read to its end, and nothing is proven', async () => {
    const { content } = await open((response) => {
      response.write('a');
      response.end('b');
    });
    expect(content.size).toBeUndefined();
    expect(await content.text()).toBe('ab');
    expect(content.receipt()).toMatchObject({ bytes: 2, verified: 'none' });
  });

  it('may be empty', async () => {
    for (const headers of [{ 'content-length': '0' }, {}]) {
      const { content } = await open((response) => response.writeHead(200, headers).end());
      expect(await content.bytes()).toHaveLength(0);
      expect(content.receipt().bytes).toBe(0);
    }
    const { content } = await open((response) => response.writeHead(204).end());
    expect(await content.bytes()).toHaveLength(0);
  });

  it('can be read once, in whatever way', async () => {
    const { content } = await open(whole);
    await content.bytes();
    for (const again of [() => content.text(), () => content.stream(), () => content.toFile('/nowhere')]) {
      expect(await failure(again)).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('was already read') as string });
    }
  });

  it('has no receipt before its end', async () => {
    const { content } = await open(whole);
    expect(await failure(() => content.receipt())).toMatchObject({ kind: 'invalid-request' });
    await content.cancel();
    expect(await failure(() => content.receipt())).toMatchObject({ kind: 'invalid-request' });
  });

  it('larger than maxBytes is refused before or while it is read, and freed', async () => {
    const known = await open(whole);
    expect(await failure(known.content.bytes({ maxBytes: 999 }))).toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('1000 bytes, above maxBytes 999') as string,
    });
    const unknown = await open((response) => {
      response.write(bytes);
    });
    expect(await failure(unknown.content.bytes({ maxBytes: 999 }))).toMatchObject({ kind: 'invalid-request' });
    await until(() => unknown.server.sockets.size === 0, 'the closed socket');
    const fits = await open(whole);
    expect(await fits.content.bytes({ maxBytes: 1000 })).toHaveLength(1000);
  });

  it('that ends too early fails, telling how far it came', async () => {
    const content = await openRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nabc');
    expect(await failure(content.bytes())).toMatchObject({
      kind: 'network',
      outcome: 'unknown',
      retryable: true,
      message: 'api.download: the connection broke after 3 of 10 bytes',
    });
  });

  it('that is reset fails', async () => {
    const { content } = await open((response) =>
      response
        .writeHead(200, { 'content-length': '10' })
        .write('abc', () => setTimeout(() => (response.socket as unknown as { resetAndDestroy(): void }).resetAndDestroy(), 20)),
    );
    expect(await failure(content.bytes())).toMatchObject({ kind: 'network' });
  });

  it('whose chunked encoding is cut off fails', async () => {
    const content = await openRaw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
    expect(await failure(content.bytes())).toMatchObject({ kind: 'network' });
  });

  it('with bytes beyond its length gives the declared ones, and the process lives on', async () => {
    const content = await openRaw('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdefHTTP/1.1 garbage');
    expect(await content.text()).toBe('abc');
  });

  it('that is shorter or longer than declared through a fetch function is no integral content', async () => {
    for (const [body, length] of [
      ['abc', '4'],
      ['abc', '2'],
    ] as const) {
      const client = createClient(
        { download },
        { baseUrl: 'https://a.example', fetch: async () => new Response(body, { headers: { 'content-length': length } }) },
      );
      expect(await failure(((await client.download()) as Content).bytes())).toMatchObject({ kind: 'integrity' });
    }
  });

  it('that comes compressed although it was not asked for is refused: its length proves nothing', async () => {
    const { content, server } = await open((response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '5' }).write('abc'));
    expect(content.size).toBeUndefined();
    expect(await failure(content.bytes())).toMatchObject({ kind: 'integrity', message: expect.stringContaining('gzip-encoded') as string });
    await until(() => server.sockets.size === 0, 'the closed socket');
  });

  it('frees its connection when the loop over it ends early', async () => {
    const { content, server } = await open((response) => response.writeHead(200, { 'content-length': '1000000' }).write(bytes));
    for await (const _chunk of content) break;
    await until(() => server.sockets.size === 0, 'the closed socket');
    expect(await failure(content.bytes())).toMatchObject({ kind: 'invalid-request' });
  });

  it.each<[string, (content: Content) => Promise<unknown>]>([
    ['cancel, before it is read', (content) => content.cancel()],
    [
      'await using',
      async (content) => {
        await using scoped = content;
        void scoped;
      },
    ],
    ['cancel of its stream, before it is read', (content) => content.stream().cancel()],
    [
      'cancel of its stream, while it is read',
      async (content) => {
        const reader = content.stream().getReader();
        await reader.read();
        await reader.cancel();
      },
    ],
  ])('frees its connection by %s', async (_name, stop) => {
    const { content, server } = await open((response) => response.writeHead(200, { 'content-length': '1000000' }).write(bytes));
    await stop(content);
    await until(() => server.sockets.size === 0, 'the closed socket');
    expect(await failure(() => content.stream())).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('was cancelled') as string });
  });

  it('that is cancelled while it is read ends the reading as an abort', async () => {
    const { content } = await open((response) => response.writeHead(200, { 'content-length': '1000000' }).write(bytes));
    const reading = failure(content.bytes());
    await new Promise(setImmediate);
    await content.cancel(new Error('enough'));
    expect(await reading).toMatchObject({ kind: 'aborted', name: 'AbortError', cause: { message: 'enough' } });
  });

  it('slows the server down when its reader is slow', async () => {
    let sent = 0;
    const { content } = await open((response) => {
      const more = (): void => {
        let hasRoom = true;
        for (; hasRoom && sent < 64; sent += 1) hasRoom = response.write(Buffer.alloc(1_048_576));
        if (sent < 64) response.once('drain', more);
        else response.end();
      };
      more();
    });
    const iterator = content[Symbol.asyncIterator]();
    await iterator.next();
    // The server goes on until the buffers of both sides are full.
    for (let before = -1; before !== sent;) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(64);
    await content.cancel();
  });

  it('passes large bodies through unchanged', async () => {
    const large = Buffer.alloc(20_000_000, 'abcdefghijklmnopqrstuvw');
    const { content } = await open((response) => response.writeHead(200, { 'content-length': String(large.length) }).end(large));
    await content.toFile(join(await folder(), 'large'));
    expect(content.receipt()).toMatchObject({ bytes: large.length, sha256: createHash('sha256').update(large).digest('hex') });
  });
});

describe('a file', () => {
  it('holds the bytes, and nothing else is left in the folder', async () => {
    const { content } = await open(whole);
    const path = await folder();
    expect(await content.toFile(join(path, 'a.png'))).toMatchObject({ bytes: 1000, verified: 'length' });
    expect((await readFile(join(path, 'a.png'))).equals(bytes)).toBe(true);
    expect(await readdir(path)).toEqual(['a.png']);
  });

  it('that was there is replaced by a success and survives a failure', async () => {
    const path = await folder();
    const file = join(path, 'a.txt');
    await writeFile(file, 'old');
    const broken = await openRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    expect(await failure(broken.toFile(file))).toMatchObject({ kind: 'network' });
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(path)).toEqual(['a.txt']);
    await (await open((response) => response.end('new'))).content.toFile(file);
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('is not begun when the call is aborted, and removed when it is aborted later', async () => {
    const path = await folder();
    const server = await startServer((_request, response) => response.writeHead(200, { 'content-length': '100' }).write('abc'));
    const stop = new AbortController();
    const content = (await createClient({ download }, { baseUrl: server.origin }).download({}, { signal: stop.signal })) as Content;
    const writing = failure(content.toFile(join(path, 'x')));
    await until(() => server.arrived.length === 1);
    stop.abort();
    expect(await writing).toMatchObject({ kind: 'aborted' });
    expect(await readdir(path)).toEqual([]);
  });

  it('that cannot be written is told before a byte is read, and the connection is freed', async () => {
    const path = await folder();
    await mkdir(join(path, 'folder'));
    for (const target of [join(path, 'missing', 'a.txt'), join(path, 'folder')]) {
      const { content, server } = await open((response) => response.writeHead(200, { 'content-length': '3' }).end('abc'));
      expect(await failure(content.toFile(target))).toMatchObject({ kind: 'invalid-request', hint: expect.any(String) as string });
      await until(() => server.sockets.size <= 1);
    }
    const held = await open((response) => response.writeHead(200, { 'content-length': '1000000' }).write('abc'));
    await failure(held.content.toFile(join(path, 'missing', 'a.txt')));
    await until(() => held.server.sockets.size === 0, 'the closed socket');
    expect(await readdir(path)).toEqual(['folder']);
  });

  it("in a folder gets the vendor's name, made safe", async () => {
    for (const [disposition, name] of [
      ['attachment; filename="../../evil.sh"', '_.._evil.sh'],
      ["attachment; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt", '日本.txt'],
      [`attachment; filename="${'x'.repeat(400)}.txt"`, `${'x'.repeat(251)}.txt`],
      [`attachment; filename*=UTF-8''${'%E6%97%A5'.repeat(200)}.txt`, `${'日'.repeat(83)}.txt`],
      ['attachment; filename="CON"', '_CON'],
      ['attachment', 'download'],
    ] as const) {
      const path = await folder();
      const { content } = await open((response) => response.writeHead(200, { 'content-disposition': disposition }).end('abc'));
      const receipt = await content.toDirectory(path);
      expect(receipt).toMatchObject({ path: join(path, name), bytes: 3 });
      expect(await readdir(path)).toEqual([name]);
    }
  });
});

describe('ifExists', () => {
  const text = async (path: string): Promise<string> => readFile(path, 'utf8');
  const fresh = async (): Promise<Content> =>
    (await open((response) => response.writeHead(200, { 'content-disposition': 'attachment; filename="a.txt"' }).end('new'))).content;

  it('replaces by default', async () => {
    const path = await folder();
    await writeFile(join(path, 'a.txt'), 'old');
    expect(await (await fresh()).toDirectory(path)).toMatchObject({ path: join(path, 'a.txt') });
    expect(await text(join(path, 'a.txt'))).toBe('new');
  });

  it('fail: refuses before a byte is read, so that the content can go elsewhere', async () => {
    const path = await folder();
    await writeFile(join(path, 'a.txt'), 'old');
    const content = await fresh();
    const error = await failure(content.toDirectory(path, { ifExists: 'fail' }));
    expect(error).toMatchObject({ kind: 'conflict', outcome: 'not-sent', code: 'EEXIST', hint: expect.stringContaining('can still be read') as string });
    expect(await text(join(path, 'a.txt'))).toBe('old');
    expect(await readdir(path)).toEqual(['a.txt']);
    expect(await content.toFile(join(path, 'b.txt'), { ifExists: 'fail' })).toMatchObject({ bytes: 3, path: join(path, 'b.txt') });
    expect(await text(join(path, 'b.txt'))).toBe('new');
    expect((await readdir(path)).toSorted()).toEqual(['a.txt', 'b.txt']);
  });

  it('fail: never replaces a file that came while the bytes did', async () => {
    const path = await folder();
    const { content } = await open((response) => {
      response.writeHead(200, { 'content-length': '6' }).write('abc');
      setTimeout(() => void writeFile(join(path, 'a.txt'), 'other').then(() => response.end('def')), 20);
    });
    const error = await failure(content.toFile(join(path, 'a.txt'), { ifExists: 'fail' }));
    expect(error).toMatchObject({ kind: 'conflict' });
    expect(error.hint).not.toContain('can still be read');
    expect(await text(join(path, 'a.txt'))).toBe('other');
    expect(await readdir(path)).toEqual(['a.txt']);
  });

  it('rename: takes the next free name, also when many do so at once', async () => {
    const path = await folder();
    await writeFile(join(path, 'a.txt'), 'old');
    const contents = await Promise.all(Array.from({ length: 5 }, fresh));
    const receipts = await Promise.all(contents.map((content) => content.toDirectory(path, { ifExists: 'rename' })));
    const names = ['a (1).txt', 'a (2).txt', 'a (3).txt', 'a (4).txt', 'a (5).txt'];
    expect(receipts.map((receipt) => receipt.path).toSorted()).toEqual(names.map((name) => join(path, name)));
    expect((await readdir(path)).toSorted()).toEqual([...names, 'a.txt']);
    expect(await text(join(path, 'a.txt'))).toBe('old');
  });

  it('rename: keeps the extension of names that are as long as names may be', async () => {
    const path = await folder();
    const name = `${'日'.repeat(83)}.txt`;
    await writeFile(join(path, name), 'old');
    const receipt = await (await fresh()).toFile(join(path, name), { ifExists: 'rename' });
    expect(receipt.path).toBe(join(path, `${'日'.repeat(82)} (1).txt`));
  });

  it('is refused when it is something else', async () => {
    expect(await failure((await fresh()).toFile('x', { ifExists: 'ask' as never }))).toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining("'replace', 'fail' or 'rename'") as string,
    });
  });
});

describe('an error of a content', () => {
  it('holds the arguments of its call', async () => {
    const thing: AnyOperation = { ...download, id: 'thing', parameters: [{ name: 'id', in: 'query', schema: { type: 'string' } }] };
    const { origin } = await startServer((_request, response) => response.writeHead(200, { 'content-length': '3' }).end('abc'));
    const content = (await createClient({ thing }, { baseUrl: origin }).thing({ id: 'i-1' })) as Content;
    expect(await failure(content.bytes({ maxBytes: 1 }))).toMatchObject({ operation: 'thing', params: { id: 'i-1' }, hint: expect.any(String) as string });
    expect(await failure(async () => content.text())).toMatchObject({ params: { id: 'i-1' } });
    expect(await failure(async () => content.receipt())).toMatchObject({ params: { id: 'i-1' } });
  });
});

describe('a signed download', () => {
  it('sees no credential, and takes name, type and size from the vendor where the storage has none', async () => {
    const storage = await startServer((_request, response) => {
      response.write('ab');
      response.end('c');
    });
    const connection = connect(
      { baseUrl: storage.origin.replace('127.0.0.1', 'localhost'), auth: 'api-token', headers: { 'x-api-key': 'k' }, trustedOrigins: [storage.origin] },
      { vendor: 'v' },
    );
    const content = await downloadSigned(connection, {
      operation: 'downloadAsset',
      params: { id: 1 },
      sign: async () => ({ url: `${storage.origin}/f?sig=abc`, name: 'n.txt', mediaType: 'text/x', size: 3 }),
      options: { headers: { Authorization: 'Bearer call-token', 'Ocp-Apim-Subscription-Key': 'k', 'x-trace': '1' } },
    });
    expect(content).toMatchObject({ name: 'n.txt', mediaType: 'text/x', size: 3 });
    expect(await content.text()).toBe('abc');
    expect(Object.keys(storage.arrived[0]!.headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
  });

  it('that has not as many bytes as the vendor announced is no integral content', async () => {
    const storage = await startServer((_request, response) => response.end('abc'));
    const connection = connect({ baseUrl: storage.origin }, { vendor: 'v' });
    for (const size of [2, 4]) {
      const content = await downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url: storage.origin, size }) });
      expect(await failure(content.bytes())).toMatchObject({ kind: 'integrity', message: `v.d: the answer has 3 bytes, but the vendor announced ${size}` });
    }
  });

  it('asks for a fresh address once when the storage refuses the first', async () => {
    const storage = await startServer((request, response) =>
      request.url === '/2' ? response.end('ok') : response.writeHead(403).end('<Error><Message>Request has expired</Message></Error>'),
    );
    const connection = connect({ baseUrl: storage.origin }, { vendor: 'v' });
    let signed = 0;
    const content = await downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url: `${storage.origin}/${(signed += 1)}` }) });
    expect(await content.text()).toBe('ok');
    expect(signed).toBe(2);
    const error = await failure(downloadSigned(connection, { operation: 'd', params: { id: 7 }, sign: async () => ({ url: `${storage.origin}/never` }) }));
    expect(error).toMatchObject({
      kind: 'permission-denied',
      operation: 'd',
      params: { id: 7 },
      attempts: 2,
      message: 'v.d: permission-denied (403): Request has expired',
    });
    expect(error.hint).toContain('signed URL');
  });

  it('is not begun at an address that is refused', async () => {
    const connection = connect({ baseUrl: 'https://api.example.com', fetch: () => Promise.reject(new Error('sent')) }, { vendor: 'v' });
    const error = await failure(
      downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url: 'https://169.254.169.254/?sig=abcdefabcdef' }) }),
    );
    expect(error).toMatchObject({ kind: 'unexpected', outcome: 'not-sent', attempts: 0 });
    expect(JSON.stringify(error)).not.toContain('abcdefabcdef');
  });
});
