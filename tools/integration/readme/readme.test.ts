/** The examples of the READMEs: all are type-checked as they stand, those marked `<!-- run -->` are executed. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Below this package, so that its dependencies are found; ignored by git.
const scratch = join(root, 'tools/integration/.cache/readme');
const READMES = ['README.md', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)].filter((readme) =>
  existsSync(join(root, readme)),
);

interface Example {
  readonly readme: string;
  readonly line: number;
  readonly code: string;
  readonly runs: boolean;
  readonly file: string;
}

const examples: Example[] = READMES.flatMap((readme) => {
  const text = readFileSync(join(root, readme), 'utf8');
  return [...text.matchAll(/(<!-- run -->\n+)?^```ts\n([\s\S]*?)^```$/gm)].map((match): Example => {
    const line = text.slice(0, match.index).split('\n').length;
    const name = `${readme.replace(/\/?README\.md$/, '').replaceAll('/', '-') || 'root'}-${line}`;
    const isTest = match[2]!.includes("from 'vitest'");
    return { readme, line, code: match[2]!, runs: match[1] !== undefined, file: join(scratch, `${name}${isTest ? '.test' : ''}.ts`) };
  });
});

/** What short examples take for granted. */
const PRELUDE = `
import * as egain from '@asset-clients/egain';
import * as tenovos from '@asset-clients/tenovos';
import * as worldserver from '@asset-clients/worldserver';
import * as runtime from '@asset-clients/runtime';
declare global {
  const ApiError: typeof runtime.ApiError;
  const clientCredentials: typeof egain.clientCredentials;
  const createEgainConversationClient: typeof egain.createEgainConversationClient;
  const createEgainAttachmentClient: typeof egain.createEgainAttachmentClient;
  const createTenovosClient: typeof tenovos.createTenovosClient;
  const createWorldServerClient: typeof worldserver.createWorldServerClient;
  const chat: egain.EgainConversationClient;
  const dam: tenovos.TenovosClient;
  const tms: worldserver.WorldServerClient;
  const apiKey: string, username: string, password: string, token: string, id: string;
  const baseUrl: string;
  const tokenUrl: string, clientId: string, clientSecret: string, scope: string;
}
`;

beforeAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, 'api'), { recursive: true });
  writeFileSync(join(scratch, 'prelude.ts'), PRELUDE);
  // What code generation would have written for the runtime's example.
  writeFileSync(
    join(scratch, 'api/index.ts'),
    "import type { Operation } from '@asset-clients/runtime';\nexport declare const operations: { readonly getThing: Operation<{ id: string }, { '200': unknown }> };\n",
  );
  for (const { file, code } of examples) writeFileSync(file, `${code}\nexport {};\n`);
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../config/tsconfig.base.json',
      compilerOptions: { noEmit: true, declaration: false, isolatedDeclarations: false, noUnusedLocals: false, erasableSyntaxOnly: false },
      include: ['.'],
    }),
  );
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('all examples of all READMEs compile under the strict flags', () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', scratch], { encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
}, 60_000);

describe('README', () => {
  const runnable = examples.filter(({ runs }) => runs);

  test('of every package that a user calls begins with an example that runs', () => {
    for (const readme of [
      'README.md',
      'packages/egain/README.md',
      'packages/tenovos/README.md',
      'packages/worldserver/README.md',
      'packages/testing/README.md',
      'packages/unified/README.md',
    ]) {
      expect(examples.find((example) => example.readme === readme)?.runs, readme).toBe(true);
    }
  });

  test.each(runnable.map((example) => [`${example.readme}:${example.line}`, example] as const))(
    '%s runs as it stands',
    (_title, { file }) => {
      const folder = mkdtempSync(join(tmpdir(), 'readme-'));
      try {
        const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
        const argv = file.endsWith('.test.ts') ? [vitest, 'run', '--dir', scratch, '--root', folder, file] : [file];
        const { stdout, stderr, status } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8', env: { ...process.env, VITEST: '' } });
        expect(status, stdout + stderr).toBe(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
