import { isRecord } from './core/json.ts';
import type { EgainAttachmentSeed } from './egain/seed.ts';
import type { TenovosAssetSeed, TenovosMetadataRows, TenovosMetadataSeed } from './tenovos/seed.ts';
import type { WorldServerTaskSeed } from './worldserver/seed.ts';

/**
 * Seeds made of real answers. Only what is on a list is taken over: sizes, dates, states, media types, names of metadata
 * fields and shapes of their values. Everything else - ids, names of files and people, values, URLs - is replaced.
 */
export interface SeedFrom {
  /** @param answer - The JSON of `retrieveAsset`, with or without its envelope. */
  tenovosAsset(answer: unknown): TenovosAssetSeed;
  /** @param answer - The JSON of `generateDownloadAttachmentURL`. */
  egainAttachment(answer: unknown): EgainAttachmentSeed;
  /** @param task - One of `items` of `getTasks`. */
  worldServerTask(task: unknown): WorldServerTaskSeed;
}

/** Seeds made of real answers; see {@link SeedFrom}. */
export const seedFrom: SeedFrom = {
  tenovosAsset: (answer) => {
    const body = record(answer, 'the answer of retrieveAsset');
    const asset = isRecord(body.data) ? body.data : body;
    known(asset, 'the answer of retrieveAsset', ['filename', 'fileSizeInBytes', 'fileState', 'metadataState', 'createdDate', 'renditionsDocument', 'metadata']);
    const size = wholeNumber(asset.fileSizeInBytes);
    const renditions = isRecord(asset.renditionsDocument) ? asset.renditionsDocument : undefined;
    return {
      name: `asset${extension(asset.filename)}`,
      ...(size === undefined ? {} : { bytes: size }),
      ...oneOf('fileState', asset.fileState, ['available', 'recycle bin'] as const),
      ...oneOf('metadataState', asset.metadataState, ['available', 'recycle bin'] as const),
      ...date('createdDate', asset.createdDate),
      ...date('lastUpdatedDate', asset.lastUpdatedDate),
      ...(typeof asset.currentVersion === 'boolean' ? { currentVersion: asset.currentVersion } : {}),
      ...(typeof renditions?.width === 'number' ? { width: renditions.width } : {}),
      ...(typeof renditions?.height === 'number' ? { height: renditions.height } : {}),
      renditions:
        renditions === undefined ? false : Object.fromEntries(RENDITIONS.filter((name) => typeof renditions[name] === 'string').map((name) => [name, {}])),
      metadata: (Array.isArray(asset.metadata) ? asset.metadata : []).filter(isRecord).map(metadata),
    };
  },
  egainAttachment: (answer) => {
    const attachment = record(answer, 'the answer of generateDownloadAttachmentURL');
    known(attachment, 'the answer of generateDownloadAttachmentURL', ['name', 'fileName', 'size', 'contentType', 'app', 'type', 'created']);
    const size = wholeNumber(attachment.size);
    return {
      name: `attachment${extension(attachment.name ?? attachment.fileName)}`,
      ...(size === undefined ? {} : { bytes: size }),
      ...(typeof attachment.contentType === 'string' && MEDIA_TYPE.test(attachment.contentType) ? { contentType: attachment.contentType } : {}),
      ...oneOf('app', attachment.app, ['email', 'task', 'calltrack'] as const),
      ...oneOf('type', attachment.type, ['attachment.inbound', 'attachment.outbound', 'attachment'] as const),
      ...(typeof attachment.inline === 'boolean' ? { inline: attachment.inline } : {}),
      ...(typeof attachment.blocked === 'boolean' ? { blocked: attachment.blocked } : {}),
      ...date('created', attachment.created),
    };
  },
  worldServerTask: (task) => {
    const seen = record(task, 'a task');
    known(seen, 'a task of getTasks', ['assets', 'targetAssets', 'priority', 'status']);
    const path = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined);
    const translated = path(seen.targetAssets);
    const status = isRecord(seen.status) && typeof seen.status.status === 'string' && /^[A-Z_]+$/.test(seen.status.status) ? seen.status.status : undefined;
    return {
      id: 1,
      projectId: 1,
      source: { name: `source${extension(path(seen.assets))}` },
      ...(typeof translated === 'string' ? { target: { name: `target${extension(translated)}` } } : {}),
      ...(typeof seen.priority === 'number' ? { priority: seen.priority } : {}),
      ...(status === undefined ? {} : { status }),
    };
  },
};

const RENDITIONS = ['imageThumb', 'imagePreview', 'imagePreviewLarge', 'mezzaninePreview'] as const;
const MEDIA_TYPE = /^[a-z]+\/[a-z0-9.+-]+$/;

/** The name and the shape; the value is as long as the real one and says nothing. */
function metadata(item: Record<string, unknown>, index: number): TenovosMetadataSeed {
  const name = typeof item.name === 'string' ? item.name : `Field ${index + 1}`;
  if (Array.isArray(item.value)) {
    const rows: TenovosMetadataRows = item.value
      .filter((row): row is unknown[] => Array.isArray(row))
      .map((row) =>
        row.filter(isRecord).map((cell, i) => ({
          name: typeof cell.name === 'string' ? cell.name : `Column ${i + 1}`,
          value: typeof cell.value === 'string' ? filler(cell.value) : null,
        })),
      );
    return { name, value: rows };
  }
  return { name, value: typeof item.value === 'string' ? filler(item.value) : null };
}

function filler(text: string): string {
  return 'x'.repeat(Math.min(text.length, 10_000));
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw new TypeError(`A seed is made of ${what}, which is an object.`);
}

/** Refuses an object of another kind, of which nothing would be left: a seed that says nothing looks like one that worked. */
function known(value: Record<string, unknown>, what: string, names: readonly string[]): void {
  if (Object.keys(value).length === 0 || names.some((name) => Object.hasOwn(value, name))) return;
  throw new TypeError(`This is not ${what}: it has none of ${names.join(', ')}.`);
}

/** `.jpg` of `hero.jpg`; nothing of what does not look like an extension. */
function extension(name: unknown): string {
  return (typeof name === 'string' ? /\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0].toLowerCase() : undefined) ?? '';
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function oneOf<Name extends string, const Value extends string>(name: Name, value: unknown, allowed: readonly Value[]): { [key in Name]?: Value } {
  const found = allowed.find((one) => one === value);
  return (found === undefined ? {} : { [name]: found }) as { [key in Name]?: Value };
}

function date<Name extends string>(name: Name, value: unknown): { [key in Name]?: string } {
  return (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? { [name]: new Date(value).toISOString() } : {}) as { [key in Name]?: string };
}
