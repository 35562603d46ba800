#!/usr/bin/env node
import process from 'node:process';
import { run } from './run.ts';

/** How often to look whether npx is still there, in milliseconds. */
const LOOK_MS = 250;

/**
 * npx hands a signal to the shell in which it runs this command, and the shell dies of it without passing it on: that the
 * parent is another one is all that is seen of `kill $!` here.
 */
function parentGone(gone: () => void): void {
  if (process.env.npm_command !== 'exec') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
}

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stopped: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
      parentGone(resolve);
    }),
});
