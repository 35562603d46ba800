/** Finds what plain JavaScript may get wrong in options. */

import { unknownName } from './nearest.ts';
import type { CallOptions, ClientOptions, LogLevel, TimeLimits } from './options.ts';
import { isHeaderText } from './scalar-codec.ts';

/** What is wrong with an option, and what to do. */
export interface OptionFault {
  readonly message: string;
  readonly hint: string;
}

export const LOG_LEVELS: readonly LogLevel[] = ['off', 'error', 'warn', 'info', 'debug'];

/** What an option must do, in words, and whether it does. */
type Rule = readonly [words: string, isKept: (value: unknown) => boolean];

/** Nothing arrives in no time; what is left of a deadline may be none. */
const isPositive: Rule = ['be a positive number of milliseconds or false', (value) => value === false || (Number.isFinite(value) && (value as number) > 0)];
const isDuration: Rule = ['be a number of milliseconds or false', (value) => value === false || (Number.isFinite(value) && (value as number) >= 0)];
// They are sent as headers.
const isHeader: Rule = ['be a text without line breaks or other control characters', (value) => typeof value === 'string' && isHeaderText(value)];

function has(...methods: readonly string[]): Rule {
  return [`have ${methods.join(', ')}`, (value) => methods.every((method) => typeof (value as Record<string, unknown> | null)?.[method] === 'function')];
}

const isSomething: Rule = ['', () => true];
const isSignal: Rule = /* @__PURE__ */ has('addEventListener', 'removeEventListener', 'throwIfAborted');
// Members of a Headers object or a Map would be lost without a word.
const isHeaders: Rule = ['be a plain object; Object.fromEntries makes one of a Headers object, a Map or a list of pairs', isPlainObject];

// By the types' names, so that the compiler misses no member.
const LIMITS: Record<keyof TimeLimits, Rule> = {
  timeoutMs: isPositive,
  idleTimeoutMs: isPositive,
  deadlineMs: isDuration,
  maxRetries: ['be a whole number of retries or false', (value) => value === false || (Number.isInteger(value) && (value as number) >= 0)],
};
const OF_CALL: Record<keyof CallOptions, Rule> = {
  ...LIMITS,
  signal: isSignal,
  headers: isHeaders,
  accept: isHeader,
  contentType: isHeader,
  onProgress: isSomething,
  sha256: isSomething,
  acceptHtml: isSomething,
};
const OF_CLIENT: Record<keyof ClientOptions, Rule> = {
  ...LIMITS,
  baseUrl: isSomething,
  auth: isSomething,
  signal: isSignal,
  headers: isHeaders,
  userAgent: isHeader,
  fetch: ['be a function', (value) => typeof value === 'function'],
  clock: /* @__PURE__ */ has('now', 'setTimeout', 'clearTimeout'),
  trustedOrigins: ['be a list of origins like "https://files.example.com"', (value) => Array.isArray(value) && value.every(isOrigin)],
  logger: /* @__PURE__ */ has('debug', 'info', 'warn', 'error'),
  logLevel: ['be off, error, warn, info, debug', (value) => LOG_LEVELS.includes(value as LogLevel)],
  sessionStore: /* @__PURE__ */ has('load', 'save'),
  proxy: isSomething,
  ca: isSomething,
};

/** The first fault of the options of a call. */
export function findCallOptionFault(options: unknown): OptionFault | undefined {
  return findOptionFault(options, OF_CALL);
}

/**
 * The first fault of the options of a client.
 *
 * @param own - Options that the vendor's client has besides those of every client.
 */
export function findClientOptionFault(options: unknown, own: readonly string[]): OptionFault | undefined {
  return findOptionFault(options, OF_CLIENT, own);
}

function findOptionFault(options: unknown, rules: Readonly<Record<string, Rule>>, own: readonly string[] = []): OptionFault | undefined {
  if (typeof options !== 'object' || options === null) return { message: 'the options must be an object', hint: 'Leave them out for the defaults.' };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const hint = `Correct ${name}, or leave it out.`;
    const [words, isKept] = Object.hasOwn(rules, name) ? rules[name]! : own.includes(name) ? isSomething : [];
    if (isKept === undefined) return { message: unknownName(name, 'an option', [...Object.keys(rules), ...own]), hint };
    if (!isKept(value)) return { message: `${name} must ${words}`, hint };
  }
  return undefined;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && `${new URL(text).origin}/` === new URL(text).href;
}

/** Also one of another realm (a frame, a test runner's context). */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
