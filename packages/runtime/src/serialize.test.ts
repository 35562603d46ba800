import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ParameterDescriptor, ParameterLocation, ParameterStyle } from './operation.ts';
import { checkHeader, SerializeError } from './scalar-codec.ts';
import { serializeCookie, serializeForm, serializeHeaderValue, serializePathValue, serializeQueryParameter, styled } from './serialize.ts';

const array = ['blue', 'black', 'brown'];
const object = { R: 100, G: 200, B: 150 };

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function parameter(location: ParameterLocation, style?: ParameterStyle, explode?: boolean): ParameterDescriptor {
  return { name: 'color', in: location, codec: styled, ...(style && { style }), ...(explode !== undefined && { explode }) };
}

describe('path values', () => {
  // OpenAPI 3.1.1, "Style Examples".
  it.each<[ParameterStyle, boolean, unknown, string]>([
    ['matrix', false, '', ';color'],
    ['matrix', false, 'blue', ';color=blue'],
    ['matrix', false, array, ';color=blue,black,brown'],
    ['matrix', false, object, ';color=R,100,G,200,B,150'],
    ['matrix', true, '', ';color'],
    ['matrix', true, 'blue', ';color=blue'],
    ['matrix', true, array, ';color=blue;color=black;color=brown'],
    ['matrix', true, object, ';R=100;G=200;B=150'],
    ['label', false, 'blue', '.blue'],
    ['label', false, array, '.blue,black,brown'],
    ['label', false, object, '.R,100,G,200,B,150'],
    ['label', true, 'blue', '.blue'],
    ['label', true, array, '.blue.black.brown'],
    ['label', true, object, '.R=100.G=200.B=150'],
    ['simple', false, 'blue', 'blue'],
    ['simple', false, array, 'blue,black,brown'],
    ['simple', false, object, 'R,100,G,200,B,150'],
    ['simple', true, array, 'blue,black,brown'],
    ['simple', true, object, 'R=100,G=200,B=150'],
  ])('writes style %s, explode %s, %j as %s', (style, explode, value, expected) => {
    expect(serializePathValue(parameter('path', style, explode), value)).toBe(expected);
  });

  it('uses style simple without explode by default', () => {
    expect(serializePathValue(parameter('path'), object)).toBe('R,100,G,200,B,150');
  });

  it('encodes everything but unreserved characters', () => {
    expect(serializePathValue(parameter('path'), "a/b?c#d e%f+g,h;i=j&k'(l)*!@:")).toBe('a%2Fb%3Fc%23d%20e%25f%2Bg%2Ch%3Bi%3Dj%26k%27%28l%29%2A%21%40%3A');
    expect(serializePathValue(parameter('path'), 'Grüße-日本_~.x')).toBe('Gr%C3%BC%C3%9Fe-%E6%97%A5%E6%9C%AC_~.x');
  });

  it.each([
    ['', 'simple'],
    [[], 'simple'],
    [[''], 'simple'],
    ['.', 'simple'],
    ['..', 'simple'],
    [['..'], 'simple'],
    ['', 'label'],
    ['.', 'label'],
  ] as const)('refuses %j in style %s, which a URL parser would drop or resolve', (value, style) => {
    expect(() => serializePathValue(parameter('path', style), value)).toThrow(SerializeError);
  });

  it('refuses lone surrogates, objects inside arrays, functions, invalid dates and numbers that are not finite', () => {
    for (const value of ['\ud800', [{}], () => 1, Symbol('x'), new Date(Number.NaN), Number.NaN, Infinity]) {
      expect(() => serializePathValue(parameter('path'), value)).toThrow(SerializeError);
    }
  });

  it('writes dates, booleans, null and large integers as texts', () => {
    const write = (value: unknown): string => serializePathValue(parameter('path', 'matrix'), value);
    expect(write(new Date(0))).toBe(';color=1970-01-01T00%3A00%3A00.000Z');
    expect(write(true)).toBe(';color=true');
    expect(write(null)).toBe(';color');
    expect(write(12345678901234567890n)).toBe(';color=12345678901234567890');
  });

  it('stays one path segment, and gives the text back when decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }).filter(isWellFormed), (text) => {
        fc.pre(!/^\.{1,2}$/.test(text));
        const written = serializePathValue(parameter('path'), text);
        const url = new URL(`https://host.example/a/${written}/z`);
        expect(url.pathname.split('/')).toHaveLength(4);
        expect(decodeURIComponent(url.pathname.split('/')[2]!)).toBe(text);
      }),
    );
  });
});

describe('query parameters', () => {
  it.each<[ParameterStyle, boolean, unknown, string]>([
    ['form', false, '', 'color='],
    ['form', false, 'blue', 'color=blue'],
    ['form', false, array, 'color=blue,black,brown'],
    ['form', false, object, 'color=R,100,G,200,B,150'],
    ['form', true, '', 'color='],
    ['form', true, 'blue', 'color=blue'],
    ['form', true, array, 'color=blue&color=black&color=brown'],
    ['form', true, object, 'R=100&G=200&B=150'],
    ['spaceDelimited', false, array, 'color=blue%20black%20brown'],
    ['spaceDelimited', false, object, 'color=R%20100%20G%20200%20B%20150'],
    ['pipeDelimited', false, array, 'color=blue%7Cblack%7Cbrown'],
    ['pipeDelimited', false, object, 'color=R%7C100%7CG%7C200%7CB%7C150'],
    ['spaceDelimited', true, array, 'color=blue&color=black&color=brown'],
    ['deepObject', true, object, 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  ])('writes style %s, explode %s, %j as %s', (style, explode, value, expected) => {
    expect(serializeQueryParameter(parameter('query', style, explode), value).join('&')).toBe(expected);
  });

  it('explodes by default in style form only', () => {
    expect(serializeQueryParameter(parameter('query'), array)).toHaveLength(3);
    expect(serializeQueryParameter(parameter('query', 'spaceDelimited'), array)).toHaveLength(1);
  });

  it('writes nothing for an empty list, and leaves out members and items that are undefined', () => {
    expect(serializeQueryParameter(parameter('query'), [])).toEqual([]);
    expect(serializeQueryParameter(parameter('query', 'form', false), [])).toEqual([]);
    expect(serializeQueryParameter(parameter('query'), { a: 1, b: undefined })).toEqual(['a=1']);
    expect(serializeQueryParameter(parameter('query'), [1, undefined, 2])).toEqual(['color=1', 'color=2']);
  });

  it('keeps separators inside values apart from separators between them', () => {
    expect(serializeQueryParameter(parameter('query', 'form', false), ['a,b', 'c'])).toEqual(['color=a%2Cb,c']);
    expect(serializeQueryParameter(parameter('query', 'spaceDelimited', false), ['a|b', 'c'])).toEqual(['color=a%7Cb%20c']);
  });

  it('refuses items that hold the separator where no encoding tells them apart', () => {
    expect(() => serializeQueryParameter(parameter('query', 'pipeDelimited', false), ['a|b', 'c'])).toThrow('"|"');
    expect(() => serializeQueryParameter(parameter('query', 'spaceDelimited', false), ['a b', 'c'])).toThrow('" "');
    expect(() => serializePathValue(parameter('path', 'label', true), ['a.b', 'c'])).toThrow('"."');
    expect(() => serializeHeaderValue(parameter('header'), ['a,b', 'c'])).toThrow('","');
    expect(serializePathValue(parameter('path', 'label', true), 'a.b')).toBe('.a.b');
    expect(serializeHeaderValue(parameter('header'), 'a,b')).toBe('a,b');
  });

  it('writes nested objects in style deepObject with a bracket per level', () => {
    const pairs = serializeQueryParameter(parameter('query', 'deepObject', true), { a: { b: 1 }, c: [1, 2] });
    expect(pairs.map(decodeURIComponent)).toEqual(['color[a][b]=1', 'color[c]=1', 'color[c]=2']);
  });

  it('leaves reserved characters as they are where that is allowed, but none that would end the value', () => {
    expect(serializeQueryParameter({ ...parameter('query'), allowReserved: true }, ":/?#[]@!$&'()*+,;= é")).toEqual([
      "color=:/?%23[]@!$%26'()*%2B,;=%20%C3%A9",
    ]);
  });

  it('writes JSON where the document gives a media type', () => {
    expect(serializeQueryParameter({ ...parameter('query'), contentType: 'application/json' }, { a: [1] })).toEqual(['color=%7B%22a%22%3A%5B1%5D%7D']);
  });

  it('is read back by URLSearchParams as what was given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter(isWellFormed),
        fc.array(fc.string({ unit: 'binary' }).filter(isWellFormed), { minLength: 1 }),
        (name, values) => {
          const query = serializeQueryParameter({ ...parameter('query'), name }, values).join('&');
          const url = new URL('https://host.example/');
          url.search = query;
          expect([...url.searchParams]).toEqual(values.map((value) => [name, value]));
        },
      ),
    );
  });
});

describe('header values', () => {
  it.each<[boolean, unknown, string]>([
    [false, 'blue', 'blue'],
    [false, array, 'blue,black,brown'],
    [false, object, 'R,100,G,200,B,150'],
    [true, array, 'blue,black,brown'],
    [true, object, 'R=100,G=200,B=150'],
  ])('writes explode %s, %j as %s', (explode, value, expected) => {
    expect(serializeHeaderValue(parameter('header', 'simple', explode), value)).toBe(expected);
  });

  it('are absent for an empty list or object', () => {
    expect(serializeHeaderValue(parameter('header'), [])).toBeUndefined();
    expect(serializeHeaderValue(parameter('header'), {})).toBeUndefined();
    expect(serializeHeaderValue(parameter('header'), '')).toBe('');
  });

  it('refuses line breaks, controls and characters beyond Latin-1', () => {
    for (const value of ['a\r\nx-injected: 1', 'a\nb', 'a\u0000b', '日本', '\u007f']) expect(() => checkHeader(value)).toThrow(SerializeError);
    expect(checkHeader(' Grüße\t! ')).toBe('Grüße\t!');
  });
});

describe('cookies', () => {
  it('encodes names and values, and writes a list as one cookie unless the document explodes it', () => {
    expect(serializeCookie(parameter('cookie'), 'a;b c')).toEqual(['color=a%3Bb%20c']);
    expect(serializeCookie(parameter('cookie'), array)).toEqual(['color=blue,black,brown']);
    expect(serializeCookie(parameter('cookie', 'form', true), array)).toEqual(['color=blue', 'color=black', 'color=brown']);
    expect(serializeCookie(parameter('cookie', 'form', false), object)).toEqual(['color=R,100,G,200,B,150']);
  });
});

describe('forms', () => {
  it('writes members like query parameters, blanks as "+", and leaves out undefined ones', () => {
    expect(serializeForm({ a: 'x y+z', b: [1, 2], c: undefined, d: null })).toBe('a=x+y%2Bz&b=1&b=2&d=');
  });

  it('follows the encoding of the document, and writes nested values as JSON', () => {
    expect(serializeForm({ list: [1, 2] }, { list: { style: 'form', explode: false } })).toBe('list=1,2');
    expect(serializeForm({ deep: { a: { b: 1 } } })).toBe('deep=%7B%22a%22%3A%7B%22b%22%3A1%7D%7D');
    expect(serializeForm({ deep: { a: 1 } }, { deep: { style: 'deepObject', explode: true } })).toBe('deep%5Ba%5D=1');
    expect(serializeForm({ json: { a: 1 } }, { json: { contentType: 'application/json' } })).toBe('json=%7B%22a%22%3A1%7D');
  });

  it('is read back by URLSearchParams', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (body) => {
        expect([...new URLSearchParams(serializeForm(body))].sort()).toEqual(Object.entries(body).sort());
      }),
    );
  });
});
