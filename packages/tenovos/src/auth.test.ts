import { expect, test } from 'vitest';

import { tokenCall } from './auth.ts';
import { createToken } from './generated/assets/operations.ts';

test('the call of a login is the documented one, but for the check of its body', () => {
  const { body, security: _security, ...documented } = createToken;
  expect(tokenCall).toMatchObject(documented);
  expect(Object.keys(tokenCall).toSorted()).toEqual(Object.keys(createToken).toSorted());
  expect(tokenCall.body!.required).toBe(body!.required);
  expect(Object.keys(tokenCall.body!.content)).toEqual(Object.keys(body!.content));
});
