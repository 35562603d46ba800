import type { UserConfig } from 'tsdown';

const config: UserConfig = {
  entry: ['src/index.ts', 'src/bin.ts'],
  platform: 'node',
  target: 'node22',
  fixedExtension: false,
  dts: true,
};

export default config;
