import { readAll, sha256, sourceOf } from '../core/content.ts';
import type { FakeClock } from '../core/clock.ts';
import { Engine, FAKE_OPTIONS, type FakeOptions } from '../core/engine.ts';
import { assumptionsOf, disposable, FakeBase, type Fake, type FakeServer } from '../core/fake.ts';
import type { FakeFetch } from '../core/fetch.ts';
import { checkGiven } from '../core/given.ts';
import type { ListenOptions } from '../core/server.ts';
import { choices, defaults, type WorldServerAssumptions } from './assumptions.ts';
import { BASE_PATH, makeModel } from './model.ts';
import type { WorldServerOperation } from './operations.ts';
import { FILE, SEED, type WorldServerFileSeed, type WorldServerSeed } from './seed.ts';
import { WorldServerState, type StoredFile } from './state.ts';

/** Options of {@link createFakeWorldServer}. */
export interface FakeWorldServerOptions extends FakeOptions, WorldServerSeed {
  /** What RWS leaves open, otherwise than by default. */
  readonly assumptions?: Partial<WorldServerAssumptions>;
}

/** What `createWorldServerClient` takes. */
export interface WorldServerClientOptions {
  /** Ends in `/ws-api`. */
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
  readonly trustedOrigins: readonly string[];
  readonly clock: FakeClock;
}

/** A file as the fake holds it. */
export interface FakeWorldServerFile {
  readonly name: string;
  size(): Promise<number>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** As hex. */
  sha256(): Promise<string>;
}

/** A task as the fake holds it. */
export interface FakeWorldServerTask {
  readonly id: number;
  readonly projectId: number;
  readonly source: FakeWorldServerFile;
  /** `undefined`: not translated yet. */
  readonly target: FakeWorldServerFile | undefined;
}

/** A file that was uploaded to the fake. */
export interface FakeWorldServerUpload {
  readonly name: string;
  readonly internalName: string;
  readonly size: number;
  readonly contentType: string | undefined;
  /** As hex; `undefined` where the platform has no incremental hash. */
  readonly sha256: string | undefined;
  /** Throws where the file was too large to be kept (64 MiB). */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Servers of a WorldServer fake. */
export interface FakeWorldServerServer extends FakeServer {
  readonly baseUrl: string;
  readonly clientOptions: WorldServerClientOptions;
}

/** A fake of WorldServer's REST API. */
export interface FakeWorldServer extends Fake<WorldServerOperation> {
  readonly baseUrl: string;
  /** `createWorldServerClient(fake.clientOptions)` is a client of this fake. */
  readonly clientOptions: WorldServerClientOptions & { readonly fetch: FakeFetch };
  readonly assumptions: WorldServerAssumptions;
  /** Adds tasks, projects, groups and users; one with the id of another takes its place. */
  seed(seed: WorldServerSeed): void;
  task(id: number): FakeWorldServerTask | undefined;
  /** The translator is done: from now on the task has this target. */
  translate(taskId: number, target?: WorldServerFileSeed): void;
  /** What was uploaded, in order. */
  uploads(): readonly FakeWorldServerUpload[];
  /** Starts it on a free port of 127.0.0.1. */
  listen(options?: ListenOptions): Promise<FakeWorldServerServer>;
}

/**
 * Makes a fake of WorldServer: sessions, files of tasks, projects and project groups, tasks, uploads.
 *
 * @example
 * ```ts
 * await using fake = createFakeWorldServer({ tasks: [{ id: 1234, source: { name: 'guide.docx', bytes: 90_000 } }] });
 * const client = createWorldServerClient(fake.clientOptions);
 * ```
 */
export function createFakeWorldServer(options: FakeWorldServerOptions = {}): FakeWorldServer {
  checkGiven('createFakeWorldServer(options)', options, { ...SEED, assumptions: { members: choices }, ...FAKE_OPTIONS });
  const assumptions = assumptionsOf(defaults, options.assumptions);
  const engine = new Engine(makeModel(assumptions.apiVersion), (random) => new WorldServerState(assumptions, random), options);
  const fake = new WorldServer(engine);
  engine.state.add(options);
  return fake;
}

class WorldServer extends FakeBase<WorldServerOperation, WorldServerState> implements FakeWorldServer {
  get baseUrl(): string {
    return `${this.engine.origins.api}${BASE_PATH}`;
  }

  get assumptions(): WorldServerAssumptions {
    return this.engine.state.assumptions;
  }

  get clientOptions(): WorldServerClientOptions & { readonly fetch: FakeFetch } {
    return { ...this.#options(this.baseUrl), fetch: this.fetch };
  }

  seed(seed: WorldServerSeed): void {
    checkGiven('seed(...)', seed, SEED);
    this.engine.state.add(seed);
  }

  task(id: number): FakeWorldServerTask | undefined {
    const task = this.engine.state.tasks.get(id);
    if (task === undefined) return undefined;
    return { id, projectId: task.projectId, source: view(task.source), target: task.target === undefined ? undefined : view(task.target) };
  }

  translate(taskId: number, target?: WorldServerFileSeed): void {
    const task = this.engine.state.tasks.get(taskId);
    if (task === undefined) throw new TypeError(`There is no task ${taskId} to translate.`);
    if (target !== undefined) checkGiven('the target of translate(...)', target, FILE);
    const seed = target ?? { name: task.source.name, bytes: 1024 };
    task.target = { name: seed.name, path: `/Fake/Target/${seed.name}`, source: sourceOf(seed, `worldserver:target:${taskId}`, 1024) };
  }

  uploads(): readonly FakeWorldServerUpload[] {
    return [...this.engine.state.uploads.values()].map(({ name, internalName, size, contentType, sha256: hash, source }) => ({
      name,
      internalName,
      size,
      contentType,
      sha256: hash,
      bytes: async () => {
        if (source === undefined) throw new TypeError(`The upload '${name}' of ${size} bytes was not kept: compare its sha256.`);
        return await readAll(source);
      },
    }));
  }

  async listen(options: ListenOptions = {}): Promise<FakeWorldServerServer> {
    const listening = await this.start(options);
    const baseUrl = `${listening.origins.api}${BASE_PATH}`;
    const { username, password } = this.engine.state;
    return disposable(
      {
        baseUrl,
        clientOptions: this.#options(baseUrl),
        env: { WORLDSERVER_BASE_URL: baseUrl, WORLDSERVER_USERNAME: username, WORLDSERVER_PASSWORD: password },
      },
      listening,
    );
  }

  #options(baseUrl: string): WorldServerClientOptions {
    const { username, password } = this.engine.state;
    return { baseUrl, username, password, trustedOrigins: [], clock: this.clock };
  }
}

function view(file: StoredFile): FakeWorldServerFile {
  return {
    name: file.name,
    size: async () => await file.source.size(),
    bytes: async () => await readAll(file.source),
    sha256: async () => await sha256(file.source),
  };
}
