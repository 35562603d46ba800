/**
 * What has to come of each fault, as data: for a request with these traits, when the fault hits it once and when it hits it
 * always. The first rule whose traits a step has decides; the last one of each fault is for all others.
 *
 * The rules were written from the promises of the READMEs (retry tables, content, errors), not from what happens.
 */

import type { FaultName } from '../differential/faults.ts';
import type { ErrorKind, ErrorOutcome } from '@asset-clients/runtime';
import type { Trait } from './steps.ts';

/** The step does not fail. */
export interface Works {
  /** `'all'`, or what else is delivered, because nobody can see it. */
  readonly comes: string;
  /** Requests of the operation that was hit, beyond those that the step sends anyhow. */
  readonly more: number;
  /** `verified` of the receipt, for files. */
  readonly verified?: 'none';
}

/** The step fails with an ApiError. */
export interface Fails {
  readonly kind: ErrorKind;
  readonly status?: number;
  readonly outcome: ErrorOutcome;
  /** Requests of the operation that was hit. */
  readonly requests: number;
}

export type Outcome = Works | Fails;

export interface Rule {
  /** Traits that the request has to have, all of them. */
  readonly where: readonly Trait[];
  readonly once: Outcome;
  readonly always: Outcome;
  readonly because?: string;
}

export interface FaultRules {
  readonly means: string;
  readonly rules: readonly Rule[];
  /** What `JSON.stringify(error)` must tell of the cause. */
  readonly tells: RegExp;
  /** Milliseconds by the virtual clock that one request with this fault may take, and that a wait for the next may. */
  readonly requestMs?: number;
  readonly waitMs?: number;
}

/** Requests with the default of two retries. */
const ALL = 3;
/** Longest wait between attempts: full jitter up to 250, then 500 ms. */
export const BACKOFF_MS = 500;

const works = (more = 0): Works => ({ comes: 'all', more });
const delivers = (comes: string, verified?: 'none'): Works => ({ comes, more: 0, ...(verified === undefined ? {} : { verified }) });
const fails = (kind: ErrorKind, status: number | undefined, outcome: ErrorOutcome, requests = 1): Fails => ({
  kind,
  ...(status === undefined ? {} : { status }),
  outcome,
  requests,
});
const both = (where: readonly Trait[], outcome: Outcome, because?: string): Rule => ({
  where,
  once: outcome,
  always: outcome,
  ...(because === undefined ? {} : { because }),
});
const then = (where: readonly Trait[], once: Outcome, always: Outcome, because?: string): Rule => ({
  where,
  once,
  always,
  ...(because === undefined ? {} : { because }),
});

/** No answer, or one that says that it may pass: asked again where the retry table allows that. */
const passing = (kind: ErrorKind, status?: number): readonly Rule[] => [
  then(['login'], works(1), fails(kind, status, status === undefined ? 'not-sent' : 'refused', ALL), 'The call that needs the login was not sent.'),
  then(['repeatable'], works(1), fails(kind, status, 'unknown', ALL)),
  both([], fails(kind, status, 'unknown'), 'It may have been done: it is not sent twice.'),
];

/** The request breaks in its body, where it has one. */
const cut = (kind: ErrorKind): readonly Rule[] => [
  ...passing(kind).map((rule): Rule => ({ ...rule, where: [...rule.where, 'body'] })),
  both([], works(), 'There is no body that could break.'),
];

/** It was done, and the answer did not come. */
const lost = (kind: ErrorKind): readonly Rule[] => [
  then(
    ['empty', 'ends the session'],
    works(2),
    fails(kind, undefined, 'unknown', ALL),
    'Sent again it is refused, as the session has ended; that of a fresh login is ended instead.',
  ),
  then(['204'], fails('not-found', 404, 'unknown', 2), fails(kind, undefined, 'unknown', ALL), 'Sent again, it does not find what it removed.'),
  ...passing(kind),
];

/** The answer breaks in its body, at its beginning or later. */
const broken = (kind: ErrorKind, where: 'first' | 'later'): readonly Rule[] => [
  both(['empty'], works(), 'There is no body that could break.'),
  ...(where === 'later'
    ? [
        then(
          ['file', 'ETag'],
          works(1),
          works(2),
          'Continued where it broke: three answers of at most 40,000 bytes make the 100,000, the last one being too short to break.',
        ),
      ]
    : []),
  then(['file'], works(1), fails(kind, 200, 'unknown', ALL), 'Without an ETag the first 40,000 bytes are asked for again each time.'),
  ...passing(kind),
];

/** The answer came whole and is not what was promised: nothing says that it would be better the next time. */
const unreadable: readonly Rule[] = [
  both(['empty'], works(), 'There is no body.'),
  both(['token endpoint'], fails('unauthenticated', undefined, 'refused'), 'There is no token in it.'),
  both(['login'], fails('unexpected', 200, 'not-sent'), 'There is no session in it; the call itself was not sent.'),
];

/** An empty answer whose length is wrong, to a request that ends its own session. */
const endings: readonly Rule[] = [
  then(
    ['empty', 'ends the session'],
    works(2),
    fails('unauthenticated', 401, 'refused', 4),
    'Sent again it is refused, as the session has ended; that of a fresh login is ended instead. Whether that was done, is as unknown the next time.',
  ),
];

/** The vendor, or a gateway, refused before it did anything: all may ask again but uploads to signed URLs. */
const busy: readonly Rule[] = [
  both(['signed upload'], fails('rate-limited', 429, 'refused'), 'Signed URLs of uploads are asked once.'),
  then([], works(1), fails('rate-limited', 429, 'refused', ALL)),
];

const nothing: readonly Rule[] = [both([], works())];

export const faultRules: Readonly<Record<FaultName, FaultRules>> = {
  'status(404)': {
    means: 'The vendor answers 404, in its own words.',
    tells: /404/,
    rules: [
      both(['token endpoint'], fails('unauthenticated', 404, 'refused'), 'There is no token endpoint.'),
      both(['signed upload'], fails('not-found', 404, 'refused')),
      then(['signed'], works(1), fails('not-found', 404, 'refused', 2), 'A fresh address, once.'),
      both([], fails('not-found', 404, 'refused')),
    ],
  },
  'status(500)': {
    means: 'The vendor answers 500, in its own words.',
    tells: /500/,
    rules: [
      then(['token endpoint'], works(1), fails('server', 500, 'refused', ALL), 'A token endpoint answers 500 to no mistake of the caller.'),
      both(['login'], fails('server', 500, 'refused'), 'The call itself was not sent.'),
      both([], fails('server', 500, 'unknown'), '500 is no passing fault: two of the three vendors answer it to wrong parameters.'),
    ],
  },
  'status(503)': { means: 'The vendor answers 503 without Retry-After.', tells: /503/, rules: passing('server', 503) },
  'status(429, { retryAfter })': {
    means: "429 with a body that is not the vendor's, and two seconds to wait.",
    tells: /429/,
    waitMs: 2000,
    rules: busy,
  },
  'retryAfter(3)': { means: "The vendor's 429 with three seconds to wait.", tells: /429/, waitMs: 3000, rules: busy },
  'retryAfter(3600)': {
    means: "The vendor's 429 with an hour to wait: more than our clients wait by themselves.",
    tells: /429/,
    rules: [both([], fails('rate-limited', 429, 'refused'))],
  },
  'htmlErrorPage()': {
    means: 'A gateway answers 502 with an HTML page.',
    tells: /502/,
    rules: [then(['502 once'], works(1), fails('server', 502, 'unknown', 2), 'Tenovos answers 502 to mistakes of the caller, too.'), ...passing('server', 502)],
  },
  'latency(20)': { means: 'The answer comes late, within every limit.', tells: /never/, requestMs: 20, rules: nothing },
  'slowBody()': { means: 'The body comes slowly, within every limit.', tells: /never/, requestMs: 60, rules: nothing },
  'stallBeforeHeaders()': {
    means: 'No answer at all.',
    tells: /no answer within 30000 ms|did not move for 30000 ms|did not end within 30000 ms/,
    requestMs: 30_000,
    rules: passing('timeout'),
  },
  'stallAfter(0)': { means: 'Headers, then silence.', tells: /30000 ms/, requestMs: 30_000, rules: broken('timeout', 'first') },
  'stallAfter(some)': { means: 'Headers and a part of the body, then silence.', tells: /30000 ms/, requestMs: 30_000, rules: broken('timeout', 'later') },
  'resetBeforeHeaders()': { means: 'The connection is reset instead of an answer.', tells: /ECONNRESET/, rules: passing('network') },
  'resetRequestAfter(some)': {
    means: 'The connection is reset while the body of the request is sent.',
    tells: /ECONNRESET|EPIPE/,
    rules: cut('network'),
  },
  'stallRequestAfter(some)': {
    means: 'A part of the body of the request is taken, then silence.',
    tells: /no answer within 30000 ms|did not move for 30000 ms|did not end within 30000 ms/,
    requestMs: 30_000,
    rules: cut('timeout'),
  },
  'lostAnswer()': { means: 'All is done as asked, and the connection is reset instead of the answer.', tells: /ECONNRESET|401|404/, rules: lost('network') },
  "lostAnswer('stall')": {
    means: 'All is done as asked, and no answer comes.',
    tells: /no answer within 30000 ms|did not move for 30000 ms|did not end within 30000 ms|401|404/,
    requestMs: 30_000,
    rules: lost('timeout'),
  },
  'resetAfter(0)': { means: 'The connection is reset after the headers.', tells: /ECONNRESET/, rules: broken('network', 'first') },
  'resetAfter(some)': { means: 'The connection is reset in the body.', tells: /ECONNRESET/, rules: broken('network', 'later') },
  'shortBody(0)': {
    means: 'The connection ends after the headers, although Content-Length promised a body.',
    tells: /UND_ERR_SOCKET/,
    rules: broken('network', 'first'),
  },
  'shortBody(some)': {
    means: 'The connection ends in the body, before Content-Length is reached.',
    tells: /UND_ERR_SOCKET/,
    rules: broken('network', 'later'),
  },
  'shortBody(0, { length: false })': {
    means: 'A chunked body ends, as if it were whole, before its first byte.',
    tells: /only 0 of the declared|empty|no token|JSON/i,
    rules: [
      ...unreadable,
      then(['announced'], works(1), fails('integrity', 200, 'unknown', ALL), 'The vendor told the size.'),
      both(['file'], delivers('the first 0 bytes', 'none'), 'No length was declared: the receipt says that nothing was verified.'),
      both(['creating'], fails('unexpected', 200, 'unknown')),
      both([], fails('unexpected', 200, 'unknown')),
    ],
  },
  'shortBody(some, { length: false })': {
    means: 'A chunked body ends in the middle as if it were whole: nobody can see that in a file of unknown size.',
    tells: /only 40000 of the declared|no token|JSON/,
    rules: [
      ...unreadable,
      then(['announced'], works(1), fails('integrity', 200, 'unknown', ALL), 'The vendor told the size.'),
      both(['file'], delivers('the first 40000 bytes', 'none'), 'No length was declared: the receipt says that nothing was verified.'),
      both([], fails('unexpected', 200, 'unknown')),
    ],
  },
  'tooLongBody()': { means: 'More bytes than Content-Length promised: every client stops at the promise.', tells: /never/, rules: nothing },
  'tooLongBody(7, { length: false })': {
    means: 'A chunked body with seven bytes too many.',
    tells: /more than the declared|100007 bytes|JSON/,
    rules: [
      ...unreadable,
      both(['announced'], fails('integrity', 200, 'unknown'), 'The vendor told the size.'),
      both(['file'], delivers('all and 7 bytes more', 'none'), 'No length was declared: the receipt says that nothing was verified.'),
      both([], fails('unexpected', 200, 'unknown')),
    ],
  },
  'wrongLength(more)': {
    means: 'All bytes, a Content-Length that promises more, and the end of the connection.',
    tells: /UND_ERR_SOCKET|bytes now|announced|401/,
    rules: [
      both(['204'], works(), 'It has no Content-Length.'),
      both(['announced'], fails('integrity', 200, 'unknown'), 'The vendor told another size.'),
      both(['archive'], delivers('the first 100010 bytes'), 'The archive has more than the 100,010 bytes that are promised: the client stops there.'),
      ...endings,
      both(['file', 'ETag'], fails('integrity', 200, 'unknown', 2), 'Asked for the rest, the storage says that there is none.'),
      then(['file'], fails('integrity', 200, 'unknown', 2), fails('network', 200, 'unknown', ALL), 'The second answer has another length; or lies again.'),
      ...passing('network'),
    ],
  },
  'wrongLength(less)': {
    means: 'Content-Length promises less than comes: every client stops at the promise.',
    tells: /JSON|announced|UND_ERR_SOCKET|401/,
    rules: [
      both(['signed upload'], fails('network', undefined, 'unknown'), 'An empty answer that promised ten bytes.'),
      ...endings,
      ...unreadable,
      both(['announced'], fails('integrity', 200, 'unknown'), 'The vendor told another size.'),
      both(['file'], delivers('the first 40000 bytes'), 'The server declared so: nobody can know better.'),
      both([], fails('unexpected', 200, 'unknown')),
    ],
  },
  'corruptBytes()': {
    means: 'The right length, three wrong bytes: nobody can see that in a file; a text begins with them and is no JSON any more.',
    tells: /JSON/,
    rules: [...unreadable, both(['file'], delivers('other bytes'), 'No checksum was declared.'), both([], fails('unexpected', 200, 'unknown'))],
  },
  'changedContent()': { means: 'From this call on, other bytes stand at the address.', tells: /never/, rules: nothing },
  'expiredUrl()': {
    means: 'The signed URL is over.',
    tells: /403/,
    rules: [
      both(['signed upload'], fails('permission-denied', 403, 'refused')),
      both(['rendition'], works(), 'Its address has no signature.'),
      then(['signed'], works(1), fails('permission-denied', 403, 'refused', 2), 'A fresh address, once.'),
      both([], works(), 'Nothing is signed here.'),
    ],
  },
  'expiredSession()': {
    means: 'The token or session is over.',
    tells: /401/,
    rules: [then(['session'], works(1), fails('unauthenticated', 401, 'refused', 2), 'A fresh login, once.'), both([], works(), 'There is no session here.')],
  },
  'truncatedJson()': {
    means: 'JSON ends half way, with the right Content-Length; a file stays as it is.',
    tells: /JSON/,
    rules: [both(['file'], works()), ...unreadable, both([], fails('unexpected', 200, 'unknown'))],
  },
  'redirect()': {
    means: '302 to another origin: what comes from there is read, no credential goes there.',
    tells: /redirects a request with a body/,
    rules: [
      both(['body', 'DELETE'], fails('unexpected', undefined, 'unknown'), 'POST becomes a GET without a body; DELETE stays what it is.'),
      both([], works()),
    ],
  },
  'redirect({ status: 307 })': {
    means: '307 to another origin: the same request again, with its body, which no other origin is to see.',
    tells: /redirect/,
    rules: [
      both(['token endpoint'], fails('unexpected', undefined, 'not-sent')),
      both(['login'], fails('unexpected', undefined, 'not-sent')),
      both(['body'], fails('unexpected', undefined, 'unknown')),
      both([], works()),
    ],
  },
  'closeAfterLastByte()': { means: 'Connection: close, with the last byte.', tells: /never/, rules: nothing },
  'together(latency, resetAfter)': {
    means: 'The answer comes late, and the connection is reset in the body.',
    tells: /ECONNRESET/,
    requestMs: 10,
    rules: broken('network', 'later'),
  },
};
