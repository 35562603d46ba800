import type { FakeCall } from './calls.ts';
import type { FakeClock } from './clock.ts';
import type { Engine } from './engine.ts';
import type { FaultPlan } from './faults.ts';
import { makeFetch, type FakeFetch } from './fetch.ts';
import type { Listening, ListenOptions } from './server.ts';

/** What all fakes have in common. */
export interface Fake<Operation extends string = string> {
  /** `'egain'`, `'tenovos'` or `'worldserver'`. */
  readonly vendor: string;
  /** Built-in fetch's twin that reaches this fake and nothing else. */
  readonly fetch: FakeFetch;
  /** The one clock of the fake and of the clients made with its `clientOptions`. */
  readonly clock: FakeClock;
  /** Planned failures. */
  readonly faults: FaultPlan<Operation>;
  /** Every request that came, in order, without secrets. */
  readonly calls: readonly FakeCall<Operation>[];
  /** What in use or seeds of this fake contradicts the specs, as sentences. Empty when all is well. */
  readonly problems: readonly string[];
  /** Stops servers and forgets timers. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Servers of a fake; closed by `close()`, by `await using`, or with the fake. */
export interface FakeServer {
  /** What a process needs to know to reach this fake, by names such as `TENOVOS_BASE_URL`. All values are made up. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What all fakes do alike. */
export class FakeBase<Operation extends string, State> implements Fake<Operation> {
  /** @internal */
  readonly engine: Engine<Operation, State>;
  readonly fetch: FakeFetch;
  readonly #listening = new Set<Listening>();

  /** @internal */
  constructor(engine: Engine<Operation, State>) {
    this.engine = engine;
    this.fetch = makeFetch([engine]);
  }

  get vendor(): string {
    return this.engine.model.vendor;
  }

  get clock(): FakeClock {
    return this.engine.clock;
  }

  get faults(): FaultPlan<Operation> {
    return this.engine.faults;
  }

  get calls(): readonly FakeCall<Operation>[] {
    return this.engine.calls;
  }

  get problems(): readonly string[] {
    return this.engine.problems;
  }

  /** @internal */
  async start(options: ListenOptions): Promise<Listening> {
    this.engine.clock.listening();
    const { listenOn } = await import('./server.ts');
    const listening = await listenOn(this.engine, options);
    const close = async (): Promise<void> => {
      this.#listening.delete(entry);
      await listening.close();
    };
    const entry: Listening = { origins: listening.origins, close };
    this.#listening.add(entry);
    return entry;
  }

  async close(): Promise<void> {
    this.engine.close();
    await Promise.all([...this.#listening].map((one) => one.close()));
    if (this.engine.ownsClock) this.engine.clock.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Adds disposal to a server's description. */
export function disposable<T extends object>(server: T, listening: Listening): T & Pick<FakeServer, 'close' | typeof Symbol.asyncDispose> {
  return Object.assign(server, { close: () => listening.close(), [Symbol.asyncDispose]: () => listening.close() });
}

/** The switches of a fake: defaults overlaid by what the caller chose; an unknown name is an error. */
export function assumptionsOf<T extends object>(vendor: string, defaults: T, chosen: Partial<T> | undefined): T {
  for (const name of Object.keys(chosen ?? {})) {
    if (!Object.hasOwn(defaults, name)) throw new TypeError(`The ${vendor} fake has no assumption '${name}'. There are: ${Object.keys(defaults).join(', ')}.`);
  }
  return Object.freeze({ ...defaults, ...Object.fromEntries(Object.entries(chosen ?? {}).filter(([, value]) => value !== undefined)) }) as T;
}

/** The machinery of a fake, for what works on several. */
// oxlint-disable-next-line typescript/no-explicit-any -- any vendor
export function engineOf(fake: Fake<any>): Engine<any, any> {
  if (!(fake instanceof FakeBase)) throw new TypeError('This is not a fake that createFake...() made.');
  return fake.engine;
}
