/** Checked by the compiler alone (see ../test/types.test.ts): each marked line must not compile, every other line must. */

import {
  ApiError,
  createEgainAttachmentClient,
  createEgainConversationClient,
  UploadError,
  type Asset as EgainAsset,
  type UploadStep,
} from '@asset-clients/egain';
import { createTenovosClient, type Asset as TenovosAsset } from '@asset-clients/tenovos';
import {
  AssetRefError,
  can,
  copy,
  CopyAllError,
  CopyError,
  createAssets,
  defineAdapter,
  parseAssetRef,
  type AdapterTypes,
  type AnyAdapter,
  type Asset,
  type AssetsAdapter,
  type BoundRef,
  type Content,
  type CopyAllReport,
  type CopyFailure,
  type Readable,
  type Writable,
} from '@asset-clients/unified';
import { egainAttachmentAssets, egainConversationAssets } from '@asset-clients/unified/egain';
import { diskSpool, filesAssets } from '@asset-clients/unified/files';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
import { worldServerAssets } from '@asset-clients/unified/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function assertSame<A, B>(..._same: Same<A, B> extends true ? [] : [never]): void {}

const dam = tenovosAssets(createTenovosClient({ baseUrl: 'https://x.example.com', apiKey: 'k', username: 'u', password: 'p' }));
const tms = worldServerAssets(createWorldServerClient({ baseUrl: 'https://x.example.com', auth: { sessionId: '1' } }));
const chat = egainConversationAssets(createEgainConversationClient({ baseUrl: 'https://x.example.com', auth: 't' }));
const mail = egainAttachmentAssets(createEgainAttachmentClient({ baseUrl: 'https://x.example.com', auth: 't' }));
const out = filesAssets({ dir: 'x' });
const content = new Blob(['x']);
const egain = { channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
const attachment = { app: 'email', type: 'attachment.inbound', altId: '1' } as const;

// ---- what a vendor cannot do is no member ----

export const absent = [
  // @ts-expect-error -- the public API of Tenovos takes no uploads
  () => dam.upload({ name: 'a', content }),
  // @ts-expect-error -- nor does it delete
  () => dam.delete('1'),
  // @ts-expect-error -- attachments of e-mails are read only
  () => mail.upload({ name: 'a', content }),
  // @ts-expect-error -- and have no details
  () => mail.get(attachment),
  // @ts-expect-error -- WorldServer has no details of a file
  () => tms.get({ resourceId: 1 }),
  // @ts-expect-error -- and deletes none
  () => tms.delete({ resourceId: 1 }),
  // @ts-expect-error -- archives are WorldServer's
  () => chat.downloadMany(['1']),
  // @ts-expect-error -- what is not there has no state either
  () => dam.uploadState(dam.ref('1')),
];
export const present = [
  () => dam.get('1'),
  () => dam.download({ id: '1', rendition: 'imagePreview' }),
  () => tms.download({ resourceId: 1234, assetLocationType: 'TARGET' }),
  () => tms.downloadMany([{ resourceId: 1 }, tms.ref({ resourceId: '2' })]),
  () => tms.upload({ name: 'a', content }),
  () => chat.upload({ name: 'a', content, vendorOptions: { egain } }),
  () => chat.delete('1'),
  () => mail.download(attachment),
  () => out.upload({ name: 'a', content }, { signal: new AbortController().signal, onCreated: (ref) => void ref.segments }),
];

// ---- targets, options and results are the vendor's own ----

export const typed = [
  // @ts-expect-error -- an id of Tenovos is a text
  () => dam.get(7),
  // @ts-expect-error -- a wrong place
  () => tms.download({ resourceId: 1, assetLocationType: 'BOTH' }),
  // @ts-expect-error -- an attachment has three coordinates
  () => mail.download({ app: 'email', altId: '1' }),
  // @ts-expect-error -- eGain wants channel and sender
  () => chat.upload({ name: 'a', content }),
  // @ts-expect-error -- another sender
  () => chat.upload({ name: 'a', content, vendorOptions: { egain: { channel: { type: 'sms' }, sender: { type: 'me' } } } }),
  // @ts-expect-error -- text is no content
  () => out.upload({ name: 'a', content: 'text' }),
];
export async function results(): Promise<void> {
  assertSame<Awaited<ReturnType<typeof dam.get>>['raw'], TenovosAsset>();
  assertSame<Awaited<ReturnType<typeof chat.get>>['raw'], EgainAsset>();
  // What get() and upload() name can be copied on.
  void copy((await dam.get('1')).ref, out);
  void copy((await chat.upload({ name: 'a', content, vendorOptions: { egain } })).ref, out);
  assertSame<Awaited<ReturnType<typeof mail.download>>, Content>();
  const { raw, ref } = await tms.upload({ name: 'a', content });
  raw.internalName satisfies string;
  ref.adapter satisfies AnyAdapter;
  // Numeric limits are there without asking whether uploads are.
  chat.supports.upload.maxBytes satisfies number | null;
  chat.supports.upload.minBytes satisfies number;
  // @ts-expect-error -- nobody changes a manifest
  chat.supports.upload.minBytes = 0;
}

// ---- copy: from what reads to what writes, with what the destination wants ----

export const copies = [
  () => copy(dam.ref('1'), out),
  () => copy(dam.ref('1'), out, { as: 'x', spool: diskSpool() }),
  () => copy(mail.ref(attachment), tms, { vendorOptions: { worldserver: { expandZip: true } } }),
  () => copy(tms.ref({ resourceId: 1 }), chat, { vendorOptions: { egain } }),
  // @ts-expect-error -- eGain wants channel and sender
  () => copy(dam.ref('1'), chat),
  // @ts-expect-error -- so it does with other options
  () => copy(dam.ref('1'), chat, { as: 'x' }),
  // @ts-expect-error -- nothing can be stored in Tenovos
  () => copy(out.ref('a'), dam),
  // @ts-expect-error -- nor in an e-mail
  () => copy(out.ref('a'), mail),
  // @ts-expect-error -- nobody knows who reads this one
  () => copy(parseAssetRef('tenovos:1'), out),
  // @ts-expect-error -- an option that there is not
  () => copy(dam.ref('1'), out, { named: 'x' }),
];
export async function copied(): Promise<void> {
  const result = await copy(dam.ref('1'), tms);
  result.raw.internalName satisfies string;
}

// ---- the guard ----

export async function guarded(any: AnyAdapter, some: AssetsAdapter<'download'>): Promise<void> {
  // @ts-expect-error -- nobody knows yet
  void any.upload({ name: 'a', content });
  if (can(any, 'upload')) {
    await any.upload({ name: 'a', content });
    any.supports.upload.maxBytes satisfies number | null;
    any satisfies Writable;
  } else {
    // @ts-expect-error -- it cannot
    void any.upload({ name: 'a', content });
  }
  await some.download('1');
  if (can(some, 'get')) (await some.get('1')).name satisfies string;
  // @ts-expect-error -- no such verb
  can(any, 'rename');
}

export async function chosen(name: 'dam' | 'tms' | 'chat'): Promise<void> {
  const assets = createAssets({ dam, tms, chat });
  const one = assets[name];
  // @ts-expect-error -- not all three upload
  void one.upload({ name: 'a', content });
  if (can(one, 'upload')) await one.upload({ name: 'a', content, vendorOptions: { egain } });
}

// ---- adapters where others are expected ----

export const assigned = {
  readable: dam as Readable,
  writable: chat as Writable,
  both: out as AssetsAdapter<'download' | 'upload'>,
  ref: dam.ref('1') as BoundRef,
};
// @ts-expect-error -- it does not write
export const notWritable: Writable = dam;
// @ts-expect-error -- it has no details
export const notDetailed: AssetsAdapter<'get'> = mail;

// ---- createAssets ----

export function named(): void {
  const assets = createAssets({ dam, mail });
  assets.dam satisfies typeof dam;
  assets.get('tenovos@dam:1') satisfies Promise<Asset>;
  assets.ref('tenovos@dam:1').adapter satisfies typeof dam | typeof mail;
  void copy(assets.ref('tenovos@dam:1'), out);
  // @ts-expect-error -- nobody has this name
  void assets.tms;
  // @ts-expect-error -- the name means something else here
  createAssets({ get: dam });
  // @ts-expect-error -- no adapter
  createAssets({ dam: 1 });
}

// ---- definitions: manifest and verbs say the same ----

interface Types extends AdapterTypes {
  readonly target: string;
  readonly raw: never;
  readonly uploaded: never;
}
const base = { vendor: 'acme', toSegments: (target: string) => [target], fromSegments: ([id]: readonly string[]) => id! };
const reads = { forms: ['content'], tellsSize: true, notReady: false };
const none = { get: false, upload: false, delete: false, downloadMany: false } as const;
const download = async (): Promise<Content> => undefined as never;
const remove = async (): Promise<void> => undefined;
export const defined = [
  () => defineAdapter<'download', Types, string>({ ...base, supports: { ...none, download: reads }, download }),
  // @ts-expect-error -- the verb is missing
  () => defineAdapter<'download', Types, string>({ ...base, supports: { ...none, download: reads } }),
  // @ts-expect-error -- the manifest does not claim it
  () => defineAdapter<'download', Types, string>({ ...base, supports: { ...none, download: false }, download }),
  // @ts-expect-error -- the manifest claims more than there is
  () => defineAdapter<'download', Types, string>({ ...base, supports: { ...none, download: reads, delete: true }, download }),
  // @ts-expect-error -- there is more than the manifest claims
  () => defineAdapter<'download', Types, string>({ ...base, supports: { ...none, download: reads }, download, delete: remove }),
  // @ts-expect-error -- a verb is missing in the manifest
  () => defineAdapter<'download', Types, string>({ ...base, supports: { download: reads }, download }),
];

// ---- what errors have besides ----

export function told(error: unknown): unknown {
  if (CopyError.is(error)) assertSame<typeof error.copy, CopyFailure>();
  if (CopyAllError.is(error)) assertSame<typeof error.report, CopyAllReport>();
  if (AssetRefError.is(error)) assertSame<typeof error.position, number>();
  if (UploadError.is(error)) {
    assertSame<typeof error.step, UploadStep>();
    // @ts-expect-error -- no step is called so
    return error.step === 'upload';
  }
  // @ts-expect-error -- who did not ask does not know it
  return ApiError.is(error) && error.copy;
}
