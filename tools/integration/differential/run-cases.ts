/** Runs cases in child processes. A process that dies is the outcome of the case that killed it. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
/** Longest time without a word from a child; no case takes that long. */
const SILENCE_MS = 20_000;

interface ChildRun {
  readonly outcomes: ReadonlyMap<string, string>;
  /** Started and not finished when the process died. */
  readonly open: ReadonlySet<string>;
  readonly ended: boolean;
  /** The last that it said, for a reader. */
  readonly lastWords: string;
}

/**
 * The outcome of every case under one Node.
 *
 * @param doomed - Cases among them that are known to kill their process: each has one of its own.
 */
export async function runCases(node: string, names: readonly string[], atOnce: number, doomed: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const outcomes = new Map<string, string>();
  for (const name of names) if (doomed.has(name)) outcomes.set(name, await runAlone(node, name));
  let waiting = names.filter((name) => !outcomes.has(name));
  while (waiting.length > 0) {
    const run = await runChild(node, waiting, atOnce);
    for (const [name, outcome] of run.outcomes) outcomes.set(name, outcome);
    if (!run.ended) {
      // Several were open: each alone shows which it was.
      const suspects = [...run.open];
      if (suspects.length === 0 && run.outcomes.size === 0) throw new Error(`A child process did not start: ${run.lastWords}`);
      for (const suspect of suspects) outcomes.set(suspect, await runAlone(node, suspect));
    }
    waiting = waiting.filter((name) => !outcomes.has(name));
  }
  return outcomes;
}

async function runAlone(node: string, name: string): Promise<string> {
  const run = await runChild(node, [name], 1);
  if (!run.ended) return `process died: ${run.lastWords}`;
  return run.outcomes.get(name) ?? 'nothing said';
}

function runChild(node: string, names: readonly string[], atOnce: number): Promise<ChildRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', CHILD, String(atOnce)], { stdio: ['pipe', 'pipe', 'pipe'] });
    const outcomes = new Map<string, string>();
    const open = new Set<string>();
    let ended = false;
    let errors = '';
    let timer: NodeJS.Timeout | undefined;
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
    };
    watch();
    createInterface({ input: child.stdout }).on('line', (line) => {
      watch();
      const said = JSON.parse(line) as { start?: string; name?: string; outcome?: string; end?: true };
      if (said.start !== undefined) open.add(said.start);
      if (said.name !== undefined) {
        open.delete(said.name);
        outcomes.set(said.name, said.outcome!);
      }
      ended ||= said.end === true;
    });
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    // A child that died at once does not read.
    child.stdin.on('error', () => undefined);
    child.stdin.end(names.join('\n'));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const lastWords = /^\s*(?:Uncaught )?\w*Error\b.*$/m.exec(errors)?.[0].trim() ?? errors.trim().split('\n').at(-1) ?? '';
      resolve({ outcomes, open, ended: ended && code === 0, lastWords: lastWords === '' ? `ended by ${String(signal ?? code)}` : lastWords });
    });
  });
}
