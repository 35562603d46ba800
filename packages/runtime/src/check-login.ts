/** Checks what a login is made of; none of it is shown. */

import { invalidRequest } from './errors.ts';
import { nearest } from './nearest.ts';

/** What a login takes. */
export interface LoginRules {
  readonly vendor: string;
  /** The function's name. */
  readonly operation: string;
  /** Texts that must be there. More may be: a login is often given the options of a client. */
  readonly required: readonly string[];
  readonly hint?: string;
}

/**
 * Checks what a login was given, before anything is sent.
 *
 * @throws ApiError of kind `invalid-request` naming what is missing, and what may have been meant to be it.
 */
export function checkLogin(options: object, { vendor, operation, required, hint }: LoginRules): void {
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const missing = required.find((name) => typeof given[name] !== 'string' || given[name] === '');
  if (missing === undefined) return;
  const near = nearest(
    missing,
    Object.keys(given).filter((name) => !required.includes(name)),
  );
  const message = `${missing} is required${near === undefined ? '' : `; did you mean it by ${near}?`}`;
  throw invalidRequest({ vendor, operation, message, hint });
}
