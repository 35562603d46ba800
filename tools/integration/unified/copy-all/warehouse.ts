/**
 * A destination over HTTP that lives longer than the process that copies: it keeps what it got, and fails now and then,
 * before or after it did what it was asked.
 */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is there under one id. */
export interface StoredFile {
  readonly name: string;
  /** Absent: created, and nothing was stored. */
  sha256?: string;
}

export interface Warehouse extends AsyncDisposable {
  readonly origin: string;
  readonly files: ReadonlyMap<string, StoredFile>;
  /** Requests that arrived. */
  readonly requests: number;
  /** Faults that were done, by kind. */
  readonly faults: Readonly<Record<Fault, number>>;
  /** No faults from here on. */
  calm(): void;
  /** Resolves when this many requests have arrived. */
  until(requests: number): Promise<void>;
}

/** Says no and does nothing; breaks the connection before, or after, it did what it was asked. */
export type Fault = 'refuse' | 'break before' | 'break after';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param faultRate - The share of requests that fail, 0 to 1. */
export async function startWarehouse({ seed, faultRate }: { readonly seed: number; readonly faultRate: number }): Promise<Warehouse> {
  const random = randomFrom(seed);
  const files = new Map<string, StoredFile>();
  const faults: Record<Fault, number> = { refuse: 0, 'break before': 0, 'break after': 0 };
  let [requests, ids, rate] = [0, 0, faultRate];
  const waiting: { readonly at: number; readonly tell: () => void }[] = [];

  const server = createServer((request, response) => {
    requests += 1;
    for (const { at, tell } of waiting) if (requests >= at) tell();
    const fault = random() < rate ? (['refuse', 'break before', 'break after'] as const)[Math.floor(random() * 3)] : undefined;
    void answer(request, response, fault).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    const hash = createHash('sha256');
    // A process that was killed in the middle has sent nothing that counts.
    for await (const chunk of request) hash.update(chunk as Buffer);
    if (fault !== undefined) faults[fault] += 1;
    if (fault === 'break before') return void request.socket.destroy();
    if (fault === 'refuse') return void response.writeHead(503).end();
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const id = pathname.slice(1);
    let result: object = {};
    if (request.method === 'POST') {
      const created = `w${(ids += 1)}`;
      files.set(created, { name: searchParams.get('name')!, ...(searchParams.get('content') === 'now' && { sha256: hash.digest('hex') }) });
      result = { id: created };
    } else if (request.method === 'PUT') {
      files.get(id)!.sha256 = hash.digest('hex');
    } else {
      result = { state: files.get(id)?.sha256 === undefined ? 'empty' : 'complete' };
    }
    if (fault === 'break after') return void request.socket.destroy();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    faults,
    get requests() {
      return requests;
    },
    calm: () => void (rate = 0),
    until: (at) => new Promise((tell) => waiting.push({ at, tell })),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
