import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { checkArgument, checkContent, type JobRules } from './check-argument.ts';

const rules: JobRules = {
  vendor: 'v',
  operation: 'job',
  members: { id: { type: 'string', minLength: 1 }, content: {}, token: { type: 'string', secret: true, maxLength: 3 } },
  required: ['id'],
};

describe('checkArgument', () => {
  it('gives back what is right', () => {
    const params = { id: 'a', content: new Blob(), token: undefined };
    expect(checkArgument(params, rules)).toBe(params);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /the argument must be an object with id, content, token/],
    [null, /must be an object/],
    ['a', /must be an object/],
    [['a'], /must be an object/],
    [{}, /id is required/],
    [{ id: undefined }, /id is required/],
    [{ id: '' }, /id must not be empty/],
    [{ id: 7 }, /id must be a string, not 7/],
    [{ id: null }, /id must not be null/],
    [{ id: 'a', contnt: 1 }, /contnt is not an argument of this job; did you mean "content"\?/],
    [{ id: 'a', colour: 1 }, /colour is not an argument of this job \(it has id, content, token\)/],
    [{ id: 'a', toString: 1 }, /toString is not an argument/],
    [{ id: 'a', token: 'canary' }, /token must have at most 3 characters/],
  ])('refuses %j', async (params, message) => {
    const error = await failure(() => checkArgument(params as object, rules));
    expect(error).toMatchObject({
      kind: 'invalid-request',
      vendor: 'v',
      operation: 'job',
      outcome: 'not-sent',
      attempts: 0,
      hint: expect.any(String) as string,
    });
    expect(error.message).toMatch(message);
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});

describe('checkContent', () => {
  it('makes a body, or says what is wrong with the content', async () => {
    expect(checkContent(new Blob(['abc']), 3, rules, {})).toMatchObject({ size: 3, repeatable: true });
    expect((await failure(() => checkContent(new Blob(['abc']), 4, rules, { id: 'a' }))).message).toBe('v.job: content has 3 bytes, but size says 4');
    expect(await failure(() => checkContent('text' as never, undefined, rules, { id: 'a' }))).toMatchObject({ kind: 'invalid-request', params: { id: 'a' } });
  });
});
