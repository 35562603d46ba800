/** Uploads that break half way, or whose answer is lost: what the clients tell has to be what the fakes have. */

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createEgainConversationClient, UploadError } from '@asset-clients/egain';
import { fileSource } from '@asset-clients/egain/node';
import { createFakeEgain, fault, type Fault } from '@asset-clients/testing/egain';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';

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

/** Half of the bytes arrive and are of no use; or all do, and the answer does not. */
const BREAKS: readonly (readonly [Fault, stored: boolean, kind: string])[] = [
  [fault.resetRequestAfter(100_000), false, 'network'],
  [fault.stallRequestAfter(100_000), false, 'timeout'],
  [fault.lostAnswer(), true, 'network'],
  [fault.lostAnswer('stall'), true, 'timeout'],
  [fault.resetBeforeHeaders(), false, 'network'],
];

describe.each(['in process', 'sockets'] as const)('what an upload that broke tells is true, %s', (shape) => {
  test.each(BREAKS.map(([planned, stored, kind]) => [planned.label, planned, stored, kind] as const))(
    'eGain, content: %s',
    async (_label, planned, stored, kind) => {
      await using fake = createFakeEgain();
      const { conversation } = shape === 'sockets' ? await fake.listen() : fake;
      await using chat = createEgainConversationClient({ ...conversation.clientOptions, timeoutMs: 500, idleTimeoutMs: 500 });
      fake.faults.add('upload', planned);
      const error = await failureOf(chat.uploadAsset({ ...ASSET, content: new Uint8Array(SIZE) }));
      expect(UploadError.is(error)).toBe(true);
      expect(error).toMatchObject({ kind, outcome: 'unknown', step: 'uploadContent' });
      // The id is there; whether its content is, the error must not claim to know.
      const { id } = error.leftBehind!;
      expect(fake.assets().map((asset) => [asset.id, asset.uploaded])).toEqual([[id, stored]]);
      expect(error.hint).toMatch(/not known/);
      expect(error.hint).not.toMatch(/without content/);
      // What the README advises: downloadAsset tells.
      const content = await chat.downloadAsset({ id }).then(
        (one) => one.bytes(),
        (reason: { kind: string }) => reason.kind,
      );
      expect(typeof content === 'string' ? content : content.length).toBe(stored ? SIZE : 'not-ready');
      expect([fake.faults.pending(), fake.problems]).toEqual([[], []]);
    },
  );

  test('eGain, content: a file that went away, or has fewer bytes, after the asset was made', async () => {
    await using fake = createFakeEgain();
    const { conversation } = shape === 'sockets' ? await fake.listen() : fake;
    await using chat = createEgainConversationClient(conversation.clientOptions);
    const folder = mkdtempSync(join(tmpdir(), 'upload-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [change, reason] of [
      [rmSync, /\(ENOENT\)/],
      [(path: string) => truncateSync(path, SIZE - 1), /ended after 299999 of the declared 300000 bytes/],
    ] as const) {
      const path = join(folder, 'a.jpg');
      writeFileSync(path, new Uint8Array(SIZE));
      const uploading = chat.uploadAsset({ ...ASSET, content: await fileSource(path), onCreated: () => change(path) });
      const error = await failureOf(uploading);
      expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', step: 'uploadContent', message: expect.stringMatching(reason) as string });
      expect(error.hint).toMatch(/exists without content/);
      expect(fake.assets().find(({ id }) => id === error.leftBehind!.id)!.uploaded).toBe(false);
    }
  });

  test.each([
    [fault.resetRequestAfter(10), 0],
    [fault.lostAnswer(), 1],
  ] as const)('eGain, the asset, case %#', async (planned, made) => {
    await using fake = createFakeEgain();
    const { conversation } = shape === 'sockets' ? await fake.listen() : fake;
    await using chat = createEgainConversationClient(conversation.clientOptions);
    fake.faults.add('createAsset', planned);
    const error = await failureOf(chat.uploadAsset({ ...ASSET, content: new Uint8Array(SIZE) }));
    expect(error).toMatchObject({ kind: 'network', outcome: 'unknown', step: 'createAsset' });
    expect(error.leftBehind).toBeUndefined();
    expect(error.hint).toMatch(/whose id is not known, may have been made/);
    expect(fake.assets()).toHaveLength(made);
    expect(fake.calls.filter(({ operation }) => operation === 'createAsset')).toHaveLength(1);
  });

  test.each(BREAKS.map(([planned, stored, kind]) => [planned.label, planned, stored, kind] as const))(
    'WorldServer: %s',
    async (_label, planned, stored, kind) => {
      await using fake = createFakeWorldServer();
      const { clientOptions } = shape === 'sockets' ? await fake.listen() : fake;
      await using tms = createWorldServerClient({ ...clientOptions, timeoutMs: 500, idleTimeoutMs: 500, deadlineMs: 5000 });
      fake.faults.add('uploadAssets', planned);
      const error = await failureOf(tms.uploadFile({ name: 'a.docx', content: new Uint8Array(SIZE) }));
      expect(error).toMatchObject({ kind, outcome: 'unknown' });
      expect(error.hint).toMatch(/may or may not have done it: look before you call again/);
      expect(fake.uploads()).toHaveLength(stored ? 1 : 0);
      expect(fake.calls.filter(({ operation }) => operation === 'uploadAssets')).toHaveLength(1);
      expect([fake.faults.pending(), fake.problems]).toEqual([[], []]);
    },
  );
});
