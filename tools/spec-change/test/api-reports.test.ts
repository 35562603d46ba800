import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { entriesOf, renewCommand, reportOf } from '../src/api-report.ts';
import { publishedPackages, thisRepository as root } from '../src/workspace.ts';

const packages = publishedPackages(root);

describe(`the API reports (to renew them: ${renewCommand})`, () => {
  test.each(packages.flatMap((pack) => entriesOf(pack).map((entry) => [entry.specifier, pack, entry] as const)))(
    '%s is as its report says',
    (_specifier, pack, entry) => {
      const committed = existsSync(join(root, entry.reportFile)) ? readFileSync(join(root, entry.reportFile), 'utf8') : '';
      expect(reportOf(root, pack, join(root, entry.types)), `run: ${renewCommand}`).toBe(committed);
    },
  );

  test.each(packages.map((pack) => [pack.folder, pack] as const))('%s has no report of an entry point that is gone', (folder, pack) => {
    const known = entriesOf(pack).map(({ reportFile }) => reportFile);
    expect(
      readdirSync(join(root, folder, 'etc'))
        .map((name) => `${folder}/etc/${name}`)
        .filter((file) => !known.includes(file)),
    ).toEqual([]);
  });
});
