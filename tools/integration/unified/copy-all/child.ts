/**
 * Copies many made-up files to a warehouse, in a process of its own that may be killed: `node child.ts <origin> <journal>
 * <count>`. Prints its report as JSON.
 */

import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { argv, stdout } from 'node:process';

import { ApiError, contentOf, copyAll, defineAdapter, type CopyItem, type Readable, type UploadSupport, type Writable } from '@asset-clients/unified';
import { fileJournal } from '@asset-clients/unified/journal';

/** The bytes of a made-up file: a little more than a kilobyte, other ones for each. */
export function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const seed = createHash('sha256').update(id).digest('hex');
  return new Uint8Array(Buffer.from(seed.repeat(16 + (seed.charCodeAt(0) % 8))));
}

/** Every fifth goes to the service that takes all at once and can tell nothing. */
export function isBlind(index: number): boolean {
  return index % 5 === 4;
}

export interface ChildReport {
  readonly counts: Readonly<Record<string, number>>;
  /** Ids of the items. */
  readonly uncertain: readonly string[];
  /** Ids at the destination; `null` where nobody was told it. */
  readonly leftEmpty: readonly (string | null)[];
  /** Bytes in use, of objects and of buffers, when a fifth and when all of the items were at their end. */
  readonly used: readonly number[];
}

const source = defineAdapter<'download', never, string>({
  vendor: 'made-up',
  supports: { get: false, download: { forms: ['content'], tellsSize: true, notReady: false }, upload: false, delete: false, downloadMany: false },
  toSegments: (id) => [id],
  fromSegments: ([id]) => id!,
  download: async (id, call) => contentOf(bytesOf(id), { name: `${id}.bin` }, call),
}) as unknown as Readable;

const agent = new Agent({ keepAlive: true });

/** One request; the error tells what is known of its effect. */
function send(origin: string, method: string, path: string, body?: Uint8Array): Promise<{ readonly id: string; readonly state: 'empty' | 'complete' }> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new ApiError({ kind: 'network', message: 'the connection broke', outcome: 'unknown', retryable: true, attempts: 1 }));
    const outgoing = request(`${origin}${path}`, { method, agent, headers: { 'content-length': body?.length ?? 0 } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('error', lost).on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as never);
        else reject(new ApiError({ kind: 'server', message: 'busy', status: response.statusCode, outcome: 'refused', retryable: true, attempts: 1 }));
      });
    });
    outgoing.on('error', lost).end(body);
  });
}

function warehouse(origin: string, vendor: string, isBlindOne: boolean): Writable {
  const upload: UploadSupport = {
    minBytes: 0,
    maxBytes: null,
    needsSize: true,
    minNameLength: 1,
    maxNameLength: null,
    keepsName: true,
    readsBack: false,
    keepsMediaType: false,
    createsFirst: !isBlindOne,
    tellsState: !isBlindOne,
    sameName: 'adds',
    atomic: true,
    vendorOptions: {},
  };
  return defineAdapter<'upload', never, string>({
    vendor,
    place: 'the warehouse',
    supports: { get: false, download: false, upload, delete: false, downloadMany: false },
    toSegments: (id) => [id],
    fromSegments: ([id]) => id!,
    upload: async ({ name, content }, { onCreated, signal }) => {
      const bytes = await contentOf(content, {}, { signal }).bytes();
      const path = `/?name=${encodeURIComponent(name)}`;
      if (isBlindOne) return { segments: [(await send(origin, 'POST', `${path}&content=now`, bytes)).id], raw: undefined as never };
      const { id } = await send(origin, 'POST', path);
      await onCreated([id]);
      await send(origin, 'PUT', `/${id}`, bytes);
      return { segments: [id], raw: undefined as never };
    },
    ...(!isBlindOne && { uploadState: async (id: string) => (await send(origin, 'GET', `/${id}`)).state }),
  }) as unknown as Writable;
}

async function main(origin: string, journal: string, count: number): Promise<void> {
  const [telling, blind] = [warehouse(origin, 'warehouse', false), warehouse(origin, 'blind-warehouse', true)];
  const uncertain: string[] = [];
  const leftEmpty: (string | null)[] = [];
  const used: number[] = [];
  let finished = 0;
  function* items(): Generator<CopyItem> {
    for (let index = 0; index < count; index += 1) yield { from: source.ref(`f${index}`), to: isBlind(index) ? blind : telling };
  }
  const clock = {
    now: () => Date.now(),
    setTimeout: (callback: () => void) => setTimeout(callback, 1),
    clearTimeout: (timer: unknown) => clearTimeout(timer as number),
  };
  const report = await copyAll(items(), {
    // It is the process that is killed, not the machine.
    journal: fileJournal(journal, { sync: false }),
    concurrency: 16,
    itemRetries: 5,
    clock,
    onItem: ({ status, from, leftBehind }) => {
      if (status === 'uncertain') uncertain.push(from.segments[0]!);
      for (const { to } of leftBehind) leftEmpty.push(to?.segments[0] ?? null);
      finished += 1;
      if (finished !== count && finished !== Math.floor(count / 5)) return;
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      used.push(heapUsed + external);
    },
  });
  agent.destroy();
  stdout.write(JSON.stringify({ counts: report.counts, uncertain, leftEmpty, used } satisfies ChildReport));
}

if (import.meta.main) await main(argv[2]!, argv[3]!, Number(argv[4]));
