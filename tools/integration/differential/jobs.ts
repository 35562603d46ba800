/** What is done under a fault: one piece of work of one client, told in a few words. */

import { setTimeout as wait } from 'node:timers/promises';

import ky, { type KyInstance } from 'ky';

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { ApiError } from '@asset-clients/runtime';
import { createTenovosClient } from '@asset-clients/tenovos';
import type { Fake } from '@asset-clients/testing';
import type { FakeEgain } from '@asset-clients/testing/egain';
import type { FakeTenovos } from '@asset-clients/testing/tenovos';
import type { FakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { patientTimer } from '../test/support/hasty-clock.ts';
import type { Shape } from './cases.ts';
import { Broken, compare, egain, ours, read, tenovos, worldServer, type Reading } from './fakes.ts';
import { UPLOAD_BYTES, type Body } from './faults.ts';

/** Who asks. */
export type Asker = 'ours' | 'ky' | 'fetch';

/** Milliseconds after which ky and built-in fetch are told to give up. */
const PATIENCE_MS = 200;
/** A job, ready to run: everything before the call that the fault hits is done. */
interface Ready {
  readonly fake: Fake<string>;
  /** Does it; the text says what came, when all went well. */
  run(): Promise<string>;
}

/** A piece of work. */
export interface Job {
  readonly asker: Asker;
  /** The operation that the fault hits. */
  readonly operation: string;
  readonly body: Body;
  ready(shape: Shape, retries: number): Promise<Ready>;
}

const upload = new Uint8Array(UPLOAD_BYTES).fill(7);

// ---- our clients ----

const tenovosJob = (operation: string, body: Body, work: (dam: ReturnType<typeof createTenovosClient>, fake: FakeTenovos) => Promise<string>): Job => ({
  asker: 'ours',
  operation,
  body,
  async ready(shape, retries) {
    const { fake, options } = await tenovos(shape, 'auto');
    const client = createTenovosClient(ours(options, shape, retries));
    return { fake, run: () => closing(client, () => work(client, fake)) };
  },
});

const chatJob = (operation: string, body: Body, work: (chat: ReturnType<typeof createEgainConversationClient>, fake: FakeEgain) => Promise<string>): Job => ({
  asker: 'ours',
  operation,
  body,
  async ready(shape, retries) {
    const { fake, chat } = await egain(shape, 'auto');
    const client = createEgainConversationClient(ours(chat, shape, retries));
    return { fake, run: () => closing(client, () => work(client, fake)) };
  },
});

const mailJob = (operation: string, body: Body, work: (mail: ReturnType<typeof createEgainAttachmentClient>, fake: FakeEgain) => Promise<string>): Job => ({
  asker: 'ours',
  operation,
  body,
  async ready(shape, retries) {
    const { fake, mail } = await egain(shape, 'auto');
    const client = createEgainAttachmentClient(ours(mail, shape, retries));
    return { fake, run: () => closing(client, () => work(client, fake)) };
  },
});

const worldServerJob = (
  operation: string,
  body: Body,
  work: (tms: ReturnType<typeof createWorldServerClient>, fake: FakeWorldServer) => Promise<string>,
): Job => ({
  asker: 'ours',
  operation,
  body,
  async ready(shape, retries) {
    const { fake, options } = await worldServer(shape);
    const client = createWorldServerClient(ours(options, shape, retries));
    return { fake, run: () => closing(client, () => work(client, fake)) };
  },
});

async function closing(client: { close(): Promise<void> }, work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } finally {
    // What a goodbye meets is none of this.
    void client.close().catch(() => undefined);
  }
}

const tenovosDownload = (reading: Reading): Job =>
  tenovosJob('content', 'file', (dam, fake) => read(dam.downloadAsset({ id: 'a1' }), reading, fake.asset('a1')!.bytes()));
const chatDownload = (reading: Reading): Job =>
  chatJob('content', 'file', (chat, fake) => read(chat.downloadAsset({ id: 'e1' }), reading, fake.asset('e1')!.bytes()));
const mailDownload = (reading: Reading): Job =>
  mailJob('content', 'file', (mail, fake) =>
    read(mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId: 'x1' }), reading, fake.attachment('x1')!.bytes()),
  );
const worldServerDownload = (reading: Reading): Job =>
  worldServerJob('getAsset', 'file', (tms, fake) => read(tms.downloadAsset({ resourceId: 1 }), reading, fake.task(1)!.source.bytes()));

const uploadAsset = (operation: 'createAsset' | 'upload'): Job =>
  chatJob(operation, 'text', async (chat, fake) => {
    const { id } = await chat.uploadAsset({ name: 'bird.jpg', content: upload, channel: { type: 'sms' }, sender: { type: 'customer' } });
    return fake.asset(id)?.uploaded === true ? 'the asset' : 'nothing uploaded';
  });

// ---- ky and built-in fetch ----

type Send = (url: string, init: RequestInit) => Promise<Response>;

const asJson = { 'content-type': 'application/json' };

interface Plain {
  readonly fake: Fake<string>;
  readonly fetch: typeof fetch;
  readonly url: string;
  readonly init: RequestInit;
  /** What a file has to be. */
  readonly expected?: Uint8Array;
}

async function plainTenovos(shape: Shape, what: 'json' | 'login' | 'download'): Promise<Plain> {
  const { fake, options } = await tenovos(shape, 'system');
  const { baseUrl, apiKey, username, password } = options;
  const call = options.fetch as typeof fetch;
  const login = { method: 'POST', headers: { ...asJson, 'x-api-key': apiKey }, body: JSON.stringify({ username, password }) };
  if (what === 'login') return { fake, fetch: call, url: `${baseUrl}/auth/token`, init: login };
  const { session } = (await (await call(`${baseUrl}/auth/token`, login)).json()) as { session: Record<'authorization' | 'accessToken', string> };
  const headers = { ...asJson, 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
  if (what === 'json') return { fake, fetch: call, url: `${baseUrl}/assets/asset/a1`, init: { headers } };
  const { presignedURL } = (await (await call(`${baseUrl}/asset/a1/content`, { headers })).json()) as { presignedURL: string };
  return { fake, fetch: call, url: presignedURL, init: {}, expected: await fake.asset('a1')!.bytes() };
}

async function plainUpload(shape: Shape): Promise<Plain> {
  const { fake, chat } = await egain(shape, 'system');
  const call = chat.fetch as typeof fetch;
  const created = await call(`${chat.baseUrl}/assets`, {
    method: 'POST',
    headers: { ...asJson, authorization: `Bearer ${fake.issueToken()}` },
    body: JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'bird.jpg', size: UPLOAD_BYTES }),
  });
  const { contentUrl } = (await created.json()) as { contentUrl: string };
  // A Blob: built-in fetch of Node 22 cannot send the same array again when it follows a 307.
  return { fake, fetch: call, url: contentUrl, init: { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: new Blob([upload]) } };
}

/** One request; the body is read as it comes, slowly where asked for. */
async function exchange(send: Send, { url, init, expected }: Plain, slowly: boolean, signal: AbortSignal): Promise<string> {
  // The signal of a Request is held weakly: collected as garbage, it does not end a silent body any more.
  const given = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  given.catch(() => undefined);
  const chunks: Uint8Array[] = [];
  let status: number | undefined;
  const got = (): string => (expected === undefined || status !== 200 ? textual(Buffer.concat(chunks).toString()) : compare(chunks, expected));
  try {
    const response = await Promise.race([send(url, init), given]);
    ({ status } = response);
    if (slowly) await wait(60);
    const reader = response.body?.getReader();
    for (;;) {
      const next = await Promise.race([reader?.read(), given]);
      if (next?.value === undefined) break;
      chunks.push(next.value);
      if (slowly) await wait(5);
    }
    return `${status}, ${got()}`;
  } catch (error) {
    // Built-in fetch drops what came and was not read yet when the connection breaks: how much that is, is a matter of time.
    throw new Broken(error, status === undefined ? '' : `after ${status} and ${slowly ? 'some bytes' : got()}`);
  }
}

/** What a text is, in a word; ids and addresses in it differ from fake to fake, and with them its length. */
function textual(text: string): string {
  if (text === '') return 'nothing';
  if (text.startsWith('<!DOCTYPE html>')) return 'HTML';
  const whole = text.replace(/\++$/, '');
  const more = text.length - whole.length;
  try {
    JSON.parse(whole);
    return more === 0 ? 'JSON' : `JSON and ${more} bytes`;
  } catch {
    return text.length <= 20 ? `${text.length} bytes` : whole.includes('�') ? 'broken JSON' : /^[{<].*[}>]\s*$/s.test(text) ? 'other text' : 'a part of JSON';
  }
}

const fetchJob = (operation: string, body: Body, prepare: (shape: Shape) => Promise<Plain>, slowly = false): Job => ({
  asker: 'fetch',
  operation,
  body,
  async ready(shape) {
    const plain = await prepare(shape);
    return {
      fake: plain.fake,
      async run() {
        const stop = new AbortController();
        const timer = patientTimer(() => stop.abort(new DOMException('enough', 'TimeoutError')), PATIENCE_MS + (slowly ? 100 : 0));
        try {
          return await exchange((url, init) => plain.fetch(url, { ...init, signal: stop.signal }), plain, slowly, stop.signal);
        } finally {
          timer.stop();
        }
      },
    };
  },
});

const kyJob = (operation: string, body: Body, prepare: (shape: Shape) => Promise<Plain>, slowly = false): Job => ({
  asker: 'ky',
  operation,
  body,
  async ready(shape, retries) {
    const plain = await prepare(shape);
    return {
      fake: plain.fake,
      async run() {
        // Not by `timeout` of ky, which is real time, and ends with the headers.
        const stop = new AbortController();
        const timer = patientTimer(() => stop.abort(new DOMException('enough', 'TimeoutError')), PATIENCE_MS + (slowly ? 100 : 0));
        const client: KyInstance = ky.create({
          fetch: plain.fetch,
          timeout: false,
          signal: stop.signal,
          retry: { limit: retries, delay: () => 1, maxRetryAfter: 5 },
        });
        try {
          return await exchange((url, init) => client(url, init), plain, slowly, stop.signal);
        } finally {
          timer.stop();
        }
      },
    };
  },
});

const plainJobs = (make: typeof fetchJob, name: 'fetch' | 'ky'): Readonly<Record<string, Job>> => ({
  [`${name} login`]: make('createToken', 'text', (shape) => plainTenovos(shape, 'login')),
  [`${name} json`]: make('retrieveAsset', 'text', (shape) => plainTenovos(shape, 'json')),
  [`${name} download`]: make('content', 'file', (shape) => plainTenovos(shape, 'download')),
  [`${name} slow download`]: make('content', 'file', (shape) => plainTenovos(shape, 'download'), true),
  [`${name} upload`]: make('upload', 'text', plainUpload),
});

/** All jobs by name. */
export const jobs: Readonly<Record<string, Job>> = {
  'tenovos login': tenovosJob('createToken', 'text', async (dam) => named((await dam.retrieveAsset({ id: 'a1' })).data?.filename, 'hero.tif')),
  'tenovos json': tenovosJob('retrieveAsset', 'text', async (dam) => named((await dam.retrieveAsset({ id: 'a1' })).data?.filename, 'hero.tif')),
  'tenovos sign': tenovosJob('getAssetContent', 'text', (dam, fake) => read(dam.downloadAsset({ id: 'a1' }), 'bytes', fake.asset('a1')!.bytes())),
  'tenovos bytes': tenovosDownload('bytes'),
  'tenovos toFile': tenovosDownload('toFile'),
  'tenovos stream': tenovosDownload('stream'),
  'chat login': chatJob('token', 'text', async (chat) => named((await chat.getAsset({ id: 'e1' })).name, 'bird.jpg')),
  'chat json': chatJob('getAsset', 'text', async (chat) => named((await chat.getAsset({ id: 'e1' })).name, 'bird.jpg')),
  'chat create': uploadAsset('createAsset'),
  'chat upload': uploadAsset('upload'),
  'chat toFile': chatDownload('toFile'),
  'mail login': mailJob('token', 'text', (mail) => predownload(mail)),
  'mail json': mailJob('generateDownloadAttachmentURL', 'text', (mail) => predownload(mail)),
  'mail bytes': mailDownload('bytes'),
  'worldserver login': worldServerJob('login', 'text', (tms) => tasks(tms)),
  'worldserver json': worldServerJob('getTasks', 'text', (tms) => tasks(tms)),
  'worldserver upload': worldServerJob('uploadAssets', 'text', async (tms, fake) => {
    // A form goes to a `fetch` function as a Blob, and nobody sees that move: `timeoutMs` does not count, `deadlineMs` does.
    await tms.uploadFile({ name: 'guide.docx', content: upload }, { deadlineMs: 30_000 });
    return fake.uploads().at(-1)?.size === UPLOAD_BYTES ? 'the asset' : 'nothing uploaded';
  }),
  'worldserver toFile': worldServerDownload('toFile'),
  'worldserver stream': worldServerDownload('stream'),
  ...plainJobs(kyJob, 'ky'),
  ...plainJobs(fetchJob, 'fetch'),
};

function named(name: string | undefined, expected: string): string {
  return name === expected ? 'the answer' : 'another answer';
}

async function predownload(mail: ReturnType<typeof createEgainAttachmentClient>): Promise<string> {
  const { name } = await mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment.inbound', altId: 'x1' } });
  return named(name, 'invoice.pdf');
}

async function tasks(tms: ReturnType<typeof createWorldServerClient>): Promise<string> {
  const { items } = await tms.getTasks({ projectId: '7' });
  return items?.length === 1 ? 'the answer' : 'another answer';
}

/** What went wrong, in a few words that are the same on every platform and in both shapes. */
export function tell(error: unknown): string {
  const broken = error instanceof Broken;
  const cause = broken ? error.cause : error;
  const when = broken && error.message !== '' ? ` ${error.message}` : '';
  const refusal = refusalOf(cause);
  if (refusal !== undefined) return `refused: ${refusal}`;
  if (ApiError.is(cause)) return `${[cause.kind, cause.status, cause.outcome].filter((part) => part !== undefined).join(' ')}${when}`;
  if (!(cause instanceof Error)) return `${String(cause)}${when}`;
  const code = codeOf(cause);
  const status = (cause as { response?: Response }).response?.status;
  return `${[cause.name, status, code].filter((part) => part !== undefined).join(' ')}${when}`;
}

/** The sentence of the fake that says why it cannot do this fault here. */
function refusalOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  return /fault\.\S+\(.*\) (?:needs|cannot) .+/.exec(error.message)?.[0] ?? refusalOf(error.cause, depth + 1);
}

/** The system's code of a failure. A broken upload may be met by the side that writes (EPIPE) or by that which reads. */
function codeOf(error: Error, depth = 0): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code === 'EPIPE' ? 'ECONNRESET' : code;
  return cause instanceof Error && depth < 4 ? codeOf(cause, depth + 1) : undefined;
}
