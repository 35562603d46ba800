/** What differs between Node, other servers and browsers. Users get the sibling file of their platform in place of `node.ts`. */

import type { Stop } from '../abort.ts';
import type { OutgoingRequest } from '../exchange.ts';
import type { ClientOptions } from '../options.ts';
import type { Origins, Reach } from '../untrusted-url.ts';

/** A body beside its request, whole or as a stream. */
export interface TransportBody {
  /** Bytes, where known. */
  readonly size: number | undefined;
  readonly whole?: string | Uint8Array<ArrayBuffer> | Blob | undefined;
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** Sends one request and resolves at its answer's headers. Knows no time limits, retries or credentials. */
export interface Transport {
  /**
   * @param request - What ky made; carries URL, method and headers.
   * @param body - The body; `request` may have none, so that GET may have one.
   * @param stop - Ends the exchange, also while the answer's body is read.
   */
  send(request: Request, body: TransportBody | undefined, stop: Stop): Promise<Response>;
  close(): Promise<void>;
}

/** What a transport may be told. */
export interface TransportOptions {
  readonly proxy?: string | undefined;
  readonly ca?: string | readonly string[] | undefined;
  /** Whether a connection for this origin to this resolved address is allowed. */
  mayConnect(origin: string, address: string): boolean;
}

/** A body for fetch. */
export interface StreamedBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | Blob;
  /** What tells the length where the body does not. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An incremental hash. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  /** The hash of all that came so far, in lower-case hex. */
  hex(): string;
}

/** What happens to a file that is there already. */
export type IfExists = 'replace' | 'fail' | 'rename';

/** What the rest of the runtime asks of its surroundings. */
export interface Platform {
  readonly name: 'node' | 'server' | 'web' | 'browser';
  /** Whether a body may be a stream of any or of no known length. */
  readonly sendsStreams: boolean;
  /** The platform's own transport; `undefined` to use `globalThis.fetch`. */
  transport(options: ClientOptions, baseUrl: URL): Transport | undefined;
  /** The request that a redirect asks for; absent where fetch hides redirects from a library. */
  readonly redirect?: (request: OutgoingRequest, status: number, location: string, origins: Origins) => OutgoingRequest;
  /** Where a host is; absent where fetch decides what may be asked. */
  readonly reachOf?: (host: string) => Reach;
  /**
   * A body that is a stream, in the form that this platform's fetch sends, if it can with its length: receivers behind
   * signed URLs refuse bodies of unknown length.
   *
   * @param size - Bytes, where known.
   */
  bodyOf(chunks: AsyncIterable<Uint8Array>, size: number | undefined): StreamedBody | Promise<StreamedBody>;
  /** Whether `globalThis.fetch` is the platform's own, not a mock's or a wrapper's. */
  isOwnFetch(fetch: unknown): boolean;
  /** `undefined` where the platform has no incremental hash of this kind. */
  hash(algorithm: 'sha256' | 'md5'): Hasher | undefined;
  /**
   * Writes a file so that it is there whole or not at all; what was there before survives a failure. Absent where there
   * is no file system.
   *
   * @param chunks - The bytes, asked for once the file may be written; `null` says that they begin anew.
   * @returns Where the file is.
   * @throws An error with the code `EEXIST` where a file is there that must not be replaced.
   */
  readonly writeFile?: (path: string, ifExists: IfExists, chunks: AsyncIterable<Uint8Array | null>) => Promise<string>;
  readonly joinPath?: (folder: string, name: string) => Promise<string>;
  /** Publishes to a diagnostics channel, when somebody listens. */
  publish(channel: string, message: () => unknown): void;
}
