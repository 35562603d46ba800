/** Everything that printing a value in the usual ways would show. */

import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';

import { expect } from 'vitest';

/** A value as consoles, loggers and error trackers write it. */
export function shownBy(value: unknown): string {
  let printed = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      printed += String(chunk);
      done();
    },
  });
  const console = new Console(sink, sink);
  console.error(value);
  console.log('%o %O %s', value, value, value);
  const texts = [
    printed,
    inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
    JSON.stringify(value) ?? '',
    `${String(value)}`,
  ];
  for (let error = value, depth = 0; error instanceof Error && depth < 8; error = error.cause, depth += 1) {
    const members = Object.getOwnPropertyNames(error).map((name) =>
      inspect((error as unknown as Record<string, unknown>)[name], { depth: Infinity, maxStringLength: Infinity }),
    );
    texts.push(error.message, error.stack ?? '', ...members);
  }
  return texts.join('\n');
}

/** The usual spellings of a secret. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([['', secret]]).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
      inspect(secret).slice(1, -1),
      base64,
      Buffer.from(secret).toString('hex'),
    ]),
  ];
}

/** None of the secrets is in the text, however it is spelled. */
export function expectNoSecrets(text: string, secrets: Readonly<Record<string, string>>, what: string): void {
  for (const [name, secret] of Object.entries(secrets)) {
    for (const spelling of spellings(secret)) {
      const at = text.indexOf(spelling);
      expect(at < 0 ? '' : `${what} shows ${name}: …${text.slice(Math.max(0, at - 120), at + spelling.length + 20)}…`).toBe('');
    }
  }
}
