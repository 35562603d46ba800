/**
 * A program that prints all it has, and then lets one call fail without anybody waiting: `node child.ts <which>`. Its servers write
 * back everything they were told.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { clientCredentials, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { secrets } from './child-secrets.ts';

const which = process.argv[2];
let origin = '';

/** Logs in whoever comes, signs what is asked for, and refuses the rest by saying what it was told. */
const server: Server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const told = { message: `${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks).toString()}`, headers: request.headers };
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const path = request.url!.split('?')[0]!;
    const { authorization, accessToken, refreshToken, sessionId, bearer, signature } = secrets;
    if (path.endsWith('/auth/token')) answer(200, { session: { authorization, accessToken, refreshToken, expireEpoch: Date.now() + 3_600_000 } });
    else if (path.endsWith('/login')) answer(200, { sessionId });
    else if (path.endsWith('/oauth')) answer(200, { access_token: bearer, token_type: 'Bearer', expires_in: 600, refresh_token: refreshToken });
    else if (path.endsWith('/content')) answer(200, { presignedURL: `${origin}/file?X-Amz-Signature=${signature}` });
    else if (path === '/file' && which === 'broken') {
      response.writeHead(200, { 'content-length': 100, 'set-cookie': `session=${secrets.cookie}` }).write('some');
      setTimeout(() => response.destroy(), 20);
    } else if (path === '/file' && which !== 'refused') response.end('bytes');
    else answer(400, told);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const { password, apiKey, clientSecret } = secrets;
const retries = { maxRetries: false, logLevel: 'debug', logger: console } as const;
const dam = createTenovosClient({ baseUrl: origin, apiKey, username: 'u', password, ...retries });
const tms = createWorldServerClient({ baseUrl: origin, username: 'u', password, ...retries });
const auth = clientCredentials({ tokenUrl: `${origin}/oauth`, clientId: 'app', clientSecret });
const chat = createEgainConversationClient({ baseUrl: origin, auth, ...retries });

if (which === 'printed') {
  const content = await dam.downloadAsset({ id: 'a' });
  await content.bytes();
  const fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.jpg', bytes: 10 }] });
  await (await createTenovosClient(fake.clientOptions).downloadAsset({ id: 'a' })).bytes();
  const failures = await Promise.all(
    [dam.retrieveAsset({ id: 'a' }), tms.getAsset({ resourceId: 1 }), chat.getAsset({ id: 'a' })].map((call) => call.catch((error: unknown) => error)),
  );
  for (const value of [dam, tms, chat, auth, content, content.receipt(), fake.calls, ...failures]) {
    console.log(value);
    console.dir(value, { showHidden: true, depth: null });
    console.error('%o %O %j %s', value, value, value, value);
    console.table(value);
    if (value instanceof Error) console.trace(value);
    else console.log(structuredCloneOrNot(value));
  }
  await fake.close();
  process.exit(0);
}

const calls: Readonly<Record<string, () => unknown>> = {
  tenovos: () => dam.retrieveAsset({ id: 'a' }),
  worldserver: () => tms.getAsset({ resourceId: 1 }),
  egain: () => chat.getAsset({ id: 'a' }),
  refused: () => dam.downloadAsset({ id: 'a' }),
  broken: async () => (await dam.downloadAsset({ id: 'a' })).bytes(),
  wrong: () => dam.retrieveAsset({ id: 'a', token: secrets.refreshToken } as never),
};
// Nobody waits for it: the process ends by printing the failure.
void calls[which!]!();

function structuredCloneOrNot(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch (error) {
    return error;
  }
}
