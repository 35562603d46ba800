import type { AuthContext } from '@asset-clients/runtime';
import { clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';

import type { ClientCredentials, EgainSession } from './auth.ts';
import { joinScope } from './scope.ts';
import { askForToken, type Fail } from './token-endpoint.ts';

/** A token for the application itself. */
export async function requestToken(auth: ClientCredentials, context: AuthContext, fail: Fail): Promise<EgainSession> {
  const scope = joinScope(auth.scope);
  return askForToken(auth, context, fail, async (server, client, authentication, options) =>
    processClientCredentialsResponse(
      server,
      client,
      await clientCredentialsGrantRequest(server, client, authentication, scope === undefined ? {} : { scope }, options),
    ),
  );
}
