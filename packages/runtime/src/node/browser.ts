/** What browsers and workers get in place of `index.ts`: a bundle for both sides can be made, and the call says what is missing. */

import { ApiError } from '../errors.ts';

/** Refuses: there are no files here. */
export const fileSource: typeof import('./file-source.ts').fileSource = async () => {
  throw new ApiError({
    kind: 'unsupported',
    operation: 'fileSource',
    message: 'this platform has no files',
    hint: 'Give a File or another Blob, bytes or a stream as content.',
    outcome: 'not-sent',
    attempts: 0,
  });
};
