import type { UserConfig } from 'tsdown';

import { noMapOfTypes } from '../../tools/config/no-map-of-types.ts';

const config: UserConfig = {
  entry: ['src/index.ts', 'src/egain.ts', 'src/tenovos.ts', 'src/worldserver.ts', 'src/files.ts', 'src/journal.ts'],
  platform: 'neutral',
  target: 'es2023',
  dts: true,
  sourcemap: true,
  // One file per source file: declarations that a person can read, and nothing that a bundler has to take apart.
  unbundle: true,
  plugins: [noMapOfTypes],
  // What `await using` becomes has the compiler's version in its path.
  outputOptions: { entryFileNames: ({ name }: { readonly name: string }) => (/[\\/]usingCtx$/.test(name) ? 'helpers/using.js' : '[name].js') },
};

export default config;
