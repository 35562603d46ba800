/** Binary answers: streamed, read once, proven complete where that can be proven. */

import type { CallFailure, RunningCall } from './call-context.ts';
import { declaredLength, Download, type TransferReceipt } from './download.ts';
import { ApiError } from './errors.ts';
import type { TransferEvent } from './events.ts';
import { fileNameFromDisposition, safeFileName } from './file-name.ts';
import { decodeText, essence, isJson, isText } from './media-type.ts';
import { toReadableStream } from './outgoing-body.ts';
import { concat } from './concat.ts';
import * as platform from './platform/node.ts';
import type { IfExists } from './platform/platform.ts';
import { refusePage } from './page-detection.ts';
import type { WatchOptions } from './read-body.ts';

/** How a file is written. */
export interface FileOptions {
  /**
   * What happens when the file is there already: it is replaced, once all bytes are there; or the writing fails with kind
   * `conflict`; or the new file is called `photo (1).jpg`. Default `'replace'`.
   */
  readonly ifExists?: IfExists | undefined;
}

/** A receipt, and where the file is. */
export type FileReceipt = TransferReceipt & { readonly path: string };

/** Turns a binary answer into {@link Content}; part of an operation that has one. */
export interface BinaryReader {
  readonly kind: 'binary';
  /** Whether an answer of this media type is handed out as bytes. */
  readonly takes: (type: string, documented: readonly string[]) => boolean;
  /** @param documented - Media types that the document has for this status. */
  readonly read: (response: Response, call: RunningCall, documented: readonly string[], options: WatchOptions) => Promise<Content>;
}

/** Reads binary answers as {@link Content}. */
export const binary: BinaryReader = {
  kind: 'binary',
  // A file may be text or XML itself, so the document decides where it can.
  takes(type, documented) {
    if (documented.length === 0) return !isText(type);
    const texts = documented.filter(isText);
    return texts.length < documented.length && !texts.some((text) => essence(text) === type || (isJson(text) && isJson(type)));
  },
  read: async (response, call, documented, options) => new Content(await refusePage(call, response, documented, options), call),
};

/**
 * The bytes of a file, modelled on Blob: read once, streamed, in constant memory.
 *
 * Where the connection breaks, goes silent or ends early, the rest is asked for (`maxRetries`), with a fresh login or
 * address, and joined only when it is proven to be of the same file. Every way of reading fails with an {@link ApiError}
 * when the bytes are fewer or more than declared, or changed meanwhile (`integrity`), when the server stays silent
 * (`timeout`) or away (`network`). A content that is not wanted any more should be cancelled: its connection is held
 * until then.
 */
export class Content implements AsyncDisposable {
  /** The vendor's file name as sent, which may hold anything; {@link Content.toDirectory} makes it safe. */
  readonly name: string | undefined;
  readonly mediaType: string | undefined;
  /** Bytes, where declared. */
  readonly size: number | undefined;
  /** When the file was last changed, where the server says so. */
  readonly lastModified: Date | undefined;
  readonly #response: Response;
  readonly #call: RunningCall;
  readonly #download: Download;
  #state: 'unread' | 'reading' | 'done' | 'failed' | 'cancelled' = 'unread';
  #hasBegun = false;
  readonly #stop = new AbortController();

  constructor(response: Response, call: RunningCall) {
    this.#response = response;
    this.#call = call;
    this.name = fileNameFromDisposition(response.headers.get('content-disposition')) ?? call.address?.name;
    this.mediaType = essence(response.headers.get('content-type')) || call.address?.mediaType;
    this.size = declaredLength(response) ?? call.address?.size;
    const modified = Date.parse(response.headers.get('last-modified') ?? '');
    this.lastModified = Number.isNaN(modified) ? undefined : new Date(modified);
    this.#download = new Download(response, call, this.size);
    // A content that nobody reads yet must not hold its connection after an abort.
    for (const signal of call.signals) signal.addEventListener('abort', this.#freeConnection);
    if (call.signals.some((signal) => signal.aborted)) this.#freeConnection();
  }

  /** The answer's headers. */
  get headers(): Headers {
    return this.#response.headers;
  }

  /** The bytes as a web stream with back-pressure. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return toReadableStream(this.#readOnce(), (reason) => this.cancel(reason));
  }

  /** The bytes chunk by chunk. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#readOnce()[Symbol.asyncIterator]();
  }

  /**
   * All bytes in memory.
   *
   * @param options.maxBytes - Refuses more than this many (kind `invalid-request`); by default there is no limit.
   */
  async bytes(options: { readonly maxBytes?: number | undefined } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = Infinity } = options;
    if (this.size !== undefined && this.size > maxBytes && this.#state === 'unread') {
      await this.cancel();
      throw this.#tooLarge(maxBytes);
    }
    let chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#read(true)) {
      if (chunk === null) {
        chunks = [];
        size = 0;
        continue;
      }
      size += chunk.length;
      if (size > maxBytes) throw this.#tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return concat(chunks, size);
  }

  /** All bytes as text, decoded by the charset of the media type, else as UTF-8. */
  async text(): Promise<string> {
    return decodeText(await this.bytes(), this.headers.get('content-type'));
  }

  /** All bytes as a Blob of the same media type. */
  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.mediaType ?? '' });
  }

  /**
   * Writes the bytes to a file (Node, Bun, Deno): whole or not at all; an existing file survives any failure.
   *
   * @param path - The file; its folder must exist.
   * @returns The receipt, and the absolute path of the file.
   */
  async toFile(path: string, options: FileOptions = {}): Promise<FileReceipt> {
    return this.#write(path, options);
  }

  /**
   * Writes the bytes into a folder under the vendor's name, made safe: no path, reserved name or hidden file.
   *
   * @param folder - The folder, which must exist.
   * @returns The receipt, and the path of the file.
   */
  async toDirectory(folder: string, options: FileOptions = {}): Promise<FileReceipt> {
    if (platform.joinPath === undefined) throw this.#noFiles();
    return this.#write(await platform.joinPath(folder, safeFileName(this.name ?? '')), options);
  }

  /**
   * What the transfer was like; known when all bytes were read.
   *
   * @throws ApiError of kind `invalid-request` before that.
   */
  receipt(): TransferReceipt {
    if (this.#state !== 'done') {
      throw this.#error('invalid-request', 'there is no receipt: the content was not read to its end', { hint: 'Read it first, for example with toFile().' });
    }
    return this.#download.receipt();
  }

  /** Stops reading and frees the connection. */
  async cancel(reason?: unknown): Promise<void> {
    if (this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled') return;
    this.#state = 'cancelled';
    this.#publish('cancelled');
    this.#stop.abort(reason ?? new DOMException('The content was cancelled.', 'AbortError'));
    this.#freeConnection();
    this.#unwatch();
  }

  #publish(result: TransferEvent['result'], error?: ApiError): void {
    const download = this.#download;
    platform.publishTransfer(
      this.#call,
      () => ({ direction: 'download', result, bytes: download.received, ...(result === 'done' ? { receipt: download.receipt() } : {}) }),
      error,
    );
  }

  /** A reader that is at work frees the connection itself. */
  readonly #freeConnection = (): void => {
    if (!this.#response.bodyUsed) void this.#response.body?.cancel().catch(() => undefined);
  };

  #unwatch(): void {
    for (const signal of this.#call.signals) signal.removeEventListener('abort', this.#freeConnection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #write(path: string, { ifExists = 'replace' }: FileOptions): Promise<FileReceipt> {
    if (platform.writeFile === undefined) throw this.#noFiles();
    if (!['replace', 'fail', 'rename'].includes(ifExists)) {
      throw this.#error('invalid-request', "ifExists must be 'replace', 'fail' or 'rename'", { hint: 'Leave ifExists out to replace.' });
    }
    const chunks = this.#read(true);
    try {
      const written = await platform.writeFile(path, ifExists, chunks);
      return Object.freeze({ ...this.receipt(), path: written });
    } catch (error) {
      if (ApiError.is(error)) throw error;
      const { code } = error as { code?: string };
      if (code === 'EEXIST') {
        if (!this.#hasBegun && this.#state === 'reading') this.#state = 'unread';
        const hint = `Choose another path${this.#state === 'unread' ? ': this content can still be read' : ''}; or ifExists 'replace' or 'rename'.`;
        throw this.#error('conflict', `${path} is there already`, { code, hint });
      }
      await this.cancel();
      const kind = code !== undefined && /^(?:ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|EROFS|ENAMETOOLONG|EINVAL)$/.test(code) ? 'invalid-request' : 'unexpected';
      throw this.#error(kind, `cannot write ${path}${code === undefined ? '' : ` (${code})`}`, {
        code,
        hint: 'Check that the folder exists, may be written to and has room; nothing was left there.',
        cause: error,
      });
    }
  }

  /** @param canRestart - The reader understands `null`: all that came so far is void. */
  #read(canRestart: boolean): AsyncIterable<Uint8Array | null> {
    if (this.#state !== 'unread') {
      const what = this.#state === 'cancelled' ? 'was cancelled' : 'was already read';
      throw this.#error('invalid-request', `the content ${what}; it can be read once`, { hint: 'Call the operation again for another copy.' });
    }
    this.#state = 'reading';
    return this.#chunks(canRestart);
  }

  #readOnce(): AsyncIterable<Uint8Array> {
    return this.#read(false) as AsyncIterable<Uint8Array>;
  }

  async *#chunks(canRestart: boolean): AsyncIterable<Uint8Array | null> {
    this.#hasBegun = true;
    const { signal, release } = this.#call.watch(this.#stop.signal);
    try {
      yield* this.#download.read({ signal: signal!, canRestart });
      this.#state = 'done';
      this.#publish('done');
    } catch (error) {
      if (this.#state === 'reading') {
        this.#state = 'failed';
        this.#publish('failed', error as ApiError);
      }
      throw error;
    } finally {
      // The reader left early: the connection must not wait for it.
      if (this.#state === 'reading') {
        this.#state = 'cancelled';
        this.#publish('cancelled');
      }
      release();
      this.#freeConnection();
      this.#unwatch();
    }
  }

  #error(kind: CallFailure['kind'], message: string, more: Partial<CallFailure> = {}): ApiError {
    return this.#call.fail({ status: this.#response.status, outcome: kind === 'integrity' ? 'unknown' : 'not-sent', ...more, kind, message });
  }

  #tooLarge(maxBytes: number): ApiError {
    const size = this.size === undefined ? 'more' : `${this.size} bytes`;
    return this.#error('invalid-request', `the content has ${size}, above maxBytes ${maxBytes}`, {
      hint: 'Raise maxBytes, or stream it with stream() or toFile().',
    });
  }

  #noFiles(): ApiError {
    return this.#error('unsupported', 'there is no file system here', { hint: 'Use stream(), bytes() or blob().' });
  }
}
