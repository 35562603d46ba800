import spec from '../../../../specs/tenovos/assets.yaml';
import type { Model, Route } from '../core/engine.ts';
import { createToken, exposeAssets, getAssetContent, retrieveAsset, revokeToken, scanAssets, searchKeyword } from './handlers.ts';
import { operations, type TenovosOperation } from './operations.ts';
import type { TenovosState } from './state.ts';
import { storage, storageError } from './storage.ts';

const BASE = '/v1';

const api = (
  operation: TenovosOperation,
  method: string,
  path: string,
  handler: Route<TenovosOperation, TenovosState>['handler'],
): Route<TenovosOperation, TenovosState> => ({
  operation,
  host: 'api',
  method,
  path: `${BASE}${path}`,
  handler,
  spec,
});

/** Tenovos, as the engine sees it. */
export const model: Model<TenovosOperation, TenovosState> = {
  vendor: 'tenovos',
  title: 'Tenovos',
  operations,
  hosts: {
    api: ['https://api.tenovos.test'],
    token: [],
    storage: ['https://content.tenovos.test'],
    elsewhere: ['https://elsewhere.tenovos.test'],
  },
  routes: [
    api('createToken', 'POST', '/auth/token', createToken),
    api('revokeToken', 'DELETE', '/auth/token', revokeToken),
    api('retrieveAsset', 'GET', '/assets/asset/:id', retrieveAsset),
    api('getAssetContent', 'GET', '/asset/:id/content', getAssetContent),
    api('exposeAssets', 'POST', '/asset/expose', exposeAssets),
    api('searchKeyword', 'POST', '/search/keyword', searchKeyword),
    api('scanAssets', 'POST', '/asset/scan', scanAssets),
    { operation: 'content', host: 'storage', method: 'ALL', path: '/masters/*', handler: storage },
    { operation: 'rendition', host: 'storage', method: 'ALL', path: '*', handler: storage },
  ],
  credentials: { headers: ['authorization', 'x-api-key', 'accesstoken', 'cookie'], query: [] },
  requiredHeaders: true,
  extraStatuses: [429, 404],
  errorAnswer: (x, status, message) => {
    if (x.call.host === 'storage') return storageError(x, status);
    const text = message ?? TEXTS[status] ?? 'Internal server error';
    const withStatus = status < 500 && ['createToken', 'revokeToken', 'exposeAssets', 'searchKeyword', 'scanAssets'].includes(x.call.operation ?? '');
    if (message !== undefined && !withStatus) return { status, json: { message: TEXTS[status] ?? 'Internal server error', detail: message } };
    return { status, json: withStatus ? { status: 'error', message: text } : { message: text } };
  },
  expireUrl: (x) => {
    const signed = x.state.signed.get(x.query('X-Amz-Signature') ?? '');
    if (signed === undefined) return false;
    signed.expires = 0;
    return true;
  },
  expireSession: (x) => {
    const token = x.header('authorization')?.replace(/^Bearer /, '');
    for (const session of x.state.sessions) {
      if (session.authorization !== token) continue;
      session.expires = 0;
      return true;
    }
    return false;
  },
  changeContent: (x) => {
    const object = x.state.objects.get(x.request.url.pathname) ?? x.state.assets.get(x.params.id ?? '')?.original;
    if (object === undefined) return false;
    x.state.change(object, x.now);
    return true;
  },
  secrets: (state) => ({ credentials: state.secrets, signatures: state.signatures }),
};

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
  504: 'Endpoint request timed out',
};
