import { describe, expect, test } from 'vitest';
import { createFakeEgain } from '../egain/index.ts';
import { createFakeWorldServer } from '../worldserver/index.ts';
import { createFakeTenovos, fault, type Fault, type FakeTenovos, type FakeTenovosOptions } from '../tenovos/index.ts';

const SIZE = 300_000;
const ASSETS: FakeTenovosOptions = { assets: [{ id: 'a1', name: 'hero.tif', bytes: SIZE }] };

interface Outcome {
  readonly status?: number;
  readonly bytes?: number;
  readonly correct?: boolean;
  readonly error?: string;
  readonly code?: string | undefined;
}

/** One download, as a caller of built-in fetch sees it; stops waiting after a second of silence. */
async function download(
  fake: FakeTenovos,
  fetch: typeof globalThis.fetch,
  base: { baseUrl: string; apiKey: string; username: string; password: string },
  operation: string,
): Promise<Outcome> {
  const post = {
    method: 'POST',
    headers: { 'x-api-key': base.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ username: base.username, password: base.password }),
  };
  const { session } = (await (await fetch(`${base.baseUrl}/auth/token`, post)).json()) as { session: Record<'authorization' | 'accessToken', string> };
  const headers = { 'x-api-key': base.apiKey, authorization: session.authorization, accesstoken: session.accessToken };
  const link = (await (await fetch(`${base.baseUrl}/asset/a1/content`, { headers })).json()) as { presignedURL: string };
  const expected = await fake.asset('a1')!.bytes();
  const controller = new AbortController();
  let bytes = 0;
  let correct = true;
  let status: number | undefined;
  const watchdog = setInterval(() => {
    if (bytes === watched) controller.abort(new Error('silence'));
    watched = bytes;
  }, 1000);
  let watched = -1;
  try {
    const url = operation === 'content' ? link.presignedURL : `${base.baseUrl}/assets/asset/a1`;
    const response = await fetch(url, {
      signal: controller.signal,
      headers: operation === 'content' ? {} : { ...headers, 'content-type': 'application/json' },
    });
    status = response.status;
    for await (const chunk of response.body ?? []) {
      if (operation === 'content') correct &&= Buffer.compare(chunk, expected.subarray(bytes, bytes + chunk.length)) === 0;
      bytes += chunk.length;
    }
    return { status, bytes, correct };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return { ...(status === undefined ? {} : { status }), bytes, correct, error: message, code: cause?.code };
  } finally {
    clearInterval(watchdog);
  }
}

const CONTENT_FAULTS: readonly Fault[] = [
  fault.status(503),
  fault.status(429, { retryAfter: 2, body: { message: 'slow down' } }),
  fault.retryAfter(3),
  fault.latency(20),
  fault.stallBeforeHeaders(),
  fault.stallAfter(0),
  fault.stallAfter(100_000),
  fault.slowBody(2_000_000),
  fault.resetBeforeHeaders(),
  fault.resetAfter(0),
  fault.resetAfter(100_000),
  fault.shortBody(0),
  fault.shortBody(100_000),
  fault.shortBody(100_000, { length: false }),
  fault.shortBody(0, { length: false }),
  fault.tooLongBody(),
  fault.tooLongBody(7, { length: false }),
  fault.wrongLength(SIZE + 10),
  fault.wrongLength(SIZE - 10),
  fault.corruptBytes({ at: 99_700, count: 2000 }),
  fault.changedContent(),
  fault.expiredUrl(),
  fault.htmlErrorPage(),
  fault.redirect(),
  fault.together(fault.latency(10), fault.resetAfter(5)),
];

describe('a fault is the same in process and over sockets', () => {
  test.concurrent.each([
    ...CONTENT_FAULTS.map((one) => ['content', one.label, one] as const),
    ...[fault.expiredSession(), fault.truncatedJson(), fault.resetAfter(10), fault.status(500), fault.htmlErrorPage(503), fault.shortBody(10)].map(
      (one) => ['retrieveAsset', one.label, one] as const,
    ),
  ])('%s: %s', async (operation, _label, one) => {
    await using inProcess = createFakeTenovos({ ...ASSETS, clock: 'system' });
    inProcess.faults.add(operation, one);
    await using listening = createFakeTenovos(ASSETS);
    listening.faults.add(operation, one);
    const { clientOptions } = await listening.listen();
    const [first, second] = await Promise.all([
      download(inProcess, inProcess.fetch, inProcess.clientOptions, operation),
      download(listening, globalThis.fetch, clientOptions, operation),
    ]);
    // Ids and links differ from fake to fake, so the JSON of one may be some bytes longer.
    const strip = ({ bytes, ...rest }: Outcome): Outcome => (operation === 'content' && one.label !== 'expiredUrl()' ? { bytes: bytes!, ...rest } : rest);
    expect(strip(second)).toEqual(strip(first));
    expect([inProcess.faults.pending(), listening.faults.pending()]).toEqual([[], []]);
    const seen = (fake: FakeTenovos): object => {
      const { status, sentBytes, complete, fault: hit } = fake.calls.findLast((call) => call.operation === operation)!;
      return { status, complete, hit, ...(operation === 'content' && one.label !== 'expiredUrl()' ? { sentBytes } : {}) };
    };
    expect(seen(listening)).toEqual(seen(inProcess));
  });
});

interface Attempt {
  readonly status?: number;
  readonly text?: string;
  readonly error?: string;
  readonly code?: string | undefined;
}

/** One request with a watchdog of a second, as a caller of built-in fetch sees it. */
async function attempt(fetch: typeof globalThis.fetch, url: string, init: RequestInit): Promise<Attempt> {
  const controller = new AbortController();
  const watchdog = setTimeout(() => controller.abort(new Error('silence')), 1000);
  let status: number | undefined;
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    ({ status } = response);
    return { status, text: await response.text() };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return { ...(status === undefined ? {} : { status }), error: message, code: cause?.code };
  } finally {
    clearTimeout(watchdog);
  }
}

describe('also for uploads and for files that the API itself answers', () => {
  test.concurrent.each(
    [
      fault.status(500),
      fault.retryAfter(1),
      fault.htmlErrorPage(),
      fault.latency(10),
      fault.stallBeforeHeaders(),
      fault.resetBeforeHeaders(),
      fault.expiredUrl(),
      fault.redirect({ status: 307 }),
    ].map((one) => [one.label, one] as const),
  )('upload: %s', async (_label, one) => {
    const run = async (sockets: boolean): Promise<[Attempt, boolean]> => {
      await using fake = createFakeEgain({ clock: 'system' });
      const { baseUrl } = sockets ? (await fake.listen()).conversation : fake.conversation;
      const fetch = sockets ? globalThis.fetch : fake.fetch;
      fake.faults.add('upload', one);
      const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.bin', size: 3_000_000 });
      const headers = { authorization: `Bearer ${fake.issueToken()}`, 'content-type': 'application/json' };
      const { contentUrl, id } = (await (await fetch(`${baseUrl}/assets`, { method: 'POST', headers, body })).json()) as Record<string, string>;
      // A Blob: built-in fetch of Node 22 cannot send the same array again when it follows a 307 (the buffer is detached).
      const bytes = new Blob([new Uint8Array(3_000_000)]);
      const outcome = await attempt(fetch, contentUrl!, {
        method: 'POST',
        body: bytes,
        headers: { 'content-type': 'application/octet-stream' },
      });
      expect(fake.faults.pending()).toEqual([]);
      // While three megabytes are on their way, a reset may be met by the reading or by the writing side.
      const code = outcome.code === 'EPIPE' ? 'ECONNRESET' : outcome.code;
      return [outcome.error === undefined ? outcome : { ...outcome, code }, fake.asset(id!)!.uploaded];
    };
    const [sockets, inProcess] = await Promise.all([run(true), run(false)]);
    expect(sockets).toEqual(inProcess);
  });

  test.concurrent.each(
    [
      fault.resetAfter(5),
      fault.shortBody(5),
      fault.shortBody(5, { length: false }),
      fault.corruptBytes({ at: 1, count: 2 }),
      fault.expiredSession(),
      fault.status(500),
      fault.changedContent(),
      fault.stallAfter(3),
      fault.wrongLength(3),
    ].map((one) => [one.label, one] as const),
  )('WorldServer getAsset: %s', async (_label, one) => {
    const run = async (sockets: boolean): Promise<Attempt> => {
      await using fake = createFakeWorldServer({ clock: 'system', tasks: [{ id: 1, source: { name: 'a.txt', text: 'sixteen letters!' } }] });
      const { baseUrl, username, password } = sockets ? (await fake.listen()).clientOptions : fake.clientOptions;
      const fetch = sockets ? globalThis.fetch : fake.fetch;
      fake.faults.add('getAsset', one);
      const login = await fetch(`${baseUrl}/v2/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password }),
      });
      const { sessionId } = (await login.json()) as { sessionId: string };
      const outcome = await attempt(fetch, `${baseUrl}/v2/files/asset?resourceId=1`, { headers: { token: sessionId } });
      expect([fake.faults.pending(), fake.problems]).toEqual([[], []]);
      return outcome;
    };
    const [sockets, inProcess] = await Promise.all([run(true), run(false)]);
    expect(sockets).toEqual(inProcess);
  });
});

describe('the plan', () => {
  const status = async (fake: FakeTenovos): Promise<number> => (await fake.fetch(`${fake.contentOrigin}/x`)).status;

  test('hits calls in order, several times, on the n-th call, or until cleared', async () => {
    await using fake = createFakeTenovos();
    fake.faults.add('rendition', fault.status(500).times(2), fault.status(501), fault.status(502).onCall(5));
    expect([await status(fake), await status(fake), await status(fake), await status(fake)]).toEqual([500, 500, 501, 403]);
    expect(fake.faults.pending()).toEqual([{ operation: 'rendition', fault: 'status(502)', remaining: 1 }]);
    expect(await status(fake)).toBe(502);
    fake.faults.add('*', fault.status(503).untilCleared());
    expect(fake.faults.pending()).toHaveLength(1);
    expect([await status(fake), await status(fake)]).toEqual([503, 503]);
    expect(fake.faults.pending()).toEqual([]);
    fake.faults.clear('*');
    expect(await status(fake)).toBe(403);
    expect(fake.faults.consumed).toBe(6);
  });

  test('refuses an unknown operation and what is no fault', async () => {
    await using fake = createFakeTenovos();
    expect(() => fake.faults.add('retreiveAsset' as never, fault.expiredUrl())).toThrow("No operation is called 'retreiveAsset'. There are: createToken,");
    expect(() => fake.faults.add('content', fault.expiredUrl as never)).toThrow('call it');
    expect(() => fault.resetAfter(-1)).toThrow('bytes is a whole number of 0 or more, not -1.');
    expect(() => fault.together(fault.status(500), fault.redirect())).toThrow('Only one of status(500), redirect(302) can answer a call.');
  });

  test('says when a fault could do nothing', async () => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.png', renditions: { imageThumb: { bytes: 10 } } }] });
    fake.faults.add('rendition', fault.resetAfter(10), fault.expiredUrl());
    const { path } = {
      path: [...(fake as never as { engine: { state: { objects: Map<string, unknown> } } }).engine.state.objects.keys()].find((one) =>
        one.endsWith('200x200.png'),
      )!,
    };
    await (await fake.fetch(fake.contentOrigin + path)).arrayBuffer();
    await fake.fetch(fake.contentOrigin + path);
    expect(fake.problems).toEqual([
      'resetAfter(10) could not break rendition: its body has no more than 10 bytes.',
      'expiredUrl() found nothing to act on in a call of rendition.',
    ]);
  });

  test('closeAfterLastByte is refused in process and closes the connection over sockets', async () => {
    await using fake = createFakeTenovos();
    fake.faults.add('rendition', fault.closeAfterLastByte().times(2));
    await expect(status(fake)).rejects.toThrow('fault.closeAfterLastByte() needs a connection that can be closed: use fake.listen().');
    const server = await fake.listen();
    const response = await fetch(`${server.contentOrigin}/x`);
    expect(response.headers.get('connection')).toBe('close');
    await response.text();
  });

  test('a redirect lands at an origin of the fake, where credentials that came along are seen', async () => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.png', renditions: { imageThumb: { text: 'thumb' } } }] });
    fake.faults.add('createToken', fault.redirect({ status: 307 }));
    const { apiKey, username, password, baseUrl } = fake.clientOptions;
    const response = await fake.fetch(`${baseUrl}/auth/token`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    expect([response.status, response.redirected, new URL(response.url).origin]).toEqual([200, true, 'https://elsewhere.tenovos.test']);
    expect(fake.calls.map((call) => [call.operation, call.host, call.leaks])).toEqual([
      ['createToken', 'api', []],
      ['redirected', 'elsewhere', ['x-api-key']],
    ]);
  });
});
