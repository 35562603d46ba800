/** What calls of the Tenovos fake are called in `calls` and in `faults.add`. */
export type TenovosOperation =
  | 'createToken'
  | 'revokeToken'
  | 'retrieveAsset'
  | 'getAssetContent'
  | 'exposeAssets'
  | 'searchKeyword'
  | 'scanAssets'
  /** The request to the signed URL of an original. */
  | 'content'
  /** The request to the address of a rendition. */
  | 'rendition'
  /** The request to where `fault.redirect()` points. */
  | 'redirected';

export const operations: readonly TenovosOperation[] = [
  'createToken',
  'revokeToken',
  'retrieveAsset',
  'getAssetContent',
  'exposeAssets',
  'searchKeyword',
  'scanAssets',
  'content',
  'rendition',
  'redirected',
];
