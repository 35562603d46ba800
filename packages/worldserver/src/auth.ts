import { checkLogin, SessionCache, type AnyOperation, type AuthContext, type AuthorizableRequest, type AuthStrategy } from '@asset-clients/runtime';

import type { Session } from './generated/files/models.ts';
import { login, logout } from './generated/files/operations.ts';

/** How the session token travels. */
export interface WorldServerTokenOptions {
  /**
   * `'header'` (named `token`) or `'query'`, which puts the secret into access logs. Default `'header'` (assumption
   * `worldserver-send-token-as`).
   */
  readonly sendTokenAs?: 'header' | 'query' | undefined;
}

/** Credentials of a WorldServer user, whose user type must permit the REST calls. */
export interface WorldServerLoginOptions extends WorldServerTokenOptions {
  readonly username: string;
  readonly password: string;
}

/** A session of yours, instead of a login; the client never ends it. */
export interface WorldServerSession {
  readonly sessionId: string;
}

/**
 * Logs in with user name and password, and again when the session has ended (idle or absolute limit): once per call, and
 * one login for all calls that wait. Closing the client logs out, unless a `sessionStore` keeps the session for others.
 *
 * Fits `createClient` of other WorldServer documents: `createClient(operations, { baseUrl, auth: worldServerLogin({ ... }) })`.
 *
 * @see RWS WorldServer, "Login", REST API v2
 */
export function worldServerLogin(options: WorldServerLoginOptions): AuthStrategy {
  checkLogin(options, { vendor: 'worldserver', operation: 'worldServerLogin', required: ['username', 'password'] });
  const { username, password } = options;
  checkTokenOptions(options);
  const cache = new SessionCache<WorldServerSession>({
    key: `worldserver:${username}`,
    open: (context) => openSession(username, password, context),
    parse: parseSession,
    // The limits are the administrator's and not told: a session is used until it is refused.
    expiresAt: () => undefined,
    secrets: (session) => [session.sessionId],
  });
  return {
    async authorize(request, context) {
      context.redactor.add(password);
      writeToken(request, (await cache.get(context)).sessionId, options);
    },
    renew(used, context) {
      const session = cache.peek(context);
      if (session !== undefined && sentToken(used) === session.sessionId) cache.refuse(session, context);
      return true;
    },
    async close(context) {
      const session = cache.peek(context);
      // One in a store is in use elsewhere, or kept for later.
      if (session === undefined || context.sessionStore !== undefined) return;
      await cache.forget(context);
      // The session may have ended already: nothing is lost then.
      await context.call(...logoutCall(session.sessionId, options)).catch(() => undefined);
    },
  };
}

/** Uses a session that was opened elsewhere. */
export function worldServerSession(session: WorldServerSession, options: WorldServerTokenOptions = {}): AuthStrategy {
  const { sessionId } = session;
  if (typeof sessionId !== 'string' || sessionId === '') {
    throw new TypeError('sessionId must be a text: as a number it would lose digits');
  }
  checkTokenOptions(options);
  return {
    authorize(request, context) {
      context.redactor.add(sessionId);
      writeToken(request, sessionId, options);
    },
  };
}

function checkTokenOptions({ sendTokenAs = 'header' }: WorldServerTokenOptions): void {
  if (sendTokenAs !== 'header' && sendTokenAs !== 'query') throw new TypeError("sendTokenAs must be 'header' or 'query'");
}

function writeToken(request: AuthorizableRequest, sessionId: string, options: WorldServerTokenOptions): void {
  if (options.sendTokenAs === 'query') request.query.push(`token=${encodeURIComponent(sessionId)}`);
  else request.headers.token = sessionId;
}

/** The logout of a session that no strategy writes into the request any more. */
function logoutCall(sessionId: string, { sendTokenAs = 'header' }: WorldServerTokenOptions): [AnyOperation, object] {
  return [{ ...logout, parameters: [{ name: 'token', in: sendTokenAs, schema: { type: 'string', secret: true } }] }, { token: sessionId }];
}

function sentToken(request: AuthorizableRequest): string | undefined {
  const pair = request.query.find((entry) => entry.startsWith('token='));
  return request.headers.token ?? (pair === undefined ? undefined : decodeURIComponent(pair.slice('token='.length)));
}

async function openSession(username: string, password: string, context: AuthContext): Promise<WorldServerSession> {
  const session = (await context.call(login, { body: { username, password } })) as Session | undefined;
  if (typeof (session?.sessionId as unknown) === 'number') {
    throw new Error(
      'the sessionId in the login answer of WorldServer is a number, not a text: its last digits may be lost; log in elsewhere and give auth: { sessionId }',
    );
  }
  // Other outcomes of a login are not documented; without a session there is nothing to work with.
  if (typeof session?.sessionId !== 'string' || session.sessionId === '') {
    const outcome = typeof session?.loginOutcome === 'string' ? ` (loginOutcome ${session.loginOutcome})` : '';
    throw new Error(`the login answer of WorldServer has no sessionId${outcome}`);
  }
  return { sessionId: session.sessionId };
}

function parseSession(stored: unknown): WorldServerSession | undefined {
  const { sessionId } = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<WorldServerSession>;
  return typeof sessionId === 'string' && sessionId !== '' ? { sessionId } : undefined;
}
