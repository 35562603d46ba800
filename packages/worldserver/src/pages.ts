import { ApiError, type CallOptions } from '@asset-clients/runtime';

import type { Task, TaskPage } from './generated/files/models.ts';
import type { GetTasksParams } from './generated/files/operations.ts';

/** Follows `offset` to `total`: reading past the end is an error of WorldServer's, not an empty page. */
export async function* taskPages(
  getTasks: (params: GetTasksParams, options?: CallOptions) => Promise<TaskPage>,
  params: GetTasksParams,
  options?: CallOptions,
): AsyncIterable<Task> {
  let offset = params.offset ?? 0;
  let lastFirst: Task['id'];
  for (;;) {
    let page: TaskPage;
    try {
      page = await getTasks({ ...params, offset }, options);
    } catch (error) {
      // A listing without a total is followed until WorldServer says that the end is reached.
      if (offset > (params.offset ?? 0) && ApiError.is(error) && error.status === 400 && /out of range/i.test(error.message)) return;
      throw error;
    }
    const items = page.items ?? [];
    // A server that ignores the offset would be read for ever.
    if (items[0]?.id !== undefined && items[0].id === lastFirst) return;
    lastFirst = items[0]?.id;
    yield* items;
    offset += items.length;
    if (items.length === 0 || offset >= (page.total ?? Infinity)) return;
  }
}
