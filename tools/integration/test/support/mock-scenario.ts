/** The same jobs of all three vendors against mocked routes, on an origin whose real server must never be reached. */

import { expect } from 'vitest';

import { clientCredentials, createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';

import { failureOf } from './failures.ts';
import { RecordingServer } from './recording-server.ts';

/** What a mock answers: status, JSON or text. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
}

/** One mocked route; `asked` counts. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly reply: Reply;
  asked: number;
  /** The last body, as text. */
  body?: string;
}

export class Scenario implements AsyncDisposable {
  readonly routes: Route[];
  readonly real: RecordingServer;

  private constructor(real: RecordingServer) {
    this.real = real;
    const session = { authorization: 'mock-auth', accessToken: 'mock-access', refreshToken: 'mock-refresh', expireEpoch: Date.now() + 3_600_000 };
    const routes: readonly [Route['method'], string, Reply][] = [
      ['POST', '/oauth/token', { json: { access_token: 'mock-token', token_type: 'Bearer', expires_in: 600 } }],
      ['POST', '/egain/assets', { json: { id: 'a1', contentUrl: `${real.origin}/storage/upload?signature=s` } }],
      ['POST', '/storage/upload', { status: 201 }],
      ['POST', '/tenovos/auth/token', { json: { session } }],
      ['GET', '/tenovos/asset/a1/content', { json: { presignedURL: `${real.origin}/storage/original.jpg?X-Amz-Signature=s` } }],
      ['GET', '/storage/original.jpg', { text: 'mocked original' }],
      ['POST', '/ws-api/v2/login', { json: { sessionId: '20145873' } }],
      ['GET', '/ws-api/v2/files/asset', { text: 'mocked file' }],
      ['POST', '/ws-api/v1/files', { json: { internalName: 'mocked' } }],
    ];
    this.routes = routes.map(([method, path, reply]) => ({ method, path, reply, asked: 0 }));
  }

  static async start(): Promise<Scenario> {
    return new Scenario(await RecordingServer.start(() => ({ status: 500, body: 'the real server was reached' })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.real[Symbol.asyncDispose]();
  }

  async run(): Promise<void> {
    const { origin } = this.real;
    const auth = clientCredentials({ tokenUrl: `${origin}/oauth/token`, clientId: 'c', clientSecret: 'secret-1' });
    const chat = createEgainConversationClient({ baseUrl: `${origin}/egain`, auth, maxRetries: false });
    const uploaded = await chat.uploadAsset({ name: 'a.txt', content: new Blob(['uploaded bytes']), channel: { type: 'sms' }, sender: { type: 'customer' } });
    expect(uploaded.id).toBe('a1');
    const dam = createTenovosClient({ baseUrl: `${origin}/tenovos`, apiKey: 'k', username: 'u', password: 'password-1', maxRetries: false });
    expect(await (await dam.downloadAsset({ id: 'a1' })).text()).toBe('mocked original');
    const tms = createWorldServerClient({ baseUrl: `${origin}/ws-api`, username: 'u', password: 'password-2', maxRetries: false });
    expect(await (await tms.downloadAsset({ resourceId: 5 })).text()).toBe('mocked file');
    expect((await tms.uploadFile({ name: 'b.txt', content: new Blob(['part bytes']) })).internalName).toBe('mocked');
  }

  expectMocked(): void {
    expect(this.routes.filter(({ asked }) => asked !== 1).map(({ method, path, asked }) => `${method} ${path}: ${asked}`)).toEqual([]);
    expect(this.routes.find(({ path }) => path === '/storage/upload')!.body).toBe('uploaded bytes');
    expect(this.routes.find(({ path }) => path === '/ws-api/v1/files')!.body).toContain('part bytes');
    expect(this.real.requests).toEqual([]);
  }

  /** The mock is gone: the next call reaches the real server. */
  async expectReal(): Promise<void> {
    const dam = createTenovosClient({ baseUrl: `${this.real.origin}/tenovos`, apiKey: 'k', auth: 'token-1', maxRetries: false });
    expect(await failureOf(dam.retrieveAsset({ id: 'a' }))).toMatchObject({ status: 500, body: 'the real server was reached' });
    expect(this.real.requests).toHaveLength(1);
  }
}

/** Counts a request to a route. */
export async function answer(route: Route, request: Request): Promise<Reply> {
  route.asked += 1;
  route.body = await request.text();
  return route.reply;
}

/** A reply as a platform Response. */
export function toResponse({ status = 200, json, text }: Reply): Response {
  return json === undefined ? new Response(text ?? null, { status }) : Response.json(json, { status });
}
