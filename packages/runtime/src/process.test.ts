import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Runs a module in a process of its own; gives what it printed, fails when it died. */
async function runProcess(source: string): Promise<string> {
  const index = new URL('./index.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', source.replaceAll('INDEX', JSON.stringify(index))],
    { timeout: 60_000 },
  );
  return stdout.trim();
}

const server = `
  import http from 'node:http';
  import { createClient, binary } from INDEX;
  const download = { id: 'download', method: 'GET', path: '/', responses: { 200: ['*/*'] }, binary };
  const get = { id: 'get', method: 'GET', path: '/', responses: { 200: ['application/json'] } };
  const serve = (listener) => new Promise((resolve) => { const server = http.createServer(listener).listen(0, '127.0.0.1', () => resolve([server, 'http://127.0.0.1:' + server.address().port])); });
`;

describe('the process', () => {
  it('keeps its own global dispatcher, and built-in fetch works before and after', async () => {
    const output = await runProcess(`${server}
      const symbols = [1, 2].map((version) => Symbol.for('undici.globalDispatcher.' + version));
      const [http_, baseUrl] = await serve((request, response) => response.setHeader('content-type', 'application/json').end('"' + (request.headers['user-agent'] ?? 'ours') + '"'));
      if (process.env.FETCH_FIRST !== undefined) await (await fetch(baseUrl)).text();
      const client = createClient({ get }, { baseUrl });
      const before = symbols.map((symbol) => globalThis[symbol]);
      const ours = await client.get();
      const after = symbols.map((symbol) => globalThis[symbol]);
      const own = await (await fetch(baseUrl)).json();
      const again = await client.get();
      await client.close(); http_.close(); http_.closeAllConnections();
      console.log(JSON.stringify([ours, own, again, before.every((value, index) => value === after[index])]));
    `);
    expect(JSON.parse(output)).toEqual(['ours', 'node', 'ours', true]);
  });

  it('has no dispatcher afterwards where it had none', async () => {
    const output = await runProcess(`${server}
      const symbols = [1, 2].map((version) => Symbol.for('undici.globalDispatcher.' + version));
      const [http_, baseUrl] = await serve((request, response) => response.setHeader('content-type', 'application/json').end('1'));
      new Request(baseUrl);
      for (const symbol of symbols) globalThis[symbol] = undefined;
      const client = createClient({ get }, { baseUrl });
      await client.get();
      await client.close(); http_.close();
      console.log(symbols.every((symbol) => globalThis[symbol] === undefined));
    `);
    expect(output).toBe('true');
  });

  it('keeps a dispatcher that the application has set', async () => {
    const output = await runProcess(`${server}
      const symbols = [1, 2].map((version) => Symbol.for('undici.globalDispatcher.' + version));
      const mine = { dispatch() { throw new Error('used'); } };
      for (const symbol of symbols) Object.defineProperty(globalThis, symbol, { value: mine, writable: true, configurable: false });
      const [http_, baseUrl] = await serve((request, response) => response.setHeader('content-type', 'application/json').end('1'));
      const client = createClient({ get }, { baseUrl });
      await client.get();
      await client.close(); http_.close();
      console.log(symbols.every((symbol) => globalThis[symbol] === mine));
    `);
    expect(output).toBe('true');
  });

  it('ends by itself when calls are done, aborted or left unread, once the clients are closed', async () => {
    const output = await runProcess(`${server}
      const [http_, baseUrl] = await serve((request, response) => { if (request.headers['x-hang']) return; response.setHeader('content-type', 'application/json').write('1'); if (!request.headers['x-open']) response.end(); });
      const client = createClient({ get, download }, { baseUrl, deadlineMs: 600_000 });
      await client.get();
      const stop = new AbortController();
      const hanging = client.get({}, { headers: { 'x-hang': '1' }, signal: stop.signal }).catch((error) => error.name);
      const unread = await client.download({}, { headers: { 'x-open': '1' } });
      setTimeout(() => stop.abort(), 50);
      const name = await hanging;
      await client.close();
      http_.close(); http_.closeAllConnections();
      process.on('exit', () => console.log(name, process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length));
    `);
    expect(output).toBe('AbortError 0');
  });

  it('prints no secret for a rejection that nobody handles', async () => {
    const error = await runProcess(`${server}
      const [http_, baseUrl] = await serve((request, response) => response.writeHead(400).end('you sent ' + request.headers.authorization));
      createClient({ get }, { baseUrl, auth: 'canary-token-1234' }).get();
    `).then(
      () => {
        throw new Error('the process did not fail');
      },
      (failed: { stderr: string }) => failed.stderr,
    );
    expect(error).toContain('invalid-request (400)');
    expect(error.replace(/^.*-e.*$/gm, '')).not.toContain('canary-token-1234');
  });

  it('loads neither ky nor undici before the first call', async () => {
    const output = await runProcess(`
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      const { createClient } = await import(INDEX);
      createClient({}, { baseUrl: 'https://a.example' });
      console.log(loaded.filter((url) => /node_modules/.test(url)).length);
    `);
    expect(output).toBe('0');
  });
});
