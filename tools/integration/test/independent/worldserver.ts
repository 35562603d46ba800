/** RWS WorldServer as its documentation describes it, files and sessions only. Written from the vendor's pages alone. */

import { json, RecordingServer, type Answer, type RecordedRequest } from '../support/recording-server.ts';
import { members } from '../support/json.ts';

/** What the documentation leaves open, as switches. */
export interface WorldServerSettings {
  /** A path prefix before `ws-api`. */
  readonly context?: string;
  /** Which versions of an operation exist. */
  readonly version?: 'documented' | 'v1' | 'v2';
  readonly acceptsTokenIn?: 'both' | 'header' | 'query';
  /** How `sessionId` stands in the answer of a login: as text, or as a JSON number without quotes. */
  readonly sessionIdAs?: 'text' | 'number';
  /** Whether listings tell their `total`. */
  readonly tellsTotal?: boolean;
  /** The upload's answer: one file, or a list under `files`. */
  readonly uploadAnswer?: 'single' | 'files';
}

interface WorldServerFile {
  readonly name: string;
  readonly content: Buffer;
  readonly type?: string | undefined;
  /** The header, whole; by default the extended form. */
  readonly disposition?: string | Buffer | null | undefined;
}

interface Resource {
  readonly source: WorldServerFile;
  readonly target?: WorldServerFile | undefined;
}

export class WorldServer implements AsyncDisposable {
  static readonly username = 'pm@hooli';
  static readonly password = 'p4ss wörd?&=';
  readonly tasks = new Map<string, Resource>();
  readonly projects = new Map<string, Resource>();
  readonly groups = new Map<string, Resource>();
  readonly sessions = new Set<string>();
  readonly uploads: { readonly filename: string; readonly type: string | undefined; readonly content: Buffer; readonly expandZip: string | null }[] = [];
  readonly #settings: WorldServerSettings;
  #serial = 0n;
  readonly api: RecordingServer;

  private constructor(settings: WorldServerSettings, api: RecordingServer) {
    this.#settings = settings;
    this.api = api;
  }

  static async start(settings: WorldServerSettings = {}): Promise<WorldServer> {
    let server: WorldServer | undefined = undefined;
    const api = await RecordingServer.start((request) => server!.#serve(request));
    server = new WorldServer(settings, api);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }

  get baseUrl(): string {
    return `${this.api.origin}${this.#settings.context ?? ''}/ws-api`;
  }

  get login(): { readonly baseUrl: string; readonly username: string; readonly password: string } {
    return { baseUrl: this.baseUrl, username: WorldServer.username, password: WorldServer.password };
  }

  /** Requests other than logins and logouts. */
  get calls(): RecordedRequest[] {
    return this.api.requests.filter(({ path }) => !/\/(?:login|logout)$/.test(path));
  }

  logins(): RecordedRequest[] {
    return this.api.to(/^POST .*\/login$/);
  }

  addTask(id: string, source: Partial<WorldServerFile> = {}, target?: Partial<WorldServerFile>): void {
    const file = (given: Partial<WorldServerFile>, fallback: string): WorldServerFile => ({ name: fallback, content: Buffer.from(fallback), ...given });
    this.tasks.set(id, { source: file(source, 'source.xlf'), target: target === undefined ? undefined : file(target, 'target.xlf') });
  }

  issueSession(): string {
    this.#serial += 1n;
    // Far beyond 2^53, and odd: a number would lose its last digits.
    const id = String(2_014_587_390_152_846_371n + 2n * this.#serial);
    this.sessions.add(id);
    return id;
  }

  endSessions(): void {
    this.sessions.clear();
  }

  #serve(request: RecordedRequest): Answer {
    const base = `${this.#settings.context ?? ''}/ws-api/`;
    const page = (status: number, title: string): Answer => ({
      status,
      headers: { 'Content-Type': 'text/html;charset=utf-8' },
      body: `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
    });
    if (!request.path.startsWith(base)) return page(404, 'HTTP Status 404 – Not Found');
    const [, version, path] = /^(v\d+)\/(.*)$/.exec(request.path.slice(base.length)) ?? [];
    const { version: served = 'documented' } = this.#settings;
    const wanted = served === 'documented' ? (path === 'files' || path === 'logout' ? 'v1' : 'v2') : served;
    if (version !== wanted) return page(404, 'HTTP Status 404 – Not Found');
    const route = `${request.method} ${path}`;
    if (route === 'POST login') return this.#login(request);
    const { acceptsTokenIn = 'both' } = this.#settings;
    const token = (acceptsTokenIn === 'query' ? undefined : request.header('token')) ?? (acceptsTokenIn === 'header' ? undefined : request.query.get('token'));
    if (route === 'POST logout') return this.sessions.delete(token ?? '') ? { status: 200 } : failure(401, 'Invalid session exception');
    if (token === undefined || token === null || !this.sessions.has(token))
      return failure(401, route === 'POST files' ? 'No session token provided' : 'No session token provided or invalid token');
    if (route === 'POST login/checkToken')
      return json(200, { userType: 'Administrator', username: WorldServer.username, fullName: 'P. M.', language: { id: 9, languageCode: 'en' } });
    if (route === 'GET files/asset') return this.#asset(request);
    if (route === 'GET files/assets') return this.#archive(request);
    if (route === 'GET files/assets/verify') return json(200, { verified: (request.query.get('resourceIds') ?? '').split(',') });
    if (route === 'POST files') return this.#upload(request);
    if (route === 'GET tasks') return this.#listTasks(request);
    return page(404, 'HTTP Status 404 – Not Found');
  }

  #login(request: RecordedRequest): Answer {
    if (request.body.length === 0) return failure(400, 'Required request body is missing');
    let body: Readonly<Record<string, unknown>>;
    try {
      body = members(request.json());
    } catch {
      return failure(400, 'Invalid JSON');
    }
    if (body['username'] !== WorldServer.username || body['password'] !== WorldServer.password) return failure(401, 'BAD_CREDENTIALS');
    const sessionId = this.issueSession();
    const shown = this.#settings.sessionIdAs === 'number' ? sessionId : JSON.stringify(sessionId);
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json;charset=UTF-8' },
      body: `{"sessionId":${shown},"instanceId":1,"loginOutcome":"SUCCESS","daysToPwdExpire":90}`,
    };
  }

  #asset({ query }: RecordedRequest): Answer {
    const id = query.get('resourceId') ?? '';
    const location = query.get('assetLocationType') ?? 'SOURCE';
    const type = query.get('resourceType') ?? 'TASK';
    const known = ['TASK', 'PROJECT', 'PROJECT_GROUP'].includes(type) && ['SOURCE', 'TARGET', 'SOURCE_TARGET'].includes(location);
    if (!/^\d+$/.test(id) || !known) return failure(500, 'Internal Server Error');
    const resource = { TASK: this.tasks, PROJECT: this.projects, PROJECT_GROUP: this.groups }[type]!.get(id);
    if (resource === undefined)
      return type === 'TASK' ? failure(400, 'Source asset is not available for download') : failure(404, `Resource ${type} (${id}) not found`);
    const file = location === 'TARGET' ? resource.target : resource.source;
    if (file === undefined) return failure(400, 'Target asset is not available for download');
    return fileAnswer(file);
  }

  #archive({ query }: RecordedRequest): Answer {
    const ids = (query.get('resourceIds') ?? '').split(',');
    const files = ids.flatMap((id) => this.tasks.get(id)?.source ?? []);
    if (files.length === 0) return failure(400, 'No assets have been found');
    const content = Buffer.concat([Buffer.from('PK'), ...files.map((file) => file.content)]);
    return fileAnswer({ name: 'assets.zip', content, type: 'application/zip' });
  }

  /** A picky parser: quoted `name` and `filename`, and nothing else. */
  #upload(request: RecordedRequest): Answer {
    const boundary = /^multipart\/form-data; ?boundary="?([^";]+)"?$/.exec(request.header('content-type') ?? '')?.[1];
    if (boundary === undefined) return failure(401, 'No session token provided');
    const text = request.body.toString('latin1');
    const parts = text.split(`--${boundary}`).slice(1, -1);
    for (const part of parts) {
      const [head = '', ...rest] = part.replace(/^\r\n/, '').split('\r\n\r\n');
      const [, filename] = /^content-disposition: form-data; name="file"; filename="([^"]*)"$/im.exec(head) ?? [];
      if (filename === undefined) continue;
      const content = Buffer.from(rest.join('\r\n\r\n').replace(/\r\n$/, ''), 'latin1');
      const name = Buffer.from(filename, 'latin1').toString('utf8');
      this.uploads.push({ filename: name, type: /^content-type: (.+)$/im.exec(head)?.[1]?.trim(), content, expandZip: request.query.get('expandZip') });
      const stored = {
        name,
        internalName: `1a2b_${this.uploads.length}_${name}`,
        fullName: `/uploads/${name}`,
        url: 'ws://files',
        size: content.length,
        creationTime: 1_700_000_000_000,
        exists: true,
      };
      return json(200, this.#settings.uploadAnswer === 'files' ? { files: [stored] } : stored);
    }
    return failure(401, 'No session token provided');
  }

  #listTasks({ query }: RecordedRequest): Answer {
    const ids = query.get('ids')?.split(',');
    const all = [...this.tasks.keys()].filter((id) => ids === undefined || ids.includes(id));
    const offset = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? 30);
    if (!(limit >= 1)) return failure(400, 'Limit not provided or invalid');
    if (offset > 0 && offset >= all.length) return failure(400, `Offset out of range. Collection has only ${all.length} items`);
    const items = all
      .slice(offset, offset + limit)
      .map((id) => ({ id: Number(id), assets: [`/in/${this.tasks.get(id)!.source.name}`], status: { status: 'COMPLETED' } }));
    return json(200, { ...(this.#settings.tellsTotal === false ? {} : { total: all.length }), items });
  }
}

function failure(status: number, message: string): Answer {
  return json(status, { errors: [{ code: 4711, type: 'ERROR_TYPE', message }] });
}

function fileAnswer({ name, content, type = 'application/octet-stream', disposition }: WorldServerFile): Answer {
  const value = disposition === undefined ? `attachment; filename*=UTF-8''${encodeURIComponent(name)}` : disposition;
  return { status: 200, headers: { 'Content-Type': type, ...(value === null ? {} : { 'Content-Disposition': value }) }, body: content };
}
