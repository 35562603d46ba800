import type { Exchange } from '../core/engine.ts';
import { essence } from '../core/media-types.ts';
import { redact } from '../core/calls.ts';
import type { Answer } from '../core/wire.ts';
import type { EgainOperation } from './operations.ts';
import type { EgainState } from './state.ts';

export type EgainExchange = Exchange<EgainOperation, EgainState>;

/** Prefix of scopes in the commercial cloud ("API Permission Prefix" of the client application's metadata). */
export const SCOPE_PREFIX = 'https://api.egain.test/auth/';
const CODE_LIFETIME_MS = 600_000;

const NO_STORE: Readonly<Record<string, string>> = { 'cache-control': 'no-store', pragma: 'no-cache' };

function refused(status: number, error: string, description: string): Answer {
  return { status, headers: NO_STORE, json: { error, error_description: description } };
}

/** A token endpoint of either environment. Pages: Client Credentials Flow, Authorization Code Flow, PKCE Flow. */
export async function token(x: EgainExchange): Promise<Answer> {
  const { state } = x;
  const text = await x.text();
  if (essence(x.header('content-type')) !== 'application/x-www-form-urlencoded') {
    return refused(400, 'invalid_request', 'The body has to be application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(text);
  x.call.body = redact(Object.fromEntries(form), x.show);
  const commercial = x.request.url.pathname.startsWith('/global/') || x.request.url.pathname.endsWith('/v2.0/token');
  const grant = form.get('grant_type');
  if (grant === 'client_credentials') {
    if (form.get('client_id') !== state.clientId || form.get('client_secret') !== state.clientSecret) {
      return refused(401, 'invalid_client', 'client_id or client_secret is wrong, or is not in the body.');
    }
    const scopes = scopesOf(x, form.get('scope'), commercial);
    return scopes === undefined ? wrongScope(commercial) : issue(x, scopes, 'client');
  }
  if (form.get('client_id') !== state.clientId) return refused(401, 'invalid_client', 'client_id is wrong.');
  // A single page application has no secret; a web application that sends one sends the right one.
  if (form.has('client_secret') && form.get('client_secret') !== state.clientSecret) return refused(401, 'invalid_client', 'client_secret is wrong.');
  if (grant === 'authorization_code') {
    const code = state.codes.get(form.get('code') ?? '');
    state.codes.delete(form.get('code') ?? '');
    if (code === undefined || code.expires <= x.now || code.redirectUri !== form.get('redirect_uri')) {
      return refused(400, 'invalid_grant', 'The code is wrong, used or expired, or redirect_uri differs.');
    }
    if (code.challenge === undefined ? !form.has('client_secret') : (await s256(form.get('code_verifier') ?? '')) !== code.challenge) {
      return refused(400, 'invalid_grant', 'code_verifier does not fit, or neither it nor client_secret was sent.');
    }
    return issue(x, code.scopes, 'user', true);
  }
  if (grant === 'refresh_token') {
    const scopes = state.refreshTokens.get(form.get('refresh_token') ?? '');
    if (scopes === undefined) return refused(400, 'invalid_grant', 'The refresh token is wrong.');
    return issue(x, scopes, 'user', true);
  }
  return refused(400, 'unsupported_grant_type', `grant_type '${grant ?? ''}' is not one of client_credentials, authorization_code, refresh_token.`);
}

/** The login page: logs the fake's user in at once and goes back with a code. */
export function authorize(x: EgainExchange): Answer {
  const { state } = x;
  const redirectUri = x.query('redirect_uri');
  const text = (message: string): Answer => ({ status: 400, headers: { 'content-type': 'text/plain' }, text: message });
  if (x.query('client_id') !== state.clientId) return text('client_id is wrong.');
  if (redirectUri === null || !URL.canParse(redirectUri)) return text('redirect_uri is missing or no URL.');
  if (x.query('response_type') !== 'code') return text('response_type has to be code.');
  const challenge = x.query('code_challenge') ?? undefined;
  if (challenge !== undefined && x.query('code_challenge_method') !== 'S256') return text('code_challenge_method has to be S256.');
  const code = `fake-code-${x.random.hex(32)}`;
  state.signatures.add(code);
  state.codes.set(code, { redirectUri, scopes: (x.query('scope') ?? '').split(' ').filter((one) => one !== ''), challenge, expires: x.now + CODE_LIFETIME_MS });
  const to = new URL(redirectUri);
  to.searchParams.set('code', code);
  if (x.query('state') !== null) to.searchParams.set('state', x.query('state')!);
  return { status: 302, headers: { location: to.href } };
}

/** What a `scope` grants, or nothing where it is written as in the other environment or asks for too much. */
function scopesOf(x: EgainExchange, scope: string | null, commercial: boolean): readonly string[] | undefined {
  const { granted } = x.state;
  const asked = (scope ?? '').split(' ').filter((one) => one !== '');
  if (asked.length === 0) return undefined;
  if (commercial) return asked.length === 1 && asked[0] === `${SCOPE_PREFIX}.default` ? granted : undefined;
  return asked.every((one) => granted.includes(one)) ? asked : undefined;
}

function wrongScope(commercial: boolean): Answer {
  return refused(
    400,
    'invalid_scope',
    commercial
      ? `scope has to be the permission prefix with .default at its end: ${SCOPE_PREFIX}.default`
      : 'scope has to be names of scopes that the client application has, separated by spaces, without a prefix.',
  );
}

function issue(x: EgainExchange, scopes: readonly string[], actor: 'client' | 'user', refresh: boolean = false): Answer {
  const { state } = x;
  const seconds = state.assumptions.tokenLifetimeSeconds;
  const made = state.issue(scopes, actor, x.now, seconds);
  let refreshToken: string | undefined;
  if (refresh) {
    refreshToken = `fake-refresh-${x.random.hex(48)}`;
    state.refreshTokens.set(refreshToken, scopes);
    state.secrets.add(refreshToken);
  }
  return {
    status: 200,
    headers: NO_STORE,
    json: { token_type: 'Bearer', expires_in: seconds, access_token: made.value, ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }) },
  };
}

async function s256(verifier: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  return btoa(String.fromCharCode(...digest))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}
