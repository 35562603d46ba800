import type { UserConfig } from 'tsdown';

const config: UserConfig = {
  entry: ['src/index.ts', 'src/node.ts', 'src/operations.ts'],
  platform: 'neutral',
  target: 'es2023',
  dts: { sourcemap: false },
  sourcemap: true,
  // One file per source file: declarations that a person can read, and nothing that a bundler has to take apart.
  unbundle: true,
};

export default config;
