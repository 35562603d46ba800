/**
 * What each fault means to each client, in process and over sockets alike.
 *
 * - Keys are jobs: `json` is that of all our clients, `chat json` of one of them, and goes before.
 * - Values are what comes of the job. Two: of a fault that hits one call, and of one that hits every call. One: of both.
 * - `ok ...` is what came; `the file` and `the answer` are right, `changed` are other bytes.
 * - Errors of our clients are told by kind, status and `outcome`; those of ky and built-in fetch by name and code; `after ...`
 *   is what had come. `unexpected`, `TimeoutError` and so on end a call: nothing hangs.
 * - `2 requests` of the operation that the fault is planned for; `no effect`: the fake notes that the fault had nothing to act on.
 * - `leaked ...` is a credential that the fake saw where it must not be.
 */

import type { FaultName } from './faults.ts';

/** What comes of a job: always, once and always, or by the major version of Node. */
export type Expected = string | readonly [once: string, always: string] | Readonly<Record<22 | 24 | 26, string>>;

/** What one fault means. */
export interface Row {
  readonly means: string;
  /** What every client meets in process instead, where only sockets can do it. */
  readonly inProcess?: string;
  readonly ours: Readonly<Record<string, Expected>>;
  readonly ky: Readonly<Record<string, Expected>>;
  readonly fetch: Readonly<Record<string, Expected>>;
}

/** The table. */
export const expected: Readonly<Record<FaultName, Row>> = {
  'status(404)': {
    means: 'The vendor answers 404, in its own words.',
    ours: {
      'login, json, sign, create, upload, worldserver toFile, worldserver stream': 'not-found 404 refused',
      'bytes, toFile, stream': ['ok the file; 2 requests', 'not-found 404 refused; 2 requests'],
      'chat login, mail login': 'unauthenticated 404 refused',
    },
    ky: {
      'login, json, upload, download, slow download': 'HTTPError 404',
    },
    fetch: {
      'login, json, upload': 'ok 404, JSON',
      'download, slow download': 'ok 404, other text',
    },
  },
  'status(500)': {
    means: 'The vendor answers 500, in its own words.',
    ours: {
      'json, sign, create, upload, bytes, toFile, stream': 'server 500 unknown',
      login: 'server 500 refused',
      'chat login, mail login': ['ok the answer; 2 requests', 'server 500 refused; 2 requests'],
    },
    ky: {
      'login, upload': 'HTTPError 500',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 500; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 500; 2 requests'],
    },
    fetch: {
      'login, json, upload': 'ok 500, JSON',
      'download, slow download': 'ok 500, other text',
    },
  },
  'status(503)': {
    means: 'The vendor answers 503 without Retry-After.',
    ours: {
      json: ['ok the answer; 2 requests', 'server 503 unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'server 503 unknown; 2 requests'],
      'create, upload': 'server 503 unknown',
      login: ['ok the answer; 2 requests', 'server 503 refused; 2 requests'],
    },
    ky: {
      'login, upload': 'HTTPError 503',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 503; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 503; 2 requests'],
    },
    fetch: {
      'login, json, upload': 'ok 503, JSON',
      'download, slow download': 'ok 503, other text',
    },
  },
  'status(429, { retryAfter })': {
    means: "429 with a body that is not the vendor's, and two seconds to wait.",
    ours: {
      'login, json': ['ok the answer; 2 requests', 'rate-limited 429 refused; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'rate-limited 429 refused; 2 requests'],
      'create, worldserver upload': ['ok the asset; 2 requests', 'rate-limited 429 refused; 2 requests'],
      upload: 'rate-limited 429 refused',
    },
    ky: {
      'login, upload': 'HTTPError 429',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 429; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 429; 2 requests'],
    },
    fetch: {
      'login, json, upload, download, slow download': 'ok 429, JSON',
    },
  },
  'retryAfter(3)': {
    means: "The vendor's 429 with three seconds to wait.",
    ours: {
      'login, json': ['ok the answer; 2 requests', 'rate-limited 429 refused; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'rate-limited 429 refused; 2 requests'],
      'create, worldserver upload': ['ok the asset; 2 requests', 'rate-limited 429 refused; 2 requests'],
      upload: 'rate-limited 429 refused',
    },
    ky: {
      'login, upload': 'HTTPError 429',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 429; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 429; 2 requests'],
    },
    fetch: {
      'login, json, upload': 'ok 429, JSON',
      'download, slow download': 'ok 429, other text',
    },
  },
  'retryAfter(3600)': {
    means: "The vendor's 429 with an hour to wait: more than our clients wait by themselves.",
    ours: {
      'login, json, sign, create, upload, bytes, toFile, stream': 'rate-limited 429 refused',
    },
    ky: {
      'login, upload': 'HTTPError 429',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 429; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 429; 2 requests'],
    },
    fetch: {
      'login, json, upload': 'ok 429, JSON',
      'download, slow download': 'ok 429, other text',
    },
  },
  'htmlErrorPage()': {
    means: 'A gateway answers 502 with an HTML page.',
    ours: {
      json: ['ok the answer; 2 requests', 'server 502 unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'server 502 unknown; 2 requests'],
      'create, upload': 'server 502 unknown',
      login: ['ok the answer; 2 requests', 'server 502 refused; 2 requests'],
    },
    ky: {
      'login, upload': 'HTTPError 502',
      json: ['ok 200, JSON; 2 requests', 'HTTPError 502; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'HTTPError 502; 2 requests'],
    },
    fetch: {
      'login, json, upload, download, slow download': 'ok 502, HTML',
    },
  },
  'latency(20)': {
    means: 'The answer comes late, within every limit.',
    ours: {
      'login, json': 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      'create, upload': 'ok the asset',
    },
    ky: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
    fetch: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
  },
  'slowBody()': {
    means: 'The body comes slowly, within every limit.',
    ours: {
      'login, json': 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      'create, worldserver upload': 'ok the asset',
      upload: 'ok the asset; no effect',
    },
    ky: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file',
    },
    fetch: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file',
    },
  },
  'stallBeforeHeaders()': {
    means: 'No answer at all.',
    ours: {
      json: ['ok the answer; 2 requests', 'timeout unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'timeout unknown; 2 requests'],
      'create, upload': 'timeout unknown',
      login: ['ok the answer; 2 requests', 'timeout not-sent; 2 requests'],
    },
    ky: {
      'login, json, upload, download, slow download': 'TimeoutError',
    },
    fetch: {
      'login, json, upload, download, slow download': 'TimeoutError',
    },
  },
  'stallAfter(0)': {
    means: 'Headers, then silence.',
    ours: {
      json: ['ok the answer; 2 requests', 'timeout unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'timeout unknown; 2 requests'],
      'create, worldserver upload': 'timeout unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'timeout 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'timeout 200 unknown after 0 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'timeout not-sent; 2 requests'],
    },
    ky: {
      'login, json': 'TimeoutError after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TimeoutError after 200 and 0 bytes',
      'slow download': 'TimeoutError after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TimeoutError after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TimeoutError after 200 and 0 bytes',
      'slow download': 'TimeoutError after 200 and some bytes',
    },
  },
  'stallAfter(some)': {
    means: 'Headers and a part of the body, then silence.',
    ours: {
      json: ['ok the answer; 2 requests', 'timeout unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'timeout unknown; 2 requests'],
      'create, worldserver upload': 'timeout unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'timeout 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'timeout 200 unknown after 80000 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'timeout not-sent; 2 requests'],
      'worldserver stream': ['ok the file; 2 requests', 'timeout 200 unknown after 40000 bytes; 2 requests'],
    },
    ky: {
      'login, json': 'TimeoutError after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TimeoutError after 200 and 40000 bytes',
      'slow download': 'TimeoutError after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TimeoutError after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TimeoutError after 200 and 40000 bytes',
      'slow download': 'TimeoutError after 200 and some bytes',
    },
  },
  'resetBeforeHeaders()': {
    means: 'The connection is reset instead of an answer.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, upload': 'network unknown',
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
    },
    ky: {
      'login, upload': 'NetworkError ECONNRESET',
      json: ['ok 200, JSON; 2 requests', 'NetworkError ECONNRESET; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'NetworkError ECONNRESET; 2 requests'],
    },
    fetch: {
      'login, json, upload, download, slow download': 'TypeError ECONNRESET',
    },
  },
  'resetRequestAfter(some)': {
    means: 'The connection is reset while the body of the request is sent.',
    ours: {
      'tenovos json, chat json, worldserver json': 'ok the answer; no effect',
      'mail json': ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      'sign, bytes, toFile, stream': 'ok the file; no effect',
      'create, upload': 'network unknown',
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
    },
    ky: {
      'login, upload': 'NetworkError ECONNRESET',
      json: 'ok 200, JSON; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
    fetch: {
      'login, upload': 'TypeError ECONNRESET',
      json: 'ok 200, JSON; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
  },
  'stallRequestAfter(some)': {
    means: 'A part of the body of the request is taken, then silence.',
    ours: {
      'tenovos json, chat json, worldserver json': 'ok the answer; no effect',
      'mail json': ['ok the answer; 2 requests', 'timeout unknown; 2 requests'],
      'sign, bytes, toFile, stream': 'ok the file; no effect',
      'create, upload': 'timeout unknown',
      login: ['ok the answer; 2 requests', 'timeout not-sent; 2 requests'],
    },
    ky: {
      'login, upload': 'TimeoutError',
      json: 'ok 200, JSON; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
    fetch: {
      'login, upload': 'TimeoutError',
      json: 'ok 200, JSON; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
  },
  'lostAnswer()': {
    means: 'All is done as asked, and the connection is reset instead of the answer.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, upload': 'network unknown',
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
    },
    ky: {
      'login, upload': 'NetworkError ECONNRESET',
      json: ['ok 200, JSON; 2 requests', 'NetworkError ECONNRESET; 2 requests'],
      'download, slow download': ['ok 200, the file; 2 requests', 'NetworkError ECONNRESET; 2 requests'],
    },
    fetch: {
      'login, json, upload, download, slow download': 'TypeError ECONNRESET',
    },
  },
  "lostAnswer('stall')": {
    means: 'All is done as asked, and no answer comes.',
    ours: {
      json: ['ok the answer; 2 requests', 'timeout unknown; 2 requests'],
      'sign, bytes, toFile, stream': ['ok the file; 2 requests', 'timeout unknown; 2 requests'],
      'create, upload': 'timeout unknown',
      login: ['ok the answer; 2 requests', 'timeout not-sent; 2 requests'],
    },
    ky: {
      'login, json, upload, download, slow download': 'TimeoutError',
    },
    fetch: {
      'login, json, upload, download, slow download': 'TimeoutError',
    },
  },
  'resetAfter(0)': {
    means: 'The connection is reset after the headers.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, worldserver upload': 'network unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'network 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'network 200 unknown after 0 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
    },
    ky: {
      'login, json': 'TypeError ECONNRESET after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 0 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError ECONNRESET after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 0 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
  },
  'resetAfter(some)': {
    means: 'The connection is reset in the body.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, worldserver upload': 'network unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'network 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'network 200 unknown after 80000 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
      'worldserver stream': ['ok the file; 2 requests', 'network 200 unknown after 40000 bytes; 2 requests'],
    },
    ky: {
      'login, json': 'TypeError ECONNRESET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 40000 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError ECONNRESET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 40000 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
  },
  'shortBody(0)': {
    means: 'The connection ends after the headers, although Content-Length promised a body.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, worldserver upload': 'network unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'network 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'network 200 unknown after 0 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
    },
    ky: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError UND_ERR_SOCKET after 200 and 0 bytes',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and nothing',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError UND_ERR_SOCKET after 200 and 0 bytes',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
  },
  'shortBody(some)': {
    means: 'The connection ends in the body, before Content-Length is reached.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, worldserver upload': 'network unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'network 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'network 200 unknown after 80000 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
      'worldserver stream': ['ok the file; 2 requests', 'network 200 unknown after 40000 bytes; 2 requests'],
    },
    ky: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError UND_ERR_SOCKET after 200 and 40000 bytes',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError UND_ERR_SOCKET after 200 and 40000 bytes',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
  },
  'shortBody(0, { length: false })': {
    means: 'A chunked body ends, as if it were whole, before its first byte.',
    ours: {
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile, stream': 'ok 0 bytes',
      'chat login, mail login': 'unauthenticated refused',
      login: 'unexpected 200 not-sent',
      'mail bytes, chat toFile': ['ok the file; 2 requests', 'integrity 200 unknown; 2 requests'],
    },
    ky: {
      'login, json': 'ok 200, nothing',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, 0 bytes',
    },
    fetch: {
      'login, json': 'ok 200, nothing',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, 0 bytes',
    },
  },
  'shortBody(some, { length: false })': {
    means: 'A chunked body ends in the middle as if it were whole: nobody can see that in a file.',
    ours: {
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile, stream': 'ok 40000 bytes',
      'chat login, mail login': 'unauthenticated refused',
      login: 'unexpected 200 not-sent',
      'mail bytes, chat toFile': ['ok the file; 2 requests', 'integrity 200 unknown; 2 requests'],
    },
    ky: {
      'login, json': 'ok 200, 10 bytes',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, 40000 bytes',
    },
    fetch: {
      'login, json': 'ok 200, 10 bytes',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, 40000 bytes',
    },
  },
  'tooLongBody()': {
    means: 'More bytes than Content-Length promised: every client stops at the promise.',
    ours: {
      'login, json': 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      'create, upload': 'ok the asset',
    },
    ky: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
    fetch: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
  },
  'tooLongBody(7, { length: false })': {
    means: 'A chunked body with seven bytes too many.',
    ours: {
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'ok the asset',
      'bytes, toFile, stream': 'ok 100007 bytes, changed',
      'chat login, mail login': 'unauthenticated refused',
      login: 'unexpected 200 not-sent',
      'mail bytes, chat toFile': 'integrity 200 unknown',
    },
    ky: {
      'login, json': 'ok 200, JSON and 7 bytes',
      upload: 'ok 201, 7 bytes',
      'download, slow download': 'ok 200, 100007 bytes, changed',
    },
    fetch: {
      'login, json': 'ok 200, JSON and 7 bytes',
      upload: 'ok 201, 7 bytes',
      'download, slow download': 'ok 200, 100007 bytes, changed',
    },
  },
  'wrongLength(more)': {
    means: 'All bytes, a Content-Length that promises more, and the end of the connection.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, upload': 'network unknown',
      'bytes, toFile': 'integrity 200 unknown; 2 requests',
      stream: 'integrity 200 unknown after the file; 2 requests',
      'worldserver toFile': ['integrity 200 unknown; 2 requests', 'network 200 unknown; 2 requests'],
      'worldserver stream': ['integrity 200 unknown after the file; 2 requests', 'network 200 unknown after the file; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
      'mail bytes, chat toFile': 'integrity 200 unknown',
    },
    ky: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and JSON',
      upload: 'TypeError UND_ERR_SOCKET after 201 and nothing',
      download: 'TypeError UND_ERR_SOCKET after 200 and the file',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError UND_ERR_SOCKET after 200 and JSON',
      upload: 'TypeError UND_ERR_SOCKET after 201 and nothing',
      download: 'TypeError UND_ERR_SOCKET after 200 and the file',
      'slow download': 'TypeError UND_ERR_SOCKET after 200 and some bytes',
    },
  },
  'wrongLength(less)': {
    means: 'Content-Length promises less than comes: every client stops at the promise.',
    ours: {
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'network unknown',
      'bytes, toFile, stream': 'ok 40000 bytes',
      'chat login, mail login': 'unauthenticated refused',
      login: 'unexpected 200 not-sent',
      'mail bytes, chat toFile': 'integrity 200 unknown',
    },
    ky: {
      'login, json': 'ok 200, 10 bytes',
      upload: 'TypeError UND_ERR_SOCKET after 201 and nothing',
      'download, slow download': 'ok 200, 40000 bytes',
    },
    fetch: {
      'login, json': 'ok 200, 10 bytes',
      upload: 'TypeError UND_ERR_SOCKET after 201 and nothing',
      'download, slow download': 'ok 200, 40000 bytes',
    },
  },
  'corruptBytes()': {
    means: 'The right length, three wrong bytes: nobody can see that in a file; a text begins with them and is no JSON any more.',
    ours: {
      login: 'unexpected 200 not-sent',
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile, stream': 'ok the file, changed',
      'chat login, mail login': 'unauthenticated refused',
    },
    ky: {
      'login, json': 'ok 200, broken JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file, changed',
    },
    fetch: {
      'login, json': 'ok 200, broken JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file, changed',
    },
  },
  'changedContent()': {
    means: 'From this call on, other bytes stand at the address.',
    ours: {
      'login, mail json, worldserver json': 'ok the answer; no effect',
      json: 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file, changed',
      'create, upload': 'ok the asset; no effect',
    },
    ky: {
      login: 'ok 200, JSON; no effect',
      json: 'ok 200, JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file, changed',
    },
    fetch: {
      login: 'ok 200, JSON; no effect',
      json: 'ok 200, JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file, changed',
    },
  },
  'expiredUrl()': {
    means: 'The signed URL is over.',
    ours: {
      'login, json': 'ok the answer; no effect',
      'sign, worldserver toFile, worldserver stream': 'ok the file; no effect',
      'create, worldserver upload': 'ok the asset; no effect',
      upload: 'permission-denied 403 refused',
      'bytes, toFile, stream': ['ok the file; 2 requests', 'permission-denied 403 refused; 2 requests'],
    },
    ky: {
      'login, json': 'ok 200, JSON; no effect',
      'upload, download, slow download': 'HTTPError 403',
    },
    fetch: {
      'login, json': 'ok 200, JSON; no effect',
      upload: 'ok 403, JSON',
      'download, slow download': 'ok 403, other text',
    },
  },
  'expiredSession()': {
    means: 'The token or session is over.',
    ours: {
      login: 'ok the answer; no effect',
      json: ['ok the answer; 2 requests', 'unauthenticated 401 refused; 2 requests'],
      'sign, worldserver toFile, worldserver stream': ['ok the file; 2 requests', 'unauthenticated 401 refused; 2 requests'],
      'create, worldserver upload': ['ok the asset; 2 requests', 'unauthenticated 401 refused; 2 requests'],
      upload: 'ok the asset; no effect',
      'bytes, toFile, stream': 'ok the file; no effect',
    },
    ky: {
      login: 'ok 200, JSON; no effect',
      json: 'HTTPError 401',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
    fetch: {
      login: 'ok 200, JSON; no effect',
      json: 'ok 401, JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
  },
  'truncatedJson()': {
    means: 'JSON ends half way, with the right Content-Length; a file stays as it is.',
    ours: {
      'json, sign, create, worldserver upload': 'unexpected 200 unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile, stream': 'ok the file; no effect',
      'chat login, mail login': 'unauthenticated refused',
      login: 'unexpected 200 not-sent',
    },
    ky: {
      'login, json': 'ok 200, a part of JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
    fetch: {
      'login, json': 'ok 200, a part of JSON',
      upload: 'ok 201, nothing; no effect',
      'download, slow download': 'ok 200, the file; no effect',
    },
  },
  'redirect()': {
    means: '302 to another origin. Built-in fetch and ky take vendor headers along.',
    ours: {
      'login, json': 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      'create, upload': 'ok the asset',
    },
    ky: {
      login: 'ok 200, JSON; leaked x-api-key',
      json: 'ok 200, JSON; leaked x-api-key; leaked accesstoken',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
    fetch: {
      login: 'ok 200, JSON; leaked x-api-key',
      json: 'ok 200, JSON; leaked x-api-key; leaked accesstoken',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
  },
  'redirect({ status: 307 })': {
    means: '307 to another origin: the same request again, with its body.',
    ours: {
      'create, upload, mail json': 'unexpected unknown',
      json: 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      login: 'unexpected not-sent',
    },
    ky: {
      login: 'ok 200, JSON; leaked x-api-key; leaked a secret in the body',
      json: 'ok 200, JSON; leaked x-api-key; leaked accesstoken',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
    fetch: {
      login: 'ok 200, JSON; leaked x-api-key; leaked a secret in the body',
      json: 'ok 200, JSON; leaked x-api-key; leaked accesstoken',
      upload: 'ok 201, nothing',
      'download, slow download': 'ok 200, the file',
    },
  },
  'closeAfterLastByte()': {
    means: 'Connection: close, with the last byte. Built-in fetch of Node 22 and 24 dies of it when its caller reads slowly.',
    inProcess: 'refused: fault.closeAfterLastByte() needs a connection that can be closed: use fake.listen(). Without sockets there is nothing to imitate.',
    ours: {
      'login, json': 'ok the answer',
      'sign, bytes, toFile, stream': 'ok the file',
      'create, upload': 'ok the asset',
    },
    ky: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      download: 'ok 200, the file',
      'slow download': { 22: 'process died', 24: 'process died', 26: 'ok 200, the file' },
    },
    fetch: {
      'login, json': 'ok 200, JSON',
      upload: 'ok 201, nothing',
      download: 'ok 200, the file',
      'slow download': { 22: 'process died', 24: 'process died', 26: 'ok 200, the file' },
    },
  },
  'together(latency, resetAfter)': {
    means: 'The answer comes late, and the connection is reset in the body.',
    ours: {
      json: ['ok the answer; 2 requests', 'network unknown; 2 requests'],
      sign: ['ok the file; 2 requests', 'network unknown; 2 requests'],
      'create, worldserver upload': 'network unknown',
      upload: 'ok the asset; no effect',
      'bytes, toFile': ['ok the file; 2 requests', 'network 200 unknown; 2 requests'],
      stream: ['ok the file; 2 requests', 'network 200 unknown after 80000 bytes; 2 requests'],
      login: ['ok the answer; 2 requests', 'network not-sent; 2 requests'],
      'worldserver stream': ['ok the file; 2 requests', 'network 200 unknown after 40000 bytes; 2 requests'],
    },
    ky: {
      'login, json': 'TypeError ECONNRESET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 40000 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
    fetch: {
      'login, json': 'TypeError ECONNRESET after 200 and 10 bytes',
      upload: 'ok 201, nothing; no effect',
      download: 'TypeError ECONNRESET after 200 and 40000 bytes',
      'slow download': 'TypeError ECONNRESET after 200 and some bytes',
    },
  },
};
