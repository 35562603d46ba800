import type { TenovosClient } from '@asset-clients/tenovos';

/** Changes metadata of an asset: PATCH /assets/asset/{id} has no method here. */
export async function rename(dam: TenovosClient, id: string, product: string): Promise<void> {
  await dam.request(`PATCH /assets/asset/${encodeURIComponent(id)}`, { body: { metadata: [{ name: 'Product', value: product }] } });
}
