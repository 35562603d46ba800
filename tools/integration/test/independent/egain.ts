/**
 * eGain as its documentation describes it: a token host for both environments, an API host with two services, and a
 * storage host with signed URLs. Written from the vendor's pages alone.
 */

import { createHash, randomUUID } from 'node:crypto';

import { json, RecordingServer, type Answer, type RecordedRequest } from '../support/recording-server.ts';
import { members } from '../support/json.ts';

const CONVERSATION = '/conversation/conversationmgr/v3';
const FILES = '/core/filemgr/v3';
const SENDERS = ['custom_bot', 'customer', 'egain_agent', 'egain_bot', 'custom_agent'];
const LOCALES = 'en-US es-ES fr-FR it-IT de-DE nl-NL pt-BR pt-PT da-DK ru-RU fr-CA zh-CN ja-JP ko-KR sv-SE'.split(' ');
const MANAGE = 'app.conversation.conversationmgr.interaction.manage';
const READ = 'app.conversation.conversationmgr.interaction.read';
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  pdf: 'application/pdf',
  txt: 'text/plain',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

/** What the documentation leaves open, as switches. */
export interface EgainSettings {
  readonly uploadMethod?: 'POST' | 'PUT';
  readonly uploadHeaders?: Readonly<Record<string, string>>;
  readonly uploadBody?: 'binary' | 'multipart';
  /** Seconds. */
  readonly tokenLifetime?: number;
  /** Whether token answers have `expires_in`. */
  readonly tellsExpiry?: boolean;
  readonly now?: () => number;
}

interface StoredAsset {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  content: Buffer | undefined;
}

interface SignedUrl {
  readonly purpose: 'upload' | 'download';
  readonly asset: StoredAsset;
  readonly expires: number;
  used: boolean;
}

export class Egain implements AsyncDisposable {
  static readonly clientId = 'client-application-1';
  static readonly clientSecret = 'client~secret/+with=odd&characters';
  static readonly redirectUri = 'https://desk.example.com/callback/';
  readonly assets = new Map<string, StoredAsset>();
  readonly attachments = new Map<string, StoredAsset & { readonly app: string; readonly type: string }>();
  readonly tokens = new Map<string, { readonly scopes: readonly string[]; readonly expires: number }>();
  /** Signed URLs by signature. */
  readonly signatures = new Map<string, SignedUrl>();
  /** Milliseconds that a signed URL lives. */
  urlLifetimeMs = 300_000;
  readonly #settings: EgainSettings;
  readonly #codes = new Map<string, { readonly challenge: string | undefined }>();
  readonly #refreshTokens = new Set<string>();
  readonly login: RecordingServer;
  readonly api: RecordingServer;
  readonly storage: RecordingServer;

  private constructor(settings: EgainSettings, servers: { login: RecordingServer; api: RecordingServer; storage: RecordingServer }) {
    this.#settings = settings;
    ({ login: this.login, api: this.api, storage: this.storage } = servers);
  }

  static async start(settings: EgainSettings = {}): Promise<Egain> {
    let egain: Egain | undefined = undefined;
    const [login, api, storage] = await Promise.all([
      RecordingServer.start((request) => egain!.#serveLogin(request)),
      RecordingServer.start((request) => egain!.#serveApi(request)),
      RecordingServer.start((request) => egain!.#serveStorage(request)),
    ]);
    egain = new Egain(settings, { login, api, storage });
    return egain;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.login, this.api, this.storage].map((server) => server[Symbol.asyncDispose]()));
  }

  get conversationUrl(): string {
    return this.api.origin + CONVERSATION;
  }

  get attachmentsUrl(): string {
    return this.api.origin + FILES;
  }

  /** The token endpoint of the commercial environment. */
  get commercialTokenUrl(): string {
    return `${this.login.origin}/global/gateway-7/oauth2/v2.0/token`;
  }

  /** The token endpoint of the self-service environment. */
  get selfServiceTokenUrl(): string {
    return `${this.login.origin}/system/auth/EG4711-U/oauth2/token`;
  }

  get userTokenUrl(): string {
    return `${this.login.origin}/gateway-7/B2C_1A_USER_SIGNIN/oauth2/v2.0/token`;
  }

  /** A valid token with all scopes, made outside the token endpoint. */
  issueToken(scopes: readonly string[] = [MANAGE, READ], lifetimeMs = 3_600_000): string {
    const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ jti: randomUUID() })).toString('base64url')}.c2ln`;
    this.tokens.set(token, { scopes, expires: this.#now() + lifetimeMs });
    return token;
  }

  /** A code as the login page would send it to the redirect URI. */
  issueCode(challenge?: string): string {
    const code = `code-${randomUUID()}`;
    this.#codes.set(code, { challenge });
    return code;
  }

  /** All access tokens end at once. */
  expireTokens(): void {
    for (const [token, { scopes }] of this.tokens) this.tokens.set(token, { scopes, expires: 0 });
  }

  revokeRefreshTokens(): void {
    this.#refreshTokens.clear();
  }

  addAsset(asset: { readonly id?: string; readonly name: string; readonly content: Uint8Array | undefined }): string {
    const id = asset.id ?? randomUUID();
    this.assets.set(id, {
      id,
      name: asset.name,
      size: asset.content?.length ?? 17,
      content: asset.content === undefined ? undefined : Buffer.from(asset.content),
    });
    return id;
  }

  addAttachment(attachment: { readonly app: string; readonly type: string; readonly name: string; readonly content: Uint8Array }): string {
    const id = randomUUID();
    this.attachments.set(id, { ...attachment, id, size: attachment.content.length, content: Buffer.from(attachment.content) });
    return id;
  }

  #now(): number {
    return this.#settings.now?.() ?? Date.now();
  }

  // ---- login host ----

  #serveLogin(request: RecordedRequest): Answer {
    const refuse = (status: number, error: string, error_description: string): Answer => json(status, { error, error_description });
    if (request.method !== 'POST') return { status: 405 };
    const isCommercial = request.path === new URL(this.commercialTokenUrl).pathname;
    const isSelfService = request.path === new URL(this.selfServiceTokenUrl).pathname;
    const isUser = request.path === new URL(this.userTokenUrl).pathname;
    if (!isCommercial && !isSelfService && !isUser)
      return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html><title>Not Found</title></html>' };
    if (!/^application\/x-www-form-urlencoded\b/.test(request.header('content-type') ?? '')) return refuse(400, 'invalid_request', 'not a form');
    if (request.header('authorization') !== undefined) return refuse(400, 'invalid_request', 'credentials belong into the body');
    const form = new URLSearchParams(request.body.toString('utf8'));
    if (form.get('client_id') !== Egain.clientId) return refuse(401, 'invalid_client', 'unknown application');
    const grant = form.get('grant_type');
    if (grant === 'client_credentials' && !isUser) {
      if (form.get('client_secret') !== Egain.clientSecret) return refuse(401, 'invalid_client', 'wrong secret');
      return this.#grantClient(form.get('scope') ?? '', isCommercial);
    }
    if (grant === 'authorization_code') {
      const code = this.#codes.get(form.get('code') ?? '');
      this.#codes.delete(form.get('code') ?? '');
      if (code === undefined || form.get('redirect_uri') !== Egain.redirectUri) return refuse(400, 'invalid_grant', 'code or redirect_uri is wrong');
      const verifier = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (code.challenge !== undefined && code.challenge !== verifier) return refuse(400, 'invalid_grant', 'code_verifier is wrong');
      return this.#tokenAnswer([MANAGE, READ], true);
    }
    if (grant === 'refresh_token') {
      if (!this.#refreshTokens.delete(form.get('refresh_token') ?? '')) return refuse(400, 'invalid_grant', 'the refresh token is not valid');
      return this.#tokenAnswer([MANAGE, READ], true);
    }
    return refuse(400, 'unsupported_grant_type', String(grant));
  }

  /** Commercial: the prefix and `.default`; self-service: plain names. */
  #grantClient(scope: string, isCommercial: boolean): Answer {
    if (isCommercial) {
      return scope === 'https://api.egain.cloud/auth/.default'
        ? this.#tokenAnswer([MANAGE, READ], false)
        : json(400, { error: 'invalid_scope', error_description: `no scope ${scope}` });
    }
    const names = scope.split(' ').filter((name) => name !== '');
    return names.every((name) => /^(?:app\.)?(?:[a-z]+\.)+[a-z]+$/.test(name))
      ? this.#tokenAnswer(names, false)
      : json(400, { error: 'invalid_scope', error_description: scope });
  }

  #tokenAnswer(scopes: readonly string[], withRefresh: boolean): Answer {
    const lifetime = this.#settings.tokenLifetime ?? 3600;
    const refreshToken = withRefresh ? `refresh-${randomUUID()}` : undefined;
    if (refreshToken !== undefined) this.#refreshTokens.add(refreshToken);
    return json(200, {
      access_token: this.issueToken(scopes, lifetime * 1000),
      token_type: 'Bearer',
      ...(this.#settings.tellsExpiry === false ? {} : { expires_in: lifetime }),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    });
  }

  // ---- API host ----

  #serveApi(request: RecordedRequest): Answer {
    const error = (status: number, code: string, developerMessage: string, details?: readonly object[]): Answer =>
      json(status, {
        code,
        developerMessage,
        ...(details === undefined ? {} : { details }),
        ...(request.header('x-egain-error-message') === 'yes' ? { userMessage: `Sorry: ${developerMessage}` } : {}),
      });
    const token = this.tokens.get(/^Bearer (.+)$/.exec(request.header('authorization') ?? '')?.[1] ?? '');
    if (token === undefined || token.expires <= this.#now()) return error(401, '401-101', 'The Authorization header is invalid or expired.');
    if (request.path.startsWith(`${CONVERSATION}/`)) return this.#serveConversation(request, request.path.slice(CONVERSATION.length), token.scopes, error);
    if (`${request.method} ${request.path}` === `POST ${FILES}/assets/predownload`) return this.#predownload(request, error);
    return error(404, '404-100', `No such resource: ${request.path}`);
  }

  #serveConversation(request: RecordedRequest, path: string, scopes: readonly string[], error: ErrorMaker): Answer {
    const { method } = request;
    const mayRead = scopes.includes(MANAGE) || scopes.includes(READ);
    if (method === 'POST' && path === '/conversations/messages') return json(202, { accepted: request.json() });
    if (method === 'POST' && path === '/assets')
      return scopes.includes(MANAGE) ? this.#createAsset(request, error) : error(403, '403-197', 'The scope is not assigned.');
    const id = /^\/assets\/([^/]+)$/.exec(path)?.[1];
    if (id === undefined) return error(404, '404-100', `No such resource: ${path}`);
    if (method === 'GET' && !mayRead) return error(403, '403-197', 'The scope is not assigned.');
    if (method === 'DELETE' && !scopes.includes(MANAGE)) return error(403, '403-197', 'The scope is not assigned.');
    const asset = this.assets.get(decodeURIComponent(id));
    if (asset === undefined) return error(404, '404-101', 'The id in the path is not found.', [{ key: 'id', value: decodeURIComponent(id) }]);
    if (method === 'DELETE') {
      this.assets.delete(asset.id);
      return { status: 204 };
    }
    if (method !== 'GET') return error(405, '405-100', 'Method not allowed.');
    const { name, size, content } = asset;
    return json(200, { id: asset.id, name, size, contentType: mediaTypeOf(name), ...(content === undefined ? {} : this.#sign(asset, 'download')) });
  }

  #createAsset(request: RecordedRequest, error: ErrorMaker): Answer {
    if (!/^application\/json\b/.test(request.header('content-type') ?? '')) return error(400, '400-264', 'The body must be JSON.');
    const body = members(request.json());
    for (const name of ['channel', 'sender', 'name', 'size'])
      if (body[name] === undefined) return error(400, '400-146', `Missing attribute ${name}.`, [{ key: 'attribute', value: name }]);
    const unknown = Object.keys(body).find((name) => !['channel', 'sender', 'name', 'size'].includes(name));
    if (unknown !== undefined) return error(400, '400-147', `Attribute ${unknown} is not supported.`);
    if (!SENDERS.includes(String(members(body['sender'])['type']))) return error(400, '400-196', 'sender.type is outside the allowed list.');
    const { name, size } = body;
    if (typeof name !== 'string' || typeof size !== 'number' || size < 1) return error(400, '400-152', 'An attribute has an invalid value.');
    if (size > 10_485_760) return error(400, '400-10424', 'The size exceeds the limit.');
    const asset: StoredAsset = { id: randomUUID(), name, size, content: undefined };
    this.assets.set(asset.id, asset);
    return json(200, { id: asset.id, ...this.#sign(asset, 'upload') });
  }

  #predownload(request: RecordedRequest, error: ErrorMaker): Answer {
    const accept = request.header('accept');
    if (accept !== 'application/json' && accept !== 'application/xml') return error(406, '406-101', `Accept ${String(accept)} is not supported.`);
    if (!LOCALES.includes(request.header('accept-language') ?? '')) return error(406, '406-100', 'Accept-Language is invalid.');
    const body = members(request.json());
    for (const name of ['app', 'type', 'altId'])
      if (body[name] === undefined) return error(400, '400-146', `Missing attribute ${name}.`, [{ key: 'attribute', value: name }]);
    const attachment = this.attachments.get(String(body['altId']));
    if (attachment === undefined || attachment.app !== body['app'] || attachment.type !== body['type'])
      return error(400, '400-194', 'The ID in the body is not found.');
    const { contentUrl } = this.#sign(attachment, 'download');
    const { id: altId, name, size } = attachment;
    if (accept === 'application/xml') {
      return {
        status: 200,
        headers: { 'Content-Type': 'application/xml; charset=utf-8' },
        body: `<?xml version="1.0" encoding="UTF-8"?><attachment><altId>${altId}</altId><name>${name}</name><contentUrl>${contentUrl.replaceAll('&', '&amp;')}</contentUrl></attachment>`,
      };
    }
    return json(200, { altId, name, contentType: mediaTypeOf(name), size, contentUrl });
  }

  #sign(asset: StoredAsset, purpose: SignedUrl['purpose']): { readonly contentUrl: string; readonly contentUrlExpiry: string } {
    const method = purpose === 'download' ? 'GET' : (this.#settings.uploadMethod ?? 'POST');
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signature = `${encode({ alg: 'HS256' })}.${encode({ method, jti: randomUUID() })}.${randomUUID().replaceAll('-', '')}`;
    const expires = this.#now() + this.urlLifetimeMs;
    this.signatures.set(signature, { purpose, asset, expires, used: false });
    return {
      contentUrl: `${this.storage.origin}/core/assetmgr/v3/assets/${purpose}?signature=${signature}`,
      contentUrlExpiry: new Date(expires).toISOString(),
    };
  }

  // ---- storage host ----

  #serveStorage(request: RecordedRequest): Answer {
    const refuse = (status: number, message: string): Answer => ({ status, headers: { 'Content-Type': 'text/plain' }, body: message });
    if (request.header('authorization') !== undefined) return refuse(400, 'Authorization is not accepted together with a signature');
    const signed = this.signatures.get(request.query.get('signature') ?? '');
    if (signed === undefined || request.path !== `/core/assetmgr/v3/assets/${signed.purpose}`) return refuse(403, 'The signature is not valid');
    if (signed.expires <= this.#now()) return refuse(403, 'The signed URL has expired');
    if (signed.used) return refuse(403, 'The signed URL was used before');
    const { asset } = signed;
    if (signed.purpose === 'download') {
      if (request.method !== 'GET') return refuse(405, 'GET only');
      signed.used = true;
      return { status: 200, headers: { 'Content-Type': mediaTypeOf(asset.name), 'Content-Length': String(asset.content!.length) }, body: asset.content! };
    }
    const { uploadMethod = 'POST', uploadHeaders = {}, uploadBody = 'binary' } = this.#settings;
    if (request.method !== uploadMethod) return refuse(405, `${uploadMethod} only`);
    for (const [name, value] of Object.entries(uploadHeaders)) if (request.header(name) !== value) return refuse(400, `Header ${name} is missing`);
    if (request.header('content-length') === undefined) return refuse(411, 'Content-Length is required');
    const file = uploadBody === 'multipart' ? onlyPart(request) : { type: request.header('content-type'), bytes: request.body };
    if (file?.type !== mediaTypeOf(asset.name)) return refuse(400, `The content type is not the signed one: ${String(file?.type)}`);
    if (file.bytes.length !== asset.size) return refuse(400, `The size is not the signed one: ${file.bytes.length}`);
    signed.used = true;
    asset.content = Buffer.from(file.bytes);
    return { status: 201 };
  }
}

type ErrorMaker = (status: number, code: string, developerMessage: string, details?: readonly object[]) => Answer;

export function mediaTypeOf(name: string): string {
  return MEDIA_TYPES[name.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream';
}

/** The one part of a multipart form. */
function onlyPart(request: RecordedRequest): { readonly type: string | undefined; readonly bytes: Buffer } | undefined {
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(request.header('content-type') ?? '')?.[1];
  if (boundary === undefined) return undefined;
  const head = request.body.indexOf('\r\n\r\n');
  const tail = request.body.lastIndexOf(`\r\n--${boundary}--`);
  const type = /^content-type: (.+)$/im.exec(request.body.subarray(0, head).toString('utf8'))?.[1]?.trim();
  return { type, bytes: request.body.subarray(head + 4, tail) };
}
