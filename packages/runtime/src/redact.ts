/**
 * Keeps secrets out of everything that is shown: two nets, one for values known to be secret, one for names and places
 * that usually hold one.
 */

/** What stands where a secret was. */
export const REDACTED = '[redacted]';

const SECRET_NAME =
  /pass(?:word|wd|phrase)|secret|token|authorization|signature|credential|api[-_]?key|session[-_]?id|cookie|assertion|presigned|content[-_]?url|jsessionid|^sig$|^code[-_]?verifier$/i;
const URL_IN_TEXT = /\b(https?|wss?):\/\/[^\s"'<>\\^`{|}]+/gi;
const JWT_IN_TEXT = /\beyJ[\w-]{5,2000}\.[\w-]{5,}(?:\.[\w-]*)?/g;
const BEARER_IN_TEXT = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
// Begins with the telling word, not with what may stand before it: that would take quadratic time.
const NAMED_IN_TEXT =
  /((?:password|passwd|secret|token|authorization|signature|api[-_]?key|session[-_]?id)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&}<>"']+)/gi;
const ELEMENT_IN_TEXT = /(<([\w:-]*(?:password|passwd|secret|token|authorization|signature|api[-_]?key|session[-_]?id)[\w:-]*)(?:\s[^<>]*)?>)[^<]+/gi;
/** Shorter values would blank out ordinary words; they are still caught by name. */
const SHORTEST_VALUE = 4;

/** Whether a header, query parameter or JSON member of this name is taken for a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * A URL as it may be shown: scheme, host and path; query values and user information are left out, names stay.
 *
 * @param url - Absolute or relative; what cannot be parsed is cut at its first `?` or `#`.
 */
export function redactUrl(url: string): string {
  const mark = url.search(/[?#]/);
  const base = (mark < 0 ? url : url.slice(0, mark)).replace(/^([a-z][\w+.-]*:\/\/)[^/@]*@/i, `$1${REDACTED}@`);
  if (mark < 0 || url[mark] === '#') return base;
  const names = url
    .slice(mark + 1)
    .split('#', 1)[0]!
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => `${pair.split('=', 1)[0]!}=${REDACTED}`);
  return `${base}?${names.join('&')}`;
}

/** Removes the secrets of one client from texts and values. */
export class Redactor {
  readonly #secrets = new Set<string>();
  /** `null`: nothing to look for. */
  #pattern: RegExp | null | undefined;

  /** Notes a value that must never be shown; empty and very short values are ignored. */
  add(...secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret === undefined || secret.length < SHORTEST_VALUE || this.#secrets.has(secret)) continue;
      this.#secrets.add(secret);
      this.#pattern = undefined;
      // Tokens change every hour: the newest are enough, and the pattern stays small.
      if (this.#secrets.size > 200) this.#secrets.delete(this.#secrets.values().next().value!);
    }
  }

  /** A text without secrets: known values in all usual spellings, query values of URLs, tokens and `name=value` pairs. */
  text(text: string): string {
    if (this.#pattern === undefined) this.#pattern = this.#compile();
    const pattern = this.#pattern;
    const known = pattern === null ? text : text.replace(pattern, REDACTED);
    return known
      .replace(URL_IN_TEXT, (url) => redactUrl(url))
      .replace(ELEMENT_IN_TEXT, `$1${REDACTED}`)
      .replace(BEARER_IN_TEXT, `$1 ${REDACTED}`)
      .replace(JWT_IN_TEXT, REDACTED)
      .replace(NAMED_IN_TEXT, (_match, name: string, value: string) => {
        const quote = value[0] === '"' || value[0] === "'" ? value[0] : '';
        return `${name}${quote}${REDACTED}${quote}`;
      });
  }

  /**
   * A JSON-safe copy of a value without secrets: members with secret names are blanked, texts go through
   * {@link Redactor.text}, binary values and functions are named by what they are.
   */
  value(value: unknown, name = '', depth = 0): unknown {
    if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number') {
      return name !== '' && typeof value === 'number' && isSecretName(name) ? REDACTED : value;
    }
    if (typeof value === 'string') return name !== '' && isSecretName(name) ? REDACTED : this.text(value);
    if (typeof value !== 'object') return typeof value === 'bigint' ? String(value) : `[${typeof value}]`;
    if (depth > 8) return '[deeper]';
    if (Array.isArray(value)) {
      const items = value.slice(0, 50).map((item) => this.value(item, name, depth + 1));
      return value.length > 50 ? [...items, `[${value.length - 50} more]`] : items;
    }
    if (value instanceof Date) return value.toJSON();
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) {
      return `[${(value as { constructor?: { name?: string } }).constructor?.name ?? 'object'}]`;
    }
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [key, member] of Object.entries(value)) {
      copy[this.text(key)] = isSecretName(key) && member !== null && member !== undefined ? REDACTED : this.value(member, key, depth + 1);
    }
    return { ...copy };
  }

  #compile(): RegExp | null {
    const spellings = new Set<string>();
    for (const secret of this.#secrets) {
      spellings.add(secret);
      const query = new URLSearchParams([['', secret]]).toString().slice(1);
      spellings.add(query);
      spellings.add(query.replaceAll('+', '%20'));
      // encodeURIComponent leaves more as it is, and refuses lone surrogates.
      spellings.add(query.replaceAll('+', '%20').replace(/%(?:21|27|28|29|7E)/g, (escape) => decodeURIComponent(escape)));
      if (secret !== secret.trim()) spellings.add(secret.trim());
      spellings.add(JSON.stringify(secret).slice(1, -1));
      spellings.add(base64(secret));
    }
    const list = [...spellings].filter((s) => s.length >= SHORTEST_VALUE).sort((a, b) => b.length - a.length);
    return list.length === 0 ? null : new RegExp(list.map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  }
}

/** UTF-8 text as base64, where no Buffer exists. */
export function base64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
