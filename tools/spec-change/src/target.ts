/** Which document and package `spec:update` is about. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Problem } from './problem.ts';
import { publishedPackages, type Package } from './workspace.ts';

/**
 * Finds a document by its name.
 *
 * @param target - `tenovos/assets`
 * @throws Problem naming the documents that there are.
 */
export function locate(root: string, target: string): { vendor: string; api: string; path: string; pack: Package } {
  const [, vendor = '', api = ''] = /^([\w-]+)\/([\w-]+)$/.exec(target) ?? [];
  const path = `specs/${vendor}/${api}.yaml`;
  if (vendor === '' || !existsSync(join(root, path))) {
    const known = readdirSync(join(root, 'specs'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) =>
        readdirSync(join(root, 'specs', name))
          .filter((file) => file.endsWith('.yaml') && !file.endsWith('.overlay.yaml'))
          .map((file) => `${name}/${file.slice(0, -'.yaml'.length)}`),
      );
    throw new Problem(`There is no document for "${target}".`, `Give one of: ${known.join(', ')}.`);
  }
  const pack = publishedPackages(root).find(({ folder }) => folder === `packages/${vendor}`);
  if (!pack) throw new Problem(`There is no package packages/${vendor}.`, 'See CONTRIBUTING, "Add a vendor".');
  return { vendor, api, path, pack };
}
