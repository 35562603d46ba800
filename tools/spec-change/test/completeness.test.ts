import { describe, expect, test } from 'vitest';

import type { Dict } from '../../codegen/src/read-document.ts';
import { compareDocuments } from '../src/compare.ts';
import { isWithin, keysOf, leaves } from '../src/pointer.ts';
import { at, conversation, copyOf, put, sink, sink31, tenovos, worldserver } from './documents.ts';

/** Leaves whose change may mean nothing: what is left out means the same, or another member says it as well. */
const mayMeanNothing: Readonly<Record<string, string>> = {
  type: 'properties or items say the type, too; a word that is no type says nothing',
  required: 'path parameters are required in any case; false is what is meant when nothing is said',
  style: 'each place has a style that is meant when nothing is said',
  explode: 'each style has a default',
  'x-extensible-enum': 'enums in answers are open in any case',
  nullable: 'said twice',
  'x-secret': 'format: password says it, too',
  $ref: 'where a reference leads counts, not how it is written',
};

type Mutation = readonly [how: string, pointer: string, changed: Dict];

/** Each leaf changed, and each taken away. */
function* mutations(document: Dict, every: number): Generator<Mutation> {
  const all = [...leaves(document)];
  for (let index = 0; index < all.length; index += every) {
    const [pointer, value] = all[index]!;
    const keys = keysOf(pointer);
    const last = keys.at(-1)!;
    const parent = pointer.slice(0, pointer.lastIndexOf('/'));
    const changed = copyOf(document);
    const other =
      value === '{}' || value === '[]'
        ? undefined
        : typeof value === 'string'
          ? `${value}X`
          : typeof value === 'number'
            ? value + 1
            : typeof value === 'boolean'
              ? !value
              : 'X';
    if (other !== undefined && last !== '$ref') {
      put(changed, pointer, other);
      yield ['changed', pointer, changed];
    }
    const without = copyOf(document);
    const owner: unknown = at(without, parent);
    if (Array.isArray(owner)) owner.splice(Number(last), 1);
    else delete (owner as Dict)[last];
    yield ['taken away', pointer, without];
  }
}

describe('nothing that differs between two files is left out', () => {
  test.each([
    ['eGain, a part', conversation, 3],
    ['OpenAPI 3.1, all leaves', sink31, 1],
    ['Tenovos, a part', tenovos, 25],
    ['WorldServer, a part', worldserver, 20],
    ['the kitchen sink, a part', sink, 12],
  ])(
    '%s: each changed leaf is a change in the table, or known to mean the same',
    (_name, document, every) => {
      const silent: string[] = [];
      let count = 0;
      for (const [how, pointer, changed] of mutations(document, every)) {
        count += 1;
        const { changes, unexplained } = compareDocuments(document, changed);
        expect(unexplained, `${how}: ${pointer}`).toEqual([]);
        if (changes.length === 0 && mayMeanNothing[keysOf(pointer).at(-1)!] === undefined && mayMeanNothing[keysOf(pointer).at(-2)!] === undefined)
          silent.push(`${how}: ${pointer}`);
      }
      expect(count).toBeGreaterThan(50);
      expect(silent).toEqual([]);
    },
    60_000,
  );

  test('an old version to a new one: every leaf of the difference of the files lies in a reported change or means the same', () => {
    const now = copyOf(tenovos);
    put(now, '/components/schemas/Asset/properties/fileId', undefined);
    put(now, '/components/schemas/Asset/properties/added', { type: 'object', properties: { deep: { type: 'array', items: { type: 'string', enum: ['a'] } } } });
    put(now, '/components/responses/Unauthorized/description', 'Other words');
    put(now, '/paths/~1asset~1expose', undefined);
    put(now, '/paths/~1later', { post: { operationId: 'later', responses: { '200': { $ref: '#/components/responses/New' } } } });
    put(now, '/components/responses/New', { description: 'x', content: { 'application/json': { schema: { $ref: '#/components/schemas/New' } } } });
    put(now, '/components/schemas/New', { type: 'object', properties: { a: { type: 'string' } } });
    put(now, '/components/callbacks', { gone: { '{$url}': { post: { responses: { '200': { description: 'x' } } } } } });
    const { changes, unexplained } = compareDocuments(tenovos, now);
    expect(unexplained).toEqual([]);
    const [was, is] = [leaves(tenovos), leaves(now)];
    const reported = changes.map(({ path }) => path);
    const missing = [...new Set([...was.keys(), ...is.keys()])].filter(
      (pointer) =>
        was.get(pointer) !== is.get(pointer) &&
        !reported.some((path) => isWithin(pointer, path) || isWithin(path, pointer)) &&
        // What only a new or a removed operation uses comes and goes with it.
        !/^\/components\/(?:schemas\/(?:New|Expose\w*)|responses\/New)\b/.test(pointer),
    );
    expect(missing).toEqual([]);
  });

  test('a gap of the comparison is told, not hidden', () => {
    const old = copyOf(tenovos);
    const now = copyOf(tenovos);
    // A place that no rule looks at: beside the operations of a path, where neither OpenAPI nor an extension has a member.
    (at(now, '/components') as Dict).strange = 'x';
    expect(compareDocuments(old, now).unexplained).toEqual(['/components/strange']);
  });
});
