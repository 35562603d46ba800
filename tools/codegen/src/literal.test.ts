import { describe, expect, it } from 'vitest';
import { comment, literal, objectLiteral, quote } from './literal.ts';

describe('printing text of a document', () => {
  it.each([
    'plain',
    "it's",
    '"double"',
    '`tick` ${x}',
    'back\\slash',
    'line\nbreak\r\n',
    '\u2028\u2029',
    '\u202e rtl',
    '\ud800 lone',
    '😀',
    '*/ //',
    '</script>',
    '\u0000',
  ])('a string stays what it is: %j', (text) => {
    const code = quote(text);
    expect(new Function(`return ${code}`)()).toBe(text);
    expect(code).not.toMatch(/[\n\r\u2028\u2029\u202e\ud800-\udfff]/);
  });

  it('prints values', () => {
    const value = { a: [1, -2.5, 1e21, true, null, 'x'], 'b-c': { default: {} } };
    expect(new Function(`return ${literal(value)}`)()).toEqual(value);
    expect(literal(Number.POSITIVE_INFINITY)).toBe('null');
  });

  it('__proto__ is a member like others', () => {
    const made = new Function(`return ${objectLiteral([['__proto__', '{ polluted: true }']])}`)() as object;
    expect(Object.keys(made)).toEqual(['__proto__']);
    expect((made as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('nothing ends a comment or directs the compiler', () => {
    const text = comment(['one */ two', '@ts-ignore', 'a\u2028b', '\u202ehidden', '', '', 'end']);
    expect(text.match(/\*\//g)).toHaveLength(1);
    expect(text).not.toContain('@ts-ignore');
    expect(text).not.toMatch(/[\u2028\u202e]/);
    expect(comment([''])).toBe('');
  });
});
