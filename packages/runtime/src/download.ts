/** The bytes of one file over as many answers as it takes: a break is continued where that can be proven right. */

import type { BrokenBody, CallFailure, RunningCall } from './call-context.ts';
import { declaredChecksum, type DeclaredChecksum } from './checksum.ts';
import { ApiError } from './errors.ts';
import { explainFault } from './explain-fault.ts';
import { isFault } from './faults.ts';
import { essence } from './media-type.ts';
import * as platform from './platform/node.ts';
import type { Hasher } from './platform/platform.ts';
import { readWatched } from './read-body.ts';
import { redactUrl } from './redact.ts';

/** What a finished transfer was like. Plain JSON without secrets. */
export interface TransferReceipt {
  readonly bytes: number;
  /** SHA-256 of the bytes read, lower-case hex; absent where it was switched off or the platform has no incremental hash. */
  readonly sha256?: string;
  /** How completeness was proven: by a checksum that the server declared, by the declared length, or not at all. */
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

/** How the bytes are read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  /** The reader can throw away what it has: it understands `null` among the chunks as "from the beginning". */
  readonly canRestart: boolean;
}

/** One answer, as a stretch of the file. */
interface Part {
  readonly response: Response;
  /** Bytes at its beginning that were delivered already. */
  readonly known: number;
  /** Compares them with those. */
  readonly proof?: Proof;
  readonly isContinuation?: true;
  /** Where it ends in the file, where known. */
  readonly end?: number | undefined;
}

/** Decides whether bytes that come again are those that came before. */
interface Proof {
  add(chunk: Uint8Array): void;
  holds(): boolean;
}

/** Bytes that are compared where a server has no ETag. */
const OVERLAP = 65_536;

export class Download {
  readonly #call: RunningCall;
  readonly #first: Response;
  readonly #checksum: DeclaredChecksum | undefined;
  readonly #isHashed: boolean;
  readonly #etag: string | undefined;
  readonly #strongEtag: string | undefined;
  /** The last bytes delivered, where they may be needed to prove a continuation. */
  #tail: Tail | undefined;
  #size: number | undefined;
  #received = 0;
  #sha256: Hasher | undefined;
  #md5: Hasher | undefined;
  #hasRanges: boolean;
  #resumes = 0;
  #isProven = false;
  #signal: AbortSignal | undefined;

  /** @param size - Bytes of the whole, where known. */
  constructor(response: Response, call: RunningCall, size: number | undefined) {
    const { headers } = response;
    this.#call = call;
    this.#first = response;
    this.#size = size;
    this.#isHashed = call.options.sha256 !== false;
    this.#checksum = response.status === 200 ? declaredChecksum(headers) : undefined;
    this.#etag = etagOf(headers);
    this.#strongEtag = this.#etag?.startsWith('"') === true ? this.#etag : undefined;
    this.#hasRanges = headers.get('accept-ranges') !== 'none';
  }

  /**
   * The bytes, once.
   *
   * @throws ApiError, whatever goes wrong.
   */
  async *read({ signal, canRestart }: ReadOptions): AsyncGenerator<Uint8Array | null, void> {
    this.#signal = signal;
    if (this.#strongEtag === undefined) this.#tail = new Tail(OVERLAP);
    this.#startHashes();
    let part: Part | undefined = { response: this.#first, known: 0, end: this.#size };
    try {
      this.#checkEncoding(this.#first);
      const announced = this.#call.address?.size;
      if (announced !== undefined && this.#size !== announced) {
        throw this.#fail('integrity', `the answer has ${this.#size} bytes, but the vendor announced ${announced}`);
      }
      while (part !== undefined) {
        let broken: BrokenBody;
        try {
          yield* this.#readPart(part);
          break;
        } catch (error) {
          broken = this.#toBroken(error);
        }
        const received = this.#received;
        part = await this.#continue(broken, canRestart);
        if (this.#received < received) yield null;
      }
      this.#verify();
    } catch (error) {
      throw explainFault(this.#call, error, signal);
    } finally {
      // An answer that nobody has begun to read.
      if (part !== undefined) void discard(part.response);
    }
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received;
  }

  /** What the transfer was like, once all was read. */
  receipt(): TransferReceipt {
    const { attempts, signatures, waitedMs, url } = this.#call;
    return Object.freeze({
      bytes: this.#received,
      ...(this.#sha256 === undefined ? {} : { sha256: this.#sha256.hex() }),
      verified: this.#isProven ? 'checksum' : this.#size === undefined ? 'none' : 'length',
      attempts,
      resumes: this.#resumes,
      resigns: Math.max(0, signatures - 1),
      waitedMs,
      // A path may hold a secret as well.
      url: this.#call.context.redactor.text(redactUrl(url)),
    });
  }

  async *#readPart({ response, known, proof, isContinuation, end }: Part): AsyncGenerator<Uint8Array, void> {
    const { idleTimeoutMs, context } = this.#call;
    let unproven = known;
    if (isContinuation && unproven === 0) this.#resumes += 1;
    const reader = platform.readerOf(response);
    for await (const chunk of reader === undefined ? [] : readWatched(reader, { clock: context.clock, idleTimeoutMs, signals: [this.#signal!] })) {
      let fresh = chunk;
      if (unproven > 0) {
        const again = chunk.subarray(0, unproven);
        proof?.add(again);
        unproven -= again.length;
        if (unproven > 0) continue;
        if (proof?.holds() === false) throw this.#changed('its beginning is another');
        this.#resumes += 1;
        fresh = chunk.subarray(again.length);
      }
      if (fresh.length === 0) continue;
      if (end !== undefined && this.#received + fresh.length > end) throw this.#fail('integrity', `more than the declared ${end} bytes arrived`);
      this.#received += fresh.length;
      this.#sha256?.update(fresh);
      this.#md5?.update(fresh);
      this.#tail?.push(fresh);
      this.#tellProgress();
      yield fresh;
    }
    const size = this.#size ?? end;
    if (unproven > 0 || (size !== undefined && this.#received < size)) throw new EndedShortError();
  }

  #tellProgress(): void {
    const { onProgress } = this.#call.options;
    if (onProgress === undefined) return;
    try {
      onProgress({ bytes: this.#received, total: this.#size, attempt: this.#call.attempts });
    } catch (error) {
      throw this.#fail('invalid-request', 'onProgress failed', { cause: error });
    }
  }

  /** Asks for the rest; `undefined` when there is none. */
  async #continue(broken: BrokenBody, canRestart: boolean): Promise<Part | undefined> {
    // The connection broke after the last byte.
    if (this.#size === this.#received) return undefined;
    // Parts are defined for GET; an answer that is one itself was asked for by the caller.
    if (this.#call.operation.method !== 'GET' || this.#first.status !== 200) throw broken.failure;
    const start = this.#nextStart();
    const response = await this.#reopen(broken, start);
    try {
      const part = this.#judge(response, start, canRestart);
      if (part !== undefined && part !== 'unproven') return part;
      await discard(response);
      if (part === undefined) return undefined;
      // Only the whole, compared from its beginning, can help.
      this.#hasRanges = false;
      return await this.#continue(broken, canRestart);
    } catch (error) {
      await discard(response);
      throw error;
    }
  }

  #nextStart(): number {
    if (!this.#hasRanges) return 0;
    return this.#received - (this.#tail?.length ?? 0);
  }

  async #reopen(broken: BrokenBody, start: number): Promise<Response> {
    const headers: Record<string, string> = {};
    if (start > 0) headers.range = `bytes=${start}-`;
    // A browser would ask the store beforehand whether it allows this header; the answer's ETag is compared in any case.
    if (start > 0 && this.#strongEtag !== undefined && platform.name !== 'web' && platform.name !== 'browser') headers['if-match'] = this.#strongEtag;
    try {
      return await this.#call.reopen(broken, headers, this.#signal);
    } catch (error) {
      if (!ApiError.is(error) || error === broken.failure || error.kind === 'aborted') throw error;
      const { kind, status, code, retryable, retryAfterMs, hint, outcome } = error;
      throw this.#call.fail({
        kind,
        status,
        code,
        retryable,
        retryAfterMs,
        hint,
        outcome,
        message: `${this.#soFar('the content broke')}, and the rest could not be had: ${kind}${status === undefined ? '' : ` (${status})`}`,
        cause: error,
      });
    }
  }

  /** What an answer to the request for the rest is good for; `undefined`: it says that there is no rest. */
  #judge(response: Response, start: number, canRestart: boolean): Part | 'unproven' | undefined {
    const { status, headers } = response;
    if (status === 412) throw this.#changed('its ETag is another');
    if (status === 416) {
      const total = /^bytes \*\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
      if (total === undefined) return 'unproven';
      this.#checkEtag(headers);
      if (this.#size !== undefined || Number(total) !== this.#received) throw this.#changed(`it has ${total} bytes now`);
      this.#size = this.#received;
      return undefined;
    }
    this.#checkEncoding(response);
    this.#checkUnchanged(response);
    return status === 206 && start > 0 ? this.#judgePart(response, start) : this.#judgeWhole(response, canRestart);
  }

  #judgePart(response: Response, start: number): Part | 'unproven' {
    const { headers } = response;
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (Number(first) !== start) return 'unproven';
    if (total !== '*') {
      if (this.#size !== undefined && Number(total) !== this.#size) throw this.#changed(`it has ${total} bytes now`);
      this.#size = Number(total);
    }
    const end = Number(last) + 1;
    if (this.#strongEtag !== undefined) return etagOf(headers) === this.#strongEtag ? { response, known: 0, isContinuation: true, end } : 'unproven';
    const date = headers.get('last-modified');
    if (date !== this.#first.headers.get('last-modified')) return 'unproven';
    return { response, known: this.#received - start, proof: this.#tail!.proof(), end };
  }

  #judgeWhole(response: Response, canRestart: boolean): Part {
    if (response.status === 206) throw this.#fail('integrity', 'the server gave a part where the whole was asked for');
    const end = declaredLength(response) ?? this.#size;
    this.#hasRanges = false;
    this.#size ??= end;
    const known = this.#received;
    if (known === 0) return { response, known, end };
    if (canRestart) {
      this.#received = 0;
      this.#tail?.clear();
      this.#startHashes();
      return { response, known: 0, end };
    }
    const proof = this.#prefixProof(response.headers);
    if (proof === undefined) {
      throw this.#fail(
        'integrity',
        `${this.#soFar('the content broke')}, and the server gives it from the beginning only: whether that is the same cannot be proven`,
        { retryable: true, hint: 'Call again; toFile() and bytes() can start over by themselves.' },
      );
    }
    return { response, known, proof, end };
  }

  /** Compares all that was delivered with what comes again. */
  #prefixProof(headers: Headers): Proof | undefined {
    const before = this.#sha256?.hex();
    const again = before === undefined ? undefined : platform.hash('sha256');
    if (again !== undefined) return { add: (chunk) => again.update(chunk), holds: () => again.hex() === before };
    if (this.#tail?.length === this.#received) return this.#tail.proof();
    if (this.#strongEtag !== undefined && etagOf(headers) === this.#strongEtag) return { add: () => undefined, holds: () => true };
    return undefined;
  }

  #checkUnchanged(response: Response): void {
    const { headers, status } = response;
    this.#checkEtag(headers);
    const type = essence(headers.get('content-type'));
    const before = essence(this.#first.headers.get('content-type'));
    if (type !== before && type !== '' && before !== '') throw this.#changed(`it is ${type} now`);
    for (const size of [status === 206 ? undefined : declaredLength(response), this.#call.address?.size]) {
      if (size !== undefined && this.#size !== undefined && size !== this.#size) throw this.#changed(`it has ${size} bytes now`);
    }
  }

  #checkEtag(headers: Headers): void {
    const etag = etagOf(headers);
    if (etag !== undefined && this.#etag !== undefined && etag !== this.#etag) throw this.#changed('its ETag is another');
  }

  #checkEncoding({ headers, status }: Response): void {
    const encoding = headers.get('content-encoding');
    if (encoding === null || /^(?:identity)?$/i.test(encoding) || status === 204) return;
    throw this.#fail('integrity', `the bytes came ${encoding}-encoded although identity was asked for, so their length proves nothing`);
  }

  /** The checksum that the server declared, against that of the bytes. */
  #verify(): void {
    if (this.#checksum === undefined) return;
    const { algorithm, hex } = this.#checksum;
    const actual = (algorithm === 'md5' ? this.#md5 : this.#sha256)?.hex();
    if (actual === undefined) return;
    if (actual !== hex) throw this.#fail('integrity', `the bytes do not have the ${algorithm} checksum that the server declared`, { retryable: true });
    this.#isProven = true;
  }

  #startHashes(): void {
    if (!this.#isHashed) return;
    this.#sha256 = platform.hash('sha256');
    this.#md5 = this.#checksum?.algorithm === 'md5' ? platform.hash('md5') : undefined;
  }

  /** A break that may be continued; throws what is none. */
  #toBroken(error: unknown): BrokenBody {
    if (this.#signal?.aborted === true || ApiError.is(error)) throw error;
    if (isFault(error, 'SilenceError')) {
      const hint = 'Call again, or raise idleTimeoutMs.';
      return { result: 'timeout', failure: this.#fail('timeout', `${error.message} after ${this.#received} bytes`, { retryable: true, hint }) };
    }
    if (error instanceof EndedShortError) {
      const message = this.#size === undefined ? 'the content ended early' : `only ${this.#received} of the declared ${this.#size} bytes arrived`;
      return { result: 'network', failure: this.#fail('integrity', message, { retryable: true }) };
    }
    if (!isFault(error, 'ConnectionError')) throw error;
    const hint = 'Call again; nothing was written.';
    return { result: 'network', failure: this.#fail('network', this.#soFar('the connection broke'), { retryable: true, hint, cause: error.cause }) };
  }

  #soFar(what: string): string {
    return `${what} after ${this.#received}${this.#size === undefined ? '' : ` of ${this.#size}`} bytes`;
  }

  #changed(how: string): ApiError {
    return this.#fail('integrity', `the content changed while it was read (${how})`, { retryable: true, hint: 'Call again for the content as it is now.' });
  }

  #fail(kind: CallFailure['kind'], message: string, more: Partial<CallFailure> = {}): ApiError {
    const hint = kind === 'integrity' ? 'Call again; if it stays, the server declares something else than it sends.' : undefined;
    return this.#call.fail({ status: this.#first.status, outcome: 'unknown', hint, ...more, kind, message });
  }
}

/** The body ended, but the file did not. */
class EndedShortError extends Error {
  override readonly name = 'EndedShortError';
}

/** The last bytes of a stream, copied: chunks belong to who reads them. */
class Tail {
  readonly #bytes: Uint8Array;
  length = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  push(chunk: Uint8Array): void {
    const room = this.#bytes.length;
    const added = chunk.subarray(-room);
    const kept = Math.min(this.length, room - added.length);
    this.#bytes.copyWithin(0, this.length - kept, this.length);
    this.#bytes.set(added, kept);
    this.length = kept + added.length;
  }

  clear(): void {
    this.length = 0;
  }

  /** Compares what comes with these bytes. */
  proof(): Proof {
    const expected = this.#bytes.slice(0, this.length);
    let offset = 0;
    let equal = true;
    return {
      add: (chunk) => {
        equal &&= chunk.every((byte, index) => byte === expected[offset + index]);
        offset += chunk.length;
      },
      holds: () => equal,
    };
  }
}

/** The declared length, when it counts the bytes that a reader gets. */
export function declaredLength({ headers }: { readonly headers: Headers }): number | undefined {
  const header = headers.get('content-length');
  if (header === null || !/^\d+$/.test(header) || !/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) return undefined;
  const length = Number(header);
  return Number.isSafeInteger(length) ? length : undefined;
}

function etagOf(headers: Headers): string | undefined {
  return headers.get('etag')?.trim() || undefined;
}

async function discard(response: Response): Promise<void> {
  if (!response.bodyUsed) await response.body?.cancel().catch(() => undefined);
}
