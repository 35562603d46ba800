/** Checked by tsc alone: what a client's methods take and give. */

import type { Content } from './content.ts';
import { createClient } from './client.ts';
import { ApiError } from './errors.ts';
import type { ApiResponse, ErrorAnswer, SuccessBody } from './method-types.ts';
import type { Operation } from './operation.ts';

interface Asset {
  id: string;
  name?: string;
}
interface Problem {
  code: string;
}
interface Busy {
  retryIn: number;
}

declare const getAsset: Operation<{ id: string; kind?: 'image' | 'video' }, { '200': Asset; '404': Problem; '429': Busy }>;
declare const listAssets: Operation<{ limit?: number }, { '200': Asset[]; default: Problem }>;
declare const createAsset: Operation<{ body: { name: string } }, { '201': Asset; '202': { job: string } }>;
declare const deleteAsset: Operation<{ id: string }, { '204': undefined }>;
declare const download: Operation<{ id: string }, { '200': Content }>;
declare const exportAsset: Operation<{ id: string }, { '200': Asset }, { 'application/json': Asset; 'application/xml': string }>;
declare const findAssets: Operation<{ q?: string }, { '200': Asset[] }, { 'application/json': Asset[]; 'text/csv': string }>;
declare const ping: Operation<Record<string, never>, {}>;
declare const ranged: Operation<Record<string, never>, { '200': Asset; '404': Problem; '5XX': string; default: Busy }>;

const client = createClient(
  { getAsset, listAssets, createAsset, deleteAsset, download, exportAsset, findAssets, ping, ranged },
  { baseUrl: 'https://a.example' },
);

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<Expected>(): <Actual>(
  value: Actual,
  ...equal: Equal<Awaited<Actual>, Expected> extends true ? [] : ['the types differ', Awaited<Actual>]
) => void {
  return () => undefined;
}

// Parameters
expectType<Asset>()(client.getAsset({ id: '1' }));
expectType<Asset>()(client.getAsset({ id: '1', kind: 'image' }, { timeoutMs: false, signal: new AbortController().signal, headers: { a: undefined } }));
// @ts-expect-error a required parameter is missing
void client.getAsset({});
// @ts-expect-error the argument is missing
void client.getAsset();
// @ts-expect-error a wrong name
void client.getAsset({ id: '1', knd: 'image' });
// @ts-expect-error no member of the enum
void client.getAsset({ id: '1', kind: 'audio' });
// @ts-expect-error a wrong type
void client.getAsset({ id: 1 });
// @ts-expect-error a wrong option
void client.getAsset({ id: '1' }, { timeout: 5 });
// @ts-expect-error a method that does not exist
void client.getAssets({ id: '1' });
expectType<Asset[]>()(client.listAssets());
expectType<Asset[]>()(client.listAssets({ limit: 5 }));
expectType<undefined>()(client.ping());
expectType<undefined>()(client.ping({}, { timeoutMs: 5 }));
// @ts-expect-error a parameter of an operation that has none
void client.ping({ id: 1 });
// @ts-expect-error a body that is incomplete
void client.createAsset({ body: {} });

// Results
expectType<Asset | { job: string }>()(client.createAsset({ body: { name: 'a' } }));
expectType<undefined>()(client.deleteAsset({ id: '1' }));
expectType<Content>()(client.download({ id: '1' }));
expectType<ApiResponse<Asset>>()(client.getAsset({ id: '1' }).withResponse());
expectType<unknown>()(client.request('GET /x'));
expectType<Asset>()(client.request<Asset>('GET /x'));
// @ts-expect-error a route without a method
void client.request('/x');

// The media type that is asked for
expectType<Asset>()(client.exportAsset({ id: '1' }));
expectType<string>()(client.exportAsset({ id: '1' }, { accept: 'application/xml' }));
expectType<Asset>()(client.exportAsset({ id: '1' }, { accept: 'application/json' }));
expectType<Asset>()(client.exportAsset({ id: '1' }, { timeoutMs: 5 }));
expectType<string>()(client.findAssets({}, { accept: 'text/csv' }));
expectType<string>()(client.findAssets(undefined, { accept: 'text/csv' }));
expectType<Asset[]>()(client.findAssets());

// Statuses
expectType<SuccessBody<{ '200': 1; '2XX': 2; '400': 3 }>>()(1 as 1 | 2);
expectType<SuccessBody<{ default: 1 }>>()(1 as const);
expectType<SuccessBody<{ '404': 1 }>>()(undefined);
expectType<Extract<ErrorAnswer<{ '200': 1; '404': 2 }>, { status: 404 }>>()({ status: 404, details: 2 } as {
  readonly status: 404;
  readonly details: 2 | undefined;
});
expectType<Extract<ErrorAnswer<{ '200': 1; '404': 2 }>, { status: undefined }>['details']>()(undefined);

// Errors
export async function narrowing(): Promise<void> {
  try {
    await client.getAsset({ id: '1' });
  } catch (error) {
    // @ts-expect-error not narrowed yet
    void error.kind;
    if (ApiError.is(error)) expectType<unknown>()(error.details);
    if (!ApiError.is(error, client.getAsset)) return;
    if (error.status === 404) expectType<Problem | undefined>()(error.details);
    if (error.status === 429) expectType<number | undefined>()(error.details?.retryIn);
    // @ts-expect-error a member of another status
    if (error.status === 404) void error.details?.retryIn;
    expectType<string | undefined>()(error.hint);
    const other: unknown = error;
    if (ApiError.is(other, client.ranged)) {
      expectType<Problem | string | Busy | undefined>()(other.details);
      if (other.status === 404) expectType<Problem | undefined>()(other.details);
      if (other.status === 503) expectType<string | undefined>()(other.details);
      if (other.status === 429) expectType<Busy | undefined>()(other.details);
    }
    expectType<Problem | Busy | undefined>()(error.details);
    // What the document does not name may come all the same; what has no answer has no details.
    if (error.status === 503) expectType<Problem | Busy | undefined>()(error.details);
    if (error.status === undefined) expectType<undefined>()(error.details);
    // @ts-expect-error there may be no status
    void error.status.toFixed();
    switch (error.status) {
      case 404:
        expectType<Problem | undefined>()(error.details);
        break;
      case 429:
        expectType<Busy | undefined>()(error.details);
        break;
      default:
        expectType<Problem | Busy | undefined>()(error.details);
    }
  }
}

// A client of a subset has no other methods.
const small = createClient({ ping }, { baseUrl: 'https://a.example' });
// @ts-expect-error not in the subset
void small.getAsset;
