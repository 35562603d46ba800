/** ky is loaded at the first call; no limit may run meanwhile, because a test's clock jumps to it at once. */

import { expect, test, vi } from 'vitest';

import type { AuthStrategy } from './auth.ts';
import type { Clock } from './clock.ts';

test.each([
  ['timeoutMs', { timeoutMs: 1000 }, false],
  ['deadlineMs', { timeoutMs: 1000, deadlineMs: 5000 }, false],
  ['the limit of a login', { timeoutMs: 1000 }, true],
])('no timer is set before the first call has loaded its code: %s', async (_name, limits, needsLogin) => {
  vi.resetModules();
  let finishLoading = (): void => {};
  const loaded = new Promise<void>((resolve) => (finishLoading = resolve));
  vi.doMock('ky', async (original) => {
    await loaded;
    return await original();
  });
  let timers = 0;
  const clock: Clock = { now: () => 0, setTimeout: () => ++timers, clearTimeout: () => {} };
  const { createClient, SessionCache } = await import('./index.ts');
  const cache = new SessionCache<string>({
    key: 'test',
    load: () => loaded,
    open: () => Promise.resolve('session'),
    parse: () => undefined,
    expiresAt: () => undefined,
    secrets: (session) => [session],
  });
  const auth: AuthStrategy = { authorize: async (_request, context) => void (await cache.get(context)) };
  const client = createClient(
    {},
    { baseUrl: 'https://api.example.com', clock, fetch: () => Promise.resolve(Response.json({ fine: true })), ...limits, ...(needsLogin ? { auth } : {}) },
  );
  const call = client.request('GET /things');
  const done = Promise.resolve(call);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(timers).toBe(0);
  finishLoading();
  expect(await done).toEqual({ fine: true });
  expect(timers).toBeGreaterThan(0);
  vi.doUnmock('ky');
});
