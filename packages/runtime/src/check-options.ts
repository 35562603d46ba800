/** Finds what plain JavaScript may get wrong in options. */

import { nearest } from './nearest.ts';
import type { CallOptions, ClientOptions, TimeLimits } from './options.ts';

/** What is wrong with an option, and what to do. */
export interface OptionFault {
  readonly message: string;
  readonly hint: string;
}

const LIMITS = ['timeoutMs', 'idleTimeoutMs', 'deadlineMs', 'maxRetries'] as const;
/** Nothing arrives in no time; what is left of a deadline may be none. */
const LEAST: Readonly<Record<(typeof LIMITS)[number], number>> = { timeoutMs: Number.MIN_VALUE, idleTimeoutMs: Number.MIN_VALUE, deadlineMs: 0, maxRetries: 0 };
const METHODS: Readonly<Record<string, readonly string[]>> = {
  signal: ['addEventListener', 'removeEventListener', 'throwIfAborted'],
  clock: ['now', 'setTimeout', 'clearTimeout'],
  sessionStore: ['load', 'save'],
  logger: ['debug', 'info', 'warn', 'error'],
};

// As objects, so that the compiler misses no member.
const LIMIT_NAMES: Record<keyof TimeLimits, true> = { timeoutMs: true, idleTimeoutMs: true, deadlineMs: true, maxRetries: true };
const CALL_NAMES: Record<keyof CallOptions, true> = {
  ...LIMIT_NAMES,
  signal: true,
  headers: true,
  accept: true,
  contentType: true,
  onProgress: true,
  sha256: true,
  acceptHtml: true,
};
const CLIENT_NAMES: Record<keyof ClientOptions, true> = {
  ...LIMIT_NAMES,
  baseUrl: true,
  auth: true,
  signal: true,
  headers: true,
  userAgent: true,
  fetch: true,
  clock: true,
  trustedOrigins: true,
  logger: true,
  logLevel: true,
  sessionStore: true,
  proxy: true,
  ca: true,
};

const KNOWN_OF_CALL = Object.keys(CALL_NAMES);
const KNOWN_OF_CLIENT = Object.keys(CLIENT_NAMES);

/** The first fault of the options of a call. */
export function findCallOptionFault(options: unknown): OptionFault | undefined {
  return findOptionFault(options, KNOWN_OF_CALL);
}

/**
 * The first fault of the options of a client.
 *
 * @param own - Options that the vendor's client has besides those of every client.
 */
export function findClientOptionFault(options: unknown, own: readonly string[]): OptionFault | undefined {
  return findOptionFault(options, [...KNOWN_OF_CLIENT, ...own]);
}

function findOptionFault(options: unknown, known: readonly string[]): OptionFault | undefined {
  if (typeof options !== 'object' || options === null) return { message: 'the options must be an object', hint: 'Leave them out for the defaults.' };
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (known.includes(name) || given[name] === undefined) continue;
    const near = nearest(name, known);
    const advice = near === undefined ? `The options are ${known.join(', ')}.` : `Write ${near}, or leave it out.`;
    return { message: `${name} is not an option${near === undefined ? '' : `; did you mean ${near}?`}`, hint: advice };
  }
  for (const name of LIMITS) {
    const value = given[name];
    if (
      value === undefined ||
      value === false ||
      (typeof value === 'number' && value >= LEAST[name] && Number.isFinite(value) && (name !== 'maxRetries' || Number.isInteger(value)))
    )
      continue;
    const what = name === 'maxRetries' ? 'a whole number of retries' : `${LEAST[name] === 0 ? 'a' : 'a positive'} number of milliseconds`;
    return { message: `${name} must be ${what} or false`, hint: `Leave ${name} out for its default.` };
  }
  for (const [name, methods] of Object.entries(METHODS)) {
    const value = given[name] as Readonly<Record<string, unknown>> | null | undefined;
    if (value === undefined || (value !== null && methods.every((method) => typeof value[method] === 'function'))) continue;
    return { message: `${name} must have ${methods.join(', ')}`, hint: `Leave ${name} out for its default.` };
  }
  if (given.fetch !== undefined && typeof given.fetch !== 'function') return { message: 'fetch must be a function', hint: 'Leave fetch out for the platform.' };
  for (const name of ['accept', 'contentType', 'userAgent'] as const) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') return { message: `${name} must be a text`, hint: `Leave ${name} out for its default.` };
    // They are sent as headers.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return { message: `${name} must not hold line breaks or other control characters`, hint: `Correct ${name}.` };
  }
  // Members of a Headers object or a Map would be lost without a word.
  if (given.headers === undefined || isPlainObject(given.headers)) return undefined;
  return { message: 'headers must be a plain object', hint: 'Write Object.fromEntries(headers) for a Headers object, a Map or a list of pairs.' };
}

/** Also one of another realm (a frame, a test runner's context). */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
