import type { UserConfig } from 'tsdown';

const config: UserConfig = {
  entry: ['src/index.ts', 'src/operations.ts'],
  platform: 'neutral',
  target: 'es2023',
  dts: true,
  sourcemap: true,
};

export default config;
