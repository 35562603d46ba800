/**
 * Sockets and in-process fail alike: every fault of `fault.*`, under our clients, ky and built-in fetch, once through the
 * fake's own `fetch` and once over sockets to its server, under three versions of Node. `expected.ts` is what each means.
 */

import { availableParallelism } from 'node:os';

import { beforeAll, describe, expect, test } from 'vitest';

import { fault } from '@asset-clients/testing';

import { nodeOf } from '../test/support/nodes.ts';
import { casesOf, expectedOf, faultNames, nameOf, parseCase, type Case } from './cases.ts';
import { expected } from './expected.ts';
import { jobs } from './jobs.ts';
import { runCases } from './run-cases.ts';

/** Cases that a child runs at once: most of their time is waiting. */
const AT_ONCE = 8;
/** A child per Node and group. */
const GROUPS: readonly RegExp[] = [/^(?:tenovos|mail) /, /^(?:chat|worldserver) /, /^(?:ky|fetch) /];

const cases = Object.keys(jobs).flatMap((job) => faultNames.flatMap((name) => casesOf(job, name)));
const nodes = [22, 24, 26].map((major) => ({ major, path: nodeOf(major) }));
const outcomes = new Map<number, Map<string, string>>(nodes.map(({ major }) => [major, new Map()]));

beforeAll(async () => {
  const work = nodes.flatMap(({ major, path }) =>
    path === undefined ? [] : GROUPS.map((group) => ({ major, path, names: cases.filter(({ job }) => group.test(job)).map(nameOf) })),
  );
  const lanes = Array.from({ length: Math.min(4, availableParallelism()) }, async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) {
      const { major, path, names } = next;
      const doomed = new Set(names.filter((name) => expectedOf(parseCase(name), major) === 'process died'));
      for (const [name, outcome] of await runCases(path, names, AT_ONCE, doomed)) outcomes.get(major)!.set(name, outcome);
    }
  });
  await Promise.all(lanes);
}, 900_000);

/** Outcomes of some cases, by job. */
function told(some: readonly Case[], outcomeOf: (one: Case) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(some.map((one) => [`${one.job}, ${one.times}`, outcomeOf(one)]));
}

test('the table has every word of fault.*', () => {
  const words = new Set(faultNames.map((name) => name.slice(0, name.indexOf('('))));
  expect([...words].sort()).toEqual(Object.keys(fault).sort());
});

describe.each(nodes.filter(({ path }) => path !== undefined))('Node $major', ({ major }) => {
  /** The table names the death that is known: an assertion inside of built-in fetch. */
  const cameOf = (one: Case): string => {
    const outcome = outcomes.get(major)!.get(nameOf(one)) ?? 'not run';
    return outcome.startsWith('process died: AssertionError') && expectedOf(one, major) === 'process died' ? 'process died' : outcome;
  };

  test.each(faultNames.map((name) => ({ name, means: expected[name].means })))('$name: $means', ({ name }) => {
    for (const shape of ['in process', 'sockets'] as const) {
      const some = cases.filter((one) => one.fault === name && one.shape === shape);
      expect(told(some, cameOf), shape).toEqual(told(some, (one) => expectedOf(one, major)));
    }
  });

  test('there is no difference between in process and sockets', () => {
    const differences = cases
      .filter(({ shape, fault }) => shape === 'in process' && expected[fault].inProcess === undefined)
      .map((one) => ({ case: nameOf(one), inProcess: cameOf(one), sockets: cameOf({ ...one, shape: 'sockets' }) }))
      .filter(({ inProcess, sockets }) => inProcess !== sockets);
    expect(differences).toEqual([]);
  });

  test('none of ours hangs, dies, leaks a credential or leaves a part of a file', () => {
    const bad = cases
      .filter(({ job }) => jobs[job]!.asker === 'ours')
      .filter((one) => /^hang|^process died|^could not run|^not run|leaked|leaving/.test(cameOf(one)));
    expect(told(bad, cameOf)).toEqual({});
  });
});

for (const { major } of nodes.filter(({ path }) => path === undefined)) {
  test(`Node ${major}: not run, there is no package of it for ${process.platform} ${process.arch}`, () => {
    expect(nodeOf(major)).toBeUndefined();
  });
}
