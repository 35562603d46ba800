import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

/** Runs a file beside this one in a process of its own, which does not outlive the test. */
export function start(file: string, ...args: readonly string[]): { readonly child: ChildProcess; readonly output: Promise<string> } {
  const child = spawn(process.execPath, ['--expose-gc', fileURLToPath(new URL(file, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout!.on('data', (chunk) => (text += chunk));
  return { child, output: once(child, 'close').then(() => text) };
}
