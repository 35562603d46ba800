/** Redirects are followed by hand: which origin may see what is decided at each. */

import type { OutgoingRequest } from './exchange.ts';
import { Fault, isFault } from './faults.ts';
import { OriginPolicy, PUBLIC_HEADERS, type Origins } from './untrusted-url.ts';

/**
 * The request that a redirect asks for; a foreign origin gets neither credentials nor a body.
 *
 * @throws RedirectError when it must not be followed.
 */
export function redirect(request: OutgoingRequest, status: number, location: string, { baseUrl, trustedOrigins }: Origins): OutgoingRequest {
  let url: URL;
  const from = new URL(request.url);
  try {
    url = new OriginPolicy(baseUrl, trustedOrigins).check(location, from);
  } catch (error) {
    if (isFault(error, 'UrlRefusedError'))
      throw redirectRefused(`the answer redirects to an address that is refused: ${error.message}`, error.meaning?.hint, error);
    throw error;
  }
  const turnsToGet = status === 303 || ((status === 301 || status === 302) && request.method === 'POST');
  const method = turnsToGet && request.method !== 'HEAD' ? 'GET' : request.method;
  const body = method === request.method ? request.body : undefined;
  const isForeign = url.origin !== from.origin;
  if (isForeign && body !== undefined)
    throw redirectRefused(
      `the answer redirects a request with a body to ${url.origin}; it could hold credentials and was not sent there`,
      'Check baseUrl: the API may have moved there.',
    );
  if (body !== undefined && !body.repeatable)
    throw redirectRefused(
      'the answer redirects an upload whose source can be read once only',
      'Give a source that can be read twice, such as a file or a Blob.',
    );
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => (!isForeign || PUBLIC_HEADERS.has(name)) && (body === request.body || !name.startsWith('content-'))),
  );
  return { method, url: url.href, headers, body };
}

function redirectRefused(message: string, hint: string | undefined, cause?: unknown): Fault {
  return new Fault('RedirectError', message, cause, { kind: 'unexpected', hint });
}
