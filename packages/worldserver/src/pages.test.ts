import { ApiError } from '@asset-clients/runtime';
import { describe, expect, test } from 'vitest';

import type { TaskPage } from './generated/files/models.ts';
import { taskPages } from './pages.ts';

/** WorldServer with `total` tasks: reading past the end is an error. */
function listing(total: number, asked: unknown[], tellsTotal = true): (params: { offset?: number | undefined }) => Promise<TaskPage> {
  return async ({ offset = 0 }) => {
    asked.push(offset);
    if (offset > 0 && offset >= total) {
      throw new ApiError({ kind: 'invalid-request', message: `Offset out of range. Collection has only ${total} items`, status: 400 });
    }
    const items = Array.from({ length: Math.min(30, total - offset) }, (_unused, index) => ({ id: offset + index }));
    return { items, ...(tellsTotal ? { total } : {}) };
  };
}

describe('taskPages', () => {
  test.each([
    [0, [0]],
    [1, [0]],
    [30, [0]],
    [31, [0, 30]],
    [75, [0, 30, 60]],
  ])('reads %i tasks without asking past the end', async (total, offsets) => {
    const asked: unknown[] = [];
    const tasks = await Array.fromAsync(taskPages(listing(total, asked) as never, {}));
    expect(tasks.map(({ id }) => id)).toEqual(Array.from({ length: total }, (_unused, index) => index));
    expect(asked).toEqual(offsets);
  });

  test('ends at the error of WorldServer where no total is told', async () => {
    const asked: unknown[] = [];
    expect(await Array.fromAsync(taskPages(listing(60, asked, false) as never, {}))).toHaveLength(60);
    expect(asked).toEqual([0, 30, 60]);
  });

  test('passes on every other error, and the first page’s whatever it is', async () => {
    const failing = async (): Promise<TaskPage> => {
      throw new ApiError({ kind: 'invalid-request', message: 'Offset out of range', status: 400 });
    };
    await expect(Array.fromAsync(taskPages(failing as never, { offset: 500 }))).rejects.toMatchObject({ status: 400 });
  });
});
