/** Where the runtimes that we promise to run on are on this machine. */

import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** All runtimes, under the names that people see. */
export const RUNTIMES = ['Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno', 'workerd', 'Chromium'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** A runtime that is here, or why it is not. */
export type Runtime =
  | { readonly name: RuntimeName; readonly path: string }
  | {
      readonly name: RuntimeName;
      readonly path?: never;
      /** A sentence. */
      readonly missing: string;
      /** Whether this machine could have it: then nobody should be content without. */
      readonly obtainable: boolean;
    };

/** What npm has of a runtime: a package of ours that names it, its folder there, the program in it. One platform each. */
const PACKAGES: Readonly<Partial<Record<RuntimeName, readonly [owner: string, name: string, program: string]>>> = {
  'Node 22': ['@asset-clients/node-versions/package.json', 'node22', 'bin/node'],
  'Node 26': ['@asset-clients/node-versions/package.json', 'node26', 'bin/node'],
  Bun: ['../package.json', 'bun-linux-x64', 'bin/bun'],
  Deno: ['../package.json', 'deno-linux-x64', 'deno'],
  workerd: ['../package.json', '@cloudflare/workerd-linux-64', 'bin/workerd'],
};

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC_BROWSER = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Looks for a runtime. This Node is taken for its own version; a browser is looked for at `CHROME_PATH` and in `PATH`. */
export function findRuntime(name: RuntimeName, environment: Readonly<Record<string, string | undefined>> = process.env): Runtime {
  if (name === `Node ${process.versions.node.split('.')[0]}`) return { name, path: process.execPath };
  if (name === 'Chromium') return findBrowser(environment);
  const entry = PACKAGES[name];
  if (entry === undefined) return { name, missing: `this is Node ${process.versions.node}; pnpm runs scripts with Node 24`, obtainable: true };
  const path = programOf(...entry);
  if (path !== undefined) return { name, path };
  return process.platform === 'linux' && process.arch === 'x64' && isGlibc()
    ? { name, missing: 'it is not installed: pnpm install', obtainable: true }
    : { name, missing: `the workspace has it for Linux on x64 (glibc) only, this is ${process.platform} on ${process.arch}`, obtainable: false };
}

function programOf(owner: string, name: string, program: string): string | undefined {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve(owner));
    // Not by the package's exports: its folder is where its manifest is.
    const folder = (require.resolve.paths(name) ?? []).map((path) => join(path, name)).find((path) => isFile(join(path, 'package.json')));
    const path = folder === undefined ? undefined : join(folder, program);
    return path !== undefined && isProgram(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function findBrowser(environment: Readonly<Record<string, string | undefined>>): Runtime {
  const name = 'Chromium';
  const own = environment.CHROME_PATH;
  if (own !== undefined && own !== '') {
    return isProgram(own) ? { name, path: own } : { name, missing: `CHROME_PATH is ${own}, which is no program`, obtainable: true };
  }
  const places = (environment.PATH ?? '').split(delimiter).flatMap((folder) => BROWSERS.map((browser) => join(folder, browser)));
  const path = [...places, MAC_BROWSER].find((place) => isProgram(place));
  return path === undefined
    ? { name, missing: 'there is no Chromium or Chrome: install it (Debian: apt-get install chromium), or set CHROME_PATH', obtainable: true }
    : { name, path };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}
