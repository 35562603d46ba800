import type { UserConfig } from 'tsdown';

import { packageBuild } from '../../tools/config/package-build.ts';
import { specPlugin } from './build/spec-plugin.ts';

const config: UserConfig = packageBuild({
  entry: {
    index: 'src/index.ts',
    egain: 'src/egain/index.ts',
    tenovos: 'src/tenovos/index.ts',
    worldserver: 'src/worldserver/index.ts',
    matchers: 'src/matchers/index.ts',
    vitest: 'src/matchers/vitest.ts',
    jest: 'src/matchers/jest.ts',
    'node-test': 'src/matchers/node-test.ts',
    contract: 'src/contract/index.ts',
    msw: 'src/msw.ts',
    cli: 'src/cli/main.ts',
  },
  deps: { neverBundle: [/^node:/, 'vitest', '@jest/globals', '@jest/expect', 'msw', /^@asset-clients\//] },
  plugins: [specPlugin()],
});

export default config;
