/** The demo's second pass: the same jobs while connections break, addresses expire, sessions end and a proxy stalls. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { TransferReceipt } from '@asset-clients/runtime';
import { createTenovosClient, type TenovosClientOptions } from '@asset-clients/tenovos';
import { createWorldServerClient, type WorldServerClientOptions } from '@asset-clients/worldserver';

import { BreakingProxy, type Treatment } from '../stores/breaking-proxy.ts';
import type { UsualJob, UsualResult } from './usual-loop.ts';
import { RESET_AT, type Question, type Storm, type VendorsReady } from './vendors.ts';

/** Where the proxy goes silent, and how long our client bears that. */
const SILENT_AT = 12_500_000;
const SILENCE_MS = 500;
/** How long the usual loop is watched. */
const PATIENCE_MS = 3000;

/** Runs a download and compares the file with its source. */
export type Transfer = (source: 'film' | 'picture' | 'text', name: string, run: (target: string) => Promise<unknown>) => Promise<boolean>;

/** One line of the second pass. */
export interface StormLine {
  readonly weather: string;
  readonly ours: string;
  readonly usual: string;
  /** The bytes are right, and the weather was met. */
  readonly isRight: boolean;
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** What the usual loop makes of it, in a process of its own. */
async function usualLoop(job: UsualJob, sha256: string): Promise<string> {
  const child = fork(fileURLToPath(new URL('usual-loop.ts', import.meta.url)), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.send(job);
  const over = new AbortController();
  const result = await Promise.race([
    once(child, 'message', { signal: over.signal }).then(([value]) => value as UsualResult),
    once(child, 'exit', { signal: over.signal }).then(([code]) => ({ failed: `its process died (${String(code)})` })),
    wait(PATIENCE_MS, { failed: `still waiting after ${PATIENCE_MS / 1000} s` }, { signal: over.signal }),
  ]);
  over.abort();
  child.kill('SIGKILL');
  if ('failed' in result) return result.failed;
  return result.sha256 === sha256 ? 'sha256 equal' : 'sha256 DIFFERENT';
}

/**
 * Runs the jobs in the storm.
 *
 * @param ask - Asks the vendors' process.
 * @param sums - SHA-256 of the files, in hex.
 */
export async function runStorm(
  ready: VendorsReady,
  ask: (question: Question) => Promise<unknown>,
  transfer: Transfer,
  sums: Readonly<Record<'film' | 'picture' | 'text', string>>,
): Promise<StormLine[]> {
  const lines: StormLine[] = [];
  const tenovos = ready.tenovos as TenovosClientOptions & { readonly apiKey: string; readonly username: string; readonly password: string };
  const worldserver = ready.worldserver as WorldServerClientOptions & { readonly username: string; readonly password: string };
  const { baseUrl } = worldserver;
  await using dam = createTenovosClient(tenovos);
  await using tms = createWorldServerClient(worldserver);
  await using proxy = await BreakingProxy.start(new URL(baseUrl).origin);
  const behindProxy = { ...worldserver, baseUrl: proxy.origin + new URL(baseUrl).pathname };
  await using far = createWorldServerClient({ ...behindProxy, idleTimeoutMs: SILENCE_MS });

  /** One job: ours first, then the usual loop under the same weather. */
  async function line(
    weather: string,
    source: 'film' | 'picture' | 'text',
    prepare: () => Promise<unknown>,
    run: (target: string) => Promise<TransferReceipt>,
    done: (receipt: TransferReceipt) => Promise<readonly (string | false)[]> | readonly (string | false)[],
    usual: UsualJob,
  ): Promise<void> {
    await prepare();
    let receipt: TransferReceipt | undefined;
    const isEqual = await transfer(source, `storm-${lines.length + 1}-${source}`, async (target) => (receipt = await run(target)));
    const what = (await done(receipt!)).filter((word) => word !== false);
    await prepare();
    lines.push({
      weather,
      ours: [...what, isEqual ? 'sha256 equal' : 'sha256 DIFFERENT'].join(', '),
      usual: await usualLoop(usual, sums[source]),
      // Nothing had to be done: the weather was not met.
      isRight: isEqual && what.length > 0,
    });
  }

  const storm = (kind: Storm) => (): Promise<unknown> => ask({ storm: kind });
  const file = async (opened: ReturnType<typeof dam.downloadAsset>, target: string): Promise<TransferReceipt> => (await opened).toFile(target);
  const { apiKey, username, password } = tenovos;
  const tenovosLoop = (id: string): UsualJob => ({ kind: 'tenovos', baseUrl: tenovos.baseUrl, apiKey, username, password, id });
  const worldServerLoop = (options: typeof worldserver, task: number): UsualJob => ({
    kind: 'worldserver',
    baseUrl: options.baseUrl,
    username: options.username,
    password: options.password,
    task,
  });
  const signed = ({ resumes, resigns }: TransferReceipt): (string | false)[] => [resumes > 0 && 'resumed', resigns > 0 && 're-signed'];

  await line(
    `reset at ${megabytes(RESET_AT)}`,
    'film',
    storm('reset'),
    (target) => file(dam.downloadAsset({ id: ready.ids.film }), target),
    signed,
    tenovosLoop(ready.ids.film),
  );
  await line(
    '20-second URL expired',
    'picture',
    storm('expired'),
    (target) => file(dam.downloadAsset({ id: ready.ids.original }), target),
    signed,
    tenovosLoop(ready.ids.original),
  );

  const logins = async (): Promise<number> => ((await ask('logins')) as { logins: number }).logins;
  await tms.getTasks({ projectId: '77' });
  const before = await logins();
  await line(
    'WorldServer session killed',
    'text',
    storm('session'),
    (target) => file(tms.downloadAsset({ resourceId: ready.ids.task }), target),
    async () => [(await logins()) === before + 1 && 'logged in again'],
    worldServerLoop(worldserver, ready.ids.task),
  );

  // The first request of each is the login.
  const silence: readonly Treatment[] = [{}, { answerEndsAfter: SILENT_AT, how: 'stall' }];
  await line(
    `a proxy silent at ${megabytes(SILENT_AT)}`,
    'film',
    async () => proxy.plan(...silence),
    (target) => file(far.downloadAsset({ resourceId: ready.ids.filmTask }), target),
    ({ attempts, resumes }) => [attempts > 1 && (resumes > 0 ? 'resumed' : `begun again after ${SILENCE_MS / 1000} s`)],
    worldServerLoop(behindProxy, ready.ids.filmTask),
  );
  return lines;
}
