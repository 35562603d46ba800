/** Makes an adapter of what a vendor can do: checks, errors and references are the same in all of them. */

import { ApiError, binaryBody, invalidRequest, type BinaryBody, type Content, type OutgoingBody } from '@asset-clients/runtime';

import { checkManifest, checkUpload, deepFreeze, whoCan } from './checks.ts';
import type {
  AdapterTypes,
  AnyAdapter,
  Asset,
  AssetRef,
  AssetsAdapter,
  BoundRef,
  Supports,
  Uploaded,
  UploadOptions,
  UploadSource,
  UploadState,
  Verb,
  VerbOptions,
} from './contract.ts';
import { adviseUpload, leftBy } from './errors.ts';
import { CALLBACK, checkOptions, VERB_RULES } from './options.ts';
import { checkedRef, formatAssetRef, freezeRef, isAssetRef, segmentPosition, wrongRef } from './refs.ts';

const VERBS: readonly Verb[] = ['get', 'download', 'upload', 'delete', 'downloadMany'];

/** What `get` of a definition gives. */
export type Details<Raw> = Omit<Asset<Raw>, 'ref'>;

/** A checked source, as `upload` of a definition gets it. */
export interface CheckedSource extends UploadSource {
  /** Bytes; known where `supports.upload.needsSize`. */
  readonly size: number | undefined;
}

/** What `upload` of a definition gets besides the source. */
export interface UploadContext extends VerbOptions {
  /** To be awaited with the segments of the new asset before any byte is sent, where `supports.upload.createsFirst`. */
  readonly onCreated: (segments: readonly string[]) => Promise<void>;
}

/** What `upload` of a definition gives. */
export interface Stored<Raw> {
  readonly segments: readonly string[];
  /** The name that it has now. Default: the source's. */
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  /** How many bytes the destination says that it has; other than were sent is an error. Absent where it does not tell. */
  readonly storedBytes?: number | undefined;
  readonly raw: Raw;
}

/** What the verbs of a definition do; arguments are checked already, and what is no ApiError becomes one. */
interface Implementations<Types extends AdapterTypes, Key> {
  get(key: Key, options: VerbOptions): Promise<Details<Types['raw']>>;
  download(key: Key, options: VerbOptions): Promise<Content>;
  upload(source: CheckedSource & Types['upload'], context: UploadContext): Promise<Stored<Types['uploaded']>>;
  delete(key: Key, options: VerbOptions): Promise<void>;
  downloadMany(keys: readonly Key[], options: VerbOptions): Promise<Content>;
}

/** What the author of an adapter writes. */
export type AdapterDefinition<Verbs extends Verb, Types extends AdapterTypes, Key> = {
  /** The first part of references: small letters, digits and `-`. */
  readonly vendor: string;
  /** See {@link AnyAdapter}. */
  readonly place?: string | undefined;
  /** The manifest: exactly these verbs, the others `false`. */
  readonly supports: { readonly [Name in Verbs]: Exclude<Supports[Name], false> } & { readonly [Name in Exclude<Verb, Verbs>]: false };
  /** The segments of what a caller names; throws a TypeError that says what is wrong with it. */
  toSegments(target: Types['target']): readonly string[];
  /** What the verbs take; throws a TypeError, or a {@link SegmentError} that says which segment is wrong. */
  fromSegments(segments: readonly string[]): Key;
} & Pick<Implementations<Types, Key>, Verbs> & { readonly [Name in Exclude<Verb, Verbs>]?: never } & ('upload' extends Verbs
    ? { /** Needed where `supports.upload.tellsState`. */ uploadState?(key: Key, options: VerbOptions): Promise<UploadState> }
    : unknown);

/** A segment of a reference that the vendor cannot have. */
export class SegmentError extends TypeError {
  override readonly name = 'SegmentError';
  /** Counted from 0; as many as there are segments: one is missing. */
  readonly index: number;

  constructor(index: number, problem: string) {
    super(problem);
    this.index = index;
  }
}

/** The same adapter under a name; `createAssets` asks for it. */
export const NAMED: unique symbol = Symbol('named');
/** The other adapters of the same `createAssets`, for hints. */
export type Siblings = () => Readonly<Record<string, AnyAdapter>>;

interface Named {
  readonly [NAMED]: (instance: string, siblings: Siblings) => AnyAdapter;
}

/** Whether {@link defineAdapter} made it. */
export function isAdapter(value: unknown): value is AnyAdapter & Named {
  return typeof value === 'object' && value !== null && NAMED in value;
}

/**
 * Makes an adapter: arguments are checked before any request, verbs that are not supported refuse, references are bound,
 * and every error is an ApiError.
 *
 * @throws ApiError of kind `invalid-request` when manifest and verbs contradict each other.
 * @example
 * ```ts
 * const acme = defineAdapter<'download', AcmeTypes, string>({ vendor: 'acme', supports, toSegments, fromSegments, download });
 * ```
 */
export function defineAdapter<Verbs extends Verb, Types extends AdapterTypes, Key>(
  definition: AdapterDefinition<Verbs, Types, Key>,
): AssetsAdapter<Verbs, Types> {
  const loose = definition as unknown as LooseDefinition;
  checkDefinition(loose);
  return makeAdapter({ ...loose, supports: deepFreeze(structuredClone(loose.supports)) }, undefined, () => ({})) as unknown as AssetsAdapter<Verbs, Types>;
}

/** A definition whose verbs are not known to the compiler. */
interface LooseDefinition extends Partial<Implementations<AdapterTypes, unknown>> {
  readonly vendor: string;
  readonly place?: string | undefined;
  readonly supports: Supports;
  toSegments(target: unknown): readonly string[];
  fromSegments(segments: readonly string[]): unknown;
  uploadState?(key: unknown, options: VerbOptions): Promise<UploadState>;
}

function checkDefinition(definition: LooseDefinition): void {
  const refuse = (message: string): never => {
    throw invalidRequest({ vendor: definition?.vendor, operation: 'defineAdapter', message, hint: 'Manifest and verbs must say the same.' });
  };
  if (typeof definition?.vendor !== 'string' || !/^[a-z][a-z0-9-]*$/.test(definition.vendor)) refuse('vendor must be small letters, digits and "-"');
  const fault = checkManifest(definition.supports);
  if (fault !== undefined) refuse(fault);
  for (const verb of VERBS) {
    const claims = definition.supports[verb] !== false;
    const has = typeof definition[verb] === 'function';
    if (claims && !has) refuse(`supports.${verb} is claimed, but there is no ${verb}()`);
    if (!claims && has) refuse(`there is ${verb}(), but supports.${verb} is false`);
  }
  const { upload } = definition.supports;
  const tells = upload !== false && upload.tellsState;
  if (tells !== (definition.uploadState !== undefined)) refuse('supports.upload.tellsState and uploadState() contradict each other');
  for (const name of ['toSegments', 'fromSegments'] as const) if (typeof definition[name] !== 'function') refuse(`${name}() is missing`);
}

function makeAdapter(definition: LooseDefinition, instance: string | undefined, siblings: Siblings): AnyAdapter {
  const { vendor, supports, place } = definition;

  function bind(segments: readonly string[]): BoundRef {
    const ref = { ...freezeRef({ vendor, instance, segments }) };
    Object.defineProperty(ref, 'adapter', { value: adapter });
    return Object.freeze(ref) as BoundRef;
  }

  /** The segments of a target, when they can be one of this adapter. */
  function resolve(target: unknown, operation: string): { readonly ref: BoundRef; readonly key: unknown } {
    const refuse = (message: string, hint: string): never => {
      throw invalidRequest({ vendor, operation, message, hint });
    };
    let segments: readonly string[];
    if (isAssetRef(target)) {
      const ref = checkedRef(target, operation);
      const text = formatAssetRef(ref);
      if (ref.vendor !== vendor)
        refuse(`${text} is a reference of ${ref.vendor}`, `This adapter reads references of ${vendor}; createAssets({...}).get() finds the right one.`);
      if (ref.instance !== undefined && ref.instance !== instance) {
        refuse(
          `${text} is a reference of the instance ${ref.instance}, and this adapter is ${instance ?? 'not named'}`,
          'createAssets({ name: adapter }) names adapters and finds the right one.',
        );
      }
      ({ segments } = ref);
    } else {
      if (typeof target === 'string' && new RegExp(`^${vendor}(?:@\\w[\\w-]*)?:`).test(target)) {
        refuse(`${JSON.stringify(target)} is the text of a reference`, 'Read it with parseAssetRef(), or give it to createAssets({...}).get().');
      }
      try {
        segments = definition.toSegments(target);
        checkedRef({ vendor, segments }, operation);
      } catch (error) {
        return refuse(messageOf(error), 'Correct the argument; no request was sent.');
      }
    }
    const ref = bind(segments);
    try {
      return { ref, key: definition.fromSegments(ref.segments) };
    } catch (error) {
      if (!isAssetRef(target)) return refuse(messageOf(error), 'Correct the argument; no request was sent.');
      // As the caller wrote it, with or without the instance.
      const text = formatAssetRef(target);
      if (!(error instanceof SegmentError)) return refuse(`${text}: ${messageOf(error)}`, 'Correct the argument; no request was sent.');
      const isMissing = error.index >= target.segments.length;
      throw wrongRef(operation, text, isMissing ? text.length : segmentPosition(target, error.index), error.message, vendor);
    }
  }

  /** Runs a verb; whatever goes wrong is an ApiError. */
  async function run<Result>(verb: Verb | 'uploadState', options: VerbOptions = {}, work: (options: VerbOptions) => Promise<Result>): Promise<Result> {
    checkOptions(options, verb === 'upload' ? UPLOAD_RULES : VERB_RULES, { vendor, operation: verb });
    const known = verbOptions(options);
    let isBegun = false;
    try {
      known.signal?.throwIfAborted();
      isBegun = true;
      return await work(known);
    } catch (error) {
      const { signal } = known;
      // The reason of an abort may be any error, an ApiError of something else included.
      const isReason = signal?.aborted === true && error === signal.reason;
      if (ApiError.is(error) && !isReason) throw error;
      if (signal?.aborted === true && (isReason || (error as Error | undefined)?.name === 'AbortError')) {
        const outcome = isBegun ? 'unknown' : 'not-sent';
        const hint = 'The signal ended it; `cause` is its reason.';
        throw new ApiError({ kind: 'aborted', vendor, operation: verb, message: 'the call was aborted', outcome, hint, cause: signal.reason });
      }
      const hint = `What stands behind the adapter of ${vendor} threw it: see its cause.`;
      throw new ApiError({ kind: 'unexpected', vendor, operation: verb, message: messageOf(error), outcome: 'unknown', hint, cause: error });
    }
  }

  const verbs = {
    get: (target: unknown, options?: VerbOptions): Promise<Asset> =>
      run('get', options, async (known) => {
        const { ref, key } = resolve(target, 'get');
        const details = await definition.get!(key, known);
        for (const name of ['id', 'name'] as const) {
          if (typeof details[name] === 'string' && details[name] !== '') continue;
          throw new ApiError({
            kind: 'unexpected',
            vendor,
            operation: 'get',
            message: `the answer has no ${name}`,
            outcome: 'refused',
            attempts: 1,
            hint: `Every asset of ${vendor} has one; the client's own call shows the whole answer.`,
          });
        }
        return Object.freeze({ ...withoutUndefined(details), ref, raw: details.raw }) as Asset;
      }),

    download: (target: unknown, options?: VerbOptions): Promise<Content> =>
      run('download', options, async (known) => definition.download!(resolve(target, 'download').key, known)),

    upload: (source: UploadSource, options: UploadOptions = {}): Promise<Uploaded> => {
      let isAsked = false;
      let created: AssetRef | undefined;
      return run('upload', options, async (known) => {
        const { onCreated } = options;
        const body = uploadBody(source, vendor);
        checkUpload(vendor, supports, { ...source, size: body.size }, 'whole');
        let counted = 0;
        // Where nobody knows the size, what passes is counted.
        const content: BinaryBody = body.size === undefined ? counting(body, (bytes) => (counted += bytes)) : source.content;
        let failed: { readonly error: unknown } | undefined;
        const context: UploadContext = {
          ...known,
          onCreated: async (segments) => {
            const ref = bind(segments);
            created = ref;
            try {
              await onCreated?.(ref);
            } catch (error) {
              failed = { error };
              throw error;
            }
          },
        };
        isAsked = true;
        const stored = await definition.upload!({ ...source, content, size: body.size }, context).catch((error: unknown) => {
          if (failed === undefined || ApiError.is(error)) throw error;
          throw invalidRequest({ vendor, operation: 'upload', message: 'onCreated failed', hint: 'No content was sent.', cause: failed.error });
        });
        isAsked = false;
        const bytes = body.size ?? counted;
        const { storedBytes } = stored;
        if (storedBytes !== undefined && storedBytes !== bytes) {
          throw new ApiError({
            kind: 'integrity',
            vendor,
            operation: 'upload',
            params: { name: source.name },
            message: `${bytes} bytes were sent, but ${vendor} says that it has ${storedBytes}`,
            outcome: 'unknown',
            attempts: 1,
            hint: 'Do not use what was stored; look at it, and upload again.',
          });
        }
        return Object.freeze({
          ref: bind(stored.segments),
          name: stored.name ?? source.name,
          ...(stored.mediaType === undefined ? {} : { mediaType: stored.mediaType }),
          receipt: Object.freeze({ bytes, verified: storedBytes === undefined ? 'none' : 'length' } as const),
          raw: stored.raw,
        });
      }).catch((error: unknown) => {
        if (isAsked && ApiError.is(error)) adviseUpload(error, definition, leftBy(error, definition, created !== undefined, false), created);
        throw error;
      });
    },

    uploadState: (ref: AssetRef, options?: VerbOptions): Promise<UploadState> =>
      run('uploadState', options, async (known) => {
        if (!isAssetRef(ref))
          throw invalidRequest({ vendor, operation: 'uploadState', message: 'a reference is expected', hint: 'Give what onCreated or upload gave.' });
        const { key } = resolve(ref, 'uploadState');
        return definition.uploadState === undefined ? 'unknown' : definition.uploadState(key, known);
      }),

    delete: (target: unknown, options?: VerbOptions): Promise<void> =>
      run('delete', options, async (known) => definition.delete!(resolve(target, 'delete').key, known)),

    downloadMany: (targets: readonly unknown[], options?: VerbOptions): Promise<Content> =>
      run('downloadMany', options, async (known) => {
        if (!Array.isArray(targets) || targets.length === 0) {
          throw invalidRequest({ vendor, operation: 'downloadMany', message: 'a list of at least one file is expected', hint: 'No request was sent.' });
        }
        return definition.downloadMany!(
          targets.map((target) => resolve(target, 'downloadMany').key),
          known,
        );
      }),
  };

  const refuse = (verb: Verb): Promise<never> =>
    Promise.reject(
      new ApiError({
        kind: 'unsupported',
        vendor,
        operation: verb,
        message: `${vendor} has no public operation for this, so this adapter has no ${verb}()`,
        outcome: 'not-sent',
        hint: `${whoCan(verb, siblings())} can(adapter, '${verb}') asks beforehand.`,
      }),
    );

  const adapter = {
    vendor,
    instance,
    ...(place === undefined ? {} : { place }),
    supports,
    ref: (target: unknown) => resolve(target, 'ref').ref,
  } as unknown as AnyAdapter;
  for (const [name, work] of Object.entries(verbs)) {
    const verb = name === 'uploadState' ? 'upload' : (name as Verb);
    const isSupported = supports[verb] !== false;
    // What is not supported is no member for TypeScript, and refuses for JavaScript; nobody should find it in a listing.
    Object.defineProperty(adapter, name, { value: isSupported ? work : () => refuse(verb), enumerable: isSupported });
  }
  Object.defineProperty(adapter, NAMED, { value: (name: string, others: Siblings) => makeAdapter(definition, name, others) });
  return Object.freeze(adapter);
}

const UPLOAD_RULES = { ...VERB_RULES, onCreated: CALLBACK };

/** The options that all adapters pass on. */
export function verbOptions(options: VerbOptions): VerbOptions {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => Object.hasOwn(VERB_RULES, name) && value !== undefined)) as VerbOptions;
}

function uploadBody(source: UploadSource, vendor: string): OutgoingBody {
  try {
    if (typeof source !== 'object' || source === null) throw new TypeError('is missing: give { name, content }');
    return binaryBody(source.content, source.size);
  } catch (error) {
    throw invalidRequest({ vendor, operation: 'upload', message: `content ${messageOf(error)}`, hint: 'Correct the argument; no request was sent.' });
  }
}

async function* counting(body: OutgoingBody, count: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of body.open()) {
    count(chunk.length);
    yield chunk;
  }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
