/** Binary answers: streamed, read once, proven complete where that can be proven. */

import type { Clock } from './clock.ts';
import { ApiError } from './errors.ts';
import { fileNameFromDisposition, safeFileName } from './file-name.ts';
import { platform } from './platform/node.ts';
import { redactUrl, type Redactor } from './redact.ts';
import { ConnectionError, SilenceError } from './faults.ts';
import { decodeText, essence } from './media-type.ts';
import { concat, readWatched } from './read-body.ts';
import { toReadableStream } from './outgoing-body.ts';

/** What a finished transfer was like. Plain JSON without secrets. */
export interface TransferReceipt {
  readonly bytes: number;
  /** SHA-256 of the bytes read, lower-case hex; absent where the platform has no incremental hash. */
  readonly sha256?: string;
  /** How completeness was proven: by the declared length, or not at all (the server declared none). */
  readonly verified: 'length' | 'checksum' | 'none';
  /** Requests for the bytes. */
  readonly attempts: number;
  /** Continuations after a break. */
  readonly resumes: number;
  /** Fresh signed URLs asked for. */
  readonly resigns: number;
  /** Milliseconds waited between attempts. */
  readonly waitedMs: number;
  /** Where the bytes came from, without query values. */
  readonly url: string;
}

/** What a content needs from the call that it answers. */
export interface ContentContext {
  readonly vendor: string | undefined;
  readonly operation: string;
  readonly url: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Milliseconds of silence; `false`: no limit. */
  readonly idleTimeoutMs: number | false;
  /** Each ends the reading. */
  readonly signals: readonly AbortSignal[];
  readonly attempts: number;
  /** Names and sizes that the vendor told elsewhere, used where the answer has none. */
  readonly name?: string | undefined;
  readonly mediaType?: string | undefined;
  /** Bytes that the vendor announced; the answer must have as many. */
  readonly size?: number | undefined;
}

/** Turns a binary answer into {@link Content}; part of an operation that has one. */
export interface BinaryReader {
  readonly kind: 'binary';
  readonly read: (response: Response, context: ContentContext) => Content;
}

/** Reads binary answers as {@link Content}. */
export const binary: BinaryReader = { kind: 'binary', read: (response, context) => new Content(response, context) };

/**
 * The bytes of a file, modelled on Blob: read once, streamed, in constant memory.
 *
 * Every way of reading fails with an {@link ApiError} when the bytes are fewer or more than declared (`integrity`),
 * when the server goes silent (`timeout`) or the connection breaks (`network`). A content that is not wanted any more
 * should be cancelled: its connection is held until then.
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
  readonly #context: ContentContext;
  #state: 'unread' | 'reading' | 'done' | 'failed' | 'cancelled' = 'unread';
  #receipt: TransferReceipt | undefined;
  readonly #stop = new AbortController();
  readonly #signals: readonly AbortSignal[];

  constructor(response: Response, context: ContentContext) {
    this.#response = response;
    this.#context = context;
    this.#signals = [...context.signals, this.#stop.signal];
    this.name = fileNameFromDisposition(response.headers.get('content-disposition')) ?? context.name;
    this.mediaType = essence(response.headers.get('content-type')) || context.mediaType;
    this.size = declaredLength(response) ?? context.size;
    const modified = Date.parse(response.headers.get('last-modified') ?? '');
    this.lastModified = Number.isNaN(modified) ? undefined : new Date(modified);
    // A content that nobody reads yet must not hold its connection after an abort.
    for (const signal of context.signals) signal.addEventListener('abort', this.#freeConnection);
    if (context.signals.some((signal) => signal.aborted)) this.#freeConnection();
  }

  /** The answer's headers. */
  get headers(): Headers {
    return this.#response.headers;
  }

  /** The bytes as a web stream with back-pressure. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return toReadableStream(this.#read(), (reason) => this.cancel(reason));
  }

  /** The bytes chunk by chunk. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#read()[Symbol.asyncIterator]();
  }

  /**
   * All bytes in memory.
   *
   * @param options.maxBytes - Refuses more than this many (kind `integrity`); by default there is no limit.
   */
  async bytes(options: { readonly maxBytes?: number | undefined } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = Infinity } = options;
    if (this.size !== undefined && this.size > maxBytes && this.#state === 'unread') {
      await this.cancel();
      throw this.#tooLarge(maxBytes);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.#read()) {
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
   */
  async toFile(path: string): Promise<TransferReceipt> {
    if (platform.writeFile === undefined) throw this.#noFiles();
    await this.#write(path);
    return this.receipt();
  }

  /**
   * Writes the bytes into a folder under the vendor's name, made safe: no path, reserved name or hidden file.
   *
   * @param folder - The folder, which must exist.
   */
  async toDirectory(folder: string): Promise<TransferReceipt & { readonly path: string }> {
    if (platform.writeFile === undefined || platform.joinPath === undefined) throw this.#noFiles();
    const path = await platform.joinPath(folder, safeFileName(this.name ?? ''));
    await this.#write(path);
    return Object.freeze({ ...this.receipt(), path });
  }

  /**
   * What the transfer was like; known when all bytes were read.
   *
   * @throws ApiError of kind `invalid-request` before that.
   */
  receipt(): TransferReceipt {
    if (this.#receipt === undefined) {
      throw this.#error('invalid-request', 'there is no receipt: the content was not read to its end', 'Read it first, for example with toFile().');
    }
    return this.#receipt;
  }

  /** Stops reading and frees the connection. */
  async cancel(reason?: unknown): Promise<void> {
    if (this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled') return;
    this.#state = 'cancelled';
    this.#stop.abort(reason ?? new DOMException('The content was cancelled.', 'AbortError'));
    this.#freeConnection();
    this.#unwatch();
  }

  /** A reader that is at work frees the connection itself. */
  readonly #freeConnection = (): void => {
    const { body } = this.#response;
    if (body?.locked === false) void body.cancel().catch(() => undefined);
  };

  #unwatch(): void {
    for (const signal of this.#context.signals) signal.removeEventListener('abort', this.#freeConnection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #write(path: string): Promise<void> {
    try {
      await platform.writeFile!(path, this.#read());
    } catch (error) {
      if (ApiError.is(error)) throw error;
      await this.cancel();
      const { code } = error as { code?: string };
      const kind = code !== undefined && /^(?:ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|EROFS|ENAMETOOLONG|EINVAL)$/.test(code) ? 'invalid-request' : 'unexpected';
      throw new ApiError(
        {
          ...this.#base(),
          kind,
          code,
          message: `cannot write ${path}`,
          hint: 'Check that the folder exists, may be written to and has room; nothing was left there.',
          cause: error,
          outcome: 'not-sent',
        },
        this.#context.redactor,
      );
    }
  }

  #read(): AsyncIterable<Uint8Array> {
    if (this.#state !== 'unread') {
      const what = this.#state === 'cancelled' ? 'was cancelled' : 'was already read';
      throw this.#error('invalid-request', `the content ${what}; it can be read once`, 'Call the operation again for another copy.');
    }
    this.#state = 'reading';
    return this.#chunks();
  }

  async *#chunks(): AsyncIterable<Uint8Array> {
    const { size } = this;
    const hash = platform.sha256();
    const { body } = this.#response;
    let received = 0;
    try {
      const encoding = this.headers.get('content-encoding');
      if (encoding !== null && encoding !== '' && encoding.toLowerCase() !== 'identity' && this.#response.status !== 204) {
        throw this.#error('integrity', `the bytes came ${encoding}-encoded although identity was asked for, so their length proves nothing`);
      }
      const { clock, idleTimeoutMs, size: announced } = this.#context;
      if (announced !== undefined && size !== announced) throw this.#error('integrity', `the answer has ${size} bytes, but the vendor announced ${announced}`);
      for await (const chunk of body === null ? [] : readWatched(body, { clock, idleTimeoutMs, signals: this.#signals })) {
        received += chunk.length;
        if (size !== undefined && received > size) throw this.#error('integrity', `more than the declared ${size} bytes arrived`);
        hash?.update(chunk);
        yield chunk;
      }
      if (size !== undefined && received < size) throw this.#error('integrity', `only ${received} of the declared ${size} bytes arrived`, undefined, true);
      this.#state = 'done';
      this.#receipt = Object.freeze({
        bytes: received,
        ...(hash === undefined ? {} : { sha256: hash.hex() }),
        verified: size === undefined ? 'none' : 'length',
        attempts: this.#context.attempts,
        resumes: 0,
        resigns: 0,
        waitedMs: 0,
        url: redactUrl(this.#context.url),
      });
      const { vendor, operation } = this.#context;
      platform.publish('asset-clients:transfer', () => ({ vendor, operation, direction: 'download', receipt: this.#receipt }));
    } catch (error) {
      if (this.#state === 'reading') this.#state = 'failed';
      throw this.#toApiError(error, received);
    } finally {
      // The reader left early: the connection must not wait for it.
      if (this.#state === 'reading') this.#state = 'cancelled';
      this.#freeConnection();
      this.#unwatch();
    }
  }

  #toApiError(error: unknown, received: number): ApiError {
    if (ApiError.is(error)) return error;
    if (error instanceof SilenceError) return this.#error('timeout', `${error.message} after ${received} bytes`, 'Call again, or raise idleTimeoutMs.', true);
    const aborted = this.#signals.find((signal) => signal.aborted);
    if (aborted !== undefined) {
      const reason: unknown = aborted.reason;
      return new ApiError(
        { ...this.#base(), kind: 'aborted', message: 'reading the content was aborted', cause: reason, outcome: 'unknown' },
        this.#context.redactor,
      );
    }
    const declared = this.size === undefined ? '' : ` of ${this.size}`;
    return new ApiError(
      {
        ...this.#base(),
        kind: 'network',
        message: `the connection broke after ${received}${declared} bytes`,
        retryable: true,
        hint: 'Call again; nothing was written.',
        cause: error instanceof ConnectionError ? error.cause : error,
        outcome: 'unknown',
      },
      this.#context.redactor,
    );
  }

  #base(): { vendor: string | undefined; operation: string; attempts: number; status: number } {
    const { vendor, operation, attempts } = this.#context;
    return { vendor, operation, attempts, status: this.#response.status };
  }

  #error(kind: 'integrity' | 'timeout' | 'invalid-request' | 'unsupported', message: string, hint?: string, retryable = false): ApiError {
    return new ApiError(
      { ...this.#base(), kind, message, hint, retryable, outcome: kind === 'invalid-request' || kind === 'unsupported' ? 'not-sent' : 'unknown' },
      this.#context.redactor,
    );
  }

  #tooLarge(maxBytes: number): ApiError {
    const size = this.size === undefined ? 'more' : `${this.size} bytes`;
    return this.#error('integrity', `the content has ${size}, above maxBytes ${maxBytes}`, 'Raise maxBytes, or stream it with stream() or toFile().');
  }

  #noFiles(): ApiError {
    return this.#error('unsupported', 'there is no file system here', 'Use stream(), bytes() or blob().');
  }
}

/** The declared length, when it counts the bytes that a reader gets. */
function declaredLength(response: Response): number | undefined {
  const header = response.headers.get('content-length');
  if (header === null || !/^\d+$/.test(header) || !/^(?:identity)?$/i.test(response.headers.get('content-encoding') ?? '')) return undefined;
  const length = Number(header);
  return Number.isSafeInteger(length) ? length : undefined;
}
