/** The recipes of docs/recipes.md, as they are printed there, against the fakes and real servers. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientCredentials, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos, fault } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient, worldServerLogin } from '@asset-clients/worldserver';
import { expect, test, vi } from 'vitest';

import { selfSigned } from '../../../packages/runtime/test/certificate.ts';
import { storeKinds } from '../stores/stores.ts';
import { behindProxy } from './behind-a-proxy.ts';
import { sendFile, signUpload } from './browser-upload.ts';
import { originalToS3 } from './download-to-s3.ts';
import { withPrivateCa } from './private-ca.ts';
import { rotating } from './rotate.ts';
import { damOfThisFunction, type SecretStore } from './serverless.ts';
import { thumbnailWithin10s, untilLeft } from './time-limits.ts';
import { receivePhoto } from './upload-from-request.ts';
import { beginLogin, endLogin } from './user-login.ts';

async function listen(server: Server): Promise<{ port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an original streams into S3, and is what it was', { timeout: 60_000 }, async () => {
  await using store = await storeKinds.find(({ name }) => name.startsWith('s3rver'))!.start();
  const s3 = new S3Client({
    endpoint: store.origin,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    // s3rver knows no trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const bytes = randomBytes(6 * 1024 * 1024 + 1);
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'hero.tif', bytes }] });
  fake.faults.add('content', fault.resetAfter(1_000_000));
  await using dam = createTenovosClient(fake.clientOptions);
  expect(await originalToS3(dam, 'a1', s3, 'assets')).toMatchObject({ bytes: bytes.length, resumes: 1, verified: 'length' });
  const stored = await s3.send(new GetObjectCommand({ Bucket: 'assets', Key: 'hero.tif' }));
  expect(Buffer.compare(Buffer.from(await stored.Body!.transformToByteArray()), bytes)).toBe(0);
  s3.destroy();
});

test('the body of a request goes on to eGain; what eGain would refuse is told to its sender', async () => {
  await using fake = createFakeEgain();
  await using chat = createEgainConversationClient(fake.conversation.clientOptions);
  await using server = await listen(createServer((request, response) => void receivePhoto(chat, request, response)));
  const photo = randomBytes(300_000);
  const post = (body: Uint8Array<ArrayBuffer>): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body, headers: { 'content-type': 'image/jpeg' } });
  const answer = await post(Uint8Array.from(photo));
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  expect(Buffer.compare(await (await chat.downloadAsset({ id })).bytes(), photo)).toBe(0);
  expect((await post(new Uint8Array(0))).status).toBe(400);
});

test('a browser sends the file itself, without a credential', async () => {
  await using fake = createFakeEgain();
  await using server = await fake.listen();
  await using chat = createEgainConversationClient(server.conversation.clientOptions);
  const file = new File([randomBytes(20_000)], 'bird.png', { type: 'image/png' });
  const signed = await signUpload(chat, file);
  await sendFile(file, signed);
  expect((await (await chat.downloadAsset({ id: signed.id })).bytes()).length).toBe(20_000);
  expect(fake.calls.filter(({ host, credentials }) => host === 'storage' && credentials.length > 0)).toEqual([]);
});

/** Passes requests on to a server. */
function passOn(to: string, seen: (string | undefined)[] = []): RequestListener {
  const { hostname, port } = new URL(to);
  return (request, response) => {
    seen.push(request.url);
    const path = request.url!.replace(/^https?:\/\/[^/]+/, '');
    request.pipe(
      httpRequest({ hostname, port, path, method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      }),
    );
  };
}

test('a proxy sees every request', async () => {
  await using fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.docx', bytes: 5000 } }] });
  const { baseUrl, clientOptions } = await fake.listen();
  const seen: (string | undefined)[] = [];
  await using proxy = await listen(createServer(passOn(baseUrl, seen)));
  vi.stubEnv('WORLDSERVER_PROXY', `http://127.0.0.1:${proxy.port}`);
  try {
    await using tms = behindProxy(baseUrl, clientOptions.username, clientOptions.password);
    expect((await (await tms.downloadAsset({ resourceId: 1 })).bytes()).length).toBe(5000);
  } finally {
    vi.unstubAllEnvs();
  }
  expect(seen[0]).toBe(`${baseUrl}/v2/login`);
});

test('a private certificate is trusted where it is given, and nowhere else', async () => {
  await using fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.docx', bytes: 5000 } }] });
  const { baseUrl, clientOptions } = await fake.listen();
  const { cert, key } = selfSigned();
  await using server = await listen(createHttpsServer({ cert, key }, passOn(baseUrl)));
  const folder = await mkdtemp(join(tmpdir(), 'recipes-'));
  try {
    const pem = join(folder, 'company.pem');
    await writeFile(pem, cert);
    await writeFile(`${pem}.other`, selfSigned().cert);
    const address = `https://127.0.0.1:${server.port}/ws-api`;
    await using tms = await withPrivateCa(address, clientOptions.username, clientOptions.password, pem);
    expect((await (await tms.downloadAsset({ resourceId: 1 })).bytes()).length).toBe(5000);
    await using stranger = await withPrivateCa(address, clientOptions.username, clientOptions.password, `${pem}.other`);
    await expect(stranger.downloadAsset({ resourceId: 1 })).rejects.toMatchObject({ kind: 'network' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('limits end what takes too long', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'hero.tif', bytes: 1000 }] });
  await using dam = createTenovosClient(fake.clientOptions);
  fake.faults.add('retrieveAsset', fault.stallBeforeHeaders().untilCleared());
  const begin = fake.clock.now();
  expect(await thumbnailWithin10s(dam, 'a1')).toBeUndefined();
  expect(fake.clock.now() - begin).toBeLessThanOrEqual(10_000);
  fake.faults.clear();
  const left = new AbortController();
  fake.faults.add('getAssetContent', fault.stallBeforeHeaders());
  const download = untilLeft(dam, 'a1', left.signal);
  left.abort('closed the page');
  await expect(download).rejects.toMatchObject({ name: 'AbortError', cause: 'closed the page' });
});

test('functions that start anew share one login', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'hero.tif', bytes: 1000 }] });
  const { baseUrl, apiKey, username, password } = (await fake.listen()).clientOptions;
  const kept = new Map<string, string>();
  const store: SecretStore = {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => kept.set(key, value),
    delete: async (key) => kept.delete(key),
  };
  for (let start = 0; start < 3; start += 1) {
    await using dam = damOfThisFunction(baseUrl, apiKey, username, password, store);
    expect((await dam.retrieveAsset({ id: 'a1' })).data).toMatchObject({ filename: 'hero.tif' });
  }
  expect(fake.calls.filter(({ operation }) => operation === 'createToken')).toHaveLength(1);
});

test('a secret that has ended is read again, once for all calls that wait', async () => {
  await using fake = createFakeEgain({ assets: [{ id: 'a1', name: 'bird.jpg', bytes: 10 }] });
  const { auth, ...options } = fake.conversation.clientOptions;
  const vault = ['ended', auth.clientSecret, 'never'];
  const read = vi.fn(async () => clientCredentials({ ...auth, clientSecret: vault.shift()! }));
  await using chat = createEgainConversationClient({ ...options, auth: rotating(read) });
  const assets = await Promise.all([1, 2, 3].map(() => chat.getAsset({ id: 'a1' })));
  expect(assets.map(({ name }) => name)).toEqual(['bird.jpg', 'bird.jpg', 'bird.jpg']);
  expect(read).toHaveBeenCalledTimes(2);
  // A token that ends is renewed by the secret at hand.
  fake.faults.add('getAsset', fault.expiredSession());
  expect((await chat.getAsset({ id: 'a1' })).name).toBe('bird.jpg');
  expect(read).toHaveBeenCalledTimes(2);
  expect(fake.calls.filter(({ operation, status }) => operation === 'token' && status === 200)).toHaveLength(2);
});

test('a vault that fails is asked again by the next call; a secret that stays wrong is an error', async () => {
  await using fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.docx' } }] });
  const { username, password, ...options } = fake.clientOptions;
  const read = vi
    .fn<() => Promise<ReturnType<typeof worldServerLogin>>>()
    .mockRejectedValueOnce(new Error('vault is sealed'))
    .mockImplementationOnce(async () => worldServerLogin({ username, password: 'old' }))
    .mockImplementationOnce(async () => worldServerLogin({ username, password: 'older' }))
    .mockImplementation(async () => worldServerLogin({ username, password }));
  {
    await using tms = createWorldServerClient({ ...options, auth: rotating(read) });
    await expect(tms.getTasks()).rejects.toThrow('vault is sealed');
    await expect(tms.getTasks()).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect((await tms.getTasks()).items).toHaveLength(1);
  }
  // Closing the client ends the session of the login at hand.
  expect(fake.calls.filter(({ operation }) => operation === 'logout')).toHaveLength(1);
});

test('a person logs in with PKCE', async () => {
  await using fake = createFakeEgain({ attachments: [{ altId: 'A1', app: 'email', type: 'attachment.inbound', name: 'letter.pdf', bytes: 100 }] });
  await using server = await fake.listen();
  const { baseUrl, clientOptions } = server.attachments;
  const { pathname: authorize } = new URL(fake.userLogin.selfService.authorizationUrl);
  const { pathname: token } = new URL(fake.userLogin.selfService.tokenUrl);
  const login = {
    authorizeUrl: new URL(authorize, server.tokenUrl).href,
    tokenUrl: new URL(token, server.tokenUrl).href,
    clientId: clientOptions.auth.clientId,
    redirectUri: 'https://app.example.com/back',
  };
  const begun = await beginLogin(login);
  const answer = await fetch(begun.url, { redirect: 'manual' });
  const cameBack = new URL(answer.headers.get('location')!);
  expect(cameBack.origin + cameBack.pathname).toBe(login.redirectUri);
  await using mail = endLogin(login, begun, cameBack, baseUrl);
  expect((await mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment.inbound', altId: 'A1' } })).altId).toBe('A1');
  expect(() => endLogin(login, { ...begun, state: 'of another' }, cameBack, baseUrl)).toThrow('not begun here');
});
