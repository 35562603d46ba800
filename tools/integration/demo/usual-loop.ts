/**
 * What is usually written instead of a client: log in, `fetch`, look at the status, `arrayBuffer`. In a process of its own,
 * because the weather may end it; started by `storm.ts`.
 */

import { createHash } from 'node:crypto';

/** One job of the loop. */
export type UsualJob =
  | { readonly kind: 'tenovos'; readonly baseUrl: string; readonly apiKey: string; readonly username: string; readonly password: string; readonly id: string }
  | { readonly kind: 'worldserver'; readonly baseUrl: string; readonly username: string; readonly password: string; readonly task: number };

/** What came of it. */
export type UsualResult = { readonly sha256: string } | { readonly failed: string };

const json = { 'content-type': 'application/json' };

async function checked(response: Response): Promise<Response> {
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response;
}

/** Logs in and finds the file: its address and what has to be sent along. */
async function find(job: UsualJob): Promise<{ url: string; headers: Record<string, string> }> {
  const { baseUrl, username, password } = job;
  if (job.kind === 'worldserver') {
    const login = await checked(await fetch(`${baseUrl}/v2/login`, { method: 'POST', headers: json, body: JSON.stringify({ username, password }) }));
    const { sessionId } = (await login.json()) as { sessionId: string };
    return { url: `${baseUrl}/v2/files/asset?resourceId=${job.task}`, headers: { ...json, token: sessionId } };
  }
  const headers = { ...json, 'x-api-key': job.apiKey };
  const login = await checked(await fetch(`${baseUrl}/auth/token`, { method: 'POST', headers, body: JSON.stringify({ username, password }) }));
  const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
  const signed = await checked(
    await fetch(`${baseUrl}/asset/${job.id}/content`, { headers: { ...headers, authorization: session.authorization, accesstoken: session.accessToken } }),
  );
  const { presignedURL } = (await signed.json()) as { presignedURL: string };
  return { url: presignedURL, headers: {} };
}

process.once('message', (job) => {
  void (async (): Promise<UsualResult> => {
    try {
      const { url, headers } = await find(job as UsualJob);
      const response = await checked(await fetch(url, { headers }));
      const bytes = Buffer.from(await response.arrayBuffer());
      return { sha256: createHash('sha256').update(bytes).digest('hex') };
    } catch (error) {
      const { message, cause } = error as Error;
      const code = (cause as { code?: string } | undefined)?.code;
      return { failed: code === undefined ? message : `${message} (${code})` };
    }
  })().then((result) => process.send!(result, () => process.disconnect()));
});
