/** Checksums that stores declare in an answer's headers. */

/** What the bytes of an answer must hash to. */
export interface DeclaredChecksum {
  readonly algorithm: 'sha256' | 'md5';
  /** Lower-case hex. */
  readonly hex: string;
}

/** The strongest checksum of the whole that an answer declares; what is written in another way is ignored. */
export function declaredChecksum(headers: Headers): DeclaredChecksum | undefined {
  const digests = [headers.get('repr-digest'), headers.get('digest')].filter((value) => value !== null).join(',');
  const sha256 =
    /(?:^|[,\s])sha-256=:?([A-Za-z\d+/]{43}=)/i.exec(digests)?.[1] ??
    // Of an object stored in parts the header holds a hash of hashes.
    (headers.get('x-amz-checksum-type')?.toUpperCase() === 'COMPOSITE' ? undefined : toBase64(headers.get('x-amz-checksum-sha256'), 43));
  if (sha256 !== undefined) return { algorithm: 'sha256', hex: base64ToHex(sha256) };
  const md5 = toBase64(headers.get('content-md5'), 22) ?? /(?:^|[,\s])md5=([A-Za-z\d+/]{22}==)/i.exec(headers.get('x-goog-hash') ?? '')?.[1];
  return md5 === undefined ? undefined : { algorithm: 'md5', hex: base64ToHex(md5) };
}

function toBase64(value: string | null, length: number): string | undefined {
  const text = value?.trim();
  return text !== undefined && new RegExp(`^[A-Za-z\\d+/]{${length}}={1,2}$`).test(text) ? text : undefined;
}

function base64ToHex(text: string): string {
  return Array.from(atob(text), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
