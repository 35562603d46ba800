import {
  ApiError,
  fingerprint,
  SessionCache,
  toAuthStrategy,
  type AuthContext,
  type AuthorizableRequest,
  type AuthStrategy,
  type TokenSource,
} from '@asset-clients/runtime';
import type * as oauth from 'oauth4webapi';

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
interface EgainSession {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Used where the token answer does not say how long the token lives (assumption `egain-conversation-token-lifetime`). */
const TOKEN_LIFETIME_SECONDS = 3600;

/**
 * Client credentials for the eGain clients. The token is asked for at the first call, kept until a minute before it
 * expires, and shared by all clients that get the same object.
 *
 * @returns A frozen object whose secret is not shown when it is printed. It also fits `createClient` of other documents.
 * @see eGain, "Client Credentials Flow"
 */
export function clientCredentials(options: Omit<ClientCredentials, 'type'>): ClientCredentials & AuthStrategy {
  const auth: ClientCredentials = { ...options, type: 'clientCredentials' };
  requireTexts('clientCredentials', auth, requiredTexts(auth));
  return withStrategy(auth);
}

/**
 * Authorization code with PKCE for the eGain clients: the code is exchanged at the first call, then the refresh token is
 * used, where eGain gives one.
 *
 * @see eGain, "Authorization Code Flow" and "PKCE Flow"
 */
export function authorizationCode(options: Omit<AuthorizationCode, 'type'>): AuthorizationCode & AuthStrategy {
  const auth: AuthorizationCode = { ...options, type: 'authorizationCode' };
  requireTexts('authorizationCode', auth, requiredTexts(auth));
  return withStrategy(auth);
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
  const { generateRandomCodeVerifier, generateRandomState, calculatePKCECodeChallenge } = await import('oauth4webapi');
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
    requireTexts('auth', auth, requiredTexts(auth));
    strategies.set(auth, (strategy = oauthStrategy(auth)));
  }
  return strategy;
}

/** Adds the strategy where printing and spreading do not see it. */
function withStrategy<Auth extends ClientCredentials | AuthorizationCode>(auth: Auth): Auth & AuthStrategy {
  const { authorize, renew } = oauthStrategy(auth);
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

/** Names a login in a session store: neither another scope nor another person may get its token. */
function sessionKey(auth: ClientCredentials | AuthorizationCode): string {
  const person = auth.type === 'authorizationCode' ? fingerprint(auth.refreshToken ?? auth.code ?? '') : '';
  return ['egain', auth.clientId, joinScope(auth.scope) ?? '', person].join(':');
}

function oauthStrategy(auth: ClientCredentials | AuthorizationCode): AuthStrategy {
  const cache = new SessionCache<EgainSession>({
    key: sessionKey(auth),
    realm: auth.tokenUrl,
    open: (context, previous) => requestToken(auth, context, previous),
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

async function requestToken(auth: ClientCredentials | AuthorizationCode, context: AuthContext, previous: EgainSession | undefined): Promise<EgainSession> {
  context.redactor.add(auth.clientSecret, ...(auth.type === 'authorizationCode' ? [auth.code, auth.codeVerifier, auth.refreshToken] : []));
  const library = await import('oauth4webapi');
  const client: oauth.Client = { client_id: auth.clientId };
  const server: oauth.AuthorizationServer = { issuer: new URL(auth.tokenUrl).origin, token_endpoint: auth.tokenUrl };
  // eGain wants the credentials in the body, never in a Basic header.
  const authentication = auth.clientSecret === undefined ? library.None() : library.ClientSecretPost(auth.clientSecret);
  const options = {
    [library.customFetch]: (
      url: string,
      init: { readonly method: string; readonly headers: Record<string, string>; readonly body: BodyInit | null | undefined },
    ) => context.fetch(new Request(url, { method: init.method, headers: init.headers, body: init.body ?? null })),
    // A fake on 127.0.0.1 speaks plain http; for anything else the address is the user's own choice.
    [library.allowInsecureRequests]: new URL(auth.tokenUrl).protocol === 'http:',
  };
  const scope = joinScope(auth.scope);
  try {
    let answer: oauth.TokenEndpointResponse;
    if (auth.type === 'clientCredentials') {
      const response = await library.clientCredentialsGrantRequest(server, client, authentication, scope === undefined ? {} : { scope }, options);
      answer = await library.processClientCredentialsResponse(server, client, response);
    } else {
      const refreshToken = previous?.refreshToken ?? auth.refreshToken;
      const parameters: Record<string, string> =
        refreshToken === undefined
          ? { code: auth.code ?? '', redirect_uri: auth.redirectUri, ...(auth.codeVerifier === undefined ? {} : { code_verifier: auth.codeVerifier }) }
          : { refresh_token: refreshToken };
      const grant = refreshToken === undefined ? 'authorization_code' : 'refresh_token';
      const response = await library.genericTokenEndpointRequest(
        server,
        client,
        authentication,
        grant,
        { ...parameters, ...(scope === undefined ? {} : { scope }) },
        options,
      );
      answer = await library.processGenericTokenEndpointResponse(server, client, response);
    }
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? previous?.refreshToken ?? (auth.type === 'authorizationCode' ? auth.refreshToken : undefined),
      expiresAt: context.clock.now() + (answer.expires_in ?? TOKEN_LIFETIME_SECONDS) * 1000,
    };
  } catch (error) {
    throw tokenError(error, context, library);
  }
}

/** Says what the token endpoint answered; anything else (network, limits) stays what it is. */
function tokenError(error: unknown, context: AuthContext, library: typeof oauth): unknown {
  if (ApiError.is(error)) return error;
  const isRefusal = error instanceof library.ResponseBodyError || error instanceof library.WWWAuthenticateChallengeError;
  if (!isRefusal && !(error instanceof library.OperationProcessingError)) return error;
  const code = error instanceof library.ResponseBodyError ? error.error : undefined;
  const said = error instanceof library.ResponseBodyError ? error.error_description : undefined;
  const status = isRefusal ? error.status : error.cause instanceof Response ? error.cause.status : undefined;
  const isBusy = status !== undefined && (status === 429 || status >= 500);
  const shownStatus = [status, code].filter((part) => part !== undefined).join(', ');
  return new ApiError(
    {
      kind: isBusy ? (status === 429 ? 'rate-limited' : 'server') : 'unauthenticated',
      vendor: 'egain',
      operation: 'token',
      message: isRefusal
        ? `the token endpoint refused (${shownStatus})${said === undefined ? '' : `: ${said}`}`
        : `the answer of the token endpoint cannot be used${shownStatus === '' ? '' : ` (${shownStatus})`}: ${error.message}`,
      status,
      code,
      outcome: 'refused',
      retryable: isBusy,
      attempts: 1,
      hint: isBusy
        ? 'The token endpoint is not well or asks for fewer calls: try again later.'
        : 'Check tokenUrl, clientId, clientSecret and scope. The token host is not the API host, and the two eGain environments spell scopes differently (prefix and ".default", or plain names). Secrets expire.',
      cause: error,
    },
    context.redactor,
  );
}

function parseSession(stored: unknown): EgainSession | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { accessToken, expiresAt } = stored as Partial<EgainSession>;
  return typeof accessToken === 'string' && typeof expiresAt === 'number' ? (stored as EgainSession) : undefined;
}

function joinScope(scope: string | readonly string[] | undefined): string | undefined {
  return typeof scope === 'string' || scope === undefined ? scope : scope.join(' ');
}

function requiredTexts(auth: ClientCredentials | AuthorizationCode): string[] {
  if (auth.type === 'clientCredentials') return ['tokenUrl', 'clientId', 'clientSecret'];
  return ['tokenUrl', 'clientId', 'redirectUri', ...(auth.refreshToken === undefined ? ['code'] : [])];
}

function requireTexts(what: string, values: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (values as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== 'string' || value === '') throw new TypeError(`${what}: ${name} is required`);
    if (name === 'tokenUrl' && !URL.canParse(value)) throw new TypeError(`${what}: tokenUrl is not an absolute URL`);
  }
}
