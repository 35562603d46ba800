import type { UserConfig } from 'tsdown';

import { packageBuild } from '../../tools/config/package-build.ts';

const config: UserConfig = packageBuild({ entry: ['src/index.ts', 'src/operations.ts'] });

export default config;
