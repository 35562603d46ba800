/**
 * The contract of all adapters, in one file: what an asset, a reference and an adapter are, and what `copy` and `copyAll`
 * take and give. It holds types only.
 *
 * An adapter joins a vendor's client to this contract. It has `supports`, `ref` and those of the five verbs that the
 * vendor can do: `get`, `download`, `upload`, `delete`, `downloadMany`. A verb that is not supported is no member of the
 * adapter's type; called from JavaScript it throws an ApiError of kind `unsupported`, and no request is sent.
 */

import type { ApiError, BinaryBody, Clock, Content, TimeLimits, TransferProgress, TransferReceipt } from '@asset-clients/runtime';

export type { ApiError, BinaryBody, Content, TransferProgress, TransferReceipt } from '@asset-clients/runtime';

// References ------------------------------------------------------------------------------------------------------------

/**
 * Names one file at one vendor, as plain data. `formatAssetRef` writes it as
 * `<vendor>[@<instance>]:<segment>(/<segment>)*`, for example `tenovos@dam:2dee909b/imagePreview`.
 */
export interface AssetRef {
  readonly vendor: string;
  /** Which of several systems of the vendor; the name given to `createAssets`. */
  readonly instance?: string | undefined;
  /** The vendor's own coordinates; none is empty. */
  readonly segments: readonly string[];
}

/** A reference that knows who reads it: what `adapter.ref()` gives, and what `copy` takes. */
export interface BoundRef<Adapter extends AnyAdapter = AnyAdapter> extends AssetRef {
  /** Not enumerable: JSON and structured clones hold the plain {@link AssetRef}. */
  readonly adapter: Adapter;
}

// Assets ----------------------------------------------------------------------------------------------------------------

/** Details of an asset: what every vendor tells honestly. The rest is in `raw`. */
export interface Asset<Raw = unknown, Adapter extends AnyAdapter = AnyAdapter> {
  /** The vendor's own id. */
  readonly id: string;
  /** The vendor's file name as it is, which may hold anything. */
  readonly name: string;
  readonly mediaType?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  readonly updatedAt?: Date | undefined;
  readonly ref: BoundRef<Adapter>;
  /** The vendor's own answer. */
  readonly raw: Raw;
}

/** What to upload. */
export interface UploadSource {
  /** File name with its extension. */
  readonly name: string;
  /** Bytes, a Blob, a stream, an async iterable, a file source, or another vendor's {@link Content}. */
  readonly content: BinaryBody;
  /** Bytes, where the content does not know them itself. */
  readonly size?: number | undefined;
  /** What it is; where the vendor decides by the name, it does not count. */
  readonly mediaType?: string | undefined;
}

/** A file that was uploaded. */
export interface Uploaded<Raw = unknown, Adapter extends AnyAdapter = AnyAdapter> {
  readonly ref: BoundRef<Adapter>;
  /** The name under which it is stored now. */
  readonly name: string;
  /** Media type under which it is stored now, where known. */
  readonly mediaType?: string | undefined;
  readonly receipt: UploadReceipt;
  /** The vendor's own answer. */
  readonly raw: Raw;
}

/** What an upload was like. Plain JSON without secrets. */
export interface UploadReceipt {
  /** Bytes handed over. */
  readonly bytes: number;
  /** SHA-256 of these bytes, lower-case hex; absent where nobody computed it. */
  readonly sha256?: string | undefined;
  /** What the destination proved: `'length'` when it told how many bytes it has, `'none'` when it only said yes. */
  readonly verified: 'length' | 'checksum' | 'none';
}

/** Whether a created asset has its content: `empty` also where it is gone, `unknown` where the vendor cannot tell. */
export type UploadState = 'complete' | 'empty' | 'unknown';

// What an adapter can do ------------------------------------------------------------------------------------------------

/** What an adapter may be able to do. */
export type Verb = 'get' | 'download' | 'upload' | 'delete' | 'downloadMany';

/** The manifest of an adapter: frozen, plain data, the same before and after any call. `false` means "cannot". */
export interface Supports {
  readonly get: false | GetSupport;
  readonly download: false | DownloadSupport;
  readonly upload: false | UploadSupport;
  readonly delete: boolean;
  /** Several files as one archive. */
  readonly downloadMany: boolean;
}

/** What `get` tells. */
export interface GetSupport {
  /** Which optional members of {@link Asset} are there whenever the vendor keeps to its documentation. */
  readonly fills: readonly ('mediaType' | 'size' | 'updatedAt')[];
  /** Whether the vendor keeps more of an asset than {@link Asset} tells (metadata in `raw`), which no copy carries over. */
  readonly metadata: boolean;
}

/** What `download` gives. */
export interface DownloadSupport {
  /** What a reference can stand for, for example `original` and `rendition`. */
  readonly forms: readonly string[];
  /** Whether the vendor documents that the size is known before the first byte. Where not, it may be known all the same. */
  readonly tellsSize: boolean;
  /** Whether a file may be there tomorrow that is not there today (kind `not-ready`). */
  readonly notReady: boolean;
}

/** What `upload` takes, and what becomes of it. */
export interface UploadSupport {
  /** Bytes; checked before any request. */
  readonly minBytes: number;
  /** Bytes; `null` when the vendor names no limit. */
  readonly maxBytes: number | null;
  /** Whether the size must be known before the first byte. */
  readonly needsSize: boolean;
  /** Characters (code points); checked before any request. */
  readonly minNameLength: number;
  /** `null` when the vendor names no limit. */
  readonly maxNameLength: number | null;
  /** Whether the name is stored as given. Where not, {@link Uploaded.name} tells what became of it. */
  readonly keepsName: boolean;
  /** Whether `download` reads what was stored, by the reference that `upload` gives. */
  readonly readsBack: boolean;
  /** Whether the media type is stored as given. */
  readonly keepsMediaType: boolean;
  /** Whether the id is known before a byte is sent: `onCreated` is called then. Where not, it is never called. */
  readonly createsFirst: boolean;
  /**
   * Whether `uploadState` can tell; where not, it answers `'unknown'` and sends nothing. Never with `sameName: 'replaces'`:
   * of a name that is taken nobody can tell whose content is there, and the upload can be repeated.
   */
  readonly tellsState: boolean;
  /** What a second upload of the same name does. With `'replaces'` an upload can be repeated without harm. */
  readonly sameName: 'adds' | 'replaces' | 'refuses';
  /** Whether a failed upload leaves nothing that a reader could take for the file. */
  readonly atomic: boolean;
  /** Members of `vendorOptions.<vendor>`, and their values where these are a closed list. */
  readonly vendorOptions: Readonly<Record<string, VendorOptionRule>>;
}

/** One member of `vendorOptions.<vendor>`, by its path: `channel.type`. */
export interface VendorOptionRule {
  readonly required: boolean;
  readonly type: 'string' | 'boolean';
  /** All values that the vendor takes; absent where the list is open. */
  readonly values?: readonly string[] | undefined;
}

// The verbs -------------------------------------------------------------------------------------------------------------

/** The second argument of every verb. */
export interface VerbOptions extends TimeLimits {
  /** Ends the call at any moment; the error has `name: 'AbortError'` and `cause: signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Told at every chunk of a transfer. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Options of `upload`. */
export interface UploadOptions extends VerbOptions {
  /**
   * Called once the vendor has created an id and before any byte of content is sent; waited for. When it fails, nothing
   * is sent. Only where `supports.upload.createsFirst`.
   */
  readonly onCreated?: ((ref: BoundRef) => void | Promise<void>) | undefined;
}

/** The types of one vendor; an adapter's are kept in its type only. */
export interface AdapterTypes {
  /** What names a file here besides an {@link AssetRef}, for example an id. */
  readonly target: unknown;
  /** What `get` has in `raw`. */
  readonly raw: unknown;
  /** What `upload` has in `raw`. */
  readonly uploaded: unknown;
  /** What is special in an upload, by vendor: `{ vendorOptions: { egain: {...} } }`; required where the vendor requires it. */
  readonly upload: object;
}

// oxlint-disable-next-line typescript/no-explicit-any -- arguments of an adapter whose vendor is not known
type AnyTypes = { readonly target: any; readonly raw: unknown; readonly uploaded: unknown; readonly upload: any };

/** What every adapter has, whatever its vendor can do. */
export interface AdapterBase<Types extends AdapterTypes = AnyTypes> {
  /** The first part of its references: `'egain'`, `'egain-attachment'`, `'tenovos'`, `'worldserver'`, `'files'`. */
  readonly vendor: string;
  /** Which of several systems of the vendor, where named. */
  readonly instance: string | undefined;
  /** Where it leads, where that is more than vendor and instance tell: a folder's path. No secret; `copyAll` journals it. */
  readonly place?: string | undefined;
  readonly supports: Supports;
  /**
   * Names a file of this adapter. Sends nothing.
   *
   * @throws ApiError of kind `invalid-request` when it cannot be one, or belongs to another vendor or instance.
   */
  ref(target: Types['target'] | AssetRef): BoundRef<this>;
  /** Only a type. */
  readonly '~types'?: Types;
}

/** Details. */
export interface GetVerb<Types extends AdapterTypes = AnyTypes> extends AdapterBase<Types> {
  /** Details of one asset. */
  get(target: Types['target'] | AssetRef, options?: VerbOptions): Promise<Asset<Types['raw'], this>>;
}

/** Downloads. */
export interface DownloadVerb<Types extends AdapterTypes = AnyTypes> extends AdapterBase<Types> {
  /** Opens the bytes of one file as a stream; read it or cancel it. */
  download(target: Types['target'] | AssetRef, options?: VerbOptions): Promise<Content>;
}

/** Uploads. */
export interface UploadVerb<Types extends AdapterTypes = AnyTypes> extends AdapterBase<Types> {
  /** Stores one file. Never repeated once bytes may have been taken. */
  upload(source: UploadSource & Types['upload'], options?: UploadOptions): Promise<Uploaded<Types['uploaded'], this>>;
  /** Whether what `onCreated` or `upload` named has its content. */
  uploadState(ref: AssetRef, options?: VerbOptions): Promise<UploadState>;
}

/** Deletes. */
export interface DeleteVerb<Types extends AdapterTypes = AnyTypes> extends AdapterBase<Types> {
  /** Removes one asset. */
  delete(target: Types['target'] | AssetRef, options?: VerbOptions): Promise<void>;
}

/** Archives. */
export interface DownloadManyVerb<Types extends AdapterTypes = AnyTypes> extends AdapterBase<Types> {
  /** Opens several files as one archive. */
  downloadMany(targets: readonly (Types['target'] | AssetRef)[], options?: VerbOptions): Promise<Content>;
}

/** The verbs by name; an adapter has those that its vendor can do. */
interface VerbMethods<Types extends AdapterTypes> {
  readonly get: GetVerb<Types>;
  readonly download: DownloadVerb<Types>;
  readonly upload: UploadVerb<Types>;
  readonly delete: DeleteVerb<Types>;
  readonly downloadMany: DownloadManyVerb<Types>;
}

type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (member: infer All) => void ? All : never;

/**
 * An adapter that can do these verbs (and perhaps more): `AssetsAdapter<'download' | 'upload'>`.
 *
 * @example
 * ```ts
 * async function archive(dam: AssetsAdapter<'get' | 'download'>, id: string) { ... }
 * ```
 */
export type AssetsAdapter<Verbs extends Verb = never, Types extends AdapterTypes = AnyTypes> = AdapterBase<Types> &
  ([Verbs] extends [never] ? unknown : Intersection<VerbMethods<Types>[Verbs]>) & {
    readonly supports: { readonly [Name in Verbs]: Exclude<Supports[Name], false> };
  };

/** Any adapter; `can(adapter, 'upload')` tells what it can do. */
export type AnyAdapter = AdapterBase;
/** An adapter to copy from. */
export type Readable = AssetsAdapter<'download'>;
/** An adapter to copy to. */
export type Writable = AssetsAdapter<'upload'>;

type TypesOf<Adapter> = Adapter extends { readonly '~types'?: infer Types } ? Exclude<Types, undefined> : AnyTypes;
type UploadExtras<Adapter> = TypesOf<Adapter> extends infer Types extends AdapterTypes ? Types['upload'] : never;

// copy ------------------------------------------------------------------------------------------------------------------

/** Options of `copy`, without what the destination's vendor wants besides. */
export interface CopyBaseOptions extends VerbOptions {
  /** The name at the destination, or what makes it of the source's name. Default: the source's. */
  readonly as?: string | ((name: string) => string) | undefined;
  /** Media type at the destination. Default: the source's. */
  readonly mediaType?: string | undefined;
  /** Bytes, where the caller knows them and the source does not tell. */
  readonly size?: number | undefined;
  /**
   * Where to keep bytes whose number the destination must know beforehand and nobody tells. Default: such a copy is
   * refused. `diskSpool()` of `@asset-clients/unified/files`.
   */
  readonly spool?: Spool | undefined;
  /**
   * Called when the source is open and all is checked, before the destination is asked for anything; waited for. When it
   * fails, nothing is sent there.
   */
  readonly onSending?: ((file: { readonly name: string; readonly size: number | undefined }) => void | Promise<void>) | undefined;
  /** As in {@link UploadOptions}. */
  readonly onCreated?: UploadOptions['onCreated'];
}

/** Options of `copy` to this adapter: with its `vendorOptions`. */
export type CopyOptions<To extends Writable = Writable> = CopyBaseOptions & UploadExtras<To>;

/** Keeps the bytes of a content until they are asked for. */
export interface Spool {
  /** Reads the content to its end. */
  hold(content: Content): Promise<HeldContent>;
}

/** Bytes in a spool, of known size. */
export interface HeldContent extends AsyncDisposable {
  readonly size: number;
  /** Gives the bytes from the beginning. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What a finished copy was like. */
export interface CopyResult<Raw = unknown> {
  readonly from: BoundRef;
  readonly to: BoundRef;
  /** The name at the destination. */
  readonly name: string;
  /** Bytes, equal on both sides. */
  readonly bytes: number;
  /** SHA-256 of the bytes that passed, lower-case hex; absent where the platform has no incremental hash. */
  readonly sha256?: string | undefined;
  /** How the bytes came. */
  readonly source: TransferReceipt;
  /** How the bytes went. */
  readonly destination: UploadReceipt;
  /** What the source has and the destination has not. */
  readonly notCarried: readonly NotCarried[];
  /** The destination's own answer. */
  readonly raw: Raw;
}

/**
 * What `copy` adds to an error as its member `copy`: which side failed, and what is at the destination now.
 *
 * `'nothing'`: nothing was stored. `'empty'`: an id exists there without content; `to` names it where it is known.
 * `'unknown'`: nobody can tell; ask `uploadState(to)` where `to` is known. The first two may be repeated without harm.
 */
export interface CopyFailure {
  readonly side: 'source' | 'destination';
  readonly leaves: 'nothing' | 'empty' | 'unknown';
  readonly to?: AssetRef | undefined;
}

/** Something that a copy could not carry over. */
export interface NotCarried {
  readonly what: 'name' | 'mediaType' | 'updatedAt' | 'metadata';
  /** What the source has, where it is one text. */
  readonly value?: string | undefined;
  /** In one sentence. */
  readonly why: string;
}

// copyAll ---------------------------------------------------------------------------------------------------------------

/** One file to copy. */
export interface CopyItem<To extends Writable = Writable> {
  readonly from: BoundRef<Readable>;
  readonly to: To;
  /** The name at the destination, or what makes it of the source's name. Default: the source's. A function tells no two items apart. */
  readonly as?: string | ((name: string) => string) | undefined;
  readonly mediaType?: string | undefined;
  /** Bytes, where the caller knows them and the source does not tell. */
  readonly size?: number | undefined;
  /** What is special at the destination, by vendor; checked when the item's turn comes. */
  readonly vendorOptions?: Readonly<Record<string, object | undefined>> | undefined;
}

/** Options of `copyAll`. The limits are those of one attempt of one item. */
export interface CopyAllOptions extends TimeLimits {
  /** Files under way at the same time. Default 4. */
  readonly concurrency?: number | undefined;
  /**
   * Remembers what was done, so that another run with the same items goes on where this one stopped:
   * `fileJournal(path)` of `@asset-clients/unified/journal`. Default: nothing is remembered.
   */
  readonly journal?: Journal | undefined;
  /** Ends the run: the report tells how far it came. */
  readonly signal?: AbortSignal | undefined;
  /** Told once for every item, when it is at its end; waited for. An error thrown here ends the run. */
  readonly onItem?: ((result: CopyItemResult) => void | Promise<void>) | undefined;
  /** Told of every step. An error thrown here ends the run. */
  readonly onProgress?: ((progress: CopyAllProgress) => void) | undefined;
  /** Attempts of one item on top of the first, where a failure may pass and nothing was stored. Default 2. */
  readonly itemRetries?: number | undefined;
  /** Repeats items of which nobody can tell whether an earlier run stored them: they may be there twice then. */
  readonly retryUncertain?: boolean | undefined;
  readonly spool?: Spool | undefined;
  /** Time for the waits between attempts. Default: the platform's. */
  readonly clock?: Clock | undefined;
}

/** How far a run has come. */
export interface CopyAllProgress {
  /** What happened: an attempt began, bytes passed, the item waits for another attempt, it is at its end. */
  readonly event: 'start' | 'bytes' | 'wait' | 'end';
  /** Which item, counted from 0. */
  readonly index: number;
  readonly from: AssetRef;
  /** Bytes of this attempt so far. */
  readonly bytes: number;
  /** Bytes of this item, where known. */
  readonly size: number | undefined;
  /** Items that are at their end. */
  readonly finished: number;
  /** Items of the run: all where they came as an array, else those known so far. */
  readonly total: number;
  /** With `wait`: milliseconds, and why. */
  readonly waitMs?: number | undefined;
  readonly error?: ApiError | undefined;
}

/**
 * What became of an item: `copied` now; `skipped`, because the journal says that it was copied; `duplicate` of an item
 * before it; `failed`; `not-ready` (try again tomorrow); `uncertain` (nobody can tell whether the destination has it);
 * `cancelled` before its end.
 */
export type CopyItemStatus = 'copied' | 'skipped' | 'duplicate' | 'failed' | 'not-ready' | 'uncertain' | 'cancelled';

/** One line of the report; plain JSON when it is stringified. */
export interface CopyItemResult {
  /** Counted from 0, in the order of the items. */
  readonly index: number;
  readonly status: CopyItemStatus;
  readonly from: AssetRef;
  /** Where it is now; also where it is `uncertain` and an id is known. */
  readonly to?: AssetRef | undefined;
  /** What the copy was like; absent where only the destination or the journal tells that it is there. */
  readonly result?: CopyResult | undefined;
  /** Why not, for `failed`, `not-ready`, `uncertain` and `cancelled`. */
  readonly error?: ApiError | undefined;
  /** Attempts in this run. */
  readonly attempts: number;
  /** What attempts of this run and earlier ones left at the destination besides. */
  readonly leftBehind: readonly LeftBehind[];
}

/** Something at a destination that is no item's copy. */
export interface LeftBehind {
  /** Absent where the vendor may have created something whose id nobody was told. */
  readonly to: AssetRef | undefined;
  /** `empty`: created and never filled. `unknown`: an earlier attempt that was repeated by `retryUncertain`; the file may be there twice. */
  readonly state: 'empty' | 'unknown';
}

/** What a run came to. Its size does not grow with the number of items: `onItem` gets them all. */
export interface CopyAllReport {
  /** Every item is at its destination: none is failed, not ready, uncertain or cancelled. */
  readonly complete: boolean;
  /** Whether `signal` ended the run. Items that were not read yet are counted only where they came as an array. */
  readonly aborted: boolean;
  readonly counts: Readonly<Record<CopyItemStatus, number>>;
  /** Bytes copied in this run. */
  readonly bytes: number;
  /** The first 1,000 items that are not at their destination. */
  readonly problems: readonly CopyItemResult[];
  /** The first 1,000 things left at the destinations, in this run and earlier ones; ids created and never filled above all. */
  readonly leftBehind: readonly LeftBehind[];
  /** What is not listed, because it was more. */
  readonly omitted: { readonly problems: number; readonly leftBehind: number };
  /** Items that the journal knows and that were not among those of this run. */
  readonly notInRun: number;
}

/** Remembers what runs did, by item: a file (`fileJournal`), or a table of yours. */
export interface Journal {
  /** Opens it for one run. Rejects while another run has it. */
  open(): Promise<OpenJournal>;
}

/** A journal in use by one run. */
export interface OpenJournal {
  /** Items that it knew when it was opened (entries other than `name`). */
  readonly size: number;
  /** Entries that were damaged and dropped: then an item that is not known may have been copied all the same. */
  readonly lost: number;
  /** The latest entry of an item. */
  get(item: string): Promise<JournalEntry | undefined>;
  /** Puts an entry in the place of the item's former one; resolves once it survives a crash. */
  put(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

/** All that is known of one item, or who has a name. Plain JSON without secrets. */
export interface JournalEntry {
  /** Names the item in every run: where from, where to, and the name. */
  readonly item: string;
  /**
   * `started`: the vendor was asked to store it. `created`: it has an id (`to`), written before the first byte is sent.
   * `copied`. `open`: nothing of it is at the destination, or only what `leftBehind` tells. `name`: no item, but a name at
   * a destination that keeps one file per name; the item `by` has it.
   */
  readonly state: 'started' | 'created' | 'copied' | 'open' | 'name';
  /** When, ISO 8601. */
  readonly at: string;
  /** A digest of the item's other options. */
  readonly options: string;
  readonly to?: AssetRef | undefined;
  /** Of the copy. */
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  readonly leftBehind?: readonly LeftBehind[] | undefined;
  readonly by?: string | undefined;
  /** Later entries of this item may have been damaged and dropped. */
  readonly doubtful?: boolean | undefined;
}
