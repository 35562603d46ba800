/** Several adapters under names, and references routed to the right one. */

import { invalidRequest, type Content } from '@asset-clients/runtime';

import { isAdapter, NAMED } from './adapter.ts';
import type { AnyAdapter, Asset, AssetRef, AssetsAdapter, BoundRef, VerbOptions } from './contract.ts';
import { shown } from './options.ts';
import { checkedRef, formatAssetRef, isInstanceName, parseAssetRef, wrongRef } from './refs.ts';

/** What a set of adapters does with references of all of them; a text is read as by `parseAssetRef`. */
export interface AssetsRouter<Adapter extends AnyAdapter = AnyAdapter> {
  /**
   * The reference, bound to the adapter that reads it. Sends nothing.
   *
   * @throws ApiError of kind `invalid-request` naming the known instances when it belongs to none, or to several.
   */
  ref(ref: AssetRef | string): BoundRef<Adapter>;
  /** Details of one asset; kind `unsupported` where its vendor tells none. */
  get(ref: AssetRef | string, options?: VerbOptions): Promise<Asset>;
  /** Opens the bytes of one file. */
  download(ref: AssetRef | string, options?: VerbOptions): Promise<Content>;
  /** Removes one asset; kind `unsupported` where its vendor cannot. */
  delete(ref: AssetRef | string, options?: VerbOptions): Promise<void>;
  /** Opens several files of one adapter as one archive; kind `unsupported` where its vendor cannot. */
  downloadMany(refs: readonly (AssetRef | string)[], options?: VerbOptions): Promise<Content>;
}

/** What {@link createAssets} makes: the adapters under their names, and a router. */
export type Assets<Adapters extends Readonly<Record<string, AnyAdapter>>> = Readonly<Adapters> & AssetsRouter<Adapters[keyof Adapters]>;

/** Names that mean something else here, or to the language. */
const TAKEN = ['ref', 'get', 'download', 'delete', 'downloadMany', 'then', 'toJSON', 'constructor'];

/**
 * Gives adapters names, which are the instances in references (`tenovos@dam:...`), and routes references to them.
 *
 * @param adapters - By name: letters, digits, `_` and `-`, beginning with a letter.
 * @returns The same adapters, named, and the verbs for references of all of them.
 * @throws ApiError of kind `invalid-request` when a name is taken or no name.
 * @example
 * ```ts
 * const assets = createAssets({ dam, tms, chat });
 * await assets.get('tenovos@dam:2dee909b');
 * await copy(assets.ref('worldserver:task/1234/target'), assets.chat, { vendorOptions });
 * ```
 */
export function createAssets<const Adapters extends Readonly<Record<string, AnyAdapter>>>(
  adapters: Adapters & { readonly [Name in keyof Adapters & keyof AssetsRouter]: never },
): Assets<Adapters> {
  if (typeof adapters !== 'object' || adapters === null || Array.isArray(adapters)) {
    throw invalidRequest({
      operation: 'createAssets',
      message: `adapters is ${shown(adapters)}; it must be an object with adapters by name`,
      hint: 'For example createAssets({ dam, out }).',
    });
  }
  const named: Record<string, AnyAdapter> = {};
  for (const [name, adapter] of Object.entries(adapters as Readonly<Record<string, AnyAdapter>>)) {
    const refuse = (message: string): never => {
      throw invalidRequest({ operation: 'createAssets', message, hint: 'For example createAssets({ dam, out: filesAssets({ dir }) }).' });
    };
    if (!isInstanceName(name)) refuse(`${JSON.stringify(name)} is no name: letters, digits, "_" and "-", beginning with a letter`);
    if (TAKEN.includes(name)) refuse(`${name} is taken: give the adapter another name`);
    if (!isAdapter(adapter)) return refuse(`${name} is no adapter; defineAdapter() makes one`);
    named[name] = adapter[NAMED](name, () => named);
  }
  const instances = Object.entries(named).map(([name, { vendor }]) => `${vendor}@${name}`);
  const known = instances.length === 0 ? 'No instance is known.' : `Known: ${instances.join(', ')}.`;

  function ref(given: AssetRef | string): BoundRef {
    const plain = typeof given === 'string' ? parseAssetRef(given) : checkedRef(given, 'createAssets');
    const text = formatAssetRef(plain);
    const { vendor, instance } = plain;
    if (instance !== undefined) {
      const adapter = Object.hasOwn(named, instance) ? named[instance] : undefined;
      if (adapter === undefined) throw wrongRef('createAssets', text, vendor.length + 1, `no instance is named ${instance}. ${known}`, vendor);
      if (adapter.vendor !== vendor) throw wrongRef('createAssets', text, 0, `${instance} is ${adapter.vendor}, not ${vendor}. ${known}`, vendor);
      return adapter.ref(plain);
    }
    const fitting = Object.values(named).filter((adapter) => adapter.vendor === vendor);
    if (fitting.length === 0) throw wrongRef('createAssets', text, 0, `nobody here reads ${vendor}. ${known}`, vendor);
    if (fitting.length > 1) {
      const names = fitting.map((adapter) => `${vendor}@${adapter.instance}`).join(' or ');
      throw wrongRef('createAssets', text, vendor.length, `there are several of ${vendor}: write ${names}`, vendor);
    }
    return fitting[0]!.ref(plain);
  }

  // What an adapter cannot do it refuses itself, naming who can.
  const router: AssetsRouter = {
    ref,
    async get(given, options) {
      const bound = ref(given);
      return (bound.adapter as AssetsAdapter<'get'>).get(bound, options);
    },
    async download(given, options) {
      const bound = ref(given);
      return (bound.adapter as AssetsAdapter<'download'>).download(bound, options);
    },
    async delete(given, options) {
      const bound = ref(given);
      return (bound.adapter as AssetsAdapter<'delete'>).delete(bound, options);
    },
    async downloadMany(given, options) {
      const bound = Array.isArray(given) ? given.map(ref) : [];
      const [first, ...others] = bound;
      const stranger = others.find(({ adapter }) => adapter !== first?.adapter);
      if (first === undefined || stranger !== undefined) {
        throw invalidRequest({
          operation: 'downloadMany',
          message:
            first === undefined
              ? 'a list of at least one file is expected'
              : `${formatAssetRef(first)} and ${formatAssetRef(stranger!)} are of different systems`,
          hint: 'One archive comes from one system.',
        });
      }
      return (first.adapter as AssetsAdapter<'downloadMany'>).downloadMany(bound, options);
    },
  };
  return Object.freeze({ ...named, ...router }) as unknown as Assets<Adapters>;
}
