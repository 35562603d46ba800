import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, startServer, type TestServer } from '../test/http-server.ts';
import { ManualClock, settle } from '../test/manual-clock.ts';
import { raw } from './body-encoders.ts';
import { credentials, SessionCache, type AuthContext, type AuthStrategy, type SessionRules, type SessionStore } from './auth.ts';
import { createClient, type Client } from './client.ts';
import type { AnyOperation, SecurityScheme } from './operation.ts';
import type { ClientOptions } from './options.ts';

const bearer: SecurityScheme = { name: 'bearer', type: 'http', scheme: 'bearer' };
const basic: SecurityScheme = { name: 'basic', type: 'http', scheme: 'basic' };
const oauth: SecurityScheme = { name: 'oauth', type: 'oauth2' };
const header: SecurityScheme = { name: 'header', type: 'apiKey', in: 'header', parameter: 'X-API-Key' };
const query: SecurityScheme = { name: 'query', type: 'apiKey', in: 'query', parameter: 'api key' };
const cookie: SecurityScheme = { name: 'cookie', type: 'apiKey', in: 'cookie', parameter: 'sid' };

function secured(...security: (readonly SecurityScheme[])[]): AnyOperation {
  return { id: 'run', method: 'GET', path: '/', responses: {}, security };
}

async function sentBy(
  run: AnyOperation,
  options: Partial<ClientOptions>,
  headers?: Record<string, string>,
): Promise<{ url: string; headers: Record<string, unknown> }> {
  const server = await startServer((_request, response) => json(response, 1));
  await createClient({ run }, { baseUrl: server.origin, ...options }).run({}, { headers });
  return server.arrived[0]!;
}

describe('an auth option that never ends', () => {
  const hangs = (): Promise<never> => new Promise(() => {});
  const cases: [string, ClientOptions['auth']][] = [
    ['a function', hangs],
    ['credentials', credentials({ bearer: hangs })],
    ['a strategy', { authorize: hangs }],
  ];

  it.each(cases)('is left at the deadline, and by the signal: %s', async (_what, auth) => {
    const server = await startServer((_request, response) => json(response, 1));
    const client = createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth });
    const late = await failure(client.run({}, { deadlineMs: 30 }));
    expect(late).toMatchObject({ kind: 'timeout', outcome: 'not-sent', attempts: 0, hint: expect.stringContaining('Nothing was sent') as string });
    const stop = new AbortController();
    const call = failure(client.run({}, { signal: stop.signal }));
    await settle();
    stop.abort(new Error('enough'));
    expect(await call).toMatchObject({ kind: 'aborted', outcome: 'not-sent', cause: { message: 'enough' } });
    expect(server.arrived).toEqual([]);
  });

  it('is left when it renews as well, and may fail later', async () => {
    const server = await startServer((_request, response) => json(response, {}, 401));
    let fail: (error: Error) => void = () => expect.unreachable();
    const stop = new AbortController();
    const renew = (): Promise<never> => {
      setImmediate(() => stop.abort(new Error('enough')));
      return new Promise((_resolve, reject) => (fail = reject));
    };
    const client = createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth: { authorize: () => undefined, renew } });
    expect(await failure(client.run({}, { signal: stop.signal }))).toMatchObject({ kind: 'aborted', attempts: 1, cause: { message: 'enough' } });
    fail(new Error('too late'));
    await settle();
  });
});

describe('a token', () => {
  it.each<[SecurityScheme, string, string]>([
    [bearer, 'abc', 'Bearer abc'],
    [oauth, 'abc', 'Bearer abc'],
    [oauth, 'Bearer abc', 'Bearer abc'],
    [basic, 'dXNlcjpwdw==', 'Basic dXNlcjpwdw=='],
  ])('is sent as scheme %j wants it', async (scheme, auth, expected) => {
    expect((await sentBy(secured([scheme]), { auth })).headers.authorization).toBe(expected);
  });

  it('goes into a header, the query or a cookie for an API key', async () => {
    expect((await sentBy(secured([header]), { auth: 'k/1' })).headers['x-api-key']).toBe('k/1');
    expect((await sentBy(secured([query]), { auth: 'k/1' })).url).toBe('/?api%20key=k%2F1');
    expect((await sentBy(secured([cookie]), { auth: 'k;1' })).headers.cookie).toBe('sid=k%3B1');
  });

  it('is a bearer token where the document does not say, and is left out where it says none', async () => {
    expect((await sentBy({ id: 'run', method: 'GET', path: '/', responses: {} }, { auth: 'abc' })).headers.authorization).toBe('Bearer abc');
    expect((await sentBy(secured(), { auth: 'abc' })).headers).not.toHaveProperty('authorization');
  });

  it('may come from a function, asked before every request', async () => {
    let count = 0;
    const server = await startServer((_request, response) => json(response, 1));
    const client = createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth: async () => `token-${(count += 1)}` });
    await client.run();
    await client.run();
    expect(server.arrived.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('that ends with the line break of its file is sent without it', async () => {
    expect((await sentBy(secured([bearer]), { auth: 'abc\n' })).headers.authorization).toBe('Bearer abc');
  });

  it('gives way to a header of the call', async () => {
    expect((await sentBy(secured([bearer]), { auth: 'abc' }, { Authorization: 'Bearer mine' })).headers.authorization).toBe('Bearer mine');
    expect((await sentBy(secured([header]), { auth: 'abc' }, { 'x-api-key': 'mine' })).headers['x-api-key']).toBe('mine');
  });

  it.each<[string, () => unknown]>([
    ['is empty', () => ''],
    ['is no text', () => 5],
    ['cannot be had', () => Promise.reject(new Error('vault is sealed'))],
    ['cannot be a header', () => 'a\u0000b-secret'],
  ])('that %s is told before anything is sent', async (_name, auth) => {
    const server = await startServer((_request, response) => json(response, 1));
    const error = await failure(createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth: auth as () => string }).run());
    expect(error).toMatchObject({ kind: 'unauthenticated', outcome: 'not-sent', attempts: 0 });
    expect(server.arrived).toHaveLength(0);
  });
});

describe('credentials by scheme', () => {
  it('fill the first alternative that they can', async () => {
    const auth = credentials({ header: 'k', query: async () => 'q', basic: { username: 'ü', password: 'p:w' } });
    const both = await sentBy(secured([bearer], [header, query]), { auth });
    expect([both.headers['x-api-key'], both.url]).toEqual(['k', '/?api%20key=q']);
    expect((await sentBy(secured([basic]), { auth })).headers.authorization).toBe(`Basic ${Buffer.from('ü:p:w').toString('base64')}`);
  });

  it('are not needed where none are', async () => {
    const auth = credentials({ header: 'k' });
    for (const operation of [secured(), secured([], [bearer]), { id: 'run', method: 'GET', path: '/', responses: {} }]) {
      expect((await sentBy(operation, { auth })).headers).not.toHaveProperty('x-api-key');
    }
  });

  it('that are missing are named before anything is sent', async () => {
    const error = await failure(
      createClient({ run: secured([header, query], [bearer]) }, { baseUrl: 'https://a.example', auth: credentials({ header: 'k' }) }).run(),
    );
    expect(error).toMatchObject({
      kind: 'unauthenticated',
      outcome: 'not-sent',
      message: 'api.run: no credentials: the operation needs header and query, or bearer',
    });
  });
});

describe('a credential parameter', () => {
  const run: AnyOperation = {
    id: 'run',
    method: 'GET',
    path: '/',
    responses: {},
    parameters: [{ name: 'AccessToken', in: 'header', required: true, credential: true }],
  };

  it('may come from auth or from the caller', async () => {
    const auth: AuthStrategy = { authorize: (request) => void (request.headers.accesstoken ??= 'from-auth') };
    expect((await sentBy(run, { auth })).headers.accesstoken).toBe('from-auth');
    const server = await startServer((_request, response) => json(response, 1));
    await createClient({ run }, { baseUrl: server.origin, auth }).run({ AccessToken: 'mine' });
    expect(server.arrived[0]!.headers.accesstoken).toBe('mine');
  });

  it('that nobody gives is told before anything is sent', async () => {
    expect(await failure(createClient({ run }, { baseUrl: 'https://a.example' }).run())).toMatchObject({
      kind: 'invalid-request',
      outcome: 'not-sent',
      message: 'api.run: AccessToken is required, and auth supplies none',
    });
  });
});

describe('a 401', () => {
  it('is answered once, with what renew brings', async () => {
    const server = await startServer((request, response) => json(response, 1, request.headers.authorization === 'Bearer new' ? 200 : 401));
    let token = 'old';
    const renewed: unknown[] = [];
    const auth: AuthStrategy = {
      authorize: (request) => void (request.headers.authorization = `Bearer ${token}`),
      renew: (used) => {
        renewed.push(used.headers.authorization);
        token = 'new';
        return true;
      },
    };
    expect(await createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth, maxRetries: false }).run()).toBe(1);
    expect(renewed).toEqual(['Bearer old']);
  });

  it('that stays is an error after one renewal', async () => {
    const server = await startServer((_request, response) => json(response, {}, 401));
    let renewals = 0;
    const auth: AuthStrategy = { authorize: () => undefined, renew: () => (renewals += 1) > 0 };
    expect(await failure(createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth }).run())).toMatchObject({
      kind: 'unauthenticated',
      attempts: 2,
      outcome: 'refused',
    });
    expect(renewals).toBe(1);
  });

  it('is not answered where a text is the token, the operation takes no credentials, or the body is gone', async () => {
    const server = await startServer((_request, response) => json(response, {}, 401));
    const put: AnyOperation = { id: 'put', method: 'PUT', path: '/', responses: {}, body: { content: { 'application/octet-stream': { encode: raw } } } };
    const client = (auth: ClientOptions['auth']): Client<{ run: AnyOperation; open: AnyOperation; put: AnyOperation }> =>
      createClient({ run: secured([bearer]), open: secured(), put }, { baseUrl: server.origin, auth });
    expect(await failure(client('text').run())).toMatchObject({ attempts: 1 });
    expect(await failure(client(() => 'f').run())).toMatchObject({ attempts: 2 });
    expect(await failure(client(() => 'f').open())).toMatchObject({ attempts: 1 });
    expect(await failure(client(() => 'f').put({ body: new Blob(['x']).stream() }))).toMatchObject({ attempts: 1 });
  });
});

interface Session {
  token: string;
  expires: number;
}

/** A vendor with a login: sessions are numbered, and only the newest is good. */
class Login {
  count = 0;
  opened: (Session | undefined)[] = [];
  hold: Promise<void> | undefined;
  fails = false;
  readonly cache: SessionCache<Session>;
  readonly strategy: AuthStrategy;

  constructor(clock: { now(): number }, more: Partial<SessionRules<Session>> = {}) {
    this.cache = new SessionCache<Session>({
      key: 'vendor:user',
      open: async (_context, previous) => {
        this.opened.push(previous);
        await this.hold;
        if (this.fails) throw new Error('wrong password');
        this.count += 1;
        return { token: `session-${this.count}`, expires: clock.now() + 3_600_000 };
      },
      parse: (stored) => (typeof (stored as Session | undefined)?.token === 'string' ? (stored as Session) : undefined),
      expiresAt: ({ expires }) => expires,
      secrets: ({ token }) => [token],
      ...more,
    });
    this.strategy = {
      authorize: async (request, context) => void (request.headers.token = (await this.cache.get(context)).token),
      renew: (used, context) => {
        const current = this.cache.peek(context);
        if (current?.token === used.headers.token) this.cache.refuse(current, context);
        return true;
      },
      close: (context) => this.cache.forget(context),
    };
  }
}

class MemoryStore implements SessionStore {
  readonly kept = new Map<string, string>();
  load(key: string): unknown {
    const text = this.kept.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }
  async save(session: unknown, key: string): Promise<void> {
    if (session === undefined) this.kept.delete(key);
    else this.kept.set(key, JSON.stringify(session));
  }
}

describe('SessionCache', () => {
  function clientOf(server: TestServer, login: Login, options: Partial<ClientOptions> = {}): Client<{ run: AnyOperation }> {
    return createClient({ run: secured([header]) }, { baseUrl: server.origin, auth: login.strategy, maxRetries: false, ...options });
  }
  const tokens = (server: TestServer): unknown[] => server.arrived.map(({ headers }) => headers.token);

  it('logs in once for all that wait, of one client or of several', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const login = new Login(Date);
    let go: (() => void) | undefined;
    login.hold = new Promise((resolve) => (go = resolve));
    const [one, two] = [clientOf(server, login), clientOf(server, login)];
    const calls = [one.run(), one.run(), two.run()];
    await settle();
    go!();
    await Promise.all(calls);
    await two.run();
    expect(login.count).toBe(1);
    expect(tokens(server)).toEqual(Array.from({ length: 4 }, () => 'session-1'));
  });

  it('keeps sessions of several servers apart', async () => {
    const servers = [await startServer((_request, response) => json(response, 1)), await startServer((_request, response) => json(response, 1))];
    const login = new Login(Date);
    for (const server of servers) await clientOf(server, login).run();
    expect(servers.map(tokens)).toEqual([['session-1'], ['session-2']]);
  });

  it('shares a session between APIs of one realm', async () => {
    const servers = [await startServer((_request, response) => json(response, 1)), await startServer((_request, response) => json(response, 1))];
    const login = new Login(Date, { realm: 'https://login.example/token' });
    for (const server of servers) await clientOf(server, login).run();
    expect(login.count).toBe(1);
  });

  it('renews a session a minute before it expires', async () => {
    const clock = new ManualClock();
    const server = await startServer((_request, response) => json(response, 1));
    const login = new Login(clock);
    const client = clientOf(server, login, { clock });
    await client.run();
    await clock.advance(3_600_000 - 60_001);
    await client.run();
    await clock.advance(1);
    await client.run();
    expect(tokens(server)).toEqual(['session-1', 'session-1', 'session-2']);
    expect(login.opened[1]).toMatchObject({ token: 'session-1' });
  });

  it('replaces a session that is refused, once for all that were refused with it', async () => {
    let good = 'session-1';
    const server = await startServer((request, response) => json(response, 1, request.headers.token === good ? 200 : 401));
    const login = new Login(Date);
    const client = clientOf(server, login);
    await client.run();
    good = 'session-2';
    expect(await Promise.all([client.run(), client.run(), client.run()])).toEqual([1, 1, 1]);
    expect(login.count).toBe(2);
  });

  it('keeps a new session when an old one is refused late', async () => {
    const login = new Login(Date);
    const context = { baseUrl: 'https://a.example', clock: Date, redactor: { add: () => undefined } } as unknown as AuthContext;
    const old = await login.cache.get(context);
    login.cache.refuse(old, context);
    const fresh = await login.cache.get(context);
    login.cache.refuse(old, context);
    expect(await login.cache.get(context)).toBe(fresh);
  });

  it('tells a failed login to all that wait, and tries again for the next', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const login = new Login(Date);
    login.fails = true;
    const client = clientOf(server, login);
    for (const error of await Promise.all([failure(client.run()), failure(client.run())])) {
      expect(error).toMatchObject({ kind: 'unauthenticated', outcome: 'not-sent', message: 'api.run: no credentials: wrong password' });
    }
    expect(login.opened).toHaveLength(1);
    login.fails = false;
    expect(await client.run()).toBe(1);
  });

  it('ends a login that never ends', async () => {
    const clock = new ManualClock();
    const server = await startServer((_request, response) => json(response, 1));
    const login = new Login(clock);
    login.hold = new Promise(() => undefined);
    const call = failure(clientOf(server, login, { clock }).run());
    await settle();
    await clock.advance(120_000);
    expect(await call).toMatchObject({ kind: 'unauthenticated', message: expect.stringContaining('did not end within 120 s') as string });
  });

  it('takes the session from the store, and puts a new one there', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const sessionStore = new MemoryStore();
    const first = new Login(Date);
    await clientOf(server, first, { sessionStore }).run();
    expect([...sessionStore.kept.keys()]).toEqual([`vendor:user@${server.origin}`]);
    const second = new Login(Date);
    await clientOf(server, second, { sessionStore }).run();
    expect([first.count, second.count]).toEqual([1, 0]);
    expect(tokens(server)).toEqual(['session-1', 'session-1']);
  });

  it('does not use a stored session that is refused, that expired or that is none', async () => {
    const server = await startServer((request, response) => json(response, 1, request.headers.token === 'session-1' ? 200 : 401));
    for (const stored of [{ token: 'stale', expires: Date.now() + 9e6 }, { token: 'expired', expires: 5 }, 'rubbish', { other: 1 }]) {
      const sessionStore = new MemoryStore();
      await sessionStore.save(stored, `vendor:user@${server.origin}`);
      const login = new Login(Date);
      expect(await clientOf(server, login, { sessionStore }).run()).toBe(1);
      expect(login.count).toBe(1);
      expect(sessionStore.load(`vendor:user@${server.origin}`)).toMatchObject({ token: 'session-1' });
    }
  });

  it('refreshes a stored session that expired', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const sessionStore = new MemoryStore();
    await sessionStore.save({ token: 'expired', expires: 5 }, `vendor:user@${server.origin}`);
    const login = new Login(Date);
    await clientOf(server, login, { sessionStore }).run();
    expect(login.opened).toEqual([{ token: 'expired', expires: 5 }]);
  });

  it('takes the session that another process has put into the store meanwhile', async () => {
    let good = 'session-1';
    const server = await startServer((request, response) => json(response, 1, request.headers.token === good ? 200 : 401));
    const sessionStore = new MemoryStore();
    const login = new Login(Date);
    const client = clientOf(server, login, { sessionStore });
    await client.run();
    good = 'from-elsewhere';
    await sessionStore.save({ token: good, expires: Date.now() + 9e6 }, `vendor:user@${server.origin}`);
    expect(await client.run()).toBe(1);
    expect(login.count).toBe(1);
  });

  it('tells a store that fails', async () => {
    const login = new Login(Date);
    const sessionStore: SessionStore = { load: () => Promise.reject(new Error('redis is down')), save: () => undefined };
    const error = await failure(createClient({ run: secured([header]) }, { baseUrl: 'https://a.example', auth: login.strategy, sessionStore }).run());
    expect(error).toMatchObject({ kind: 'unexpected', outcome: 'not-sent', attempts: 0, message: 'api.run: sessionStore.load failed: redis is down' });
    expect(error.hint).toContain('sessionStore');
    expect(error.cause).toMatchObject({ message: 'redis is down' });
  });

  it('uses a login that the store cannot keep, and warns', async () => {
    const login = new Login(Date);
    const server = await startServer((_request, response) => json(response, 1));
    const sessionStore: SessionStore = { load: () => undefined, save: () => Promise.reject(new Error('disk full')) };
    const warned: string[] = [];
    const silent = (): void => undefined;
    const logger = { debug: silent, info: silent, warn: (message: string) => void warned.push(message), error: silent };
    const client = createClient({ run: secured([header]) }, { baseUrl: server.origin, auth: login.strategy, sessionStore, logger });
    expect(await client.run()).toBe(1);
    expect(await client.run()).toBe(1);
    expect(login.count).toBe(1);
    expect(warned).toEqual(['sessionStore.save failed, the login is used all the same: disk full']);
  });

  it('forgets the session when the client is closed', async () => {
    const server = await startServer((_request, response) => json(response, 1));
    const sessionStore = new MemoryStore();
    const client = clientOf(server, new Login(Date), { sessionStore });
    await client.run();
    expect(sessionStore.kept.size).toBe(1);
    await client.close();
    expect(sessionStore.kept.size).toBe(0);
  });
});

describe('a strategy', () => {
  it('can call operations and addresses without itself', async () => {
    const server = await startServer((request, response) =>
      json(response, { got: request.headers.authorization ?? 'none', path: request.url, body: request.body.toString() }),
    );
    const login: AnyOperation = {
      id: 'login',
      method: 'POST',
      path: '/login',
      responses: { '200': ['application/json'] },
      body: { content: { 'application/json': {} } },
    };
    const seen: unknown[] = [];
    const auth: AuthStrategy = {
      async authorize(request, context) {
        seen.push(await context.call(login, { body: { user: 'u' } }));
        seen.push(
          await (
            await context.fetch(
              new Request(`${server.origin}/token`, { method: 'POST', body: 'grant=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
            )
          ).json(),
        );
        request.headers.authorization = 'Session 1';
      },
    };
    expect(await createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth }).run()).toMatchObject({ got: 'Session 1' });
    expect(seen).toEqual([
      { got: 'none', path: '/login', body: '{"user":"u"}' },
      { got: 'none', path: '/token', body: 'grant=1' },
    ]);
  });

  it.each([
    ['a lost answer', true, 'network', /look before you call again/],
    ['an answer 500', false, 'server', /./],
  ])('that logs in by an operation: after %s the call itself was not sent', async (_, isLost, kind, hint) => {
    const login: AnyOperation = { id: 'login', method: 'POST', path: '/login', responses: { 200: ['application/json'] } };
    const server = await startServer((request, response) => {
      if (request.url !== '/login') json(response, 1);
      else if (!isLost) json(response, {}, 500);
      else response.socket?.resetAndDestroy();
    });
    const auth: AuthStrategy = { authorize: async (_request, context) => void (await context.call(login, {})) };
    const client = createClient({ run: secured([bearer]), login }, { baseUrl: server.origin, auth });
    const error = await failure(client.run());
    expect(error).toMatchObject({ kind, operation: 'login', outcome: isLost ? 'not-sent' : 'refused' });
    expect(error.hint).toMatch(hint);
    // Called by itself, the login may have been done.
    expect(await failure(createClient({ login }, { baseUrl: server.origin }).login())).toMatchObject({ kind, outcome: 'unknown' });
  });

  it('whose renewal fails with an error of its own is no network failure', async () => {
    const server = await startServer((_request, response) => json(response, {}, 401));
    const auth: AuthStrategy = {
      authorize: () => undefined,
      renew: () => {
        throw new TypeError('bug in the strategy');
      },
    };
    expect(await failure(createClient({ run: secured([bearer]) }, { baseUrl: server.origin, auth }).run())).toMatchObject({
      kind: 'unexpected',
      message: 'api.run: bug in the strategy',
    });
  });
});
