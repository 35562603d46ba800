/**
 * `pnpm docs:build`: the API reference of all packages with the guides, as a website in `tools/docs-site/site`. With
 * `DOCS_URL=https://...` for the address that it is served at, it has a sitemap.
 */

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Application, Comment, Converter, DeclarationReflection, PageEvent, Reflection, ReflectionKind } from 'typedoc';

import { plainText, shortened, writeGuides } from './guides.ts';
import { withCards, withHead, withWholeNames } from './html.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of the website. */
export const site: string = fileURLToPath(new URL('../site', import.meta.url));

/** Titles of pages that TypeDoc calls after the project. */
const TITLES: Readonly<Record<string, string>> = {
  'index.html': 'Asset Clients: typed clients for eGain, Tenovos and RWS WorldServer',
  'modules.html': 'Packages | Asset Clients',
};

interface Entry {
  /** As users import it: `@asset-clients/egain/operations`. */
  readonly name: string;
  /** Its declarations. */
  readonly file: string;
  /** What the registry shows of its package. */
  readonly description: string;
}

/** Everything that packages export, as their manifests say. */
function entriesOf(folder: string): Entry[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string;
    description: string;
    exports: Record<string, string | { types?: string }>;
  };
  return Object.entries(manifest.exports).flatMap(([path, target]): Entry[] => {
    const types = typeof target === 'string' ? undefined : target.types;
    return types === undefined ? [] : [{ name: manifest.name + path.slice(1), file: join(root, folder, types), description: manifest.description }];
  });
}

/** What search engines are told of a declaration: its doc comment, or what it is. */
function describe(model: unknown): string {
  if (!(model instanceof Reflection) || model.isProject()) return 'All packages of Asset Clients, and what they export';
  const comment = model.comment ?? (model instanceof DeclarationReflection ? model.getNonIndexSignatures()[0]?.comment : undefined);
  const said = comment === undefined ? '' : plainText(Comment.combineDisplayParts(comment.summary).replaceAll(/\{@link ([^}|]+)[^}]*\}/g, '$1'));
  const owner = model.parent instanceof DeclarationReflection ? ` of ${model.parent.name}` : '';
  return shortened(`${ReflectionKind.singularString(model.kind)} ${model.name}${owner}${said === '' ? '' : `: ${said}`}`);
}

/**
 * Builds the website from the built packages.
 *
 * @param address - Where it will be served; with it the pages have canonical addresses, and there is a sitemap.
 * @throws Error when a link leads nowhere, or a package has no declarations.
 */
export async function build(address?: string): Promise<void> {
  rmSync(site, { recursive: true, force: true });
  const entries = [...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`), 'tools/codegen'].flatMap(entriesOf);
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) throw new Error(`Not built: ${missing.map(({ name }) => name).join(', ')}. Run: pnpm build`);

  const { start, guides } = writeGuides(root, fileURLToPath(new URL('../.cache/guides', import.meta.url)));
  const app = await Application.bootstrapWithPlugins({
    name: 'Asset Clients',
    entryPoints: entries.map(({ file }) => file),
    tsconfig: fileURLToPath(new URL('../tsconfig.site.json', import.meta.url)),
    readme: start.file,
    projectDocuments: guides.map(({ file }) => file),
    ...(address === undefined ? {} : { hostedBaseUrl: address }),
    out: site,
    logLevel: 'Warn',
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    treatWarningsAsErrors: true,
    customCss: fileURLToPath(new URL('site.css', import.meta.url)),
    sort: ['documents-first', 'source-order'],
    // Of a package: first what is called.
    groupOrder: ['Documents', 'Modules', 'Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases'],
    includeHierarchySummary: false,
    searchInDocuments: true,
    sortEntryPoints: false,
    navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
    validation: { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: false, unusedMergeModuleWith: true },
  });
  // Modules are called after the files that they are built to; users know them by what they import.
  const modules = new Map(
    entries.map((entry) => [
      entry.file
        .slice(root.length)
        .replace(/^packages\//, '')
        .replace(/(?:\/index)?\.d\.ts$/, ''),
      entry,
    ]),
  );
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    const entry = reflection.kindOf(ReflectionKind.Module) ? modules.get(reflection.name.replace(/^packages\//, '')) : undefined;
    if (entry === undefined) return;
    reflection.name = entry.name;
    reflection.comment ??= new Comment([{ kind: 'text', text: entry.description }]);
  });
  const described = new Map<Reflection, string>();
  let order = 0;
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const { title, description } = guides[order++]!;
    document.name = title;
    described.set(document, description);
  });
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    const isStart = page.url === 'index.html';
    // Pages link to places inside tables, which TypeDoc does not count.
    for (const [, id] of (page.contents ?? '').matchAll(/<a id="([a-z-]+)">/g)) app.renderer.router!.getSlugger(page.model).slug(id!);
    page.contents = withCards(
      withHead(withWholeNames(page.contents ?? ''), {
        ...(TITLES[page.url] !== undefined && { title: TITLES[page.url] }),
        description: isStart ? start.description : (described.get(page.model as Reflection) ?? describe(page.model)),
        ...(address !== undefined && { canonical: new URL(isStart ? '' : page.url, address).href }),
      }),
    );
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the packages.');
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc found mistakes; see above.');
}

if (process.argv[1] === import.meta.filename) {
  await build(process.env['DOCS_URL']);
  console.log(`${site}/index.html`);
}
