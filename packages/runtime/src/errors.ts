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
  readonly ownWords?: boolean | undefined;
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
  declare readonly name: string;
  declare readonly kind: ErrorKind;
  /** `'egain'`, `'tenovos'`, `'worldserver'`, or the name given to `createClient`. */
  declare readonly vendor: string | undefined;
  /** The operationId or the job's name. */
  declare readonly operation: string | undefined;
  /** The arguments of the call, without secrets. */
  declare readonly params: unknown;
  /** HTTP status, when the vendor answered. */
  declare readonly status: number | undefined;
  /** The vendor's own code, for example eGain's `400-146`. */
  declare readonly code: string | undefined;
  /** A sentence for end users (eGain, when asked for by `userMessages: true`). */
  declare readonly userMessage: string | undefined;
  /** The parsed JSON body of the error answer, without secrets. */
  declare readonly details: Details | undefined;
  /** The beginning (2,000 characters at most) of an error body that is not JSON, without secrets. */
  declare readonly body: string | undefined;
  declare readonly requestId: string | undefined;
  declare readonly outcome: ErrorOutcome;
  /** Whether the same call may succeed later without a change. */
  declare readonly retryable: boolean;
  /** Milliseconds that the vendor asked to wait. */
  declare readonly retryAfterMs: number | undefined;
  /** Requests of this call, those whose connection never came about included; 0 when none was tried. */
  declare readonly attempts: number;
  /** What to do next. */
  declare readonly hint: string | undefined;
  /** Which part of a job failed, for example `'uploadContent'`. */
  declare readonly step?: string | undefined;
  /** What exists on the vendor's side although the job failed. */
  declare readonly leftBehind?: { readonly id: string } | undefined;

  constructor(init: ApiErrorInit, redactor: Redactor = new Redactor()) {
    const { message, ownWords, kind, vendor, operation, hint, outcome, cause, extra, ...facts } = init;
    const { status, body } = facts;
    const subject = [vendor, operation].filter(Boolean).join('.');
    super(
      // Apart: in "createToken: refused" the word after the colon would be taken for a token. A path may hold anything, a name does not.
      `${subject && `${subject.includes('/') ? redactor.text(subject) : subject}: `}${ownWords === true ? message : redactor.text(message)}`,
      // The reason of an abort is the caller's own object and stays what it is, as with fetch.
      cause === undefined ? undefined : { cause: kind === 'aborted' ? cause : safeCause(cause, redactor) },
    );
    const told = {
      ...facts,
      // Redacted as a whole before it is cut: half a secret is not recognised.
      body: body && redactor.beginning(body, BODY_LIMIT),
      // Its place; the word itself comes below.
      outcome,
      retryable: facts.retryable ?? false,
      attempts: facts.attempts ?? 0,
      ...extra,
    };
    const shown = {
      name: kind === 'aborted' ? 'AbortError' : 'ApiError',
      kind,
      vendor,
      operation,
      ...(redactor.value(told, '', -1) as object),
      outcome: outcome ?? (status === undefined ? 'not-sent' : 'unknown'),
      hint: hint && new Redactor().text(hint),
    };
    // Absent means absent: an error is read by people.
    for (const [name, value] of Object.entries(shown)) if (value !== undefined) Reflect.set(this, name, value);
    // Seen by other copies of this package.
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether a value is an ApiError, also one of another installed copy of this package. */
  static is(error: unknown): error is ApiError;
  /**
   * Whether a value is an ApiError of this operation of this vendor. `details` is then of a type that the operation documents,
   * and a documented `status` tells which; another may come from a gateway, with a body that nobody promises.
   *
   * @param method - A client's method; two clients of the same vendor are not told apart.
   * @example
   * ```ts
   * if (ApiError.is(error, client.getAsset) && error.status === 404) error.details?.developerMessage;
   * ```
   */
  static is<Answer>(
    error: unknown,
    method: { readonly '~errors'?: Answer; readonly operation: { readonly id: string }; readonly vendor?: string | undefined },
  ): error is ApiError & Answer;
  static is(error: unknown, method?: { readonly operation: { readonly id: string }; readonly vendor?: string | undefined }): boolean {
    if (typeof error !== 'object' || error === null || (error as Record<PropertyKey, unknown>)[MARKER] !== true) return false;
    const { operation, vendor } = error as ApiError;
    return method === undefined || (operation === method.operation.id && (method.vendor === undefined || vendor === method.vendor));
  }

  /** Everything that is known, as plain JSON without secrets. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause } = this;
    return withCause({ name, message, ...(this as object) }, cause);
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
function safeCause(thrown: unknown, redactor: Redactor, depth = 0): unknown {
  if (ApiError.is(thrown)) return thrown;
  if (!(thrown instanceof Error)) return redactor.value(thrown);
  const { name, stack = '', code, cause } = thrown as Error & { readonly code?: unknown };
  const copy = new Error(redactor.text(thrown.message), cause === undefined || depth > 3 ? undefined : { cause: safeCause(cause, redactor, depth + 1) });
  // Not listed, as with other errors.
  for (const [key, text] of Object.entries({ name, stack }))
    Object.defineProperty(copy, key, { value: redactor.text(text), configurable: true, writable: true });
  return typeof code === 'string' ? Object.assign(copy, { code: redactor.text(code) }) : copy;
}

function withCause(facts: Record<string, unknown>, cause: unknown): Record<string, unknown> {
  return cause === undefined ? facts : { ...facts, cause: causeToJSON(cause) };
}

function causeToJSON(thrown: unknown): unknown {
  if (ApiError.is(thrown)) return thrown.toJSON();
  if (!(thrown instanceof Error)) return typeof thrown === 'object' && thrown !== null ? REDACTED : thrown;
  const { name, message, code, cause } = thrown as Error & { readonly code?: unknown };
  return withCause({ name, message, ...(typeof code === 'string' && { code }) }, cause);
}
