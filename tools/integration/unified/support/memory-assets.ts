/** An adapter of a Map: all five verbs, and nothing in common with the fakes. */

import { ApiError, contentOf, defineAdapter, type AdapterTypes, type AssetsAdapter } from '@asset-clients/unified';

import { zip } from '../../files/make/zip.ts';

interface MemoryTypes extends AdapterTypes {
  readonly target: string;
  readonly raw: MemoryFile;
  readonly uploaded: MemoryFile;
}

export interface MemoryFile {
  name: string;
  mediaType: string | undefined;
  /** Absent: created, and not filled yet. */
  bytes: Uint8Array | undefined;
  updatedAt: Date;
}

export type MemoryAssets = AssetsAdapter<'get' | 'download' | 'upload' | 'delete' | 'downloadMany', MemoryTypes>;

export function memoryAssets(files: Map<string, MemoryFile>, maxBytes: number | null = 1_000_000): MemoryAssets {
  const find = (key: string, operation: string): MemoryFile => {
    const file = files.get(key);
    if (file !== undefined) return file;
    throw new ApiError({ kind: 'not-found', vendor: 'memory', operation, message: `there is no ${key}`, outcome: 'refused' });
  };
  const bytesOf = (key: string, operation: string): Uint8Array => {
    const { bytes } = find(key, operation);
    if (bytes !== undefined) return bytes;
    throw new ApiError({ kind: 'not-ready', vendor: 'memory', operation, message: `${key} has no content yet`, outcome: 'refused' });
  };

  return defineAdapter<'get' | 'download' | 'upload' | 'delete' | 'downloadMany', MemoryTypes, string>({
    vendor: 'memory',
    supports: {
      get: { fills: ['mediaType', 'size', 'updatedAt'], metadata: false },
      download: { forms: ['content'], tellsSize: true, notReady: true },
      upload: {
        minBytes: 0,
        maxBytes,
        needsSize: true,
        minNameLength: 1,
        maxNameLength: 100,
        keepsName: true,
        readsBack: true,
        keepsMediaType: true,
        createsFirst: true,
        tellsState: true,
        sameName: 'adds',
        atomic: true,
        vendorOptions: { 'label.colour': { required: false, type: 'string', values: ['red', 'blue'] } },
      },
      delete: true,
      downloadMany: true,
    },
    toSegments(target) {
      if (typeof target !== 'string' || target === '') throw new TypeError('a key is expected');
      return [target];
    },
    fromSegments([key, ...others]) {
      if (others.length > 0) throw new TypeError('memory:<key> is expected');
      return key!;
    },
    async get(key) {
      const file = find(key, 'get');
      return {
        id: key,
        name: file.name,
        mediaType: file.mediaType ?? 'application/octet-stream',
        size: file.bytes?.length ?? 0,
        updatedAt: file.updatedAt,
        raw: file,
      };
    },
    async download(key, options) {
      const bytes = bytesOf(key, 'download');
      const { name, mediaType, updatedAt } = find(key, 'download');
      return contentOf(bytes as Uint8Array<ArrayBuffer>, { vendor: 'memory', name, mediaType, lastModified: updatedAt }, options);
    },
    async upload({ name, content, size, mediaType }, { onCreated, ...options }) {
      const key = crypto.randomUUID();
      files.set(key, { name, mediaType, bytes: undefined, updatedAt: new Date() });
      await onCreated([key]);
      const bytes = await contentOf(content, { vendor: 'memory', operation: 'upload', size }, options).bytes();
      const file = { name, mediaType, bytes, updatedAt: new Date() };
      files.set(key, file);
      return { segments: [key], mediaType, storedBytes: bytes.length, raw: file };
    },
    async uploadState(key) {
      return files.get(key)?.bytes === undefined ? 'empty' : 'complete';
    },
    async delete(key) {
      find(key, 'delete');
      files.delete(key);
    },
    async downloadMany(keys, options) {
      const entries = keys.map((key) => [find(key, 'downloadMany').name, bytesOf(key, 'downloadMany')] as const);
      return contentOf(zip(Object.fromEntries(entries)) as Uint8Array<ArrayBuffer>, { vendor: 'memory', mediaType: 'application/zip' }, options);
    },
  });
}
