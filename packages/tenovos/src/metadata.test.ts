import { describe, expect, test } from 'vitest';

import { metadata } from './metadata.ts';

const asset = {
  metadata: [
    { name: 'Release Date', value: '01/01/2024' },
    { name: 'Product', value: null },
    { name: 'Product', value: 'HooliDocs' },
    {
      name: 'Usage Table',
      value: [
        [
          { name: 'Usage Category', value: 'E-Commerce' },
          { name: 'Usage Length', value: '12 months' },
        ],
        [{ name: '__proto__', value: 'polluted' }],
      ],
    },
  ],
};

describe('metadata', () => {
  test('finds the first text of a name, also when an empty one stands before', () => {
    expect(metadata(asset).text('Product')).toBe('HooliDocs');
    expect(metadata(asset).values('Product')).toEqual([null, 'HooliDocs']);
  });

  test('reads tables as rows by column name', () => {
    expect(metadata(asset).table('Usage Table')[0]).toEqual({ 'Usage Category': 'E-Commerce', 'Usage Length': '12 months' });
    expect(metadata(asset).table('Product')).toEqual([]);
  });

  test('gives names in the order of the vendor, each once', () => {
    expect(metadata(asset).names).toEqual(['Release Date', 'Product', 'Usage Table']);
    expect(metadata(asset).has('Nothing')).toBe(false);
    expect(metadata(asset).text('Nothing')).toBeUndefined();
  });

  test('takes the whole answer of retrieveAsset, an asset without metadata, and nothing', () => {
    expect(metadata({ data: asset }).text('Release Date')).toBe('01/01/2024');
    expect(metadata({}).names).toEqual([]);
    expect(metadata(undefined).names).toEqual([]);
    expect(metadata(null as never).names).toEqual([]);
  });

  test('lets no column name reach a prototype', () => {
    const row = metadata(asset).table('Usage Table')[1]!;
    expect(Object.keys(row)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
