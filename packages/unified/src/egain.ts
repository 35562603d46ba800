/** eGain behind the contract: files in conversations, and attachments of e-mails, tasks and calls. */

import { ApiError, type BinaryBody } from '@asset-clients/runtime';
import type {
  Asset as EgainAsset,
  CreateAssetRequest,
  DownloadAttachmentParams,
  EgainAttachmentClient,
  EgainConversationClient,
  UploadedAsset,
} from '@asset-clients/egain';

import { defineAdapter, SegmentError } from './adapter.ts';
import type { AdapterTypes, AssetsAdapter, UploadState } from './contract.ts';

/** A file in a conversation: its id. */
export type EgainConversationTarget = string | { readonly id: string };

/** What is special in an upload to an eGain conversation. */
export interface EgainUploadOptions {
  /** The channel of the conversation that the file is for: `{ type: 'sms' }`, or the type of a custom channel. */
  readonly channel: CreateAssetRequest['channel'];
  /** The kind of client application that receives it. */
  readonly sender: CreateAssetRequest['sender'];
  /** Media type of the upload, where your eGain signs for another than the name's extension tells. */
  readonly contentType?: string | undefined;
}

/** The types of {@link egainConversationAssets}. */
export interface EgainConversationTypes extends AdapterTypes {
  readonly target: EgainConversationTarget;
  readonly raw: EgainAsset;
  readonly uploaded: UploadedAsset;
  readonly upload: { readonly vendorOptions: { readonly egain: EgainUploadOptions } };
}

/** What {@link egainConversationAssets} makes. */
export type EgainConversationAssets = AssetsAdapter<'get' | 'download' | 'upload' | 'delete', EgainConversationTypes>;

/**
 * The files in eGain's conversations. References: `egain:asset/<id>`.
 *
 * @param client - Made by `createEgainConversationClient`.
 * @example
 * ```ts
 * const chat = egainConversationAssets(createEgainConversationClient({ baseUrl, auth }));
 * const { ref } = await chat.upload({
 *   name: 'bird.jpg',
 *   content: blob,
 *   vendorOptions: { egain: { channel: { type: 'sms' }, sender: { type: 'customer' } } },
 * });
 * ```
 */
export function egainConversationAssets(
  client: Pick<EgainConversationClient, 'getAsset' | 'deleteAsset' | 'downloadAsset' | 'uploadAsset'>,
): EgainConversationAssets {
  return defineAdapter<'get' | 'download' | 'upload' | 'delete', EgainConversationTypes, { readonly id: string }>({
    vendor: 'egain',
    supports: {
      get: { fills: ['mediaType', 'size'], metadata: false },
      download: { forms: ['content'], tellsSize: true, notReady: true },
      upload: {
        minBytes: 1,
        maxBytes: 10_485_760,
        needsSize: true,
        minNameLength: 1,
        maxNameLength: 255,
        keepsName: true,
        readsBack: true,
        keepsMediaType: false,
        createsFirst: true,
        tellsState: true,
        sameName: 'adds',
        atomic: true,
        vendorOptions: {
          'channel.type': { required: true, type: 'string' },
          'sender.type': { required: true, type: 'string', values: ['custom_bot', 'customer', 'egain_agent', 'egain_bot', 'custom_agent'] },
          contentType: { required: false, type: 'string' },
        },
      },
      delete: true,
      downloadMany: false,
    },

    toSegments(target) {
      const { id, ...others } = typeof target === 'string' ? { id: target } : { ...target };
      if (typeof id !== 'string' || id === '') throw new TypeError('an id is expected: a text, or { id }');
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) throw new TypeError(`${unknown} names nothing here (there is id)`);
      return ['asset', id];
    },

    fromSegments([kind, id, ...others]) {
      if (kind !== 'asset') throw new SegmentError(0, 'asset is expected');
      if (id === undefined || others.length > 0) throw new SegmentError(id === undefined ? 1 : 2, 'egain:asset/<id> is expected');
      return { id };
    },

    async get({ id }, options) {
      const raw = await client.getAsset({ id }, options);
      return { id: raw.id ?? id, name: raw.name ?? '', mediaType: raw.contentType, size: raw.size, raw };
    },

    download: (key, options) => client.downloadAsset(key, options),

    async upload({ name, content, size, vendorOptions }, { onCreated, ...options }) {
      const { channel, sender, contentType } = vendorOptions.egain;
      const uploaded = await client.uploadAsset(
        { name, size, channel, sender, contentType, content: untyped(content, size!), onCreated: ({ id }) => onCreated(['asset', id]) },
        options,
      );
      return { segments: ['asset', uploaded.id], name: uploaded.name, mediaType: uploaded.contentType, raw: uploaded };
    },

    async uploadState(key, options): Promise<UploadState> {
      try {
        // Details are those of the announcement: only the storage knows whether the bytes came.
        const content = await client.downloadAsset(key, options);
        await content.cancel();
        return content.size === 0 ? 'empty' : 'complete';
      } catch (error) {
        if (ApiError.is(error) && (error.kind === 'not-ready' || error.kind === 'not-found')) return 'empty';
        throw error;
      }
    },

    async delete({ id }, options) {
      await client.deleteAsset({ id }, options);
    },
  });
}

/** The types of {@link egainAttachmentAssets}. */
export interface EgainAttachmentTypes extends AdapterTypes {
  readonly target: DownloadAttachmentParams;
  readonly raw: never;
  readonly uploaded: never;
}

/** What {@link egainAttachmentAssets} makes. */
export type EgainAttachmentAssets = AssetsAdapter<'download', EgainAttachmentTypes>;

const APPS = ['email', 'task', 'calltrack'] as const;
const TYPES = ['attachment.inbound', 'attachment.outbound', 'attachment'] as const;

/**
 * Attachments of eGain's e-mails, tasks and calls. References: `egain-attachment:<app>/<type>/<altId>`.
 *
 * @param client - Made by `createEgainAttachmentClient`.
 * @example
 * ```ts
 * const mail = egainAttachmentAssets(createEgainAttachmentClient({ baseUrl, auth }));
 * const content = await mail.download({ app: 'email', type: 'attachment.inbound', altId });
 * ```
 */
export function egainAttachmentAssets(client: Pick<EgainAttachmentClient, 'downloadAttachment'>): EgainAttachmentAssets {
  return defineAdapter<'download', EgainAttachmentTypes, DownloadAttachmentParams>({
    vendor: 'egain-attachment',
    supports: {
      get: false,
      download: { forms: ['content'], tellsSize: false, notReady: false },
      upload: false,
      delete: false,
      downloadMany: false,
    },

    toSegments(target) {
      const { app, type, altId, ...others } = { ...target };
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) throw new TypeError(`${unknown} names nothing here (there are app, type, altId)`);
      if (typeof altId !== 'string' || altId === '') throw new TypeError('altId is expected: { app, type, altId }');
      return [oneOf(APPS, app, 'app'), oneOf(TYPES, type, 'type'), altId];
    },

    fromSegments([app, type, altId, ...others]) {
      if (!isOneOf(APPS, app)) throw new SegmentError(0, `${APPS.join(', ')} is expected`);
      if (!isOneOf(TYPES, type)) throw new SegmentError(1, `${TYPES.join(', ')} is expected`);
      if (altId === undefined || others.length > 0) throw new SegmentError(altId === undefined ? 2 : 3, 'egain-attachment:<app>/<type>/<altId> is expected');
      return { app, type, altId };
    },

    download: (key, options) => client.downloadAttachment(key, options),
  });
}

/** Without the type of a Blob: eGain signs uploads for the type that follows from the name. */
function untyped(content: BinaryBody, size: number): BinaryBody {
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) return content;
  return { size, stream: () => ('stream' in content && typeof content.stream === 'function' ? content.stream() : (content as AsyncIterable<Uint8Array>)) };
}

function isOneOf<Value extends string>(list: readonly Value[], value: unknown): value is Value {
  return (list as readonly unknown[]).includes(value);
}

function oneOf<Value extends string>(list: readonly Value[], value: unknown, name: string): Value {
  if (isOneOf(list, value)) return value;
  throw new TypeError(`${name} must be one of ${list.join(', ')}`);
}
