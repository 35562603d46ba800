/** The examples of the READMEs, as files that a compiler takes. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Example {
  readonly readme: string;
  readonly line: number;
  readonly code: string;
  /** Whether it is marked `<!-- run -->`. */
  readonly runs: boolean;
  readonly file: string;
}

/**
 * Finds the examples.
 *
 * @param root - The repository.
 * @param folder - Where their files will be; it must lie below this package, so that its dependencies are found.
 */
export function readmeExamples(root: string, folder: string): Example[] {
  const readmes = ['README.md', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)];
  return readmes
    .filter((readme) => existsSync(join(root, readme)))
    .flatMap((readme) => {
      const text = readFileSync(join(root, readme), 'utf8');
      return [...text.matchAll(/(<!-- run -->\n+)?^```ts\n([\s\S]*?)^```$/gm)].map((match): Example => {
        const line = text.slice(0, match.index).split('\n').length;
        const name = `${readme.replace(/\/?README\.md$/, '').replaceAll('/', '-') || 'root'}-${line}`;
        const isTest = match[2]!.includes("from 'vitest'");
        return { readme, line, code: match[2]!, runs: match[1] !== undefined, file: join(folder, `${name}${isTest ? '.test' : ''}.ts`) };
      });
    });
}

/** Writes the examples, and what they take for granted. */
export function writeExamples(folder: string, examples: readonly Example[]): void {
  mkdirSync(join(folder, 'api'), { recursive: true });
  writeFileSync(join(folder, 'prelude.ts'), PRELUDE);
  // What code generation would have written for the runtime's example.
  writeFileSync(
    join(folder, 'api/index.ts'),
    "import type { Operation } from '@asset-clients/runtime';\nexport declare const operations: { readonly getThing: Operation<{ id: string }, { '200': unknown }> };\n",
  );
  for (const { file, code } of examples) writeFileSync(file, `${code}\nexport {};\n`);
}

/**
 * What an example uses and does not import, although it imports something: it looks whole, and whoever copies it finds
 * that it is not.
 */
export function missingImports(code: string): string[] {
  const imported = [...code.matchAll(/^import\s[\s\S]*?;$/gm)].join('\n');
  if (!imported.includes("'@asset-clients/")) return [];
  return [...PRELUDE.matchAll(/^  const (\w+): typeof /gm)]
    .map(([, name]) => name!)
    .filter((name) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`\\b${name}\\b`).test(imported));
}

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
