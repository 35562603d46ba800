import { describe, expect, test } from 'vitest';

import { ApiError, contentOf } from '@asset-clients/runtime';

import { defineAdapter, SegmentError } from './adapter.ts';
import { KNOWN_ADAPTERS } from './checks.ts';
import type { AdapterTypes, AnyAdapter, AssetsAdapter, Supports, Verb } from './contract.ts';
import { createAssets } from './create-assets.ts';
import { egainAttachmentAssets, egainConversationAssets } from './egain.ts';
import { filesAssets } from './files.ts';
import { formatAssetRef } from './refs.ts';
import { tenovosAssets } from './tenovos.ts';
import { worldServerAssets } from './worldserver.ts';

interface Types extends AdapterTypes {
  readonly target: string;
  readonly raw: object;
  readonly uploaded: object;
}

const READ: Supports = {
  get: { fills: [], metadata: false },
  download: { forms: ['content'], tellsSize: true, notReady: false },
  upload: false,
  delete: false,
  downloadMany: false,
};
const UPLOAD = {
  minBytes: 0,
  maxBytes: null,
  needsSize: false,
  minNameLength: 1,
  maxNameLength: null,
  keepsName: true,
  readsBack: true,
  keepsMediaType: true,
  createsFirst: false,
  tellsState: false,
  sameName: 'adds',
  atomic: true,
  vendorOptions: {},
} as const;

/** A definition that is right, and what is changed in it. */
function define(change: object = {}): AssetsAdapter<Verb, Types> {
  return defineAdapter({
    vendor: 'acme',
    supports: READ,
    toSegments: (target: string) => [target],
    fromSegments: ([id, ...others]: readonly string[]) => {
      if (others.length > 0) throw new SegmentError(1, 'the end is expected');
      return id!;
    },
    get: async (id: string) => ({ id, name: 'a.txt', raw: {} }),
    download: async () => contentOf(new Uint8Array(3)),
    ...change,
  } as never) as unknown as AssetsAdapter<Verb, Types>;
}

async function failureOf(call: () => Promise<unknown>): Promise<Record<string, unknown>> {
  return call().then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error as Record<string, unknown>,
  );
}

describe('a definition whose manifest and verbs contradict each other is refused', () => {
  test.each([
    ['a claim without a verb', { supports: { ...READ, delete: true } }, 'supports.delete is claimed, but there is no delete()'],
    ['a verb without a claim', { delete: async () => undefined }, 'there is delete(), but supports.delete is false'],
    ['no manifest', { supports: undefined }, 'supports is missing'],
    ['a verb that is missing', { supports: { ...READ, delete: undefined } }, 'supports.delete must be true or false'],
    ['a verb that is unknown', { supports: { ...READ, rename: true } }, 'supports.rename is unknown'],
    ['true where facts are expected', { supports: { ...READ, get: true } }, 'supports.get must be false or an object'],
    ['a fact that is missing', { supports: { ...READ, get: { fills: [] } } }, 'supports.get.metadata is missing or wrong'],
    ['a fact that is unknown', { supports: { ...READ, get: { fills: [], metadata: false, x: 1 } } }, 'supports.get.x is unknown'],
    ['fields that there are not', { supports: { ...READ, get: { fills: ['colour'], metadata: false } } }, 'supports.get.fills is missing or wrong'],
    ['no forms', { supports: { ...READ, download: { ...(READ.download as object), forms: [] } } }, 'supports.download.forms is missing or wrong'],
    [
      'a negative limit',
      { supports: { ...READ, upload: { ...UPLOAD, minBytes: -1 } }, upload: async (): Promise<void> => undefined },
      'supports.upload.minBytes',
    ],
    [
      'a wrong word',
      { supports: { ...READ, upload: { ...UPLOAD, sameName: 'renames' } }, upload: async (): Promise<void> => undefined },
      'supports.upload.sameName',
    ],
    [
      'a wrong rule',
      { supports: { ...READ, upload: { ...UPLOAD, vendorOptions: { x: { type: 'number', required: true } } } }, upload: async (): Promise<void> => undefined },
      'vendorOptions',
    ],
    [
      'a state that nobody tells',
      { supports: { ...READ, upload: { ...UPLOAD, tellsState: true } }, upload: async (): Promise<void> => undefined },
      'tellsState and uploadState()',
    ],
    [
      'a state of what is replaced',
      { supports: { ...READ, upload: { ...UPLOAD, tellsState: true, sameName: 'replaces' } }, upload: async (): Promise<void> => undefined },
      'former content',
    ],
    ['a wrong vendor', { vendor: 'Acme' }, 'vendor must be'],
    ['no way to name a file', { toSegments: undefined }, 'toSegments() is missing'],
  ])('%s', (_what, change, message) => {
    expect(() => define(change)).toThrow(expect.objectContaining({ kind: 'invalid-request', message: expect.stringContaining(message) as string }) as Error);
  });

  test('every line of a manifest is needed', () => {
    const supports: Record<string, unknown> = { ...READ, upload: UPLOAD };
    const withUpload = { upload: async (): Promise<object> => ({ segments: ['1'], raw: {} }) };
    expect(() => define({ supports, ...withUpload })).not.toThrow();
    for (const [verb, facts] of Object.entries(supports)) {
      const { [verb]: _verb, ...others } = supports;
      expect(() => define({ supports: others, ...withUpload }), verb).toThrow('supports');
      if (typeof facts !== 'object') continue;
      for (const name of Object.keys(facts!)) {
        const { [name]: _fact, ...rest } = facts as Record<string, unknown>;
        expect(() => define({ supports: { ...supports, [verb]: rest }, ...withUpload }), `${verb}.${name}`).toThrow(`supports.${verb}.${name}`);
      }
    }
  });

  test('changing the object that was given changes nothing', () => {
    const supports = structuredClone(READ) as { get: unknown };
    const adapter = define({ supports });
    supports.get = false;
    expect(adapter.supports.get).toEqual({ fills: [], metadata: false });
  });
});

describe('whatever a verb throws is an ApiError', () => {
  test.each([
    ['an Error', new Error('broken'), { kind: 'unexpected', vendor: 'acme', operation: 'get', message: 'acme.get: broken' }],
    ['a text', 'broken', { kind: 'unexpected', message: 'acme.get: broken' }],
    ['undefined', undefined, { kind: 'unexpected', message: 'acme.get: undefined' }],
  ])('%s', async (_what, thrown, expected) => {
    const adapter = define({
      get: async () => {
        throw thrown;
      },
    });
    expect(await failureOf(() => adapter.get('1'))).toMatchObject({ name: 'ApiError', ...expected });
  });

  test('an abort is one, with the reason as its cause', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const adapter = define({
      get: async (_id: string, { signal }: { signal: AbortSignal }) => {
        stop.abort(reason);
        signal.throwIfAborted();
      },
    });
    expect(await failureOf(() => adapter.get('1', { signal: stop.signal }))).toMatchObject({
      kind: 'aborted',
      name: 'AbortError',
      cause: reason,
      outcome: 'unknown',
    });
    expect(await failureOf(() => adapter.get('1', { signal: stop.signal }))).toMatchObject({ kind: 'aborted', cause: reason, outcome: 'not-sent' });
  });

  test('an abort is one also when its reason is an error of ours', async () => {
    const reason = new ApiError({ kind: 'server', operation: 'other', message: 'of another call', outcome: 'unknown' });
    const failure = await failureOf(() => define({}).get('1', { signal: AbortSignal.abort(reason) }));
    expect(failure).toMatchObject({ kind: 'aborted', name: 'AbortError', cause: reason, outcome: 'not-sent' });
  });

  test('details without id or name are not passed on as an asset', async () => {
    for (const wrong of [{ id: '', name: 'x' }, { id: '1', name: '' }, { id: '1' }]) {
      expect(await failureOf(() => define({ get: async () => ({ ...wrong, raw: {} }) }).get('1'))).toMatchObject({ kind: 'unexpected' });
    }
  });

  test('another number of bytes at the destination than were sent is kind integrity', async () => {
    const adapter = define({ supports: { ...READ, upload: UPLOAD }, upload: async () => ({ segments: ['1'], storedBytes: 2, raw: {} }) });
    expect(await failureOf(() => adapter.upload({ name: 'a', content: new Uint8Array(3) }))).toMatchObject({ kind: 'integrity', outcome: 'unknown' });
  });
});

describe('references', () => {
  test('know their adapter where JSON does not see it', () => {
    const adapter = define();
    const ref = adapter.ref('1');
    expect(ref.adapter).toBe(adapter);
    expect(JSON.stringify(ref)).toBe('{"vendor":"acme","segments":["1"]}');
    expect(structuredClone({ ...ref })).toEqual({ vendor: 'acme', segments: ['1'] });
  });

  test('tell where they are wrong, as the caller wrote them', () => {
    const { one } = createAssets({ one: define() });
    expect(() => one.ref({ vendor: 'acme', segments: ['1', 'x'] })).toThrow('"acme:1/x" is wrong at character 8: the end is expected, but there is "x"');
    expect(() => one.ref({ vendor: 'acme', instance: 'one', segments: ['1', 'x'] })).toThrow('"acme@one:1/x" is wrong at character 12');
    expect(() => one.ref({ vendor: 'acme', instance: 'two', segments: ['1'] })).toThrow(
      'acme@two:1 is a reference of the instance two, and this adapter is one',
    );
    expect(() => define().ref({ vendor: 'acme', instance: 'two', segments: ['1'] })).toThrow('this adapter is not named');
    expect(() => define().ref('acme:1')).toThrow('is the text of a reference');
  });
});

describe('createAssets', () => {
  const assets = createAssets({ one: define(), two: define(), other: define({ vendor: 'other' }) });

  test('names adapters, and routes references and their texts', async () => {
    expect(formatAssetRef(assets.one.ref('1'))).toBe('acme@one:1');
    expect(assets.ref('acme@two:1').adapter).toBe(assets.two);
    expect(assets.ref('other:1').adapter).toBe(assets.other);
    expect(assets.ref({ vendor: 'acme', instance: 'one', segments: ['1'] }).adapter).toBe(assets.one);
    expect(formatAssetRef((await assets.get('other:1')).ref)).toBe('other@other:1');
    expect(await (await assets.download(assets.two.ref('1'))).bytes()).toHaveLength(3);
  });

  test.each([
    ['acme:1', 'there are several of acme: write acme@one or acme@two', 4],
    ['acme@three:1', 'no instance is named three. Known: acme@one, acme@two, other@other.', 5],
    ['acme@toString:1', 'no instance is named toString', 5],
    ['acme@other:1', 'other is other, not acme', 0],
    ['tenovos:1', 'nobody here reads tenovos. Known: acme@one', 0],
    ['acme@one:1/x', 'the end is expected', 11],
    ['acme@one', 'a ":" is expected after the instance', 8],
  ])('%s: %s', async (text, message, position) => {
    for (const call of [() => assets.get(text), () => assets.download(text), () => assets.delete(text), () => assets.downloadMany([text])]) {
      expect(await failureOf(call)).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining(message) as string, position });
    }
  });

  test('what an adapter cannot do is refused, naming who of them can', async () => {
    const able = createAssets({ one: define(), bin: define({ vendor: 'bin', supports: { ...READ, delete: true }, delete: async () => undefined }) });
    expect(await failureOf(() => able.delete('acme:1'))).toMatchObject({
      kind: 'unsupported',
      outcome: 'not-sent',
      hint: expect.stringContaining('assets.bin can.') as string,
    });
    await able.delete('bin:1');
    expect(await failureOf(() => able.downloadMany(['acme:1', 'bin:1']))).toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('different systems') as string,
    });
    expect(await failureOf(() => able.downloadMany([]))).toMatchObject({ kind: 'invalid-request' });
  });

  test.each([
    [{ get: define() }, 'get is taken'],
    [{ toJSON: define() }, 'toJSON is taken'],
    [{ 'a b': define() }, 'is no name'],
    [{ __proto__x: define() }, 'is no name'],
    [{ one: {} }, 'one is no adapter'],
    [{ one: undefined }, 'one is no adapter'],
  ])('refuses %o', (adapters, message) => {
    expect(() => createAssets(adapters as never)).toThrow(message);
  });
});

test.each([
  ['files:../x', 6],
  ['files:a/../x', 8],
  ['files:a/b%2Fc', 8],
])('a folder tells where %s is wrong', (text, position) => {
  const assets = createAssets({ out: filesAssets({ dir: 'x' }) });
  expect(() => assets.ref(text)).toThrow(expect.objectContaining({ kind: 'invalid-request', position }) as Error);
});

test('who can do what, as hints tell it, is what the manifests say', () => {
  const client = {} as never;
  const adapters: readonly AnyAdapter[] = [
    egainConversationAssets(client),
    egainAttachmentAssets(client),
    tenovosAssets(client),
    worldServerAssets(client),
    filesAssets({ dir: 'x' }),
  ];
  for (const [verb, names] of Object.entries(KNOWN_ADAPTERS)) {
    expect([...names].toSorted()).toEqual(adapters.flatMap(({ vendor, supports }) => (supports[verb as Verb] === false ? [] : [vendor])).toSorted());
  }
});
