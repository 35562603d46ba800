import { ApiError, contentOf } from '@asset-clients/runtime';
import { describe, expect, test } from 'vitest';

import { library, Store } from '../test/store.ts';
import { defineAdapter } from './adapter.ts';
import { can } from './can.ts';
import type { Writable } from './contract.ts';
import { copy } from './copy.ts';
import { copyAll } from './copy-all.ts';
import { createAssets } from './create-assets.ts';
import { diskSpool, filesAssets } from './files.ts';
import { fileJournal } from './journal.ts';
import { fileNameToRef } from './refs.ts';

async function failureOf(call: () => unknown): Promise<ApiError> {
  try {
    await call();
  } catch (error) {
    if (ApiError.is(error)) return error;
    throw error;
  }
  return expect.unreachable('it succeeded');
}

/** A source and a destination that note whether anybody asked them. */
function ends(): { readonly from: ReturnType<ReturnType<typeof library>['ref']>; readonly store: Store; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const store = new Store({ rules: { needsSize: true } });
  return { from: library((id) => void asked.push(id)).ref('f1'), store, asked };
}

const BOTH: readonly (readonly [options: object | null, message: string])[] = [
  [null, 'options is null; it must be an object'],
  [[], 'options is an array; it must be an object'],
  [{ onProgress: 'x' }, 'onProgress is "x"; it must be a function'],
  [{ signal: new AbortController() }, 'signal is an object without members; it must be an AbortSignal'],
  [{ signal: null }, 'signal is null; it must be an AbortSignal'],
  [{ timeoutMs: '5s' }, 'timeoutMs is "5s"; it must be milliseconds, 0 or more, or false'],
  [{ idleTimeoutMs: -1 }, 'idleTimeoutMs is -1; it must be milliseconds, 0 or more, or false'],
  [{ deadlineMs: Number.NaN }, 'deadlineMs is NaN; it must be milliseconds, 0 or more, or false'],
  [{ maxRetries: 1.5 }, 'maxRetries is 1.5; it must be a whole number of 0 or more, or false'],
  [{ spool: { keep: 1 } }, 'spool is an object with keep; it must be a spool with hold(), for example diskSpool()'],
  [{ onProgres: () => undefined }, 'onProgres is no option of {operation}; did you mean onProgress? (it has '],
];

describe('copy refuses before any request', () => {
  test.each<readonly [object | null, string]>([
    ...BOTH,
    [{ as: 3 }, 'as is 3; it must be a file name'],
    [{ as: '' }, 'name has 0 characters; store takes at least 1'],
    [{ mediaType: true }, 'mediaType is true; it must be a text that is not empty'],
    [{ mediaType: 'picture' }, 'mediaType must be a media type, for example "image/jpeg"'],
    [{ size: -1 }, 'size is -1; it must be a whole number of bytes, 0 or more'],
    [{ onSending: 3 }, 'onSending is 3; it must be a function'],
    [{ onCreated: {} }, 'onCreated is an object without members; it must be a function'],
    [{ vendorOptions: 'sms' }, 'vendorOptions is "sms"; it must be an object by vendor'],
    [{ onsending: () => undefined }, 'onsending is no option of copy; did you mean onSending?'],
    [{ banana: 1 }, 'banana is no option of copy (it has as, mediaType, size, '],
  ])('%o', async (options, message) => {
    const { from, store, asked } = ends();
    const error = await failureOf(() => copy(from, store.adapter, options as never));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toContain(message.replace('{operation}', 'copy'));
    expect(error.hint).toBeTruthy();
    expect([asked, store.uploads]).toEqual([[], []]);
  });
});

describe('copyAll refuses before any request', () => {
  test.each<readonly [object | null, string]>([
    ...BOTH,
    [{ concurrency: 0 }, 'concurrency is 0; it must be a whole number of 1 or more'],
    [{ concurrency: '4' }, 'concurrency is "4"; it must be a whole number of 1 or more'],
    [{ itemRetries: -1 }, 'itemRetries is -1; it must be a whole number of 0 or more'],
    [{ journal: {} }, 'journal is an object without members; it must be a journal with open(), for example fileJournal(path)'],
    [{ journal: 'campaign.journal' }, 'journal is "campaign.journal"; it must be a journal with open(), for example fileJournal(path)'],
    [{ onItem: [] }, 'onItem is an array; it must be a function'],
    [{ retryUncertain: 'yes' }, 'retryUncertain is "yes"; it must be true or false'],
    [{ clock: Date }, 'clock is a function; it must be a clock with now, setTimeout and clearTimeout'],
    [{ concurency: 2 }, 'concurency is no option of copyAll; did you mean concurrency?'],
  ])('%o', async (options, message) => {
    const { from, store, asked } = ends();
    const error = await failureOf(() => copyAll([{ from, to: store.adapter }], options as never));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    expect(error.message).toContain(message.replace('{operation}', 'copyAll'));
    expect([asked, store.uploads]).toEqual([[], []]);
  });

  test.each([
    [{ As: 'b.txt' }, 'the item has As, which counts for nothing; did you mean as?'],
    [{ vendorOption: {} }, 'the item has vendorOption, which counts for nothing; did you mean vendorOptions?'],
    [{ mediatype: 'text/plain' }, 'the item has mediatype, which counts for nothing; did you mean mediaType?'],
    [{ as: 3 }, 'as is 3; it must be a file name'],
    [{ size: 'large' }, 'size is "large"; it must be a whole number of bytes, 0 or more'],
  ])('an item with %o, and that item only', async (member, message) => {
    const { from, store, asked } = ends();
    const { counts, problems } = await copyAll([{ from, to: store.adapter, ...member } as never, { from, to: store.adapter, as: 'good.txt' }]);
    expect(counts).toMatchObject({ failed: 1, copied: 1 });
    expect(problems[0]).toMatchObject({ index: 0, error: { kind: 'invalid-request', message: expect.stringContaining(message) as string } });
    expect([asked, store.uploads]).toEqual([['f1'], ['good.txt']]);
  });

  test("but not for members that are the caller's own", async () => {
    const { from, store } = ends();
    const own = { id: 'f1', title: 'a', is: 1, form: 2, note: 'x', row: 7 };
    expect((await copyAll([{ from, to: store.adapter, ...own }])).counts.copied).toBe(1);
  });
});

describe('the verbs of an adapter refuse before any request', () => {
  test.each<readonly [object, string]>([
    [{ onProgress: 'x' }, 'onProgress is "x"; it must be a function'],
    [{ onCreated: 'x' }, 'onCreated is "x"; it must be a function'],
    [{ signl: AbortSignal.abort() }, 'signl is no option of upload; did you mean signal?'],
  ])('upload with %o', async (options, message) => {
    const { store } = ends();
    const error = await failureOf(() => store.adapter.upload({ name: 'a.txt', content: new Uint8Array(3) }, options as never));
    expect(error).toMatchObject({ kind: 'invalid-request', vendor: 'store', operation: 'upload', message: expect.stringContaining(message) as string });
    expect(store.uploads).toEqual([]);
  });

  test('a content without size, where the destination must know it: size is named', async () => {
    const { store } = ends();
    const stream = (): AsyncIterable<Uint8Array> => new Blob(['abc']).stream();
    const upload = (adapter: Writable, facts: object): Promise<unknown> => adapter.upload({ name: 'a.txt', content: contentOf(stream(), facts) as never });
    const error = await failureOf(() => upload(store.adapter, {}));
    expect(error).toMatchObject({
      kind: 'invalid-request',
      message: 'store.upload: size is missing: store must know it before the first byte, and this content does not tell it',
      hint: 'Give size, or content that knows it: bytes, a Blob, a file source, contentOf(stream, { size }).',
    });
    expect(store.uploads).toEqual([]);
    await upload(store.adapter, { size: 3 });
    expect(store.files).toEqual({ 'a.txt': ['abc'] });
  });

  test('a signal of another realm counts', async () => {
    const { store } = ends();
    const { signal } = new AbortController();
    const foreign = Object.assign(Object.create(null) as object, {
      aborted: false,
      reason: undefined,
      addEventListener: signal.addEventListener.bind(signal),
      removeEventListener: signal.removeEventListener.bind(signal),
      throwIfAborted: signal.throwIfAborted.bind(signal),
    });
    await store.adapter.upload({ name: 'a.txt', content: new Uint8Array(3) }, { signal: foreign as AbortSignal });
    expect(store.uploads).toEqual(['a.txt']);
  });
});

test('can() of what is no adapter is false', () => {
  for (const what of [undefined, null, 'x', 3, {}, { supports: null }, { supports: 'upload' }]) expect(can(what as never, 'upload')).toBe(false);
});

test.each<readonly [string, () => unknown, string]>([
  ['createAssets()', () => createAssets(undefined as never), 'adapters is undefined; it must be an object with adapters by name'],
  ['createAssets of a list', () => createAssets([new Store().adapter] as never), 'adapters is an array; it must be an object with adapters by name'],
  ['createAssets of a text', () => createAssets('x' as never), 'adapters is "x"; it must be an object with adapters by name'],
  ['downloadMany of no list', () => createAssets({ a: new Store().adapter }).downloadMany('x' as never), 'a list of at least one file is expected'],
  ['fileNameToRef of a number', () => fileNameToRef(10n as never), '10 is no file name of a reference'],
  ['defineAdapter()', () => defineAdapter(undefined as never), 'vendor must be small letters'],
  ['filesAssets()', () => filesAssets({} as never), 'dir is required: a folder'],
  ['filesAssets(3)', () => filesAssets({ dir: 3 } as never), 'dir is 3; it must be a text that is not empty'],
  [
    'filesAssets of another rule',
    () => filesAssets({ dir: 'x', ifExists: 'overwrite' } as never),
    `ifExists is "overwrite"; it must be 'refuse' or 'replace' or 'rename'`,
  ],
  ['filesAssets misspelt', () => filesAssets({ dir: 'x', ifExist: 'replace' } as never), 'ifExist is no option of filesAssets; did you mean ifExists?'],
  ['diskSpool(folder)', () => diskSpool('x' as never), 'options is "x"; it must be an object'],
  ['fileJournal()', () => fileJournal(undefined as never), 'path is required: the file of the journal'],
  ['fileJournal misspelt', () => fileJournal('x', { Sync: false } as never), 'Sync is no option of fileJournal; did you mean sync?'],
  ['fileJournal of text', () => fileJournal('x', { repair: 'yes' } as never), 'repair is "yes"; it must be true or false'],
])('%s says what is wrong', async (_what, make, message) => {
  const error = await failureOf(make);
  expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', message: expect.stringContaining(message) as string });
});
