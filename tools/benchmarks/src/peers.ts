/** What others generate from the same document: made when it is needed, kept in a folder that git ignores. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createClient } from '@hey-api/openapi-ts';
import { build } from 'esbuild';

import { findJar, findJava, readGeneratorPin, run } from '../../codegen/src/java.ts';

const folder = fileURLToPath(new URL('../.cache/peers', import.meta.url));
const document = fileURLToPath(new URL('../../../specs/tenovos/assets.yaml', import.meta.url));
const HEADERS = "{ 'x-api-key': 'key', authorization: 'token' }";

/** One way to call the operation `retrieveAsset`, or the nearest that there is. */
export interface Peer {
  readonly name: string;
  /** The folder whose `node_modules` its code needs; this package's when absent. */
  readonly folder?: string;
  /** What must be in the result, as JSON. */
  readonly expected?: string;
  /** A module with `connect(baseUrl)`, which gives a function that makes the call and returns the parsed body. */
  readonly code: string;
}

export const OURS = 'asset-clients';
export const BASE = 'fetch';

/**
 * Generates the peers' code; returns those that can be made on this machine, and why others cannot.
 *
 * @param more - One that was made elsewhere.
 */
export async function makePeers(log: (line: string) => void, more?: Peer): Promise<{ peers: readonly Peer[]; missing: string[] }> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const missing: string[] = [];
  await createClient({
    input: document,
    output: { path: `${folder}/hey-api`, clean: true },
    plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    logs: { level: 'silent', file: false },
  });
  try {
    const java = await findJava();
    const jar = await findJar({ log });
    const { version } = await readGeneratorPin();
    const stock = await run(java, ['-jar', jar, 'generate', '-i', document, '-g', 'typescript-fetch', '-o', `${folder}/stock`]);
    if (!existsSync(`${folder}/stock/index.ts`)) throw new Error(stock.output.slice(-500));
    log(`stock code of OpenAPI Generator ${version} is made`);
  } catch (error) {
    missing.push(`stock generator output: ${(error as Error).message}`);
  }
  const made = peers.filter(({ name }) => name !== STOCK || missing.length === 0);
  return { peers: more === undefined ? made : [...made, more], missing };
}

const STOCK = 'stock generator (typescript-fetch)';

const peers: readonly Peer[] = [
  {
    name: BASE,
    code: `export const connect = (baseUrl) => async () => {
  const response = await fetch(baseUrl + '/assets/asset/a1?empty=false&system=false', { headers: ${HEADERS} });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
};`,
  },
  {
    name: OURS,
    code: `import { createClient, tenovosProfile, tenovosToken } from '@asset-clients/tenovos';
import { retrieveAsset } from '@asset-clients/tenovos/operations';
export const connect = (baseUrl) => {
  const client = createClient({ retrieveAsset }, { baseUrl, auth: tenovosToken({ apiKey: 'key', token: 'token' }) }, tenovosProfile());
  return () => client.retrieveAsset({ id: 'a1', empty: false, system: false });
};`,
  },
  {
    name: 'ky',
    code: `import ky from 'ky';
export const connect = (baseUrl) => {
  const api = ky.create({ prefix: baseUrl, headers: ${HEADERS} });
  return () => api('assets/asset/a1', { searchParams: { empty: false, system: false } }).json();
};`,
  },
  {
    name: 'openapi-fetch',
    code: `import createClient from 'openapi-fetch';
export const connect = (baseUrl) => {
  const client = createClient({ baseUrl, headers: ${HEADERS} });
  return async () => {
    const { data, error } = await client.GET('/assets/asset/{id}', { params: { path: { id: 'a1' }, query: { empty: false, system: false } } });
    if (error !== undefined) throw error;
    return data;
  };
};`,
  },
  {
    name: 'hey-api',
    code: `import { retrieveAsset } from ${JSON.stringify(`${folder}/hey-api/sdk.gen.ts`)};
import { client } from ${JSON.stringify(`${folder}/hey-api/client.gen.ts`)};
export const connect = (baseUrl) => {
  client.setConfig({ baseUrl, headers: ${HEADERS} });
  return async () => (await retrieveAsset({ path: { id: 'a1' }, query: { empty: false, system: false }, throwOnError: true })).data;
};`,
  },
  {
    name: STOCK,
    code: `import { Configuration, AssetsApi } from ${JSON.stringify(`${folder}/stock/index.ts`)};
export const connect = (basePath) => {
  const api = new AssetsApi(new Configuration({ basePath, apiKey: (name) => ({ 'X-API-Key': 'key', Authorization: 'token' })[name] }));
  return () => api.retrieveAsset({ id: 'a1', empty: false, system: false });
};`,
  },
  {
    name: 'axios',
    code: `import axios from 'axios';
export const connect = (baseURL) => {
  const client = axios.create({ baseURL, headers: ${HEADERS} });
  return async () => (await client.get('/assets/asset/a1', { params: { empty: false, system: false } })).data;
};`,
  },
  {
    name: 'undici.request',
    code: `import { Agent, request } from 'undici';
export const connect = (baseUrl) => {
  const dispatcher = new Agent({ connections: 32 });
  return async () => {
    const { statusCode, body } = await request(baseUrl + '/assets/asset/a1?empty=false&system=false', { dispatcher, headers: ${HEADERS} });
    if (statusCode !== 200) throw new Error(String(statusCode));
    return body.json();
  };
};`,
  },
];

/** Makes a module that Node can import; libraries stay outside. */
export async function bundleForNode({ name, code, folder: home = folder }: Peer): Promise<string> {
  const file = `${home}/${name.replace(/\W+/g, '-')}.mjs`;
  const source = `${home}/${name.replace(/\W+/g, '-')}.entry.ts`;
  writeFileSync(source, code);
  await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', packages: 'external', outfile: file, logLevel: 'silent' });
  return file;
}
