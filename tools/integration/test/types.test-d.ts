/** Checked by the compiler alone (see types.test.ts): each marked line must not compile, every other line must. */

import {
  ApiError,
  clientCredentials,
  createEgainAttachmentClient,
  createEgainConversationClient,
  type Asset as EgainAsset,
  type Attachment,
  type Content,
} from '@asset-clients/egain';
import { createTenovosClient, type metadata, type AssetAnswer, type FoundAsset } from '@asset-clients/tenovos';
import { createWorldServerClient, type ApiErrorOf, type StoredFile, type Task } from '@asset-clients/worldserver';
import { getAsset } from '@asset-clients/worldserver/operations';
import { createClient } from '@asset-clients/runtime';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertSame<A, B>(..._same: Same<A, B> extends true ? [] : [never]): void {}

const chat = createEgainConversationClient({
  baseUrl: 'https://x.example.com',
  auth: clientCredentials({ tokenUrl: 'https://x.example.com', clientId: 'c', clientSecret: 's', scope: ['a'] }),
});
const mail = createEgainAttachmentClient({ baseUrl: 'https://x.example.com', auth: () => 'token', acceptLanguage: 'fr-CA' });
const dam = createTenovosClient({ baseUrl: 'https://x.example.com', apiKey: 'k', username: 'u', password: 'p' });
const tms = createWorldServerClient({ baseUrl: 'https://x.example.com', auth: { sessionId: '1' } });

// ---- a wrong parameter name, a missing one, a wrong value ----

export const parameters = [
  // @ts-expect-error -- no such parameter
  () => chat.getAsset({ assetId: '1' }),
  // @ts-expect-error -- id is missing
  () => chat.getAsset({}),
  // @ts-expect-error -- id is missing
  () => chat.getAsset(),
  // @ts-expect-error -- a number is no id
  () => chat.getAsset({ id: 1001 }),
  // @ts-expect-error -- one parameter too many
  () => chat.deleteAsset({ id: '1', force: true }),
  // @ts-expect-error -- no such sender
  () => chat.createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'agent' }, name: 'a', size: 1 } }),
  // @ts-expect-error -- the body stands under body
  () => chat.createAsset({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a', size: 1 }),
  // @ts-expect-error -- size is missing
  () => chat.createAsset({ body: { channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a' } }),
  // @ts-expect-error -- content is missing
  () => chat.uploadAsset({ name: 'a', channel: { type: 'sms' }, sender: { type: 'customer' } }),
  // @ts-expect-error -- text is no content
  () => chat.uploadAsset({ name: 'a', channel: { type: 'sms' }, sender: { type: 'customer' }, content: 'text' }),
  // @ts-expect-error -- no such app
  () => mail.downloadAttachment({ app: 'mail', type: 'attachment', altId: 'a' }),
  // @ts-expect-error -- no such locale
  () => mail.generateDownloadAttachmentURL({ 'Accept-Language': 'en', body: { app: 'email', type: 'attachment', altId: 'a' } }),
  // @ts-expect-error -- no such parameter
  () => dam.retrieveAsset({ id: 'a', emtpy: false }),
  // @ts-expect-error -- a text is no boolean
  () => dam.retrieveAsset({ id: 'a', empty: 'false' }),
  // @ts-expect-error -- no such identifier
  () => dam.exposeAssets({ body: [{ id: 'a', identifier: 'assetId', components: [] }] }),
  // @ts-expect-error -- no such direction
  () => dam.searchKeyword({ body: { sortBy: [{ order: 'down' }] } }),
  // @ts-expect-error -- the body is missing
  () => dam.scanAssets.all({}),
  // @ts-expect-error -- no such argument
  () => dam.downloadAsset({ id: 'a', renditon: 'imageThumb' }),
  // @ts-expect-error -- no such location
  () => tms.getAsset({ resourceId: 1, assetLocationType: 'target' }),
  // @ts-expect-error -- resourceId is missing
  () => tms.getAsset({ resourceType: 'TASK' }),
  // @ts-expect-error -- the list has another name
  () => tms.getAssets({ resourceId: [1] }),
  // @ts-expect-error -- fields are a list
  () => tms.getTasks({ fields: 'id' }),
  // @ts-expect-error -- no such call option
  () => tms.getTasks({}, { timeout: 5 }),
];

// ---- options ----

export const options = [
  // @ts-expect-error -- auth is missing
  () => createEgainConversationClient({ baseUrl: 'x' }),
  // @ts-expect-error -- no such method
  () => createEgainConversationClient({ baseUrl: 'x', auth: 't', uploadMethod: 'PATCH' }),
  // @ts-expect-error -- no such locale
  () => createEgainAttachmentClient({ baseUrl: 'x', auth: 't', acceptLanguage: 'en' }),
  // @ts-expect-error -- the secret is missing
  () => clientCredentials({ tokenUrl: 'x', clientId: 'c' }),
  // @ts-expect-error -- the password is missing
  () => createTenovosClient({ baseUrl: 'x', apiKey: 'k', username: 'u' }),
  // @ts-expect-error -- the key is missing
  () => createTenovosClient({ baseUrl: 'x', username: 'u', password: 'p' }),
  // @ts-expect-error -- a login and a token at once
  () => createTenovosClient({ baseUrl: 'x', apiKey: 'k', username: 'u', password: 'p', auth: 'token' }),
  // @ts-expect-error -- a session is a text
  () => createWorldServerClient({ baseUrl: 'x', auth: { sessionId: 20145873 } }),
  // @ts-expect-error -- no such version
  () => createWorldServerClient({ baseUrl: 'x', username: 'u', password: 'p', apiVersion: 'v3' }),
  // @ts-expect-error -- baseUrl is missing
  () => createWorldServerClient({ username: 'u', password: 'p' }),
];

// ---- results per operation ----

export async function results(): Promise<void> {
  assertSame<Awaited<ReturnType<typeof chat.getAsset>>, EgainAsset>();
  assertSame<Awaited<ReturnType<typeof chat.deleteAsset>>, undefined>();
  assertSame<Awaited<ReturnType<typeof chat.downloadAsset>>, Content>();
  assertSame<Awaited<ReturnType<typeof dam.retrieveAsset>>, AssetAnswer>();
  assertSame<Awaited<ReturnType<typeof tms.verifyAssets>>, unknown>();
  assertSame<Awaited<ReturnType<typeof tms.uploadFile>>, StoredFile>();

  const attachment = await mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment', altId: 'a' } });
  assertSame<typeof attachment, Attachment>();
  const xml = await mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment', altId: 'a' } }, { accept: 'application/xml' });
  assertSame<typeof xml, string>();
  // @ts-expect-error -- no such media type
  void mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment', altId: 'a' } }, { accept: 'text/html' });

  const { data, status, headers, requestId } = await chat.getAsset({ id: '1' }).withResponse();
  assertSame<typeof data, EgainAsset>();
  assertSame<typeof status, number>();
  assertSame<typeof headers, Headers>();
  assertSame<typeof requestId, string | undefined>();
  // @ts-expect-error -- no member of an asset
  void data.filename;
  // Members that the vendor does not promise may be missing.
  // @ts-expect-error -- may be undefined
  void data.name.length;

  for await (const found of dam.searchKeyword.all({ body: {} })) assertSame<typeof found, FoundAsset>();
  for await (const task of tms.getTasks.all()) assertSame<typeof task, Task>();
  const file = await tms.downloadAsset({ resourceId: '1' });
  assertSame<Awaited<ReturnType<typeof file.bytes>>, Uint8Array<ArrayBuffer>>();
  const { data: asset } = await dam.retrieveAsset({ id: 'a' });
  // Enums are open for reading: a value that comes later still compiles.
  const state: string | undefined = asset?.fileState;
  void state;
  assertSame<ReturnType<ReturnType<typeof metadata>['text']>, string | undefined>();

  const answer = await chat.request<{ readonly id: string }>('GET /conversations/1');
  assertSame<typeof answer, { readonly id: string }>();
  // @ts-expect-error -- a route has a method and a path
  void chat.request('/conversations/1');

  const subset = createClient({ getAsset }, { baseUrl: 'https://x.example.com' });
  assertSame<Awaited<ReturnType<typeof subset.getAsset>>, Content>();
  // @ts-expect-error -- not among the operations given
  void subset.getTasks;
}

// ---- errors per operation ----

export function errors(error: unknown): void {
  if (ApiError.is(error)) assertSame<typeof error.details, unknown>();
  if (ApiError.is(error, chat.getAsset)) {
    if (error.status === 404) {
      const details: { readonly code: string; readonly developerMessage: string } | undefined = error.details;
      void details;
      // @ts-expect-error -- no member of this operation's error body
      void error.details?.errors;
    }
    // Not documented, but a gateway may answer it; without an answer there is no status at all.
    if (error.status === 429 || error.status === 503) void error.details?.code;
    if (error.status === undefined) assertSame<typeof error.details, undefined>();
    void error.details?.developerMessage;
  }
  if (ApiError.is(error, tms.getAsset) && error.status === 404) void error.details?.errors?.[0]?.message;
  if (ApiError.is(error, dam.retrieveAsset) && error.status === 403) void error.details?.detail;
  if (ApiError.is(error) && error.kind === 'not-found') void error.hint;
  // @ts-expect-error -- no such kind
  if (ApiError.is(error) && error.kind === 'missing') return;
  const typed = error as ApiErrorOf<typeof getAsset>;
  if (typed.status === 400 || typed.status === 404) void typed.details?.errors;
  assertSame<Extract<typeof typed.status, 400 | 429 | undefined>, 400 | 429 | undefined>();
}
