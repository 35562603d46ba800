/** What a vendor's package tells the request path about its vendor: names, error table, retry table. */

import type { ErrorKind } from './errors.ts';
import type { BodyEncoder, OperationDescriptor } from './operation.ts';
import type { RetryTable } from './retry.ts';

/** One row of a vendor's error table; the first row that fits an answer names its kind. */
export interface ErrorRow {
  readonly status: number | readonly number[];
  /** The vendor's code, whole or as a pattern. */
  readonly code?: string | RegExp;
  /** Fits the vendor's sentence. */
  readonly message?: RegExp;
  readonly operations?: readonly string[];
  readonly kind: ErrorKind;
  /** What to do; names all causes that the vendor does not tell apart. */
  readonly hint: string;
  /** Where the vendor documents it. */
  readonly source?: string;
}

/** What can be read out of an error body. */
export interface ErrorFacts {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly userMessage?: string | undefined;
}

/** The vendor's side of a client. */
export interface VendorProfile {
  /** The name in errors: `'tenovos'`. */
  readonly vendor: string;
  readonly errors?: readonly ErrorRow[];
  /** What to do, where no row says. */
  readonly hint?: string;
  /** Reads the vendor's error body (parsed JSON). */
  readonly readError?: (body: unknown) => ErrorFacts;
  /** Recognises an error that came with a success status; never asked about binary answers. */
  readonly failureInSuccess?: (body: unknown, operation: OperationDescriptor) => ErrorFacts | undefined;
  /** Lets `client.request` send Blobs, bytes, streams and platform forms, too: the `anyBody` of this package. */
  readonly anyBody?: BodyEncoder;
  /** Files come with their name: HTML that has none is taken for a page. */
  readonly filesHaveNames?: boolean;
  /** Rows before {@link defaultRetryTable}. */
  readonly retry?: RetryTable;
  /** Values for parameters that the caller leaves out, by the parameter's name. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Changes the path of an operation before it is sent (an API version chosen by option). */
  readonly rewritePath?: (path: string) => string;
}

/** Kinds by status, where no row of the vendor fits. */
export function kindOfStatus(status: number): ErrorKind {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 411:
    case 413:
    case 414:
    case 415:
    case 422:
      return 'invalid-request';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'permission-denied';
    case 404:
    case 410:
      return 'not-found';
    case 409:
    case 412:
    case 423:
      return 'conflict';
    case 408:
      return 'timeout';
    case 429:
      return 'rate-limited';
    default:
      return status >= 500 ? 'server' : 'unexpected';
  }
}

/** The row of a vendor's table that fits an answer. */
export function findErrorRow(rows: readonly ErrorRow[], operation: string, status: number, facts: ErrorFacts): ErrorRow | undefined {
  return rows.find(
    (row) =>
      (typeof row.status === 'number' ? row.status === status : row.status.includes(status)) &&
      (row.operations === undefined || row.operations.includes(operation)) &&
      (row.code === undefined || (facts.code !== undefined && (typeof row.code === 'string' ? row.code === facts.code : row.code.test(facts.code)))) &&
      (row.message === undefined || (facts.message !== undefined && row.message.test(facts.message))),
  );
}

/** Reads error bodies of the usual forms: `message`, `error`, `title`/`detail` (RFC 9457), `errors[]`. */
export function readCommonError(body: unknown): ErrorFacts {
  if (typeof body !== 'object' || body === null) return {};
  const record = body as Record<string, unknown>;
  const inner = typeof record.error === 'object' && record.error !== null ? (record.error as Record<string, unknown>) : undefined;
  const first = Array.isArray(record.errors) ? (record.errors[0] as Record<string, unknown> | undefined) : undefined;
  const text = (...values: unknown[]): string | undefined => values.find((value): value is string => typeof value === 'string' && value !== '');
  const code = [record.code, inner?.code, first?.code, record.error].find((value) => (typeof value === 'string' && value !== '') || typeof value === 'number');
  return {
    code: code === undefined ? undefined : String(code as string | number),
    message: text(record.message, record.error_description, inner?.message, first?.message, record.detail, record.title),
  };
}
