/** copy() from everywhere to everywhere: sizes, names, and what goes wrong on the way. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { fault, type Fault } from '@asset-clients/testing';
import { ApiError, copy, CopyError, formatAssetRef, type CopyResult, type Writable } from '@asset-clients/unified';
import { diskSpool } from '@asset-clients/unified/files';

import { sampleBytes } from '../test/support/bytes.ts';
import { DESTINATIONS, makePlaces, sha256, SOURCES, TO_CUSTOMER, type DestinationName, type Places, type SourceName } from './support/places.ts';

const MIB = 1024 * 1024;
const SIZES = [0, 1, 65_537, 10 * MIB, 10 * MIB + 1] as const;
const PAIRS = SOURCES.flatMap((from) => DESTINATIONS.map((to) => [from, to] as const));

vi.setConfig({ testTimeout: 120_000 });

let places: Places;
beforeAll(async () => {
  places = await makePlaces();
});
afterAll(() => places[Symbol.asyncDispose]());

const made = new Map<number, { readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: string }>();
/** The same bytes every time: the large ones take long to make. */
function content(size: number): { readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: string } {
  let known = made.get(size);
  if (known === undefined) {
    const bytes = sampleBytes(size, size + 7);
    made.set(size, (known = { bytes, hash: sha256(bytes) }));
  }
  return known;
}

let names = 0;
const freshName = (extension = 'pdf'): string => `file ${(names += 1)}.${extension}`;

function run(at: Places, from: Awaited<ReturnType<Places['sources']['egain']['put']>>, to: DestinationName, options: object = {}): Promise<CopyResult> {
  const { adapter } = at.destinations[to];
  return copy<Writable>(from, adapter, { ...(to === 'egain' && { vendorOptions: TO_CUSTOMER }), ...options });
}

async function failureOf(promise: Promise<unknown>): Promise<CopyError> {
  const error: unknown = await promise.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(CopyError.is(error), String(error)).toBe(true);
  return error as CopyError;
}

describe.each(['in process', 'over sockets'] as const)('sizes, %s', (how) => {
  test.each(PAIRS)('%s to %s', async (from, to) => {
    for (const size of SIZES) {
      await using at = await makePlaces(how);
      const { bytes, hash } = content(size);
      const ref = await at.sources[from].put(freshName(), bytes);
      if (to === 'egain' && (size === 0 || size > 10 * MIB)) {
        const error = await failureOf(run(at, ref, to));
        expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', copy: { side: 'destination', leaves: 'nothing' } });
        expect(error.message).toContain(`${size} bytes`);
        expect(at.fakes.calls.filter(({ operation }) => operation === 'createAsset' || operation === 'upload')).toEqual([]);
        continue;
      }
      const result = await run(at, ref, to);
      expect(result).toMatchObject({ bytes: size, sha256: hash, source: { bytes: size }, destination: { bytes: size, sha256: hash } });
      expect(result.from).toBe(ref);
      expect(await at.destinations[to].kept()).toEqual([{ name: result.name, size, sha256: hash }]);
      expect(await at.destinations[to].litter()).toEqual([]);
    }
  });
});

const NAMES = [
  'Überblick ½ 日本 😀.pdf',
  `a "quoted" 'name'.pdf`,
  'a/b.pdf',
  '..\\..\\up.pdf',
  '../../etc/passwd',
  'con.pdf',
  'a;b%41+c&d=e.pdf',
  'no extension',
] as const;

describe('names', () => {
  test.each(PAIRS)('%s to %s', async (from, to) => {
    await using at = await makePlaces();
    for (const name of NAMES) {
      const bytes = sampleBytes(100, names);
      const ref = await at.sources[from].put(name, bytes);
      const result = await run(at, ref, to);
      const kept = (await at.destinations[to].kept()).filter((file) => file.sha256 === sha256(bytes));
      expect(kept.map((file) => file.name)).toContain(result.name);
      if (to === 'files') expect(result.name).not.toMatch(/[/\\]/);
      // A name that is another now is told.
      const told = result.notCarried.filter(({ what }) => what === 'name');
      const original = from === 'tenovos rendition' || from === 'files' ? undefined : name;
      if (original !== undefined) {
        const arrived = told[0]?.value ?? result.name;
        expect(arrived).toBe(from === 'tenovos' || from === 'worldserver' ? arrived : original);
        if (result.name !== arrived) expect(told[0]!.why).toContain(JSON.stringify(result.name));
      }
    }
  });

  test('`as` gives another name, and one that a destination does not take is refused before anything is asked', async () => {
    const ref = await places.sources.tenovos.put('hero.tif', sampleBytes(10));
    expect((await run(places, ref, 'egain', { as: 'other.tif' })).name).toBe('other.tif');
    const before = places.fakes.calls.length;
    for (const as of ['', 'x'.repeat(256)]) {
      expect(await failureOf(run(places, ref, 'egain', { as }))).toMatchObject({ kind: 'invalid-request', copy: { side: 'destination', leaves: 'nothing' } });
    }
    expect(await failureOf(run(places, ref, 'egain', { vendorOptions: {} }))).toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('vendorOptions.egain.channel.type is required') as string,
    });
    expect(places.fakes.calls.length).toBe(before);
  });
});

const SIZE = 200_000;
const BODY_FAULTS: Readonly<Record<string, () => Fault[]>> = {
  'resetAfter(0)': () => [fault.resetAfter(0)],
  'resetAfter(some)': () => [fault.resetAfter(90_000)],
  'stallAfter(some)': () => [fault.stallAfter(90_000)],
  'shortBody(some)': () => [fault.shortBody(90_000)],
  'shortBody(some, { length: false })': () => [fault.shortBody(90_000, { length: false })],
  'tooLongBody()': () => [fault.tooLongBody()],
  'tooLongBody(7, { length: false })': () => [fault.tooLongBody(7, { length: false })],
  'wrongLength(more)': () => [fault.wrongLength(SIZE + 10)],
  'wrongLength(less)': () => [fault.wrongLength(90_000)],
  'corruptBytes()': () => [fault.corruptBytes({ at: 90_000, count: 3 })],
  'changedContent()': () => [fault.resetAfter(90_000), fault.changedContent()],
  'slowBody()': () => [fault.slowBody(100_000)],
  'expiredUrl()': () => [fault.expiredUrl()],
  'htmlErrorPage()': () => [fault.htmlErrorPage()],
};
/** What no receiver can notice where nobody tells length or checksum. */
const UNNOTICED = /^(?:shortBody\(some, \{ length: false \}\)|tooLongBody\(7, \{ length: false \}\)|corruptBytes\(\)|wrongLength\(less\))$/;
const FAULTY = PAIRS.filter(([from]) => from !== 'files' && from !== 'memory');

describe('faults of the source: right bytes, or an error and nothing half-written', () => {
  test.each(FAULTY)('%s to %s', async (from, to) => {
    const seen = new Map<string, string>();
    for (const [name, make] of Object.entries(BODY_FAULTS)) {
      for (const times of [1, 5]) {
        await using at = await makePlaces();
        const bytes = sampleBytes(SIZE, 3);
        const ref = await at.sources[from].put(freshName(), bytes);
        const isExpiry = name === 'expiredUrl()';
        // A rendition's address has no expiry, and an API's answer is no signed URL.
        if (isExpiry && (from === 'worldserver' || from === 'tenovos rendition')) continue;
        at.sources[from].spoil!(...make().map((one) => one.times(times)));
        const outcome = await run(at, ref, to).catch((error: unknown) => error);
        const kept = await at.destinations[to].kept();
        expect(await at.destinations[to].litter()).toEqual([]);
        if (ApiError.is(outcome)) {
          expect(kept, name).toEqual([]);
          expect(CopyError.is(outcome), name).toBe(true);
          const { copy: told } = outcome as CopyError;
          expect(told.side, `${name}: ${outcome.message}`).toBe('source');
          expect(told.leaves, name).not.toBe('unknown');
          // A folder has nothing of a file that did not come whole.
          if (to === 'files') expect(told).toEqual({ side: 'source', leaves: 'nothing' });
          if (told.leaves === 'empty') expectHint(outcome as CopyError, name);
          seen.set(`${name} x${times}`, outcome.kind);
          continue;
        }
        const result = outcome as CopyResult;
        expect(result.sha256, String(outcome)).toBe(kept[0]?.sha256);
        expect(kept).toHaveLength(1);
        if (result.sha256 !== sha256(bytes)) {
          expect(name).toMatch(UNNOTICED);
          // Nobody claims a proof that there was not.
          if (name.startsWith('corrupt')) expect(result.source.verified).not.toBe('checksum');
          else if (name !== 'wrongLength(less)') expect(result.source.verified).toBe('none');
        }
        seen.set(`${name} x${times}`, result.sha256 === sha256(bytes) ? 'right' : 'unnoticed');
      }
    }
    // Not everything fails, and not everything passes.
    expect([...seen.values()]).toContain('right');
    expect([...seen.values()].some((outcome) => outcome !== 'right')).toBe(true);
  });
});

const UPLOAD_FAULTS: Readonly<Record<string, () => Fault>> = {
  'status(500)': () => fault.status(500),
  'status(503)': () => fault.status(503),
  'resetBeforeHeaders()': () => fault.resetBeforeHeaders(),
  'stallBeforeHeaders()': () => fault.stallBeforeHeaders(),
  'resetRequestAfter(500)': () => fault.resetRequestAfter(500),
  'stallRequestAfter(500)': () => fault.stallRequestAfter(500),
  'lostAnswer()': () => fault.lostAnswer(),
  "lostAnswer('stall')": () => fault.lostAnswer('stall'),
  'expiredUrl()': () => fault.expiredUrl(),
  'htmlErrorPage()': () => fault.htmlErrorPage(),
};

/** The hint says what `copy` says, in words of this package. */
function expectHint({ hint = '', copy: { leaves, to } }: CopyError, what: string): void {
  expect(hint, what).not.toMatch(/leftBehind|deleteAsset|uploadAsset|uploadFile|uploadContent|nothing was written|may or may not/i);
  const says = { nothing: 'Nothing of it is at', empty: 'is there without content', unknown: 'not known' }[leaves];
  for (const one of [says, to === undefined ? '' : formatAssetRef(to)]) expect(hint, what).toContain(one);
  expect([...hint.matchAll(/Nothing of it|without content|not known/g)], what).toHaveLength(1);
}

describe('faults of the destination are told as such', () => {
  test.each((['egain', 'worldserver'] as const).flatMap((to) => SOURCES.map((from) => [from, to] as const)))('%s to %s', async (from, to) => {
    for (const [name, make] of Object.entries(UPLOAD_FAULTS)) {
      await using at = await makePlaces();
      // What is no signed URL cannot expire.
      if (name === 'expiredUrl()' && to !== 'egain') continue;
      const ref = await at.sources[from].put(freshName(), sampleBytes(1000));
      at.destinations[to].spoil!(make());
      const error = await failureOf(run(at, ref, to));
      expectHint(error, name);
      expect(await at.destinations[to].kept(), name).toHaveLength(name.startsWith('lostAnswer') ? 1 : 0);
      expect(error.copy.side, name).toBe('destination');
      if (to === 'egain') expect(error.copy.to, name).toMatchObject({ vendor: 'egain', segments: ['asset', expect.any(String) as string] });
      // Where the answer does not say that nothing was done, nobody knows.
      expect(error.copy.leaves, `${name}: ${error.outcome}`).toBe(error.outcome === 'unknown' ? 'unknown' : to === 'egain' ? 'empty' : 'nothing');
      at.fakes.egain.faults.clear();
      at.fakes.worldserver.faults.clear();
    }
  });

  test.each(['egain', 'worldserver'] as const)('and an upload to %s alone gives the same advice', async (to) => {
    for (const [name, make] of Object.entries(UPLOAD_FAULTS)) {
      await using at = await makePlaces();
      at.destinations[to].spoil!(make());
      const { adapter } = at.destinations[to];
      const uploading = adapter.upload({ name: 'a.pdf', content: sampleBytes(1000), ...(to === 'egain' && { vendorOptions: TO_CUSTOMER }) });
      const error = await uploading.catch((reason: unknown) => reason as ApiError);
      // What is no signed URL cannot expire.
      if (!ApiError.is(error)) expect([name, to]).toEqual(['expiredUrl()', 'worldserver']);
      else
        expect(error.hint, name).toMatch(to === 'egain' ? /egain:asset\/\S+ (?:has its content is not known|is there without content)/ : /look there before/);
      if (ApiError.is(error)) expect(error.hint, name).not.toMatch(/leftBehind|deleteAsset|uploadAsset|uploadFile|nothing was written|may or may not/i);
    }
  });

  test('a session that ended is renewed in the middle of an upload, and the source read again from its beginning', async () => {
    // In process the refusal comes before the source is opened.
    await using at = await makePlaces('over sockets');
    const bytes = sampleBytes(SIZE);
    const ref = await at.sources.tenovos.put('hero.tif', bytes);
    await run(at, ref, 'worldserver');
    at.fakes.worldserver.faults.add('uploadAssets', fault.expiredSession());
    const { source } = await run(at, ref, 'worldserver');
    expect(source.bytes).toBe(SIZE);
    expect((await at.destinations.worldserver.kept()).map((file) => file.sha256)).toEqual([sha256(bytes), sha256(bytes)]);
    expect(at.fakes.calls.filter(({ operation }) => operation === 'content')).toHaveLength(3);
  });
});

describe('sizes that nobody tells', () => {
  /** Of a longer file as many bytes as are wanted, and their end is the only thing that tells how many. */
  const withoutLength = (size = SIZE): Fault => fault.shortBody(size, { length: false });

  test('are refused where the destination must know them, in one sentence that names the ways out', async () => {
    await using at = await makePlaces();
    const ref = await at.sources.worldserver.put('a.docx', sampleBytes(1005));
    at.sources.worldserver.spoil!(withoutLength(1000));
    const error = await failureOf(run(at, ref, 'egain'));
    expect(error).toMatchObject({ kind: 'invalid-request', copy: { leaves: 'nothing' } });
    expect(`${error.message} ${error.hint}`).toMatch(/must know the size before the first byte.*worldserver:task\/1\/target.*Give size.*diskSpool\(\)/);
    expect(at.fakes.egain.assets()).toEqual([]);
  });

  test('wait on disk when asked to, or are taken as given', async () => {
    await using at = await makePlaces();
    const bytes = sampleBytes(SIZE);
    const ref = await at.sources.worldserver.put('a.docx', sampleBytes(SIZE + 5));
    at.sources.worldserver.spoil!(withoutLength(), withoutLength());
    expect(await run(at, ref, 'egain', { spool: diskSpool() })).toMatchObject({ bytes: SIZE, sha256: sha256(bytes), source: { verified: 'none' } });
    expect(await run(at, ref, 'egain', { size: SIZE })).toMatchObject({ bytes: SIZE, sha256: sha256(bytes) });
    expect((await at.destinations.egain.kept()).map((file) => file.sha256)).toEqual([sha256(bytes), sha256(bytes)]);
  });

  test.each([SIZE - 1, SIZE + 1])('that are given wrong (%i for 200,000) end the copy before the destination can take it for complete', async (size) => {
    await using at = await makePlaces();
    const ref = await at.sources.worldserver.put('a.docx', sampleBytes(SIZE + 5));
    at.sources.worldserver.spoil!(withoutLength());
    const error = await failureOf(run(at, ref, 'egain', { size }));
    expect(error).toMatchObject({ kind: 'integrity', copy: { side: 'source', leaves: 'empty', to: { vendor: 'egain' } } });
    expect(await at.destinations.egain.kept()).toEqual([]);
    // Where the source tells another, nothing is asked of the destination.
    expect(await failureOf(run(at, ref, 'egain', { size }))).toMatchObject({ kind: 'invalid-request', copy: { leaves: 'nothing' } });
  });

  test('that turn out too large on disk are refused before anything is created', async () => {
    await using at = await makePlaces();
    const ref = await at.sources.worldserver.put('a.docx', sampleBytes(10 * MIB + 5));
    at.sources.worldserver.spoil!(withoutLength(10 * MIB + 1));
    expect(await failureOf(run(at, ref, 'egain', { spool: diskSpool() }))).toMatchObject({
      kind: 'invalid-request',
      // The source was asked.
      hint: expect.stringMatching(/^Nothing was sent to egain\./) as string,
      copy: { side: 'destination', leaves: 'nothing' },
    });
    expect(at.fakes.egain.assets()).toEqual([]);
  });
});

describe('what a copy tells', () => {
  test('what could not be carried over', async () => {
    await using at = await makePlaces();
    const from = async (name: SourceName): Promise<Awaited<ReturnType<Places['sources']['egain']['put']>>> => at.sources[name].put('a b.pdf', sampleBytes(10));
    const lost = async (name: SourceName, to: DestinationName): Promise<string[]> =>
      (await run(at, await from(name), to)).notCarried.map(({ what, value }) => `${what} ${value ?? ''}`.trim());
    expect(await lost('tenovos', 'files')).toEqual(['mediaType application/pdf', expect.stringMatching(/^updatedAt \d{4}-/), 'metadata']);
    expect(await lost('worldserver', 'egain')).toEqual([]);
    expect(await lost('egain', 'worldserver')).toEqual(['mediaType application/pdf']);
    expect(await lost('memory', 'egain')).toEqual(['mediaType text/plain', 'updatedAt 2023-11-14T22:13:20.000Z']);
    expect(await lost('memory', 'memory')).toEqual(['updatedAt 2023-11-14T22:13:20.000Z']);
  });

  test("the name, which a function may make of the source's; what it makes wrongly is refused before anything is sent", async () => {
    await using at = await makePlaces();
    for (const from of ['tenovos', 'worldserver', 'memory'] as const) {
      const ref = await at.sources[from].put(`hero ${from}.tif`, sampleBytes(10));
      const seen: string[] = [];
      const as = (name: string): string => {
        seen.push(name);
        return name.replace('.tif', '.jpg');
      };
      const { name, notCarried } = await run(at, ref, 'files', { as });
      expect([seen, name]).toEqual([[`hero ${from}.tif`], `hero ${from}.jpg`]);
      expect(notCarried.filter(({ what }) => what === 'name')).toEqual([]);
    }
    const ref = await at.sources.tenovos.put('hero.tif', sampleBytes(10));
    const calls = (): number => at.fakes.calls.filter(({ vendor }) => vendor === 'egain').length;
    const before = calls();
    const wrong = [() => 5 as never, () => '', () => 'x'.repeat(256), () => expect.unreachable() as never];
    for (const as of wrong)
      expect(await failureOf(run(at, ref, 'egain', { as }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', copy: { leaves: 'nothing' } });
    expect(calls()).toBe(before);
  });

  test('progress, until all bytes have passed', async () => {
    await using at = await makePlaces();
    const ref = await at.sources.tenovos.put('hero.tif', sampleBytes(SIZE));
    const seen: number[] = [];
    await run(at, ref, 'files', { onProgress: ({ bytes }: { bytes: number }) => seen.push(bytes) });
    expect(seen.at(-1)).toBe(SIZE);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test('the id before any byte is sent; where that cannot be noted, nothing is sent', async () => {
    await using at = await makePlaces();
    const ref = await at.sources.tenovos.put('hero.tif', sampleBytes(SIZE));
    const seen: unknown[] = [];
    const result = await run(at, ref, 'egain', {
      onCreated: (to: unknown) => void seen.push(to, at.fakes.calls.filter(({ operation }) => operation === 'upload').length),
    });
    expect(seen).toEqual([result.to, 0]);
    const error = await failureOf(run(at, ref, 'egain', { onCreated: () => Promise.reject(new Error('disk full')) }));
    expect(error).toMatchObject({ kind: 'invalid-request', copy: { side: 'destination', leaves: 'empty', to: { vendor: 'egain' } } });
    expect(at.fakes.calls.filter(({ operation }) => operation === 'upload')).toHaveLength(1);
  });

  test('not-ready, as its own kind', async () => {
    await using at = await makePlaces();
    at.fakes.worldserver.seed({ tasks: [{ id: 900, source: { name: 'a.docx' } }] });
    const target = at.destinations.worldserver.adapter.ref({ vendor: 'worldserver', segments: ['task', '900', 'target'] });
    expect(await failureOf(copy<Writable>(target as never, at.destinations.files.adapter, {}))).toMatchObject({
      kind: 'not-ready',
      copy: { side: 'source', leaves: 'nothing' },
    });
  });

  test('an abort, at any moment, and leaves nothing half-written', async () => {
    for (const after of [-1, 0, 50_000, 150_000]) {
      for (const to of DESTINATIONS) {
        await using at = await makePlaces();
        const ref = await at.sources.tenovos.put('hero.tif', sampleBytes(SIZE));
        const stop = new AbortController();
        if (after < 0) stop.abort(new Error('enough'));
        const onProgress = ({ bytes }: { bytes: number }): void => {
          if (bytes > after) stop.abort(new Error('enough'));
        };
        const error = await failureOf(run(at, ref, to, { signal: stop.signal, onProgress }));
        expect(error).toMatchObject({ kind: 'aborted', name: 'AbortError' });
        expect(await at.destinations[to].kept()).toEqual([]);
        expect(await at.destinations[to].litter()).toEqual([]);
      }
    }
  });
});

describe('what copy refuses without a request', () => {
  test.each([
    ['a text', 'tenovos:1', 'no reference'],
    ['a reference that nobody reads', { vendor: 'tenovos', segments: ['1'] }, 'does not know who reads it'],
    ['a stranger as adapter', Object.assign({ vendor: 'tenovos', segments: ['1'] }, { adapter: {} }), 'does not know who reads it'],
  ])('%s as the source', async (_what, from, message) => {
    const error: unknown = await copy<Writable>(from as never, places.destinations.files.adapter, {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining(message) as string });
  });

  test('destinations that do not upload, naming who can; and options that there are not', async () => {
    const ref = await places.sources.tenovos.put('hero.tif', sampleBytes(10));
    const before = places.fakes.calls.length;
    const to = (adapter: unknown, options?: unknown): Promise<unknown> =>
      copy(ref as never, adapter as never, options as never).catch((reason: unknown) => reason);
    expect(await to(ref.adapter)).toMatchObject({ kind: 'unsupported', hint: expect.stringContaining('egain, files and worldserver') as string });
    expect(await to({})).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('no adapter') as string });
    expect(await to(places.destinations.files.adapter, { named: 'x' })).toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('named is no option') as string,
    });
    expect(places.fakes.calls.length).toBe(before);
  });
});
