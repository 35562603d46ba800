import type { AuthOption, SessionStore } from './auth.ts';
import type { Clock } from './clock.ts';

/** Where a client tells what it does. Texts and fields hold no secrets. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** How much a logger is told. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug';

/** The limits of one call; each is switched off by `false`. */
export interface TimeLimits {
  /** Milliseconds for one attempt until its answer's headers. Default 30,000. */
  readonly timeoutMs?: number | false | undefined;
  /** Milliseconds of silence in a body, both ways. Default 30,000. */
  readonly idleTimeoutMs?: number | false | undefined;
  /** Milliseconds for the whole call with its retries and waits, and for reading the bytes of a download. Default: none. */
  readonly deadlineMs?: number | false | undefined;
  /** Attempts on top of the first one, those that continue a broken download included. Default 2. */
  readonly maxRetries?: number | false | undefined;
}

/** How far a transfer has come. */
export interface TransferProgress {
  /** Bytes received, or handed on for sending; fewer than before when a transfer had to start over. */
  readonly bytes: number;
  /** Bytes of the whole, where known. */
  readonly total: number | undefined;
  /** Which request this is, counted from 1. */
  readonly attempt: number;
}

/** The second argument of every method. */
export interface CallOptions extends TimeLimits {
  /** Ends the call at any moment; the error has `name: 'AbortError'` and `cause: signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of this call, over those of the client. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** The media type wanted, where the operation has several. */
  readonly accept?: string | undefined;
  /** The media type sent, where the operation takes several; by default the first documented. */
  readonly contentType?: string | undefined;
  /** Told at every chunk of a file that comes or goes; what is sent in one piece is told once. An error thrown here ends the transfer. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** `false`: a download is not hashed; it is faster, and its receipt has no `sha256`. Default `true`. */
  readonly sha256?: boolean | undefined;
  /**
   * `true`: an HTML page is handed out as the file although it looks like a login or error page (it came by a redirect, or
   * its name or announced media type is another). Default `false`: an error that shows how the page begins.
   */
  readonly acceptHtml?: boolean | undefined;
}

/** What every client takes, whatever its vendor. */
export interface ClientOptions extends TimeLimits {
  /** The API's root, for example `https://api.tenovos.io/v1`; no query, no fragment. */
  readonly baseUrl: string;
  /** Who is calling: a token, a function that gives one, a vendor's login, or {@link credentials} by security scheme. */
  readonly auth?: AuthOption | undefined;
  /** Ends every call of this client. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of every call. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** The `User-Agent` header (a browser keeps its own). */
  readonly userAgent?: string | undefined;
  /** Sends all requests instead of the platform's transport; gets a `Request`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Time for waits, limits and expiry. Default: the platform's. */
  readonly clock?: Clock | undefined;
  /**
   * Origins that URLs in a vendor's answers may lead to although they are neither https and public nor of the sort of
   * `baseUrl` (both private, both on this machine), for example `['http://127.0.0.1:9000']`. No credential of the vendor is
   * sent there.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
  readonly logger?: Logger | undefined;
  /** Default `'warn'`. */
  readonly logLevel?: LogLevel | undefined;
  /** Keeps the login between cold starts or shares it between processes. */
  readonly sessionStore?: SessionStore | undefined;
  /** Node only: `'http://user:password@proxy:8080'`, or `'environment'` for `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`. Not with `fetch`. */
  readonly proxy?: string | undefined;
  /** Node only: certificates (PEM) to trust besides the system's. Not with `fetch`. */
  readonly ca?: string | readonly string[] | undefined;
}
