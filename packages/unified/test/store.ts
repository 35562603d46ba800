/** A made-up system to copy from and to: it keeps what it was sent in memory, and fails when and as it is told. */

import { ApiError, contentOf, type ErrorOutcome } from '@asset-clients/runtime';

import { defineAdapter } from '../src/adapter.ts';
import type { Readable, UploadSupport, Writable } from '../src/contract.ts';

/** What a store has under one id. */
export interface Stored {
  readonly name: string;
  /** Absent: the id was created, and nothing was sent. */
  readonly text?: string | undefined;
}

/** Where in an upload something may go wrong. */
export type Step = 'create' | 'created' | 'content' | 'stored';

export interface StoreOptions {
  readonly vendor?: string;
  readonly place?: string;
  readonly rules?: Partial<UploadSupport>;
  /** Called at every step; what it throws is what the caller sees. */
  readonly onStep?: (step: Step, name: string) => void | Promise<void>;
  /** Called when somebody asks for the state of an upload. */
  readonly onAsk?: (id: string) => void | Promise<void>;
}

/** The destination: one file per id, or per name. */
export class Store {
  readonly assets: Map<string, Stored> = new Map();
  /** Names of the uploads that reached the vendor, in order. */
  readonly uploads: string[] = [];
  readonly asked: string[] = [];
  readonly adapter: Writable;
  #ids = 0;

  constructor({ vendor = 'store', place, rules = {}, onStep, onAsk }: StoreOptions = {}) {
    const upload: UploadSupport = {
      minBytes: 0,
      maxBytes: null,
      needsSize: false,
      minNameLength: 1,
      maxNameLength: null,
      keepsName: true,
      readsBack: false,
      keepsMediaType: true,
      createsFirst: true,
      // Of a name that is replaced nobody can tell whose content is there.
      tellsState: rules.sameName !== 'replaces',
      sameName: 'adds',
      atomic: true,
      vendorOptions: { note: { required: false, type: 'string' } },
      ...rules,
    };
    const step = async (at: Step, name: string): Promise<void> => {
      // As over a network: others come between.
      await new Promise(setImmediate);
      await onStep?.(at, name);
    };
    this.adapter = defineAdapter<'upload', never, string>({
      vendor,
      place,
      supports: { get: false, download: false, upload, delete: false, downloadMany: false },
      toSegments: (id) => [id],
      fromSegments: ([id]) => id!,
      upload: async ({ name, content, size }, { onCreated, signal }) => {
        this.uploads.push(name);
        await step('create', name);
        const id = upload.sameName === 'adds' ? `id-${(this.#ids += 1)}` : name;
        if (upload.createsFirst) {
          if (upload.sameName === 'adds') this.assets.set(id, { name });
          await step('created', name);
          await onCreated([id]);
        }
        const text = await contentOf(content, { size }, { signal }).text();
        signal?.throwIfAborted();
        await step('content', name);
        if (upload.sameName === 'refuses' && this.assets.has(id)) throw refusal('conflict', `${name} exists`);
        this.assets.set(id, { name, text });
        await step('stored', name);
        return { segments: [id], name, raw: undefined as never };
      },
      ...(upload.tellsState && {
        uploadState: async (id: string) => {
          this.asked.push(id);
          await onAsk?.(id);
          return this.assets.get(id)?.text === undefined ? ('empty' as const) : ('complete' as const);
        },
      }),
    }) as unknown as Writable;
  }

  /** Contents by name: every file that is there, however often. */
  get files(): Record<string, readonly string[]> {
    const files: Record<string, string[]> = {};
    for (const { name, text } of this.assets.values()) if (text !== undefined) (files[name] ??= []).push(text);
    return files;
  }

  /** Ids without content. */
  get empty(): string[] {
    return [...this.assets].filter(([, { text }]) => text === undefined).map(([id]) => id);
  }

  /** What it has, to be put back as it was. */
  snapshot(): () => void {
    const [assets, ids] = [new Map(this.assets), this.#ids];
    return () => {
      this.assets.clear();
      for (const [id, stored] of assets) this.assets.set(id, stored);
      this.#ids = ids;
      this.uploads.length = this.asked.length = 0;
    };
  }
}

/**
 * A source in which every id is a file of that name.
 *
 * @param onDownload - What it throws is what the caller sees; after `'hang'` no byte comes.
 */
export function library(onDownload?: (id: string) => void | 'hang' | Promise<void>, place?: string): Readable {
  return defineAdapter<'download', never, string>({
    vendor: 'library',
    place,
    supports: { get: false, download: { forms: ['content'], tellsSize: true, notReady: true }, upload: false, delete: false, downloadMany: false },
    toSegments: (id) => [id],
    fromSegments: ([id]) => id!,
    download: async (id, call) => {
      if ((await onDownload?.(id)) === 'hang') {
        const silence = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
        return contentOf(silence, { name: `${id}.txt`, size: 10 }, call);
      }
      return contentOf(new TextEncoder().encode(textOf(id)), { name: `${id}.txt`, mediaType: 'text/plain' }, call);
    },
  }) as unknown as Readable;
}

export function textOf(id: string): string {
  return `content of ${id}`;
}

/** The vendor said no. */
export function refusal(kind: ApiError['kind'], message = 'refused', more: { retryable?: boolean; retryAfterMs?: number } = {}): ApiError {
  return new ApiError({ kind, vendor: 'store', message, outcome: 'refused', attempts: 1, ...more });
}

/** The connection broke. */
export function broken(outcome: ErrorOutcome = 'unknown'): ApiError {
  return new ApiError({ kind: 'network', vendor: 'store', message: 'the connection failed', outcome, retryable: true, attempts: 1 });
}
