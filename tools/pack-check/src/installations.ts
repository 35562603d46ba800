/** What an installation of each package brings, and how its users use it. */

/** A package and what its users get. */
export interface Installation {
  /** The package. */
  readonly name: string;
  /** Packages of ours that come with it. */
  readonly with: readonly string[];
  /** Everything that the installation puts into `node_modules`. */
  readonly installed: readonly string[];
  /** Subpaths that need a package which the user brings (a test runner, MSW). */
  readonly without?: readonly string[];
  /** A few lines that use the types. */
  readonly usage: string;
}

const RUNTIME = ['@asset-clients/runtime', 'ky', 'undici'];

/** One row for each package under `packages/`. */
export const INSTALLATIONS: readonly Installation[] = [
  {
    name: 'runtime',
    with: [],
    installed: RUNTIME,
    usage: `import { createClient, type Operation } from '@asset-clients/runtime';
const getThing: Operation<{ id: string }, { '200': { name: string } }> = {
  id: 'getThing',
  method: 'GET',
  path: '/things/{id}',
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
  responses: { '200': ['application/json'] },
};
export async function use(baseUrl: string, token: string): Promise<string> {
  await using client = createClient({ getThing }, { baseUrl, auth: token });
  const { data, status } = await client.getThing({ id: '1' }).withResponse();
  return status === 200 ? data.name : '';
}`,
  },
  {
    name: 'egain',
    with: ['runtime'],
    installed: ['@asset-clients/egain', ...RUNTIME, 'oauth4webapi'],
    usage: `import { createEgainAttachmentClient } from '@asset-clients/egain';
export async function use(baseUrl: string, token: string): Promise<number> {
  await using client = createEgainAttachmentClient({ baseUrl, auth: token });
  const content = await client.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId: 'a1' });
  return (await content.bytes()).length;
}`,
  },
  {
    name: 'tenovos',
    with: ['runtime'],
    installed: ['@asset-clients/tenovos', ...RUNTIME],
    usage: `import { ApiError, createTenovosClient, metadata } from '@asset-clients/tenovos';
export async function use(baseUrl: string, apiKey: string, token: string): Promise<string | undefined> {
  await using client = createTenovosClient({ baseUrl, apiKey, auth: () => token });
  try {
    const { data } = await client.retrieveAsset({ id: 'a1', empty: false });
    // @ts-expect-error -- there is no such parameter
    await client.retrieveAsset({ id: 'a1', nothing: true });
    const content = await client.downloadAsset({ id: 'a1' });
    for await (const chunk of content) chunk satisfies Uint8Array;
    return metadata(data).text('Product');
  } catch (error) {
    return ApiError.is(error) ? error.kind : undefined;
  }
}`,
  },
  {
    name: 'worldserver',
    with: ['runtime'],
    installed: ['@asset-clients/worldserver', ...RUNTIME],
    usage: `import { createWorldServerClient } from '@asset-clients/worldserver';
export async function use(baseUrl: string, username: string, password: string): Promise<void> {
  await using client = createWorldServerClient({ baseUrl, username, password });
  const content = await client.downloadAsset({ resourceId: 1234, assetLocationType: 'TARGET' });
  await content.toDirectory('targets');
}`,
  },
  // pnpm vendor:new adds vendors above this line.
  {
    name: 'unified',
    with: ['runtime', 'egain', 'tenovos', 'worldserver'],
    installed: ['@asset-clients/unified', '@asset-clients/egain', '@asset-clients/tenovos', '@asset-clients/worldserver', ...RUNTIME, 'oauth4webapi'],
    usage: `import { createTenovosClient } from '@asset-clients/tenovos';
import { can, copy, type AnyAdapter } from '@asset-clients/unified';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
export async function use(baseUrl: string, apiKey: string, token: string, to: AnyAdapter): Promise<number> {
  const dam = tenovosAssets(createTenovosClient({ baseUrl, apiKey, auth: token }));
  // @ts-expect-error -- the public API of Tenovos takes no uploads
  void dam.upload;
  return can(to, 'upload') ? (await copy(dam.ref('a1'), to, {})).bytes : 0;
}`,
  },
  {
    name: 'testing',
    with: [],
    installed: ['@asset-clients/testing', 'hono'],
    without: ['./vitest', './jest', './msw', './contract'],
    usage: `import { createFakeTenovos, fault } from '@asset-clients/testing/tenovos';
export async function use(): Promise<Response> {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'hero.tif', bytes: 8 }] });
  fake.faults.add('getAssetContent', fault.status(429, { retryAfter: 2 }));
  return fake.fetch(new Request(new URL('https://api.tenovos.test/v1/assets/asset/a1')), { signal: AbortSignal.timeout(1000) });
}`,
  },
];
