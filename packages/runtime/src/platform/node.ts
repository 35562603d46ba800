import { hash, joinPath, publish, writeFile } from './files.ts';
import { redirect } from '../redirect.ts';
import { streamWithLength } from './stream-body.ts';
import { OriginPolicy, reachOf } from '../untrusted-url.ts';
import type { Platform } from './platform.ts';
import { UndiciTransport } from './undici.ts';

/** Node: undici with an agent of its own, and files. */
export const platform: Platform = {
  name: 'node',
  sendsStreams: true,
  transport({ proxy, ca, trustedOrigins }, baseUrl) {
    if (ca !== undefined && [ca].flat().some((text) => !String(text).includes('-----BEGIN '))) {
      throw new TypeError("ca must be the text of certificates (PEM), not a path: readFileSync(path, 'utf8')");
    }
    const policy = new OriginPolicy(baseUrl, trustedOrigins);
    return new UndiciTransport({ proxy, ca, mayConnect: (origin, address) => policy.mayConnect(origin, address) });
  },
  redirect,
  reachOf,
  bodyOf: streamWithLength,
  isOwnFetch: (fetch) => typeof fetch === 'function' && isNodeFetch(fetch) && !hasMockDispatcher(),
  hash,
  writeFile,
  joinPath,
  publish,
};

/** Mocks (MSW, nock, `vi.stubGlobal`) replace `globalThis.fetch`; only Node's own function loads the bundled undici. */
function isNodeFetch(fetch: object): boolean {
  if (known?.fetch !== fetch) known = { fetch, isNode: Function.prototype.toString.call(fetch).includes('internal/deps/undici') };
  return known.isNode;
}

/** What was found last: the text of a function is made anew each time. */
let known: { readonly fetch: object; readonly isNode: boolean } | undefined;

const DISPATCHERS = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));

/** undici's own mocks are set as the process-wide dispatcher. */
function hasMockDispatcher(): boolean {
  for (const symbol of DISPATCHERS) {
    const dispatcher = (globalThis as Record<PropertyKey, unknown>)[symbol] as object | undefined;
    if (dispatcher === undefined || harmless.has(dispatcher)) continue;
    if (/^(?:Mock|Snapshot)/.test(dispatcher.constructor?.name ?? '')) return true;
    harmless.add(dispatcher);
  }
  return false;
}

/** Those that were none. */
const harmless = new WeakSet<object>();
