/** What calls of the eGain fake are called in `calls` and in `faults.add`. */
export type EgainOperation =
  | 'createAsset'
  | 'getAsset'
  | 'deleteAsset'
  | 'generateDownloadAttachmentURL'
  /** The request for an access token. */
  | 'token'
  /** The login page of the user flow. */
  | 'authorize'
  /** The request to a signed upload URL. */
  | 'upload'
  /** The request to a signed download URL, of an asset or of an attachment. */
  | 'content'
  /** The request to where `fault.redirect()` points. */
  | 'redirected';

export const operations: readonly EgainOperation[] = [
  'createAsset',
  'getAsset',
  'deleteAsset',
  'generateDownloadAttachmentURL',
  'token',
  'authorize',
  'upload',
  'content',
  'redirected',
];
