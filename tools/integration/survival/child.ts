/**
 * One situation in a process of its own, under whatever Node starts it: `node child.ts <situation>`. Says on stdout what
 * came of it; a process that dies says nothing.
 */

import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

import { binary, createClient, type AnyOperation, type Content } from '@asset-clients/runtime';

import { startHostileServer } from './hostile-server.ts';

const download: AnyOperation = { id: 'download', method: 'GET', path: '/', responses: { 200: ['*/*'] }, binary };
const SIZES = [65_536, 300_000, 1_000_000, 3_000_000];
/** Rounds before the first count, and then. */
const WARM_UP = 200;
const ROUNDS = 2000;
const AT_ONCE = 20;

async function slowly(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  await wait(120);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    await wait(5);
  }
  return bytes;
}

/** What must not grow. */
async function count(stop: AbortController, sockets: () => number): Promise<Record<string, number>> {
  for (let round = 0; round < 100 && sockets() > 0; round += 1) await wait(10);
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await wait(20);
  }
  const resources = process.getActiveResourcesInfo();
  return {
    sockets: resources.filter((kind) => kind === 'TCPSocketWrap').length,
    timers: resources.filter((kind) => kind === 'Timeout').length,
    listeners: getEventListeners(stop.signal, 'abort').length,
    heapMB: Math.round(process.memoryUsage().heapUsed / 1_000_000),
  };
}

const situations: Readonly<Record<string, (origin: string, sockets: () => number) => Promise<unknown>>> = {
  /** The server closes right after the last byte, and the reader takes its time. */
  async 'closing, our client'(origin) {
    const client = createClient({ download }, { baseUrl: origin });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        SIZES.map(async (size) => {
          const got = await slowly((await client.download({}, { headers: { 'x-size': String(size) } })) as Content);
          if (got !== size) throw new Error(`${got} of ${size} bytes`);
        }),
      );
    }
    await client.close();
    return 'all bytes';
  },

  /** The same by built-in fetch: what this test would see, if ours stood on it. */
  async 'closing, built-in fetch'(origin) {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(SIZES.map(async (size) => slowly((await fetch(origin, { headers: { 'x-size': String(size) } })).body!)));
    }
    return 'all bytes';
  },

  /** Resets before, in and after headers and body, aborts at any moment, contents left unread. */
  async 'thousands of broken and aborted transfers'(origin, sockets) {
    const client = createClient({ download }, { baseUrl: origin, maxRetries: false });
    const shared = new AbortController();
    const phases = ['connect', 'head', 'headers', 'body', 'last', 'stall', 'none'];
    const outcomes: Record<string, number> = {};
    const one = async (index: number): Promise<void> => {
      const own = new AbortController();
      const phase = phases[index % phases.length]!;
      const isAborted = phase === 'stall' || index % 3 === 0;
      // One long-lived signal for many transfers, as applications have it, or one of the transfer's own.
      const signal = isAborted ? own.signal : shared.signal;
      const ended = (async () => {
        const content = (await client.download({}, { signal, headers: { 'x-size': '200000', 'x-phase': phase } })) as Content;
        if (index % 5 === 0) return content.cancel();
        return content.bytes();
      })().then(
        () => 'ended',
        (error: Error) => error.name,
      );
      if (isAborted) setTimeout(() => own.abort(), index % 12);
      const outcome = await ended;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    };
    const many = async (rounds: number): Promise<void> => {
      for (let index = 0; index < rounds; index += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => one(index + at)));
    };
    await many(WARM_UP);
    const before = await count(shared, sockets);
    await many(ROUNDS);
    await client.close();
    return { before, after: await count(shared, sockets), outcomes };
  },
};

const server = await startHostileServer();
const result = await situations[process.argv[2]!]!(server.origin, server.sockets);
server.close();
process.stdout.write(JSON.stringify(result));
