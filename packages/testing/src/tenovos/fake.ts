import { readAll, sha256, type Source } from '../core/content.ts';
import { Engine, FAKE_OPTIONS, type FakeOptions } from '../core/engine.ts';
import { assumptionsOf, disposable, FakeBase, type Fake, type FakeServer } from '../core/fake.ts';
import type { FakeClock } from '../core/clock.ts';
import type { FakeFetch } from '../core/fetch.ts';
import { checkGiven } from '../core/given.ts';
import type { ListenOptions } from '../core/server.ts';
import { choices, defaults, type TenovosAssumptions } from './assumptions.ts';
import { model } from './model.ts';
import type { TenovosOperation } from './operations.ts';
import { SEED, type TenovosSeed } from './seed.ts';
import { TenovosState } from './state.ts';

/** Options of {@link createFakeTenovos}. */
export interface FakeTenovosOptions extends FakeOptions, TenovosSeed {
  /** What Tenovos leaves open, otherwise than by default. */
  readonly assumptions?: Partial<TenovosAssumptions>;
}

/** What `createTenovosClient` takes. */
export interface TenovosClientOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly username: string;
  readonly password: string;
  readonly trustedOrigins: readonly string[];
  readonly clock: FakeClock;
}

/** An asset as the fake holds it. */
export interface FakeTenovosAsset {
  readonly id: string;
  readonly fileId: string;
  readonly name: string;
  /** Bytes of the original; `undefined` for an asset that is metadata only. */
  size(): Promise<number | undefined>;
  /** The original, or a rendition. */
  bytes(rendition?: string): Promise<Uint8Array<ArrayBuffer>>;
  /** SHA-256 of the original or of a rendition as hex. */
  sha256(rendition?: string): Promise<string>;
}

/** Servers of a Tenovos fake. */
export interface FakeTenovosServer extends FakeServer {
  readonly baseUrl: string;
  /** Origin of the storage, where originals and renditions are. */
  readonly contentOrigin: string;
  readonly clientOptions: TenovosClientOptions;
}

/** A fake of Tenovos 1.5. */
export interface FakeTenovos extends Fake<TenovosOperation> {
  readonly baseUrl: string;
  readonly contentOrigin: string;
  /** `createTenovosClient(fake.clientOptions)` is a client of this fake. */
  readonly clientOptions: TenovosClientOptions & { readonly fetch: FakeFetch };
  readonly assumptions: TenovosAssumptions;
  /** Adds assets; one with the id of another takes its place. */
  seed(seed: TenovosSeed): void;
  /** The asset with this id, or with this file id. */
  asset(id: string): FakeTenovosAsset | undefined;
  /** Starts it on free ports of 127.0.0.1: one for the API, one for the storage. */
  listen(options?: ListenOptions): Promise<FakeTenovosServer>;
}

/**
 * Makes a fake of Tenovos: login and refresh, assets with metadata and renditions, search, and a storage on another
 * origin with URLs that expire.
 *
 * @example
 * ```ts
 * await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'hero.tif', bytes: 8_000_000 }] });
 * const client = createTenovosClient(fake.clientOptions);
 * ```
 */
export function createFakeTenovos(options: FakeTenovosOptions = {}): FakeTenovos {
  checkGiven('createFakeTenovos(options)', options, { ...SEED, assumptions: { members: choices }, ...FAKE_OPTIONS });
  const assumptions = assumptionsOf(defaults, options.assumptions);
  const engine = new Engine(model, (random) => new TenovosState(assumptions, random), options);
  const fake = new Tenovos(engine);
  fake.add(options);
  return fake;
}

class Tenovos extends FakeBase<TenovosOperation, TenovosState> implements FakeTenovos {
  get baseUrl(): string {
    return `${this.engine.origins.api}/v1`;
  }

  get contentOrigin(): string {
    return this.engine.origins.storage;
  }

  get assumptions(): TenovosAssumptions {
    return this.engine.state.assumptions;
  }

  get clientOptions(): TenovosClientOptions & { readonly fetch: FakeFetch } {
    return { ...this.#options(this.baseUrl, this.contentOrigin), fetch: this.fetch };
  }

  seed(seed: TenovosSeed): void {
    checkGiven('seed(...)', seed, SEED);
    this.add(seed);
  }

  add(seed: TenovosSeed): void {
    for (const asset of seed.assets ?? []) this.engine.state.add(asset, this.engine.clock.now());
  }

  asset(id: string): FakeTenovosAsset | undefined {
    const { state } = this.engine;
    const asset = state.assets.get(id) ?? state.byFile.get(id);
    if (asset === undefined) return undefined;
    const source = (rendition?: string): Source => {
      const object = rendition === undefined ? asset.original : asset.renditions.get(rendition);
      if (object === undefined) throw new TypeError(`The asset '${id}' has no ${rendition ?? 'file'}.`);
      return object.source;
    };
    return {
      id: asset.id,
      fileId: asset.fileId,
      name: asset.seed.name,
      size: async () => await asset.original?.source.size(),
      bytes: async (rendition) => await readAll(source(rendition)),
      sha256: async (rendition) => await sha256(source(rendition)),
    };
  }

  async listen(options: ListenOptions = {}): Promise<FakeTenovosServer> {
    const listening = await this.start(options);
    const baseUrl = `${listening.origins.api}/v1`;
    const contentOrigin = listening.origins.storage;
    const { apiKey, username, password } = this.engine.state;
    return disposable(
      {
        baseUrl,
        contentOrigin,
        clientOptions: this.#options(baseUrl, contentOrigin),
        env: {
          TENOVOS_BASE_URL: baseUrl,
          TENOVOS_API_KEY: apiKey,
          TENOVOS_USERNAME: username,
          TENOVOS_PASSWORD: password,
          TENOVOS_TRUSTED_ORIGINS: contentOrigin,
        },
      },
      listening,
    );
  }

  #options(baseUrl: string, contentOrigin: string): TenovosClientOptions {
    const { apiKey, username, password } = this.engine.state;
    return { baseUrl, apiKey, username, password, trustedOrigins: [contentOrigin], clock: this.clock };
  }
}
