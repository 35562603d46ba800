import * as fc from 'fast-check';
import { resolve, sep, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';

import { fileNameFromDisposition, safeFileName } from './file-name.ts';

describe('safeFileName', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['Grüße 日本 😀.pdf', 'Grüße 日本 😀.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..\\..\\windows\\win.ini', '_.._windows_win.ini'],
    ['C:\\temp\\a.txt', 'C__temp_a.txt'],
    ['/absolute', '_absolute'],
    ['a/b', 'a_b'],
    ['.htaccess', 'htaccess'],
    ['...', 'download'],
    ['', 'download'],
    ['  ', 'download'],
    ['name. . ', 'name'],
    ['a\u0000b\nc\u007fd', 'a_b_c_d'],
    ['invoice\u202egpj.exe', 'invoice_gpj.exe'],
    ['zero\u200bwidth', 'zero_width'],
    ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h'],
    ['con', '_con'],
    ['CON.txt', '_CON.txt'],
    ['aux .txt', '_aux .txt'],
    ['COM1.tar.gz', '_COM1.tar.gz'],
    ['lpt¹', '_lpt¹'],
    ['conin$', '_conin$'],
    ['console.txt', 'console.txt'],
    ['e\u0301', 'é'],
    ['\ud800x', '_x'],
    ['__', '__'],
    ['_.txt', '_.txt'],
    ['com\u00b9.txt', '_com\u00b9.txt'],
    ['\uff23\uff2f\uff2e', '_\uff23\uff2f\uff2e'],
    ['\u2025', '_\u2025'],
    ['\u2025a', '\u2025a'],
    ['a\u2025', 'a\u2025'],
    ['a\uff0fb\uff3cc', 'a_b_c'],
    ['\u00bd\u2100.txt', '\u00bd_.txt'],
    ['a\ufff9b\u00adc\u0600d', 'a_b_c_d'],
    ['xcon', 'xcon'],
    ['con1', 'con1'],
    ['lpt', 'lpt'],
    ['clock$.x', '_clock$.x'],
    ['conout$ .x', '_conout$ .x'],
    ['  a  b  ', 'a  b'],
  ])('makes %j %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  it('keeps the extension of a name that is too long', () => {
    expect(safeFileName(`${'a'.repeat(300)}.jpeg`)).toBe(`${'a'.repeat(250)}.jpeg`);
    const wide = safeFileName(`${'日'.repeat(300)}.png`);
    expect(new TextEncoder().encode(wide).length).toBeLessThanOrEqual(255);
    expect(wide).toMatch(/^日+\.png$/);
    expect(safeFileName(`a.${'x'.repeat(300)}`)).toHaveLength(255);
    expect(safeFileName(`${'a'.repeat(300)}.${'x'.repeat(31)}`)).toBe(`${'a'.repeat(223)}.${'x'.repeat(31)}`);
    expect(safeFileName(`${'a'.repeat(300)}.${'x'.repeat(32)}`)).toBe('a'.repeat(255));
    expect(safeFileName('a'.repeat(255))).toBe('a'.repeat(255));
    expect(safeFileName('a'.repeat(256))).toBe('a'.repeat(255));
    expect(safeFileName('ä'.repeat(128))).toBe('ä'.repeat(127));
    expect(safeFileName(`${'a'.repeat(251)}.txt`)).toBe(`${'a'.repeat(251)}.txt`);
    expect(safeFileName(`${'a'.repeat(252)}.txt`)).toBe(`${'a'.repeat(251)}.txt`);
    expect(safeFileName(`${'a'.repeat(200)}${' .'.repeat(50)}.txt`)).toBe(`${'a'.repeat(200)}.txt`);
    expect(safeFileName(`${'a'.repeat(254)}  b`)).toBe('a'.repeat(254));
    expect(safeFileName('_'.repeat(300))).toBe('_'.repeat(255));
  });

  it('takes the fallback that is given', () => {
    expect(safeFileName('..', 'asset')).toBe('asset');
  });

  const nasty = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('..', '/', '\\', '.', ' ', 'con', 'NUL', 'com1', ':', '\u0000', '\u202e', '\ud83d', 'a'.repeat(200), '😀'.repeat(70), '.txt'),
      ),
    )
    .map((parts) => parts.join(''));

  it('never leaves the folder, is never reserved, empty, hidden or too long, and is stable', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toBe('');
        expect(safe).not.toMatch(/^[.\s]|[.\s]$|[/\\]/);
        expect(new TextEncoder().encode(safe).length).toBeLessThanOrEqual(255);
        expect(resolve('/folder', safe)).toBe(`/folder${sep}${safe}`);
        expect(win32.resolve('C:\\folder', safe)).toBe(`C:\\folder\\${safe}`);
        expect(safe).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)\s*(?:\.|$)/i);
        expect(safe).not.toMatch(/\p{Surrogate}/u);
        expect(safeFileName(safe)).toBe(safe);
      }),
      { numRuns: 2000 },
    );
  }, 120_000);
});

describe('fileNameFromDisposition', () => {
  it.each<[string | null, string | undefined]>([
    [null, undefined],
    ['inline', undefined],
    ['attachment', undefined],
    ['attachment; filename="a b.txt"', 'a b.txt'],
    ['attachment; filename=plain.txt', 'plain.txt'],
    ['ATTACHMENT; FILENAME="a.txt"', 'a.txt'],
    ['attachment;filename="a.txt";size=5', 'a.txt'],
    ['attachment; filename="a\\"b.txt"', 'a"b.txt'],
    ['attachment; filename="semi;colon.txt"', 'semi;colon.txt'],
    ['attachment; filename=""', undefined],
    ["attachment; filename*=UTF-8''%e2%82%ac%20rates.txt", '€ rates.txt'],
    ['attachment; filename="EURO rates.txt"; filename*=utf-8\'\'%e2%82%ac%20rates.txt', '€ rates.txt'],
    ['attachment; filename*=utf-8\'\'%e2%82%ac%20rates.txt; filename="EURO rates.txt"', '€ rates.txt'],
    ["attachment; filename*=ISO-8859-1'en'%A3%20rates.txt", '£ rates.txt'],
    ["attachment; filename*=UTF-8'de'na%C3%AFve.txt", 'naïve.txt'],
    ['attachment; filename*=broken; filename=ok.txt', 'ok.txt'],
    ["attachment; filename*=no-such-charset''x; filename=ok.txt", 'ok.txt'],
    ["attachment; filename*=UTF-8''; filename=ok.txt", 'ok.txt'],
    [`attachment; filename="${Buffer.from('日本.txt').toString('latin1')}"`, '日本.txt'],
    ['attachment; filename="M\u00fcller.txt"', 'Müller.txt'],
    ['attachment; filename="../../etc/passwd"', '../../etc/passwd'],
    ['filename=only.txt', 'only.txt'],
    ['attachment; filename="unclosed.txt', 'unclosed.txt'],
    ['attachment; filename=first.txt; filename=second.txt', 'first.txt'],
    ['attachment; filename=blank.txt ; size=5', 'blank.txt'],
    ['attachment; filename =  spaced.txt', 'spaced.txt'],
    ["attachment; filename*=!UTF-8''a.txt; filename=ok.txt", 'ok.txt'],
    ["attachment; filename*=UTF-8'a.txt; filename=ok.txt", 'ok.txt'],
    ["attachment; filename*=UTF-8''it's.txt", "it's.txt"],
    ["attachment; filename*=UTF-8''100%.txt", '100%.txt'],
    ["attachment; filename*=UTF-8''%zz.txt", '%zz.txt'],
    ["attachment; filename*=UTF-8''%41%4a%4A.txt", 'AJJ.txt'],
    ['attachment; filename*=utf-8\'\'; filename=""', undefined],
    ['attachment; filename="a\\\\b.txt"', 'a\\b.txt'],
    ['attachment; xfilename=no.txt', undefined],
    ['attachment; filename="\u0161.txt"', '\u0161.txt'],
    ['attachment; filename="\u0161\u00c3\u00a9.txt"', '\u0161\u00c3\u00a9.txt'],
    ['attachment; filename="\u00c3\u00a9.txt"', '\u00e9.txt'],
  ])('reads %j as %j', (header, name) => {
    expect(fileNameFromDisposition(header)).toBe(name);
  });

  it('never throws and never takes long, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fileNameFromDisposition(`attachment; filename=${text}`);
        fileNameFromDisposition(`attachment; filename*=UTF-8''${text}`);
      }),
    );
    fileNameFromDisposition(`attachment; filename="${'\\'.repeat(50_000)}`);
  });
});
