import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { ApiError } from '@asset-clients/runtime';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { AssetRef } from './contract.ts';
import { filesAssets } from './files.ts';

/** The entries of a folder with these names are found by any case, as on the file systems of macOS and Windows. */
let foldingFolder: string | undefined;

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const found = async (path: unknown): Promise<never> => {
    if (typeof path !== 'string' || dirname(path) !== foldingFolder) return path as never;
    const fold = (name: string): string => name.normalize('NFC').toLowerCase();
    const name = (await real.readdir(foldingFolder)).find((one) => fold(one) === fold(basename(path)));
    return (name === undefined ? path : join(foldingFolder, name)) as never;
  };
  return {
    ...real,
    stat: async (path: never, options: never) => real.stat(await found(path), options),
    realpath: async (path: never, options: never) => real.realpath(await found(path), options),
    rename: async (from: never, to: never) => real.rename(from, await found(to)),
    link: async (from: never, to: never) => real.link(from, await found(to)),
  };
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'files-assets-'));
  onTestFinished(async () => {
    foldingFolder = undefined;
    await rm(path, { recursive: true, force: true });
  });
  return path;
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => expect.unreachable('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!ApiError.is(error)) throw error;
  return error;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function contentsOf(dir: string): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all((await readdir(dir)).map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const)));
}

describe('a folder that is a file', () => {
  test('is told when the adapter is made', async () => {
    const path = join(await folder(), 'a.txt');
    await writeFile(path, 'x');
    expect(() => filesAssets({ dir: path })).toThrow(
      expect.objectContaining({
        kind: 'invalid-request',
        message: `files.filesAssets: dir is ${JSON.stringify(path)}, which is no folder`,
        hint: expect.any(String) as string,
      }),
    );
  });

  test('or when something is written, if it came later', async () => {
    const path = join(await folder(), 'out');
    const out = filesAssets({ dir: path });
    await writeFile(path, 'x');
    const error = await failureOf(out.upload({ name: 'a.txt', content: bytes('a') }));
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', message: `files.upload: dir is ${JSON.stringify(path)}, which is no folder` });
    expect(await readFile(path, 'utf8')).toBe('x');
  });
});

test('a folder that cannot be made is told with its reason', async () => {
  const file = join(await folder(), 'a.txt');
  await writeFile(file, 'x');
  const dir = join(file, 'below');
  const error = await failureOf(filesAssets({ dir }).upload({ name: 'a.txt', content: bytes('a') }));
  expect(error).toMatchObject({ kind: 'invalid-request', message: `files.upload: cannot make the folder ${dir} (ENOTDIR)`, code: 'ENOTDIR' });
});

test('of two uploads of one name at the same time one is refused, where nothing is to be replaced', async () => {
  const dir = await folder();
  const uploads = await Promise.allSettled(['1', '2'].map((text) => filesAssets({ dir }).upload({ name: 'a.txt', content: new Blob([text]).stream() })));
  expect(uploads.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { reason } = uploads.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  expect(reason).toMatchObject({ kind: 'conflict', outcome: 'refused', hint: expect.stringContaining("ifExists: 'rename'") as string });
  expect(Object.keys(await contentsOf(dir))).toEqual(['a.txt']);
});

test('with rename an upload gets the next free name, also of two at the same time, and one that fails takes none', async () => {
  const dir = await folder();
  const out = filesAssets({ dir, ifExists: 'rename' });
  const upload = (text: string): Promise<{ readonly name: string; readonly ref: AssetRef }> => out.upload({ name: 'a.txt', content: new Blob([text]) });
  expect(await upload('1')).toMatchObject({ name: 'a.txt', ref: { segments: ['a.txt'] } });
  const names = (await Promise.all([upload('2'), upload('3')])).map(({ ref }) => ref.segments[0]);
  expect(names.sort()).toEqual(['a (1).txt', 'a (2).txt']);
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(5);
    throw new Error('disk gone');
  };
  const error = await failureOf(out.upload({ name: 'a.txt', content: broken() }));
  expect(error).toMatchObject({ outcome: 'refused', hint: expect.stringMatching(/Nothing of it is at files/) as string });
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('1');
  expect(Object.keys(await contentsOf(dir)).sort()).toEqual(['a (1).txt', 'a (2).txt', 'a.txt']);
});

describe('where the file system takes A.txt and a.txt for one name', () => {
  test.each([
    ['a.txt', 'A.txt'],
    ['caf\u00e9.txt', 'cafe\u0301.txt'],
    ['B\u00dcRO.txt', 'b\u00fcro.txt'],
  ])('replacing by %j does not lose %j', async (name, other) => {
    const dir = (foldingFolder = await folder());
    await writeFile(join(dir, other), 'former');
    const error = await failureOf(filesAssets({ dir, ifExists: 'replace' }).upload({ name, content: bytes('new') }));
    expect(error).toMatchObject({
      kind: 'conflict',
      outcome: 'refused',
      message: `files.upload: ${JSON.stringify(other)} exists already, and this file system takes ${JSON.stringify(name.normalize('NFC'))} for the same name`,
    });
    expect(await contentsOf(dir)).toEqual({ [other]: 'former' });
  });

  test('of two uploads at the same time one is refused, and the other is whole', async () => {
    const dir = (foldingFolder = await folder());
    // Two adapters, as two parts of a program may have them.
    const uploads = ['A.txt', 'a.txt'].map((name) => filesAssets({ dir, ifExists: 'replace' }).upload({ name, content: bytes(name) }));
    const results = await Promise.allSettled(uploads);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await contentsOf(dir)).toEqual({ 'A.txt': 'A.txt' });
  });

  test('the same name is replaced', async () => {
    const dir = (foldingFolder = await folder());
    const out = filesAssets({ dir, ifExists: 'replace' });
    await out.upload({ name: 'A.txt', content: bytes('1') });
    await out.upload({ name: 'A.txt', content: bytes('2') });
    expect(await contentsOf(dir)).toEqual({ 'A.txt': '2' });
  });
});

test('where it tells them apart, both are stored', async () => {
  const dir = await folder();
  // Elsewhere there is nothing to be told apart.
  await mkdir(join(dir, 'probe'));
  const isFolding = await readdir(join(dir, 'PROBE')).then(
    () => true,
    () => false,
  );
  await rm(join(dir, 'probe'), { recursive: true });
  const out = filesAssets({ dir, ifExists: 'replace' });
  await out.upload({ name: 'A.txt', content: bytes('A') });
  const second = await out.upload({ name: 'a.txt', content: bytes('a') }).then(
    () => 'stored',
    () => 'refused',
  );
  expect([second, await contentsOf(dir)]).toEqual(isFolding ? ['refused', { 'A.txt': 'A' }] : ['stored', { 'A.txt': 'A', 'a.txt': 'a' }]);
});

test.each([0, 20])('an upload that waits for another of the same name is ended by its signal, also after %i ms', async (ms) => {
  const dir = await folder();
  const out = filesAssets({ dir, ifExists: 'replace' });
  let release = (): void => undefined;
  const held = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise<void>((resolve) => (release = resolve));
      controller.enqueue(bytes('first'));
      controller.close();
    },
  });
  const first = out.upload({ name: 'a.txt', content: held });
  await vi.waitFor(async () => expect((await readdir(dir)).length).toBe(1));
  const abort = new AbortController();
  const second = failureOf(out.upload({ name: 'A.txt', content: bytes('second') }, { signal: abort.signal }));
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  abort.abort(new Error('enough'));
  expect(await second).toMatchObject({ kind: 'aborted', name: 'AbortError' });
  release();
  await first;
  expect(await contentsOf(dir)).toEqual({ 'a.txt': 'first' });
});
