import { expect, test } from 'vitest';
import { scenarios, seedFrom } from './index.ts';
import { createFakeEgain } from './egain/index.ts';
import { createFakeTenovos, type FakeTenovos } from './tenovos/index.ts';

async function headersOf(fake: FakeTenovos): Promise<Record<string, string>> {
  const { baseUrl, apiKey, username, password } = fake.clientOptions;
  const login = await fake.fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  return { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken, 'content-type': 'application/json' };
}

test('expiredUrl: the first URL is over, the second opens', async () => {
  await using fake = scenarios.expiredUrl();
  const headers = await headersOf(fake);
  const statuses: number[] = [];
  for (let i = 0; i < 2; i++) {
    const { presignedURL } = (await (await fake.fetch(`${fake.baseUrl}/asset/hero/content`, { headers })).json()) as { presignedURL: string };
    const response = await fake.fetch(presignedURL);
    statuses.push(response.status);
    await response.arrayBuffer();
  }
  expect(statuses).toEqual([403, 200]);
});

test('manyMetadataRows: 50,000 rows', async () => {
  await using fake = scenarios.manyMetadataRows();
  const { data } = (await (await fake.fetch(`${fake.baseUrl}/assets/asset/catalogue`, { headers: await headersOf(fake) })).json()) as {
    data: { metadata: { value: unknown[] }[] };
  };
  expect(data.metadata[1]!.value).toHaveLength(50_000);
});

test('the others can be made', async () => {
  await using broken = scenarios.brokenDownload();
  expect(broken.faults.pending()).toHaveLength(2);
  await using translation = scenarios.targetNotTranslated();
  expect([translation.task(1234)!.target?.name, translation.task(1235)!.target]).toEqual(['guide_de.docx', undefined]);
  await using campaign = scenarios.threeVendorsOneCampaign();
  expect([campaign.tenovos.asset('hero')!.name, campaign.worldserver.task(2)!.id, campaign.egain.attachment('feedback')!.name]).toEqual([
    'hero.jpg',
    2,
    'feedback.pdf',
  ]);
});

test('a seed of a real answer keeps shapes and sizes and nothing that identifies', async () => {
  const secret = 'Confidential';
  const seed = seedFrom.tenovosAsset({
    status: 'success',
    data: {
      assetId: secret,
      fileId: secret,
      filename: `${secret}.TIF`,
      fileSizeInBytes: 209_743,
      createdBy: secret,
      createdDate: '2024-06-10T12:13:23.782Z',
      fileState: 'recycle bin',
      renditionsDocument: { width: 435, height: 650, imageThumb: `https://${secret}/x.png`, secret },
      metadata: [
        { name: 'Release', value: secret },
        { name: 'None', value: null },
        { name: 'Table', value: [[{ name: 'Cell', value: secret }]] },
      ],
      [secret]: secret,
    },
  });
  expect(JSON.stringify(seed)).not.toContain(secret);
  expect(seed).toEqual({
    name: 'asset.tif',
    bytes: 209_743,
    fileState: 'recycle bin',
    createdDate: '2024-06-10T12:13:23.782Z',
    width: 435,
    height: 650,
    renditions: { imageThumb: {} },
    metadata: [
      { name: 'Release', value: 'xxxxxxxxxxxx' },
      { name: 'None', value: null },
      { name: 'Table', value: [[{ name: 'Cell', value: 'xxxxxxxxxxxx' }]] },
    ],
  });
  await using fake = createFakeTenovos({ assets: [{ ...seed, id: 'a' }] });
  expect((await fake.fetch(`${fake.baseUrl}/assets/asset/a`, { headers: await headersOf(fake) })).status).toBe(200);
  expect(seedFrom.egainAttachment({ altId: secret, name: `${secret}.pdf`, contentType: 'application/pdf', size: 5, app: 'task', contentUrl: secret })).toEqual({
    name: 'attachment.pdf',
    bytes: 5,
    contentType: 'application/pdf',
    app: 'task',
  });
  expect(seedFrom.worldServerTask({ id: 77, assets: [`/${secret}/a.docx`], targetAssets: [], status: { status: 'IN_PROGRESS' }, comment: secret })).toEqual({
    id: 1,
    projectId: 1,
    source: { name: 'source.docx' },
    status: 'IN_PROGRESS',
  });
  expect(() => createFakeEgain({ attachments: [seedFrom.egainAttachment({})] })).not.toThrow();
});

test('an answer of another kind is refused, not made into an empty seed', () => {
  expect(() => seedFrom.tenovosAsset({ hits: [{ objectId: 'a' }], hitCount: 1 })).toThrow('This is not the answer of retrieveAsset: it has none of filename, ');
  expect(() => seedFrom.egainAttachment({ code: '404-100' })).toThrow('This is not the answer of generateDownloadAttachmentURL');
  expect(() => seedFrom.worldServerTask({ items: [] })).toThrow('This is not a task of getTasks: it has none of assets, ');
});
