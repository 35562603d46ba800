import { expect, test } from 'vitest';
import { clientCredentials, createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient, metadata } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { Egain } from './independent/egain.ts';
import { Tenovos } from './independent/tenovos.ts';
import { WorldServer } from './independent/worldserver.ts';
import { sampleBytes } from './support/bytes.ts';

test('egain', async () => {
  await using egain = await Egain.start();
  const auth = clientCredentials({ tokenUrl: egain.commercialTokenUrl, clientId: Egain.clientId, clientSecret: Egain.clientSecret, scope: 'https://api.egain.cloud/auth/.default' });
  const chat = createEgainConversationClient({ baseUrl: egain.conversationUrl, auth });
  const bytes = sampleBytes(50_000);
  const { id } = await chat.uploadAsset({ name: 'bird.jpg', content: new Blob([bytes]), channel: { type: 'sms' }, sender: { type: 'customer' } });
  const content = await chat.downloadAsset({ id });
  expect(await content.bytes()).toEqual(bytes);
  const mail = createEgainAttachmentClient({ baseUrl: egain.attachmentsUrl, auth });
  const altId = egain.addAttachment({ app: 'email', type: 'attachment.inbound', name: 'a.pdf', content: bytes });
  expect(await (await mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId })).bytes()).toEqual(bytes);
  expect(await mail.generateDownloadAttachmentURL({ body: { app: 'email', type: 'attachment.inbound', altId } }, { accept: 'application/xml' })).toContain('<altId>');
  await chat.deleteAsset({ id });
});
test('tenovos', async () => {
  await using tenovos = await Tenovos.start();
  const bytes = sampleBytes(50_000);
  const id = tenovos.addAsset({ content: bytes, renditions: { imageThumb: Buffer.from('thumb') }, metadata: [{ name: 'A', value: 'b' }] });
  const dam = createTenovosClient(tenovos.login);
  const answer = await dam.retrieveAsset({ id });
  expect(metadata(answer).text('A')).toBe('b');
  expect(await (await dam.downloadAsset({ id })).bytes()).toEqual(bytes);
  expect(await (await dam.downloadAsset({ id, rendition: 'imageThumb' })).text()).toBe('thumb');
  for await (const asset of dam.searchKeyword.all({ body: {} })) expect(asset.objectId).toBe(id);
  for await (const asset of dam.scanAssets.all({ body: {} })) expect(asset.objectId).toBe(id);
});
test('worldserver', async () => {
  await using server = await WorldServer.start();
  server.addTask('1234', {}, {});
  await using tms = createWorldServerClient(server.login);
  expect(await (await tms.downloadAsset({ resourceId: 1234, assetLocationType: 'TARGET' })).text()).toBe('target.xlf');
  expect((await tms.uploadFile({ name: 'x.xlf', content: sampleBytes(100) })).name).toBe('x.xlf');
  const ids = [];
  for await (const task of tms.getTasks.all()) ids.push(task.id);
  expect(ids).toEqual([1234]);
});
