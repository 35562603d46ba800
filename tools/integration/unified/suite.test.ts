/** The contract suite itself: an adapter that claims what it cannot do, or does what it does not claim, fails. */

import { describe, expect, test } from 'vitest';

import { differences, testAdapter, type ContractOptions } from '@asset-clients/testing/contract';
import type { AnyAdapter, Supports } from '@asset-clients/unified';

import { sampleBytes } from '../test/support/bytes.ts';
import { memoryAssets, type MemoryFile } from './support/memory-assets.ts';

const BYTES = sampleBytes(5000);

function files(): Map<string, MemoryFile> {
  return new Map<string, MemoryFile>([
    ['m1', { name: 'one.txt', mediaType: 'text/plain', bytes: BYTES, updatedAt: new Date() }],
    ['m2', { name: 'two.txt', mediaType: 'text/plain', bytes: new Uint8Array(2), updatedAt: new Date() }],
    ['m3', { name: 'three.txt', mediaType: undefined, bytes: undefined, updatedAt: new Date() }],
  ]);
}

type Subject = Omit<ContractOptions, 'test'>;

function subject(change: (adapter: AnyAdapter) => AnyAdapter = (adapter) => adapter): Subject {
  return {
    adapter: change(memoryAssets(files())),
    samples: [
      { target: 'm1', form: 'content', bytes: BYTES, name: 'one.txt' },
      { target: 'm2', form: 'content', size: 2 },
    ],
    missing: { target: 'nothing' },
    notReady: { target: 'm3' },
    many: ['m1', 'm2'],
    writes: {},
  };
}

/** Runs the suite as a runner would; the names of what failed. */
async function verdict(options: Subject): Promise<{ readonly ran: number; readonly failed: ReadonlyMap<string, string> }> {
  const tests: (readonly [string, () => Promise<void>])[] = [];
  testAdapter({ ...options, test: (name, run) => tests.push([name, run]) });
  const failed = new Map<string, string>();
  for (const [name, run] of tests) await run().catch((error: unknown) => failed.set(name, String(error)));
  return { ran: tests.length, failed };
}

/** The same adapter with another manifest, or other members. */
function changed(manifest: (supports: Supports) => object, members: (adapter: AnyAdapter) => object = () => ({})): (adapter: AnyAdapter) => AnyAdapter {
  return (adapter) => {
    const freeze = <T>(value: T): T => (typeof value === 'object' && value !== null ? (Object.values(value).forEach(freeze), Object.freeze(value)) : value);
    const supports = freeze({ ...structuredClone(adapter.supports), ...manifest(structuredClone(adapter.supports)) });
    return Object.freeze({ ...adapter, supports, ...members(adapter) }) as AnyAdapter;
  };
}

test('an adapter that is right passes', async () => {
  const { ran, failed } = await verdict(subject());
  expect([...failed]).toEqual([]);
  expect(ran).toBeGreaterThan(35);
});

describe('one lie at a time', () => {
  const upload = (facts: object) => changed((supports) => ({ upload: { ...(supports.upload as object), ...facts } }));
  const download = (facts: object) => changed((supports) => ({ download: { ...(supports.download as object), ...facts } }));

  test.each<[what: string, lie: (adapter: AnyAdapter) => AnyAdapter, test: RegExp]>([
    ['a verb that is there is not claimed', changed(() => ({ delete: false })), /^delete: is not supported/],
    ['get is not claimed', changed(() => ({ get: false })), /^get: is not supported/],
    [
      'a verb that is claimed is not there',
      changed(
        () => ({}),
        () => ({ get: undefined }),
      ),
      /^get: is a member/,
    ],
    ['a refusal that succeeds', changed(() => ({ downloadMany: false })), /^downloadMany: is not supported/],
    ['a form that there is not', download({ forms: ['content', 'thumbnail'] }), /^download: gives the thumbnail/],
    ['another form', download({ forms: ['original'] }), /^download: samples are of claimed forms/],
    ['nothing is ever not ready', download({ notReady: false }), /^download: says not-ready/],
    ['a smaller limit than is kept', upload({ maxBytes: 999_999 }), /^upload: keeps the limits/],
    ['a larger limit than is kept', upload({ maxBytes: 1_000_001 }), /^upload: /],
    ['empty files are not taken', upload({ minBytes: 1 }), /^upload: keeps the limits/],
    ['a shorter name than is kept', upload({ maxNameLength: 99 }), /^upload: keeps the limits/],
    ['a longer name than is kept', upload({ maxNameLength: 101 }), /^upload: /],
    ['sizes need not be known', upload({ needsSize: false }), /^upload: takes bytes/],
    ['nothing is read back', upload({ readsBack: false }), /^download: of an upload is refused/],
    ['no id before the content', upload({ createsFirst: false }), /^upload: onCreated is never called/],
    ['the state is not told', upload({ tellsState: false }), /^uploadState: answers 'unknown'/],
    ['names replace', upload({ sameName: 'replaces' }), /^upload: of two with the same name, the second replaces/],
    ['names are refused', upload({ sameName: 'refuses' }), /^upload: of two with the same name, the second refuses/],
    [
      'an option that is required',
      upload({ vendorOptions: { 'label.colour': { required: true, type: 'string', values: ['red', 'blue'] } } }),
      /^upload: keeps the rules/,
    ],
    ['an option of other values', upload({ vendorOptions: { size: { required: false, type: 'boolean' } } }), /^upload: /],
    ['a manifest that can be changed', (adapter) => ({ ...adapter, supports: structuredClone(adapter.supports) }), /^supports is plain data/],
    ['a manifest without a verb', changed(() => ({ delete: undefined })), /^supports is plain data/],
    [
      'bytes of another file',
      changed(
        () => ({}),
        (adapter) => ({ download: (_target: unknown, options: object) => (adapter as ReturnType<typeof memoryAssets>).download('m2', options) }),
      ),
      /^download: gives the content/,
    ],
    [
      'a state that is always complete',
      changed(
        () => ({}),
        () => ({ uploadState: async () => 'complete' }),
      ),
      /^upload: an onCreated that fails/,
    ],
    [
      'a delete that does nothing',
      changed(
        () => ({}),
        () => ({ delete: async () => undefined }),
      ),
      /^delete: takes away/,
    ],
    [
      'a hidden error',
      changed(
        () => ({}),
        () => ({ get: async () => Promise.reject(new TypeError('x')) }),
      ),
      /^get: says not-found/,
    ],
  ])('%s', async (_what, lie, expected) => {
    const { failed } = await verdict(subject(lie));
    expect(
      [...failed.keys()].some((name) => expected.test(name)),
      JSON.stringify([...failed]),
    ).toBe(true);
  });
});

test('without leave to write nothing is stored, and nothing deleted', async () => {
  const kept = files();
  const { writes: _writes, ...reading } = subject();
  const { failed } = await verdict({ ...reading, adapter: memoryAssets(kept) });
  expect([...failed]).toEqual([]);
  expect([...kept.keys()]).toEqual(['m1', 'm2', 'm3']);
});

test('requests that should not be are seen', async () => {
  let requests = 0;
  const { failed } = await verdict({ ...subject(), requests: () => (requests += 1) });
  expect([...failed.values()].some((message) => message.includes('requests sent: 1 instead of 0'))).toBe(true);
});

test('what is missing for a strict test fails it', async () => {
  const { notReady: _notReady, many: _many, ...others } = subject();
  const { failed } = await verdict(others);
  expect([...failed.keys()]).toEqual(['download: says not-ready where there is nothing yet', 'downloadMany: gives several files as one archive']);
});

test('it cannot be told to leave something out', () => {
  const run = (options: object): void => testAdapter({ ...subject(), test: () => undefined, ...options } as never);
  expect(() => run({ upload: false })).toThrow('testAdapter does not know upload; what an adapter can do is read from its manifest');
  expect(() => run({ samples: [] })).toThrow('at least one file');
  expect(() => run({ missing: undefined })).toThrow('`missing`');
  expect(() => run({ test: undefined })).toThrow('`test`');
  expect(() => run({ adapter: {} })).toThrow('`adapter`');
});

test('where fake and reality differ is printed, and nothing fails for it', async () => {
  const lines: string[] = [];
  const fake = subject();
  const real = subject(
    changed(
      () => ({}),
      (adapter) => ({
        get: async (target: string, options: object) => ({ ...(await (adapter as ReturnType<typeof memoryAssets>).get(target, options)), raw: { title: 'x' } }),
      }),
    ),
  );
  const { failed } = await verdict({ ...real, fake, print: (line) => lines.push(line) });
  expect([...failed]).toEqual([]);
  expect(lines).toEqual(['memory: get: members of the vendor\'s answer: ["title"]; the fake: ["bytes","mediaType","name","updatedAt"]']);
  expect(await differences(fake, subject())).toEqual([]);
});
