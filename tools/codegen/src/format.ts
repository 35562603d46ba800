/** Formats generated code, always in the same way. */

import { format } from 'oxfmt';
import { CodegenError } from './report.ts';

/** Fixed here, so that output does not depend on a user's own configuration. */
const options = {
  printWidth: 120,
  tabWidth: 2,
  useTabs: false,
  semi: true,
  singleQuote: true,
  trailingComma: 'all',
  arrowParens: 'always',
  endOfLine: 'lf',
  insertFinalNewline: true,
} as const;

/**
 * Formats one file.
 *
 * @param name - Its name, which tells the language.
 * @param code - Its text.
 */
export async function formatCode(name: string, code: string): Promise<string> {
  const result = await format(name, code, options);
  const [error] = result.errors;
  if (error) throw new CodegenError(`The rendered ${name} cannot be formatted: ${error.message}`, 'Check the templates. Nothing was written.');
  return result.code;
}
