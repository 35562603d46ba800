import type { AuthContext } from '@asset-clients/runtime';
import { genericTokenEndpointRequest, processGenericTokenEndpointResponse } from 'oauth4webapi';

import type { AuthorizationCode, EgainSession } from './auth.ts';
import { joinScope } from './scope.ts';
import { askForToken, type Fail } from './token-endpoint.ts';

/** A token for a person: from the code of the login page, later from the refresh token. */
export async function requestToken(auth: AuthorizationCode, context: AuthContext, fail: Fail, previous: EgainSession | undefined): Promise<EgainSession> {
  const { code = '', codeVerifier, redirectUri } = auth;
  context.redactor.add(code, codeVerifier, auth.refreshToken);
  const scope = joinScope(auth.scope);
  const refreshToken = previous?.refreshToken ?? auth.refreshToken;
  const grant = refreshToken === undefined ? 'authorization_code' : 'refresh_token';
  const parameters: Record<string, string> = {
    ...(refreshToken === undefined
      ? { code, redirect_uri: redirectUri, ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }) }
      : { refresh_token: refreshToken }),
    ...(scope === undefined ? {} : { scope }),
  };
  return askForToken(
    auth,
    context,
    fail,
    async (server, client, authentication, options) =>
      processGenericTokenEndpointResponse(server, client, await genericTokenEndpointRequest(server, client, authentication, grant, parameters, options)),
    refreshToken,
    refreshToken === undefined ? 'exchangeCode' : 'token',
  );
}
