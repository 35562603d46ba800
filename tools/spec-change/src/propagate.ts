/** Who else must be released when a vendor's package changes: only those of whose users somebody notices. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Dict } from '../../codegen/src/read-document.ts';
import { largest, type Bump } from './bump.ts';
import type { DocumentChange } from './findings.ts';
import { canonical } from './pointer.ts';
import { publishedPackages, type Package } from './workspace.ts';

/** Packages that embed a vendor's document: the fakes. */
export function embedding(root: string, document: string): Package[] {
  return publishedPackages(root).filter(({ folder }) =>
    sources(join(root, folder, 'src')).some((file) => readFileSync(file, 'utf8').includes(`/${document}'`)),
  );
}

function sources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.test(?:-d)?\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('generated'));
}

/** Packages that call a package: by a dependency or as a peer. */
export function callers(root: string, name: string): Package[] {
  return publishedPackages(root).filter(({ manifest }) => manifest.dependencies?.[name] !== undefined || manifest.peerDependencies?.[name] !== undefined);
}

interface SlimSpec {
  readonly operations: Readonly<Record<string, unknown>>;
  readonly schemas: Readonly<Record<string, unknown>>;
}

/**
 * The changes that users of a fake notice: those of operations that it answers, where what it embeds of the document differs.
 *
 * @param root - The repository.
 * @param pack - The package with the fakes.
 * @param vendor - `tenovos`
 */
export async function noticedByFake(
  root: string,
  pack: Package,
  vendor: string,
  before: Dict,
  after: Dict,
  changes: readonly DocumentChange[],
): Promise<DocumentChange[]> {
  const { slimSpec } = (await import(pathToFileURL(join(root, pack.folder, 'build/spec-plugin.ts')).href)) as { slimSpec(document: object): SlimSpec };
  const file = join(root, pack.folder, 'src', vendor, 'operations.ts');
  const handled = existsSync(file) ? ((await import(pathToFileURL(file).href)) as { operations?: readonly string[] }).operations : undefined;
  const plain = (document: Dict): object => JSON.parse(JSON.stringify(document)) as object;
  const [was, is] = [slimSpec(plain(before)), slimSpec(plain(after))];
  return changes.filter(({ operation, seen }) => {
    if (seen === 'texts' || seen === 'nowhere' || (handled !== undefined && !handled.includes(operation))) return false;
    return canonical(withSchemas(was, operation)) !== canonical(withSchemas(is, operation));
  });
}

/** What is embedded of an operation, with the schemas that it leads to. */
function withSchemas({ operations, schemas }: SlimSpec, operation: string): unknown {
  const used: Record<string, unknown> = {};
  const queue: unknown[] = [operations[operation]];
  for (const value of queue) {
    for (const [, key = ''] of (JSON.stringify(value) ?? '').matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (key in used) continue;
      used[key] = schemas[key];
      queue.push(schemas[key]);
    }
  }
  return [operations[operation], used];
}

/** The range of a peer that takes in its next major, too. */
export function widened(range: string, peer: Package): string {
  const current = range.startsWith('workspace:') ? `^${peer.manifest.version}` : range;
  const next = `^${Number(peer.manifest.version.split('.')[0]) + 1}.0.0`;
  return current.split('||').some((part) => part.trim() === next) ? current : `${current} || ${next}`;
}

/** Writes a peer range into a manifest, leaving everything else as it is written. */
export function writePeerRange(root: string, pack: Package, peer: string, range: string): void {
  const path = join(root, pack.folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { peerDependencies: Record<string, string> };
  manifest.peerDependencies[peer] = range;
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The largest bump of some changes. */
export function bumpOf(changes: readonly { readonly bump: Bump }[]): Bump {
  return largest(changes.map(({ bump }) => bump));
}
