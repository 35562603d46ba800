/**
 * `pnpm bench`: measures everything in one run and writes docs/benchmarks.md. Every round runs all competitors in turn, each in a
 * process of its own; what is compared are medians, and ratios of the same round. About eight minutes.
 *
 * `pnpm bench calls transfers` measures only these parts and prints them; `quick`: in one round.
 * `pnpm bench --egain-sdk <folder>` measures eGain's own SDK, too: a clone of github.com/eGain/egain-api-typescript, of which it
 * installs the dependencies (npm) into a folder of its own.
 */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { makeEgainSdk } from './egain-sdk.ts';
import { measureSize } from './measure-size.ts';
import { BASE, bundleForNode, makePeers, OURS, type Peer } from './peers.ts';
import { median, range, ratios, table, type Goal } from './statistics.ts';

const { values: options, positionals: parts } = parseArgs({ allowPositionals: true, options: { 'egain-sdk': { type: 'string' } } });
const isQuick = parts.includes('quick');
const CALL_ROUNDS = isQuick ? 1 : 7;
const TRANSFER_ROUNDS = isQuick ? 1 : 5;
const MEMORY_ROUNDS = isQuick ? 1 : 3;
const IMPORT_ROUNDS = isQuick ? 1 : 15;
const MIB = 1_048_576;

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs a module in a process of its own and gives what it printed. */
async function runChild(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: file('..'), stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  return text;
}

async function startServer(): Promise<{ origin: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [file('server.ts')], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  return { origin: `http://127.0.0.1:${String(port).trim()}`, child };
}

/** Values by competitor, one for each round; the order turns from round to round. */
async function interleave<Value>(rounds: number, names: readonly string[], measure: (name: string) => Promise<Value>): Promise<Map<string, Value[]>> {
  const found = new Map<string, Value[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < names.length; i += 1) {
      const name = names[(i + round) % names.length]!;
      found.get(name)!.push(await measure(name));
    }
    log(`  round ${round + 1} of ${rounds}`);
  }
  return found;
}

const goals: Goal[] = [];

async function calls(origin: string, peers: readonly Peer[]): Promise<string> {
  const files = new Map<string, readonly [file: string, expected: string]>();
  for (const peer of peers) files.set(peer.name, [await bundleForNode(peer), peer.expected ?? '"assetId":"a1"']);
  type Cost = { cpu: number; wall: number };
  const found = await interleave(CALL_ROUNDS, [...files.keys()], async (name) => {
    const [module, expected] = files.get(name)!;
    return JSON.parse(await runChild([file('calls-child.ts'), module, `${origin}/v1`, expected])) as { one: Cost; many: Cost };
  });
  const rows = [...found].map(([name, rounds]) => {
    const columns = (['one', 'many'] as const).flatMap((width) => {
      const cpu = ratios(
        rounds.map((round) => round[width].cpu),
        found.get(BASE)!.map((round) => round[width].cpu),
      );
      if (name === OURS)
        goals.push({
          what: `CPU of a JSON call, ${width === 'one' ? 'one after another' : '32 at once'}, of bare fetch`,
          most: width === 'one' ? 0.85 : 0.75,
          is: median(cpu),
        });
      return [`${median(rounds.map((round) => round[width].cpu)).toFixed(0)} µs`, `${median(cpu).toFixed(2)} (${range(cpu)})`];
    });
    return [name, ...columns];
  });
  return [
    '## JSON calls',
    '',
    `\`retrieveAsset\` of Tenovos: GET with two query values and two headers, an answer of 1,177 bytes. CPU time of the calling process for each call, and its ratio to bare fetch in the same round. Ours with all promises on: checked arguments, limits, retries, redirects by hand, redaction; ky carries the request and the answer.`,
    '',
    table(['client', 'one after another', 'of fetch', '32 at once', 'of fetch'], rows),
  ].join('\n');
}

interface Transfer {
  readonly seconds: number;
  readonly cpu: number;
  readonly memory: number;
}

async function transfers(origin: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'asset-clients-bench-'));
  try {
    const path = join(folder, 'file');
    const run = async (name: string, mib: number): Promise<Transfer> =>
      JSON.parse(await runChild(['--expose-gc', file('transfer-child.ts'), name, origin, String(mib * MIB), path])) as Transfer;
    const pairs: readonly [what: string, ours: string, other: string, least: number][] = [
      ['download to a null sink', 'ours, sha256 off', 'fetch', 1.25],
      ['download to a null sink with sha256', 'ours, sha256', 'fetch, sha256', 0.95],
      ['download to disk (ours hashes, too)', 'ours, to disk', 'node:http + pipeline, to disk', 1],
      ['download to disk, sha256 off', 'ours, to disk, sha256 off', 'node:http + pipeline, to disk', 1],
      ['upload from disk', 'ours, from disk', 'undici.request, from disk', 1],
    ];
    const names = [...new Set(pairs.flatMap(([, ours, other]) => [ours, other]))];
    const MIBS = 256;
    const found = await interleave(TRANSFER_ROUNDS, names, (name) => run(name, MIBS));
    const speeds = (name: string): number[] => found.get(name)!.map(({ seconds }) => MIBS / seconds);
    const rows = pairs.map(([what, ours, other, least]) => {
      const speed = ratios(speeds(ours), speeds(other));
      goals.push({ what: `${what}: speed of ${other}`, least, is: median(speed) });
      const cpu = (name: string): string => `${(median(found.get(name)!.map((transfer) => transfer.cpu)) / (MIBS / 1024)).toFixed(2)} s`;
      return [
        what,
        `${median(speeds(ours)).toFixed(0)} MiB/s`,
        `${median(speeds(other)).toFixed(0)} MiB/s (${other})`,
        `${median(speed).toFixed(2)} (${range(speed)})`,
        cpu(ours),
        cpu(other),
      ];
    });
    const memory: string[][] = [];
    for (const [what, name] of [
      ['download to disk', 'ours, to disk'],
      ['upload from disk', 'ours, from disk'],
    ] as const) {
      const small: number[] = [];
      const large: number[] = [];
      for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
        for (const [mib, list] of [
          [256, small],
          [2048, large],
        ] as const) {
          // An upload sends the file that a download left.
          if (name === 'ours, from disk') await run('ours, to disk, sha256 off', mib);
          list.push((await run(name, mib)).memory);
        }
        log(`  memory, ${what}, round ${round + 1} of ${MEMORY_ROUNDS}`);
      }
      goals.push({ what: `memory of 2 GiB, ${what}, MiB above the idle process`, most: 128, is: median(large) });
      goals.push({ what: `memory of 2 GiB beyond that of 256 MiB, ${what}, MiB`, most: 16, is: median(large) - median(small) });
      memory.push([what, `${median(small).toFixed(0)} MiB (${range(small, 0)})`, `${median(large).toFixed(0)} MiB (${range(large, 0)})`]);
    }
    return [
      '## Transfers',
      '',
      `${MIBS} MiB over loopback; ratios of the same round, more is faster. CPU seconds for each GiB.`,
      '',
      table(['what', 'ours', 'other', 'speed of the other', 'CPU, ours', 'CPU, other'], rows),
      '',
      `Memory above the idle process (after one warm-up call), at its highest; median of ${MEMORY_ROUNDS}, range.`,
      '',
      table(['what', '256 MiB', '2 GiB'], memory),
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function imports(peers: readonly Peer[]): Promise<string> {
  const modules = new Map<string, string>([['nothing', '']]);
  for (const name of ['egain', 'tenovos', 'worldserver', 'runtime']) modules.set(`@asset-clients/${name}`, `@asset-clients/${name}`);
  for (const peer of peers) if (peer.name !== BASE && peer.name !== OURS) modules.set(peer.name, await bundleForNode(peer));
  if (sdk !== undefined) modules.set("eGain's SDK (the whole)", sdk.whole);
  const found = await interleave(IMPORT_ROUNDS, [...modules.keys()], async (name) => {
    const specifier = modules.get(name)!;
    const code = `${specifier === '' ? '' : `await import(${JSON.stringify(specifier)});`} const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system));`;
    const start = performance.now();
    const cpu = Number(await runChild(['--input-type=module', '-e', code])) / 1000;
    return { wall: performance.now() - start, cpu };
  });
  const rows = [...found].map(([name, times]) => {
    const empty = found.get('nothing')!;
    const wall = times.map((time, round) => time.wall - empty[round]!.wall);
    const cpu = times.map((time, round) => time.cpu - empty[round]!.cpu);
    if (name.startsWith('@asset-clients/')) goals.push({ what: `import of ${name}, ms beyond an empty process`, most: 10, is: median(wall) });
    const beyond = name === 'nothing' ? ['', ''] : [`${median(wall).toFixed(1)} ms`, `${median(cpu).toFixed(1)} ms`];
    return [
      name,
      `${median(times.map((time) => time.wall)).toFixed(0)} ms (${range(
        times.map((time) => time.wall),
        0,
      )})`,
      ...beyond,
    ];
  });
  return [
    '## Import',
    '',
    `A Node process that imports the module and ends, ${IMPORT_ROUNDS} round(s); beyond one that imports nothing in the same round. ky and undici are loaded at the first call.`,
    '',
    table(['module', 'process', 'beyond an empty one', 'CPU beyond'], rows),
  ].join('\n');
}

async function sizes(peers: readonly Peer[]): Promise<string> {
  const rows: string[][] = [];
  for (const peer of peers) {
    if (peer.name === 'undici.request') continue;
    const { rolldown, esbuild } = await measureSize(`${peer.code}\nconsole.log(await connect(location.origin)());`);
    rows.push([peer.name, `${(rolldown / 1000).toFixed(1)} KB`, `${(esbuild / 1000).toFixed(1)} KB`]);
  }
  return [
    '## Size of the same operation in a browser',
    '',
    "Bundled, minified, gzip -9, all that is loaded summed. More programs: [sizes](sizes.md). What is in ours and not in the others: limits on time and size, checks of arguments (eGain's SDK has them, too), redaction, retries (ky, which is inside ours, has them, too).",
    '',
    table(['client', 'rolldown', 'esbuild'], rows),
  ].join('\n');
}

async function fakes(): Promise<string> {
  const text = await runChild([file('../../../packages/testing/bench/answers.ts')]);
  return [
    '## Fakes',
    '',
    'Answers per second of a fake in each of its shapes, beside MSW and nock with a fixed text.',
    '',
    '```text',
    text.trimEnd(),
    '```',
  ].join('\n');
}

function versions(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { devDependencies: Record<string, string> };
  const installed = Object.keys(manifest.devDependencies)
    .filter((name) => !name.startsWith('@asset-clients/') && !name.startsWith('@types/') && name !== 'typescript')
    .map(
      (name) =>
        `${name} ${(JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as { version: string }).version}`,
    );
  return `Node ${process.versions.node} (built-in undici ${process.versions.undici ?? 'none'}), ${installed.join(', ')}. ${type()} ${release()}, ${cpus().length} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB. ${new Date().toISOString().slice(0, 10)}.`;
}

const wanted = parts.filter((part) => part !== 'quick');
const isWanted = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
const sdk = options['egain-sdk'] === undefined ? undefined : makeEgainSdk(options['egain-sdk'], log);
const { peers, missing } = await makePeers(log, sdk?.peer);
if (sdk === undefined) {
  missing.push("eGain's own SDK (github.com/eGain/egain-api-typescript): it is not on npm. `pnpm bench --egain-sdk <folder of a clone>` measures it.");
}
const { origin, child } = await startServer();
const sections: string[] = [];
try {
  for (const [name, measure] of [
    ['calls', () => calls(origin, peers)],
    ['transfers', () => transfers(origin)],
    ['imports', () => imports(peers)],
    ['sizes', () => sizes(peers)],
    ['fakes', fakes],
  ] as const) {
    if (!isWanted(name)) continue;
    log(name);
    sections.push(await measure());
  }
} finally {
  child.kill();
}

const verdicts = goals.map(({ what, most, least, is }) => {
  const isMet = most === undefined ? is >= least! : is <= most;
  return [what, most === undefined ? `at least ${least!}` : `at most ${most}`, Math.abs(is) < 10 ? is.toFixed(2) : is.toFixed(0), isMet ? 'met' : '**missed**'];
});
const text = [
  '# Benchmarks',
  '',
  `Written by \`pnpm bench\`, all from one run on one machine. ${versions()}`,
  '',
  'Medians, with the lowest and highest value in brackets; ratios are of values from the same round. Where the ranges of two rows overlap, the machine says nothing about their order.',
  '',
  '## Goals',
  '',
  table(['what', 'goal', 'measured', ''], verdicts),
  '',
  sections.join('\n\n'),
  '',
  ...(sdk === undefined ? [] : ["## eGain's own SDK", '', sdk.about, '']),
  ...(missing.length === 0 ? [] : ['## Not measured', '', ...missing.map((line) => `- ${line}`), '']),
].join('\n');
if (wanted.length === 0 && !isQuick) {
  const page = file('../../../docs/benchmarks.md');
  writeFileSync(page, text);
  execFileSync('oxfmt', [page], { shell: process.platform === 'win32' });
} else process.stdout.write(text);
