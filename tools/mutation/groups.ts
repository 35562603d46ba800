/** What is mutated: the code whose promises are hardest to see broken. */

/** A part of a file of `packages/runtime/src`: the whole, or from the first line that holds `from` up to the one that holds `to`. */
export interface Part {
  readonly file: string;
  readonly from?: string;
  readonly to?: string;
}

/** Code, and the test files that must notice every change to it. */
export interface Group {
  readonly parts: readonly Part[];
  readonly tests: readonly string[];
}

export const groups: Readonly<Record<string, Group>> = {
  retry: {
    parts: [{ file: 'retry.ts' }, { file: 'call.ts', from: 'async #attemptUntilDone', to: 'async #send(' }],
    tests: ['retry', 'auth', 'limits', 'resume'],
  },
  redaction: { parts: [{ file: 'redact.ts' }], tests: ['redact-lines', 'errors'] },
  'untrusted-url': { parts: [{ file: 'untrusted-url.ts' }], tests: ['untrusted-url'] },
  redirect: { parts: [{ file: 'redirect.ts' }, { file: 'exchange.ts', from: 'async send(', to: 'refusal(' }], tests: ['exchange'] },
  'file-name': { parts: [{ file: 'file-name.ts' }], tests: ['file-name'] },
  resume: { parts: [{ file: 'download.ts' }], tests: ['resume', 'download', 'content'] },
};
