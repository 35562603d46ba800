import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, startServer, until, type TestServer } from '../test/http-server.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { createClient } from './client.ts';
import { connect } from './connection.ts';
import { binary, type Content } from './content.ts';
import type { AnyOperation } from './operation.ts';
import type { CallOptions } from './options.ts';
import { downloadSigned, type SignedAddress } from './signed-transfer.ts';
import type { VendorProfile } from './vendor-profile.ts';

const LOGIN = `<!DOCTYPE html><html><head><title>Log in to WorldServer</title></head><body><form><input name="u"><input type="password" name="p"></form>${' '.repeat(9000)}</body></html>`;
const NOTICE = '<html><head><title>Maintenance</title></head><body>Back soon</body></html>';
const file: AnyOperation = { id: 'file', method: 'GET', path: '/file', responses: { '200': ['*/*'] }, binary };

interface Answer {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly redirected?: boolean;
}

/** A server whose file is `answer`, by a redirect where told. */
async function serve({ body = LOGIN, headers = {}, redirected = false }: Answer): Promise<TestServer> {
  return startServer((request, response) => {
    if (redirected && request.url === '/file') return response.writeHead(302, { location: '/ws/login?jsessionid=secret-session-1' }).end();
    return response.writeHead(200, { 'content-type': 'text/html;charset=utf-8', ...headers }).end(body);
  });
}

async function get(answer: Answer, options: CallOptions = {}, profile: VendorProfile = { vendor: 'v' }): Promise<Content> {
  const { origin } = await serve(answer);
  return (await createClient({ file }, { baseUrl: origin, clock: new SkippingClock() }, profile).file({}, options)) as Content;
}

async function getSigned(answer: Answer, address: Omit<SignedAddress, 'url'>, options: CallOptions = {}): Promise<Content> {
  const { origin } = await serve(answer);
  return downloadSigned(connect({ baseUrl: origin, clock: new SkippingClock() }, { vendor: 'v' }), {
    operation: 'job',
    params: { id: 7 },
    sign: async () => ({ url: `${origin}/file`, ...address }),
    options,
  });
}

describe('a page instead of a file', () => {
  it('after a redirect is a lost session where it asks for a password, and shows how it begins', async () => {
    const error = await failure(get({ redirected: true }));
    expect(error).toMatchObject({ kind: 'unauthenticated', status: 200, outcome: 'refused', operation: 'file' });
    expect(error.message).toContain('a redirect led to an HTML page instead of the file');
    expect(error.message).toContain('Log in to WorldServer');
    expect(error.body).toMatch(/^<!DOCTYPE html>/);
    expect(error.body!.length).toBeLessThanOrEqual(2000);
    expect(error.hint).toMatch(/session has probably ended.*acceptHtml: true/);
    expect(JSON.stringify(error)).not.toContain('secret-session-1');
  });

  it('is told with its address, whose query values are left out and nothing else', async () => {
    const { message } = await failure(get({ redirected: true }));
    expect(message).toMatch(/instead of the file \(200, http:\/\/127\.0\.0\.1:\d+\/ws\/login\?jsessionid=\[redacted\]\): Log in to WorldServer$/);
    const called = await failure(getSigned({ body: NOTICE }, { name: 'token=abcdefgh1.mp4' }));
    expect(called.message).not.toContain('abcdefgh1');
  });

  it('after a redirect without a password field is unexpected: a guess is told as one', async () => {
    const error = await failure(get({ redirected: true, body: NOTICE }));
    expect(error).toMatchObject({ kind: 'unexpected', status: 200 });
    expect(error.hint).toMatch(/^Probably/);
  });

  it.each<[string, Answer, Omit<SignedAddress, 'url'>]>([
    ['announced as another type', { body: NOTICE }, { mediaType: 'image/jpeg' }],
    ['called by another name', { body: NOTICE }, { name: 'film.mp4' }],
  ])('is noticed where the file is %s', async (_what, answer, address) => {
    const error = await failure(getSigned(answer, address));
    expect(error).toMatchObject({ kind: 'unexpected', params: { id: 7 }, hint: expect.stringContaining('acceptHtml') as string });
    expect(error.message).toMatch(/HTML page, but the file is (?:announced as image\/jpeg|called film\.mp4)/);
  });

  it("is noticed where a document's name says otherwise", async () => {
    const headers = { 'content-disposition': 'attachment; filename="contract.docx"' };
    expect(await failure(get({ headers }))).toMatchObject({ kind: 'unauthenticated', message: expect.stringContaining('contract.docx') as string });
  });

  it('is noticed without any name where the vendor sends names with files', async () => {
    const named: VendorProfile = { vendor: 'v', filesHaveNames: true };
    expect(await failure(get({}, {}, named))).toMatchObject({ kind: 'unauthenticated' });
    expect(await (await get({}, {}, { vendor: 'v' })).text()).toBe(LOGIN);
  });

  it('shows no secret in its words, also where they are cut in the middle of one', async () => {
    const token = 'canary-7f3c/9a1b+5d8e=2046-canary-7f3c/9a1b+5d8e';
    // As pages write what stands in them.
    const entities = token.replaceAll(/\W/g, (letter) => `&#${letter.codePointAt(0)!};`);
    const titles = [
      `Log in as ${token}`,
      `Log in as ${entities}`,
      ...[0, 10, 20, 30, 40].map((before) => `${'x'.repeat(199 - token.length + before)} ${token}`),
    ];
    for (const title of titles) {
      const { origin } = await serve({ redirected: true, body: LOGIN.replace('Log in to WorldServer', title) });
      const secured: AnyOperation = { ...file, security: [[{ type: 'http', name: 't', scheme: 'bearer' }]] };
      const error = await failure(createClient({ file: secured }, { baseUrl: origin, auth: token, maxRetries: false }).file());
      expect(error.message).toContain('an HTML page instead of the file');
      for (const text of [error.message, error.body!, error.stack!, JSON.stringify(error)]) {
        expect(text.includes(token.slice(0, 12)), `${title} in ${text.slice(0, 300)}`).toBe(false);
        expect(text.includes(entities.slice(0, 16)), `${title} in ${text.slice(0, 300)}`).toBe(false);
      }
    }
  });

  it('frees its connection', async () => {
    const { origin, sockets } = await startServer((request, response) => {
      if (request.url === '/file') return response.writeHead(302, { location: '/login' }).end();
      return response.writeHead(200, { 'content-type': 'text/html', 'content-length': '10000000' }).write(`${LOGIN}${' '.repeat(100_000)}`);
    });
    await failure(createClient({ file }, { baseUrl: origin }).file());
    await until(() => sockets.size === 0, 'the closed socket');
  });

  it('that is a login page is answered by one fresh login', async () => {
    let logins = 0;
    const { origin, arrived } = await startServer((request, response) => {
      if (request.url === '/login') return response.writeHead(200, { 'content-type': 'text/html' }).end(LOGIN);
      if (request.headers.token !== 'session-2') return response.writeHead(302, { location: '/login' }).end();
      return response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF');
    });
    const auth = {
      authorize: (request: { headers: Record<string, string> }) => void (request.headers.token = `session-${logins + 1}`),
      renew: () => (logins += 1) > 0,
    };
    const secured: AnyOperation = { ...file, security: [[{ type: 'apiKey', name: 't', in: 'header', parameter: 'token' }]] };
    const content = (await createClient({ file: secured }, { baseUrl: origin, auth }).file()) as Content;
    expect(await content.text()).toBe('%PDF');
    expect(arrived.map(({ url }) => url)).toEqual(['/file', '/login', '/file']);
    expect(logins).toBe(1);
  });

  it('where JSON is documented is told alike', async () => {
    const { origin } = await serve({ redirected: true });
    const list: AnyOperation = { id: 'list', method: 'GET', path: '/file', responses: { '200': ['application/json'] } };
    const error = await failure(createClient({ list }, { baseUrl: origin }).list());
    expect(error).toMatchObject({ kind: 'unauthenticated', status: 200, message: expect.stringContaining('instead of JSON') as string });
    expect(error.hint).not.toContain('acceptHtml');
  });
});

describe('HTML that is the file', () => {
  it.each<[string, Answer, CallOptions]>([
    ['by acceptHtml', { redirected: true }, { acceptHtml: true }],
    ['by accept', { redirected: true }, { accept: 'text/html' }],
    ['by its name', { redirected: true, headers: { 'content-disposition': 'attachment; filename="page.html"' } }, {}],
    ['by a name of a file that may hold HTML', { headers: { 'content-disposition': 'attachment; filename="page.txt"' } }, {}],
    ['by nothing that speaks against it', {}, {}],
  ])('is handed out %s', async (_what, answer, options) => {
    expect(await (await get(answer, options)).text()).toBe(LOGIN);
  });

  it('is handed out where it is announced, and where the document says so', async () => {
    expect(await (await getSigned({ redirected: true }, { mediaType: 'text/html; charset=utf-8' })).text()).toBe(LOGIN);
    const { origin } = await serve({ redirected: true });
    const page: AnyOperation = { ...file, responses: { '200': ['text/html', 'application/octet-stream'] } };
    expect(await createClient({ page }, { baseUrl: origin }).page()).toBe(LOGIN);
  });

  it('is not what a file is that only calls itself so', async () => {
    const body = `PK${'\u0003'.repeat(20_000)}`;
    const headers = { 'content-disposition': 'attachment; filename="contract.docx"' };
    const content = await get({ body, headers });
    expect(content).toMatchObject({ name: 'contract.docx', size: undefined });
    expect(await content.text()).toBe(body);
    expect(await (await get({ body: '', redirected: true })).text()).toBe('');
    const sized = await get({ body, headers: { ...headers, 'content-length': String(body.length) } });
    expect(await sized.bytes()).toHaveLength(body.length);
    expect(sized.receipt()).toMatchObject({ verified: 'length', bytes: body.length });
  });

  it('ends by an abort and by silence as any answer does', async () => {
    const { origin, sockets } = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'attachment; filename="a.pdf"' }).write('<html>');
    });
    const client = createClient({ file }, { baseUrl: origin, maxRetries: false });
    expect(await failure(client.file({}, { idleTimeoutMs: 20 }))).toMatchObject({ kind: 'timeout' });
    const stop = new AbortController();
    const call = failure(client.file({}, { signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('enough')), 20);
    expect(await call).toMatchObject({ kind: 'aborted', cause: { message: 'enough' } });
    await until(() => sockets.size === 0, 'the closed sockets');
  });

  it('that is no success is not asked about', async () => {
    const { origin } = await startServer((_request, response) => json(response, {}, 404));
    expect(await failure(createClient({ file }, { baseUrl: origin }).file())).toMatchObject({ kind: 'not-found' });
  });
});
