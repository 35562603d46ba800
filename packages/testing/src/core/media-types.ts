const TYPES: Readonly<Record<string, string>> = {
  bin: 'application/octet-stream', csv: 'text/csv', doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', eml: 'message/rfc822', gif: 'image/gif',
  htm: 'text/html', html: 'text/html', idml: 'application/vnd.adobe.indesign-idml-package', jpeg: 'image/jpeg', jpg: 'image/jpeg',
  json: 'application/json', md: 'text/markdown', mov: 'video/quicktime', mp3: 'audio/mpeg', mp4: 'video/mp4', pdf: 'application/pdf',
  png: 'image/png', ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation', psd: 'image/vnd.adobe.photoshop', svg: 'image/svg+xml',
  tif: 'image/tiff', tiff: 'image/tiff', txt: 'text/plain', wav: 'audio/wav', webp: 'image/webp', xlf: 'application/xliff+xml',
  xliff: 'application/xliff+xml', xls: 'application/vnd.ms-excel', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml', zip: 'application/zip',
};

/** Media type by the extension of a file name; `application/octet-stream` where it says nothing. */
export function mediaTypeOf(name: string): string {
  const extension = /\.([^.\\/]+)$/.exec(name)?.[1]?.toLowerCase();
  return (extension !== undefined ? TYPES[extension] : undefined) ?? 'application/octet-stream';
}

/** A media type without its parameters, in lower case. */
export function essence(mediaType: string | null | undefined): string {
  return (mediaType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}
