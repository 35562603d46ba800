import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const child = fileURLToPath(new URL('import-child.ts', import.meta.url));

function importing(...specifiers: string[]): { loaded: string[]; done: string[]; changes: string[] } {
  return JSON.parse(execFileSync(process.execPath, [child, ...specifiers], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as never;
}

const PACKAGES = ['runtime', 'egain', 'tenovos', 'worldserver', 'unified', 'testing'];
/** Entries of the fakes that are there to add something to a test runner, or to MSW. */
const FOR_OTHERS = /^testing\/(?:vitest|jest|msw)$/;

/** Everything that a package exports, from its manifest. */
const entries = PACKAGES.flatMap((name) => {
  const { exports } = JSON.parse(readFileSync(new URL(`../../../packages/${name}/package.json`, import.meta.url), 'utf8')) as { exports: object };
  return Object.keys(exports).map((subpath) => `${name}${subpath.slice(1)}`);
}).filter((entry) => !entry.endsWith('.json') && !FOR_OTHERS.test(entry));

test.each(entries)('importing @asset-clients/%s touches no network, no file and no timer, and loads no library', (name) => {
  const { loaded, done, changes } = importing(`@asset-clients/${name}`);
  expect(done).toEqual([]);
  const isFake = name.startsWith('testing');
  // The fakes are made of Response and Headers, and of hono.
  expect(isFake ? changes.filter((change) => change !== "Node's fetch is loaded") : changes).toEqual([]);
  expect(loaded.length).toBeGreaterThan(0);
  // ky, undici and oauth4webapi wait for the first call.
  const libraries = loaded.filter((url) => !url.startsWith('node:') && !/\/packages\/[a-z]+\/dist\//.test(url));
  expect(isFake ? libraries.filter((url) => !url.includes('/hono/')) : libraries).toEqual([]);
});

test.each(['', '/egain', '/tenovos', '/worldserver', '/files'])('importing @asset-clients/unified%s loads no client of any vendor', (subpath) => {
  const { loaded } = importing(`@asset-clients/unified${subpath}`);
  const packages = loaded.flatMap((url) => /\/packages\/([a-z]+)\/dist\//.exec(url)?.[1] ?? []);
  expect([...new Set(packages)].toSorted()).toEqual(['runtime', 'unified']);
  const adapters = loaded.flatMap((url) => /\/unified\/dist\/(egain|tenovos|worldserver|files)\.js$/.exec(url)?.[1] ?? []);
  expect(adapters).toEqual(subpath === '' ? [] : [subpath.slice(1)]);
});

test.each([
  ['a timer', 'setTimeout(() => {}, 1)', 'globalThis.setTimeout'],
  ['a file', "import { existsSync } from 'node:fs'; existsSync('x')", 'fs.existsSync'],
  ['a connection', "import net from 'node:net'; net.connect(9, '127.0.0.1').on('error', () => {})", 'net.connect'],
])('the test sees %s', (_name, code, expected) => {
  expect(importing(`data:text/javascript,${encodeURIComponent(code)}`).done).toContain(expected);
});

test("the test sees that Node's fetch is loaded", () => {
  expect(importing('data:text/javascript,export class A extends Response {}').changes).toContain("Node's fetch is loaded");
});

test('the test sees a library', () => {
  expect(importing('ky').loaded.some((url) => url.includes('/ky/'))).toBe(true);
});
