/** `pnpm release:plan`: what would be published, in which order, and how large it is. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getReleasePlan } from '@changesets/get-release-plan';
import { packAll } from '@asset-clients/pack-check/pack';

import type { Bump } from './bump.ts';
import { publishedPackages, type Package } from './workspace.ts';

export interface PlannedRelease {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly bump: Bump;
  /** Packed, in bytes. */
  readonly bytes: number;
  /** Names of the changesets; none: only because of what it depends on. */
  readonly changesets: readonly string[];
}

/**
 * The releases that the changesets in the working tree make, each after those it depends on.
 *
 * @param sizes - Size of a package's tarball by name; packs all packages when absent.
 */
export async function plan(root: string, sizes?: ReadonlyMap<string, number>): Promise<PlannedRelease[]> {
  const { releases } = await getReleasePlan(root);
  const wanted = releases.filter(({ type }) => type !== 'none');
  if (wanted.length === 0) return [];
  const bytes = sizes ?? (await packedSizes());
  const packages = inOrder(publishedPackages(root));
  return packages.flatMap(({ manifest: { name } }) => {
    const release = wanted.find((candidate) => candidate.name === name);
    if (!release) return [];
    return [
      { name, from: release.oldVersion ?? '', to: release.newVersion ?? '', bump: release.type, bytes: bytes.get(name) ?? 0, changesets: release.changesets },
    ];
  });
}

/** Each package after those that it depends on. */
export function inOrder(packages: readonly Package[]): Package[] {
  const ordered: Package[] = [];
  const visited = new Set<Package>();
  const visit = (pack: Package): void => {
    if (visited.has(pack)) return;
    visited.add(pack);
    const { dependencies = {}, peerDependencies = {} } = pack.manifest;
    for (const name of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) {
      const other = packages.find(({ manifest }) => manifest.name === name);
      if (other) visit(other);
    }
    ordered.push(pack);
  };
  for (const pack of packages) visit(pack);
  return ordered;
}

async function packedSizes(): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'release-plan-'));
  try {
    const { all } = await packAll(folder);
    return new Map(all.map(({ name, tarball }) => [name, statSync(tarball).size]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
