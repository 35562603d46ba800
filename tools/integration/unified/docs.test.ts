/** The pages about the facade: the table is what the manifests say, and the guides' code runs as it stands. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { adapters, capabilitiesPage, page, readme, readmeWithCapabilities } from './capabilities.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const require = createRequire(import.meta.url);
const binary = (name: string, path: string): string => join(dirname(require.resolve(`${name}/package.json`)), path);

/** Tables aside from their alignment. */
function unpadded(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}

test('docs/capabilities.md and the README are what the manifests say (pnpm docs:capabilities writes it)', () => {
  expect(unpadded(readFileSync(page, 'utf8'))).toBe(unpadded(capabilitiesPage()));
  expect(unpadded(readFileSync(readme, 'utf8'))).toBe(unpadded(readmeWithCapabilities()));
});

test('the table of the README of packages/unified says the same as the manifests', () => {
  const text = readFileSync(readme, 'utf8');
  for (const [name, { supports }] of Object.entries(adapters)) {
    const row = text.split('\n').find((line) => line.startsWith(`| ${name} `));
    expect(row, name).toBeDefined();
    const [, , , get, download, upload, remove] = row!.split('|').map((cell) => cell.trim());
    expect(
      [get, download, upload, remove].map((cell) => cell !== '-'),
      name,
    ).toEqual([supports.get, supports.download, supports.upload, supports.delete].map((claim) => claim !== false));
  }
});

/** The files that a guide has its reader write: a block of code after `<!-- file: name -->`. */
function filesOf(guide: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, 'docs/guides', guide), 'utf8');
  return new Map([...text.matchAll(/<!-- file: (\S+) -->\n+```ts\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]));
}

/** A folder below this package, so that its dependencies are found. */
function writeGuide(guide: string): string {
  const folder = join(root, 'tools/integration/.cache');
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'guide-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  for (const [name, code] of filesOf(guide)) writeFileSync(join(scratch, name), code);
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../config/tsconfig.base.json',
      compilerOptions: { noEmit: true, declaration: false, isolatedDeclarations: false },
      include: ['.'],
    }),
  );
  return scratch;
}

function run(argv: readonly string[], cwd: string): { readonly status: number | null; readonly output: string } {
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8', env: { ...process.env, VITEST: '', NO_COLOR: '1' } });
  return { status, output: stdout + stderr };
}

describe('the guides', () => {
  test.each(['write-an-adapter.md', 'three-vendors.md'])(
    '%s compiles under the strict flags',
    (guide) => {
      const folder = writeGuide(guide);
      expect(run([binary('typescript', 'bin/tsc'), '-p', folder], folder)).toEqual({ status: 0, output: '' });
    },
    60_000,
  );

  test('an adapter written from write-an-adapter.md alone passes the suite', () => {
    const files = filesOf('write-an-adapter.md');
    expect([...files.keys()]).toEqual(['shelf.ts', 'shelf-assets.ts', 'shelf-assets.test.ts']);
    const folder = writeGuide('write-an-adapter.md');
    const { status, output } = run([binary('vitest', 'vitest.mjs'), 'run', '--dir', folder, '--root', folder], folder);
    expect(status, output).toBe(0);
    // As many as its manifest asks for, and none of them left out.
    expect(Number(/Tests\s+(\d+) passed/.exec(output)?.[1]), output).toBeGreaterThan(30);
    expect(output).not.toMatch(/skipped|failed/);
  }, 60_000);

  test('three-vendors.md ends as it says', () => {
    const folder = writeGuide('three-vendors.md');
    const { status, output } = run([join(folder, 'story.ts')], folder);
    expect(status, output).toBe(0);
    const text = readFileSync(join(root, 'docs/guides/three-vendors.md'), 'utf8');
    const [, promised] = /<!-- output -->\n+```\n([\s\S]*?)^```$/m.exec(text)!;
    const mask = (lines: string): string[] =>
      lines
        .trim()
        .split('\n')
        .map((line) => line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12}(?=_)/g, '...'));
    expect(mask(output)).toEqual(mask(promised!));
  }, 60_000);
});
