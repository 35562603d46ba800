/** Prints text of a document into code so that it stays text. */

import { isIdentifier } from './names.ts';

/** A JavaScript literal of any JSON value. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return objectLiteral(Object.entries(value).map(([key, member]) => [key, literal(member)]));
  return String(value ?? null);
}

/** An object literal; `__proto__` is computed because it sets the prototype otherwise. */
export function objectLiteral(members: readonly (readonly [string, string])[]): string {
  if (members.length === 0) return '{}';
  return `{ ${members.map(([key, code]) => `${key === '__proto__' ? '["__proto__"]' : memberKey(key)}: ${code}`).join(', ')} }`;
}

/** The name of a member of an object or an interface. */
export function memberKey(key: string): string {
  return isIdentifier(key) ? key : quote(key);
}

/** A string literal in plain ASCII, so that no line separator, no lone surrogate and no bidirectional control is in the code. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\uffff]/g, (unit) =>
    // Letters of all scripts stay readable.
    /\p{L}|\p{N}/u.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The lines of a doc comment: nothing in them can end the comment or direct the compiler. */
export function commentLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029\u0085]/).map((line) =>
    line
      // Control and bidirectional characters would make the code look different from what it is.
      .replaceAll('\t', ' ')
      .replaceAll(/\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
      .replaceAll('*/', '*\\/')
      .replaceAll('@ts-', '@ ts-')
      .trimEnd(),
  );
  const out: string[] = [];
  for (const line of lines) if (line !== '' || (out.length > 0 && out.at(-1) !== '')) out.push(line);
  while (out.at(-1) === '') out.pop();
  return out;
}

/** A doc comment on lines of its own, or nothing. */
export function comment(lines: readonly string[]): string {
  const safe = commentLines(lines.join('\n'));
  if (safe.length === 0) return '';
  return safe.length === 1 ? `/** ${safe[0]} */\n` : `/**\n${safe.map((line) => ` * ${line}`).join('\n')}\n */\n`;
}
