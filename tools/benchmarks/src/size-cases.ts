/** The programs whose sizes are watched. */

/** One program, and what it may cost. */
export interface SizeCase {
  readonly name: string;
  readonly package: 'egain' | 'tenovos' | 'worldserver' | 'unified';
  /** A module. */
  readonly code: string;
  /** Bytes, gzip: what was promised, where something was. */
  readonly promised?: number;
  /** The name of the case whose size is taken off first. */
  readonly beyond?: string;
  /** Modules of the runtime or of libraries that must not be in the bundle. */
  readonly without: readonly RegExp[];
}

const UNDICI = /^undici\//;
const OAUTH = /^oauth4webapi\//;

/** One adapter and its client; whatever belongs to another vendor must not be there. */
function adapter(vendor: string, name: string, client: string, create: string): Pick<SizeCase, 'package' | 'code' | 'without'> {
  const others = ['egain', 'tenovos', 'worldserver', 'files'].filter((other) => other !== vendor);
  return {
    package: 'unified',
    code: [
      `import { ${name} } from '@asset-clients/unified/${vendor}';`,
      `import { ${client} } from '@asset-clients/${vendor}';`,
      `console.log(await ${name}(${client}(${create})).download(JSON.parse(location.hash)));`,
    ].join('\n'),
    without: [UNDICI, new RegExp(`^packages/(?:${others.join('|')})/`), new RegExp(`^packages/unified/dist/(?:${others.join('|')})\\.js`)],
  };
}

function small(vendor: Exclude<SizeCase['package'], 'unified'>, prefix: string, operations: readonly string[], auth: string): string {
  const login = /^\w+(?=\()/.exec(auth)?.[0];
  return [
    `import { createClient, ${prefix}Profile${login === undefined ? '' : `, ${login}`} } from '@asset-clients/${vendor}';`,
    `import { ${operations.join(', ')} } from '@asset-clients/${vendor}/operations';`,
    `const client = createClient({ ${operations.join(', ')} }, { baseUrl: location.origin, auth: ${auth} }, ${prefix}Profile());`,
    ...operations.map((operation) => `console.log(await client.${operation}(JSON.parse(location.hash)));`),
  ].join('\n');
}

const CREDENTIALS = "clientCredentials({ tokenUrl: location.origin, clientId: 'id', clientSecret: 'secret' })";
const TENOVOS = "tenovosToken({ apiKey: 'key', token: 'token' })";
const WORLDSERVER = "worldServerSession({ sessionId: 'session' })";

export const sizeCases: readonly SizeCase[] = [
  { name: 'eGain: getAsset, token', package: 'egain', code: small('egain', 'egain', ['getAsset'], "'token'"), promised: 15_000, without: [UNDICI, OAUTH] },
  {
    name: 'eGain: getAsset, client credentials',
    package: 'egain',
    code: small('egain', 'egain', ['getAsset'], CREDENTIALS),
    promised: 20_000,
    without: [UNDICI],
  },
  {
    name: 'eGain: a second operation (deleteAsset)',
    package: 'egain',
    code: small('egain', 'egain', ['getAsset', 'deleteAsset'], "'token'"),
    beyond: 'eGain: getAsset, token',
    promised: 500,
    without: [UNDICI, OAUTH],
  },
  {
    name: 'eGain: conversation client with all operations and transfers',
    package: 'egain',
    code: "import { createEgainConversationClient } from '@asset-clients/egain';\nconsole.log(await createEgainConversationClient({ baseUrl: location.origin, auth: 'token' }).downloadAsset({ id: 'a' }));",
    without: [UNDICI],
  },
  {
    name: 'Tenovos: retrieveAsset, token',
    package: 'tenovos',
    code: small('tenovos', 'tenovos', ['retrieveAsset'], TENOVOS),
    promised: 15_000,
    without: [UNDICI],
  },
  {
    name: 'Tenovos: retrieveAsset, login',
    package: 'tenovos',
    code: small('tenovos', 'tenovos', ['retrieveAsset'], "tenovosLogin({ apiKey: 'key', username: 'user', password: 'password' })"),
    without: [UNDICI],
  },
  {
    name: 'Tenovos: a second operation (getAssetContent)',
    package: 'tenovos',
    code: small('tenovos', 'tenovos', ['retrieveAsset', 'getAssetContent'], TENOVOS),
    beyond: 'Tenovos: retrieveAsset, token',
    promised: 500,
    without: [UNDICI],
  },
  {
    name: 'Tenovos: client with all operations and transfers',
    package: 'tenovos',
    code: "import { createTenovosClient } from '@asset-clients/tenovos';\nconsole.log(await createTenovosClient({ baseUrl: location.origin, apiKey: 'key', auth: 'token' }).downloadAsset({ id: 'a' }));",
    without: [UNDICI],
  },
  {
    name: 'WorldServer: getTasks, session',
    package: 'worldserver',
    code: small('worldserver', 'worldServer', ['getTasks'], WORLDSERVER),
    promised: 15_000,
    without: [UNDICI],
  },
  {
    name: 'WorldServer: login instead of a session',
    package: 'worldserver',
    code: small('worldserver', 'worldServer', ['getTasks'], "worldServerLogin({ username: 'user', password: 'password' })"),
    beyond: 'WorldServer: getTasks, session',
    without: [UNDICI],
  },
  {
    name: 'WorldServer: transfers (getAsset) on top',
    package: 'worldserver',
    code: small('worldserver', 'worldServer', ['getTasks', 'getAsset'], WORLDSERVER),
    beyond: 'WorldServer: getTasks, session',
    promised: 6_000,
    without: [UNDICI],
  },
  {
    name: 'WorldServer: client with all operations and transfers',
    package: 'worldserver',
    code: "import { createWorldServerClient } from '@asset-clients/worldserver';\nconsole.log(await createWorldServerClient({ baseUrl: location.origin, auth: { sessionId: 'session' } }).downloadAsset({ resourceId: 1 }));",
    without: [UNDICI],
  },
  {
    name: 'Unified: the adapter of eGain attachments and its client',
    ...adapter('egain', 'egainAttachmentAssets', 'createEgainAttachmentClient', "{ baseUrl: location.origin, auth: 'token' }"),
  },
  {
    name: 'Unified: the adapter of Tenovos and its client',
    ...adapter('tenovos', 'tenovosAssets', 'createTenovosClient', "{ baseUrl: location.origin, apiKey: 'key', auth: 'token' }"),
  },
  {
    name: 'Unified: the adapter of WorldServer and its client',
    ...adapter('worldserver', 'worldServerAssets', 'createWorldServerClient', "{ baseUrl: location.origin, auth: { sessionId: 'session' } }"),
  },
];
