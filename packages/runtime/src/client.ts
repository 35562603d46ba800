import { runCall } from './call.ts';
import { connect, type Connection } from './connection.ts';
import { invalidRequest } from './errors.ts';
import { plain } from './encode-body.ts';
import type { AnyOperation, BodyEncoder, OperationDescriptor, ParameterDescriptor } from './operation.ts';
import type { ApiCall, ApiResponse, Methods } from './method-types.ts';
import type { CallOptions, ClientOptions } from './options.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** Arguments of {@link ClientBase.request}. */
export interface RequestParams {
  /** Query parameters; lists are repeated (`a=1&a=2`). */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Sent as JSON, texts as they are; FormData, URLSearchParams, Blobs, bytes and streams too, by clients that a vendor's
   * `create...Client` made or whose profile has `anyBody`.
   */
  readonly body?: unknown;
}

/** What every client has besides its operations. */
export interface ClientBase extends AsyncDisposable {
  /**
   * Calls any path with this client's credentials, retries, limits and errors: for what no document describes yet.
   *
   * @param route - Method and path below `baseUrl`, for example `'POST /conversations/messages'`. Values in the path must
   *   be encoded (`encodeURIComponent`).
   * @returns The parsed JSON, text, or Content for binary answers where the client has an operation with such.
   */
  request<Data = unknown>(route: `${string} /${string}`, params?: RequestParams, options?: CallOptions): ApiCall<Data>;
  /** Ends sessions and frees connections. The client cannot be used afterwards. */
  close(): Promise<void>;
}

/** A client: one method per operation, and {@link ClientBase}. */
export type Client<Operations extends Readonly<Record<string, AnyOperation>>> = Methods<Operations> & ClientBase;

/** Names that a client has itself; code generation renames operations that would hide them. */
const OWN_NAMES = new Set(['request', 'close', 'then', 'toJSON', 'constructor', '__proto__']);

/**
 * Makes a client of operations, one method for each.
 *
 * @param operations - Descriptors from generated code, all or a subset (a bundle holds no others).
 * @param options - `baseUrl`, `auth` and limits.
 * @param profile - A vendor's names, error and retry tables; packages of a vendor pass theirs.
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 * @example
 * ```ts
 * import { createClient } from '@asset-clients/runtime';
 * import { operations } from './generated/index.js';
 *
 * const client = createClient(operations, { baseUrl: 'https://api.example.com/v1', auth: token });
 * const pet = await client.getPet({ id: '42' });
 * ```
 */
export function createClient<const Operations extends Readonly<Record<string, AnyOperation>>>(
  operations: Operations,
  options: ClientOptions,
  profile: VendorProfile = { vendor: 'api' },
): Client<Operations> {
  return bindOperations(connect(options, profile), operations);
}

/** The one method per operation on a connection; packages of a vendor add their jobs to it. */
export function bindOperations<const Operations extends Readonly<Record<string, AnyOperation>>>(
  connection: Connection,
  operations: Operations,
): Client<Operations> {
  const methods: Record<string, unknown> = {};
  const refuse = (message: string, hint: string): never => {
    throw invalidRequest({ vendor: connection.profile.vendor, operation: 'createClient', message, hint });
  };
  if (typeof operations !== 'object' || operations === null) return refuse('the operations must be an object', 'Write createClient({ getAsset }, options).');
  for (const [name, operation] of Object.entries(operations)) {
    if (OWN_NAMES.has(name)) refuse(`an operation cannot be named "${name}"`, 'Give it another name in the object of operations.');
    if (typeof operation?.path !== 'string') refuse(`${name} is not an operation`, 'Operations come from generated code.');
    // So that the function has this name.
    const { [name]: method } = { [name]: (params?: unknown, callOptions?: CallOptions) => toApiCall(runCall(connection, operation, params, callOptions)) };
    methods[name] = Object.assign(method!, { operation, vendor: connection.profile.vendor });
  }
  const binary = Object.values(operations).find((operation) => operation.binary !== undefined)?.binary;
  const request = async (route: string, params: RequestParams = {}, callOptions?: CallOptions): Promise<ApiResponse<unknown>> => {
    const { operation, flat } = adHocOperation(route, params, binary, connection.profile.anyBody, callOptions?.contentType);
    return runCall(connection, operation, flat, callOptions);
  };
  return Object.assign(methods, {
    request: (route: string, params?: RequestParams, callOptions?: CallOptions) => toApiCall(request(route, params, callOptions)),
    close: connection.close,
    [Symbol.asyncDispose]: connection.close,
  }) as unknown as Client<Operations>;
}

/** A promise of the body that can also give the whole answer. */
export function toApiCall<Data>(answer: Promise<ApiResponse<Data>>): ApiCall<Data> {
  const call = answer.then((response) => response.data) as ApiCall<Data>;
  call.withResponse = () => {
    // Whoever takes the whole answer handles its failure there.
    call.catch(() => undefined);
    return answer.then((response) => ({ ...response }));
  };
  return call;
}

/** A descriptor for a path that no document describes. */
function adHocOperation(
  route: string,
  params: RequestParams,
  binary: OperationDescriptor['binary'],
  encode: BodyEncoder = plain,
  contentType: string = encode.typeOf?.(params.body) ?? (typeof params.body === 'string' ? 'text/plain' : 'application/json'),
): { operation: AnyOperation; flat: Record<string, unknown> } {
  const [, verb, path, search] = /^([A-Za-z]+) (\/[^\s#?]*)(\?[^\s#]*)?$/.exec(route) ?? [];
  if (verb === undefined || path === undefined) {
    throw invalidRequest({
      operation: 'request',
      message: 'the route must be a method and a path, for example "GET /assets"',
      hint: 'Encode values in the path with encodeURIComponent.',
    });
  }
  const method = verb.toUpperCase();
  const { body, query = {} } = params;
  const flat: Record<string, unknown> = { body };
  const parameters: ParameterDescriptor[] = [];
  for (const [name, value] of [...Object.entries(query), ...new URLSearchParams(search)]) {
    for (const item of [value].flat()) {
      const key = `query:${name}:${parameters.length}`;
      parameters.push({ name, key, in: 'query' });
      flat[key] = item;
    }
  }
  const operation: AnyOperation = {
    id: `${method} ${path}`,
    method,
    path,
    parameters,
    body: { content: { [contentType]: { encode } } },
    responses: {},
    ...(binary && { binary }),
  };
  return { operation, flat };
}
