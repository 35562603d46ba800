/** One file from any adapter that reads to any that writes. */

import { ApiError, invalidRequest, type Content, type SizedSource, type TransferReceipt } from '@asset-clients/runtime';

import { isAdapter, verbOptions } from './adapter.ts';
import { can } from './can.ts';
import { checkUpload, isMediaType, whoCan } from './checks.ts';
import type {
  AdapterTypes,
  AnyAdapter,
  AssetRef,
  BoundRef,
  CopyBaseOptions,
  CopyFailure,
  CopyOptions,
  CopyResult,
  HeldContent,
  NotCarried,
  Readable,
  Uploaded,
  UploadSource,
  VerbOptions,
  Writable,
} from './contract.ts';
import { BYTES, CALLBACK, checkOptions, FILE_NAME, OBJECT, SPOOL, TEXT, VERB_RULES, type OptionRule } from './options.ts';
import { adviseUpload, leftBy } from './errors.ts';
import { formatAssetRef, isAssetRef } from './refs.ts';

type UploadedRaw<To> = To extends { readonly '~types'?: infer Types }
  ? Exclude<Types, undefined> extends infer T extends AdapterTypes
    ? T['uploaded']
    : unknown
  : unknown;
// oxlint-disable-next-line typescript/no-empty-object-type -- assignable to what may be left out
type Arguments<To extends Writable> = {} extends CopyOptions<To> ? [options?: CopyOptions<To>] : [options: CopyOptions<To>];

const RULES: Readonly<Record<keyof CopyBaseOptions | 'vendorOptions', OptionRule>> = {
  as: FILE_NAME,
  mediaType: TEXT,
  size: BYTES,
  spool: SPOOL,
  onSending: CALLBACK,
  onCreated: CALLBACK,
  vendorOptions: OBJECT,
  ...VERB_RULES,
};

/** The clients' own, where the caller sets none. */
const LIMIT_MS = 30_000;
const RETRIES = 2;

/**
 * Copies one file: streamed once, in constant memory, never stored in between unless a `spool` is given.
 *
 * Nothing is sent to a destination whose limits the file breaks. Where the source breaks and cannot go on, the upload is
 * cut before the destination can take it for complete.
 *
 * @param from - What to copy: `dam.ref(id)`, or `assets.ref('tenovos@dam:...')`.
 * @param to - Where to: an adapter that uploads.
 * @param optionsWithVendorOptions - One object: `as`, `vendorOptions` (where the vendor requires them, so do the types), `signal`, ...
 * @returns The reference at the destination, receipts of both sides, and what could not be carried over.
 * @throws ApiError of either side; `CopyError.is(error)` types its member `copy` ({@link CopyFailure}), which tells the side
 *   and what is at the destination now.
 * @example
 * ```ts
 * const { to, notCarried } = await copy(dam.ref(id), chat, {
 *   vendorOptions: { egain: { channel: { type: 'sms' }, sender: { type: 'customer' } } },
 * });
 * ```
 */
export async function copy<To extends Writable>(
  from: BoundRef<Readable>,
  to: To,
  ...optionsWithVendorOptions: Arguments<To>
): Promise<CopyResult<UploadedRaw<To>>> {
  const [options] = optionsWithVendorOptions;
  return new Copy(from, to, (options === undefined ? {} : options) as CopyBaseOptions & { readonly vendorOptions?: object }).run() as Promise<
    CopyResult<UploadedRaw<To>>
  >;
}

class Copy {
  readonly #from: BoundRef<Readable>;
  readonly #to: Writable;
  readonly #options: CopyBaseOptions & { readonly vendorOptions?: object };
  readonly #limits: VerbOptions;
  /** The content that is read now, or was read last. */
  #content: Content | undefined;
  #held: HeldContent | undefined;
  #spooled: TransferReceipt | undefined;
  #created: BoundRef | undefined;
  /** The name that the caller chose or the source told. */
  #wanted: string | undefined;
  #sourceError: unknown;
  #uploading = false;
  /** The destination waits for bytes, and the source has none yet. */
  #isStarved = false;

  constructor(from: BoundRef<Readable>, to: Writable, options: CopyBaseOptions & { readonly vendorOptions?: object }) {
    this.#from = checkedSource(from);
    this.#to = checkedDestination(to);
    checkOptions(options, RULES, { operation: 'copy' });
    this.#options = options;
    this.#limits = verbOptions(options);
  }

  async run(): Promise<CopyResult> {
    const { as, size, mediaType, vendorOptions } = this.#options;
    const name = typeof as === 'function' ? undefined : as;
    try {
      // What is wrong already costs no request.
      checkUpload(this.#to.vendor, this.#to.supports, { name, size, mediaType, vendorOptions }, 'known');
      this.#content = await this.#open();
      return await this.#transfer(this.#content);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      await this.#content?.cancel();
      await this.#held?.[Symbol.asyncDispose]();
    }
  }

  #open(): Promise<Content> {
    return this.#from.adapter.download(this.#from, this.#limits);
  }

  async #transfer(first: Content): Promise<CopyResult> {
    const { vendorOptions } = this.#options;
    const name = await this.#nameFor(first);
    this.#wanted = this.#options.as === undefined ? first.name : name;
    // "Some bytes" is no media type worth carrying.
    const told = first.mediaType !== 'application/octet-stream' && isMediaType(first.mediaType) ? first.mediaType : undefined;
    const mediaType = this.#options.mediaType ?? told;
    const declared = this.#sizeOf(first);
    const facts = { name, mediaType, vendorOptions };
    // What cannot be stored need not be spooled.
    checkUpload(this.#to.vendor, this.#to.supports, { ...facts, size: declared }, 'known');
    const size = declared ?? (await this.#spool(first));
    checkUpload(this.#to.vendor, this.#to.supports, { ...facts, size }, size === undefined ? 'known' : 'whole');
    const source: UploadSource = { name, content: this.#source(first, size, mediaType), size, mediaType };
    await this.#options.onSending?.({ name, size });
    this.#uploading = true;
    const uploaded = await this.#to.upload(
      { ...source, vendorOptions },
      {
        ...this.#limits,
        idleTimeoutMs: this.#patience(),
        onProgress: undefined,
        onCreated: async (ref) => {
          this.#created = ref;
          await this.#options.onCreated?.(ref);
        },
      },
    );
    return this.#result(uploaded, first, mediaType);
  }

  #sizeOf({ size }: Content): number | undefined {
    const { size: given } = this.#options;
    if (size !== undefined && given !== undefined && size !== given) {
      throw invalidRequest({
        operation: 'copy',
        message: `size says ${given} bytes, but ${formatAssetRef(this.#from)} has ${size}`,
        hint: 'Leave size out where the source tells it.',
      });
    }
    return size ?? given;
  }

  async #nameFor({ name }: Content): Promise<string> {
    const { as } = this.#options;
    if (typeof as === 'string') return as;
    const own = name ?? (await this.#nameFromDetails());
    if (as === undefined) return own;
    const refuse = (message: string, cause?: unknown): never => {
      throw invalidRequest({
        operation: 'copy',
        message,
        cause,
        hint: 'as is given the name of the source, and gives the name at the destination; nothing was sent.',
      });
    };
    let made: unknown;
    try {
      made = as(own);
    } catch (error) {
      return refuse(`as failed for ${JSON.stringify(own)}`, error);
    }
    return typeof made === 'string' ? made : refuse(`as gave no file name for ${JSON.stringify(own)}`);
  }

  /** Not every source sends a name along. */
  async #nameFromDetails(): Promise<string> {
    const { adapter } = this.#from;
    if (can(adapter, 'get')) return (await adapter.get(this.#from, { ...this.#limits, onProgress: undefined })).name;
    throw invalidRequest({ operation: 'copy', message: `${formatAssetRef(this.#from)} came without a name`, hint: 'Give `as`, the name at the destination.' });
  }

  /** The size of a content that does not tell it, by reading it whole; `undefined` where nobody needs it. */
  async #spool(content: Content): Promise<number | undefined> {
    if (!can(this.#to, 'upload') || !this.#to.supports.upload.needsSize) return undefined;
    const { spool } = this.#options;
    if (spool === undefined) {
      throw invalidRequest({
        operation: 'copy',
        message: `size is missing: ${this.#to.vendor} must know the size before the first byte, and ${formatAssetRef(this.#from)} does not tell it`,
        hint: "Give size, or let the bytes wait on disk: spool: diskSpool() of '@asset-clients/unified/files'.",
      });
    }
    try {
      this.#held = await spool.hold(content);
      this.#spooled = content.receipt();
    } catch (error) {
      this.#sourceError = error;
      throw error;
    }
    return this.#held.size;
  }

  /** What the destination reads: again from its beginning, where it may ask twice (a login that had ended). */
  #source(first: Content, size: number | undefined, mediaType: string | undefined): SizedSource | AsyncIterable<Uint8Array> {
    const held = this.#held;
    const type = mediaType === undefined ? {} : { type: mediaType };
    if (held !== undefined) return { size: held.size, ...type, stream: () => held.stream() };
    if (size === undefined) return this.#watched(() => Promise.resolve(first), undefined);
    let opened = 0;
    const next = async (): Promise<Content> => {
      opened += 1;
      if (opened === 1) return first;
      await this.#content?.cancel();
      return (this.#content = await this.#open());
    };
    return { size, ...type, stream: () => this.#watched(next, size) };
  }

  /** Keeps the source's own error, which a destination would tell as its own. */
  async *#watched(open: () => Promise<Content>, size: number | undefined): AsyncIterable<Uint8Array> {
    this.#sourceError = undefined;
    let bytes = 0;
    const check = (isOther: boolean): void => {
      if (isOther) throw this.#integrity(`${formatAssetRef(this.#from)} has ${bytes < size! ? bytes : 'more'} bytes where ${size} were told`);
    };
    try {
      this.#isStarved = true;
      for await (const chunk of await open()) {
        this.#isStarved = false;
        bytes += chunk.length;
        check(bytes > (size ?? Infinity));
        yield chunk;
        this.#isStarved = true;
      }
      this.#isStarved = false;
      check(bytes < (size ?? 0));
    } catch (error) {
      this.#sourceError = error;
      throw error;
    }
  }

  /** How long the destination may see no byte: until the source has used up its own limits and retries. */
  #patience(): number | false {
    const { idleTimeoutMs = LIMIT_MS, timeoutMs = LIMIT_MS, maxRetries = RETRIES } = this.#limits;
    return idleTimeoutMs === false || timeoutMs === false ? false : (idleTimeoutMs + timeoutMs) * (Number(maxRetries) + 1) + LIMIT_MS;
  }

  #result({ ref, name, mediaType: storedType, receipt, raw }: Uploaded, first: Content, mediaType: string | undefined): CopyResult {
    let source: TransferReceipt;
    try {
      source = this.#spooled ?? this.#content!.receipt();
    } catch {
      throw this.#integrity('the destination says that it has the file, but it did not read all of it');
    }
    if (source.bytes !== receipt.bytes) throw this.#integrity(`${source.bytes} bytes were read, but ${receipt.bytes} were stored`);
    const { sha256 } = source;
    return Object.freeze({
      from: this.#from,
      to: ref,
      name,
      bytes: source.bytes,
      ...(sha256 === undefined ? {} : { sha256 }),
      source,
      // The bytes that went are those that came.
      destination: Object.freeze({ ...receipt, ...(sha256 === undefined ? {} : { sha256 }) }),
      notCarried: Object.freeze(this.#notCarried(first, name, mediaType, storedType)),
      raw,
    });
  }

  #notCarried(first: Content, name: string, mediaType: string | undefined, storedType: string | undefined): NotCarried[] {
    const { vendor } = this.#to;
    const lost: NotCarried[] = [];
    const wanted = this.#wanted;
    if (wanted !== undefined && wanted !== name) lost.push({ what: 'name', value: wanted, why: `${vendor} stored it as ${JSON.stringify(name)}` });
    if (mediaType !== undefined && mediaType !== storedType) {
      const why = storedType === undefined ? `${vendor} keeps no media type` : `${vendor} stored it as ${storedType}`;
      lost.push({ what: 'mediaType', value: mediaType, why });
    }
    if (first.lastModified !== undefined) lost.push({ what: 'updatedAt', value: first.lastModified.toISOString(), why: `${vendor} sets a time of its own` });
    const { get } = this.#from.adapter.supports;
    if (get !== false && get.metadata)
      lost.push({ what: 'metadata', why: `${this.#from.vendor} keeps metadata of this file, which get() tells in raw; ${vendor} takes none` });
    return lost;
  }

  #integrity(message: string): ApiError {
    return new ApiError({ kind: 'integrity', operation: 'copy', message, outcome: 'unknown', hint: 'Do not use what was stored; look at it, and copy again.' });
  }

  /** The error as both sides see it. */
  #explain(error: unknown): unknown {
    const isStarved = this.#isStarved && ApiError.is(error) && error.kind === 'timeout';
    const isSource = this.#sourceError !== undefined || !this.#uploading || isStarved;
    const cause = ApiError.is(this.#sourceError) ? this.#sourceError : error;
    // Somebody's own error object may be thrown twice, or frozen.
    const own = ApiError.is(cause)
      ? cause
      : new ApiError({
          kind: 'unexpected',
          operation: 'copy',
          message: String((error as Error)?.message ?? error),
          outcome: 'unknown',
          cause: error,
          hint: `What ${isSource ? 'reads' : 'stores'} the file threw it: see its cause.`,
        });
    const isDestination = ApiError.is(error) && !isSource;
    const leaves = this.#uploading ? leftBy(own, this.#to, this.#created !== undefined, isSource) : 'nothing';
    const to = this.#created === undefined || leaves === 'nothing' ? undefined : plain(this.#created);
    if (this.#uploading) adviseUpload(own, this.#to, leaves, to);
    const side = isDestination || this.#isAboutDestination(own) ? 'destination' : 'source';
    const failure: CopyFailure = { side, leaves, ...(to === undefined ? {} : { to }) };
    return Object.assign(own, { copy: Object.freeze(failure) });
  }

  /** Limits of the destination are checked before anything is sent there. */
  #isAboutDestination(error: ApiError): boolean {
    return !this.#uploading && error.operation === 'upload' && error.outcome === 'not-sent';
  }
}

function plain({ vendor, instance, segments }: AssetRef): AssetRef {
  return Object.freeze({ vendor, ...(instance === undefined ? {} : { instance }), segments });
}

function checkedSource(from: BoundRef<Readable>): BoundRef<Readable> {
  const refuse = (message: string, hint: string): never => {
    throw invalidRequest({ operation: 'copy', message, hint });
  };
  if (!isAssetRef(from)) return refuse('from is no reference', 'Give adapter.ref(...).');
  const adapter = (from as { readonly adapter?: AnyAdapter }).adapter;
  if (adapter === undefined || !isAdapter(adapter)) {
    return refuse(`${formatAssetRef(from)} does not know who reads it`, 'Give adapter.ref(ref), or createAssets({...}).ref(ref).');
  }
  if (!can(adapter, 'download')) throw unsupported(adapter, 'download');
  return from;
}

function checkedDestination(to: Writable): Writable {
  if (!isAdapter(to))
    throw invalidRequest({ operation: 'copy', message: 'to is no adapter', hint: 'Give an adapter that uploads, for example filesAssets({ dir }).' });
  if (!can(to as AnyAdapter, 'upload')) throw unsupported(to as AnyAdapter, 'upload');
  return to;
}

function unsupported({ vendor }: AnyAdapter, verb: 'download' | 'upload'): ApiError {
  return new ApiError({
    kind: 'unsupported',
    vendor,
    operation: 'copy',
    message: `nothing can be copied ${verb === 'upload' ? 'to' : 'from'} ${vendor}: it has no ${verb}()`,
    outcome: 'not-sent',
    hint: whoCan(verb, {}),
  });
}
