import { readFile } from 'node:fs/promises';

import { createWorldServerClient, type WorldServerClient } from '@asset-clients/worldserver';

/** Node only. Trusts the certificates of a company besides the system's, for this client alone. */
export async function withPrivateCa(baseUrl: string, username: string, password: string, pemFile: string): Promise<WorldServerClient> {
  return createWorldServerClient({ baseUrl, username, password, ca: await readFile(pemFile, 'utf8') });
}
