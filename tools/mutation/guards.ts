/**
 * `node tools/mutation/guards.ts [word...]`: takes out each guard of the runtime on a copy and runs the test of trust.test.ts that
 * is named for it. Every one must fail; one that passes proves nothing.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A guard: what stands in a file, and what would stand there without it. */
interface Guard {
  /** Words of the test's name. */
  readonly test: string;
  readonly file: string;
  readonly guard: string;
  readonly without: string;
}

const guards: readonly Guard[] = [
  {
    test: 'standard ones stay at home',
    file: 'redirect.ts',
    guard: '(!isForeign || PUBLIC_HEADERS.has(name))',
    without: "(!isForeign || PUBLIC_HEADERS.has(name) || name === 'authorization')",
  },
  {
    test: 'standard ones stay at home',
    file: 'redirect.ts',
    guard: '(!isForeign || PUBLIC_HEADERS.has(name))',
    without: "(!isForeign || PUBLIC_HEADERS.has(name) || name === 'cookie')",
  },
  {
    test: 'custom ones stay at home',
    file: 'redirect.ts',
    guard: '(!isForeign || PUBLIC_HEADERS.has(name))',
    without: "(!isForeign || !['authorization', 'cookie', 'proxy-authorization'].includes(name))",
  },
  { test: 'those of a login stay at home', file: 'redirect.ts', guard: 'PUBLIC_HEADERS.has(name)', without: 'true' },
  { test: 'a body, which may hold some', file: 'redirect.ts', guard: 'if (isForeign && body !== undefined)', without: 'if (false)' },
  { test: 'are lost on the way', file: 'redirect.ts', guard: 'const isForeign = url.origin !== from.origin;', without: 'const isForeign = false;' },
  {
    test: 'to a trusted origin stay at home',
    file: 'redirect.ts',
    guard: 'url.origin !== from.origin',
    without: 'url.origin !== from.origin && trustedOrigins?.includes(url.origin) !== true',
  },
  { test: 'from https to http is refused', file: 'untrusted-url.ts', guard: "base?.protocol === 'https:'", without: 'false' },
  { test: 'is no redirect with status', file: 'exchange.ts', guard: 'REDIRECTS.has(status)', without: '(status >= 300 && status < 400)' },
  {
    test: 'is checked at every hop',
    file: 'redirect.ts',
    guard: 'new OriginPolicy(baseUrl, trustedOrigins).check(location, from)',
    without: 'new URL(location, from)',
  },
  { test: 'that never ends, ends', file: 'exchange.ts', guard: 'if (hops >= MOST_REDIRECTS)', without: 'if (hops >= 200)' },
  {
    test: 'of another scheme is refused',
    file: 'untrusted-url.ts',
    guard: "if (url.protocol !== 'https:' && url.protocol !== 'http:')",
    without: 'if (false)',
  },
  {
    test: 'an API on this machine',
    file: 'untrusted-url.ts',
    guard: "(reach === this.#reach && reach !== 'reserved')",
    without: "this.#reach !== 'public'",
  },
  { test: 'that is plain http is refused', file: 'untrusted-url.ts', guard: "if (url.protocol === 'http:' &&", without: 'if (false &&' },
  { test: 'that is not absolute is refused', file: 'signed-transfer.ts', guard: '.check(address.url)', without: '.check(address.url, baseUrl)' },
  {
    test: 'with a user name or password is refused',
    file: 'untrusted-url.ts',
    guard: "if (url.username !== '' || url.password !== '')",
    without: 'if (false)',
  },
  { test: 'of a private IPv4 network', file: 'untrusted-url.ts', guard: "return reachOfIPv4(name.split('.').map(Number))", without: "return 'public'" },
  {
    test: 'of a private IPv6 network',
    file: 'untrusted-url.ts',
    guard: "if (name.startsWith('[')) return reachOfIPv6(name.slice(1, -1));",
    without: "if (name.startsWith('[')) return 'public';",
  },
  {
    test: 'of a private IPv6 network',
    file: 'untrusted-url.ts',
    guard: 'if (prefix === MAPPED || prefix === NAT64) return reachOfIPv4(bytesOf(groups[6]!, groups[7]!));',
    without: "if (prefix === MAPPED || prefix === NAT64) return 'public';",
  },
  {
    test: 'with a zone is refused',
    file: 'untrusted-url.ts',
    guard: "throw urlRefused('it is not a URL');",
    without: "url = new URL(text.replace(/%25[^\\]]*/, ''), base);",
  },
  {
    test: 'with a name of the own network',
    file: 'untrusted-url.ts',
    guard: "if (name.includes('.') && !",
    without: 'if (!',
  },
  { test: 'with a name of the own network', file: 'untrusted-url.ts', guard: ".replace(/\\.+$/, '')", without: '' },
  { test: 'with a port of another service', file: 'untrusted-url.ts', guard: "if (url.port !== '' &&", without: 'if (false &&' },
  {
    test: 'is trusted by its whole origin',
    file: 'untrusted-url.ts',
    guard: 'if (this.#trusted.has(url.origin)) return url;',
    without: 'if ([...this.#trusted].some((origin) => new URL(origin).hostname === url.hostname)) return url;',
  },
  { test: 'sees none of the headers', file: 'signed-transfer.ts', guard: '.filter(([name]) => PUBLIC_HEADERS.has(name.toLowerCase()))', without: '' },
  { test: 'sees none of the headers', file: 'prepare-request.ts', guard: 'call.isForeign ? undefined :', without: '' },
  { test: 'is not left by a path', file: 'scalar-codec.ts', guard: 'if (!/^\\.{0,2}$/.test(text)) return text;', without: 'return text;' },
  { test: 'is not left by a path', file: 'prepare-request.ts', guard: 'if (/(?:^|', without: 'if (false && /(?:^|' },
  {
    test: 'that resolves to a private address',
    file: 'platform/undici.ts',
    guard: 'addresses.some((address) => !mayConnect(origin, address))',
    without: 'false',
  },
  {
    test: 'that resolves to a private address',
    file: 'platform/undici.ts',
    guard: 'addresses.some((address)',
    without: 'addresses.slice(0, 1).some((address)',
  },
  {
    test: 'is resolved once for each connection',
    file: 'platform/undici.ts',
    guard: 'lookup: guardedLookup(dns, origin, this.#options)',
    without: '...(guardedLookup(dns, origin, this.#options)(target.hostname, { all: true }, () => undefined) as object)',
  },
  {
    test: 'of the API itself may be private',
    file: 'untrusted-url.ts',
    guard: 'if (origin === this.#own ||',
    without: 'if (new URL(origin).hostname === new URL(this.#own).hostname ||',
  },
  { test: 'that NO_PROXY leaves out', file: 'platform/undici.ts', guard: 'const proxied = { ...options, connect,', without: 'const proxied = { ...options,' },
  {
    test: 'gets no header of the vendor with CONNECT',
    file: 'platform/undici.ts',
    guard: 'new undici.ProxyAgent({ ...proxied, uri: proxy })',
    without: "new undici.ProxyAgent({ ...proxied, uri: proxy, headers: { 'x-api-key': 'canary-3' } })",
  },
  {
    test: 'is cut where JSON is expected',
    file: 'read-answer.ts',
    guard: 'const MOST_JSON_BYTES = 64 * 1024 * 1024;',
    without: 'const MOST_JSON_BYTES = 128 * 1024 * 1024;',
  },
  {
    test: 'is cut where it is an error',
    file: 'read-answer.ts',
    guard: 'const MOST_ERROR_BYTES = 1024 * 1024;',
    without: 'const MOST_ERROR_BYTES = 64 * 1024 * 1024;',
  },
  { test: 'is cut by its decompressed size', file: 'read-body.ts', guard: 'if (chunk.length > room)', without: 'if (false)' },
  {
    test: 'is asked for uncompressed',
    file: 'prepare-request.ts',
    guard: "if (operation.binary !== undefined) headers['accept-encoding'] = 'identity';",
    without: '',
  },
  { test: 'is asked for uncompressed', file: 'download.ts', guard: 'this.#checkEncoding(this.#first);', without: '' },
  { test: 'is cut where a caller says', file: 'content.ts', guard: 'if (size > maxBytes) throw', without: 'if (false) throw' },
  { test: 'of brackets alone', file: 'redact.ts', guard: "if (depth > 8) return '[deeper]';", without: '' },
  {
    test: 'whose headers come byte by byte',
    file: 'exchange.ts',
    guard: "after(this.#clock, ms, () => stop.abort(new Fault('NoAnswerError', what)))",
    without: 'undefined',
  },
  {
    test: 'with informational answers without end',
    file: 'exchange.ts',
    guard: "after(this.#clock, ms, () => stop.abort(new Fault('NoAnswerError', what)))",
    without: 'undefined',
  },
  { test: 'whose bytes drip in time', file: 'read-body.ts', guard: 'after(clock, totalMs,', without: 'after(clock, false,' },
  { test: 'that falls silent in the middle', file: 'read-body.ts', guard: 'after(clock, idleTimeoutMs,', without: 'after(clock, false,' },
  { test: 'pollute no prototype', file: 'redact.ts', guard: 'Object.create(null) as Record<string, unknown>', without: '{}' },
  { test: 'of arguments pollute none', file: 'prepare-request.ts', guard: 'if (!known.includes(name))', without: 'if (false)' },
  {
    test: 'adds no header, cookie or second request',
    file: 'scalar-codec.ts',
    guard: 'if (isHeaderText(value))',
    without: 'if (true)',
  },
  { test: 'adds no header, cookie or second request', file: 'scalar-codec.ts', guard: 'return encodeURIComponent(text)', without: 'return text' },
  { test: 'adds no header, cookie or second request', file: 'form-bodies.ts', guard: 'text.replace(/[\\r\\n"]/g,', without: 'text.replace(/(?!)/g,' },
  { test: 'cannot leave the folder', file: 'content.ts', guard: "safeFileName(this.name ?? '')", without: "(this.name ?? '')" },
  {
    test: 'has no hidden, turning or invisible',
    file: 'file-name.ts',
    guard: "(/[/\\\\]/.test(character.normalize('NFKC')) ? '_' : character)",
    without: 'character',
  },
  { test: 'is no device of Windows', file: 'file-name.ts', guard: 'if (RESERVED.test(folded) ||', without: 'if (false ||' },
  { test: 'has no hidden, turning or invisible', file: 'file-name.ts', guard: '\\p{Format}', without: '' },
  { test: 'has no hidden, turning or invisible', file: 'file-name.ts', guard: '\\p{Control}', without: '' },
  { test: 'has no hidden, turning or invisible', file: 'file-name.ts', guard: '\\p{Default_Ignorable_Code_Point}', without: '' },
  { test: 'has no hidden, turning or invisible', file: 'file-name.ts', guard: ".replace(/^[\\s.]+|[\\s.]+$/g, '')", without: '' },
  { test: 'has no hidden, turning or invisible', file: 'file-name.ts', guard: ".normalize('NFC')", without: '' },
  { test: 'has at most 255 bytes', file: 'file-name.ts', guard: 'return shorten(safe)', without: 'return safe' },
  {
    test: 'does not follow a link',
    file: 'platform/files.ts',
    guard: 'await fs.rename(temporary, target);',
    without: 'await fs.copyFile(temporary, target); await fs.rm(temporary);',
  },
  {
    test: 'that was not made safe',
    file: 'platform/files.ts',
    guard: 'if (dirname(path) !== resolve(folder) || basename(path) !== name)',
    without: 'if (false)',
  },
];

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const runtime = here('../../packages/runtime');
const copy = here('.cache/guards');
const vitest = join(dirname(createRequire(join(runtime, 'package.json')).resolve('vitest/package.json')), 'vitest.mjs');
rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const part of ['src', 'test', 'package.json']) cpSync(join(runtime, part), join(copy, part), { recursive: true });
symlinkSync(join(runtime, 'node_modules'), join(copy, 'node_modules'));

/** Whether the test of this name passes on the copy. */
function passes(test: string): boolean {
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--root', copy, 'src/trust.test.ts', '-t', test, '--testTimeout', '15000'], {
    encoding: 'utf8',
  });
  if (!/\d+ (?:passed|failed)/.test(stdout)) throw new Error(`no test is named "${test}":\n${stdout}`);
  return status === 0;
}

const gone = guards.filter(({ file, guard }) => !readFileSync(join(copy, 'src', file), 'utf8').includes(guard));
if (gone.length > 0) throw new Error(`these stand there no more, correct guards.ts:\n${gone.map(({ file, guard }) => `${file}: ${guard}`).join('\n')}`);
const chosen = guards.filter(({ test }) => process.argv.slice(2).every((word) => test.includes(word)));
if (chosen.length === 0) throw new Error('no guard has a test of this name');
let useless = 0;
for (const { test, file, guard, without } of chosen) {
  const path = join(copy, 'src', file);
  const source = readFileSync(path, 'utf8');
  try {
    writeFileSync(
      path,
      source.replace(guard, () => without),
    );
    const unnoticed = passes(test);
    if (unnoticed) useless += 1;
    console.log(`${unnoticed ? 'PASSES' : 'fails '} without ${file}: ${guard.slice(0, 90)} (${test})`);
  } finally {
    writeFileSync(path, source);
  }
}
const isSound = passes(chosen[0]!.test);
rmSync(copy, { recursive: true, force: true });
console.log(`${chosen.length - useless} of ${chosen.length} guards are missed by their test when they are taken out`);
if (useless > 0 || !isSound) process.exitCode = 1;
