/** Every place that a file can be copied from or to, with a way to put one there and to look what is there. */

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakes, type Fault, type Fakes } from '@asset-clients/testing';
import type { BoundRef, Readable, Writable } from '@asset-clients/unified';
import { egainAttachmentAssets, egainConversationAssets } from '@asset-clients/unified/egain';
import { filesAssets } from '@asset-clients/unified/files';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
import { worldServerAssets } from '@asset-clients/unified/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { memoryAssets, type MemoryFile } from './memory-assets.ts';

export const TO_CUSTOMER = { egain: { channel: { type: 'sms' }, sender: { type: 'customer' } } } as const;

/** A file as it is kept somewhere. */
export interface Kept {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Source {
  /** Puts a file there. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<BoundRef<Readable>>;
  /** Spoils the next answers that carry the bytes of a file; absent where there is no fake. */
  readonly spoil?: ((...faults: Fault[]) => void) | undefined;
}

export interface Destination {
  readonly adapter: Writable;
  /** All complete files that were stored there, in order; not what a source put there. */
  kept(): Promise<readonly Kept[]>;
  /** Whatever else lies around: temporary files. */
  litter(): Promise<readonly string[]>;
  readonly spoil?: ((...faults: Fault[]) => void) | undefined;
}

export interface Places extends AsyncDisposable {
  readonly fakes: Fakes;
  readonly sources: Readonly<Record<SourceName, Source>>;
  readonly destinations: Readonly<Record<DestinationName, Destination>>;
}

export const SOURCES = ['egain', 'egain-attachment', 'tenovos', 'tenovos rendition', 'worldserver', 'files', 'memory'] as const;
export const DESTINATIONS = ['egain', 'worldserver', 'files', 'memory'] as const;
export type SourceName = (typeof SOURCES)[number];
export type DestinationName = (typeof DESTINATIONS)[number];

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function makePlaces(how: 'in process' | 'over sockets' = 'in process'): Promise<Places> {
  const fakes = createFakes();
  const servers = how === 'over sockets' ? await fakes.listen() : undefined;
  const { egain, tenovos, worldserver } = fakes;
  const [inbox, outbox] = [await mkdtemp(join(tmpdir(), 'unified-in-')), await mkdtemp(join(tmpdir(), 'unified-out-'))];
  const chat = egainConversationAssets(createEgainConversationClient(servers?.egain.conversation.clientOptions ?? egain.conversation.clientOptions));
  const mail = egainAttachmentAssets(createEgainAttachmentClient(servers?.egain.attachments.clientOptions ?? egain.attachments.clientOptions));
  const dam = tenovosAssets(createTenovosClient(servers?.tenovos.clientOptions ?? tenovos.clientOptions));
  const tmsClient = createWorldServerClient(servers?.worldserver.clientOptions ?? worldserver.clientOptions);
  const tms = worldServerAssets(tmsClient);
  const files = filesAssets({ dir: inbox });
  const out = filesAssets({ dir: outbox, ifExists: 'replace' });
  const memory = new Map<string, MemoryFile>();
  const memoryAdapter = memoryAssets(memory, null);
  const put = new Set<string>();
  let ids = 0;
  const next = (): string => `f${(ids += 1)}`;
  const keptOf = (name: string, bytes: Uint8Array): Kept => ({ name, size: bytes.length, sha256: sha256(bytes) });

  return {
    fakes,
    sources: {
      egain: {
        async put(name, bytes) {
          const id = next();
          put.add(id);
          egain.seed({ assets: [{ id, name, bytes }] });
          return chat.ref(id);
        },
        spoil: (...faults) => egain.faults.add('content', ...faults),
      },
      'egain-attachment': {
        async put(name, bytes) {
          const altId = next();
          egain.seed({ attachments: [{ altId, name, bytes }] });
          return mail.ref({ app: 'email', type: 'attachment.inbound', altId });
        },
        spoil: (...faults) => egain.faults.add('content', ...faults),
      },
      tenovos: {
        async put(name, bytes) {
          const id = next();
          tenovos.seed({ assets: [{ id, name, bytes }] });
          return dam.ref(id);
        },
        spoil: (...faults) => tenovos.faults.add('content', ...faults),
      },
      'tenovos rendition': {
        async put(_name, bytes) {
          const id = next();
          tenovos.seed({ assets: [{ id, name: 'hero.tif', bytes: 10, renditions: { imagePreview: { bytes } } }] });
          return dam.ref({ id, rendition: 'imagePreview' });
        },
        spoil: (...faults) => tenovos.faults.add('rendition', ...faults),
      },
      worldserver: {
        async put(name, bytes) {
          const id = Number(next().slice(1));
          worldserver.seed({ tasks: [{ id, source: { name: 'source.docx' }, target: { name, bytes } }] });
          return tms.ref({ resourceId: id, assetLocationType: 'TARGET' });
        },
        spoil: (...faults) => worldserver.faults.add('getAsset', ...faults),
      },
      files: {
        async put(name, bytes) {
          // A folder can only hold what its file system can name.
          const safe = name.replaceAll(/[/\\]/g, '_');
          await writeFile(join(inbox, safe), bytes);
          return files.ref(safe);
        },
      },
      memory: {
        async put(name, bytes) {
          const key = next();
          put.add(key);
          memory.set(key, { name, mediaType: 'text/plain', bytes, updatedAt: new Date(1_700_000_000_000) });
          return memoryAdapter.ref(key);
        },
      },
    },
    destinations: {
      egain: {
        adapter: chat,
        async kept() {
          const complete = egain.assets().filter(({ id, uploaded }) => uploaded && !put.has(id));
          return Promise.all(complete.map(async (asset) => keptOf(asset.name, await asset.bytes())));
        },
        litter: async () => [],
        spoil: (...faults) => egain.faults.add('upload', ...faults),
      },
      worldserver: {
        adapter: tms,
        kept: async () => Promise.all(worldserver.uploads().map(async (upload) => keptOf(upload.name, await upload.bytes()))),
        litter: async () => [],
        spoil: (...faults) => worldserver.faults.add('uploadAssets', ...faults),
      },
      files: {
        adapter: out,
        async kept() {
          const names = (await readdir(outbox)).filter((name) => !name.startsWith('.'));
          return Promise.all(names.map(async (name) => keptOf(name, await readFile(join(outbox, name)))));
        },
        litter: async () => (await readdir(outbox)).filter((name) => name.startsWith('.')),
      },
      memory: {
        adapter: memoryAdapter,
        kept: async () => [...memory].flatMap(([key, { name, bytes }]) => (bytes === undefined || put.has(key) ? [] : [keptOf(name, bytes)])),
        litter: async () => [],
      },
    },
    async [Symbol.asyncDispose]() {
      await tmsClient.close();
      await servers?.close();
      await fakes.close();
      await Promise.all([inbox, outbox].map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
