/** The life of one item of `copyAll`: from what an earlier run left of it to its line in the report. */

import { ApiError, sleep } from '@asset-clients/runtime';

import { can } from './can.ts';
import { plainRef } from './copy-all-key.ts';
import type {
  AnyAdapter,
  AssetRef,
  CopyAllOptions,
  CopyAllProgress,
  CopyBaseOptions,
  CopyFailure,
  CopyItem,
  CopyItemResult,
  CopyItemStatus,
  JournalEntry,
  LeftBehind,
  OpenJournal,
  Supports,
  TransferProgress,
  Writable,
} from './contract.ts';
import { copy } from './copy.ts';
import { adviseUpload, CopyError } from './errors.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Who is asked to wait longer is told so, and may come again. */
const LONGEST_ASKED_WAIT_MS = 60_000;

/** The options of a run, complete where an item needs them. */
export type Settings = CopyAllOptions & Required<{ [Name in 'concurrency' | 'itemRetries' | 'clock']: NonNullable<CopyAllOptions[Name]> }>;

/** What an item needs from its run. */
export interface ItemContext {
  readonly settings: Settings;
  readonly journal: OpenJournal | undefined;
  /** Ends the item. */
  readonly signal: AbortSignal;
  /** Until when all items wait, because a vendor asked for quiet. */
  quietUntil: number;
  /** Makes this item the owner of a name; `false` when another one is. */
  claimName(to: Writable, name: string, item: string, index: number): Promise<boolean>;
  /** Entries that could not be written end the run. */
  put(entry: JournalEntry): Promise<void>;
  tell(progress: Pick<CopyAllProgress, 'event' | 'index' | 'from' | 'bytes' | 'size' | 'waitMs' | 'error'>): void;
  /** Whether the run itself has failed. */
  readonly failed: boolean;
}

/** What is at the destination after an attempt that failed, or that an earlier run did not end. */
type Leaves = 'nothing' | 'complete' | 'empty' | 'unknown';

/** One item under way. */
export class ItemCopy {
  readonly #run: ItemContext;
  readonly #index: number;
  readonly #item: CopyItem;
  readonly #key: string;
  readonly #options: string;
  #leftBehind: readonly LeftBehind[] = [];
  #attempts = 0;
  /** Whether the journal has an entry that must not stay as it is. */
  #journalled = false;
  /** Of the attempt that is under way: the destination was asked to store something; the id that it gave; bytes of it. */
  #begun = false;
  #created: AssetRef | undefined;
  #size: number | undefined;
  /** It was stopped, because its name is taken. */
  #refusal: ApiError | undefined;
  #progress: Pick<CopyAllProgress, 'bytes' | 'size'> = { bytes: 0, size: undefined };

  constructor(run: ItemContext, index: number, item: CopyItem, key: string, options: string) {
    this.#run = run;
    this.#index = index;
    this.#item = item;
    this.#key = key;
    this.#options = options;
  }

  /** @param known - What the journal has of it. */
  async toEnd(known: JournalEntry | undefined): Promise<CopyItemResult> {
    this.#leftBehind = known?.leftBehind ?? [];
    if (known?.state === 'copied') return this.#copiedBefore(known);
    return (await this.#takeUp(known)) ?? (await this.#tryOften());
  }

  #copiedBefore(known: JournalEntry): CopyItemResult {
    if (known.options === this.#options) return this.#result('skipped', { to: known.to });
    return this.#result('failed', {
      to: known.to,
      error: this.#error('conflict', 'the journal says that it was copied, but with another mediaType or other vendorOptions', {
        hint: 'To have it a second time, give it another name (as) or the job another journal.',
      }),
    });
  }

  /** Finds out what an earlier run left; `undefined` when the item may be copied now. */
  async #takeUp(known: JournalEntry | undefined): Promise<CopyItemResult | undefined> {
    const { journal, settings, signal } = this.#run;
    this.#journalled = known !== undefined;
    this.#size = known?.bytes;
    let why = 'an earlier run was ended while it copied this item';
    // Where entries are lost, what is left of them proves nothing but success.
    const isDoubtful = known === undefined ? (journal?.lost ?? 0) > 0 : known.doubtful === true;
    if (known?.state === 'started' || known?.state === 'created') {
      let leaves: Leaves;
      try {
        leaves = await this.#ask(known.to, known.bytes);
      } catch (error) {
        return this.#result(signal.aborted ? 'cancelled' : 'uncertain', { to: known.to, error: this.#toApiError(error) });
      }
      if (leaves === 'complete') return this.#copied(known.to!);
      if (leaves === 'empty' || leaves === 'unknown') this.#leave(known.to, leaves);
    }
    if (isDoubtful) {
      why = 'the journal lost entries, one of which may have been of this item';
      if (!this.#mayBeThere) this.#leave(undefined, 'unknown');
    }
    if (!this.#mayBeThere || this.#isReplaced || settings.retryUncertain === true) return undefined;
    const { to } = this.#leftBehind.find(({ state }) => state === 'unknown')!;
    // It is what this item is about, and nothing besides.
    this.#leftBehind = known?.leftBehind ?? [];
    return this.#result('uncertain', {
      to,
      error: this.#error('unexpected', `${why}; the destination cannot tell whether it has it`, {
        outcome: 'unknown',
        hint: 'Look at the destination. retryUncertain: true copies it again; it may be there twice then.',
      }),
    });
  }

  async #tryOften(): Promise<CopyItemResult> {
    const { settings, signal } = this.#run;
    for (;;) {
      // What became of the attempt before is told: nothing of it is open any more.
      [this.#begun, this.#created, this.#refusal, this.#size] = [false, undefined, undefined, undefined];
      this.#progress = { bytes: 0, size: this.#item.size };
      try {
        await this.#quiet();
        const { to, result } = await this.#attempt();
        return await this.#copied(to, result);
      } catch (thrown) {
        // Without a journal nothing goes on; a callback that throws ends the run.
        if (this.#run.failed) throw thrown;
        const error = this.#refusal ?? this.#toApiError(thrown);
        const waitMs = this.#attempts <= settings.itemRetries && !signal.aborted ? this.#waitBeforeRetry(error) : undefined;
        const ended = await this.#afterFailure(error, waitMs);
        if (ended !== undefined) return ended;
      }
    }
  }

  async #attempt(): Promise<{ to: AssetRef; result: CopyItemResult['result'] }> {
    const [item, run] = [this.#item, this.#run];
    this.#attempts += 1;
    this.#tell('start');
    const { timeoutMs, idleTimeoutMs, deadlineMs, maxRetries, spool } = run.settings;
    const options: CopyBaseOptions & { readonly vendorOptions?: object } = {
      timeoutMs,
      idleTimeoutMs,
      deadlineMs,
      maxRetries,
      spool,
      as: item.as,
      mediaType: item.mediaType,
      size: item.size,
      ...(item.vendorOptions !== undefined && { vendorOptions: item.vendorOptions }),
      signal: run.signal,
      onSending: ({ name, size }) => this.#onSending(name, size),
      onCreated: (ref) => this.#onCreated(plainRef(ref)),
      onProgress: ({ bytes, total }: TransferProgress) => {
        this.#progress = { bytes, size: total ?? item.size };
        this.#tell('bytes');
      },
    };
    const result = await copy(item.from, item.to, options);
    return { to: plainRef(result.to), result };
  }

  async #onSending(name: string, size: number | undefined): Promise<void> {
    this.#size = size;
    if (!this.#rules.createsFirst) await this.#claim(name);
    await this.#put('started');
    this.#begun = true;
  }

  async #onCreated(ref: AssetRef): Promise<void> {
    await this.#claim(ref.segments.join('/'));
    await this.#put('created', { to: ref, bytes: this.#size });
    this.#created = ref;
  }

  /** Where one name is one file, a second item must not take the first one's file for its own, or replace it. */
  async #claim(name: string): Promise<void> {
    if (this.#rules.sameName === 'adds' || (await this.#run.claimName(this.#item.to, name, this.#key, this.#index))) return;
    this.#refusal = this.#error('conflict', `another item is ${JSON.stringify(name)} at the destination`, { hint: 'Give it another name (as).' });
    throw this.#refusal;
  }

  /** @param waitMs - Before another attempt; `undefined`: there is to be none. */
  async #afterFailure(failure: ApiError, waitMs: number | undefined): Promise<CopyItemResult | undefined> {
    const { signal } = this.#run;
    const to = this.#created ?? (failure as { copy?: CopyFailure }).copy?.to;
    let leaves = this.#leavesOf(failure);
    if (waitMs !== undefined && (leaves !== 'unknown' || this.#isReplaced || this.#canTell(to))) {
      this.#tell('wait', { waitMs, error: failure });
      await sleep(this.#run.settings.clock, waitMs, signal).catch(() => undefined);
    }
    // After the wait: what was on its way may have arrived.
    if (leaves === 'unknown') leaves = await this.#ask(to, this.#size).catch(() => 'unknown' as const);
    if (leaves === 'complete') return this.#copied(to!);
    if (CopyError.is(failure) && leaves !== failure.copy.leaves) {
      // It knows better now than when it was thrown.
      adviseUpload(failure, this.#item.to, leaves, to);
      Object.assign(failure, { copy: Object.freeze({ side: failure.copy.side, leaves, ...(leaves !== 'nothing' && to !== undefined && { to }) }) });
    }
    if (leaves === 'unknown' && !this.#isReplaced) return this.#result('uncertain', { to, error: failure });
    if (leaves === 'empty' || leaves === 'unknown') this.#leave(to, leaves);
    if (waitMs !== undefined && !signal.aborted) return undefined;
    if (this.#journalled) await this.#put('open');
    const status = failure.kind === 'aborted' || signal.aborted ? 'cancelled' : failure.kind === 'not-ready' ? 'not-ready' : 'failed';
    return this.#result(this.#mayBeThere ? 'uncertain' : status, { error: failure });
  }

  #leavesOf(error: ApiError): Leaves {
    if (!this.#begun || this.#refusal !== undefined) return 'nothing';
    const told = (error as { copy?: CopyFailure }).copy?.leaves ?? (error.outcome === 'unknown' ? 'unknown' : 'nothing');
    return told === 'empty' ? this.#emptyOr : told;
  }

  get #rules(): Exclude<Supports['upload'], false> {
    return this.#item.to.supports.upload;
  }

  /** Another upload takes the place of this one: it may be repeated whatever became of it. */
  get #isReplaced(): boolean {
    return this.#rules.sameName === 'replaces';
  }

  /** An attempt of which nobody knows the end. */
  get #mayBeThere(): boolean {
    return this.#leftBehind.some(({ state }) => state === 'unknown');
  }

  /** A name that was not used leaves nothing; an id without content is left behind. */
  get #emptyOr(): 'empty' | 'nothing' {
    return this.#rules.sameName === 'adds' ? 'empty' : 'nothing';
  }

  #canTell(to: AssetRef | undefined): boolean {
    return to === undefined ? this.#rules.createsFirst : this.#rules.tellsState;
  }

  /**
   * What became of an upload whose end nobody saw.
   *
   * @param bytes - How many it was to have.
   */
  async #ask(to: AssetRef | undefined, bytes: number | undefined): Promise<Leaves> {
    if (!this.#canTell(to)) return 'unknown';
    // No byte is sent before the id is journalled: there may be an id, but it has no content.
    if (to === undefined) return this.#emptyOr;
    const adapter: AnyAdapter & Writable = this.#item.to;
    const { timeoutMs, idleTimeoutMs, deadlineMs, maxRetries } = this.#run.settings;
    const options = { timeoutMs, idleTimeoutMs, deadlineMs, maxRetries, signal: this.#run.signal };
    try {
      const state = await adapter.uploadState(to, options);
      if (state !== 'complete') return state === 'empty' ? this.#emptyOr : 'unknown';
      if (bytes === undefined || !can(adapter, 'get')) return 'complete';
      // Somebody else's file under the same name.
      return ((await adapter.get(to, options)).size ?? bytes) === bytes ? 'complete' : 'unknown';
    } catch (error) {
      if (ApiError.is(error) && error.kind === 'not-found') return 'nothing';
      throw error;
    }
  }

  /** Milliseconds; `undefined` where another attempt would end alike, or the vendor wants more patience than we have. */
  #waitBeforeRetry(error: ApiError): number | undefined {
    if (error.kind === 'not-ready' || !(error.retryable || error.kind === 'integrity')) return undefined;
    const asked = error.retryAfterMs ?? 0;
    if (asked > LONGEST_ASKED_WAIT_MS) return undefined;
    const { clock } = this.#run.settings;
    // One vendor's limit holds for all items: the others would only be refused, too.
    if (error.kind === 'rate-limited') this.#run.quietUntil = Math.max(this.#run.quietUntil, clock.now() + asked);
    // At least half of it: what is on its way needs time to arrive.
    const growing = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#attempts - 1));
    return Math.max(asked, Math.round((growing / 2) * (1 + Math.random())));
  }

  async #quiet(): Promise<void> {
    const { settings, signal } = this.#run;
    await sleep(settings.clock, this.#run.quietUntil - settings.clock.now(), signal);
  }

  async #copied(to: AssetRef, result?: CopyItemResult['result']): Promise<CopyItemResult> {
    if (this.#isReplaced) this.#leftBehind = this.#leftBehind.filter(({ state }) => state !== 'unknown');
    const facts = result === undefined ? { bytes: this.#size } : { bytes: result.bytes, ...(result.sha256 !== undefined && { sha256: result.sha256 }) };
    // When it cannot be journalled the run ends, but copied it is.
    await this.#put('copied', { to, ...facts }).catch(() => undefined);
    return this.#result('copied', { to, result });
  }

  #leave(to: AssetRef | undefined, state: LeftBehind['state']): void {
    this.#leftBehind = [...this.#leftBehind, { to, state }];
  }

  async #put(state: JournalEntry['state'], more: Pick<JournalEntry, 'to' | 'bytes' | 'sha256'> = {}): Promise<void> {
    this.#journalled = true;
    await this.#run.put({
      item: this.#key,
      state,
      at: new Date(this.#run.settings.clock.now()).toISOString(),
      options: this.#options,
      ...more,
      ...(this.#leftBehind.length > 0 && { leftBehind: this.#leftBehind }),
    });
  }

  #tell(event: CopyAllProgress['event'], more: Pick<CopyAllProgress, 'waitMs' | 'error'> = {}): void {
    this.#run.tell({ event, index: this.#index, from: plainRef(this.#item.from), ...this.#progress, ...more });
  }

  #result(status: CopyItemStatus, more: Pick<CopyItemResult, 'to' | 'result' | 'error'>): CopyItemResult {
    const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    return { index: this.#index, status, from: plainRef(this.#item.from), ...given, attempts: this.#attempts, leftBehind: this.#leftBehind };
  }

  #toApiError(error: unknown): ApiError {
    if (ApiError.is(error)) return error;
    const isAbort = this.#run.signal.aborted;
    return this.#error(isAbort ? 'aborted' : 'unexpected', isAbort ? 'the run was aborted' : error instanceof Error ? error.message : String(error), {
      outcome: this.#begun ? 'unknown' : 'not-sent',
      cause: error,
      hint: isAbort ? 'The signal ended it: run again with the same items.' : 'See its cause, which is what was thrown.',
    });
  }

  #error(kind: ApiError['kind'], message: string, more: { hint: string; outcome?: ApiError['outcome']; cause?: unknown }): ApiError {
    return new ApiError({ kind, operation: 'copyAll', message, outcome: 'not-sent', ...more });
  }
}
