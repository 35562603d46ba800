/**
 * The fakes against servers that were written from the vendors' pages without looking at them: the same client calls must
 * have the same outcome. Where the two may differ (codes and texts that no page gives), only what is documented is compared.
 */

import { createEgainAttachmentClient, createEgainConversationClient, type EgainAttachmentClient, type EgainConversationClient } from '@asset-clients/egain';
import { ApiError, createTenovosClient, type Content, type TenovosClient } from '@asset-clients/tenovos';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient, type WorldServerClient } from '@asset-clients/worldserver';
import { describe, expect, test } from 'vitest';

import { Egain } from '../test/independent/egain.ts';
import { Tenovos } from '../test/independent/tenovos.ts';
import { WorldServer } from '../test/independent/worldserver.ts';
import { sampleBytes } from '../test/support/bytes.ts';

const SIZE = 70_000;
const bytes = sampleBytes(SIZE, 7);
/** Known to both sides under these ids. */
const ASSET = '2dee909b-6b2b-4da8-96c3-af90fc1662ec';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** What a caller sees of a call. */
type Outcome = { readonly ok: unknown } | { readonly kind: string; readonly status: number | undefined; readonly outcome: string };

async function outcomeOf(call: () => PromiseLike<unknown>): Promise<Outcome> {
  try {
    return { ok: await call() };
  } catch (error) {
    if (!ApiError.is(error)) throw error;
    const { kind, status, outcome } = error;
    return { kind, status, outcome };
  }
}

async function read(content: PromiseLike<Content>): Promise<unknown> {
  const opened = await content;
  return { name: opened.name, bytes: Buffer.from(await opened.bytes()).equals(Buffer.from(bytes)) ? 'as stored' : 'others' };
}

interface Side<Client> extends AsyncDisposable {
  readonly client: Client;
  /** Ends all tokens or sessions on the server's side. */
  readonly expire: () => void | Promise<void>;
}

async function agree<Client>(
  sides: readonly [() => Promise<Side<Client>>, () => Promise<Side<Client>>],
  call: (client: Client, side: Side<Client>) => PromiseLike<unknown>,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const open of sides) {
    await using side = await open();
    outcomes.push(await outcomeOf(() => call(side.client, side)));
  }
  expect(outcomes[1]).toEqual(outcomes[0]);
  return outcomes[0]!;
}

const asJavaScript = (value: unknown): never => value as never;

describe('Tenovos', () => {
  const METADATA = [
    { name: 'Product', value: 'HooliDocs' },
    { name: 'Usage Table', value: [[{ name: 'Usage Length', value: '12 months' }]] },
  ];
  const sides = [
    async (): Promise<Side<TenovosClient>> => {
      const server = await Tenovos.start();
      server.addAsset({ id: ASSET, filename: 'hero.jpg', content: bytes, metadata: METADATA });
      const client = createTenovosClient(server.login);
      return {
        client,
        expire: () => server.expireTokens(),
        [Symbol.asyncDispose]: () => Promise.all([client.close(), server[Symbol.asyncDispose]()]).then(() => undefined),
      };
    },
    async (): Promise<Side<TenovosClient>> => {
      const fake = createFakeTenovos({ clock: 'manual', assets: [{ id: ASSET, name: 'hero.jpg', bytes, metadata: METADATA, renditions: false }] });
      const server = await fake.listen();
      const client = createTenovosClient({ ...server.clientOptions, clock: fake.clock });
      return {
        client,
        expire: () => void fake.clock.advance('61m'),
        [Symbol.asyncDispose]: () => Promise.all([client.close(), fake.close()]).then(() => undefined),
      };
    },
  ] as const;

  test.each<[string, (client: TenovosClient, side: Side<TenovosClient>) => PromiseLike<unknown>]>([
    ['reading details', async (dam) => (await dam.retrieveAsset({ id: ASSET, system: false, empty: false })).data?.metadata],
    ['an unknown asset', (dam) => dam.retrieveAsset({ id: UNKNOWN })],
    ['an original', (dam) => read(dam.downloadAsset({ id: ASSET }))],
    ['the content of an unknown asset', (dam) => dam.getAssetContent({ id: UNKNOWN }, { maxRetries: 0 })],
    ['a rendition that is not there', (dam) => dam.downloadAsset({ id: ASSET, rendition: 'imageThumb' })],
    [
      'a call after the token has ended',
      async (dam, side) => {
        await dam.retrieveAsset({ id: ASSET });
        await side.expire();
        return (await dam.retrieveAsset({ id: ASSET })).data?.filename;
      },
    ],
    ['a refused argument', (dam) => dam.retrieveAsset(asJavaScript({ id: 5 }))],
    [
      'exposing an unknown asset',
      (dam) =>
        dam.exposeAssets({
          body: [{ id: UNKNOWN, identifier: 'objectId', components: [{ componentType: 'object', componentRef: 'original', expiration: 60 }] }],
        }),
    ],
  ])('%s has the same outcome', async (_title, call) => {
    expect(await agree(sides, call)).toBeDefined();
  });
});

describe('WorldServer', () => {
  const sides = [
    async (): Promise<Side<WorldServerClient>> => {
      const server = await WorldServer.start();
      server.addTask('1234', { name: 'guide.docx', content: Buffer.from(bytes) });
      server.addTask('1235', { name: 'guide.docx', content: Buffer.from(bytes) }, { name: 'Führer.docx', content: Buffer.from(bytes) });
      const client = createWorldServerClient(server.login);
      return { client, expire: () => server.endSessions(), [Symbol.asyncDispose]: () => client.close().then(() => server[Symbol.asyncDispose]()) };
    },
    async (): Promise<Side<WorldServerClient>> => {
      const source = { name: 'guide.docx', bytes };
      const fake = createFakeWorldServer({
        clock: 'manual',
        tasks: [
          { id: 1234, source },
          { id: 1235, source, target: { name: 'Führer.docx', bytes } },
        ],
      });
      const server = await fake.listen();
      const client = createWorldServerClient({ ...server.clientOptions, clock: fake.clock });
      return { client, expire: () => void fake.clock.advance('3h'), [Symbol.asyncDispose]: () => client.close().then(() => fake.close()) };
    },
  ] as const;

  test.each<[string, (client: WorldServerClient, side: Side<WorldServerClient>) => PromiseLike<unknown>]>([
    ['the source of a task', (tms) => read(tms.downloadAsset({ resourceId: 1234 }))],
    ['the target of a task', (tms) => read(tms.downloadAsset({ resourceId: '1235', assetLocationType: 'TARGET' }))],
    ['a target that is not translated yet', (tms) => tms.downloadAsset({ resourceId: 1234, assetLocationType: 'TARGET' })],
    ['an unknown task', (tms) => tms.downloadAsset({ resourceId: 9 })],
    ['an unknown project', (tms) => tms.downloadAsset({ resourceId: 9, resourceType: 'PROJECT' })],
    ['an unknown project group', (tms) => tms.downloadAsset({ resourceId: 9, resourceType: 'PROJECT_GROUP' })],
    ['an id that is no number', (tms) => tms.downloadAsset({ resourceId: '12a' })],
    ['an id that is no number, asked for past the checks', (tms) => tms.request('GET /v2/files/asset', { query: { resourceId: 'x' } })],
    [
      'a location type that is none, asked for past the checks',
      (tms) => tms.request('GET /v2/files/asset', { query: { resourceId: 1234, assetLocationType: 'BOTH' } }),
    ],
    [
      'a resource type that is none, asked for past the checks',
      (tms) => tms.request('GET /v2/files/asset', { query: { resourceId: 1234, resourceType: 'JOB' } }),
    ],
    [
      'a call after the session has ended',
      async (tms, side) => {
        await read(tms.downloadAsset({ resourceId: 1234 }));
        await side.expire();
        return read(tms.downloadAsset({ resourceId: 1234 }));
      },
    ],
    ['an upload', async (tms) => (await tms.uploadFile({ name: 'neu.docx', content: bytes })).name],
  ])('%s has the same outcome', async (_title, call) => {
    expect(await agree(sides, call)).toBeDefined();
  });
});

interface EgainClients {
  readonly chat: EgainConversationClient;
  readonly mail: EgainAttachmentClient;
  readonly altId: string;
  readonly assetId: string;
}

describe('eGain', () => {
  const sides = [
    async (): Promise<Side<EgainClients>> => {
      const server = await Egain.start();
      const assetId = server.addAsset({ name: 'bird.jpg', content: bytes });
      const altId = server.addAttachment({ app: 'email', type: 'attachment.inbound', name: 'invoice.pdf', content: bytes });
      const auth = {
        type: 'clientCredentials' as const,
        tokenUrl: server.commercialTokenUrl,
        clientId: Egain.clientId,
        clientSecret: Egain.clientSecret,
        scope: 'https://api.egain.cloud/auth/.default',
      };
      const chat = createEgainConversationClient({ baseUrl: server.conversationUrl, auth });
      const mail = createEgainAttachmentClient({ baseUrl: server.attachmentsUrl, auth });
      return {
        client: { chat, mail, altId, assetId },
        expire: () => server.expireTokens(),
        [Symbol.asyncDispose]: () => Promise.all([chat.close(), mail.close(), server[Symbol.asyncDispose]()]).then(() => undefined),
      };
    },
    async (): Promise<Side<EgainClients>> => {
      const [assetId, altId] = [ASSET, '7b6c5fff-036e-4a40-b68a-a67c592fc079'];
      const fake = createFakeEgain({
        clock: 'manual',
        assets: [{ id: assetId, name: 'bird.jpg', bytes }],
        attachments: [{ altId, app: 'email', type: 'attachment.inbound', name: 'invoice.pdf', bytes }],
      });
      const server = await fake.listen();
      const chat = createEgainConversationClient({ ...server.conversation.clientOptions, clock: fake.clock });
      const mail = createEgainAttachmentClient({ ...server.attachments.clientOptions, clock: fake.clock });
      return {
        client: { chat, mail, altId, assetId },
        expire: () => void fake.clock.advance('61m'),
        [Symbol.asyncDispose]: () => Promise.all([chat.close(), mail.close(), fake.close()]).then(() => undefined),
      };
    },
  ] as const;
  const where = { channel: { type: 'sms' }, sender: { type: 'customer' } } as const;

  test.each<[string, (clients: EgainClients, side: Side<EgainClients>) => PromiseLike<unknown>]>([
    [
      'an upload that is read back',
      async ({ chat }) => {
        const { id, ...asset } = await chat.uploadAsset({ name: 'photo.jpg', content: new Blob([bytes]), ...where });
        return { asset, back: await read(chat.downloadAsset({ id })) };
      },
    ],
    ['a download', ({ chat, assetId }) => read(chat.downloadAsset({ id: assetId }))],
    ['an unknown asset', ({ chat }) => chat.downloadAsset({ id: UNKNOWN })],
    [
      'an asset whose content was never uploaded',
      async ({ chat }) => {
        const { id } = await chat.createAsset({ body: { name: 'later.jpg', size: 10, ...where } });
        return chat.downloadAsset({ id: id! });
      },
    ],
    [
      'an upload of another type than was signed',
      async ({ chat }) => {
        const { contentUrl } = await chat.createAsset({ body: { name: 'photo.jpg', size: SIZE, ...where } });
        return chat.uploadContent({ contentUrl: contentUrl!, content: bytes, contentType: 'application/pdf' });
      },
    ],
    [
      'an upload of another size than was signed',
      async ({ chat }) => {
        const { contentUrl } = await chat.createAsset({ body: { name: 'photo.jpg', size: SIZE + 1, ...where } });
        return chat.uploadContent({ contentUrl: contentUrl!, content: bytes, contentType: 'image/jpeg' });
      },
    ],
    ['more than 10 MiB', ({ chat }) => chat.uploadAsset({ name: 'film.mp4', content: new Blob([new Uint8Array(10 * 1024 * 1024 + 1)]), ...where })],
    [
      'deleting an asset',
      async ({ chat, assetId }) => {
        await chat.deleteAsset({ id: assetId });
        return chat.getAsset({ id: assetId });
      },
    ],
    ['an attachment', ({ mail, altId }) => read(mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId }))],
    ['an unknown attachment', ({ mail }) => mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId: UNKNOWN })],
    [
      'a call after the token has ended',
      async ({ chat, assetId }, side) => {
        await chat.getAsset({ id: assetId });
        await side.expire();
        return (await chat.getAsset({ id: assetId })).name;
      },
    ],
  ])('%s has the same outcome', async (_title, call) => {
    expect(await agree(sides, call)).toBeDefined();
  });
});
