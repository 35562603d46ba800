/** What must hold for uploads and deletes. Refusals are tested everywhere: they send nothing. */

import type { AssetRef, BoundRef, VendorOptionRule } from '@asset-clients/unified';

import { check, equal, failure, sampleBytes, show } from './expect.ts';
import { bytesOf, type Harness } from './harness.ts';

type Register = (name: string, run: () => Promise<void>) => void;

/** Above this the largest allowed file is not uploaded. */
const LARGEST = 16 * 1024 * 1024;

/** Refusals, which need no permission to write. */
export function registerRefusals(harness: Harness, register: Register): void {
  const { adapter, uploadRules: rules } = harness;
  const valid = (): object => ({
    name: 'contract.txt',
    content: new Blob([sampleBytes(Math.max(1, rules.minBytes))]),
    vendorOptions: vendorOptionsOf(harness),
  });
  const refuse = (change: object, what: string): Promise<unknown> =>
    harness.refused(() => adapter.upload({ ...valid(), ...change } as never), ['invalid-request'], `upload with ${what}`);

  register('upload: refuses wrong arguments without a request', async () => {
    for (const source of [undefined, null, 'x', {}])
      await harness.refused(() => adapter.upload(source as never), ['invalid-request'], `upload(${show(source)})`);
    for (const name of [undefined, 7, null]) await refuse({ name }, `the name ${show(name)}`);
    for (const content of [undefined, null, 'text', 7, {}]) await refuse({ content }, `the content ${show(content)}`);
    for (const size of [-1, 1.5, Number.NaN, '3', 7]) await refuse({ content: new Blob(['xxx']), size }, `the size ${show(size)}`);
    for (const mediaType of ['', 'jpeg', 7, 'a/b\r\nx: y']) await refuse({ mediaType }, `the media type ${show(mediaType)}`);
    await harness.refused(() => adapter.upload(valid() as never, { signal: 'x' } as never), ['invalid-request'], 'upload with a wrong signal');
  });

  register('upload: keeps the limits of supports.upload without a request, and does not open what breaks them', async () => {
    let opened = 0;
    const sized = (size: number): object => ({
      size,
      stream: () => {
        opened += 1;
        return new Blob([]).stream();
      },
    });
    if (rules.minBytes > 0) await refuse({ content: sized(rules.minBytes - 1) }, `${rules.minBytes - 1} bytes`);
    if (rules.maxBytes !== null) await refuse({ content: sized(rules.maxBytes + 1) }, `${rules.maxBytes + 1} bytes`);
    if (rules.minNameLength > 0) await refuse({ name: 'x'.repeat(rules.minNameLength - 1) }, 'a name that is too short');
    if (rules.maxNameLength !== null) await refuse({ name: 'ä'.repeat(rules.maxNameLength + 1) }, 'a name that is too long');
    if (rules.needsSize) await refuse({ content: new Blob(['x']).stream() }, 'a stream of unknown size');
    equal(opened, 0, 'how often the content was opened');
  });

  register('upload: keeps the rules of supports.upload.vendorOptions without a request', async () => {
    const own = vendorOptionsOf(harness)[adapter.vendor] ?? {};
    const refuseOption = (path: string, value: unknown, what: string): Promise<unknown> =>
      refuse({ vendorOptions: { [adapter.vendor]: withPath(own, path, value) } }, `${what} in vendorOptions.${adapter.vendor}.${path}`);
    for (const [path, { required, type, values }] of Object.entries(rules.vendorOptions)) {
      if (required) await refuseOption(path, undefined, 'nothing');
      await refuseOption(path, type === 'string' ? 7 : 'x', 'a wrong type');
      if (type === 'string') await refuseOption(path, '', 'an empty text');
      if (values !== undefined) await refuseOption(path, 'no-such-value', 'another value');
    }
    await refuseOption('noSuchOption', 'x', 'an unknown option');
    await refuse({ vendorOptions: 'x' }, 'vendorOptions that are no object');
  });

  register('upload: an aborted call sends nothing', async () => {
    const before = harness.subject.requests?.();
    await failure(() => adapter.upload(valid() as never, { signal: AbortSignal.abort(new Error('enough')) }), ['aborted'], 'upload with an aborted signal');
    if (before !== undefined) equal(harness.subject.requests!() - before, 0, 'requests sent');
  });

  if (!rules.tellsState) {
    register("uploadState: answers 'unknown' without a request, as supports.upload.tellsState says", async () => {
      const ref = harness.ref(harness.sample().target);
      await harness.unsent(async () => {
        equal(await adapter.uploadState(ref), 'unknown', 'uploadState');
        return undefined;
      }, 'uploadState');
    });
  }
}

/** Uploads for good; only where the subject allows it. */
export function registerUploads(harness: Harness, register: Register): void {
  const { adapter, uploadRules: rules } = harness;
  const test = (name: string, run: () => Promise<void>): void =>
    register(name, async () => {
      try {
        await run();
      } finally {
        await harness.cleanUp();
      }
    });

  test('upload: takes bytes, Blobs, streams, iterables and sources, and says how many bytes went', async () => {
    const bytes = sampleBytes(70_001);
    const forms: readonly (readonly [string, object])[] = [
      ['bytes', { content: bytes }],
      ['a Blob', { content: new Blob([bytes]) }],
      ['a stream with its size', { content: new Blob([bytes]).stream(), size: bytes.length }],
      ['an iterable with its size', { content: inPieces(bytes), size: bytes.length }],
      ['a source', { content: { size: bytes.length, stream: () => inPieces(bytes) } }],
      ...(rules.needsSize ? [] : ([['a stream of unknown size', { content: new Blob([bytes]).stream() }]] as const)),
    ];
    for (const [what, content] of forms) await stores(harness, { name: harness.name(), ...content }, bytes, what);
  });

  test('upload: takes sizes from the least to the most', async () => {
    const most = rules.maxBytes === null || rules.maxBytes > LARGEST ? 200_000 : rules.maxBytes;
    for (const size of new Set([rules.minBytes, Math.max(1, rules.minBytes), Math.min(65_537, most), most])) {
      const bytes = sampleBytes(size, size + 1);
      await stores(harness, { name: harness.name(), content: new Blob([bytes]) }, bytes, `${size} bytes`);
    }
  });

  test('upload: takes names with Unicode, quotes and path separators', async () => {
    const names = [
      'Überblick ½ 日本 😀',
      `a "quoted" and 'single' name`,
      '../../up',
      'C:\\folder\\file',
      'a/b',
      'a;b%41+c&d=e',
      ' blank ',
      'x'.repeat(rules.minNameLength),
    ];
    if (rules.maxNameLength !== null) names.push('m'.repeat(rules.maxNameLength));
    for (const [index, given] of names.entries()) {
      const isLimit = given.length === rules.minNameLength || given.length === rules.maxNameLength;
      const name = isLimit ? given : `${given} ${harness.name()}`;
      const bytes = sampleBytes(100, index + 1);
      const stored = await stores(harness, { name, content: bytes }, bytes, `the name ${show(name)}`);
      if (rules.keepsName) equal(stored.name, name, 'supports.upload.keepsName is claimed: the name');
    }
  });

  test(`upload: onCreated is ${rules.createsFirst ? 'told the new reference, and waited for, before the content is opened' : 'never called, as supports.upload.createsFirst says'}`, async () => {
    const events: string[] = [];
    let created: BoundRef | undefined;
    const bytes = sampleBytes(1000);
    const content = {
      size: bytes.length,
      stream: () => {
        events.push('opened');
        return inPieces(bytes);
      },
    };
    const { ref } = await harness.upload(
      { name: harness.name(), content },
      {
        onCreated: async (told) => {
          created = told;
          events.push('told');
          await Promise.resolve();
          events.push('written');
        },
      },
    );
    equal(events, [...(rules.createsFirst ? ['told', 'written'] : []), 'opened'], 'what happened, in order');
    if (rules.createsFirst) equal(plain(created!), plain(ref), 'the reference told by onCreated');
  });

  if (rules.createsFirst) {
    test('upload: an onCreated that fails ends it before the content is opened', async () => {
      let opened = 0;
      let created: BoundRef | undefined;
      const content = {
        size: 10,
        stream: () => {
          opened += 1;
          return inPieces(sampleBytes(10));
        },
      };
      const onCreated = (ref: BoundRef): never => {
        created = ref;
        throw new Error('the journal is full');
      };
      await failure(
        () => harness.upload({ name: harness.name(), content }, { onCreated }),
        ['invalid-request', 'unexpected'],
        'upload with an onCreated that fails',
      );
      equal(opened, 0, 'how often the content was opened');
      await holdsNothing(harness, created!);
    });

    if (rules.atomic) {
      test('upload: a source that fails, or has another size than stated, leaves no file', async () => {
        const broken: readonly (readonly [string, number, () => AsyncIterable<Uint8Array>])[] = [
          ['fails', 200_000, () => inPieces(sampleBytes(150_000), new Error('the source broke'))],
          ['ends early', 200_000, () => inPieces(sampleBytes(150_000))],
          ['goes on', 100_000, () => inPieces(sampleBytes(150_000))],
        ];
        for (const [what, size, stream] of broken) {
          let created: BoundRef | undefined;
          const onCreated = (ref: BoundRef): void => void (created = ref);
          const kinds = ['invalid-request', 'unexpected', 'integrity', 'network'] as const;
          await failure(() => harness.upload({ name: harness.name(), content: { size, stream } }, { onCreated }), kinds, `upload of a source that ${what}`);
          await holdsNothing(harness, created!);
        }
      });
    }
  }

  if (rules.tellsState) {
    test("uploadState: says 'complete' of what has its content", async () => {
      const { ref } = await harness.upload({ name: harness.name(), content: sampleBytes(1000) });
      equal(await adapter.uploadState(ref), 'complete', 'uploadState of a finished upload');
      equal(await adapter.uploadState(plain(ref)), 'complete', 'uploadState of its plain reference');
    });
  }

  test(`upload: of two with the same name, the second ${rules.sameName}`, async () => {
    const name = harness.name();
    const [one, two] = [sampleBytes(1000, 1), sampleBytes(1200, 2)];
    const first = await harness.upload({ name, content: one });
    if (rules.sameName === 'refuses') {
      await failure(() => harness.upload({ name, content: two }), ['conflict'], 'the second upload');
      if (rules.readsBack) equal(await bytesOf(adapter, first.ref), one, 'the first content');
      return;
    }
    const second = await harness.upload({ name, content: two });
    const isSame = show(plain(second.ref)) === show(plain(first.ref));
    equal(isSame, rules.sameName === 'replaces', `supports.upload.sameName is '${rules.sameName}': whether both have one reference`);
    if (!rules.readsBack) return;
    equal(await bytesOf(adapter, second.ref), two, 'the second content');
    if (rules.sameName === 'adds') equal(await bytesOf(adapter, first.ref), one, 'the first content');
  });

  test('upload: takes what supports.upload.vendorOptions names', async () => {
    const given = vendorOptionsOf(harness);
    for (const [path, { type, values }] of Object.entries(rules.vendorOptions)) {
      // Where the list is open, only the vendor knows what fits.
      for (const value of values ?? (type === 'boolean' ? [false] : [])) {
        const vendorOptions = { ...given, [adapter.vendor]: withPath(given[adapter.vendor] ?? {}, path, value) };
        await harness.upload({ name: harness.name(), content: sampleBytes(10), vendorOptions });
      }
    }
  });

  test('upload: says what became of the media type', async () => {
    const mediaType = 'application/x-contract';
    const { mediaType: stored } = await harness.upload({ name: harness.name('unknownextension'), content: sampleBytes(10), mediaType });
    if (rules.keepsMediaType) equal(stored, mediaType, 'supports.upload.keepsMediaType is claimed: the media type');
    else if (stored !== undefined) check(stored.includes('/'), `the media type is ${show(stored)}`);
  });

  if (!rules.readsBack && harness.can('download')) {
    test('download: of an upload is refused without a request, as supports.upload.readsBack says', async () => {
      const { ref } = await harness.upload({ name: harness.name(), content: sampleBytes(10) });
      await harness.refused(() => adapter.download(ref), ['unsupported'], 'download of an upload');
    });
  }
}

/** Deletes for good. */
export function registerDelete(harness: Harness, register: Register): void {
  const { adapter, subject } = harness;
  const { target, kinds = ['not-found'] } = subject.missing;

  if (harness.can('upload')) {
    register('delete: takes away what was uploaded, once', async () => {
      const { ref } = await harness.upload({ name: harness.name(), content: sampleBytes(10) });
      equal(await adapter.delete(ref), undefined, 'the result of delete');
      if (harness.can('download')) await failure(async () => (await adapter.download(ref)).bytes(), kinds, 'download of what was deleted');
      if (harness.can('get')) await failure(() => adapter.get(ref), kinds, 'get of what was deleted');
      await failure(() => adapter.delete(ref), kinds, 'the second delete');
      if (harness.uploadRules.tellsState) equal(await adapter.uploadState(ref), 'empty', 'uploadState of what was deleted');
    });
  }

  register('delete: says not-found where there is nothing', async () => {
    await failure(() => adapter.delete(target as never), kinds, 'delete of what is missing');
  });
}

async function stores(
  harness: Harness,
  source: { readonly name: string; readonly content?: unknown; readonly size?: number },
  bytes: Uint8Array,
  what: string,
): Promise<{ readonly name: string }> {
  const { adapter, uploadRules } = harness;
  const { ref, name, receipt } = await harness.upload(source);
  equal(plain(harness.ref(ref)), plain(ref), `${what}: the reference`);
  equal(ref.vendor, adapter.vendor, `${what}: vendor of the reference`);
  equal(receipt.bytes, bytes.length, `${what}: bytes in the receipt`);
  check(typeof name === 'string' && name !== '', `${what}: the stored name is ${show(name)}`);
  if (uploadRules.readsBack) equal(await bytesOf(adapter, ref), bytes, `${what}: the bytes read back`);
  return { name };
}

/** What was created has no content, as far as the adapter can tell. */
async function holdsNothing(harness: Harness, created: BoundRef): Promise<void> {
  const { adapter, uploadRules } = harness;
  check(created !== undefined, 'onCreated was not called');
  if (uploadRules.tellsState) equal(await adapter.uploadState(created), 'empty', 'uploadState of what was created and not filled');
  if (uploadRules.readsBack)
    await failure(async () => (await adapter.download(created)).bytes(), ['not-ready', 'not-found'], 'download of what was created and not filled');
}

function plain(ref: AssetRef): AssetRef {
  return JSON.parse(JSON.stringify(ref)) as AssetRef;
}

async function* inPieces(bytes: Uint8Array, end?: Error): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
  if (end !== undefined) throw end;
}

/** What the vendor wants, or what its manifest says that it may be. */
function vendorOptionsOf({ subject, adapter, uploadRules }: Harness): Record<string, object> {
  if (subject.writes?.vendorOptions !== undefined) return { ...subject.writes.vendorOptions };
  let own: object = {};
  for (const [path, rule] of Object.entries(uploadRules.vendorOptions)) if (rule.required) own = withPath(own, path, exampleOf(rule));
  return { [adapter.vendor]: own };
}

function exampleOf({ type, values }: VendorOptionRule): unknown {
  return type === 'boolean' ? true : (values?.[0] ?? 'x');
}

function withPath(base: object, path: string, value: unknown): object {
  const [name, ...rest] = path.split('.') as [string, ...string[]];
  const members = base as Readonly<Record<string, object | undefined>>;
  return { ...members, [name]: rest.length === 0 ? value : withPath(members[name] ?? {}, rest.join('.'), value) };
}
