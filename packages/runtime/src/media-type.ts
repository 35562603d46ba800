/** What a media type says about how a body is read. */

export function isJson(mediaType: string): boolean {
  // A sequence of JSON texts (application/json-seq) is none.
  return /[/+]json\s*(?:;|$)/i.test(mediaType);
}

/** Whether a body of this type is read as text or JSON rather than handed out as bytes. */
export function isText(mediaType: string): boolean {
  return isJson(mediaType) || /^(?:text\/(?!event-stream)|application\/(?:xml|x-www-form-urlencoded|graphql)\b|[\w.-]+\/[\w.-]+\+xml)/i.test(mediaType);
}

/** Type and subtype in lower case, without parameters; empty when there is none. */
export function essence(contentType: string | null): string {
  return contentType?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
}

/** Decodes bytes by the charset of their content type, else as UTF-8; a byte order mark is left out. */
export function decodeText(bytes: Uint8Array, contentType: string | null): string {
  const charset = /;\s*charset="?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset === undefined || charset === 'utf-8') return utf8.decode(bytes);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return utf8.decode(bytes);
  }
}

const utf8 = new TextDecoder();
