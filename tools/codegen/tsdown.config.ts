import type { UserConfig } from 'tsdown';

import { packageBuild } from '../config/package-build.ts';

const config: UserConfig = packageBuild({ entry: ['src/index.ts', 'src/bin.ts'] });

export default config;
