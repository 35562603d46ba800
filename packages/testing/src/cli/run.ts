import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { HostRole } from '../core/calls.ts';
import { engineOf, type Fake, type FakeServer } from '../core/fake.ts';
import { Engine } from '../core/engine.ts';
import { fault, type Fault } from '../core/faults.ts';
import { checkGiven, shown, suggestion } from '../core/given.ts';
import { isRecord } from '../core/json.ts';
import type { ListenOptions } from '../core/server.ts';
import { createFakeEgain } from '../egain/fake.ts';
import { createFakeTenovos } from '../tenovos/fake.ts';
import { createFakeWorldServer } from '../worldserver/fake.ts';

/** What the command talks to. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the process is asked to stop. */
  stopped(): Promise<void>;
}

const VENDORS = ['egain', 'tenovos', 'worldserver'] as const;
type Vendor = (typeof VENDORS)[number];

const HELP = `Starts fakes of eGain, Tenovos and WorldServer on 127.0.0.1 until it is stopped.

  npx @asset-clients/testing [vendor ...] [options]

  vendor                        egain, tenovos, worldserver; all three when none is named
  --seed <file>                 JSON: { "tenovos": { "assets": [...] }, ..., "faults": [...] }
  --port <vendor>[.<host>]=<n>  port of a host: api (the default), storage (egain, tenovos), token (egain), elsewhere; repeatable
  --random <text>               the same ids and credentials in every run
  --cors                        lets browsers of every origin in
  --lenient                     notes requests that contradict the specs instead of refusing them
  --json                        prints one line of JSON instead of a list
  --help

Prints the base URLs and the made-up credentials of the fakes as environment variables.
`;

/** A mistake in the arguments or in the seed file: one line, no stack. */
class UsageError extends Error {}

/**
 * The command `npx @asset-clients/testing`.
 *
 * @returns The exit code: 0 after a clean stop, 1 when a server could not start, 2 for wrong arguments.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const fakes: Fake[] = [];
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) {
      terminal.out(HELP);
      return 0;
    }
    const chosen = positionals.length === 0 ? VENDORS : positionals.map(vendorOf);
    const seed = values.seed === undefined ? {} : await readSeed(values.seed);
    const ports = portsOf(values.port ?? [], chosen);
    const env: Record<string, string> = {};
    const vendors: Record<string, unknown> = {};
    const started = new Map<Vendor, Made>();
    for (const vendor of new Set(chosen)) {
      const made = make(vendor, seed[vendor] ?? {}, values.random, values.lenient === true);
      fakes.push(made.fake);
      started.set(vendor, made);
    }
    // Everything that can be wrong in the arguments is told before a port is taken.
    plan(seed.faults, started);
    Engine.together(fakes.map((fake) => engineOf(fake)));
    const cors = values.cors === true;
    const ready = [...started].map(([vendor, { fake, listen }]) => ({ vendor, listen, options: { cors, ports: portsOfFake(fake, ports.get(vendor) ?? {}) } }));
    for (const { vendor, listen, options } of ready) {
      const server = await listen(options);
      Object.assign(env, server.env);
      vendors[vendor] = { env: server.env };
    }
    // Credentials of no value outside this process: that is what the command is for.
    if (values.json === true) terminal.out(`${JSON.stringify({ vendors, env })}\n`);
    else
      terminal.out(
        `${Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n')}\n\nThe fakes listen. Ctrl+C stops them.\n`,
      );
    await terminal.stopped();
    const problems = fakes.flatMap((fake) => fake.problems.map((problem) => `  ${fake.vendor}: ${problem}\n`));
    if (problems.length > 0) terminal.err(`What contradicted the specs, or had no effect:\n${problems.join('')}`);
    return 0;
  } catch (error) {
    const usage = error instanceof UsageError || error instanceof TypeError;
    terminal.err(`${(error as Error).message}\n${usage ? 'See --help.\n' : ''}`);
    return usage ? 2 : 1;
  } finally {
    await Promise.all(fakes.map((fake) => fake.close()));
  }
}

interface Values {
  readonly seed?: string;
  readonly port?: string[];
  readonly random?: string;
  readonly cors?: boolean;
  readonly lenient?: boolean;
  readonly json?: boolean;
  readonly help?: boolean;
}

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      port: { type: 'string', multiple: true },
      random: { type: 'string' },
      cors: { type: 'boolean' },
      lenient: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function vendorOf(name: string): Vendor {
  if ((VENDORS as readonly string[]).includes(name)) return name as Vendor;
  throw new UsageError(`'${name}' is none of the vendors.${suggestion(name, VENDORS)}`);
}

function portsOf(texts: readonly string[], chosen: readonly Vendor[]): Map<Vendor, Record<string, number>> {
  const ports = new Map<Vendor, Record<string, number>>();
  for (const text of texts) {
    const [, name, host = 'api', port] = /^(\w+)(?:\.(\w+))?=(\d+)$/.exec(text) ?? [];
    if (name === undefined || Number(port) > 65_535) {
      throw new UsageError(`--port takes <vendor>[.<host>]=<number up to 65535>, such as tenovos.storage=4011, not '${text}'.`);
    }
    const vendor = vendorOf(name);
    if (!chosen.includes(vendor)) throw new UsageError(`--port ${text}: ${vendor} does not run. Started: ${chosen.join(', ')}.`);
    const former = ports.get(vendor) ?? {};
    if (Object.hasOwn(former, host)) throw new UsageError(`--port ${text}: ${vendor}.${host} has the port ${former[host]!} already.`);
    ports.set(vendor, { ...former, [host]: Number(port) });
  }
  const used = new Map<number, string>();
  for (const [vendor, hosts] of ports) {
    for (const [host, port] of Object.entries(hosts)) {
      if (port !== 0 && used.has(port)) throw new UsageError(`--port gives ${port} to ${used.get(port)!} and to ${vendor}.${host}.`);
      used.set(port, `${vendor}.${host}`);
    }
  }
  return ports;
}

/** The ports, if the vendor has these hosts. */
function portsOfFake(fake: Fake, ports: Readonly<Record<string, number>>): NonNullable<ListenOptions['ports']> {
  const { hosts, title } = engineOf(fake).model;
  const roles = Object.entries(hosts as Readonly<Record<HostRole, readonly string[]>>).flatMap(([role, origins]) => (origins.length > 0 ? role : []));
  for (const role of Object.keys(ports)) {
    if (!roles.includes(role)) throw new UsageError(`--port ${fake.vendor}.${role}: ${title} has no host '${role}'.${suggestion(role, roles)}`);
  }
  return ports;
}

type SeedFile = Partial<Record<Vendor, Record<string, unknown>>> & { readonly faults?: unknown };

async function readSeed(path: string): Promise<SeedFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`The seed file cannot be read: ${(error as Error).message}`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The seed file ${path} is no JSON: ${(error as Error).message}`);
  }
  if (!isRecord(value)) throw new UsageError(`The seed file ${path} has to hold an object.`);
  const unknown = Object.keys(value).find((key) => key !== 'faults' && !(VENDORS as readonly string[]).includes(key));
  if (unknown !== undefined) throw new UsageError(`The seed file ${path} has an unknown '${unknown}'.${suggestion(unknown, [...VENDORS, 'faults'])}`);
  for (const vendor of VENDORS) {
    if (value[vendor] !== undefined && !isRecord(value[vendor]))
      throw new UsageError(`${vendor} of the seed file ${path} is an object, not ${shown(value[vendor])}.`);
  }
  return relativeFiles(value, dirname(path)) as SeedFile;
}

/** Paths in a seed file are relative to it. */
function relativeFiles(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => relativeFiles(item, folder));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === 'file' && typeof member === 'string' ? resolve(folder, member) : relativeFiles(member, folder)]),
  );
}

/** A fake, and how it listens. */
interface Made {
  readonly fake: Fake;
  readonly listen: (options: ListenOptions) => Promise<FakeServer>;
}

function make(vendor: Vendor, seed: Record<string, unknown>, random: string | undefined, lenient: boolean): Made {
  const options = { ...(random === undefined ? {} : { random: `${random}:${vendor}` }), strict: !lenient, ...seed };
  const fake = vendor === 'egain' ? createFakeEgain(options) : vendor === 'tenovos' ? createFakeTenovos(options) : createFakeWorldServer(options);
  return { fake: fake as Fake, listen: (listenOptions) => fake.listen(listenOptions) };
}

/** Words of `fault` that JSON can hold the arguments of. */
const WORDS: readonly string[] = Object.keys(fault).filter((name) => name !== 'together');

/** Faults of a seed file: `{ "vendor": "tenovos", "operation": "content", "fault": "resetAfter", "args": [1000], "times": 2 }`. */
function plan(faults: unknown, fakes: ReadonlyMap<Vendor, Made>): void {
  if (faults === undefined) return;
  if (!Array.isArray(faults)) throw new UsageError('"faults" of the seed file is a list.');
  for (const [index, given] of (faults as unknown[]).entries()) {
    const what = `faults[${index}] of the seed file`;
    checkGiven(what, given, {
      vendor: 'text',
      operation: 'text',
      fault: 'text',
      args: { list: 'any' },
      times: { or: ['whole', ['untilCleared']] },
      onCall: 'whole',
    });
    const {
      vendor,
      operation,
      fault: word,
      args = [],
      times,
      onCall,
    } = given as {
      readonly vendor?: string;
      readonly operation?: string;
      readonly fault?: string;
      readonly args?: readonly unknown[];
      readonly times?: number | 'untilCleared';
      readonly onCall?: number;
    };
    if (vendor === undefined || operation === undefined || word === undefined) {
      throw new UsageError(
        `${what} needs vendor, operation and fault: { "vendor": "tenovos", "operation": "content", "fault": "resetAfter", "args": [1000] }.`,
      );
    }
    if (!WORDS.includes(word)) throw new UsageError(`${what}: there is no fault '${word}'.${suggestion(word, WORDS)}`);
    const target = fakes.get(vendorOf(vendor));
    if (target === undefined) throw new UsageError(`${what} is planned for ${vendor}, which does not run.`);
    try {
      let made = (fault as unknown as Record<string, (...args: readonly unknown[]) => Fault>)[word]!(...args);
      if (onCall !== undefined) made = made.onCall(onCall);
      if (times !== undefined) made = times === 'untilCleared' ? made.untilCleared() : made.times(times);
      target.fake.faults.add(operation, made);
    } catch (error) {
      throw new UsageError(`${what}: ${(error as Error).message}`, { cause: error });
    }
  }
}
