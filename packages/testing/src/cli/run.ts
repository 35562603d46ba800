import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { HostRole } from '../core/calls.ts';
import type { Fake, FakeServer } from '../core/fake.ts';
import { fault, type Fault } from '../core/faults.ts';
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
const HOSTS: readonly HostRole[] = ['api', 'token', 'storage', 'elsewhere'];

const HELP = `Starts fakes of eGain, Tenovos and WorldServer on 127.0.0.1 until it is stopped.

  npx @asset-clients/testing [vendor ...] [options]

  vendor                        egain, tenovos, worldserver; all three when none is named
  --seed <file>                 JSON: { "tenovos": { "assets": [...] }, ..., "faults": [...] }
  --port <vendor>[.<host>]=<n>  port of a host: api (the default), token, storage, elsewhere; repeatable
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
    const ports = portsOf(values.port ?? []);
    const env: Record<string, string> = {};
    const vendors: Record<string, unknown> = {};
    const started = new Map<Vendor, Fake>();
    for (const vendor of new Set(chosen)) {
      const { fake, listen } = make(vendor, seed[vendor] ?? {}, values.random, values.lenient === true);
      fakes.push(fake);
      started.set(vendor, fake);
      const options: ListenOptions = { cors: values.cors === true, ports: ports.get(vendor) ?? {} };
      const server = await listen(options);
      Object.assign(env, server.env);
      vendors[vendor] = { env: server.env };
    }
    plan(seed.faults, started);
    // Credentials of no value outside this process: that is what the command is for.
    if (values.json === true) terminal.out(`${JSON.stringify({ vendors, env })}\n`);
    else
      terminal.out(
        `${Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n')}\n\nThe fakes listen. Ctrl+C stops them.\n`,
      );
    await terminal.stopped();
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
  throw new UsageError(`'${name}' is none of the vendors: ${VENDORS.join(', ')}.`);
}

function portsOf(texts: readonly string[]): Map<Vendor, Partial<Record<HostRole, number>>> {
  const ports = new Map<Vendor, Partial<Record<HostRole, number>>>();
  for (const text of texts) {
    const [, vendor, host = 'api', port] = /^(\w+)(?:\.(\w+))?=(\d+)$/.exec(text) ?? [];
    if (vendor === undefined || !(HOSTS as readonly string[]).includes(host) || Number(port) > 65_535) {
      throw new UsageError(`--port takes <vendor>[.<host>]=<number>, such as tenovos.storage=4011, not '${text}'.`);
    }
    ports.set(vendorOf(vendor), { ...ports.get(vendorOf(vendor)), [host]: Number(port) });
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
  if (unknown !== undefined) throw new UsageError(`The seed file ${path} has '${unknown}', which is none of ${VENDORS.join(', ')}, faults.`);
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

function make(
  vendor: Vendor,
  seed: Record<string, unknown>,
  random: string | undefined,
  lenient: boolean,
): { fake: Fake; listen: (options: ListenOptions) => Promise<FakeServer> } {
  const options = { ...(random === undefined ? {} : { random: `${random}:${vendor}` }), strict: !lenient, ...seed };
  const fake = vendor === 'egain' ? createFakeEgain(options) : vendor === 'tenovos' ? createFakeTenovos(options) : createFakeWorldServer(options);
  return { fake: fake as Fake, listen: (listenOptions) => fake.listen(listenOptions) };
}

/** Faults of a seed file: `{ "vendor": "tenovos", "operation": "content", "fault": "resetAfter", "args": [1000], "times": 2 }`. */
function plan(faults: unknown, fakes: ReadonlyMap<Vendor, Fake>): void {
  if (faults === undefined) return;
  if (!Array.isArray(faults)) throw new UsageError('"faults" of the seed file is a list.');
  for (const one of faults as unknown[]) {
    if (!isRecord(one) || typeof one.vendor !== 'string' || typeof one.operation !== 'string' || typeof one.fault !== 'string') {
      throw new UsageError(`A fault is written { "vendor", "operation", "fault", "args"?, "times"? }, not ${JSON.stringify(one)}.`);
    }
    const word =
      Object.hasOwn(fault, one.fault) && one.fault !== 'together' ? (fault as unknown as Record<string, (...args: unknown[]) => Fault>)[one.fault] : undefined;
    if (word === undefined)
      throw new UsageError(
        `There is no fault '${one.fault}'. There are: ${Object.keys(fault)
          .filter((name) => name !== 'together')
          .join(', ')}.`,
      );
    const made = word(...(Array.isArray(one.args) ? one.args : []));
    const fake = fakes.get(vendorOf(one.vendor));
    if (fake === undefined) throw new UsageError(`A fault is planned for ${one.vendor}, which does not run.`);
    fake.faults.add(one.operation, one.times === 'untilCleared' ? made.untilCleared() : typeof one.times === 'number' ? made.times(one.times) : made);
  }
}
