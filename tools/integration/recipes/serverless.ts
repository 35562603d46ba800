import { createTenovosClient, type SessionStore, type TenovosClient } from '@asset-clients/tenovos';

/** The few calls of a key-value store (Redis, DynamoDB, KV) that are needed. */
export interface SecretStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** Logins survive cold starts, and functions that run side by side share one. What is stored is secret: encrypt it at rest. */
export function sharedLogins(store: SecretStore): SessionStore {
  return {
    load: async (key) => JSON.parse((await store.get(`login:${key}`)) ?? 'null') ?? undefined,
    save: async (session, key) => (session === undefined ? await store.delete(`login:${key}`) : await store.set(`login:${key}`, JSON.stringify(session))),
  };
}

export function damOfThisFunction(baseUrl: string, apiKey: string, username: string, password: string, store: SecretStore): TenovosClient {
  return createTenovosClient({ baseUrl, apiKey, username, password, sessionStore: sharedLogins(store) });
}
