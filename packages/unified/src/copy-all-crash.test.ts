/** What becomes of items when a run ends between any two bytes of its journal, or the journal is damaged later. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiError, type Clock } from '@asset-clients/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { broken, library, refusal, Store, textOf, type Step } from '../test/store.ts';
import type { CopyAllOptions, CopyAllReport, CopyItem, CopyItemResult, Journal, UploadSupport } from './contract.ts';
import { copyAll } from './copy-all.ts';
import { fileJournal } from './journal.ts';

/** Every wait is over at once. */
const clock: Clock = {
  now: () => 1_700_000_000_000,
  setTimeout: (callback) => setImmediate(callback),
  clearTimeout: (timer) => clearImmediate(timer as NodeJS.Immediate),
};
const source = library();

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'crash-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

interface Outcome {
  readonly report: CopyAllReport;
  readonly results: readonly CopyItemResult[];
}

async function run(items: readonly CopyItem[], options: CopyAllOptions): Promise<Outcome> {
  const results: CopyItemResult[] = [];
  const report = await copyAll(items, { clock, ...options, onItem: (result) => void results.push(result) });
  return { report, results: results.sort((a, b) => a.index - b.index) };
}

/** No item is there twice, none is said to be there and is not, and every empty id is told. */
function check(store: Store, ids: readonly string[], { report, results }: Outcome): void {
  const { files } = store;
  for (const id of ids) {
    const there = files[`${id}.txt`] ?? [];
    const { status } = results.find(({ from }) => from.segments[0] === id)!;
    const expected = { copied: [1], skipped: [1], uncertain: [0, 1], failed: [0] }[status as 'copied'];
    expect(expected, `${id} is ${status}, and ${there.length} times there`).toContain(there.length);
    expect(there.every((text) => text === textOf(id))).toBe(true);
  }
  const told = new Set(
    [...report.leftBehind.map(({ to }) => to), ...results.filter(({ status }) => status === 'uncertain').map(({ to }) => to)].map((to) => to?.segments[0]),
  );
  const untold = store.empty.filter((id) => !told.has(id));
  // Where the vendor was asked for an id and its answer was never seen, it is told that there may be one.
  const mayBe = report.leftBehind.filter(({ to, state }) => to === undefined && state === 'empty').length;
  expect(untold.length, `empty ids that nobody was told: ${untold.join()}`).toBeLessThanOrEqual(mayBe);
}

describe('a run that ended between any two bytes of its journal', () => {
  /** What the journal was when it had this many bytes, and what the destinations were when the next was written. */
  const moments: { readonly from: number; readonly to: number; readonly restore: () => void }[] = [];
  const [told, silent] = [
    new Store({ vendor: 't', onStep: failOnce('content', 'b') }),
    new Store({ vendor: 's', rules: { createsFirst: false, tellsState: false } }),
  ];
  const items: readonly CopyItem[] = [
    { from: source.ref('b'), to: told.adapter },
    { from: source.ref('c'), to: silent.adapter },
  ];
  let bytes: Buffer;

  function failOnce(at: Step, id: string) {
    let left = 1;
    return (step: Step, name: string): void => {
      if (step === at && name === `${id}.txt` && (left -= 1) === 0) throw broken();
    };
  }

  function restoreAll(): () => void {
    const restores = [told, silent].map((store) => store.snapshot());
    return () => restores.forEach((restore) => restore());
  }

  beforeAll(async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'crash-')), 'a.journal');
    const inner = fileJournal(path, { sync: false });
    const journal: Journal = {
      async open() {
        const session = await inner.open();
        moments.push({ from: 0, to: (await stat(path)).size, restore: restoreAll() });
        return {
          size: session.size,
          lost: session.lost,
          get: (item) => session.get(item),
          put: async (entry) => {
            const [from, restore] = [(await stat(path)).size, restoreAll()];
            await session.put(entry);
            moments.push({ from, to: (await stat(path)).size, restore });
          },
          close: () => session.close(),
        };
      },
    };
    const { report } = await run(items, { journal, concurrency: 1 });
    expect(report).toMatchObject({ complete: true, counts: { copied: 2 }, leftBehind: [{ state: 'empty' }] });
    bytes = await readFile(path);
    moments.push({ from: bytes.length, to: bytes.length, restore: restoreAll() });
    await rm(join(path, '..'), { recursive: true });
  });

  it('is continued: nothing is copied twice, nothing is lost, every empty id is told', async () => {
    const path = join(await folder(), 'a.journal');
    const seen = new Set<string>();
    expect(moments.map(({ to }) => to).at(-1)).toBe(bytes.length);
    for (const { from, to, restore } of moments) {
      // Both ends: before the entry was begun, and when it was whole and nothing had followed yet.
      for (let length = from; length <= to; length += 1) {
        restore();
        await writeFile(path, bytes.subarray(0, length));
        const outcome = await run(items, { journal: fileJournal(path, { sync: false }), concurrency: 1 });
        check(told, ['b'], outcome);
        check(silent, ['c'], outcome);
        const statuses = outcome.results.map(({ status }) => status);
        // Who can be asked is never uncertain.
        expect(statuses[0]).not.toBe('uncertain');
        for (const status of statuses) seen.add(status);
      }
    }
    expect([...seen].sort()).toEqual(['copied', 'skipped', 'uncertain']);
  }, 120_000);

  it('and whose journal was damaged later is refused, or continued without harm', async () => {
    const path = join(await folder(), 'a.journal');
    // In the middle of the second item: its content is there, and nobody has written that down.
    const middle = moments.at(-2)!;
    const whole = bytes.subarray(0, middle.from);
    let refused = 0;
    for (let position = 0; position < whole.length; position += 1) {
      for (const repair of position % 5 === 0 ? [false, true] : [true]) {
        middle.restore();
        const damaged = Buffer.from(whole);
        damaged[position]! ^= position % 3 === 0 ? 0x80 : 0x02;
        await writeFile(path, damaged);
        try {
          const outcome = await run(items, { journal: fileJournal(path, { sync: false, repair }), concurrency: 1 });
          check(told, ['b'], outcome);
          check(silent, ['c'], outcome);
        } catch (error) {
          if (!ApiError.is(error)) throw error;
          refused += 1;
          expect(['integrity', 'invalid-request', 'unsupported']).toContain(error.kind);
          expect([told.uploads, silent.uploads]).toEqual([[], []]);
        }
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 5);
  }, 120_000);
});

describe('runs that are ended at any moment, over a destination that fails as it likes', () => {
  const rules: readonly Partial<UploadSupport>[] = [
    { createsFirst: true, tellsState: true, sameName: 'adds' },
    { createsFirst: true, tellsState: false, sameName: 'adds' },
    { createsFirst: false, tellsState: false, sameName: 'adds' },
    { createsFirst: false, tellsState: true, sameName: 'adds' },
    { createsFirst: true, tellsState: true, sameName: 'refuses' },
    { createsFirst: false, tellsState: false, sameName: 'refuses' },
    { createsFirst: true, tellsState: false, sameName: 'replaces' },
    { createsFirst: false, tellsState: false, sameName: 'replaces' },
  ];

  it.each(rules)(
    '%j: each item is there once, or uncertain',
    async (rule) => {
      const dir = await folder();
      const ids = Array.from({ length: 7 }, (_, index) => `i${index}`);
      let files = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 4 }),
          fc.infiniteStream(fc.nat({ max: 99 })),
          fc.integer({ min: 1, max: 4 }),
          fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
          async (crashes, dice, concurrency, cuts) => {
            let dead = false;
            let calm = false;
            const store = new Store({
              rules: rule,
              onStep: (step) => {
                // A process that is gone does nothing more.
                if (dead) return new Promise(() => undefined);
                const die = calm ? 99 : dice.next().value!;
                if (die < 4) throw broken();
                // Who has done it does not say that it did not.
                if (step === 'created' || step === 'stored') return undefined;
                if (die < 7) throw refusal('server', 'busy', { retryable: true });
                if (die < 9) throw refusal('permission-denied');
              },
            });
            const items = ids.map((id) => ({ from: source.ref(id), to: store.adapter }));
            let path = join(dir, `${(files += 1)}.journal`);
            for (const crash of crashes) {
              const next = join(dir, `${(files += 1)}.journal`);
              const ended = await untilCrash(items, path, crash, concurrency, () => (dead = true));
              if (ended !== undefined) {
                check(store, ids, ended);
                continue;
              }
              // What was not asked to the disk may be there in part.
              const whole = await readFile(path);
              const durable = whole.lastIndexOf(10, whole.length - 2) + 1;
              const cut = durable + Math.floor(cuts.next().value! * (whole.length - durable));
              await writeFile(next, whole.subarray(0, cut));
              path = next;
              dead = false;
            }
            calm = true;
            const last = await run(items, { journal: fileJournal(path, { sync: false }), concurrency });
            check(store, ids, last);
            const { failed, uncertain } = last.report.counts;
            expect(failed).toBe(0);
            if (rule.tellsState || rule.sameName === 'replaces') expect(uncertain).toBe(rule.createsFirst || rule.sameName === 'replaces' ? 0 : uncertain);
          },
        ),
        { numRuns: 25 },
      );
    },
    60_000,
  );

  /** Runs until the journal is asked for the n-th entry; that one is written, perhaps in part, and nothing follows. */
  async function untilCrash(items: readonly CopyItem[], path: string, n: number, concurrency: number, onCrash: () => void): Promise<Outcome | undefined> {
    const inner = fileJournal(path, { sync: false });
    let [left, crashed] = [n, false];
    let tell!: () => void;
    const crash = new Promise<undefined>((resolve) => (tell = () => resolve(undefined)));
    const journal: Journal = {
      async open() {
        const session = await inner.open();
        return {
          size: session.size,
          lost: session.lost,
          get: (item) => (crashed ? new Promise(() => undefined) : session.get(item)),
          put: async (entry) => {
            if (crashed) return new Promise(() => undefined);
            if ((left -= 1) >= 0) return session.put(entry);
            crashed = true;
            onCrash();
            await session.put(entry);
            await session.close();
            tell();
            return new Promise(() => undefined);
          },
          close: () => session.close(),
        };
      },
    };
    return Promise.race([crash, run(items, { journal, concurrency })]);
  }
});
