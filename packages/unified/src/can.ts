import type { AnyAdapter, AssetsAdapter, Verb } from './contract.ts';

/**
 * Whether an adapter that was chosen at run time has a verb; narrows its type.
 *
 * @example
 * ```ts
 * if (can(adapter, 'upload')) await adapter.upload({ name, content });
 * ```
 */
export function can<Adapter extends AnyAdapter, Name extends Verb>(adapter: Adapter, verb: Name): adapter is Adapter & AssetsAdapter<Name> {
  return Object.hasOwn(adapter.supports, verb) && adapter.supports[verb] !== false;
}
