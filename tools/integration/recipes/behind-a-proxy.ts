import { createWorldServerClient, type WorldServerClient } from '@asset-clients/worldserver';

/** Node only. A password of the proxy stands in its URL and is shown nowhere. */
export function behindProxy(baseUrl: string, username: string, password: string): WorldServerClient {
  return createWorldServerClient({
    baseUrl,
    username,
    password,
    // 'environment' reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY; without this option no variable is read.
    proxy: process.env.WORLDSERVER_PROXY ?? 'environment',
  });
}
