/** WorldServer behind the contract: sources and targets, archives, uploads. */

import { ApiError, invalidRequest } from '@asset-clients/runtime';
import type { StoredFile, WorldServerClient } from '@asset-clients/worldserver';

import { defineAdapter, SegmentError } from './adapter.ts';
import type { AdapterTypes, AssetsAdapter } from './contract.ts';

/** A file of WorldServer: the source, the target or both of a task, project or project group. */
export interface WorldServerTarget {
  /** Digits. */
  readonly resourceId: string | number;
  /** Default `'TASK'`. */
  readonly resourceType?: 'TASK' | 'PROJECT' | 'PROJECT_GROUP' | undefined;
  /** Default `'SOURCE'`. */
  readonly assetLocationType?: 'SOURCE' | 'TARGET' | 'SOURCE_TARGET' | undefined;
}

/** The types of {@link worldServerAssets}. */
export interface WorldServerTypes extends AdapterTypes {
  readonly target: WorldServerTarget;
  readonly raw: never;
  /** `internalName` is what creating a project group takes. */
  readonly uploaded: StoredFile;
  readonly upload: { readonly vendorOptions?: { readonly worldserver?: WorldServerUploadOptions | undefined } | undefined };
}

/** What is special in an upload to WorldServer. */
export interface WorldServerUploadOptions {
  /** Unpack a `.zip`. */
  readonly expandZip?: boolean | undefined;
}

/** What {@link worldServerAssets} makes. */
export type WorldServerAssets = AssetsAdapter<'download' | 'upload' | 'downloadMany', WorldServerTypes>;

type Asset = { readonly [Name in keyof WorldServerTarget]-?: Exclude<WorldServerTarget[Name], undefined | number> };
type Key = Asset | { readonly internalName: string };

const TYPES = { task: 'TASK', project: 'PROJECT', 'project-group': 'PROJECT_GROUP' } as const;
const LOCATIONS = { source: 'SOURCE', target: 'TARGET', 'source-target': 'SOURCE_TARGET' } as const;

/**
 * The files of a WorldServer installation. References: `worldserver:task/<id>/source`, with `task`, `project` or
 * `project-group` and `source`, `target` or `source-target`; an upload's is `worldserver:file/<internalName>`.
 *
 * @param client - Made by `createWorldServerClient`.
 * @example
 * ```ts
 * const tms = worldServerAssets(createWorldServerClient({ baseUrl, username, password }));
 * const target = await tms.download({ resourceId: 1234, assetLocationType: 'TARGET' });
 * ```
 */
export function worldServerAssets(client: Pick<WorldServerClient, 'downloadAsset' | 'getAssets' | 'uploadFile'>): WorldServerAssets {
  return defineAdapter<'download' | 'upload' | 'downloadMany', WorldServerTypes, Key>({
    vendor: 'worldserver',
    supports: {
      get: false,
      download: { forms: ['source', 'target', 'source-target'], tellsSize: false, notReady: true },
      upload: {
        minBytes: 0,
        maxBytes: null,
        needsSize: false,
        minNameLength: 1,
        maxNameLength: null,
        keepsName: true,
        readsBack: false,
        keepsMediaType: false,
        createsFirst: false,
        tellsState: false,
        sameName: 'adds',
        atomic: true,
        vendorOptions: { expandZip: { required: false, type: 'boolean' } },
      },
      delete: false,
      downloadMany: true,
    },

    toSegments(target) {
      const { resourceId, resourceType = 'TASK', assetLocationType = 'SOURCE', ...others } = { ...target };
      if (!/^\d+$/.test(String(resourceId)) || (typeof resourceId === 'number' && !Number.isSafeInteger(resourceId))) {
        throw new TypeError('resourceId must be digits, as a text or a safe integer');
      }
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) throw new TypeError(`${unknown} names nothing here (there are resourceId, resourceType, assetLocationType)`);
      return [wordOf(TYPES, resourceType, 'resourceType'), String(resourceId), wordOf(LOCATIONS, assetLocationType, 'assetLocationType')];
    },

    fromSegments([type, id, location, ...others]) {
      if (type === 'file') {
        if (id === undefined || location !== undefined) throw new SegmentError(id === undefined ? 1 : 2, 'worldserver:file/<internalName> is expected');
        return { internalName: id };
      }
      if (type === undefined || !Object.hasOwn(TYPES, type)) throw new SegmentError(0, 'task, project, project-group or file is expected');
      if (id === undefined || !/^\d+$/.test(id)) throw new SegmentError(1, 'digits are expected');
      if (location === undefined || !Object.hasOwn(LOCATIONS, location)) throw new SegmentError(2, 'source, target or source-target is expected');
      if (others.length > 0) throw new SegmentError(3, 'the end is expected');
      return { resourceId: id, resourceType: TYPES[type as keyof typeof TYPES], assetLocationType: LOCATIONS[location as keyof typeof LOCATIONS] };
    },

    download: async (key, options) => client.downloadAsset(assetOf(key, 'download'), options),

    async downloadMany(keys, options) {
      const assets = keys.map((key) => assetOf(key, 'downloadMany'));
      const { resourceType, assetLocationType } = assets[0]!;
      if (assets.some((asset) => asset.resourceType !== resourceType || asset.assetLocationType !== assetLocationType)) {
        throw invalidRequest({
          vendor: 'worldserver',
          operation: 'downloadMany',
          message: 'all files of one archive must have the same resourceType and assetLocationType',
          hint: 'Ask for an archive of each; no request was sent.',
        });
      }
      return client.getAssets({ resourceIds: assets.map(({ resourceId }) => resourceId), resourceType, assetLocationType }, options);
    },

    async upload({ name, content, size, mediaType, vendorOptions }, { onCreated: _never, ...options }) {
      const { expandZip } = vendorOptions?.worldserver ?? {};
      const stored = await client.uploadFile({ name, content, size, contentType: mediaType, expandZip }, options);
      const isArchive = expandZip === true;
      return {
        segments: ['file', stored.internalName],
        name: stored.name,
        // Of an archive that was unpacked this is the size of its first file.
        storedBytes: isArchive ? undefined : stored.raw.size,
        raw: stored,
      };
    },
  });
}

/** The file area gives nothing back without a token of its own, which a reference must not hold. */
function assetOf(key: Key, operation: string): Asset {
  if (!('internalName' in key)) return key;
  throw new ApiError({
    kind: 'unsupported',
    vendor: 'worldserver',
    operation,
    message: 'an upload has a name (internalName) for creating projects, but cannot be downloaded by it',
    outcome: 'not-sent',
    hint: 'Download the source of the task that was made of it.',
  });
}

function wordOf(words: Readonly<Record<string, string>>, value: string, name: string): string {
  const word = Object.keys(words).find((key) => words[key] === value);
  if (word === undefined) throw new TypeError(`${name} must be one of ${Object.values(words).join(', ')}`);
  return word;
}
