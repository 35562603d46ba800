/** How `copyAll` names items, names and options, the same in every run. */

import { Redactor } from '@asset-clients/runtime';

import type { AnyAdapter, AssetRef, CopyItem } from './contract.ts';
import { formatAssetRef } from './refs.ts';

const redactor = new Redactor();

/** Where from, where to, and the name that the caller chose: readable, and different for different items. */
export function itemKey({ from, to, as }: CopyItem): string {
  // What a function makes is known when the source is open; a text is in quotation marks.
  const name = typeof as === 'function' ? ' as its function says' : as === undefined ? '' : ` as ${JSON.stringify(as)}`;
  return `${formatAssetRef(from)}${placeOf(from.adapter)} > ${owner(to)}${placeOf(to)}${name}`;
}

/** One file at a destination where one name is one file. */
export function nameKey(to: AnyAdapter, name: string): string {
  return `${owner(to)}${placeOf(to)} has ${JSON.stringify(name)}`;
}

/** A digest of what else an item says; the values themselves are kept nowhere. */
export async function optionsDigest({ mediaType, vendorOptions }: CopyItem): Promise<string> {
  if (mediaType === undefined && vendorOptions === undefined) return '';
  return digest(JSON.stringify(sorted({ mediaType, vendorOptions })));
}

/**
 * A short name for a text: SHA-256, 128 bits of it, as hex. Where the platform has none (a page that is not https), the
 * text itself.
 */
export async function digest(text: string): Promise<string> {
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) return text;
  const bytes = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)), 0, 16);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A reference as plain data: without its adapter. */
export function plainRef({ vendor, instance, segments }: AssetRef): AssetRef {
  return { vendor, ...(instance !== undefined && { instance }), segments: [...segments] };
}

function owner({ vendor, instance }: { readonly vendor: string; readonly instance?: string | undefined }): string {
  return instance === undefined ? vendor : `${vendor}@${instance}`;
}

function placeOf({ place }: AnyAdapter): string {
  return place === undefined ? '' : ` in ${JSON.stringify(redactor.text(place))}`;
}

/** The same options in another order are the same options. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
