import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createFakes, fault, type Fakes } from './index.ts';

/** A request that provokes a documented error, without a planned fault wherever the vendor says what causes it. */
type Provoke = (fakes: Fakes) => Promise<Response>;

const json = { 'content-type': 'application/json' };
const bearer = (fakes: Fakes, options: Parameters<Fakes['egain']['issueToken']>[0] = {}): Record<string, string> => ({
  authorization: `Bearer ${fakes.egain.issueToken(options)}`,
});
const conversation =
  (path: string, init: (fakes: Fakes) => RequestInit): Provoke =>
  (fakes) =>
    fakes.fetch(`${fakes.egain.conversation.baseUrl}${path}`, init(fakes));
const predownload =
  (init: (fakes: Fakes) => Record<string, string>, body: string): Provoke =>
  (fakes) =>
    fakes.fetch(`${fakes.egain.attachments.baseUrl}/assets/predownload`, {
      method: 'POST',
      headers: { 'accept-language': 'en-US', ...json, ...init(fakes) },
      body,
    });

async function tenovos(fakes: Fakes): Promise<Record<string, string>> {
  const { baseUrl, apiKey, username, password } = fakes.tenovos.clientOptions;
  const login = await fakes.fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, ...json },
    body: JSON.stringify({ username, password }),
  });
  const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  return { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken, ...json };
}

async function worldserver(fakes: Fakes, query: string): Promise<Response> {
  const { baseUrl, username, password } = fakes.worldserver.clientOptions;
  const login = await fakes.fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: json, body: JSON.stringify({ username, password }) });
  const { sessionId } = (await login.json()) as { sessionId: string };
  return await fakes.fetch(`${baseUrl}/v2/files/asset?${query}`, { headers: { token: sessionId, ...json } });
}

const asked = '{"app":"email","type":"attachment.inbound","altId":"clients-only"}';
const fails =
  (operation: 'createAsset' | 'getAsset' | 'generateDownloadAttachmentURL', then: Provoke): Provoke =>
  (fakes) => {
    // What makes eGain fail is not documented: the one row that takes a fault.
    fakes.egain.faults.add(operation, fault.status(500));
    return then(fakes);
  };

/** Document, operation and status to requests; several where a page lists several causes. */
const ROWS: Readonly<Record<string, readonly Provoke[]>> = {
  'egain/conversation createAsset 400': [conversation('/assets', (f) => ({ method: 'POST', headers: { ...bearer(f), ...json }, body: '{}' }))],
  'egain/conversation createAsset 401': [conversation('/assets', () => ({ method: 'POST', headers: json, body: '{}' }))],
  'egain/conversation createAsset 403': [conversation('/assets', (f) => ({ method: 'POST', headers: { ...bearer(f, { scopes: [] }), ...json }, body: '{}' }))],
  'egain/conversation createAsset 500': [
    fails(
      'createAsset',
      conversation('/assets', (f) => ({ method: 'POST', headers: { ...bearer(f), ...json }, body: '{}' })),
    ),
  ],
  'egain/conversation getAsset 400': [conversation(`/assets/${'9'.repeat(256)}`, (f) => ({ headers: bearer(f) }))],
  'egain/conversation getAsset 401': [conversation('/assets/1001', () => ({ headers: { authorization: 'Bearer nobody' } }))],
  'egain/conversation getAsset 403': [conversation('/assets/1001', (f) => ({ headers: bearer(f, { scopes: ['app.conversation.conversationmgr.manage'] }) }))],
  'egain/conversation getAsset 404': [conversation('/assets/1002', (f) => ({ headers: bearer(f) }))],
  'egain/conversation getAsset 500': [
    fails(
      'getAsset',
      conversation('/assets/1001', (f) => ({ headers: bearer(f) })),
    ),
  ],
  'egain/attachments generateDownloadAttachmentURL 400': [predownload((f) => bearer(f), '{"app":"email"}')],
  'egain/attachments generateDownloadAttachmentURL 401': [predownload(() => ({}), asked)],
  'egain/attachments generateDownloadAttachmentURL 403': [predownload((f) => bearer(f, { actor: 'user' }), asked)],
  'egain/attachments generateDownloadAttachmentURL 406': [predownload((f) => ({ ...bearer(f), 'accept-language': 'en' }), asked)],
  'egain/attachments generateDownloadAttachmentURL 500': [
    fails(
      'generateDownloadAttachmentURL',
      predownload((f) => bearer(f), asked),
    ),
  ],
  'tenovos/assets retrieveAsset 401': [
    async (f) => f.fetch(`${f.tenovos.baseUrl}/assets/asset/a`, { headers: { ...(await tenovos(f)), authorization: 'wrong' } }),
    async (f) => f.fetch(`${f.tenovos.baseUrl}/assets/asset/hidden`, { headers: await tenovos(f) }),
    async (f) => {
      const headers = await tenovos(f);
      await f.clock.advance('60m');
      return await f.fetch(`${f.tenovos.baseUrl}/assets/asset/a`, { headers });
    },
  ],
  'tenovos/assets retrieveAsset 403': [
    async (f) => f.fetch(`${f.tenovos.baseUrl}/assets/asset/a`, { headers: { ...(await tenovos(f)), 'x-api-key': '' } }),
    async (f) => f.fetch(`${f.tenovos.baseUrl}/assets/asset/b`, { headers: await tenovos(f) }),
  ],
  'worldserver/files getAsset 400': [(f) => worldserver(f, 'resourceId=1&assetLocationType=TARGET'), (f) => worldserver(f, 'resourceId=2')],
  'worldserver/files getAsset 401': [(f) => f.fetch(`${f.worldserver.baseUrl}/v2/files/asset?resourceId=1`, { headers: json })],
  'worldserver/files getAsset 404': [
    (f) => worldserver(f, 'resourceId=5&resourceType=PROJECT'),
    (f) => worldserver(f, 'resourceId=5&resourceType=PROJECT_GROUP'),
  ],
  'worldserver/files getAsset 500': [
    (f) => worldserver(f, 'resourceId=one'),
    (f) => worldserver(f, 'resourceId=1&assetLocationType=ALL'),
    (f) => worldserver(f, 'resourceId=1&resourceType=FILE'),
  ],
};

interface Operation {
  readonly operationId: string;
  readonly 'x-seed'?: boolean;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** Every error status of the operations that the five pages describe. */
const documented: readonly string[] = ['egain/conversation', 'egain/attachments', 'tenovos/assets', 'worldserver/files'].flatMap((name) => {
  const document = parse(readFileSync(new URL(`../../../specs/${name}.yaml`, import.meta.url), 'utf8')) as { paths: Record<string, Record<string, Operation>> };
  return Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .filter((operation) => operation['x-seed'] === true)
    .flatMap((operation) =>
      Object.keys(operation.responses)
        .filter((status) => !status.startsWith('2'))
        .map((status) => `${name} ${operation.operationId} ${status}`),
    );
});

describe('every documented error can be provoked by a request', () => {
  test.each(documented)('%s', async (row) => {
    expect(ROWS).toHaveProperty([row]);
    for (const provoke of ROWS[row]!) {
      await using fakes = createFakes({
        egain: { assets: [{ id: '1001', name: 'a.jpg' }], attachments: [{ altId: 'clients-only', name: 'a.pdf', access: 'clients' }] },
        tenovos: {
          assets: [
            { id: 'a', name: 'a.jpg' },
            { id: 'hidden', name: 'b.jpg', access: 'none' },
          ],
        },
        worldserver: { tasks: [{ id: 1, source: { name: 'a.docx' } }] },
      });
      const response = await provoke(fakes);
      expect(String(response.status)).toBe(row.split(' ')[2]);
      await response.json();
      expect(fakes.problems).toEqual([]);
    }
  });
});
