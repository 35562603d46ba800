/** Decides whether a URL that came from outside (an answer, a redirect) may be asked, and whether it may see credentials. */

import { UrlRefusedError } from './faults.ts';

/** The options of a client that say where it may go. */
export interface Origins {
  readonly baseUrl: URL;
  readonly trustedOrigins?: readonly string[] | undefined;
}

/** What a foreign origin may see; everything else may hold a credential. */
export const PUBLIC_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'content-length',
  'user-agent',
  'range',
  'if-match',
  'if-none-match',
  'if-range',
]);

/** The origins that a client may talk to. */
export class OriginPolicy {
  readonly #own: string;
  readonly #trusted: ReadonlySet<string>;
  /** The base URL itself is plain http, or not public: so may be what it points to. */
  readonly #allowsHttp: boolean;
  readonly #allowsPrivate: boolean;

  constructor(baseUrl: URL, trustedOrigins: readonly string[] = []) {
    this.#own = baseUrl.origin;
    this.#trusted = new Set(trustedOrigins.map((origin) => new URL(origin).origin));
    this.#allowsHttp = baseUrl.protocol === 'http:';
    this.#allowsPrivate = isPrivateHost(baseUrl.hostname);
  }

  /** Whether a name that is allowed may resolve to this address: a public name may lead to a private one. */
  mayConnect(host: string, address: string): boolean {
    const isNamed = [this.#own, ...this.#trusted].some((origin) => new URL(origin).hostname === host);
    return isNamed || this.#allowsPrivate || !isPrivateHost(address.includes(':') ? `[${address}]` : address);
  }

  /**
   * Checks a URL from outside.
   *
   * @param text - Absolute, or relative to `base`.
   * @throws UrlRefusedError naming the rule; the message has no query values.
   */
  check(text: string, base?: URL): URL {
    let url: URL;
    try {
      url = new URL(text, base);
    } catch {
      throw new UrlRefusedError('it is not a URL');
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new UrlRefusedError(`its scheme is ${url.protocol.slice(0, -1)}, not https`);
    if (url.username !== '' || url.password !== '') throw new UrlRefusedError('it holds a user name or password');
    if (url.origin === this.#own || this.#trusted.has(url.origin)) return url;
    if (url.protocol === 'http:' && (!this.#allowsHttp || base?.protocol === 'https:')) {
      throw new UrlRefusedError(`${url.origin} is not https; add it to trustedOrigins if it is yours`);
    }
    if (isPrivateHost(url.hostname) && !this.#allowsPrivate) {
      throw new UrlRefusedError(`${url.host} is not a public address; add ${url.origin} to trustedOrigins if it is yours`);
    }
    return url;
  }
}

/**
 * Whether a host is a name or address of this machine or of a private network. The URL parser has already turned
 * decimal, octal and hexadecimal spellings of IPv4 into dotted form.
 */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name.startsWith('[')) return isPrivateIPv6(name.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return isPrivateIPv4(name.split('.').map(Number));
  return name === 'localhost' || /\.(?:localhost|local|internal|intranet|lan|home|corp)$/.test(name) || !name.includes('.');
}

function isPrivateIPv4(parts: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = parts;
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

function isPrivateIPv6(address: string): boolean {
  const groups = expandIPv6(address);
  if (groups === undefined) return true;
  const [first = 0, second = 0] = groups;
  const embedded = [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255];
  const zeroUntil = groups.findIndex((group) => group !== 0);
  // ::, ::1, IPv4-compatible and IPv4-mapped addresses
  if (zeroUntil === -1 || zeroUntil >= 6) return true;
  if (zeroUntil === 5 && groups[5] === 0xffff) return isPrivateIPv4(embedded);
  // NAT64 carries an IPv4 address at its end, 6to4 behind its prefix.
  if (first === 0x64 && second === 0xff9b) return isPrivateIPv4(embedded);
  if (first === 0x2002) return isPrivateIPv4([second >> 8, second & 255, groups[2]! >> 8, groups[2]! & 255]);
  return (
    (first & 0xfe00) === 0xfc00 ||
    (first & 0xffc0) === 0xfe80 ||
    (first & 0xffc0) === 0xfec0 ||
    (first & 0xff00) === 0xff00 ||
    (first === 0x2001 && (second === 0 || second === 0xdb8))
  );
}

/** The URL parser gives addresses in compressed hexadecimal groups. */
function expandIPv6(address: string): number[] | undefined {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right].map((group) => Number.parseInt(group, 16));
  return groups.length === 8 && groups.every((group) => Number.isInteger(group)) ? groups : undefined;
}
