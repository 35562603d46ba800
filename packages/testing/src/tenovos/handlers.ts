import type { Exchange } from '../core/engine.ts';
import { isRecord } from '../core/json.ts';
import type { Answer } from '../core/wire.ts';
import type { TenovosOperation } from './operations.ts';
import type { TenovosMetadataSeed } from './seed.ts';
import { REFRESH_LIFETIME_MS, TOKEN_LIFETIME_MS, type Session, type TenovosAsset, type TenovosState } from './state.ts';

export type TenovosExchange = Exchange<TenovosOperation, TenovosState>;

/** 401 and 403 of asset operations. */
function refused(status: number, message: string, detail: string): Answer {
  return { status, json: { message, detail } };
}

/** 400 and 401 of token and search operations. */
function failed(status: number, message: string): Answer {
  return { status, json: { status: 'error', message } };
}

const gatewayFailure: Answer = { status: 502, json: { message: 'Internal server error' } };

/** The answer to a wrong or missing key, token or permission; `undefined` when all is well. */
function deny(x: TenovosExchange): Answer | undefined {
  const { assumptions, apiKey, recent } = x.state;
  if (x.header('x-api-key') !== apiKey) {
    return refused(403, 'Forbidden', x.header('x-api-key') === null ? 'The X-API-Key header is missing.' : 'The X-API-Key header holds another key.');
  }
  const header = x.header('authorization');
  const token = assumptions.authorizationScheme === 'Bearer' ? /^Bearer (.+)$/.exec(header ?? '')?.[1] : header;
  const session = token === null || token === undefined ? undefined : findSession(x, (one) => one.authorization === token);
  if (session === undefined) {
    const bearer = assumptions.authorizationScheme === 'raw' && header?.startsWith('Bearer ') === true;
    return refused(
      401,
      'Unauthorized',
      bearer ? 'Authorization takes the token as it is, without Bearer.' : 'The Authorization header is missing, wrong or expired.',
    );
  }
  if (assumptions.accessTokenHeader && x.header('accesstoken') !== session.accessToken) {
    return refused(401, 'Unauthorized', 'The AccessToken header is missing or does not belong to Authorization.');
  }
  if (assumptions.rateLimitPerMinute !== null) {
    while (recent.length > 0 && recent[0]! <= x.now - 60_000) recent.shift();
    if (recent.length >= assumptions.rateLimitPerMinute) return { status: 429, json: { message: 'Too Many Requests' } };
    recent.push(x.now);
  }
  return undefined;
}

function findSession(x: TenovosExchange, test: (session: Session) => boolean): Session | undefined {
  for (const session of x.state.sessions) if (test(session) && session.expires > x.now) return session;
  return undefined;
}

/** `POST /auth/token`. Page: Authorize Session. */
export async function createToken(x: TenovosExchange): Promise<Answer> {
  const { state } = x;
  if (x.header('x-api-key') !== state.apiKey) return failed(401, 'Unauthorized');
  const json = await x.json();
  if (typeof json === 'string' || !isRecord(json.value)) return failed(400, 'Invalid Authentication Parameters');
  const { session, username, password } = json.value;
  if (isRecord(session) && session.refreshToken !== undefined && session.refreshToken !== '') {
    const known = [...state.sessions].find((one) => one.refreshToken === session.refreshToken);
    if (known === undefined || known.refreshExpires <= x.now) return failed(401, 'Invalid Refresh Token');
    // Any access token of this login will do, also one that is over: that is what the refresh is for.
    if (typeof session.accessToken !== 'string' || !state.secrets.has(session.accessToken)) return failed(401, 'Invalid Access Token');
    const renewed: Session = { ...known, ...newTokens(x) };
    state.sessions.add(renewed);
    return tokenAnswer(x, renewed, state.assumptions.refreshReturnsRefreshToken ? renewed.refreshToken : undefined);
  }
  if (username === undefined && password === undefined) return failed(400, 'Invalid Authentication Parameters');
  if (typeof username !== 'string' || username === '') return failed(401, 'Missing required parameter USERNAME');
  if (typeof password !== 'string' || password === '') return failed(401, 'Missing required parameter PASSWORD');
  if (username !== state.username || password !== state.password) return failed(401, 'Incorrect username or password.');
  const refreshToken = `fake-refresh-${x.random.hex(48)}`;
  state.secrets.add(refreshToken);
  const opened: Session = {
    ...newTokens(x),
    refreshToken,
    refreshExpires: x.now + REFRESH_LIFETIME_MS,
    endpointUrl: `${x.origins.api}/v1`,
  };
  state.sessions.add(opened);
  return tokenAnswer(x, opened, refreshToken);
}

function newTokens(x: TenovosExchange): Pick<Session, 'authorization' | 'accessToken' | 'expires'> {
  const expires = x.now + TOKEN_LIFETIME_MS;
  const claims = { sub: x.state.userId, exp: Math.floor(expires / 1000) };
  const authorization = x.random.jwt({ ...claims, token_use: 'id' });
  const accessToken = x.random.jwt({ ...claims, token_use: 'access' });
  x.state.secrets.add(authorization).add(accessToken);
  return { authorization, accessToken, expires };
}

function tokenAnswer(x: TenovosExchange, session: Session, refreshToken: string | undefined): Answer {
  const { state } = x;
  return {
    status: 200,
    json: {
      endpointUrl: session.endpointUrl,
      clientId: state.clientId,
      userPoolId: state.userPoolId,
      username: state.username,
      password: '',
      session: {
        authorization: session.authorization,
        ...(refreshToken === undefined ? {} : { refreshToken }),
        accessToken: session.accessToken,
        expireEpoch: state.assumptions.expireEpochUnit === 'seconds' ? Math.floor(session.expires / 1000) : session.expires,
      },
    },
  };
}

/** `DELETE /auth/token`. Page: Expire Access Token. */
export async function revokeToken(x: TenovosExchange): Promise<Answer> {
  const { state } = x;
  const refusal = failed(401, 'Failed to Expire Session and Logout 1');
  if (x.header('x-api-key') !== state.apiKey) return failed(401, 'Unauthorized');
  const json = await x.json();
  const body = typeof json === 'string' || !isRecord(json.value) ? {} : json.value;
  if (typeof body.clientId !== 'string' || typeof body.userPoolId !== 'string') return gatewayFailure;
  const { session } = body;
  if (body.clientId !== state.clientId || body.userPoolId !== state.userPoolId || body.username !== state.username || !isRecord(session)) return refusal;
  const found = findSession(x, (one) => one.accessToken === x.header('accesstoken') && one.accessToken === session.accessToken);
  if (found === undefined || session.authorization !== found.authorization || session.refreshToken !== found.refreshToken) return refusal;
  for (const one of state.sessions) if (one.refreshToken === found.refreshToken) state.sessions.delete(one);
  const { endpointUrl, clientId, userPoolId, username } = body;
  return {
    status: 200,
    json: { endpointUrl, clientId, userPoolId, username, password: '', session: { authorization: '', accessToken: '', refreshToken: session.refreshToken } },
  };
}

/** `GET /assets/asset/{id}`. Page: Retrieve an Asset. */
export async function retrieveAsset(x: TenovosExchange): Promise<Answer> {
  const { state } = x;
  const id = x.params.id!;
  x.about(id);
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const asset = state.assets.get(id) ?? (state.assumptions.fileIdAccepted ? state.byFile.get(id) : undefined);
  if (asset === undefined) {
    const message = state.assumptions.notFoundMessage;
    if (state.assumptions.errorEnvelopeStatus200) return { status: 200, json: { status: 'error', message } };
    return refused(403, message, `No asset has the identifier ${id}.`);
  }
  x.about(asset.id);
  if (asset.access === 'none') return refused(401, 'Unauthorized', 'The user may not view this asset.');
  return {
    status: 200,
    json: {
      status: 'success',
      message: 'Asset created successfully',
      data: await details(x, asset, x.query('empty') !== 'false', x.query('system') !== 'false'),
    },
  };
}

async function details(x: TenovosExchange, asset: TenovosAsset, empty: boolean, system: boolean): Promise<Record<string, unknown>> {
  const { seed, original } = asset;
  const { assumptions } = x.state;
  const size = original === undefined ? (assumptions.metadataOnlySize === 0 ? 0 : undefined) : await original.source.size();
  const renditions: Record<string, unknown> = {};
  if (asset.renditions.size > 0) {
    if (seed.width !== undefined) renditions.width = seed.width;
    if (seed.height !== undefined) renditions.height = seed.height;
    for (const [name, object] of asset.renditions) renditions[name] = `${x.origins.storage}${object.path}`;
  }
  return {
    createdDate: new Date(asset.created).toISOString(),
    lastUpdatedDate: new Date(asset.updated).toISOString(),
    fileId: asset.fileId,
    filename: seed.name,
    ...(size === undefined ? {} : { fileSizeInBytes: size }),
    originalFileId: seed.originalFileId ?? asset.fileId,
    createdBy: seed.createdBy ?? asset.user,
    lastUpdatedBy: seed.lastUpdatedBy ?? asset.user,
    assetId: asset.id,
    type: 'Asset',
    currentVersion: seed.currentVersion ?? true,
    versionNumber: seed.versionNumber ?? asset.created,
    AITags: seed.AITags ?? [],
    metadataState: asset.metadataState,
    metadataTemplateId: asset.metadataTemplateId,
    ...(asset.renditions.size > 0 || assumptions.absentRenditions === 'empty' ? { renditionsDocument: renditions } : {}),
    fileState: asset.fileState,
    securityTemplateIds: asset.securityTemplateIds,
    avamTags: seed.avamTags ?? [],
    lockType: seed.lockType ?? [],
    metadata: asset.metadata
      .filter((item) => (system || item.system !== true) && (empty || !isEmpty(item)))
      .map((item) => {
        if (!isEmpty(item)) return { name: item.name, value: item.value };
        return assumptions.emptyMetadataValue === 'missing' ? { name: item.name } : { name: item.name, value: assumptions.emptyMetadataValue };
      }),
  };
}

function isEmpty(item: TenovosMetadataSeed): boolean {
  return item.value === undefined || item.value === null || item.value === '' || item.value.length === 0;
}

/** `GET /asset/{id}/content`. Page: Get Asset Download Link. */
export function getAssetContent(x: TenovosExchange): Answer {
  const { state } = x;
  x.about(x.params.id!);
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const asset = state.assets.get(x.params.id!);
  if (asset === undefined) return gatewayFailure;
  if (asset.access !== 'download') return refused(401, 'Unauthorized', 'The user may not download this asset.');
  if (asset.fileState === 'recycle bin') return refused(403, 'Forbidden', 'The file is in the recycle bin.');
  if (asset.original === undefined) {
    const status = state.assumptions.metadataOnlyContent;
    return status === 502 ? gatewayFailure : refused(status, 'Forbidden', 'The asset has no file.');
  }
  return { status: 200, json: { presignedURL: state.sign(asset.original, x.origins.storage, state.assumptions.contentUrlLifetimeSeconds, x.now) } };
}

/** `POST /asset/expose`. Page: Generate Temporary Asset Preview Link. */
export async function exposeAssets(x: TenovosExchange): Promise<Answer> {
  const { state } = x;
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const json = await x.json();
  if (typeof json === 'string' || !Array.isArray(json.value) || json.value.length === 0) return failed(400, 'Body requires at least single item');
  const answers: unknown[] = [];
  for (const item of json.value as unknown[]) {
    if (!isRecord(item) || !Array.isArray(item.components)) return failed(400, 'Invalid item');
    if (item.identifier !== 'objectId' && item.identifier !== 'fileId') return failed(400, 'Invalid identifier');
    if (!item.components.every(isComponent)) return failed(400, 'Invalid components');
    const asset = (item.identifier === 'fileId' ? state.byFile : state.assets).get(String(item.id));
    if (asset === undefined) continue;
    x.about(asset.id);
    if (asset.access !== 'download') return refused(401, 'Unauthorized', 'The user may not download this asset.');
    const components: unknown[] = [];
    for (const component of item.components) {
      const seconds = Math.min(component.expiration, state.assumptions.exposeMaxSeconds);
      for (const ref of component.componentType === 'object' ? ['original'] : (component.componentRef as string[])) {
        const object = component.componentType === 'object' ? asset.original : asset.renditions.get(ref);
        if (object === undefined) continue;
        components.push({ renditionType: ref, componentRef: ref, expires: component.expiration, url: state.sign(object, x.origins.storage, seconds, x.now) });
      }
    }
    answers.push({ id: item.id, identifier: item.identifier, components });
  }
  return answers.length === 0 ? failed(400, 'No assets found') : { status: 200, json: answers };
}

interface Component {
  readonly componentType: 'object' | 'rendition';
  readonly componentRef: unknown;
  readonly expiration: number;
}

function isComponent(value: unknown): value is Component {
  if (!isRecord(value) || !Number.isInteger(value.expiration) || (value.expiration as number) < 1) return false;
  if (value.componentType === 'object') return value.componentRef === 'original';
  return (
    value.componentType === 'rendition' &&
    Array.isArray(value.componentRef) &&
    value.componentRef.length > 0 &&
    value.componentRef.every((one) => typeof one === 'string')
  );
}

/** `POST /search/keyword`. Page: Search Assets by Keyword. */
export async function searchKeyword(x: TenovosExchange): Promise<Answer> {
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const body = await searchBody(x);
  if (body === undefined) return failed(400, 'Invalid Search Query');
  const from = body.from ?? 0;
  const size = x.state.assumptions.searchPageSize;
  if (!Number.isInteger(from) || (from as number) < 0 || (from as number) + size > PAGING_END) return failed(400, 'Invalid Search Query');
  const all = find(x, body);
  const page = all.slice(from as number, (from as number) + size);
  return { status: 200, json: { hitCount: x.state.assumptions.hitCount === 'page' ? page.length : all.length, result: page.map(found), facets: [] } };
}

/** Results that offset paging reaches. */
const PAGING_END = 10_000;

/** `POST /asset/scan`. Page: Scan Asset Search Results. */
export async function scanAssets(x: TenovosExchange): Promise<Answer> {
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const { state } = x;
  const body = await searchBody(x);
  if (body === undefined) return failed(400, 'Invalid Search Query');
  const limit = body.limit ?? state.assumptions.searchPageSize;
  if (!Number.isInteger(limit) || (limit as number) < 1) return failed(400, 'Invalid Search Query');
  let at = 0;
  if (body.cursor !== undefined) {
    const known = typeof body.cursor === 'string' ? state.cursors.get(body.cursor) : undefined;
    if (known === undefined) return failed(400, 'Invalid Search Query');
    at = known;
  }
  const all = find(x, body);
  const page = all.slice(at, at + (limit as number));
  const next = at + page.length;
  const more = state.assumptions.lastCursor === 'empty-page' ? page.length > 0 : next < all.length;
  let cursor: string | undefined;
  if (more) {
    cursor = state.random.hex(32);
    state.cursors.set(cursor, next);
  }
  return {
    status: 200,
    json: {
      hitCount: state.assumptions.hitCount === 'page' ? page.length : all.length,
      ...(cursor === undefined ? {} : { cursor }),
      result: page.map(found),
      facets: [],
    },
  };
}

async function searchBody(x: TenovosExchange): Promise<Record<string, unknown> | undefined> {
  const json = await x.json();
  if (typeof json === 'string' || !isRecord(json.value)) return undefined;
  const { searchTerm, sortBy, operation, keywordSearchField } = json.value;
  if (searchTerm !== undefined && !(Array.isArray(searchTerm) && searchTerm.every((one) => typeof one === 'string'))) return undefined;
  if (sortBy !== undefined && !(Array.isArray(sortBy) && sortBy.every(isRecord))) return undefined;
  if (operation !== undefined && operation !== 'AND' && operation !== 'OR') return undefined;
  if (keywordSearchField !== undefined && typeof keywordSearchField !== 'string') return undefined;
  return json.value;
}

/** The assets that a search finds, which the user may see. */
function find(x: TenovosExchange, body: Record<string, unknown>): TenovosAsset[] {
  const terms = ((body.searchTerm as string[] | undefined) ?? []).map((term) => term.trim()).filter((term) => term !== '');
  const every = body.operation !== 'OR';
  const hits = [...x.state.assets.values()].filter((asset) => {
    if (asset.access === 'none') return false;
    if (body.includeDeleted !== true && (asset.fileState === 'recycle bin' || asset.metadataState === 'recycle bin')) return false;
    if (body.includeVersions !== true && asset.seed.currentVersion === false) return false;
    if (terms.length === 0) return true;
    const test = (term: string): boolean => matches(asset, term, body.keywordSearchField as string | undefined);
    return every ? terms.every(test) : terms.some(test);
  });
  for (const { metadataDefinitionSearchField: field, order } of ((body.sortBy as Record<string, unknown>[] | undefined) ?? []).toReversed()) {
    const key = (asset: TenovosAsset): string | number =>
      field === 'createdEpoch'
        ? asset.created
        : field === 'lastUpdatedEpoch'
          ? asset.updated
          : field === 'filename'
            ? asset.seed.name
            : textOf(asset, String(field));
    const sign = order === 'desc' ? -1 : 1;
    hits.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  }
  return hits;
}

function matches(asset: TenovosAsset, term: string, field: string | undefined): boolean {
  const facet = /^([^:]+):\s*(.+)$/.exec(term);
  if (facet !== null && asset.metadata.some((item) => item.name === facet[1])) return textOf(asset, facet[1]!).toLowerCase() === facet[2]!.toLowerCase();
  const needle = term.toLowerCase();
  const inName = asset.seed.name.toLowerCase().includes(needle);
  const inId = asset.id.toLowerCase() === needle;
  const inMetadata = asset.metadata.some((item) => textOf(asset, item.name).toLowerCase().includes(needle));
  if (field === 'filename') return inName;
  if (field === 'assetId') return inId;
  if (field === 'metadata') return inMetadata;
  if (field === 'content') return false;
  return inName || inId || inMetadata;
}

function textOf(asset: TenovosAsset, name: string): string {
  const value = asset.metadata.find((item) => item.name === name)?.value;
  return typeof value === 'string'
    ? value
    : (value ?? [])
        .flat()
        .map((cell) => cell.value ?? '')
        .join(' ');
}

/** The older shape of an asset, which search answers. */
function found(asset: TenovosAsset): Record<string, unknown> {
  return {
    objectId: asset.id,
    objectType: 'Asset',
    fileId: asset.fileId,
    originalFileId: asset.seed.originalFileId ?? asset.fileId,
    filename: asset.seed.name,
    fileState: asset.fileState,
    metadataState: asset.metadataState,
    currentVersion: asset.seed.currentVersion === false ? 'N' : 'Y',
    createdBy: asset.seed.createdBy ?? asset.user,
    createdEpoch: asset.created,
    lastUpdatedBy: asset.seed.lastUpdatedBy ?? asset.user,
    lastUpdatedEpoch: asset.updated,
    metadataTemplateId: asset.metadataTemplateId,
    securityTemplateIds: asset.securityTemplateIds,
  };
}
