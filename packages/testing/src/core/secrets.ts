/** Shorter values would match by chance. */
const SHORTEST = 6;
/** A Base64 form shorter than this would, too. */
const SHORTEST_BASE64 = 8;
export const REDACTED = '[redacted]';

/** Number of entries of the table of first letters; a power of two. */
const STARTS = 4096;

function start(first: number, second: number): number {
  return (first * 67 + second) & (STARTS - 1);
}

/**
 * Values that must not show, found in any text in the forms that a client may give them: as they are, percent-encoded, as
 * form data, inside of JSON, and inside of Base64. Its cost hangs on the length of the text, not on the number of values.
 */
export class Secrets {
  readonly #values = new Set<string>();
  readonly #forms = new Set<string>();
  readonly #lengths = new Set<number>();
  #descending: readonly number[] = [];
  readonly #starts = new Uint8Array(STARTS);

  add(value: string): this {
    if (this.#values.has(value)) return this;
    this.#values.add(value);
    if (value.length < SHORTEST) return this;
    for (const form of formsOf(value)) {
      this.#forms.add(form);
      this.#lengths.add(form.length);
      this.#starts[start(form.charCodeAt(0), form.charCodeAt(1))] = 1;
      const [first, second] = new TextEncoder().encode(form);
      this.#starts[start(first!, second!)] = 1;
    }
    if (this.#descending.length !== this.#lengths.size) this.#descending = [...this.#lengths].sort((a, b) => b - a);
    return this;
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  /** Length of the longest form. */
  get longest(): number {
    return this.#descending[0] ?? 0;
  }

  /** Length of the form that starts at a place of the text; 0: none. */
  at(text: string, index: number): number {
    if (this.#starts[start(text.charCodeAt(index), text.charCodeAt(index + 1))] === 0) return 0;
    for (const length of this.#descending) {
      if (index + length <= text.length && this.#forms.has(text.slice(index, index + length))) return length;
    }
    return 0;
  }

  /** Whether one of the values stands in the text. */
  in(text: string): boolean {
    if (this.#forms.size === 0) return false;
    for (let i = 0; i < text.length - 1; i++) if (this.at(text, i) > 0) return true;
    return false;
  }

  /** Whether one of the values stands in the bytes, as UTF-8. */
  inBytes(bytes: Uint8Array): boolean {
    if (this.#forms.size === 0) return false;
    const starts = this.#starts;
    const last = bytes.byteLength - 1;
    for (let i = 0; i < last; i++) {
      if (starts[start(bytes[i]!, bytes[i + 1]!)] === 0) continue;
      const window = decoder.decode(bytes.subarray(i, i + this.longest * MOST_BYTES));
      if (this.at(window, 0) > 0) return true;
    }
    return false;
  }
}

/** Whether one of the values stands in the text, or in what it says without its percent-encoding. */
export function carries(secrets: Secrets, text: string): boolean {
  if (secrets.in(text)) return true;
  const decoded = percentDecoded(text);
  return decoded !== undefined && secrets.in(decoded);
}

/** The text with every known value replaced. */
export function redactText(all: readonly Secrets[], text: string): string {
  const plain = replaced(all, text);
  const decoded = percentDecoded(plain);
  if (decoded === undefined) return plain;
  const clean = replaced(all, decoded);
  return clean === decoded ? plain : clean;
}

function replaced(all: readonly Secrets[], text: string): string {
  let result = '';
  let copied = 0;
  for (let i = 0; i < text.length - 1;) {
    let length = 0;
    for (const secrets of all) length = Math.max(length, secrets.at(text, i));
    if (length === 0) {
      i++;
      continue;
    }
    result += text.slice(copied, i) + REDACTED;
    i += length;
    copied = i;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function percentDecoded(text: string): string | undefined {
  if (!text.includes('%')) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Looks for secrets in a body that comes in chunks, also across their borders. */
export class SecretScan {
  readonly #all: readonly Secrets[];
  readonly #found: (secrets: Secrets) => void;
  #tail: Uint8Array = new Uint8Array(0);

  constructor(all: readonly Secrets[], found: (secrets: Secrets) => void) {
    this.#all = all;
    this.#found = found;
  }

  see(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.#tail.byteLength + chunk.byteLength);
    bytes.set(this.#tail);
    bytes.set(chunk, this.#tail.byteLength);
    let longest = 1;
    for (const secrets of this.#all) {
      longest = Math.max(longest, secrets.longest * MOST_BYTES);
      if (secrets.inBytes(bytes)) this.#found(secrets);
    }
    this.#tail = bytes.slice(Math.max(0, bytes.byteLength - longest + 1));
  }
}

/** Bytes of UTF-8 in one unit of a string, at most. */
const MOST_BYTES = 3;
const decoder: TextDecoder = new TextDecoder();

function formsOf(value: string): Set<string> {
  const forms = new Set([value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2), JSON.stringify(value).slice(1, -1)]);
  // Base64 of a longer text, such as `user:password`: the letters that only the secret decides, for each place it can have.
  const bytes = new TextEncoder().encode(value);
  for (let before = 0; before < 3; before++) {
    let binary = '\0'.repeat(before);
    for (const byte of bytes) binary += String.fromCharCode(byte);
    const form = btoa(binary).slice(Math.ceil((before * 8) / 6), Math.floor((binary.length * 8) / 6));
    if (form.length < SHORTEST_BASE64) continue;
    forms.add(form);
    forms.add(form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}
