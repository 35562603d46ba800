/** How much a version must rise. */

export type Bump = 'none' | 'patch' | 'minor' | 'major';

/** From small to large. */
export const bumps: readonly Bump[] = ['none', 'patch', 'minor', 'major'];

/** The largest of some bumps; `none` of nothing. */
export function largest(all: Iterable<Bump>): Bump {
  let found = 0;
  for (const bump of all) found = Math.max(found, bumps.indexOf(bump));
  return bumps[found]!;
}

/** Whether `a` is a larger bump than `b`. */
export function isLarger(a: Bump, b: Bump): boolean {
  return bumps.indexOf(a) > bumps.indexOf(b);
}
