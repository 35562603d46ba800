/** Runs commands of the repository. */

import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';

/**
 * Runs a command in the repository.
 *
 * @param command - A path, or the name of a command that the repository installed.
 * @returns What it printed.
 * @throws Error with the end of its output when it fails and `mayFail` is not set.
 */
export async function runTool(
  root: string,
  command: string,
  parameters: readonly string[],
  options: { readonly mayFail?: boolean; readonly folder?: string } = {},
): Promise<string> {
  const cwd = join(root, options.folder ?? '.');
  const path = [join(cwd, 'node_modules/.bin'), join(root, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  return await new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 || options.mayFail === true) resolve(output);
      else reject(new Error(`${command} ${parameters[0] ?? ''} failed: ${(output + errors).trim().split('\n').slice(-8).join('\n')}`));
    });
  });
}
