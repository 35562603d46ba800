import { describe, expect, it } from 'vitest';
import { constantName, nameFromPath, NameSet, operationName, typeName } from './names.ts';

describe('names', () => {
  it.each([
    ['getPet', 'getPet'],
    ['get pet', 'getPet'],
    ['get-pet.by/id', 'getPetById'],
    ['GetPet', 'GetPet'],
    ['get_pet', 'get_pet'],
    ['$get', '$get'],
    ['2fa', '_2fa'],
    ['delete', 'delete_'],
    ['await', 'await_'],
    ['binary', 'binary_'],
    ['close', 'closeOperation'],
    ['then', 'thenOperation'],
    ['constructor', 'constructorOperation'],
    ['toString', 'toStringOperation'],
    ['__proto__', 'protoOperation'],
    ['größe', 'größe'],
    ['取得', '取得'],
    ['`${x}`', '$X'],
    ['*/', '_'],
  ])('operation %s is called %s', (raw, name) => {
    expect(operationName(raw)).toBe(name);
  });

  it.each([
    ['GET', '/pets/{petId}', 'getPetsByPetId'],
    ['POST', '/a-b/c.d/{x}/{y-z}', 'postABCDByXByYZ'],
    ['GET', '/', 'getRoot'],
    ['GET', '/files/{name}.{ext}', 'getFilesByNameByExt'],
  ])('%s %s is called %s', (method, path, name) => {
    expect(nameFromPath(method, path)).toBe(name);
  });

  it.each([
    ['asset_list', 'AssetList'],
    ['dotted.name', 'DottedName'],
    ['Record', 'RecordModel'],
    ['400', '_400'],
    ['a`b', 'AB'],
    ['', '_'],
  ])('schema %s is called %s', (raw, name) => {
    expect(typeName(raw)).toBe(name);
  });

  it('numbers what repeats, and constants avoid words of the language', () => {
    const names = new NameSet();
    expect(['a', 'a', 'a', 'b2', 'b2'].map((name) => names.take(name))).toEqual(['a', 'a2', 'a3', 'b2', 'b2_2']);
    expect(constantName('Default')).toBe('default_');
  });
});
