/** What the linter finds in a vendor's own document: accepted by name, because the document is theirs to correct. */

import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { parse, stringify } from 'yaml';

import { runTool } from './run-tool.ts';

const IGNORED = 'specs/.redocly.lint-ignore.yaml';

interface Findings {
  readonly problems: readonly { readonly ruleId: string; readonly location: readonly { readonly pointer?: string }[] }[];
}

/**
 * Adds the findings in a document to the list of accepted ones.
 *
 * @returns How many there are.
 */
export async function acceptFindings(root: string, spec: string): Promise<number> {
  const output = await runTool(
    root,
    'redocly',
    ['lint', '--config', '../../specs/redocly.yaml', '--format', 'json', '--max-problems', '100000', `../../${spec}`],
    {
      mayFail: true,
      folder: 'tools/repo-checks',
    },
  );
  const { problems } = JSON.parse(output.slice(output.indexOf('{'))) as Findings;
  if (problems.length === 0) return 0;
  const text = await readFile(join(root, IGNORED), 'utf8');
  const accepted = (parse(text) ?? {}) as Record<string, Record<string, string[]>>;
  const own: Record<string, string[]> = {};
  for (const { ruleId, location } of problems) (own[ruleId] ??= []).push(location[0]?.pointer ?? '#/');
  for (const [rule, pointers] of Object.entries(own)) own[rule] = [...new Set(pointers)].toSorted();
  accepted[`${basename(dirname(spec))}/${basename(spec)}`] = own;
  const comments = text.split('\n').filter((line) => line.startsWith('#'));
  await writeFile(join(root, IGNORED), `${comments.join('\n')}${comments.length > 0 ? '\n' : ''}${stringify(accepted, { lineWidth: 0, singleQuote: true })}`);
  return problems.length;
}
