/** The fakes in both shapes, our clients of them, and reading: what the comparison of shapes and the fault table share. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Content } from '@asset-clients/runtime';
import { createFakeEgain, type FakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos, type FakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer, type FakeWorldServer } from '@asset-clients/testing/worldserver';

import { hastyClock } from '../test/support/hasty-clock.ts';
import type { Shape } from './cases.ts';
import { FILE_BYTES } from './faults.ts';

/** Over sockets the limits of our clients pass so many times faster: the 30 seconds of `timeoutMs` are 200 ms. */
const HASTE = 150;

export interface Tenovos {
  readonly fake: FakeTenovos;
  readonly options: FakeTenovos['clientOptions'];
}
export interface WorldServer {
  readonly fake: FakeWorldServer;
  readonly options: FakeWorldServer['clientOptions'];
}
export interface Egain {
  readonly fake: FakeEgain;
  readonly chat: FakeEgain['conversation']['clientOptions'];
  readonly mail: FakeEgain['attachments']['clientOptions'];
}

/** The platform's fetch, as late as it is called. */
export const builtIn: typeof fetch = (input, init) => fetch(input, init);

export async function tenovos(shape: Shape, clock: 'auto' | 'system'): Promise<Tenovos> {
  const fake = createFakeTenovos({
    assets: [{ id: 'a1', name: 'hero.tif', bytes: FILE_BYTES, renditions: { imagePreview: { bytes: FILE_BYTES } } }],
    ...(shape === 'sockets' ? {} : { clock }),
  });
  if (shape === 'in process') return { fake, options: fake.clientOptions };
  return { fake, options: { ...(await fake.listen()).clientOptions, fetch: builtIn } };
}

export async function worldServer(shape: Shape): Promise<WorldServer> {
  const fake = createFakeWorldServer({ tasks: [{ id: 1, projectId: 7, source: { name: 'guide.docx', bytes: FILE_BYTES } }] });
  if (shape === 'in process') return { fake, options: fake.clientOptions };
  return { fake, options: { ...(await fake.listen()).clientOptions, fetch: builtIn } };
}

export async function egain(shape: Shape, clock: 'auto' | 'system'): Promise<Egain> {
  const fake = createFakeEgain({
    assets: [{ id: 'e1', name: 'bird.jpg', bytes: FILE_BYTES }],
    attachments: [{ altId: 'x1', name: 'invoice.pdf', bytes: FILE_BYTES }],
    ...(shape === 'sockets' ? {} : { clock }),
  });
  if (shape === 'in process') return { fake, chat: fake.conversation.clientOptions, mail: fake.attachments.clientOptions };
  const server = await fake.listen();
  return { fake, chat: { ...server.conversation.clientOptions, fetch: builtIn }, mail: { ...server.attachments.clientOptions, fetch: builtIn } };
}

/** Options of one of our clients: over sockets its own transport, and limits that pass faster. */
export function ours<T extends { readonly clock: FakeTenovos['clock']; readonly fetch: unknown }>(options: T, shape: Shape, maxRetries: number): T {
  if (shape === 'in process') return { ...options, maxRetries };
  const { fetch: _, clock, ...rest } = options;
  return { ...rest, clock: hastyClock(HASTE, () => clock.now()), maxRetries } as unknown as T;
}

export type Reading = 'bytes' | 'toFile' | 'stream';

/** Reads a download in one of three ways; a failure tells how much had come. */
export async function read(opened: Promise<Content>, reading: Reading, expected: Promise<Uint8Array>): Promise<string> {
  const content = await opened;
  if (reading === 'bytes') return compare([await content.bytes()], await expected);
  if (reading === 'stream') {
    const chunks: Uint8Array[] = [];
    try {
      await wait(20);
      for await (const chunk of content) {
        // The reader may use its chunk as it likes, and takes its time.
        chunks.push(Uint8Array.from(chunk));
        await wait(2);
      }
    } catch (error) {
      throw new Broken(error, `after ${compare(chunks, await expected)}`);
    }
    return compare(chunks, await expected);
  }
  const folder = await mkdtemp(join(tmpdir(), 'differential-'));
  try {
    const path = join(folder, 'file');
    await content.toFile(path).catch(async (error: unknown) => {
      const left = await readdir(folder);
      throw left.length === 0 ? error : new Broken(error, `leaving ${left.join(', ')}`);
    });
    return compare([await readFile(path)], await expected);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A failure, and what can be said of the moment. */
export class Broken extends Error {
  constructor(cause: unknown, what: string) {
    super(what, { cause });
  }
}

export function compare(chunks: readonly Uint8Array[], expected: Uint8Array): string {
  const bytes = Buffer.concat(chunks);
  const right = bytes.equals(expected.subarray(0, bytes.length));
  return `${bytes.length === expected.length ? 'the file' : `${bytes.length} bytes`}${right ? '' : ', changed'}`;
}
