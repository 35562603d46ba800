/** Node: undici with an agent of its own, and files. */

import { OriginPolicy } from '../untrusted-url.ts';
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
  if (ca !== undefined && [ca].flat().some((text) => !String(text).includes('-----BEGIN '))) {
    throw new TypeError("ca must be the text of certificates (PEM), not a path: readFileSync(path, 'utf8')");
  }
  const policy = new OriginPolicy(baseUrl, trustedOrigins);
  return new UndiciTransport({ proxy, ca, mayConnect: (origin, address) => policy.mayConnect(origin, address) });
};
