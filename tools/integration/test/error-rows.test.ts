import { expect, test } from 'vitest';

import { egainErrors } from '@asset-clients/egain';
import { storageErrors, type ApiError } from '@asset-clients/runtime';
import { tenovosErrors } from '@asset-clients/tenovos';
import { worldServerErrors } from '@asset-clients/worldserver';

import { CALLS, ERROR_ROWS, type DocumentedError } from './error-rows.ts';
import { failureOf } from './support/failures.ts';

/** The error that an answer becomes. */
function errorOf({ call, status, body, type = 'application/json' }: DocumentedError): Promise<ApiError> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const fetch = async (request: Request): Promise<Response> => {
    await request.arrayBuffer();
    return new Response(text, { status, headers: { 'content-type': type, 'x-request-id': 'r-1' } });
  };
  return failureOf(CALLS[call](fetch));
}

const named = ERROR_ROWS.map((row) => [`${row.call} ${row.status} ${row.code ?? ''} (${row.source})`, row] as const);

test.each(named)('%s', async (_name, row) => {
  const error = await errorOf(row);
  expect(error).toMatchObject({ kind: row.kind, status: row.status, requestId: 'r-1', attempts: expect.any(Number) });
  expect(error.code).toBe(row.code);
  expect(error.hint).toMatch(row.hint);
  // From the JSON alone: which call, what the vendor said, what it means, whether it had an effect, what to do.
  const json = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
  const [vendor] = row.call.split('.');
  expect(json).toMatchObject({
    name: 'ApiError',
    vendor,
    kind: row.kind,
    status: row.status,
    hint: error.hint,
    outcome: expect.stringMatching(/^(?:refused|unknown)$/),
  });
  expect(String(json.message)).toContain(`${row.kind} (${row.status}`);
  expect(json.operation).toBeTypeOf('string');
  if (typeof row.body === 'object') expect(json.details).toEqual(row.body);
  else if (row.body === '') expect(json).not.toHaveProperty('body');
  else expect(String(row.body)).toContain(String(json.body).slice(0, 20));
});

const tables = { egain: egainErrors, tenovos: tenovosErrors, worldserver: worldServerErrors, storage: storageErrors };
// Only the login of the client can reach this row: egain.test.ts has it.
const elsewhere = /^The token endpoint failed/;

test.each(Object.entries(tables).flatMap(([vendor, rows]) => rows.map((row) => [vendor, row.hint] as const)))(
  'the row of %s has an example: %s',
  async (_vendor, hint) => {
    if (elsewhere.test(hint)) return;
    const hints = await Promise.all(ERROR_ROWS.map(async (row) => (await errorOf(row)).hint));
    expect(hints).toContain(hint);
  },
);

test('a body is kept at its beginning only, without secrets', async () => {
  const secret = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  const error = await errorOf({
    source: 'a proxy',
    call: 'egain.getAsset',
    status: 502,
    type: 'text/html',
    body: `<html><title>Bad gateway</title>Authorization: Bearer ${secret} ${'x'.repeat(10_000)}</html>`,
    kind: 'server',
    hint: /./,
  });
  expect(error.body!.length).toBeLessThanOrEqual(2000);
  expect(error.body).toContain('Bad gateway');
  expect(JSON.stringify(error)).not.toContain(secret);
});
