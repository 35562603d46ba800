import type { UserConfig } from 'tsdown';

import { packageBuild } from '../../tools/config/package-build.ts';

const { outputOptions, ...common } = packageBuild({
  plugins: [
    {
      // The sources import Node's platform; users get that of theirs, by "imports" in package.json.
      name: 'choose-platform',
      resolveId: {
        filter: { id: /platform\/node\.ts$/ },
        handler: (_id: string, importer: string | undefined) => (importer === undefined ? null : { id: '#platform', external: true }),
      },
    },
  ],
});

const config: UserConfig = {
  ...common,
  entry: {
    index: 'src/index.ts',
    node: 'src/node/index.ts',
    'node-browser': 'src/node/browser.ts',
    ...Object.fromEntries(['node', 'server', 'web', 'browser'].map((name) => [`platform/${name}`, `src/platform/${name}.ts`])),
  },
  dts: { entry: ['src/index.ts', 'src/node/index.ts'] },
  // Node would take longer to load sixty files than to run them.
  unbundle: false,
  outputOptions: {
    ...(outputOptions as object),
    codeSplitting: {
      groups: [
        // What the platforms share with the rest. First: a group takes along what its files import.
        {
          name: 'shared',
          test: /src[\\/](?:redirect|untrusted-url|outgoing-body|faults|concat|load-ky|redact|platform[\\/](?:stream-body|fetch-response))\.ts$/,
          priority: 1,
        },
        { name: 'platform/files', test: /src[\\/](?:events|platform[\\/]files)\.ts$/ },
      ],
    },
  },
};

export default config;
