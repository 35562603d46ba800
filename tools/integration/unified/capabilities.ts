/** Writes docs/capabilities.md, and the section of the README, from the manifests of the adapters: `node unified/capabilities.ts`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import type { AnyAdapter, UploadSupport } from '@asset-clients/unified';
import { egainAttachmentAssets, egainConversationAssets } from '@asset-clients/unified/egain';
import { filesAssets } from '@asset-clients/unified/files';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
import { worldServerAssets } from '@asset-clients/unified/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

export const page: string = fileURLToPath(new URL('../../../docs/capabilities.md', import.meta.url));

// Nothing is sent: the clients are needed only to make the adapters.
const baseUrl = 'https://vendor.invalid';
export const adapters: Readonly<Record<string, AnyAdapter>> = {
  'eGain conversation': egainConversationAssets(createEgainConversationClient({ baseUrl, auth: 'token' })),
  'eGain attachments': egainAttachmentAssets(createEgainAttachmentClient({ baseUrl, auth: 'token' })),
  Tenovos: tenovosAssets(createTenovosClient({ baseUrl, apiKey: 'key', auth: 'token' })),
  WorldServer: worldServerAssets(createWorldServerClient({ baseUrl, auth: { sessionId: 'session' } })),
  'a folder': filesAssets({ dir: '.' }),
};

const yesNo = (value: boolean): string => (value ? 'yes' : '-');
const range = (least: number, most: number | null): string => (most === null ? `${format(least)} or more` : `${format(least)} to ${format(most)}`);
const format = (value: number): string => value.toLocaleString('en-US');
const code = (value: string): string => `\`${value}\``;

type Row = readonly [name: string, tell: (adapter: AnyAdapter) => string];

function ofUpload(tell: (upload: UploadSupport) => string): Row[1] {
  return ({ supports: { upload } }) => (upload === false ? '' : tell(upload));
}

const VERBS: readonly Row[] = [
  [code('get'), ({ supports: { get } }) => (get === false ? '-' : ['id', 'name', ...get.fills].join(', '))],
  [code('download'), ({ supports: { download } }) => (download === false ? '-' : download.forms.join(', '))],
  [code('upload'), ({ supports }) => yesNo(supports.upload !== false)],
  [code('delete'), ({ supports }) => yesNo(supports.delete)],
  [code('downloadMany'), ({ supports }) => yesNo(supports.downloadMany)],
];

const DETAILS: readonly Row[] = [
  ['size of a download is documented', ({ supports: { download } }) => (download === false ? '' : yesNo(download.tellsSize))],
  ['a download may not be ready yet', ({ supports: { download } }) => (download === false ? '' : yesNo(download.notReady))],
  ['keeps metadata that no copy carries over', ({ supports: { get } }) => (get === false ? '' : yesNo(get.metadata))],
];

const UPLOADS: readonly Row[] = [
  ['bytes', ofUpload(({ minBytes, maxBytes }) => range(minBytes, maxBytes))],
  ['characters of a name', ofUpload(({ minNameLength, maxNameLength }) => range(minNameLength, maxNameLength))],
  ['size must be known beforehand', ofUpload(({ needsSize }) => yesNo(needsSize))],
  ['keeps the name', ofUpload(({ keepsName }) => yesNo(keepsName))],
  ['keeps the media type', ofUpload(({ keepsMediaType }) => yesNo(keepsMediaType))],
  ['can be downloaded again', ofUpload(({ readsBack }) => yesNo(readsBack))],
  ['id known before the first byte (`onCreated`)', ofUpload(({ createsFirst }) => yesNo(createsFirst))],
  ['`uploadState` can tell', ofUpload(({ tellsState }) => yesNo(tellsState))],
  ['a second upload of the same name', ofUpload(({ sameName }) => sameName)],
  ['nothing half-written', ofUpload(({ atomic }) => yesNo(atomic))],
  [
    'members of `vendorOptions.<vendor>`',
    ofUpload(
      ({ vendorOptions }) =>
        Object.entries(vendorOptions)
          .map(([name, { required, type, values }]) => `${code(name)}${required ? ' (required)' : ''}: ${values === undefined ? type : values.join(', ')}`)
          .join('; ') || 'none',
    ),
  ],
];

function table(rows: readonly Row[], shown: Readonly<Record<string, AnyAdapter>>): string {
  const columns = Object.entries(shown);
  return [
    `| | ${columns.map(([name]) => name).join(' | ')} |`,
    `| --- | ${columns.map(() => '---').join(' | ')} |`,
    ...rows.map(([name, tell]) => `| ${name} | ${columns.map(([, adapter]) => tell(adapter)).join(' | ')} |`),
  ].join('\n');
}

const MARK = '<!-- Written by `pnpm docs:capabilities` from the manifests (`adapter.supports`) in packages/unified. Do not edit. -->';
const END = '<!-- End of the capabilities. -->';

/** The README that users have with the package. */
export const readme: string = fileURLToPath(new URL('../../../packages/unified/README.md', import.meta.url));

/** The tables, below a heading of some level. */
function tables(level: string): string {
  const writing = Object.fromEntries(Object.entries(adapters).filter(([, { supports }]) => supports.upload !== false));
  return `${table(VERBS, adapters)}

${level} Reading

${table(DETAILS, adapters)}

${level} Uploads

${table(UPLOADS, writing)}

\`filesAssets({ dir, ifExists: 'replace' })\` has \`replaces\` for a second upload of the same name, and cannot tell the state of one;
with \`'rename'\` it \`adds\`, and tells no id before the first byte.`;
}

/** The page as it must be, before it is formatted. */
export function capabilitiesPage(): string {
  return `# What each adapter can do

${MARK}

Every line is a member of \`adapter.supports\`, tested by the contract suite (\`@asset-clients/testing/contract\`): what is claimed works,
what is not claimed is refused before any request. What the manifests mean: [contract.ts](../packages/unified/src/contract.ts).

${tables('##')}
`;
}

/** The README as it must be, before it is formatted. */
export function readmeWithCapabilities(): string {
  const text = readFileSync(readme, 'utf8');
  const [begin, end] = [text.indexOf(MARK), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the README of packages/unified has no marks for the capabilities');
  return `${text.slice(0, begin)}${MARK}\n\n${tables('###')}\n\n${text.slice(end)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, capabilitiesPage());
  writeFileSync(readme, readmeWithCapabilities());
}
