import * as fc from 'fast-check';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, start, startServer } from '../test/http-server.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { credentials, SessionCache, type AuthStrategy } from './auth.ts';
import { createClient } from './client.ts';
import { connect } from './connection.ts';
import { binary, type Content } from './content.ts';
import type { ApiError } from './errors.ts';
import { form } from './form-bodies.ts';
import type { AnyOperation, SecurityScheme } from './operation.ts';
import { downloadSigned, uploadSigned } from './signed-transfer.ts';
import { textBody } from './outgoing-body.ts';

/** Everything that may be printed of a value. */
function printed(value: unknown): string {
  let text = '';
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const console = new Console({ stdout: sink, stderr: sink });
  console.log(value);
  console.error('%o %O %s %j', value, value, value, value);
  console.dir(value, { showHidden: true, depth: null });
  text += inspect(value, { showHidden: true, depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity });
  text += JSON.stringify(value);
  text += String(value);
  for (let error = value as Error | undefined; error instanceof Error; error = error.cause as Error | undefined) {
    text += `${error.message}\n${error.stack}\n${JSON.stringify(Object.getOwnPropertyDescriptors(error))}`;
  }
  return text;
}

/** Whether a secret, in a spelling that gives it away, is in a text. */
function shows(text: string, secret: string): boolean {
  const spellings = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
  return spellings.some((spelling) => text.includes(spelling));
}

/** Long enough not to occur by chance; with all that URLs, JSON and patterns treat specially. */
const secret = fc.tuple(fc.stringMatching(/^[\x21-\x7e]{4,20}$/), fc.uuid()).map(([text, id]) => `${text}${id}`);

const schemes: Record<'header' | 'query' | 'cookie' | 'basic', SecurityScheme> = {
  header: { name: 'header', type: 'apiKey', in: 'header', parameter: 'X-API-Key' },
  query: { name: 'query', type: 'apiKey', in: 'query', parameter: 'token' },
  cookie: { name: 'cookie', type: 'apiKey', in: 'cookie', parameter: 'sid' },
  basic: { name: 'basic', type: 'http', scheme: 'basic' },
};

const run: AnyOperation = {
  id: 'run',
  method: 'POST',
  path: '/things/{id}',
  parameters: [
    { name: 'id', in: 'path', required: true },
    { name: 'apiToken', in: 'query', schema: { type: 'string', secret: true } },
  ],
  body: { content: { 'application/json': {}, 'application/x-www-form-urlencoded': { encode: form } } },
  responses: { '200': ['application/json'] },
  security: [Object.values(schemes)],
};

describe('an error, its causes and its client show no secret', () => {
  it('whatever the server says, in all that was given as credentials, parameters and body', async () => {
    // The worst server: it says everything that it was told.
    const { origin } = await startServer((request, response) => {
      const everything = {
        message: `${request.url} ${JSON.stringify(request.headers)} ${request.body.toString()}`,
        echo: [request.url, request.headers, request.body.toString()],
        deep: { token: request.url },
      };
      if (request.url.includes('html'))
        response.writeHead(500, { 'content-type': 'text/html' }).end(`<title>${everything.message}</title>${everything.message}`);
      else if (request.url.includes('truncated'))
        response
          .writeHead(200, { 'content-type': 'application/json', 'x-request-id': String(request.headers['x-api-key']) })
          .end(JSON.stringify(everything).slice(0, -5));
      else json(response, { code: everything.message, ...everything }, 400, { 'x-request-id': String(request.headers['x-api-key']) });
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ header: secret, query: secret, cookie: secret, password: secret, param: secret, body: secret }),
        fc.constantFrom('json', 'html', 'truncated'),
        fc.boolean(),
        async (secrets, id, asForm) => {
          const auth = credentials({
            header: secrets.header,
            query: () => secrets.query,
            cookie: secrets.cookie,
            basic: { username: 'user', password: secrets.password },
          });
          const options = { baseUrl: origin, auth, maxRetries: false } as const;
          const client = createClient({ run }, options);
          const params = { id, apiToken: secrets.param, body: { user: 'u', password: secrets.body } };
          const error = await failure(client.run(params, asForm ? { contentType: 'application/x-www-form-urlencoded' } : {}));
          const text = printed(error) + printed(client);
          for (const [name, value] of Object.entries(secrets)) expect(shows(text, value), `${name} of ${id}: ${value}`).toBe(false);
          expect(text).not.toContain(Buffer.from(`user:${secrets.password}`).toString('base64'));
          await client.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it('when the connection breaks, the token is malformed, a redirect is refused or nobody answers', async () => {
    const reset = await start((request) => request.socket.resetAndDestroy());
    const moved = await startServer((request, response) =>
      response.writeHead(302, { location: `ftp://x/?token=${String(request.headers['x-api-key'])}` }).end(),
    );
    const closed = await startServer(() => undefined);
    await new Promise((resolve) => closed.server.close(resolve));
    const key = 'canary-key-0123456789';
    for (const [origin, value] of [
      [reset.origin, key],
      [moved.origin, key],
      [closed.origin, key],
      [moved.origin, `${key}\u0000`],
      [moved.origin, `${key}\n`],
      [moved.origin, `a\n${key}`],
    ] as const) {
      const client = createClient(
        { run },
        { baseUrl: origin, auth: credentials({ header: value, query: value, cookie: value, basic: { username: 'u', password: value } }), maxRetries: false },
      );
      expect(printed(await failure(client.run({ id: '1', apiToken: key, body: { secretKey: key } })))).not.toContain(key);
    }
  });

  it('when a fetch function fails with an error that holds it, anywhere', async () => {
    const key = 'canary-key-0123456789';
    const fetch = (request: Request): Promise<Response> => {
      const told = Object.assign(new Error(`cannot send ${request.url} ${key}`), {
        code: 'ECONNRESET',
        request,
        headers: [...request.headers],
        cause: { authorization: key },
      });
      return Promise.reject(Object.assign(new TypeError(`fetch failed: ${key}`, { cause: told }), { config: { headers: { 'x-api-key': key } } }));
    };
    const client = createClient(
      { run },
      {
        baseUrl: 'https://a.example',
        fetch,
        auth: credentials({ header: key, query: key, cookie: key, basic: { username: 'u', password: key } }),
        maxRetries: false,
      },
    );
    const error = await failure(client.run({ id: '1', apiToken: key }));
    expect(error).toMatchObject({ kind: 'network', cause: { name: 'TypeError', message: 'fetch failed: [redacted]' } });
    expect(printed(error)).not.toContain(key);
  });

  it('when an argument that is secret breaks a rule', async () => {
    const checked: AnyOperation = {
      ...run,
      parameters: [{ name: 'password', in: 'query', schema: { type: 'string', maxLength: 3, format: 'password' } }],
      path: '/',
      security: [],
    };
    const client = createClient({ run: checked }, { baseUrl: 'https://a.example' });
    expect(printed(await failure(client.run({ password: 'canary-password' })))).not.toContain('canary-password');
  });

  it('when a login fails with it', async () => {
    const { origin } = await startServer((request, response) => json(response, { error: 'invalid', got: request.body.toString() }, 401));
    const login: AnyOperation = {
      id: 'login',
      method: 'POST',
      path: '/login',
      responses: {},
      body: { content: { 'application/x-www-form-urlencoded': { encode: form } } },
    };
    const auth: AuthStrategy = {
      authorize: async (_request, context) => void (await context.call(login, { body: { username: 'u', password: 'canary-password' } })),
    };
    const error = await failure(createClient({ run }, { baseUrl: origin, auth }).run({ id: '1' }));
    expect(error.operation).toBe('login');
    expect(printed(error)).not.toContain('canary-password');
  });

  it('when a session that another client opened is refused', async () => {
    const { origin } = await startServer((request, response) => json(response, { message: `session ${String(request.headers.ticket)} is bad` }, 403));
    const cache = new SessionCache<string>({
      key: 'k',
      open: async () => 'canary-session-1',
      parse: () => undefined,
      expiresAt: () => undefined,
      secrets: (session) => [session],
    });
    const auth: AuthStrategy = { authorize: async (request, context) => void (request.headers.ticket = await cache.get(context)) };
    for (let i = 0; i < 2; i += 1) {
      const error = await failure(createClient({ run }, { baseUrl: origin, auth }).run({ id: '1' }));
      expect(error.status).toBe(403);
      expect(printed(error)).not.toContain('canary-session-1');
    }
  });

  it('when a signed URL is refused, breaks or is malformed', async () => {
    const signature = 'canary%2Bsignature%3D%3D0123';
    const { origin } = await startServer((request, response) =>
      response
        .writeHead(403, { 'content-type': 'application/xml' })
        .end(`<Error><Message>no ${request.url} ${decodeURIComponent(request.url)}</Message></Error>`),
    );
    const closed = await startServer(() => undefined);
    await new Promise((resolve) => closed.server.close(resolve));
    const connection = connect({ baseUrl: origin, clock: new SkippingClock() }, { vendor: 'v' });
    const short = await failure(downloadSigned(connection, { operation: 'd', params: {}, sign: async () => ({ url: `${origin}/f?p=canary-9` }) }));
    expect(printed(short)).not.toContain('canary-9');
    for (const url of [
      `${origin}/f?X-Amz-Signature=${signature}`,
      `${closed.origin}/f?X-Amz-Signature=${signature}`,
      `ftp://x/?sig=${signature}`,
      `https://[/?sig=${signature}`,
    ]) {
      const errors: ApiError[] = [
        await failure(downloadSigned(connection, { operation: 'd', params: { url }, sign: async () => ({ url }) })),
        await failure(
          uploadSigned(connection, { operation: 'u', params: { contentUrl: url }, method: 'PUT', url, contentType: 'text/plain', body: textBody('x') }),
        ),
      ];
      for (const error of errors) {
        const text = printed(error);
        expect(text).not.toContain(signature);
        expect(text).not.toContain(decodeURIComponent(signature));
      }
    }
  });

  it('when the proxy refuses its password', async () => {
    const proxy = await startServer((request, response) => json(response, request.headers, 407));
    const client = createClient(
      { run: { ...run, security: [] } },
      { baseUrl: 'http://api.example', proxy: `http://user:canary%2Fproxy@127.0.0.1:${proxy.port}`, maxRetries: false },
    );
    const text = printed(await failure(client.run({ id: '1' }))) + printed(client);
    for (const spelling of ['canary/proxy', 'canary%2Fproxy', Buffer.from('user:canary/proxy').toString('base64')]) expect(text).not.toContain(spelling);
  });
});

describe('a content and its receipt show no secret', () => {
  it('of the address, the session or the cookies that came with it', async () => {
    const { origin } = await startServer((_request, response) => response.writeHead(200, { 'set-cookie': 'session=canary-cookie' }).end('x'));
    const download: AnyOperation = { id: 'download', method: 'GET', path: '/', responses: { '200': ['*/*'] }, binary, security: [[schemes.query]] };
    const content = (await createClient({ download }, { baseUrl: origin, auth: 'canary-token' }).download()) as Content;
    await content.bytes();
    expect(printed(content) + printed(content.receipt())).not.toContain('canary');
  });
});

describe('a logger', () => {
  it.each<[string, () => void]>([
    ['throws', () => raise()],
    ['rejects', async () => raise()],
  ])('that %s does not end a call', async (_what, write) => {
    const { origin } = await startServer((_request, response) => json(response, { ok: true }));
    const logger = { debug: write, info: write, warn: write, error: write };
    const client = createClient({ run: { id: 'run', method: 'GET', path: '/', responses: {} } }, { baseUrl: origin, logger, logLevel: 'debug' });
    expect(await client.run()).toEqual({ ok: true });
  });

  it('is told no secret', async () => {
    const lines: unknown[] = [];
    const write = (...line: unknown[]): void => void lines.push(line);
    const { origin } = await startServer((_request, response) => json(response, { message: 'canary-token' }, 503));
    const client = createClient(
      { run: { ...run, method: 'GET', body: undefined as never } },
      {
        baseUrl: origin,
        auth: credentials({ header: 'canary-token', query: 'canary-token', cookie: 'canary-token', basic: { username: 'u', password: 'canary-token' } }),
        clock: new SkippingClock(),
        logLevel: 'debug',
        logger: { debug: write, info: write, warn: write, error: write },
      },
    );
    await failure(client.run({ id: '1', apiToken: 'canary-param' }));
    expect(lines.length).toBeGreaterThan(3);
    expect(JSON.stringify(lines)).not.toContain('canary');
  });
});

describe('a diagnostics event', () => {
  it('shows no secret', async () => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const events: unknown[] = [];
    const listen = (event: unknown): void => void events.push(event);
    subscribe('asset-clients:request', listen);
    try {
      const { origin } = await startServer((_request, response) => json(response, {}, 400));
      await failure(
        createClient(
          { run },
          { baseUrl: origin, auth: credentials({ header: 'canary', query: 'canary', cookie: 'canary', basic: { username: 'u', password: 'canary' } }) },
        ).run({ id: '1', apiToken: 'canary-param' }),
      );
      expect(events).toMatchObject([
        { vendor: 'api', operation: 'run', method: 'POST', status: 400, attempts: 1, error: { kind: 'invalid-request', outcome: 'refused' } },
      ]);
      expect(JSON.stringify(events)).not.toContain('canary');
    } finally {
      unsubscribe('asset-clients:request', listen);
    }
  });
});

function raise(): never {
  throw new Error('the disk is full');
}
