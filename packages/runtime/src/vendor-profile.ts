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

const KINDS: readonly (readonly [ErrorKind, ...statuses: number[]])[] = [
  ['invalid-request', 400, 405, 406, 411, 413, 414, 415, 422],
  ['unauthenticated', 401],
  ['permission-denied', 403],
  ['not-found', 404, 410],
  ['conflict', 409, 412, 423],
  ['timeout', 408],
  ['rate-limited', 429],
];

/** Kinds by status, where no row of the vendor fits. */
export function kindOfStatus(status: number): ErrorKind {
  return KINDS.find((row) => row.includes(status))?.[0] ?? (status >= 500 ? 'server' : 'unexpected');
}

/** The row of a vendor's table that fits an answer. */
export function findErrorRow(rows: readonly ErrorRow[], operation: string, status: number, facts: ErrorFacts): ErrorRow | undefined {
  return rows.find(
    (row) =>
      [row.status].flat().includes(status) &&
      (row.operations ?? [operation]).includes(operation) &&
      fits(row.code, facts.code) &&
      fits(row.message, facts.message),
  );
}

function fits(wanted: string | RegExp | undefined, text: string | undefined): boolean {
  return wanted === undefined || (text !== undefined && (typeof wanted === 'string' ? wanted === text : wanted.test(text)));
}

/** Reads error bodies of the usual forms: `message`, `error`, `title`/`detail` (RFC 9457), `errors[]`. */
export function readCommonError(body: unknown): ErrorFacts {
  const { code, message, error, errors, error_description: description, detail, title } = membersOf(body);
  const inner = membersOf(error);
  const first = membersOf(Array.isArray(errors) ? errors[0] : undefined);
  const text = (...values: readonly unknown[]): string | undefined => values.find((value): value is string => typeof value === 'string' && value !== '');
  const codes = [code, inner.code, first.code, error].map((value) => (typeof value === 'number' ? String(value) : value));
  return { code: text(...codes), message: text(message, description, inner.message, first.message, detail, title) };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
