import { serveObject } from '../core/conditional.ts';
import type { Answer } from '../core/wire.ts';
import type { TenovosExchange } from './handlers.ts';
import type { StorageObject } from './state.ts';

/** An error as the object store behind the signed URLs writes it. */
function xml(x: TenovosExchange, status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const id = x.random.hex(16).toUpperCase();
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${id}</RequestId></Error>`;
  return { status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': id, ...headers }, text };
}

/** A planned status on the storage host. */
export function storageError(x: TenovosExchange, status: number): Answer {
  const [code, message] = STORE_ERRORS[status] ?? ['InternalError', 'The store failed.'];
  return xml(x, status, code!, message!);
}

const STORE_ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['InvalidRequest', 'The request is not valid.'],
  403: ['AccessDenied', 'Access Denied'],
  404: ['NoSuchKey', 'No object has this key.'],
  412: ['PreconditionFailed', 'A condition of the request does not hold.'],
  416: ['InvalidRange', 'The range cannot be served.'],
  429: ['SlowDown', 'Reduce the rate of requests.'],
  503: ['SlowDown', 'Reduce the rate of requests.'],
};

/** Any request to the storage host: originals by signed URL, renditions. */
export async function storage(x: TenovosExchange): Promise<Answer> {
  const { state, request } = x;
  const object = state.objects.get(request.url.pathname);
  if (object !== undefined) {
    x.about(object.assetId);
    x.call.part = object.part;
  }
  const signature = x.query('X-Amz-Signature');
  const authorization = x.header('authorization');
  if (authorization !== null && signature !== null) return xml(x, 400, 'InvalidArgument', 'Only one auth mechanism is allowed.');
  if (authorization !== null) return xml(x, 400, 'InvalidArgument', 'The authorization type is not supported.');
  if (signature === null) {
    if (object === undefined || object.part === 'original' || state.assumptions.renditionAccess === 'signed')
      return xml(x, 403, 'AccessDenied', 'Access Denied');
    if (request.method !== 'GET' && request.method !== 'HEAD') return xml(x, 405, 'MethodNotAllowed', 'The method is not allowed here.');
    return await serve(x, object);
  }
  const signed = state.signed.get(signature);
  // The signature covers path, method and all other query parameters.
  if (signed === undefined || signed.path !== request.url.pathname || request.method !== 'GET' || !untouched(x)) {
    return xml(x, 403, 'SignatureDoesNotMatch', 'The signature does not fit the request.');
  }
  if (signed.expires <= x.now) return xml(x, 403, 'AccessDenied', 'Request has expired');
  if (object === undefined) return xml(x, 404, 'NoSuchKey', 'No object has this key.');
  return await serve(x, object);
}

const SIGNED_PARAMETERS: readonly string[] = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature'];

function untouched(x: TenovosExchange): boolean {
  const names = [...x.request.url.searchParams.keys()];
  return names.length === SIGNED_PARAMETERS.length && SIGNED_PARAMETERS.every((name) => names.includes(name));
}

async function serve(x: TenovosExchange, object: StorageObject): Promise<Answer> {
  return await serveObject(
    {
      source: object.source,
      headers: { 'content-type': object.contentType, 'x-amz-request-id': x.random.hex(16).toUpperCase() },
      validators: () => x.state.validators(object, x.now),
      ranges: true,
    },
    x.request.headers,
    (status, headers) => ({ ...storageError(x, status), headers: { ...storageError(x, status).headers, ...headers } }),
  );
}
