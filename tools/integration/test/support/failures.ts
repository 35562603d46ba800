import { expect } from 'vitest';

import { ApiError } from '@asset-clients/runtime';

/** The ApiError that a call fails with; anything else fails the test. */
export async function failureOf(call: PromiseLike<unknown> | (() => unknown)): Promise<ApiError> {
  let result: unknown;
  try {
    result = await (typeof call === 'function' ? call() : call);
  } catch (error) {
    expect(ApiError.is(error), `not an ApiError: ${String(error)}`).toBe(true);
    return error as ApiError;
  }
  throw new Error(`the call was expected to fail, but gave ${JSON.stringify(result)}`);
}
