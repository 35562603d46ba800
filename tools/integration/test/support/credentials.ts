import { expect } from 'vitest';

import type { RecordingServer } from './recording-server.ts';

const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'x-api-key', 'accesstoken', 'token', 'cookie'];

/** A foreign host saw at least one request, none with a header for credentials, none with one of these secrets anywhere. */
export function expectNoCredentials(server: RecordingServer, ...secrets: readonly string[]): void {
  expect(server.requests.length).toBeGreaterThan(0);
  for (const { url, rawHeaders, body } of server.requests) {
    const names = rawHeaders.map(([name]) => name.toLowerCase());
    expect(names.filter((name) => CREDENTIAL_HEADERS.includes(name))).toEqual([]);
    const everything = [url, ...rawHeaders.flat(), body.toString('latin1')].join('\n');
    for (const secret of secrets) expect(everything).not.toContain(secret);
  }
}
