/** Pages of search results as one stream of assets. */

import { ApiError, type CallOptions } from '@asset-clients/runtime';

import type { FoundAsset, ScanResult, SearchResult } from './generated/assets/models.ts';
import type { ScanAssetsParams, SearchKeywordParams } from './generated/assets/operations.ts';

/** Offset paging ends here, says the vendor. */
const MOST_RESULTS = 10_000;

/** Follows `from` until a page is empty. `hitCount` counts a page in the vendor's samples, so it proves nothing. */
export async function* searchPages(
  search: (params: SearchKeywordParams, options?: CallOptions) => Promise<SearchResult>,
  params: SearchKeywordParams,
  options?: CallOptions,
): AsyncIterable<FoundAsset> {
  const { body } = (params ?? {}) as Partial<SearchKeywordParams>;
  let from = body?.from ?? 0;
  for (;;) {
    if (from >= MOST_RESULTS) {
      // Ending silently here would look like the end of the results.
      throw new ApiError({
        kind: 'unsupported',
        vendor: 'tenovos',
        operation: 'searchKeyword',
        message: `a keyword search cannot go beyond ${MOST_RESULTS} results`,
        hint: 'Narrow the search, or use scanAssets.all, which has no such limit.',
      });
    }
    // A call without a body is refused by the operation itself.
    const { result } = await search(body === undefined ? params : { ...params, body: { ...body, from } }, options);
    const page = result ?? [];
    yield* page;
    if (page.length === 0) return;
    from += page.length;
  }
}

/** Follows `cursor` until there is none, a page is empty, or a cursor comes back. */
export async function* scanPages(
  scan: (params: ScanAssetsParams, options?: CallOptions) => Promise<ScanResult>,
  params: ScanAssetsParams,
  options?: CallOptions,
): AsyncIterable<FoundAsset> {
  const { body } = (params ?? {}) as Partial<ScanAssetsParams>;
  let cursor = body?.cursor;
  const seen = new Set<string>();
  for (;;) {
    const page: ScanResult = await scan(body === undefined || cursor === undefined ? params : { ...params, body: { ...body, cursor } }, options);
    const result = page.result ?? [];
    yield* result;
    cursor = page.cursor ?? undefined;
    if (cursor === undefined || cursor === '' || result.length === 0 || seen.has(cursor)) return;
    seen.add(cursor);
  }
}
