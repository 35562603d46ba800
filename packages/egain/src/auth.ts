import {
  ApiError,
  checkLogin,
  fingerprint,
  invalidRequest,
  SessionCache,
  toAuthStrategy,
  type AuthContext,
  type AuthorizableRequest,
  type AuthStrategy,
  type TokenSource,
} from '@asset-clients/runtime';

import { joinScope } from './scope.ts';
import type { Fail, TokenRequest } from './token-endpoint.ts';

/** OAuth client credentials: server to server. */
export interface ClientCredentials {
  readonly type: 'clientCredentials';
  /**
   * The token endpoint of your environment: `https://<login domain>/global/<gateway id>/oauth2/v2.0/token` (commercial) or
   * `https://ai.egain.cloud/system/auth/<TENANT>-U/oauth2/token` (self-service).
   */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Commercial: the permission prefix and `.default`; self-service: scope names. A list is joined by blanks. */
  readonly scope?: string | readonly string[] | undefined;
}

/** OAuth authorization code with PKCE: a person has logged in. */
export interface AuthorizationCode {
  readonly type: 'authorizationCode';
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Only for the platform "Web Application". */
  readonly clientSecret?: string | undefined;
  /** Exactly as registered, to the trailing slash. */
  readonly redirectUri: string;
  /** The code of the redirect; used once. Not needed with a `refreshToken`. */
  readonly code?: string | undefined;
  /** From {@link authorizationUrl}. */
  readonly codeVerifier?: string | undefined;
  /** From an earlier login. */
  readonly refreshToken?: string | undefined;
  readonly scope?: string | readonly string[] | undefined;
}

/** What `auth` of the eGain clients takes. */
export type EgainAuth = ClientCredentials | AuthorizationCode | TokenSource | AuthStrategy;

/** A token as it is kept; secret. */
export interface EgainSession {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * Client credentials for the eGain clients. The token is asked for at the first call, kept until a minute before it
 * expires, and shared by all clients that get the same object.
 *
 * @returns A frozen object whose secret is not shown when it is printed. It also fits `createClient` of other documents.
 * @see eGain, "Client Credentials Flow"
 */
export function clientCredentials(options: Omit<ClientCredentials, 'type'>): ClientCredentials & AuthStrategy {
  const auth: ClientCredentials = { ...options, type: 'clientCredentials' };
  checkAuth(auth);
  return withStrategy(auth, clientCredentialsStrategy(auth));
}

/**
 * Authorization code with PKCE for the eGain clients: the code is exchanged at the first call, then the refresh token is
 * used, where eGain gives one.
 *
 * @see eGain, "Authorization Code Flow" and "PKCE Flow"
 */
export function authorizationCode(options: Omit<AuthorizationCode, 'type'>): AuthorizationCode & AuthStrategy {
  const auth: AuthorizationCode = { ...options, type: 'authorizationCode' };
  checkAuth(auth);
  return withStrategy(auth, authorizationCodeStrategy(auth));
}

/** Where to send a person to log in, and what to keep for the exchange. */
export interface AuthorizationRequest {
  readonly url: string;
  /** Compare it with the `state` of the redirect. */
  readonly state: string;
  /** Keep it secret until {@link authorizationCode} gets it. */
  readonly codeVerifier: string;
}

/**
 * Makes the address of eGain's login page, with PKCE (S256).
 *
 * @param options.authorizeUrl - For example `https://ai.egain.cloud/system/auth/<TENANT>-U/oauth2/authorize`.
 * @param options.domainHint - The tenant's host, which steers the login page.
 */
export async function authorizationUrl(options: {
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope?: string | readonly string[] | undefined;
  readonly domainHint?: string | undefined;
}): Promise<AuthorizationRequest> {
  const { generateRandomCodeVerifier, generateRandomState, calculatePKCECodeChallenge } = await import('./pkce.ts');
  const codeVerifier = generateRandomCodeVerifier();
  const state = generateRandomState();
  const url = new URL(options.authorizeUrl);
  const scope = joinScope(options.scope);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', options.clientId);
  url.searchParams.set('redirect_uri', options.redirectUri);
  if (scope !== undefined) url.searchParams.set('scope', scope);
  url.searchParams.set('state', state);
  url.searchParams.set('code_challenge', await calculatePKCECodeChallenge(codeVerifier));
  url.searchParams.set('code_challenge_method', 'S256');
  if (options.domainHint !== undefined) url.searchParams.set('domain_hint', options.domainHint);
  return { url: url.href, state, codeVerifier };
}

const strategies = new WeakMap<object, AuthStrategy>();

/** The strategy of an `auth` option; the same object always gives the same one, so that its token is shared. */
export function egainStrategy(auth: EgainAuth): AuthStrategy {
  if (typeof auth !== 'object' || auth === null || 'authorize' in auth) return toAuthStrategy(auth)!;
  let strategy = strategies.get(auth);
  if (strategy === undefined) {
    if (auth.type !== 'clientCredentials' && auth.type !== 'authorizationCode') {
      throw new TypeError('auth must be clientCredentials({ ... }), authorizationCode({ ... }), a token, or a function that gives one');
    }
    checkAuth(auth);
    strategies.set(auth, (strategy = auth.type === 'clientCredentials' ? clientCredentialsStrategy(auth) : authorizationCodeStrategy(auth)));
  }
  return strategy;
}

/** Adds the strategy where printing and spreading do not see it. */
function withStrategy<Auth extends ClientCredentials | AuthorizationCode>(auth: Auth, { authorize, renew }: AuthStrategy): Auth & AuthStrategy {
  // console.dir does not ask an object how to show it, but calls no getter; console.table and copies take what is enumerable.
  for (const name of ['clientSecret', 'code', 'codeVerifier', 'refreshToken'] as const) {
    const secret = (auth as Partial<ClientCredentials & AuthorizationCode>)[name];
    if (secret !== undefined) Object.defineProperty(auth, name, { enumerable: false, get: () => secret });
  }
  const shown = (): object => ({ type: auth.type, tokenUrl: auth.tokenUrl, clientId: auth.clientId });
  return Object.freeze(
    Object.defineProperties(auth, {
      authorize: { value: authorize },
      renew: { value: renew },
      toJSON: { value: shown },
      [Symbol.for('nodejs.util.inspect.custom')]: { value: shown },
    }),
  ) as Auth & AuthStrategy;
}

/** Each kind of login loads its own part of the OAuth library, at the first login. */
function clientCredentialsStrategy(auth: ClientCredentials): AuthStrategy {
  const load = async (): Promise<TokenRequest> => {
    const { requestToken } = await import('./client-credentials-grant.ts');
    return (context, fail) => requestToken(auth, context, fail);
  };
  return oauthStrategy(auth, '', load);
}

function authorizationCodeStrategy(auth: AuthorizationCode): AuthStrategy {
  const load = async (): Promise<TokenRequest> => {
    const { requestToken } = await import('./authorization-code-grant.ts');
    return (context, fail, previous) => requestToken(auth, context, fail, previous);
  };
  return oauthStrategy(auth, fingerprint(auth.refreshToken ?? auth.code ?? ''), load);
}

/** @param person - Who logged in: neither another scope nor another person may get the token from a session store. */
function oauthStrategy(auth: ClientCredentials | AuthorizationCode, person: string, load: () => Promise<TokenRequest>): AuthStrategy {
  const cache = new SessionCache<EgainSession>({
    key: ['egain', auth.clientId, joinScope(auth.scope) ?? '', person].join(':'),
    realm: auth.tokenUrl,
    load,
    open: async (context, previous) => (await load())(context, failWith(context), previous),
    parse: parseSession,
    expiresAt: (session) => session.expiresAt,
    secrets: (session) => [session.accessToken, session.refreshToken],
  });
  return {
    async authorize(request: AuthorizableRequest, context: AuthContext) {
      const { accessToken } = await cache.get(context);
      request.headers.authorization = `Bearer ${accessToken}`;
    },
    renew(used: AuthorizableRequest, context: AuthContext) {
      const session = cache.peek(context);
      if (session !== undefined && used.headers.authorization === `Bearer ${session.accessToken}`) cache.refuse(session, context);
      return true;
    },
  };
}

function failWith({ redactor }: AuthContext): Fail {
  const hint =
    'Check tokenUrl, clientId, clientSecret and scope. The token host is not the API host, and the two eGain environments spell scopes differently (prefix and ".default", or plain names). Secrets expire.';
  return (facts) => new ApiError({ kind: 'unauthenticated', vendor: 'egain', outcome: 'refused', attempts: 1, hint, ...facts }, redactor);
}

function parseSession(stored: unknown): EgainSession | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { accessToken, expiresAt } = stored as Partial<EgainSession>;
  return typeof accessToken === 'string' && typeof expiresAt === 'number' ? (stored as EgainSession) : undefined;
}

const HINT = 'tokenUrl, clientId and clientSecret (or redirectUri) are those of the client application in eGain.';

function checkAuth(auth: ClientCredentials | AuthorizationCode): void {
  const { type: operation, tokenUrl } = auth;
  const required =
    auth.type === 'clientCredentials'
      ? ['tokenUrl', 'clientId', 'clientSecret']
      : ['tokenUrl', 'clientId', 'redirectUri', ...(auth.refreshToken === undefined ? ['code'] : [])];
  checkLogin(auth, { vendor: 'egain', operation, required, hint: HINT });
  if (!URL.canParse(tokenUrl)) throw invalidRequest({ vendor: 'egain', operation, message: 'tokenUrl is not an absolute URL', hint: HINT });
}
