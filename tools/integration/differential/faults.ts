/** Every fault of `fault.*`, with the arguments that the comparison uses. */

import { fault, type Fault } from '@asset-clients/testing';

/** Bytes of the file that is downloaded. */
export const FILE_BYTES = 100_000;
/** Bytes of the file that is uploaded. */
export const UPLOAD_BYTES = 50_000;

/** Whether the answer that a fault spoils is the file, or text of an API. */
export type Body = 'file' | 'text';

/** Where a body breaks: before the middle of a file, so that what is left of it can break again; in the first words of a text. */
const cut = (body: Body): number => (body === 'file' ? 40_000 : 10);

/** The faults by the names of the table. */
export const faults = {
  'status(404)': () => fault.status(404),
  'status(500)': () => fault.status(500),
  'status(503)': () => fault.status(503),
  'status(429, { retryAfter })': () => fault.status(429, { retryAfter: 2, body: { message: 'slow down' } }),
  'retryAfter(3)': () => fault.retryAfter(3),
  'retryAfter(3600)': () => fault.retryAfter(3600),
  'htmlErrorPage()': () => fault.htmlErrorPage(),
  'latency(20)': () => fault.latency(20),
  'slowBody()': () => fault.slowBody(4_000_000),
  'stallBeforeHeaders()': () => fault.stallBeforeHeaders(),
  'stallAfter(0)': () => fault.stallAfter(0),
  'stallAfter(some)': (body) => fault.stallAfter(cut(body)),
  'resetBeforeHeaders()': () => fault.resetBeforeHeaders(),
  'resetRequestAfter(some)': () => fault.resetRequestAfter(10),
  'stallRequestAfter(some)': () => fault.stallRequestAfter(10),
  'lostAnswer()': () => fault.lostAnswer(),
  "lostAnswer('stall')": () => fault.lostAnswer('stall'),
  'resetAfter(0)': () => fault.resetAfter(0),
  'resetAfter(some)': (body) => fault.resetAfter(cut(body)),
  'shortBody(0)': () => fault.shortBody(0),
  'shortBody(some)': (body) => fault.shortBody(cut(body)),
  'shortBody(0, { length: false })': () => fault.shortBody(0, { length: false }),
  'shortBody(some, { length: false })': (body) => fault.shortBody(cut(body), { length: false }),
  'tooLongBody()': () => fault.tooLongBody(),
  'tooLongBody(7, { length: false })': () => fault.tooLongBody(7, { length: false }),
  'wrongLength(more)': () => fault.wrongLength(FILE_BYTES + 10),
  'wrongLength(less)': (body) => fault.wrongLength(cut(body)),
  'corruptBytes()': (body) => fault.corruptBytes({ at: body === 'file' ? cut(body) - 5 : 0, count: 3 }),
  'changedContent()': () => fault.changedContent(),
  'expiredUrl()': () => fault.expiredUrl(),
  'expiredSession()': () => fault.expiredSession(),
  'truncatedJson()': () => fault.truncatedJson(),
  'redirect()': () => fault.redirect(),
  'redirect({ status: 307 })': () => fault.redirect({ status: 307 }),
  'closeAfterLastByte()': () => fault.closeAfterLastByte(),
  'together(latency, resetAfter)': (body) => fault.together(fault.latency(10), fault.resetAfter(cut(body))),
} as const satisfies Readonly<Record<string, (body: Body) => Fault>>;

/** A row of the table. */
export type FaultName = keyof typeof faults;
