import { FormData as UndiciFormData, Request as UndiciRequest } from 'undici';
import { describe, expect, test } from 'vitest';
import { createFakeEgain } from '../egain/index.ts';
import { createFakeTenovos, fault } from '../tenovos/index.ts';
import { createFakeWorldServer } from '../worldserver/index.ts';

const rendition = { assets: [{ id: 'a', name: 'a.png', bytes: 1, renditions: { imageThumb: { bytes: 500_000 } } }] };
const thumb = (fake: object): string => {
  const { state, origins } = (fake as { engine: { state: { objects: Map<string, { part: string }> }; origins: { storage: string } } }).engine;
  return origins.storage + [...state.objects].find(([, object]) => object.part === 'imageThumb')![0];
};

describe('fetch in process behaves as built-in fetch does', () => {
  test('an aborted signal, before and in the middle', async () => {
    await using fake = createFakeTenovos(rendition);
    const reason = new Error('stop');
    await expect(fake.fetch(thumb(fake), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fake.calls).toHaveLength(0);
    const controller = new AbortController();
    const response = await fake.fetch(new Request(thumb(fake), { signal: controller.signal }));
    const reader = response.body!.getReader();
    await reader.read();
    controller.abort(reason);
    await expect(reader.read()).rejects.toBe(reason);
    expect(fake.calls[0]).toMatchObject({ status: 200, complete: false });
  });

  test('a body that is given up is not complete, and nothing waits for it', async () => {
    await using fake = createFakeTenovos(rendition);
    const response = await fake.fetch(thumb(fake));
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(fake.calls[0]).toMatchObject({ complete: false, sentBytes: 65_536 });
    await fake.clock.sleep('1h');
  });

  test('a reader with a buffer of its own', async () => {
    await using fake = createFakeTenovos(rendition);
    const reader = (await fake.fetch(thumb(fake))).body!.getReader({ mode: 'byob' });
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(100_000));
      if (done) break;
      bytes += value.byteLength;
    }
    expect(bytes).toBe(500_000);
  });

  test('redirects: followed, handed over, refused', async () => {
    await using fake = createFakeTenovos(rendition);
    fake.faults.add('rendition', fault.redirect().times(3));
    const followed = await fake.fetch(thumb(fake));
    expect([followed.redirected, followed.url.startsWith('https://elsewhere.tenovos.test/moved/'), (await followed.arrayBuffer()).byteLength]).toEqual([
      true,
      true,
      500_000,
    ]);
    const manual = await fake.fetch(thumb(fake), { redirect: 'manual' });
    expect([manual.status, manual.headers.get('location')]).toEqual([302, expect.stringContaining('https://elsewhere.tenovos.test/moved/')]);
    await expect(fake.fetch(thumb(fake), { redirect: 'error' })).rejects.toThrow('fetch failed');
    fake.faults.add('rendition', fault.redirect({ to: 'https://example.com/' }));
    await expect(fake.fetch(thumb(fake))).rejects.toThrow('No fake is at https://example.com');
  });

  test('a request body that fails fails the call; a stream is taken piece by piece', async () => {
    await using fake = createFakeEgain();
    const headers = { authorization: `Bearer ${fake.issueToken()}`, 'content-type': 'application/json' };
    const create = async (size: number): Promise<string> => {
      const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.bin', size });
      return ((await (await fake.fetch(`${fake.conversation.baseUrl}/assets`, { method: 'POST', headers, body })).json()) as { contentUrl: string }).contentUrl;
    };
    const send = async (url: string, body: ReadableStream, length?: number): Promise<Response> =>
      await fake.fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/octet-stream', ...(length === undefined ? {} : { 'content-length': String(length) }) },
      });
    const cause = new Error('disk on fire');
    await expect(send(await create(5), new ReadableStream({ pull: (c) => c.error(cause) }), 5)).rejects.toMatchObject({ message: 'fetch failed', cause });
    const pieces = (): ReadableStream =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(Uint8Array.of(1, 2));
          controller.enqueue(Uint8Array.of(3, 4, 5));
          controller.close();
        },
      });
    expect((await send(await create(5), pieces())).status).toBe(411);
    expect((await send(await create(5), pieces(), 5)).status).toBe(201);
    expect(fake.calls.at(-1)).toMatchObject({ receivedBytes: 5, subjects: [expect.any(String), 'a.bin'] });
    expect(fake.problems).toEqual([]);
  });

  test('what is open when the fake is closed breaks, and nothing answers any more', async () => {
    const fake = createFakeTenovos(rendition);
    const body = (await fake.fetch(thumb(fake))).body!.getReader();
    await body.read();
    fake.faults.add('rendition', fault.stallBeforeHeaders());
    const stalled = fake.fetch(thumb(fake));
    const outcome = expect(stalled).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } });
    await fake.clock.settle();
    await fake.close();
    await outcome;
    await expect(body.read()).rejects.toThrow('terminated');
    await expect(fake.fetch(thumb(fake))).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  });

  test('a request and a form of another copy of fetch', async () => {
    await using fake = createFakeWorldServer();
    const { baseUrl, username, password } = fake.clientOptions;
    const body = JSON.stringify({ username, password });
    const login = await fake.fetch(
      new UndiciRequest(`${baseUrl}/v2/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }) as never,
    );
    const { sessionId: token } = (await login.json()) as { sessionId: string };
    const form = new UndiciFormData();
    form.append('file', new File(['abc'], 'a.txt'));
    const upload = await fake.fetch(`${baseUrl}/v1/files`, { method: 'POST', headers: { token }, body: form as never });
    expect([upload.status, fake.uploads()[0]?.size]).toEqual([200, 3]);
    const wrong = await fake.fetch(`${baseUrl}/v1/files`, {
      method: 'POST',
      headers: { token, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=b',
    });
    expect([wrong.status, wrong.headers.get('x-fake-hint')]).toEqual([
      401,
      'The body is no complete multipart/form-data: Content-Type is application/x-www-form-urlencoded.',
    ]);
  });

  test('no answer for a host that is no fake', async () => {
    await using fake = createFakeTenovos();
    await expect(fake.fetch('https://api.tenovos.io/v1/assets/asset/1')).rejects.toThrow('a fake never calls a real server');
  });
});
