/** Uploads that break half way, or whose answer is lost: what the clients tell has to be what the fakes have. */

import { expect, test } from 'vitest';

import { createEgainConversationClient } from '@asset-clients/egain';
import { createFakeEgain, fault } from '@asset-clients/testing/egain';

import { failureOf } from './support/failures.ts';

const SIZE = 300_000;
const ASSET = { name: 'a.jpg', channel: { type: 'sms' }, sender: { type: 'customer' }, size: SIZE } as const;

test('over sockets, an upload that was aborted does not take the fault that is planned for the next one', async () => {
  await using fake = createFakeEgain();
  await using server = await fake.listen();
  await using chat = createEgainConversationClient(server.conversation.clientOptions);
  for (let round = 0; round < 5; round++) {
    const stop = new AbortController();
    const aborted = chat.uploadAsset(
      { ...ASSET, content: new Blob([new Uint8Array(SIZE)]).stream() },
      { signal: stop.signal, onProgress: ({ bytes }) => void (bytes > 50_000 && stop.abort()) },
    );
    expect((await failureOf(aborted)).kind).toBe('aborted');
    fake.faults.add('upload', fault.resetBeforeHeaders());
    expect((await failureOf(chat.uploadAsset({ ...ASSET, content: new Uint8Array(SIZE) }))).kind).toBe('network');
    expect(fake.faults.pending()).toEqual([]);
  }
});
