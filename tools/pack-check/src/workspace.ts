/** The repository, and the folders that the checks work in. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');
export const fixtures: string = fileURLToPath(new URL('../fixtures', import.meta.url));

const ownNodeModules = fileURLToPath(new URL('../node_modules', import.meta.url));

/** TypeScript 7, run by Node. */
export const tsc: string = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
/** Where `@types/node` lies; the folders of the checks have no types but those that they install. */
export const typeRoots: string = join(ownNodeModules, '@types');

/** A package that users install. */
export interface PublishedPackage {
  /** `@asset-clients/tenovos` */
  readonly name: string;
  /** `tenovos` */
  readonly shortName: string;
  /** `packages/tenovos` */
  readonly folder: string;
}

/** All packages of the workspace that are published. */
export function publishedPackages(): PublishedPackage[] {
  return ['packages', 'tools'].flatMap((room) =>
    readdirSync(join(root, room))
      .map((name) => `${room}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => ({ folder, manifest: readJson(join(root, folder, 'package.json')) as { name: string; private?: boolean } }))
      .filter(({ manifest }) => manifest.private !== true)
      .map(({ folder, manifest: { name } }) => ({ name, shortName: name.split('/').at(-1)!, folder })),
  );
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Makes a folder with files in it; a value that is no text is written as JSON. */
export function writeFolder(folder: string, files: Readonly<Record<string, unknown>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`);
  }
  return folder;
}

/** All files below a folder, with `/` between the names, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}

/** What `npm init` leaves, as an ESM package. */
export const EMPTY_MANIFEST = { name: 'consumer', version: '0.0.0', private: true, type: 'module' } as const;

export function readFileIfThere(folder: string, file: string): string | undefined {
  return existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined;
}
