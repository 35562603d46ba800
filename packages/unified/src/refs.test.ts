import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { AssetRef } from './contract.ts';
import { fileNameToRef, formatAssetRef, parseAssetRef, refToFileName } from './refs.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (first: string, rest: string): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...rest), maxLength: 12 })).map(([head, tail]) => head + tail);
const vendors = word(letters, `${letters}0123456789-`);
const instances = word(letters + letters.toUpperCase(), `${letters}${letters.toUpperCase()}0123456789_-`);
const segments = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/\p{Surrogate}/u.test(text)),
  fc.constantFrom('.', '..', 'con', 'a.', 'A', 'a', '%', '%41', '/', ':', '@', '=', '+', '^', '^a', '\u0000', ' ', 'ä', '😀', "'", '*', '~'),
);
const refs: fc.Arbitrary<AssetRef> = fc
  .tuple(vendors, fc.option(instances, { nil: undefined }), fc.array(segments, { minLength: 1, maxLength: 4 }))
  .map(([vendor, instance, parts]) => ({ vendor, ...(instance === undefined ? {} : { instance }), segments: parts }));
/** Texts that are nearly references. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'aA0-_.~%:@/4F+=^é ') }),
  refs.map(formatAssetRef).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at) + text.slice(at + 1))),
);

describe('references as text', () => {
  test.each([
    [{ vendor: 'tenovos', segments: ['2dee909b'] }, 'tenovos:2dee909b', 'tenovos=2dee909b'],
    [{ vendor: 'tenovos', instance: 'dam', segments: ['2dee', 'imagePreview'] }, 'tenovos@dam:2dee/imagePreview', 'tenovos@dam=2dee+image^preview'],
    [{ vendor: 'worldserver', segments: ['task', '1234', 'target'] }, 'worldserver:task/1234/target', 'worldserver=task+1234+target'],
    [{ vendor: 'egain', segments: ['asset', 'A/b c'] }, 'egain:asset/A%2Fb%20c', 'egain=asset+^a%2fb%20c'],
    [{ vendor: 'files', segments: ['..', 'Ä.'] }, 'files:../%C3%84.', 'files=..+%c3%84%2e'],
  ])('%j is %s, and as a file name %s', (ref, text, name) => {
    expect(formatAssetRef(ref)).toBe(text);
    expect(parseAssetRef(text)).toEqual(ref);
    expect(refToFileName(ref)).toBe(name);
    expect(fileNameToRef(name)).toEqual(ref);
  });

  test('parse is the inverse of format', () => {
    fc.assert(
      fc.property(refs, (ref) => {
        expect(parseAssetRef(formatAssetRef(ref))).toEqual(ref);
      }),
    );
  });

  test('format is the inverse of parse: a text is refused, or comes back letter by letter', () => {
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        let ref: AssetRef;
        try {
          ref = parseAssetRef(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ApiError', kind: 'invalid-request', outcome: 'not-sent' });
          const { position } = error as { position: number };
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(text.length);
          return;
        }
        taken += 1;
        expect(formatAssetRef(ref)).toBe(text);
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  test('what stands before the position told is right', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const at = positionOf(text);
        const before = text.slice(0, at);
        if (at === undefined || !before.includes(':')) return;
        expect(positionOf(`${before}a`)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test('the form for file names is an inverse, too, safe everywhere, and keeps apart what differs by capitals only', () => {
    fc.assert(
      fc.property(refs, (ref) => {
        let name: string;
        try {
          name = refToFileName(ref);
        } catch (error) {
          expect(formatAssetRef(ref).length).toBeGreaterThan(80);
          expect(error).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('255') as string });
          return;
        }
        expect(fileNameToRef(name)).toEqual(ref);
        expect(name).toMatch(/^[a-z][a-z0-9@=+^%._~-]*[^.]$/);
        expect(name).toBe(name.toLowerCase());
        expect(name.length).toBeLessThanOrEqual(255);
      }),
    );
  });

  test('a file name is refused, or comes back letter by letter', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          texts.map((text) => text.replace(':', '=').replaceAll('/', '+').toLowerCase()),
        ),
        (name) => {
          let ref: AssetRef;
          try {
            ref = fileNameToRef(name);
          } catch (error) {
            expect(error).toMatchObject({ kind: 'invalid-request' });
            return;
          }
          expect(refToFileName(ref)).toBe(name);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['', 1, 'a vendor is expected'],
    ['Tenovos:1', 1, 'a vendor is expected'],
    ['9:1', 1, 'a vendor is expected'],
    ['tenovos', 8, 'a ":" or "@" is expected after the vendor, but the text ends'],
    ['tenovos 1', 8, 'a ":" or "@" is expected after the vendor, but there is " "'],
    ['tenovos@:1', 9, 'the name of an instance is expected'],
    ['tenovos@dam', 12, 'a ":" is expected after the instance, but the text ends'],
    ['tenovos@da m:1', 11, 'a ":" is expected after the instance, but there is " "'],
    ['tenovos:', 9, 'a segment is expected, but the text ends'],
    ['tenovos:a//b', 11, 'a segment is expected, but there is "/"'],
    ['tenovos:a/', 11, 'a segment is expected'],
    ['tenovos:2d ee', 11, '" " must be written %20'],
    ['tenovos:2d/e:e', 13, '":" must be written %3A'],
    ['tenovos:é', 9, '"é" must be written %C3%A9'],
    ['tenovos:a😀', 10, '"😀" must be written %F0%9F%98%80'],
    ['tenovos:a%2', 10, 'two hexadecimal digits are expected after "%"'],
    ['tenovos:%41', 9, '%41 must be written A'],
    ['tenovos:a%2f', 10, '%2f must be written %2F'],
    ['tenovos:%FF', 9, '%FF is no UTF-8'],
    ['tenovos:a%C3%A9%E2%82', 16, '%E2%82 is no UTF-8'],
    ['tenovos:%C0%80', 9, '%C0%80 is no UTF-8'],
    ['tenovos:\ud800', 9, 'half a character'],
  ])('%j is wrong at character %i: %s', (text, character, problem) => {
    expect(() => parseAssetRef(text)).toThrow(
      expect.objectContaining({
        position: character - 1,
        message: expect.stringContaining(`is wrong at character ${character}: ${problem}`) as string,
      }) as Error,
    );
  });

  test.each([
    [undefined, 'no reference'],
    ['tenovos:1', 'no reference'],
    [{ vendor: 'Tenovos', segments: ['1'] }, 'no vendor'],
    [{ vendor: 'tenovos', instance: 'a b', segments: ['1'] }, 'no instance'],
    [{ vendor: 'tenovos', segments: [] }, 'no segments'],
    [{ vendor: 'tenovos', segments: ['1', ''] }, 'segment 2'],
    [{ vendor: 'tenovos', segments: [1] }, 'segment 1'],
    [{ vendor: 'tenovos', segments: ['\ud800'] }, 'half a character'],
  ])('formatAssetRef refuses %j: %s', (ref, problem) => {
    expect(() => formatAssetRef(ref as AssetRef)).toThrow(problem);
  });

  test('a reference cannot be changed', () => {
    const ref = parseAssetRef('tenovos:1');
    expect(Object.isFrozen(ref)).toBe(true);
    expect(Object.isFrozen(ref.segments)).toBe(true);
    expect(ref).not.toHaveProperty('instance');
    for (const wrong of [undefined, 7]) expect(() => parseAssetRef(wrong as never)).toThrow('a reference is a text');
    expect(() => fileNameToRef(7 as never)).toThrow('no file name');
  });
});

function positionOf(text: string): number | undefined {
  try {
    parseAssetRef(text);
    return undefined;
  } catch (error) {
    return (error as { position: number }).position;
  }
}
