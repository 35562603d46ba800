/** What the caller gave is checked against the document; a violation becomes the error of the call. */

import type { RunningCall } from './call-context.ts';
import type { ParameterCodec, SchemaReference } from './operation.ts';

/** Checks a value against its schema, with the rules that its codec brings. */
export function checkValue(
  call: RunningCall,
  codec: Partial<Pick<ParameterCodec, 'check'>>,
  value: unknown,
  schema: SchemaReference | undefined,
  name: string,
): void {
  if (schema === undefined) return;
  let violation;
  try {
    violation = codec.check?.(value, schema, name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw call.refuse(`${name} is nested too deeply, or holds itself`);
  }
  if (violation !== undefined) throw call.refuse(`${violation.path} ${violation.rule}`);
}
