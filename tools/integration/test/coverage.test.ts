/** The coverage tables say which operations a job sends: here fakes tell which they are. */

import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { expect, test } from 'vitest';

import { JOBS } from '../../repo-checks/src/coverage.ts';

/** Hosts of an API: token endpoints and storages are no operations of a document. */
interface Called {
  readonly operation: string | undefined;
  readonly host: string;
}

/** What a fake saw of a job on its API, each operation once. */
async function sent(fake: { readonly calls: readonly Called[] }, job: () => Promise<unknown>, without: readonly string[] = []): Promise<string[]> {
  const before = fake.calls.length;
  await job();
  const operations = fake.calls.slice(before).filter(({ host }) => host === 'api');
  return [...new Set(operations.map(({ operation }) => operation!))].filter((id) => !without.includes(id));
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items);
}

const sorted = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())].toSorted();
const expected = (name: string, job: string): string[] => [...JOBS[name]![job]!].toSorted();

test('every job of the table is tried here', () => {
  expect(Object.entries(JOBS).map(([name, jobs]) => [name, Object.keys(jobs)])).toEqual([
    ['egain/conversation', ['uploadAsset', 'downloadAsset']],
    ['egain/attachments', ['downloadAttachment']],
    ['tenovos/assets', ['downloadAsset', 'searchKeyword.all', 'scanAssets.all', 'login']],
    ['worldserver/files', ['downloadAsset', 'uploadFile', 'getTasks.all', 'login']],
  ]);
});

test('eGain', async () => {
  await using fake = createFakeEgain({
    assets: [{ id: 'a1', name: 'bird.jpg', bytes: 10 }],
    attachments: [{ altId: 'A1', app: 'email', type: 'attachment.inbound', name: 'letter.pdf', bytes: 10 }],
  });
  const chat = createEgainConversationClient(fake.conversation.clientOptions);
  const mail = createEgainAttachmentClient(fake.attachments.clientOptions);
  const photo = { name: 'b.jpg', content: new Blob(['photo']), channel: { type: 'sms' }, sender: { type: 'customer' } } as const;
  expect(await sent(fake, () => chat.uploadAsset(photo))).toEqual(['createAsset']);
  expect((await sent(fake, () => chat.uploadAsset({ ...photo, confirm: true }))).toSorted()).toEqual(expected('egain/conversation', 'uploadAsset'));
  expect(await sent(fake, async () => (await chat.downloadAsset({ id: 'a1' })).bytes())).toEqual(expected('egain/conversation', 'downloadAsset'));
  const attachment = { app: 'email', type: 'attachment.inbound', altId: 'A1' } as const;
  expect(await sent(fake, async () => (await mail.downloadAttachment(attachment)).bytes())).toEqual(expected('egain/attachments', 'downloadAttachment'));
});

test('Tenovos', async () => {
  const assets = [{ id: 'a1', name: 'hero.jpg', bytes: 10 }];
  await using fake = createFakeTenovos({ assets });
  await using closed = createFakeTenovos({ assets, assumptions: { renditionAccess: 'signed' } });
  const dam = createTenovosClient(fake.clientOptions);
  const signed = createTenovosClient(closed.clientOptions);
  expect(await sent(fake, () => dam.retrieveAsset({ id: 'a1' }), ['retrieveAsset'])).toEqual(expected('tenovos/assets', 'login'));
  await signed.retrieveAsset({ id: 'a1' });
  const downloads = [
    await sent(fake, async () => (await dam.downloadAsset({ id: 'a1' })).bytes()),
    await sent(fake, async () => (await dam.downloadAsset({ id: 'a1', rendition: 'imageThumb' })).bytes()),
    await sent(closed, async () => (await signed.downloadAsset({ id: 'a1', rendition: 'imageThumb' })).bytes()),
  ];
  expect(sorted(downloads)).toEqual(expected('tenovos/assets', 'downloadAsset'));
  const body = { searchTerm: ['hero'] };
  expect(await sent(fake, () => drain(dam.searchKeyword.all({ body })))).toEqual(expected('tenovos/assets', 'searchKeyword.all'));
  expect(await sent(fake, () => drain(dam.scanAssets.all({ body })))).toEqual(expected('tenovos/assets', 'scanAssets.all'));
  expect(await sent(fake, () => dam.close())).toEqual([]);
});

test('WorldServer', async () => {
  await using fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.docx', bytes: 10 } }] });
  const tms = createWorldServerClient(fake.clientOptions);
  const login = await sent(fake, () => tms.checkToken(), ['checkToken']);
  expect(await sent(fake, async () => (await tms.downloadAsset({ resourceId: 1 })).bytes())).toEqual(expected('worldserver/files', 'downloadAsset'));
  expect(await sent(fake, () => tms.uploadFile({ name: 'b.docx', content: new Blob(['text']) }))).toEqual(expected('worldserver/files', 'uploadFile'));
  expect(await sent(fake, () => drain(tms.getTasks.all()))).toEqual(expected('worldserver/files', 'getTasks.all'));
  const logout = await sent(fake, () => tms.close());
  expect(sorted([login, logout])).toEqual(expected('worldserver/files', 'login'));
});
