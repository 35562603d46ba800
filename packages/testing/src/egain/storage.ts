import { serveObject } from '../core/conditional.ts';
import { BytesSource, hasher } from '../core/content.ts';
import { essence } from '../core/media-types.ts';
import { readForm } from '../core/multipart.ts';
import type { Answer } from '../core/wire.ts';
import { egainError } from './errors.ts';
import type { SignedUrl } from './state.ts';
import type { EgainExchange } from './token.ts';

/** What signing decided, or why the URL does not open. */
function open(x: EgainExchange, use: SignedUrl['use']): { signed: SignedUrl } | { answer: Answer } {
  const { state } = x;
  const signed = state.signed.get(x.query('signature') ?? '');
  if (signed === undefined || signed.use !== use) return { answer: egainError(x, '403-105', 'The signature is missing or wrong.') };
  x.about(signed.file.id, signed.file.name);
  if (state.assumptions.signedUrlRefusesAuthorization && x.header('authorization') !== null) {
    return { answer: egainError(x, '400-152', 'A signed URL takes no Authorization header.', [{ key: 'Authorization' }]) };
  }
  if (signed.expires <= x.now) return { answer: egainError(x, '403-105', 'The signed URL is expired.') };
  if (signed.used) return { answer: egainError(x, '403-105', 'The signed URL was used already.') };
  return { signed };
}

/** A request to a signed upload URL: method, type and size have to be those of the signing. */
export async function upload(x: EgainExchange): Promise<Answer> {
  const { assumptions } = x.state;
  const opened = open(x, 'upload');
  if ('answer' in opened) return opened.answer;
  const { signed } = opened;
  const { file } = signed;
  if (x.state.assets.get(file.id) !== file) return egainError(x, '404-100', 'The asset does not exist any more.');
  if (x.request.method !== assumptions.uploadMethod) {
    return { ...egainError(x, '403-105', `The URL is signed for ${assumptions.uploadMethod}.`, [], 405), headers: { allow: assumptions.uploadMethod } };
  }
  for (const [name, value] of Object.entries(assumptions.uploadHeaders)) {
    if (x.header(name) !== value) return egainError(x, '400-152', `The upload needs the header ${name}: ${value}.`, [{ key: name }]);
  }
  if (x.request.chunked) return egainError(x, '400-152', 'The upload needs a Content-Length.', [{ key: 'Content-Length' }], 411);
  let type = essence(x.header('content-type'));
  let bytes: Uint8Array;
  if (assumptions.uploadBody === 'multipart') {
    const form = await readForm(x.header('content-type'), x.body(), file.size + 1);
    const part = form?.find((one) => one.filename !== undefined);
    if (part === undefined) return egainError(x, '400-152', 'The upload has to be multipart/form-data with one file.');
    type = essence(part.contentType);
    ({ bytes } = part);
    x.call.upload = { bytes: part.size, sha256: part.sha256 };
  } else {
    const declared = x.header('content-length');
    if (declared !== null && Number(declared) !== file.size) return wrongSize(x, file.size, Number(declared));
    const chunks: Uint8Array[] = [];
    const hash = hasher();
    let received = 0;
    for await (const chunk of x.body()) {
      received += chunk.byteLength;
      hash?.update(chunk);
      // More than was signed is not kept: the answer is the same.
      if (received <= file.size) chunks.push(chunk);
    }
    x.call.upload = { bytes: received, sha256: hash?.digest('hex') };
    if (received !== file.size) return wrongSize(x, file.size, received);
    bytes = concat(chunks, received);
  }
  if (assumptions.contentTypeFromName && type !== file.contentType) {
    return egainError(x, '400-152', `The upload has to be of type ${file.contentType}, as the name said when the URL was signed.`, [
      { key: 'Content-Type', value: type.slice(0, 255) },
    ]);
  }
  if (x.call.upload!.bytes !== file.size) return wrongSize(x, file.size, x.call.upload!.bytes);
  file.source = new BytesSource(bytes);
  if (!assumptions.contentTypeFromName && type !== '') file.contentType = type;
  signed.used = assumptions.singleUseUrls;
  return { status: assumptions.uploadStatus };
}

function wrongSize(x: EgainExchange, signed: number, received: number): Answer {
  return egainError(x, '400-152', `The URL is signed for ${signed} bytes, ${received} came.`, [{ key: 'Content-Length', value: String(received) }]);
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** A request to a signed download URL. */
export async function download(x: EgainExchange): Promise<Answer> {
  const { assumptions } = x.state;
  const opened = open(x, 'download');
  if ('answer' in opened) return opened.answer;
  const { signed } = opened;
  if (x.request.method !== 'GET') return { ...egainError(x, '403-105', 'The URL is signed for GET.', [], 405), headers: { allow: 'GET' } };
  if (signed.file.source === undefined || (signed.file.kind === 'asset' && !x.state.assets.has(signed.file.id))) {
    return egainError(x, '404-100', 'The content does not exist any more.');
  }
  signed.used = assumptions.singleUseUrls;
  return await serveObject(
    { source: signed.file.source, headers: { 'content-type': signed.file.contentType }, ranges: assumptions.signedUrlRanges },
    x.request.headers,
    (status, headers) => ({ ...egainError(x, `${status}-100`, 'The range cannot be served.'), headers }),
  );
}
