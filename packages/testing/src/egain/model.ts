import attachments from '../../../../specs/egain/attachments.yaml';
import conversation from '../../../../specs/egain/conversation.yaml';
import type { Model, Route } from '../core/engine.ts';
import { egainError } from './errors.ts';
import { createAsset, deleteAsset, generateDownloadAttachmentURL, getAsset, tooMany } from './handlers.ts';
import { operations, type EgainOperation } from './operations.ts';
import type { EgainState } from './state.ts';
import { download, upload } from './storage.ts';
import { authorize, token } from './token.ts';

export const CONVERSATION_PATH = '/conversation/conversationmgr/v3';
export const ATTACHMENTS_PATH = '/core/filemgr/v3';

type EgainRoute = Route<EgainOperation, EgainState>;

/** The ways to a token: client application and logged-in user, commercial and self-service cloud. */
const TOKEN_PATHS: readonly string[] = ['/global/:gateway/oauth2/v2.0/token', '/:gateway/:policy/oauth2/v2.0/token', '/system/auth/:tenant/oauth2/token'];
const AUTHORIZE_PATHS: readonly string[] = ['/:gateway/:policy/oauth2/v2.0/authorize', '/system/auth/:tenant/oauth2/authorize'];

/** eGain, as the engine sees it. */
export const model: Model<EgainOperation, EgainState> = {
  vendor: 'egain',
  title: 'eGain',
  operations,
  hosts: {
    api: ['https://api.egain.test'],
    token: ['https://login.egain.test', 'https://ai.egain.test'],
    storage: ['https://storage.egain.test'],
    elsewhere: ['https://elsewhere.egain.test'],
  },
  routes: [
    { operation: 'createAsset', host: 'api', method: 'POST', path: `${CONVERSATION_PATH}/assets`, handler: createAsset, spec: conversation },
    { operation: 'getAsset', host: 'api', method: 'GET', path: `${CONVERSATION_PATH}/assets/:id`, handler: getAsset, spec: conversation },
    { operation: 'deleteAsset', host: 'api', method: 'DELETE', path: `${CONVERSATION_PATH}/assets/:id`, handler: deleteAsset, spec: conversation },
    {
      operation: 'generateDownloadAttachmentURL',
      host: 'api',
      method: 'POST',
      path: `${ATTACHMENTS_PATH}/assets/predownload`,
      handler: generateDownloadAttachmentURL,
      spec: attachments,
    },
    ...TOKEN_PATHS.map((path): EgainRoute => ({ operation: 'token', host: 'token', method: 'POST', path, handler: token })),
    ...AUTHORIZE_PATHS.map((path): EgainRoute => ({ operation: 'authorize', host: 'token', method: 'GET', path, handler: authorize })),
    { operation: 'upload', host: 'storage', method: 'ALL', path: '/core/assetmgr/v3/assets/upload', handler: upload },
    { operation: 'content', host: 'storage', method: 'ALL', path: '/core/assetmgr/v3/assets/download', handler: download },
  ],
  credentials: { headers: ['authorization', 'cookie'], query: [] },
  requiredHeaders: false,
  // 429 by a switch; the status of a missing scope are shared by the vendor's APIs, not listed per operation.
  extraStatuses: [429, 403, 401, 400, 409],
  errorAnswer: (x, status, message) => {
    if (x.call.host === 'token') return { status, json: { error: status === 401 ? 'invalid_client' : status < 500 ? 'invalid_request' : 'server_error' } };
    if (status === 429) return tooMany(x);
    return egainError(x, CODES[status] ?? `${status}-100`, message ?? 'A planned failure.', [], status);
  },
  expireUrl: (x) => {
    const signed = x.state.signed.get(x.query('signature') ?? '');
    if (signed === undefined) return false;
    signed.expires = 0;
    return true;
  },
  expireSession: (x) => {
    const found = x.state.tokens.get(/^Bearer (.+)$/i.exec(x.header('authorization') ?? '')?.[1] ?? '');
    if (found === undefined) return false;
    found.expires = 0;
    return true;
  },
  changeContent: (x) => {
    const file = x.state.signed.get(x.query('signature') ?? '')?.file ?? x.state.assets.get(x.params.id ?? '');
    return file !== undefined && x.state.change(file);
  },
  secrets: (state) => ({ credentials: state.secrets, signatures: state.signatures }),
};

const CODES: Readonly<Record<number, string>> = { 400: '400-152', 401: '401-101', 403: '403-105', 404: '404-101', 500: '500-100', 503: '503-100' };
