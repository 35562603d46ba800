import { ApiError, type AuthStrategy } from '@asset-clients/egain';

/**
 * Takes a credential from where it is kept, and anew when the vendor no longer takes the one at hand.
 *
 * @param read - Reads the vault and makes the login of it: `async () => clientCredentials({ ..., clientSecret: await vault.get('egain') })`,
 *   or `tenovosLogin({ ... })`, `worldServerLogin({ ... })` of the other packages.
 */
export function rotating(read: () => Promise<AuthStrategy>): AuthStrategy {
  let login: Promise<AuthStrategy> | undefined;
  const current = (): Promise<AuthStrategy> =>
    (login ??= read().catch((error: unknown) => {
      login = undefined;
      throw error;
    }));
  return {
    async authorize(request, context) {
      const used = current();
      try {
        await (await used).authorize(request, context);
      } catch (error) {
        if (!ApiError.is(error) || (error.kind !== 'unauthenticated' && error.kind !== 'permission-denied')) throw error;
        // Of several calls that fail at once, the first reads for all.
        if (login === used) login = undefined;
        await (await current()).authorize(request, context);
      }
    },
    renew: async (used, context) => (await current()).renew?.(used, context) ?? false,
    close: async (context) => (await login)?.close?.(context),
  };
}
