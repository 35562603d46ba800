/** Guards of what errors have besides, and what a failed upload advises. */

import { readdirSync, readFileSync } from 'node:fs';

import { ApiError } from '@asset-clients/runtime';
import { describe, expect, test } from 'vitest';

import type { Supports, UploadSupport } from './contract.ts';
import { adviseUpload, AssetRefError, CopyAllError, CopyError, leftBy } from './errors.ts';
import { parseAssetRef } from './refs.ts';

const plain = new ApiError({ kind: 'network', message: 'broken', outcome: 'unknown', hint: 'Call again.', retryable: true });

test('guards tell by the members, also errors of another copy of this package, and take anything', () => {
  const guards = { copy: CopyError, report: CopyAllError, position: AssetRefError } as const;
  const members = { copy: { side: 'source', leaves: 'nothing' }, report: { complete: false }, position: 0 } as const;
  for (const [name, guard] of Object.entries(guards)) {
    for (const other of [undefined, null, 'text', {}, members, new Error('no'), plain]) expect(guard.is(other), name).toBe(false);
    for (const [member, value] of Object.entries(members)) {
      const error = Object.assign(new ApiError({ kind: 'unexpected', message: 'x' }), { [member]: value });
      expect(guard.is(error), `${name} of an error with ${member}`).toBe(name === member);
    }
  }
  const failure = ((): unknown => {
    try {
      return parseAssetRef('tenovos:2d ee');
    } catch (error) {
      return error;
    }
  })();
  expect(AssetRefError.is(failure) && failure.position).toBe(10);
});

const RULES: UploadSupport = {
  minBytes: 0,
  maxBytes: null,
  needsSize: false,
  minNameLength: 1,
  maxNameLength: null,
  keepsName: true,
  readsBack: true,
  keepsMediaType: true,
  createsFirst: true,
  tellsState: true,
  sameName: 'adds',
  atomic: true,
  vendorOptions: {},
};
const destination = (rules: Partial<UploadSupport>, canDelete = true): { vendor: string; supports: Supports } => ({
  vendor: 'store',
  supports: { get: false, download: false, upload: { ...RULES, ...rules }, delete: canDelete, downloadMany: false },
});
const failed = (outcome: ApiError['outcome'], kind: ApiError['kind'] = 'network'): ApiError =>
  new ApiError({ kind, message: 'it failed', outcome, hint: 'Do this.', retryable: kind === 'network' });

describe('what a failed upload leaves', () => {
  test.each<[string, Partial<UploadSupport>, ApiError['outcome'], created: boolean, isCut: boolean, leaves: string]>([
    ['an id, and nobody knows about the content', {}, 'unknown', true, false, 'unknown'],
    ['an id, and the source ended it', {}, 'unknown', true, true, 'empty'],
    ['an id, and the content was refused', {}, 'refused', true, false, 'empty'],
    ['perhaps an id', {}, 'unknown', false, false, 'empty'],
    ['no id', {}, 'refused', false, false, 'nothing'],
    ['a name that was not used', { sameName: 'refuses' }, 'unknown', true, true, 'nothing'],
    ['a name of which nobody knows', { sameName: 'refuses' }, 'unknown', true, false, 'unknown'],
    ['one step, and nobody knows', { createsFirst: false, tellsState: false }, 'unknown', false, false, 'unknown'],
    ['one step that was cut', { createsFirst: false, tellsState: false }, 'unknown', false, true, 'nothing'],
    ['one step that was refused', { createsFirst: false, tellsState: false }, 'refused', false, false, 'nothing'],
  ])('%s', (_what, rules, outcome, created, isCut, leaves) => {
    expect(leftBy(failed(outcome), destination(rules), created, isCut)).toBe(leaves);
  });
});

describe('what a failed upload advises', () => {
  const to = { vendor: 'store', segments: ['a 1'] };
  const advice = (error: ApiError, leaves: 'nothing' | 'empty' | 'unknown', rules: Partial<UploadSupport> = {}, named = true, canDelete = true): string => {
    adviseUpload(error, destination(rules, canDelete), leaves, named ? to : undefined);
    return error.hint!;
  };

  test('follows from what is there', () => {
    expect(advice(failed('unknown'), 'nothing')).toBe('Nothing of it is at store: try again.');
    expect(advice(failed('refused', 'permission-denied'), 'nothing')).toBe('Do this. Nothing of it is at store.');
    expect(advice(failed('unknown'), 'empty')).toBe(
      'store:a%201 is there without content: delete it if you do not need it; another attempt makes another one.',
    );
    expect(advice(failed('unknown'), 'empty', {}, true, false)).toBe('store:a%201 is there without content; another attempt makes another one.');
    expect(advice(failed('unknown'), 'empty', {}, false)).toMatch(/^store may have made an id without content/);
    expect(advice(failed('unknown'), 'unknown')).toBe('Whether store:a%201 has its content is not known: ask uploadState() before you try again.');
    expect(advice(failed('unknown'), 'unknown', { tellsState: false })).toMatch(/look there before you try again, or it may be there twice\.$/);
    expect(advice(failed('unknown'), 'unknown', { sameName: 'replaces', tellsState: false })).toMatch(/try again, which takes the place of what is there\.$/);
  });

  test('keeps what the failure itself advises where that is not about sending it again, and is not said twice', () => {
    const error = failed('not-sent');
    expect(advice(error, 'nothing')).toBe('Do this. Nothing of it is at store: try again.');
    expect(advice(error, 'unknown')).toBe('Do this. Whether store:a%201 has its content is not known: ask uploadState() before you try again.');
    const wrongBytes = failed('unknown', 'integrity');
    expect(advice(wrongBytes, 'unknown')).toBe('Do this.');
    expect(JSON.stringify(error)).not.toContain('ownHint');
  });
});

test('every error of this package has a hint', () => {
  const folder = new URL('.', import.meta.url);
  const made = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      return [...text.matchAll(/(?:new ApiError|invalidRequest)\(\{/g)].map(({ index }) => `${name}: ${objectAt(text, text.indexOf('{', index))}`);
    });
  expect(made.length).toBeGreaterThan(20);
  // The one with `...more` is given it by its callers, as its type says.
  expect(made.filter((text) => !/\bhint\b|\.\.\.more\b/.test(text))).toEqual([]);
});

/** The object literal that begins there; braces in texts come in pairs. */
function objectAt(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(start, at + 1);
  }
  return text.slice(start);
}
