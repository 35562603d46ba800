/** copyAll from every adapter to every other, over the fakes in process and on real sockets, well and with faults. */

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fault } from '@asset-clients/testing';
import { can, copyAll, type AnyAdapter, type CopyAllOptions, type CopyItem, type CopyItemResult, type Readable, type Writable } from '@asset-clients/unified';
import { diskSpool, filesAssets } from '@asset-clients/unified/files';
import { fileJournal } from '@asset-clients/unified/journal';
import { describe, expect, it, onTestFinished } from 'vitest';

import { allSubjects, CONTENT, TO_CUSTOMER, type Subjects } from '../support/subjects.ts';

interface Scene extends Subjects {
  readonly folder: string;
  /** Every file that can be read whole, with what it must be. */
  readonly sources: readonly { readonly from: CopyItem['from']; readonly size: number }[];
  readonly destinations: ReadonlyMap<string, Writable>;
  adapter(name: string): AnyAdapter;
}

async function open(how: 'in process' | 'over sockets'): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'directions-'));
  const scene = await allSubjects(how);
  onTestFinished(async () => {
    await scene[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const adapter = (name: string): AnyAdapter => scene.subjects.get(name)!.adapter as AnyAdapter;
  const sources = [...scene.subjects]
    // All folders read alike.
    .filter(([name]) => !name.startsWith('a folder that '))
    .flatMap(([, { adapter: from, samples }]) =>
      samples
        .map(({ target, bytes, size = bytes?.length }) => ({ from: (from as Readable).ref(target), size: size! }))
        // An archive has no size beforehand; eGain takes nothing that is empty.
        .filter(({ size }) => size > 0),
    );
  const destinations = new Map<string, Writable>([
    ['egain', adapter('eGain conversation') as Writable],
    ['worldserver', adapter('WorldServer') as Writable],
    ['memory', adapter('memory') as Writable],
    ['files', filesAssets({ dir: join(folder, 'out') }) as unknown as Writable],
  ]);
  return { ...scene, folder, sources, destinations, adapter };
}

/** Waits between attempts are over at once, also where the fakes are on real sockets. */
const clock: NonNullable<CopyAllOptions['clock']> = {
  now: () => Date.now(),
  setTimeout: (callback) => setTimeout(callback, 1),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

async function run(items: readonly CopyItem[], options: CopyAllOptions = {}) {
  const results: CopyItemResult[] = [];
  const report = await copyAll(items, { clock, ...options, onItem: (result) => void results.push(result) });
  return { report, results: results.sort((a, b) => a.index - b.index) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What the destination says it has. */
async function storedAt(scene: Scene, { to }: CopyItemResult): Promise<Uint8Array> {
  const { vendor, segments } = to!;
  if (vendor === 'worldserver')
    return scene.fakes.worldserver
      .uploads()
      .find(({ internalName }) => internalName === segments[1])!
      .bytes();
  const reader = scene.destinations.get(vendor) as AnyAdapter;
  if (!can(reader, 'download')) throw new Error(`${vendor} cannot be read`);
  return (await reader.download(to!)).bytes();
}

describe.each(['in process', 'over sockets'] as const)('copyAll %s', { timeout: 120_000 }, (how) => {
  it('copies from every adapter to every other, right to the last byte, and once', async () => {
    const scene = await open(how);
    const items = [...scene.destinations.values()].flatMap((to) =>
      scene.sources.map(({ from }, index) => ({ from, to, as: `${index}.bin`, ...(to.vendor === 'egain' && { vendorOptions: TO_CUSTOMER }) })),
    );
    expect(items.length).toBe(40);
    const journal = fileJournal(join(scene.folder, 'a.journal'));
    const { report, results } = await run(items, { journal, spool: diskSpool() });
    expect(report.problems.map(({ from, error }) => [from, error?.toJSON()])).toEqual([]);
    expect(report).toMatchObject({ complete: true, counts: { copied: items.length }, leftBehind: [] });
    for (const result of results) {
      const stored = await storedAt(scene, result);
      const { size } = scene.sources[result.index % scene.sources.length]!;
      expect(sha256(stored), JSON.stringify(result)).toBe(sha256(CONTENT.subarray(0, size)));
      expect(result.result).toMatchObject({ bytes: size, sha256: sha256(stored) });
    }
    const uploads = (): number => scene.fakes.worldserver.uploads().length + scene.fakes.egain.assets().length;
    const before = uploads();
    expect((await run(items, { journal, spool: diskSpool() })).report.counts).toMatchObject({ skipped: items.length });
    expect(uploads()).toBe(before);
    expect((await readdir(scene.folder)).sort()).toEqual(['a.journal', 'out']);
    const text = await readFile(join(scene.folder, 'a.journal'), 'utf8');
    for (const secret of ['signature', 'token', 'Bearer', 'password']) expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
  });

  it('goes through what the vendors do to it: nothing twice, and each item told as it is', async () => {
    const scene = await open(how);
    const { fakes, destinations, adapter } = scene;
    const dam = adapter('Tenovos') as Readable;
    const tms = adapter('WorldServer') as Readable;
    const [egain, worldserver] = [destinations.get('egain')!, destinations.get('worldserver')!];
    // The source breaks in the middle, and is continued.
    fakes.tenovos.faults.add('content', fault.resetAfter(20_000));
    // eGain has created an id, and its answer is cut off; the storage breaks, then says no.
    fakes.egain.faults.add('createAsset', fault.resetAfter(3));
    fakes.egain.faults.add('upload', fault.resetBeforeHeaders(), fault.status(503));
    // WorldServer has the file, and its answer is cut off.
    fakes.worldserver.faults.add('uploadAssets', fault.resetAfter(3));
    const items: CopyItem[] = [
      { from: dam.ref('a1'), to: egain, vendorOptions: TO_CUSTOMER, as: 'often.bin' },
      { from: dam.ref('a1'), to: worldserver, as: 'answer-lost.bin' },
      { from: tms.ref({ resourceId: 1235, assetLocationType: 'TARGET' }), to: worldserver, as: 'tomorrow.docx' },
      { from: dam.ref('no-such-asset'), to: worldserver, as: 'nothing.bin' },
      { from: dam.ref('a1'), to: worldserver, as: 'well.bin' },
    ];
    const options = { concurrency: 1, itemRetries: 3, journal: fileJournal(join(scene.folder, 'a.journal')) };
    const { results, report } = await run(items, options);
    expect(results.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['copied', 4],
      ['uncertain', 1],
      ['not-ready', 1],
      ['failed', expect.any(Number)],
      ['copied', 1],
    ]);
    const made = fakes.egain.assets().filter(({ name }) => name === 'often.bin');
    expect(made.map(({ uploaded }) => uploaded)).toEqual([false, false, false, true]);
    // Of the first nobody was told the id.
    expect(report.leftBehind.map(({ to, state }) => [to?.segments[1], state])).toEqual([
      [undefined, 'empty'],
      [made[1]!.id, 'empty'],
      [made[2]!.id, 'empty'],
    ]);
    expect(await made[3]!.sha256()).toBe(sha256(CONTENT));
    const uploads = (): unknown[] => fakes.worldserver.uploads().map(({ name, sha256: hash }) => [name, hash]);
    const once = [
      ['answer-lost.bin', sha256(CONTENT)],
      ['well.bin', sha256(CONTENT)],
    ];
    expect(uploads()).toEqual(once);
    for (const fake of [fakes.egain, fakes.tenovos, fakes.worldserver]) expect(fake.faults.pending()).toEqual([]);

    // Another run repeats what may be repeated, and nothing else.
    const again = await run(items, options);
    expect(again.results.map(({ status }) => status)).toEqual(['skipped', 'uncertain', 'not-ready', 'failed', 'skipped']);
    expect(again.report.leftBehind).toEqual(report.leftBehind);
    expect(uploads()).toEqual(once);
    expect((await run(items, { ...options, retryUncertain: true })).results[1]).toMatchObject({ status: 'copied', leftBehind: [{ state: 'unknown' }] });
    expect(uploads()).toEqual([...once, once[0]]);
  });

  it('is aborted in the middle of an upload, and another run ends it', async () => {
    const scene = await open(how);
    const { fakes, destinations, adapter } = scene;
    const abort = new AbortController();
    fakes.egain.faults.add('upload', fault.stallBeforeHeaders().onCall(2));
    const items = ['a1', 'a2'].flatMap((id) =>
      ['x', 'y', 'z'].map((name) => ({
        from: (adapter('Tenovos') as Readable).ref(id),
        to: destinations.get('egain')!,
        as: `${id}${name}.bin`,
        vendorOptions: TO_CUSTOMER,
      })),
    );
    const journal = fileJournal(join(scene.folder, 'a.journal'));
    // The bytes are out, and the answer does not come.
    const stuck = async (): Promise<void> => {
      while (fakes.egain.calls.filter(({ operation }) => operation === 'upload').length < 2) await new Promise(setImmediate);
      abort.abort(new Error('enough'));
    };
    const [{ report, results }] = await Promise.all([run(items, { concurrency: 1, journal, signal: abort.signal }), stuck()]);
    expect(results.map(({ status }) => status)).toEqual([
      'copied',
      expect.stringMatching(/^(?:uncertain|cancelled)$/),
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
    expect(report).toMatchObject({ aborted: true, complete: false });
    const again = await run(items, { journal });
    expect(again.report.complete).toBe(true);
    const uploaded = fakes.egain.assets().filter((asset) => asset.uploaded && asset.name.startsWith('a'));
    expect(uploaded.map(({ name }) => name).sort()).toEqual(items.map(({ as }) => as).sort());
  });
});
