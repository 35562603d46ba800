/** Writes the API reports of all published packages from what is built. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { entriesOf, reportOf } from './api-report.ts';
import { publishedPackages } from './workspace.ts';

/**
 * Renews the reports; those of entry points that are gone are deleted.
 *
 * @param check - Write nothing.
 * @returns The reports that were (or would be) changed.
 */
export function renewReports(root: string, check: boolean): string[] {
  const changed: string[] = [];
  for (const pack of publishedPackages(root)) {
    const entries = entriesOf(pack);
    for (const { types, reportFile } of entries) {
      const path = join(root, reportFile);
      const report = reportOf(root, pack, join(root, types));
      if (existsSync(path) && readFileSync(path, 'utf8') === report) continue;
      changed.push(reportFile);
      if (check) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, report);
    }
    const folder = `${pack.folder}/etc`;
    for (const file of existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []) {
      if (entries.some(({ reportFile }) => reportFile === `${folder}/${file}`)) continue;
      changed.push(`${folder}/${file}`);
      if (!check) rmSync(join(root, folder, file));
    }
  }
  return changed;
}
