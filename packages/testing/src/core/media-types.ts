import { lookup } from 'mrmime';

/** Media type by the extension of a file name; `application/octet-stream` where it says nothing. */
export function mediaTypeOf(name: string): string {
  return lookup(name) ?? 'application/octet-stream';
}

/** A media type without its parameters, in lower case. */
export function essence(mediaType: string | null | undefined): string {
  return (mediaType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}
