/** Redaction, character by character: what is taken out, and what stays. */

import { describe, expect, it } from 'vitest';

import { base64, isSecretName, Redactor, redactUrl } from './redact.ts';

function knowing(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  redactor.add(...secrets);
  return redactor;
}

describe('a name', () => {
  it.each(
    'password passwd passphrase PASSWORD userPassword secret clientSecret token access_token authorization Authorization signature X-Amz-Signature credential apikey api_key api-key X-API-Key sessionid session_id session-id SessionId cookie Set-Cookie assertion presigned presignedURL contenturl content_url content-url JSESSIONID sig code_verifier code-verifier codeVerifier'.split(
      ' ',
    ),
  )('%s is a secret one', (name) => expect(isSecretName(name)).toBe(true));

  it.each('name id pass passport sign sigma design xsig codeverifiers xcode_verifier apix api content url contentSize session sess user'.split(' '))(
    '%s is not',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

describe('a URL', () => {
  it.each([
    ['https://h/a?x=1&&y=2&', 'https://h/a?x=[redacted]&y=[redacted]'],
    ['https://h/a?=1', 'https://h/a?=[redacted]'],
    ['https://h/a?x=1=2', 'https://h/a?x=[redacted]'],
    ['https://h/a?', 'https://h/a?'],
    ['https://h/a?x=1#y?z', 'https://h/a?x=[redacted]'],
    ['HTTPS://u:p@h/a', 'HTTPS://[redacted]@h/a'],
    ['git+ssh://u@h/a', 'git+ssh://[redacted]@h/a'],
    ['https://h/u@x', 'https://h/u@x'],
    ['/u:p@x', '/u:p@x'],
    ['/a/http://u@h', '/a/http://u@h'],
    ['?x=1', '?x=[redacted]'],
    ['#x', ''],
  ])('%s is shown as %s', (url, shown) => expect(redactUrl(url)).toBe(shown));
});

describe('a known value', () => {
  /** All that a spelling may do to it: a slash, a quote, a blank, a backslash, an ampersand, a letter beyond ASCII. */
  const secret = 'k3y/"a b\\c&<d>\'é1';

  it.each([
    secret,
    'k3y%2F%22a%20b%5Cc%26%3Cd%3E%27%C3%A91',
    'k3y%2f%22a+b%5cc%26%3cd%3e%27%c3%a91',
    'k3y%252F%2522a%2520b%255Cc%2526%253Cd%253E%2527%25C3%25A91',
    'k3y%2525252F%22a b%5Cc&<d>%27é1',
    'k3y/\\"a b\\\\c&<d>\'é1',
    'k3y\\/\\"a b\\\\c&<d>\'\\u00e91',
    'k3y\\u002F\\u0022a\\u0020b\\u005cc\\u0026\\u003Cd\\u003e\\u0027\\u00E91',
    'k3y/\\\\\\"a b\\\\\\\\c\\\\u0026<d>\'é1',
    'k3y/&quot;a b\\c&amp;&lt;d&gt;&apos;é1',
    'k3y/&amp;quot;a b\\c&amp;amp;&amp;lt;d&gt;&amp;amp;amp;apos;é1',
    'k3y&#47;&#34;a&#32;b&#92;c&#38;&#60;d&#62;&#39;&#233;1',
    'k3y&#x2f;&#x22;a&#x20;b&#x5C;c&#X26;&#x3C;d&#x3e;&#x0027;&#xe9;1',
    "k3y/&#0034;a b&amp;#x5c;c&<d>'&#xE9;1",
    'k3y/"a b\\c&<d>\'Ã©1',
    'k3y/"a b\\c&<d>\'?1',
    'k3y/"a b\\c&<d>\'\ufffd1',
    'k3y/"a b\\c&<d>\'??1',
  ])('is taken out as %s', (spelling) => {
    expect(knowing(secret).text(`(${spelling})`)).toBe('([redacted])');
  });

  it.each(['k3y%2E%22a', 'k3y/"a-b\\c&<d>\'é1', 'k3y/"a b\\c&<d>\'é', 'K3Y/"a b\\c&<d>\'é1', 'k3y/"a b/c&<d>\'é1', 'k3y&#48;"a b\\c&<d>\'é1'])(
    'is not %s',
    (text) => {
      expect(knowing(secret).text(`(${text})`)).toBe(`(${text})`);
    },
  );

  it('of control characters is known by their short escapes', () => {
    const redactor = knowing('ab\ncd\rde\tfg\bhi\fjk');
    for (const text of [
      'ab\\ncd\\rde\\tfg\\bhi\\fjk',
      'ab\\\\ncd\\\\rde\\\\tfg\\\\bhi\\\\fjk',
      'ab%0acd%0Dde%09fg%08hi%0cjk',
      'ab\\u000acd\\u000dde\\u0009fg\\u0008hi\\u000cjk',
    ])
      expect(redactor.text(`(${text})`)).toBe('([redacted])');
  });

  it('of backslashes is known in all numbers that escaping makes of them', () => {
    const redactor = knowing('ab\\\\cd');
    for (const count of [2, 4, 8, 16]) expect(redactor.text(`(ab${'\\'.repeat(count)}cd)`)).toBe('([redacted])');
    for (const text of ['ab\\cd', `ab${'\\'.repeat(17)}cd`]) expect(redactor.text(`(${text})`)).toBe(`(${text})`);
    expect(redactor.text('(ab%5C%5ccd) (ab&#92;&#x5c;cd) (ab\\u005c\\u005Ccd)')).toBe('([redacted]) ([redacted]) ([redacted])');
  });

  it.each(['.', '*', '+', '?', '^', '$', '{', '}', '(', ')', '|', '[', ']', '-', '/'])('with %s is taken as it is, not as a pattern', (character) => {
    const redactor = knowing(`ab${character}cd${character}`);
    expect(redactor.text(`(ab${character}cd${character})`)).toBe('([redacted])');
    for (const text of ['abxcdx', 'abcd', 'aab', 'abbcdd']) expect(redactor.text(text)).toBe(text);
  });

  it.each([0, 1, 2, 3, 4, 5])('is found in base64 behind %i bytes', (before) => {
    const value = 'a secret ~?>~ of some length';
    for (const after of ['', 'x', 'yz', 'abc']) {
      for (const kind of ['base64', 'base64url'] as const) {
        const text = Buffer.from('p'.repeat(before) + value + after).toString(kind);
        const shown = knowing(value).text(text);
        expect(shown).toContain('[redacted]');
        expect(shown.replace('[redacted]', '').length).toBeLessThanOrEqual(Math.ceil(((before + after.length) * 8) / 6) + 3);
      }
    }
  });

  it('that is too short for base64 is not looked for there', () => {
    expect(knowing('abcd').text(Buffer.from('abcd').toString('base64'))).not.toContain('[redacted]');
    expect(knowing('abcde').text(Buffer.from('abcde').toString('base64'))).toBe('[redacted]');
  });

  it('is one of at least four characters', () => {
    expect(knowing('abc', '').text('abc')).toBe('abc');
    expect(knowing('abcd').text('abcd')).toBe('[redacted]');
  });

  it('that holds another is taken out whole', () => {
    expect(knowing('abcd', 'abcdefgh').text('abcdefgh abcd')).toBe('[redacted] [redacted]');
    expect(knowing('abcdefgh', 'abcd').text('abcdefgh abcd')).toBe('[redacted] [redacted]');
  });

  it('is forgotten when 200 newer ones have come', () => {
    const values = Array.from({ length: 201 }, (_unused, index) => `value-${String(index).padStart(4, '0')}`);
    const redactor = knowing(...values);
    expect(redactor.text(values.join(' '))).toBe(`value-0000${' [redacted]'.repeat(200)}`);
    expect(knowing(...values.slice(1)).text(values[1]!)).toBe('[redacted]');
  });

  it('that comes later is looked for from then on', () => {
    const redactor = knowing('first-value');
    expect(redactor.text('first-value second-value')).toBe('[redacted] second-value');
    redactor.add(undefined, 'second-value');
    expect(redactor.text('first-value second-value')).toBe('[redacted] [redacted]');
  });
});

describe('the beginning of a text', () => {
  it.each([
    ['no secret', 'no secret'],
    ['it was s3cret/val', 'it was [redacted]'],
    ['it was s3cret/value-lon', 'it was [redacted]'],
    ['it was s3cret/value-long', 'it was [redacted]'],
    ['it was s3cret%2Fval', 'it was [redacted]'],
    ['it was s3cr', 'it was [redacted]'],
    ['it was s3c', 'it was s3c'],
    ['s3cret', '[redacted]'],
    ['s3cret in the middle', 's3cret in the middle'],
  ])('%j is shown as %j', (text, shown) => {
    expect(knowing('other-value', 's3cret/value-long').beginning(text, 100)).toBe(shown);
  });

  it('is cut behind the redaction, not before it', () => {
    const redactor = knowing('s3cret/value-long');
    expect(redactor.beginning('0123456789s3cret/value-long-0123456789', 12)).toBe('0123456789[r');
    expect(redactor.beginning('s3cret/value-long0123456789', 14)).toBe('[redacted]0123');
    expect(redactor.beginning('0123456789', 4)).toBe('0123');
    expect(redactor.beginning('01234s3cret', 8)).toBe('01234[re');
    expect(new Redactor().beginning('text', 10)).toBe('text');
  });
});

describe('a secret known by its place', () => {
  it.each([
    ['<password>x</password>', '<password>[redacted]</password>'],
    ['<ns:apiKey a="b">x y</ns:apiKey>', '<ns:apiKey a="b">[redacted]</ns:apiKey>'],
    ['<SessionId>1</SessionId>', '<SessionId>[redacted]</SessionId>'],
    ['<name>x</name>', '<name>x</name>'],
    ['<password></password>', '<password></password>'],
    ['<api_key>x</api_key>', '<api_key>[redacted]</api_key>'],
    ['<session-id>x</session-id>', '<session-id>[redacted]</session-id>'],
    ['<userTokenValue>x</userTokenValue>', '<userTokenValue>[redacted]</userTokenValue>'],
    ['see ws://h/a?b=c.', 'see ws://h/a?b=[redacted]'],
    ['see wss://h/a?b=c.', 'see wss://h/a?b=[redacted]'],
    ['"http://h/a?b=c"', '"http://h/a?b=[redacted]"'],
    ['(HTTP://u:p@h)', '(HTTP://[redacted]@h)'],
    ['xhttp://u:p@h/', 'xhttp://u:p@h/'],
    ['Bearer abcdef', 'Bearer [redacted]'],
    ['BASIC  a+b/c=', 'BASIC [redacted]'],
    ['bearer abcde', 'bearer abcde'],
    ['forbearer abcdef', 'forbearer abcdef'],
    ['eyJabcde.fghij', '[redacted]'],
    ['eyJabcde.fghij.', '[redacted]'],
    ['eyJabcde.fghij.klm-_ n', '[redacted] n'],
    ['eyJabcd.fghij', 'eyJabcd.fghij'],
    ['eyJabcde.fghi', 'eyJabcde.fghi'],
    ['xeyJabcde.fghij', 'xeyJabcde.fghij'],
    ["password = 'a b' c", "password = '[redacted]' c"],
    ["password: 'a b", "password: '[redacted]'"],
    ['"token" : "a\\"b" c', '"token" : "[redacted]" c'],
    ["'secret':x,y", "'secret':[redacted],y"],
    ['apikey=x;y', 'apikey=[redacted];y'],
    ['sessionid=x;y', 'sessionid=[redacted];y'],
    ['passwd=x;y', 'passwd=[redacted];y'],
    ['api-key=x}', 'api-key=[redacted]}'],
    ['session_id=x<y', 'session_id=[redacted]<y'],
    ['signature=x&y', 'signature=[redacted]&y'],
    ['tokens are good', 'tokens are good'],
  ])('%j is shown as %j', (text, shown) => expect(new Redactor().text(text)).toBe(shown));
});

describe('a value', () => {
  const redactor = knowing('known-value');

  it.each<[unknown, unknown]>([
    [null, null],
    [undefined, undefined],
    [true, true],
    [5, 5],
    ['known-value', '[redacted]'],
    [5n, '5'],
    [Symbol('x'), '[symbol]'],
    [() => 1, '[function]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Map(), '[Map]'],
    [Object.create({ constructor: undefined }) as object, '[object]'],
    [Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    [{ password: 5 }, { password: '[redacted]' }],
    [{ password: 'x' }, { password: '[redacted]' }],
    [{ password: true }, { password: '[redacted]' }],
    [{ password: { deep: 1 } }, { password: '[redacted]' }],
    [{ password: null }, { password: null }],
    [{ password: undefined }, { password: undefined }],
    [{ tokens: [1, 'a'] }, { tokens: '[redacted]' }],
    [{ a: ['known-value', 2] }, { a: ['[redacted]', 2] }],
    [{ 'known-value': 1 }, { '[redacted]': 1 }],
  ])('%o is shown as %o', (value, shown) => expect(redactor.value(value)).toEqual(shown));

  it('of a secret name is taken out, number or text', () => {
    expect(redactor.value(5, 'pin_token')).toBe('[redacted]');
    expect(redactor.value('x', 'pin_token')).toBe('[redacted]');
    expect(redactor.value(true, 'pin_token')).toBe(true);
    expect(redactor.value([5, 'x'], 'tokens')).toEqual(['[redacted]', '[redacted]']);
    expect(redactor.value(5, 'count')).toBe(5);
  });

  it('is cut at 50 items and 9 levels', () => {
    const items = Array.from({ length: 51 }, (_unused, index) => index);
    expect(redactor.value(items.slice(0, 50))).toEqual(items.slice(0, 50));
    expect(redactor.value(items)).toEqual([...items.slice(0, 50), '[1 more]']);
    const nest = (levels: number): unknown => (levels === 0 ? 'end' : { in: nest(levels - 1) });
    expect(JSON.stringify(redactor.value(nest(9)))).toContain('"end"');
    expect(JSON.stringify(redactor.value(nest(10)))).toContain('"[deeper]"');
    expect(JSON.stringify(redactor.value([[[[[[[[[['end']]]]]]]]]]))).toBe('[[[[[[[[["[deeper]"]]]]]]]]]');
  });
});

describe('base64', () => {
  it('is that of UTF-8', () => expect(base64('ä€😀a')).toBe(Buffer.from('ä€😀a').toString('base64')));
});
