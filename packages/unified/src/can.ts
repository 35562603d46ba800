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
  // Of what plain JavaScript may give.
  const supports = (adapter as AnyAdapter | null | undefined)?.supports;
  return typeof supports === 'object' && supports !== null && Object.hasOwn(supports, verb) && supports[verb] !== false;
}
