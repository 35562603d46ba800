import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, start, startServer, until } from '../test/http-server.ts';
import { ManualClock, SkippingClock } from '../test/manual-clock.ts';
import { raw } from './body-encoders.ts';
import { createClient } from './client.ts';
import { systemClock } from './clock.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import type { ClientOptions } from './options.ts';
import { backoffMs, defaultRetryReasons, defaultRetryTable, findRetryRow, retryAfterMs, RetryBudget, type RetryTable } from './retry.ts';
import type { VendorProfile } from './vendor-profile.ts';

function run(method: string, body = false): AnyOperation {
  return { id: 'run', method, path: '/', responses: {}, ...(body && { body: { content: { 'application/octet-stream': { encode: raw } } } }) };
}

function clientOf(
  origin: string,
  operation: AnyOperation,
  options: Partial<ClientOptions> = {},
  retry: RetryTable = [],
): { run: (params?: unknown) => PromiseLike<unknown>; clock: SkippingClock } {
  const clock = new SkippingClock();
  const client = createClient({ run: operation }, { baseUrl: origin, clock, ...options }, { vendor: 'v', retry });
  return { run: (params) => client.run(params), clock };
}

describe('a retry', () => {
  it.each<[string, number, number]>([
    ['GET', 408, 3],
    ['GET', 429, 3],
    ['GET', 502, 3],
    ['GET', 503, 3],
    ['GET', 504, 3],
    ['GET', 500, 1],
    ['GET', 400, 1],
    ['GET', 404, 1],
    ['GET', 409, 1],
    ['HEAD', 503, 3],
    ['PUT', 503, 3],
    ['DELETE', 503, 3],
    ['OPTIONS', 503, 3],
    ['POST', 503, 1],
    ['POST', 502, 1],
    ['POST', 504, 1],
    ['POST', 408, 1],
    ['PATCH', 503, 1],
    ['POST', 429, 3],
    ['PATCH', 429, 3],
  ])('of %s after %i: %i requests in all', async (method, status, requests) => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, status));
    expect(await failure(clientOf(origin, run(method)).run())).toMatchObject({ status, attempts: requests });
    expect(arrived).toHaveLength(requests);
  });

  it('brings the answer that comes at last', async () => {
    const { origin } = await startServer((_request, response, count) => json(response, count, count < 3 ? 503 : 200));
    expect(await clientOf(origin, run('GET')).run()).toBe(3);
  });

  it.each([
    [0, 1],
    [1, 2],
    [5, 6],
    [false, 1],
  ] as const)('happens at most maxRetries times: %s', async (maxRetries, requests) => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    await failure(clientOf(origin, run('GET'), { maxRetries }).run());
    expect(arrived).toHaveLength(requests);
  });

  it('never follows a POST whose bytes may have been accepted', async () => {
    let requests = 0;
    const { origin } = await start((request) => {
      requests += 1;
      request.socket.resetAndDestroy();
    });
    expect(await failure(clientOf(origin, run('POST', true)).run({ body: new Uint8Array(10) }))).toMatchObject({
      kind: 'network',
      outcome: 'unknown',
      attempts: 1,
      hint: 'The vendor may or may not have done it: look before you call again.',
    });
    expect(requests).toBe(1);
    expect(await failure(clientOf(origin, run('GET')).run())).toMatchObject({ kind: 'network', attempts: 3, hint: 'Call again: it may be sent twice.' });
  });

  it('follows a POST that never left', async () => {
    const { origin, server } = await startServer(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const body = new Uint8Array(10);
    expect(await failure(clientOf(origin, run('POST', true)).run({ body }))).toMatchObject({ kind: 'network', outcome: 'not-sent', attempts: 3 });
    // A row of the vendor's that says no means connections that broke.
    const row = { operations: ['run'], when: ['network'], retry: false } as const;
    expect(await failure(clientOf(origin, run('POST', true), {}, [row]).run({ body }))).toMatchObject({ kind: 'network', outcome: 'not-sent', attempts: 3 });
    const breaking = await start((request) => request.socket.resetAndDestroy());
    expect(await failure(clientOf(breaking.origin, run('PUT', true), {}, [row]).run({ body }))).toMatchObject({ outcome: 'unknown', attempts: 1 });
  });

  it('never repeats a body that can be read once only, and repeats one that can be opened again', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    const put = clientOf(origin, run('PUT', true));
    expect(await failure(put.run({ body: new Blob(['abc']).stream() }))).toMatchObject({ attempts: 1 });
    expect(await failure(put.run({ body: new Blob(['abc']) }))).toMatchObject({ attempts: 3 });
    expect(arrived.map(({ body }) => body.toString())).toEqual(['abc', 'abc', 'abc', 'abc']);
  });

  it('follows a truncated JSON answer to a GET', async () => {
    const { origin } = await startServer((_request, response, count) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5' });
      if (count === 1) response.write('12', () => response.destroy());
      else response.end('12345');
    });
    expect(await clientOf(origin, run('GET')).run()).toBe(12_345);
  });

  it('follows the rows of the vendor before the common ones', async () => {
    const table: RetryTable = [
      { operations: ['run'], methods: ['POST'], when: [503, 'network'], retry: true, atMost: 1, reason: 'only reads' },
      { when: [502], retry: false, reason: 'the caller’s fault here' },
    ];
    const { origin, arrived } = await startServer((request, response) => json(response, {}, request.method === 'POST' ? 503 : 502));
    expect(await failure(clientOf(origin, run('POST'), {}, table).run())).toMatchObject({ attempts: 2 });
    expect(await failure(clientOf(origin, run('GET'), {}, table).run())).toMatchObject({ attempts: 1 });
    expect(arrived).toHaveLength(3);
  });

  it.each<[string, Record<string, string>, number]>([
    ['Retry-After in seconds', { 'retry-after': '7' }, 7000],
    ['Retry-After in fractions of a second', { 'retry-after': '0.25' }, 250],
    ['Retry-After as a date', { 'retry-after': new Date(1_700_000_000_000 + 12_000).toUTCString() }, 12_000],
    ['Retry-After as a date in the past', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 0],
    ['X-RateLimit-Reset as a date', { 'x-ratelimit-reset': new Date(1_700_000_000_000 + 3000).toISOString() }, 3000],
  ])('waits as long as the vendor asks: %s', async (_name, headers, wait) => {
    const { origin } = await startServer((_request, response, count) => json(response, 1, count === 1 ? 429 : 200, headers));
    const { run: call, clock } = clientOf(origin, run('GET'));
    await call();
    expect(clock.waited).toEqual(wait === 0 ? [] : [wait]);
  });

  it('does not follow when the vendor asks to wait for more than a minute', async () => {
    const { origin } = await startServer((_request, response) => json(response, {}, 429, { 'retry-after': '61' }));
    expect(await failure(clientOf(origin, run('GET')).run())).toMatchObject({ attempts: 1, retryAfterMs: 61_000, retryable: true });
  });

  it('is not paid for once the budget of the client is spent', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    const { run: call } = clientOf(origin, run('GET'));
    for (let i = 0; i < 60; i += 1) await failure(call());
    expect(arrived).toHaveLength(60 + 100);
  });
});

describe('retryAfterMs', () => {
  const at = (headers: Record<string, string>): number | undefined => {
    const clock = new ManualClock();
    return retryAfterMs(new Headers(headers), { ...clock, now: () => Date.parse('2026-11-21T12:00:00Z') } as ManualClock);
  };

  it.each(['', 'soon', '-1', '5 apples', '1e3', 'NaN', 'x5', '5x', 'a 2015', '.5', '5.', '2026-11-21', 'Mon'])(
    'reads nothing out of Retry-After %j',
    (value) => {
      expect(at({ 'retry-after': value })).toBeUndefined();
    },
  );

  it.each<[Record<string, string>, number]>([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': ' 120 ' }, 120_000],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': '1.25' }, 1250],
    [{ 'retry-after': '0.0001' }, 1],
    [{ 'retry-after': '2015' }, 2_015_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'x-ratelimit-reset': '2026-11-21T12:00:30Z' }, 30_000],
    [{ 'x-ratelimit-reset': ' 2026-11-21T12:00:30.500Z ' }, 30_500],
    [{ 'x-ratelimit-reset': '2026-11-21T11:59:00Z' }, 0],
    [{ 'retry-after': '3', 'x-ratelimit-reset': '2026-11-21T12:00:30Z' }, 3000],
    [{ 'retry-after': '', 'x-ratelimit-reset': '2026-11-21T12:00:30Z' }, 30_000],
    [{ 'retry-after': 'soon', 'x-ratelimit-reset': '2026-11-21T12:00:30Z' }, 30_000],
    [{ 'retry-after': 'Sat, 99 Nov 2026 12:00:10 GMT', 'x-ratelimit-reset': '2026-11-21T12:00:30Z' }, 30_000],
  ])('reads %j as %i ms', (headers, ms) => {
    expect(at(headers)).toBe(ms);
  });

  it.each(['2026-11-21', '12026-11-21T12:00:30Z', 'x2026-11-21T12:00:30Z', '2026-99-21T12:00:30Z', '2026-11-21T99:00:30Z', ''])(
    'reads nothing out of X-RateLimit-Reset %j',
    (value) => expect(at({ 'x-ratelimit-reset': value })).toBeUndefined(),
  );

  it('ignores an X-RateLimit-Reset that is no ISO date', () => {
    expect(retryAfterMs(new Headers({ 'x-ratelimit-reset': '1700000000' }), new ManualClock())).toBeUndefined();
  });
});

describe('backoffMs', () => {
  it('doubles up to 20 seconds, with full jitter', () => {
    expect([0, 1, 2, 3, 20].map((retries) => backoffMs(retries, () => 1))).toEqual([250, 500, 1000, 2000, 20_000]);
    expect(backoffMs(5, () => 0)).toBe(0);
  });
});

describe('findRetryRow', () => {
  it('takes the first row that fits', () => {
    const rows: RetryTable = [
      { methods: ['GET'], when: [500], retry: true },
      { when: [500], retry: false },
    ];
    expect(findRetryRow(rows, 'x', 'GET', 500)).toBe(rows[0]);
    expect(findRetryRow(rows, 'x', 'POST', 500)).toBe(rows[1]);
    expect(findRetryRow(rows, 'x', 'POST', 'network')).toBeUndefined();
    const named: RetryTable = [{ operations: ['a', 'b'], methods: ['GET'], when: [500, 'network'], retry: true }];
    expect(findRetryRow(named, 'b', 'GET', 'network')).toBe(named[0]);
    expect(findRetryRow(named, 'x', 'GET', 'network')).toBeUndefined();
    expect(findRetryRow(named, 'a', 'PUT', 500)).toBeUndefined();
  });
});

describe('defaultRetryTable', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY'])('repeats %s after passing faults only', (method) => {
    for (const result of [408, 429, 502, 503, 504, 'network', 'timeout'] as const)
      expect(findRetryRow(defaultRetryTable, 'x', method, result)?.retry).toBe(true);
    for (const result of [400, 401, 403, 404, 409, 500, 501]) expect(findRetryRow(defaultRetryTable, 'x', method, result)).toBeUndefined();
  });

  it.each(['POST', 'PATCH'])('repeats %s only where it was refused unprocessed', (method) => {
    for (const result of [408, 502, 503, 504, 'network', 'timeout'] as const) expect(findRetryRow(defaultRetryTable, 'x', method, result)).toBeUndefined();
    expect(findRetryRow(defaultRetryTable, 'x', method, 429)?.retry).toBe(true);
  });

  it('gives a reason for each row', () => {
    expect(defaultRetryReasons).toHaveLength(defaultRetryTable.length);
    for (const reason of defaultRetryReasons) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });
});

describe('RetryBudget', () => {
  it('holds 500 and no more, whatever succeeds; a retry costs 5, one after a timeout 10', () => {
    const spent = (budget: RetryBudget, result: number | 'timeout'): number => {
      let times = 0;
      while (budget.spend(result)) times += 1;
      return times;
    };
    expect(spent(new RetryBudget(), 503)).toBe(100);
    expect(spent(new RetryBudget(), 'timeout')).toBe(50);
    const full = new RetryBudget();
    full.refund();
    expect(spent(full, 503)).toBe(100);
    for (let i = 0; i < 600; i += 1) full.refund();
    expect(spent(full, 503)).toBe(100);
  });

  it('is refilled by successes, and costs more for timeouts', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 50; i += 1) expect(budget.spend('timeout')).toBe(true);
    expect(budget.spend('network')).toBe(false);
    for (let i = 0; i < 5; i += 1) budget.refund();
    expect(budget.spend(503)).toBe(true);
    expect(budget.spend(503)).toBe(false);
  });
});

describe('a wait that is not begun or is', () => {
  it('tells when another attempt is due, and why it is not waited for', async () => {
    const { origin } = await startServer((_request, response) => json(response, {}, 429, { 'retry-after': '61' }));
    const long = await failure(clientOf(origin, run('GET')).run());
    expect(long.hint).toContain('Another attempt is due in 61000 ms, longer than a call waits by itself: call again then.');
    const late = await failure(clientOf(origin, run('GET'), { deadlineMs: 40_000 }).run());
    expect(late.hint).toContain('Another attempt is due in 61000 ms, after the deadline of this call (deadlineMs).');
  });

  it('is told to the logger', async () => {
    const { origin, arrived } = await startServer((_request, response, count) => json(response, {}, count === 1 ? 429 : 200, { 'retry-after': '3' }));
    const lines: unknown[][] = [];
    const write = (...line: unknown[]): void => void lines.push(line);
    await clientOf(origin, run('GET'), { logger: { debug: write, info: write, warn: write, error: write } }).run();
    expect(arrived).toHaveLength(2);
    expect(lines).toEqual([['run: 429, retry 1 of 2 in 3000 ms', { operation: 'run', result: 429, delay: 3000 }]]);
  });

  it('does not follow where maxRetries is false or 0', async () => {
    const { origin, arrived } = await startServer((_request, response) => json(response, {}, 503));
    for (const maxRetries of [false, 0] as const) expect(await failure(clientOf(origin, run('GET'), { maxRetries }).run())).toMatchObject({ attempts: 1 });
    expect(arrived).toHaveLength(2);
  });
});

describe('a fresh login', () => {
  /** A vendor whose pages say what these answers mean; counts logins that were renewed. */
  async function renewals(status: number, body: unknown, renews = true): Promise<{ renewed: number; error: unknown }> {
    const { origin } = await startServer((_request, response) => json(response, body, status));
    let renewed = 0;
    const auth = {
      authorize: () => undefined,
      ...(renews && {
        renew: () => {
          renewed += 1;
          return true;
        },
      }),
    };
    const profile: VendorProfile = {
      vendor: 'v',
      errors: [{ status: [300, 403], kind: 'unauthenticated', hint: 'h' }],
      failureInSuccess: (answer) => ({ message: 'm', code: String((answer as { code: unknown }).code) }),
    };
    const withKind: VendorProfile = { ...profile, errors: [...profile.errors!, { status: 200, code: 'login', kind: 'unauthenticated', hint: 'h' }] };
    const client = createClient({ run: { ...run('GET'), responses: { '200': ['application/json'] } } }, { baseUrl: origin, auth, maxRetries: false }, withKind);
    return { error: await failure(client.run()), renewed };
  }

  it.each<[number, unknown, number]>([
    [401, {}, 1],
    [200, { code: 'login' }, 1],
    [200, { code: 'other' }, 0],
    [300, { code: 'login' }, 0],
    [403, {}, 0],
    [404, {}, 0],
  ])('after %i %j is asked for %i times', async (status, body, times) => {
    expect((await renewals(status, body)).renewed).toBe(times);
  });

  it('is not asked of a strategy that has none', async () => {
    expect((await renewals(401, {}, false)).error).toMatchObject({ kind: 'unauthenticated', status: 401, attempts: 1 });
  });
});

describe('what a retry costs', () => {
  it('is given back by calls that succeed', async () => {
    const { origin, arrived } = await startServer((_request, response, count) => json(response, 1, count > 150 && count <= 155 ? 200 : 503));
    const { run: call } = clientOf(origin, run('GET'));
    for (let i = 0; i < 50; i += 1) await failure(call());
    expect(arrived).toHaveLength(150);
    for (let i = 0; i < 5; i += 1) await call();
    await failure(call());
    expect(arrived).toHaveLength(157);
  });

  it('of time is told', async () => {
    const { origin } = await startServer((_request, response, count) => response.writeHead(count < 3 ? 503 : 200, { 'retry-after': '2' }).end('x'));
    const download: AnyOperation = { id: 'download', method: 'GET', path: '/', responses: { '200': ['*/*'] }, binary };
    const content = (await createClient({ download }, { baseUrl: origin, clock: new SkippingClock() }).download()) as Content;
    await content.bytes();
    expect(content.receipt()).toMatchObject({ waitedMs: 4000, attempts: 3 });
  });

  it('is no more than a minute of waiting, and a minute is waited', async () => {
    const { origin, arrived } = await startServer((_request, response, count) => json(response, 1, count === 1 ? 429 : 200, { 'retry-after': '60' }));
    const clock = new ManualClock();
    const call = createClient({ run: run('GET') }, { baseUrl: origin, clock, timeoutMs: false }).run();
    await until(() => clock.waits.includes(60_000), 'the wait');
    await clock.advance(60_000);
    expect(await call).toBe(1);
    expect(arrived).toHaveLength(2);
  });

  it('is paid for a timeout of a read as well', async () => {
    const { origin, arrived } = await startServer(() => undefined);
    expect(await failure(clientOf(origin, run('GET'), { timeoutMs: 300, clock: systemClock }).run())).toMatchObject({ kind: 'timeout', attempts: 3 });
    expect(arrived).toHaveLength(3);
  });

  it('is told behind what to do', async () => {
    const limited = await startServer((_request, response) => json(response, {}, 429, { 'retry-after': '61' }));
    expect((await failure(clientOf(limited.origin, run('GET')).run())).hint).toMatch(/\. Another attempt/);
  });
});
