import { callLine, type FakeCall } from './calls.ts';
import type { FakeClock } from './clock.ts';
import { type Engine, FakeError } from './engine.ts';
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
  /** What `calls` name and `faults.add` takes. */
  readonly operations: readonly Operation[];
  /** Every request that came, in order, without secrets. */
  readonly calls: readonly FakeCall<Operation>[];
  /** What in use or seeds of this fake contradicts the specs, and which faults had no effect, as sentences. Empty when all is well. */
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
  declare readonly engine: Engine<Operation, State>;
  readonly fetch: FakeFetch;
  readonly #listening = new Set<StartedServer>();

  /** @internal */
  constructor(engine: Engine<Operation, State>) {
    // Not to be found by whoever prints the fake or compares it: it holds the secrets.
    Object.defineProperty(this, 'engine', { value: engine, enumerable: false });
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: () => this.#summary(), enumerable: false });
    this.fetch = makeFetch([engine]);
  }

  /** What a test may print: no secrets, no machinery. */
  toJSON(): object {
    const { vendor, calls, problems, faults, clock } = this;
    return { vendor, now: new Date(clock.now()).toISOString(), calls, problems, pendingFaults: faults.pending() };
  }

  /** What a console shows: the calls in a line each. */
  #summary(): object {
    return { ...this.toJSON(), calls: this.calls.map(callLine) };
  }

  get operations(): readonly Operation[] {
    return this.engine.model.operations;
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
  async start(options: ListenOptions): Promise<StartedServer> {
    const { engine } = this;
    const assertOpen = (): void => {
      if (engine.closed) throw new FakeError(`The ${engine.model.title} fake is closed and cannot listen: make a new one.`);
    };
    assertOpen();
    const { checkListenOptions, listenOn } = await import('./server.ts');
    checkListenOptions(engine, options);
    const release = engine.clock.listening();
    let listening: Listening;
    try {
      listening = await listenOn(engine, options);
    } catch (error) {
      release(true);
      throw error;
    }
    const end = async (undo: boolean): Promise<void> => {
      this.#listening.delete(entry);
      await listening.close();
      release(undo);
    };
    const entry: StartedServer = { origins: listening.origins, close: () => end(false), undo: () => end(true) };
    this.#listening.add(entry);
    // It may have been closed while it started.
    if (engine.closed) await entry.undo();
    assertOpen();
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

/** Servers, and the way back to before they were started. */
export interface StartedServer extends Listening {
  undo(): Promise<void>;
}

const undoOf = new WeakMap<object, () => Promise<void>>();

/** Closes a server as if it had never been started: the clock is again what it was. */
export async function undoListening(server: FakeServer): Promise<void> {
  await undoOf.get(server)?.();
}

/** Adds disposal to a server's description. */
export function disposable<T extends object>(server: T, listening: StartedServer): T & Pick<FakeServer, 'close' | typeof Symbol.asyncDispose> {
  const result = Object.assign(server, { close: () => listening.close(), [Symbol.asyncDispose]: () => listening.close() });
  undoOf.set(result, () => listening.undo());
  return result;
}

/** The switches of a fake: defaults overlaid by what the caller chose. */
export function assumptionsOf<T extends object>(defaults: T, chosen: Partial<T> | undefined): T {
  return Object.freeze({ ...defaults, ...Object.fromEntries(Object.entries(chosen ?? {}).filter(([, value]) => value !== undefined)) }) as T;
}

/** The machinery of a fake, for what works on several. */
// oxlint-disable-next-line typescript/no-explicit-any -- any vendor
export function engineOf(fake: Fake<any>): Engine<any, any> {
  if (!(fake instanceof FakeBase)) throw new TypeError('This is not a fake that createFake...() made.');
  return fake.engine;
}
