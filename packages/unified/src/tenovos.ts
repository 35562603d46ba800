/** Tenovos behind the contract: details, originals and renditions. The API that is public takes no uploads. */

import type { Asset as TenovosAsset, TenovosClient } from '@asset-clients/tenovos';

import { defineAdapter, SegmentError, type Details } from './adapter.ts';
import type { AdapterTypes, AssetsAdapter } from './contract.ts';

/** A file of Tenovos: an asset's id (its original), or a rendition of it. */
export type TenovosTarget = string | { readonly id: string; readonly rendition?: string | undefined };

/** The types of {@link tenovosAssets}. */
export interface TenovosTypes extends AdapterTypes {
  readonly target: TenovosTarget;
  readonly raw: TenovosAsset;
  readonly uploaded: never;
}

/** What {@link tenovosAssets} makes. */
export type TenovosAssets = AssetsAdapter<'get' | 'download', TenovosTypes>;

interface Key {
  readonly id: string;
  readonly rendition?: string | undefined;
}

/**
 * The assets of a Tenovos DAM. References: `tenovos:<id>`, `tenovos:<id>/<rendition>`.
 *
 * @param client - Made by `createTenovosClient`.
 * @example
 * ```ts
 * const dam = tenovosAssets(createTenovosClient({ baseUrl, apiKey, username, password }));
 * const preview = await dam.download({ id, rendition: 'imagePreview' });
 * ```
 */
export function tenovosAssets(client: Pick<TenovosClient, 'retrieveAsset' | 'downloadAsset'>): TenovosAssets {
  return defineAdapter<'get' | 'download', TenovosTypes, Key>({
    vendor: 'tenovos',
    supports: {
      get: { fills: ['size', 'updatedAt'], metadata: true },
      download: { forms: ['original', 'rendition'], tellsSize: false, notReady: false },
      upload: false,
      delete: false,
      downloadMany: false,
    },

    toSegments(target) {
      const { id, rendition, ...others } = typeof target === 'string' ? { id: target } : { ...target };
      if (typeof id !== 'string' || id === '') throw new TypeError('an id is expected: a text, or { id, rendition? }');
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) throw new TypeError(`${unknown} names nothing here (there are id, rendition)`);
      if (rendition !== undefined && (typeof rendition !== 'string' || rendition === ''))
        throw new TypeError('rendition must be a name, for example "imagePreview"');
      return rendition === undefined ? [id] : [id, rendition];
    },

    fromSegments([id, rendition, ...others]) {
      if (others.length > 0) throw new SegmentError(2, 'tenovos:<id> or tenovos:<id>/<rendition> is expected');
      return { id: id!, rendition };
    },

    async get({ id }, options) {
      const { data } = await client.retrieveAsset({ id, empty: false, system: false }, options);
      return detailsOf(id, data ?? {});
    },

    download: (key, options) => client.downloadAsset(key, options),
  });
}

function detailsOf(id: string, raw: TenovosAsset): Details<TenovosAsset> {
  const updated = Date.parse(raw.lastUpdatedDate ?? '');
  return {
    id: raw.assetId ?? id,
    name: raw.filename ?? '',
    size: raw.fileSizeInBytes,
    updatedAt: Number.isNaN(updated) ? undefined : new Date(updated),
    raw,
  };
}
