/** One owner per journal, told by files that a dead owner cannot hold: Node offers no lock of the operating system. */

import { readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { ApiError } from '@asset-clients/runtime';

/** Who holds a lock: enough to tell a process that runs from one that died and had its number given to another. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in ticks since boot, and which boot that was (Linux). */
  readonly started?: string | undefined;
  readonly boot?: string | undefined;
  /** Process numbers mean something within it only: containers have their own (Linux). */
  readonly pidNamespace?: string | undefined;
}

/** So that no file of somebody else is taken for one of ours. */
export const UUID: RegExp = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Two that come at the same moment both step back; who comes again a little later gets it. */
const ATTEMPTS = 4;

/**
 * Makes this process the only one that has `path` open.
 *
 * Each process claims with a file of its own (`<path>.lock-<uuid>`), then looks for others. Only claims of dead processes
 * are ever removed by others, and no name is used twice: so there is no moment in which two hold the lock.
 *
 * @returns Gives the lock back.
 * @throws ApiError of kind `conflict` when another process has it, or may have it: one on another machine cannot be asked.
 */
export async function lockPath(path: string): Promise<() => Promise<void>> {
  for (let attempt = 1; ; attempt += 1) {
    const own = `${path}.lock-${crypto.randomUUID()}`;
    // Renamed into place: nobody ever reads half a claim.
    try {
      await writeFile(`${own}~`, JSON.stringify(await thisProcess()), { mode: 0o600, flag: 'wx' });
      await rename(`${own}~`, own);
    } catch (error) {
      // A full disk takes the name and not the bytes.
      await rm(`${own}~`, { force: true }).catch(() => undefined);
      throw error;
    }
    const rival = await findRival(path, own);
    if (rival === undefined) return () => rm(own, { force: true });
    await rm(own, { force: true });
    if (attempt === ATTEMPTS) throw rival;
    await setTimeout(Math.random() * 40);
  }
}

async function findRival(path: string, own: string): Promise<ApiError | undefined> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.lock-`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !UUID.test(name.slice(prefix.length)) || name === basename(own)) continue;
    const claim = join(folder, name);
    const text = await readFile(claim, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const owner = parseOwner(text);
    const state = owner === undefined ? 'unknown' : await stateOf(owner);
    if (state !== 'dead') return inUse(path, claim, owner, state);
    await rm(claim, { force: true });
  }
  return undefined;
}

function inUse(path: string, claim: string, owner: Owner | undefined, state: 'alive' | 'unknown'): ApiError {
  const who = owner === undefined ? 'a process that cannot be told' : `process ${owner.pid} on ${owner.host}`;
  return new ApiError({
    kind: 'conflict',
    operation: 'fileJournal',
    message: state === 'alive' ? `${who} has the journal ${path} open` : `the journal ${path} was opened by ${who}, which cannot be asked from here`,
    hint: state === 'alive' ? 'Wait until it has ended, or give each its own journal.' : `If it does not run any more, delete ${claim}.`,
    outcome: 'not-sent',
    retryable: state === 'alive',
  });
}

function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner | null;
    return Number.isSafeInteger(owner?.pid) && typeof owner?.host === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
}

let self: Promise<Owner> | undefined;

function thisProcess(): Promise<Owner> {
  return (self ??= (async () => {
    const [status, boot, namespace] = await Promise.all([statusOf(process.pid), bootId(), pidNamespace()]);
    return { pid: process.pid, host: hostname(), started: status?.started, boot, pidNamespace: namespace };
  })());
}

async function stateOf(owner: Owner): Promise<'alive' | 'dead' | 'unknown'> {
  const { host, boot, pidNamespace } = await thisProcess();
  if (owner.host !== host) return 'unknown';
  if (owner.boot !== undefined && boot !== undefined && owner.boot !== boot) return 'dead';
  if (owner.pidNamespace !== pidNamespace) return 'unknown';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const status = await statusOf(owner.pid);
  if (status === undefined) return 'alive';
  // A killed process stays listed as a zombie until its parent has asked for its end.
  if (status.state === 'Z' || status.state === 'X') return 'dead';
  return owner.started !== undefined && owner.started !== status.started ? 'dead' : 'alive';
}

/** What Linux knows of a process; elsewhere there is only its number. */
async function statusOf(pid: number): Promise<{ readonly state: string; readonly started: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields?.[19] === undefined ? undefined : { state: fields[0]!, started: fields[19] };
}

async function bootId(): Promise<string | undefined> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined))?.trim();
}

async function pidNamespace(): Promise<string | undefined> {
  return readlink('/proc/self/ns/pid').catch(() => undefined);
}
