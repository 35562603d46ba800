/** Decides whether a URL that came from outside (an answer, a redirect) may be asked, and whether it may see credentials. */

import { Fault } from './faults.ts';

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

/** Ports below belong to the system's services (mail, shells, directories), which must not be talked to by mistake. */
const LOWEST_FREE_PORT = 1024;

/**
 * A URL from outside must not be asked.
 *
 * @param hint - To trust the origin is advised only where that helps, and where nobody could be after credentials.
 */
export function urlRefused(message: string, hint: string = TRUST_HINT): Fault {
  return new Fault('UrlRefusedError', message, undefined, {
    kind: 'unexpected',
    hint,
    before: "the vendor's answer holds an address that is refused: ",
  });
}

/** A name that is allowed resolves to addresses that are not. */
export function resolutionRefused(host: string, addresses: readonly string[]): Fault {
  const isReserved = addresses.some((address) => reachOfAddress(address) === 'reserved');
  return urlRefused(`${host} resolves to an address that is not public`, isReserved ? RESERVED_HINT : TRUST_HINT);
}

const TRUST_HINT = 'List the origin in trustedOrigins if it is yours.';
const MALFORMED_HINT = 'No option allows such an address: report it to whoever runs the server that gave it.';
const RESERVED_HINT = 'No file is served from there, but clouds keep credentials at such addresses: find out who put it into the answer.';

/** The origins that a client may talk to. */
export class OriginPolicy {
  readonly #own: string;
  readonly #trusted: ReadonlySet<string>;
  readonly #isHttp: boolean;
  /** What it points to may be public, or where the base URL itself is. */
  readonly #reach: Reach;

  constructor(baseUrl: URL, trustedOrigins: readonly string[] = []) {
    this.#own = baseUrl.origin;
    this.#trusted = new Set(trustedOrigins.map((origin) => new URL(origin).origin));
    this.#isHttp = baseUrl.protocol === 'http:';
    this.#reach = reachOf(baseUrl.hostname);
  }

  /**
   * Whether a name that is allowed may resolve to this address: a public name may lead to a private one.
   *
   * @param origin - Scheme, host and port that the connection is for.
   */
  mayConnect(origin: string, address: string): boolean {
    if (origin === this.#own || this.#trusted.has(origin)) return true;
    const reach = reachOfAddress(address);
    return reach !== undefined && this.#mayReach(reach);
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
      throw urlRefused('it is not a URL', MALFORMED_HINT);
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw urlRefused(`its scheme is ${url.protocol.slice(0, -1)}, not https`, MALFORMED_HINT);
    if (url.username !== '' || url.password !== '') throw urlRefused('it holds a user name or password', MALFORMED_HINT);
    if (this.#trusted.has(url.origin)) return url;
    const reach = reachOf(url.hostname);
    if (reach === 'reserved' && url.origin !== this.#own) throw urlRefused(`${url.host} is not a public address`, RESERVED_HINT);
    if (url.protocol === 'http:' && (!this.#isHttp || reach !== this.#reach || base?.protocol === 'https:')) {
      throw urlRefused(`${url.origin} is not https; add it to trustedOrigins if it is yours`);
    }
    if (!this.#mayReach(reach)) throw urlRefused(`${url.host} is not a public address; add ${url.origin} to trustedOrigins if it is yours`);
    if (url.origin === this.#own) return url;
    // The parser leaves out the port that the scheme has anyway.
    if (url.port !== '' && Number(url.port) < LOWEST_FREE_PORT) {
      throw urlRefused(`${url.host} has a port of another service; add ${url.origin} to trustedOrigins if it is yours`);
    }
    return url;
  }

  #mayReach(reach: Reach): boolean {
    return reach === 'public' || (reach === this.#reach && reach !== 'reserved');
  }
}

/**
 * Where a host is: on the internet, in a private network (RFC 1918, unique local, names that only it knows), on this
 * machine, or where no file is served from (link-local, where clouds keep credentials; unspecified, multicast, shared, set apart).
 */
export type Reach = 'public' | 'private' | 'loopback' | 'reserved';

/** Where an address of a name is; `undefined` when it is none. */
function reachOfAddress(address: string): Reach | undefined {
  // The zone of a link-local address is no part of it. The parser writes every address in one form.
  const url = `http://${address.includes(':') ? `[${address.split('%', 1)[0]!}]` : address}`;
  return URL.canParse(url) ? reachOf(new URL(url).hostname) : undefined;
}

/** The URL parser has already turned decimal, octal and hexadecimal spellings of IPv4 into dotted form. */
export function reachOf(host: string): Reach {
  const name = host.toLowerCase().replace(/\.+$/, '');
  if (name.startsWith('[')) return reachOfIPv6(name.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return reachOfIPv4(name.split('.').map(Number));
  if (/^(?:localhost|localhost\.localdomain|.*\.localhost)$/.test(name)) return 'loopback';
  if (name.includes('.') && !/\.(?:localdomain|local|internal|intranet|private|lan|home|home\.arpa|corp)$/.test(name)) return 'public';
  // Where the machines of Google and Amazon find their credentials.
  return /^(?:metadata|instance-data)(?:\.|$)/.test(name) ? 'reserved' : 'private';
}

function reachOfIPv4(parts: readonly number[]): Reach {
  const [a = 0, b = 0, c = 0] = parts;
  if (a === 127) return 'loopback';
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  const isReserved =
    a === 0 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 192 && ((b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224;
  return isReserved ? 'reserved' : 'public';
}

function reachOfIPv6(address: string): Reach {
  if (address === '::1') return 'loopback';
  const groups = expandIPv6(address);
  const [first = 0, second = 0, third = 0] = groups;
  const prefix = groups.slice(0, 6).join();
  // IPv4-mapped addresses and NAT64 carry an IPv4 address at their end, 6to4 behind its prefix.
  if (prefix === MAPPED || prefix === NAT64) return reachOfIPv4(bytesOf(groups[6]!, groups[7]!));
  if (first === 0x2002) return reachOfIPv4(bytesOf(second, third));
  if ((first & 0xfe00) === 0xfc00) return METADATA.test(address) ? 'reserved' : 'private';
  // Public addresses are given out of 2000::/3 only, and there not of what is set apart for protocols and documentation.
  const isReserved = (first & 0xe000) !== 0x2000 || (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || (first === 0x3fff && second < 0x1000);
  return isReserved ? 'reserved' : 'public';
}

/** The credentials of machines in the clouds of Amazon and Google, in the range of private networks. */
const METADATA = /^fd(?:00:ec2|20:ce)::/;

/** ::ffff:0:0/96 and 64:ff9b::/96 */
const MAPPED = [0, 0, 0, 0, 0, 0xffff].join();
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0].join();

function bytesOf(...groups: readonly number[]): number[] {
  return groups.flatMap((group) => [group >> 8, group & 255]);
}

/** The URL parser gives valid addresses only, in compressed hexadecimal groups. */
function expandIPv6(address: string): number[] {
  const [left = [], right = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
