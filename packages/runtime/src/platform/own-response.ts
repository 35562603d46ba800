/** Answers of our own transport, read without a web stream between; those of a fetch function as that gives them. */

import type { ByteReader } from '../read-body.ts';
import * as other from './fetch-response.ts';
import type { OwnResponse, Platform } from './platform.ts';

const isOwn = (response: Response): response is OwnResponse => 'readDirectly' in response;

export const headerOf: Platform['headerOf'] = (response, name) => (isOwn(response) ? response.readHeader(name) : other.headerOf(response, name));

export const readerOf: Platform['readerOf'] = (response) => (isOwn(response) ? response.readDirectly() : other.readerOf(response));

export const openBody: Platform['openBody'] = (response) => {
  const encoding = isOwn(response) ? response.readHeader('content-encoding')?.trim().toLowerCase() : undefined;
  if (encoding === undefined || encoding === '' || encoding === 'identity' || response.body === null) return readerOf(response);
  const format = encoding === 'x-gzip' ? 'gzip' : encoding === 'br' ? 'brotli' : encoding;
  const decompressor = new DecompressionStream(format as CompressionFormat) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  return response.body.pipeThrough(decompressor).getReader() as ByteReader;
};
