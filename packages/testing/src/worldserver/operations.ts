/** What calls of the WorldServer fake are called in `calls` and in `faults.add`. */
export type WorldServerOperation =
  | 'login'
  | 'logout'
  | 'checkToken'
  | 'getAsset'
  | 'getAssets'
  | 'verifyAssets'
  | 'getTasks'
  | 'uploadAssets'
  /** Reads an uploaded file back. */
  | 'getUploadedFile'
  /** The request to where `fault.redirect()` points. */
  | 'redirected';

export const operations: readonly WorldServerOperation[] = [
  'login',
  'logout',
  'checkToken',
  'getAsset',
  'getAssets',
  'verifyAssets',
  'getTasks',
  'uploadAssets',
  'getUploadedFile',
  'redirected',
];
