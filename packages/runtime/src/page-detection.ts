/**
 * A success that is an HTML page instead of what was asked for: a login page after a redirect, a proxy's notice. It is a
 * guess wherever the server says 200, so it takes two signs: the declared type, and how the bytes begin.
 */

import { onAbort } from './abort.ts';
import type { RunningCall } from './call-context.ts';
import { after } from './clock.ts';
import { concat } from './concat.ts';
import { Fault } from './faults.ts';
import { fileNameFromDisposition } from './file-name.ts';
import { decodeText, essence } from './media-type.ts';
import { looksLikePage, pageError } from './read-answer.ts';
import { silence, type WatchOptions } from './read-body.ts';

const HTML_TYPE = /^(?:text\/html|application\/xhtml\+xml)$/;
/** Names of files that may hold HTML. */
const TEXT_NAME = /\.(?:x?html?|shtml|txt|xml|xslt?|md|jspx?|aspx?|php|ftl|vm|hbs|vue|svelte)$/i;
/** Bytes of an answer that are looked at. */
const PEEKED = 4096;

/**
 * Looks at a binary answer.
 *
 * @param documented - Media types that the document has for this status.
 * @returns The answer, to be read as before.
 * @throws ApiError when it is a page instead of the file.
 */
export async function refusePage(call: RunningCall, response: Response, documented: readonly string[], options: WatchOptions): Promise<Response> {
  const suspicion = suspectPage(call, response, documented);
  if (suspicion === undefined) return response;
  const { beginning, whole } = await peek(response, options);
  const page = decodeText(beginning, response.headers.get('content-type'));
  if (!looksLikePage(page)) return whole;
  await whole.body?.cancel();
  throw pageError(call, response, page, suspicion);
}

/** What speaks for a page; `undefined` when HTML is what was to be expected. */
function suspectPage(call: RunningCall, { headers }: Response, documented: readonly string[]): string | undefined {
  const { options, address, redirected, context } = call;
  if (!HTML_TYPE.test(essence(headers.get('content-type'))) || options.acceptHtml === true) return undefined;
  if ([...documented, options.accept ?? '', address?.mediaType ?? ''].some((type) => HTML_TYPE.test(essence(type)))) return undefined;
  const given = fileNameFromDisposition(headers.get('content-disposition'));
  const name = given ?? address?.name;
  if (name !== undefined && TEXT_NAME.test(name)) return undefined;
  if (redirected) return 'a redirect led to an HTML page';
  if (address?.mediaType !== undefined) return `the answer is an HTML page, but the file is announced as ${essence(address.mediaType)}`;
  if (name !== undefined) return /\.\w+$/.test(name) ? `the answer is an HTML page, but the file is called ${name}` : undefined;
  return context.profile.filesHaveNames === true ? 'the answer is an HTML page without the file name that this vendor sends with files' : undefined;
}

/** The beginning of an answer, and the answer as it was; its body can be read as before. */
async function peek(response: Response, options: WatchOptions): Promise<{ beginning: Uint8Array<ArrayBuffer>; whole: Response }> {
  const { body, status, headers } = response;
  if (body === null) return { beginning: new Uint8Array(), whole: response };
  const { clock, idleTimeoutMs, signals } = options;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let stopped: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown): void => {
    stopped ??= { reason };
    // Ends the read that waits.
    void reader.cancel().catch(() => undefined);
  };
  const release = onAbort(signals, stop);
  const cancel = after(clock, idleTimeoutMs, () => stop(silence(idleTimeoutMs)));
  try {
    for (let size = 0; size < PEEKED;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.length;
    }
  } catch (error) {
    throw new Fault('ConnectionError', 'the connection broke', error);
  } finally {
    cancel();
    release();
  }
  if (stopped !== undefined) throw stopped.reason;
  const beginning = concat(
    chunks,
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  );
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const kept = chunks.shift();
        const { done, value } = kept === undefined ? await reader.read() : { done: false, value: kept };
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { beginning, whole: new Response(stream, { status, headers }) };
}
