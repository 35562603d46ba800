/** Whatever the secrets are, and however a server writes them back: nothing that a program can print of a client shows one. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';

import { clientCredentials, createEgainConversationClient, type Logger } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { shownBy } from '../test/support/exposure.ts';
import { failureOf } from '../test/support/failures.ts';
import { json, RecordingServer, type Handler } from '../test/support/recording-server.ts';
import { findSecret, spellings } from './spellings.ts';

/** What was logged or published during a test. */
let reported: string[] = [];
const logger = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [level, (message: string, fields?: object) => void reported.push(message, shownBy(fields))]),
) as unknown as Logger;
const CHANNELS = ['asset-clients:request', 'asset-clients:transfer'];
const publish = (message: unknown): void => void reported.push(shownBy(message));

beforeEach(() => CHANNELS.forEach((channel) => subscribe(channel, publish)));
afterEach(() => CHANNELS.forEach((channel) => unsubscribe(channel, publish)));

/** Telling at both ends, so that half of it is found too; between them all that URLs, JSON, HTML and patterns treat specially. */
const secretOf = (middle: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.noShrink(fc.noBias(fc.uuid())), middle).map(([id, text]) => `${id.slice(0, 8)}${text}${id.slice(-12)}`);
const typed = secretOf(fc.oneof(fc.stringMatching(/^[ -~äöüß€]{0,16}$/), fc.constantFrom('😀', '\\\\', '"\'', '%2F+ &', '<&>', '\\"\\', '%%%', '+/=')));
const sent = secretOf(fc.stringMatching(/^[\x21-\x7e]{0,16}$/));

interface Echo {
  readonly spelling: string;
  readonly form: 'json' | 'text' | 'html' | 'xml' | 'cut JSON' | 'header';
  readonly status: number;
  /** Characters before the first secret: the kept beginning of a body ends at 2,000. */
  readonly offset: number;
  /** Bytes in which the body is sent; `0`: at once. */
  readonly piece: number;
  /** Breaks the connection inside of the last secret. */
  readonly cut: boolean;
}

const echo: fc.Arbitrary<Echo> = fc.record({
  spelling: fc.constantFrom(...Object.keys(spellings)),
  form: fc.constantFrom('json', 'text', 'html', 'xml', 'cut JSON', 'header'),
  status: fc.constantFrom(200, 400, 401, 403, 500),
  offset: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 230 }), fc.integer({ min: 900, max: 1010 }), fc.integer({ min: 1900, max: 2010 })),
  piece: fc.constantFrom(0, 7, 64),
  cut: fc.boolean(),
});

/** The worst server: it says all that it knows. */
function answerOf({ spelling, form, status, offset, piece, cut }: Echo, secrets: readonly string[]): Handler {
  const told = secrets.map((secret) => spellings[spelling]!(secret)).join(' ; ');
  const text = `${'.'.repeat(offset)} ${told}`;
  return (_request, raw) => {
    // Many servers write UTF-8 into headers, which are read as Latin-1.
    if (form === 'header')
      return {
        status,
        headers: { 'X-Request-Id': Buffer.from(told, spelling === 'UTF-8 read as Latin-1' ? 'latin1' : 'utf8'), 'Content-Type': 'text/plain' },
        body: 'no',
      };
    const type = form === 'html' ? 'text/html' : form === 'xml' ? 'application/xml' : form === 'text' ? 'text/plain' : 'application/json';
    const members = { code: told, message: text, developerMessage: text, details: [{ key: text, [told]: 'key' }], deep: { deep: { value: [text] } } };
    const whole =
      form === 'json'
        ? JSON.stringify(members)
        : form === 'cut JSON'
          ? JSON.stringify(members).slice(0, -3)
          : form === 'html'
            ? `<html><title>${text}</title><body>${text}</body></html>`
            : form === 'xml'
              ? `<Error><Message>${text}</Message></Error>`
              : text;
    const isCut = cut && ['as it is', 'percent-encoded', 'form-encoded'].includes(spelling) && form === 'text';
    void write(raw, status, type, Buffer.from(whole), piece, isCut);
    return undefined;
  };
}

async function write(raw: ServerResponse, status: number, type: string, body: Buffer, piece: number, isCut: boolean): Promise<void> {
  const end = isCut ? body.length - 6 : body.length;
  raw.writeHead(status, { 'content-type': type, 'content-length': body.length });
  const step = piece === 0 ? end : piece;
  for (let at = 0; at < end && !raw.destroyed; at += step) {
    raw.write(body.subarray(at, Math.min(end, at + step)));
    // Some pieces travel alone, the rest as the system joins them.
    if (at < 4 * step) await new Promise((resolve) => setImmediate(resolve));
  }
  if (isCut) setTimeout(() => raw.destroy(), 5);
  else raw.end();
}

function expectClean(shown: readonly unknown[], secrets: Readonly<Record<string, string>>): void {
  const texts = [...shown.map(shownBy), ...reported];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const text of texts) expect(findSecret(text, secret) ?? '', name).toBe('');
  }
  reported = [];
}

// The same values in every run: what another seed finds is a new test, not a red build. FC_SEED tries others.
const RUNS = { numRuns: 40, seed: Number(process.env.FC_SEED ?? 20_261_121) };
const common = { logger, logLevel: 'debug', maxRetries: false } as const;

test('Tenovos: password, key, tokens and signature, whatever they are and however they come back', async () => {
  let state: { secrets: Record<string, string>; url: string };
  await using storage = await RecordingServer.start(() => ({ status: 200, body: 'bytes' }));
  await using api = await RecordingServer.start(({ path }) => {
    const { authorization, accessToken, refreshToken } = state.secrets;
    if (path.endsWith('/auth/token')) return json(200, { session: { authorization, accessToken, refreshToken, expireEpoch: Date.now() + 3_600_000 } });
    return json(200, path.endsWith('/content') ? { presignedURL: state.url } : { data: {} });
  });
  await fc.assert(
    fc.asyncProperty(
      fc.record({ password: typed, apiKey: sent, authorization: sent, accessToken: sent, refreshToken: typed, signature: typed }),
      echo,
      async (secrets, how) => {
        state = { secrets, url: `${storage.origin}/a.jpg?X-Amz-Signature=${encodeURIComponent(secrets.signature)}` };
        const { apiKey, password } = secrets;
        const dam = createTenovosClient({ baseUrl: api.origin, apiKey, username: 'u', password, ...common });
        const content = await dam.downloadAsset({ id: 'a' });
        const shown: unknown[] = [dam, dam.downloadAsset, content, await content.bytes(), content, content.receipt()];
        const answer = answerOf(how, Object.values(secrets));
        for (const [server, call] of [
          [api, () => dam.retrieveAsset({ id: 'a' })],
          [api, () => dam.request('GET /other', { query: { password } })],
          [storage, () => dam.downloadAsset({ id: 'a' })],
        ] as const) {
          for (let i = 0; i < 2; i += 1) server.once(server === api ? /asset\/|other/ : /./, answer);
          shown.push(await call().catch((error: unknown) => error));
          server.forget();
        }
        await dam.close();
        // What came with a success is the caller's own.
        expectClean(
          shown.filter((value) => value instanceof Error || how.status !== 200),
          secrets,
        );
      },
    ),
    RUNS,
  );
}, 120_000);

test('WorldServer: password and session, whatever they are and however they come back', async () => {
  let session = '';
  await using api = await RecordingServer.start(({ path }) => (path.endsWith('/login') ? json(200, { sessionId: session }) : { status: 200, body: 'bytes' }));
  await fc.assert(
    fc.asyncProperty(fc.record({ password: typed, session: sent }), fc.constantFrom('header', 'query'), echo, async (secrets, sendTokenAs, how) => {
      session = secrets.session;
      const tms = createWorldServerClient({ baseUrl: `${api.origin}/ws-api`, username: 'u', password: secrets.password, sendTokenAs, ...common });
      const content = await tms.getAsset({ resourceId: 1 });
      const shown: unknown[] = [tms, content, await content.bytes(), content, content.receipt()];
      const answer = answerOf({ ...how, status: how.status === 200 ? 400 : how.status }, Object.values(secrets));
      for (let i = 0; i < 2; i += 1) api.once(/asset$/, answer);
      shown.push(await failureOf(tms.getAsset({ resourceId: 1 })));
      api.forget();
      api.once(/login$/, answer);
      shown.push(
        await failureOf(
          createWorldServerClient({ baseUrl: `${api.origin}/ws-api`, username: 'u', password: secrets.password, ...common }).getTasks({ projectId: 1 }),
        ),
      );
      api.forget();
      await tms.close();
      const { session: _unknown, ...known } = secrets;
      // Who fails to log in has learnt no session.
      expectClean(shown.slice(-1), known);
      expectClean(shown.slice(0, -1), secrets);
    }),
    RUNS,
  );
}, 120_000);

test('eGain: client secret, token, refresh token and signature, whatever they are and however they come back', async () => {
  let state: { secrets: Record<string, string>; url: string };
  await using storage = await RecordingServer.start(({ method }) => (method === 'GET' ? { status: 200, body: 'bytes' } : { status: 201 }));
  await using login = await RecordingServer.start(() =>
    json(200, { access_token: state.secrets.accessToken, token_type: 'Bearer', expires_in: 600, refresh_token: state.secrets.refreshToken }),
  );
  await using api = await RecordingServer.start(() => json(200, { id: 'a', name: 'a.txt', contentUrl: state.url }));
  await fc.assert(
    fc.asyncProperty(fc.record({ clientSecret: typed, accessToken: sent, refreshToken: typed, signature: typed }), echo, async (secrets, how) => {
      state = { secrets, url: `${storage.origin}/u/a?sig=${encodeURIComponent(secrets.signature)}` };
      const auth = clientCredentials({ tokenUrl: `${login.origin}/token`, clientId: 'app', clientSecret: secrets.clientSecret });
      const chat = createEgainConversationClient({ baseUrl: api.origin, auth, ...common });
      const content = await chat.downloadAsset({ id: 'a' });
      const upload = { name: 'a.txt', content: new Blob(['x']), channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
      const shown: unknown[] = [auth, chat, content, await content.bytes(), content, content.receipt(), await chat.uploadAsset(upload)];
      const answer = answerOf({ ...how, status: how.status === 200 ? 400 : how.status }, Object.values(secrets));
      for (const [server, call] of [
        [api, () => chat.getAsset({ id: 'a' })],
        [storage, () => chat.downloadAsset({ id: 'a' })],
        [storage, () => chat.uploadAsset(upload)],
      ] as const) {
        for (let i = 0; i < 2; i += 1) server.once(/./, answer);
        shown.push(await failureOf(call()));
        server.forget();
      }
      await chat.close();
      expectClean(shown, secrets);
    }),
    RUNS,
  );
}, 120_000);

test('the call log of a fake shows none of the secrets that its client sent or got', async () => {
  await using dam = createFakeTenovos({ assets: [{ id: 'a', name: 'a.jpg', bytes: 1000 }] });
  await using tms = createFakeWorldServer();
  await using chat = createFakeEgain({ assets: [{ id: 'a', name: 'a.jpg', bytes: 1000 }] });
  const urls: string[] = [];
  const seen = new Set<string>();
  /** Everything secret that goes over the wire of a fake. */
  const listening = <Options extends { fetch?: unknown }>(options: Options): Options => ({
    ...options,
    fetch: async (request: Request) => {
      urls.push(request.url);
      for (const [name, value] of request.headers) if (/authorization|token|key|cookie/.test(name)) seen.add(value.replace(/^Bearer /, ''));
      for (const [name, value] of new URL(request.url).searchParams) if (/sig|token|credential/i.test(name)) seen.add(value);
      return (options.fetch as (request: Request) => Promise<Response>)(request);
    },
  });
  const tenovos = createTenovosClient(listening(dam.clientOptions));
  await (await tenovos.downloadAsset({ id: 'a' })).bytes();
  const worldserver = createWorldServerClient(listening(tms.clientOptions));
  await failureOf(worldserver.getAsset({ resourceId: 1 }));
  const egain = createEgainConversationClient(listening(chat.conversation.clientOptions));
  await (await egain.downloadAsset({ id: 'a' })).bytes();
  for (const options of [dam.clientOptions, tms.clientOptions] as { password?: string; apiKey?: string }[])
    for (const secret of [options.password, options.apiKey]) if (secret !== undefined) seen.add(secret);
  const secrets = Object.fromEntries([...seen].filter((value) => value.length >= 8).map((value, index) => [String(index), value]));
  expect(Object.keys(secrets).length).toBeGreaterThan(5);
  expect(urls.length).toBeGreaterThan(5);
  expectClean([dam.calls, tms.calls, chat.calls, ...dam.calls, ...tms.calls, ...chat.calls], secrets);
});
