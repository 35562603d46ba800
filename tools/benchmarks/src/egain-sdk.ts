/** eGain's own SDK, which is not on npm: made from a clone that the user names. Nothing of it is kept here. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Peer } from './peers.ts';

const copy = fileURLToPath(new URL('../.cache/egain-sdk', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

/** What was made. */
export interface EgainSdk {
  /** A JSON read of one resource by its id, the nearest to what the others do. */
  readonly peer: Peer;
  /** The module that its package begins with. */
  readonly whole: string;
  /** What was measured, in a sentence or two. */
  readonly about: string;
}

/**
 * Takes the commit that is checked out, installs what it depends on by its own lock file, and compiles it by its own
 * configuration.
 *
 * @param clone - Folder of a clone of github.com/eGain/egain-api-typescript; nothing in it is changed.
 * @throws Error when it is no such clone.
 */
export function makeEgainSdk(clone: string, log: (line: string) => void): EgainSdk {
  const folder = resolve(process.env.INIT_CWD ?? '.', clone);
  const run = (command: string, parameters: readonly string[], cwd = copy): Buffer =>
    execFileSync(command, parameters, { cwd, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28, shell: process.platform === 'win32' });
  const commit = run('git', ['rev-parse', 'HEAD'], folder).toString().trim();
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  execFileSync('tar', ['-x'], {
    cwd: copy,
    input: run('git', ['archive', '--format=tar', 'HEAD', 'package.json', 'package-lock.json', 'tsconfig.json', 'src'], folder),
  });
  const read = (file: string): { name: string; version: string } => JSON.parse(readFileSync(`${copy}/${file}`, 'utf8')) as { name: string; version: string };
  const { name, version } = read('package.json');
  if (name !== '@egain/egain-api-typescript') throw new Error(`${folder} holds ${name}, not @egain/egain-api-typescript`);
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  run(process.execPath, [
    tsc,
    '-p',
    '.',
    '--rootDir',
    'src',
    '--outDir',
    'dist',
    '--incremental',
    'false',
    '--tsBuildInfoFile',
    'null',
    '--declaration',
    'false',
    '--declarationMap',
    'false',
  ]);
  log(`eGain's SDK ${version} at ${commit} is made`);
  return {
    whole: `${copy}/dist/index.js`,
    peer: {
      name: EGAIN_SDK,
      folder: copy,
      expected: '"id":"a1"',
      code: `import { EgainCore } from ${JSON.stringify(`${copy}/dist/core.js`)};
import { portalGeneralGetPortalDetailsById } from ${JSON.stringify(`${copy}/dist/funcs/portalGeneralGetPortalDetailsById.js`)};
export const connect = (serverURL) => {
  const core = new EgainCore({ serverURL, accessToken: 'token' });
  return async () => {
    const result = await portalGeneralGetPortalDetailsById(core, { acceptLanguage: 'en-US', portalID: 'a1', language: 'en-US' });
    if (!result.ok) throw result.error;
    return result.value;
  };
};`,
    },
    about: `eGain's own SDK (github.com/eGain/egain-api-typescript ${version}, commit ${commit}, zod ${read('node_modules/zod/package.json').version}) has none of these operations. Measured is its nearest, \`getPortalDetailsById\` of the Knowledge API as its standalone function: GET of one resource by its id with one query value and two headers, an answer of the same size. It checks both with zod; its retries and time limit are off unless asked for.`,
  };
}

const EGAIN_SDK = "eGain's SDK (getPortalDetailsById)";
