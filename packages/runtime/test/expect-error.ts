import { ApiError } from '../src/errors.ts';

/** The ApiError that a call fails with. */
export async function failure(call: PromiseLike<unknown> | (() => unknown)): Promise<ApiError> {
  try {
    const value = await (typeof call === 'function' ? call() : call);
    throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
  } catch (error) {
    if (ApiError.is(error)) return error;
    throw error;
  }
}
