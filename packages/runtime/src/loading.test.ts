/** ky is loaded at the first call; no limit may run meanwhile, because a test's clock jumps to it at once. */

import { expect, test, vi } from 'vitest';

import type { Clock } from './clock.ts';

test.each([{ timeoutMs: 1000 }, { timeoutMs: 1000, deadlineMs: 5000 }])('no timer is set before the first call has loaded ky: %o', async (limits) => {
  vi.resetModules();
  let finishLoading = (): void => {};
  const loaded = new Promise<void>((resolve) => (finishLoading = resolve));
  vi.doMock('ky', async (original) => {
    await loaded;
    return await original();
  });
  let timers = 0;
  const clock: Clock = { now: () => 0, setTimeout: () => ++timers, clearTimeout: () => {} };
  const { createClient } = await import('./index.ts');
  const client = createClient({}, { baseUrl: 'https://api.example.com', clock, fetch: () => Promise.resolve(Response.json({ fine: true })), ...limits });
  const call = client.request('GET /things');
  const done = Promise.resolve(call);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(timers).toBe(0);
  finishLoading();
  expect(await done).toEqual({ fine: true });
  expect(timers).toBeGreaterThan(0);
  vi.doUnmock('ky');
});
