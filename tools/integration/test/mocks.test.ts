/** Mocks that consumers install are seen by the clients: no call slips past them to a real vendor. */

import { http, HttpResponse } from 'msw/http';
import { setupServer } from 'msw/node';
import { http as http2, HttpResponse as HttpResponse2 } from 'msw2';
import { setupServer as setupServer2 } from 'msw2/node';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { createTenovosClient } from '@asset-clients/tenovos';

import { failureOf } from './support/failures.ts';
import { answer, Scenario, toResponse } from './support/mock-scenario.ts';

describe('MSW 3', () => {
  test('answers all calls of all clients, and the real server sees none', async () => {
    await using scenario = await Scenario.start();
    const { origin } = scenario.real;
    const server = setupServer(
      ...scenario.routes.map((route) =>
        http[route.method === 'GET' ? 'get' : 'post'](origin + route.path, async ({ request }) => toResponse(await answer(route, request))),
      ),
    );
    server.listen({ onUnhandledFrame: 'error' });
    try {
      await scenario.run();
    } finally {
      server.close();
    }
    scenario.expectMocked();
    await scenario.expectReal();
  });

  test('refuses what it does not know, instead of letting it through', async () => {
    await using scenario = await Scenario.start();
    const server = setupServer(http.get('https://elsewhere.example.com/', () => HttpResponse.json({})));
    server.listen({ onUnhandledFrame: 'error' });
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const dam = createTenovosClient({ baseUrl: scenario.real.origin, apiKey: 'k', auth: 'token-1', maxRetries: false });
      expect((await failureOf(dam.retrieveAsset({ id: 'a' }))).kind).not.toBe('server');
    } finally {
      server.close();
    }
    expect(scenario.real.requests).toEqual([]);
  });
});

describe('MSW 2', () => {
  test('answers all calls of all clients, and the real server sees none', async () => {
    await using scenario = await Scenario.start();
    const { origin } = scenario.real;
    const server = setupServer2(
      ...scenario.routes.map((route) =>
        http2[route.method === 'GET' ? 'get' : 'post'](origin + route.path, async ({ request }) => {
          const { status = 200, json, text } = await answer(route, request);
          return json === undefined ? new HttpResponse2(text ?? null, { status }) : HttpResponse2.json(json as object, { status });
        }),
      ),
    );
    server.listen({ onUnhandledRequest: 'error' });
    try {
      await scenario.run();
    } finally {
      server.close();
    }
    scenario.expectMocked();
    await scenario.expectReal();
  });
});

describe('vi.stubGlobal', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const stub = (scenario: Scenario): ReturnType<typeof vi.fn> =>
    vi.fn(async (input: Request) => {
      const { pathname } = new URL(input.url);
      const route = scenario.routes.find(({ method, path }) => method === input.method && path === pathname);
      return route === undefined ? new Response('not mocked', { status: 404 }) : toResponse(await answer(route, input));
    });

  test('replaces fetch for all calls of all clients, and the real server sees none', async () => {
    await using scenario = await Scenario.start();
    vi.stubGlobal('fetch', stub(scenario));
    await scenario.run();
    scenario.expectMocked();
    vi.unstubAllGlobals();
    await scenario.expectReal();
  });

  test('is seen by a client that was made before, and has called before', async () => {
    await using scenario = await Scenario.start();
    const dam = createTenovosClient({ baseUrl: `${scenario.real.origin}/tenovos`, apiKey: 'k', auth: 'token-1', maxRetries: false });
    expect((await failureOf(dam.retrieveAsset({ id: 'a' }))).body).toBe('the real server was reached');
    vi.stubGlobal('fetch', async () => Response.json({ status: 'success', data: { assetId: 'mocked' } }));
    expect((await dam.retrieveAsset({ id: 'a' })).data?.assetId).toBe('mocked');
    expect(scenario.real.requests).toHaveLength(1);
  });

  test('loses to a fetch option of the client', async () => {
    await using scenario = await Scenario.start();
    const global = vi.fn();
    vi.stubGlobal('fetch', global);
    const fetch = async (): Promise<Response> => Response.json({ status: 'success', data: { assetId: 'injected' } });
    const dam = createTenovosClient({ baseUrl: `${scenario.real.origin}/tenovos`, apiKey: 'k', auth: 'token-1', fetch });
    expect((await dam.retrieveAsset({ id: 'a' })).data?.assetId).toBe('injected');
    expect(global).not.toHaveBeenCalled();
  });

  test('is seen when it is a spy on fetch', async () => {
    await using scenario = await Scenario.start();
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ status: 'success', data: { assetId: 'spied' } }));
    try {
      const dam = createTenovosClient({ baseUrl: `${scenario.real.origin}/tenovos`, apiKey: 'k', auth: 'token-1' });
      expect((await dam.retrieveAsset({ id: 'a' })).data?.assetId).toBe('spied');
    } finally {
      spy.mockRestore();
    }
    expect(scenario.real.requests).toEqual([]);
  });
});
