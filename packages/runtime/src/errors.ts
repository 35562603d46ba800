import { REDACTED, Redactor } from './redact.ts';

/** What went wrong, as one closed list; a new member is a major version. */
export type ErrorKind =
  | 'invalid-request'
  | 'unauthenticated'
  | 'permission-denied'
  | 'not-found'
  | 'not-ready'
  | 'conflict'
  | 'rate-limited'
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'integrity'
  | 'unsupported'
  | 'server'
  | 'unexpected';

/**
 * Whether the call may have had an effect on the vendor's side: `not-sent` (it had none: no request got out, no connection
 * came about, or what failed is here alone, such as a file that cannot be written), `refused` (the vendor answered that it
 * did not do it), `unknown` (it may or may not have been done).
 */
export type ErrorOutcome = 'not-sent' | 'refused' | 'unknown';

/** What an {@link ApiError} is made of. Texts and values are redacted by the constructor. */
export interface ApiErrorInit {
  readonly kind: ErrorKind;
  /** What happened, in one sentence without the operation's name. */
  readonly message: string;
  readonly vendor?: string | undefined;
  readonly operation?: string | undefined;
  readonly params?: unknown;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly userMessage?: string | undefined;
  readonly details?: unknown;
  readonly body?: string | undefined;
  readonly requestId?: string | undefined;
  readonly outcome?: ErrorOutcome | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly attempts?: number | undefined;
  /** A sentence of the package's own: of it only what looks like a secret is taken out, no word that happens to be a password. */
  readonly hint?: string | undefined;
  /** The message, too, is the package's own sentence: what came from elsewhere in it is redacted already. */
  readonly ownWords?: true | undefined;
  readonly cause?: unknown;
  /** Members of one operation's own, for example which step of a job failed. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

const MARKER: unique symbol = Symbol.for('asset-clients.ApiError') as never;
const BODY_LIMIT = 2000;

/**
 * The one error of all clients. Catch it with {@link ApiError.is}, branch on `kind`, show `message` and `hint`.
 *
 * `JSON.stringify(error)` names cause and next step; no secret is in the message, stack, JSON, cause or inspection.
 */
export class ApiError<Details = unknown> extends Error {
  override readonly name: string;
  readonly kind: ErrorKind;
  /** `'egain'`, `'tenovos'`, `'worldserver'`, or the name given to `createClient`. */
  readonly vendor: string | undefined;
  /** The operationId or the job's name. */
  readonly operation: string | undefined;
  /** The arguments of the call, without secrets. */
  readonly params: unknown;
  /** HTTP status, when the vendor answered. */
  readonly status: number | undefined;
  /** The vendor's own code, for example eGain's `400-146`. */
  readonly code: string | undefined;
  /** A sentence for end users (eGain, when asked for by `userMessages: true`). */
  readonly userMessage: string | undefined;
  /** The parsed JSON body of the error answer, without secrets. */
  readonly details: Details | undefined;
  /** The beginning (2,000 characters at most) of an error body that is not JSON, without secrets. */
  readonly body: string | undefined;
  readonly requestId: string | undefined;
  readonly outcome: ErrorOutcome;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** Milliseconds that the vendor asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** Requests of this call, those whose connection never came about included; 0 when none was tried. */
  readonly attempts: number;
  /** What to do next. */
  readonly hint: string | undefined;
  /** Which part of a job failed, for example `'uploadContent'`. */
  declare readonly step?: string | undefined;
  /** What exists on the vendor's side although the job failed. */
  declare readonly leftBehind?: { readonly id: string } | undefined;

  constructor(init: ApiErrorInit, redactor: Redactor = new Redactor()) {
    const text = (value: string | undefined): string | undefined => (value === undefined ? undefined : redactor.text(value));
    const subject = [init.vendor, init.operation].filter(Boolean).join('.');
    // Apart: in "createToken: refused" the word after the colon would be taken for a token. A path may hold anything, a name does not.
    super(
      `${subject === '' ? '' : `${subject.includes('/') ? redactor.text(subject) : subject}: `}${init.ownWords === true ? init.message : redactor.text(init.message)}`,
    );
    this.name = init.kind === 'aborted' ? 'AbortError' : 'ApiError';
    this.kind = init.kind;
    this.vendor = init.vendor;
    this.operation = init.operation;
    this.params = init.params === undefined ? undefined : redactor.value(init.params);
    this.status = init.status;
    this.code = text(init.code);
    this.userMessage = text(init.userMessage);
    this.details = init.details === undefined ? undefined : (redactor.value(init.details) as Details);
    // Redacted as a whole before it is cut: half a secret is not recognised.
    this.body = init.body === undefined ? undefined : redactor.beginning(init.body, BODY_LIMIT);
    this.requestId = text(init.requestId);
    this.outcome = init.outcome ?? (init.status === undefined ? 'not-sent' : 'unknown');
    this.retryable = init.retryable ?? false;
    this.retryAfterMs = init.retryAfterMs;
    this.attempts = init.attempts ?? 0;
    this.hint = init.hint === undefined ? undefined : new Redactor().text(init.hint);
    if (init.extra !== undefined) Object.assign(this, redactor.value(init.extra));
    // The reason of an abort is the caller's own object and stays what it is, as with fetch.
    if (init.cause !== undefined) {
      const cause = init.kind === 'aborted' ? init.cause : safeCause(init.cause, redactor);
      Object.defineProperty(this, 'cause', { value: cause, configurable: true, writable: true });
    }
    Object.defineProperty(this, MARKER, { value: true });
    // Absent means absent: an error is read by people.
    for (const key of Object.keys(this)) if (this[key as keyof this] === undefined) delete this[key as keyof this];
  }

  /** Whether a value is an ApiError, also one of another installed copy of this package. */
  static is(error: unknown): error is ApiError;
  /**
   * Whether a value is an ApiError of this operation; narrows `status` and `details` to what the operation documents.
   *
   * @example
   * ```ts
   * if (ApiError.is(error, client.getAsset)) error.details?.developerMessage;
   * ```
   */
  static is<Answer>(error: unknown, method: { readonly '~errors'?: Answer; readonly operation: { readonly id: string } }): error is ApiError & Answer;
  static is(error: unknown, method?: { readonly operation: { readonly id: string } }): boolean {
    const marked = typeof error === 'object' && error !== null && (error as Record<PropertyKey, unknown>)[MARKER] === true;
    return marked && (method === undefined || (error as ApiError).operation === method.operation.id);
  }

  /** Everything that is known, as plain JSON without secrets. */
  toJSON(): Record<string, unknown> {
    const cause = this.cause;
    const { name, ...facts } = this as unknown as Record<string, unknown>;
    return {
      name,
      message: this.message,
      ...facts,
      ...(cause === undefined ? {} : { cause: causeToJSON(cause) }),
    };
  }
}

/** A wrong argument of the caller, found before any request. */
export function invalidRequest(init: Omit<ApiErrorInit, 'kind' | 'outcome'>, redactor?: Redactor): ApiError {
  return new ApiError({ ...init, kind: 'invalid-request', outcome: 'not-sent' }, redactor);
}

const OWN_HINT: unique symbol = Symbol.for('asset-clients.ownHint') as never;

/**
 * Says the next step in the words of whoever knows the whole job. Said again, further out, it takes the place of what was said before.
 *
 * @param keepsOwn - Whether what the failure itself advises stays before it.
 */
export function sayNextStep(error: ApiError, next: string | undefined, keepsOwn = true): void {
  const marked = error as { [OWN_HINT]?: string | undefined };
  if (!(OWN_HINT in marked)) Object.defineProperty(error, OWN_HINT, { value: error.hint });
  const hint = [keepsOwn ? marked[OWN_HINT] : undefined, next].filter(Boolean).join(' ');
  Object.assign(error, { hint: hint === '' ? undefined : hint });
}

/** Copies an error so that neither its text nor its members show a secret. */
function safeCause(cause: unknown, redactor: Redactor, depth = 0): unknown {
  if (ApiError.is(cause)) return cause;
  if (!(cause instanceof Error)) return redactor.value(cause);
  const copy = new Error(redactor.text(cause.message));
  Object.defineProperty(copy, 'name', { value: redactor.text(cause.name), configurable: true });
  Object.defineProperty(copy, 'stack', { value: redactor.text(cause.stack ?? ''), configurable: true, writable: true });
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string') Object.assign(copy, { code: redactor.text(code) });
  if (cause.cause !== undefined && depth < 4) copy.cause = safeCause(cause.cause, redactor, depth + 1);
  return copy;
}

function causeToJSON(cause: unknown): unknown {
  if (ApiError.is(cause)) return cause.toJSON();
  if (!(cause instanceof Error)) return typeof cause === 'object' && cause !== null ? REDACTED : cause;
  const { code } = cause as { code?: unknown };
  return {
    name: cause.name,
    message: cause.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause.cause === undefined ? {} : { cause: causeToJSON(cause.cause) }),
  };
}
