import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { specPlugin } from './build/spec-plugin.ts';

const config: ViteUserConfig = defineConfig({
  plugins: [{ ...specPlugin(), enforce: 'pre' }],
  test: { include: ['src/**/*.test.ts'], testTimeout: 20_000, maxConcurrency: 64 },
});

export default config;
