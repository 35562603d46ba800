/** Writes the tables of the READMEs (errors, retries, coverage, operations of the fakes) and docs/coverage.md: `node src/tables.ts`, `pnpm docs:tables`. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ErrorRow } from '../../../packages/runtime/src/vendor-profile.ts';
import { defaultRetryReasons, defaultRetryTable, type RetryTable } from '../../../packages/runtime/src/retry.ts';
import { storageErrors, storageRetryReasons, storageRetryTable } from '../../../packages/runtime/src/storage-tables.ts';

import { coveragePage, coverageSections } from './coverage.ts';
import type { FakeRoute } from './fake-routes.ts';
import { root, vendors } from './repository.ts';
import { code, hasSection, table, write, type Section } from './sections.ts';

/** The tables of a vendor, as its `errors.ts` exports them. */
export async function tablesOf(
  vendor: string,
): Promise<{ readonly errors: readonly ErrorRow[]; readonly retry: RetryTable; readonly reasons: readonly string[] }> {
  const module = (await import(`../../../packages/${vendor}/src/errors.ts`)) as Record<string, unknown>;
  // Of the vendor, not of a part of it: `egainErrors`, not `uploadErrors`.
  const find = (ending: string): unknown =>
    Object.entries(module).find(([name]) => name.toLowerCase() === `${vendor.replaceAll('-', '')}${ending}`.toLowerCase())?.[1] ?? [];
  return { errors: find('Errors') as readonly ErrorRow[], retry: find('Retry') as RetryTable, reasons: find('RetryReasons') as readonly string[] };
}

/** The tables of the READMEs that have marks for them. */
export async function tableSections(): Promise<readonly Section[]> {
  const ofVendors = vendors().map(async (vendor): Promise<Section> => {
    const { errors, retry, reasons } = await tablesOf(vendor);
    return { path: `packages/${vendor}/README.md`, name: 'tables', text: `${errorSection(errors)}\n\n${retrySection(retry, reasons)}` };
  });
  const runtime: Section = { path: 'packages/runtime/README.md', name: 'tables', text: runtimeSection() };
  const testing: Section = { path: 'packages/testing/README.md', name: 'tables', text: fakesSection() };
  return [runtime, testing, ...(await Promise.all(ofVendors))].filter(({ path, name }) => hasSection(path, name));
}

const list = (values: readonly unknown[] | undefined, otherwise = 'all'): string => values?.map(code).join(', ') ?? otherwise;

function errorTable(rows: readonly ErrorRow[]): string {
  return table(
    ['status', 'code or text', 'operations', '`kind`', '`hint`: what it means, and what to do'],
    rows.map(({ status, code: vendorCode, message, operations, kind, hint }) => [
      [status].flat().join(', '),
      [vendorCode, message]
        .filter((part) => part !== undefined)
        .map(code)
        .join(' '),
      list(operations),
      code(kind),
      hint,
    ]),
  );
}

function errorSection(rows: readonly ErrorRow[]): string {
  return [
    '## Error table',
    'What the vendor answers, and what the client makes of it; the first row that fits decides. Any other status has the `kind` that HTTP gives it.',
    errorTable(rows),
  ].join('\n\n');
}

function retryTable(rows: RetryTable, reasons: readonly string[]): string {
  if (rows.length !== reasons.length) throw new Error(`${rows.length} rows of a retry table, and ${reasons.length} reasons`);
  return table(
    ['operations', 'methods', 'when', 'again?', 'why'],
    rows.map(({ operations, methods, when, retry, atMost }, index) => [
      list(operations),
      list(methods),
      when.join(', '),
      retry ? (atMost === undefined ? 'yes' : `yes, ${atMost} at most`) : 'no',
      reasons[index]!,
    ]),
  );
}

function retrySection(rows: RetryTable, reasons: readonly string[]): string {
  return [
    '## Retry table',
    'The first row that fits decides; after them the general rules of the [runtime](../runtime/README.md#retries), which also say how long is waited. A 401 is answered by one fresh login, once.',
    retryTable(rows, reasons),
  ].join('\n\n');
}

function runtimeSection(): string {
  return [
    'After the rows of the vendor, for all operations:',
    retryTable(defaultRetryTable, defaultRetryReasons),
    'For downloads from signed URLs, before those (uploads to signed URLs are sent once):',
    retryTable(storageRetryTable, storageRetryReasons),
    'What the answers of a storage mean:',
    errorTable(storageErrors),
  ].join('\n\n');
}

/** What the fakes can be asked; a child process reads it. */
export function fakeRoutes(): readonly FakeRoute[] {
  return JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, 'fake-routes.ts')], { encoding: 'utf8' })) as FakeRoute[];
}

function fakesSection(): string {
  const routes = fakeRoutes();
  const same = (a: FakeRoute, b: FakeRoute): boolean => a.fake === b.fake && a.operation === b.operation;
  return table(
    ['fake', 'operation', 'host', 'method and path'],
    routes
      .filter((route, i) => routes.findIndex((other) => same(other, route)) === i)
      .map((route) => [
        route.fake,
        code(route.operation),
        route.host,
        routes
          .filter((other) => same(other, route))
          .map(({ method, path }) => code(`${method === 'ALL' ? 'any method' : method} ${path}`))
          .join('<br>') + (route.comment === undefined ? '' : `<br>${route.comment}`),
      ]),
  );
}

if (process.argv[1] === import.meta.filename) {
  for (const section of [...(await tableSections()), ...coverageSections()]) {
    if (write(section)) console.log(`${section.path}: ${section.name} written`);
  }
  writeFileSync(join(root, 'docs/coverage.md'), coveragePage());
  console.log('docs/coverage.md written');
}
