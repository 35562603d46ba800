/** What compiles and what does not: read by `tsc` only (`pnpm typecheck`, types.test.ts), never run. */

import { ApiError, createClient, type ApiCall, type ApiErrorOf, type Content } from '@asset-clients/runtime';
import { expectTypeOf } from 'vitest';

import { operations as operations31, webhooks, type Tuple, type Values } from '../../codegen/fixtures/generated/kitchen-sink-3.1/index.ts';
import {
  operations,
  getPetsByPetId,
  type Cat,
  type Dog,
  type Failed,
  type NewPet,
  type Pet,
  type Problem,
  type Shapes,
  type Tree,
} from '../../codegen/fixtures/generated/kitchen-sink/index.ts';

const client = createClient(operations, { baseUrl: 'http://localhost' });
const client31 = createClient(operations31, { baseUrl: 'http://localhost' });
const blob = new Blob();

// Results, by operation, status and media type.
expectTypeOf(client.getPetsByPetId({ petId: '1' })).toEqualTypeOf<ApiCall<Pet>>();
expectTypeOf(client.getPetsByPetId({ petId: '1' }, { accept: 'text/csv' })).toEqualTypeOf<ApiCall<string>>();
expectTypeOf(client.getPetsByPetId({ petId: '1' }, { accept: 'application/xml' })).toEqualTypeOf<ApiCall<string>>();
expectTypeOf(client.getPetsByPetId({ petId: '1' }, { accept: 'application/json' })).toEqualTypeOf<ApiCall<Pet>>();
expectTypeOf(await client.delete_({ petId: '1', body: { reason: '' } })).toEqualTypeOf<{ ticket: number } | undefined>();
expectTypeOf(await client.searchPets()).toEqualTypeOf<Pet[]>();
expectTypeOf(await client.pathStyles({ simple: [], label: [], matrix: [], object: {} })).toEqualTypeOf<undefined>();
expectTypeOf((await client.$lookup({ body: ['a'] })).any).toEqualTypeOf<Pet | undefined>();
expectTypeOf((await client._2ndThing()).default).toEqualTypeOf<string | undefined>();
expectTypeOf((await client.closeOperation()).other).toEqualTypeOf<string | undefined>();
expectTypeOf((await client.same()).lower).toEqualTypeOf<string | undefined>();
expectTypeOf(await client.same2()).toEqualTypeOf<undefined>();
expectTypeOf((await client.uploadForm({ body: { file: blob, kind: 'source' } })).size).toEqualTypeOf<number>();
expectTypeOf(await client.uploadBytes({ body: blob })).toEqualTypeOf<undefined>();
expectTypeOf(await client.download({ name: '' })).toEqualTypeOf<Content>();
expectTypeOf(await client.download({ name: '' }, { accept: 'image/png' })).toEqualTypeOf<Content>();
expectTypeOf(await client.submitForm({ body: { user: '' } })).toEqualTypeOf<string>();
expectTypeOf(await client.several({ body: 'text' })).toEqualTypeOf<Pet | { id: string }>();
expectTypeOf(await client.anything()).toEqualTypeOf<unknown>();
expectTypeOf(await client.shapes({ body: { union: 1 } })).toEqualTypeOf<Shapes>();
expectTypeOf(await client.tree({ body: { label: '' } })).toEqualTypeOf<Tree>();
expectTypeOf(await client.part()).toEqualTypeOf<Problem>();
expectTypeOf(await client.anonymous()).toEqualTypeOf<undefined>();
expectTypeOf(await client.eitherOr()).toEqualTypeOf<undefined>();
expectTypeOf(await client31.values({ body: { kind: 'values' } })).toEqualTypeOf<Values>();
expectTypeOf(await client31.upload({ body: { file: blob, note: null } })).toEqualTypeOf<undefined>();
expectTypeOf(await client31.download()).toEqualTypeOf<Content>();
expectTypeOf(await client31.events()).toEqualTypeOf<Content>();
expectTypeOf(await createClient(webhooks, { baseUrl: '' }).petLeft({ body: { id: '' } })).toEqualTypeOf<undefined>();
expectTypeOf(await client.getPetsByPetId({ petId: '1' }).withResponse()).toMatchTypeOf<{
  readonly data: Pet;
  readonly status: number;
  readonly headers: Headers;
}>();

// A union that is told apart, and models.
declare const pet: Pet;
if (pet.kind === 'cat') expectTypeOf(pet.lives).toEqualTypeOf<number | undefined>();
else expectTypeOf(pet.bark).toEqualTypeOf<true>();
expectTypeOf<Cat>().toExtend<{ name: string; kind: string }>();
expectTypeOf<Dog['bark']>().toEqualTypeOf<true>();
expectTypeOf<Tuple>().toEqualTypeOf<[string, number]>();
expectTypeOf<Values['openTuple']>().toEqualTypeOf<[string, number?, ...boolean[]] | undefined>();
expectTypeOf<Values['constants']>().toEqualTypeOf<1 | 'two' | false | null | undefined>();
expectTypeOf<Shapes['mixedEnum']>().toEqualTypeOf<'on' | 1 | true | null | undefined>();
expectTypeOf<Shapes['2fa']>().toEqualTypeOf<boolean | undefined>();
expectTypeOf<Shapes['__proto__']>().toEqualTypeOf<string | undefined>();
// Enums of answers are open: vendors add values.
expectTypeOf<Problem['level']>().toEqualTypeOf<'low' | 'high' | (string & {}) | undefined>();

// Errors, by operation and status.
declare const error: unknown;
if (ApiError.is(error, client.getPetsByPetId)) {
  if (error.status === 404) expectTypeOf(error.details).toExtend<Problem | Failed | undefined>();
  expectTypeOf(error.kind).toEqualTypeOf<ApiError['kind']>();
}
if (ApiError.is(error, client.several) && error.status === 422) expectTypeOf(error.details).toEqualTypeOf<Failed | undefined>();
expectTypeOf<Extract<ApiErrorOf<typeof getPetsByPetId>, { status: 404 }>['details']>().toExtend<Problem | Failed | undefined>();

// Clash keys, odd names, optional members that are given as undefined.
void client.getPetsByPetId({ petId: '1', 'query:petId': '2', 'X-Trace': undefined, session: '' });
void client.same({ 'query:body': '', body: { shadows: '' } });
void client._2ndThing({ class: '', body: '', "it's": '', ['__proto__']: '' });
void client.searchPets({ 'sort[by]': '-name', digits: 5, maybe: null, 'X-List': [] });
void client.uploadForm({
  body: { file: { content: blob.stream(), name: 'x' }, kind: 'target', pages: [new Uint8Array(), blob], meta: { name: '' }, labels: undefined },
});

// Wrong names.
// @ts-expect-error -- unknown operation
void client.getPet;
// @ts-expect-error -- unknown parameter
void client.getPetsByPetId({ petId: '1', id: '2' });
// @ts-expect-error -- a header with one legal value is no parameter
void client.getPetsByPetId({ petId: '1', 'X-Mode': 'strict' });
// @ts-expect-error -- Accept is no parameter
void client.getPetsByPetId({ petId: '1', Accept: 'x' });
// @ts-expect-error -- unknown member of a body
void client.several({ body: { name: '', nmae: '' } });
// @ts-expect-error -- unknown member of a parameter
void client.searchPets({ filter: { hue: 1 } });
// @ts-expect-error -- no parameters at all
void client.anonymous({ a: 1 });
// @ts-expect-error -- the clash key is of the query
void client.getPetsByPetId({ petId: '1', 'path:petId': '2' });
// @ts-expect-error -- no member may be there
void client.shapes({ body: { union: 1, nothing: { a: 1 } } });

// Missing members.
// @ts-expect-error -- no argument
void client.getPetsByPetId();
// @ts-expect-error -- no petId
void client.getPetsByPetId({ 'query:petId': '2' });
// @ts-expect-error -- undefined for what is required
void client.getPetsByPetId({ petId: undefined });
// @ts-expect-error -- no body
void client.delete_({ petId: '1' });
// @ts-expect-error -- an incomplete body
void client.delete_({ petId: '1', body: {} });
// @ts-expect-error -- no file
void client.uploadForm({ body: { kind: 'source' } });
// @ts-expect-error -- no second member of a tuple
void client31.values({ body: { kind: 'values', tuple: [''] } });
// @ts-expect-error -- required beside a reference
void client31.values({ body: { kind: 'values', sibling: { id: '' } } });

// Wrong values.
// @ts-expect-error -- a number for a text
void client.getPetsByPetId({ petId: 1 });
// @ts-expect-error -- not in the enum
void client.uploadForm({ body: { file: blob, kind: 'other' } });
// @ts-expect-error -- not in the enum of a parameter
void client.searchPets({ 'sort[by]': 'age' });
// @ts-expect-error -- not in the enum of a cookie
void client.getPetsByPetId({ petId: '', theme: 'blue' });
// @ts-expect-error -- not in the enum of a nested member
void client.searchPets({ filter: { color: 'blue' } });
// @ts-expect-error -- not in the enum of numbers
void client.shapes({ body: { union: 1, numberEnum: 4 } });
// @ts-expect-error -- null where it is not allowed
void client.searchPets({ limit: null });
// @ts-expect-error -- a text for bytes
void client.uploadBytes({ body: 'text' });
// @ts-expect-error -- one value for a list
void client.searchPets({ ids: 1 });
// @ts-expect-error -- another constant
void client31.values({ fixed: 'v2', body: { kind: 'values' } });
// @ts-expect-error -- nothing may be there
void client31.values({ body: { kind: 'values', never: 1 } });
// @ts-expect-error -- an inherited name is no loophole
void client.shapes({ body: { union: 1, constructor: 5 } });

// A subset is a client of its own.
const small = createClient({ getPetsByPetId }, { baseUrl: '' });
expectTypeOf(small.getPetsByPetId({ petId: '' })).toEqualTypeOf<ApiCall<Pet>>();
// @ts-expect-error -- not in the subset
void small.download;

export const body: NewPet = { name: 'x', weight: 1, secret: undefined };
