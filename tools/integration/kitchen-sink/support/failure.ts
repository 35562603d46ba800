import { ApiError } from '@asset-clients/runtime';

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const result: unknown = await call.then(
    (value) => new Error(`The call succeeded: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!ApiError.is(result)) throw result;
  return result;
}
