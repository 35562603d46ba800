/** What the page does: bundled for browsers by `chromium.browser.test.ts`, which calls these functions in Chromium. */

import { createEgainConversationClient, uploadContent, type EgainConversationClientOptions } from '@asset-clients/egain';
import { ApiError } from '@asset-clients/runtime';

/** What the test gives: the options of a fake that listens. */
export type Options = Pick<EgainConversationClientOptions, 'baseUrl' | 'auth'>;

const clientOf = (options: Options): ReturnType<typeof createEgainConversationClient> => createEgainConversationClient({ ...options, maxRetries: 2 });

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The error as a user would report it. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => ({ nothing: 'failed' }),
    (error: unknown) => (ApiError.is(error) ? error.toJSON() : { other: String(error) }),
  );
}

export const page = {
  /** A JSON call. */
  details: async (options: Options, id: string): Promise<unknown> => clientOf(options).getAsset({ id }),

  /** An error answer. */
  missing: (options: Options): Promise<unknown> => failure(clientOf(options).getAsset({ id: 'nothing' })),

  /** A download, hashed by the page itself. */
  async download(options: Options, id: string, reading: 'bytes' | 'stream' | 'blob'): Promise<unknown> {
    const content = await clientOf(options).downloadAsset({ id });
    const bytes =
      reading === 'bytes'
        ? await content.bytes()
        : new Uint8Array(await (reading === 'blob' ? (await content.blob()).arrayBuffer() : new Response(content.stream()).arrayBuffer()));
    return { sha256: await sha256(bytes), receipt: content.receipt(), isFrozen: Object.isFrozen(content.receipt()) };
  },

  /** Both halves of an upload, as one job. */
  upload: (options: Options, text: string): Promise<unknown> =>
    clientOf(options).uploadAsset({
      name: 'notes.txt',
      content: new Blob([text], { type: 'text/plain' }),
      channel: { type: 'chat' },
      sender: { type: 'customer' },
    }),

  /** The signed half alone: the page has no credentials. */
  signedHalf: (contentUrl: string, text: string): Promise<unknown> => uploadContent({ contentUrl, content: new Blob([text]), contentType: 'text/plain' }),

  /** An abort while the body comes. */
  async abort(options: Options, id: string): Promise<unknown> {
    const stop = new AbortController();
    const content = await clientOf(options).downloadAsset({ id }, { signal: stop.signal });
    return failure(
      (async () => {
        for await (const chunk of content) if (chunk.length > 0) stop.abort(new Error('enough'));
      })(),
    );
  },

  /** What browsers cannot do. */
  async refused(options: Options, id: string): Promise<unknown> {
    const client = clientOf(options);
    const unread = await client.downloadAsset({ id });
    const toFile = await failure(unread.toFile('hero.jpg'));
    const toDirectory = await failure(unread.toDirectory('downloads'));
    await unread.cancel();
    return { toFile, toDirectory, process: typeof (globalThis as { process?: unknown }).process };
  },

  /** A stream goes out with its length although no browser tells the length of one. */
  async streamed(options: Options): Promise<unknown> {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('te');
      yield new TextEncoder().encode('xt');
    }
    const person = { channel: { type: 'chat' }, sender: { type: 'customer' } } as const;
    return clientOf(options).uploadAsset({ name: 'notes.txt', size: 4, content: source(), ...person });
  },

  /** A redirect of an API call. */
  redirected: (options: Options, id: string): Promise<unknown> => failure(clientOf(options).getAsset({ id })),

  /** Options of Node. */
  proxied: async (options: Options): Promise<unknown> =>
    failure((async () => createEgainConversationClient({ ...options, proxy: 'http://127.0.0.1:1' }).getAsset({ id: 'x' }))()),
};

Object.assign(globalThis, { page });
