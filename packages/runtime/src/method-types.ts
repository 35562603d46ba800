/** The types that a client's methods have, computed from the operations that it was made of. */

import type { ApiError } from './errors.ts';
import type { AnyOperation, Operation } from './operation.ts';
import type { CallOptions } from './options.ts';

/** The body of a success answer. */
export type SuccessBody<Responses> = keyof Responses extends never
  ? undefined
  : [Extract<keyof Responses, `2${string}`>] extends [never]
    ? 'default' extends keyof Responses
      ? Responses['default' & keyof Responses]
      : undefined
    : Responses[Extract<keyof Responses, `2${string}`>];

type ErrorStatus<Responses> = Exclude<keyof Responses & string, `${1 | 2 | 3}${string}`>;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type ToNumber<Text extends string> = Text extends `${infer Code extends number}` ? Code : never;
/** All that an answer may have: one by one, so that a comparison finds its row. */
type AnyStatus = ToNumber<`${2 | 3 | 4 | 5}${Digit}${Digit}`>;
/** The statuses of a row: `'404'`, `'4XX'`; none of `'default'`. */
type StatusesOf<Row extends string> = Row extends `${infer First extends Digit}XX` ? ToNumber<`${First}${Digit}${Digit}`> : ToNumber<Row>;

/**
 * The error answers of an operation: `status` and `details` of the same documented row. Any other status may come as well (a
 * gateway's 429 or 503); its `details` are taken for one of the documented bodies, which nobody promises. Without an answer both
 * are `undefined`.
 */
export type ErrorAnswer<Responses> = string extends keyof Responses
  ? { readonly status: number | undefined; readonly details: unknown }
  :
      | {
          [Row in Exclude<ErrorStatus<Responses>, 'default'>]: {
            // A row of its own goes before a range.
            readonly status: Row extends `${Digit}XX` ? Exclude<StatusesOf<Row>, ToNumber<ErrorStatus<Responses>>> : StatusesOf<Row>;
            readonly details: Responses[Row] | undefined;
          };
        }[Exclude<ErrorStatus<Responses>, 'default'>]
      | {
          readonly status: Exclude<AnyStatus, StatusesOf<ErrorStatus<Responses>>>;
          readonly details: ('default' extends keyof Responses ? Responses['default'] : Responses[ErrorStatus<Responses>]) | undefined;
        }
      | { readonly status: undefined; readonly details: undefined };

/** What `withResponse()` gives: the body and what came with it. */
export interface ApiResponse<Data> {
  readonly data: Data;
  readonly status: number;
  readonly headers: Headers;
  /** The vendor's id of the request, where it sends one. */
  readonly requestId: string | undefined;
}

/** A call under way: a promise of the body, and of the whole answer by {@link ApiCall.withResponse}. */
export interface ApiCall<Data> extends Promise<Data> {
  /** The body together with status, headers and request id. The request is sent once. */
  withResponse(): Promise<ApiResponse<Data>>;
}

/** Assignable to every argument that may be left out, `Record<string, never>` included, which `object` is not. */
// oxlint-disable-next-line typescript/no-empty-object-type -- the empty object literal is what is meant
type Empty = {};

type Call<Params, Data, Options> = Empty extends Params
  ? (params?: Params, options?: Options) => ApiCall<Data>
  : (params: Params, options?: Options) => ApiCall<Data>;

type AcceptCall<Params, Accepts> = Empty extends Params
  ? <Media extends keyof Accepts & string>(params: Params | undefined, options: CallOptions & { readonly accept: Media }) => ApiCall<Accepts[Media]>
  : <Media extends keyof Accepts & string>(params: Params, options: CallOptions & { readonly accept: Media }) => ApiCall<Accepts[Media]>;

/** One method of a client. */
export type Method<Op extends AnyOperation> =
  Op extends Operation<infer Params, infer Responses, infer Accepts>
    ? (unknown extends Accepts
        ? Call<Params, SuccessBody<Responses>, CallOptions>
        : AcceptCall<Params, Accepts> & Call<Params, SuccessBody<Responses>, CallOptions & { readonly accept?: undefined }>) & {
        /** The descriptor that this method runs. */
        readonly operation: Op;
        /** Whose client it belongs to, as in {@link ApiError.vendor}. */
        readonly vendor: string;
        /** Only a type: what `ApiError.is(error, method)` narrows to. */
        readonly '~errors'?: ErrorAnswer<Responses>;
      }
    : never;

/** An {@link ApiError} of one operation. */
export type ApiErrorOf<Op extends AnyOperation> =
  Op extends Operation<infer _Params, infer Responses, infer _Accepts> ? ApiError & ErrorAnswer<Responses> : never;

/** One method per operation. */
export type Methods<Operations extends Readonly<Record<string, AnyOperation>>> = {
  readonly [Name in keyof Operations]: Method<Operations[Name]>;
};
