/** Makes the tarballs, as they would be published. */

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { runCommand } from './command.ts';
import { publishedPackages, readJson, root, type PublishedPackage } from './workspace.ts';

/** A package, packed. */
export interface PackedPackage extends PublishedPackage {
  /** Path of the tarball. */
  readonly tarball: string;
  /** The folder with what is in it. */
  readonly unpacked: string;
}

/** Packages by their short names: `get('tenovos')`. */
export class PackedPackages {
  readonly all: readonly PackedPackage[];

  constructor(all: readonly PackedPackage[]) {
    this.all = all;
  }

  get(shortName: string): PackedPackage {
    const found = this.all.find((pack) => pack.shortName === shortName);
    if (found === undefined) throw new Error(`there is no published package ${shortName}`);
    return found;
  }

  tarballs(...shortNames: readonly string[]): string[] {
    return shortNames.map((name) => this.get(name).tarball);
  }
}

/** Packs all published packages into a folder. */
export async function packAll(folder: string): Promise<PackedPackages> {
  const packages = publishedPackages();
  const { packageManager } = readJson(join(root, 'package.json')) as { packageManager: string };
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  const packed = await runCommand('npx', ['-y', packageManager, '--recursive', ...filters, 'pack', '--pack-destination', folder, '--json'], { cwd: root });
  if (packed.code !== 0) throw new Error(`pnpm pack: exit code ${packed.code}\n${packed.output}`);
  // With one package pnpm prints it alone.
  const answers = [JSON.parse(packed.stdout.slice(packed.stdout.search(/^[[{]/m)))].flat() as { name: string; filename: string }[];
  return new PackedPackages(
    await Promise.all(
      packages.map(async (pack) => {
        const tarball = answers.find(({ name }) => name === pack.name)?.filename;
        if (tarball === undefined) throw new Error(`pnpm pack made no tarball of ${pack.name}`);
        const unpacked = join(folder, pack.shortName);
        mkdirSync(unpacked);
        await tar(['-xzf', tarball, '-C', unpacked, '--strip-components=1'], folder);
        return { ...pack, tarball, unpacked };
      }),
    ),
  );
}

/** A copy of a package that somebody has changed, packed again. */
export async function packChanged(pack: PackedPackage, folder: string, change: (unpacked: string) => void): Promise<PackedPackage> {
  const unpacked = join(folder, 'package');
  const tarball = join(folder, `${pack.shortName}.tgz`);
  cpSync(pack.unpacked, unpacked, { recursive: true });
  change(unpacked);
  await tar(['-czf', tarball, 'package'], folder);
  return { ...pack, tarball, unpacked };
}

async function tar(parameters: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runCommand('tar', parameters, { cwd });
  if (code !== 0) throw new Error(`tar ${parameters.join(' ')}: exit code ${code}\n${output}`);
}
