/** The repository as this tool sees it. Everything takes the root, so that tests can work on a copy. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This repository. */
export const thisRepository: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** `packages/tenovos` */
  readonly folder: string;
  /** `tenovos` */
  readonly shortName: string;
  readonly manifest: Manifest;
}

/** All packages that users install. */
export function publishedPackages(root: string): Package[] {
  return ['packages', 'tools'].flatMap((room) =>
    readdirSync(join(root, room))
      .toSorted()
      .filter((name) => existsSync(join(root, room, name, 'package.json')))
      .map((name) => ({
        folder: `${room}/${name}`,
        shortName: name,
        manifest: JSON.parse(readFileSync(join(root, room, name, 'package.json'), 'utf8')) as Manifest,
      }))
      .filter(({ manifest }) => manifest.private !== true),
  );
}

/** TypeScript 7, to be run by Node. */
export const tsc: string = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
