/** Authentication as a strategy: write credentials into a request, and answer a 401 once. */

import { sleep, untilAborted } from './abort.ts';
import type { CallContext } from './call-context.ts';
import type { Clock } from './clock.ts';
import { Fault } from './faults.ts';
import { loadKy } from './load-ky.ts';
import type { AnyOperation, OperationDescriptor, SecurityScheme } from './operation.ts';
import type { CallOptions } from './options.ts';
import { base64, type Redactor } from './redact.ts';

/** The part of a request that a strategy may write to. */
export interface AuthorizableRequest {
  /** The operation; absent for `client.request`. */
  readonly operation: OperationDescriptor | undefined;
  readonly method: string;
  /** Path below `baseUrl`, as templated in the document. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  /** Encoded `name=value` pairs. */
  readonly query: string[];
  /** Cookie pairs. */
  readonly cookies: string[];
}

/** What a strategy gets from the client that it works for. */
export interface AuthContext {
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly sessionStore: SessionStore | undefined;
  readonly signal: AbortSignal | undefined;
  /** Tells the client's logger; absent without one. */
  readonly log?: CallContext['log'];
  /** Runs an operation of the vendor without this strategy (the login itself). */
  call(operation: AnyOperation, params: unknown, options?: CallOptions): Promise<unknown>;
  /**
   * Sends a request to any address with the client's transport, limits and retries (a token endpoint).
   *
   * @param operation - Its name in errors and in the vendor's tables. Default `'token'`.
   * @returns An answer of any status but 408, 429 and 5xx, its body whole.
   * @throws ApiError for those, and where no answer came.
   */
  fetch(request: Request, operation?: string): Promise<Response>;
}

/** How a client proves who is calling. One strategy object is one token cache, also when several clients share it. */
export interface AuthStrategy {
  /** Writes credentials into the request. Called before every attempt. */
  authorize(request: AuthorizableRequest, context: AuthContext): void | Promise<void>;
  /**
   * Called once per call after an answer 401: drops what was used and says whether another try makes sense.
   *
   * @param used - The request that was refused, with the headers that it carried.
   */
  renew?(used: AuthorizableRequest, context: AuthContext): boolean | Promise<boolean>;
  /** Ends the session, when the client is closed. */
  close?(context: AuthContext): Promise<void>;
}

/** A token: a text, or a function that gives one (called before every attempt; cache in it what may be cached). */
export type TokenSource = string | (() => string | Promise<string>);

/** What `auth` takes. */
export type AuthOption = TokenSource | AuthStrategy;

/** Where a login is kept between cold starts or processes. The session is plain JSON and secret. Promises of both functions are awaited. */
export interface SessionStore {
  /**
   * @param key - Names vendor, origin and user, so that one store can hold several logins.
   * @returns What {@link SessionStore.save} was last given for this key, or `undefined`.
   */
  load(key: string): unknown;
  /**
   * Called after a login; a failure is told to the logger (`warn`), and the login is used all the same.
   *
   * @param session - Plain JSON; `undefined` when a strategy ended it.
   */
  save(session: unknown, key: string): unknown;
}

/** Values for security schemes, by the scheme's name in the document. */
export type Credentials = Readonly<Record<string, TokenSource | { readonly username: string; readonly password: string }>>;

/** Makes a strategy of an `auth` option. */
export function toAuthStrategy(auth: AuthOption | undefined): AuthStrategy | undefined {
  if (auth === undefined) return undefined;
  if (typeof auth === 'function' || (typeof auth === 'string' && auth !== '')) return tokenStrategy(auth);
  if (typeof auth === 'object' && typeof auth?.authorize === 'function') return auth;
  throw new TypeError("auth must be a token, a function that gives one, or a strategy; a plain { type } is understood by its vendor's client only");
}

/** Sends a token as the operation's security scheme wants it; `Authorization: Bearer` where the document does not say. */
export function tokenStrategy(token: TokenSource): AuthStrategy {
  return {
    async authorize(request, context) {
      const scheme = request.operation?.security?.find((list) => list.length === 1)?.[0];
      applyScheme(scheme ?? BEARER, await readToken(token, context), request);
    },
    // A function may give another token the second time; a text cannot.
    renew: () => typeof token === 'function',
  };
}

/**
 * Credentials by security scheme, for clients of any document: the first alternative of an operation's security that
 * can be filled is used.
 *
 * @param values - Scheme name to token, function, or `{ username, password }` for HTTP basic.
 * @example
 * ```ts
 * createClient(operations, { baseUrl, auth: credentials({ ApiKeyAuth: key }) });
 * ```
 */
export function credentials(values: Credentials): AuthStrategy {
  return {
    async authorize(request, context) {
      const alternatives = request.operation?.security ?? [];
      const usable = alternatives.find((schemes) => schemes.length > 0 && schemes.every((scheme) => Object.hasOwn(values, scheme.name)));
      if (usable === undefined) {
        if (alternatives.length === 0 || alternatives.some((schemes) => schemes.length === 0)) return;
        const wanted = alternatives.map((schemes) => schemes.map((scheme) => scheme.name).join(' and ')).join(', or ');
        throw new TypeError(`the operation needs ${wanted}`);
      }
      for (const scheme of usable) {
        const value = values[scheme.name]!;
        if (typeof value === 'object' && value !== null) {
          const pair = base64(`${value.username}:${value.password}`);
          context.redactor.add(value.password, pair);
          request.headers.authorization ??= `Basic ${pair}`;
        } else applyScheme(scheme, await readToken(value, context), request);
      }
    },
    renew: () => Object.values(values).some((value) => typeof value === 'function'),
  };
}

async function readToken(source: TokenSource, context: AuthContext): Promise<string> {
  const given: unknown = typeof source === 'function' ? await source() : source;
  // Tokens are read from files, which end with a line break.
  const token = typeof given === 'string' ? given.trim() : '';
  if (token === '') throw new TypeError('the token is empty or not a text');
  context.redactor.add(token);
  return token;
}

/** How a token is sent where the document does not say. */
const BEARER: SecurityScheme = { name: '', type: 'oauth2' };

function applyScheme(scheme: SecurityScheme, value: string, request: AuthorizableRequest): void {
  if (scheme.type === 'apiKey') {
    if (scheme.in === 'header') request.headers[scheme.parameter.toLowerCase()] ??= value;
    else (scheme.in === 'query' ? request.query : request.cookies).push(`${encodeURIComponent(scheme.parameter)}=${encodeURIComponent(value)}`);
    return;
  }
  const prefix = scheme.type === 'http' ? scheme.scheme.toLowerCase() : 'bearer';
  request.headers.authorization ??= /^(?:bearer|basic)\s/i.test(value) ? value : `${prefix.charAt(0).toUpperCase()}${prefix.slice(1)} ${value}`;
}

/** How a kind of session is made, for {@link SessionCache}. */
export interface SessionRules<Session> {
  /** Names vendor and user; where the session is valid is added. */
  readonly key: string;
  /** Where a session is valid, when that is not the client's `baseUrl`: the token endpoint of several APIs. */
  readonly realm?: string;
  /** Gets a session: by refreshing the old one when there is one and that is possible, else by logging in. */
  open(context: AuthContext, previous: Session | undefined): Promise<Session>;
  /** Reads what a store held; `undefined` when it is not a session. */
  parse(stored: unknown): Session | undefined;
  /** Loads the code that opening needs; that is no time of the login's. */
  load?(): Promise<unknown>;
  /** Epoch milliseconds after which the session is not used any more; `undefined`: until it is refused. */
  expiresAt(session: Session): number | undefined;
  /** What must never be shown. */
  secrets(session: Session): readonly (string | undefined)[];
}

/** Milliseconds before its expiry at which a session is renewed: clocks differ and requests take time. */
const EXPIRY_SKEW_MS = 60_000;
/** A login must end, whatever becomes of the callers that wait for it. */
const LOGIN_LIMIT_MS = 120_000;

/**
 * Holds one session per origin: one login in flight for all who wait, renewed before it expires, kept in the client's
 * session store.
 */
export class SessionCache<Session> {
  readonly #rules: SessionRules<Session>;
  readonly #slots = new Map<string, { session?: Session; previous?: Session; opening?: Promise<Session> }>();

  constructor(rules: SessionRules<Session>) {
    this.#rules = rules;
  }

  /** A session that may be used now. */
  async get(context: AuthContext): Promise<Session> {
    const slot = this.#slot(context);
    if (slot.session !== undefined && this.#isOld(slot.session, context.clock)) {
      slot.previous = slot.session;
      delete slot.session;
    }
    let { session } = slot;
    if (session === undefined) {
      slot.opening ??= this.#open(context, slot).finally(() => delete slot.opening);
      session = await untilAborted(slot.opening, context.signal);
    }
    // Each client that shares this cache has a redactor of its own.
    context.redactor.add(...this.#rules.secrets(session));
    return session;
  }

  /** The session at hand, if any; opens none. */
  peek(context: AuthContext): Session | undefined {
    return this.#slot(context).session;
  }

  /** Notes that this session was refused; another one that came meanwhile stays. */
  refuse(session: Session | undefined, context: AuthContext): void {
    const slot = this.#slot(context);
    if (slot.session === undefined || (session !== undefined && slot.session !== session)) return;
    slot.previous = slot.session;
    delete slot.session;
  }

  /** Forgets the session, here and in the store. */
  async forget(context: AuthContext): Promise<void> {
    this.#slots.delete(this.#realm(context));
    try {
      await context.sessionStore?.save(undefined, this.#key(context));
    } catch (error) {
      throw storeError('save', error);
    }
  }

  async #open(context: AuthContext, slot: { session?: Session; previous?: Session }): Promise<Session> {
    const unhurried: AuthContext = { ...context, signal: undefined };
    const { previous } = slot;
    const stored = context.sessionStore === undefined ? undefined : this.#rules.parse(await this.#load(context));
    const isUsable = stored !== undefined && !this.#isOld(stored, context.clock) && JSON.stringify(previous) !== JSON.stringify(stored);
    // One that is too old may still be good for a refresh.
    if (!isUsable) await Promise.all([loadKy(), this.#rules.load?.()]);
    const session = isUsable ? stored : await withLimit(this.#rules.open(unhurried, previous ?? stored), context.clock);
    context.redactor.add(...this.#rules.secrets(session));
    slot.session = session;
    delete slot.previous;
    if (!isUsable) await this.#save(session, context);
    return session;
  }

  async #load(context: AuthContext): Promise<unknown> {
    try {
      return await context.sessionStore?.load(this.#key(context));
    } catch (error) {
      throw storeError('load', error);
    }
  }

  async #save(session: Session, context: AuthContext): Promise<void> {
    try {
      await context.sessionStore?.save(session, this.#key(context));
    } catch (error) {
      // The login is good; only the next process has to log in again.
      context.log?.('warn', `sessionStore.save failed, the login is used all the same${wordsOf(error)}`);
    }
  }

  #isOld(session: Session, clock: Clock): boolean {
    const expiry = this.#rules.expiresAt(session);
    return expiry !== undefined && clock.now() >= expiry - EXPIRY_SKEW_MS;
  }

  #slot(context: AuthContext): { session?: Session; previous?: Session; opening?: Promise<Session> } {
    const realm = this.#realm(context);
    let slot = this.#slots.get(realm);
    if (slot === undefined) this.#slots.set(realm, (slot = {}));
    return slot;
  }

  #realm(context: AuthContext): string {
    return this.#rules.realm ?? context.baseUrl;
  }

  #key(context: AuthContext): string {
    // With its path: one host may serve several tenants or installations.
    return `${this.#rules.key}@${this.#realm(context).replace(/\/$/, '')}`;
  }
}

function storeError(method: 'load' | 'save', cause: unknown): Fault {
  return new Fault('SessionStoreError', `sessionStore.${method} failed${wordsOf(cause)}`, cause, {
    kind: 'unexpected',
    hint: 'The sessionStore option threw; `cause` is its error. The login itself is not at fault.',
    outcome: 'not-sent',
    retryable: true,
  });
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : '';
}

async function withLimit<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([
      promise,
      sleep(clock, LOGIN_LIMIT_MS, done.signal).then(() => {
        throw new Error(`the login did not end within ${LOGIN_LIMIT_MS / 1000} s`);
      }),
    ]);
  } finally {
    done.abort();
  }
}
