/** `pnpm demo [file]`: the main job on real files, three vendor servers in another process, the three clients over sockets. */

import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, openAsBlob, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

import {
  createEgainAttachmentClient,
  createEgainConversationClient,
  type EgainAttachmentClientOptions,
  type EgainConversationClientOptions,
} from '@asset-clients/egain';
import { createTenovosClient, metadata, type TenovosClientOptions } from '@asset-clients/tenovos';
import { createWorldServerClient, type WorldServerClientOptions } from '@asset-clients/worldserver';

import { largeContent } from '../files/large-content.ts';
import { runStorm } from './storm.ts';
import type { Question, StorageLog, VendorFiles, VendorsReady } from './vendors.ts';

const MOST_EGAIN_BYTES = 10 * 1024 * 1024;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const samples = join(root, 'tools/integration/files');
const output = process.env.DEMO_OUTPUT ?? join(root, 'demo-output');

/** Steps whose bytes were not what was sent. */
let wrong = 0;
/** Lines for `shasum -c`: what each file must be, computed from its source. */
const sums: string[] = [];

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const number = new Intl.NumberFormat('en-US');

/** Runs a step that leaves a file, and compares the file with its source. */
async function transfer(what: string, source: string, name: string, run: (target: string) => Promise<unknown>): Promise<void> {
  const target = join(output, name);
  const started = performance.now();
  await run(target);
  const elapsed = performance.now() - started;
  const [sent, got] = await Promise.all([sha256(source), sha256(target)]);
  if (sent !== got) wrong += 1;
  sums.push(`${sent}  ${name}`);
  line(what, `${number.format(statSync(target).size)} B`, sent === got ? 'sha256 equal' : 'sha256 DIFFERENT', elapsed);
}

async function step(what: string, run: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const result = await run();
  line(what, result, '', performance.now() - started);
}

function line(what: string, size: string, verdict: string, ms: number): void {
  console.log(`  ${what.padEnd(56)} ${size.padStart(14)}  ${verdict.padEnd(16)} ${ms.toFixed(0).padStart(5)} ms`);
}

async function message<T>(child: ChildProcess): Promise<T> {
  const heard = new AbortController();
  const { signal } = heard;
  const failed = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the vendors' process ended (exit code ${String(code)})`);
  });
  failed.catch(() => undefined);
  try {
    const [value] = (await Promise.race([once(child, 'message', { signal }), failed])) as [T];
    return value;
  } finally {
    heard.abort();
  }
}

async function main(): Promise<void> {
  const given = process.argv[2];
  // pnpm runs scripts at the package's root; the user's path counts from where the command was typed.
  const own = given === undefined ? undefined : resolve(process.env.INIT_CWD ?? process.cwd(), given);
  if (own !== undefined && !(existsSync(own) && statSync(own).isFile() && statSync(own).size > 0)) {
    console.error(`${given} is not a file with content. Give the path of a file, or none to use the sample photo.`);
    process.exitCode = 2;
    return;
  }
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });

  const photo = join(samples, 'photo.jpg');
  const picture = own ?? photo;
  const film = join(output, 'made-film.bin');
  const files: VendorFiles = {
    emailAttachment: join(samples, 'brochure.pdf'),
    tenovosOriginal: picture,
    tenovosFilm: film,
    taskSource: join(samples, 'campaign.xlf'),
    taskTarget: join(samples, 'campaign.de-DE.xlf'),
    otherTaskSource: join(samples, 'contract.docx'),
  };
  console.log('\nMaking 64 MiB of content, starting three vendor servers in a process of their own ...');
  await pipeline(Readable.from(largeContent(64 * 1024 * 1024, 1)), createWriteStream(film));
  const vendors = fork(fileURLToPath(new URL('vendors.ts', import.meta.url)), { stdio: 'inherit' });
  try {
    vendors.send(files);
    const ready = await message<VendorsReady>(vendors);
    const { conversation, attachments, tenovos, worldserver, ids } = ready;
    const ask = (question: Question): Promise<unknown> => {
      vendors.send(question);
      return message(vendors);
    };

    await using chat = createEgainConversationClient(conversation as EgainConversationClientOptions);
    await using mail = createEgainAttachmentClient(attachments as EgainAttachmentClientOptions);
    await using dam = createTenovosClient(tenovos as TenovosClientOptions);
    await using tms = createWorldServerClient(worldserver as WorldServerClientOptions);

    console.log(`\neGain        ${(conversation as { baseUrl: string }).baseUrl}, attachments at ${(attachments as { baseUrl: string }).baseUrl}`);
    const upload = statSync(picture).size <= MOST_EGAIN_BYTES ? picture : photo;
    if (upload !== picture) console.log(`  ${basename(picture)} is larger than the 10 MiB that eGain takes: the sample photo is uploaded instead`);
    let assetId = '';
    await step(`upload ${basename(upload)} to a conversation`, async () => {
      const asset = await chat.uploadAsset({
        name: basename(upload),
        content: await openAsBlob(upload),
        channel: { type: 'chat' },
        sender: { type: 'customer' },
      });
      assetId = asset.id;
      return `${number.format(asset.size)} B`;
    });
    await transfer('read it back', upload, `egain-${basename(upload)}`, async (target) => (await chat.downloadAsset({ id: assetId })).toFile(target));
    await transfer('fetch an e-mail attachment by predownload', files.emailAttachment, 'egain-brochure.pdf', async (target) =>
      (await mail.downloadAttachment({ app: 'email', type: 'attachment.inbound', altId: ids.altId })).toFile(target),
    );

    console.log(`\nTenovos      ${(tenovos as { baseUrl: string }).baseUrl}`);
    await step('read an asset with all its metadata', async () => {
      const { data } = await dam.retrieveAsset({ id: ids.original });
      const fields = metadata(data);
      await writeFile(join(output, 'tenovos-asset.json'), `${JSON.stringify(data, undefined, 2)}\n`);
      return `${fields.names.length} fields`;
    });
    await transfer('download its original', picture, `tenovos-${basename(picture)}`, async (target) =>
      (await dam.downloadAsset({ id: ids.original })).toFile(target),
    );
    await transfer('stream a film of 64 MiB to disk', film, 'tenovos-film.bin', async (target) => (await dam.downloadAsset({ id: ids.film })).toFile(target));

    console.log(`\nWorldServer  ${(worldserver as { baseUrl: string }).baseUrl}`);
    await step('log in, list the tasks of project 77', async () => {
      const tasks = await Array.fromAsync(tms.getTasks.all({ projectId: '77' }));
      return `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`;
    });
    await transfer('fetch the source of a task', files.taskSource, 'worldserver-campaign.xlf', async (target) =>
      (await tms.downloadAsset({ resourceId: ids.task })).toFile(target),
    );
    await transfer('fetch its target', files.taskTarget, 'worldserver-campaign.de-DE.xlf', async (target) =>
      (await tms.downloadAsset({ resourceId: ids.task, assetLocationType: 'TARGET' })).toFile(target),
    );

    await transfer('fetch the source of another, not translated yet', files.otherTaskSource, 'worldserver-contract.docx', async (target) =>
      (await tms.downloadAsset({ resourceId: ids.otherTask })).toFile(target),
    );

    const calm = (await ask('report')) as StorageLog;
    const sumsOf = { film: await sha256(film), picture: await sha256(picture), text: await sha256(files.taskSource) };
    console.log(`\nThe same jobs in a storm${' '.repeat(47)}fetch + arrayBuffer`);
    const compare = async (source: keyof typeof sumsOf, name: string, run: (target: string) => Promise<unknown>): Promise<boolean> => {
      await run(join(output, name));
      sums.push(`${sumsOf[source]}  ${name}`);
      return (await sha256(join(output, name))) === sumsOf[source];
    };
    for (const { weather, ours, usual, isRight } of await runStorm(ready, ask, compare, sumsOf)) {
      console.log(`  ${weather.padEnd(26)} -> ${ours.padEnd(38)} ${usual}`);
      if (!isRight) wrong += 1;
    }

    const log = (await ask('report')) as StorageLog;
    console.log('\nWhat the storage hosts saw');
    console.log(`  before the storm ${calm.requests} requests, with the headers`);
    console.log(`    ${calm.headerNames.join(', ')}`);
    console.log(`  in the storm ${log.requests - calm.requests} requests, those of fetch among them`);
    console.log(`  credentials of a vendor that reached them: ${log.credentials.length}`);
    for (const leak of log.credentials) console.log(`    ${leak}`);
    if (log.credentials.length > 0) wrong += 1;
  } finally {
    if (vendors.connected) vendors.disconnect();
    vendors.kill();
  }

  await writeFile(join(output, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  const folder = relative(process.env.INIT_CWD ?? process.cwd(), output) || '.';
  console.log(`\nThe files lie in ${folder}. Check them without our code (sums of what the vendors held):`);
  console.log(`  (cd ${folder} && shasum -a 256 -c SHA256SUMS)`);
  if (wrong > 0) {
    console.error(`\n${wrong} of these steps went wrong.`);
    process.exitCode = 1;
    return;
  }
  console.log('\nNext:');
  console.log('  npx -y pnpm@12.21.0 demo ./your-own.jpg        the same with a file of yours');
  console.log('  npx -y pnpm@12.21.0 test                       all tests');
  console.log('  packages/testing/README.md                     these servers in tests of your own\n');
}

await main();
