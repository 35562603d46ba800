/** Shorter values would match by chance. */
const SHORTEST = 6;
/** A Base64 form shorter than this would, too. */
const SHORTEST_BASE64 = 8;
/** Pieces of a value that is put together again. */
const SHORTEST_PIECE = 4;
export const REDACTED = '[redacted]';

/** Number of entries of the table of first letters; a power of two. */
const STARTS = 4096;

function start(first: number, second: number): number {
  return (first * 67 + second) & (STARTS - 1);
}

/**
 * Values that must not show, found in any text in the forms that a client may give them: as they are, percent-encoded, as
 * form data, inside of JSON, inside of Base64, and as hex. Its cost hangs on the length of the text, not on the number of values.
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

  /** Whether one of the values is made of these pieces: of some in their order, or of whole ones in any order. */
  inPieces(pieces: readonly string[]): boolean {
    if (this.#forms.size === 0 || pieces.length < 2) return false;
    if (this.in(pieces.join(''))) return true;
    const byStart = new Map<string, string[]>();
    for (const piece of pieces) {
      if (piece.length < SHORTEST_PIECE) continue;
      const key = piece.slice(0, SHORTEST_PIECE);
      byStart.set(key, [...(byStart.get(key) ?? []), piece]);
    }
    return [...this.#values].some((value) => {
      let at = 0;
      for (let next: string | undefined = ''; next !== undefined && at < value.length; at += next?.length ?? 0) {
        next = byStart
          .get(value.slice(at, at + SHORTEST_PIECE))
          ?.filter((piece) => value.startsWith(piece, at))
          .sort((a, b) => b.length - a.length)[0];
      }
      return value.length >= SHORTEST && at === value.length;
    });
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

/** Bytes of UTF-8 in one unit of a string, at most. */
const MOST_BYTES = 3;
const decoder: TextDecoder = new TextDecoder();

function formsOf(value: string): Set<string> {
  const forms = new Set([value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2), JSON.stringify(value).slice(1, -1)]);
  // Base64 of a longer text, such as `user:password`: the letters that only the secret decides, for each place it can have.
  const bytes = new TextEncoder().encode(value);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  forms.add(hex).add(hex.toUpperCase());
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
