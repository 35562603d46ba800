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
const SHORTEST_BASE64 = 6;

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
  const [, path = '', query] = /^([^?#]*)(?:\?([^#]*))?/.exec(url)!;
  const base = path.replace(/^([a-z][\w+.-]*:\/\/)[^/@]*@/i, `$1${REDACTED}@`);
  if (query === undefined) return base;
  const names = query.split('&').filter(Boolean);
  return `${base}?${names.map((pair) => `${pair.split('=', 1)[0]!}=${REDACTED}`).join('&')}`;
}

/** Removes the secrets of one client from texts and values. */
export class Redactor {
  readonly #secrets = new Map<string, SecretSearch>();

  /** Notes a value that must never be shown; empty and very short values are ignored. */
  add(...secrets: readonly (string | undefined)[]): void {
    for (const secret of secrets) {
      if (secret === undefined || secret.length < SHORTEST_VALUE || this.#secrets.has(secret)) continue;
      this.#secrets.set(secret, searchFor(secret));
      // Tokens change every hour: the newest are enough.
      if (this.#secrets.size > 200) this.#secrets.delete(this.#secrets.keys().next().value!);
    }
  }

  /** A text without secrets: known values in all usual spellings, query values of URLs, tokens and `name=value` pairs. */
  text(text: string): string {
    return this.#withoutKnown(text)
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
    if (typeof value === 'string' || typeof value === 'number') {
      return isSecretName(name) ? REDACTED : typeof value === 'string' ? this.text(value) : value;
    }
    if (value === null || value === undefined || typeof value === 'boolean') return value;
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

  /**
   * The beginning of a text without secrets, also where the text itself was cut inside of one.
   *
   * @param limit - Characters of the result.
   */
  beginning(text: string, limit: number): string {
    const shown = this.text(text);
    for (const secret of this.#secrets.keys()) {
      const form = new URLSearchParams([['', secret]]).toString().slice(1);
      for (const spelling of [secret, form, form.replaceAll('+', '%20')]) {
        const cut = cutAtEnd(shown, spelling);
        if (cut > 0) return (shown.slice(0, -cut) + REDACTED).slice(0, limit);
      }
    }
    return shown.slice(0, limit);
  }

  #withoutKnown(text: string): string {
    const found = [...this.#secrets].filter(([, { marks }]) => marks.some((mark) => text.includes(mark)));
    if (found.length === 0) return text;
    // A secret may be part of another: the longest goes first.
    found.sort(([a], [b]) => b.length - a.length);
    return text.replace(new RegExp(found.map(([, { pattern }]) => pattern()).join('|'), 'g'), REDACTED);
  }
}

/** How one secret is looked for: by what no spelling of it changes, and only where that occurs by the pattern of all spellings. */
interface SecretSearch {
  /** Letters and digits of which some stand in every spelling; an empty one is in every text. */
  readonly marks: readonly string[];
  pattern(): string;
}

function searchFor(secret: string): SecretSearch {
  const cores = base64CoresOf(secret);
  let pattern: string | undefined;
  return {
    marks: [secret, ...cores].map(longestWord),
    pattern: () => (pattern ??= [spellingsOf(secret), ...cores.map(spellingsOfCore)].join('|')),
  };
}

function longestWord(text: string): string {
  return text.split(/[^A-Za-z0-9]+/).reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}

/** How many characters at the end of a text are the beginning of a secret; few may be chance. */
function cutAtEnd(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= SHORTEST_VALUE; length -= 1) {
    if (secret[length - 1] === text.at(-1) && text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}

/**
 * A pattern for a text in all the spellings that URLs, forms, JSON and HTML have for its characters, also mixed and
 * escaped several times. All repetitions are bounded: what is searched may have been written by an enemy.
 */
function spellingsOf(text: string): string {
  return text.replace(/\\+|[^A-Za-z0-9]/gu, (part) => {
    const hex = (value: number, length: number): string => anyCase(value.toString(16).padStart(length, '0'));
    const utf8 = [...new TextEncoder().encode(part)];
    const bytes = utf8.map((byte) => `%(?:25){0,3}${hex(byte, 2)}`).join('');
    const units = Array.from({ length: part.length }, (_unused, index) => `\\\\{1,8}u${hex(part.charCodeAt(index), 4)}`).join('');
    const code = part.codePointAt(0)!;
    const entity = `&(?:amp;){0,3}#(?:0{0,6}${code}|[xX]0{0,6}${hex(code, 1)});`;
    if (part[0] === '\\') return `(?:\\\\{${part.length},${part.length * 8}}|${bytes}|${units}|(?:${entity}){${part.length}})`;
    const spellings = [`\\\\{0,8}${escaped(part)}`, bytes, units, entity];
    if (part === ' ') spellings.push('\\+');
    // Headers are read as Latin-1, and programs write what they cannot as question marks.
    if (code > 127) spellings.push(String.fromCharCode(...utf8), '[?\ufffd]{1,4}');
    const named = ENTITIES[part];
    if (named !== undefined) spellings.push(`&(?:amp;){0,3}${named};`);
    const short = SHORT_ESCAPES[part];
    if (short !== undefined) spellings.push(`\\\\{1,8}${short}`);
    return `(?:${spellings.join('|')})`;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };

/** Base64 is written in two alphabets; the characters after a core hold bits of its neighbour as well. */
function spellingsOfCore(core: string): string {
  return `${core.replaceAll('+', '[+-]').replaceAll('/', '[/_]')}[\\w+/-]?={0,2}`;
}

/**
 * A text inside of base64, which depends on how many bytes stand before it (`user:` in a basic header). The characters at
 * its edges hold bits of its neighbours and are left out.
 */
function base64CoresOf(text: string): string[] {
  return [0, 1, 2]
    .map((before) => {
      const whole = base64('\0'.repeat(before) + text);
      const full = Math.floor(((before + new TextEncoder().encode(text).length) * 8) / 6);
      return whole.slice(before === 0 ? 0 : before + 1, full);
    })
    .filter((core) => core.length >= SHORTEST_BASE64);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Hexadecimal digits in either case. */
function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** UTF-8 text as base64, where no Buffer exists. */
export function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
