/** Checks the argument of a vendor's job, as operations check theirs by the document. */

import { binaryBody } from './binary-body.ts';
import type { BinaryBody } from './binary-value.ts';
import { invalidRequest, type ApiError } from './errors.ts';
import { unknownName } from './nearest.ts';
import type { Schema } from './operation.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import { findViolation } from './validate.ts';

/** What a job takes. */
export interface JobRules {
  readonly vendor: string;
  /** The job's name in errors. */
  readonly operation: string;
  /** Member name to its rules; all others are refused. */
  readonly members: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** The error for a wrong argument of a job. */
export function wrongArgument(
  { vendor, operation }: Pick<JobRules, 'vendor' | 'operation'>,
  params: unknown,
  message: string,
  hint = 'Correct the argument; no request was sent.',
  cause?: unknown,
): ApiError {
  return invalidRequest({ vendor, operation, params, message, hint, cause });
}

/**
 * The argument of a job, checked.
 *
 * @throws ApiError of kind `invalid-request` naming the member and the rule that it breaks.
 */
export function checkArgument<Params extends object>(params: Params, rules: JobRules): Params {
  const { members, required = [] } = rules;
  const known = Object.keys(members);
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw wrongArgument(rules, params, `the argument must be an object with ${known.join(', ')}`);
  }
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    const schema = Object.hasOwn(members, name) ? members[name] : undefined;
    if (schema === undefined) {
      throw wrongArgument(rules, params, unknownName(name, 'an argument of this job', known));
    }
    const violation = findViolation(value, schema, name);
    if (violation !== undefined) throw wrongArgument(rules, params, `${violation.path} ${violation.rule}`);
  }
  const missing = required.find((name) => (params as Readonly<Record<string, unknown>>)[name] === undefined);
  if (missing !== undefined) throw wrongArgument(rules, params, `${missing} is required`);
  return params;
}

/**
 * The `content` of a job as a body.
 *
 * @param size - Bytes, where the content does not know them.
 * @throws ApiError of kind `invalid-request` when it cannot be sent, or has another size than declared.
 */
export function checkContent(content: BinaryBody, size: number | undefined, rules: Pick<JobRules, 'vendor' | 'operation'>, params: unknown): OutgoingBody {
  try {
    return binaryBody(content, size);
  } catch (error) {
    throw wrongArgument(rules, params, `content ${(error as Error).message}`);
  }
}
