import { Fault } from './faults.ts';

/** The fault of content that the caller gave. */
export function sourceFault(name: 'SourceSizeError' | 'SourceReadError', message: string, cause?: unknown): Fault {
  const hint = 'The content that was given is not as declared, or failed while it was read.';
  return new Fault(name, message, cause, { kind: 'invalid-request', hint, before: 'body: ' });
}
