/** Texts that are cut inside of a secret: what is left of it is known by nobody any more, so it goes before. */

import { expect, test } from 'vitest';

import { Redactor } from './redact.ts';

const SECRET = 'a25fe6f4%2F+ &ad5394ca97f1';

test.each([
  ['as it is', SECRET],
  ['of a form', new URLSearchParams([['', SECRET]]).toString().slice(1)],
  ['percent-encoded', encodeURIComponent(SECRET)],
])('the beginning of a secret at the end of a text, %s', (_spelling, written) => {
  const redactor = new Redactor();
  redactor.add(SECRET);
  expect(redactor.beginning(`it was ${written.slice(0, -6)}`, 1000)).toBe('it was [redacted]');
});
