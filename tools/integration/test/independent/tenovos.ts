/**
 * Tenovos 1.5 as its documentation describes it: an API host, a storage host with signed URLs that live 20 seconds, and
 * a host of renditions. Written from the vendor's pages alone.
 */

import { randomUUID } from 'node:crypto';

import { json, RecordingServer, type Answer, type RecordedRequest } from '../support/recording-server.ts';
import { members } from '../support/json.ts';

const HOUR_MS = 3_600_000;

/** What the documentation leaves open, as switches. */
export interface TenovosSettings {
  /** Whether calls need the `AccessToken` header. */
  readonly accessToken?: 'required' | 'refused';
  readonly authorization?: 'raw' | 'Bearer';
  /** Whether rendition URLs open without a signature. */
  readonly renditionsArePublic?: boolean;
  readonly refreshReturnsRefreshToken?: boolean;
  readonly searchPageSize?: number;
  readonly now?: () => number;
}

export interface TenovosAsset {
  readonly id: string;
  readonly fileId: string;
  readonly filename: string;
  readonly content: Buffer;
  readonly renditions: Readonly<Record<string, Buffer>>;
  readonly metadata: readonly object[];
}

interface TokenSet {
  readonly authorization: string;
  readonly accessToken: string;
  expires: number;
}

export class Tenovos implements AsyncDisposable {
  static readonly apiKey = 'customer-key-8f3b21';
  static readonly username = 'api.user@hooli.example';
  static readonly password = 'correct horse "battery" staple/';
  readonly assets = new Map<string, TenovosAsset>();
  readonly sessions = new Map<string, TokenSet>();
  /** Signed addresses: what they give, and until when. */
  readonly signed = new Map<string, { readonly content: Buffer; readonly expires: number; readonly type: string }>();
  readonly #settings: TenovosSettings;
  #serial = 0;
  readonly api: RecordingServer;
  readonly storage: RecordingServer;
  readonly pictures: RecordingServer;

  private constructor(settings: TenovosSettings, servers: { api: RecordingServer; storage: RecordingServer; pictures: RecordingServer }) {
    this.#settings = settings;
    ({ api: this.api, storage: this.storage, pictures: this.pictures } = servers);
  }

  static async start(settings: TenovosSettings = {}): Promise<Tenovos> {
    let tenovos: Tenovos | undefined = undefined;
    const [api, storage, pictures] = await Promise.all([
      RecordingServer.start((request) => tenovos!.#serveApi(request)),
      RecordingServer.start((request) => tenovos!.#serveStorage(request)),
      RecordingServer.start((request) => tenovos!.#servePicture(request)),
    ]);
    tenovos = new Tenovos(settings, { api, storage, pictures });
    return tenovos;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.api, this.storage, this.pictures].map((server) => server[Symbol.asyncDispose]()));
  }

  get baseUrl(): string {
    return `${this.api.origin}/v1`;
  }

  get login(): { readonly baseUrl: string; readonly apiKey: string; readonly username: string; readonly password: string } {
    return { baseUrl: this.baseUrl, apiKey: Tenovos.apiKey, username: Tenovos.username, password: Tenovos.password };
  }

  addAsset(asset: Partial<Omit<TenovosAsset, 'content'>> & { readonly content?: Uint8Array } = {}): string {
    const { id = randomUUID(), fileId = randomUUID(), filename = 'hooli-logo.jpg', renditions = {}, metadata = [] } = asset;
    this.assets.set(id, { id, fileId, filename, content: Buffer.from(asset.content ?? 'original'), renditions, metadata });
    return id;
  }

  /** A session made outside the token operation. */
  issueSession(): TokenSet & { readonly refreshToken: string } {
    this.#serial += 1;
    const jwt = (use: string): string =>
      `eyJraWQiOiJ4In0.${Buffer.from(JSON.stringify({ use, n: this.#serial, jti: randomUUID() })).toString('base64url')}.c2lnbmF0dXJl`;
    const set: TokenSet = { authorization: jwt('id'), accessToken: jwt('access'), expires: this.#now() + HOUR_MS };
    const refreshToken = `refresh-${randomUUID()}`;
    this.sessions.set(refreshToken, set);
    return { ...set, refreshToken };
  }

  expireTokens(): void {
    for (const session of this.sessions.values()) session.expires = 0;
  }

  revokeRefreshTokens(): void {
    this.expireTokens();
    this.sessions.clear();
  }

  #now(): number {
    return this.#settings.now?.() ?? Date.now();
  }

  // ---- API host ----

  #serveApi(request: RecordedRequest): Answer {
    if (request.header('x-api-key') !== Tenovos.apiKey) return json(403, { message: 'Forbidden' });
    const route = `${request.method} ${request.path.replace(/^\/v1(?=\/)/, '')}`;
    if (!request.path.startsWith('/v1/')) return json(403, { message: 'Missing Authentication Token' });
    if (route === 'POST /auth/token') return this.#createToken(request);
    if (route === 'DELETE /auth/token') return this.#revokeToken(request);
    const session = this.#sessionOf(request);
    if (session === undefined) return json(401, { message: 'Unauthorized' });
    const accessToken = request.header('accesstoken');
    if (this.#settings.accessToken === 'required' && accessToken !== session.accessToken) return json(401, { message: 'Unauthorized' });
    if (this.#settings.accessToken === 'refused' && accessToken !== undefined) return json(401, { message: 'Unauthorized' });
    const details = /^GET \/assets\/asset\/([^/]+)$/.exec(route)?.[1];
    if (details !== undefined) return this.#retrieveAsset(request, decodeURIComponent(details));
    const content = /^GET \/asset\/([^/]+)\/content$/.exec(route)?.[1];
    if (content !== undefined) return this.#getContent(decodeURIComponent(content));
    if (route === 'POST /asset/expose') return this.#expose(request);
    if (route === 'POST /search/keyword') return this.#search(request);
    if (route === 'POST /asset/scan') return this.#scan(request);
    return json(403, { message: 'Missing Authentication Token' });
  }

  #sessionOf(request: RecordedRequest): TokenSet | undefined {
    const header = request.header('authorization') ?? '';
    const value = this.#settings.authorization === 'Bearer' ? /^Bearer (.+)$/.exec(header)?.[1] : header;
    return [...this.sessions.values()].find(({ authorization, expires }) => authorization === value && expires > this.#now());
  }

  #createToken(request: RecordedRequest): Answer {
    const refuse = (status: number, message: string): Answer => json(status, { status: 'error', message });
    if (!/^application\/json\b/.test(request.header('content-type') ?? '')) return refuse(400, 'Invalid Authentication Parameters');
    const body = members(request.json());
    const session = members(body['session']);
    if (typeof session['refreshToken'] === 'string') {
      const known = this.sessions.get(session['refreshToken']);
      if (known === undefined || known.accessToken !== session['accessToken']) return refuse(401, 'Refresh Token has been revoked');
      this.sessions.delete(session['refreshToken']);
      const renewed = this.issueSession();
      if (this.#settings.refreshReturnsRefreshToken === true) return this.#tokenAnswer(renewed, renewed.refreshToken);
      this.sessions.delete(renewed.refreshToken);
      this.sessions.set(session['refreshToken'], { authorization: renewed.authorization, accessToken: renewed.accessToken, expires: renewed.expires });
      return this.#tokenAnswer(renewed, undefined);
    }
    if (body['username'] === undefined && body['password'] === undefined) return refuse(400, 'Invalid Authentication Parameters');
    if (body['password'] === undefined) return refuse(401, 'Missing required parameter PASSWORD');
    if (body['username'] !== Tenovos.username || body['password'] !== Tenovos.password) return refuse(401, 'Incorrect username or password.');
    const made = this.issueSession();
    return this.#tokenAnswer(made, made.refreshToken);
  }

  #tokenAnswer({ authorization, accessToken, expires }: TokenSet, refreshToken: string | undefined): Answer {
    return json(200, {
      endpointUrl: this.baseUrl,
      clientId: '7l8kgbm2',
      userPoolId: 'us-east-1_x',
      username: Tenovos.username,
      password: '',
      session: { authorization, ...(refreshToken === undefined ? {} : { refreshToken }), accessToken, expireEpoch: expires },
    });
  }

  #revokeToken(request: RecordedRequest): Answer {
    const body = members(request.body.length === 0 ? {} : request.json());
    if (body['clientId'] === undefined || body['userPoolId'] === undefined) return json(502, { message: 'Internal server error' });
    const { refreshToken, accessToken } = members(body['session']);
    if (request.header('accesstoken') !== accessToken || !this.sessions.delete(String(refreshToken))) {
      return json(401, { status: 'error', message: 'Failed to Expire Session and Logout 1' });
    }
    const { endpointUrl, clientId, userPoolId, username } = body;
    return json(200, { endpointUrl, clientId, userPoolId, username, password: '', session: { authorization: '', accessToken: '', refreshToken } });
  }

  #retrieveAsset(request: RecordedRequest, id: string): Answer {
    // Required by the documentation, although a GET has no body.
    if (request.header('content-type') !== 'application/json') return json(400, { message: 'Content-Type must be application/json' });
    const asset = this.assets.get(id) ?? [...this.assets.values()].find(({ fileId }) => fileId === id);
    if (asset === undefined) return json(403, { message: 'Asset not found' });
    const system = request.query.get('system') !== 'false' ? [{ name: 'Created By', value: 'ffc1f0c6-3a6d-474d-8e24-3ccda6be27a2' }] : [];
    const metadata = [...asset.metadata, ...system].filter((item) => request.query.get('empty') !== 'false' || ('value' in item && item.value !== ''));
    const pictures = Object.keys(asset.renditions).map((name) => [name, `${this.pictures.origin}/1588091945183/${asset.fileId}/${name}.png`]);
    return json(200, {
      status: 'success',
      message: 'Asset created successfully',
      data: {
        createdDate: '2024-06-10T12:13:23.782Z',
        lastUpdatedDate: '2024-07-12T18:42:01.102Z',
        fileId: asset.fileId,
        filename: asset.filename,
        fileSizeInBytes: asset.content.length,
        originalFileId: asset.fileId,
        createdBy: 'ffc1f0c6-3a6d-474d-8e24-3ccda6be27a2',
        lastUpdatedBy: 'ffc1f0c6-3a6d-474d-8e24-3ccda6be27a2',
        assetId: asset.id,
        type: 'Asset',
        currentVersion: true,
        versionNumber: 1_718_021_603_782,
        AITags: [],
        metadataState: 'available',
        fileState: 'recycle bin',
        metadataTemplateId: 'ea6eb24d-adef-4380-bd02-f64f567c437f',
        renditionsDocument: { width: 435, height: 650, ...Object.fromEntries(pictures) },
        securityTemplateIds: ['46ea161d-9b06-417e-88eb-f5a4244aaed5'],
        avamTags: [],
        lockType: [],
        metadata,
        aNewField: { added: 'later' },
      },
    });
  }

  #getContent(id: string): Answer {
    const asset = this.assets.get(id);
    if (asset === undefined) return json(502, { message: 'Internal server error' });
    return json(200, { presignedURL: this.#sign(`/masters/${asset.fileId}/${encodeURIComponent(asset.filename)}`, asset.content, 20, 'image/jpeg') });
  }

  #expose(request: RecordedRequest): Answer {
    const items = request.json();
    if (!Array.isArray(items) || items.length === 0) return json(400, { status: 'error', message: 'Body requires at least single item' });
    const answers = items.map(members).flatMap(({ id, identifier, components }) => {
      const asset = [...this.assets.values()].find((one) => (identifier === 'fileId' ? one.fileId : one.id) === id);
      if (asset === undefined) return [];
      const signed = (components as unknown[]).map(members).flatMap(({ componentType, componentRef, expiration }) => {
        const expires = Number(expiration);
        const component = (name: string, content: Buffer, type: string): object => ({
          renditionType: name,
          componentRef: name,
          expires,
          // The vendor's example asks for 3000 seconds and gets 300.
          url: this.#sign(`/exposed/${asset.fileId}/${name}.png`, content, Math.min(expires, 300), type),
        });
        if (componentType === 'object') return [component('original', asset.content, 'image/jpeg')];
        return (componentRef as string[]).flatMap((name) =>
          asset.renditions[name] === undefined ? [] : [component(name, asset.renditions[name], 'image/png')],
        );
      });
      return [{ id, identifier, components: signed }];
    });
    return answers.length === 0 ? json(400, { status: 'error', message: 'No assets found' }) : json(200, answers);
  }

  #found(terms: unknown): object[] {
    const words = Array.isArray(terms) ? terms.map(String) : [];
    return [...this.assets.values()]
      .filter(({ filename }) => words.every((word) => filename.includes(word)))
      .map(({ id, fileId, filename }) => ({ objectId: id, objectType: 'Asset', fileId, filename, currentVersion: 'Y' }));
  }

  #search(request: RecordedRequest): Answer {
    const { from = 0, searchTerm } = members(request.json());
    const page = this.#found(searchTerm).slice(Number(from), Number(from) + (this.#settings.searchPageSize ?? 50));
    return json(200, { hitCount: page.length, result: page, facets: [] });
  }

  #scan(request: RecordedRequest): Answer {
    const { limit = 50, cursor, searchTerm } = members(request.json());
    const start = cursor === undefined ? 0 : Number(/^cursor\/(\d+)\+=$/.exec(String(cursor))?.[1] ?? Number.NaN);
    if (Number.isNaN(start)) return json(400, { status: 'error', message: 'Invalid cursor' });
    const all = this.#found(searchTerm);
    const page = all.slice(start, start + Number(limit));
    const next = start + page.length;
    return json(200, { hitCount: all.length, ...(next < all.length ? { cursor: `cursor/${next}+=` } : {}), result: page });
  }

  #sign(path: string, content: Buffer, seconds: number, type: string): string {
    const signature = randomUUID().replaceAll('-', '').repeat(2);
    const url = `${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
    this.signed.set(url, { content, expires: this.#now() + seconds * 1000, type });
    return this.storage.origin + url;
  }

  // ---- storage hosts ----

  #serveStorage(request: RecordedRequest): Answer {
    const refuse = (status: number, code: string, message: string): Answer => ({
      status,
      headers: { 'Content-Type': 'application/xml' },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    });
    for (const name of ['authorization', 'x-api-key', 'accesstoken']) {
      if (request.header(name) !== undefined) return refuse(400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    const signed = this.signed.get(request.url);
    if (signed === undefined) return refuse(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match');
    if (signed.expires <= this.#now()) return refuse(403, 'AccessDenied', 'Request has expired');
    return { status: 200, headers: { 'Content-Type': signed.type, 'Content-Length': String(signed.content.length), ETag: '"e1"' }, body: signed.content };
  }

  #servePicture(request: RecordedRequest): Answer {
    const [, fileId, name] = /^\/1588091945183\/([^/]+)\/(\w+)\.png$/.exec(request.path) ?? [];
    const asset = [...this.assets.values()].find((one) => one.fileId === fileId);
    const content = asset?.renditions[name ?? ''];
    if (content === undefined || this.#settings.renditionsArePublic === false)
      return { status: 403, headers: { 'Content-Type': 'application/xml' }, body: '<Error><Code>AccessDenied</Code></Error>' };
    return { status: 200, headers: { 'Content-Type': 'image/png' }, body: content };
  }
}
