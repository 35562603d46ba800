/** What the calls of one client share: the wire, time, secrets, the login. */

import { toAuthStrategy, type AuthStrategy } from './auth.ts';
import { runCall } from './call.ts';
import type { CallContext } from './call-context.ts';
import { findClientOptionFault } from './check-options.ts';
import { systemClock } from './clock.ts';
import { ApiError, invalidRequest } from './errors.ts';
import { Exchanger } from './exchange.ts';
import type { ClientOptions, LogLevel } from './options.ts';
import { platform } from './platform/node.ts';
import type { VendorProfile } from './vendor-profile.ts';
import { Redactor } from './redact.ts';
import { RetryBudget } from './retry.ts';

/** The inside of a client, for packages of a vendor. */
export interface Connection extends CallContext {
  close(): Promise<void>;
}

const LEVELS: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug'];

/** The function of a vendor's package that makes a client. */
export interface Maker {
  /** Its name, for errors. */
  readonly operation: string;
  /** Names of options that its clients have besides. */
  readonly own?: readonly string[];
  /** The login that the options ask for, called once they are checked; absent: `auth` says it. */
  readonly strategy?: () => AuthStrategy | undefined;
  /** What to do when there is none. */
  readonly hint?: string;
}

/**
 * Opens what a client needs; no request is sent.
 *
 * @throws ApiError of kind `invalid-request` naming the option that is wrong.
 */
export function connect(
  options: ClientOptions,
  profile: VendorProfile,
  { operation, own = [], strategy = () => toAuthStrategy(options.auth), hint }: Maker = { operation: 'createClient' },
): Connection {
  const { vendor } = profile;
  const baseUrl = checkOptions(options, vendor, operation, own);
  const redactor = new Redactor();
  redactor.add(proxyPassword(options.proxy));
  const clock = options.clock ?? systemClock;
  const attempt = <Made>(make: () => Made, what?: string): Made => {
    try {
      return make();
    } catch (error) {
      throw ApiError.is(error) ? error : invalidRequest({ vendor, operation, message: (error as Error).message, hint: what, cause: error });
    }
  };
  const auth = attempt(strategy, hint);
  const exchanger = attempt(() => new Exchanger(options, baseUrl, clock));
  const log = makeLog(options, redactor);
  if (baseUrl.protocol === 'http:' && platform.reachOf?.(baseUrl.hostname) === 'public') log?.('warn', 'baseUrl is http: credentials go out readable');
  let closing: Promise<void> | undefined;
  const connection: Connection = {
    options,
    profile,
    baseUrl,
    clock,
    redactor,
    exchanger,
    budget: new RetryBudget(),
    auth,
    log,
    get closed() {
      return closing !== undefined;
    },
    close: () => (closing ??= closeAll()),
  };
  const closeAll = async (): Promise<void> => {
    try {
      await auth?.close?.({
        baseUrl: baseUrl.href,
        clock,
        redactor,
        sessionStore: options.sessionStore,
        signal: undefined,
        call: async (operation, params, callOptions) => (await runCall({ ...connection, auth: undefined, closed: false }, operation, params, callOptions)).data,
        fetch: () => Promise.reject(new TypeError('the client is closing')),
      });
    } catch (error) {
      if (ApiError.is(error)) throw error;
      const { message } = error as Error;
      const hint = 'Connections are freed; whether the session has ended on the vendor’s side is not known.';
      throw new ApiError({ kind: 'unexpected', vendor: profile.vendor, operation: 'close', message, outcome: 'unknown', hint, cause: error }, redactor);
    } finally {
      await exchanger.close();
    }
  };
  return connection;
}

/** Checks what plain JavaScript may get wrong. */
function checkOptions(options: ClientOptions, vendor: string, operation: string, own: readonly string[]): URL {
  const refuse = (message: string, hint: string): never => {
    throw invalidRequest({ vendor, operation, message, hint });
  };
  if (typeof options !== 'object' || options === null) return refuse('the options are missing', 'Give at least { baseUrl }.');
  const { baseUrl } = options;
  if (typeof baseUrl !== 'string' || baseUrl === '')
    return refuse('baseUrl is required', 'Give the root of the API, for example "https://api.example.com/v1".');
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    return refuse('baseUrl is not an absolute URL', 'It begins with https:// (or http://).');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`baseUrl has the scheme ${url.protocol.slice(0, -1)}`, 'It begins with https:// (or http://).');
  if (url.search !== '' || url.hash !== '') return refuse('baseUrl has a query or a fragment', 'Give scheme, host and path only.');
  if (url.username !== '' || url.password !== '') return refuse('baseUrl holds a user name or password', 'Give credentials as auth.');
  const fault = findClientOptionFault(options, own);
  if (fault !== undefined) return refuse(fault.message, fault.hint);
  const { proxy, logLevel } = options;
  if (logLevel !== undefined && !LEVELS.includes(logLevel)) return refuse(`logLevel must be ${LEVELS.join(', ')}`, 'Leave it out for warn.');
  if (proxy !== undefined && proxy !== 'environment' && !/^https?:\/\/./.test(proxy)) {
    return refuse('proxy is not an address', 'Write "http://proxy:8080", or "environment" for HTTPS_PROXY, HTTP_PROXY and NO_PROXY.');
  }
  for (const origin of options.trustedOrigins ?? []) {
    if (!URL.canParse(origin) || `${new URL(origin).origin}/` !== new URL(origin).href)
      return refuse('trustedOrigins holds something that is not an origin', 'Write origins like "https://files.example.com".');
  }
  return url;
}

function proxyPassword(proxy: string | undefined): string | undefined {
  return proxy === undefined || !URL.canParse(proxy) ? undefined : decodeURIComponent(new URL(proxy).password);
}

function makeLog(options: ClientOptions, redactor: Redactor): CallContext['log'] {
  const { logger } = options;
  if (logger === undefined) return undefined;
  const limit = LEVELS.indexOf(options.logLevel ?? 'warn');
  return (level, message, fields) => {
    if (LEVELS.indexOf(level) <= limit)
      logger[level](redactor.text(message), fields === undefined ? undefined : (redactor.value(fields) as Record<string, unknown>));
  };
}
