/** The repository as the checks see it. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../..', import.meta.url));

/** One workspace package. */
export interface WorkspacePackage {
  /** `packages/tenovos` */
  readonly folder: string;
  readonly manifest: {
    readonly name: string;
    readonly version: string;
    readonly private?: boolean;
    readonly dependencies?: Record<string, string>;
    readonly devDependencies?: Record<string, string>;
    readonly peerDependencies?: Record<string, string>;
    readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
    readonly optionalDependencies?: Record<string, string>;
    readonly [key: string]: unknown;
  };
}

export function workspacePackages(): WorkspacePackage[] {
  return ['packages', 'tools'].flatMap((room) =>
    readdirSync(join(root, room))
      .filter((name) => existsSync(join(root, room, name, 'package.json')))
      .map((name) => ({ folder: `${room}/${name}`, manifest: JSON.parse(read(`${room}/${name}/package.json`)) as WorkspacePackage['manifest'] })),
  );
}

/** The documents as `[vendor, api]`; every vendor has a folder of its own. */
export function documents(): [vendor: string, api: string][] {
  return readdirSync(join(root, 'specs'))
    .filter((vendor) => statSync(join(root, 'specs', vendor)).isDirectory())
    .flatMap((vendor) =>
      readdirSync(join(root, 'specs', vendor))
        .filter((file) => file.endsWith('.yaml') && !file.endsWith('.overlay.yaml'))
        .map((file): [string, string] => [vendor, file.slice(0, -'.yaml'.length)]),
    );
}

export function vendors(): string[] {
  return [...new Set(documents().map(([vendor]) => vendor))];
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** All files below a folder, without what is installed or built. */
export function filesBelow(folder: string, pattern: RegExp): string[] {
  const skipped = new Set(['node_modules', 'dist', 'reports', '.turbo', '.cache', 'coverage']);
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, pattern);
    return pattern.test(entry.name) ? [relative('.', path)] : [];
  });
}

/** What a TypeScript file imports, with whether only types come. */
export function importsOf(file: string): { readonly from: string; readonly typeOnly: boolean }[] {
  const source = read(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern = /\b(?:import|export)\s+(type\s)?(?:[\w*{][^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...source.matchAll(pattern)].map(([, typeOnly, from, dynamic]) => ({ from: (from ?? dynamic)!, typeOnly: typeOnly !== undefined }));
}
