import type { FakeCall } from './core/calls.ts';
import type { FakeClock } from './core/clock.ts';
import { clockOf, Engine, FAKE_OPTIONS, type FakeOptions } from './core/engine.ts';
import { engineOf, type FakeServer, undoListening } from './core/fake.ts';
import { checkGiven } from './core/given.ts';
import { makeFetch, type FakeFetch } from './core/fetch.ts';
import { createFakeEgain, type FakeEgain, type FakeEgainOptions, type FakeEgainServer } from './egain/fake.ts';
import { createFakeTenovos, type FakeTenovos, type FakeTenovosOptions, type FakeTenovosServer } from './tenovos/fake.ts';
import { createFakeWorldServer, type FakeWorldServer, type FakeWorldServerOptions, type FakeWorldServerServer } from './worldserver/fake.ts';

/** Options of {@link createFakes}: those that all fakes share, and those of each vendor. */
export interface FakesOptions extends FakeOptions {
  readonly egain?: Omit<FakeEgainOptions, 'clock' | 'now'>;
  readonly tenovos?: Omit<FakeTenovosOptions, 'clock' | 'now'>;
  readonly worldserver?: Omit<FakeWorldServerOptions, 'clock' | 'now'>;
}

/** Servers of all three fakes. */
export interface FakesServer extends FakeServer {
  readonly egain: FakeEgainServer;
  readonly tenovos: FakeTenovosServer;
  readonly worldserver: FakeWorldServerServer;
}

/** The fakes of all three vendors on one clock. */
export interface Fakes {
  readonly egain: FakeEgain;
  readonly tenovos: FakeTenovos;
  readonly worldserver: FakeWorldServer;
  /** Reaches the hosts of all three. */
  readonly fetch: FakeFetch;
  readonly clock: FakeClock;
  /** What `calls` of any of them name. */
  readonly operations: readonly string[];
  /** The calls of all three, in the order in which they came. */
  readonly calls: readonly FakeCall[];
  readonly problems: readonly string[];
  /** Starts all three on free ports of 127.0.0.1. */
  listen(options?: { readonly cors?: boolean }): Promise<FakesServer>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes fakes of all three vendors that share one clock.
 *
 * @example
 * ```ts
 * await using fakes = createFakes({ tenovos: { assets: [{ id: 'a1', name: 'hero.tif' }] } });
 * ```
 */
export function createFakes(options: FakesOptions = {}): Fakes {
  checkGiven('createFakes(options)', options, { egain: { each: 'any' }, tenovos: { each: 'any' }, worldserver: { each: 'any' }, ...FAKE_OPTIONS });
  for (const vendor of ['egain', 'tenovos', 'worldserver'] as const) {
    const own = options[vendor] as FakeOptions | undefined;
    if (own?.clock !== undefined || own?.now !== undefined) {
      throw new TypeError(`createFakes(options) has one clock for all: clock and now stand beside ${vendor}, not in it.`);
    }
  }
  const clock = clockOf(options);
  const shared = (vendor: string, own: FakeOptions | undefined): FakeOptions => {
    const random = own?.random ?? (options.random === undefined ? undefined : `${options.random}:${vendor}`);
    const strict = own?.strict ?? options.strict;
    return { clock, ...(random === undefined ? {} : { random }), ...(strict === undefined ? {} : { strict }) };
  };
  const egain = createFakeEgain({ ...options.egain, ...shared('egain', options.egain) });
  const tenovos = createFakeTenovos({ ...options.tenovos, ...shared('tenovos', options.tenovos) });
  const worldserver = createFakeWorldServer({ ...options.worldserver, ...shared('worldserver', options.worldserver) });
  const all = [egain, tenovos, worldserver] as const;
  const engines = all.map((fake) => engineOf(fake));
  Engine.together(engines);
  const close = async (): Promise<void> => {
    await Promise.all(all.map((fake) => fake.close()));
    if (options.clock !== clock) clock.dispose();
  };
  return {
    egain,
    tenovos,
    worldserver,
    fetch: makeFetch(engines),
    clock,
    operations: [...new Set(all.flatMap((fake) => fake.operations as readonly string[]))],
    get calls() {
      return all.flatMap((fake) => fake.calls as readonly FakeCall[]).sort((a, b) => a.sequence - b.sequence);
    },
    get problems() {
      return all.flatMap((fake) => fake.problems);
    },
    async listen(listenOptions = {}) {
      checkGiven('listen(options)', listenOptions, { cors: 'flag' });
      const started = await Promise.allSettled([egain.listen(listenOptions), tenovos.listen(listenOptions), worldserver.listen(listenOptions)]);
      const failure = started.find((one) => one.status === 'rejected');
      if (failure !== undefined) {
        await Promise.all(started.map((one) => (one.status === 'fulfilled' ? undoListening(one.value) : undefined)));
        throw failure.reason;
      }
      const servers = started.map((one) => (one as PromiseFulfilledResult<FakeServer>).value) as [FakeEgainServer, FakeTenovosServer, FakeWorldServerServer];
      const closeServers = async (): Promise<void> => {
        await Promise.all(servers.map((server) => server.close()));
      };
      return {
        egain: servers[0],
        tenovos: servers[1],
        worldserver: servers[2],
        env: Object.assign({}, ...servers.map((server) => server.env)) as Record<string, string>,
        close: closeServers,
        [Symbol.asyncDispose]: closeServers,
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
