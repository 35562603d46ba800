/** What differs between Node, other servers and browsers. Users get the sibling file of their platform in place of `node.ts`. */

import type { KyInstance } from 'ky';

import type { Stop } from '../abort.ts';
import type { RunningCall } from '../call-context.ts';
import type { ApiError } from '../errors.ts';
import type { TransferFacts } from '../events.ts';
import type { OutgoingRequest } from '../exchange.ts';
import type { ClientOptions } from '../options.ts';
import type { ByteReader } from '../read-body.ts';
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
   * @param ky - Makes the request that is sent.
   * @param body - The body, beside the request: ky would copy a stream, and refuses one on GET.
   * @param stop - Ends the exchange, also while the answer's body is read.
   */
  send(ky: KyInstance, request: OutgoingRequest, body: TransportBody | undefined, stop: Stop): Promise<Response>;
  /** Whether this stands for `globalThis.fetch`: that is the platform's own, not a mock's or a wrapper's. */
  standsFor(fetch: unknown): boolean;
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

/** An answer of our own transport, which is read without a web stream between: that costs as much as the rest. */
export interface OwnResponse extends Response {
  /** As `headers.get`: the Headers are made when somebody asks for all. */
  readHeader(name: string): string | null;
  /** The body as it came; `undefined` where there is none. */
  readDirectly(): ByteReader | undefined;
}

/**
 * What the rest of the runtime asks of its surroundings: the exports of each sibling of this file. What a platform has not is
 * `undefined` there, so that a build leaves out the code around it.
 */
export interface Platform {
  readonly name: 'node' | 'server' | 'web' | 'browser';
  /** Whether a body may be a stream of any or of no known length. */
  readonly sendsStreams: () => boolean;
  /** The platform's own transport; where there is none, `globalThis.fetch` is used. */
  readonly transport: ((options: ClientOptions, baseUrl: URL) => Transport) | undefined;
  /** A header of an answer; `null` where there is none. */
  readonly headerOf: (response: Response, name: string) => string | null;
  /** The body of an answer as it came; `undefined` where there is none. */
  readonly readerOf: (response: Response) => ByteReader | undefined;
  /** As `readerOf`, decompressed where a gateway compressed although nobody asked. */
  readonly openBody: (response: Response) => ByteReader | undefined;
  /** The request that a redirect asks for; none where fetch hides redirects from a library. */
  readonly redirect: ((request: OutgoingRequest, status: number, location: string, origins: Origins) => OutgoingRequest) | undefined;
  /** Where a host is; none where fetch decides what may be asked. */
  readonly reachOf: ((host: string) => Reach) | undefined;
  /**
   * A body that is a stream, in the form that this platform's fetch sends, if it can with its length: receivers behind
   * signed URLs refuse bodies of unknown length.
   *
   * @param size - Bytes, where known.
   */
  readonly bodyOf: (chunks: AsyncIterable<Uint8Array>, size: number | undefined) => StreamedBody | Promise<StreamedBody>;
  /** `undefined` where the platform has no incremental hash of this kind. */
  readonly hash: (algorithm: 'sha256' | 'md5') => Hasher | undefined;
  /**
   * Writes a file so that it is there whole or not at all; what was there before survives a failure. None where there is no
   * file system.
   *
   * @param chunks - The bytes, asked for once the file may be written; `null` says that they begin anew.
   * @returns Where the file is.
   * @throws An error with the code `EEXIST` where a file is there that must not be replaced.
   */
  readonly writeFile: ((path: string, ifExists: IfExists, chunks: AsyncIterable<Uint8Array | null>) => Promise<string>) | undefined;
  readonly joinPath: ((folder: string, name: string) => Promise<string>) | undefined;
  /** Tells diagnostics channels that a call has ended. */
  readonly publishRequest: (call: RunningCall, status: number | undefined, error: ApiError | undefined) => void;
  /** Tells them that a transfer has ended. */
  readonly publishTransfer: (call: RunningCall, facts: () => TransferFacts, error?: ApiError) => void;
}

type Whole<Exports extends Platform> = Exports;

/** The compiler sees here that none lacks anything. */
export type Platforms =
  | Whole<typeof import('./node.ts')>
  | Whole<typeof import('./server.ts')>
  | Whole<typeof import('./web.ts')>
  | Whole<typeof import('./browser.ts')>;
