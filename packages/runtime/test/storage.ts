/** A store of one file whose every answer can be told how to go wrong. */

import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { startServer, type Arrived, type TestServer } from './http-server.ts';

/** How one answer goes; absent members: as it should. */
export interface Step {
  /** The connection breaks after so many bytes of this answer's body. */
  readonly cutAt?: number;
  /** How: closed in order, or reset. */
  readonly reset?: boolean;
  /** After `cutAt` nothing more comes, and the connection stays. */
  readonly stall?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers the whole, whatever part is asked for. */
  readonly noRanges?: boolean;
  /** If-Match is not understood. */
  readonly ignoresMatch?: boolean;
  /** Another content than that of the store. */
  readonly body?: Buffer;
}

export interface StoreOptions {
  /** `"<hash>"` (strong), `W/"<hash>"` (weak), or none. */
  readonly etag?: 'strong' | 'weak' | undefined;
  /** The answers have no Content-Length. */
  readonly chunked?: boolean;
}

/** Answers request by request as told, and from then on as it should. */
export async function startStore(content: Buffer, steps: readonly Step[], options: StoreOptions = {}): Promise<TestServer> {
  return startServer((request, response, count) => answer(request, response, content, steps[count - 1] ?? {}, options));
}

function answer(request: Arrived, response: ServerResponse, content: Buffer, step: Step, { etag, chunked }: StoreOptions): void {
  const body = step.body ?? content;
  const hash = `"${createHash('md5').update(body).digest('hex')}"`;
  const tag = etag === undefined ? undefined : etag === 'weak' ? `W/${hash}` : hash;
  const common = { 'content-type': 'image/png', ...(tag !== undefined && { etag: tag }), ...step.headers };
  const end = (status: number, headers: Record<string, string> = {}): void => void response.writeHead(status, { ...common, ...headers }).end();
  if (step.status !== undefined) return end(step.status);
  if (step.ignoresMatch !== true && request.headers['if-match'] !== undefined && request.headers['if-match'] !== tag) return end(412);
  const range = step.noRanges === true ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const start = Number(range ?? 0);
  if (range !== undefined && start >= body.length) return end(416, { 'content-range': `bytes */${body.length}` });
  const part = body.subarray(start);
  response.writeHead(range === undefined ? 200 : 206, {
    ...(range !== undefined && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
    ...(chunked !== true && { 'content-length': String(part.length) }),
    ...common,
  });
  const { cutAt, reset, stall } = step;
  if (cutAt === undefined) return void response.end(part);
  response.flushHeaders();
  response.write(part.subarray(0, cutAt), () => {
    if (stall !== true) setTimeout(() => (reset === true ? response.socket?.resetAndDestroy() : response.socket?.destroy()), 5);
  });
}
