/** Programs run as a user would run them: in a folder of their own, knowing nothing of this repository. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { createInterface } from 'node:readline';

import { root } from './workspace.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
const isWindows = process.platform === 'win32';
const running = new Set<ChildProcess>();

/** What a program left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages. */
  readonly output: string;
}

/** Options of {@link runCommand}. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Runs a program to its end. A code other than 0 is a result, not an error; so is one that took too long. */
export function runCommand(command: string, parameters: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const child = spawn(command, parameters, {
    cwd: options.cwd,
    env: { ...userEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what the program starts ends with it.
    detached: !isWindows,
    shell: isWindows,
  });
  running.add(child);
  const parts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (text: string) => (parts[name] += text));
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timer = setTimeout(() => {
    parts.stderr += `\nstill running after ${timeoutMs / 1000} s, ended`;
    end(child);
  }, timeoutMs);
  return new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, ...parts, output: parts.stdout + parts.stderr }));
  }).finally(() => {
    clearTimeout(timer);
    running.delete(child);
  });
}

/** A program that serves until it is stopped. */
export interface RunningServer {
  /** The first line that it printed. */
  readonly firstLine: string;
  stop(): Promise<void>;
}

/** Starts a program and waits for its first line. It ends when its input does, at the latest with this process. */
export async function startServer(command: string, parameters: readonly string[], options: CommandOptions): Promise<RunningServer> {
  const child = spawn(command, parameters, {
    cwd: options.cwd,
    env: { ...userEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: !isWindows,
  });
  running.add(child);
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  void closed.then(() => running.delete(child));
  const [firstLine] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    closed.then(() => Promise.reject(new Error(`${parameters.join(' ')} ended before it was ready`))),
  ])) as [string];
  return {
    firstLine,
    stop: () => {
      child.stdin.end();
      return closed;
    },
  };
}

/** {@link runCommand}, as a list of problems: empty when the program succeeded. */
export async function problemsOf(command: string, parameters: readonly string[], options: CommandOptions): Promise<string[]> {
  const { code, output } = await runCommand(command, parameters, options);
  return code === 0 ? [] : [`${[command === process.execPath ? 'node' : command, ...parameters].join(' ')}: exit code ${code}\n${lastLines(output)}`];
}

/** Installs into a folder, from the cache where possible. */
export function npmInstall(cwd: string, parameters: readonly string[]): Promise<string[]> {
  return problemsOf('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...parameters], { cwd });
}

/** Ends everything that was started and still runs. */
export function endAll(): void {
  for (const child of running) end(child);
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * The environment without what a package manager, a task runner or a test runner put into it: with that, a program would
 * be found in the repository although it was not installed. This Node comes first in the path.
 */
function userEnvironment(): NodeJS.ProcessEnv {
  const foreign =
    /^(?:npm_(?:lifecycle|package|node|command|execpath|config_user_agent)|INIT_CWD$|NODE_(?:PATH|OPTIONS|ENV)$|PNPM_|TURBO_|VITEST|JEST|FORCE_COLOR$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(root));
  return { ...env, PATH: [dirname(process.execPath), ...folders].join(delimiter), NO_COLOR: '1', npm_config_update_notifier: 'false' };
}

function lastLines(text: string, count = 40): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
