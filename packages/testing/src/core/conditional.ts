import type { Source } from './content.ts';
import type { Answer } from './wire.ts';

/** What an object store says about one object. */
export interface StoredObject {
  readonly source: Source;
  readonly headers: Readonly<Record<string, string>>;
  /** The quoted ETag and the date, read when the size is known. Absent: the store knows none. */
  readonly validators?: () => { readonly etag: string; readonly lastModified: string };
  readonly ranges: boolean;
}

/** Answers a GET of an object: whole, a part of it, or why not, by the conditions of RFC 9110. */
export async function serveObject(
  object: StoredObject,
  request: Headers,
  error: (status: 412 | 416, headers: Record<string, string>) => Answer,
): Promise<Answer> {
  const size = await object.source.size();
  const { etag, lastModified } = object.validators?.() ?? {};
  const headers: Record<string, string> = {
    ...object.headers,
    ...(etag === undefined ? {} : { etag: etag }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
    ...(object.ranges ? { 'accept-ranges': 'bytes' } : {}),
  };
  const match = request.get('if-match');
  const none = request.get('if-none-match');
  if (etag !== undefined && lastModified !== undefined) {
    // A date counts only where no ETag was given.
    if (match === null ? isAfter(lastModified, request.get('if-unmodified-since')) : !lists(match, etag, 'strong')) return error(412, {});
    const since = request.get('if-modified-since');
    const unchanged = none === null ? since !== null && !Number.isNaN(Date.parse(since)) && !isAfter(lastModified, since) : lists(none, etag, 'weak');
    if (unchanged) return { status: 304, headers };
  }
  const range = object.ranges ? request.get('range') : null;
  const ifRange = request.get('if-range');
  const usable = range !== null && (ifRange === null || ifRange === etag || ifRange === lastModified);
  const parsed = usable ? parseRange(range, size) : undefined;
  if (parsed === 'unsatisfiable') return error(416, { 'content-range': `bytes */${size}` });
  if (parsed === undefined) return { status: 200, headers, content: { source: object.source, start: 0, end: size } };
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${parsed.start}-${parsed.end - 1}/${size}` },
    content: { source: object.source, ...parsed },
  };
}

/** One range of bytes; `undefined` for what a server may ignore: other units, several ranges, wrong syntax. */
function parseRange(header: string, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header.replaceAll(' ', '')) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const count = Number(last);
    return count === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - count), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** Whether a list of ETags names this one, which is a strong one; a weak one fits in the weak comparison only. */
function lists(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  return header.split(',').some((one) => one.trim() === '*' || (comparison === 'weak' ? one.trim().replace(/^W\//, '') : one.trim()) === etag);
}

/** Whether a date is after the one of a header; what is no date is ignored. */
function isAfter(date: string, header: string | null): boolean {
  return header !== null && Date.parse(date) > Date.parse(header);
}
