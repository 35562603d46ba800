import { isRecord } from '../core/json.ts';
import { essence } from '../core/media-types.ts';
import { readForm } from '../core/multipart.ts';
import type { Answer } from '../core/wire.ts';
import { wsError, type WorldServerExchange } from './errors.ts';
import { KEPT_UPLOAD_BYTES, type Session, type StoredFile, type StoredTask, type UploadedFile } from './state.ts';
import type { WorldServerUserSeed } from './seed.ts';
import { listZip, zip } from './zip.ts';

const NO_TOKEN = 'No session token provided or invalid token';
const NO_SOURCE = 'Source asset is not available for download';
const NO_TARGET = 'Target asset is not available for download';
const NO_ASSETS = 'No assets have been found';
const SERVER_ERROR = 'Internal Server Error';
const LOCATIONS: readonly string[] = ['SOURCE', 'TARGET', 'SOURCE_TARGET'];
const RESOURCE_TYPES: readonly string[] = ['TASK', 'PROJECT', 'PROJECT_GROUP'];
/** Largest id: a 64-bit integer. */
const LARGEST_ID = 2n ** 63n - 1n;

/** The token of the request: header or query. */
export function tokenOf(x: WorldServerExchange): string | null {
  const inQuery = x.query('token');
  return x.state.assumptions.sendTokenAs === 'query' ? inQuery : (x.header('token') ?? inQuery);
}

/** The session of the request, whose idle time starts anew. */
function sessionOf(x: WorldServerExchange): Session | undefined {
  const session = x.state.sessions.get(tokenOf(x) ?? '');
  if (session === undefined || session.over || x.state.endOf(session) <= x.now) return undefined;
  session.used = x.now;
  return session;
}

/** Why the request may not be served; `undefined` when it may. */
function deny(x: WorldServerExchange): Answer | undefined {
  const session = sessionOf(x);
  if (session === undefined) return wsError(x, 401, NO_TOKEN);
  if (session.user.denied?.includes(x.call.operation ?? '') === true) {
    return wsError(x, x.state.assumptions.permissionDeniedStatus, 'The type of the user does not permit this call.');
  }
  return undefined;
}

/** `POST /login`. Page: Login. */
export async function login(x: WorldServerExchange): Promise<Answer> {
  const { state } = x;
  const json = await x.json();
  if (json === 'absent') return wsError(x, 400, 'Required request body is missing');
  if (json === 'invalid' || !isRecord(json.value)) return wsError(x, 400, 'Invalid JSON');
  const { username, password } = json.value;
  const user = typeof username === 'string' ? state.users.get(username) : undefined;
  if (user === undefined || user.password !== password) {
    if (state.assumptions.failedLoginStatus === 200) return { status: 200, json: { loginOutcome: 'BAD_CREDENTIALS' } };
    return wsError(x, 401, 'BAD_CREDENTIALS');
  }
  const session = state.login(user, x.now);
  return {
    status: 200,
    json: {
      sessionId: session.id,
      instanceId: 1,
      expirationTime: new Date(state.endOf(session)).toISOString(),
      lastUpdateTime: x.now,
      daysToPwdExpire: 90,
      loginOutcome: 'SUCCESS',
      userDetails: details(user),
    },
  };
}

function details(user: WorldServerUserSeed): Record<string, unknown> {
  return {
    userType: 'Fake',
    username: user.username,
    fullName: 'Fake User',
    regionalSettingsLocale: 'en_US',
    language: { id: 1, languageCode: 'en', countryCode: 'US', isoCode: 'en-US', locale: 'en_US' },
  };
}

/** `POST /login/checkToken`. Page: Check your authentication token. */
export function checkToken(x: WorldServerExchange): Answer {
  const session = sessionOf(x);
  return session === undefined ? wsError(x, 401, NO_TOKEN) : { status: 200, json: details(session.user) };
}

/** `POST /logout`. Page: Logout. */
export function logout(x: WorldServerExchange): Answer {
  const session = sessionOf(x);
  if (session === undefined) return wsError(x, 401, 'Invalid session exception');
  session.over = true;
  return { status: 200 };
}

/** An id: `undefined` where the text is not a number. An id that no number holds exactly belongs to nothing. */
function parseId(text: string): number | undefined {
  if (!/^\d+$/.test(text) || BigInt(text) > LARGEST_ID) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : -1;
}

/** The filters, which may be query parameters or headers; `undefined` where one is outside its list. */
function filters(x: WorldServerExchange): { type: string; location: string } | undefined {
  const type = x.query('resourceType') ?? x.header('resourceType') ?? 'TASK';
  const location = x.query('assetLocationType') ?? x.header('assetLocationType') ?? 'SOURCE';
  return RESOURCE_TYPES.includes(type) && LOCATIONS.includes(location) ? { type, location } : undefined;
}

/** `GET /files/asset`. Page: Get asset. */
export async function getAsset(x: WorldServerExchange): Promise<Answer> {
  const { state } = x;
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const text = x.query('resourceId');
  if (text === null) return wsError(x, state.assumptions.missingResourceIdStatus, "Required String parameter 'resourceId' is not present");
  const id = parseId(text);
  const chosen = filters(x);
  if (id === undefined || chosen === undefined) return wsError(x, 500, SERVER_ERROR);
  const { type, location } = chosen;
  x.about(type === 'TASK' ? text : `${type}:${text}`);
  x.call.part = location;
  const tasks = state.tasksOf(type, id);
  if (tasks === undefined && type === 'TASK') {
    return wsError(x, 400, location === 'TARGET' && state.assumptions.unknownTaskTargetMessage === 'target' ? NO_TARGET : NO_SOURCE);
  }
  if (tasks === undefined) return notFound(x, type, text);
  if (tasks.length === 0) return wsError(x, 400, location === 'TARGET' ? NO_TARGET : NO_SOURCE);
  if (location !== 'SOURCE' && tasks.some((task) => task.target === undefined)) return wsError(x, 400, NO_TARGET);
  const files = filesOf(tasks, location);
  return files.length === 1 || state.assumptions.severalAssets === 'first'
    ? await send(x, files[0]!.name, files[0]!)
    : await send(x, `${type}_${text}.zip`, { source: await zip(files) });
}

function filesOf(tasks: readonly StoredTask[], location: string): StoredFile[] {
  return tasks.flatMap((task) => [
    ...(location === 'TARGET' ? [] : [task.source]),
    ...(location === 'SOURCE' || task.target === undefined ? [] : [task.target]),
  ]);
}

function notFound(x: WorldServerExchange, type: string, id: string): Answer {
  return wsError(x, 404, `Resource ${type} ${x.state.assumptions.notFoundId === '(ID)' ? `(${id})` : id} not found`);
}

/** The bytes of a file, with its name as the switch `contentDisposition` says. */
async function send(x: WorldServerExchange, name: string, file: Pick<StoredFile, 'source'>, contentType?: string): Promise<Answer> {
  const { contentDisposition: form } = x.state.assumptions;
  // Header values are bytes: other characters travel as the bytes of their UTF-8.
  const plain = `filename="${String.fromCharCode(...new TextEncoder().encode(name.replace(/["\\\r\n]/g, '_')))}"`;
  const extended = `filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;
  const disposition = form === 'none' ? undefined : `attachment; ${form === 'extended' ? extended : form === 'plain' ? plain : `${plain}; ${extended}`}`;
  return {
    status: 200,
    headers: { 'content-type': contentType ?? x.state.assumptions.contentType, ...(disposition === undefined ? {} : { 'content-disposition': disposition }) },
    content: { source: file.source, start: 0, end: await file.source.size() },
  };
}

/** The tasks behind `resourceIds`, or why there are none. */
function severalTasks(x: WorldServerExchange): { tasks: Map<string, readonly StoredTask[]>; location: string } | { answer: Answer } {
  const refusal = deny(x);
  if (refusal !== undefined) return { answer: refusal };
  const texts = x.request.url.searchParams.getAll('resourceIds').flatMap((one) => one.split(','));
  if (texts.length === 0) return { answer: wsError(x, 500, "Required List parameter 'resourceIds' is not present") };
  const chosen = filters(x);
  if (chosen === undefined || texts.some((text) => parseId(text) === undefined)) return { answer: wsError(x, 500, SERVER_ERROR) };
  const { type, location } = chosen;
  x.call.part = location;
  const tasks = new Map<string, readonly StoredTask[]>();
  const missing: string[] = [];
  for (const text of texts) {
    x.about(type === 'TASK' ? text : `${type}:${text}`);
    const found = x.state.tasksOf(type, parseId(text)!);
    if (found === undefined) missing.push(text);
    else tasks.set(text, found);
  }
  if (missing.length > 0 && type !== 'TASK') return { answer: notFound(x, type, missing[0]!) };
  const files = filesOf([...tasks.values()].flat(), location);
  if (files.length === 0) return { answer: wsError(x, 400, NO_ASSETS) };
  if (missing.length > 0) return { answer: wsError(x, 400, NO_SOURCE) };
  return { tasks, location };
}

/** `GET /files/assets`. Page: Get assets. */
export async function getAssets(x: WorldServerExchange): Promise<Answer> {
  const several = severalTasks(x);
  if ('answer' in several) return several.answer;
  return await send(x, 'assets.zip', { source: await zip(filesOf([...several.tasks.values()].flat(), several.location)) });
}

/** `GET /files/assets/verify`. Page: Get downloadable assets. */
export function verifyAssets(x: WorldServerExchange): Answer {
  const several = severalTasks(x);
  if ('answer' in several) return several.answer;
  const { verifyAnswer } = x.state.assumptions;
  if (verifyAnswer !== 'unknown') return { status: 200, json: verifyAnswer };
  return {
    status: 200,
    json: [...several.tasks].map(([id, tasks]) => ({ resourceId: Number(id), assets: filesOf(tasks, several.location).map((file) => file.path) })),
  };
}

/** `GET /tasks`. Page: Get tasks. */
export function getTasks(x: WorldServerExchange): Answer {
  const { state } = x;
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const { searchParams } = x.request.url;
  const ids = searchParams.has('ids') ? searchParams.getAll('ids').flatMap((one) => one.split(',')) : undefined;
  const projectId = x.query('projectId');
  if (ids?.some((id) => parseId(id) === undefined) === true) return wsError(x, 400, 'Field task Id is not valid');
  if (projectId !== null && parseId(projectId) === undefined) return wsError(x, 400, 'Field project Id is not valid');
  const fields = x.query('fields');
  const excluded = x.query('excludedFields');
  if (fields !== null && excluded !== null) return wsError(x, 400, 'Give either fields or excludedFields');
  const direction = x.query('sortDirection') ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') return wsError(x, 400, 'Sort direction is not valid');
  const outdated = x.query('outdatedTasks');
  if (outdated !== null && outdated !== 'true' && outdated !== 'false') return wsError(x, 400, 'Field outdatedTasks is not valid');

  const found = [...state.tasks.values()]
    .filter((task) => (ids === undefined || ids.some((id) => Number(id) === task.id)) && (projectId === null || Number(projectId) === task.projectId))
    .map((task) => taskAnswer(x, task));
  const sortBy = x.query('sortBy');
  if (sortBy !== null) {
    const sign = direction === 'desc' ? -1 : 1;
    found.sort((a, b) => sign * compare(a[sortBy], b[sortBy]));
  }
  const { pagingErrors } = state.assumptions;
  const limit = x.query('limit') ?? '30';
  const offset = x.query('offset') ?? '0';
  const validLimit = /^\d+$/.test(limit) && Number(limit) >= 1;
  const validOffset = /^\d+$/.test(offset);
  if (pagingErrors && !validLimit) return wsError(x, 400, 'Limit not provided or invalid');
  if (pagingErrors && !validOffset) return wsError(x, 400, 'Offset not provided or invalid');
  const from = validOffset ? Number(offset) : 0;
  if (pagingErrors && from > 0 && from >= found.length) return wsError(x, 400, `Offset out of range. Collection has only ${found.length} items`);
  const page = found.slice(from, from + (validLimit ? Number(limit) : 30));
  const shape = fields === null ? undefined : parseFields(fields);
  const dropped = excluded === null ? undefined : parseFields(excluded);
  return {
    status: 200,
    json: { total: found.length, items: page.map((task) => (shape !== undefined ? pick(task, shape) : dropped !== undefined ? drop(task, dropped) : task)) },
  };
}

function taskAnswer(x: WorldServerExchange, task: StoredTask): Record<string, unknown> {
  const { seed } = task;
  const project = x.state.projects.get(task.projectId);
  return {
    id: task.id,
    project: { id: task.projectId, projectGroupId: project?.projectGroupId ?? 1, name: project?.name ?? `Project ${task.projectId}` },
    assets: [task.source.path],
    targetAssets: task.target === undefined ? [] : [task.target.path],
    ...(seed.targetLocale === undefined ? {} : { targetLocale: seed.targetLocale }),
    priority: seed.priority ?? 5,
    ...(seed.creationDate === undefined ? {} : { creationDate: seed.creationDate }),
    ...(seed.dueDate === undefined ? {} : { dueDate: seed.dueDate }),
    status: { status: seed.status ?? (task.target === undefined ? 'IN_PROGRESS' : 'COMPLETED') },
    ...(seed.comment === undefined ? {} : { comment: seed.comment }),
  };
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [JSON.stringify(a) ?? '', JSON.stringify(b) ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

type Fields = Map<string, Fields | undefined>;

/** `id,project(id,name)` as a tree. */
function parseFields(text: string): Fields {
  const stack: Fields[] = [new Map()];
  let last = '';
  for (const [, name, mark] of text.matchAll(/([^,()]*)([,()]|$)/g)) {
    const top = stack.at(-1)!;
    if (name!.trim() !== '') {
      last = name!.trim();
      top.set(last, undefined);
    }
    if (mark === '(') {
      const inner: Fields = new Map();
      top.set(last, inner);
      stack.push(inner);
    } else if (mark === ')' && stack.length > 1) stack.pop();
  }
  return stack[0]!;
}

function pick(value: unknown, fields: Fields): unknown {
  if (Array.isArray(value)) return value.map((item) => pick(item, fields));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    [...fields].filter(([name]) => value[name] !== undefined).map(([name, inner]) => [name, inner === undefined ? value[name] : pick(value[name], inner)]),
  );
}

function drop(value: unknown, fields: Fields): unknown {
  if (Array.isArray(value)) return value.map((item) => drop(item, fields));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !(fields.has(name) && fields.get(name) === undefined))
      .map(([name, member]) => [name, fields.get(name) === undefined ? member : drop(member, fields.get(name)!)]),
  );
}

/** `POST /v1/files`. Page: Upload assets. */
export async function uploadAssets(x: WorldServerExchange): Promise<Answer> {
  const { state } = x;
  if (tokenOf(x) === null) return wsError(x, 401, 'No session token provided');
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const parts = await readForm(x.header('content-type'), x.body(), KEPT_UPLOAD_BYTES);
  const part = parts?.find((one) => one.name === 'file' && one.filename !== undefined);
  if (part === undefined) {
    // The vendor's answer to a missing file is this one, however odd: so the fake adds what is really wrong.
    const hint = {
      'x-fake-hint':
        parts === undefined
          ? `The body is no complete multipart/form-data: Content-Type is ${essence(x.header('content-type')) || 'absent'}.`
          : "The form has no part 'file' with a filename.",
    };
    if (state.assumptions.errorStatus200) return { status: 200, headers: hint, json: { status: 'ERROR', errors: [{ message: 'No session token provided' }] } };
    const refused = wsError(x, 401, 'No session token provided');
    return { ...refused, headers: { ...refused.headers, ...hint } };
  }
  const flag =
    state.assumptions.expandZipIn === 'query' ? x.query('expandZip') : new TextDecoder().decode(parts!.find((one) => one.name === 'expandZip')?.bytes);
  const inside = flag === 'true' && /\.zip$/i.test(part.filename!) ? listZip(part.bytes) : undefined;
  const stored = state.store(part.filename!, part.bytes, part.size, part.contentType, part.sha256, x.now);
  x.about(stored.internalName, stored.name);
  x.call.upload = { bytes: part.size, sha256: part.sha256 };
  const one = uploaded(x, stored);
  const files =
    inside === undefined ? [one] : inside.map((entry) => uploaded(x, state.store(entry.name, new Uint8Array(0), entry.size, undefined, undefined, x.now)));
  const { uploadAnswer } = state.assumptions;
  if (uploadAnswer === 'files') return { status: 200, json: { files } };
  return { status: 200, json: uploadAnswer === 'both' || inside !== undefined ? { ...one, files } : one };
}

function uploaded(x: WorldServerExchange, file: UploadedFile): Record<string, unknown> {
  return {
    name: file.name,
    internalName: file.internalName,
    fullName: `/uploads/${file.internalName}`,
    url: `${x.origins.api}/ws-api/v1/files?filename=${encodeURIComponent(file.internalName)}`,
    size: file.size,
    creationTime: file.created,
    exists: true,
    downloadToken: file.downloadToken,
  };
}

/** `GET /v1/files`. Page: Get information about a specific asset. */
export async function getUploadedFile(x: WorldServerExchange): Promise<Answer> {
  const refusal = deny(x);
  if (refusal !== undefined) return refusal;
  const name = x.query('filename');
  const token = x.query('downloadToken');
  if (name === null) return wsError(x, 500, "Required List parameter 'filename' is not present");
  if (token === null) return wsError(x, 500, "Required String parameter 'downloadToken' is not present");
  const file = x.state.uploads.get(name);
  if (file === undefined || file.downloadToken !== token) return wsError(x, 400, 'Download token is not valid');
  if (file.source === undefined) return wsError(x, 500, `The fake keeps uploads of up to ${KEPT_UPLOAD_BYTES} bytes.`);
  return await send(x, file.name, { source: file.source }, file.contentType);
}
