/** What happened to an exchange becomes the one error of all clients. */

import type { RunningCall } from './call-context.ts';
import { ApiError } from './errors.ts';
import { Fault, isFault } from './faults.ts';
import { retryRowOf } from './retry.ts';

/**
 * The ApiError that a fault means.
 *
 * @param signal - The signal of the call; once it is aborted, whatever was thrown is its consequence.
 * @param host - Whom the request was for.
 */
export function explainFault(
  call: RunningCall,
  thrown: unknown,
  signal: AbortSignal | undefined,
  host: string = call.address?.url.host ?? call.context.baseUrl.host,
): ApiError {
  const outcome = call.attempts === 0 ? 'not-sent' : 'unknown';
  const isAborted = signal?.aborted === true && (thrown === signal.reason || !ApiError.is(thrown));
  const fault: unknown = isAborted ? signal.reason : thrown;
  // Our own deadline is no abort.
  if (isAborted && !isFault(fault, 'NoAnswerError')) {
    const hint = 'The signal of the call or of the client ended it; `cause` is its reason.';
    return call.fail({ kind: 'aborted', message: 'the call was aborted', ownWords: true, outcome, hint, cause: fault });
  }
  if (ApiError.is(fault)) return fault;
  const message = fault instanceof Error ? fault.message : 'an unknown failure';
  if (isFault(fault, 'NoAnswerError', 'SilenceError')) {
    return call.fail({ kind: 'timeout', message, ownWords: true, outcome, retryable: true, hint: `${nextStep(call)}, or allow more time.` });
  }
  if (isFault(fault, 'ConnectionError')) {
    const code = networkCode(fault);
    const shown = code === undefined ? '' : ` (${code})`;
    const wasMade = !isNeverConnected(fault);
    return call.fail({
      kind: 'network',
      message: wasMade ? `the connection failed${shown}` : `no connection to ${host}${shown}`,
      ownWords: wasMade,
      outcome: wasMade ? outcome : 'not-sent',
      retryable: true,
      hint: wasMade ? `${nextStep(call)}.` : 'Check baseUrl, DNS, proxy and certificates (options proxy, ca).',
      cause: fault.cause,
    });
  }
  if (!(fault instanceof Fault) || fault.meaning === undefined) {
    return call.fail({ kind: 'unexpected', message, outcome, hint: 'This was not foreseen: please report it with this JSON.', cause: fault });
  }
  const { before = '', ...facts } = fault.meaning;
  return call.fail({ message: before + message, outcome, cause: fault.cause, ...facts });
}

/** What to do when nobody knows what became of a request: the retry table knows whether it may be sent twice. */
function nextStep(call: RunningCall): string {
  if (call.attempts === 0) return 'Nothing was sent yet, credentials or an address were waited for: call again';
  return retryRowOf(call, 'network')?.retry === true
    ? 'Call again: it may be sent twice'
    : 'The vendor may or may not have done it: look before you call again';
}

const NEVER_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/;

/** Whether an error of a transport says that no connection came about. */
export function isNeverConnected(error: unknown): boolean {
  return NEVER_CONNECTED.test(networkCode(error) ?? '');
}

/** The error code of the connection, wherever the transport put it. */
export function networkCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,}$/.test(code)) return code;
  return networkCode(cause, depth + 1) ?? networkCode(errors?.[0], depth + 1);
}
