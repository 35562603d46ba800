import type { UserConfig } from 'tsdown';

import { packageBuild } from '../../tools/config/package-build.ts';

const config: UserConfig = packageBuild({ entry: ['src/index.ts', 'src/egain.ts', 'src/tenovos.ts', 'src/worldserver.ts', 'src/files.ts', 'src/journal.ts'] });

export default config;
