import { ApiError } from '@asset-clients/runtime';
import { describe, expect, test } from 'vitest';

import type { ScanResult, SearchResult } from './generated/assets/models.ts';
import { scanPages, searchPages } from './pages.ts';

const assets = (count: number): SearchResult['result'] => Array.from({ length: count }, (_unused, index) => ({ objectId: String(index) }));

describe('searchPages', () => {
  test('asks from where the last page ended, until a page is empty', async () => {
    const asked: (number | undefined)[] = [];
    const sizes = [50, 20, 0];
    const search = async ({ body }: { body: { from?: number | undefined } }): Promise<SearchResult> => {
      asked.push(body.from);
      return { hitCount: 50, result: assets(sizes[asked.length - 1]!) };
    };
    const found = await Array.fromAsync(searchPages(search as never, { body: { searchTerm: ['x'] } } as never));
    expect(found).toHaveLength(70);
    expect(asked).toEqual([0, 50, 70]);
  });

  test('says so instead of ending silently where the vendor stops at 10,000', async () => {
    const search = async (): Promise<SearchResult> => ({ result: assets(5000) });
    const error = await Array.fromAsync(searchPages(search as never, { body: {} } as never)).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ kind: 'unsupported', operation: 'searchKeyword' });
    expect(ApiError.is(error)).toBe(true);
  });

  test('asks for no page that nobody wants', async () => {
    let asked = 0;
    const search = async (): Promise<SearchResult> => {
      asked += 1;
      return { result: assets(50) };
    };
    for await (const asset of searchPages(search as never, { body: {} } as never)) if (asset.objectId === '3') break;
    expect(asked).toBe(1);
  });
});

describe('scanPages', () => {
  test('follows the cursor until there is none', async () => {
    const cursors = ['c1', 'c2', undefined];
    const asked: unknown[] = [];
    const scan = async ({ body }: { body: { cursor?: string | undefined } }): Promise<ScanResult> => {
      asked.push(body.cursor);
      const cursor = cursors[asked.length - 1];
      return { result: assets(2), ...(cursor === undefined ? {} : { cursor }) };
    };
    expect(await Array.fromAsync(scanPages(scan as never, { body: {} } as never))).toHaveLength(6);
    expect(asked).toEqual([undefined, 'c1', 'c2']);
  });

  test('ends when a cursor comes back that was used already', async () => {
    const scan = async (): Promise<ScanResult> => ({ result: assets(1), cursor: 'same' });
    expect(await Array.fromAsync(scanPages(scan as never, { body: {} } as never))).toHaveLength(2);
  });
});
