import { fileURLToPath } from 'node:url';

import type { UserConfig } from 'tsdown';

import { noMapOfTypes } from '../../tools/config/no-map-of-types.ts';

/** One build per platform: the sources import `platform/node.ts`, the other builds put its sibling in its place. */
function build(name: 'node' | 'server' | 'web' | 'browser'): UserConfig {
  return {
    entry: { index: 'src/index.ts', ...(name === 'node' && { files: 'src/node/index.ts' }) },
    outDir: `dist/${name}`,
    platform: name === 'web' || name === 'browser' ? 'neutral' : 'node',
    target: 'es2023',
    fixedExtension: false,
    dts: name === 'node',
    sourcemap: true,
    clean: true,
    plugins: [
      noMapOfTypes,
      {
        name: 'choose-platform',
        resolveId: {
          filter: { id: /platform\/node\.ts$/ },
          handler: () => fileURLToPath(new URL(`src/platform/${name}.ts`, import.meta.url)),
        },
      },
    ],
  };
}

const builds: UserConfig[] = [build('node'), build('server'), build('web'), build('browser')];
export default builds;
