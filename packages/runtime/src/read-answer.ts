/** An answer becomes the result of a call, or the error that it means. */

import type { CallFailure, RunningCall } from './call-context.ts';
import type { ApiError } from './errors.ts';
import { decodeText, essence, isJson } from './media-type.ts';
import type { OperationDescriptor } from './operation.ts';
import { readBeginning, readWhole, type WatchOptions } from './read-body.ts';
import * as platform from './platform/node.ts';
import { redactUrl } from './redact.ts';
import { retryAfterMs } from './retry.ts';
import { findErrorRow, kindOfStatus, readCommonError, type ErrorFacts } from './vendor-profile.ts';

/** JSON and text answers are read into memory; more than this is no JSON answer of an asset API. */
const MOST_JSON_BYTES = 64 * 1024 * 1024;
const MOST_ERROR_BYTES = 1024 * 1024;

/**
 * Reads an answer.
 *
 * @returns Parsed JSON, a text, Content, or `undefined` for an answer without a body.
 */
export async function readAnswer(call: RunningCall, response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  const { operation, context } = call;
  const { status } = response;
  if (status < 200 || status >= 300) throw await errorOf(call, response, signal);
  const documented = documentedTypes(operation, status);
  const contentType = platform.headerOf(response, 'content-type');
  const type = essence(contentType);
  const { binary } = operation;
  if (binary?.takes(type, documented) === true) return binary.read(response, call, documented, watch(call, signal));
  const text = decodeText(await readWhole(response, MOST_JSON_BYTES, watch(call, signal)), contentType);
  const expectsJson = isJson(type) || expectsJsonOf(call, type, documented);
  const isNot = (what: string): ApiError => notAsDocumented(call, response, text, `the body is ${what}`);
  if (text === '') {
    const hasNoBody = status === 204 || status === 205 || operation.method === 'HEAD';
    const isMissing = (expectsJson && !hasNoBody) || (operation.structured === true && operation.responses[status] === undefined);
    if (isMissing) throw isNot('empty where JSON is documented');
    // Where the document promises a text, an empty one is a text.
    return hasNoBody || documented.length === 0 ? undefined : '';
  }
  if (!expectsJson) return text;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    if (platform.redirect !== undefined && call.redirected && looksLikePage(text)) throw pageError(call, response, text, 'a redirect led to an HTML page');
    throw isNot(/^\s*</.test(text) ? 'HTML or XML where JSON is documented' : 'not valid JSON (cut short, or of another kind)');
  }
  const failure = context.profile.failureInSuccess?.(data, operation);
  if (failure !== undefined) throw vendorError(call, response, data, undefined, failure);
  if (operation.structured === true && (typeof data !== 'object' || data === null)) {
    throw isNot(`${data === null ? 'null' : `a JSON ${typeof data}`} where an object or a list is documented`);
  }
  return data;
}

/** The vendor's id of a request. */
export function requestIdOf(headers: Headers): string | undefined {
  return REQUEST_IDS.map((name) => headers.get(name)).find(Boolean) ?? undefined;
}

const REQUEST_IDS = ['x-request-id', 'x-amzn-requestid', 'x-amz-request-id', 'x-ms-request-id', 'request-id', 'x-correlation-id', 'apigw-requestid'];

function watch(call: RunningCall, signal: AbortSignal | undefined): WatchOptions {
  return { clock: call.context.clock, idleTimeoutMs: call.idleTimeoutMs, signals: signal === undefined ? [] : [signal] };
}

function documentedTypes({ responses }: OperationDescriptor, status: number): readonly string[] {
  return responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default ?? [];
}

/** Whether JSON is what the document promises here, and the answer does not call itself another documented type. */
function expectsJsonOf({ options }: RunningCall, type: string, documented: readonly string[]): boolean {
  if (options.accept !== undefined && !isJson(options.accept) && !options.accept.includes('*')) return false;
  return documented.some(isJson) && !documented.some((media) => type !== '' && essence(media) === type);
}

/** The error that an answer of another status means. */
export async function errorOf(call: RunningCall, response: Response, signal: AbortSignal | undefined): Promise<ApiError> {
  const { bytes, fault } = await readBeginning(response, MOST_ERROR_BYTES, { ...watch(call, signal), totalMs: call.idleTimeoutMs });
  // The status is the answer; a broken or endless body must not hide it.
  if (signal?.aborted === true && fault !== undefined) throw fault.error;
  const text = decodeText(bytes, response.headers.get('content-type'));
  let details: unknown;
  try {
    details = JSON.parse(text);
  } catch {
    // Object stores, and vendors that were asked for XML.
    return vendorError(call, response, undefined, text || undefined, { code: /<code>([\w.-]{1,80})<\/code>/i.exec(text)?.[1] });
  }
  return vendorError(call, response, details, undefined, (call.context.profile.readError ?? readCommonError)(details));
}

/** The error that an answer of the vendor means. */
function vendorError(call: RunningCall, response: Response, details: unknown, body: string | undefined, facts: ErrorFacts): ApiError {
  const { status, headers } = response;
  const { profile, clock, redactor } = call.context;
  // A gateway or an old release may answer in plain text or HTML: the vendor's sentence is somewhere in it.
  const row = findErrorRow(profile.errors ?? [], call.operation.id, status, body === undefined ? facts : { ...facts, message: body });
  const kind = row?.kind ?? (status < 300 ? 'unexpected' : kindOfStatus(status));
  // Redacted before it is cut: half a secret is not recognised.
  const said = facts.message === undefined ? firstWords(redactor.beginning(body ?? '', 4000)) : redactor.beginning(facts.message, 1000);
  return call.fail({
    kind,
    message: `${kind} (${[status, facts.code && redactor.text(facts.code)].filter(Boolean).join(', ')})${said && `: ${said}`}`,
    ownWords: true,
    status,
    code: facts.code,
    userMessage: facts.userMessage,
    details,
    body,
    requestId: requestIdOf(headers),
    outcome: status >= 500 || status < 300 ? 'unknown' : 'refused',
    retryable: kind === 'rate-limited' || kind === 'not-ready' || [408, 502, 503, 504].includes(status),
    retryAfterMs: retryAfterMs(headers, clock),
    hint: row?.hint ?? profile.hint ?? HINTS[kind],
  });
}

/** What is told of an answer that is not what was asked for. */
function strangeAnswer(
  call: RunningCall,
  { status, headers }: Response,
  body: string,
  more: Pick<CallFailure, 'message' | 'hint'> & Partial<CallFailure>,
): ApiError {
  return call.fail({
    kind: 'unexpected',
    status,
    // The beginning of a login's answer may be the secret itself.
    body: call.operation.secretAnswer === true ? undefined : body || undefined,
    requestId: requestIdOf(headers),
    outcome: 'unknown',
    ...more,
  });
}

function notAsDocumented(call: RunningCall, response: Response, body: string, what: string): ApiError {
  const message = `${what} (${response.status}, ${response.headers.get('content-type') ?? 'no content type'})`;
  return strangeAnswer(call, response, body, { message, hint: HINTS.unexpected });
}

/** Whether a text begins as HTML pages do. */
export function looksLikePage(text: string): boolean {
  return /^\uFEFF?\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype\s+html|html|head|body|meta|title|script)\b/i.test(text);
}

/**
 * A page instead of what was asked for; who made it, and why, can only be guessed.
 *
 * @param suspicion - What speaks for it.
 */
export function pageError(call: RunningCall, response: Response, page: string, suspicion: string): ApiError {
  const isLogin = /<input\b[^>]*\btype\s*=\s*["']?password/i.test(page);
  const { operation, isForeign, url, context } = call;
  const { redactor } = context;
  // Before words are cut out: half a secret is known by nobody.
  const title = firstWords(redactor.beginning(page, 4000));
  return strangeAnswer(call, response, page, {
    kind: isLogin && !isForeign ? 'unauthenticated' : 'unexpected',
    // Part by part: in the whole, the punctuation behind the address would be taken for its end.
    message: `${redactor.text(suspicion)} instead of ${operation.binary === undefined ? 'JSON' : 'the file'} (${response.status}, ${redactor.text(redactUrl(url))})${title && `: ${title}`}`,
    ownWords: true,
    outcome: operation.method === 'GET' ? 'refused' : 'unknown',
    hint: `${
      isLogin
        ? 'The page asks for a password: the session has probably ended, or a proxy or single sign-on wants a login.'
        : 'Probably the notice of a proxy, or of the vendor; `body` shows how it begins.'
    }${operation.binary === undefined ? '' : ' If it is the file that you want, say acceptHtml: true.'}`,
  });
}

/** What to do, where no row of the vendor says. */
const HINTS: Partial<Record<CallFailure['kind'], string>> = {
  'invalid-request': '`details` says which argument the vendor refused.',
  unauthenticated: 'Check the credentials and that they belong to this baseUrl.',
  'permission-denied': 'Ask the administrator for the permission or scope that the operation needs.',
  'not-found': 'Check the id, and that baseUrl leads to the right API.',
  conflict: 'Read the current state, then decide.',
  'rate-limited': 'Wait (retryAfterMs, where it is told), and call less often.',
  server: 'The vendor failed: try again later; if it stays, report requestId.',
  timeout: 'The vendor gave up waiting: try again later.',
  unexpected: 'Something in between may have answered (a proxy, a login page), or baseUrl leads elsewhere; `body` or `details` shows the answer.',
};

/** The first words of an HTML, XML or text answer; empty when it has none. */
function firstWords(body: string): string {
  const title = /<title[^>]*>([^<]*)<|<message>([^<]*)</i.exec(body);
  const words = title?.[1] ?? title?.[2] ?? body.replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>|<[^>]*>/gi, ' ');
  return words.replace(/\s+/g, ' ').trim().slice(0, 200);
}
