import { ChangedSource, sourceOf, type Source } from '../core/content.ts';
import { mediaTypeOf } from '../core/media-types.ts';
import type { Random } from '../core/random.ts';
import { Secrets } from '../core/secrets.ts';
import type { EgainAssumptions } from './assumptions.ts';
import type { EgainAssetSeed, EgainAttachmentSeed } from './seed.ts';

const DEFAULT_BYTES = 1024;

/** The scopes that the pages of the two asset operations name. */
export const MANAGE = 'app.conversation.conversationmgr.interaction.manage';
export const READ = 'app.conversation.conversationmgr.interaction.read';

/** A file, its bytes once there are some. */
export interface StoredFile {
  readonly kind: 'asset' | 'attachment';
  /** `id` of an asset, `altId` of an attachment. */
  readonly id: string;
  readonly name: string;
  contentType: string;
  /** What the upload has to bring; once it came, the source knows. */
  readonly size: number;
  source: Source | undefined;
  readonly used: boolean;
  readonly attachment: EgainAttachmentSeed | undefined;
}

/** An access token. */
export interface Token {
  readonly value: string;
  readonly scopes: readonly string[];
  readonly actor: 'client' | 'user';
  expires: number;
}

/** A signed URL. */
export interface SignedUrl {
  readonly signature: string;
  readonly use: 'upload' | 'download';
  readonly file: StoredFile;
  expires: number;
  used: boolean;
}

/** A code of the login page that waits to be exchanged. */
export interface LoginCode {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: string | undefined;
  readonly expires: number;
}

/** All that the fake knows. */
export class EgainState {
  readonly assumptions: EgainAssumptions;
  readonly random: Random;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly gatewayId: string;
  readonly tenant: string;
  /** Scopes that the administrator gave to the client application. */
  readonly granted: readonly string[];
  readonly assets: Map<string, StoredFile> = new Map();
  readonly attachments: Map<string, StoredFile> = new Map();
  readonly tokens: Map<string, Token> = new Map();
  readonly refreshTokens: Map<string, readonly string[]> = new Map();
  readonly codes: Map<string, LoginCode> = new Map();
  readonly signed: Map<string, SignedUrl> = new Map();
  readonly secrets: Secrets = new Secrets();
  readonly signatures: Secrets = new Secrets();
  readonly recent: number[] = [];
  changes = 0;

  constructor(assumptions: EgainAssumptions, random: Random, granted: readonly string[]) {
    this.assumptions = assumptions;
    this.random = random;
    this.granted = granted;
    this.clientId = random.uuid();
    this.clientSecret = `fake-secret-${random.hex(24)}`;
    this.gatewayId = random.uuid();
    this.tenant = `TMPROD${random.digits(8)}`;
    this.secrets.add(this.clientSecret);
  }

  addAsset(seed: EgainAssetSeed): StoredFile {
    const id = seed.id ?? this.random.uuid();
    const uploaded = seed.uploaded !== false;
    const file = this.#file('asset', id, seed, uploaded ? sourceOf(seed, `egain:${id}`, DEFAULT_BYTES) : undefined);
    this.assets.set(id, file);
    return file;
  }

  addAttachment(seed: EgainAttachmentSeed): StoredFile {
    const altId = seed.altId ?? this.random.uuid();
    const file = this.#file('attachment', altId, seed, sourceOf(seed, `egain:${altId}`, DEFAULT_BYTES));
    this.attachments.set(altId, file);
    return file;
  }

  #file(kind: StoredFile['kind'], id: string, seed: EgainAssetSeed | EgainAttachmentSeed, source: Source | undefined): StoredFile {
    if (typeof seed.name !== 'string' || seed.name === '')
      throw new TypeError(`An eGain ${kind} needs a name with an extension, for example { name: "bird.jpg" }.`);
    return {
      kind,
      id,
      name: seed.name,
      contentType: seed.contentType ?? mediaTypeOf(seed.name),
      size:
        typeof seed.bytes === 'number'
          ? seed.bytes
          : (seed.bytes?.byteLength ?? (seed.text === undefined ? DEFAULT_BYTES : new TextEncoder().encode(seed.text).byteLength)),
      source,
      used: 'used' in seed && seed.used === true,
      attachment: kind === 'attachment' ? (seed as EgainAttachmentSeed) : undefined,
    };
  }

  /** Makes a token without a login. */
  issue(scopes: readonly string[], actor: Token['actor'], now: number, seconds: number): Token {
    const expires = now + seconds * 1000;
    const token: Token = { value: this.random.jwt({ sub: this.clientId, scp: scopes.join(' '), exp: Math.floor(expires / 1000) }), scopes, actor, expires };
    this.tokens.set(token.value, token);
    this.secrets.add(token.value);
    return token;
  }

  /** Signs a URL of the storage. */
  sign(file: StoredFile, use: SignedUrl['use'], origin: string, now: number): { url: string; expiry: string } {
    const expires = now + this.assumptions.signedUrlLifetimeSeconds * 1000;
    const method = use === 'upload' ? this.assumptions.uploadMethod : 'GET';
    const signature = this.random.jwt({ method, id: file.id, exp: Math.floor(expires / 1000) });
    this.signatures.add(signature);
    this.signed.set(signature, { signature, use, file, expires, used: false });
    return { url: `${origin}/core/assetmgr/v3/assets/${use}?signature=${signature}`, expiry: new Date(expires).toISOString() };
  }

  /** Puts other bytes of the same number in the place of a file's. */
  change(file: StoredFile): boolean {
    if (file.source === undefined) return false;
    file.source = new ChangedSource(file.source, ++this.changes);
    return true;
  }
}
