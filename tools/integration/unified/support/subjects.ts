/** Every adapter with files to read, over its fake: in process, or over real sockets. */

import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakes, type Fakes } from '@asset-clients/testing';
import type { Subject } from '@asset-clients/testing/contract';
import { egainAttachmentAssets, egainConversationAssets } from '@asset-clients/unified/egain';
import { filesAssets } from '@asset-clients/unified/files';
import { tenovosAssets } from '@asset-clients/unified/tenovos';
import { worldServerAssets } from '@asset-clients/unified/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { sampleBytes } from '../../test/support/bytes.ts';
import { memoryAssets, type MemoryFile } from './memory-assets.ts';

export const TO_CUSTOMER = { egain: { channel: { type: 'sms' }, sender: { type: 'customer' } } } as const;
export const CONTENT = sampleBytes(70_000);

export interface Subjects extends AsyncDisposable {
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly fakes: Fakes;
}

/** @param how - Where the fakes of the vendors are. */
export async function allSubjects(how: 'in process' | 'over sockets'): Promise<Subjects> {
  const folder = await mkdtemp(join(tmpdir(), 'unified-'));
  const fakes = createFakes({
    tenovos: {
      assets: [
        { id: 'a1', name: 'hero.tif', bytes: CONTENT, renditions: { imagePreview: { bytes: CONTENT.subarray(0, 3000) } } },
        { id: 'a2', name: 'Überblick "1".pdf', bytes: CONTENT.subarray(0, 5000) },
      ],
    },
    worldserver: {
      tasks: [
        { id: 1234, projectId: 7, source: { name: 'guide.docx', bytes: CONTENT }, target: { name: 'Führer.docx', bytes: CONTENT.subarray(0, 6000) } },
        { id: 1235, projectId: 8, source: { name: 'other.docx', bytes: CONTENT.subarray(0, 100) } },
      ],
    },
    egain: {
      assets: [
        { id: 'e1', name: 'bird.jpg', bytes: CONTENT },
        { id: 'e2', name: 'empty.jpg', uploaded: false },
      ],
      attachments: [{ altId: 'x1', name: 'invoice.pdf', bytes: CONTENT }],
    },
  });
  const servers = how === 'over sockets' ? await fakes.listen() : undefined;
  const options = {
    tenovos: servers?.tenovos.clientOptions ?? fakes.tenovos.clientOptions,
    worldserver: servers?.worldserver.clientOptions ?? fakes.worldserver.clientOptions,
    conversation: servers?.egain.conversation.clientOptions ?? fakes.egain.conversation.clientOptions,
    attachments: servers?.egain.attachments.clientOptions ?? fakes.egain.attachments.clientOptions,
  };
  const tms = createWorldServerClient(options.worldserver);

  for (const [name, bytes] of [
    ['a b.txt', CONTENT],
    ['ü.bin', CONTENT.subarray(0, 10)],
  ] as const) {
    await writeFile(join(folder, name), bytes);
    await utimes(join(folder, name), 1_700_000_000, 1_700_000_000);
  }
  const memory = new Map<string, MemoryFile>([
    ['m1', { name: 'one.txt', mediaType: 'text/plain', bytes: CONTENT, updatedAt: new Date() }],
    ['m2', { name: 'two.txt', mediaType: 'text/plain', bytes: new Uint8Array(), updatedAt: new Date() }],
    ['m3', { name: 'three.txt', mediaType: undefined, bytes: undefined, updatedAt: new Date() }],
  ]);
  const filesSubject = (ifExists: 'refuse' | 'replace' | 'rename'): Subject => ({
    adapter: filesAssets({ dir: folder, ifExists }),
    samples: [
      { target: 'a b.txt', form: 'content', bytes: CONTENT, name: 'a b.txt' },
      { target: 'ü.bin', form: 'content', size: 10, name: 'ü.bin' },
    ],
    missing: { target: 'no such file' },
    nonsense: ['/etc/passwd', '../a', 'a//b', 'a/../../b', '.', '..', 'a/', 'a\0b'],
    writes: {},
  });

  const subjects = new Map<string, Subject>([
    [
      'eGain conversation',
      {
        adapter: egainConversationAssets(createEgainConversationClient(options.conversation)),
        samples: [{ target: 'e1', form: 'content', bytes: CONTENT, name: 'bird.jpg' }],
        missing: { target: 'no-such-id' },
        notReady: { target: { id: 'e2' } },
        nonsense: [
          { id: 7 },
          { id: 'e1', name: 'x' },
          'egain:asset/e1',
          { vendor: 'egain', segments: ['file', 'e1'] },
          { vendor: 'egain', segments: ['asset'] },
          { vendor: 'egain', segments: ['asset', 'e1', 'x'] },
        ],
        requests: () => fakes.calls.length,
        writes: { vendorOptions: TO_CUSTOMER },
      },
    ],
    [
      'eGain attachments',
      {
        adapter: egainAttachmentAssets(createEgainAttachmentClient(options.attachments)),
        samples: [{ target: { app: 'email', type: 'attachment.inbound', altId: 'x1' }, form: 'content', bytes: CONTENT, name: 'invoice.pdf' }],
        missing: { target: { app: 'email', type: 'attachment.inbound', altId: 'nope' } },
        nonsense: [
          'x1',
          { app: 'fax', type: 'attachment', altId: 'x1' },
          { app: 'email', type: 'letter', altId: 'x1' },
          { app: 'email', type: 'attachment', altId: '' },
          { app: 'email', type: 'attachment', altId: 'x1', id: 1 },
          { vendor: 'egain-attachment', segments: ['fax', 'attachment', 'x1'] },
          { vendor: 'egain-attachment', segments: ['email', 'letter', 'x1'] },
          { vendor: 'egain-attachment', segments: ['email', 'attachment'] },
          { vendor: 'egain-attachment', segments: ['email', 'attachment', 'x1', 'y'] },
        ],
        requests: () => fakes.calls.length,
      },
    ],
    [
      'Tenovos',
      {
        adapter: tenovosAssets(createTenovosClient(options.tenovos)),
        samples: [
          { target: 'a1', form: 'original', bytes: CONTENT, name: 'hero.tif' },
          { target: { id: 'a2' }, form: 'original', size: 5000, name: 'Überblick "1".pdf' },
          { target: { id: 'a1', rendition: 'imagePreview' }, form: 'rendition', size: 3000 },
        ],
        missing: { target: 'no-such-asset', kinds: ['not-found', 'server'] },
        nonsense: [{ id: 'a1', rendition: '' }, { id: 'a1', name: 'x' }, { id: 7 }, 'tenovos:a1', { vendor: 'tenovos', segments: ['a1', 'imagePreview', 'x'] }],
        requests: () => fakes.calls.length,
      },
    ],
    [
      'WorldServer',
      {
        adapter: worldServerAssets(tms),
        samples: [
          { target: { resourceId: 1234 }, form: 'source', bytes: CONTENT, name: 'guide.docx' },
          { target: { resourceId: '1234', resourceType: 'TASK', assetLocationType: 'TARGET' }, form: 'target', size: 6000, name: 'Führer.docx' },
          { target: { resourceId: 7, resourceType: 'PROJECT', assetLocationType: 'SOURCE' }, form: 'source' },
          { target: { resourceId: 1234, assetLocationType: 'SOURCE_TARGET' }, form: 'source-target' },
        ],
        missing: { target: { resourceId: 99 } },
        notReady: { target: { resourceId: 1235, assetLocationType: 'TARGET' } },
        many: [{ resourceId: 1234 }, { resourceId: 1235 }],
        nonsense: [
          '1234',
          { resourceId: '12a' },
          { resourceId: 1.5 },
          { resourceId: -1 },
          { resourceId: 2 ** 60 },
          { resourceId: 1, resourceType: 'FILE' },
          { resourceId: 1, assetLocationType: 'BOTH' },
          { resourceId: 1, id: 2 },
          { vendor: 'worldserver', segments: ['task', '12a', 'source'] },
          { vendor: 'worldserver', segments: ['job', '12', 'source'] },
          { vendor: 'worldserver', segments: ['task', '12', 'both'] },
          { vendor: 'worldserver', segments: ['task', '12'] },
          { vendor: 'worldserver', segments: ['task', '12', 'source', 'x'] },
          { vendor: 'worldserver', segments: ['file'] },
          { vendor: 'worldserver', segments: ['file', 'x', 'y'] },
        ],
        requests: () => fakes.calls.length,
        writes: {},
      },
    ],
    ['a folder', filesSubject('refuse')],
    ['a folder that replaces', filesSubject('replace')],
    ['a folder that renames', filesSubject('rename')],
    [
      'memory',
      {
        adapter: memoryAssets(memory),
        samples: [
          { target: 'm1', form: 'content', bytes: CONTENT, name: 'one.txt' },
          { target: 'm2', form: 'content', size: 0 },
        ],
        missing: { target: 'nothing' },
        notReady: { target: 'm3' },
        many: ['m1', 'm2'],
        writes: {},
      },
    ],
  ]);
  return {
    subjects,
    fakes,
    async [Symbol.asyncDispose]() {
      await tms.close();
      await servers?.close();
      await fakes.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
