/** nock is seen by the clients. In a file of its own: importing nock replaces fetch at once, which MSW refuses to do twice. */

import nock from 'nock';
import { afterEach, describe, test } from 'vitest';

import { answer, Scenario } from './support/mock-scenario.ts';

describe('nock', () => {
  afterEach(() => {
    nock.cleanAll();
    nock.restore();
  });

  test('answers all calls of all clients, and the real server sees none', async () => {
    await using scenario = await Scenario.start();
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    for (const route of scenario.routes) {
      const { status = 200, json, text } = route.reply;
      nock(scenario.real.origin)
        .intercept(route.path, route.method)
        .query(true)
        .reply(status, async (request: Request) => {
          await answer(route, request);
          return (json ?? text ?? '') as string;
        });
    }
    try {
      await scenario.run();
    } finally {
      nock.enableNetConnect();
      nock.cleanAll();
      nock.restore();
    }
    scenario.expectMocked();
    await scenario.expectReal();
  });
});
