import { isRecord } from '../core/json.ts';
import { essence } from '../core/media-types.ts';
import type { Answer } from '../core/wire.ts';
import { egainError, xmlMembers } from './errors.ts';
import { MANAGE, READ, type Token } from './state.ts';
import type { EgainExchange } from './token.ts';

/** 10 MiB: the limit of a conversation asset. */
const LARGEST = 10_485_760;
const LONGEST_ID = 255;
const SENDERS: readonly string[] = ['custom_bot', 'customer', 'egain_agent', 'egain_bot', 'custom_agent'];
const APPS: readonly string[] = ['email', 'task', 'calltrack'];
const TYPES: readonly string[] = ['attachment.inbound', 'attachment.outbound', 'attachment'];
const LANGUAGES: readonly string[] = [
  'en-US',
  'es-ES',
  'fr-FR',
  'it-IT',
  'de-DE',
  'nl-NL',
  'pt-BR',
  'pt-PT',
  'da-DK',
  'ru-RU',
  'fr-CA',
  'zh-CN',
  'ja-JP',
  'ko-KR',
  'sv-SE',
];

/** The token of the request, or why there is none. A client application needs one of the scopes. */
function enter(x: EgainExchange, scopes: readonly string[], missingScopeStatus: 401 | 403): { token: Token } | { answer: Answer } {
  const header = x.header('authorization');
  const value = /^Bearer (.+)$/i.exec(header ?? '')?.[1];
  if (value === undefined) return { answer: egainError(x, '401-104', 'The Authorization header is missing or has no bearer token.') };
  const token = x.state.tokens.get(value);
  if (token === undefined || token.expires <= x.now) return { answer: egainError(x, '401-101', 'The access token is invalid or expired.') };
  const limited = limit(x);
  if (limited !== undefined) return { answer: limited };
  if (scopes.length > 0 && !scopes.some((scope) => token.scopes.includes(scope))) {
    return {
      answer:
        missingScopeStatus === 401
          ? egainError(x, '401-101', `The access token has none of the scopes ${scopes.join(', ')}.`)
          : egainError(x, '403-197', `The client application has none of the scopes ${scopes.join(', ')}.`),
    };
  }
  return { token };
}

/** 429 with the headers of the vendor's one operation that documents it. */
function limit(x: EgainExchange): Answer | undefined {
  const { recent, assumptions } = x.state;
  const most = assumptions.rateLimitPerMinute;
  if (most === null) return undefined;
  while (recent.length > 0 && recent[0]! <= x.now - MINUTE_MS) recent.shift();
  if (recent.length >= most) return tooMany(x);
  recent.push(x.now);
  return undefined;
}

const MINUTE_MS = 60_000;
/** What the header says of a fake that has no limit of its own. */
const USUAL_LIMIT = 60;

export function tooMany(x: EgainExchange): Answer {
  const { recent, assumptions } = x.state;
  return {
    ...egainError(x, '429-001', 'Too many requests.'),
    headers: {
      'x-ratelimit-limit': String(assumptions.rateLimitPerMinute ?? USUAL_LIMIT),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': new Date((recent[0] ?? x.now) + MINUTE_MS).toISOString(),
    },
  };
}

type Body = { readonly body: Record<string, unknown> } | { readonly answer: Answer };

async function bodyOf(x: EgainExchange, known: readonly string[], required: readonly string[]): Promise<Body> {
  const json = await x.json();
  if (json === 'absent') return { answer: egainError(x, '400-264', 'The body is missing.') };
  if (json === 'invalid' || !isRecord(json.value)) return { answer: egainError(x, '400-152', 'The body is not a JSON object.') };
  const body = json.value;
  for (const key of Object.keys(body))
    if (!known.includes(key)) return { answer: egainError(x, '400-147', 'The body has a member that is not supported.', [{ key }]) };
  for (const key of required) {
    if (body[key] === undefined || body[key] === null) return { answer: egainError(x, '400-146', 'The body lacks a member.', [{ key }]) };
    if (body[key] === '') return { answer: egainError(x, '400-387', 'A member of the body is empty.', [{ key }]) };
  }
  if (essence(x.header('content-type')) !== 'application/json')
    return { answer: egainError(x, '400-152', 'Content-Type has to be application/json.', [{ key: 'Content-Type' }]) };
  return { body };
}

/** `POST /assets`. Page: Create Asset. */
export async function createAsset(x: EgainExchange): Promise<Answer> {
  const { state } = x;
  const entered = enter(x, [MANAGE], state.assumptions.missingScopeStatus);
  if ('answer' in entered) return entered.answer;
  const parsed = await bodyOf(x, ['channel', 'sender', 'name', 'size'], ['channel', 'sender', 'name', 'size']);
  if ('answer' in parsed) return parsed.answer;
  const { channel, sender, name, size } = parsed.body;
  for (const [key, value] of [
    ['channel', channel],
    ['sender', sender],
  ] as const) {
    if (!isRecord(value)) return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key }]);
    if (value.type === undefined || value.type === null) return egainError(x, '400-146', 'The body lacks a member.', [{ key: `${key}.type` }]);
    if (typeof value.type !== 'string') return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key: `${key}.type` }]);
  }
  const senderType = (sender as { type: string }).type;
  if (!SENDERS.includes(senderType))
    return egainError(x, '400-196', 'A value is outside the allowed list.', [{ key: 'sender.type', value: senderType.slice(0, LONGEST_ID) }]);
  if (typeof name !== 'string' || [...name].length > LONGEST_ID)
    return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key: 'name' }]);
  if (!Number.isInteger(size) || (size as number) < 1)
    return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key: 'size', value: String(size).slice(0, LONGEST_ID) }]);
  if ((size as number) > LARGEST) return egainError(x, '400-10424', 'A limit is exceeded.', [{ key: 'size', value: String(LARGEST) }]);
  const file = state.addAsset({ name, bytes: size as number, uploaded: false });
  x.about(file.id, name);
  const { url, expiry } = state.sign(file, 'upload', x.origins.storage, x.now);
  return { status: 200, json: { id: file.id, contentUrl: url, contentUrlExpiry: expiry } };
}

/** `GET /assets/{id}`. Page: Get Asset. */
export async function getAsset(x: EgainExchange): Promise<Answer> {
  const { state } = x;
  const id = x.params.id!;
  x.about(id);
  const entered = enter(x, [MANAGE, READ], state.assumptions.missingScopeStatus);
  if ('answer' in entered) return entered.answer;
  if ([...id].length > LONGEST_ID) return egainError(x, '400-152', `The id is longer than ${LONGEST_ID} characters.`, [{ key: 'id' }]);
  const file = state.assets.get(id);
  if (file === undefined || (file.source === undefined && state.assumptions.assetWithoutContent === 'not-found')) return unknown(x, id);
  const details = { id, name: file.name, size: file.source === undefined ? file.size : await file.source.size(), contentType: file.contentType };
  if (file.source === undefined) return { status: 200, json: details };
  const { url, expiry } = state.sign(file, 'download', x.origins.storage, x.now);
  return { status: 200, json: { ...details, contentUrl: url, contentUrlExpiry: expiry } };
}

/** `DELETE /assets/{id}`. Page: Delete Asset. */
export function deleteAsset(x: EgainExchange): Answer {
  const { state } = x;
  const id = x.params.id!;
  x.about(id);
  const entered = enter(x, [MANAGE], state.assumptions.missingScopeStatus);
  if ('answer' in entered) return entered.answer;
  const file = state.assets.get(id);
  if (file === undefined) return unknown(x, id);
  if (file.used) {
    const status = state.assumptions.usedAssetDeleteStatus;
    return egainError(x, status === 403 ? '403-105' : status === 400 ? '400-152' : '409-100', 'A message uses the asset.', [], status);
  }
  state.assets.delete(id);
  return { status: 204 };
}

function unknown(x: EgainExchange, id: string): Answer {
  return egainError(x, '404-101', 'No asset has this id.', [{ key: 'id', value: id.slice(0, LONGEST_ID) }]);
}

const ATTACHMENT_MEMBERS: readonly string[] = [
  'link',
  'fileName',
  'name',
  'contentType',
  'size',
  'app',
  'type',
  'signedUrlExpiry',
  'encodingType',
  'charset',
  'blocked',
  'inline',
  'contentId',
  'contentUrl',
  'created',
  'content',
  'messageText',
  'id',
  'altId',
];

/** `POST /assets/predownload`. Page: Generate signed URL to download an attachment. */
export async function generateDownloadAttachmentURL(x: EgainExchange): Promise<Answer> {
  const { state } = x;
  const entered = enter(x, [], 403);
  if ('answer' in entered) return entered.answer;
  const language = x.header('accept-language');
  // `*` is what built-in fetch sends when nobody chose a language.
  if (language === null || language === '*') return egainError(x, '400-112', 'The header Accept-Language is missing.', [{ key: 'Accept-Language' }]);
  if (!LANGUAGES.includes(language))
    return egainError(x, '406-100', 'Accept-Language is invalid.', [{ key: 'Accept-Language', value: language.slice(0, LONGEST_ID) }]);
  const parsed = await bodyOf(x, ATTACHMENT_MEMBERS, ['app', 'type', 'altId']);
  if ('answer' in parsed) return parsed.answer;
  const { app, type, altId } = parsed.body;
  for (const [key, value, list] of [
    ['app', app, APPS],
    ['type', type, TYPES],
  ] as const) {
    if (typeof value !== 'string') return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key }]);
    if (!list.includes(value)) return egainError(x, '400-196', 'A value is outside the allowed list.', [{ key, value: value.slice(0, LONGEST_ID) }]);
  }
  if (typeof altId !== 'string') return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key: 'altId' }]);
  const { name } = parsed.body;
  if (name !== undefined && (typeof name !== 'string' || name === '' || [...name].length > LONGEST_ID))
    return egainError(x, '400-152', 'A member of the body has an invalid value.', [{ key: 'name' }]);
  x.about(altId);
  const file = state.attachments.get(altId);
  const seed = file?.attachment;
  if (file === undefined || seed === undefined || (seed.app ?? 'email') !== app || (seed.type ?? 'attachment.inbound') !== type) {
    return egainError(x, state.assumptions.unknownAltIdCode, 'No such attachment.', [{ key: 'altId', value: altId.slice(0, LONGEST_ID) }]);
  }
  if (seed.access === 'clients' && entered.token.actor === 'user') return egainError(x, '403-105', 'The user may not see this attachment.');
  const { url, expiry } = state.sign(file, 'download', x.origins.storage, x.now);
  const size = await file.source!.size();
  const shown = state.assumptions.predownloadAnswer;
  const answer: Record<string, unknown> =
    shown === 'url-only'
      ? { contentUrl: url }
      : shown === 'example'
        ? { altId, name: file.name, contentType: file.contentType, size, contentUrl: url }
        : {
            id: seed.id ?? altId,
            altId,
            app,
            type,
            name: file.name,
            fileName: file.name,
            contentType: file.contentType,
            size,
            inline: seed.inline ?? false,
            blocked: seed.blocked ?? false,
            ...(seed.contentId === undefined ? {} : { contentId: seed.contentId }),
            ...(seed.charset === undefined ? {} : { charset: seed.charset }),
            ...(seed.encodingType === undefined ? {} : { encodingType: seed.encodingType }),
            ...(seed.messageText === undefined ? {} : { messageText: seed.messageText }),
            ...(seed.created === undefined ? {} : { created: seed.created }),
            contentUrl: url,
            signedUrlExpiry: expiry,
          };
  if (x.header('accept')?.includes('application/xml') === true && !x.header('accept')!.includes('application/json')) {
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      text: `<?xml version="1.0" encoding="UTF-8"?>\n<attachment>${xmlMembers(answer)}</attachment>`,
    };
  }
  return { status: 200, json: answer };
}
