import spec from '../../../../specs/worldserver/files.yaml';
import type { Model, Route } from '../core/engine.ts';
import type { WorldServerAssumptions } from './assumptions.ts';
import { wsError } from './errors.ts';
import { checkToken, getAsset, getAssets, getTasks, getUploadedFile, login, logout, tokenOf, uploadAssets, verifyAssets } from './handlers.ts';
import { operations, type WorldServerOperation } from './operations.ts';
import type { StoredFile, WorldServerState } from './state.ts';

export const BASE_PATH = '/ws-api';

type WorldServerRoute = Route<WorldServerOperation, WorldServerState>;

/** WorldServer, as the engine sees it; paths depend on the release. */
export function makeModel(apiVersion: WorldServerAssumptions['apiVersion']): Model<WorldServerOperation, WorldServerState> {
  const route = (
    operation: WorldServerOperation,
    method: string,
    documented: 'v1' | 'v2',
    path: string,
    handler: WorldServerRoute['handler'],
  ): WorldServerRoute => ({
    operation,
    host: 'api',
    method,
    path: `${BASE_PATH}/${apiVersion === 'documented' ? documented : apiVersion}${path}`,
    handler,
    ...(operation === 'getUploadedFile' ? { query: ['filename', 'downloadToken'] } : { spec }),
  });
  return {
    vendor: 'worldserver',
    title: 'WorldServer',
    operations,
    hosts: { api: ['https://worldserver.test'], token: [], storage: [], elsewhere: ['https://elsewhere.worldserver.test'] },
    routes: [
      route('login', 'POST', 'v2', '/login', login),
      route('checkToken', 'POST', 'v2', '/login/checkToken', checkToken),
      route('logout', 'POST', 'v1', '/logout', logout),
      route('getAsset', 'GET', 'v2', '/files/asset', getAsset),
      route('getAssets', 'GET', 'v2', '/files/assets', getAssets),
      route('verifyAssets', 'GET', 'v2', '/files/assets/verify', verifyAssets),
      route('getTasks', 'GET', 'v2', '/tasks', getTasks),
      route('uploadAssets', 'POST', 'v1', '/files', uploadAssets),
      route('getUploadedFile', 'GET', 'v1', '/files', getUploadedFile),
    ],
    credentials: { headers: ['token', 'authorization', 'cookie'], query: ['token'] },
    // The vendor's pages ask for Content-Type on every GET; others call the API without it, successfully.
    requiredHeaders: false,
    extraStatuses: [403, 401, 400, 500],
    errorAnswer: (x, status, message) =>
      wsError(
        x,
        status,
        message ?? (status === 401 ? 'No session token provided or invalid token' : status >= 500 ? 'Internal Server Error' : 'A planned failure'),
      ),
    expireUrl: () => false,
    expireSession: (x) => {
      const session = x.state.sessions.get(tokenOf(x) ?? '');
      if (session === undefined) return false;
      session.over = true;
      return true;
    },
    changeContent: (x) => {
      const id = Number(x.query('resourceId') ?? 'x');
      const tasks = x.state.tasksOf(x.query('resourceType') ?? 'TASK', id) ?? [];
      const files = tasks.flatMap((task) => [task.source, task.target].filter((file): file is StoredFile => file !== undefined));
      for (const file of files) x.state.change(file);
      return files.length > 0;
    },
    secrets: (state) => ({ credentials: state.secrets }),
  };
}
