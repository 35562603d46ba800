import { describe, expect, test } from 'vitest';

import { compareDocuments } from '../src/compare.ts';
import { embedding, noticedByFake, widened } from '../src/propagate.ts';
import { inOrder } from '../src/release-plan.ts';
import type { TypesView } from '../src/types-view.ts';
import { judge } from '../src/verdict.ts';
import { publishedPackages, thisRepository, type Package } from '../src/workspace.ts';
import { at, copyOf, put, tenovos } from './documents.ts';

const nothing: TypesView = { changes: [], broken: [], ownErrors: [], dependants: new Map(), reports: new Map() };
const operations = ['retrieveAsset', 'exposeAssets'];
const retrieve = '/paths/~1assets~1asset~1{id}/get';

function changed(edit: (document: ReturnType<typeof copyOf>) => void): ReturnType<typeof compareDocuments> {
  const now = copyOf(tenovos);
  edit(now);
  return compareDocuments(tenovos, now);
}
const withParameter = changed(
  (d) => void (at(d, `${retrieve}/parameters`) as unknown as unknown[]).push({ name: 'locale', in: 'query', schema: { type: 'string' } }),
);

describe('the verdict', () => {
  test('says once what both views see', () => {
    const types = { ...nothing, changes: [{ name: 'RetrieveAssetParams', bump: 'minor' as const, text: 'the type `RetrieveAssetParams` is another' }] };
    expect(judge(withParameter, types, operations)).toMatchObject({
      bump: 'minor',
      changes: [{ operation: 'retrieveAsset', text: 'new optional parameter `locale`', bump: 'minor', seenBy: ['document', 'types'] }],
      disagreements: [],
    });
  });

  test('is the larger of both, and says where they differ', () => {
    const types = {
      ...nothing,
      changes: [{ name: 'RetrieveAssetParams', bump: 'major' as const, text: 'code that uses the type `RetrieveAssetParams` as it was may not compile' }],
    };
    const { bump, changes, disagreements } = judge(withParameter, types, operations);
    expect(bump).toBe('major');
    expect(changes.map(({ seenBy }) => seenBy.join())).toEqual(['document,types', 'types']);
    expect(disagreements).toEqual([expect.stringMatching(/^retrieveAsset: the types say major .*; the document says minor\.$/)]);
  });

  test('keeps a major that no type shows, and says so', () => {
    const comparison = changed((d) => put(d, '/components/schemas/Asset/properties/fileId', undefined));
    const { bump, disagreements } = judge(comparison, nothing, operations);
    expect(bump).toBe('major');
    expect(disagreements.join()).toMatch(/the document says major .*; no public type shows it/);
  });

  test('expects no type to show what is seen at run time only', () => {
    const comparison = changed((d) => put(d, `${retrieve}/parameters/0/schema/maxLength`, 5));
    expect(judge(comparison, nothing, operations)).toMatchObject({ bump: 'major', disagreements: [] });
  });

  test('is major when a line of user code no longer compiles, whatever else is said', () => {
    const types = { ...nothing, broken: ["README.md:12: Property 'x' does not exist in retrieveAsset"] };
    expect(judge(withParameter, types, operations)).toMatchObject({
      bump: 'major',
      changes: [{}, { operation: 'retrieveAsset', path: 'README.md:12', bump: 'major', seenBy: ['types'] }],
      disagreements: [expect.stringMatching(/no longer compile, and everything else says minor/)],
    });
  });

  test('names hand-written code that must be adapted, and gaps of the comparison', () => {
    const types = { ...nothing, ownErrors: ['packages/tenovos/src/client.ts(3,1): error TS2339: x'] };
    const gap = { ...withParameter, unexplained: ['/paths/strange'] };
    expect(judge(gap, types, operations).disagreements).toEqual([
      expect.stringMatching(/differ at \/paths\/strange/),
      expect.stringMatching(/must be adapted .*client\.ts/),
    ]);
  });
});

describe('who else is released', () => {
  const fakes = embedding(thisRepository, 'specs/tenovos/assets.yaml');
  const noticed = async (edit: (document: ReturnType<typeof copyOf>) => void): Promise<string[]> => {
    const now = copyOf(tenovos);
    edit(now);
    const { changes } = compareDocuments(tenovos, now);
    return (await noticedByFake(thisRepository, fakes[0]!, 'tenovos', tenovos, now, changes)).map(({ operation, bump }) => `${operation} ${bump}`);
  };

  test('are the fakes, of what they embed', () => {
    expect(fakes.map(({ shortName }) => shortName)).toEqual(['testing']);
    expect(embedding(thisRepository, 'specs/tenovos/other.yaml')).toEqual([]);
  });

  test('a fake is not released for texts, notes, or operations that it does not answer', async () => {
    expect(await noticed((d) => put(d, `${retrieve}/description`, 'x'))).toEqual([]);
    expect(await noticed((d) => put(d, `${retrieve}/x-seed`, false))).toEqual([]);
    expect(await noticed((d) => put(d, '/paths/~1new', { get: { operationId: 'brandNew', responses: { '204': { description: 'x' } } } }))).toEqual([]);
    expect(await noticed((d) => put(d, '/servers', []))).toEqual([]);
  });

  test('a fake is released for what it takes and answers', async () => {
    expect(
      await noticed((d) => void (at(d, `${retrieve}/parameters`) as unknown as unknown[]).push({ name: 'locale', in: 'query', schema: { type: 'string' } })),
    ).toEqual(['retrieveAsset minor']);
    expect(await noticed((d) => put(d, '/components/schemas/FoundAsset/properties/added', { type: 'string' }))).not.toEqual([]);
  });

  test('a peer range is widened by the next major, once', () => {
    const peer = { folder: 'packages/shop', shortName: 'shop', manifest: { name: '@a/shop', version: '1.4.2' } };
    expect(widened('workspace:^', peer)).toBe('^1.4.2 || ^2.0.0');
    expect(widened('^1.0.0', peer)).toBe('^1.0.0 || ^2.0.0');
    expect(widened('^1.0.0 || ^2.0.0', peer)).toBe('^1.0.0 || ^2.0.0');
  });
});

describe('the order of publishing', () => {
  test('puts each package after those it needs', () => {
    const names = inOrder(publishedPackages(thisRepository)).map(({ shortName }) => shortName);
    expect(names.indexOf('runtime')).toBeLessThan(names.indexOf('tenovos'));
    expect(names.indexOf('tenovos')).toBeLessThan(names.indexOf('unified'));
  });

  test('comes to an end with packages that need each other', () => {
    const pack = (name: string, needs: string): Package => ({
      folder: name,
      shortName: name,
      manifest: { name, version: '1.0.0', peerDependencies: { [needs]: '*' } },
    });
    expect(
      inOrder([pack('a', 'b'), pack('b', 'a')])
        .map(({ shortName }) => shortName)
        .toSorted(),
    ).toEqual(['a', 'b']);
  });
});
