import { describe, expect, it } from 'vitest';

import { Redactor, redactUrl } from './redact.ts';

describe('redactUrl', () => {
  it.each([
    ['https://h.example/a/b?x=1&sig=abc#frag', 'https://h.example/a/b?x=[redacted]&sig=[redacted]'],
    ['https://user:pw@h.example/a', 'https://[redacted]@h.example/a'],
    ['/relative?token=abc', '/relative?token=[redacted]'],
    ['https://h.example/a#access_token=abc', 'https://h.example/a'],
    ['https://h.example/a', 'https://h.example/a'],
    ['https://h.example/a?flag', 'https://h.example/a?flag=[redacted]'],
    ['not a url?x=1', 'not a url?x=[redacted]'],
  ])('shows %s as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('Redactor.text', () => {
  it('removes known values in all usual spellings', () => {
    const redactor = new Redactor();
    redactor.add("p@ss/wörd+'(1)!");
    for (const spelling of [
      "p@ss/wörd+'(1)!",
      encodeURIComponent("p@ss/wörd+'(1)!"),
      new URLSearchParams({ a: "p@ss/wörd+'(1)!" }).toString().slice(2),
      Buffer.from("p@ss/wörd+'(1)!").toString('base64'),
    ]) {
      expect(redactor.text(`before ${spelling} after`)).toBe('before [redacted] after');
    }
  });

  it.each([
    ['see https://h.example/x?token=abc&y=1.', 'see https://h.example/x?token=[redacted]&y=[redacted]'],
    ['{"password":"a\\"b","x":1}', '{"password":"[redacted]","x":1}'],
    ['access_token=abc&x=1', 'access_token=[redacted]&x=1'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: [redacted] [redacted]'],
    ['"Authorization": "Basic dXNlcjpw"', '"Authorization": "[redacted]"'],
    ['sent Bearer abcdefghi', 'sent Bearer [redacted]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123', 'jwt [redacted]'],
    ['nothing to hide', 'nothing to hide'],
  ])('knows secrets by their place: %s', (text, shown) => {
    expect(new Redactor().text(text)).toBe(shown);
  });

  it('takes no time for long texts, whatever the secrets are', () => {
    const redactor = new Redactor();
    redactor.add('secret-value', '\\\\"\\a/b c%+', '-'.repeat(50), '\\'.repeat(30), '&&&&&&&&');
    for (const part of [
      'a',
      'x-',
      '\\',
      '\\"',
      'token',
      'token=',
      'eyJ-',
      'eyJ',
      'bearer ',
      'http://',
      'a.b?',
      '"',
      ' ',
      ': ',
      '%',
      '%25',
      '&amp;',
      '&#0',
      '0',
      '-',
    ])
      redactor.text(`token="${part.repeat(50_000)}`);
  }, 120_000);

  it('survives secrets with patterns, lone surrogates and empty ones', () => {
    const redactor = new Redactor();
    redactor.add('.*+?^${}()|[]\\', 'a\ud800bcd', '', undefined, 'abc');
    expect(redactor.text('x .*+?^${}()|[]\\ a\ud800bcd abc')).toBe('x [redacted] [redacted] abc');
  });
});

describe('Redactor.value', () => {
  it('copies plain data, blanks secret names, and names what it cannot show', () => {
    const value = {
      id: 1,
      token: 't',
      deep: [{ Password: 'p', n: null }],
      at: new Date(0),
      bytes: new Uint8Array(2),
      blob: new Blob([]),
      fn: () => 1,
      big: 5n,
      none: undefined,
    };
    expect(new Redactor().value(value)).toEqual({
      id: 1,
      token: '[redacted]',
      deep: [{ Password: '[redacted]', n: null }],
      at: '1970-01-01T00:00:00.000Z',
      bytes: '[Uint8Array]',
      blob: '[Blob]',
      fn: '[function]',
      big: '5',
      none: undefined,
    });
  });

  it('ends for values that are deep, long or hold themselves', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(JSON.stringify(new Redactor().value(loop))).toContain('[deeper]');
    expect(new Redactor().value(Array.from({ length: 60 }, (_unused, index) => index))).toHaveLength(51);
  });

  it('does not set prototypes', () => {
    const copy = new Redactor().value(JSON.parse('{"__proto__":{"polluted":1}}')) as Record<string, unknown>;
    expect(copy.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});
