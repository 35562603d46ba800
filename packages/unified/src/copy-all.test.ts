import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ApiError, type Clock } from '@asset-clients/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';

import { broken, library, refusal, Store, textOf, type Step, type StoreOptions } from '../test/store.ts';
import type { CopyAllOptions, CopyAllProgress, CopyItem, CopyItemResult, Journal, JournalEntry } from './contract.ts';
import { copyAll } from './copy-all.ts';
import { filesAssets } from './files.ts';
import { fileJournal } from './journal.ts';

/** Every wait is over at once; how long it would have been is noted. */
class SkippingClock implements Clock {
  readonly waited: number[] = [];
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    this.waited.push(ms);
    this.#now += ms;
    return setImmediate(callback);
  }

  clearTimeout(timer: unknown): void {
    clearImmediate(timer as NodeJS.Immediate);
  }
}

/** A journal in memory, as a database table would be. */
class Table implements Journal {
  readonly entries = new Map<string, JournalEntry>();
  /** Told before an entry is kept. */
  onPut: ((entry: JournalEntry) => void) | undefined;
  opened = 0;
  closed = 0;
  lost = 0;

  async open(): Promise<Awaited<ReturnType<Journal['open']>>> {
    this.opened += 1;
    return {
      size: [...this.entries.values()].filter(({ state }) => state !== 'name').length,
      lost: this.lost,
      get: async (item) => this.entries.get(item),
      put: async (entry) => {
        this.onPut?.(entry);
        this.entries.set(entry.item, structuredClone(entry));
      },
      close: async () => void (this.closed += 1),
    };
  }

  states(): Record<string, string> {
    return Object.fromEntries([...this.entries.values()].map(({ item, state }) => [/:(.*?) >/.exec(item)?.[1] ?? item, state]));
  }
}

const source = library();

function itemsOf(store: Store, ids: readonly string[], more: Partial<CopyItem> = {}): CopyItem[] {
  return ids.map((id) => ({ from: source.ref(id), to: store.adapter, ...more }));
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `f${index}`);
}

function filesOf(names: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(names.map((id) => [`${id}.txt`, [textOf(id)]]));
}

/** Throws once for each of these names, at this step. */
function failOnce(step: Step, error: () => Error, ...names: readonly string[]): NonNullable<StoreOptions['onStep']> {
  const left = new Set(names.map((id) => `${id}.txt`));
  return (at, name) => {
    if (at === step && left.delete(name)) throw error();
  };
}

async function run(items: Iterable<CopyItem> | AsyncIterable<CopyItem>, options: CopyAllOptions = {}) {
  const results: CopyItemResult[] = [];
  const clock = new SkippingClock();
  const report = await copyAll(items, { clock, ...options, onItem: (result) => void results.push(result) });
  results.sort((a, b) => a.index - b.index);
  return { report, results, waited: clock.waited, statuses: results.map(({ status }) => status) };
}

async function failure(promise: Promise<unknown>): Promise<ApiError & { report?: unknown }> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!ApiError.is(error)) throw new Error('no ApiError', { cause: error });
  return error;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'copy-all-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe('a journal that is lost while the run goes on', () => {
  const IDS = ids(30);
  /** What somebody does to the journal, and whether another run finds it by itself. */
  const losses: readonly (readonly [string, (path: string) => Promise<void>, boolean])[] = [
    ['its folder deleted', async (path) => rm(dirname(path), { recursive: true }), true],
    ['the file deleted', async (path) => rm(path), true],
    ['its folder moved', async (path) => rename(dirname(path), `${dirname(path)}-moved`), true],
    ['another file in its place', async (path) => writeFile(`${path}.other`, 'mine').then(() => rename(`${path}.other`, path)), false],
  ];

  it.each(losses.flatMap(([what, lose, stays]) => [3, IDS.length].map((after) => [what, after, lose, stays] as const)))(
    'is told, and nothing is lost: %s after item %i',
    async (_what, after, lose, stays) => {
      const path = join(await folder(), 'jobs', 'campaign.journal');
      await mkdir(dirname(path));
      const store = new Store({ rules: { tellsState: false } });
      let done = 0;
      const onItem = async ({ status }: CopyItemResult): Promise<void> => {
        expect(status).toBe('copied');
        if ((done += 1) === after) await lose(path);
      };
      const error = await failure(copyAll(itemsOf(store, IDS), { journal: fileJournal(path), onItem, concurrency: 2 }));
      expect(error).toMatchObject({ kind: 'integrity', operation: 'copyAll', report: { complete: false, counts: { copied: expect.any(Number) as number } } });
      const { message, hint } = error.cause as ApiError;
      expect(message).toContain(`the journal ${path} was`);
      const saved = /its entries were saved to (.*)$/.exec(message)![1]!;
      expect(saved === path).toBe(stays);
      expect(hint).toContain(stays ? 'nothing is lost' : `Put ${saved} in its place`);
      // No lock is left, and what is saved is a whole journal.
      expect((await readdir(dirname(path))).filter((name) => name.includes('.lock-'))).toEqual([]);
      const begun = store.uploads.length;
      const { report } = await run(itemsOf(store, IDS), { journal: fileJournal(saved) });
      expect(report.counts).toMatchObject({ uncertain: 0, failed: 0 });
      expect(report.counts.copied + report.counts.skipped).toBe(IDS.length);
      expect(report.counts.skipped).toBeGreaterThanOrEqual(after);
      expect(store.uploads.length - begun).toBe(report.counts.copied);
      // Each file is there once.
      expect(store.files).toEqual(filesOf(IDS));
    },
  );

  it('and cannot be saved either: told with what was copied', async () => {
    const path = join(await folder(), 'jobs', 'campaign.journal');
    await mkdir(dirname(path));
    const lose = async (): Promise<void> => {
      await rm(dirname(path), { recursive: true, force: true });
      // Nobody can make a folder where a file is.
      await writeFile(dirname(path), '');
    };
    const error = await failure(copyAll(itemsOf(new Store(), IDS), { journal: fileJournal(path), onItem: lose, concurrency: 1 }));
    expect(error).toMatchObject({ kind: 'integrity', report: { counts: { copied: 1 } } });
    expect(error.cause).toMatchObject({ message: expect.stringContaining('cannot be saved') as string, hint: expect.stringContaining('report') as string });
  });
});

describe('copyAll', () => {
  it('copies every item once, and tells each', async () => {
    const store = new Store();
    const { report, results } = await run(itemsOf(store, ids(20)));
    expect(store.files).toEqual(filesOf(ids(20)));
    expect(report).toMatchObject({ complete: true, aborted: false, counts: { copied: 20 }, problems: [], leftBehind: [], notInRun: 0 });
    expect(report.bytes).toBe(ids(20).reduce((sum, id) => sum + textOf(id).length, 0));
    expect(results).toHaveLength(20);
    expect(results[3]).toMatchObject({ index: 3, status: 'copied', from: { vendor: 'library', segments: ['f3'] }, attempts: 1, leftBehind: [] });
    expect(results[3]!.result).toMatchObject({ name: 'f3.txt', bytes: textOf('f3').length });
    expect(Object.keys(results[3]!.from)).toEqual(['vendor', 'segments']);
  });

  it('of nothing is complete', async () => {
    expect((await run([])).report).toMatchObject({ complete: true, counts: { copied: 0 } });
  });

  it('goes on when items fail, and tells why as JSON', async () => {
    const store = new Store({ onStep: failOnce('create', () => refusal('permission-denied', 'no'), 'f1', 'f3') });
    const { report, statuses } = await run(itemsOf(store, ids(5)));
    expect(statuses).toEqual(['copied', 'failed', 'copied', 'failed', 'copied']);
    expect(report).toMatchObject({ complete: false, counts: { copied: 3, failed: 2 } });
    const [problem] = JSON.parse(JSON.stringify(report.problems)) as Record<string, Record<string, unknown>>[];
    expect(problem).toMatchObject({
      status: 'failed',
      from: { vendor: 'library' },
      error: { kind: 'permission-denied', message: 'store: no', outcome: 'refused' },
      attempts: 1,
    });
  });

  it('keeps what is not ready yet apart: no attempt follows', async () => {
    const notYet = library((id) => {
      if (id === 'f1') throw refusal('not-ready', 'not translated yet', { retryable: true });
    });
    const store = new Store();
    const { report, statuses, results, waited } = await run(ids(3).map((id) => ({ from: notYet.ref(id), to: store.adapter })));
    expect(statuses).toEqual(['copied', 'not-ready', 'copied']);
    expect(results[1]).toMatchObject({ attempts: 1, error: { kind: 'not-ready' } });
    expect(report).toMatchObject({ complete: false, counts: { 'not-ready': 1, failed: 0 } });
    expect(waited).toEqual([]);
  });

  it.each([1, 3])('has no more than %i under way, and reads no item ahead', async (concurrency) => {
    const store = new Store();
    let [read, finished, most] = [0, 0, 0];
    async function* many(): AsyncGenerator<CopyItem> {
      for (const item of itemsOf(store, ids(30))) {
        read += 1;
        most = Math.max(most, read - finished);
        yield item;
      }
    }
    await copyAll(many(), { concurrency, onItem: async () => void (finished += 1) });
    expect(finished).toBe(30);
    expect(most).toBe(concurrency);
  });

  it('asks an iterator for one item at a time', async () => {
    const store = new Store();
    const queue = itemsOf(store, ids(20));
    let isAsked = false;
    const touchy: AsyncIterable<CopyItem> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          if (isAsked) throw new Error('asked again before the answer');
          isAsked = true;
          await new Promise(setImmediate);
          isAsked = false;
          const value = queue.shift();
          return value === undefined ? { done: true, value } : { done: false, value };
        },
      }),
    };
    expect((await run(touchy, { concurrency: 5 })).report).toMatchObject({ complete: true, counts: { copied: 20 } });
  });

  it('waits for onItem', async () => {
    const store = new Store();
    const order: string[] = [];
    await copyAll(itemsOf(store, ids(3)), {
      concurrency: 1,
      onItem: async ({ index }) => {
        order.push(`begin ${index}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`end ${index}`);
      },
    });
    expect(order).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('tells its progress', async () => {
    const events: CopyAllProgress[] = [];
    const store = new Store({ onStep: failOnce('create', () => refusal('rate-limited', 'slow down', { retryable: true, retryAfterMs: 7000 }), 'f0') });
    await run(itemsOf(store, ids(2)), { concurrency: 1, onProgress: (event) => void events.push(event) });
    const size = textOf('f0').length;
    expect(events.map(({ event, index, bytes, finished, total, waitMs }) => [event, index, bytes, finished, total, waitMs])).toEqual([
      ['start', 0, 0, 0, 2, undefined],
      ['wait', 0, 0, 0, 2, 7000],
      ['start', 0, 0, 0, 2, undefined],
      ['bytes', 0, size, 0, 2, undefined],
      ['end', 0, size, 1, 2, undefined],
      ['start', 1, 0, 1, 2, undefined],
      ['bytes', 1, size, 1, 2, undefined],
      ['end', 1, size, 2, 2, undefined],
    ]);
    expect(events[3]).toMatchObject({ size, from: { vendor: 'library', segments: ['f0'] } });
  });

  it('lists the first thousand problems, and counts the rest', async () => {
    const store = new Store({ rules: { createsFirst: true }, onStep: (step) => (step === 'content' ? Promise.reject(refusal('server')) : undefined) });
    const { report } = await run(itemsOf(store, ids(1200)), { concurrency: 20 });
    expect(report.problems).toHaveLength(1000);
    expect(report.leftBehind).toHaveLength(1000);
    expect(report).toMatchObject({ counts: { failed: 1200 }, omitted: { problems: 200, leftBehind: 200 } });
  });

  it.each<[string, unknown, object, string]>([
    ['items', { a: 1 }, {}, 'items'],
    ['items that are missing', undefined, {}, 'items'],
    ['a text', 'tenovos:1', {}, 'items'],
    ['concurrency 0', [], { concurrency: 0 }, 'concurrency is 0'],
    ['concurrency 1.5', [], { concurrency: 1.5 }, 'concurrency is 1.5'],
    ['itemRetries', [], { itemRetries: -1 }, 'itemRetries is -1'],
    ['onItem', [], { onItem: 'x' }, 'onItem'],
    ['onProgress', [], { onProgress: 1 }, 'onProgress'],
    ['journal', [], { journal: 'a.journal' }, 'fileJournal(path)'],
    ['an option', [], { retries: 3 }, 'retries is no option'],
  ])('refuses wrong arguments: %s', async (_name, items, options, message) => {
    const error = await failure(copyAll(items as never, options as never));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toContain(message);
  });

  it('refuses what is no item, or cannot be copied, one by one', async () => {
    const store = new Store();
    const [good] = itemsOf(store, ['f0']);
    const wrong = [
      undefined,
      1,
      {},
      { from: { vendor: 'library', segments: ['f1'] }, to: store.adapter },
      { from: store.adapter.ref('id-1'), to: store.adapter },
      { from: source.ref('f2'), to: source },
    ];
    const { statuses, results, report } = await run([...wrong, good] as CopyItem[]);
    expect(statuses).toEqual([...wrong.map(() => 'failed'), 'copied']);
    expect(results.map(({ error }) => error?.kind)).toEqual([
      'invalid-request',
      'invalid-request',
      'invalid-request',
      'invalid-request',
      'unsupported',
      'unsupported',
      undefined,
    ]);
    expect(report.counts).toMatchObject({ failed: 6, copied: 1 });
  });

  it('says when names are wrong at a destination before it asks it', async () => {
    const store = new Store({ rules: { maxNameLength: 5 } });
    const { results } = await run(itemsOf(store, ids(1)));
    expect(results[0]).toMatchObject({ status: 'failed', error: { kind: 'invalid-request' } });
    expect(store.uploads).toEqual([]);
  });
});

describe('another attempt', () => {
  it('follows a failure that may pass, after what the vendor asks for', async () => {
    const store = new Store({ onStep: failOnce('create', () => refusal('server', 'busy', { retryable: true, retryAfterMs: 40_000 }), 'f0') });
    const { results, waited } = await run(itemsOf(store, ids(1)));
    expect(results[0]).toMatchObject({ status: 'copied', attempts: 2 });
    expect(waited).toEqual([40_000]);
  });

  it('follows after a growing time where nobody asks for one, and not for ever', async () => {
    const down = library(() => Promise.reject(broken()));
    const store = new Store();
    const { results, waited } = await run([{ from: down.ref('f0'), to: store.adapter }], { itemRetries: 8 });
    expect(results[0]).toMatchObject({ status: 'failed', attempts: 9, error: { kind: 'network' } });
    for (const [retry, ms] of waited.entries()) {
      const longest = Math.min(30_000, 1000 * 2 ** retry);
      expect(ms).toBeGreaterThanOrEqual(longest / 2);
      expect(ms).toBeLessThanOrEqual(longest);
    }
    expect(waited).toHaveLength(8);
  });

  it.each<[string, () => Error, number]>([
    ['what would end alike', () => refusal('not-found'), 2],
    ['a vendor that wants more patience than a minute', () => refusal('rate-limited', 'tomorrow', { retryable: true, retryAfterMs: 3_600_000 }), 2],
    ['when none is wanted', () => refusal('server', '', { retryable: true }), 0],
  ])('does not follow %s', async (_name, error, itemRetries) => {
    const store = new Store({ onStep: failOnce('create', error, 'f0') });
    const { results, waited } = await run(itemsOf(store, ids(1)), { itemRetries });
    expect(results[0]).toMatchObject({ status: 'failed', attempts: 1 });
    expect(waited).toEqual([]);
  });

  it('of any item waits while a vendor asks for quiet', async () => {
    let now = 0;
    // Time stands still until a wait is over, and that takes long enough for all that does not wait.
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback, ms) =>
        setTimeout(() => {
          now += ms;
          callback();
        }, 50),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    };
    const begun: number[] = [];
    const store = new Store({
      onStep: (step) => {
        if (step === 'create' && begun.push(now) === 1) throw refusal('rate-limited', 'slow down', { retryable: true, retryAfterMs: 30_000 });
      },
    });
    const { report } = await run(itemsOf(store, ids(12)), { concurrency: 2, clock });
    expect(report.complete).toBe(true);
    // The one that ran beside the refused one had begun before.
    expect(begun.filter((at) => at < 30_000).length).toBeLessThanOrEqual(2);
    expect(begun).toHaveLength(13);
  });

  it('follows a source that gave other bytes than it told', async () => {
    let left = 1;
    const odd = library(() => {
      if ((left -= 1) === 0) throw new ApiError({ kind: 'integrity', message: 'fewer bytes than declared', outcome: 'unknown' });
    });
    const { results } = await run([{ from: odd.ref('f0'), to: new Store().adapter }]);
    expect(results[0]).toMatchObject({ status: 'copied', attempts: 2 });
  });

  it('that fails for good leaves an item uncertain when the one before may have stored it', async () => {
    const journal = new Table();
    let uploads = 0;
    const store = new Store({
      rules: { sameName: 'replaces', createsFirst: false, tellsState: false },
      onStep: (step) => {
        if (step === 'create' && (uploads += 1) === 2) throw refusal('permission-denied');
        if (step === 'stored' && uploads === 1) throw broken();
      },
    });
    const { results } = await run(itemsOf(store, ids(1)), { journal });
    expect(results[0]).toMatchObject({ status: 'uncertain', attempts: 2, error: { kind: 'permission-denied' } });
    expect((await run(itemsOf(store, ids(1)), { journal })).results[0]).toMatchObject({ status: 'copied', leftBehind: [] });
    expect(store.files).toEqual(filesOf(ids(1)));
  });

  it('does not follow an upload that may have been stored', async () => {
    const store = new Store({ rules: { createsFirst: false, tellsState: false }, onStep: failOnce('stored', () => broken(), 'f1') });
    const { statuses, results, report } = await run(itemsOf(store, ids(3)));
    expect(statuses).toEqual(['copied', 'uncertain', 'copied']);
    expect(results[1]).toMatchObject({ attempts: 1, error: { kind: 'network', outcome: 'unknown' } });
    expect(store.files).toEqual(filesOf(ids(3)));
    expect(report.complete).toBe(false);
  });

  it('does not follow where the destination tells that it has the file after all', async () => {
    const store = new Store({ onStep: failOnce('stored', () => broken(), 'f1') });
    const { statuses, results } = await run(itemsOf(store, ids(3)));
    expect(statuses).toEqual(['copied', 'copied', 'copied']);
    expect(results[1]).toMatchObject({ attempts: 1, to: { vendor: 'store' } });
    expect(results[1]!.result).toBeUndefined();
    expect(store.files).toEqual(filesOf(ids(3)));
  });

  it('says in its error what the destination told when it was asked', async () => {
    const store = new Store({
      onStep: (step) => {
        if (step === 'content') throw broken();
      },
    });
    const { results } = await run(itemsOf(store, ['a']), { itemRetries: 0 });
    const to = { vendor: 'store', segments: store.empty };
    expect(results[0]).toMatchObject({ status: 'failed', leftBehind: [{ to, state: 'empty' }], error: { copy: { side: 'destination', leaves: 'empty', to } } });
    expect(results[0]!.error!.hint).toBe('store:id-1 is there without content; another attempt makes another one.');
  });

  it('follows where the destination tells that it has nothing; the empty id is listed', async () => {
    const store = new Store({ onStep: failOnce('content', () => broken(), 'f1') });
    const { statuses, results, report } = await run(itemsOf(store, ids(3)));
    expect(statuses).toEqual(['copied', 'copied', 'copied']);
    expect(store.files).toEqual(filesOf(ids(3)));
    expect(store.empty).toHaveLength(1);
    expect(results[1]).toMatchObject({ attempts: 2, leftBehind: [{ to: { vendor: 'store', segments: store.empty }, state: 'empty' }] });
    expect(report.leftBehind).toEqual(results[1]!.leftBehind);
  });

  it('asks the destination after the wait, not before: what was on its way may have arrived', async () => {
    const order: string[] = [];
    const clock = new SkippingClock();
    const store = new Store({ onStep: failOnce('stored', () => broken(), 'f0'), onAsk: () => void order.push(`asked after ${clock.waited.length} waits`) });
    await run(itemsOf(store, ids(1)), { clock });
    expect(order).toEqual(['asked after 1 waits']);
  });

  it('does not follow where the destination cannot be asked now', async () => {
    const store = new Store({ onStep: failOnce('content', () => broken(), 'f0'), onAsk: () => Promise.reject(broken('refused')) });
    const { results } = await run(itemsOf(store, ids(1)));
    expect(results[0]).toMatchObject({ status: 'uncertain', attempts: 1, to: { segments: ['id-1'] } });
    expect(store.uploads).toHaveLength(1);
  });

  it('follows where an id may have been created that nobody was told: that is listed, too', async () => {
    const store = new Store({ onStep: failOnce('created', () => broken(), 'f0') });
    const { results } = await run(itemsOf(store, ids(1)));
    expect(results[0]).toMatchObject({ status: 'copied', attempts: 2, leftBehind: [{ to: undefined, state: 'empty' }] });
    expect(store.empty).toHaveLength(1);
  });

  it('follows any failure where a second upload takes the place of the first', async () => {
    const store = new Store({ rules: { sameName: 'replaces', createsFirst: false, tellsState: false }, onStep: failOnce('stored', () => broken(), 'f0') });
    const { results } = await run(itemsOf(store, ids(1)));
    expect(results[0]).toMatchObject({ status: 'copied', attempts: 2, leftBehind: [] });
    expect(store.files).toEqual(filesOf(ids(1)));
  });
});

describe('a journal', () => {
  it('lets another run skip what was copied', async () => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(3)), { journal });
    const { statuses, results, report } = await run(itemsOf(store, ids(5)), { journal });
    expect(statuses).toEqual(['skipped', 'skipped', 'skipped', 'copied', 'copied']);
    expect(results[0]).toMatchObject({ attempts: 0, to: { vendor: 'store', segments: [expect.stringMatching(/^id-/)] } });
    expect(store.assets.get(results[0]!.to!.segments[0]!)?.name).toBe('f0.txt');
    expect(report).toMatchObject({ complete: true, notInRun: 0 });
    expect(store.files).toEqual(filesOf(ids(5)));
    expect(journal).toMatchObject({ opened: 2, closed: 2 });
  });

  it('has the id before the first byte is sent, and nothing before the destination is asked', async () => {
    const seen: string[] = [];
    const journal = new Table();
    const store = new Store({ onStep: (step) => void seen.push(`${step}: ${journal.states()['f0'] ?? '-'}`) });
    const notYet = library(() => void seen.push(`download: ${journal.states()['f0'] ?? '-'}`));
    await run([{ from: notYet.ref('f0'), to: store.adapter }], { journal });
    expect(seen).toEqual(['download: -', 'create: started', 'created: started', 'content: created', 'stored: created']);
    expect(journal.states()).toEqual({ f0: 'copied' });
  });

  it('tells of items that were not in this run', async () => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(5)), { journal });
    expect((await run(itemsOf(store, ['f1', 'other']), { journal })).report).toMatchObject({ notInRun: 4, complete: true });
  });

  it('does not repeat a failed item by itself, but another run tries it again', async () => {
    const journal = new Table();
    const store = new Store({ onStep: failOnce('content', () => refusal('server'), 'f1') });
    expect((await run(itemsOf(store, ids(3)), { journal })).statuses).toEqual(['copied', 'failed', 'copied']);
    expect(journal.states()).toEqual({ f0: 'copied', f1: 'open', f2: 'copied' });
    const { statuses, report } = await run(itemsOf(store, ids(3)), { journal });
    expect(statuses).toEqual(['skipped', 'copied', 'skipped']);
    // What the first run left is told again.
    expect(report.leftBehind).toEqual([{ to: { vendor: 'store', segments: store.empty }, state: 'empty' }]);
    const third = await run(itemsOf(store, ids(3)), { journal });
    expect(third.statuses).toEqual(['skipped', 'skipped', 'skipped']);
    expect(third.report.leftBehind).toEqual(report.leftBehind);
  });

  it('keeps an uncertain item from being repeated, unless it is wanted', async () => {
    const journal = new Table();
    const store = new Store({ rules: { createsFirst: false, tellsState: false }, onStep: failOnce('stored', () => broken(), 'f0') });
    for (let round = 0; round < 3; round += 1) {
      const { results } = await run(itemsOf(store, ids(1)), { journal });
      expect(results[0]).toMatchObject({ status: 'uncertain', error: { outcome: 'unknown' }, leftBehind: [] });
      expect(store.uploads).toHaveLength(1);
    }
    const { results, report } = await run(itemsOf(store, ids(1)), { journal, retryUncertain: true });
    expect(results[0]).toMatchObject({ status: 'copied', leftBehind: [{ to: undefined, state: 'unknown' }] });
    expect(report.leftBehind).toHaveLength(1);
    expect(store.files).toEqual({ 'f0.txt': [textOf('f0'), textOf('f0')] });
    expect((await run(itemsOf(store, ids(1)), { journal, retryUncertain: true })).statuses).toEqual(['skipped']);
  });

  it('says that an item was copied with other options, and does not copy it again', async () => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(1), { vendorOptions: { store: { note: 'a' } } }), { journal });
    const { results } = await run(itemsOf(store, ids(1), { vendorOptions: { store: { note: 'b' } } }), { journal });
    expect(results[0]).toMatchObject({ status: 'failed', error: { kind: 'conflict', message: expect.stringContaining('other vendorOptions') as string } });
    expect(store.uploads).toHaveLength(1);
    expect((await run(itemsOf(store, ids(1), { vendorOptions: { store: { note: 'a' } } }), { journal })).statuses).toEqual(['skipped']);
  });

  it('of another destination, instance, place or name is of another item', async () => {
    const journal = new Table();
    const stores = [new Store(), new Store({ vendor: 'shop' }), new Store({ place: '/a' }), new Store({ place: '/b' })];
    const other = library(undefined, '/other');
    const items = [
      ...stores.flatMap((store) => itemsOf(store, ['f0'])),
      ...itemsOf(stores[0]!, ['f0'], { as: 'f0.txt' }),
      { from: other.ref('f0'), to: stores[0]!.adapter },
    ];
    expect((await run(items, { journal })).statuses).toEqual(items.map(() => 'copied'));
    expect((await run(items, { journal })).statuses).toEqual(items.map(() => 'skipped'));
  });

  it('that lost entries makes items uncertain that it does not know', async () => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(2)), { journal });
    journal.lost = 1;
    const { statuses, results } = await run(itemsOf(store, ids(3)), { journal });
    expect(statuses).toEqual(['skipped', 'skipped', 'uncertain']);
    expect(results[2]!.error!.message).toContain('lost');
    expect((await run(itemsOf(store, ids(3)), { journal, retryUncertain: true })).statuses).toEqual(['skipped', 'skipped', 'copied']);
    expect((await run(itemsOf(store, ids(3)), { journal })).statuses).toEqual(['skipped', 'skipped', 'skipped']);
  });

  it('of an item whose end nobody saw is put right by asking the destination', async () => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(2)), { journal });
    const [first, second] = [...journal.entries.values()] as [JournalEntry, JournalEntry];
    const size = first.bytes!;
    journal.entries.set(first.item, { ...first, state: 'created' });
    // Its id is not there any more: nothing is left behind.
    journal.entries.set(second.item, { ...second, state: 'created', to: { vendor: 'store', segments: ['gone'] } });
    const asking = new Store({
      onAsk: (id) => {
        if (id === 'gone') throw refusal('not-found');
      },
    });
    for (const [id, stored] of store.assets) asking.assets.set(id, stored);
    const { results } = await run(itemsOf(asking, ids(2)), { journal });
    expect(results.map(({ status, attempts, leftBehind }) => [status, attempts, leftBehind])).toEqual(
      first.item.startsWith('library:f0 ')
        ? [
            ['copied', 0, []],
            ['copied', 1, []],
          ]
        : [
            ['copied', 1, []],
            ['copied', 0, []],
          ],
    );
    expect(journal.entries.get(first.item)).toMatchObject({ state: 'copied', bytes: size, to: first.to });
  });

  it.each(['open', 'started', 'created'] as const)('whose later entries of an item are lost makes it uncertain, although it is %s', async (state) => {
    const [store, journal] = [new Store(), new Table()];
    await run(itemsOf(store, ids(1)), { journal });
    const [entry] = [...journal.entries.values()] as [JournalEntry];
    const empty = { vendor: 'store', segments: ['empty'] };
    journal.entries.set(entry.item, { ...entry, state, to: state === 'created' ? empty : undefined, doubtful: true });
    expect((await run(itemsOf(store, ids(1)), { journal })).results[0]).toMatchObject({ status: 'uncertain', attempts: 0 });
    expect(store.uploads).toHaveLength(1);
    expect((await run(itemsOf(store, ids(1)), { journal, retryUncertain: true })).statuses).toEqual(['copied']);
  });

  it('that cannot be opened stops everything before it begins', async () => {
    const store = new Store();
    const path = join(await folder(), 'no', 'a.journal');
    expect(await failure(copyAll(itemsOf(store, ids(1)), { journal: fileJournal(path) }))).toMatchObject({ kind: 'invalid-request' });
    expect(store.uploads).toEqual([]);
  });

  it('that cannot be written ends the run before anything is sent that it does not know', async () => {
    const [store, journal] = [new Store(), new Table()];
    let left = 4;
    journal.onPut = () => {
      if ((left -= 1) < 0) throw new Error('disk full');
    };
    const error = await failure(copyAll(itemsOf(store, ids(9)), { journal, concurrency: 1 }));
    expect(error).toMatchObject({
      message: 'copyAll: the journal cannot be written',
      cause: { message: 'disk full' },
      report: { counts: { copied: 1 }, complete: false },
    });
    expect(store.files).toEqual(filesOf(['f0']));
    expect(journal.closed).toBe(1);
    journal.onPut = undefined;
    const { report } = await run(itemsOf(store, ids(9)), { journal });
    expect(report.complete).toBe(true);
    expect(store.files).toEqual(filesOf(ids(9)));
  });
});

describe('items that are the same', () => {
  it('are copied once', async () => {
    const store = new Store();
    const { statuses, report } = await run([...itemsOf(store, ['f0', 'f1']), ...itemsOf(store, ['f0', 'f0'])]);
    expect(statuses).toEqual(['copied', 'copied', 'duplicate', 'duplicate']);
    expect(report).toMatchObject({ complete: true, counts: { duplicate: 2 } });
    expect(store.files).toEqual(filesOf(['f0', 'f1']));
  });

  it('but have other options are told apart from those that are wholly the same', async () => {
    const store = new Store();
    const { results } = await run([...itemsOf(store, ['f0'], { mediaType: 'text/plain' }), ...itemsOf(store, ['f0'], { mediaType: 'text/html' })]);
    expect(results.map(({ status, error }) => [status, error?.kind])).toEqual([
      ['copied', undefined],
      ['failed', 'conflict'],
    ]);
  });

  it.each<['replaces' | 'refuses', boolean]>([
    ['replaces', false],
    ['replaces', true],
    ['refuses', false],
    ['refuses', true],
  ])('in their name only: one gets it where a name %s (id first: %s), in every run', async (sameName, createsFirst) => {
    const journal = new Table();
    const store = new Store({ rules: { sameName, createsFirst, tellsState: createsFirst && sameName !== 'replaces' } });
    const items = ids(4).map((id) => ({ from: source.ref(id), to: store.adapter, as: 'one.txt' }));
    const first = await run(items, { journal });
    expect(first.statuses.toSorted()).toEqual(['copied', 'failed', 'failed', 'failed']);
    const winner = first.results.find(({ status }) => status === 'copied')!.index;
    expect(first.results.filter(({ status }) => status === 'failed').map(({ error }) => error!.kind)).toEqual(['conflict', 'conflict', 'conflict']);
    expect(store.files).toEqual({ 'one.txt': [textOf(`f${winner}`)] });
    // Whatever the order.
    for (const order of [items.toReversed(), items]) {
      const again = await run(order, { journal });
      expect(again.statuses.toSorted()).toEqual(['failed', 'failed', 'failed', 'skipped']);
      expect(again.report.notInRun).toBe(0);
      expect(store.files).toEqual({ 'one.txt': [textOf(`f${winner}`)] });
    }
  });

  it('in a folder: the second name fails, nothing is replaced, and nothing else stays there', async () => {
    const dir = await folder();
    const named = (place: string, text: string) => ({ from: library(undefined, place).ref(text), as: 'same.txt' });
    for (const [ifExists, journal] of [
      ['refuse', new Table()],
      ['replace', new Table()],
    ] as const) {
      const out = filesAssets({ dir: join(dir, ifExists), ifExists });
      const items = [named('/a', 'one'), named('/b', 'two'), named('/c', 'three')].map((item) => ({ ...item, to: out }));
      const { results } = await run(items, { journal });
      const copied = results.filter(({ status }) => status === 'copied');
      expect(copied).toHaveLength(1);
      expect(results.filter(({ error }) => error?.kind === 'conflict')).toHaveLength(2);
      expect(results.flatMap(({ leftBehind }) => leftBehind)).toEqual([]);
      expect(await readdir(join(dir, ifExists))).toEqual(['same.txt']);
      expect(await readFile(join(dir, ifExists, 'same.txt'), 'utf8')).toBe(textOf(copied[0]!.from.segments[0]!));
      expect((await run(items, { journal })).statuses.toSorted()).toEqual(['failed', 'failed', 'skipped']);
    }
  });

  it('in a folder that renames: each gets a name of its own, once, also of those that a function names', async () => {
    const [dir, journal] = [await folder(), new Table()];
    const out = filesAssets({ dir, ifExists: 'rename' });
    const named = (place: string, text: string) => ({
      from: library(undefined, place).ref(text),
      to: out,
      as: (name: string) => `a ${name}`.slice(0, 2) + 'b.txt',
    });
    const items = [named('/a', 'one'), named('/b', 'two'), named('/c', 'three')];
    expect((await run(items, { journal })).statuses).toEqual(['copied', 'copied', 'copied']);
    expect((await readdir(dir)).toSorted()).toEqual(['a b (1).txt', 'a b (2).txt', 'a b.txt']);
    expect((await run(items, { journal })).statuses).toEqual(['skipped', 'skipped', 'skipped']);
    expect(await readdir(dir)).toHaveLength(3);
    expect((await run([...items, { ...items[0]!, as: 'other.txt' }], { journal })).statuses).toEqual(['skipped', 'skipped', 'skipped', 'copied']);
  });

  it('in a folder: a file of somebody else is not taken for a copy', async () => {
    const [dir, journal] = [await folder(), new Table()];
    const out = filesAssets({ dir });
    await writeFile(join(dir, 'f0.txt'), 'of somebody else');
    const items = [{ from: source.ref('f0'), to: out }];
    expect((await run(items, { journal })).results[0]).toMatchObject({ status: 'failed', error: { kind: 'conflict' } });
    // It came while our run was killed: the journal has the name already.
    journal.entries.set([...journal.entries.keys()][0]!, {
      ...[...journal.entries.values()][0]!,
      state: 'created',
      to: { vendor: 'files', segments: ['f0.txt'] },
      bytes: 13,
    });
    expect((await run(items, { journal })).results[0]).toMatchObject({ status: 'uncertain' });
    expect(await readFile(join(dir, 'f0.txt'), 'utf8')).toBe('of somebody else');
  });
});

describe('an abort', () => {
  it('before the start copies nothing, and reports every item of an array', async () => {
    const store = new Store();
    const { report, statuses } = await run(itemsOf(store, ids(5)), { signal: AbortSignal.abort(new Error('stop')) });
    expect(statuses).toEqual(ids(5).map(() => 'cancelled'));
    expect(report).toMatchObject({
      aborted: true,
      complete: false,
      counts: { cancelled: 5 },
      problems: [{ error: { kind: 'aborted', cause: { message: 'stop' } } }, {}, {}, {}, {}],
    });
    expect(store.uploads).toEqual([]);
  });

  it('ends at once what is under way, and another run goes on', async () => {
    const abort = new AbortController();
    const journal = new Table();
    const store = new Store({
      onStep: async (step, name) => {
        if (step === 'create' && name === 'f5.txt') abort.abort(new Error('enough'));
      },
    });
    const { report, results } = await run(itemsOf(store, ids(20)), { journal, concurrency: 3, signal: abort.signal });
    expect(report).toMatchObject({ aborted: true, complete: false });
    expect(report.counts.copied + report.counts.cancelled + report.counts.uncertain).toBe(20);
    expect(report.counts.cancelled).toBeGreaterThan(10);
    for (const { error } of results.filter(({ status }) => status === 'cancelled')) expect(error).toMatchObject({ kind: 'aborted', name: 'AbortError' });
    expect(journal.closed).toBe(1);
    const second = await run(itemsOf(store, ids(20)), { journal });
    expect(second.report.complete).toBe(true);
    expect(store.files).toEqual(filesOf(ids(20)));
    for (const id of store.empty) expect(second.report.leftBehind).toContainEqual({ to: { vendor: 'store', segments: [id] }, state: 'empty' });
  });

  it('ends a wait between attempts', async () => {
    const abort = new AbortController();
    const timers = new Set<object>();
    const clock: Clock = {
      now: () => 0,
      setTimeout: () => {
        const timer = {};
        timers.add(timer);
        queueMicrotask(() => abort.abort());
        return timer;
      },
      clearTimeout: (timer) => void timers.delete(timer as object),
    };
    const store = new Store({ onStep: failOnce('create', () => refusal('server', '', { retryable: true, retryAfterMs: 50_000 }), 'f0') });
    const { results } = await run(itemsOf(store, ids(1)), { clock, signal: abort.signal });
    expect(results[0]).toMatchObject({ status: 'cancelled', attempts: 1 });
    expect(timers.size).toBe(0);
  });

  it('does not wait for items that do not come, and tells their source', async () => {
    const abort = new AbortController();
    const store = new Store();
    let returned = false;
    const endless: AsyncIterable<CopyItem> = {
      [Symbol.asyncIterator]: () => {
        let next = 0;
        return {
          next: () => {
            next += 1;
            if (next <= 2) return Promise.resolve({ done: false, value: itemsOf(store, [`f${next}`])[0]! });
            setImmediate(() => abort.abort());
            return new Promise(() => undefined);
          },
          return: async () => {
            returned = true;
            return { done: true, value: undefined };
          },
        };
      },
    };
    const { report } = await run(endless, { signal: abort.signal });
    expect(report).toMatchObject({ aborted: true, complete: false });
    expect(returned).toBe(true);
  });

  it('leaves no listener at the signal, and no file beside those that are whole', async () => {
    const [dir, abort] = [await folder(), new AbortController()];
    let listeners = 0;
    const { signal } = abort;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    }) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    }) as typeof remove;
    const out = filesAssets({ dir: join(dir, 'out') });
    const journal = fileJournal(join(dir, 'a.journal'));
    let begun = 0;
    const items = ids(40).map((id) => ({ from: library(() => ((begun += 1) === 20 ? abort.abort() : undefined)).ref(id), to: out }));
    const { report } = await run(items, { signal, journal });
    expect(listeners).toBe(0);
    expect(report.aborted).toBe(true);
    expect(await readdir(dir)).toEqual(['a.journal', 'out']);
    for (const name of await readdir(join(dir, 'out'))) expect(await readFile(join(dir, 'out', name), 'utf8')).toBe(textOf(name.replace('.txt', '')));
    expect((await run(items, { journal })).report.complete).toBe(true);
    expect(await readdir(join(dir, 'out'))).toHaveLength(40);
  });
});

describe('a run that cannot go on', () => {
  it.each<[string, (store: Store) => [Iterable<CopyItem> | AsyncIterable<CopyItem>, CopyAllOptions], string]>([
    [
      'because onItem throws',
      (store) => [
        itemsOf(store, ids(30)),
        {
          onItem: () => {
            throw new Error('of the caller');
          },
        },
      ],
      'onItem failed',
    ],
    ['because onItem rejects', (store) => [itemsOf(store, ids(30)), { onItem: () => Promise.reject(new Error('of the caller')) }], 'onItem failed'],
    [
      'because onProgress throws',
      (store) => [
        itemsOf(store, ids(30)),
        {
          onProgress: ({ event }) => {
            if (event === 'bytes') throw new Error('of the caller');
          },
        },
      ],
      'onProgress failed',
    ],
    [
      'because the items cannot be read on',
      (store) => [
        (async function* () {
          yield* itemsOf(store, ids(2));
          throw new Error('of the caller');
        })(),
        {},
      ],
      'the items cannot be read on',
    ],
  ])('%s: it ends, with the report so far', async (_name, make, message) => {
    const [store, journal] = [new Store(), new Table()];
    const [items, options] = make(store);
    const error = await failure(copyAll(items, { ...options, journal }));
    expect(error).toMatchObject({ message: `copyAll: ${message}`, cause: { message: 'of the caller' }, report: { complete: false, aborted: false } });
    expect(store.uploads.length).toBeLessThan(10);
    expect(journal.closed).toBe(1);
    const { report } = await run(itemsOf(store, ids(30)), { journal });
    expect(report.complete).toBe(true);
    expect(store.files).toEqual(filesOf(ids(30)));
  });
});

it('a run that cannot go on ends what is under way', async () => {
  const store = new Store();
  const slow = library((id) => (id === 'f0' ? 'hang' : undefined));
  const items = ids(9).map((id) => ({ from: slow.ref(id), to: store.adapter }));
  const onItem = (): never => {
    throw new Error('of the caller');
  };
  expect(await failure(copyAll(items, { concurrency: 2, onItem }))).toMatchObject({ message: 'copyAll: onItem failed' });
  expect(store.files['f0.txt']).toBeUndefined();
});

it('an abort ends a transfer that stands still', async () => {
  const abort = new AbortController();
  const store = new Store({ onStep: (step) => void (step === 'created' && setTimeout(() => abort.abort(), 20)) });
  const { results } = await run([{ from: library(() => 'hang').ref('f0'), to: store.adapter }], { signal: abort.signal });
  // The id is there, and its content was not whole.
  expect(results[0]).toMatchObject({ status: 'cancelled', leftBehind: [{ to: { segments: store.empty }, state: 'empty' }] });
  expect(store.empty).toHaveLength(1);
});

describe('secrets', () => {
  it('are neither in the journal nor in the report', async () => {
    const secrets = ['canary-option-value', 'canary-signature-1234', 'canary-bearer-token-5678', 'canary-user-pass'];
    const [note, signature, bearer, password] = secrets as [string, string, string, string];
    const path = join(await folder(), 'a.journal');
    const store = new Store({
      place: `https://me:${password}@files.example/area?sig=${signature}`,
      onStep: (step, name) => {
        if (name === 'f1.txt' && step === 'create') throw new Error(`refused: https://files.example/x?sig=${signature} authorization: Bearer ${bearer}`);
        if (name === 'f2.txt' && step === 'content')
          throw new ApiError({ kind: 'server', message: `PUT https://files.example/x?sig=${signature}`, outcome: 'unknown' });
      },
    });
    const { report, statuses } = await run(itemsOf(store, ids(4), { vendorOptions: { store: { note } } }), { journal: fileJournal(path) });
    expect(statuses).toEqual(['copied', 'failed', 'failed', 'copied']);
    const shown = JSON.stringify(report) + (await readFile(path, 'utf8'));
    expect(shown).toContain('files.example');
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });
});
