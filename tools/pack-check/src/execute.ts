/** Runs an example on a runtime and says what it printed. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Runtime, RuntimeName } from '@asset-clients/runtimes';
import { launch, type Browser } from 'puppeteer-core';

import { bundle, type Bundle } from './bundle.ts';
import { problemsOf, runCommand } from './command.ts';
import { tsc, typeRoots, writeFolder } from './workspace.ts';

const TIMEOUT_MS = 60_000;

/** What happened. */
export interface Execution {
  readonly output: string;
  /** Why it did not end well. */
  readonly error?: string;
  /** What was executed, where a bundler made it. */
  readonly bundle?: Bundle;
}

type Execute = (path: string, folder: string, name: string, code: string) => Promise<Execution>;
type Installed = Extract<Runtime, { path: string }>;

/** @param name - Of the file, without `.ts`: one for each run in the folder. */
export function execute({ name: runtime, path }: Installed, folder: string, name: string, code: string): Promise<Execution> {
  return WAYS[runtime](path, folder, `${name}-${runtime.toLowerCase().replace(' ', '-')}`, code);
}

const program =
  (...parameters: readonly string[]): Execute =>
  async (path, folder, name, code) => {
    writeFolder(folder, { [`${name}.ts`]: code });
    return ended(await runCommand(path, [...parameters, `${name}.ts`], { cwd: folder, timeoutMs: TIMEOUT_MS }));
  };

const WAYS: Readonly<Record<RuntimeName, Execute>> = {
  'Node 22': compiled,
  'Node 24': program(),
  'Node 26': program(),
  Bun: program('run'),
  // What the example needs, and not more: it asks nobody for environment variables.
  Deno: program('run', '--no-prompt', '--node-modules-dir=manual', '--allow-net=127.0.0.1', '--allow-read=.', '--allow-write=.'),
  workerd: inWorkerd,
  Chromium: inChromium,
};

/** Node 22 does not know `await using`: TypeScript writes it as the README says. */
async function compiled(path: string, folder: string, name: string, code: string): Promise<Execution> {
  const config = {
    compilerOptions: {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      typeRoots: [typeRoots],
      strict: true,
      skipLibCheck: true,
      allowJs: true,
      rootDir: '.',
      outDir: `${name}-out`,
    },
    files: [`${name}.ts`],
  };
  writeFolder(folder, { [`${name}.ts`]: code, [`${name}.json`]: config });
  const problems = await problemsOf(process.execPath, [tsc, '--pretty', 'false', '-p', `${name}.json`], { cwd: folder });
  if (problems.length > 0) return { output: '', error: problems.join('\n') };
  return ended(await runCommand(path, [`${name}-out/${name}.js`], { cwd: folder, timeoutMs: TIMEOUT_MS }));
}

/** A worker has no code outside of its handlers that may call anything: the example becomes the body of one. */
async function inWorkerd(path: string, folder: string, name: string, code: string): Promise<Execution> {
  const lines = code.split('\n');
  const isImport = (line: string): boolean => line.startsWith('import ');
  writeFolder(folder, {
    [`${name}.ts`]: [
      ...lines.filter(isImport),
      'export default { async test() {',
      ...lines.filter((line) => !isImport(line)),
      '} } satisfies { test(): Promise<void> };',
    ].join('\n'),
  });
  const bundled = await bundle(folder, `${name}.ts`, 'workerd');
  const names = [...bundled.files.keys()].toSorted((a, b) => Number(b === bundled.entry) - Number(a === bundled.entry));
  const modules = names.map((file) => `(name = "${file}", esModule = embed "${name}/${file}")`);
  writeFolder(folder, {
    ...Object.fromEntries([...bundled.files].map(([file, content]) => [`${name}/${file}`, content])),
    [`${name}.capnp`]: `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [
  (name = "main", worker = (
    modules = [${modules.join(', ')}], compatibilityDate = "2026-11-01", globalOutbound = "network")),
  (name = "network", network = (allow = ["private"])),
]);
`,
  });
  return { ...ended(await runCommand(path, ['test', `${name}.capnp`], { cwd: folder, timeoutMs: TIMEOUT_MS })), bundle: bundled };
}

let browser: Promise<Browser> | undefined;

async function inChromium(path: string, folder: string, name: string, code: string): Promise<Execution> {
  writeFolder(folder, { [`${name}.ts`]: code });
  const bundled = await bundle(folder, `${name}.ts`, 'browser');
  const server = createServer((request, response) => {
    const script = bundled.files.get(request.url!.slice(1));
    if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script);
    else if (request.url === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>example</title>');
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser ??= launch({ executablePath: path, headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
  const page = await (await browser).newPage();
  try {
    page.setDefaultTimeout(TIMEOUT_MS);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const [output, error] = (await page.evaluate(`(async () => {
      const lines = [];
      console.log = (...values) => lines.push(values.map((value) => typeof value === 'string' ? value : JSON.stringify(value)).join(' '));
      try {
        await import('/${bundled.entry}');
        return [lines.join('\\n')];
      } catch (error) {
        return [lines.join('\\n'), error.stack + ' ' + JSON.stringify(error)];
      }
    })()`)) as [string, string | undefined];
    return { output, bundle: bundled, ...(error !== undefined && { error }) };
  } finally {
    await page.close();
    server.close();
  }
}

/** Ends the browser, if one was started. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

function ended({ code, stdout, output }: { readonly code: number; readonly stdout: string; readonly output: string }): Execution {
  return code === 0 ? { output: stdout } : { output: stdout, error: `exit code ${code}\n${output}` };
}
