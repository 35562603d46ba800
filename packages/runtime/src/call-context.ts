/** What the parts of a call share: the client that it belongs to, and how it tells a failure. */

import type { JoinedSignal } from './abort.ts';
import type { AuthStrategy } from './auth.ts';
import type { Clock } from './clock.ts';
import type { ApiError, ApiErrorInit } from './errors.ts';
import type { Exchanger } from './exchange.ts';
import type { OperationDescriptor } from './operation.ts';
import type { CallOptions, ClientOptions, LogLevel } from './options.ts';
import type { Redactor } from './redact.ts';
import type { AttemptResult, RetryBudget } from './retry.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** What a call needs from its client. */
export interface CallContext {
  readonly options: ClientOptions;
  readonly profile: VendorProfile;
  readonly baseUrl: URL;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly exchanger: Exchanger;
  readonly budget: RetryBudget;
  readonly auth: AuthStrategy | undefined;
  readonly closed: boolean;
  /** What errors show as the arguments, where these are a job's. */
  readonly shownParams?: unknown;
  /** Absent without a logger: then no message is made. */
  readonly log?: ((level: Exclude<LogLevel, 'off'>, message: string, fields?: Record<string, unknown>) => void) | undefined;
}

/** An address outside the API: credentials and headers of the client are not sent there. */
export interface ForeignAddress {
  /** Checked against the client's policy. */
  readonly url: URL;
  /** What the vendor says of the file. */
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

/** The facts of an error that the call itself adds. */
export type CallFailure = Omit<ApiErrorInit, 'vendor' | 'operation' | 'params' | 'attempts'>;

/** Why a body cannot be read on. */
export interface BrokenBody {
  /** As it is told when nothing helps. */
  readonly failure: ApiError;
  /** As the retry table sees it. */
  readonly result: AttemptResult;
}

/** One call under way, as its parts see it. */
export interface RunningCall {
  readonly context: CallContext;
  readonly operation: OperationDescriptor;
  readonly params: unknown;
  readonly options: CallOptions;
  readonly idleTimeoutMs: number | false;
  /** Requests sent so far. */
  readonly attempts: number;
  /** Addresses asked for so far, where the call goes outside the API. */
  readonly signatures: number;
  /** When the call began, by the client's clock. */
  readonly startedAt: number;
  /** Milliseconds waited between attempts. */
  readonly waitedMs: number;
  /** Where the last answer came from. */
  readonly url: string;
  /** That was not where the request was sent first. */
  readonly redirected: boolean;
  /** The call goes outside the API. */
  readonly isForeign: boolean;
  /** Where that is, known when a request was sent. */
  readonly address: ForeignAddress | undefined;
  /** Signals of the caller and the client. */
  readonly signals: readonly AbortSignal[];
  /** One signal for them, the rest of the deadline, and others; to be released. */
  watch(...others: readonly AbortSignal[]): JoinedSignal;
  /** An error of this call. */
  fail(init: CallFailure): ApiError;
  /** The error that nothing was sent, because of the caller's arguments unless it says otherwise. */
  refuse(message: string, hint?: string, more?: Partial<CallFailure>): ApiError;
  /**
   * Asks again for a body that broke, as the retry table, `maxRetries` and the budget allow: with the login, or a fresh
   * address.
   *
   * @param headers - Which part is wanted.
   * @returns An answer of status 2xx, 412 or 416, its body unread.
   * @throws ApiError: `broken.failure` when there is to be no other attempt, else what became of it.
   */
  reopen(broken: BrokenBody, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Response>;
}
