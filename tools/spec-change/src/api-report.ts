/** API reports: what a package offers, as text that a reviewer reads. One file for each entry point, committed. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

import { Problem } from './problem.ts';
import type { Package } from './workspace.ts';

/** An entry point of a package. */
export interface Entry {
  /** `@asset-clients/tenovos/operations` */
  readonly specifier: string;
  /** Of its report: `packages/tenovos/etc/tenovos-operations.api.md` */
  readonly reportFile: string;
  /** Of its declarations: `packages/tenovos/dist/operations.d.ts` */
  readonly types: string;
}

/** The command that renews reports. */
export const renewCommand = 'pnpm api:report';

/** The entry points of a package that have types. */
export function entriesOf(pack: Package): Entry[] {
  return Object.entries(pack.manifest.exports ?? {}).flatMap(([path, target]) => {
    const types = typeof target === 'object' ? target.types : undefined;
    if (types === undefined) return [];
    const suffix = path === '.' ? '' : path.slice(1).replaceAll('/', '-');
    return [
      {
        specifier: `${pack.manifest.name}${path.slice(1)}`,
        reportFile: `${pack.folder}/etc/${pack.shortName}${suffix}.api.md`,
        types: join(pack.folder, types),
      },
    ];
  });
}

/**
 * Makes the report of an entry point.
 *
 * @param root - The repository.
 * @param pack - The package; imports of the declarations are resolved from its folder.
 * @param declarations - Absolute path of the entry's `.d.ts`.
 * @returns The report.
 */
export function reportOf(root: string, pack: Package, declarations: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'api-report-'));
  try {
    mkdirSync(join(folder, 'new'));
    const config = ExtractorConfig.prepare({
      configObject: {
        projectFolder: join(root, pack.folder),
        mainEntryPointFilePath: declarations,
        newlineKind: 'lf',
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              target: 'es2022',
              module: 'nodenext',
              moduleResolution: 'nodenext',
              lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
              types: [],
              strict: true,
              skipLibCheck: true,
            },
            files: [declarations],
          },
        },
        apiReport: {
          enabled: true,
          includeForgottenExports: true,
          reportFileName: 'report.api.md',
          reportFolder: folder,
          reportTempFolder: join(folder, 'new'),
        },
        docModel: { enabled: false, includeForgottenExports: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
          extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
          tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        },
      },
      configObjectFullPath: undefined,
      packageJsonFullPath: join(root, pack.folder, 'package.json'),
    });
    const errors: string[] = [];
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback: (message) => {
        if (message.logLevel === 'error') errors.push(message.text);
        message.handled = true;
      },
    });
    if (errors.length > 0) throw new Problem(`${declarations}: ${errors.join('; ')}`);
    // What stands above the code says nothing about the package.
    return readFileSync(join(folder, 'report.api.md'), 'utf8').replaceAll('\r\n', '\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
