import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSourceFile } from './read-document.ts';
import { Repairs } from './report.ts';
import { cleanFolders, folderOf } from './test-helpers.ts';

afterEach(cleanFolders);

function read(text: string, name = 'a.yaml') {
  const repairs = new Repairs();
  const file = readSourceFile(join(folderOf({ [name]: text }), name), name, repairs);
  return { file, repairs: repairs.list() };
}

describe('reading YAML and JSON', () => {
  it('reads both', () => {
    expect(read('a: {b: [1, two]}').file.data).toEqual({ a: { b: [1, 'two'] } });
    expect(read('{"a": {"b": [1, "two"]}}', 'a.json').file.data).toEqual({ a: { b: [1, 'two'] } });
  });

  it('accepts and reports brackets and items at the wrong indent', () => {
    const closing = read('a:\n  required: [\n    x\n  ]\nb: 1\n');
    expect(closing.file.data).toEqual({ a: { required: ['x'] }, b: 1 });
    expect(closing.repairs.map((repair) => repair.where)).toEqual(['a.yaml:4:3']);
    const items = read('a:\n  required: [\n  x,\ny\n]\nb: 1\n');
    expect(items.file.data).toEqual({ a: { required: ['x', 'y'] }, b: 1 });
    expect(items.repairs.length).toBeGreaterThan(0);
  });

  it('accepts and reports a repeated key: the last one counts', () => {
    const { file, repairs } = read('a: 1\na: 2\n');
    expect(file.data).toEqual({ a: 2 });
    expect(repairs[0]).toMatchObject({ where: 'a.yaml:2:1', kind: 'yaml' });
  });

  it.each([
    ['a: [1, 2\nb: 3\n', /^a\.yaml:\d+:\d+: .+\n {2}\S/],
    ['a: "unclosed\nb: 1\n', /^a\.yaml:\d+:\d+: /],
    ['a:\n\t- b\n', /^a\.yaml:2:\d+: .*[Tt]ab/],
    ['a: 1\n---\nb: 2\n', /^a\.yaml:2:1: /],
    ['a: b: c\n', /^a\.yaml:1:\d+: /],
  ])('ends with file, line and column: %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('keeps keys that are special in JavaScript', () => {
    const { file } = read('{"__proto__": {"x": 1}, "constructor": 2}', 'a.json');
    expect(Object.keys(file.data as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(Object.keys(read('__proto__: {x: 1}').file.data as object)).toEqual(['__proto__']);
  });

  it('refuses alias bombs, cycles of anchors, deep nesting and binary files', () => {
    const bomb = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 8 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
    ].join('\n');
    expect(() => read(bomb)).toThrow(/more than 2000000 values/);
    expect(() => read('a: &a\n  b: *a\n')).toThrow(/nested more than/);
    expect(() => read(`${'['.repeat(3000)}${']'.repeat(3000)}`)).toThrow(/nested/);
    expect(() => read('a\u0000b')).toThrow(/not a UTF-8 text file/);
  });

  it('refuses a file that is too large, and reads one with many keys in one mapping', () => {
    const folder = folderOf({ 'many.yaml': Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n'), 'large.yaml': '' });
    truncateSync(join(folder, 'large.yaml'), 50 * 1024 * 1024);
    expect(() => readSourceFile(join(folder, 'large.yaml'), 'large.yaml', new Repairs())).toThrow('large.yaml: the file has 50 MB, the limit is 32 MB.');
    expect(Object.keys(readSourceFile(join(folder, 'many.yaml'), 'many.yaml', new Repairs()).data as object)).toHaveLength(20_000);
  });

  it('says when a file is not there', () => {
    expect(() => readSourceFile('/nonexistent/x.yaml', 'x.yaml', new Repairs())).toThrow('x.yaml: there is no such file.');
  });

  it('knows where values are', () => {
    const { file } = read('a:\n  b:\n    - c: 1\n');
    expect(file.at(['a', 'b', '0', 'c'])).toBe('a.yaml:3:7');
    expect(read('{\n "a": {\n  "b": 1}}', 'a.json').file.at(['a', 'b'])).toBe('a.json:3:3');
  });
});
