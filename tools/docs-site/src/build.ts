/** `pnpm docs:build`: the API reference of all packages with the guides, as a website in `tools/docs-site/site`. */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Application, Converter, ReflectionKind } from 'typedoc';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of the website. */
export const site: string = fileURLToPath(new URL('../site', import.meta.url));

/** Pages in the order of the menu: first what a newcomer reads. */
const GUIDES: readonly string[] = [
  'packages/egain/README.md',
  'packages/tenovos/README.md',
  'packages/worldserver/README.md',
  'packages/unified/README.md',
  'packages/testing/README.md',
  'packages/runtime/README.md',
  'tools/codegen/README.md',
  'docs/recipes.md',
  'docs/guides/three-vendors.md',
  'docs/guides/write-an-adapter.md',
  'docs/capabilities.md',
  'docs/assumptions.md',
  'docs/sizes.md',
];

interface Entry {
  /** As users import it: `@asset-clients/egain/operations`. */
  readonly name: string;
  /** Its declarations. */
  readonly file: string;
}

/** Everything that packages export, as their manifests say. */
function entriesOf(folder: string): Entry[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | { types?: string }>;
  };
  return Object.entries(manifest.exports).flatMap(([path, target]): Entry[] => {
    const types = typeof target === 'string' ? undefined : target.types;
    return types === undefined ? [] : [{ name: manifest.name + path.slice(1), file: join(root, folder, types) }];
  });
}

/** What a page is called: its first heading. */
function titleOf(page: string): string {
  return (/^# (.+)$/m.exec(readFileSync(page, 'utf8'))?.[1] ?? page)
    .replaceAll('`', '')
    .replace(/^@asset-clients\/(\w+)$/, (_whole, name: string) => `Getting started: ${name}`);
}

/**
 * Builds the website from the built packages.
 *
 * @throws Error when a link leads nowhere, or a package has no declarations.
 */
export async function build(): Promise<void> {
  rmSync(site, { recursive: true, force: true });
  const entries = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'tools/codegen'].flatMap(entriesOf);
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) throw new Error(`Not built: ${missing.map(({ name }) => name).join(', ')}. Run: pnpm build`);

  const app = await Application.bootstrapWithPlugins({
    name: 'Asset Clients',
    entryPoints: entries.map(({ file }) => file),
    tsconfig: fileURLToPath(new URL('../tsconfig.site.json', import.meta.url)),
    readme: join(root, 'README.md'),
    projectDocuments: GUIDES.map((page) => join(root, page)),
    out: site,
    logLevel: 'Warn',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    treatWarningsAsErrors: true,
    customCss: fileURLToPath(new URL('site.css', import.meta.url)),
    sort: ['documents-first', 'source-order'],
    sortEntryPoints: false,
    navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
    validation: { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: false, unusedMergeModuleWith: true },
  });
  // Modules are called after the files that they are built to; users know them by what they import.
  const names = new Map(
    entries.map(({ name, file }) => [
      file
        .slice(root.length)
        .replace(/^packages\//, '')
        .replace(/(?:\/index)?\.d\.ts$/, ''),
      name,
    ]),
  );
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    reflection.name = names.get(reflection.name.replace(/^packages\//, '')) ?? reflection.name;
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const page = GUIDES[order++]!;
    document.name = titleOf(join(root, page));
  });
  let order = 0;
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the packages.');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc found mistakes; see above.');
}

if (process.argv[1] === import.meta.filename) {
  await build();
  console.log(`${site}/index.html`);
}
