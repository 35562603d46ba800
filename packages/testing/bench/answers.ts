/**
 * Answers per second of each shape of a fake, beside MSW and nock answering the same bytes from a fixed text: the price of
 * state, log, faults and checks. Run after `pnpm build`: `pnpm --filter @asset-clients/testing bench`.
 */
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { mswHandlers } from '../dist/msw.js';
import { createFakeWorldServer } from '../dist/worldserver.js';

const SECONDS = 2;
const PATH = '/v2/tasks';

/** Sequential and 32 at a time, answers per second. */
async function measure(name: string, ask: () => Promise<Response>): Promise<void> {
  const once = async (): Promise<void> => {
    const response = await ask();
    if (response.status !== 200) throw new Error(`${name} answered ${response.status}`);
    await response.arrayBuffer();
  };
  for (let i = 0; i < 200; i++) await once();
  const rates: number[] = [];
  for (const width of [1, 32]) {
    const start = performance.now();
    let answers = 0;
    await Promise.all(
      Array.from({ length: width }, async () => {
        while (performance.now() - start < SECONDS * 1000) {
          await once();
          answers++;
        }
      }),
    );
    rates.push(Math.round((answers / (performance.now() - start)) * 1000));
  }
  process.stdout.write(`${name.padEnd(28)} ${String(rates[0]).padStart(8)} /s one by one ${String(rates[1]).padStart(8)} /s 32 at a time\n`);
}

const fake = createFakeWorldServer({ tasks: [{ id: 1, source: { name: 'a.docx' } }] });
const { baseUrl, username, password } = fake.clientOptions;
const login = await fake.fetch(`${baseUrl}/v2/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ username, password }),
});
const { sessionId } = (await login.json()) as { sessionId: string };
const headers = { token: sessionId };
const body = await (await fake.fetch(`${baseUrl}${PATH}`, { headers })).text();
const fixed = { headers: { 'content-type': 'application/json' } };

await measure('fake, injected fetch', () => fake.fetch(`${baseUrl}${PATH}`, { headers }));

const throughMsw = setupServer(...mswHandlers(http, fake));
throughMsw.listen();
await measure('fake, through MSW', () => fetch(`${baseUrl}${PATH}`, { headers }));
throughMsw.close();

const plainMsw = setupServer(http.get(`${baseUrl}${PATH}`, () => new HttpResponse(body, fixed)));
plainMsw.listen();
await measure('MSW, fixed text', () => fetch(`${baseUrl}${PATH}`, { headers }));
plainMsw.close();

// Only now: importing nock replaces fetch.
const { default: nock } = await import('nock');
nock('https://worldserver.test').persist().get(`/ws-api${PATH}`).reply(200, body, fixed.headers);
await measure('nock, fixed text', () => fetch(`${baseUrl}${PATH}`, { headers }));
nock.cleanAll();
nock.restore();

const server = await fake.listen();
await measure('fake, sockets', () => fetch(`${server.baseUrl}${PATH}`, { headers }));
await fake.close();
