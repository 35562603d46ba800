/** Many copies: bounded, told one by one, and continued by another run where this one stopped. */

import { ApiError, invalidRequest, nearest, systemClock } from '@asset-clients/runtime';

import { ItemCopy, type ItemContext, type Settings } from './copy-all-item.ts';
import { digest, itemKey, nameKey, optionsDigest, plainRef } from './copy-all-key.ts';
import { Queue } from './copy-all-queue.ts';
import type {
  CopyAllOptions,
  CopyAllProgress,
  CopyAllReport,
  CopyItem,
  CopyItemResult,
  CopyItemStatus,
  JournalEntry,
  LeftBehind,
  OpenJournal,
  Writable,
} from './contract.ts';
import { CALLBACK, checkOptions, CLOCK, FLAG, JOURNAL, SPOOL, VERB_RULES, whole, type OptionRule } from './options.ts';

const DEFAULT_CONCURRENCY = 4;
const DEFAULT_RETRIES = 2;
const RULES: Readonly<Record<keyof CopyAllOptions, OptionRule>> = {
  concurrency: whole(1),
  journal: JOURNAL,
  onItem: CALLBACK,
  itemRetries: whole(0),
  retryUncertain: FLAG,
  spool: SPOOL,
  clock: CLOCK,
  ...VERB_RULES,
};
const ITEM: readonly (keyof CopyItem)[] = ['from', 'to', 'as', 'mediaType', 'size', 'vendorOptions'];
/** What a report lists; the rest is counted, and `onItem` was told of it. */
const MOST_LISTED = 1000;

/**
 * Copies many files, each from any adapter to any other, a few at a time. What happens to one does not stop the others.
 *
 * A failure that may pass is tried again only when it is certain that nothing was stored. Where that is not certain, the
 * destination is asked (`uploadState`), and where it does not know either, the item is `uncertain` and left alone. With a
 * `journal`, a run that was ended at any moment, even killed, is continued by another with the same items.
 *
 * An item that is given twice is copied once. Where a destination keeps one file per name (`sameName: 'replaces'`), the
 * first item with a name gets it, and another one fails with kind `conflict`: give it a name by `as`.
 *
 * @param items - Read as they are needed, never ahead. About 200 bytes are kept of each, to know it when it comes again.
 * @returns When every item is at its end. An item never rejects it.
 * @throws ApiError of kind `invalid-request` for wrong options; what opening the journal throws. When the items cannot be
 *   read on, `onItem` or `onProgress` throws, or the journal cannot be written, what is under way is ended, and the error
 *   has the `report` so far (`CopyAllError.is(error)` types it).
 * @example
 * ```ts
 * const items = ids.map((id) => ({ from: dam.ref(id), to: out }));
 * const report = await copyAll(items, { journal: fileJournal('campaign.journal'), onItem: ({ status, error }) => log(status, error?.message) });
 * if (!report.complete) process.exitCode = 1;
 * ```
 */
export async function copyAll(items: Iterable<CopyItem> | AsyncIterable<CopyItem>, options: CopyAllOptions = {}): Promise<CopyAllReport> {
  const settings = checkArguments(items, options);
  const journal = await options.journal?.open();
  const run = new Run(items, settings, journal);
  let report: CopyAllReport;
  try {
    report = await run.toEnd();
  } catch (error) {
    // It tells more than what comes of it.
    await journal?.close().catch(() => undefined);
    throw error;
  }
  await journal?.close().catch((error: unknown) => {
    throw Object.assign(runFailure('the journal cannot be kept', error), { report: { ...report, complete: false } });
  });
  return report;
}

/** Why a run could not go on. */
function runFailure(message: string, error: unknown): ApiError {
  const { kind, outcome } = ApiError.is(error) ? error : { kind: 'unexpected' as const, outcome: 'unknown' as const };
  return new ApiError({ kind, operation: 'copyAll', message, outcome, cause: error, hint: 'Its cause says why; report says how far the run came.' });
}

function checkArguments(items: unknown, options: CopyAllOptions): Settings {
  const refuse = (message: string): never => {
    throw invalidRequest({ operation: 'copyAll', message, hint: 'Correct the argument; nothing was copied.' });
  };
  if (typeof items !== 'object' || items === null || !(Symbol.iterator in items || Symbol.asyncIterator in items)) {
    refuse('items must be an array or another iterable');
  }
  checkOptions(options, RULES, { operation: 'copyAll' });
  const { concurrency = DEFAULT_CONCURRENCY, itemRetries = DEFAULT_RETRIES, clock = systemClock } = options;
  return { ...options, concurrency, itemRetries, clock };
}

/** An item that may be copied. */
interface Task {
  readonly index: number;
  readonly item: CopyItem;
  /** Its name in the journal, and a digest of its options. */
  readonly key: string;
  readonly options: string;
}

/** An item, or what became of it before it began. */
type Prepared = Task | CopyItemResult;

class Run implements ItemContext {
  readonly settings: Settings;
  readonly journal: OpenJournal | undefined;
  quietUntil = 0;
  readonly #items: Iterable<CopyItem> | AsyncIterable<CopyItem>;
  /** Known where the items are an array. */
  readonly #total: number | undefined;
  /** Ends everything under way: the caller's signal, or a failure of the run itself. */
  readonly #stop = new AbortController();
  #failure: ApiError | undefined;
  /** The items so far, and a digest of their options. */
  readonly #seen = new Map<string, string>();
  /** Which item has which name, at destinations that keep one file per name. */
  readonly #names = new Map<string, number>();
  #begun = 0;
  #finished = 0;
  #known = 0;
  #bytes = 0;
  readonly #counts: Record<CopyItemStatus, number> = { copied: 0, skipped: 0, duplicate: 0, failed: 0, 'not-ready': 0, uncertain: 0, cancelled: 0 };
  readonly #problems: CopyItemResult[] = [];
  readonly #leftBehind: LeftBehind[] = [];
  readonly #omitted = { problems: 0, leftBehind: 0 };

  constructor(items: Iterable<CopyItem> | AsyncIterable<CopyItem>, settings: Settings, journal: OpenJournal | undefined) {
    this.#items = items;
    this.settings = settings;
    this.journal = journal;
    this.#total = Array.isArray(items) ? items.length : undefined;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  async toEnd(): Promise<CopyAllReport> {
    const { signal, concurrency } = this.settings;
    const onAbort = (): void => this.#stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    const queue = new Queue(this.#items, (index, item) => this.#prepare(index, item), { signal: this.signal, toEnd: this.#total !== undefined });
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, this.#total ?? concurrency) }, () => this.#work(queue)));
    } finally {
      signal?.removeEventListener('abort', onAbort);
      queue.close();
    }
    const report = this.#report();
    if (this.#failure !== undefined) throw Object.assign(this.#failure, { report });
    return report;
  }

  async #work(queue: Queue<Prepared>): Promise<void> {
    while (!this.failed) {
      const next = await queue.next().catch((error: unknown) => this.#fail('the items cannot be read on', error));
      if (next === undefined) return;
      // Items are worked on side by side, each from here to its end.
      const result = 'status' in next ? next : await this.#copy(next).catch((error: unknown) => this.#fail('the run cannot go on', error));
      if (result !== undefined) await this.#finish(result);
    }
  }

  /** Tells the item from those before it, in their order. */
  async #prepare(index: number, item: CopyItem): Promise<Prepared> {
    this.#begun += 1;
    const ended = (status: CopyItemStatus, error?: ApiError): CopyItemResult => ({
      index,
      status,
      from: shownRef(item),
      ...(error !== undefined && { error }),
      attempts: 0,
      leftBehind: [],
    });
    if (this.signal.aborted) {
      const { reason } = this.signal;
      const hint = 'Nothing of it was begun: run again with the same items.';
      return ended(
        'cancelled',
        new ApiError({ kind: 'aborted', operation: 'copyAll', message: 'the run was aborted', outcome: 'not-sent', hint, cause: reason }),
      );
    }
    let [key, name, options] = ['', '', ''];
    try {
      key = itemKey(item);
      [name, options] = await Promise.all([digest(key), optionsDigest(item)]);
    } catch (error) {
      const message = 'the item must have from (a reference that an adapter made) and to (an adapter)';
      return ended('failed', invalidRequest({ operation: 'copyAll', message, cause: error, hint: 'Make it with adapter.ref(id).' }));
    }
    const misspelt = misspeltMember(item);
    if (misspelt !== undefined) return ended('failed', invalidRequest({ operation: 'copyAll', message: misspelt, hint: `An item has ${ITEM.join(', ')}.` }));
    const before = this.#seen.get(name);
    if (before === undefined) {
      this.#seen.set(name, options);
      return { index, item, key, options };
    }
    if (before === options) return ended('duplicate');
    const message = 'the same file, destination and name came before with another mediaType or other vendorOptions';
    return ended('failed', new ApiError({ kind: 'conflict', operation: 'copyAll', message, outcome: 'not-sent', hint: 'Give it another name (as).' }));
  }

  async #copy({ index, item, key, options }: Task): Promise<CopyItemResult> {
    const known = await this.journal?.get(key);
    if (known !== undefined) this.#known += 1;
    return new ItemCopy(this, index, item, key, options).toEnd(known);
  }

  async #finish(result: CopyItemResult): Promise<void> {
    const { status } = result;
    this.#finished += 1;
    this.#counts[status] += 1;
    if (status === 'copied') this.#bytes += result.result?.bytes ?? 0;
    if (!['copied', 'skipped', 'duplicate'].includes(status)) this.#list('problems', result);
    for (const left of result.leftBehind) this.#list('leftBehind', left);
    if (this.failed) return;
    try {
      await this.settings.onItem?.(result);
      const { index, from, error } = result;
      const bytes = result.result?.bytes ?? 0;
      this.tell({ event: 'end', index, from, bytes, size: result.result?.bytes, error });
    } catch (error) {
      this.#fail('onItem failed', error);
    }
  }

  #list<Name extends 'problems' | 'leftBehind'>(name: Name, entry: Name extends 'problems' ? CopyItemResult : LeftBehind): void {
    const list: unknown[] = name === 'problems' ? this.#problems : this.#leftBehind;
    if (list.length < MOST_LISTED) list.push(entry);
    else this.#omitted[name] += 1;
  }

  async claimName(to: Writable, name: string, item: string, index: number): Promise<boolean> {
    const key = nameKey(to, name);
    const short = await digest(key);
    const known = await this.journal?.get(key);
    // From here on nobody comes between.
    if ((this.#names.get(short) ?? index) !== index || (known?.by ?? item) !== item) return false;
    this.#names.set(short, index);
    if (known === undefined) await this.put({ item: key, state: 'name', at: new Date(this.settings.clock.now()).toISOString(), options: '', by: item });
    return true;
  }

  async put(entry: JournalEntry): Promise<void> {
    try {
      await this.journal?.put(entry);
    } catch (error) {
      this.#fail('the journal cannot be written', error);
      throw error;
    }
  }

  tell(progress: Pick<CopyAllProgress, 'event' | 'index' | 'from' | 'bytes' | 'size' | 'waitMs' | 'error'>): void {
    if (this.failed) return;
    try {
      this.settings.onProgress?.({ ...progress, finished: this.#finished, total: this.#total ?? this.#begun });
    } catch (error) {
      this.#fail('onProgress failed', error);
      throw error;
    }
  }

  /** The run itself cannot go on: what is under way is ended, and nothing is begun. */
  #fail(message: string, error: unknown): undefined {
    if (this.#failure !== undefined) return;
    this.#failure = runFailure(message, error);
    this.#stop.abort(this.#failure);
  }

  #report(): CopyAllReport {
    const { copied, skipped, duplicate } = this.#counts;
    const aborted = this.settings.signal?.aborted === true;
    return Object.freeze({
      complete: !aborted && !this.failed && copied + skipped + duplicate === this.#finished,
      aborted,
      counts: Object.freeze({ ...this.#counts }),
      bytes: this.#bytes,
      problems: this.#problems,
      leftBehind: this.#leftBehind,
      omitted: this.#omitted,
      notInRun: (this.journal?.size ?? 0) - this.#known,
    });
  }
}

/** Shorter names are like many others. */
const LONG_NAME = 8;

/** A member that is almost one of an item. Others are the caller's own. */
function misspeltMember(item: CopyItem): string | undefined {
  for (const name of Object.keys(item)) {
    const near = (ITEM as readonly string[]).includes(name) ? undefined : nearest(name, ITEM);
    if (near !== undefined && (near.length >= LONG_NAME || near === name.toLowerCase()))
      return `the item has ${name}, which counts for nothing; did you mean ${near}?`;
  }
  return undefined;
}

/** Of something that need not be an item. */
function shownRef(item: CopyItem): CopyItemResult['from'] {
  try {
    return plainRef(item.from);
  } catch {
    return { vendor: '', segments: [] };
  }
}
