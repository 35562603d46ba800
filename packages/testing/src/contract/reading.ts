/** What must hold for reading, for references, and for what an adapter cannot do. */

import type { Verb } from '@asset-clients/unified';

import { check, equal, failure, sha256, show, thrown } from './expect.ts';
import { bytesOf, isFrozen, VERBS, type Harness } from './harness.ts';
import type { Sample } from './subject.ts';

type Register = (name: string, run: () => Promise<void>) => void;

const NONSENSE: readonly unknown[] = [undefined, null, '', 0, Number.NaN, true, [], {}, { nothing: 'known' }, { vendor: 'x' }, Symbol.iterator];

/** Nothing in here changes anything at the vendor. */
export function registerReading(harness: Harness, register: Register): void {
  const { adapter, supports, subject } = harness;

  register('supports is plain data, frozen to its leaves, and has every verb', async () => {
    check(isFrozen(supports), 'supports can be changed');
    equal(structuredClone(supports), supports, 'supports as a clone');
    equal(JSON.parse(JSON.stringify(supports)), supports, 'supports as JSON');
    equal(Object.keys(supports).toSorted(), VERBS.toSorted(), 'the verbs of supports');
    check(/^[a-z][a-z0-9-]*$/.test(adapter.vendor), `vendor ${show(adapter.vendor)} cannot be written in a reference`);
  });

  for (const verb of VERBS) {
    if (harness.can(verb)) {
      register(`${verb}: is a member of the adapter, as supports claims`, async () => {
        check(typeof adapter[verb] === 'function', `${verb} is missing`);
        check(Object.keys(adapter).includes(verb), `${verb} is not listed among the members`);
      });
    } else {
      register(`${verb}: is not supported, refuses without a request and names who can`, () => refusal(harness, verb));
    }
  }

  register('ref: is frozen plain data that names the same file again', async () => {
    for (const { target } of subject.samples) {
      const ref = harness.ref(target);
      check(Object.isFrozen(ref) && isFrozen(ref.segments), 'a reference can be changed');
      equal(ref.vendor, adapter.vendor, 'vendor of the reference');
      equal(ref.instance, adapter.instance, 'instance of the reference');
      check(ref.segments.length > 0 && ref.segments.every((segment) => typeof segment === 'string' && segment !== ''), `segments ${show(ref.segments)}`);
      check(ref.adapter.vendor === adapter.vendor, 'the reference does not know its adapter');
      const plain: unknown = JSON.parse(JSON.stringify(ref));
      equal(
        Object.keys(plain as object).filter((key) => !['vendor', 'instance', 'segments'].includes(key)),
        [],
        'more in the reference than belongs there',
      );
      equal(JSON.parse(JSON.stringify(harness.ref(plain))), plain, 'the reference after JSON');
    }
    const texts = subject.samples.map(({ target }) => JSON.stringify(harness.ref(target)));
    equal(new Set(texts).size, texts.length, 'references of different samples that differ');
  });

  register('ref: refuses what names no file here, and sends nothing', async () => {
    const own = harness.ref(harness.sample().target);
    const strangers = [
      { vendor: 'another-vendor', segments: own.segments },
      { vendor: adapter.vendor, instance: 'another-instance', segments: own.segments },
      { vendor: adapter.vendor, segments: [] },
      { vendor: adapter.vendor, segments: [''] },
      { vendor: adapter.vendor, segments: [...own.segments, 'x', 'y', 'z', ''] },
    ];
    for (const target of [...NONSENSE, ...(subject.nonsense ?? []), ...strangers]) {
      const what = `ref(${typeof target === 'symbol' ? 'a symbol' : show(target)})`;
      await harness.unsent(() => thrown(() => harness.ref(target), ['invalid-request'], what), what);
      for (const verb of ['get', 'download', 'delete'] as const) {
        if (harness.can(verb)) await harness.refused(() => adapter[verb](target as never), ['invalid-request'], `${verb} instead of ${what}`);
      }
    }
  });

  if (harness.can('get')) registerGet(harness, register);
  if (harness.can('download')) registerDownload(harness, register);
  if (harness.can('downloadMany')) registerMany(harness, register);
}

async function refusal(harness: Harness, verb: Verb): Promise<void> {
  const { adapter } = harness;
  check(!Object.keys(adapter).includes(verb), `${verb} is listed among the members although supports.${verb} is false`);
  const { target } = harness.sample();
  const source = { name: 'a.txt', content: new Blob(['x']), ...harness.subject.writes };
  const calls: readonly (() => unknown)[] =
    verb === 'upload'
      ? [() => adapter.upload(source as never), () => adapter.upload(undefined as never), () => adapter.uploadState(harness.ref(target))]
      : verb === 'downloadMany'
        ? [() => adapter.downloadMany([target]), () => adapter.downloadMany([])]
        : [() => adapter[verb](target as never), () => adapter[verb](harness.ref(target)), () => adapter[verb](undefined as never)];
  for (const call of calls) {
    const { hint } = await harness.refused(call, ['unsupported'], verb);
    check(typeof hint === 'string' && hint !== '', `${verb}: the error has no hint`);
  }
}

function registerGet(harness: Harness, register: Register): void {
  const { adapter, supports, subject } = harness;
  const { fills } = supports.get as { readonly fills: readonly string[] };

  register('get: tells id, name and what supports.get.fills claims', async () => {
    for (const { target, size, name, bytes, form } of subject.samples) {
      const asset = await adapter.get(target as never);
      check(typeof asset.id === 'string' && asset.id !== '', 'the asset has no id');
      check(typeof asset.name === 'string' && asset.name !== '', 'the asset has no name');
      equal(JSON.parse(JSON.stringify(asset.ref)), JSON.parse(JSON.stringify(adapter.ref(target as never))), 'ref of the asset');
      check(typeof asset.raw === 'object' && asset.raw !== null, "raw is not the vendor's answer");
      for (const field of ['mediaType', 'size', 'updatedAt'] as const) {
        const value = asset[field];
        if (fills.includes(field)) check(value !== undefined, `supports.get.fills claims ${field}, but there is none`);
        if (value === undefined) continue;
        const isRight =
          field === 'size'
            ? Number.isSafeInteger(value) && (value as number) >= 0
            : field === 'updatedAt'
              ? value instanceof Date && !Number.isNaN(value.getTime())
              : typeof value === 'string' && value.includes('/');
        check(isRight, `${field} is ${show(value)}`);
      }
      // Details are those of the whole asset: only its main form must agree with them.
      if (form !== firstForm(supports)) continue;
      const expected = size ?? bytes?.length;
      if (expected !== undefined && asset.size !== undefined) equal(asset.size, expected, 'size of the asset');
      if (name !== undefined) equal(asset.name, name, 'name of the asset');
    }
  });

  register('get: takes a reference instead of its target', async () => {
    const { target } = subject.samples[0]!;
    const plain: unknown = JSON.parse(JSON.stringify(adapter.ref(target as never)));
    const [one, other] = [await adapter.get(target as never), await adapter.get(plain as never)];
    equal([other.id, other.name, other.size], [one.id, one.name, one.size], 'details by reference');
  });

  register('get: says not-found where there is nothing', async () => {
    const { target, kinds = ['not-found'] } = subject.missing;
    await failure(() => adapter.get(target as never), kinds, 'get of what is missing');
  });

  register('get: an aborted call sends nothing', () => abortedBefore(harness, 'get'));
}

function firstForm(supports: Harness['supports']): string | undefined {
  return supports.download === false ? undefined : supports.download.forms[0];
}

async function abortedBefore(harness: Harness, verb: 'get' | 'download'): Promise<void> {
  const { target } = harness.subject.samples[0]!;
  const before = harness.subject.requests?.();
  const reason = new Error('enough');
  const error = await failure(
    () => harness.adapter[verb](target as never, { signal: AbortSignal.abort(reason) }),
    ['aborted'],
    `${verb} with an aborted signal`,
  );
  equal(error.name, 'AbortError', 'name of the error');
  check(error.cause === reason, `${verb}: the cause of the abort is not the signal's reason`);
  if (before !== undefined) equal(harness.subject.requests!() - before, 0, 'requests sent');
}

function registerDownload(harness: Harness, register: Register): void {
  const { adapter, subject, supports } = harness;
  const { forms, tellsSize, notReady } = supports.download as Exclude<typeof supports.download, false>;

  for (const form of forms) {
    register(`download: gives the ${form}, whole and with a receipt`, async () => {
      for (const sample of [harness.sample(form), ...subject.samples.filter((other) => other.form === form).slice(1)]) await downloadOne(harness, sample);
    });
  }

  register('download: samples are of claimed forms only', async () => {
    const unclaimed = subject.samples.filter((sample) => !forms.includes(sample.form)).map(({ form }) => form);
    equal(unclaimed, [], 'forms of samples that supports.download.forms does not claim');
  });

  register('download: gives the same again, by target and by reference', async () => {
    const { target } = harness.sample();
    const plain: unknown = JSON.parse(JSON.stringify(harness.ref(target)));
    equal(await bytesOf(adapter, plain), await bytesOf(adapter, target), 'bytes of the second download');
  });

  register('download: is read once, and not at all after cancel()', async () => {
    const { target } = harness.sample();
    const content = await adapter.download(target as never);
    await content.bytes();
    await failure(() => content.bytes(), ['invalid-request'], 'a second read');
    const cancelled = await adapter.download(target as never);
    await cancelled.cancel();
    await failure(() => cancelled.bytes(), ['invalid-request', 'aborted'], 'reading after cancel()');
  });

  register('download: tells progress that ends with the size', async () => {
    const { target } = harness.sample();
    const seen: number[] = [];
    const content = await adapter.download(target as never, { onProgress: ({ bytes }) => seen.push(bytes) });
    const { length } = await content.bytes();
    if (length > 0) equal(seen.at(-1), length, 'the last progress told');
    if (tellsSize) equal(content.size, length, 'size before the first byte');
  });

  register('download: an aborted call sends nothing; an abort ends the reading', async () => {
    await abortedBefore(harness, 'download');
    const stop = new AbortController();
    const content = await adapter.download(harness.sample().target as never, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await failure(() => content.bytes(), ['aborted', 'invalid-request'], 'reading after an abort');
  });

  register('download: says not-found where there is nothing', async () => {
    const { target, kinds = ['not-found'] } = subject.missing;
    await failure(async () => (await adapter.download(target as never)).bytes(), kinds, 'download of what is missing');
  });

  if (notReady || subject.notReady !== undefined) {
    register('download: says not-ready where there is nothing yet', async () => {
      check(notReady, 'supports.download.notReady is false, but there is a file that is not ready');
      check(subject.notReady !== undefined, 'supports.download.notReady is claimed, but the suite was given no such file (notReady)');
      await failure(async () => (await adapter.download(subject.notReady!.target as never)).bytes(), ['not-ready'], 'download of what is not ready');
    });
  }
}

async function downloadOne(harness: Harness, sample: Sample): Promise<void> {
  const { adapter, supports } = harness;
  const { tellsSize } = supports.download as Exclude<typeof supports.download, false>;
  const content = await adapter.download(sample.target as never);
  if (tellsSize) check(content.size !== undefined, 'supports.download.tellsSize is claimed, but the size is not known');
  if (sample.name !== undefined) equal(content.name, sample.name, 'name of the content');
  const bytes = await content.bytes();
  if (content.size !== undefined) equal(bytes.length, content.size, 'bytes read, against the size told');
  if (sample.bytes !== undefined) equal(bytes, sample.bytes, 'the bytes');
  if (sample.size !== undefined) equal(bytes.length, sample.size, 'the number of bytes');
  const hash = await sha256(bytes);
  if (sample.sha256 !== undefined) equal(hash, sample.sha256, 'SHA-256 of the bytes');
  const receipt = content.receipt();
  equal(receipt.bytes, bytes.length, 'bytes in the receipt');
  if (receipt.sha256 !== undefined) equal(receipt.sha256, hash, 'SHA-256 in the receipt');
  if (content.size !== undefined) check(receipt.verified !== 'none', 'the size was told, but the receipt says that nothing was verified');
}

function registerMany(harness: Harness, register: Register): void {
  const { adapter, subject } = harness;

  register('downloadMany: gives several files as one archive', async () => {
    check(subject.many !== undefined && subject.many.length > 1, 'supports.downloadMany is claimed, but the suite was given no two files for it (many)');
    const content = await adapter.downloadMany(subject.many as never);
    const bytes = await content.bytes();
    check(bytes.length > 0, 'the archive is empty');
    // A ZIP begins with the header of its first file; no other kind of archive is documented for any vendor.
    equal([...bytes.subarray(0, 2)], [0x50, 0x4b], 'the first bytes of the archive');
    const again = await (await adapter.downloadMany(subject.many.map((target) => harness.ref(target)))).bytes();
    equal(again.length, bytes.length, 'the archive by references');
  });

  register('downloadMany: refuses an empty list, and targets that are none, without a request', async () => {
    for (const list of [[], undefined, 'x', [undefined]])
      await harness.refused(() => adapter.downloadMany(list as never), ['invalid-request'], `downloadMany(${show(list)})`);
  });
}
