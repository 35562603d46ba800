import { ApiError, type Content, type TenovosClient } from '@asset-clients/tenovos';

/** Gives up after ten seconds in all, retries and waits included; `undefined` when it took too long. */
export async function thumbnailWithin10s(dam: TenovosClient, id: string): Promise<Content | undefined> {
  try {
    return await dam.downloadAsset({ id, rendition: 'thumbnail' }, { deadlineMs: 10_000, timeoutMs: 3_000, idleTimeoutMs: 3_000 });
  } catch (error) {
    if (ApiError.is(error) && error.kind === 'timeout') return undefined;
    throw error;
  }
}

/** The platform's own signals work as well, and end whatever is going on: login, waiting, reading. */
export async function untilLeft(dam: TenovosClient, id: string, left: AbortSignal): Promise<Content> {
  return await dam.downloadAsset({ id }, { signal: AbortSignal.any([left, AbortSignal.timeout(60_000)]) });
}
