import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Files that a module needs at once, itself included; types and what is imported later do not count. */
function graph(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return seen;
  seen.add(file.href);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^import (?!type\b)[^;]*?from '(\.[^']+)';/gms)) graph(new URL(path!, file), seen);
  return seen;
}

describe('a bundle with one JSON operation', () => {
  const files = [...graph(new URL('client.ts', import.meta.url))].map((href) => basename(href));

  it('holds what a call needs', () => {
    expect(files).toEqual(expect.arrayContaining(['client.ts', 'call.ts', 'exchange.ts', 'scalar-rules.ts', 'redact.ts']));
  });

  it.each([
    'validate.ts',
    'serialize.ts',
    'body-encoders.ts',
    'binary-body.ts',
    'content.ts',
    'download.ts',
    'checksum.ts',
    'form-bodies.ts',
    'signed-transfer.ts',
    'file-name.ts',
    'fingerprint.ts',
  ])('does not hold %s: operations that need it bring it', (file) => {
    expect(files).not.toContain(file);
  });
});
