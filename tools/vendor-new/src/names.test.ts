import { describe, expect, test } from 'vitest';

import { namesOf, UsageError } from './names.ts';

describe('namesOf', () => {
  test('a new vendor gives its own name to all', () => {
    expect(namesOf('my-dam', 'files', ['egain'])).toEqual({
      vendor: 'my-dam',
      api: 'files',
      isNewVendor: true,
      id: 'my-dam',
      type: 'MyDam',
      value: 'myDam',
      env: 'MY_DAM',
      title: 'My Dam',
    });
  });

  test('a new API of a vendor that is there has the API in its names', () => {
    expect(namesOf('egain', 'knowledge', ['egain'])).toMatchObject({
      isNewVendor: false,
      id: 'egain-knowledge',
      type: 'EgainKnowledge',
      value: 'egainKnowledge',
    });
  });

  test.each(['', 'Acme', '../acme', 'a b', '1st', 'acme-', 'a--b', 'runtime', 'testing', 'unified', 'core'])('%j cannot be a vendor', (name) => {
    expect(() => namesOf(name, 'api', [])).toThrow(UsageError);
  });

  test.each(['', '../x', 'A', 'index'])('%j cannot be an API', (name) => {
    expect(() => namesOf('acme', name, [])).toThrow(UsageError);
  });

  test('a title cannot end a comment or a text', () => {
    expect(namesOf('acme', 'api', [], 'A*/`${x}\n"b"').title).toBe('Axb');
  });
});
