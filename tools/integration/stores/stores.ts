/** Storage servers that others wrote, each started on a free port of 127.0.0.1, with addresses that are signed and expire. */

import { fork, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import aws4 from 'aws4';
import send from 'send';
import sirv from 'sirv';

/** A running storage server. */
export interface Store extends AsyncDisposable {
  readonly origin: string;
  /** Stores bytes under a name, in place of what was there. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** What is stored under a name; `undefined` when there is nothing. */
  get(name: string): Promise<Uint8Array | undefined>;
  /**
   * A signed address.
   *
   * @param origin - Where the client is to go: the store itself, or a proxy before it.
   * @param seconds - How long it is good for; negative: it is over already.
   */
  sign(origin: string, name: string, method: 'GET' | 'PUT', seconds: number): string;
}

/** What a kind of server can do, as its own documentation says. */
export interface StoreKind {
  readonly name: string;
  /** Parts of a file by `Range`. */
  readonly ranges: boolean;
  /** An ETag that is the same only for the same bytes. */
  readonly strongETag: boolean;
  /** Takes files at signed addresses; headers that it needs for that, and whether it keeps what came of an upload that broke off. */
  readonly uploads?: { readonly headers: Readonly<Record<string, string>>; readonly keepsParts?: true };
  start(): Promise<Store>;
}

const require = createRequire(import.meta.url);

/** Starts a program of a package in a process of its own and waits for the line that names its address. */
async function startProgram(packageName: string, program: string, args: readonly string[]): Promise<{ origin: string; child: ChildProcess }> {
  const child = fork(join(dirname(require.resolve(`${packageName}/package.json`)), program), [...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--no-warnings'],
  });
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /(?:listens|listening) on (?:http:\/\/)?127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => reject(new Error(`${packageName} ended (exit code ${String(code)}): ${said}`)));
  });
  return { origin: `http://127.0.0.1:${port}`, child };
}

async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // Nothing that it holds is wanted any more.
  child.kill('SIGKILL');
  await ended;
}

async function expectOk(response: Response, what: string): Promise<void> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what}: ${response.status} ${text.slice(0, 500)}`);
}

async function readBack(url: string): Promise<Uint8Array | undefined> {
  const response = await fetch(url);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.ok ? bytes : undefined;
}

/** Bytes as fetch takes them. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);

// ---- Azurite: Microsoft's emulator of Azure Blob Storage, with shared access signatures ----

const AZURE_ACCOUNT = 'devstoreaccount1';
/** The well-known key of the emulator, from its documentation. */
const AZURE_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const AZURE_VERSION = '2020-12-06';
const CONTAINER = 'assets';

const azureSignature = (fields: readonly string[]): string => createHmac('sha256', Buffer.from(AZURE_KEY, 'base64')).update(fields.join('\n')).digest('base64');
const azureTime = (seconds: number): string => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;

/** A service SAS for one blob ("Create a service SAS", Azure Storage documentation). */
function blobSas(name: string, permission: 'r' | 'cw', seconds: number): string {
  const expiry = azureTime(seconds);
  const resource = `/blob/${AZURE_ACCOUNT}/${CONTAINER}/${name}`;
  // permission, start, expiry, resource, identifier, IP, protocol, version, kind, snapshot, encryption scope, five response headers
  const sig = azureSignature([permission, '', expiry, resource, '', '', '', AZURE_VERSION, 'b', '', '', '', '', '', '', '']);
  return new URLSearchParams({ sv: AZURE_VERSION, sr: 'b', sp: permission, se: expiry, sig }).toString();
}

/** An account SAS, to make the container ("Create an account SAS"). */
function accountSas(): string {
  const expiry = azureTime(600);
  // account, permissions, services, resource types, start, expiry, IP, protocol, version, encryption scope
  const sig = azureSignature([AZURE_ACCOUNT, 'rwdlac', 'b', 'sco', '', expiry, '', '', AZURE_VERSION, '', '']);
  return new URLSearchParams({ sv: AZURE_VERSION, ss: 'b', srt: 'sco', sp: 'rwdlac', se: expiry, sig }).toString();
}

const azurite: StoreKind = {
  name: 'Azurite (Azure Blob Storage)',
  ranges: true,
  strongETag: true,
  uploads: { headers: { 'x-ms-blob-type': 'BlockBlob' } },
  async start() {
    const { origin, child } = await startProgram('azurite', 'dist/src/blob/main.js', ['--blobPort', '0', '--inMemoryPersistence', '--disableTelemetry']);
    const sign: Store['sign'] = (at, name, method, seconds) =>
      `${at}/${AZURE_ACCOUNT}/${CONTAINER}/${name}?${blobSas(name, method === 'GET' ? 'r' : 'cw', seconds)}`;
    await expectOk(
      await fetch(`${origin}/${AZURE_ACCOUNT}/${CONTAINER}?restype=container&${accountSas()}`, { method: 'PUT', headers: { 'x-ms-version': AZURE_VERSION } }),
      'making the container',
    );
    return {
      origin,
      sign,
      async put(name, bytes) {
        const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' };
        await expectOk(await fetch(sign(origin, name, 'PUT', 600), { method: 'PUT', headers, body: owned(bytes) }), `storing ${name}`);
      },
      get: (name) => readBack(sign(origin, name, 'GET', 600)),
      [Symbol.asyncDispose]: () => stopProgram(child),
    };
  },
};

// ---- s3rver: a server of the S3 protocol, with presigned addresses (Signature Version 4) ----

const BUCKET = 'assets';
/** The key pair that s3rver knows, from its documentation. */
const S3_KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

const s3rver: StoreKind = {
  name: 's3rver (S3)',
  ranges: true,
  strongETag: true,
  uploads: { headers: {}, keepsParts: true },
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 's3rver-'));
    const { origin, child } = await startProgram('s3rver', 'bin/s3rver.js', ['-d', folder, '-p', '0', '-a', '127.0.0.1', '--configure-bucket', BUCKET]);
    const sign: Store['sign'] = (at, name, method, seconds) => {
      // A presigned address has a beginning and a length: one that is over began earlier.
      const length = Math.max(1, Math.ceil(Math.abs(seconds)));
      const begin = new Date(Date.now() + (seconds - length) * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
      const path = `/${BUCKET}/${name}?X-Amz-Expires=${length}&X-Amz-Date=${begin}`;
      const signed = aws4.sign({ service: 's3', region: 'us-east-1', host: new URL(at).host, method, path, signQuery: true }, S3_KEYS);
      return at + signed.path!;
    };
    return {
      origin,
      sign,
      async put(name, bytes) {
        await expectOk(await fetch(sign(origin, name, 'PUT', 600), { method: 'PUT', body: owned(bytes) }), `storing ${name}`);
      },
      get: (name) => readBack(sign(origin, name, 'GET', 600)),
      async [Symbol.asyncDispose]() {
        await stopProgram(child);
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

// ---- web servers: files of a folder; the signature is checked before them ----

const WEB_SECRET = 'secret of the web server';
const webSignature = (name: string, expiry: number): string => createHmac('sha256', WEB_SECRET).update(`${name} ${expiry}`).digest('hex');

async function startWebServer(listenerOf: (folder: string) => RequestListener): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'web-server-'));
  const files = listenerOf(folder);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
    const expiry = Number(searchParams.get('expires'));
    if (searchParams.get('signature') !== webSignature(pathname.slice(1), expiry) || expiry < Date.now()) {
      response.writeHead(403, { 'content-type': 'text/html' }).end('<html><body><h1>403 Forbidden</h1></body></html>');
      return;
    }
    files(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign: Store['sign'] = (at, name, _, seconds) => {
    const expiry = Date.now() + seconds * 1000;
    return `${at}/${name}?expires=${expiry}&signature=${webSignature(name, expiry)}`;
  };
  return {
    origin,
    sign,
    put: (name, bytes) => writeFile(join(folder, name), bytes),
    get: (name) => readBack(sign(origin, name, 'GET', 600)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const webServerWithRanges: StoreKind = {
  name: 'sirv (web server with ranges)',
  ranges: true,
  strongETag: false,
  start: () =>
    startWebServer((folder) => {
      const serve = sirv(folder, { dev: true, etag: true });
      return (request, response) => serve(request, response);
    }),
};

const webServerWithoutRanges: StoreKind = {
  name: 'send (web server without ranges)',
  ranges: false,
  strongETag: false,
  start: () =>
    startWebServer((folder) => (request, response) => {
      send(request, new URL(request.url!, 'http://127.0.0.1').pathname, { root: folder, acceptRanges: false }).pipe(response);
    }),
};

/** All of them. */
export const storeKinds: readonly StoreKind[] = [azurite, s3rver, webServerWithRanges, webServerWithoutRanges];
