/** What all logins share: how eGain's token endpoint is asked, and what its answers mean. Loaded at the first login. */

import type { ApiError, ApiErrorInit, AuthContext } from '@asset-clients/runtime';
import {
  allowInsecureRequests,
  ClientSecretPost,
  customFetch,
  None,
  OperationProcessingError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  type TokenEndpointRequestOptions,
  type TokenEndpointResponse,
} from 'oauth4webapi';

import type { AuthorizationCode, ClientCredentials, EgainSession } from './auth.ts';

/** Makes the error for an answer without a token. It is given: what is loaded later shares no code with the client. */
export type Fail = (facts: Pick<ApiErrorInit, 'operation' | 'message' | 'status' | 'code' | 'cause'>) => ApiError;

/** Gets a token; `previous` is the one that is too old or was refused. */
export type TokenRequest = (context: AuthContext, fail: Fail, previous: EgainSession | undefined) => Promise<EgainSession>;

/** One grant of OAuth: asks the endpoint and reads its answer. */
export type Grant = (
  server: AuthorizationServer,
  client: Client,
  authentication: ClientAuth,
  options: TokenEndpointRequestOptions,
) => Promise<TokenEndpointResponse>;

/** Used where the token answer does not say how long the token lives (assumption `egain-conversation-token-lifetime`). */
const TOKEN_LIFETIME_SECONDS = 3600;

/**
 * @param refreshToken - The one to keep when the answer has none.
 * @param operation - What eGain's tables call it.
 */
export async function askForToken(
  auth: ClientCredentials | AuthorizationCode,
  context: AuthContext,
  fail: Fail,
  grant: Grant,
  refreshToken?: string | undefined,
  operation = 'token',
): Promise<EgainSession> {
  const { tokenUrl, clientId, clientSecret } = auth;
  context.redactor.add(clientSecret);
  const { origin, protocol } = new URL(tokenUrl);
  // eGain wants the credentials in the body, never in a Basic header.
  const authentication = clientSecret === undefined ? None() : ClientSecretPost(clientSecret);
  try {
    const answer = await grant({ issuer: origin, token_endpoint: tokenUrl }, { client_id: clientId }, authentication, {
      [customFetch]: (url: string, { method, headers, body }) => context.fetch(new Request(url, { method, headers, body: body ?? null }), operation),
      // A fake on 127.0.0.1 speaks plain http; for anything else the address is the user's own choice.
      [allowInsecureRequests]: protocol === 'http:',
    });
    return {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? refreshToken,
      expiresAt: context.clock.now() + (answer.expires_in ?? TOKEN_LIFETIME_SECONDS) * 1000,
    };
  } catch (error) {
    throw tokenError(error, fail, operation);
  }
}

/** Says what the token endpoint answered; anything else (network, limits) stays what it is. */
function tokenError(error: unknown, fail: Fail, operation: string): unknown {
  const isRefusal = error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError;
  if (!isRefusal && !(error instanceof OperationProcessingError)) return error;
  const code = error instanceof ResponseBodyError ? error.error : undefined;
  const said = error instanceof ResponseBodyError ? error.error_description : undefined;
  const status = isRefusal ? error.status : error.cause instanceof Response ? error.cause.status : undefined;
  const shownStatus = [status, code].filter((part) => part !== undefined).join(', ');
  const message = isRefusal
    ? `the token endpoint refused (${shownStatus})${said === undefined ? '' : `: ${said}`}`
    : `the answer of the token endpoint cannot be used${shownStatus === '' ? '' : ` (${shownStatus})`}: ${error.message}`;
  return fail({ operation, message, status, code, cause: error });
}
