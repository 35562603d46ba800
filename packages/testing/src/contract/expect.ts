/** Assertions that need no runner. */

import type { ErrorKind } from '@asset-clients/unified';

/** What the suite reads of an ApiError. */
export interface Failure {
  readonly name: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly outcome: string;
  readonly status?: number;
  readonly code?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Fails with a sentence. */
export function fail(message: string): never {
  const error = new Error(message);
  error.name = 'ContractError';
  throw error;
}

export function check(holds: boolean, message: string): asserts holds {
  if (!holds) fail(message);
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  check(isEqual(actual, expected), `${what}: ${show(actual)} instead of ${show(expected)}`);
}

/** Values that are equal to their leaves; bytes by content. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, index) => byte === b[index]);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key as keyof typeof a], b[key as keyof typeof b]));
}

export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === 'string' || typeof value === 'object' ? (JSON.stringify(value) ?? String(value)) : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

/** The error of a call that must fail, when it is one of these kinds. */
export async function failure(call: () => unknown, kinds: readonly ErrorKind[], what: string): Promise<Failure> {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return fail(`${what}: threw at once (${String(error)}) instead of returning a promise`);
  }
  check(typeof (result as PromiseLike<unknown> | undefined)?.then === 'function', `${what}: returned ${show(result)} instead of a promise`);
  try {
    result = await result;
  } catch (error) {
    return judged(error, kinds, what);
  }
  const cancel = (result as { cancel?: () => Promise<void> } | undefined)?.cancel;
  if (typeof cancel === 'function') await cancel.call(result);
  return fail(`${what}: succeeded instead of failing with ${kinds.join(' or ')}`);
}

/** As {@link failure}, for what throws at once. */
export function thrown(call: () => unknown, kinds: readonly ErrorKind[], what: string): Failure {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return judged(error, kinds, what);
  }
  return fail(`${what}: gave ${show(result)} instead of throwing ${kinds.join(' or ')}`);
}

function judged(error: unknown, kinds: readonly ErrorKind[], what: string): Failure {
  const found = error as Failure;
  if (found?.name === 'ContractError') throw error;
  const isApiError = found instanceof Error && typeof found.kind === 'string' && (found.name === 'ApiError' || found.name === 'AbortError');
  check(isApiError, `${what}: failed with ${String(error)}, which is no ApiError`);
  check(kinds.includes(found.kind), `${what}: failed with ${found.kind} (${found.message}) instead of ${kinds.join(' or ')}`);
  check(typeof found.message === 'string' && found.message !== '', `${what}: the error says nothing`);
  return found;
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes that differ from each other, the same every time. */
export function sampleBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed * 2_654_435_761;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
