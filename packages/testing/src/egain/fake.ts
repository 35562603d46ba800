import { readAll, sha256 } from '../core/content.ts';
import type { FakeClock } from '../core/clock.ts';
import { Engine, FAKE_OPTIONS, type FakeOptions } from '../core/engine.ts';
import { assumptionsOf, disposable, FakeBase, type Fake, type FakeServer } from '../core/fake.ts';
import type { FakeFetch } from '../core/fetch.ts';
import { checkGiven } from '../core/given.ts';
import type { ListenOptions } from '../core/server.ts';
import { choices, defaults, type EgainAssumptions } from './assumptions.ts';
import { ATTACHMENTS_PATH, CONVERSATION_PATH, model } from './model.ts';
import type { EgainOperation } from './operations.ts';
import { SEED, type EgainSeed } from './seed.ts';
import { EgainState, MANAGE, READ, type StoredFile } from './state.ts';
import { SCOPE_PREFIX } from './token.ts';

/** Options of {@link createFakeEgain}. */
export interface FakeEgainOptions extends FakeOptions, EgainSeed {
  /** What eGain leaves open, otherwise than by default. */
  readonly assumptions?: Partial<EgainAssumptions>;
  /** Whose token URL and scope spelling `clientOptions` has; the fake serves both. `'commercial'`. */
  readonly environment?: 'commercial' | 'self-service';
  /** Scopes that the client application has. By default those of the asset operations. */
  readonly scopes?: readonly string[];
}

/** `auth` of `clientOptions`: plain data that the eGain clients understand. */
export interface EgainClientCredentials {
  readonly type: 'clientCredentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** What `createEgainConversationClient` and `createEgainAttachmentClient` take. */
export interface EgainClientOptions {
  readonly baseUrl: string;
  readonly auth: EgainClientCredentials;
  readonly trustedOrigins: readonly string[];
  readonly clock: FakeClock;
}

/** An asset or attachment as the fake holds it. */
export interface FakeEgainFile {
  /** `id` of an asset, `altId` of an attachment. */
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  /** Whether there are bytes: `false` between `createAsset` and the upload. */
  readonly uploaded: boolean;
  size(): Promise<number | undefined>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** As hex. */
  sha256(): Promise<string>;
}

/** One of the two APIs of a fake, in process. */
export interface FakeEgainApi {
  readonly baseUrl: string;
  /** One client of this fake away: `createEgain...Client(fake.conversation.clientOptions)`. */
  readonly clientOptions: EgainClientOptions & { readonly fetch: FakeFetch };
}

/** Servers of an eGain fake. */
export interface FakeEgainServer extends FakeServer {
  readonly conversation: { readonly baseUrl: string; readonly clientOptions: EgainClientOptions };
  readonly attachments: { readonly baseUrl: string; readonly clientOptions: EgainClientOptions };
  readonly tokenUrl: string;
  /** Origin of the storage that signed URLs point to. */
  readonly storageOrigin: string;
}

/** A fake of eGain: conversation assets, attachments, both login environments, and the storage behind signed URLs. */
export interface FakeEgain extends Fake<EgainOperation> {
  readonly conversation: FakeEgainApi;
  readonly attachments: FakeEgainApi;
  /** Token URLs of the client application in both environments. */
  readonly tokenUrls: { readonly commercial: string; readonly selfService: string };
  /** Where a user logs in (the fake does so at once) and exchanges the code, in both environments. */
  readonly userLogin: Readonly<Record<'commercial' | 'selfService', { readonly authorizationUrl: string; readonly tokenUrl: string }>>;
  readonly storageOrigin: string;
  readonly assumptions: EgainAssumptions;
  /** Adds assets and attachments; one with the id of another takes its place. */
  seed(seed: EgainSeed): void;
  asset(id: string): FakeEgainFile | undefined;
  attachment(altId: string): FakeEgainFile | undefined;
  /** Every asset, in the order of creation. */
  assets(): readonly FakeEgainFile[];
  /** An access token without a login: of other scopes, of a user, or one that is over soon. */
  issueToken(options?: { readonly scopes?: readonly string[]; readonly actor?: 'client' | 'user'; readonly lifetimeSeconds?: number }): string;
  /** Starts it on free ports of 127.0.0.1: one for the APIs, one for the login, one for the storage. */
  listen(options?: ListenOptions): Promise<FakeEgainServer>;
}

/**
 * Makes a fake of eGain: Conversation Manager assets and File Manager attachments.
 *
 * @example
 * ```ts
 * await using fake = createFakeEgain({ attachments: [{ altId: 'x1', name: 'invoice.pdf', bytes: 120_000 }] });
 * const client = createEgainAttachmentClient(fake.attachments.clientOptions);
 * ```
 */
export function createFakeEgain(options: FakeEgainOptions = {}): FakeEgain {
  checkGiven('createFakeEgain(options)', options, {
    ...SEED,
    assumptions: { members: choices },
    environment: ['commercial', 'self-service'],
    scopes: { list: 'text' },
    ...FAKE_OPTIONS,
  });
  const assumptions = assumptionsOf(defaults, options.assumptions);
  const engine = new Engine(model, (random) => new EgainState(assumptions, random, options.scopes ?? [MANAGE, READ]), options);
  const fake = new Egain(engine, options.environment ?? 'commercial');
  fake.add(options);
  return fake;
}

class Egain extends FakeBase<EgainOperation, EgainState> implements FakeEgain {
  readonly #environment: 'commercial' | 'self-service';
  /** The same objects at every look: clients that share an `auth` share its token. */
  readonly #auth: EgainClientCredentials;

  constructor(engine: Engine<EgainOperation, EgainState>, environment: 'commercial' | 'self-service') {
    super(engine);
    this.#environment = environment;
    this.#auth = this.#credentials(environment === 'commercial' ? this.tokenUrls.commercial : this.tokenUrls.selfService);
  }

  get conversation(): FakeEgainApi {
    return this.#api(CONVERSATION_PATH);
  }

  get attachments(): FakeEgainApi {
    return this.#api(ATTACHMENTS_PATH);
  }

  get tokenUrls(): { readonly commercial: string; readonly selfService: string } {
    const [commercial, selfService] = this.engine.model.hosts.token as [string, string];
    return { commercial: `${commercial}${this.#tokenPath('commercial')}`, selfService: `${selfService}${this.#tokenPath('self-service')}` };
  }

  get userLogin(): FakeEgain['userLogin'] {
    const [commercial, selfService] = this.engine.model.hosts.token as [string, string];
    const { gatewayId, tenant } = this.engine.state;
    const urls = (base: string): { authorizationUrl: string; tokenUrl: string } => ({ authorizationUrl: `${base}/authorize`, tokenUrl: `${base}/token` });
    return { commercial: urls(`${commercial}/${gatewayId}/fake_signin/oauth2/v2.0`), selfService: urls(`${selfService}/system/auth/${tenant}-U/oauth2`) };
  }

  get storageOrigin(): string {
    return this.engine.origins.storage;
  }

  get assumptions(): EgainAssumptions {
    return this.engine.state.assumptions;
  }

  seed(seed: EgainSeed): void {
    checkGiven('seed(...)', seed, SEED);
    this.add(seed);
  }

  add(seed: EgainSeed): void {
    for (const asset of seed.assets ?? []) this.engine.state.addAsset(asset);
    for (const attachment of seed.attachments ?? []) this.engine.state.addAttachment(attachment);
  }

  asset(id: string): FakeEgainFile | undefined {
    return view(this.engine.state.assets.get(id));
  }

  attachment(altId: string): FakeEgainFile | undefined {
    return view(this.engine.state.attachments.get(altId));
  }

  assets(): readonly FakeEgainFile[] {
    return [...this.engine.state.assets.values()].map((file) => view(file)!);
  }

  issueToken({
    scopes,
    actor = 'client',
    lifetimeSeconds,
  }: { readonly scopes?: readonly string[]; readonly actor?: 'client' | 'user'; readonly lifetimeSeconds?: number } = {}): string {
    const { state, clock } = this.engine;
    return state.issue(scopes ?? state.granted, actor, clock.now(), lifetimeSeconds ?? state.assumptions.tokenLifetimeSeconds).value;
  }

  async listen(options: ListenOptions = {}): Promise<FakeEgainServer> {
    const listening = await this.start(options);
    const { api, token, storage } = listening.origins;
    const tokenUrl = `${token}${this.#tokenPath(this.#environment)}`;
    const auth = this.#credentials(tokenUrl);
    const of = (path: string): { baseUrl: string; clientOptions: EgainClientOptions } => ({
      baseUrl: `${api}${path}`,
      clientOptions: { baseUrl: `${api}${path}`, auth, trustedOrigins: [storage], clock: this.clock },
    });
    const conversation = of(CONVERSATION_PATH);
    const attachments = of(ATTACHMENTS_PATH);
    return disposable(
      {
        conversation,
        attachments,
        tokenUrl,
        storageOrigin: storage,
        env: {
          EGAIN_CONVERSATION_BASE_URL: conversation.baseUrl,
          EGAIN_ATTACHMENTS_BASE_URL: attachments.baseUrl,
          EGAIN_TOKEN_URL: tokenUrl,
          EGAIN_CLIENT_ID: auth.clientId,
          EGAIN_CLIENT_SECRET: auth.clientSecret,
          EGAIN_SCOPE: auth.scope,
          EGAIN_TRUSTED_ORIGINS: storage,
        },
      },
      listening,
    );
  }

  #api(path: string): FakeEgainApi {
    const baseUrl = `${this.engine.origins.api}${path}`;
    return { baseUrl, clientOptions: { baseUrl, auth: this.#auth, trustedOrigins: [this.storageOrigin], clock: this.clock, fetch: this.fetch } };
  }

  #tokenPath(environment: 'commercial' | 'self-service'): string {
    const { gatewayId, tenant } = this.engine.state;
    return environment === 'commercial' ? `/global/${gatewayId}/oauth2/v2.0/token` : `/system/auth/${tenant}-U/oauth2/token`;
  }

  #credentials(tokenUrl: string): EgainClientCredentials {
    const { clientId, clientSecret, granted } = this.engine.state;
    const scope = this.#environment === 'commercial' ? `${SCOPE_PREFIX}.default` : granted.join(' ');
    return Object.freeze({ type: 'clientCredentials', tokenUrl, clientId, clientSecret, scope });
  }
}

function view(file: StoredFile | undefined): FakeEgainFile | undefined {
  if (file === undefined) return undefined;
  const content = (): NonNullable<StoredFile['source']> => {
    if (file.source === undefined) throw new TypeError(`Nothing was uploaded to the asset '${file.id}' yet.`);
    return file.source;
  };
  return {
    id: file.id,
    name: file.name,
    contentType: file.contentType,
    uploaded: file.source !== undefined,
    size: async () => (file.source === undefined ? file.size : await file.source.size()),
    bytes: async () => await readAll(content()),
    sha256: async () => await sha256(content()),
  };
}
