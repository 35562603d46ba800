import type { Asset } from './generated/assets/models.ts';

/** A row of a metadata table: column name to value. */
export type MetadataRow = Readonly<Record<string, unknown>>;

/** An asset's metadata, looked up by display name. */
export interface AssetMetadata {
  /** All names, in the vendor's order, each once. */
  readonly names: readonly string[];
  /** The first value of an attribute when it is a text; `undefined` when there is none. */
  text(name: string): string | undefined;
  /** All values under a name: names need not be unique. Texts, rows, `null`, or what else the vendor sent. */
  values(name: string): readonly unknown[];
  /** A table as rows by column name; empty when there is no table of this name. */
  table(name: string): readonly MetadataRow[];
  has(name: string): boolean;
}

/**
 * Reads the `metadata` list of an asset.
 *
 * @param asset - The asset, or the whole answer of `retrieveAsset`.
 * @example
 * ```ts
 * const { data } = await client.retrieveAsset({ id });
 * metadata(data).text('Product'); // 'HooliDocs'
 * metadata(data).table('Usage Table')[0]?.['Usage Length']; // '12 months'
 * ```
 */
export function metadata(asset: Pick<Asset, 'metadata'> | { readonly data?: Pick<Asset, 'metadata'> | undefined } | undefined): AssetMetadata {
  const holder =
    asset !== undefined && asset !== null && 'data' in asset && asset.data !== undefined ? asset.data : (asset as Pick<Asset, 'metadata'> | undefined);
  const items = Array.isArray(holder?.metadata) ? holder.metadata : [];
  const values = new Map<string, unknown[]>();
  for (const item of items) {
    if (typeof item?.name !== 'string') continue;
    const list = values.get(item.name);
    if (list === undefined) values.set(item.name, [item.value]);
    else list.push(item.value);
  }
  return {
    names: [...values.keys()],
    has: (name) => values.has(name),
    values: (name) => values.get(name) ?? [],
    text: (name) => values.get(name)?.find((value): value is string => typeof value === 'string'),
    table: (name) =>
      (values.get(name) ?? [])
        .filter((value): value is unknown[] => Array.isArray(value))
        .flat()
        .filter((row): row is unknown[] => Array.isArray(row))
        .map((row) => toRow(row)),
  };
}

function toRow(cells: readonly unknown[]): MetadataRow {
  // Column names come from the tenant's administrator; none may reach a prototype.
  const row = Object.create(null) as Record<string, unknown>;
  for (const cell of cells) {
    const { name, value } = (cell ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name === 'string') row[name] = value;
  }
  return row;
}
