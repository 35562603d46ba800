/** The command of the fakes as npx runs it: in a shell that dies of a signal without passing it on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const COMMAND = fileURLToPath(new URL('cli.js', import.meta.resolve('@asset-clients/testing')));

async function isUp(url: string): Promise<boolean> {
  return await fetch(url).then(
    () => true,
    () => false,
  );
}

test('the fakes stop when npx is stopped, and leave no process behind', async () => {
  // The second command keeps the shell from becoming the first one.
  const shell = spawn('sh', ['-c', '"$0" "$1" tenovos --json; true', process.execPath, COMMAND], {
    env: { ...process.env, npm_command: 'exec' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: shell.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { TENOVOS_BASE_URL: base } = (JSON.parse(line) as { env: Record<string, string> }).env;
  expect(await isUp(base!)).toBe(true);
  const fakesEnded = once(lines, 'close');
  shell.kill('SIGTERM');
  await once(shell, 'exit');
  for (let i = 0; i < 100 && (await isUp(base!)); i++) await wait(100);
  expect(await isUp(base!)).toBe(false);
  // The end of the output is the end of the process that wrote it.
  await fakesEnded;
});
