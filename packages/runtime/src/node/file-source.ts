import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { SizedSource } from '../binary-value.ts';
import { invalidRequest } from '../errors.ts';

/** Larger pieces than Node's own make an upload faster by half. */
const PIECE_BYTES = 262_144;

/**
 * A file to upload: its size is known, it is read piece by piece, and again from its beginning for another attempt. Its
 * media type is not guessed.
 *
 * @param path - The file; a `file:` URL, or a path.
 * @throws ApiError of kind `invalid-request` when it cannot be found (`cause` is Node's error) or is no file. Where it has other bytes than now when it
 *   is sent, the upload ends before the receiver can take it for complete.
 * @example
 * ```ts
 * await client.uploadFile({ name: 'manual.docx', content: await fileSource('manual.docx') });
 * ```
 */
export async function fileSource(path: string | URL): Promise<SizedSource> {
  const refuse = (message: string, cause?: unknown): never => {
    throw invalidRequest({ operation: 'fileSource', message, hint: 'Give the path of a file that can be read.', cause });
  };
  const shown = path instanceof URL ? path.pathname : String(path);
  const info = await stat(path).catch((error: Error) => refuse(`${shown} cannot be read (${(error as NodeJS.ErrnoException).code ?? error.message})`, error));
  if (!info.isFile()) refuse(`${shown} is not a file`);
  return {
    size: info.size,
    name: basename(path instanceof URL ? fileURLToPath(path) : path),
    // Opened at the first piece: a stream that nobody reads would hold the file, and its failure would end the process.
    async *stream() {
      yield* createReadStream(path, { highWaterMark: PIECE_BYTES });
    },
  };
}
