import { expect, test } from 'vitest';
import './vitest.ts';
import { createFakeEgain, createFakes, createFakeTenovos, fault, type FakeTenovos } from '../index.ts';
import { expectFake } from './node-test.ts';

async function link(fake: FakeTenovos, id = 'a'): Promise<string> {
  const { baseUrl, apiKey, username, password } = fake.clientOptions;
  const login = await fake.fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  const headers = { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken };
  return ((await (await fake.fetch(`${baseUrl}/asset/${id}/content`, { headers })).json()) as { presignedURL: string }).presignedURL;
}

const read = async (response: Response): Promise<string> => await response.text().catch((error: unknown) => (error as Error).message);
const message = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'passed';
};

test('a resumed download is whole; one that stopped is not', async () => {
  await using fake = createFakeTenovos({
    assets: [
      { id: 'a', name: 'a.tif', bytes: 1000 },
      { id: 'b', name: 'b.tif' },
    ],
  });
  fake.faults.add('content', fault.resetAfter(400));
  const url = await link(fake);
  expect(await read(await fake.fetch(url))).toBe('terminated');
  expect(fake).not.toHaveDownloaded('a');
  expect(fake).not.toHaveResumed('a');
  expect(message(() => expect(fake).toHaveDownloaded('a'))).toBe(
    `expected the content of a downloaded\nbut 400 bytes of 1,000 bytes were sent unspoiled\nnearest calls:\n  #2 getAssetContent (a) GET /v1/asset/a/content -> 200, ${fake.calls[1]!.sentBytes} bytes\n  #3 content (a) GET ${new URL(url).pathname} -> 200, 400 bytes, incomplete [resetAfter(400)]`,
  );
  await read(await fake.fetch(url, { headers: { range: 'bytes=400-' } }));
  expect(fake).toHaveDownloaded('a');
  expect(fake).toHaveResumed('a');
  expect(fake).toHaveResumed('a', { from: 400 });
  expect(fake).not.toHaveResumed('a', { from: 399 });
  expect(fake).not.toHaveDownloaded('b');
  expect(fake).toHaveConsumedAllFaults();
  expect(fake).toHaveLoggedIn(1);
  expect(fake).toHaveCalled('content', 2);
  expect(fake).toHaveLeakedNoCredentials();
  expect(fake).toHaveObeyedTheSpecs();
});

test('parts of two versions, or spoiled bytes, are no download', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif', bytes: 1000 }] });
  const url = await link(fake);
  fake.faults.add('content', fault.resetAfter(400), fault.changedContent(), fault.corruptBytes());
  await read(await fake.fetch(url));
  await read(await fake.fetch(url, { headers: { range: 'bytes=400-' } }));
  expect(fake).not.toHaveDownloaded('a');
  await read(await fake.fetch(url));
  expect(fake).not.toHaveDownloaded('a');
  await read(await fake.fetch(url));
  expect(fake).toHaveDownloaded('a');
});

test('a leak is named with the call', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.tif' }] });
  await read(await fake.fetch(await link(fake), { headers: { 'x-api-key': fake.clientOptions.apiKey } }));
  expect(message(() => expect(fake).toHaveLeakedNoCredentials())).toMatch(
    /expected no credential at a host that must not see one\nbut \n {2}#3 content \(a\) GET .* carried x-api-key/,
  );
});

test('faults that did not happen are listed', async () => {
  await using fakes = createFakes();
  fakes.egain.faults.add('upload', fault.stallAfter(5).times(2));
  expect(message(() => expect(fakes).toHaveConsumedAllFaults())).toContain('upload: stallAfter(5), 2 calls to go');
});

test('an upload counts when it was accepted', async () => {
  await using fake = createFakeEgain();
  const headers = { authorization: `Bearer ${fake.issueToken()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ channel: { type: 'sms' }, sender: { type: 'customer' }, name: 'a.txt', size: 3 });
  const { contentUrl, id } = (await (await fake.fetch(`${fake.conversation.baseUrl}/assets`, { method: 'POST', headers, body })).json()) as Record<
    string,
    string
  >;
  await fake.fetch(contentUrl!, { method: 'POST', body: 'abcd', headers: { 'content-type': 'text/plain' } });
  expect(message(() => expect(fake).toHaveUploaded('a.txt'))).toContain('every try was refused (400)');
  await fake.fetch(contentUrl!, { method: 'POST', body: 'abc', headers: { 'content-type': 'text/plain' } });
  expect(fake).toHaveUploaded('a.txt', { bytes: 3 });
  expect(fake).toHaveUploaded(id!);
  expect(fake).not.toHaveUploaded('b.txt');
});

test('without expect: the same for node:test', async () => {
  await using fake = createFakeTenovos();
  expectFake(fake).toHaveConsumedAllFaults();
  expectFake(fake).not.toHaveDownloaded('a');
  expect(message(() => expectFake(fake).toHaveDownloaded('a'))).toBe('expected the content of a downloaded\nbut nothing of it was sent');
  expect(message(() => expectFake({} as never).toHaveLoggedIn())).toContain('takes a fake');
});
