import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = dirname(fileURLToPath(import.meta.url));

/** The files that a file brings with it when it is imported, and the packages. Types and imports at run time do not count. */
function closure(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith('.ts')) return;
    for (const [, clause, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s([^;]*?)\s?from\s'([^']+)'/gm)) {
      if (clause!.startsWith('type ')) continue;
      if (name!.startsWith('.')) visit(resolve(dirname(file), name!));
      else packages.add(name!);
    }
  };
  visit(resolve(SRC, entry));
  return { files, packages };
}

const VENDORS = readdirSync(SRC).filter((name) => existsSync(join(SRC, name, 'operations.ts')));

test.each(VENDORS)('the subpath of %s brings its own spec, no other vendor, no client and nothing of Node', (vendor) => {
  const { files, packages } = closure(`${vendor}/index.ts`);
  const names = [...files].map((file) => relative(SRC, file).replaceAll('\\', '/'));
  expect(names.filter((name) => name.endsWith('.yaml')).every((name) => new RegExp(`/specs/${vendor.split('-')[0]!}`).test(name))).toBe(true);
  expect(names.filter((name) => !name.startsWith(`${vendor}/`) && !name.startsWith('core/') && !name.endsWith('.yaml'))).toEqual([]);
  expect([...packages].sort()).toEqual(['hono/router/trie-router', 'mrmime']);
});

test('nothing imports a client, and only the contract suite takes types of the facade', () => {
  const all = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  for (const name of all) {
    const source = readFileSync(join(SRC, name), 'utf8');
    const code = name.startsWith('contract') ? source.replaceAll(/^import type \{[^}]*\} from '@asset-clients\/unified';$/gm, '') : source;
    expect(code, name).not.toMatch(/^(?:import|export)[^;]*'@asset-clients\//m);
  }
});
