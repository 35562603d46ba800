/** Finds in options what plain JavaScript may get wrong: names that there are not, values of another kind. */

import { invalidRequest, nearest } from '@asset-clients/runtime';

/** What a value must be. */
export interface OptionRule {
  /** Completes "must be". */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

function withMethods(must: string, ...methods: readonly string[]): OptionRule {
  return {
    must,
    fits: (value) => typeof value === 'object' && value !== null && methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
  };
}

export const TEXT: OptionRule = { must: 'a text that is not empty', fits: (value) => typeof value === 'string' && value !== '' };
/** How long it may be is a rule of the destination. */
export const FILE_NAME: OptionRule = {
  must: 'a file name, or a function that makes one of the name of the source',
  fits: (value) => typeof value === 'string' || typeof value === 'function',
};
export const FLAG: OptionRule = { must: 'true or false', fits: (value) => typeof value === 'boolean' };
export const CALLBACK: OptionRule = { must: 'a function', fits: (value) => typeof value === 'function' };
export const OBJECT: OptionRule = { must: 'an object by vendor', fits: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) };
export const BYTES: OptionRule = whole(0, 'bytes, 0 or more');
export const CLOCK: OptionRule = withMethods('a clock with now, setTimeout and clearTimeout', 'now', 'setTimeout', 'clearTimeout');
export const JOURNAL: OptionRule = withMethods('a journal with open(), for example fileJournal(path)', 'open');
export const SPOOL: OptionRule = withMethods('a spool with hold(), for example diskSpool()', 'hold');

export function whole(least: number, what = `${least} or more`): OptionRule {
  return { must: `a whole number of ${what}`, fits: (value) => Number.isSafeInteger(value) && (value as number) >= least };
}

export function oneOf(...values: readonly string[]): OptionRule {
  return { must: values.map((value) => `'${value}'`).join(' or '), fits: (value) => values.includes(value as string) };
}

const MILLISECONDS: OptionRule = {
  must: 'milliseconds, 0 or more, or false',
  fits: (value) => value === false || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
};

/** What every verb takes. */
export const VERB_RULES: Readonly<Record<'signal' | 'onProgress' | 'timeoutMs' | 'idleTimeoutMs' | 'deadlineMs' | 'maxRetries', OptionRule>> = {
  // By its methods: a signal of another realm is one, too.
  signal: withMethods('an AbortSignal', 'addEventListener', 'removeEventListener', 'throwIfAborted'),
  onProgress: CALLBACK,
  timeoutMs: MILLISECONDS,
  idleTimeoutMs: MILLISECONDS,
  deadlineMs: MILLISECONDS,
  maxRetries: { must: 'a whole number of 0 or more, or false', fits: (value) => value === false || whole(0).fits(value) },
};

/**
 * Refuses options that break a rule.
 *
 * @throws ApiError of kind `invalid-request` naming the option, what is wrong with its value, and the rule.
 */
export function checkOptions(
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  { vendor, operation }: { vendor?: string; operation: string },
): void {
  const refuse = (message: string, hint: string): never => {
    throw invalidRequest({ vendor, operation, message, hint });
  };
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return refuse(`options is ${shown(options)}; it must be an object`, 'Leave the options out for the defaults.');
  }
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      const near = nearest(name, names);
      return refuse(
        `${name} is no option of ${operation}${near === undefined ? '' : `; did you mean ${near}?`} (it has ${names.join(', ')})`,
        'Correct the name, or leave it out.',
      );
    }
    if (!rule.fits(value)) refuse(`${name} is ${shown(value)}; it must be ${rule.must}`, `Correct ${name}, or leave it out for its default.`);
  }
}

const LONGEST_SHOWN = 40;

/** A value of any kind in a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.keys(value);
  return members.length === 0 ? 'an object without members' : `an object with ${members.slice(0, 5).join(', ')}`;
}
