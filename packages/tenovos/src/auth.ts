import {
  checkLogin,
  fingerprint,
  SessionCache,
  type AnyOperation,
  type AuthContext,
  type AuthorizableRequest,
  type AuthStrategy,
  type TokenSource,
} from '@asset-clients/runtime';

import type { TokenSession } from './generated/assets/models.ts';

/** How the credentials are written, where Tenovos' documentation leaves it open. */
export interface TenovosHeaderOptions {
  /** Send the session's access token in the `AccessToken` header too. Default `true` (assumption `tenovos-access-token-header`). */
  readonly accessTokenHeader?: boolean | undefined;
  /** `'raw'`: the token alone, as in all samples of the vendor; `'Bearer'`: with that prefix. Default `'raw'`. */
  readonly authorizationScheme?: 'raw' | 'Bearer' | undefined;
}

/** Credentials of a Tenovos user account. */
export interface TenovosLoginOptions extends TenovosHeaderOptions {
  /** The customer's key, sent as `X-API-Key`. */
  readonly apiKey: string;
  readonly username: string;
  readonly password: string;
}

/** A token that comes from elsewhere, with the customer's key. */
export interface TenovosTokenOptions extends TenovosHeaderOptions {
  readonly apiKey: string;
  /** The whole value of `Authorization`, or a function that gives it. */
  readonly token: TokenSource;
}

/** A login as it is kept; secret. */
interface TenovosSession {
  readonly authorization: string;
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const TOKEN_PATH = '/auth/token';
/** `createToken` as documented, but for the schema of its body, which is made here: a login brings no validator into a bundle. */
export const tokenCall: AnyOperation = {
  id: 'createToken',
  method: 'POST',
  path: TOKEN_PATH,
  body: { required: true, content: { 'application/json': {} } },
  responses: { '200': ['application/json'], '400': ['application/json'], '401': ['application/json'] },
  structured: true,
  secretAnswer: true,
  // The key is given with each call.
  security: [],
};
/** Tokens live an hour; used when the answer does not say when they end. */
const TOKEN_LIFETIME_MS = 3_600_000;

/**
 * Logs in with user name and password, refreshes the token before its hour is over, and logs in again when the refresh
 * is refused. One login is in flight at most, for all calls and clients that share the strategy.
 *
 * Fits `createClient` of any Tenovos document: `createClient(operations, { baseUrl, auth: tenovosLogin({ ... }) })`.
 *
 * @see Tenovos, "Authentication", API version 1.5
 */
export function tenovosLogin(options: TenovosLoginOptions): AuthStrategy {
  checkLogin(options, { vendor: 'tenovos', operation: 'tenovosLogin', required: ['apiKey', 'username', 'password'] });
  const { apiKey, username, password } = options;
  checkScheme(options);
  const cache = new SessionCache<TenovosSession>({
    // All customers share a host; the key tells whose user it is.
    key: `tenovos:${fingerprint(apiKey)}:${username}`,
    open: (context, previous) => openSession(options, context, previous),
    parse: parseSession,
    expiresAt: (session) => session.expiresAt,
    secrets: (session) => [session.authorization, session.accessToken, session.refreshToken],
  });
  return {
    async authorize(request, context) {
      context.redactor.add(apiKey, password);
      request.headers['x-api-key'] = apiKey;
      if (isTokenRequest(request)) return;
      const session = await cache.get(context);
      writeAuthorization(request, session.authorization, options);
      if (session.accessToken === undefined || (options.accessTokenHeader === false && !isRevocation(request))) return;
      // A call may name the session that it revokes.
      request.headers.accesstoken ??= session.accessToken;
    },
    renew(used, context) {
      const session = cache.peek(context);
      if (session !== undefined && used.headers.authorization?.endsWith(session.authorization) === true) cache.refuse(session, context);
      return true;
    },
  };
}

/** Sends a token of your own instead of logging in. */
export function tenovosToken(options: TenovosTokenOptions): AuthStrategy {
  const required = typeof options?.token === 'function' ? ['apiKey'] : ['apiKey', 'token'];
  checkLogin(options, { vendor: 'tenovos', operation: 'tenovosToken', required });
  const { apiKey, token } = options;
  checkScheme(options);
  return {
    async authorize(request, context) {
      context.redactor.add(apiKey);
      request.headers['x-api-key'] = apiKey;
      if (isTokenRequest(request)) return;
      const value = typeof token === 'function' ? await token() : token;
      if (typeof value !== 'string' || value === '') throw new TypeError('the token is empty or not a text');
      context.redactor.add(value);
      writeAuthorization(request, value, options);
    },
    renew: () => typeof token === 'function',
  };
}

/** New tokens are asked for with the key alone. */
function isTokenRequest(request: AuthorizableRequest): boolean {
  return request.method === 'POST' && request.path === TOKEN_PATH;
}

/** Revoking a token needs the `AccessToken` header in any case. */
function isRevocation(request: AuthorizableRequest): boolean {
  return request.method === 'DELETE' && request.path === TOKEN_PATH;
}

function writeAuthorization(request: AuthorizableRequest, token: string, options: TenovosHeaderOptions): void {
  request.headers.authorization = options.authorizationScheme === 'Bearer' && !/^bearer /i.test(token) ? `Bearer ${token}` : token;
}

async function openSession(options: TenovosLoginOptions, context: AuthContext, previous: TenovosSession | undefined): Promise<TenovosSession> {
  const { username, password, apiKey } = options;
  const ask = async (body: object): Promise<TokenSession | undefined> => {
    const answer = (await context.call(tokenCall, { body }, { headers: { 'x-api-key': apiKey } })) as { session?: TokenSession } | undefined;
    return answer?.session;
  };
  if (previous?.refreshToken !== undefined && previous.accessToken !== undefined) {
    const { accessToken, refreshToken } = previous;
    // A refused refresh means that 30 days are over or that it was revoked: the password still works.
    const refreshed = await ask({ session: { accessToken, refreshToken } }).catch(() => undefined);
    // Whether a refresh returns a refresh token is not documented: the old one stays valid.
    if (refreshed?.authorization) return toSession({ ...refreshed, refreshToken: refreshed.refreshToken ?? refreshToken }, context);
  }
  const session = await ask({ username, password });
  if (!session?.authorization) throw new Error('the token answer of Tenovos has no session.authorization');
  return toSession(session, context);
}

function toSession(session: TokenSession, context: AuthContext): TenovosSession {
  const { authorization, accessToken, refreshToken, expireEpoch } = session;
  // The unit is not documented; the vendor's example is in milliseconds.
  const epoch = typeof expireEpoch === 'number' && expireEpoch > 0 ? (expireEpoch < 100_000_000_000 ? expireEpoch * 1000 : expireEpoch) : undefined;
  return { authorization: authorization!, accessToken, refreshToken, expiresAt: epoch ?? context.clock.now() + TOKEN_LIFETIME_MS };
}

function parseSession(stored: unknown): TenovosSession | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { authorization, expiresAt } = stored as Partial<TenovosSession>;
  return typeof authorization === 'string' && typeof expiresAt === 'number' ? (stored as TenovosSession) : undefined;
}

function checkScheme({ authorizationScheme = 'raw' }: TenovosHeaderOptions): void {
  if (authorizationScheme !== 'raw' && authorizationScheme !== 'Bearer') throw new TypeError("authorizationScheme must be 'raw' or 'Bearer'");
}
