/** Reproducible randomness: ids, tokens and contents of one fake come from one seed, so that a failure can be replayed. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed - Any text; absent: another one for each fake, so that a token of one is never valid in another. */
  constructor(seed?: string) {
    const [a, b, c, d] = seed === undefined ? crypto.getRandomValues(new Uint32Array(4)) : hash128(seed);
    this.#a = a!;
    this.#b = b!;
    this.#c = c!;
    this.#d = d!;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** sfc32. */
  uint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  hex(characters: number): string {
    let text = '';
    while (text.length < characters) text += this.uint32().toString(16).padStart(8, '0');
    return text.slice(0, characters);
  }

  digits(count: number): string {
    let text = String(1 + (this.uint32() % 9));
    while (text.length < count) text += String(this.uint32() % 10);
    return text;
  }

  uuid(): string {
    const h = this.hex(32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
  }

  /** Three parts like a JSON Web Token; the middle one says what it is, the last one is random. */
  jwt(claims: Readonly<Record<string, unknown>>): string {
    return `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify(claims))}.${this.hex(43)}`;
  }
}

function base64url(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Four 32-bit words of a text; not cryptographic. */
export function hash128(text: string): Uint32Array {
  const words = Uint32Array.of(0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    for (let w = 0; w < 4; w++) {
      const word = Math.imul(words[w]! ^ (code + w * 0x85ebca6b), 0xcc9e2d51 + w * 2);
      words[w] = (word << 13) | (word >>> 19);
      words[(w + 1) & 3]! ^= words[w]! >>> 7;
    }
  }
  return words;
}
