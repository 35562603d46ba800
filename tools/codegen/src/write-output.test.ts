import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { printStamp, sha256, verifyStamp } from './stamp.ts';
import { cleanFolders, folderOf } from './test-helpers.ts';
import { changedFiles, checkFolder, replaceFolder } from './write-output.ts';

afterEach(cleanFolders);

const stampOf = (files: Record<string, string>) =>
  printStamp({ input: 'x', generator: '1', codegen: '1', files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, sha256(text)])) });

describe('the output folder', () => {
  it('is replaced as a whole, and nothing is left beside it', async () => {
    const folder = folderOf({ 'out/old.ts': 'old', 'out/sub/x.ts': 'x', 'out/models.ts': 'a' });
    const files = new Map([
      ['models.ts', 'a'],
      ['operations.ts', 'b'],
    ]);
    expect((await changedFiles(join(folder, 'out'), files)).toSorted()).toEqual(['old.ts', 'operations.ts', 'sub']);
    await replaceFolder(join(folder, 'out'), files);
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual(['models.ts', 'operations.ts']);
    expect(readdirSync(folder)).toEqual(['out']);
    expect(await changedFiles(join(folder, 'out'), files)).toEqual([]);
  });

  it('is made when it is not there', async () => {
    const folder = folderOf({});
    await replaceFolder(join(folder, 'a/b/c'), new Map([['x.ts', 'x']]));
    expect(readFileSync(join(folder, 'a/b/c/x.ts'), 'utf8')).toBe('x');
  });

  it('is refused when it holds something else', async () => {
    const folder = folderOf({ 'mine/notes.txt': 'x', file: 'x', 'ours/.stamp.json': stampOf({}), 'ours/more.ts': '' });
    await expect(checkFolder(join(folder, 'mine'), false)).rejects.toThrow(/not empty and was not generated[^]*--force/);
    await expect(checkFolder(join(folder, 'file'), false)).rejects.toThrow(/a file, not a folder/);
    await expect(checkFolder(join(folder, 'mine'), true)).resolves.toBeUndefined();
    await expect(checkFolder(join(folder, 'ours'), false)).resolves.toBeUndefined();
    await expect(checkFolder(join(folder, 'absent'), false)).resolves.toBeUndefined();
  });

  it('stays as it was when it cannot be written', async () => {
    const folder = folderOf({ 'out/models.ts': 'old', blocked: 'a file where a folder is needed' });
    await expect(replaceFolder(join(folder, 'blocked/out'), new Map([['models.ts', 'new']]))).rejects.toThrow(/cannot be written/);
    if (process.getuid?.() === 0) return;
    chmodSync(folder, 0o500);
    await expect(replaceFolder(join(folder, 'out'), new Map([['models.ts', 'new']]))).rejects.toThrow(/cannot be written/);
    chmodSync(folder, 0o700);
    expect(readFileSync(join(folder, 'out/models.ts'), 'utf8')).toBe('old');
  });
});

describe('the stamp', () => {
  it('finds files that were edited, removed or added by hand', async () => {
    const files = { 'models.ts': 'a', 'operations.ts': 'b' };
    const folder = folderOf({ ...files, '.stamp.json': stampOf(files) });
    expect(await verifyStamp(folder)).toEqual([]);
    writeFileSync(join(folder, 'models.ts'), 'edited');
    writeFileSync(join(folder, 'extra.ts'), '');
    expect(await verifyStamp(folder)).toEqual(['models.ts was edited by hand', 'extra.ts was not generated']);
    expect(await verifyStamp(dirname(folder))).toEqual(['.stamp.json is missing']);
  });
});
