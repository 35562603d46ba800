/** Node: undici with an agent of its own, and files. */

import { OriginPolicy } from '../untrusted-url.ts';
import { builtin } from './files.ts';
import type { Platform } from './platform.ts';
import { UndiciTransport } from './undici.ts';

export { publishRequest, publishTransfer } from '../events.ts';
export { redirect } from '../redirect.ts';
export { reachOf } from '../untrusted-url.ts';
export { hash, joinPath, writeFile } from './files.ts';
export { headerOf, openBody, readerOf } from './own-response.ts';
export { streamWithLength as bodyOf } from './stream-body.ts';
export const name: Platform['name'] = 'node';
export const sendsStreams: Platform['sendsStreams'] = () => true;
export const transport: NonNullable<Platform['transport']> = ({ proxy, ca, trustedOrigins }, baseUrl) => {
  if (ca !== undefined) for (const text of [ca].flat()) checkCertificates(text);
  const policy = new OriginPolicy(baseUrl, trustedOrigins);
  return new UndiciTransport({ proxy, ca, mayConnect: (origin, address) => policy.mayConnect(origin, address) });
};

/** Certificates that TLS cannot read are left out there without a word. */
function checkCertificates(text: unknown): void {
  if (typeof text !== 'string' || !text.includes('-----BEGIN ')) {
    throw new TypeError("ca must be the text of certificates (PEM), not a path: readFileSync(path, 'utf8')");
  }
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) throw new TypeError('ca holds a private key: give certificates only');
  const blocks = text.match(/-----BEGIN [^-]*-----[^-]*(?:-----END [^-]*-----)?/g) ?? [];
  const wrong = blocks.findIndex((block) => !isCertificate(block));
  if (wrong !== -1) throw new TypeError(`ca holds something that is no certificate (PEM): block ${wrong + 1} of ${blocks.length}`);
}

function isCertificate(pem: string): boolean {
  const { X509Certificate } = builtin('node:crypto')!;
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
