import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('wrong names, missing parameters and wrong values do not compile; results and errors are typed per operation', async () => {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('typescript/package.json');
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly bin: { readonly tsc: string } };
  const compiler = join(dirname(manifest), bin.tsc);
  // An expected error that does not come is an error of its own.
  const run = promisify(execFile)(process.execPath, [compiler, '--noEmit', '--pretty', 'false', '-p', join(folder, 'tsconfig.types.json')], { cwd: folder });
  const output = await run.then(
    ({ stdout }) => stdout,
    (error: { stdout: string; message: string }) => error.stdout || error.message,
  );
  expect(output).toBe('');
}, 60_000);
