import { describe, expect, test } from 'vitest';

import type { Dict } from '../../codegen/src/read-document.ts';
import { largest, type Bump } from '../src/bump.ts';
import { compareDocuments } from '../src/compare.ts';
import { rules } from '../src/rules.ts';
import { at, attachments, conversation, copyOf, put, sink, sink31, tenovos, worldserver } from './documents.ts';

type Case = readonly [what: string, document: Dict, edit: (document: Dict) => void, bump: Bump, operation: string, text: RegExp];

const retrieve = '/paths/~1assets~1asset~1{id}/get';
const schemas = '/components/schemas';
const list = (document: Dict, pointer: string): unknown[] => at(document, pointer) as unknown as unknown[];

/** The same member under another name. */
const rename = (document: Dict, pointer: string, from: string, to: string): void => {
  const holder = at(document, pointer);
  holder[to] = holder[from];
  delete holder[from];
};

const turn = (document: Dict, pointer: string): void => put(document, pointer, list(document, pointer).toReversed());

/** One change each, and what it must mean. */
const cases: readonly Case[] = [
  // Texts
  [
    'a description of an operation',
    tenovos,
    (d) => put(d, `${retrieve}/description`, 'Other words.'),
    'patch',
    'retrieveAsset',
    /description of `retrieveAsset` is worded otherwise/,
  ],
  [
    'a description of a field',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/createdDate/description`, 'x'),
    'patch',
    'retrieveAsset',
    /`Asset.createdDate`/,
  ],
  ['an example', tenovos, (d) => put(d, `${schemas}/Asset/properties/createdDate/example`, 'x'), 'patch', 'retrieveAsset', /example of `Asset.createdDate`/],
  ['the description of the API', tenovos, (d) => put(d, '/info/description', 'x'), 'patch', '*', /description of the API/],
  ['the version of the API', tenovos, (d) => put(d, '/info/version', '9'), 'none', '*', /`version` of the API is 9/],
  ['tags', tenovos, (d) => put(d, `${retrieve}/tags`, ['search']), 'none', 'retrieveAsset', /tags of `retrieveAsset`/],
  ['a link', sink, (d) => put(d, '/paths/~1several/post/responses/200/links', { next: { operationId: 'close' } }), 'none', 'several', /links/],

  // Operations
  [
    'an operation added',
    tenovos,
    (d) => put(d, '/paths/~1new', { get: { operationId: 'brandNew', responses: { '204': { description: 'x' } } } }),
    'minor',
    'brandNew',
    /new operation `brandNew \(GET \/new\)`/,
  ],
  ['an operation removed', tenovos, (d) => put(d, '/paths/~1asset~1expose', undefined), 'major', 'exposeAssets', /operation `exposeAssets .*` is gone/],
  ['an operation renamed', tenovos, (d) => put(d, `${retrieve}/operationId`, 'readAsset'), 'major', 'readAsset', /retrieveAsset is called readAsset now/],
  [
    'an operation that moves',
    tenovos,
    (d) => {
      put(d, '/paths/~1v2~1x~1{id}', at(d, '/paths/~1assets~1asset~1{id}'));
      put(d, '/paths/~1assets~1asset~1{id}', undefined);
    },
    'patch',
    'retrieveAsset',
    /is at GET \/v2\/x\/\{id\} now/,
  ],
  [
    'another method',
    conversation,
    (d) => {
      put(d, '/paths/~1assets~1{id}/head', at(d, '/paths/~1assets~1{id}/get'));
      put(d, '/paths/~1assets~1{id}/get', undefined);
    },
    'patch',
    'getAsset',
    /is at HEAD/,
  ],
  ['an operation deprecated', tenovos, (d) => put(d, `${retrieve}/deprecated`, true), 'minor', 'retrieveAsset', /`retrieveAsset` is deprecated/],

  // Parameters
  [
    'an optional parameter added',
    tenovos,
    (d) => list(d, `${retrieve}/parameters`).push({ name: 'locale', in: 'query', schema: { type: 'string' } }),
    'minor',
    'retrieveAsset',
    /new optional parameter `locale`/,
  ],
  [
    'a required parameter added',
    tenovos,
    (d) => list(d, `${retrieve}/parameters`).push({ name: 'locale', in: 'query', required: true, schema: { type: 'string' } }),
    'major',
    'retrieveAsset',
    /new parameter `locale` that must be given/,
  ],
  [
    'a required parameter with a default added',
    tenovos,
    (d) => list(d, `${retrieve}/parameters`).push({ name: 'locale', in: 'query', required: true, schema: { type: 'string', default: 'en' } }),
    'minor',
    'retrieveAsset',
    /new optional parameter `locale`/,
  ],
  ['a parameter removed', tenovos, (d) => list(d, `${retrieve}/parameters`).splice(1, 1), 'major', 'retrieveAsset', /parameter `empty` is gone/],
  ['a parameter made required', worldserver, (d) => put(d, '/paths/~1v2~1tasks/get/parameters/8/required', true), 'major', 'getTasks', /must be given now/],
  [
    'a parameter made optional',
    worldserver,
    (d) => put(d, '/paths/~1v2~1files~1asset/get/parameters/0/required', undefined),
    'minor',
    'getAsset',
    /`resourceId` may be left out now/,
  ],
  [
    'another place',
    tenovos,
    (d) => put(d, `${retrieve}/parameters/1/in`, 'header'),
    'patch',
    'retrieveAsset',
    /`empty` travels in the header, was in the query/,
  ],
  [
    'another style',
    sink,
    (d) => put(d, '/paths/~1search/get/parameters/1/style', 'pipeDelimited'),
    'patch',
    'searchPets',
    /written otherwise \(.*style: pipeDelimited/,
  ],
  ['another explode', sink, (d) => put(d, '/paths/~1search/get/parameters/0/explode', false), 'patch', 'searchPets', /explode/],
  [
    'a parameter retyped',
    tenovos,
    (d) => put(d, `${retrieve}/parameters/1/schema`, { type: 'string' }),
    'major',
    'retrieveAsset',
    /`empty` takes string now, was boolean/,
  ],
  [
    'a field that takes fewer types',
    sink31,
    (d) => put(d, '/components/schemas/Values/properties/several/type', ['string', 'integer']),
    'major',
    'values',
    /`Values.several` takes string or integer now, was string or integer or boolean/,
  ],
  [
    'an enum value added to a parameter',
    worldserver,
    (d) => list(d, '/components/parameters/AssetLocationType/schema/enum').push('NONE'),
    'minor',
    'getAsset',
    /takes "NONE" now, too/,
  ],
  [
    'an enum value removed from a parameter',
    worldserver,
    (d) => list(d, '/components/parameters/AssetLocationType/schema/enum').pop(),
    'major',
    'getAsset',
    /no longer takes "SOURCE_TARGET"/,
  ],
  [
    'a parameter that becomes an enum',
    tenovos,
    (d) => put(d, `${retrieve}/parameters/0/schema/enum`, ['a', 'b']),
    'major',
    'retrieveAsset',
    /`id` takes only "a", "b" now/,
  ],
  [
    'a default changed',
    worldserver,
    (d) => put(d, '/components/parameters/AssetLocationType/schema/default', 'TARGET'),
    'major',
    'getAsset',
    /is TARGET when left out, was SOURCE/,
  ],
  ['a default added', tenovos, (d) => put(d, `${schemas}/KeywordSearch/properties/from/default`, 3), 'minor', 'searchKeyword', /is 3 when left out/],
  [
    'a limit tightened',
    conversation,
    (d) => put(d, `${schemas}/CreateAssetRequest/properties/name/maxLength`, 20),
    'major',
    'createAsset',
    /limited more \(maxLength 255 -> maxLength 20\)/,
  ],
  [
    'a limit loosened',
    conversation,
    (d) => put(d, `${schemas}/CreateAssetRequest/properties/size/maximum`, 20_000_000),
    'minor',
    'createAsset',
    /limited less/,
  ],
  ['a pattern added', tenovos, (d) => put(d, `${retrieve}/parameters/0/schema/pattern`, '^a'), 'major', 'retrieveAsset', /pattern \^a/],
  ['a format', tenovos, (d) => put(d, `${retrieve}/parameters/0/schema/format`, 'uuid'), 'patch', 'retrieveAsset', /format uuid/],
  ['a parameter deprecated', tenovos, (d) => put(d, `${retrieve}/parameters/1/deprecated`, true), 'minor', 'retrieveAsset', /`empty` is deprecated/],
  [
    'a credential as a parameter',
    tenovos,
    (d) => list(d, `${retrieve}/parameters`).push({ name: 'X-API-Key', in: 'header', required: true, schema: { type: 'string' } }),
    'patch',
    'retrieveAsset',
    /which the client fills in/,
  ],

  // Bodies
  [
    'an optional field to send',
    tenovos,
    (d) => put(d, `${schemas}/ExposeItem/properties/label`, { type: 'string' }),
    'minor',
    'exposeAssets',
    /new optional field `ExposeItem.label` to send/,
  ],
  [
    'a required field to send',
    tenovos,
    (d) => {
      put(d, `${schemas}/ExposeItem/properties/label`, { type: 'string' });
      list(d, `${schemas}/ExposeItem/required`).push('label');
    },
    'major',
    'exposeAssets',
    /`ExposeItem.label` that must be sent/,
  ],
  [
    'a field that can no longer be sent',
    tenovos,
    (d) => put(d, `${schemas}/KeywordSearch/properties/from`, undefined),
    'major',
    'searchKeyword',
    /`KeywordSearch.from` can no longer be sent/,
  ],
  [
    'a field to send made required',
    tenovos,
    (d) => put(d, `${schemas}/KeywordSearch/required`, ['from']),
    'major',
    'searchKeyword',
    /`KeywordSearch.from` must be sent now/,
  ],
  [
    'a field to send made optional',
    tenovos,
    (d) => list(d, `${schemas}/ExposeItem/required`).shift(),
    'minor',
    'exposeAssets',
    /`ExposeItem.id` need not be sent now/,
  ],
  [
    'a field to send that may be null',
    tenovos,
    (d) => put(d, `${schemas}/KeywordSearch/properties/from/nullable`, true),
    'minor',
    'searchKeyword',
    /may be null now/,
  ],
  [
    'an enum value that may no longer be sent',
    tenovos,
    (d) => list(d, `${schemas}/ExposeItem/properties/identifier/enum`).pop(),
    'major',
    'exposeAssets',
    /no longer takes "fileId"/,
  ],
  [
    'one more form to send',
    tenovos,
    (d) => list(d, `${schemas}/ExposeComponent/oneOf`).push({ type: 'string' }),
    'minor',
    'exposeAssets',
    /takes one more form/,
  ],
  [
    'a form that may no longer be sent',
    tenovos,
    (d) => list(d, `${schemas}/ExposeComponent/oneOf`).pop(),
    'major',
    'exposeAssets',
    /no longer takes the form ExposeOriginal/,
  ],
  [
    'other members refused',
    tenovos,
    (d) => put(d, `${schemas}/KeywordSearch/additionalProperties`, false),
    'major',
    'searchKeyword',
    /no members but those listed/,
  ],
  ['a body made optional', tenovos, (d) => put(d, '/paths/~1asset~1expose/post/requestBody/required', false), 'minor', 'exposeAssets', /body may be left out/],
  ['a body removed', tenovos, (d) => put(d, '/paths/~1asset~1expose/post/requestBody', undefined), 'major', 'exposeAssets', /no body is taken/],
  [
    'a request media type added',
    tenovos,
    (d) => put(d, '/paths/~1asset~1expose/post/requestBody/content/text~1plain', { schema: { type: 'string' } }),
    'minor',
    'exposeAssets',
    /may be `text\/plain`/,
  ],
  [
    'parameters of a request media type',
    tenovos,
    (d) => rename(d, '/paths/~1auth~1token/post/requestBody/content', 'application/json', 'application/json; charset=utf-8'),
    'patch',
    'createToken',
    /the media type of `?body`? is "?application\/json; charset=utf-8"? now, was "?application\/json"?/,
  ],
  [
    'parameters of an answer media type',
    tenovos,
    (d) => rename(d, `${retrieve}/responses/200/content`, 'application/json', 'Application/JSON;charset=UTF-8'),
    'patch',
    'retrieveAsset',
    /the media type of `?answer 200`? is/,
  ],
  [
    'parameters of a media type, and what it holds',
    tenovos,
    (d) => {
      rename(d, `${retrieve}/responses/200/content`, 'application/json', 'application/json;v=2');
      put(d, `${retrieve}/responses/200/content/application~1json;v=2/schema`, { type: 'string' });
    },
    'major',
    'retrieveAsset',
    /./,
  ],
  [
    'a request media type removed',
    sink,
    (d) => put(d, '/paths/~1several/post/requestBody/content/text~1plain', undefined),
    'major',
    'several',
    /no longer be `text\/plain`/,
  ],
  [
    'a field of a form that is written otherwise',
    sink,
    (d) => put(d, '/paths/~1form/post/requestBody/content/application~1x-www-form-urlencoded/encoding/roles/explode', true),
    'patch',
    'submitForm',
    /written otherwise/,
  ],

  // Answers
  [
    'a field received',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/colour`, { type: 'string' }),
    'minor',
    'retrieveAsset',
    /new field `Asset.colour` in the answer/,
  ],
  [
    'a field no longer received',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/fileId`, undefined),
    'major',
    'retrieveAsset',
    /`Asset.fileId` is no longer in the answer/,
  ],
  [
    'a field received as another type',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/fileSizeInBytes`, { type: 'string' }),
    'major',
    'retrieveAsset',
    /`Asset.fileSizeInBytes` is string now, was integer/,
  ],
  ['a field always received', tenovos, (d) => put(d, `${schemas}/Asset/required`, ['fileId']), 'minor', 'retrieveAsset', /`Asset.fileId` is always there now/],
  [
    'a field not always received',
    sink,
    (d) => put(d, '/paths/~1several/post/responses/201/content/application~1json/schema/required', undefined),
    'major',
    'several',
    /`answer 201.id` is not always there/,
  ],
  [
    'a field received as null',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/fileId/nullable`, true),
    'major',
    'retrieveAsset',
    /`Asset.fileId` may be null now/,
  ],
  ['an enum value received', tenovos, (d) => list(d, `${schemas}/Asset/properties/fileState/enum`).push('gone'), 'minor', 'retrieveAsset', /may be "gone" now/],
  ['a limit of what is received', tenovos, (d) => put(d, `${schemas}/Asset/properties/fileId/maxLength`, 5), 'patch', 'retrieveAsset', /other limits/],
  ['one more form received', sink, (d) => list(d, `${schemas}/Pet/oneOf`).push({ type: 'string' }), 'major', 'several', /one more form \(string\)/],
  ['bytes instead of text', tenovos, (d) => put(d, `${schemas}/Asset/properties/fileId/format`, 'binary'), 'major', 'retrieveAsset', /is binary now/],
  [
    'an error status added',
    tenovos,
    (d) => put(d, `${retrieve}/responses/429`, { description: 'Too many' }),
    'minor',
    'retrieveAsset',
    /new error answer `429`/,
  ],
  [
    'a success status added',
    tenovos,
    (d) => put(d, `${retrieve}/responses/202`, { description: 'Later' }),
    'major',
    'retrieveAsset',
    /new success answer `202`/,
  ],
  [
    'a success status with a known body',
    tenovos,
    (d) => put(d, `${retrieve}/responses/203`, at(d, `${retrieve}/responses/200`)),
    'minor',
    'retrieveAsset',
    /known from another/,
  ],
  ['a status removed', tenovos, (d) => put(d, `${retrieve}/responses/403`, undefined), 'major', 'retrieveAsset', /answer `403` is gone/],
  [
    'an answer media type added',
    tenovos,
    (d) => put(d, `${retrieve}/responses/200/content/text~1csv`, { schema: { type: 'string' } }),
    'minor',
    'retrieveAsset',
    /`200 text\/csv` is possible/,
  ],
  [
    'an answer media type removed',
    sink,
    (d) => put(d, '/paths/~1pets~1{petId}/get/responses/200/content/text~1csv', undefined),
    'major',
    'getPetsByPetId',
    /`200 text\/csv` is no longer given/,
  ],
  [
    'a header added',
    tenovos,
    (d) => put(d, `${retrieve}/responses/200/headers`, { 'X-Rate': { schema: { type: 'integer' } } }),
    'minor',
    'retrieveAsset',
    /new answer header `X-Rate`/,
  ],
  [
    'a header removed',
    worldserver,
    (d) => put(d, '/paths/~1v2~1files~1asset/get/responses/200/headers', undefined),
    'major',
    'getAsset',
    /`Content-Disposition` is gone/,
  ],
  [
    'a field deprecated',
    tenovos,
    (d) => put(d, `${schemas}/Asset/properties/fileId/deprecated`, true),
    'minor',
    'retrieveAsset',
    /`Asset.fileId` is deprecated/,
  ],

  // Access and addresses
  [
    'another way to log in',
    sink,
    (d) => list(d, '/paths/~1security~1either/get/security').push({ apiKey: [] }),
    'minor',
    'eitherOr',
    /one more way to log in: apiKey/,
  ],
  [
    'a way to log in removed',
    sink,
    (d) => list(d, '/paths/~1security~1either/get/security').shift(),
    'major',
    'eitherOr',
    /no longer a way to log in: apiKey and bearer/,
  ],
  [
    'a login that is needed now',
    sink,
    (d) => put(d, '/paths/~1security~1open/get/security', [{ bearer: [] }]),
    'major',
    'anonymous',
    /a login is needed now: bearer/,
  ],
  ['the requirement of the whole API', tenovos, (d) => put(d, '/security', [{ other: [] }]), 'major', 'retrieveAsset', /no longer a way to log in/],
  [
    'a security scheme',
    tenovos,
    (d) => put(d, '/components/securitySchemes/ApiKeyAuth/name', 'X-Key'),
    'major',
    '*',
    /security scheme `ApiKeyAuth` is otherwise \(X-API-Key -> X-Key\)/,
  ],
  ['a server added', tenovos, (d) => list(d, '/servers').push({ url: 'https://eu.example.com' }), 'patch', '*', /new server `https:\/\/eu.example.com`/],
  [
    'the order of the servers',
    tenovos,
    (d) => turn(d, '/servers'),
    'patch',
    '*',
    /the first server is "?https:\/\/api\.tenovos\.io\/v1"? now, was "?https:\/\/api\.uat\.tenovos\.io\/v1"?/,
  ],
  [
    'another first server',
    tenovos,
    (d) => put(d, '/servers/0/url', 'https://eu.example.com'),
    'patch',
    '*',
    /the first server is "?https:\/\/eu\.example\.com/,
  ],
  ['a server removed', tenovos, (d) => list(d, '/servers').pop(), 'patch', '*', /no longer listed/],

  // Our own facts
  [
    'an assumption',
    tenovos,
    (d) => put(d, `${retrieve}/x-assumption/0/default`, 60),
    'minor',
    'retrieveAsset',
    /assumption `tenovos-rate-limit`: 60 is taken for granted, was null/,
  ],
  [
    'a fixed header',
    tenovos,
    (d) => put(d, `${retrieve}/x-required-headers`, { 'Content-Type': 'application/json', 'X-Kind': 'a' }),
    'patch',
    'retrieveAsset',
    /fixed headers of `retrieveAsset`/,
  ],
  [
    'an integer accepted',
    tenovos,
    (d) => put(d, `${retrieve}/parameters/0/schema/x-accept-integer`, true),
    'minor',
    'retrieveAsset',
    /may be given as an integer/,
  ],
  ['a secret', tenovos, (d) => put(d, `${schemas}/Asset/properties/fileId/x-secret`, true), 'patch', 'retrieveAsset', /`Asset.fileId` is secret/],
  ['a note for maintainers', tenovos, (d) => put(d, `${retrieve}/x-seed`, false), 'none', 'retrieveAsset', /x-seed of retrieveAsset/],
  ['a component that nobody uses', tenovos, (d) => put(d, `${schemas}/Lonely`, { type: 'object' }), 'none', '*', /new component `Lonely`/],
];

describe('one change', () => {
  test.each(cases)('%s', (_what, document, edit, bump, operation, text) => {
    const changed = copyOf(document);
    edit(changed);
    const { changes, unexplained } = compareDocuments(document, changed);
    expect(largest(changes.map((change) => change.bump))).toBe(bump);
    const told = changes.filter((change) => change.operation === operation && text.test(change.text));
    expect(told, changes.map((change) => `${change.operation}: ${change.text}`).join('\n')).not.toEqual([]);
    expect(told.map((change) => change.bump)).toContain(bump);
    expect(unexplained).toEqual([]);
    // A line that a person reads: one line, no more than needed.
    for (const change of changes) {
      expect(change.text).not.toMatch(/\n|\[object|undefined|\{(?:name|before|after)\}/);
      expect(change.text.length).toBeLessThan(320);
      expect(change.because).not.toBe('');
    }
  });

  test('back again is never smaller than a patch where the way there was a minor or major', () => {
    for (const [what, document, edit, bump] of cases) {
      const changed = copyOf(document);
      edit(changed);
      const back = largest(compareDocuments(changed, document).changes.map((change) => change.bump));
      if (bump === 'minor' || bump === 'major') expect(back, what).not.toBe('none');
    }
  }, 60_000);
});

describe('what is only written otherwise', () => {
  const same: readonly (readonly [what: string, document: Dict, edit: (document: Dict) => void])[] = [
    [
      'keys in another order',
      tenovos,
      (d) => {
        for (const key of Object.keys(at(d, '/paths')).toReversed()) {
          const item = at(d, '/paths')[key];
          delete at(d, '/paths')[key];
          at(d, '/paths')[key] = item;
        }
      },
    ],
    ['parameters in another order', tenovos, (d) => turn(d, `${retrieve}/parameters`)],
    ['required fields in another order', tenovos, (d) => turn(d, `${schemas}/ExposeItem/required`)],
    ['enum values in another order', worldserver, (d) => turn(d, '/components/parameters/AssetLocationType/schema/enum')],
    [
      'an inline schema moved into a component',
      tenovos,
      (d) => {
        put(d, `${schemas}/FileSize`, at(d, `${schemas}/Asset/properties/fileSizeInBytes`));
        put(d, `${schemas}/Asset/properties/fileSizeInBytes`, { $ref: '#/components/schemas/FileSize' });
      },
    ],
    [
      'a parameter moved into a component',
      tenovos,
      (d) => {
        put(d, '/components/parameters', { Empty: at(d, `${retrieve}/parameters/1`) });
        put(d, `${retrieve}/parameters/1`, { $ref: '#/components/parameters/Empty' });
      },
    ],
    [
      'a parameter moved to the path',
      tenovos,
      (d) => {
        put(d, '/paths/~1assets~1asset~1{id}/parameters', list(d, `${retrieve}/parameters`).splice(0, 1));
      },
    ],
    ['a component taken apart', tenovos, (d) => put(d, `${schemas}/AssetAnswer/properties/data`, at(d, `${schemas}/Asset`))],
    [
      'properties put into an allOf',
      tenovos,
      (d) => {
        const { properties, ...rest } = at(d, `${schemas}/Asset`);
        put(d, `${schemas}/Asset`, { ...rest, allOf: [{ type: 'object', properties }] });
      },
    ],
    [
      'nullable as 3.1 writes it',
      sink,
      (d) => put(d, '/components/responses/Failed/content/application~1json/schema/properties/detail', { type: undefined, nullable: true }),
    ],
    ['a default that is written out', tenovos, (d) => put(d, `${retrieve}/parameters/1/style`, 'form')],
    ['required: false written out', tenovos, (d) => put(d, `${retrieve}/parameters/1/required`, false)],
    [
      'the security of the API written at each operation',
      conversation,
      (d) => {
        for (const item of Object.values(at(d, '/paths')))
          for (const operation of Object.values(item as Dict)) if ((operation as Dict).operationId) (operation as Dict).security ??= at(d, '/security');
      },
    ],
  ];

  test.each(same)('%s makes no difference', (_what, document, edit) => {
    const changed = copyOf(document);
    edit(changed);
    const { changes, unexplained } = compareDocuments(document, changed);
    expect(changes.map((change) => change.text)).toEqual([]);
    expect(unexplained).toEqual([]);
  });

  test('nullable and the null type of 3.1 are the same', () => {
    const [old, now] = [copyOf(tenovos), copyOf(tenovos)];
    put(old, `${schemas}/Asset/properties/fileId/nullable`, true);
    put(now, `${schemas}/Asset/properties/fileId/type`, ['string', 'null']);
    put(now, '/openapi', '3.1.0');
    const found = compareDocuments(old, now);
    expect(found.changes.map((change) => change.text)).toEqual(['`openapi of the document` differs, which no code is made of']);
    expect(found.unexplained).toEqual([]);
  });

  test('a component with another name and an equal shape is told, and is no difference on the wire', () => {
    const now = JSON.parse(JSON.stringify(copyOf(tenovos)).replaceAll('#/components/schemas/SortBy"', '#/components/schemas/Sorting"')) as Dict;
    put(now, `${schemas}/Sorting`, at(now, `${schemas}/SortBy`));
    put(now, `${schemas}/SortBy`, undefined);
    const { changes, unexplained } = compareDocuments(tenovos, now);
    expect(changes.map(({ text, bump }) => [text, bump])).toEqual([['the component SortBy is called Sorting now, with an equal shape', 'none']]);
    expect(unexplained).toEqual([]);
  });
});

describe('several changes', () => {
  test('give the largest bump and are all listed', () => {
    const changed = copyOf(tenovos);
    const wanted = [
      'a description of a field',
      'an operation added',
      'an operation removed',
      'another place',
      'a default added',
      'a field received',
      'an assumption',
      'a server added',
    ];
    const chosen = cases.filter(([what]) => wanted.includes(what));
    expect(chosen.map(([what]) => what).toSorted()).toEqual(wanted.toSorted());
    for (const [, , edit] of chosen) edit(changed);
    const { changes, unexplained } = compareDocuments(tenovos, changed);
    for (const [what, , , , operation, text] of chosen)
      expect(
        changes.some((change) => change.operation === operation && text.test(change.text)),
        what,
      ).toBe(true);
    expect(largest(changes.map((change) => change.bump))).toBe(largest(chosen.map(([, , , bump]) => bump)));
    expect(unexplained).toEqual([]);
  });

  test('of a component are told for each operation that uses it', () => {
    const changed = copyOf(tenovos);
    put(changed, `${schemas}/ErrorBody/properties/hint`, { type: 'string' });
    const { changes } = compareDocuments(tenovos, changed);
    expect(changes.map((change) => change.operation)).toContain('retrieveAsset');
    expect(new Set(changes.map((change) => change.operation)).size).toBeGreaterThan(3);
  });
});

describe('the table of rules', () => {
  test('says for each rule what it means, in one line', () => {
    for (const [name, rule] of Object.entries(rules)) {
      expect(rule.because, name).not.toMatch(/\n|^$/);
      expect(rule.text, name).not.toMatch(/\n|^$/);
      if (rule.seen === 'texts') expect(['patch', 'minor'], name).toContain(rule.bump);
      if (rule.bump === 'none') expect(rule.seen, name).toBe('nowhere');
    }
  });

  test('is sorted out for the direction: what is harmless to receive more of is not harmless to send', () => {
    const both = (edit: (shapes: Dict) => void): Record<string, Bump> => {
      const changed = copyOf(sink);
      edit(at(changed, `${schemas}/Shapes`));
      const { changes } = compareDocuments(sink, changed);
      const of = (direction: string): Bump =>
        largest(changes.filter((change) => change.direction === direction && change.operation === 'shapes').map((change) => change.bump));
      return { sent: of('sent'), received: of('received') };
    };
    expect(attachments).toBeDefined();
    expect(both((shapes) => void ((shapes.properties as Dict).added = { type: 'string' }))).toEqual({ sent: 'minor', received: 'minor' });
    expect(
      both((shapes) => {
        (shapes.properties as Dict).added = { type: 'string' };
        shapes.required = [...((shapes.required as string[] | undefined) ?? []), 'added'];
      }),
    ).toEqual({ sent: 'major', received: 'minor' });
  });
});
