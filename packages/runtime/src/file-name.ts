/** File names that come from a vendor: read from headers, made safe for any file system. */

/* oxlint-disable no-control-regex -- control characters are what these patterns look for */

/** Windows reserves these names with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$|clock\$)\s*(?:\.|$)/i;
/** Path separators, characters that Windows refuses, controls, half characters, and what is invisible or turns the reading direction. */
const UNSAFE = /[<>:"/\\|?*\p{Control}\p{Format}\p{Surrogate}\p{Line_Separator}\p{Paragraph_Separator}\p{Default_Ignorable_Code_Point}]/gu;
/** The longest name, in UTF-8 bytes, that usual file systems take. */
const LONGEST = 255;
/** The longest extension that is kept where a name is too long, in bytes with its dot. */
const LONGEST_EXTENSION = 32;

/**
 * Makes one file name of a vendor's name: without folders, reserved names, hidden or unsafe characters, and no longer
 * than 255 bytes of UTF-8 (the extension is kept). Never empty, never `.` or `..`.
 *
 * @param name - Any text.
 * @param fallback - The name to use when nothing is left.
 */
export function safeFileName(name: string, fallback = 'download'): string {
  let safe = name
    .normalize('NFC')
    .replace(UNSAFE, '_')
    // Programs that fold lookalikes (full-width forms, superscripts) must not find a separator behind one.
    .replace(/[^\x00-\x7f]/gu, (character) => (/[/\\]/.test(character.normalize('NFKC')) ? '_' : character))
    // Windows drops trailing dots and blanks; leading dots hide the file, leading blanks confuse.
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (safe === '') return fallback;
  const folded = safe.normalize('NFKC');
  if (RESERVED.test(folded) || /^[\s.]*$/.test(folded)) safe = `_${safe}`;
  return shorten(safe);
}

const encoder = new TextEncoder();

function shorten(name: string): string {
  const bytes = (text: string): number => encoder.encode(text).length;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && bytes(name.slice(dot)) <= LONGEST_EXTENSION ? name.slice(dot) : '';
  const stem = name.slice(0, name.length - extension.length);
  let room = LONGEST - bytes(extension);
  let kept = '';
  for (const character of stem) {
    room -= bytes(character);
    if (room < 0) return kept.replace(/[\s.]+$/, '') + extension;
    kept += character;
  }
  return name;
}

/**
 * The file name of a `Content-Disposition` header (RFC 6266): `filename*` before `filename`, quoted or not; raw UTF-8
 * bytes, as many servers send them, are understood.
 *
 * @returns The vendor's name as sent, which may hold anything; `undefined` when there is none.
 */
export function fileNameFromDisposition(header: string | null): string | undefined {
  if (header === null) return undefined;
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|([^;]*))/g;
  for (const [, key, quoted, plain] of `;${header}`.matchAll(pattern)) {
    const name = key!.toLowerCase();
    if (!parameters.has(name)) parameters.set(name, quoted === undefined ? plain!.trim() : quoted.replace(/\\(.)/g, '$1'));
  }
  const extended = decodeExtended(parameters.get('filename*'));
  if (extended !== undefined && extended !== '') return extended;
  const plain = parameters.get('filename');
  return plain === undefined || plain === '' ? undefined : decodeUtf8InLatin1(plain);
}

/** RFC 5987: `UTF-8''na%C3%AFve.txt`. */
function decodeExtended(value: string | undefined): string | undefined {
  const match = /^([\w-]+)'[^']*'(.*)$/s.exec(value ?? '');
  if (match === null) return undefined;
  const bytes = new Uint8Array(
    [...match[2]!.matchAll(/%([0-9a-f]{2})|([^])/gi)].map(([, hex, character]) =>
      hex === undefined ? character!.charCodeAt(0) & 0xff : Number.parseInt(hex, 16),
    ),
  );
  try {
    return new TextDecoder(match[1]).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Header values arrive as Latin-1; bytes that are valid UTF-8 beyond ASCII were meant as UTF-8. */
function decodeUtf8InLatin1(text: string): string {
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    return text;
  }
}
