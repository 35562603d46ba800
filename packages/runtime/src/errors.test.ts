import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';

import { ApiError, invalidRequest } from './errors.ts';

describe('ApiError', () => {
  const error = new ApiError({
    kind: 'not-found',
    message: 'no such asset',
    vendor: 'v',
    operation: 'get',
    params: { id: 1 },
    status: 404,
    outcome: 'refused',
    hint: 'Check the id.',
    attempts: 1,
    cause: new TypeError('why', { cause: { token: 'x' } }),
    extra: { step: 'upload' },
  });

  it('tells all in its JSON', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'ApiError',
      message: 'v.get: no such asset',
      kind: 'not-found',
      vendor: 'v',
      operation: 'get',
      params: { id: 1 },
      status: 404,
      outcome: 'refused',
      retryable: false,
      attempts: 1,
      hint: 'Check the id.',
      step: 'upload',
      cause: { name: 'TypeError', message: 'why', cause: '[redacted]' },
    });
  });

  it('is an Error whose inspection names kind and hint, and holds no empty members', () => {
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error)).toMatch(/v\.get: no such asset[\s\S]*kind: 'not-found'[\s\S]*hint: 'Check the id\.'/);
    expect(Object.keys(new ApiError({ kind: 'server', message: 'x' }))).toEqual(['name', 'kind', 'outcome', 'retryable', 'attempts']);
  });

  it('is recognised across copies of this package', async () => {
    vi.resetModules();
    const other = (await import('./errors.ts')).ApiError;
    expect(other).not.toBe(ApiError);
    expect(ApiError.is(new other({ kind: 'server', message: 'x' }))).toBe(true);
    expect(error instanceof other).toBe(false);
    for (const value of [null, undefined, 'x', {}, new Error('x'), { kind: 'server', name: 'ApiError' }]) expect(ApiError.is(value)).toBe(false);
  });

  it('is told apart by operation, and by vendor where the method knows its own', () => {
    expect(ApiError.is(error, { operation: { id: 'get' } })).toBe(true);
    expect(ApiError.is(error, { operation: { id: 'put' } })).toBe(false);
    expect(ApiError.is(error, { operation: { id: 'get' }, vendor: 'v' })).toBe(true);
    expect(ApiError.is(error, { operation: { id: 'get' }, vendor: 'w' })).toBe(false);
  });

  it('of an argument says that nothing was sent', () => {
    expect(invalidRequest({ message: 'x' })).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent', attempts: 0 });
  });

  it('keeps the reason of an abort as it is', () => {
    const reason = Symbol('left');
    const aborted = new ApiError({ kind: 'aborted', message: 'x', cause: reason });
    expect(aborted.name).toBe('AbortError');
    expect(aborted.cause).toBe(reason);
  });
});
