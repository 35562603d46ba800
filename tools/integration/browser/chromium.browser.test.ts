/**
 * The clients in a real Chromium (`pnpm test:browser`): a bundle without a Node import, against a fake over sockets with
 * CORS. Needs Chromium or Chrome on this machine; `CHROME_PATH` names another place.
 */

import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { launch, type Browser, type Page } from 'puppeteer-core';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createEgainConversationClient } from '@asset-clients/egain';
import { findRuntime } from '@asset-clients/runtimes';
import { fault } from '@asset-clients/testing';
import { createFakeEgain, type FakeEgain } from '@asset-clients/testing/egain';

import type { Options, page as Functions } from './page.ts';

const BYTES = 3_000_000;

function findBrowser(): string {
  const found = findRuntime('Chromium');
  if (found.path === undefined) throw new Error(found.missing);
  return found.path;
}

interface Bundle {
  readonly code: string;
  readonly imports: readonly string[];
}

let bundle: Bundle;
/** By a bundler that was not told of browsers: it takes what workers get. */
let neutral: Bundle;
let server: Server;
let browser: Browser;
let tab: Page;
let fake: FakeEgain;
let options: Options;
/** What the page wrote to the console, and errors that nobody caught. */
const said: string[] = [];

async function bundleFor(platform: 'browser' | 'neutral', conditionNames: string[]): Promise<Bundle> {
  const build = await rolldown({ input: fileURLToPath(new URL('page.ts', import.meta.url)), platform, resolve: { conditionNames } });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  const [chunk] = output;
  return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports].filter((name) => name !== chunk.fileName) };
}

beforeAll(async () => {
  bundle = await bundleFor('browser', ['browser', 'import', 'default']);
  neutral = await bundleFor('neutral', ['import', 'default']);
  const scripts = new Map([
    ['/bundle.js', bundle],
    ['/neutral.js', neutral],
  ]);
  server = createServer(({ url = '' }, response) => {
    const script = scripts.get(url);
    if (script !== undefined) response.setHeader('content-type', 'text/javascript').end(script.code);
    else if (scripts.has(`${url === '/' ? '/bundle' : url}.js`)) {
      response.setHeader('content-type', 'text/html').end(`<!doctype html><script type="module" src="${url === '/' ? '/bundle' : url}.js"></script>`);
    } else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch({ executablePath: findBrowser(), headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

beforeEach(async () => {
  said.length = 0;
  fake = createFakeEgain({ assets: [{ id: 'a1', name: 'hero.jpg', bytes: BYTES }] });
  const listening = await fake.listen({ cors: true });
  const { baseUrl, auth } = listening.conversation.clientOptions;
  options = { baseUrl, auth };
  tab = await browser.newPage();
  tab.on('pageerror', (error) => said.push(String(error)));
  await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await tab.waitForFunction('globalThis.page !== undefined');
});

afterEach(async () => {
  await tab.close();
  await fake.close();
  expect(said).toEqual([]);
});

/** Calls a function of the page. */
async function run<Name extends keyof typeof Functions>(name: Name, ...args: Parameters<(typeof Functions)[Name]>): Promise<Record<string, unknown>> {
  return (await tab.evaluate(
    (name, args) => (globalThis as unknown as { page: Record<string, (...args: unknown[]) => Promise<unknown>> }).page[name]!(...args),
    name,
    args as unknown[],
  )) as Record<string, unknown>;
}

const stored = async (): Promise<string> =>
  createHash('sha256')
    .update(await fake.asset('a1')!.bytes())
    .digest('hex');

describe('a bundle for browsers', () => {
  test('has no Node import, and no undici', () => {
    expect(bundle.imports).toEqual([]);
    for (const name of builtinModules) expect(bundle.code).not.toMatch(new RegExp(`(?:from|import\\(|require\\()\\s*["'\`](?:node:)?${name}["'\`]`));
    expect(bundle.code).not.toMatch(/undici|["'`]node:/);
  });

  test('calls JSON operations, with a login', async () => {
    expect(await run('details', options, 'a1')).toMatchObject({ id: 'a1', name: 'hero.jpg', size: BYTES });
  });

  test('tells errors as everywhere', async () => {
    expect(await run('missing', options)).toMatchObject({ name: 'ApiError', kind: 'not-found', status: 404, operation: 'getAsset', code: '404-101' });
  });

  test.each(['bytes', 'stream', 'blob'] as const)('downloads by %s; the receipt claims no hash that it has not', async (reading) => {
    const got = await run('download', options, 'a1', reading);
    expect(got).toMatchObject({ sha256: await stored(), isFrozen: true, receipt: { bytes: BYTES, verified: 'length', attempts: 1 } });
    expect(got.receipt).not.toHaveProperty('sha256');
    expect(fake.calls.flatMap(({ leaks }) => leaks)).toEqual([]);
  });

  test('continues a download that breaks', async () => {
    fake.faults.add('content', fault.resetAfter(1_000_000));
    expect(await run('download', options, 'a1', 'bytes')).toMatchObject({ sha256: await stored(), receipt: { attempts: 2 } });
    expect(fake.faults.pending()).toEqual([]);
  });

  test('uploads a Blob: as one job, and the signed half alone without credentials', async () => {
    const { id } = await run('upload', options, 'from a page');
    expect(Buffer.from(await fake.asset(id as string)!.bytes()).toString()).toBe('from a page');

    await using chat = createEgainConversationClient(options);
    const created = await chat.createAsset({ body: { name: 'half.txt', size: 4, channel: { type: 'chat' }, sender: { type: 'customer' } } });
    const before = fake.calls.length;
    expect(await run('signedHalf', created.contentUrl!, 'half')).toMatchObject({ bytes: 4 });
    expect(Buffer.from(await fake.asset(created.id!)!.bytes()).toString()).toBe('half');
    expect(fake.calls.slice(before).map(({ operation, credentials }) => ({ operation, credentials }))).toEqual([{ operation: 'upload', credentials: [] }]);
  });

  test('aborts in the middle of a body', async () => {
    fake.faults.add('content', fault.stallAfter(500_000));
    expect(await run('abort', options, 'a1')).toMatchObject({ name: 'AbortError', kind: 'aborted' });
  });

  test('uploads a stream of known size', async () => {
    const { id } = await run('streamed', options);
    expect(new TextDecoder().decode(await fake.asset(id as string)!.bytes())).toBe('text');
  });

  test('uploads one also where the bundler took the build of workers; no asset is left without content', async () => {
    expect(neutral.imports).toEqual([]);
    expect(neutral.code).not.toBe(bundle.code);
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/neutral`);
    await tab.waitForFunction('globalThis.page !== undefined');
    const { id } = await run('streamed', options);
    expect(new TextDecoder().decode(await fake.asset(id as string)!.bytes())).toBe('text');
    expect(fake.calls.filter(({ operation }) => operation === 'createAsset')).toHaveLength(1);
    expect(fake.calls.filter(({ operation }) => operation === 'upload').at(-1)).toMatchObject({ status: 201, receivedBytes: 4 });
  });

  test('refuses with a sentence what browsers cannot do', async () => {
    const { toFile, toDirectory, process } = await run('refused', options, 'a1');
    expect(process).toBe('undefined');
    expect(toFile).toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('no file system') as string,
      hint: expect.stringMatching(/stream\(\)/) as string,
    });
    expect(toDirectory).toMatchObject({ kind: 'unsupported' });
    expect(await run('proxied', options)).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('works on Node only') as string });
  });

  test('says of a redirect that a browser hides where it leads', async () => {
    fake.faults.add('getAsset', fault.redirect());
    expect(await run('redirected', options, 'a1')).toMatchObject({ kind: 'unsupported', message: expect.stringMatching(/redirect/) as string });
    expect(fake.calls.filter(({ host }) => host === 'elsewhere')).toEqual([]);
  });
});
