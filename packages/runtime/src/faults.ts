/** What may happen to an exchange, before a call tells it as an ApiError. */

/** No answer in time. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** No byte came for too long. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
}

/** The connection could not be made, or broke; the transport's error is the cause. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** A body is larger than its reader takes. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** The platform cannot do what the request needs. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** A redirect that must not be followed. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
}

/** A URL from outside that must not be asked. */
export class UrlRefusedError extends Error {
  override readonly name = 'UrlRefusedError';
}

/** The caller's source is not as declared; the request is cut before the receiver can take it for complete. */
export class SourceSizeError extends Error {
  override readonly name = 'SourceSizeError';
}

/** The caller's session store failed; its error is the cause. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError';
}

/** The caller's source failed while it was read. */
export class SourceReadError extends Error {
  override readonly name = 'SourceReadError';
}
