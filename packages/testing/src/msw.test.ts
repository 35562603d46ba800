import { http } from 'msw';
import { setupServer } from 'msw/node';
import { http as http2 } from 'msw2';
import { setupServer as setupServer2 } from 'msw2/node';
import { expect, test } from 'vitest';
import { createFakes, fault } from './index.ts';
import { mswHandlers } from './msw.ts';

test.each([
  ['3', (...handlers: unknown[]) => setupServer(...(handlers as never[])), http],
  ['2', (...handlers: unknown[]) => setupServer2(...(handlers as never[])), http2],
] as const)('MSW %s: global fetch reaches the fakes', async (_version, setup, use) => {
  await using fakes = createFakes({ tenovos: { assets: [{ id: 'a', name: 'a.tif', bytes: 300_000 }] } });
  const server = setup(...mswHandlers(use as typeof http, fakes));
  server.listen();
  try {
    const { baseUrl, apiKey, username, password } = fakes.tenovos.clientOptions;
    const login = await fetch(`${baseUrl}/auth/token`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
    const headers = { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
    const { presignedURL } = (await (await fetch(`${baseUrl}/asset/a/content`, { headers })).json()) as { presignedURL: string };
    expect(new Uint8Array(await (await fetch(presignedURL)).arrayBuffer())).toEqual(await fakes.tenovos.asset('a')!.bytes());
    fakes.tenovos.faults.add('content', fault.status(503), fault.redirect());
    expect((await fetch(presignedURL)).status).toBe(503);
    const moved = await fetch(presignedURL);
    expect([moved.status, (await moved.arrayBuffer()).byteLength]).toEqual([200, 300_000]);
    fakes.tenovos.faults.add('content', fault.resetAfter(10));
    const refused = await fetch(presignedURL);
    expect([refused.status, refused.headers.get('x-fake-problem')]).toEqual([500, expect.stringContaining('fault.resetAfter(10) cannot go through MSW')]);
    expect(fakes.calls.map((call) => call.operation)).toEqual(['createToken', 'getAssetContent', 'content', 'content', 'content', 'redirected', 'content']);
    await fakes.close();
    const closed = await fetch(presignedURL);
    expect([closed.status, await closed.json()]).toEqual([500, { fake: 'The Tenovos fake is closed: its handlers answer nothing any more.' }]);
  } finally {
    server.close();
  }
});
