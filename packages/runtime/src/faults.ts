/** What may happen to an exchange, before a call tells it as an ApiError. */

import type { CallFailure } from './call-context.ts';

export type FaultName =
  /** No answer in time. */
  | 'NoAnswerError'
  /** No byte came for too long. */
  | 'SilenceError'
  /** The connection could not be made, or broke; the transport's error is the cause. */
  | 'ConnectionError'
  /** A proxy could not be reached, or does not let the request through. */
  | 'ProxyError'
  /** A body is larger than its reader takes. */
  | 'BodyTooLargeError'
  /** The platform cannot do what the request needs. */
  | 'UnsupportedError'
  /** A redirect that must not be followed. */
  | 'RedirectError'
  /** A URL from outside that must not be asked. */
  | 'UrlRefusedError'
  /** The caller's source is not as declared; the request is cut before the receiver can take it for complete. */
  | 'SourceSizeError'
  /** The caller's source failed while it was read. */
  | 'SourceReadError'
  /** The caller's session store failed; its error is the cause. */
  | 'SessionStoreError';

/** What a fault means in an ApiError; `before` stands before its message. Those that most calls may have are explained in `explain-fault.ts`. */
export type Meaning = Omit<CallFailure, 'message' | 'cause'> & { readonly before?: string };

/** One of them, told apart by its name. */
export class Fault extends Error {
  override readonly name: FaultName;
  readonly meaning: Meaning | undefined;

  constructor(name: FaultName, message: string, cause?: unknown, meaning?: Meaning) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name;
    this.meaning = meaning;
  }
}

/** Whether an error is one of these faults. */
export function isFault(error: unknown, ...names: readonly FaultName[]): error is Fault {
  return error instanceof Fault && names.includes(error.name);
}
