/** The cases: every job under every fault, once and always, in both shapes; and what the table expects of them. */

import { expected, type Expected } from './expected.ts';
import { faults, type FaultName } from './faults.ts';

/** One fault on one call, or on every call. */
export type Times = 'once' | 'always';

/** In process through the fake's `fetch`, or over sockets to its server. */
export type Shape = 'in process' | 'sockets';

/** One run. */
export interface Case {
  readonly job: string;
  readonly fault: FaultName;
  readonly times: Times;
  readonly shape: Shape;
}

/** The faults of the table. */
export const faultNames: readonly FaultName[] = Object.keys(faults) as FaultName[];

/** One line of text for a case. */
export function nameOf({ job, fault, times, shape }: Case): string {
  return [job, fault, times, shape].join(' | ');
}

/** The case of a line. */
export function parseCase(name: string): Case {
  const [job, fault, times, shape] = name.split(' | ') as [string, FaultName, Times, Shape];
  return { job, fault, times, shape };
}

/** All cases of a job under a fault: always only where the table says that it differs from once, which takes a second request. */
export function casesOf(job: string, fault: FaultName): readonly Case[] {
  const times = Array.isArray(entryOf(job, fault)) ? (['once', 'always'] as const) : (['once'] as const);
  return times.flatMap((one) => (['in process', 'sockets'] as const).map((shape): Case => ({ job, fault, times: one, shape })));
}

/** What the table says of a case under one major version of Node. */
export function expectedOf({ job, fault, times, shape }: Case, node: number): string {
  const { inProcess } = expected[fault];
  if (shape === 'in process' && inProcess !== undefined) return inProcess;
  const entry = entryOf(job, fault);
  if (typeof entry === 'string') return entry;
  if (isPair(entry)) return entry[times === 'once' ? 0 : 1];
  return entry[node as 22 | 24 | 26];
}

/** The line of a job: its own, or that of its kind. */
function entryOf(job: string, fault: FaultName): Expected {
  const [who, ...words] = job.split(' ') as [string, ...string[]];
  const kind = words.join(' ');
  const lines = Object.entries(expected[fault][who === 'ky' || who === 'fetch' ? who : 'ours']);
  const find = (wanted: string): Expected | undefined => lines.find(([keys]) => keys.split(', ').includes(wanted))?.[1];
  const found = find(job) ?? find(kind);
  if (found === undefined) throw new Error(`expected.ts has no line for '${job}' under ${fault}.`);
  return found;
}

function isPair(entry: Expected): entry is readonly [string, string] {
  return Array.isArray(entry);
}
