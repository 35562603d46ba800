/** "What you need" of the vendors' READMEs: each setting that is wrong ends as its row says. */

import { readFileSync } from 'node:fs';

import {
  authorizationCode,
  clientCredentials,
  createEgainConversationClient,
  type AuthStrategy,
  type EgainConversationClientOptions,
} from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';

import { failureOf } from './support/failures.ts';

interface Row {
  /** First cell, without what is no word. */
  readonly setting: string;
  /** The kinds of error that the last cell names. */
  readonly kinds: readonly string[];
  /** Words in quotation marks of the last cell: of the message or the hint. */
  readonly quoted: readonly string[];
  readonly codes: readonly string[];
}

const KINDS = ['invalid-request', 'unauthenticated', 'permission-denied', 'not-found', 'network'];

/** The rows of the table of "What you need" that tells what goes wrong. */
function rowsOf(vendor: string): Row[] {
  const readme = readFileSync(new URL(`../../../packages/${vendor}/README.md`, import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('## What you need'), readme.indexOf('## Jobs'));
  const lines = section.split('\n');
  const head = lines.findIndex((line) => /^\|.*when it is wrong\s*\|$/.test(line));
  const rows = lines.slice(head + 2, lines.indexOf('', head));
  return rows.map((line) => {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    const last = cells.at(-1)!;
    const words = [...last.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
    return {
      setting: cells[0]!.replaceAll('`', ''),
      kinds: words.filter((word) => KINDS.includes(word)).toSorted(),
      codes: words.filter((word) => /^\d{3}-\d+$|^invalid_\w+$/.test(word)).toSorted(),
      quoted: [...last.matchAll(/"([^"]+)"/g)].map(([, words]) => words!),
    };
  });
}

interface Failure {
  readonly kind: string;
  readonly code?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Compares a row with what its mistakes led to. */
async function compare(vendor: string, setting: string, mistakes: readonly Promise<unknown>[]): Promise<void> {
  const row = rowsOf(vendor).find((one) => one.setting === setting);
  expect(row, `${vendor}: no row for ${setting}`).toBeDefined();
  const failures = (await Promise.all(mistakes.map((mistake) => failureOf(mistake)))) as unknown as Failure[];
  expect([...new Set(failures.map(({ kind }) => kind))].toSorted()).toEqual(row!.kinds);
  if (row!.codes.length > 0) expect([...new Set(failures.map(({ code }) => code))].toSorted()).toEqual(row!.codes);
  const told = failures.map(({ message, hint }) => `${message} ${hint}`).join('\n');
  for (const words of row!.quoted) expect(told).toContain(words);
}

const text = (vendor: string): string => readFileSync(new URL(`../../../packages/${vendor}/README.md`, import.meta.url), 'utf8');

test.each(['egain', 'tenovos', 'worldserver'])('%s: every row of the table is tried here', (vendor) => {
  const tried: Record<string, string[]> = {
    egain: ['baseUrl', 'tokenUrl', 'clientId', 'clientSecret', 'scope'],
    tenovos: ['baseUrl', 'apiKey', 'username, password', 'role and group'],
    worldserver: ['baseUrl', 'username, password', 'user type', 'session limits', 'session_client_check', 'apiVersion'],
  };
  expect(rowsOf(vendor).map(({ setting }) => setting)).toEqual(tried[vendor]);
  expect(text(vendor)).toContain('A text for your administrator:');
});

test('eGain', async () => {
  await using fake = createFakeEgain({ assets: [{ id: 'a1', name: 'bird.jpg', bytes: 10 }] });
  const { clientOptions } = fake.conversation;
  const { auth } = clientOptions;
  const get = (change: Partial<EgainConversationClientOptions>): Promise<unknown> =>
    createEgainConversationClient({ ...clientOptions, ...change }).getAsset({ id: 'a1' });
  await get({});
  const foreign = createFakeEgain();
  await compare('egain', 'baseUrl', [
    get({ baseUrl: fake.attachments.baseUrl, fetch: statusFor('/core/', 404, clientOptions.fetch) }),
    // The token of one environment at the API of another.
    get({ auth: foreign.issueToken() }),
  ]);
  const elsewhere = (): AuthStrategy => clientCredentials({ ...auth, tokenUrl: new URL('/elsewhere', auth.tokenUrl).href });
  await compare('egain', 'tokenUrl', [
    get({ auth: elsewhere(), fetch: statusFor('/elsewhere', 404, clientOptions.fetch) }),
    get({ auth: elsewhere(), fetch: statusFor('/elsewhere', 200, clientOptions.fetch) }),
  ]);
  await compare('egain', 'clientId', [get({ auth: clientCredentials({ ...auth, clientId: 'another' }) })]);
  await compare('egain', 'clientSecret', [get({ auth: clientCredentials({ ...auth, clientSecret: 'ended' }) })]);
  await using poor = createFakeEgain({ scopes: [] });
  await compare('egain', 'scope', [
    get({ auth: clientCredentials({ ...auth, scope: 'app.conversation.conversationmgr.interaction.read' }) }),
    createEgainConversationClient(poor.conversation.clientOptions).getAsset({ id: 'a1' }),
  ]);
  // "the two are not interchangeable": a code is bound to the redirect URI and the verifier that it was asked for with.
  const { tokenUrl } = fake.userLogin.commercial;
  const wrong = authorizationCode({
    tokenUrl,
    clientId: auth.clientId,
    redirectUri: 'https://app.example.com/back',
    code: 'unknown',
    codeVerifier: 'v'.repeat(43),
  });
  expect(await failureOf(get({ auth: wrong }))).toMatchObject({ kind: 'unauthenticated', code: 'invalid_grant' });
});

test('Tenovos', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a1', name: 'hero.tif', bytes: 10 },
      { id: 'hidden', name: 'hidden.tif', bytes: 10, access: 'none' },
      { id: 'seen', name: 'seen.tif', bytes: 10, access: 'view' },
    ],
  });
  const { clientOptions } = fake;
  const get = (change: object, id = 'a1'): Promise<unknown> => createTenovosClient({ ...clientOptions, ...change }).retrieveAsset({ id });
  await get({});
  const { session } = await createTenovosClient(clientOptions).createToken({ body: { username: clientOptions.username, password: clientOptions.password } });
  await compare('tenovos', 'baseUrl', [get({ fetch: gatewayFor('/v1.5/', clientOptions.fetch), baseUrl: clientOptions.baseUrl.replace(/\/v1$/, '/v1.5') })]);
  await compare('tenovos', 'apiKey', [
    get({ apiKey: 'another' }),
    get({ apiKey: 'another', username: undefined, password: undefined, auth: session!.authorization }),
  ]);
  await compare('tenovos', 'username, password', [get({ username: 'nobody' }), get({ password: 'wrong' })]);
  await compare('tenovos', 'role and group', [get({}, 'hidden'), createTenovosClient(clientOptions).downloadAsset({ id: 'seen' })]);
});

/** What the vendor's gateway says of a path that it does not know. */
function gatewayFor(path: string, other: typeof fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (!new URL(request.url).pathname.startsWith(path)) return await other(request);
    return Response.json({ message: 'Missing Authentication Token' }, { status: 403 });
  };
}

test('WorldServer', async () => {
  await using fake = createFakeWorldServer({
    tasks: [{ id: 1, source: { name: 'a.docx', bytes: 10 } }],
    users: [
      { username: 'api', password: 'api password' },
      { username: 'guest', password: 'guest password', denied: ['getTasks'] },
    ],
  });
  const { clientOptions } = fake;
  const get = (change: object): Promise<unknown> => createWorldServerClient({ ...clientOptions, ...change }).getTasks();
  await get({});
  const notFound = (path: string): typeof fetch => statusFor(path, 404, clientOptions.fetch);
  await compare('worldserver', 'baseUrl', [
    get({ baseUrl: new URL('/ws/', clientOptions.baseUrl).href, fetch: notFound('/ws/') }),
    createWorldServerClient({ baseUrl: 'http://127.0.0.1:1/ws-api', username: 'a', password: 'b', maxRetries: 0 }).getTasks(),
  ]);
  await compare('worldserver', 'username, password', [get({ password: 'wrong' }), get({ username: 'nobody' })]);
  await compare('worldserver', 'user type', [get({ username: 'guest', password: 'guest password' })]);
  const { baseUrl, clock } = clientOptions;
  await compare('worldserver', 'session limits', [
    createWorldServerClient({ baseUrl, clock, fetch: clientOptions.fetch, auth: { sessionId: 'ended' } }).getTasks(),
  ]);
  const refused = failureOf(get({ fetch: statusFor('/ws-api/v2/tasks', 401, clientOptions.fetch) }));
  await compare('worldserver', 'session_client_check', [refused.then((error) => Promise.reject(error))]);
  expect((await refused).hint).toContain('session_client_check');
  const outdated = get({ fetch: notFound('/ws-api/v2/tasks') });
  await compare('worldserver', 'apiVersion', [outdated]);
  expect((await failureOf(outdated)).hint).toContain('apiVersion');
});

function statusFor(path: string, status: number, other: typeof fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    return new URL(request.url).pathname.startsWith(path) ? Response.json({ errors: [] }, { status }) : await other(request);
  };
}
