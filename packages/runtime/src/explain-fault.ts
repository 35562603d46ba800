/** What happened to an exchange becomes the one error of all clients. */

import type { RunningCall } from './call-context.ts';
import { ApiError } from './errors.ts';
import * as faults from './faults.ts';
import { defaultRetryTable, findRetryRow } from './retry.ts';

/**
 * The ApiError that a fault means.
 *
 * @param signal - The signal of the call; once it is aborted, whatever was thrown is its consequence.
 * @param host - Whom the request was for.
 */
export function explainFault(
  call: RunningCall,
  fault: unknown,
  signal: AbortSignal | undefined,
  host: string = call.address?.url.host ?? call.context.baseUrl.host,
): ApiError {
  const outcome = call.attempts === 0 ? 'not-sent' : 'unknown';
  const message = fault instanceof Error ? fault.message : 'an unknown failure';
  if (signal?.aborted === true && (fault === signal.reason || !ApiError.is(fault))) {
    const reason: unknown = signal.reason;
    // Our own deadline, or a caller's abort.
    if (reason instanceof faults.NoAnswerError) {
      return call.fail({
        kind: 'timeout',
        message: reason.message,
        ownWords: true,
        outcome,
        retryable: true,
        hint: `${nextStep(call)}, or allow more time (deadlineMs).`,
      });
    }
    const hint = 'The signal of the call or of the client ended it; `cause` is its reason.';
    return call.fail({ kind: 'aborted', message: 'the call was aborted', ownWords: true, outcome, hint, cause: reason });
  }
  if (ApiError.is(fault)) return fault;
  if (fault instanceof faults.NoAnswerError || fault instanceof faults.SilenceError) {
    const hint = `${nextStep(call)}, or allow more time (timeoutMs, idleTimeoutMs).`;
    return call.fail({ kind: 'timeout', message, ownWords: true, outcome, retryable: true, hint });
  }
  if (fault instanceof faults.ConnectionError) {
    const code = networkCode(fault);
    const shown = code === undefined ? '' : ` (${code})`;
    return NEVER_CONNECTED.test(code ?? '')
      ? call.fail({
          kind: 'network',
          message: `no connection to ${host}${shown}`,
          outcome: 'not-sent',
          retryable: true,
          hint: 'Check baseUrl, DNS, proxy and certificates (options proxy, ca).',
          cause: fault.cause,
        })
      : call.fail({
          kind: 'network',
          message: `the connection failed${shown}`,
          ownWords: true,
          outcome,
          retryable: true,
          hint: `${nextStep(call)}.`,
          cause: fault.cause,
        });
  }
  if (fault instanceof faults.SessionStoreError) {
    const hint = 'The sessionStore option threw; `cause` is its error. The login itself is not at fault.';
    return call.fail({ kind: 'unexpected', message, outcome: 'not-sent', retryable: true, hint, cause: fault.cause });
  }
  if (fault instanceof faults.UnsupportedError)
    return call.fail({ kind: 'unsupported', message, outcome, hint: 'Do it on Node, or another way.', cause: fault.cause });
  if (fault instanceof faults.RedirectError || fault instanceof faults.UrlRefusedError) {
    const what = fault instanceof faults.RedirectError ? message : `the vendor's answer holds an address that is refused: ${message}`;
    return call.fail({ kind: 'unexpected', message: what, outcome, hint: 'List the origin in trustedOrigins if it is yours.' });
  }
  if (fault instanceof faults.SourceSizeError || fault instanceof faults.SourceReadError) {
    return call.fail({
      kind: 'invalid-request',
      message: `body: ${message}`,
      outcome,
      hint: 'The content that was given is not as declared, or failed while it was read.',
      cause: fault.cause,
    });
  }
  const hint = 'This was not foreseen: `cause` is what was thrown; please report it with this JSON.';
  return call.fail({ kind: 'unexpected', message, outcome, hint, cause: fault });
}

/** What to do when nobody knows what became of a request: the retry table knows whether it may be sent twice. */
function nextStep({ operation: { id, method }, context }: RunningCall): string {
  const mayRepeat = findRetryRow([...(context.profile.retry ?? []), ...defaultRetryTable], id, method, 'network')?.retry === true;
  return mayRepeat ? 'Call again: it may be sent twice' : 'The vendor may or may not have done it: look before you call again';
}

const NEVER_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/;

/** The error code of the connection, wherever the transport put it. */
export function networkCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,}$/.test(code)) return code;
  return networkCode(cause, depth + 1) ?? networkCode(errors?.[0], depth + 1);
}
