/** What the calls of one client share: the wire, time, secrets, the login. */

import { toAuthStrategy, type AuthStrategy } from './auth.ts';
import { toAuthContext } from './call.ts';
import type { CallContext } from './call-context.ts';
import { findClientOptionFault, LOG_LEVELS } from './check-options.ts';
import { systemClock } from './clock.ts';
import { ApiError, invalidRequest } from './errors.ts';
import { Exchanger } from './exchange.ts';
import type { ClientOptions } from './options.ts';
import type { VendorProfile } from './vendor-profile.ts';
import { Redactor } from './redact.ts';
import { RetryBudget } from './retry.ts';
import * as platform from './platform/node.ts';

/** The inside of a client, for packages of a vendor. */
export interface Connection extends CallContext {
  close(): Promise<void>;
}

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
      await auth?.close?.(toAuthContext({ ...connection, closed: false }, undefined));
    } catch (cause) {
      if (ApiError.is(cause)) throw cause;
      const { message } = cause as Error;
      const hint = 'Connections are freed; whether the session has ended on the vendor’s side is not known.';
      throw new ApiError({ kind: 'unexpected', vendor: profile.vendor, operation: 'close', message, outcome: 'unknown', hint, cause }, redactor);
    } finally {
      await exchanger.close();
    }
  };
  return connection;
}

/** Checks what plain JavaScript may get wrong. */
function checkOptions(options: ClientOptions, vendor: string, operation: string, own: readonly string[]): URL {
  const refuse = (message: string, hint = 'Give the root of the API, for example "https://api.example.com/v1".'): never => {
    throw invalidRequest({ vendor, operation, message, hint });
  };
  const fault = findClientOptionFault(options, own);
  if (fault !== undefined) return refuse(fault.message, fault.hint);
  const { baseUrl, proxy, ca, fetch } = options;
  if (!URL.canParse(baseUrl)) return refuse(`baseUrl ${baseUrl ? 'must be an absolute URL' : 'is required'}`);
  const url = new URL(baseUrl);
  const { protocol, search, hash, username, password } = url;
  if (!/^https?:$/.test(protocol)) return refuse(`baseUrl has the scheme ${protocol.slice(0, -1)}`);
  if (search + hash !== '') return refuse('baseUrl has a query or a fragment');
  if (username + password !== '') return refuse('baseUrl holds a user name or password', 'Give credentials as auth.');
  if (platform.transport === undefined) {
    if ((proxy ?? ca) !== undefined) {
      return refuse(`the ${proxy === undefined ? 'ca' : 'proxy'} option works on Node only`, 'Elsewhere give a fetch of your own.');
    }
  } else if (fetch !== undefined && (proxy ?? ca) !== undefined) {
    // Ignored, it would let requests out past the proxy unnoticed.
    return refuse(
      `fetch and ${proxy === undefined ? 'ca' : 'proxy'} exclude each other`,
      'A fetch of your own decides how it connects: leave out one of them.',
    );
  } else if (proxy !== undefined && proxy !== 'environment' && !/^https?:\/\/./.test(proxy)) {
    return refuse('proxy is not an address', 'Write "http://proxy:8080", or "environment" for HTTPS_PROXY, HTTP_PROXY and NO_PROXY.');
  }
  return url;
}

function proxyPassword(proxy: string | undefined): string | undefined {
  return proxy === undefined || !URL.canParse(proxy) ? undefined : decodeURIComponent(new URL(proxy).password);
}

function makeLog(options: ClientOptions, redactor: Redactor): CallContext['log'] {
  const { logger } = options;
  if (logger === undefined) return undefined;
  const limit = LOG_LEVELS.indexOf(options.logLevel ?? 'warn');
  return (level, message, fields) => {
    if (LOG_LEVELS.indexOf(level) > limit) return;
    try {
      const written: unknown = logger[level](redactor.text(message), fields === undefined ? undefined : (redactor.value(fields) as Record<string, unknown>));
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // A logger that fails must not end a call.
    }
  };
}
