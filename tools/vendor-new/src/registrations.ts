/** The places of the repository that name every vendor: lines added to files that are there. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { UsageError, type Names } from './names.ts';

interface Manifest {
  keywords?: string[];
  exports?: Record<string, unknown>;
  devDependencies?: Record<string, string>;
}

/**
 * Makes the vendor known where vendors are listed.
 *
 * @returns The files that were changed.
 */
export async function register(root: string, names: Names, section: string, hasFake: boolean): Promise<string[]> {
  const { vendor, api, id, isNewVendor } = names;
  const changed: string[] = [];
  const edit = async (path: string, change: (text: string) => string): Promise<void> => {
    const before = await readFile(join(root, path), 'utf8');
    const after = change(before);
    if (after === before) return;
    await writeFile(join(root, path), after);
    changed.push(path);
  };
  const manifest = (change: (manifest: Manifest) => void): ((text: string) => string) => {
    return (text) => {
      const value = JSON.parse(text) as Manifest;
      change(value);
      return `${JSON.stringify(value, undefined, 2)}\n`;
    };
  };

  if (hasFake)
    await edit(
      'packages/testing/package.json',
      manifest((value) => {
        const { './matchers': matchers, ...others } = value.exports ?? {};
        value.keywords = [...new Set([...(value.keywords ?? []), vendor])].toSorted();
        value.exports = insertBefore({ ...others, ...(matchers === undefined ? {} : { './matchers': matchers }) }, value.exports ?? {}, `./${id}`, {
          types: `./dist/${id}.d.ts`,
          default: `./dist/${id}.js`,
        });
      }),
    );
  if (hasFake)
    await edit('packages/testing/tsdown.config.ts', (text) =>
      insertLine(text, "    matchers: 'src/matchers/index.ts',", `    ${key(id)}: 'src/${id}/index.ts',`, 'packages/testing/tsdown.config.ts'),
    );
  if (isNewVendor) {
    // Packages whose tests need the new one built before.
    for (const user of ['docs-site', 'integration', 'spec-change']) {
      await edit(
        `tools/${user}/package.json`,
        manifest((value) => {
          value.devDependencies = sorted({ ...value.devDependencies, [`@asset-clients/${vendor}`]: 'workspace:*' });
        }),
      );
    }
    await edit('tools/pack-check/src/installations.ts', (text) =>
      insertLine(
        text,
        '  // pnpm vendor:new adds vendors above this line.',
        `  {
    name: '${vendor}',
    with: ['runtime'],
    installed: ['@asset-clients/${vendor}', ...RUNTIME],
    usage: \`import { create${names.type}Client } from '@asset-clients/${vendor}';
export async function use(baseUrl: string): Promise<void> {
  await using client = create${names.type}Client({ baseUrl });
  await client.request('GET /');
}\`,
  },`,
        'tools/pack-check/src/installations.ts',
      ),
    );
    return changed;
  }

  await edit(
    `packages/${vendor}/package.json`,
    manifest((value) => {
      const entry = (file: string): object => ({ types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` });
      const { './package.json': own, ...others } = value.exports ?? {};
      value.exports = { ...others, [`./${api}`]: entry(`${api}/index`), [`./${api}/operations`]: entry(`${api}/operations`), './package.json': own };
    }),
  );
  await edit(`packages/${vendor}/tsdown.config.ts`, (text) => {
    const after = text.replace(
      /entry: \[([^\]]*)\]/,
      (_whole, entries: string) => `entry: [${entries.trimEnd().replace(/,$/, '')}, 'src/${api}/index.ts', 'src/${api}/operations.ts']`,
    );
    if (after === text)
      throw new UsageError(`packages/${vendor}/tsdown.config.ts has no list of entries: add src/${api}/index.ts and src/${api}/operations.ts by hand.`);
    return after;
  });
  await edit(`packages/${vendor}/README.md`, (text) => `${text.trimEnd()}\n\n## ${vendor}/${api}\n\n${section.replaceAll(/^## /gm, '### ')}`);
  return changed;
}

function insertBefore(target: Record<string, unknown>, original: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const keys = Object.keys(original);
  const at = keys.indexOf('./matchers');
  const entries = keys.map((one): [string, unknown] => [one, target[one]]);
  entries.splice(at === -1 ? entries.length : at, 0, [name, value]);
  return Object.fromEntries(entries);
}

function insertLine(text: string, anchor: string, line: string, path: string): string {
  if (!text.includes(anchor)) throw new UsageError(`${path} has no line "${anchor.trim()}" to put the new vendor before.`);
  return text.replace(anchor, () => `${line}\n${anchor}`);
}

const key = (name: string): string => (/^[a-z]\w*$/i.test(name) ? name : `'${name}'`);
const sorted = (record: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
