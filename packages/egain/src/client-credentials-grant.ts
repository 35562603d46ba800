import type { AuthContext } from '@asset-clients/runtime';
import { clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';

import { joinScope, type ClientCredentials, type EgainSession } from './auth.ts';
import { askForToken } from './token-endpoint.ts';

/** A token for the application itself. */
export async function requestToken(auth: ClientCredentials, context: AuthContext): Promise<EgainSession> {
  const scope = joinScope(auth.scope);
  return askForToken(auth, context, async (server, client, authentication, options) =>
    processClientCredentialsResponse(
      server,
      client,
      await clientCredentialsGrantRequest(server, client, authentication, scope === undefined ? {} : { scope }, options),
    ),
  );
}
