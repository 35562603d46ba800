/** Changes that are easily judged wrongly, in documents as small as they can be. */

import { expect, test } from 'vitest';

import { isDict, type Dict } from '../../codegen/src/read-document.ts';
import { largest, type Bump } from '../src/bump.ts';
import { compareDocuments } from '../src/compare.ts';
import { visible } from '../src/print.ts';
import { withoutPrototypes } from '../src/read-source.ts';

const text = { type: 'string' };
const pet = { type: 'object', properties: { kind: text } };
const forms = { Cat: pet, Dog: { type: 'object', properties: { kind: text, barks: { type: 'boolean' } } } };

function api(paths: object, schemas: object = {}): Dict {
  const document = withoutPrototypes({ openapi: '3.1.0', info: { title: 'A', version: '1' }, paths, components: { schemas } });
  if (!isDict(document)) throw new Error('no document');
  return document;
}
const answered = { '204': { description: 'Done' } };
const sent = (schema: object, schemas?: object): Dict =>
  api({ '/a': { post: { operationId: 'send', requestBody: { content: { 'application/json': { schema } } }, responses: answered } } }, schemas);
const received = (schema: object): Dict =>
  api({ '/a': { get: { operationId: 'read', responses: { '200': { description: 'x', content: { 'application/json': { schema } } } } } } });
const at = (path: string, ...names: readonly string[]): object => ({
  [path]: {
    get: { operationId: names.join('-'), parameters: names.map((name) => ({ name, in: 'path', required: true, schema: text })), responses: answered },
  },
});
const login = (...schemes: readonly string[]): Dict =>
  api({ '/a': { get: { operationId: 'read', security: schemes.map((name) => ({ [name]: [] })), responses: answered } } });
const either = (names: readonly string[], mapping: object): object => ({
  oneOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })),
  discriminator: { propertyName: 'kind', mapping },
});
const cat = '#/components/schemas/Cat';
const dog = '#/components/schemas/Dog';
const onlyCat = sent(either(['Cat'], { cat }), forms);

const cases: readonly (readonly [what: string, before: Dict, after: Dict, bump: Bump, line: RegExp | undefined])[] = [
  ['parameters that change places in the path', api(at('/a/{x}/{y}', 'x', 'y')), api(at('/a/{y}/{x}', 'x', 'y')), 'patch', /is at GET \/a\/\{y\}\/\{x\} now/],
  [
    'paths that differ by the name of a parameter only, in another order',
    api({ ...at('/a/{x}', 'x'), ...at('/a/{y}', 'y') }),
    api({ ...at('/a/{y}', 'y'), ...at('/a/{x}', 'x') }),
    'none',
    undefined,
  ],
  ['a multiple of a fraction of the old step', sent({ multipleOf: 1 }), sent({ multipleOf: 0.01 }), 'minor', /multipleOf 1 -> multipleOf 0.01/],
  ['a multiple of something else', sent({ multipleOf: 0.01 }), sent({ multipleOf: 0.03 }), 'major', /limited more/],
  ['a limit that includes its value now', sent({ exclusiveMinimum: 0 }), sent({ minimum: 0 }), 'minor', /limited less/],
  ['an upper limit that includes its value now', sent({ exclusiveMaximum: 5 }), sent({ maximum: 5 }), 'minor', /limited less/],
  ['a limit that excludes its value now', sent({ minimum: 0 }), sent({ exclusiveMinimum: 0 }), 'major', /limited more/],
  ['an inclusive limit beyond the exclusive one', sent({ exclusiveMinimum: 0 }), sent({ minimum: 1 }), 'major', /limited more/],
  ['a mark written as a name', onlyCat, sent(either(['Cat'], { cat: 'Cat' }), forms), 'none', undefined],
  ['a mark for a new form to send', onlyCat, sent(either(['Cat', 'Dog'], { cat, dog }), forms), 'minor', /one more mark .* \(dog\)/],
  [
    'a mark that leads elsewhere',
    sent(either(['Cat', 'Dog'], { cat, dog }), forms),
    sent(either(['Cat', 'Dog'], { cat: dog, dog: cat }), forms),
    'major',
    /told apart otherwise/,
  ],
  ['a mark that is gone', sent(either(['Cat', 'Dog'], { cat, dog }), forms), sent(either(['Cat', 'Dog'], { cat }), forms), 'major', /told apart otherwise/],
  [
    'a field that is no longer answered',
    received({ properties: { a: text } }),
    received({ properties: { a: { ...text, writeOnly: true } } }),
    'major',
    /`answer 200.a` is only sent/,
  ],
  [
    'a field that is answered now',
    received({ properties: { a: { ...text, writeOnly: true } } }),
    received({ properties: { a: text } }),
    'minor',
    /answered now/,
  ],
  ['a map that may hold anything now', received({ additionalProperties: text }), received({ type: 'object' }), 'major', /had members of one kind/],
  ['a map that is closed', received({ additionalProperties: text }), received({ additionalProperties: false }), 'major', /had members of one kind/],
  ['a map that holds one kind now', received({ type: 'object' }), received({ type: 'object', additionalProperties: text }), 'minor', /members of one kind now/],
  ['logins in another order', login('a', 'b'), login('b', 'a'), 'patch', /are b, or a, were a, or b/],
  ['a path with the words of our own texts', api({}), api(at('/a/{after}', 'after')), 'minor', /\(GET \/a\/\{after\}\)/],
  ['a name with the marks of replacements', sent({ type: 'object' }), sent({ properties: { '$&': text } }), 'minor', /`body\.\$&`/],
  ['a name that clears the screen', sent({ type: 'object' }), sent({ properties: { '\u001B[2Ja\nb\u202E': text } }), 'minor', /`body\.\\u001b\[2Ja b\\u202e`/],
];

test.each(cases)('%s', (_what, before, after, bump, line) => {
  const { changes, unexplained } = compareDocuments(before, after);
  const texts = changes.map((change) => change.text);
  expect(largest(changes.map((change) => change.bump)), texts.join('; ')).toBe(bump);
  expect(unexplained).toEqual([]);
  if (line) expect(texts).toContainEqual(expect.stringMatching(line));
  else expect(texts).toEqual([]);
});

test('what steers terminals is shown, and other text stays', () => {
  expect(visible('\u001B]0;x\u0007 über 日本 \u202E')).toBe('\\u001b]0;x\\u0007 über 日本 \\u202e');
});
