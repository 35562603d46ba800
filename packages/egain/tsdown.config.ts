import type { UserConfig } from 'tsdown';

import { noMapOfTypes } from '../../tools/config/no-map-of-types.ts';

const config: UserConfig = {
  entry: ['src/index.ts', 'src/node.ts', 'src/operations.ts'],
  platform: 'neutral',
  target: 'es2023',
  dts: true,
  sourcemap: true,
  // One file per source file: declarations that a person can read, and nothing that a bundler has to take apart.
  unbundle: true,
  plugins: [noMapOfTypes],
  // npm leaves every folder named node_modules out of a package: the one bundled library gets a place of its own.
  outputOptions: { entryFileNames: ({ name }: { readonly name: string }) => (/[\\/]mrmime[\\/]/.test(name) ? 'bundled/mrmime.js' : '[name].js') },
};

export default config;
