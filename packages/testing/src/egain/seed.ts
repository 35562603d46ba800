import { CONTENT_SEED, type ContentSeed } from '../core/content.ts';
import type { Rule, Rules } from '../core/given.ts';

/** One asset of a conversation. Content is 1,024 made-up bytes unless given. */
export interface EgainAssetSeed extends ContentSeed {
  /** Made up when absent. */
  readonly id?: string;
  /** File name with extension, for example `bird.jpg`. */
  readonly name: string;
  /** By default by the extension of the name. */
  readonly contentType?: string;
  /** `false`: created, but nothing was uploaded yet. */
  readonly uploaded?: boolean;
  /** A message uses it, so it cannot be deleted. */
  readonly used?: boolean;
}

/** One attachment of an e-mail, a task or a call. Content is 1,024 made-up bytes unless given. */
export interface EgainAttachmentSeed extends ContentSeed {
  /** Made up when absent. */
  readonly altId?: string;
  readonly id?: string;
  /** File name with extension, for example `invoice.pdf`. */
  readonly name: string;
  /** `'email'`. */
  readonly app?: 'email' | 'task' | 'calltrack';
  /** `'attachment.inbound'`. */
  readonly type?: 'attachment.inbound' | 'attachment.outbound' | 'attachment';
  /** By default by the extension of the name. */
  readonly contentType?: string;
  /** Who may see it: everybody, or client applications only (a logged-in user gets 403). `'everyone'`. */
  readonly access?: 'everyone' | 'clients';
  readonly inline?: boolean;
  readonly blocked?: boolean;
  readonly contentId?: string;
  readonly charset?: string;
  readonly encodingType?: string;
  readonly messageText?: string;
  /** ISO date. */
  readonly created?: string;
}

/** What the fake starts with. */
export interface EgainSeed {
  readonly assets?: readonly EgainAssetSeed[];
  readonly attachments?: readonly EgainAttachmentSeed[];
}

const ASSET: Readonly<Record<keyof EgainAssetSeed, Rule>> = {
  ...CONTENT_SEED,
  id: 'id',
  name: 'any',
  contentType: 'mediaType',
  uploaded: 'flag',
  used: 'flag',
};
const ATTACHMENT: Readonly<Record<keyof EgainAttachmentSeed, Rule>> = {
  ...CONTENT_SEED,
  altId: 'id',
  id: 'text',
  name: 'any',
  app: ['email', 'task', 'calltrack'],
  type: ['attachment.inbound', 'attachment.outbound', 'attachment'],
  contentType: 'mediaType',
  access: ['everyone', 'clients'],
  inline: 'flag',
  blocked: 'flag',
  contentId: 'text',
  charset: 'text',
  encodingType: 'text',
  messageText: 'text',
  created: 'text',
};
/** The names of {@link EgainSeed}. */
export const SEED: Rules = { assets: { list: { members: ASSET }, unique: 'id' }, attachments: { list: { members: ATTACHMENT }, unique: 'altId' } };
