import { authorizationCode, authorizationUrl, createEgainAttachmentClient, type AuthorizationRequest, type EgainAttachmentClient } from '@asset-clients/egain';

/** What the administrator tells of the client application. */
export interface UserLogin {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/** Step 1: keep `state` and `codeVerifier` in the person's session, and send the browser to `url`. */
export async function beginLogin({ authorizeUrl, clientId, redirectUri }: UserLogin): Promise<AuthorizationRequest> {
  return await authorizationUrl({ authorizeUrl, clientId, redirectUri });
}

/** Step 2, when the browser comes back to `redirectUri`: the code is exchanged at the first call, and used once. */
export function endLogin(login: UserLogin, begun: AuthorizationRequest, cameBack: URL, baseUrl: string): EgainAttachmentClient {
  if (cameBack.searchParams.get('state') !== begun.state) throw new Error('this login was not begun here');
  const { tokenUrl, clientId, redirectUri } = login;
  const code = cameBack.searchParams.get('code') ?? '';
  return createEgainAttachmentClient({ baseUrl, auth: authorizationCode({ tokenUrl, clientId, redirectUri, code, codeVerifier: begun.codeVerifier }) });
}
