/** What an error tells to do must be right for what happened. */

import { createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { fault } from '@asset-clients/testing';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { expect, test } from 'vitest';

import { failureOf } from './support/failures.ts';

test('a download of no asset is not-found: after the 502 the details are asked for once', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a1', name: 'a.bin', bytes: 10 },
      { id: 'meta', name: 'meta', metadataOnly: true },
    ],
  });
  const dam = createTenovosClient(fake.clientOptions);
  const failure = await failureOf(dam.downloadAsset({ id: 'nope' }));
  expect(failure).toMatchObject({ kind: 'not-found', operation: 'downloadAsset', outcome: 'refused', params: { id: 'nope' } });
  expect(failure.retryable).toBe(false);
  expect(failure.cause).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent' });
  const asked = fake.calls.map(({ operation }) => operation);
  expect(asked).toEqual(['createToken', 'getAssetContent', 'getAssetContent', 'retrieveAsset']);

  const metaOnly = await failureOf(dam.downloadAsset({ id: 'meta' }));
  expect(metaOnly).toMatchObject({ kind: 'server', status: 502, hint: expect.stringContaining('has no file') as string });
});

test('a download fails with the 502 itself where the details cannot be had', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a1', name: 'a.bin', bytes: 10 }] });
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('getAssetContent', fault.status(502));
  fake.faults.add('retrieveAsset', fault.status(401));
  fake.faults.add('retrieveAsset', fault.status(401));
  const failure = await failureOf(createTenovosClient(fake.clientOptions).downloadAsset({ id: 'a1' }));
  expect(failure).toMatchObject({ kind: 'server', status: 502, operation: 'getAssetContent', retryable: true });
});

const PHOTO = { name: 'photo.jpg', content: new Uint8Array(100), channel: { type: 'sms' }, sender: { type: 'customer' } } as const;

test.each([
  ['reset', fault.resetBeforeHeaders(), {}],
  ['silence', fault.stallBeforeHeaders(), { timeoutMs: 50 }],
  ['a lost answer', fault.lostAnswer(), {}],
  ['503', fault.status(503), {}],
] as const)('an upload whose outcome is not known by %s is not told to be without content', async (_name, broken, options) => {
  await using fake = createFakeEgain();
  const chat = createEgainConversationClient({ ...fake.conversation.clientOptions, clock: undefined });
  fake.faults.add('upload', broken);
  const failure = await failureOf(chat.uploadAsset(PHOTO, options));
  expect(failure).toMatchObject({ step: 'uploadContent', outcome: 'unknown', leftBehind: { id: expect.any(String) as string } });
  expect(failure.hint).toContain('whether its content arrived is not known: downloadAsset tells');
  expect(failure.hint).not.toContain('exists without content');
});

test('an upload that was refused left an asset without content', async () => {
  await using fake = createFakeEgain();
  fake.faults.add('upload', fault.status(403));
  const failure = await failureOf(createEgainConversationClient(fake.conversation.clientOptions).uploadAsset(PHOTO));
  expect(failure).toMatchObject({ step: 'uploadContent', outcome: 'refused' });
  expect(failure.hint).toContain('exists without content: delete it');
});

test('a contentType that contradicts the name is refused before an asset is made, unless eGain takes any', async () => {
  await using fake = createFakeEgain();
  const upload = { ...PHOTO, contentType: 'image/png' };
  const failure = await failureOf(createEgainConversationClient(fake.conversation.clientOptions).uploadAsset(upload));
  expect(failure).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  expect(failure.message).toContain('contentType is image/png, but eGain signs the upload of a file named "photo.jpg" for image/jpeg');
  expect(failure.hint).toContain('contentTypeFromName');
  expect(fake.calls).toHaveLength(0);
  for (const fits of ['image/jpeg', 'IMAGE/JPEG ;q=1']) {
    await createEgainConversationClient(fake.conversation.clientOptions).uploadAsset({ ...PHOTO, contentType: fits });
  }

  await using lax = createFakeEgain({ assumptions: { contentTypeFromName: false } });
  const chat = createEgainConversationClient({ ...lax.conversation.clientOptions, contentTypeFromName: false });
  expect(await chat.uploadAsset(upload)).toMatchObject({ contentType: 'image/png' });
});

test('a storage that does not take what was sent is not told to be asked again', async () => {
  await using fake = createFakeEgain();
  const chat = createEgainConversationClient({ ...fake.conversation.clientOptions, contentTypeFromName: false });
  const failure = await failureOf(chat.uploadAsset({ ...PHOTO, contentType: 'image/png' }));
  expect(failure).toMatchObject({ kind: 'invalid-request', status: 400, code: '400-152', outcome: 'refused', retryable: false });
  expect(failure.hint).toContain('would not with a fresh URL');
  expect(failure.hint).not.toMatch(/call again/i);
});
