import { once } from 'node:events';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createFakeEgain, type FakeEgain } from '../egain/index.ts';
import { checks } from '../matchers/matchers.ts';
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

const TICK_MS = 5;

/** Calls back every `ms` milliseconds in which the process could work: a busy machine is no silence. Returns what stops it. */
function patiently(callback: () => void, ms: number): () => void {
  let left = ms;
  const timer = setInterval(() => {
    left -= TICK_MS;
    if (left > 0) return;
    left = ms;
    callback();
  }, TICK_MS);
  return () => clearInterval(timer);
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
  let watched = -1;
  const stop = patiently(() => {
    if (bytes === watched) controller.abort(new Error('silence'));
    watched = bytes;
  }, 1000);
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
    stop();
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
  const stop = patiently(() => controller.abort(new Error('silence')), 1000);
  let status: number | undefined;
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    ({ status } = response);
    return { status, text: await response.text() };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return { ...(status === undefined ? {} : { status }), error: message, code: cause?.code };
  } finally {
    stop();
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
      fault.resetRequestAfter(0),
      fault.resetRequestAfter(100_000),
      fault.resetRequestAfter(2_999_999),
      fault.stallRequestAfter(0),
      fault.stallRequestAfter(100_000),
      fault.lostAnswer(),
      fault.lostAnswer('stall'),
      fault.together(fault.latency(5), fault.resetRequestAfter(5)),
      fault.together(fault.expiredUrl(), fault.lostAnswer()),
      fault.expiredUrl(),
      fault.redirect({ status: 307 }),
    ].map((one) => [one.label, one] as const),
  )('upload: %s', async (_label, one) => {
    const run = async (sockets: boolean): Promise<readonly unknown[]> => {
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
      const { status, lostStatus, complete, upload, fault: hit, receivedBytes } = fake.calls.find((call) => call.operation === 'upload')!;
      // How much came of a request whose answer did not depend on it, is a matter of time.
      const received = /Request|lostAnswer/.test(one.label) ? receivedBytes : undefined;
      const seen = { status, lostStatus, complete, upload, hit, received };
      return [outcome.error === undefined ? outcome : { ...outcome, code }, fake.asset(id!)!.uploaded, seen, fake.problems];
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

/** Uploads `size` bytes to an eGain fake; tells what came of it. */
async function uploadTo(fake: FakeEgain, fetch: typeof globalThis.fetch, baseUrl: string, size: number, signal?: AbortSignal): Promise<string> {
  const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.bin', size });
  const headers = { authorization: `Bearer ${fake.issueToken()}`, 'content-type': 'application/json' };
  const { contentUrl, id } = (await (await fetch(`${baseUrl}/assets`, { method: 'POST', headers, body })).json()) as Record<string, string>;
  const init = { method: 'POST', body: new Blob([new Uint8Array(size)]), headers: { 'content-type': 'application/octet-stream' } };
  const answer = await fetch(contentUrl!, { ...init, ...(signal === undefined ? {} : { signal }) }).then(
    ({ status }) => `${status}`,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code?.replace('EPIPE', 'ECONNRESET') ?? error.name,
  );
  return `${answer}, ${fake.asset(id!)!.uploaded ? 'stored' : 'not stored'}`;
}

describe.each(['in process', 'sockets'] as const)('an upload that fails half way, %s', (shape) => {
  const ready = async (fake: FakeEgain): Promise<{ fetch: typeof globalThis.fetch; baseUrl: string }> =>
    shape === 'sockets'
      ? { fetch: globalThis.fetch, baseUrl: (await fake.listen()).conversation.baseUrl }
      : { fetch: fake.fetch, baseUrl: fake.conversation.baseUrl };

  test('is cut after so many bytes, and nothing is stored', async () => {
    await using fake = createFakeEgain();
    const { fetch, baseUrl } = await ready(fake);
    fake.faults.add('upload', fault.resetRequestAfter(100_000).times(2));
    expect(await uploadTo(fake, fetch, baseUrl, 200_000)).toBe('ECONNRESET, not stored');
    expect(fake.faults.pending()).toEqual([{ operation: 'upload', fault: 'resetRequestAfter(100000)', remaining: 1 }]);
    expect(await uploadTo(fake, fetch, baseUrl, 100_001)).toBe('ECONNRESET, not stored');
    expect(fake.faults.pending()).toEqual([]);
    expect(await uploadTo(fake, fetch, baseUrl, 200_000)).toBe('201, stored');
    const uploads = fake.calls.filter(({ operation }) => operation === 'upload');
    expect(uploads.map(({ status, receivedBytes, complete }) => [status, receivedBytes, complete])).toEqual([
      [undefined, 100_000, false],
      [undefined, 100_000, false],
      [201, 200_000, true],
    ]);
    expect(fake.problems).toEqual([]);
  });

  test('has no effect on a body that is not that long, which arrives whole', async () => {
    await using fake = createFakeEgain();
    const { fetch, baseUrl } = await ready(fake);
    fake.faults.add('upload', fault.resetRequestAfter(70_000));
    fake.faults.add('createAsset', fault.stallRequestAfter(10_000));
    fake.faults.add('getAsset', fault.resetRequestAfter(0));
    expect(await uploadTo(fake, fetch, baseUrl, 70_000)).toBe('201, stored');
    const { id } = fake.assets()[0]!;
    await fetch(`${baseUrl}/assets/${id}`, { headers: { authorization: `Bearer ${fake.issueToken()}` } });
    expect(fake.faults.pending().map(({ withoutEffect }) => withoutEffect)).toEqual([
      "the request's body has no more than 70,000 bytes",
      "the request's body has no more than 10,000 bytes",
      'the request has no body',
    ]);
    expect(await fake.asset(id)!.bytes()).toEqual(new Uint8Array(70_000));
    expect(fake.calls.find(({ operation }) => operation === 'upload')).toMatchObject({ receivedBytes: 70_000, upload: { bytes: 70_000 } });
  });

  test('is done, and its answer is lost', async () => {
    await using fake = createFakeEgain();
    const { fetch, baseUrl } = await ready(fake);
    fake.faults.add('upload', fault.lostAnswer());
    expect(await uploadTo(fake, fetch, baseUrl, 5000)).toBe('ECONNRESET, stored');
    expect(fake.calls.at(-1)).toMatchObject({ status: undefined, lostStatus: 201, complete: false, upload: { bytes: 5000 }, fault: 'lostAnswer()' });
    expect(checks.toHaveUploaded(fake, fake.assets()[0]!.id).pass).toBe(true);
    expect(inspect(fake)).toContain('-> no answer (201 was lost) [lostAnswer()]');
    fake.faults.add('upload', fault.lostAnswer('stall'));
    const stop = new AbortController();
    const silent = uploadTo(fake, fetch, baseUrl, 5000, stop.signal);
    const cancel = patiently(() => stop.abort(new Error('silence')), 300);
    expect(await silent).toBe('Error, stored');
    cancel();
    expect(fake.faults.pending()).toEqual([]);
  });
});

describe('over sockets, a client that is gone before a fault is planned does not take it', () => {
  /** A request as bytes, from a client that closes its connection when the last byte is handed to the operating system. */
  const sendAndLeave = async (url: string, head: string, body: Uint8Array): Promise<void> => {
    const { hostname, port, pathname, search } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    await new Promise((resolve) =>
      socket.write(Buffer.concat([Buffer.from(`${head.replace('*', `${pathname}${search}`)}\r\nHost: x\r\n\r\n`), body]), resolve),
    );
    socket.destroy();
  };

  test.each([
    ['a request without body', 'GET * HTTP/1.1', 0, 0],
    ['a whole body', 'POST * HTTP/1.1\r\nContent-Length: 5000', 5000, 0],
    ['a part of a body', 'POST * HTTP/1.1\r\nContent-Length: 3000000', 1_000_000, 0],
    ['a body of unknown length', 'POST * HTTP/1.1\r\nTransfer-Encoding: chunked', 0, 50_000],
  ])('%s', async (_what, head, whole, chunk) => {
    await using fake = createFakeEgain();
    const { storageOrigin, conversation } = await fake.listen();
    const body = chunk === 0 ? new Uint8Array(whole) : Buffer.concat([Buffer.from(`${chunk.toString(16)}\r\n`), new Uint8Array(chunk)]);
    for (let round = 1; round <= 5; round++) {
      await sendAndLeave(`${storageOrigin}/core/assetmgr/v3/assets/upload?signature=none`, head, body);
      fake.faults.add('upload', fault.status(503));
      expect(await uploadTo(fake, globalThis.fetch, conversation.baseUrl, 1000)).toBe('503, not stored');
      expect(fake.faults.pending()).toEqual([]);
    }
    const uploads = fake.calls.filter(({ operation }) => operation === 'upload');
    expect(uploads.filter(({ fault: hit }) => hit !== undefined)).toHaveLength(5);
    expect(uploads).toHaveLength(10);
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
    expect(() => fake.faults.add('retreiveAsset' as never, fault.expiredUrl())).toThrow(
      `No operation is called "retreiveAsset". Did you mean 'retrieveAsset'? There are: createToken,`,
    );
    expect(() => fake.faults.clear('contents' as never)).toThrow("Did you mean 'content'?");
    expect(() => fake.faults.add('content', fault.expiredUrl as never)).toThrow('call it');
    expect(() => fault.resetAfter(-1)).toThrow('bytes is a whole number of 0 or more, not -1.');
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
      'resetAfter(10) had no effect on a call of rendition: the body has no more than 10 bytes.',
      'expiredUrl() had no effect on a call of rendition: there was nothing to act on.',
    ]);
    expect(fake.faults.pending()).toEqual([
      { operation: 'rendition', fault: 'resetAfter(10)', remaining: 1, withoutEffect: 'the body has no more than 10 bytes' },
      { operation: 'rendition', fault: 'expiredUrl()', remaining: 1, withoutEffect: 'there was nothing to act on' },
    ]);
    expect(fake.faults.consumed).toBe(0);
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
      ['redirected', 'elsewhere', ['x-api-key', 'a secret in the body']],
    ]);
  });
});

describe.each(['in process', 'sockets'] as const)('without effect %s', (shape) => {
  test.each<[string, Fault, string, RequestInit?]>([
    ['corrupt bytes behind the last', fault.corruptBytes({ at: 16 }), 'the answer has the bytes from 0 up to 16 only'],
    [
      'corrupt bytes outside of the range',
      fault.corruptBytes({ at: 2, count: 3 }),
      'the answer has the bytes from 8 up to 16 only',
      { headers: { range: 'bytes=8-' } },
    ],
    ['corrupt bytes behind a break', fault.together(fault.corruptBytes({ at: 9 }), fault.resetAfter(5)), 'the answer has the bytes from 0 up to 5 only'],
    ['truncated JSON that is a file', fault.truncatedJson(), 'the body is a file, not JSON'],
    ['a short body that is whole', fault.shortBody(16), 'the body has no more than 16 bytes'],
    ['a short body without length that is whole', fault.shortBody(17, { length: false }), 'the body has no more than 16 bytes'],
    ['a stall behind the end', fault.stallAfter(16), 'the body has no more than 16 bytes'],
    ['the right length', fault.wrongLength(16), '16 bytes is the right length'],
    ['no body to a HEAD', fault.resetAfter(0), 'an answer 200 to HEAD has no body', { method: 'HEAD' }],
    ['nothing to slow down', fault.slowBody(1), 'an answer 304 to GET has no body', { headers: { 'if-none-match': '*' } }],
    ['nothing to make longer', fault.tooLongBody(), 'an answer 200 to HEAD has no body', { method: 'HEAD' }],
    ['no signature to expire', fault.expiredUrl(), 'there was nothing to act on'],
    ['no session to end', fault.expiredSession(), 'there was nothing to act on'],
  ])('%s', async (_name, planned, why, init = {}) => {
    await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.png', renditions: { imageThumb: { text: 'sixteen letters!' } } }] });
    const { contentOrigin } = shape === 'sockets' ? await fake.listen() : fake;
    const fetch = shape === 'sockets' ? globalThis.fetch : fake.fetch;
    const whole = !planned.label.startsWith('together');
    fake.faults.add('rendition', planned);
    const path = [...(fake as never as { engine: { state: { objects: Map<string, unknown> } } }).engine.state.objects.keys()].at(-1)!;
    const response = await fetch(contentOrigin + path, init);
    const text = await response.text().catch(() => 'broken');
    expect([200, 206, 304]).toContain(response.status);
    if (whole && response.status === 200 && init.method !== 'HEAD') expect(text).toBe('sixteen letters!');
    expect(fake.problems).toEqual([`${planned.label} had no effect on a call of rendition: ${why}.`]);
    expect(fake.faults.pending()).toEqual([{ operation: 'rendition', fault: planned.label, remaining: 1, withoutEffect: why }]);
    expect(fake.faults.consumed).toBe(0);
    expect(fake.calls.at(-1)!.complete).toBe(whole);
  });
});

test('a fault that a shape refuses, or a call that fails before it, did not happen', async () => {
  await using fake = createFakeTenovos();
  fake.faults.add('rendition', fault.closeAfterLastByte());
  await expect(fake.fetch(`${fake.contentOrigin}/x`)).rejects.toThrow('needs a connection');
  expect(fake.faults.pending()).toMatchObject([
    { fault: 'closeAfterLastByte()', remaining: 1, withoutEffect: expect.stringContaining('needs a connection') as string },
  ]);
  expect(fake.problems).toHaveLength(1);
});

describe('together', () => {
  test.each<[string, () => Fault, string]>([
    ['none', () => fault.together(), 'needs at least one fault'],
    ['no fault', () => fault.together(fault.latency as never), 'fault.together takes what fault.*() returns, not a function.'],
    ['a count of a part', () => fault.together(fault.latency(5).times(2), fault.status(500)), 'together(...).times(n), not for latency(5) alone'],
    ['a call of a part', () => fault.together(fault.latency(5), fault.status(500).onCall(3)), 'not for status(500) alone'],
    ['a part until cleared', () => fault.together(fault.latency(5).untilCleared()), 'not for latency(5) alone'],
    [
      'two answers',
      () => fault.together(fault.status(500), fault.redirect()),
      'status(500) and redirect(302) cannot happen on one call: only one of them can answer',
    ],
    ['two breaks', () => fault.together(fault.resetAfter(5), fault.stallAfter(9)), 'resetAfter(5) and stallAfter(9) cannot happen on one call'],
    ['two latencies', () => fault.together(fault.latency(5), fault.latency(6)), 'the same part of the answer'],
    ['the same twice', () => fault.together(fault.expiredUrl(), fault.expiredUrl()), 'they are the same'],
    ['no answer to spoil', () => fault.together(fault.corruptBytes(), fault.resetBeforeHeaders()), 'there is no answer'],
    ['an answer to a request that is cut', () => fault.together(fault.resetRequestAfter(1), fault.status(500)), 'there is no answer'],
    ['a lost answer and another', () => fault.together(fault.status(504), fault.lostAnswer()), 'there is no answer'],
    ['a lost answer that breaks', () => fault.together(fault.lostAnswer(), fault.resetAfter(5)), 'there is no answer'],
    ['no answer to give', () => fault.together(fault.stallBeforeHeaders(), fault.status(500)), 'there is no answer'],
    ['short and long', () => fault.together(fault.tooLongBody(), fault.resetAfter(4)), 'has no end'],
  ])('refuses %s', (_name, make, message) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test('counts as one', async () => {
    await using fake = createFakeTenovos();
    fake.faults.add(
      'rendition',
      fault
        .together(fault.together(fault.latency(5), fault.expiredSession()), fault.status(500))
        .times(2)
        .onCall(2),
    );
    expect(fake.faults.pending()).toEqual([{ operation: 'rendition', fault: 'together(together(latency(5), expiredSession()), status(500))', remaining: 2 }]);
  });
});

describe('a wrong argument is told at once', () => {
  const any = fault as unknown as Record<string, (...args: unknown[]) => Fault>;
  test.each<[string, unknown[], string]>([
    ['status', [], 'fault.status: status is a whole number from 200 to 599, not undefined.'],
    ['status', ['503'], 'not "503"'],
    ['status', [99], 'not 99'],
    ['status', [600], 'not 600'],
    ['status', [500, 'text'], 'options of fault.status is an object, not "text".'],
    ['status', [500, { retryafter: 2 }], "options of fault.status has no 'retryafter'. Did you mean 'retryAfter'?"],
    ['status', [500, { retryAfter: -1 }], 'retryAfter is a whole number of 0 or more, not -1.'],
    ['status', [500, { retryAfter: 1.5 }], 'not 1.5'],
    ['status', [500, { retryAfter: 'a\nb' }], 'which HTTP cannot send'],
    ['status', [500, { headers: { 'x y': '1' } }], 'fault.status: headers holds "x y": "1", which HTTP cannot send.'],
    ['status', [500, { headers: { x: 1 } }], 'x of headers of options of fault.status is text, not 1.'],
    ['status', [500, { headers: { 'Content-Length': '3' } }], 'headers cannot hold content-length'],
    ['status', [500, { body: 1n }], 'body is a string, sent as text, or a value that JSON can hold'],
    ['status', [500, { body: () => 1 }], 'not a function'],
    ['status', [500, { body: new Uint8Array(2) }], 'not bytes'],
    ['retryAfter', [], 'fault.retryAfter: retryAfter is a whole number of seconds or text such as an HTTP date, not undefined.'],
    ['retryAfter', [2, 42], 'fault.retryAfter: status is a whole number from 200 to 599, not 42.'],
    ['htmlErrorPage', [1000], 'fault.htmlErrorPage: status is'],
    ['latency', [0], 'fault.latency: ms is a whole number of 1 or more, not 0.'],
    ['latency', ['2s'], 'not "2s"'],
    ['slowBody', [0], 'fault.slowBody: bytesPerSecond is a whole number of 1 or more, not 0.'],
    ['stallAfter', [], 'fault.stallAfter: bytes is a whole number of 0 or more, not undefined.'],
    ['resetRequestAfter', [], 'fault.resetRequestAfter: bytes is a whole number of 0 or more, not undefined.'],
    ['stallRequestAfter', [-1], 'fault.stallRequestAfter: bytes is a whole number of 0 or more, not -1.'],
    ['lostAnswer', ['end'], `fault.lostAnswer: how is 'reset' or 'stall', not "end".`],
    ['resetAfter', [1.5], 'fault.resetAfter: bytes'],
    ['shortBody', [-1], 'fault.shortBody: bytes'],
    ['shortBody', [5, false], 'options of fault.shortBody is an object, not false.'],
    ['shortBody', [5, { lenght: false }], "Did you mean 'length'?"],
    ['shortBody', [5, { length: 3 }], 'length of options of fault.shortBody is true or false, not 3.'],
    ['tooLongBody', [0], 'fault.tooLongBody: extra is a whole number of 1 or more, not 0.'],
    ['wrongLength', [NaN], 'fault.wrongLength: length is a whole number of 0 or more, not NaN.'],
    ['corruptBytes', [5], 'options of fault.corruptBytes is an object, not 5.'],
    ['corruptBytes', [{ at: -1 }], 'fault.corruptBytes: at is a whole number of 0 or more, not -1.'],
    ['corruptBytes', [{ count: 0 }], 'fault.corruptBytes: count is a whole number of 1 or more, not 0.'],
    ['redirect', [{ status: 300 }], 'status of options of fault.redirect is one of 301, 302, 303, 307, 308, not 300.'],
    ['redirect', [{ to: '/x' }], 'fault.redirect: to is a whole URL, not "/x".'],
    ['redirect', ['https://x.test'], 'options of fault.redirect is an object'],
  ])('%s, case %#', (word, args, message) => {
    expect(() => any[word]!(...args)).toThrow(TypeError);
    expect(() => any[word]!(...args)).toThrow(message);
  });

  test('a body is taken as it is when the fault is made', async () => {
    await using fake = createFakeTenovos();
    const body = { message: 'one' };
    fake.faults.add('rendition', fault.status(500, { body }));
    body.message = 'two';
    expect(await (await fake.fetch(`${fake.contentOrigin}/x`)).json()).toEqual({ message: 'one' });
  });
});
