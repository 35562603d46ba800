import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Where a version of Node is: this one, or a package that exists for some platforms only. */
export function nodeOf(major: number): string | undefined {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  try {
    const besides = createRequire(createRequire(import.meta.url).resolve('@asset-clients/node-versions/package.json'));
    const path = besides.resolve(`node${major}/bin/node`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
