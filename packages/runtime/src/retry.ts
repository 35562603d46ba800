/** Retry as data: which answers are asked again, by a table of rows. */

import type { RunningCall } from './call-context.ts';
import type { Clock } from './clock.ts';

/** What happened to an attempt. */
export type AttemptResult = number | 'network' | 'timeout';

/** One row of a retry table; the first row that fits decides. Absent members fit everything. */
export interface RetryRow {
  readonly operations?: readonly string[];
  readonly methods?: readonly string[];
  /** Statuses, or `'network'` (the connection failed or broke) and `'timeout'` (no answer in time). */
  readonly when: readonly AttemptResult[];
  readonly retry: boolean;
  /** At most this many retries, whatever `maxRetries` says. */
  readonly atMost?: number;
  /** Why, for whoever reads the table. */
  readonly reason?: string;
}

/** Rows in order of precedence. */
export type RetryTable = readonly RetryRow[];

/** Methods that have the same effect when sent twice (RFC 9110). */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY'] as const;

/** The rules where a vendor's table says nothing. */
export const defaultRetryTable: RetryTable = [
  { when: [429], retry: true },
  { methods: IDEMPOTENT, when: [408, 502, 503, 504, 'network', 'timeout'], retry: true },
];

/** Why, row by row: for the documentation, and in no bundle. */
export const defaultRetryReasons: readonly string[] = [
  'The request was refused before it was processed.',
  'A passing fault, and the method may be sent twice.',
];

/** Whether a table asks for another attempt. */
export function findRetryRow(table: RetryTable, operation: string, method: string, result: AttemptResult): RetryRow | undefined {
  return table.find((row) => row.when.includes(result) && (row.operations ?? [operation]).includes(operation) && (row.methods ?? [method]).includes(method));
}

/** As {@link findRetryRow}: the vendor's rows, then the general ones. */
export function retryRowOf({ context, operation }: RunningCall, result: AttemptResult): RetryRow | undefined {
  return findRetryRow([...(context.profile.retry ?? []), ...defaultRetryTable], operation.id, operation.method, result);
}

const BASE_DELAY_MS = 250;
const LONGEST_DELAY_MS = 20_000;
/** A vendor may ask for more; without a deadline of the caller nobody is parked longer than this. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/** Exponential back-off with full jitter, in milliseconds; `retries` counts from 0. */
export function backoffMs(retries: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(LONGEST_DELAY_MS, BASE_DELAY_MS * 2 ** retries));
}

/**
 * How long the vendor asks to wait, in milliseconds: `Retry-After` in seconds or as a date, `X-RateLimit-Reset` as an
 * ISO date (eGain).
 */
export function retryAfterMs(headers: Headers, clock: Clock): number | undefined {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(after)) return Math.ceil(Number(after) * 1000);
  const reset = headers.get('x-ratelimit-reset')?.trim() ?? '';
  // Date.parse takes many texts for dates.
  for (const date of [/[a-z]{3} /i.test(after) ? Date.parse(after) : Number.NaN, /^\d{4}-\d\d-\d\dT/.test(reset) ? Date.parse(reset) : Number.NaN]) {
    if (!Number.isNaN(date)) return Math.max(0, date - clock.now());
  }
  return undefined;
}

/** One budget per client (token bucket): when most calls fail, retries stop making it worse. */
export class RetryBudget {
  #tokens = 500;

  /** Takes what a retry costs; `false` when the budget is spent. */
  spend(result: AttemptResult): boolean {
    const cost = result === 'timeout' ? 10 : 5;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** An attempt succeeded. */
  refund(): void {
    this.#tokens = Math.min(500, this.#tokens + 1);
  }
}
