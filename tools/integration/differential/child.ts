/**
 * Runs cases in a process of its own, under whatever Node starts it: `node child.ts <how many at once>`, case names on
 * stdin, one a line. Says on stdout when it starts a case and what came of it.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import type { Fault } from '@asset-clients/testing';

import { patientTimer } from '../test/support/hasty-clock.ts';
import { parseCase } from './cases.ts';
import { faults } from './faults.ts';
import { jobs, tell } from './jobs.ts';

/** No case may take longer: the client hangs. */
const HANG_MS = 8000;

/** A fault hits once and retries may cure it, or it hits every call and shows what the client says in the end. */
async function runCase(name: string): Promise<string> {
  const { job: jobName, fault: faultName, times, shape } = parseCase(name);
  const job = jobs[jobName]!;
  const make: (body: 'file' | 'text') => Fault = faults[faultName];
  const planned = make(job.body);
  const { fake, run } = await job.ready(shape, times === 'once' ? 2 : 1);
  try {
    fake.faults.add(job.operation, times === 'once' ? planned : planned.untilCleared());
    let timer: ReturnType<typeof patientTimer> | undefined;
    const hang = new Promise<string>((resolve) => (timer = patientTimer(() => resolve('hang'), HANG_MS)));
    const outcome = await Promise.race([run().then((got) => `ok ${got}`, tell), hang]);
    timer?.stop();
    const calls = fake.calls.filter((call) => call.operation === job.operation);
    // A port may have been another fake's a moment ago, whose client still says goodbye: such a call fits no operation here.
    const meant = fake.calls.filter((call) => call.operation !== undefined || !call.path.endsWith('/logout'));
    const problems = fake.calls.filter((call) => call.operation !== undefined).flatMap((call) => call.problems);
    const notes = [
      ...(calls.length === 1 ? [] : [`${calls.length} requests`]),
      ...(fake.faults.pending().some((one) => one.withoutEffect === undefined) ? ['fault not met'] : []),
      ...(problems.some((problem) => / had no effect on a call of /.test(problem)) ? ['no effect'] : []),
      ...problems.filter((problem) => !/ had no effect on a call of |^fault\./.test(problem)),
      ...[...new Set(meant.flatMap((call) => call.leaks))].map((leak) => `leaked ${leak}`),
    ];
    return [outcome, ...notes].join('; ');
  } finally {
    await fake.close();
  }
}

const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const queue = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const lanes = Array.from({ length: Number(process.argv[2] ?? 1) }, async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    say({ start: name });
    say({ name, outcome: await runCase(name).catch((error: unknown) => `could not run: ${String(error)}`) });
    // What the client left behind may only now be noticed.
    await wait(1);
  }
});
await Promise.all(lanes);
say({ end: true });
process.exit(0);
