import { ChangedSource, CONTENT_SEED, sourceOf, type Source } from '../core/content.ts';
import { checkGiven } from '../core/given.ts';
import { mediaTypeOf } from '../core/media-types.ts';
import { hash128, type Random } from '../core/random.ts';
import { Secrets } from '../core/secrets.ts';
import type { TenovosAssumptions } from './assumptions.ts';
import type { TenovosAssetSeed, TenovosMetadataSeed } from './seed.ts';

const DEFAULT_BYTES = 1024;
/** Suffix of the file name of a rendition, as in the vendor's example. */
const RENDITION_SIZES: Readonly<Record<string, string>> = {
  imageThumb: '200x200',
  imagePreview: '700x700',
  imagePreviewLarge: '1000x1000',
  mezzaninePreview: '3000x3000',
};
const RENDITION_BYTES: Readonly<Record<string, number>> = { imageThumb: 4_096, imagePreview: 32_768, imagePreviewLarge: 65_536, mezzaninePreview: 262_144 };
export const TOKEN_LIFETIME_MS: number = 3_600_000;
export const REFRESH_LIFETIME_MS: number = 30 * 86_400_000;

/** An object in the storage: an original or a rendition. */
export interface StorageObject {
  readonly path: string;
  readonly assetId: string;
  /** `'original'`, or the name of the rendition. */
  readonly part: string;
  readonly contentType: string;
  source: Source;
  /** As last answered. */
  etag: string | undefined;
  lastModified: number;
}

/** An asset with everything that the API can answer about it. */
export interface TenovosAsset {
  readonly id: string;
  readonly fileId: string;
  readonly seed: TenovosAssetSeed;
  readonly metadata: readonly TenovosMetadataSeed[];
  readonly access: 'download' | 'view' | 'none';
  readonly fileState: 'available' | 'recycle bin';
  readonly metadataState: 'available' | 'recycle bin';
  readonly created: number;
  readonly updated: number;
  readonly user: string;
  readonly metadataTemplateId: string;
  readonly securityTemplateIds: readonly string[];
  readonly original: StorageObject | undefined;
  readonly renditions: ReadonlyMap<string, StorageObject>;
}

/** A login. */
export interface Session {
  authorization: string;
  accessToken: string;
  expires: number;
  readonly refreshToken: string;
  readonly refreshExpires: number;
  readonly endpointUrl: string;
}

/** A signed URL of the storage. */
export interface SignedUrl {
  readonly path: string;
  readonly signature: string;
  expires: number;
}

/** All that the fake knows. */
export class TenovosState {
  readonly assumptions: TenovosAssumptions;
  readonly random: Random;
  readonly apiKey: string;
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  readonly userPoolId: string;
  readonly userId: string;
  readonly assets: Map<string, TenovosAsset> = new Map();
  readonly byFile: Map<string, TenovosAsset> = new Map();
  readonly objects: Map<string, StorageObject> = new Map();
  readonly signed: Map<string, SignedUrl> = new Map();
  readonly sessions: Set<Session> = new Set();
  readonly secrets: Secrets = new Secrets();
  readonly signatures: Secrets = new Secrets();
  readonly cursors: Map<string, number> = new Map();
  readonly recent: number[] = [];
  changes = 0;

  constructor(assumptions: TenovosAssumptions, random: Random) {
    this.assumptions = assumptions;
    this.random = random;
    this.apiKey = `fake-key-${random.hex(24)}`;
    this.username = 'fake.user@tenovos.test';
    this.password = `fake-password-${random.hex(12)}`;
    this.clientId = random.hex(26);
    this.userPoolId = `fake-pool_${random.hex(9)}`;
    this.userId = random.uuid();
    this.secrets.add(this.apiKey).add(this.password);
  }

  /** Adds an asset; one with the same id is replaced. */
  add(seed: TenovosAssetSeed, now: number): TenovosAsset {
    if (typeof seed.name !== 'string' || seed.name === '') throw new TypeError('A Tenovos asset needs a name, for example { name: "hero.tif" }.');
    const id = seed.id ?? this.random.uuid();
    const fileId = seed.fileId ?? uuidOf(`file:${id}`);
    if (seed.metadataOnly === true && (seed.bytes ?? seed.text ?? seed.file) !== undefined) {
      throw new TypeError(`The asset '${id}' is metadataOnly and has content: give one of the two.`);
    }
    const former = this.assets.get(id);
    if (former !== undefined) {
      this.byFile.delete(former.fileId);
      for (const one of [former.original, ...former.renditions.values()]) if (one !== undefined) this.objects.delete(one.path);
    }
    const contentType = seed.contentType ?? mediaTypeOf(seed.name);
    const updated = timeOf(seed.lastUpdatedDate, now, 'lastUpdatedDate');
    const object = (path: string, part: string, type: string, source: Source): StorageObject => {
      const stored: StorageObject = { path, assetId: id, part, contentType: type, source, etag: undefined, lastModified: updated };
      this.objects.set(path, stored);
      return stored;
    };
    const original =
      seed.metadataOnly === true
        ? undefined
        : object(`/masters/${pathOf(fileId)}/${pathOf(seed.name)}`, 'original', contentType, sourceOf(seed, `tenovos:${id}`, DEFAULT_BYTES));
    const renditions = new Map<string, StorageObject>();
    const wanted =
      seed.renditions ??
      (seed.metadataOnly !== true && /^image\/|^video\/|\/pdf$/.test(contentType)
        ? Object.fromEntries(Object.keys(RENDITION_SIZES).map((name) => [name, {}]))
        : false);
    for (const [name, content] of Object.entries(wanted === false ? {} : wanted)) {
      checkGiven(`${name} of renditions of the asset '${id}'`, content ?? {}, CONTENT_SEED);
      const path = `/${updated}/${uuidOf(`folder:${id}`)}/${pathOf(fileId)}-${RENDITION_SIZES[name] ?? pathOf(name)}.png`;
      renditions.set(name, object(path, name, 'image/png', sourceOf(content ?? {}, `tenovos:${id}:${name}`, RENDITION_BYTES[name] ?? 16_384)));
    }
    const asset: TenovosAsset = {
      id,
      fileId,
      seed,
      metadata: seed.metadata ?? [],
      access: seed.access ?? 'download',
      fileState: seed.fileState ?? 'available',
      metadataState: seed.metadataState ?? 'available',
      created: timeOf(seed.createdDate, now, 'createdDate'),
      updated,
      user: this.userId,
      metadataTemplateId: seed.metadataTemplateId ?? uuidOf('template'),
      securityTemplateIds: seed.securityTemplateIds ?? [uuidOf('security')],
      original,
      renditions,
    };
    this.assets.set(id, asset);
    this.byFile.set(fileId, asset);
    return asset;
  }

  /** Signs the address of an object. */
  sign(object: StorageObject, origin: string, seconds: number, now: number): string {
    const start = Math.floor(now / 1000) * 1000;
    const date = new Date(start).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const signature = this.random.hex(64);
    this.signatures.add(signature);
    this.signed.set(signature, { path: object.path, signature, expires: now + seconds * 1000 });
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `FAKE${this.clientId.slice(0, 12).toUpperCase()}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
      'X-Amz-Date': date,
      'X-Amz-Expires': String(seconds),
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': signature,
    });
    return `${origin}${object.path}?${query}`;
  }

  /** Puts other bytes of the same number in the place of an object's. */
  change(object: StorageObject, now: number): void {
    object.source = new ChangedSource(object.source, ++this.changes);
    object.etag = undefined;
    object.lastModified = now;
  }

  /** ETag and date of an object; a file on disk that was changed since the last look was changed now. */
  validators(object: StorageObject, now: number): { readonly etag: string; readonly lastModified: string } {
    const etag = etagOf(object.source);
    if (object.etag !== undefined && object.etag !== etag) object.lastModified = now;
    object.etag = etag;
    return { etag, lastModified: new Date(object.lastModified).toUTCString() };
  }
}

/** An ETag that nobody takes for an MD5 sum: that of an upload in parts. */
function etagOf(source: Source): string {
  return `"${source.version}-2"`;
}

/** The same id for the same text, in every fake. */
export function uuidOf(text: string): string {
  const hex = Array.from(hash128(text), (word) => word.toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function timeOf(text: string | undefined, now: number, name: string): number {
  const time = text === undefined ? Math.floor(now / 1000) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new TypeError(`${name} is an ISO date, not '${text}'.`);
  return time;
}

/** A name or id in a path: half of a pair of surrogates cannot be written there, and `.` and `..` would lead elsewhere. */
function pathOf(name: string): string {
  const written = encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(name)));
  return /^\.{1,2}$/.test(written) ? `${written}_` : written;
}
