/** Every operation and job of the clients, each request of it that a fault can hit, and the traits that the rules ask for. */

import { createEgainAttachmentClient, createEgainConversationClient, type EgainAttachmentClient, type EgainConversationClient } from '@asset-clients/egain';
import type { CallOptions, Content } from '@asset-clients/runtime';
import { createTenovosClient, type TenovosClient } from '@asset-clients/tenovos';
import type { Fake } from '@asset-clients/testing';
import type { FakeEgain } from '@asset-clients/testing/egain';
import type { FakeTenovos } from '@asset-clients/testing/tenovos';
import type { FakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient, type WorldServerClient } from '@asset-clients/worldserver';

import type { Shape } from '../differential/cases.ts';
import { egain, ours, tenovos, worldServer } from '../differential/fakes.ts';
import { UPLOAD_BYTES } from '../differential/faults.ts';
import { readAll } from './reading.ts';

/** What the rules know of a request; taken from the vendors' documents and retry tables. */
export type Trait =
  /** The answer is JSON, is empty, or is a file. */
  | 'json'
  | 'empty'
  | 'file'
  /** May be sent again when nobody knows what became of it; `creating` requests may not. */
  | 'repeatable'
  | 'creating'
  /** The retry table allows one retry after 502 only. */
  | '502 once'
  /** Ends its own session: whatever became of it, a second one is refused. */
  | 'ends the session'
  /** The answer has status 204, and so no length that could be wrong. */
  | '204'
  /** An archive, longer than the files in it. */
  | 'archive'
  /** Sent with a login. */
  | 'session'
  /** Is the login of another call. */
  | 'login'
  /** Is the request to an OAuth token endpoint. */
  | 'token endpoint'
  /** Goes to a signed URL, which is asked for anew for each attempt. */
  | 'signed'
  /** Is an upload to a signed URL, which is sent once. */
  | 'signed upload'
  /** A rendition: its address has no signature until it is refused. */
  | 'rendition'
  /** The vendor tells the size of the file beforehand. */
  | 'announced'
  /** The server has ranges and strong ETags. */
  | 'ETag'
  /** The request has a body; one of DELETE is sent again where POST becomes GET. */
  | 'body'
  | 'DELETE';

/** What came of a step that did not fail. */
export interface Came {
  /** `'all'`, or what is different. */
  readonly what: string;
  /** `verified` of the receipt of a download. */
  readonly verified?: string;
}

/** A step, ready to run. */
export interface Ready {
  readonly fake: Fake<string>;
  run(options: CallOptions): Promise<Came>;
  close(): Promise<void>;
}

/** One request of one operation or job. */
export interface Step {
  readonly name: string;
  /** The operation of the fake that the fault hits. */
  readonly hits: string;
  /** What `operation` of the error may say. */
  readonly blames: readonly string[];
  readonly vendor: 'egain' | 'tenovos' | 'worldserver';
  readonly traits: ReadonlySet<Trait>;
  /** Requests that the step sends to `hits` when nothing fails. */
  readonly usual: number;
  ready(shape: Shape): Promise<Ready>;
}

/** Beside the name: `hits` when it is another, `blames` when the error is of another operation than was hit. */
interface Facts {
  readonly hits?: string;
  readonly blames?: string | readonly string[];
  readonly usual?: number;
}

const MAX_RETRIES = 2;
const upload = new Uint8Array(UPLOAD_BYTES).fill(7);
const person = { channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
const all = { what: 'all' } as const;

type Work<Client, F> = (client: Client, options: CallOptions, fake: F) => Promise<Came>;

function step<Client extends { close(): Promise<void> }, F extends Fake<string>>(
  vendor: Step['vendor'],
  prepare: (shape: Shape) => Promise<{ client: Client; fake: F }>,
  name: string,
  traits: readonly Trait[],
  facts: Facts,
  work: Work<Client, F>,
): Step {
  const hits = facts.hits ?? name.split(/[ .]/)[0]!;
  return {
    name: `${vendor} ${name}${facts.hits === undefined || name.endsWith(facts.hits) ? '' : ` (${facts.hits})`}`,
    hits,
    blames: [facts.blames ?? hits].flat(),
    vendor,
    traits: new Set(traits),
    usual: facts.usual ?? 1,
    async ready(shape) {
      const { client, fake } = await prepare(shape);
      return { fake, run: (options) => work(client, options, fake), close: () => client.close() };
    },
  };
}

const dam = (name: string, traits: readonly Trait[], facts: Facts, work: Work<TenovosClient, FakeTenovos>): Step =>
  step(
    'tenovos',
    async (shape) => {
      const { fake, options } = await tenovos(shape, 'auto');
      return { fake, client: createTenovosClient(ours(options, shape, MAX_RETRIES)) };
    },
    name,
    traits,
    facts,
    work,
  );
const chat = (name: string, traits: readonly Trait[], facts: Facts, work: Work<EgainConversationClient, FakeEgain>): Step =>
  step(
    'egain',
    async (shape) => {
      const { fake, chat: options } = await egain(shape, 'auto');
      return { fake, client: createEgainConversationClient(ours(options, shape, MAX_RETRIES)) };
    },
    name,
    traits,
    facts,
    work,
  );
const mail = (name: string, traits: readonly Trait[], facts: Facts, work: Work<EgainAttachmentClient, FakeEgain>): Step =>
  step(
    'egain',
    async (shape) => {
      const { fake, mail: options } = await egain(shape, 'auto');
      return { fake, client: createEgainAttachmentClient(ours(options, shape, MAX_RETRIES)) };
    },
    name,
    traits,
    facts,
    work,
  );
const tms = (name: string, traits: readonly Trait[], facts: Facts, work: Work<WorldServerClient, FakeWorldServer>): Step =>
  step(
    'worldserver',
    async (shape) => {
      const { fake, options } = await worldServer(shape);
      return { fake, client: createWorldServerClient(ours(options, shape, MAX_RETRIES)) };
    },
    name,
    traits,
    facts,
    work,
  );

/** All, when a member of the answer is what it has to be. */
const right = (is: boolean): Came => (is ? all : { what: 'another answer' });

const attachment = { app: 'email', type: 'attachment.inbound', altId: 'x1' } as const;
const original = async (client: TenovosClient, options: CallOptions, fake: FakeTenovos): Promise<Came> =>
  readAll(await client.downloadAsset({ id: 'a1' }, options), 'toFile', () => fake.asset('a1')!.bytes());
const rendition = async (client: TenovosClient, options: CallOptions, fake: FakeTenovos): Promise<Came> =>
  readAll(await client.downloadAsset({ id: 'a1', rendition: 'imagePreview' }, options), 'bytes', () => fake.asset('a1')!.bytes('imagePreview'));
const conversation = async (client: EgainConversationClient, options: CallOptions, fake: FakeEgain): Promise<Came> =>
  readAll(await client.downloadAsset({ id: 'e1' }, options), 'toFile', () => fake.asset('e1')!.bytes());
const uploaded = async (client: EgainConversationClient, options: CallOptions, fake: FakeEgain): Promise<Came> => {
  const { id } = await client.uploadAsset({ name: 'bird.jpg', content: upload, ...person }, options);
  return right((await fake.asset(id)?.size()) === UPLOAD_BYTES && fake.asset(id)?.uploaded === true);
};
const mailed = async (client: EgainAttachmentClient, options: CallOptions, fake: FakeEgain): Promise<Came> =>
  readAll(await client.downloadAttachment(attachment, options), 'stream', () => fake.attachment('x1')!.bytes());
const source =
  (open: (client: WorldServerClient, options: CallOptions) => Promise<Content>, reading: 'bytes' | 'stream' | 'toFile') =>
  async (client: WorldServerClient, options: CallOptions, fake: FakeWorldServer): Promise<Came> =>
    readAll(await open(client, options), reading, () => fake.task(1)!.source.bytes());
const stored = (fake: FakeWorldServer): Came => right(fake.uploads().at(-1)?.size === UPLOAD_BYTES);
/** A form goes to a `fetch` function as a Blob, and nobody sees that move: `timeoutMs` waits longer. */
const patient = { deadlineMs: 30_000 };

const READ: readonly Trait[] = ['json', 'repeatable', 'session'];
const READ_WITH_BODY: readonly Trait[] = [...READ, 'body'];
const LOGIN: readonly Trait[] = ['json', 'repeatable', 'login', 'body'];
const TOKEN_ENDPOINT: readonly Trait[] = ['json', 'login', 'token endpoint', 'body'];
const SIGNED_FILE: readonly Trait[] = ['file', 'repeatable', 'signed'];

/** The table's rows. */
export const steps: readonly Step[] = [
  // Tenovos
  dam('createToken', ['json', 'repeatable', 'body'], {}, async (client, options, { clientOptions: { username, password } }) =>
    right(typeof (await client.createToken({ body: { username, password } }, options)).session?.authorization === 'string'),
  ),
  dam(
    'revokeToken',
    ['json', 'creating', '502 once', 'ends the session', 'body', 'DELETE'],
    {},
    async (client, options, { clientOptions: { username, password } }) => {
      const token = await client.createToken({ body: { username, password } });
      const { endpointUrl = '', clientId = '', userPoolId = '', session = {} } = token;
      const { authorization = '', accessToken = '', refreshToken = '' } = session;
      const body = { endpointUrl, clientId, userPoolId, username, session: { authorization, accessToken, refreshToken } };
      return right((await client.revokeToken({ body }, { ...options, headers: { AccessToken: accessToken } })).session?.authorization === '');
    },
  ),
  dam('retrieveAsset', READ, {}, async (client, options) => right((await client.retrieveAsset({ id: 'a1' }, options)).data?.filename === 'hero.tif')),
  dam('retrieveAsset after createToken', LOGIN, { hits: 'createToken' }, async (client, options) =>
    right((await client.retrieveAsset({ id: 'a1' }, options)).data?.filename === 'hero.tif'),
  ),
  dam('getAssetContent', [...READ, '502 once'], {}, async (client, options) =>
    right(typeof (await client.getAssetContent({ id: 'a1' }, options)).presignedURL === 'string'),
  ),
  dam('exposeAssets', READ_WITH_BODY, {}, async (client, options) => {
    const body = [
      { id: 'a1', identifier: 'objectId' as const, components: [{ componentType: 'object' as const, componentRef: 'original' as const, expiration: 300 }] },
    ];
    return right((await client.exposeAssets({ body }, options)).length === 1);
  }),
  dam('searchKeyword', READ_WITH_BODY, {}, async (client, options) =>
    right((await client.searchKeyword({ body: { searchTerm: ['hero'], operation: 'AND' } }, options)).hitCount === 1),
  ),
  // The page after the last one is asked for, and is empty.
  dam('searchKeyword.all', READ_WITH_BODY, { usual: 2 }, async (client, options) =>
    right((await Array.fromAsync(client.searchKeyword.all({ body: { searchTerm: ['hero'], operation: 'AND' } }, options))).length === 1),
  ),
  dam('scanAssets', READ_WITH_BODY, {}, async (client, options) => right((await client.scanAssets({ body: { limit: 10 } }, options)).hitCount === 1)),
  dam('scanAssets.all', READ_WITH_BODY, {}, async (client, options) =>
    right((await Array.fromAsync(client.scanAssets.all({ body: { limit: 10 } }, options))).length === 1),
  ),
  dam('downloadAsset', [...READ, '502 once'], { hits: 'getAssetContent' }, original),
  dam('downloadAsset', [...SIGNED_FILE, 'ETag'], { hits: 'content', blames: 'downloadAsset' }, original),
  dam('downloadAsset of a rendition', READ, { hits: 'retrieveAsset' }, rendition),
  dam('downloadAsset of a rendition', [...SIGNED_FILE, 'ETag', 'rendition'], { hits: 'rendition', blames: 'downloadAsset' }, rendition),

  // eGain, conversations
  chat('createAsset', ['json', 'creating', 'session', 'body'], {}, async (client, options) =>
    right(typeof (await client.createAsset({ body: { ...person, name: 'bird.jpg', size: 10 } }, options)).contentUrl === 'string'),
  ),
  chat('getAsset', READ, {}, async (client, options) => right((await client.getAsset({ id: 'e1' }, options)).name === 'bird.jpg')),
  chat('getAsset after token', TOKEN_ENDPOINT, { hits: 'token', blames: ['token', 'getAsset'] }, async (client, options) =>
    right((await client.getAsset({ id: 'e1' }, options)).name === 'bird.jpg'),
  ),
  chat('deleteAsset', ['empty', '204', 'repeatable', 'session'], {}, async (client, options, fake) => {
    await client.deleteAsset({ id: 'e1' }, options);
    return right(fake.asset('e1') === undefined);
  }),
  chat('downloadAsset', READ, { hits: 'getAsset' }, conversation),
  chat('downloadAsset', [...SIGNED_FILE, 'announced'], { hits: 'content', blames: 'downloadAsset' }, conversation),
  chat('uploadAsset', ['json', 'creating', 'session', 'body'], { hits: 'createAsset' }, uploaded),
  chat('uploadAsset', ['empty', 'creating', 'signed upload', 'body'], { hits: 'upload', blames: 'uploadContent' }, uploaded),
  chat('uploadContent', ['empty', 'creating', 'signed upload', 'body'], { hits: 'upload', blames: 'uploadContent' }, async (client, options, fake) => {
    const { id, contentUrl } = await client.createAsset({ body: { ...person, name: 'bird.jpg', size: UPLOAD_BYTES } });
    await client.uploadContent({ contentUrl: contentUrl!, content: upload, contentType: 'image/jpeg' }, options);
    return right(fake.asset(id!)?.uploaded === true);
  }),

  // eGain, attachments
  mail('generateDownloadAttachmentURL', READ_WITH_BODY, {}, async (client, options) =>
    right((await client.generateDownloadAttachmentURL({ body: attachment }, { ...options, accept: undefined })).name === 'invoice.pdf'),
  ),
  mail(
    'generateDownloadAttachmentURL after token',
    TOKEN_ENDPOINT,
    { hits: 'token', blames: ['token', 'generateDownloadAttachmentURL'] },
    async (client, options) =>
      right((await client.generateDownloadAttachmentURL({ body: attachment }, { ...options, accept: undefined })).name === 'invoice.pdf'),
  ),
  mail('downloadAttachment', READ_WITH_BODY, { hits: 'generateDownloadAttachmentURL' }, mailed),
  mail('downloadAttachment', [...SIGNED_FILE, 'announced'], { hits: 'content', blames: 'downloadAttachment' }, mailed),

  // WorldServer
  tms('login', ['json', 'repeatable', 'body'], {}, async (client, options, { clientOptions: { username, password } }) =>
    right(typeof (await client.login({ body: { username, password } }, options)).sessionId === 'string'),
  ),
  tms('getTasks after login', LOGIN, { hits: 'login' }, async (client, options) =>
    right((await client.getTasks({ projectId: '7' }, options)).items?.length === 1),
  ),
  tms('checkToken', ['json', 'repeatable', 'session'], {}, async (client, options) => right(typeof (await client.checkToken({}, options)) === 'object')),
  tms('logout', ['empty', 'repeatable', 'session', 'ends the session'], {}, async (client, options) => {
    await client.logout({}, options);
    return all;
  }),
  tms('getTasks', READ, {}, async (client, options) => right((await client.getTasks({ projectId: '7' }, options)).items?.length === 1)),
  tms('getTasks.all', READ, {}, async (client, options) => right((await Array.fromAsync(client.getTasks.all({ projectId: '7' }, options))).length === 1)),
  tms(
    'getAsset',
    ['file', 'repeatable', 'session'],
    {},
    source((client, options) => client.getAsset({ resourceId: 1 }, options), 'stream'),
  ),
  tms(
    'downloadAsset',
    ['file', 'repeatable', 'session'],
    { hits: 'getAsset' },
    source((client, options) => client.downloadAsset({ resourceId: 1 }, options), 'toFile'),
  ),
  // What the archive has to be is asked once more, when the fault is over.
  tms('getAssets', ['file', 'archive', 'repeatable', 'session'], { usual: 2 }, async (client, options, fake) =>
    readAll(await client.getAssets({ resourceIds: [1] }, options), 'bytes', async () => {
      fake.faults.clear();
      return (await client.getAssets({ resourceIds: [1] })).bytes();
    }),
  ),
  tms('verifyAssets', READ, {}, async (client, options) =>
    right(((await client.verifyAssets({ resourceIds: [1] }, options)) as unknown as readonly unknown[]).length === 1),
  ),
  tms('uploadAssets', ['json', 'creating', 'session', 'body'], {}, async (client, options, fake) => {
    await client.uploadAssets({ body: { file: { content: upload, name: 'guide.docx' } } }, { ...patient, ...options });
    return stored(fake);
  }),
  tms('uploadFile', ['json', 'creating', 'session', 'body'], { hits: 'uploadAssets' }, async (client, options, fake) => {
    await client.uploadFile({ name: 'guide.docx', content: upload }, { ...patient, ...options });
    return stored(fake);
  }),
];
